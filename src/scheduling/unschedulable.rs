//! Cordoned nodes.

use alloc::string::String;

use super::Misfit;
use crate::{
    api::{NodeSpec, PodSpec, Taint, TaintEffect},
    tolerations,
};

/// Whether the pod goes to cordoned nodes, too: whether it tolerates the taint
/// `node.kubernetes.io/unschedulable` with the effect `NoSchedule`.
///
/// ```
/// use pod_lifecycle::{api::PodSpec, scheduling::unschedulable};
///
/// let spec: PodSpec = serde_json::from_str(r#"{"tolerations": [{"operator": "Exists"}]}"#)?;
/// assert!(unschedulable::is_tolerated(&spec));
/// assert!(!unschedulable::is_tolerated(&PodSpec::default()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn is_tolerated(pod: &PodSpec) -> bool {
    if pod.tolerations.is_empty() {
        return false;
    }
    let taint = Taint {
        key: String::from("node.kubernetes.io/unschedulable"),
        effect: Some(TaintEffect::NoSchedule),
        ..Taint::default()
    };
    tolerations::first_untolerated([&taint], &pod.tolerations).is_none()
}

/// Whether the node is cordoned and the pod minds. The node's own taints do not matter here.
///
/// ```
/// use pod_lifecycle::{api::{NodeSpec, PodSpec}, scheduling::{Misfit, unschedulable}};
///
/// let node = NodeSpec { unschedulable: true, ..NodeSpec::default() };
/// let misfit = unschedulable::check(&PodSpec::default(), &node);
/// assert_eq!(misfit, Some(Misfit::Unschedulable));
/// ```
#[must_use]
pub fn check(pod: &PodSpec, node: &NodeSpec) -> Option<Misfit> {
    (node.unschedulable && !is_tolerated(pod)).then_some(Misfit::Unschedulable)
}
