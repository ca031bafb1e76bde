//! Pods that a node cannot do without.
//!
//! Static pods, mirror pods and pods of the highest priorities are critical: their kubelet never
//! evicts them, and makes room for them by preempting others.

use crate::api::Pod;

/// The annotation that says where a kubelet has a pod from: `file`, `http` or `api`.
pub const CONFIG_SOURCE: &str = "kubernetes.io/config.source";

/// The annotation of a static pod's hash, by which its kubelet tells one manifest from another.
pub const CONFIG_HASH: &str = "kubernetes.io/config.hash";

/// The annotation that says since when a kubelet knows a pod.
pub const CONFIG_SEEN: &str = "kubernetes.io/config.seen";

/// The annotation of a static pod's copy in the API: the hash of that static pod.
pub const CONFIG_MIRROR: &str = "kubernetes.io/config.mirror";

/// The lowest priority of the system's own classes.
pub const SYSTEM_CRITICAL_PRIORITY: i32 = 2_000_000_000;

/// Whether a kubelet has the pod from a file or a URL, not from the API server.
///
/// ```
/// use pod_lifecycle::{api::Pod, critical};
///
/// let mut pod = Pod::default();
/// assert!(!critical::is_static(&pod));
/// pod.metadata.annotations.insert("kubernetes.io/config.source".into(), "file".into());
/// assert!(critical::is_static(&pod));
/// ```
#[must_use]
pub fn is_static(pod: &Pod) -> bool {
    let source = pod.metadata.annotations.get(CONFIG_SOURCE);
    source.is_some_and(|source| source != "api")
}

/// Whether the pod is a static pod's copy in the API.
///
/// ```
/// use pod_lifecycle::{api::Pod, critical};
///
/// let mut pod = Pod::default();
/// assert!(!critical::is_mirror(&pod));
/// pod.metadata.annotations.insert(critical::CONFIG_MIRROR.into(), "5f2b".into());
/// assert!(critical::is_mirror(&pod));
/// ```
#[must_use]
pub fn is_mirror(pod: &Pod) -> bool {
    pod.metadata.annotations.contains_key(CONFIG_MIRROR)
}

/// Whether the pod is critical: a static pod, a mirror pod, or of a priority of the system's own.
///
/// ```
/// use pod_lifecycle::{api::Pod, critical};
///
/// let mut pod = Pod::default();
/// pod.spec.priority = Some(critical::SYSTEM_CRITICAL_PRIORITY);
/// assert!(critical::is_critical(&pod));
/// ```
#[must_use]
pub fn is_critical(pod: &Pod) -> bool {
    let has_priority = |priority| priority >= SYSTEM_CRITICAL_PRIORITY;
    is_static(pod) || is_mirror(pod) || pod.spec.priority.is_some_and(has_priority)
}

/// Whether the pod is critical and of the class `system-node-critical`.
///
/// ```
/// use pod_lifecycle::{api::Pod, critical};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"priority": 2000001000, "priorityClassName": "system-node-critical"}}"#,
/// )?;
/// assert!(critical::is_node_critical(&pod));
/// assert!(!critical::is_node_critical(&Pod::default()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn is_node_critical(pod: &Pod) -> bool {
    is_critical(pod) && pod.spec.priority_class_name == "system-node-critical"
}

/// Whether a pod's kubelet may preempt another pod for it: the first is critical and the other is
/// not, or both have priorities and the first one's is higher.
///
/// ```
/// use pod_lifecycle::{api::Pod, critical};
///
/// let mut important = Pod::default();
/// important.spec.priority = Some(critical::SYSTEM_CRITICAL_PRIORITY);
/// assert!(critical::may_preempt(&important, &Pod::default()));
/// assert!(!critical::may_preempt(&Pod::default(), &important));
/// ```
#[must_use]
pub fn may_preempt(preemptor: &Pod, preemptee: &Pod) -> bool {
    let priorities = preemptor.spec.priority.zip(preemptee.spec.priority);
    is_critical(preemptor) && !is_critical(preemptee) || priorities.is_some_and(|(a, b)| a > b)
}
