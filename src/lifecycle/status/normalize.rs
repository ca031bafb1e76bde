//! The form in which statuses are compared and published.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use super::containers::by_name;
use crate::{
    api::{Container, ContainerState, ContainerStatus, Pod, PodStatus},
    lifecycle::text,
};

/// How many bytes the last words of all containers of a pod may have together.
const MESSAGES: usize = 12 * 1024;

/// Brings a status into the form in which the kubelet compares and publishes it.
///
/// Follows the status manager's `normalizeStatus` (v1.36): the containers' last words are cut so that together they stay
/// below 12 KiB (half a character shows as U+FFFD), regular and ephemeral containers are sorted by name, init containers as
/// in the spec. Times have whole seconds by their type.
///
/// ```
/// use pod_lifecycle::{api::{Pod, PodStatus}, lifecycle::status::normalize};
///
/// let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "b"}, {"name": "a"}]}}"#)?;
/// let mut status: PodStatus = serde_json::from_str(r#"{"containerStatuses": [{"name": "b"}, {"name": "a"}]}"#)?;
/// normalize(&mut status, &pod);
/// assert_eq!(status.container_statuses[0].name, "a");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn normalize(status: &mut PodStatus, pod: &Pod) {
    let spec = &pod.spec;
    let containers = spec
        .containers
        .len()
        .saturating_add(spec.init_containers.len())
        .saturating_add(spec.ephemeral_containers.len());
    let limit = MESSAGES.checked_div(containers).unwrap_or(MESSAGES);
    for statuses in [
        &mut status.init_container_statuses,
        &mut status.container_statuses,
        &mut status.ephemeral_container_statuses,
    ] {
        for status in statuses {
            cut(&mut status.state, limit);
            cut(&mut status.last_state, limit);
        }
    }
    status.container_statuses.sort_by(by_name);
    status.ephemeral_container_statuses.sort_by(by_name);
    sort_as_in_spec(&mut status.init_container_statuses, &spec.init_containers);
}

fn cut(state: &mut ContainerState, limit: usize) {
    if let Some(exit) = &mut state.terminated {
        text::cut(&mut exit.message, limit);
    }
}

/// Swaps each status, going by the spec, with the one that stands in its place; what the spec does not name ends up behind.
fn sort_as_in_spec(statuses: &mut Vec<ContainerStatus>, spec: &[Container]) {
    let named =
        |(status, container): &(&ContainerStatus, &Container)| status.name == container.name;
    let settled = statuses.iter().zip(spec).take_while(named).count();
    if settled == statuses.len() || settled == spec.len() {
        return;
    }
    let names: Vec<String> = statuses.iter().map(|status| status.name.clone()).collect();
    let mut places: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (place, name) in names.iter().enumerate().skip(settled) {
        places.entry(name).or_default().insert(place);
    }
    // Who stands where.
    let mut order: Vec<usize> = (0..names.len()).collect();
    let mut cursor = settled;
    for container in spec.iter().skip(settled) {
        let Some(place) = places
            .get_mut(&*container.name)
            .and_then(BTreeSet::pop_first)
        else {
            continue;
        };
        if place != cursor {
            order.swap(place, cursor);
            let moved = order.get(place).and_then(|who| names.get(*who));
            if let Some(others) = moved.and_then(|name| places.get_mut(&**name)) {
                others.remove(&cursor);
                others.insert(place);
            }
        }
        cursor = cursor.saturating_add(1);
    }
    let mut taken: Vec<_> = core::mem::take(statuses).into_iter().map(Some).collect();
    statuses.extend(
        order
            .into_iter()
            .filter_map(|who| taken.get_mut(who)?.take()),
    );
}
