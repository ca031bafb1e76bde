//! What the stories about a pod's life are told with.

use pod_lifecycle::{
    api::{Pod, PodStatus},
    jiff::{SignedDuration, Timestamp},
    lifecycle::Observation,
};
use serde_json::{Value, json};

/// Makes a pod with that spec.
pub(crate) fn pod(spec: Value) -> Pod {
    let pod = json!({"metadata": {"name": "web", "namespace": "shop", "uid": "u1"}, "spec": spec});
    serde_json::from_value(pod).expect("a pod")
}

/// Makes a pod with that spec, which is being deleted.
pub(crate) fn deleted_pod(spec: Value) -> Pod {
    let mut pod = pod(spec);
    pod.metadata.deletion_timestamp = Some(second(0).into());
    pod
}

/// Makes an observation of those containers in a sandbox that is ready.
pub(crate) fn seen(containers: Value) -> Observation {
    let sandbox = json!([{"id": "s1", "state": "Ready", "ip": "10.0.0.7"}]);
    let seen = json!({"sandboxes": sandbox, "containers": containers});
    serde_json::from_value(seen).expect("an observation")
}

/// Makes a status.
pub(crate) fn status(status: Value) -> PodStatus {
    serde_json::from_value(status).expect("a status")
}

/// The instant so many seconds into the story.
pub(crate) fn second(seconds: i64) -> Timestamp {
    let start: Timestamp = "2026-03-01T09:00:00Z".parse().expect("a time");
    start + SignedDuration::from_secs(seconds)
}
