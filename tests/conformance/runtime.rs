//! Adapters of the `runtime` family.

mod back_off;
mod expand;
mod image;
mod observed;
mod plan;
mod probe;
mod restart;
mod static_pod;
mod termination;
mod worker;

use crate::case::Adapter;

pub fn adapter(function: &str) -> Option<Adapter> {
    let adapter: Adapter = match function {
        "backoff" => back_off::backoff,
        "backoff_config" => back_off::backoff_config,
        "crash_loop" => back_off::crash_loop,
        "container_expand" => expand::container_expand,
        "container_kill" => termination::container_kill,
        "effective_grace" => termination::effective_grace,
        "image_pull" => image::image_pull,
        "plan" => plan::plan,
        "pod_worker" => worker::pod_worker,
        "pod_worker_update" => worker::pod_worker_update,
        "probe_results_to_status" => probe::probe_results_to_status,
        "probe_worker" => probe::probe_worker,
        "restart_all" => restart::restart_all,
        "restart_rules" => restart::restart_rules,
        "should_restart" => restart::should_restart,
        "static_pod_start" => static_pod::static_pod_start,
        "subpath_expand" => expand::subpath_expand,
        "termination_grace" => termination::termination_grace,
        "termination_order" => termination::termination_order,
        "termination_timeline" => termination::termination_timeline,
        "worker_requeue" => worker::worker_requeue,
        _ => return None,
    };
    Some(adapter)
}
