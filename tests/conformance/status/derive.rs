//! What is derived anew on every sync.

use std::{collections::BTreeMap, net::IpAddr};

use pod_lifecycle::{
    api::{ContainerState, ContainerStatus, Pod, PodCondition, PodPhase, PodStatus},
    jiff::{SignedDuration, Timestamp},
    lifecycle::{
        Observation,
        probe::Outcome,
        status::{
            self, ConditionsInput, ContainersInput, Eviction, PhaseInput, PodCgroup, ProbeState,
            Probes, Resize, StartFailure, StatusInput, Statuses,
        },
    },
};
use serde::Deserialize;

use crate::case::Case;

pub(crate) fn phase(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct In {
        pod: Pod,
        #[serde(default)]
        statuses: Vec<ContainerStatus>,
        pod_is_terminal: bool,
        pod_has_initialized: bool,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Out {
        phase: PodPhase,
    }
    let input: In = case.input()?;
    case.expect(&Out {
        phase: status::phase(&PhaseInput {
            pod: &input.pod,
            statuses: Statuses {
                init_containers: &[],
                containers: &input.statuses,
            },
            terminal: input.pod_is_terminal,
            initialized: input.pod_has_initialized,
        }),
    })
}

pub(crate) fn conditions(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct In {
        pod: Pod,
        old_status: Option<PodStatus>,
        #[serde(default)]
        conditions: Vec<PodCondition>,
        container_statuses: Option<Vec<ContainerStatus>>,
        #[serde(default)]
        observed: Observation,
        phase: Option<PodPhase>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Out {
        conditions: Vec<PodCondition>,
    }
    let input: In = case.input()?;
    let statuses = input.container_statuses.as_deref();
    let mut conditions = status::conditions(&ConditionsInput {
        pod: &input.pod,
        observation: &input.observed,
        previous: input.old_status.as_ref(),
        phase: input.phase.as_ref(),
        statuses: statuses.map(|containers| Statuses {
            init_containers: &[],
            containers,
        }),
        gates: &input.conditions,
    });
    for condition in &mut conditions {
        condition.message.clear();
    }
    case.expect(&Out { conditions })
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Words {
    reason: String,
    message: String,
}

impl Words {
    fn start_failure(&self) -> StartFailure<'_> {
        StartFailure {
            reason: &self.reason,
            message: &self.message,
        }
    }
}

pub(crate) fn container_statuses(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct In {
        pod: Pod,
        observed: Observation,
        previous: Option<PodStatus>,
        #[serde(default)]
        pod_restarting: bool,
        #[serde(default)]
        start_failures: BTreeMap<String, Words>,
        #[serde(default)]
        recursive_read_only_supported: bool,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Out {
        init_container_statuses: Vec<ContainerStatus>,
        container_statuses: Vec<ContainerStatus>,
        ephemeral_container_statuses: Vec<ContainerStatus>,
    }
    let input: In = case.input()?;
    let statuses = status::container_statuses(&ContainersInput {
        pod: &input.pod,
        observation: &input.observed,
        previous: input.previous.as_ref(),
        restarting_all: input.pod_restarting,
        start_failure: &|name| input.start_failures.get(name).map(Words::start_failure),
        recursive_read_only: input.recursive_read_only_supported,
    });
    let mut out = Out {
        init_container_statuses: statuses.init_containers,
        container_statuses: statuses.containers,
        ephemeral_container_statuses: statuses.ephemeral_containers,
    };
    drop_sentences(&mut out.init_container_statuses);
    drop_sentences(&mut out.container_statuses);
    drop_sentences(&mut out.ephemeral_container_statuses);
    case.expect(&out)
}

/// Clears the sentences that the library composed, as the recorder cleared those of Kubernetes.
pub(crate) fn drop_sentences(statuses: &mut [ContainerStatus]) {
    let clear = |state: &mut ContainerState| {
        if let Some(exit) = &mut state.terminated {
            if exit.message.starts_with("the container") || exit.message.starts_with("the runtime")
            {
                exit.message.clear();
            }
        }
    };
    for status in statuses {
        clear(&mut status.state);
        clear(&mut status.last_state);
    }
}

pub(crate) fn pod_status(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct In {
        pod: Pod,
        observed: Observation,
        previous_status: Option<PodStatus>,
        pod_is_terminal: bool,
        #[serde(default, rename = "hostIPs")]
        host_ips: Vec<IpAddr>,
        #[serde(default, rename = "nodeIPs")]
        node_ips: Vec<IpAddr>,
        evict: Option<Words>,
        #[serde(default)]
        probes: Results,
        #[serde(default)]
        start_failures: BTreeMap<String, Words>,
        resize_pending: Option<Resizing>,
        resize_in_progress: Option<Resizing>,
        pod_cgroup: Option<Cgroup>,
        #[serde(default)]
        recursive_read_only_supported: bool,
        now: Timestamp,
    }
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Results {
        registered: bool,
        startup: BTreeMap<String, Probed>,
        readiness: BTreeMap<String, Probed>,
        kubelet_started_at: Option<Timestamp>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    enum Probed {
        Success,
        Failure,
        Unknown,
    }
    impl Probed {
        fn outcome(&self) -> Outcome {
            match self {
                Self::Success => Outcome::Success,
                Self::Failure => Outcome::Failure,
                Self::Unknown => Outcome::Unknown,
            }
        }
    }
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Resizing {
        reason: String,
        message: String,
        observed_generation: i64,
    }
    impl Resizing {
        fn resize(&self) -> Resize<'_> {
            Resize {
                reason: &self.reason,
                message: &self.message,
                observed_generation: self.observed_generation,
            }
        }
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Cgroup {
        cpu_shares: Option<u64>,
        cpu_quota_us: Option<i64>,
        cpu_period_us: Option<u64>,
        memory_bytes: Option<i64>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Out {
        status: PodStatus,
    }
    let input: In = case.input()?;
    let spec = &input.pod.spec;
    let container = |name: &str| {
        let containers = spec.init_containers.iter().chain(&spec.containers);
        containers
            .into_iter()
            .find(|container| container.name == name)
    };
    let probes = &input.probes;
    let mut status = status::pod_status(&StatusInput {
        previous: input.previous_status.as_ref(),
        terminal: input.pod_is_terminal,
        eviction: input.evict.as_ref().map(|evict| Eviction {
            reason: &evict.reason,
            message: &evict.message,
        }),
        probes: Probes {
            kubelet_started_at: probes
                .kubelet_started_at
                .unwrap_or(input.now - SignedDuration::from_secs(60)),
            startup: &|status| ProbeState {
                worker: probes.registered
                    && container(&status.name).is_some_and(|c| c.startup_probe.is_some()),
                outcome: probes
                    .startup
                    .get(&status.container_id)
                    .map(Probed::outcome),
            },
            readiness: &|status| ProbeState {
                worker: probes.registered
                    && container(&status.name).is_some_and(|c| c.readiness_probe.is_some()),
                outcome: probes
                    .readiness
                    .get(&status.container_id)
                    .map(Probed::outcome),
            },
        },
        start_failure: &|name| input.start_failures.get(name).map(Words::start_failure),
        resize_pending: input.resize_pending.as_ref().map(Resizing::resize),
        resize_in_progress: input.resize_in_progress.as_ref().map(Resizing::resize),
        pod_cgroup: input.pod_cgroup.as_ref().map(|cgroup| PodCgroup {
            cpu_shares: cgroup.cpu_shares,
            cpu_quota_us: cgroup.cpu_quota_us,
            cpu_period_us: cgroup.cpu_period_us,
            memory_bytes: cgroup.memory_bytes,
        }),
        host_ips: &input.host_ips,
        node_ips: &input.node_ips,
        recursive_read_only: input.recursive_read_only_supported,
        ..StatusInput::new(&input.pod, &input.observed, input.now)
    });
    drop_sentences(&mut status.init_container_statuses);
    drop_sentences(&mut status.container_statuses);
    drop_sentences(&mut status.ephemeral_container_statuses);
    for condition in &mut status.conditions {
        let type_ = condition.type_.as_str();
        if !type_.starts_with("PodResize")
            && !type_.contains(['.', '/'])
            && type_ != "DisruptionTarget"
        {
            condition.message.clear();
        }
    }
    case.expect(&Out { status })
}

pub(crate) fn sort_pod_ips(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct In {
        #[serde(default, rename = "nodeIPs")]
        node_ips: Vec<IpAddr>,
        #[serde(default, rename = "podIPs")]
        pod_ips: Vec<String>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Out {
        #[serde(default, rename = "podIPs")]
        pod_ips: Vec<String>,
    }
    let input: In = case.input()?;
    let sorted = status::sort_pod_ips(&input.node_ips, input.pod_ips.iter().map(|ip| &**ip));
    case.expect(&Out {
        pod_ips: sorted.iter().map(ToString::to_string).collect(),
    })
}
