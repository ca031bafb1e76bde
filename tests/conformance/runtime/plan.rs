//! What one sync has to start and stop.

use std::collections::BTreeMap;

use pod_lifecycle::{
    api::{Pod, Probe, ResourceRequirements},
    jiff::Timestamp,
    lifecycle::{
        self, Observation, PlanInput,
        plan::{ActuatedResources, Update},
        probe::{Kind, Outcome, Worker},
    },
};
use serde::Deserialize;

use super::observed::Observed;
use crate::case::Case;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pod: Pod,
    #[serde(default)]
    observed: Observed,
    #[serde(default)]
    liveness: BTreeMap<String, Outcome>,
    #[serde(default)]
    startup: BTreeMap<String, Outcome>,
    #[serde(default)]
    restart_all_containers: bool,
    #[serde(default)]
    actuated: BTreeMap<String, ResourceRequirements>,
    actuated_pod: Option<ResourceRequirements>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Output {
    kill_pod: bool,
    create_sandbox: bool,
    attempt: u32,
    sandbox_id: String,
    init_containers_to_start: Vec<String>,
    containers_to_start: Vec<String>,
    ephemeral_containers_to_start: Vec<String>,
    containers_to_kill: Vec<Kill>,
    #[serde(default)]
    containers_to_reset: Vec<Reset>,
    #[serde(default)]
    containers_to_update: BTreeMap<String, Vec<Updated>>,
    #[serde(default)]
    update_pod_resources: bool,
    #[serde(default)]
    update_pod_level_resources: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Kill {
    name: String,
    id: String,
    reason: String,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Reset {
    name: String,
    id: String,
    #[serde(default)]
    kill: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
struct Updated {
    name: String,
    id: String,
    desired: Amounts,
    current: Amounts,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Amounts {
    memory_limit: i64,
    memory_request: i64,
    cpu_limit_milli: i64,
    cpu_request_milli: i64,
}

pub(crate) fn plan(case: &Case<'_>) -> Result<(), String> {
    let input: Input = case.input()?;
    let observation: Observation = input.observed.into();
    let mut probes = Vec::new();
    for (kind, outcomes) in [
        (Kind::Liveness, input.liveness),
        (Kind::Startup, input.startup),
    ] {
        for (name, outcome) in outcomes {
            if let Some(newest) = observation.container(&name) {
                let mut worker = Worker::new(Timestamp::UNIX_EPOCH, kind, &name, &Probe::default());
                worker.container_id.clone_from(&newest.id);
                worker.outcome = Some(outcome);
                probes.push(worker);
            }
        }
    }
    let actuated = ActuatedResources {
        pod: input.actuated_pod,
        containers: input.actuated,
    };
    let mut given = PlanInput::new(&input.pod, &observation);
    given.probes = &probes;
    given.restart_all = input.restart_all_containers;
    given.actuated = Some(&actuated);
    let plan = lifecycle::plan(&given);

    let names = |containers: &[&pod_lifecycle::api::Container]| {
        let names = containers.iter().map(|container| container.name.clone());
        names.collect::<Vec<_>>()
    };
    let mut containers_to_update = BTreeMap::new();
    for (resource, updates) in [
        ("cpu", &plan.cpu_to_update),
        ("memory", &plan.memory_to_update),
    ] {
        if !updates.is_empty() {
            let updates = updates.iter().map(updated).collect();
            containers_to_update.insert(resource.to_owned(), updates);
        }
    }
    case.expect(&Output {
        kill_pod: plan.kill_pod,
        create_sandbox: plan.create_sandbox,
        attempt: plan.attempt,
        sandbox_id: plan.sandbox_id.to_owned(),
        init_containers_to_start: names(&plan.init_containers_to_start),
        containers_to_start: names(&plan.containers_to_start),
        ephemeral_containers_to_start: plan
            .ephemeral_containers_to_start
            .iter()
            .map(|container| container.name.clone())
            .collect(),
        containers_to_kill: plan
            .containers_to_kill
            .iter()
            .map(|kill| Kill {
                name: kill.name.to_owned(),
                id: kill.id.to_owned(),
                reason: kill.reason.as_str().to_owned(),
            })
            .collect(),
        containers_to_reset: plan
            .containers_to_reset
            .iter()
            .map(|reset| Reset {
                name: reset.name.to_owned(),
                id: reset.id.to_owned(),
                kill: reset.kill,
            })
            .collect(),
        containers_to_update,
        update_pod_resources: plan.update_pod_resources,
        update_pod_level_resources: plan.update_pod_level_resources,
    })
}

fn updated(update: &Update<'_>) -> Updated {
    let amounts = |amounts: lifecycle::plan::Amounts| Amounts {
        memory_limit: amounts.memory_limit,
        memory_request: amounts.memory_request,
        cpu_limit_milli: amounts.cpu_limit_milli,
        cpu_request_milli: amounts.cpu_request_milli,
    };
    Updated {
        name: update.container.name.clone(),
        id: update.id.to_owned(),
        desired: amounts(update.desired),
        current: amounts(update.current),
    }
}
