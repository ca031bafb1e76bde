//! What kind of pod something is.

use crate::api::{Pod, PodPhase};

const CONFIG_SOURCE: &str = "kubernetes.io/config.source";
const CONFIG_MIRROR: &str = "kubernetes.io/config.mirror";

/// Whether the pod comes from another source than the API server.
pub(crate) fn is_static(pod: &Pod) -> bool {
    pod.metadata
        .annotations
        .get(CONFIG_SOURCE)
        .is_some_and(|source| source != "api")
}

/// Whether the pod stands in the API for a static one.
pub(crate) fn is_mirror(pod: &Pod) -> bool {
    pod.metadata.annotations.contains_key(CONFIG_MIRROR)
}

/// Whether a pod in this phase never runs again.
pub(crate) fn is_terminal(phase: Option<&PodPhase>) -> bool {
    matches!(phase, Some(PodPhase::Succeeded | PodPhase::Failed))
}
