//! What a pod had before a rule and may keep.

use super::{
    annotations,
    container::restarts,
    placement::{self, Values},
    pod_affinity, projected, resources, security,
};
use crate::{
    admission::view::View,
    api::{Pod, PodSpec, TolerationOperator},
    field,
};

/// Breaches of rules that an update may leave as they are, because the old pod has some of them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Tolerated {
    pub(super) deletion_cost: bool,
    pub(super) indivisible_huge_pages: bool,
    pub(super) pod_affinity_values: bool,
    pub(super) node_affinity_values: bool,
    pub(super) spread_selectors: bool,
    pub(super) spread_label_keys: bool,
    pub(super) token_paths: bool,
    pub(super) host_sysctls: bool,
    pub(super) init_restart_on_resize: bool,
    pub(super) devices_without_host_users: bool,
    pub(super) host_network_without_host_users: bool,
    pub(super) any_se_linux_change_policy: bool,
    pub(super) comparison_tolerations: bool,
}

impl Tolerated {
    pub(super) fn of(old: &Pod) -> Self {
        let spec = &old.spec;
        let has_own_users = spec.host_users == Some(false);
        let own = spec.security_context.as_ref();
        let constraints = spec.topology_spread_constraints.as_slice();
        Self {
            deletion_cost: annotations::has_invalid_deletion_cost(&old.metadata.annotations),
            indivisible_huge_pages: resources::has_indivisible_huge_pages(spec),
            pod_affinity_values: pod_affinity::has_invalid_selector(spec),
            node_affinity_values: has_invalid_node_affinity_value(spec),
            spread_selectors: has_invalid_spread_selector(spec),
            spread_label_keys: placement::has_invalid_label_keys(constraints),
            token_paths: projected::has_invalid_token_path(spec),
            host_sysctls: security::has_host_sysctl(spec),
            init_restart_on_resize: has_init_restart_on_resize(spec),
            devices_without_host_users: has_own_users
                && View::all(spec).any(|container| !container.volume_devices.is_empty()),
            host_network_without_host_users: has_own_users && spec.host_network,
            any_se_linux_change_policy: own.is_some_and(|own| own.se_linux_change_policy.is_some()),
            comparison_tolerations: has_comparison_toleration(spec),
        }
    }
}

fn has_invalid_node_affinity_value(spec: &PodSpec) -> bool {
    let affinity = spec.affinity.as_ref();
    let affinity = affinity.and_then(|affinity| affinity.node_affinity.as_ref());
    let required = affinity.and_then(|terms| {
        terms
            .required_during_scheduling_ignored_during_execution
            .as_ref()
    });
    let terms = required
        .iter()
        .flat_map(|selector| &selector.node_selector_terms);
    terms
        .flat_map(|term| &term.match_expressions)
        .flat_map(|requirement| &requirement.values)
        .any(|value| !crate::format::label_value(value).is_empty())
}

fn has_invalid_spread_selector(spec: &PodSpec) -> bool {
    let judged = field::collect("", |at| {
        for constraint in &spec.topology_spread_constraints {
            if let Some(selector) = &constraint.label_selector {
                placement::label_selector(at, selector, Values::Judged);
            }
        }
    });
    judged.is_err()
}

fn has_init_restart_on_resize(spec: &PodSpec) -> bool {
    let mut containers = spec.init_containers.iter();
    containers
        .any(|container| !container.is_sidecar() && container.resize_policy.iter().any(restarts))
}

fn has_comparison_toleration(spec: &PodSpec) -> bool {
    spec.tolerations.iter().any(|toleration| {
        matches!(
            toleration.operator,
            Some(TolerationOperator::Lt | TolerationOperator::Gt)
        )
    })
}
