//! What becomes of a pod that is to be deleted.
//!
//! [`delete`](fn@delete) answers a whole request, as the `Delete` of the API server's generic
//! registry does; [`before_delete`] and [`grace_period`] are the steps of it that mark the pod,
//! `rest.BeforeDelete` and the pod strategy's `CheckGracefulDelete`; [`completes`] tells whether an
//! update ends a deletion that finalizers held up.
//!
//! A pod that is bound to a node is deleted twice: a client's request marks it and gives it its
//! time, and the kubelet asks once more, with a grace period of 0, when nothing of it is left.
//!
//! Requests are taken to name no propagation policy, so finalizers of the garbage collector stay as
//! they are. That is what clients leave to the server for pods, which have no dependents of their own.

use alloc::string::String;

use jiff::{SignedDuration, Timestamp};

use crate::api::{Pod, PodPhase, Time};

/// What a request to delete a pod asks for.
///
/// ```
/// use pod_lifecycle::admission::delete::Options;
///
/// let mut now = Options::default();
/// now.grace_period_seconds = Some(0);
/// assert_eq!(now.preconditions.uid, None);
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// How many seconds the pod gets to end; absent means its own period, and a negative one counts as 1.
    pub grace_period_seconds: Option<i64>,
    /// What must hold of the pod, or else it is not deleted.
    pub preconditions: Preconditions,
}

/// What must hold of the stored pod for a request to be carried out.
///
/// ```
/// use pod_lifecycle::admission::delete::Preconditions;
///
/// let mut this_one = Preconditions::default();
/// this_one.uid = Some("5ea1".into());
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Preconditions {
    /// The identity that it has; absent means any.
    pub uid: Option<String>,
    /// The version that it is stored in; absent means any.
    pub resource_version: Option<String>,
}

/// A precondition does not hold: the server answers with a conflict.
#[derive(Clone, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// It is another pod, probably one that was made since, under the same name.
    #[error("the pod has the uid {found:?}, and {expected:?} is to be deleted")]
    Uid {
        /// The identity that was asked for.
        expected: String,
        /// The identity that the pod has.
        found: String,
    },
    /// The pod has changed.
    #[error("the pod is of the version {found:?}, and {expected:?} is to be deleted")]
    ResourceVersion {
        /// The version that was asked for.
        expected: String,
        /// The version that the pod is of.
        found: String,
    },
}

/// A pod after a request to delete it, and whether it is still there.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Deleted {
    /// The pod as it is stored now, or as it was last.
    pub pod: Pod,
    /// What has become of it.
    pub outcome: Outcome,
}

/// What becomes of a pod in the store when it is deleted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// It is gone.
    Removed,
    /// It is stored with a new mark, and goes when its kubelet says so and no finalizer is left.
    Marked,
    /// It was on its way before, and nothing has changed.
    Unchanged,
}

/// Does with a request to delete a pod all that the API server does.
///
/// `pod` is the pod as it is stored. It is removed at once where it gets no time to end, because it
/// asks for none, is bound to no node, has ended, or had its time in an earlier request; and where no
/// finalizer holds it. Else it is marked with the end of its time, which a later request can only bring
/// forward.
///
/// # Errors
///
/// When a precondition does not hold.
///
/// ```
/// use pod_lifecycle::{admission::{self, delete::{Options, Outcome}}, api::Pod};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web"}, "spec": {"nodeName": "node-1",
///         "terminationGracePeriodSeconds": 30, "containers": [{"name": "web", "image": "nginx"}]}}"#,
/// )?;
/// let marked = admission::delete("2026-03-01T09:00:00Z".parse().unwrap(), pod, &Options::default()).unwrap();
/// assert_eq!(marked.outcome, Outcome::Marked);
/// let until = marked.pod.metadata.deletion_timestamp.unwrap();
/// assert_eq!(until.to_string(), "2026-03-01T09:00:30Z");
///
/// // The kubelet, when the containers have ended.
/// let mut finished = Options::default();
/// finished.grace_period_seconds = Some(0);
/// let gone = admission::delete("2026-03-01T09:00:02Z".parse().unwrap(), marked.pod, &finished).unwrap();
/// assert_eq!(gone.outcome, Outcome::Removed);
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn delete(now: Timestamp, mut pod: Pod, options: &Options) -> Result<Deleted, Conflict> {
    check(&options.preconditions, &pod)?;
    let before = mark(&pod);
    let is_held = !pod.metadata.finalizers.is_empty();
    let ends_now = match before_delete(now, &mut pod, options.grace_period_seconds) {
        Deletion::Pending { .. } => {
            let outcome = Outcome::Unchanged;
            return Ok(Deleted { pod, outcome });
        }
        Deletion::Graceful {
            grace_period_seconds,
        } => grace_period_seconds == 0,
        Deletion::Immediate { .. } => {
            if is_held {
                mark_as_deleting(now, &mut pod);
            }
            true
        }
    };
    let outcome = if ends_now && !is_held {
        Outcome::Removed
    } else if mark(&pod) == before {
        Outcome::Unchanged
    } else {
        Outcome::Marked
    };
    Ok(Deleted { pod, outcome })
}

fn check(preconditions: &Preconditions, pod: &Pod) -> Result<(), Conflict> {
    let metadata = &pod.metadata;
    let Preconditions {
        uid,
        resource_version,
    } = preconditions;
    if let Some(expected) = uid.as_ref().filter(|uid| **uid != metadata.uid) {
        return Err(Conflict::Uid {
            expected: expected.clone(),
            found: metadata.uid.clone(),
        });
    }
    let version = resource_version.as_ref();
    match version.filter(|version| **version != metadata.resource_version) {
        None => Ok(()),
        Some(expected) => Err(Conflict::ResourceVersion {
            expected: expected.clone(),
            found: metadata.resource_version.clone(),
        }),
    }
}

fn mark(pod: &Pod) -> (Option<Time>, Option<i64>) {
    let metadata = &pod.metadata;
    (
        metadata.deletion_timestamp,
        metadata.deletion_grace_period_seconds,
    )
}

/// Marks a pod that has had its time, and that only finalizers hold any more.
fn mark_as_deleting(now: Timestamp, pod: &mut Pod) {
    let metadata = &mut pod.metadata;
    let deadline = metadata.deletion_timestamp;
    if deadline.is_none_or(|deadline| deadline.timestamp() > now) {
        metadata.deletion_timestamp = Some(Time::new(now));
    }
    metadata.deletion_grace_period_seconds = Some(0);
}

/// Whether an update ends a deletion: it leaves no finalizer, and the pod has no time any more.
///
/// As `ShouldDeleteDuringUpdate` of the API server's generic registry does: the pod is removed then,
/// in place of being stored.
///
/// ```
/// use pod_lifecycle::{admission::{self, delete::{self, Options, Outcome}}, api::Pod};
///
/// let mut pod = Pod::default();
/// pod.metadata.finalizers.push("example.com/backup".into());
/// let now = "2026-03-01T09:00:00Z".parse()?;
/// let held = admission::delete(now, pod, &Options::default()).unwrap();
/// assert_eq!(held.outcome, Outcome::Marked);
///
/// let mut released = held.pod.clone();
/// released.metadata.finalizers.clear();
/// assert!(delete::completes(&released, &held.pod));
/// # Ok::<(), pod_lifecycle::jiff::Error>(())
/// ```
#[must_use]
pub fn completes(new: &Pod, old: &Pod) -> bool {
    let (timestamp, period) = mark(old);
    new.metadata.finalizers.is_empty()
        && timestamp.is_some()
        && period.is_none_or(|period| period == 0)
}

/// How a request to delete a pod marks it.
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
