//! Scheduling gates: a pod that has any is not looked at.

use super::Misfit;
use crate::api::PodSpec;

/// Whether the pod waits for its gates; the API then says `PodScheduled=False` with the reason
/// `SchedulingGated`.
///
/// ```
/// use pod_lifecycle::{api::PodSpec, scheduling::{Misfit, gates}};
///
/// let spec: PodSpec = serde_json::from_str(r#"{"schedulingGates": [{"name": "quota"}]}"#)?;
/// assert_eq!(gates::check(&spec), Some(Misfit::Gated));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn check(pod: &PodSpec) -> Option<Misfit> {
    (!pod.scheduling_gates.is_empty()).then_some(Misfit::Gated)
}
