//! The fields around a pod template, for every kind that has one.

#![allow(
    dead_code,
    reason = "most fields are there for strict decoding to know them"
)]

use core::fmt;
use std::collections::BTreeMap;

use pod_lifecycle::api::{LabelSelector, ObjectMeta, PodTemplate, PodTemplateSpec};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::manifest::{Complaint, Document};

/// A value that nobody looks into.
struct Any;

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(AnyVisitor)
    }
}

struct AnyVisitor;

impl<'de> Visitor<'de> for AnyVisitor {
    type Value = Any;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Any, E> {
        Ok(Any)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Any, E> {
        Ok(Any)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Any, E> {
        Ok(Any)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Any, E> {
        Ok(Any)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Any, E> {
        Ok(Any)
    }

    fn visit_str<E>(self, _: &str) -> Result<Any, E> {
        Ok(Any)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Any, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Any)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Any, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Any)
    }
}

macro_rules! objects {
    ($($name:ident { $($field:ident: $type:ty),* $(,)? })*) => {$(
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        struct $name {
            $($field: Option<$type>,)*
        }
    )*};
}

objects! {
    Deployment { api_version: String, kind: String, metadata: ObjectMeta, spec: DeploymentSpec, status: Any }
    DeploymentSpec {
        replicas: i32, selector: LabelSelector, template: PodTemplateSpec, strategy: Strategy,
        min_ready_seconds: i32, revision_history_limit: i32, paused: bool, progress_deadline_seconds: i32,
    }
    Strategy { r#type: String, rolling_update: RollingUpdate }
    RollingUpdate { max_unavailable: Any, max_surge: Any }

    StatefulSet { api_version: String, kind: String, metadata: ObjectMeta, spec: StatefulSetSpec, status: Any }
    StatefulSetSpec {
        replicas: i32, selector: LabelSelector, template: PodTemplateSpec, volume_claim_templates: Any,
        service_name: String, pod_management_policy: String, update_strategy: StatefulSetStrategy,
        revision_history_limit: i32, min_ready_seconds: i32,
        persistent_volume_claim_retention_policy: ClaimRetention, ordinals: Ordinals,
    }
    StatefulSetStrategy { r#type: String, rolling_update: PartitionedUpdate }
    PartitionedUpdate { partition: i32, max_unavailable: Any }
    ClaimRetention { when_deleted: String, when_scaled: String }
    Ordinals { start: i32 }

    DaemonSet { api_version: String, kind: String, metadata: ObjectMeta, spec: DaemonSetSpec, status: Any }
    DaemonSetSpec {
        selector: LabelSelector, template: PodTemplateSpec, update_strategy: Strategy,
        min_ready_seconds: i32, revision_history_limit: i32,
    }

    ReplicaSet { api_version: String, kind: String, metadata: ObjectMeta, spec: ReplicaSetSpec, status: Any }
    ReplicaSetSpec {
        replicas: i32, min_ready_seconds: i32, selector: LabelSelector, template: PodTemplateSpec,
    }

    ReplicationController {
        api_version: String, kind: String, metadata: ObjectMeta, spec: ReplicationControllerSpec, status: Any,
    }
    ReplicationControllerSpec {
        replicas: i32, min_ready_seconds: i32, selector: BTreeMap<String, String>, template: PodTemplateSpec,
    }

    Job { api_version: String, kind: String, metadata: ObjectMeta, spec: JobSpec, status: Any }
    JobSpec {
        parallelism: i32, completions: i32, active_deadline_seconds: i64, pod_failure_policy: Any,
        success_policy: Any, backoff_limit: i32, backoff_limit_per_index: i32, max_failed_indexes: i32,
        selector: LabelSelector, manual_selector: bool, template: PodTemplateSpec,
        ttl_seconds_after_finished: i32, completion_mode: String, suspend: bool,
        pod_replacement_policy: String, managed_by: String,
    }

    CronJob { api_version: String, kind: String, metadata: ObjectMeta, spec: CronJobSpec, status: Any }
    CronJobSpec {
        schedule: String, time_zone: String, starting_deadline_seconds: i64, concurrency_policy: String,
        suspend: bool, job_template: JobTemplate, successful_jobs_history_limit: i32,
        failed_jobs_history_limit: i32,
    }
    JobTemplate { metadata: ObjectMeta, spec: JobSpec }
}

/// What is judged of a workload.
pub(crate) struct Workload {
    pub(crate) template: PodTemplateSpec,
    pub(crate) pods: Pods,
}

/// Which pods a workload makes.
pub(crate) enum Pods {
    /// Some that run for ever, found by a selector that must be given.
    Running(Option<LabelSelector>),
    /// Some that run for ever, found by their labels where no others are given.
    Labelled(BTreeMap<String, String>),
    /// Some that come to an end.
    Ending,
    /// None itself.
    None,
}

/// Reads what is judged of a workload, and returns beside it what in the whole object nobody knows.
pub(crate) fn read(document: &Document) -> Result<(Workload, Vec<Complaint>), Complaint> {
    macro_rules! read {
        ($kind:ty: $($field:ident).+, $pods:expr) => {{
            let (object, findings) = document.read::<$kind>()?;
            let spec = Some(object)$(.and_then(|object| object.$field))+.unwrap_or_default();
            let template = spec.template.unwrap_or_default();
            let pods: fn(_) -> Pods = $pods;
            (Workload { template, pods: pods(spec.selector) }, findings)
        }};
    }
    Ok(match document.kind() {
        "Deployment" => read!(Deployment: spec, Pods::Running),
        "StatefulSet" => read!(StatefulSet: spec, Pods::Running),
        "DaemonSet" => read!(DaemonSet: spec, Pods::Running),
        "ReplicaSet" => read!(ReplicaSet: spec, Pods::Running),
        "ReplicationController" => read!(ReplicationController: spec, |selector| {
            Pods::Labelled(Option::unwrap_or_default(selector))
        }),
        "Job" => read!(Job: spec, |_| Pods::Ending),
        "CronJob" => read!(CronJob: spec.job_template.spec, |_| Pods::Ending),
        _ => {
            let (object, findings) = document.read::<PodTemplate>()?;
            let (template, pods) = (object.template, Pods::None);
            (Workload { template, pods }, findings)
        }
    })
}
