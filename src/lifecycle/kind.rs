//! What kind of pod something is.

use crate::api::PodPhase;
pub(crate) use crate::critical::{is_mirror, is_static};

/// Whether a pod in this phase never runs again.
pub(crate) fn is_terminal(phase: Option<&PodPhase>) -> bool {
    matches!(phase, Some(PodPhase::Succeeded | PodPhase::Failed))
}
