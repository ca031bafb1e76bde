//! What time it is: a wall clock's start, and what has elapsed since on a clock that does not jump.

#![allow(clippy::disallowed_methods, reason = "a host has the clock")]

use core::time::Duration;
use std::{io, time::Instant};

use pod_lifecycle::jiff::Timestamp;

/// The time that the machine is told.
pub(crate) struct Clock {
    start: Timestamp,
    since: Instant,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            start: Timestamp::now(),
            since: Instant::now(),
        }
    }

    pub(crate) fn now(&self) -> Timestamp {
        let now = self.start.checked_add(self.since.elapsed());
        now.unwrap_or(Timestamp::MAX)
    }

    /// Returns how long it is until then; nothing where that is over.
    pub(crate) fn until(&self, at: Timestamp) -> Duration {
        Duration::try_from(at.duration_since(self.now())).unwrap_or_default()
    }
}

/// Time that runs out.
pub(crate) struct Limit(Option<Instant>);

impl Limit {
    pub(crate) fn of(time: Duration) -> Self {
        Self(Instant::now().checked_add(time))
    }

    /// Returns what is left, which is more than nothing.
    pub(crate) fn left(&self) -> io::Result<Duration> {
        let Some(end) = self.0 else {
            return Ok(Duration::MAX);
        };
        let left = end.checked_duration_since(Instant::now());
        left.filter(|left| !left.is_zero())
            .ok_or_else(|| io::ErrorKind::TimedOut.into())
    }
}
