//! Which processes the kernel kills first when a node is out of memory.

use crate::{
    api::{AnyContainer, Container, Pod, PodQOSClass, ResourceName},
    critical,
    quantity::Quantity,
    resources::{self, qos},
};

/// The score of containers that are killed last.
pub const GUARANTEED: i64 = -997;

/// The score of containers that are killed first.
pub const BEST_EFFORT: i64 = 1000;

/// The lowest score of a burstable container.
const LOWEST: i64 = BEST_EFFORT + GUARANTEED;

/// Returns the `oom_score_adj` of a container's processes, on a node with so many bytes of memory.
///
/// Containers of pods that the node needs, and of `Guaranteed` pods, get [`GUARANTEED`], those of
/// `BestEffort` pods [`BEST_EFFORT`]. The others lie between: the larger the part of the node's
/// memory that a container requests, the lower. What a pod as a whole requests beyond its
/// containers is shared out among them evenly. A sidecar is not killed before the regular container
/// that requests least. Follows `GetContainerOOMScoreAdjust` of the kubelet, Kubernetes v1.36;
/// where that would divide by zero, the node counts as one with a single byte.
///
/// A score above 1000, more than the kernel takes, says that the containers together request more
/// than the pod as a whole.
///
/// ```
/// use pod_lifecycle::{api::Pod, disruption::oom_score};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"containers": [
///         {"name": "app", "resources": {"requests": {"memory": "1Gi"}}}
///     ]}}"#,
/// )?;
/// let app = pod.spec.container("app").expect("there is one");
/// assert_eq!(oom_score::adjustment(&pod, &app, 4 << 30), 750);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn adjustment(pod: &Pod, container: &AnyContainer<'_>, memory_capacity: i64) -> i64 {
    if critical::is_node_critical(pod) {
        return GUARANTEED;
    }
    match qos::class(pod) {
        PodQOSClass::Guaranteed => return GUARANTEED,
        PodQOSClass::BestEffort => return BEST_EFFORT,
        PodQOSClass::Burstable | PodQOSClass::Other(_) => {}
    }
    let share = share(pod);
    let capacity = i128::from(memory_capacity.max(1));
    let score = |request: i64| {
        let request = i128::from(request) + share;
        i128::from(BEST_EFFORT) - i128::from(BEST_EFFORT) * request / capacity
    };
    let mut adjustment = score(memory(&container.to_container()));
    if container.is_sidecar() {
        if let Some(least) = pod.spec.containers.iter().map(memory).min() {
            adjustment = adjustment.min(score(least));
        }
    }
    if adjustment == i128::from(BEST_EFFORT) {
        return BEST_EFFORT - 1;
    }
    i64::try_from(adjustment.max(i128::from(LOWEST))).unwrap_or(i64::MAX)
}

/// What each container gets of the memory that the pod as a whole requests beyond its containers.
fn share(pod: &Pod) -> i128 {
    let own = pod.spec.resources.as_ref();
    let own = own.and_then(|own| own.requests.get(&ResourceName::MEMORY));
    let Some(own) = own.filter(|own| !own.is_zero()) else {
        return 0;
    };
    let together = resources::aggregate_requests(&pod.spec);
    let together = together.get(&ResourceName::MEMORY);
    let together = together.map_or(0, Quantity::value);
    let containers = pod.spec.containers.len() + pod.spec.init_containers.len();
    let containers = i128::try_from(containers).unwrap_or(i128::MAX).max(1);
    (i128::from(own.value()) - i128::from(together)) / containers
}

fn memory(container: &Container) -> i64 {
    let request = container.resources.requests.get(&ResourceName::MEMORY);
    request.map_or(0, Quantity::value)
}
