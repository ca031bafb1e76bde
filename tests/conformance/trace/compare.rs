//! The comparison rule: states that last are met in the same order; what is short may be missed.

use std::{collections::BTreeSet, time::Duration};

use pod_lifecycle::api::{ContainerStatus, PodStatus, StateView};

use super::Call;

/// A state that lasts this long has to be met by both sides.
const REQUIRED: Duration = Duration::from_millis(2200);

/// Calls whose order or number is the runtime's housekeeping, not the pod's life.
pub const NOT_COMPARED: &[&str] = &[
    "probe",
    "RemoveContainer",
    "RemovePodSandbox",
    "UpdateContainerResources",
];

/// A state of the pod object at a time; `None` when the object is gone.
#[derive(Clone, Debug)]
pub struct Seen {
    pub at: Duration,
    pub state: Option<Canonical>,
}

impl Seen {
    /// Whether a container waits for a back-off or for another try, or has waited for one.
    pub fn is_held_back(&self) -> bool {
        let mut containers = self.state.iter().flat_map(|state| &state.containers);
        containers.any(|container| {
            let (state, reason, _) = &container.state;
            let waits =
                *state == "waiting" && (reason.contains("BackOff") || reason.contains("Err"));
            waits || container.restarts > 1
        })
    }
}

/// What of a state is compared.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Canonical {
    phase: String,
    reason: String,
    conditions: Vec<[String; 3]>,
    containers: Vec<Container>,
    /// `None` when not deleted; else the grace period.
    deleting: Option<Option<i64>>,
    pub row: (String, String, i64),
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Container {
    name: String,
    state: (&'static str, String, Option<i32>),
    ready: bool,
    started: Option<bool>,
    restarts: i32,
    last: Option<(String, i32)>,
}

impl Canonical {
    pub fn new(
        status: &PodStatus,
        deleting: Option<Option<i64>>,
        row: (String, String, i64),
    ) -> Self {
        let conditions = status.conditions.iter().map(|condition| {
            let value = condition
                .status
                .as_ref()
                .map_or("", |status| status.as_str());
            [
                condition.type_.as_str().to_owned(),
                value.to_owned(),
                condition.reason.clone(),
            ]
        });
        let mut conditions: Vec<_> = conditions.collect();
        conditions.sort();
        let containers = (status.init_container_statuses.iter())
            .chain(&status.container_statuses)
            .chain(&status.ephemeral_container_statuses);
        Self {
            phase: status
                .phase
                .as_ref()
                .map_or("", |phase| phase.as_str())
                .to_owned(),
            reason: status.reason.clone(),
            conditions,
            containers: containers.map(container).collect(),
            deleting,
            row,
        }
    }
}

fn container(status: &ContainerStatus) -> Container {
    let state = match status.state.view() {
        Some(StateView::Running(_)) => ("running", String::new(), None),
        Some(StateView::Waiting(waiting)) => ("waiting", waiting.reason.clone(), None),
        Some(StateView::Terminated(end)) => ("terminated", end.reason.clone(), Some(end.exit_code)),
        _ => ("none", String::new(), None),
    };
    Container {
        name: status.name.clone(),
        state,
        ready: status.ready,
        started: status.started,
        restarts: status.restart_count,
        last: status
            .last_state
            .terminated
            .as_ref()
            .map(|last| (last.reason.clone(), last.exit_code)),
    }
}

/// A state with the time from which, and for which, it held.
pub struct Held<'a> {
    pub at: Duration,
    pub lasts: Duration,
    pub state: &'a Option<Canonical>,
}

pub fn held(seen: &[Seen]) -> Vec<Held<'_>> {
    let mut all: Vec<Held<'_>> = Vec::new();
    for (index, entry) in seen.iter().enumerate() {
        let next = seen.get(index + 1).map_or(Duration::MAX, |next| next.at);
        let lasts = next.saturating_sub(entry.at);
        match all.last_mut() {
            Some(last) if last.state == &entry.state => {
                last.lasts = last.lasts.saturating_add(lasts);
            }
            _ => all.push(Held {
                at: entry.at,
                lasts,
                state: &entry.state,
            }),
        }
    }
    all
}

/// The pairs of a longest common subsequence.
fn align(left: &[Held<'_>], right: &[Held<'_>]) -> Vec<(usize, usize)> {
    let mut longest = vec![vec![0_usize; right.len() + 1]; left.len() + 1];
    for i in (0..left.len()).rev() {
        for j in (0..right.len()).rev() {
            longest[i][j] = if left[i].state == right[j].state {
                longest[i + 1][j + 1] + 1
            } else {
                longest[i + 1][j].max(longest[i][j + 1])
            };
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < left.len() && j < right.len() {
        if left[i].state == right[j].state {
            pairs.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if longest[i + 1][j] >= longest[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

/// Returns by how much at most the states that both have and that last begin earlier or later in one life.
pub fn delay(want: &[Seen], got: &[Seen]) -> Duration {
    let (want, got) = (held(want), held(got));
    let pairs = align(&want, &got).into_iter();
    let pairs = pairs.map(|(at, other)| (&want[at], &got[other]));
    let lasting = pairs.filter(|(want, got)| want.lasts.min(got.lasts) >= REQUIRED);
    let delays = lasting.map(|(want, got)| want.at.abs_diff(got.at));
    delays.max().unwrap_or_default()
}

/// Holds two lives against each other.
pub fn matches(want: &[Seen], got: &[Seen]) -> Result<(), String> {
    let (want, got) = (held(want), held(got));
    let pairs = align(&want, &got);
    let last = pairs.last().copied();
    let missed = |side: &[Held<'_>], pick: fn(&(usize, usize)) -> usize| -> Vec<usize> {
        let matched: Vec<usize> = pairs.iter().map(pick).collect();
        (0..side.len())
            .filter(|at| side[*at].lasts >= REQUIRED && !matched.contains(at))
            .collect()
    };
    let missed_want = missed(&want, |pair| pair.0);
    let missed_got = missed(&got, |pair| pair.1);
    let inside = |missed: &[usize], last: Option<usize>| {
        missed
            .iter()
            .copied()
            .find(|at| last.is_some_and(|last| *at < last))
    };
    if let Some(at) = inside(&missed_want, last.map(|pair| pair.0)) {
        return Err(format!(
            "not met: {:?} {:?}\n{}",
            want[at].at,
            want[at].state,
            story(&got)
        ));
    }
    if let Some(at) = inside(&missed_got, last.map(|pair| pair.1)) {
        return Err(format!(
            "not recorded: {:?} {:?}\n{}",
            got[at].at,
            got[at].state,
            story(&got)
        ));
    }
    // After the last common state one side may have more; both may not.
    match (missed_want.last(), missed_got.last()) {
        (Some(want_at), Some(got_at)) => Err(format!(
            "ends differ: {:?} {:?}\n  against {:?} {:?}\n{}",
            want[*want_at].at,
            want[*want_at].state,
            got[*got_at].at,
            got[*got_at].state,
            story(&got)
        )),
        _ => Ok(()),
    }
}

fn story(held: &[Held<'_>]) -> String {
    let lines = held.iter().map(|held| match held.state {
        None => format!("    {:?} deleted", held.at),
        Some(state) => format!(
            "    {:?} {} {:?} {:?} del {:?}",
            held.at,
            state.phase,
            state.row,
            state
                .containers
                .iter()
                .map(|c| (&c.name, &c.state, c.ready, c.restarts))
                .collect::<Vec<_>>(),
            state.deleting,
        ),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Leaves out what is asked of containers that have ended, and comes to nothing.
pub fn to_the_living(calls: impl Iterator<Item = Call>) -> Vec<Call> {
    let mut ended = BTreeSet::new();
    let living = calls.filter(|(op, container, _)| {
        if op == "exit" {
            ended.insert(container.clone());
        }
        let asks = matches!(&**op, "StopContainer" | "hook" | "hookEnd");
        !(asks && ended.contains(container))
    });
    living.collect()
}

/// Compares the runtime calls up to where the shorter life ends; neighbours that run in parallel may swap.
pub fn calls(want: &[Call], got: &[Call]) -> Result<(), String> {
    let common = want.len().min(got.len());
    // What the one side has done and the other has not.
    let (mut only_want, mut only_got): (Vec<&Call>, Vec<&Call>) = (Vec::new(), Vec::new());
    let mut agreed = 0;
    for (at, (want, got)) in want.iter().zip(got).enumerate() {
        pair(want, &mut only_want, &mut only_got);
        pair(got, &mut only_got, &mut only_want);
        if only_want.is_empty() {
            agreed = at;
        } else if at - agreed > SWAPPED {
            return Err(format!("calls differ at {at}: {want:?} against {got:?}"));
        }
    }
    for call in want[common..].iter().take(SWAPPED) {
        pair(call, &mut only_want, &mut only_got);
    }
    for call in got[common..].iter().take(SWAPPED) {
        pair(call, &mut only_got, &mut only_want);
    }
    // What the longer life has beyond the shorter one is not compared.
    let missing = if want.len() < got.len() {
        only_want
    } else {
        only_got
    };
    match missing.first() {
        Some(call) => Err(format!(
            "calls differ at the end: only one life has {call:?}"
        )),
        None => Ok(()),
    }
}

/// So many calls may be under way at once.
const SWAPPED: usize = 8;

/// Takes note of a call of the one side, which may be one that the other has made before.
fn pair<'a>(call: &'a Call, mine: &mut Vec<&'a Call>, others: &mut Vec<&'a Call>) {
    match others.iter().position(|other| *other == call) {
        Some(twin) => drop(others.swap_remove(twin)),
        None => mine.push(call),
    }
}
