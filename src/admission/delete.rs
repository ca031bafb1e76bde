//! The first half of a deletion: how long a pod may take to end, and how it is marked.
//!
//! Answers what `rest.BeforeDelete` and the pod strategy's `CheckGracefulDelete`
//! of the API server do. The second half, taking the pod out of the store, is
//! the host's: once the kubelet asks for it with a grace period of 0.

use jiff::{SignedDuration, Timestamp};

use crate::api::{Pod, PodPhase, Time};

/// What a request to delete a pod comes to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Deletion {
    /// The pod carries its mark, or a new one; it goes when it has ended.
    ///
    /// With a period of 0 it goes at once, unless a finalizer holds it.
    Graceful {
        /// The grace period that the request stands for, in seconds.
        grace_period_seconds: i64,
    },
    /// The pod was on its way before, and nothing has changed.
    Pending {
        /// The grace period that the request stands for, in seconds.
        grace_period_seconds: i64,
    },
    /// The pod has been given all the time that it gets: it goes at once.
    Immediate {
        /// The grace period that was asked for, in seconds, if any was.
        grace_period_seconds: Option<i64>,
    },
}

/// Returns the grace period of a first request to delete a pod, in seconds.
///
/// That is the period asked for, else the pod's own, else 0; a pod that is bound
/// to no node or has ended gets none, and a negative period counts as 1.
///
/// ```
/// use pod_lifecycle::{admission::delete, api::Pod};
///
/// let mut pod = Pod::default();
/// pod.spec.termination_grace_period_seconds = Some(30);
/// assert_eq!(delete::grace_period(&pod, None), 0);
/// pod.spec.node_name = "node-1".into();
/// assert_eq!(delete::grace_period(&pod, None), 30);
/// assert_eq!(delete::grace_period(&pod, Some(5)), 5);
/// ```
#[must_use]
pub fn grace_period(pod: &Pod, requested: Option<i64>) -> i64 {
    let ended = matches!(
        pod.status.phase,
        Some(PodPhase::Failed | PodPhase::Succeeded)
    );
    if pod.spec.node_name.is_empty() || ended {
        return 0;
    }
    let period = requested.or(pod.spec.termination_grace_period_seconds);
    clamp(period.unwrap_or_default())
}

/// Marks a pod for deletion, or shortens the time that an earlier mark gave it.
///
/// A first request sets the deletion timestamp and period, and counts the
/// generation up. A later one can only shorten the period, and is otherwise
/// without effect; the timestamp moves with it, but never before `now`.
///
/// ```
/// use pod_lifecycle::admission::delete::{self, Deletion};
/// use pod_lifecycle::api::Pod;
///
/// let now = "2026-03-01T09:00:00Z".parse()?;
/// let mut pod = Pod::default();
/// pod.spec.node_name = "node-1".into();
/// pod.spec.termination_grace_period_seconds = Some(30);
/// let first = delete::before_delete(now, &mut pod, None);
/// assert_eq!(first, Deletion::Graceful { grace_period_seconds: 30 });
/// let marked = pod.metadata.deletion_timestamp.map(|at| at.to_string());
/// assert_eq!(marked.as_deref(), Some("2026-03-01T09:00:30Z"));
/// # Ok::<(), pod_lifecycle::jiff::Error>(())
/// ```
pub fn before_delete(now: Timestamp, pod: &mut Pod, requested: Option<i64>) -> Deletion {
    let requested = requested.map(clamp);
    let stored = pod.metadata.deletion_grace_period_seconds.map(clamp);
    pod.metadata.deletion_grace_period_seconds = stored;
    if let Some(deadline) = pod.metadata.deletion_timestamp {
        return shorten(now, pod, deadline, requested);
    }

    let period = grace_period(pod, requested);
    pod.metadata.deletion_timestamp = Some(Time::new(after(now, period)));
    pod.metadata.deletion_grace_period_seconds = Some(period);
    if pod.metadata.generation > 0 {
        pod.metadata.generation = pod.metadata.generation.saturating_add(1);
    }
    Deletion::Graceful {
        grace_period_seconds: period,
    }
}

fn shorten(now: Timestamp, pod: &mut Pod, deadline: Time, requested: Option<i64>) -> Deletion {
    let stored = match pod.metadata.deletion_grace_period_seconds {
        None | Some(0) => {
            return Deletion::Immediate {
                grace_period_seconds: requested,
            };
        }
        Some(stored) => stored,
    };
    let period = match requested {
        Some(period) if period < stored => period,
        _ => {
            return Deletion::Pending {
                grace_period_seconds: requested.unwrap_or(stored),
            };
        }
    };
    let deadline = after(deadline.timestamp(), period.saturating_sub(stored));
    let late = deadline < now;
    pod.metadata.deletion_timestamp = Some(Time::new(deadline.max(now)));
    pod.metadata.deletion_grace_period_seconds = Some(if late { period.min(1) } else { period });
    Deletion::Graceful {
        grace_period_seconds: period,
    }
}

/// Negative periods were legal once and mean the shortest one that is not 0.
fn clamp(seconds: i64) -> i64 {
    if seconds < 0 { 1 } else { seconds }
}

fn after(instant: Timestamp, seconds: i64) -> Timestamp {
    let end = if seconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    instant
        .checked_add(SignedDuration::from_secs(seconds))
        .unwrap_or(end)
}
