//! The one computation that runs over the containers of a pod.

use alloc::borrow::Cow;

use super::{add_all, raise, raise_all};
use crate::api::{Container, PodSpec, ResourceList};

/// Returns what the containers of a pod request together, init containers and sidecars included.
///
/// Neither the pod's own resources nor its overhead, and nothing of its status.
///
/// ```
/// use pod_lifecycle::{api::{PodSpec, ResourceName}, resources};
///
/// let spec: PodSpec = serde_json::from_str(
///     r#"{"containers": [
///         {"name": "a", "resources": {"requests": {"memory": "64Mi"}}},
///         {"name": "b", "resources": {"requests": {"memory": "32Mi"}}}
///     ]}"#,
/// )?;
/// let memory = &resources::aggregate_requests(&spec)[&ResourceName::MEMORY];
/// assert_eq!(memory.to_string(), "96Mi");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn aggregate_requests(spec: &PodSpec) -> ResourceList {
    aggregate(spec, |container, _| {
        Cow::Borrowed(&container.resources.requests)
    })
}

/// Returns the limits of the containers of a pod together, init containers and sidecars included.
///
/// Neither the pod's own resources nor its overhead, and nothing of its status.
///
/// ```
/// use pod_lifecycle::{api::{PodSpec, ResourceName}, resources};
///
/// let spec: PodSpec = serde_json::from_str(
///     r#"{"containers": [{"name": "a", "resources": {"limits": {"cpu": "0.5"}}}]}"#,
/// )?;
/// assert_eq!(resources::aggregate_limits(&spec)[&ResourceName::CPU].to_string(), "500m");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn aggregate_limits(spec: &PodSpec) -> ResourceList {
    aggregate(spec, |container, _| {
        Cow::Borrowed(&container.resources.limits)
    })
}

/// When a container runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Runs {
    /// For as long as the pod does: a regular container or a sidecar.
    Throughout,
    /// Alone in its turn, beside the sidecars before it.
    InTurn,
}

/// Sums up what `amounts` says of each container.
pub(super) fn aggregate<'a>(
    spec: &'a PodSpec,
    amounts: impl Fn(&'a Container, Runs) -> Cow<'a, ResourceList>,
) -> ResourceList {
    let mut total = ResourceList::new();
    for container in &spec.containers {
        add_all(&mut total, &amounts(container, Runs::Throughout));
    }
    let mut sidecars = ResourceList::new();
    let mut peak = ResourceList::new();
    for container in &spec.init_containers {
        if container.is_sidecar() {
            let own = amounts(container, Runs::Throughout);
            add_all(&mut total, &own);
            add_all(&mut sidecars, &own);
            // Of what others have added, the peak knows already.
            for (name, amount) in own.keys().filter_map(|name| sidecars.get_key_value(name)) {
                raise(&mut peak, name, amount);
            }
        } else {
            let own = amounts(container, Runs::InTurn);
            for (name, amount) in own.iter() {
                let beside = sidecars
                    .get(name)
                    .and_then(|beside| amount.checked_add(beside));
                raise(&mut peak, name, beside.as_ref().unwrap_or(amount));
            }
        }
    }
    raise_all(&mut total, &peak);
    total
}
