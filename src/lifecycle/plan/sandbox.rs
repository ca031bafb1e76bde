//! Whether a pod needs a new sandbox, and what follows from that.

use super::Planner;
use crate::{
    api::Pod,
    lifecycle::{
        observation::{NetworkMode, Observation, ObservedState, SandboxState},
        restart::Policy,
    },
};

/// The sandbox that a pod has or needs.
pub(super) struct Need<'a> {
    pub(super) is_new: bool,
    pub(super) attempt: u32,
    pub(super) id: &'a str,
}

/// Follows `PodSandboxChanged` of Kubernetes v1.36.
pub(super) fn need<'a>(pod: &Pod, observation: &'a Observation) -> Need<'a> {
    let new = |attempt, id| Need {
        is_new: true,
        attempt,
        id,
    };
    let Some(newest) = observation.sandboxes.first() else {
        return new(0, "");
    };
    let next = newest.attempt.saturating_add(1);
    let ready = observation
        .sandboxes
        .iter()
        .filter(|sandbox| sandbox.state == SandboxState::Ready);
    if ready.count() > 1 || newest.state != SandboxState::Ready {
        return new(next, &newest.id);
    }
    let host_network = pod.spec.host_network;
    if host_network != (newest.network_mode == NetworkMode::Node) {
        return new(next, "");
    }
    if !host_network && newest.ip.as_deref() == Some("") {
        return new(next, &newest.id);
    }
    Need {
        is_new: false,
        attempt: newest.attempt,
        id: &newest.id,
    }
}

impl Planner<'_> {
    /// Plans for a pod that has lost its sandbox or never had one.
    pub(super) fn start_over(&mut self) {
        let spec = &self.input.pod.spec;
        let pod_policy = Policy {
            pod: spec.restart_policy.as_ref(),
            ..Policy::default()
        };
        let has_run = !self.input.observation.containers.is_empty();
        if pod_policy.is_never() && self.plan.attempt != 0 && has_run {
            self.plan.create_sandbox = false;
            return;
        }
        let has_succeeded = |seen: Option<&crate::lifecycle::ObservedContainer>| {
            seen.is_some_and(|seen| seen.state == ObservedState::Exited && seen.exit_code == 0)
        };
        for container in &spec.containers {
            let once = Policy::new(spec, container).is_on_failure();
            if !once || !has_succeeded(self.observed.find(&container.name)) {
                self.plan.containers_to_start.push(container);
            }
        }
        if self.plan.containers_to_start.is_empty() && self.has_regular(is_made) {
            self.plan.create_sandbox = false;
            return;
        }
        if let Some(first) = spec.init_containers.first() {
            self.plan.containers_to_start.clear();
            self.plan.init_containers_to_start.push(first);
        }
    }

    /// Whether the newest instance of any regular container is in such a state.
    pub(super) fn has_regular(&self, is: fn(ObservedState) -> bool) -> bool {
        let containers = &self.input.pod.spec.containers;
        containers.iter().any(|container| {
            let newest = self.observed.find(&container.name);
            newest.is_some_and(|newest| is(newest.state))
        })
    }
}

fn is_made(state: ObservedState) -> bool {
    match state {
        ObservedState::Created | ObservedState::Running | ObservedState::Exited => true,
        ObservedState::Unknown => false,
    }
}
