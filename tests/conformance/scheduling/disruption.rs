//! Who has to go.

use pod_lifecycle::{
    api::{Node, Pod, ResourceName, Taint, Toleration},
    disruption::{
        eviction::{self, Candidate, DiskUse, PodStats, Pressure},
        gc, oom_score,
        preemption::{self, Requirement},
        taints,
    },
};
use serde::Deserialize;

use crate::case::Case;

pub fn taint_eviction(case: &Case<'_>) -> Result<(), String> {
    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Input {
        taints: Option<Vec<Taint>>,
        tolerations: Option<Vec<Toleration>>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Output {
        evict: bool,
        after_seconds: Option<u64>,
    }

    let input: Input = case.input()?;
    let stay = taints::stay(
        &input.taints.unwrap_or_default(),
        &input.tolerations.unwrap_or_default(),
    );
    let after = stay.evicted_after();
    case.expect(&Output {
        evict: after.is_some(),
        after_seconds: after.map(|after| after.as_secs()),
    })
}

pub fn oom_score_adj(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Input {
        pod: Pod,
        container: String,
        memory_capacity: i64,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Output {
        n: i64,
    }

    let input: Input = case.input()?;
    let container = input.pod.spec.container(&input.container);
    let container = container.ok_or("there is no such container")?;
    case.expect(&Output {
        n: oom_score::adjustment(&input.pod, &container, input.memory_capacity),
    })
}

pub fn kubelet_preempt(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Input {
        pod: Pod,
        pods: Option<Vec<Pod>>,
        requirements: Option<Vec<Recorded>>,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Recorded {
        resource: ResourceName,
        quantity: i64,
    }
    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default, deny_unknown_fields)]
    struct Output {
        preempt: Option<Vec<String>>,
        error: String,
    }

    let input: Input = case.input()?;
    let requirements = input.requirements.unwrap_or_default();
    let requirements: Vec<_> = requirements
        .into_iter()
        .map(|recorded| Requirement {
            resource: recorded.resource,
            amount: recorded.quantity,
        })
        .collect();
    let pods = input.pods.unwrap_or_default();
    let victims = preemption::victims(&input.pod, &pods, &requirements);
    let names = |victims: Vec<&Pod>| victims.into_iter().map(full_name).collect();
    case.expect(&match victims {
        Some(victims) => Output {
            preempt: Some(names(victims)),
            ..Output::default()
        },
        None => Output {
            error: "cannotReclaim".into(),
            ..Output::default()
        },
    })
}

pub fn eviction_rank(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Input {
        resource: String,
        pods: Vec<Pod>,
        #[serde(default)]
        stats: Vec<Option<PodStats>>,
        #[serde(default)]
        fs_stats: Vec<String>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Output {
        order: Vec<String>,
    }

    let input: Input = case.input()?;
    let uses = input.fs_stats.iter().filter_map(|name| match &**name {
        "root" => Some(Ok(DiskUse::Root)),
        "logs" => Some(Ok(DiskUse::Logs)),
        "localVolumeSource" => Some(Ok(DiskUse::LocalVolumes)),
        "images" => None,
        other => Some(Err(format!("no use of a disk: {other}"))),
    });
    let uses = uses.collect::<Result<Vec<_>, _>>()?;
    let pressure = match &*input.resource {
        "memory" => Pressure::Memory,
        "pids" => Pressure::Pids,
        "ephemeral-storage" => Pressure::EphemeralStorage(&uses),
        "inodes" => Pressure::Inodes(&uses),
        other => return Err(format!("no pressure: {other}")),
    };
    let stats = input.stats.iter().map(Option::as_ref);
    let stats = stats.chain(std::iter::repeat(None));
    let candidates = input.pods.iter().zip(stats);
    let mut candidates: Vec<_> = candidates
        .map(|(pod, stats)| Candidate { pod, stats })
        .collect();
    eviction::rank(&mut candidates, pressure);
    let order = candidates.iter().map(|c| c.pod.metadata.name.clone());
    case.expect(&Output {
        order: order.collect(),
    })
}

pub fn pod_gc(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Input {
        pods: Option<Vec<Pod>>,
        nodes: Option<Vec<Node>>,
        terminated_pod_threshold: i32,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Output {
        deleted: Vec<Deleted>,
    }
    #[derive(Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Deleted {
        pod: String,
        reasons: Vec<String>,
        mark_failed: bool,
        disruption_target: bool,
    }

    let input: Input = case.input()?;
    let pods = input.pods.unwrap_or_default();
    let nodes = input.nodes.unwrap_or_default();
    let collected = gc::collect(&pods, &nodes, input.terminated_pod_threshold);
    let mut deleted: Vec<_> = collected
        .iter()
        .map(|collected| Deleted {
            pod: full_name(collected.pod),
            reasons: collected
                .reasons
                .iter()
                .map(|r| r.as_str().into())
                .collect(),
            mark_failed: collected.is_marked_failed(),
            disruption_target: collected.is_disruption_target(),
        })
        .collect();
    deleted.sort();
    case.expect(&Output { deleted })
}

fn full_name(pod: &Pod) -> String {
    format!("{}/{}", pod.metadata.namespace, pod.metadata.name)
}
