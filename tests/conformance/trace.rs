//! Plays the recorded lives in the simulation and compares by the rule of the family's specification.

mod compare;
mod patch;
mod play;
mod strict;

use std::time::Duration;

use pod_lifecycle::{
    api::PodStatus,
    jiff::Timestamp,
    kubectl,
    sim::{Event, Setup, Sim},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use self::{
    compare::{Canonical, Seen},
    play::{Jitter, play},
};
use crate::case::{Adapter, Case, Measure};

pub fn adapter(function: &str) -> Option<Adapter> {
    (function == "life").then_some(life as Adapter)
}

pub fn measure(function: &str) -> Option<Measure> {
    (function == "life").then_some(strict::measure as Measure)
}

#[derive(Deserialize)]
struct Recorded<'a> {
    #[serde(borrow)]
    timeline: Vec<&'a RawValue>,
    calls: Vec<RecordedCall>,
}

/// What two recordings of the same scenario had in common.
#[derive(Deserialize)]
#[serde(default)]
struct Stability {
    calls: bool,
}

impl Default for Stability {
    fn default() -> Self {
        Self { calls: true }
    }
}

#[derive(Deserialize)]
struct RecordedCall {
    op: String,
    #[serde(default)]
    c: String,
    code: Option<i32>,
    timeout: Option<i32>,
}

#[derive(Deserialize)]
struct RecordedEntry {
    t: u64,
    #[serde(default)]
    deleted: bool,
    status: Option<Value>,
    row: Option<RecordedRow>,
    #[serde(default)]
    meta: RecordedMeta,
}

#[derive(Deserialize)]
struct RecordedRow {
    ready: String,
    status: String,
    restarts: i64,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RecordedMeta {
    deletion_timestamp: Option<i64>,
    deletion_grace_period_seconds: Option<i64>,
}

fn life(case: &Case<'_>) -> Result<(), String> {
    let want = Life::recorded(case)?;
    let stability = case.stability.map_or("{}", RawValue::get);
    let stability: Stability =
        serde_json::from_str(stability).map_err(|error| error.to_string())?;
    let mut lives = JITTER.iter().map(|jitter| {
        let got = Life::played(case, *jitter)?;
        want.agrees(&got, stability.calls)
    });
    let first = lives.next().unwrap_or(Ok(()));
    first.or_else(|error| lives.find(Result::is_ok).ok_or(error)?)
}

/// What is compared of a life.
struct Life {
    seen: Vec<Seen>,
    calls: Vec<Call>,
}

impl Life {
    fn recorded(case: &Case<'_>) -> Result<Self, String> {
        let recorded: Recorded<'_> =
            serde_json::from_str(case.output.get()).map_err(|error| format!("output: {error}"))?;
        let seen = recorded.timeline.iter().map(|entry| seen(entry));
        Ok(Self {
            seen: seen.collect::<Result<_, _>>()?,
            calls: recorded_calls(&recorded.calls),
        })
    }

    /// Compares by the rule of the family, and the calls where they are the same in both recordings.
    fn agrees(&self, got: &Self, with_calls: bool) -> Result<(), String> {
        compare::matches(&self.seen, &got.seen)?;
        if with_calls {
            compare::calls(&self.calls, &got.calls)
        } else {
            Ok(())
        }
    }

    fn played(case: &Case<'_>, jitter: Jitter) -> Result<Self, String> {
        let sim = play(case.input()?, jitter, |_| {})?;
        Ok(Self {
            seen: lived(&sim),
            calls: made_calls(&sim),
        })
    }
}

/// What the recording left to chance. A life is matched when one of these reproduces it; most need the first only.
const JITTER: &[Jitter] = &[
    Jitter::new(500, 1250, false),
    Jitter::new(100, 1250, false),
    Jitter::new(300, 1250, true),
    Jitter::new(700, 1250, false),
    Jitter::new(900, 1250, true),
    Jitter::new(400, 1100, true),
    Jitter::new(800, 1100, false),
    Jitter::new(200, 1400, true),
    Jitter::new(850, 1400, false),
    on_busy_node(300, 1250, true),
    on_busy_node(600, 1100, false),
    on_busy_node(900, 1400, false),
];

/// The recordings were made on a node with a hundred pods.
const fn on_busy_node(phase: u64, stretch: u16, merges: bool) -> Jitter {
    let mut jitter = Jitter::new(phase, stretch, merges);
    jitter.look = 40;
    jitter
}

/// The times of a recorded status are milliseconds; the comparison does not look at them.
fn without_times(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if value.is_i64() && (name.ends_with("Time") || name.ends_with("At"))
                    || value == "epoch"
                {
                    *value = Value::Null;
                } else {
                    without_times(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(without_times),
        _ => {}
    }
}

fn seen(entry: &RawValue) -> Result<Seen, String> {
    let entry: RecordedEntry =
        serde_json::from_str(entry.get()).map_err(|error| error.to_string())?;
    let at = Duration::from_millis(entry.t);
    if entry.deleted {
        return Ok(Seen { at, state: None });
    }
    let mut status = entry.status.unwrap_or_default();
    without_times(&mut status);
    let status: PodStatus = serde_json::from_value(status).map_err(|error| error.to_string())?;
    let row = entry.row.ok_or("an entry without a row")?;
    let state = Canonical::new(
        &status,
        entry
            .meta
            .deletion_timestamp
            .is_some()
            .then_some(entry.meta.deletion_grace_period_seconds),
        (row.ready, row.status, row.restarts),
    );
    Ok(Seen {
        at,
        state: Some(state),
    })
}

fn lived(sim: &Sim) -> Vec<Seen> {
    let entries = sim.timeline().entries();
    let start = Setup::default().start;
    let at = |when: Timestamp| Duration::try_from(when.duration_since(start)).unwrap_or_default();
    let states = entries.iter().filter_map(|entry| match &entry.event {
        Event::Changed(pod) => {
            let meta = &pod.metadata;
            let deleting = meta
                .deletion_timestamp
                .is_some()
                .then_some(meta.deletion_grace_period_seconds);
            let row = kubectl::row(pod, entry.at);
            let row = (
                row.ready.to_string(),
                row.status.into_owned(),
                row.restarts.count,
            );
            let state = Canonical::new(&pod.status, deleting, row);
            Some(Seen {
                at: at(entry.at),
                state: Some(state),
            })
        }
        Event::Deleted => Some(Seen {
            at: at(entry.at),
            state: None,
        }),
        _ => None,
    });
    states.collect()
}

/// A runtime call as it is compared: what, on which container, with which exit code or grace.
type Call = (String, String, Option<i32>);

fn recorded_calls(calls: &[RecordedCall]) -> Vec<Call> {
    let next = calls.iter().map(Some).skip(1).chain([None]);
    // A sandbox is stopped once more before it is removed.
    let is_removal =
        |next: Option<&RecordedCall>| next.is_some_and(|next| next.op == "RemovePodSandbox");
    let compared = calls.iter().zip(next).filter(|(call, next)| {
        let tidies = call.op == "StopPodSandbox" && is_removal(*next);
        !tidies && !compare::NOT_COMPARED.contains(&call.op.as_str())
    });
    let compared = compared.map(|(call, _)| {
        let number = match &*call.op {
            "exit" => call.code,
            "StopContainer" => call.timeout,
            _ => None,
        };
        (call.op.clone(), call.c.clone(), number)
    });
    compare::to_the_living(compared)
}

fn made_calls(sim: &Sim) -> Vec<Call> {
    let none = String::new;
    let calls = sim.timeline().entries().iter().filter_map(|entry| {
        Some(match &entry.event {
            Event::SandboxRequested { .. } => ("RunPodSandbox", none(), None),
            Event::SandboxStopped => ("StopPodSandbox", none(), None),
            Event::SandboxDied => ("SandboxDied", none(), None),
            Event::PullStarted { .. } => ("PullImage", none(), None),
            Event::PullFinished { .. } => ("PullImageEnd", none(), None),
            Event::ContainerCreated { container, .. } => {
                ("CreateContainer", container.to_string(), None)
            }
            Event::ContainerStarted { container, .. } => {
                ("StartContainer", container.to_string(), None)
            }
            Event::ContainerStopping { container, grace } => {
                let seconds = i32::try_from(grace.as_secs()).ok();
                ("StopContainer", container.to_string(), seconds)
            }
            Event::ContainerExited {
                container, code, ..
            } => ("exit", container.to_string(), (*code != 0).then_some(*code)),
            Event::HookStarted { container, .. } => ("hook", container.to_string(), None),
            Event::HookFinished { container, .. } => ("hookEnd", container.to_string(), None),
            _ => return None,
        })
    });
    compare::to_the_living(calls.map(|(op, container, code)| (op.to_owned(), container, code)))
}
