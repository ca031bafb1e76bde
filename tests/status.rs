//! What a kubelet reports, told as stories.

mod derived;
mod published;

use pod_lifecycle::{
    api::{Pod, PodCondition, PodStatus},
    jiff::Timestamp,
    lifecycle::Observation,
};
use serde_json::Value;

/// 2026-03-01T09:00:00Z, and so many seconds later.
fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_772_355_600 + seconds).expect("a time of the year 2026")
}

fn pod(spec: Value) -> Pod {
    let object = serde_json::json!({"metadata": {"name": "shop", "generation": 1}, "spec": spec});
    serde_json::from_value(object).expect("a pod")
}

fn observation(containers: Value) -> Observation {
    let object = serde_json::json!({
        "ips": ["10.0.0.7"],
        "sandboxes": [{"id": "sandbox", "state": "Ready", "ip": "10.0.0.7"}],
        "containers": containers,
    });
    serde_json::from_value(object).expect("an observation")
}

fn status(status: Value) -> PodStatus {
    serde_json::from_value(status).expect("a status")
}

fn condition<'a>(status: &'a PodStatus, type_: &str) -> &'a PodCondition {
    let found = status.condition(&type_.into());
    found.unwrap_or_else(|| panic!("no condition {type_}"))
}
