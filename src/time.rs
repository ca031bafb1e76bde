//! Spans between instants, without overflow.

use core::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// Returns how long after `from` an instant lies, or `None` where it lies before.
pub(crate) fn since(at: Timestamp, from: Timestamp) -> Option<Duration> {
    Duration::try_from(at.duration_since(from)).ok()
}

/// Whether less than `length` has passed from `from` to `at`.
pub(crate) fn is_within(at: Timestamp, from: Timestamp, length: Duration) -> bool {
    since(at, from).is_none_or(|passed| passed < length)
}

/// Returns the instant that lies `length` after another, as far as time reaches.
pub(crate) fn later(from: Timestamp, length: Duration) -> Timestamp {
    SignedDuration::try_from(length)
        .ok()
        .and_then(|length| from.checked_add(length).ok())
        .unwrap_or(Timestamp::MAX)
}
