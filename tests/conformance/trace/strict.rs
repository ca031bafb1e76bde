//! Stricter comparisons, each for the lives in which two recordings agreed by it.

use std::{collections::BTreeSet, time::Duration};

use serde::Deserialize;

use super::{
    Call, JITTER, Life,
    compare::{self, Canonical, Seen, held},
};
use crate::case::{Case, Measures};

/// A state that lasts this long has settled.
const SETTLED: Duration = Duration::from_millis(1500);

/// Where nothing waits for a back-off or for another try, states begin together but for this.
const IN_TIME: Duration = Duration::from_millis(1500);

/// In what the two recordings agreed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stability {
    all: bool,
    settled: bool,
    rows: bool,
    rows_settled: bool,
    calls: bool,
    calls_as_set: bool,
    #[serde(rename = "match")]
    matches: bool,
}

#[derive(Deserialize)]
struct Scenario {
    pod: ScenarioPod,
}

#[derive(Deserialize)]
struct ScenarioPod {
    spec: ScenarioSpec,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScenarioSpec {
    #[serde(default)]
    init_containers: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

type Agrees<'a> = Box<dyn Fn(&Life, &Life) -> bool + 'a>;

/// Counts the measures in which a life agrees that is played with one of the jitters.
pub fn measure(case: &Case<'_>, measures: &mut Measures) -> Result<(), String> {
    let Some(stability) = case.stability else {
        return Ok(());
    };
    let stable: Stability =
        serde_json::from_str(stability.get()).map_err(|error| error.to_string())?;
    let scenario: Scenario = case.input()?;
    let init = scenario.pod.spec.init_containers.into_iter();
    let init: BTreeSet<String> = init.map(|container| container.name).collect();
    let want = Life::recorded(case)?;
    if stable.matches {
        let first = Life::played(case, JITTER[0])?;
        measures.count("first", want.agrees(&first, stable.calls).is_ok());
    }
    let all: [(&str, bool, Agrees<'_>); 7] = [
        (
            "all",
            stable.all,
            Box::new(|a, b| states(a, Duration::ZERO) == states(b, Duration::ZERO)),
        ),
        (
            "settled",
            stable.settled,
            Box::new(|a, b| states(a, SETTLED) == states(b, SETTLED)),
        ),
        (
            "rows",
            stable.rows,
            Box::new(|a, b| rows(a, Duration::ZERO) == rows(b, Duration::ZERO)),
        ),
        (
            "rowsSettled",
            stable.rows_settled,
            Box::new(|a, b| rows(a, SETTLED) == rows(b, SETTLED)),
        ),
        (
            "calls",
            stable.calls,
            Box::new(|a, b| in_order(a, &init) == in_order(b, &init)),
        ),
        (
            "callsAsSet",
            stable.calls_as_set,
            Box::new(|a, b| sorted(a) == sorted(b)),
        ),
        (
            "times",
            stable.matches && !want.seen.iter().any(Seen::is_held_back),
            Box::new(|a, b| compare::delay(&a.seen, &b.seen) <= IN_TIME),
        ),
    ];
    let mut open: Vec<_> = all.iter().filter(|(_, stable, _)| *stable).collect();
    let names: Vec<&str> = open.iter().map(|(name, ..)| *name).collect();
    for jitter in JITTER {
        if open.is_empty() {
            break;
        }
        let got = Life::played(case, *jitter)?;
        open.retain(|(_, _, agrees)| !agrees(&want, &got));
    }
    for name in names {
        let failed = open.iter().any(|(open, ..)| *open == name);
        measures.count(name, !failed);
    }
    Ok(())
}

/// The states that last so long, equal neighbours being one.
fn states(life: &Life, least: Duration) -> Vec<Option<&Canonical>> {
    let all = held(&life.seen).into_iter();
    let all = all.filter(|held| held.lasts >= least);
    let mut states: Vec<_> = all.map(|held| held.state.as_ref()).collect();
    states.dedup();
    states
}

/// As states, of which only the row is looked at.
fn rows(life: &Life, least: Duration) -> Vec<Option<&(String, String, i64)>> {
    let states = states(life, least).into_iter();
    let mut rows: Vec<_> = states.map(|state| state.map(|state| &state.row)).collect();
    rows.dedup();
    rows
}

fn sorted(life: &Life) -> Vec<&Call> {
    let mut calls: Vec<_> = life.calls.iter().collect();
    calls.sort();
    calls
}

/// The calls in an order that does not depend on which of the app containers that end together is first.
fn in_order<'a>(life: &'a Life, init: &BTreeSet<String>) -> Vec<&'a Call> {
    let mut calls: Vec<_> = life.calls.iter().collect();
    let name = |call: &Call| call.1.split('#').next().unwrap_or_default().to_owned();
    let is_end = |call: &Call| {
        let ends = matches!(&*call.0, "StopContainer" | "exit" | "hook" | "hookEnd");
        ends && !init.contains(&name(call))
    };
    for run in calls.chunk_by_mut(|one, next| is_end(one) && is_end(next)) {
        run.sort_by_key(|call| name(call));
    }
    calls
}
