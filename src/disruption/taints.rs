//! How long a pod may stay on a node that is tainted with `NoExecute`.
//!
//! Follows the taint eviction controller of Kubernetes v1.36. A node that is lost gets such taints,
//! and pods get default tolerations of 300 seconds for them when they are created.

use core::{fmt, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    api::{Taint, TaintEffect, Toleration},
    time, tolerations,
};

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// How long a pod may stay.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Stay {
    /// For as long as it wants.
    Forever,
    /// For a time from when the taints are noticed; for none, it has to go now.
    For(Duration),
    /// Not at all: it does not tolerate one of the taints.
    Untolerated,
}

impl Stay {
    /// Returns after how long the pod is evicted, `None` for never.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::disruption::taints::Stay;
    ///
    /// assert_eq!(Stay::Untolerated.evicted_after(), Some(Duration::ZERO));
    /// assert_eq!(Stay::Forever.evicted_after(), None);
    /// ```
    #[must_use]
    pub fn evicted_after(self) -> Option<Duration> {
        match self {
            Self::Forever => None,
            Self::For(length) => Some(length),
            Self::Untolerated => Some(Duration::ZERO),
        }
    }
}

impl fmt::Display for Stay {
    /// Writes `forever`, `300s` or `untolerated`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forever => f.write_str("forever"),
            Self::For(length) => write!(f, "{}s", length.as_secs()),
            Self::Untolerated => f.write_str("untolerated"),
        }
    }
}

/// Returns how long a pod with these tolerations may stay on a node with these taints.
///
/// Only taints with the effect `NoExecute` count. Of the tolerations, the first one that tolerates
/// a taint counts for it, not the most generous one; the shortest of them decides. A toleration
/// without seconds lasts forever; one of no or of negative seconds ends at once. The seconds are
/// counted as nanoseconds in 64 bits that wrap around, and where that makes them negative, the
/// pod stays forever.
///
/// ```
/// use core::time::Duration;
/// use pod_lifecycle::{
///     api::{Taint, Toleration},
///     disruption::taints::{self, Stay},
/// };
///
/// let taint: Taint = serde_json::from_str(r#"{"key": "drained", "effect": "NoExecute"}"#)?;
/// let toleration: Toleration =
///     serde_json::from_str(r#"{"key": "drained", "operator": "Exists", "tolerationSeconds": 60}"#)?;
/// assert_eq!(taints::stay(&[taint.clone()], &[toleration]), Stay::For(Duration::from_secs(60)));
/// assert_eq!(taints::stay(&[taint], &[]), Stay::Untolerated);
/// assert_eq!(taints::stay(&[], &[]), Stay::Forever);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn stay<'a>(taints: impl IntoIterator<Item = &'a Taint>, tolerations: &[Toleration]) -> Stay {
    let mut shortest: Option<i64> = None;
    let evicts = |taint: &&Taint| taint.effect == Some(TaintEffect::NoExecute);
    for taint in taints.into_iter().filter(evicts) {
        let tolerates = |toleration: &&Toleration| tolerations::tolerates(toleration, taint);
        let Some(used) = tolerations.iter().find(tolerates) else {
            return Stay::Untolerated;
        };
        if let Some(seconds) = used.toleration_seconds {
            shortest = Some(shortest.map_or(seconds, |shortest| shortest.min(seconds)));
        }
    }
    match shortest {
        None | Some(i64::MAX) => Stay::Forever,
        Some(seconds) => length(seconds.max(0)),
    }
}

/// A number of seconds that is not negative, as the original counts it.
fn length(seconds: i64) -> Stay {
    let nanos = seconds.wrapping_mul(NANOS_PER_SECOND);
    match u64::try_from(nanos) {
        Ok(nanos) => Stay::For(Duration::from_nanos(nanos)),
        Err(_) => Stay::Forever,
    }
}

/// An eviction that is going to happen.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Timer {
    /// When it was set.
    pub started: Timestamp,
    /// When the pod is evicted.
    pub deadline: Timestamp,
}

/// Returns the timer of a pod after its tolerations or the taints of its node have changed.
///
/// A pod that may stay forever has none, and one that does not tolerate a taint is evicted now. A
/// timer that runs already keeps running: neither a longer nor a shorter toleration changes it, and
/// not even one of 0 seconds, only what ends it or makes it due at once.
///
/// ```
/// use core::time::Duration;
/// use pod_lifecycle::{disruption::taints::{self, Stay}, jiff::Timestamp};
///
/// let at = |second| Timestamp::from_second(second);
/// let timer = taints::timer(at(0)?, None, Stay::For(Duration::from_secs(300)));
/// assert_eq!(timer.map(|timer| timer.deadline), Some(at(300)?));
///
/// let kept = taints::timer(at(100)?, timer, Stay::For(Duration::from_secs(10)));
/// assert_eq!(kept, timer);
/// let due = taints::timer(at(100)?, timer, Stay::Untolerated);
/// assert_eq!(due.map(|timer| timer.deadline), Some(at(100)?));
/// assert_eq!(taints::timer(at(100)?, timer, Stay::Forever), None);
/// # Ok::<(), pod_lifecycle::jiff::Error>(())
/// ```
#[must_use]
pub fn timer(now: Timestamp, running: Option<Timer>, stay: Stay) -> Option<Timer> {
    match (stay, running) {
        (Stay::Forever, _) => None,
        (Stay::For(_), Some(running)) if running.started < now => Some(running),
        (Stay::For(length), _) => Some(Timer {
            started: now,
            deadline: time::later(now, length),
        }),
        (Stay::Untolerated, _) => Some(Timer {
            started: now,
            deadline: now,
        }),
    }
}
