//! Adapters of the `status` family.

mod derive;

use crate::case::Adapter;

pub fn adapter(function: &str) -> Option<Adapter> {
    let adapter: Adapter = match function {
        "conditions" => derive::conditions,
        "container_statuses" => derive::container_statuses,
        "phase" => derive::phase,
        "pod_status" => derive::pod_status,
        "sort_pod_ips" => derive::sort_pod_ips,
        _ => return None,
    };
    Some(adapter)
}
