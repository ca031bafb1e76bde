//! What a pod requests.

use alloc::borrow::Cow;

use super::{
    Options, Reported, add_all, add_to,
    aggregate::{Runs, aggregate},
    is_pod_level, is_resize_infeasible, raise_all,
};
use crate::{
    api::{Container, ContainerStatus, Pod, ResourceList, ResourceName, ResourceRequirements},
    quantity::Quantity,
};

/// Returns what a pod requests in all: what the scheduler finds room for and quotas count.
///
/// A resource that is requested with 0 is in the result. Sidecars count in the
/// sum of what runs, and beside every init container that starts after them.
///
/// ```
/// use pod_lifecycle::{api::{Pod, ResourceName}, resources::{self, Options}};
///
/// // The init container runs beside the first sidecar only: 200m + 100m. That is more than
/// // what runs afterwards, 100m + 50m + 100m, although no sum over the lists gives it.
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {
///         "initContainers": [
///             {"name": "proxy", "restartPolicy": "Always", "resources": {"requests": {"cpu": "100m"}}},
///             {"name": "migrate", "resources": {"requests": {"cpu": "200m"}}},
///             {"name": "logs", "restartPolicy": "Always", "resources": {"requests": {"cpu": "50m"}}}
///         ],
///         "containers": [{"name": "app", "resources": {"requests": {"cpu": "100m"}}}]
///     }}"#,
/// )?;
/// let requests = resources::requests(&pod, &Options::default());
/// assert_eq!(requests[&ResourceName::CPU].to_string(), "300m");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn requests(pod: &Pod, options: &Options) -> ResourceList {
    let mut total = ResourceList::new();
    if !options.skip_container_level_resources {
        let reported = Reported::new(&pod.status, options);
        total = aggregate(&pod.spec, |container, runs| {
            of_container(container, runs, &reported, options)
        });
    }
    if let Some(resources) = &pod.spec.resources {
        if !options.skip_pod_level_resources {
            for (name, amount) in resources
                .requests
                .iter()
                .filter(|(name, _)| is_pod_level(name))
            {
                let amount = pod_level(pod, name, amount, options);
                total.insert(name.clone(), amount);
            }
        }
    }
    if !options.exclude_overhead {
        add_all(&mut total, &pod.spec.overhead);
    }
    total
}

/// What a kubelet takes a pod to request, where it has to decide between pods.
///
/// Where the pod as a whole asks for anything, only that counts; overhead counts for resources that
/// are requested.
pub(crate) fn of_kubelet(pod: &Pod) -> ResourceList {
    let options = Options {
        exclude_overhead: true,
        skip_container_level_resources: has_pod_level(pod),
        ..Options::default()
    };
    let mut requests = requests(pod, &options);
    for (name, amount) in &mut requests {
        if let Some(overhead) = pod.spec.overhead.get(name).filter(|_| !amount.is_zero()) {
            add_to(amount, overhead);
        }
    }
    requests
}

fn has_pod_level(pod: &Pod) -> bool {
    pod.spec.resources.as_ref().is_some_and(|own| {
        let mut names = own.requests.keys().chain(own.limits.keys());
        names.any(is_pod_level)
    })
}

fn of_container<'a>(
    container: &'a Container,
    runs: Runs,
    reported: &Reported<'_>,
    options: &Options,
) -> Cow<'a, ResourceList> {
    let mut requests = Cow::Borrowed(&container.resources.requests);
    if runs == Runs::Throughout {
        if let Some(status) = reported.of(&container.name) {
            if reported.infeasible {
                requests = Cow::Owned(ResourceList::new());
            }
            raise_to_status(requests.to_mut(), status);
        }
    }
    for (name, amount) in &options.non_missing_container_requests {
        if !requests.contains_key(name) {
            requests.to_mut().insert(name.clone(), amount.clone());
        }
    }
    requests
}

fn raise_to_status(requests: &mut ResourceList, status: &ContainerStatus) {
    if let Some(resources) = &status.resources {
        raise_all(requests, &resources.requests);
    }
    raise_all(requests, &status.allocated_resources);
}

/// What the pod as a whole requests of one resource, its status considered.
fn pod_level(pod: &Pod, name: &ResourceName, spec: &Quantity, options: &Options) -> Quantity {
    let Some(status) = scaled(pod, options) else {
        return spec.clone();
    };
    let spec = Some(spec).filter(|_| !is_resize_infeasible(&pod.status));
    let actual = status.requests.get(name);
    let allocated = pod.status.allocated_resources.get(name);
    let most = [spec, actual, allocated]
        .into_iter()
        .flatten()
        .reduce(larger);
    most.cloned().unwrap_or_default()
}

/// The pod's own resources as its status reports them, where they count.
pub(super) fn scaled<'a>(pod: &'a Pod, options: &Options) -> Option<&'a ResourceRequirements> {
    let counts =
        options.use_status_resources && options.in_place_pod_level_resources_vertical_scaling;
    pod.status.resources.as_deref().filter(|_| counts)
}

/// The first of the largest.
pub(super) fn larger<'a>(a: &'a Quantity, b: &'a Quantity) -> &'a Quantity {
    if b > a { b } else { a }
}
