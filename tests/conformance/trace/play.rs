//! Recorded scenarios, played in the simulation.

use std::time::Duration;

use pod_lifecycle::{
    api::Pod,
    sim::{Script, Setup, Sim},
};
use serde::Deserialize;
use serde_json::Value;

use super::patch;

/// What was done to a pod, as it was recorded.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Scenario {
    pod: Pod,
    actions: Vec<Act>,
    horizon_ms: u64,
    #[serde(default, rename = "static")]
    is_static: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Act {
    at: u64,
    op: String,
    grace_period_seconds: Option<i64>,
    subresource: Option<String>,
    patch_type: Option<String>,
    body: Option<Value>,
}

/// What a real node leaves to chance.
#[derive(Clone, Copy)]
pub(crate) struct Jitter {
    /// When within a second the kubelet asks the runtime, in milliseconds.
    phase: u64,
    /// What waits are stretched by, in thousandths.
    stretch: u16,
    /// Whether only the last of several statuses of one instant is sent.
    merges: bool,
    /// How long it takes to ask the runtime, in milliseconds.
    pub(crate) look: u64,
}

impl Jitter {
    pub(crate) const fn new(phase: u64, stretch: u16, merges: bool) -> Self {
        Self {
            phase,
            stretch,
            merges,
            look: 15,
        }
    }
}

/// Plays a scenario in a simulation that is prepared so.
pub(crate) fn play(
    scenario: Scenario,
    jitter: Jitter,
    prepare: impl FnOnce(&mut Sim),
) -> Result<Sim, String> {
    let mut setup = Setup::default();
    setup.set_jitter(Duration::from_millis(jitter.phase), jitter.stretch);
    setup.node.merges_statuses = jitter.merges;
    setup.node.relist_work = Duration::from_millis(jitter.look);
    setup.script = script_of(&scenario.pod)?;
    let start = setup.start;
    let mut sim = if scenario.is_static {
        Sim::from_manifest(scenario.pod, setup).map_err(|refused| refused.to_string())?
    } else {
        Sim::new(scenario.pod, setup).map_err(|errors| errors.to_string())?
    };
    prepare(&mut sim);
    for act in scenario.actions {
        sim.run_until(start + Duration::from_millis(act.at));
        perform(&mut sim, act)?;
    }
    sim.run_until(start + Duration::from_millis(scenario.horizon_ms));
    Ok(sim)
}

fn script_of(pod: &Pod) -> Result<Script, String> {
    Script::from_pod(pod).map_err(|error| error.to_string())
}

/// The script of what follows on a pod: its pulls and hooks that are under way go on.
fn script_after(former: &Pod, next: &Pod) -> Result<Script, String> {
    let (former, mut script) = (script_of(former)?, script_of(next)?);
    for (image, pulls) in former.images {
        script.images.entry(image).or_insert(pulls);
    }
    for (of, hook) in former.hooks {
        script.hooks.entry(of).or_insert(hook);
    }
    Ok(script)
}

fn perform(sim: &mut Sim, act: Act) -> Result<(), String> {
    match (act.op.as_str(), act.body) {
        ("delete", _) => sim.delete(act.grace_period_seconds),
        ("evict", _) => sim.evict(),
        ("patch", Some(body)) => {
            let Some(pod) = sim.pod() else { return Ok(()) };
            let is_plain = act.patch_type.as_deref() == Some("merge");
            let apply = if is_plain { patch::merge } else { patch::apply };
            let patched = apply(pod, &body)?;
            // What the API server refuses changes nothing.
            match act.subresource.as_deref() {
                Some("status") => sim.update_status(|status| *status = patched.status),
                Some("resize") => drop(sim.resize(|pod| *pod = patched)),
                _ => {
                    let script = script_after(pod, &patched)?;
                    if sim.update(|pod| *pod = patched).is_ok() {
                        sim.set_script(script);
                    }
                }
            }
        }
        ("createConfigMap", Some(body)) => {
            let name = body["metadata"]["name"].as_str().unwrap_or_default();
            let keys = body["data"]
                .as_object()
                .map(|data| data.keys().cloned().collect());
            sim.add_config(name, keys.unwrap_or_default());
        }
        ("createPod", Some(body)) => {
            let pod: Pod = serde_json::from_value(body).map_err(|error| error.to_string())?;
            let script = script_of(&pod)?;
            sim.add_neighbour(pod, script)
                .map_err(|errors| errors.to_string())?;
        }
        ("removeManifest", _) => sim.remove_manifest(),
        ("replaceManifest", Some(body)) => {
            let pod: Pod = serde_json::from_value(body).map_err(|error| error.to_string())?;
            let former = sim.machine().map(|machine| machine.pod().clone());
            sim.set_script(script_after(&former.unwrap_or_default(), &pod)?);
            sim.replace_manifest(pod)
                .map_err(|refused| refused.to_string())?;
        }
        (op, _) => return Err(format!("{op} is not simulated")),
    }
    Ok(())
}
