//! The observation, as the vectors of this family spell it.

use pod_lifecycle::lifecycle::{
    Observation, ObservedContainer, Sandbox, SandboxState, observation::NetworkMode,
};
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Observed {
    ips: Vec<String>,
    sandboxes: Vec<ObservedSandbox>,
    containers: Vec<ObservedContainer>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ObservedSandbox {
    id: String,
    state: SandboxState,
    attempt: u32,
    ip: String,
    host_network: bool,
    network_status_missing: bool,
}

impl From<Observed> for Observation {
    fn from(observed: Observed) -> Self {
        Self {
            ips: observed.ips,
            sandboxes: observed.sandboxes.into_iter().map(Sandbox::from).collect(),
            containers: observed.containers,
            pod_cgroup: None,
        }
    }
}

impl From<ObservedSandbox> for Sandbox {
    fn from(sandbox: ObservedSandbox) -> Self {
        Self {
            id: sandbox.id,
            state: sandbox.state,
            attempt: sandbox.attempt,
            ip: (!sandbox.network_status_missing).then_some(sandbox.ip),
            network_mode: if sandbox.host_network {
                NetworkMode::Node
            } else {
                NetworkMode::Pod
            },
            ..Self::default()
        }
    }
}
