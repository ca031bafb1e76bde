//! How long a failing thing waits.

use std::time::Duration;

use pod_lifecycle::{
    api::{Pod, ResourceName},
    jiff::{SignedDuration, Timestamp},
    lifecycle::{
        Observation,
        back_off::{self, Attempt, BackOff, BackOffs, NodeOptions},
    },
    quantity::Quantity,
};
use serde::Deserialize;

use super::observed::Observed;
use crate::case::Case;

/// An instant on a clock that starts at zero.
pub(crate) fn at(nanos: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_nanos(nanos)
}

pub(crate) fn nanos(length: Duration) -> u64 {
    u64::try_from(length.as_nanos()).expect("fits")
}

pub(crate) fn backoff(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        initial_nanos: u64,
        max_nanos: u64,
        reset_after_nanos: Option<u64>,
        script: Vec<Step>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Step {
        at_nanos: i64,
        event_at_nanos: Option<i64>,
        op: String,
        #[serde(default)]
        key: String,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Output {
        results: Vec<Answer>,
    }
    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default, rename_all = "camelCase")]
    struct Answer {
        delay_nanos: Option<u64>,
        in_backoff: Option<bool>,
        keys: Option<Vec<String>>,
    }
    let input: Input = case.input()?;
    let mut back_off = BackOff::new(
        Duration::from_nanos(input.initial_nanos),
        Duration::from_nanos(input.max_nanos),
    );
    if let Some(reset_after) = input.reset_after_nanos {
        back_off.reset_after = Duration::from_nanos(reset_after);
    }
    let mut back_offs = BackOffs::new(back_off);
    let mut results = Vec::new();
    for step in input.script {
        let now = at(step.at_nanos);
        let event = step.event_at_nanos.map_or(now, at);
        let key = &*step.key;
        let mut answer = Answer::default();
        match &*step.op {
            "next" => {
                back_offs.next(key, now, event);
            }
            "get" => {}
            "reset" => back_offs.reset(key),
            "isInBackOffSince" => answer.in_backoff = Some(back_offs.is_waiting(key, now, event)),
            "isInBackOffSinceUpdate" => {
                answer.in_backoff = Some(back_offs.is_waiting_since_update(key, event));
            }
            "gc" => {
                back_offs.collect_garbage(now);
                answer.keys = Some(back_offs.keys().map(str::to_owned).collect());
            }
            other => return Err(format!("unknown op {other}")),
        }
        if matches!(&*step.op, "next" | "get" | "reset") {
            let entry = back_offs.get(key);
            answer.delay_nanos = Some(entry.map_or(0, |entry| nanos(entry.delay)));
        }
        results.push(answer);
    }
    case.expect(&Output { results })
}

pub(crate) fn backoff_config(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        reduce_default_crash_loop_back_off_decay: bool,
        kubelet_crash_loop_back_off_max: bool,
        max_container_restart_period_nanos: Option<u64>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        initial_nanos: u64,
        max_nanos: u64,
    }
    let input: Input = case.input()?;
    let mut options = NodeOptions::default();
    options.reduce_default_decay = input.reduce_default_crash_loop_back_off_decay;
    options.use_max_container_restart_period = input.kubelet_crash_loop_back_off_max;
    if let Some(period) = input.max_container_restart_period_nanos {
        options.max_container_restart_period = Duration::from_nanos(period);
    }
    let back_off = BackOff::of_node(&options);
    case.expect(&Output {
        initial_nanos: nanos(back_off.initial),
        max_nanos: nanos(back_off.max),
    })
}

pub(crate) fn crash_loop(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        pod: Pod,
        initial_nanos: u64,
        max_nanos: u64,
        reset_after_nanos: u64,
        steps: Vec<Step>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Step {
        now: Timestamp,
        container: String,
        image: Option<String>,
        cpu_limit: Option<Quantity>,
        #[serde(default)]
        observed: Observed,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Output {
        steps: Vec<Answer>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        in_backoff: bool,
        delay_nanos: u64,
        retry_at: Option<Timestamp>,
        remaining_nanos: Option<i128>,
    }
    let input: Input = case.input()?;
    let mut back_offs = BackOffs::new(BackOff {
        initial: Duration::from_nanos(input.initial_nanos),
        max: Duration::from_nanos(input.max_nanos),
        reset_after: Duration::from_nanos(input.reset_after_nanos),
    });
    let mut steps = Vec::new();
    for step in input.steps {
        let spec = &input.pod.spec;
        let mut container = spec.containers.iter().chain(&spec.init_containers);
        let container = container.find(|container| container.name == step.container);
        let mut container = container.ok_or("no such container")?.clone();
        if let Some(image) = step.image {
            container.image = image;
        }
        if let Some(limit) = step.cpu_limit {
            container.resources.limits.insert(ResourceName::CPU, limit);
        }
        let observation: Observation = step.observed.into();
        let attempt = back_off::crash_loop(
            &mut back_offs,
            step.now,
            &input.pod,
            &container,
            &observation,
        );
        let entry = back_offs.get(&back_off::crash_loop_key(&input.pod, &container));
        let until = match attempt {
            Attempt::Now => None,
            Attempt::Wait { until } => Some(until),
        };
        steps.push(Answer {
            in_backoff: until.is_some(),
            delay_nanos: entry.map_or(0, |entry| nanos(entry.delay)),
            retry_at: until,
            remaining_nanos: until.map(|until| until.duration_since(step.now).as_nanos()),
        });
    }
    case.expect(&Output { steps })
}
