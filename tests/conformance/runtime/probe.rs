//! Probes over time, and what they make of a status.

use std::collections::BTreeMap;

use pod_lifecycle::{
    api::{ContainerStatus, Pod, PodStatus, Probe},
    jiff::Timestamp,
    lifecycle::{
        probe::{self, Answer, Kind, Next, Outcome, Tick, TickInput, Worker, Workers},
        status::{Probes, apply_probes},
    },
};
use serde::Deserialize;

use crate::case::Case;

pub(crate) fn probe_worker(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        pod: Pod,
        container: String,
        probe_type: Kind,
        kubelet_start: Timestamp,
        #[serde(default)]
        initial: Initial,
        ticks: Vec<TickGiven>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Initial {
        container_id: String,
        last_result: Option<Outcome>,
        result_run: u32,
        on_hold: bool,
        cached: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct TickGiven {
        now: Timestamp,
        pod_status: Option<PodStatus>,
        #[serde(default)]
        results: Vec<String>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Output {
        ticks: Vec<TickTaken>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct TickTaken {
        keep_going: bool,
        cached: String,
        on_hold: bool,
        probed: bool,
        #[serde(default = "one")]
        attempts: usize,
        result_run: u32,
    }
    fn one() -> usize {
        1
    }
    let input: Input = case.input()?;
    let spec = &input.pod.spec;
    let mut containers = spec.containers.iter().chain(&spec.init_containers);
    let container = containers.find(|container| container.name == input.container);
    let container = container.ok_or("no such container")?;
    let probe = input.probe_type.of(container).ok_or("no such probe")?;
    let first = input.ticks.first().ok_or("no ticks")?.now;
    let mut worker = Worker::new(first, input.probe_type, &input.container, probe);
    worker.container_id = input.initial.container_id;
    worker.last = input.initial.last_result.unwrap_or(Outcome::Success);
    worker.run = input.initial.result_run;
    worker.on_hold = input.initial.on_hold;
    worker.outcome = match input.initial.cached.as_deref() {
        None | Some("none") => None,
        Some("Success") => Some(Outcome::Success),
        Some("Failure") => Some(Outcome::Failure),
        Some("Unknown") => Some(Outcome::Unknown),
        Some(other) => return Err(format!("unknown result {other}")),
    };
    let mut ticks = Vec::new();
    for given in &input.ticks {
        let tick = worker.tick(&TickInput {
            now: given.now,
            pod: &input.pod,
            status: given.pod_status.as_ref(),
            kubelet_start: input.kubelet_start,
        });
        let mut attempts = 0;
        if tick == Tick::Probe {
            loop {
                let last = given.results.len().saturating_sub(1);
                let answer = match &*given.results[attempts.min(last)] {
                    "success" => Answer::Success,
                    "warning" => Answer::Warning,
                    "failure" => Answer::Failure,
                    "unknown" => Answer::Unknown,
                    "error" => Answer::Error,
                    other => return Err(format!("unknown answer {other}")),
                };
                attempts += 1;
                if worker.on_answer(answer) == Next::Wait {
                    break;
                }
            }
        }
        ticks.push(TickTaken {
            keep_going: tick != Tick::Stop,
            cached: worker
                .outcome
                .map_or_else(|| "none".to_owned(), |outcome| format!("{outcome:?}")),
            on_hold: worker.on_hold,
            probed: tick == Tick::Probe,
            attempts: attempts.max(1),
            result_run: worker.run,
        });
        if tick == Tick::Stop {
            break;
        }
    }
    case.expect(&Output { ticks })
}

pub(crate) fn probe_results_to_status(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        pod: Pod,
        pod_status: PodStatus,
        #[serde(default)]
        startup_workers: Vec<String>,
        #[serde(default)]
        readiness_workers: Vec<String>,
        #[serde(default)]
        startup: BTreeMap<String, Outcome>,
        #[serde(default)]
        readiness: BTreeMap<String, Outcome>,
        kubelet_start: Timestamp,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        containers: Vec<Written>,
        init_containers: Vec<Written>,
        readiness_triggered: Vec<String>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Written {
        name: String,
        started: Option<bool>,
        ready: bool,
    }
    let mut input: Input = case.input()?;
    let status = &mut input.pod_status;
    let mut workers = Vec::new();
    for (kind, names, outcomes) in [
        (Kind::Startup, &input.startup_workers, &input.startup),
        (Kind::Readiness, &input.readiness_workers, &input.readiness),
    ] {
        for name in names {
            let mut worker = Worker::new(Timestamp::MAX, kind, name, &Probe::default());
            let mut statuses = status
                .container_statuses
                .iter()
                .chain(&status.init_container_statuses);
            if let Some(container) = statuses.find(|container| container.name == *name) {
                worker.container_id.clone_from(&container.container_id);
            }
            worker.outcome = outcomes.get(name).copied();
            workers.push(worker);
        }
    }
    let now = Timestamp::UNIX_EPOCH;
    let probes = Workers::new(&workers);
    apply_probes(
        status,
        &input.pod,
        &Probes {
            kubelet_started_at: input.kubelet_start,
            startup: &|container| probes.state(Kind::Startup, container),
            readiness: &|container| probes.state(Kind::Readiness, container),
        },
    );
    probe::trigger_readiness(now, &input.pod, status, &mut workers);
    let written = |statuses: &[ContainerStatus]| {
        let written = statuses.iter().map(|container| Written {
            name: container.name.clone(),
            started: container.started,
            ready: container.ready,
        });
        written.collect()
    };
    let triggered = workers.iter().filter(|worker| worker.is_triggered());
    let mut readiness_triggered: Vec<String> =
        triggered.map(|worker| worker.container.clone()).collect();
    readiness_triggered.sort();
    case.expect(&Output {
        containers: written(&status.container_statuses),
        init_containers: written(&status.init_container_statuses),
        readiness_triggered,
    })
}
