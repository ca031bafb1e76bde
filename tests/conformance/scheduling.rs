//! Adapters of the `scheduling` family.

mod cluster;
mod disruption;
mod filter;
mod labels;
mod node_admission;
mod preemption;
mod quantity;
pub mod resources;
mod score;
mod tolerations;

use crate::case::Adapter;

pub fn adapter(function: &str) -> Option<Adapter> {
    let adapter: Adapter = match function {
        "critical_pod" => node_admission::critical_pod,
        "eviction_rank" => disruption::eviction_rank,
        "filter_inter_pod_affinity" => cluster::inter_pod_affinity,
        "filter_node_affinity" => filter::node_affinity,
        "filter_node_declared_features" => filter::node_declared_features,
        "filter_node_name" => filter::node_name,
        "filter_node_ports" => filter::node_ports,
        "filter_node_unschedulable" => filter::node_unschedulable,
        "filter_pod_topology_spread" => cluster::pod_topology_spread,
        "filter_taint_toleration" => filter::taint_toleration,
        "filter_volume_restrictions" => cluster::volume_restrictions,
        "fit_resources" => filter::fit_resources,
        "kubelet_admit" => node_admission::kubelet_admit,
        "kubelet_preempt" => disruption::kubelet_preempt,
        "label_selector" => labels::label_selector,
        "matching_tolerations" => tolerations::matching,
        "node_selector" => labels::node_selector,
        "node_selector_term" => labels::node_selector_term,
        "oom_score_adj" => disruption::oom_score_adj,
        "pod_gc" => disruption::pod_gc,
        "pod_limits" => resources::limits,
        "pod_requests" => resources::requests,
        "preemptable" => node_admission::preemptable,
        "preemption" => preemption::preemption,
        "quantity_math" => quantity::math,
        "quantity_parse" => quantity::parse,
        "schedule" => cluster::schedule,
        "scheduling_gates" => filter::scheduling_gates,
        "score" => score::score,
        "taint_eviction" => disruption::taint_eviction,
        "tolerates" => tolerations::tolerates,
        _ => return None,
    };
    Some(adapter)
}
