//! Adapters of the `status` family.

mod derive;
mod manager;
mod print_row;
mod small;

use crate::case::Adapter;

pub(crate) fn adapter(function: &str) -> Option<Adapter> {
    let adapter: Adapter = match function {
        "active_deadline" => small::active_deadline,
        "all_containers_restart" => small::all_containers_restart,
        "can_be_deleted" => small::can_be_deleted,
        "conditions" => derive::conditions,
        "container_state_transition" => manager::container_state_transition,
        "container_statuses" => derive::container_statuses,
        "has_pod_initialized" => manager::has_pod_initialized,
        "hostname" => small::hostname,
        "merge_status" => manager::merge,
        "normalize_status" => manager::normalize,
        "phase" => derive::phase,
        "pod_could_have_running_containers" => small::pod_could_have_running_containers,
        "pod_inactive" => small::pod_inactive,
        "pod_status" => derive::pod_status,
        "print_row" => print_row::print_row,
        "set_readiness" => manager::set_readiness,
        "set_started" => manager::set_started,
        "sort_pod_ips" => derive::sort_pod_ips,
        "terminate_status" => manager::terminate,
        "truncate_hostname" => small::truncate_hostname,
        "update_status" => manager::update,
        _ => return None,
    };
    Some(adapter)
}
