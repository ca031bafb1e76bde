//! How containers are stopped.

use std::{collections::BTreeMap, time::Duration};

use pod_lifecycle::{
    api::{AnyContainer, Container, Pod},
    jiff::Timestamp,
    lifecycle::termination::{self, Ending, KillReason, Stage, Stop, StopInput},
};
use serde::Deserialize;

use super::back_off::{at, nanos};
use crate::case::Case;

#[derive(Deserialize)]
enum Reason {
    LivenessProbe,
    StartupProbe,
    Unknown,
    #[serde(rename = "")]
    None,
    FailedPostStartHook,
    RestartAllContainers,
}

impl From<Reason> for KillReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::LivenessProbe => Self::LivenessProbe,
            Reason::StartupProbe => Self::StartupProbe,
            Reason::Unknown => Self::Unknown,
            Reason::None => Self::SpecChanged,
            Reason::FailedPostStartHook => Self::PostStartHook,
            Reason::RestartAllContainers => Self::RestartAllContainers,
        }
    }
}

fn container<'a>(pod: &'a Pod, name: &str) -> Option<&'a Container> {
    match pod.spec.container(name)? {
        AnyContainer::Init(container) | AnyContainer::Regular(container) => Some(container),
        AnyContainer::Ephemeral(_) => None,
    }
}

pub(crate) fn termination_grace(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Input {
        pod: Pod,
        container: String,
        reason: Reason,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        grace_period_seconds: i64,
    }
    let input: Input = case.input()?;
    let container = container(&input.pod, &input.container);
    case.expect(&Output {
        grace_period_seconds: termination::grace_seconds(
            &input.pod,
            container,
            input.reason.into(),
        ),
    })
}

pub(crate) fn container_kill(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        pod: Pod,
        container: String,
        reason: Reason,
        grace_period_override_seconds: Option<i64>,
        pre_stop_nanos: Option<i64>,
        wait_nanos: Option<i64>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        grace_period_seconds: i64,
        pre_stop_run: bool,
        stop_at_nanos: u64,
        stop_timeout_seconds: i64,
    }
    let input: Input = case.input()?;
    let container = container(&input.pod, &input.container);
    let grace = termination::grace_seconds(&input.pod, container, input.reason.into());
    let lifecycle = container.and_then(|container| container.lifecycle.as_ref());
    let mut stop = Stop::begin(
        Timestamp::UNIX_EPOCH,
        StopInput {
            grace_seconds: input.grace_period_override_seconds.unwrap_or(grace),
            has_pre_stop: lifecycle.is_some_and(|lifecycle| lifecycle.pre_stop.is_some()),
            is_ordered: input.wait_nanos.is_some(),
        },
    );
    let pre_stop_run = stop.stage() == Stage::PreStop;
    if pre_stop_run {
        let end = at(input.pre_stop_nanos.unwrap_or_default());
        if end < stop.poll_timeout() {
            stop.on_pre_stop_end(end);
        } else {
            stop.handle_timeout(stop.poll_timeout());
        }
    }
    if stop.stage() == Stage::Turn {
        let turn = at(input.wait_nanos.unwrap_or_default()).max(stop.since());
        if turn < stop.poll_timeout() {
            stop.on_turn(turn);
        } else {
            stop.handle_timeout(stop.poll_timeout());
        }
    }
    let stop_at = Duration::try_from(stop.since().duration_since(Timestamp::UNIX_EPOCH));
    case.expect(&Output {
        grace_period_seconds: grace,
        pre_stop_run,
        stop_at_nanos: nanos(stop_at.map_err(|error| error.to_string())?),
        stop_timeout_seconds: stop.timeout_seconds(),
    })
}

pub(crate) fn termination_order(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Input {
        pod: Pod,
        running: Vec<String>,
        terminated: Vec<String>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        ordered: bool,
        waits_for: BTreeMap<String, Vec<String>>,
        may_stop: Vec<Vec<String>>,
    }
    let input: Input = case.input()?;
    let spec = &input.pod.spec;
    let mut alive = input.running.clone();
    let waits_for = |alive: &[String], name: &str| -> Vec<String> {
        let names =
            termination::waits_for(spec, name, |other| alive.iter().any(|name| name == other));
        names.map(str::to_owned).collect()
    };
    let may_stop = |alive: &[String]| -> Vec<String> {
        let free = alive
            .iter()
            .filter(|name| waits_for(alive, name).is_empty());
        free.cloned().collect()
    };
    let first = alive.clone();
    let mut steps = vec![may_stop(&alive)];
    for name in &input.terminated {
        alive.retain(|other| other != name);
        steps.push(may_stop(&alive));
    }
    case.expect(&Output {
        ordered: termination::is_ordered(spec),
        waits_for: first
            .iter()
            .map(|name| (name.clone(), waits_for(&first, name)))
            .collect(),
        may_stop: steps,
    })
}

pub(crate) fn termination_timeline(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        pod: Pod,
        running: Vec<String>,
        grace_period_override_seconds: Option<i64>,
        containers: BTreeMap<String, Behaviour>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Behaviour {
        exit_nanos: u64,
        pre_stop_nanos: Option<u64>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        stops: Vec<Stopped>,
        total_nanos: u64,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Stopped {
        name: String,
        at_nanos: u64,
        timeout_seconds: i64,
        done_nanos: u64,
    }
    let input: Input = case.input()?;
    let mut running = BTreeMap::new();
    for name in &input.running {
        let behaviour = input.containers.get(name);
        let ending = behaviour.map_or_else(Ending::default, |behaviour| Ending {
            pre_stop: behaviour.pre_stop_nanos.map(Duration::from_nanos),
            exit: Duration::from_nanos(behaviour.exit_nanos),
        });
        running.insert(&**name, ending);
    }
    let stops = termination::timeline(&input.pod, &running, input.grace_period_override_seconds);
    let total = stops.iter().map(|stop| stop.done).max();
    case.expect(&Output {
        stops: stops
            .into_iter()
            .map(|stop| Stopped {
                name: stop.name,
                at_nanos: nanos(stop.at),
                timeout_seconds: stop.timeout_seconds,
                done_nanos: nanos(stop.done),
            })
            .collect(),
        total_nanos: nanos(total.unwrap_or_default()),
    })
}

pub(crate) fn effective_grace(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        current_grace_seconds: i64,
        deletion_grace_period_seconds: Option<i64>,
        override_seconds: Option<i64>,
        termination_grace_period_seconds: Option<i64>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        grace_period_seconds: i64,
        changed: bool,
    }
    let input: Input = case.input()?;
    let mut pod = Pod::default();
    pod.metadata.deletion_grace_period_seconds = input.deletion_grace_period_seconds;
    pod.spec.termination_grace_period_seconds = input.termination_grace_period_seconds;
    let current = input.current_grace_seconds;
    let grace = termination::effective_grace_seconds(current, &pod, input.override_seconds);
    case.expect(&Output {
        grace_period_seconds: grace,
        changed: current != 0 && grace != current,
    })
}
