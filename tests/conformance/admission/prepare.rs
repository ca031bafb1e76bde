//! What happens to a pod before it is validated.

use pod_lifecycle::{
    admission::{conversion, defaults, prepare},
    api::{Pod, PodConditionType},
    jiff::Timestamp,
};
use serde::Deserialize;

use crate::case::Case;

#[derive(Deserialize)]
struct One {
    pod: Pod,
}

#[derive(Deserialize)]
struct Two {
    old: Pod,
    new: Pod,
}

/// Compares without `kind` and `apiVersion`, which the internal form does not have, and without what is
/// left out of the recorded condition of a gated pod.
fn expect(case: &Case<'_>, mut got: Pod, created: bool) -> Result<(), String> {
    let One { pod: mut want } = case.output()?;
    for pod in [&mut want, &mut got] {
        pod.kind.clear();
        pod.api_version.clear();
        for condition in &mut pod.status.conditions {
            if created && condition.type_ == PodConditionType::POD_SCHEDULED {
                condition.message.clear();
                condition.last_transition_time = None;
            }
        }
    }
    if want == got {
        return Ok(());
    }
    Err(serde_json::to_string(&got).unwrap_or_default())
}

fn one(case: &Case<'_>, change: fn(&mut Pod)) -> Result<(), String> {
    let One { mut pod } = case.input()?;
    change(&mut pod);
    let once = pod.clone();
    change(&mut pod);
    if once != pod {
        return Err("a second time changed something".into());
    }
    expect(case, pod, false)
}

fn two(case: &Case<'_>, change: fn(&mut Pod, &Pod)) -> Result<(), String> {
    let Two { old, mut new } = case.input()?;
    change(&mut new, &old);
    expect(case, new, false)
}

pub fn defaults(case: &Case<'_>) -> Result<(), String> {
    one(case, defaults::apply)
}

pub fn conversion(case: &Case<'_>) -> Result<(), String> {
    one(case, conversion::normalize)
}

pub fn create(case: &Case<'_>) -> Result<(), String> {
    let One { mut pod } = case.input()?;
    prepare::create(Timestamp::UNIX_EPOCH, &mut pod);
    expect(case, pod, true)
}

pub fn update(case: &Case<'_>) -> Result<(), String> {
    two(case, prepare::update)
}

pub fn status_update(case: &Case<'_>) -> Result<(), String> {
    two(case, prepare::status_update)
}

pub fn ephemeral_containers_update(case: &Case<'_>) -> Result<(), String> {
    two(case, prepare::ephemeral_containers_update)
}

pub fn resize(case: &Case<'_>) -> Result<(), String> {
    two(case, prepare::resize)
}
