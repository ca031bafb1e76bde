//! When a pod is looked at again.

use core::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::time::since;

/// How soon a sync is tried again when the node's network is not ready.
const NETWORK_NOT_READY: Duration = Duration::from_secs(1);

/// How much of a wait may come on top of it.
const JITTER_PERCENT: u32 = 50;

/// What went wrong in a sync; where several things did, [`and`](Self::and) joins them.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Failure {
    /// Whether the node's network is not ready.
    pub network_is_not_ready: bool,
    /// When the first back-off that stood in the way ends.
    pub back_off_until: Option<Timestamp>,
}

/// How often a pod is looked at.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequeueSettings {
    /// How long after a sync that went well; no wait after another is longer.
    pub resync: Duration,
    /// How long after a sync that failed.
    pub back_off: Duration,
}

/// When a pod is looked at again, if nothing happens before.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Requeue {
    /// The shortest wait.
    pub base: Duration,
    /// Up to how many hundredths of that come on top, drawn at random.
    pub jitter_percent: u32,
}

impl Failure {
    /// Returns the failure of a start that has to wait.
    ///
    /// ```
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::worker::Failure};
    ///
    /// let failure = Failure::back_off(Timestamp::UNIX_EPOCH);
    /// assert_eq!(failure.back_off_until, Some(Timestamp::UNIX_EPOCH));
    /// ```
    #[must_use]
    pub fn back_off(until: Timestamp) -> Self {
        Self {
            back_off_until: Some(until),
            ..Self::default()
        }
    }

    /// Joins two failures of one sync.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::{jiff::Timestamp, lifecycle::worker::Failure};
    ///
    /// let first = Failure::back_off(Timestamp::UNIX_EPOCH);
    /// let later = Failure::back_off(Timestamp::UNIX_EPOCH + Duration::from_secs(5));
    /// assert_eq!(later.and(first).and(Failure::default()), first);
    /// ```
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let ends = [self.back_off_until, other.back_off_until];
        Self {
            network_is_not_ready: self.network_is_not_ready || other.network_is_not_ready,
            back_off_until: ends.into_iter().flatten().min(),
        }
    }
}

impl Default for RequeueSettings {
    fn default() -> Self {
        Self {
            resync: Duration::from_secs(60),
            back_off: Duration::from_secs(10),
        }
    }
}

impl Requeue {
    /// Returns the wait, given the host's random share of the jitter, in 2³² parts.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::lifecycle::worker::Requeue;
    ///
    /// let requeue = Requeue { base: Duration::from_secs(10), jitter_percent: 50 };
    /// assert_eq!(requeue.delay(0), Duration::from_secs(10));
    /// assert_eq!(requeue.delay(1 << 31), Duration::from_millis(12_500));
    /// ```
    #[must_use]
    pub fn delay(&self, random: u32) -> Duration {
        let share = self
            .base
            .as_nanos()
            .saturating_mul(u128::from(self.jitter_percent))
            / 100;
        let jitter = share.saturating_mul(u128::from(random)) >> 32;
        let jitter = u64::try_from(jitter).map_or(Duration::MAX, Duration::from_nanos);
        self.base.saturating_add(jitter)
    }
}

/// Says when a pod is looked at again after a sync, as `completeWork` does.
///
/// `has_moved_on` is what [`Workers::handle_result`](super::Workers::handle_result) said.
///
/// ```
/// use core::time::Duration;
/// use pod_lifecycle::{
///     jiff::Timestamp,
///     lifecycle::worker::{Failure, RequeueSettings, requeue},
/// };
///
/// let now = Timestamp::UNIX_EPOCH;
/// let settings = RequeueSettings::default();
/// assert_eq!(requeue(now, &settings, false, None).base, Duration::from_secs(60));
/// let waits = Failure::back_off(now + Duration::from_secs(20));
/// assert_eq!(requeue(now, &settings, false, Some(&waits)).base, Duration::from_secs(20));
/// ```
#[must_use]
pub fn requeue(
    now: Timestamp,
    settings: &RequeueSettings,
    has_moved_on: bool,
    failure: Option<&Failure>,
) -> Requeue {
    if has_moved_on {
        return Requeue {
            base: Duration::ZERO,
            jitter_percent: 0,
        };
    }
    let base = match failure {
        None => settings.resync,
        Some(failure) if failure.network_is_not_ready => NETWORK_NOT_READY,
        Some(failure) => failure
            .back_off_until
            .map_or(settings.back_off, |until| {
                since(until, now).unwrap_or_default()
            })
            .min(settings.resync),
    };
    Requeue {
        base,
        jitter_percent: JITTER_PERCENT,
    }
}
