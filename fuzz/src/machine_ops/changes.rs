//! What others do to a pod: resize it, look into it, take its copy away; and what a host and its runtime forget.

use std::sync::Arc;

use pod_lifecycle::{
    api::{EphemeralContainer, ResourceName, Time},
    critical,
    lifecycle::{ObservedState, static_pod},
    machine::{Action, Input, PodMachine, ResizeDecision},
    quantity::Quantity,
};

use super::Life;

impl Life {
    pub(super) fn resize(&mut self, which: u8, cpu: u8, memory: u8) {
        if critical::is_static(&self.pod) {
            return;
        }
        let spec = &mut self.pod.spec;
        let mut all: Vec<_> = (spec.init_containers.iter_mut())
            .chain(&mut spec.containers)
            .filter(|container| !container.resources.requests.is_empty())
            .collect();
        if all.is_empty() {
            return;
        }
        let at = usize::from(which) % all.len();
        let own = &mut all[at].resources;
        for list in [&mut own.requests, &mut own.limits] {
            list.insert(ResourceName::CPU, Quantity::from(1 + i64::from(cpu)));
            let bytes = (1 + i64::from(memory)) << 20;
            list.insert(ResourceName::MEMORY, Quantity::from(bytes));
        }
        self.pod.metadata.generation += 1;
        self.update();
    }

    pub(super) fn decide(&mut self, decision: ResizeDecision) {
        self.asked.retain(|action| *action != Action::DecideResize);
        self.tell(Input::ResizeDecided(decision));
    }

    pub(super) fn debug(&mut self) {
        let spec = &mut self.pod.spec;
        if spec.ephemeral_containers.len() < 3 && !critical::is_static(&self.pod) {
            let name = format!("debug-{}", self.pod.spec.ephemeral_containers.len());
            self.pod.spec.ephemeral_containers.push(EphemeralContainer {
                image: format!("{name}:1"),
                name,
                ..EphemeralContainer::default()
            });
            self.pod.metadata.generation += 1;
            self.update();
        }
    }

    pub(super) fn forget(&mut self, which: u8) {
        let containers = &mut self.runtime.containers;
        if containers.is_empty() {
            return;
        }
        containers.remove(usize::from(which) % containers.len());
        self.relist();
    }

    /// The host has lost its machine and what it was asked for, and lists what there is.
    pub(super) fn restart(&mut self) {
        self.asked.clear();
        for container in &mut self.runtime.containers {
            // Made and not started: a runtime's own garbage.
            if container.state == ObservedState::Created {
                container.state = ObservedState::Exited;
                container.exit_code = 137;
                container.finished_at = Some(self.now);
            }
        }
        let pod = Arc::new(self.pod.clone());
        let config = Arc::clone(&self.config);
        self.machine = PodMachine::resume(pod, self.runtime.clone(), config, self.now);
        self.ending = false;
        if let Some(mirror) = self.mirror.clone() {
            self.tell(Input::MirrorUpdated(Some(mirror)));
        }
        if self.removed {
            self.tell(Input::PodRemoved);
        }
    }

    /// What can be seen needs no report.
    pub(super) fn silently(&mut self, which: usize, success: bool) {
        if self.asked.is_empty() {
            return;
        }
        let which = which % self.asked.len();
        let shows = match &self.asked[which] {
            // A failure to make something leaves nothing to see.
            Action::CreateSandbox { .. } | Action::CreateContainer { .. } => success,
            Action::StartContainer { .. }
            | Action::StopContainer { .. }
            | Action::StopSandbox { .. } => true,
            _ => false,
        };
        if shows {
            self.silent = true;
            self.report(which, success);
            self.silent = false;
            self.relist();
        }
    }

    pub(super) fn create_mirror(&mut self) {
        self.mirrors += 1;
        let mut mirror = static_pod::mirror(&self.pod, "node", "node-uid");
        mirror.metadata.uid = format!("mirror-{}", self.mirrors);
        mirror.status = Default::default();
        self.show_mirror(Some(Arc::new(mirror)));
    }

    pub(super) fn delete_mirror(&mut self, grace: i64) {
        if let Some(mirror) = &self.mirror {
            let mut mirror = mirror.as_ref().clone();
            mirror.metadata.deletion_timestamp = Some(Time::new(self.now));
            mirror.metadata.deletion_grace_period_seconds = Some(grace);
            self.show_mirror(Some(Arc::new(mirror)));
        }
    }

    pub(super) fn show_mirror(&mut self, mirror: Option<Arc<pod_lifecycle::api::Pod>>) {
        let uid = |mirror: &Option<Arc<pod_lifecycle::api::Pod>>| {
            mirror.as_ref().map(|mirror| mirror.metadata.uid.clone())
        };
        if uid(&mirror) != uid(&self.mirror) {
            // A new object begins without a phase.
            self.phase = None;
        }
        self.mirror.clone_from(&mirror);
        self.tell(Input::MirrorUpdated(mirror));
    }
}
