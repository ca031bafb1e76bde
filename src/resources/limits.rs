//! What a pod may use.

use alloc::borrow::Cow;

use super::{
    Options, Reported, add_to,
    aggregate::{Runs, aggregate},
    is_pod_level, is_resize_infeasible, raise_all,
    requests::{larger, scaled},
};
use crate::{
    api::{Container, Pod, ResourceList, ResourceName},
    quantity::Quantity,
};

/// Returns what a pod may use in all, of the resources that it has a limit for.
///
/// The overhead is added to limits that there are and that are not 0; it makes none.
///
/// ```
/// use pod_lifecycle::{api::{Pod, ResourceName}, resources::{self, Options}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {
///         "overhead": {"memory": "16Mi", "cpu": "50m"},
///         "containers": [{"name": "app", "resources": {"limits": {"memory": "64Mi"}}}]
///     }}"#,
/// )?;
/// let limits = resources::limits(&pod, &Options::default());
/// assert_eq!(limits[&ResourceName::MEMORY].to_string(), "80Mi");
/// assert!(!limits.contains_key(&ResourceName::CPU));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn limits(pod: &Pod, options: &Options) -> ResourceList {
    let reported = Reported::new(&pod.status, options);
    let mut total = aggregate(&pod.spec, |container, runs| {
        of_container(container, runs, &reported)
    });
    if let Some(resources) = &pod.spec.resources {
        if !options.skip_pod_level_resources {
            for (name, amount) in resources
                .limits
                .iter()
                .filter(|(name, _)| is_pod_level(name))
            {
                let amount = pod_level(pod, name, amount, options);
                total.insert(name.clone(), amount);
            }
        }
    }
    if !options.exclude_overhead {
        for (name, overhead) in &pod.spec.overhead {
            if let Some(limit) = total.get_mut(name).filter(|limit| !limit.is_zero()) {
                add_to(limit, overhead);
            }
        }
    }
    total
}

fn of_container<'a>(
    container: &'a Container,
    runs: Runs,
    reported: &Reported<'a>,
) -> Cow<'a, ResourceList> {
    let spec = &container.resources.limits;
    let status = match runs {
        Runs::Throughout => reported.of(&container.name),
        Runs::InTurn => None,
    };
    let Some(actual) = status.and_then(|status| status.resources.as_deref()) else {
        return Cow::Borrowed(spec);
    };
    if reported.infeasible {
        return Cow::Borrowed(&actual.limits);
    }
    let mut limits = spec.clone();
    raise_all(&mut limits, &actual.limits);
    Cow::Owned(limits)
}

/// What the pod as a whole may use of one resource, its status considered.
fn pod_level(pod: &Pod, name: &ResourceName, spec: &Quantity, options: &Options) -> Quantity {
    let status = scaled(pod, options).filter(|status| !status.limits.is_empty());
    let Some(status) = status else {
        return spec.clone();
    };
    let spec = Some(spec).filter(|_| !is_resize_infeasible(&pod.status));
    let actual = status.limits.get(name);
    let most = [spec, actual].into_iter().flatten().reduce(larger);
    most.cloned().unwrap_or_default()
}
