//! How long a pod may run: `spec.activeDeadlineSeconds`.
//!
//! Follows the kubelet's `activeDeadlineHandler` (v1.36).

use jiff::{SignedDuration, Timestamp};

use crate::api::PodSpec;

/// Returns when a pod that started then has run for as long as it may.
///
/// `None` for a pod without a deadline; a deadline beyond the end of time is held at [`Timestamp::MAX`].
///
/// ```
/// use pod_lifecycle::{api::PodSpec, jiff::Timestamp, lifecycle::deadline};
///
/// let spec = PodSpec { active_deadline_seconds: Some(30), ..PodSpec::default() };
/// let start: Timestamp = "2026-03-01T08:00:00Z".parse()?;
/// assert_eq!(deadline::of(&spec, start), Some("2026-03-01T08:00:30Z".parse()?));
/// # Ok::<(), pod_lifecycle::jiff::Error>(())
/// ```
#[must_use]
pub fn of(spec: &PodSpec, start: Timestamp) -> Option<Timestamp> {
    let allowed = SignedDuration::from_secs(spec.active_deadline_seconds?);
    let end = if allowed.is_negative() {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    Some(start.checked_add(allowed).unwrap_or(end))
}

/// Whether a pod that started then, if it has started, has run for as long as it may.
///
/// The pod then fails with the reason [`DEADLINE_EXCEEDED`](super::reason::DEADLINE_EXCEEDED). The start is the one that
/// the kubelet has cached, otherwise the one of the pod's own status. At the very deadline it is exceeded; the pod's phase
/// does not matter.
///
/// ```
/// use pod_lifecycle::{api::PodSpec, jiff::Timestamp, lifecycle::deadline};
///
/// let spec = PodSpec { active_deadline_seconds: Some(30), ..PodSpec::default() };
/// let start: Timestamp = "2026-03-01T08:00:00Z".parse()?;
/// assert!(!deadline::is_exceeded(&spec, Some(start), "2026-03-01T08:00:29.9Z".parse()?));
/// assert!(deadline::is_exceeded(&spec, Some(start), "2026-03-01T08:00:30Z".parse()?));
/// assert!(!deadline::is_exceeded(&spec, None, "2026-03-01T08:00:30Z".parse()?));
/// # Ok::<(), pod_lifecycle::jiff::Error>(())
/// ```
#[must_use]
pub fn is_exceeded(spec: &PodSpec, start: Option<Timestamp>, now: Timestamp) -> bool {
    start
        .and_then(|start| of(spec, start))
        .is_some_and(|deadline| now >= deadline)
}
