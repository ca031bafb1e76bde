//! Regular containers.

use super::Planner;
use crate::{
    api::Container,
    lifecycle::{
        observation::{ObservedContainer, ObservedState},
        probe::{Kind, Outcome},
        restart::{self, Policy},
        termination::KillReason,
    },
};

impl<'a> Planner<'a> {
    /// Keeps, starts or stops each regular container; a pod that has none left to keep or start is over.
    pub(super) fn run(&mut self) {
        let mut keeps_any = false;
        for container in &self.input.pod.spec.containers {
            match self.observed.find(&container.name) {
                Some(seen) if seen.state == ObservedState::Running => {
                    keeps_any |= self.keep(container, seen);
                }
                newest => self.start(container, newest),
            }
        }
        if !keeps_any && self.plan.containers_to_start.is_empty() {
            self.plan.kill_pod = true;
            // Sidecars do not keep a pod alive that is over.
            self.plan.init_containers_to_start.clear();
        }
        self.plan.update_pod_level_resources = self.resizes_pod();
    }

    fn start(&mut self, container: &'a Container, newest: Option<&'a ObservedContainer>) {
        let policy = Policy::new(&self.input.pod.spec, container);
        if !restart::should_restart(self.input.pod, policy, newest) {
            return;
        }
        self.plan.containers_to_start.push(container);
        if let Some(seen) = newest.filter(|seen| seen.state == ObservedState::Unknown) {
            self.kill(seen, KillReason::Unknown);
        }
    }

    /// Returns whether a running container goes on running.
    fn keep(&mut self, container: &'a Container, seen: &'a ObservedContainer) -> bool {
        let failed = |kind| self.outcome(kind, seen) == Some(Outcome::Failure);
        // A changed container restarts under every policy.
        let (reason, restarts) = if seen.spec_changed {
            (KillReason::SpecChanged, true)
        } else {
            let reason = if failed(Kind::Liveness) {
                KillReason::LivenessProbe
            } else if failed(Kind::Startup) {
                KillReason::StartupProbe
            } else {
                let resize = self.resize(container, seen);
                if resize.needs_restart() {
                    self.plan.containers_to_start.push(container);
                }
                return !resize.needs_restart();
            };
            // There is no exit code that rules could be held against.
            (
                reason,
                !Policy::new(&self.input.pod.spec, container).is_never(),
            )
        };
        self.kill(seen, reason);
        if restarts {
            self.plan.containers_to_start.push(container);
        }
        false
    }
}
