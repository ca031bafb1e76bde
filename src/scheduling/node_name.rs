//! The node that a pod names itself.

use super::Misfit;
use crate::api::PodSpec;

/// Whether the pod names another node than this one.
///
/// ```
/// use pod_lifecycle::{api::PodSpec, scheduling::{Misfit, node_name}};
///
/// let spec: PodSpec = serde_json::from_str(r#"{"nodeName": "a"}"#)?;
/// assert_eq!(node_name::check(&spec, "a"), None);
/// assert_eq!(node_name::check(&spec, "b"), Some(Misfit::NodeName));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn check(pod: &PodSpec, node: &str) -> Option<Misfit> {
    let fits = pod.node_name.is_empty() || pod.node_name == node;
    (!fits).then_some(Misfit::NodeName)
}
