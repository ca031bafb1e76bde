//! Adapters of the `status` family.

mod derive;
mod manager;

use crate::case::Adapter;

pub fn adapter(function: &str) -> Option<Adapter> {
    let adapter: Adapter = match function {
        "conditions" => derive::conditions,
        "container_state_transition" => manager::container_state_transition,
        "container_statuses" => derive::container_statuses,
        "has_pod_initialized" => manager::has_pod_initialized,
        "merge_status" => manager::merge,
        "normalize_status" => manager::normalize,
        "phase" => derive::phase,
        "pod_status" => derive::pod_status,
        "set_readiness" => manager::set_readiness,
        "set_started" => manager::set_started,
        "sort_pod_ips" => derive::sort_pod_ips,
        "terminate_status" => manager::terminate,
        "update_status" => manager::update,
        _ => return None,
    };
    Some(adapter)
}
