//! Init containers and sidecars.

use super::{Initialization, Planner};
use crate::{
    api::Container,
    lifecycle::{
        observation::{ObservedContainer, ObservedState},
        probe::{Kind, Outcome},
        reason,
        restart::{self, Policy},
        termination::KillReason,
    },
};

/// How the walk over the init containers stands.
#[derive(Clone, Copy)]
struct Walk {
    /// Whether the pod counts as initialised.
    has_initialized: bool,
    /// Whether an init container after the one at hand has been reached before, so that plain ones are over.
    was_passed: bool,
}

impl<'a> Planner<'a> {
    /// Walks the init containers from the last to the first, as `computeInitContainerActions` does.
    pub(super) fn initialize(&mut self) -> Initialization {
        let containers = &self.input.pod.spec.init_containers;
        if containers.is_empty() {
            return Initialization::Done;
        }
        let has_initialized = self
            .has_regular(|state| matches!(state, ObservedState::Created | ObservedState::Running));
        let mut walk = Walk {
            has_initialized,
            was_passed: has_initialized,
        };
        for (index, container) in containers.iter().enumerate().rev() {
            let is_sidecar = container.is_sidecar();
            let Some(seen) = self.observed.find(&container.name) else {
                if walk.was_passed && is_sidecar {
                    self.start_init(container);
                }
                continue;
            };
            if walk.was_passed && !is_sidecar {
                continue;
            }
            let next = containers.get(index.saturating_add(1));
            if is_sidecar {
                self.sidecar(container, seen, next, &mut walk);
            } else if !self.plain_init(container, seen, next, &mut walk) {
                self.plan.kill_pod = true;
                self.plan.init_containers_to_start.clear();
                return Initialization::Failed;
            }
            walk.was_passed = true;
        }
        if let (false, Some(first)) = (walk.was_passed, containers.first()) {
            self.start_init(first);
        }
        self.plan.init_containers_to_start.reverse();
        if walk.has_initialized {
            Initialization::Done
        } else {
            Initialization::Underway
        }
    }

    fn start_init(&mut self, container: &'a Container) {
        self.plan.init_containers_to_start.push(container);
    }

    /// Goes on to the init container after one that has done its part, or, after the last one, to the regular containers.
    fn advance(&mut self, next: Option<&'a Container>, walk: &mut Walk) {
        match next {
            None => walk.has_initialized = true,
            Some(next) if !walk.was_passed => self.start_init(next),
            Some(_) => {}
        }
    }

    fn sidecar(
        &mut self,
        container: &'a Container,
        seen: &'a ObservedContainer,
        next: Option<&'a Container>,
        walk: &mut Walk,
    ) {
        match seen.state {
            ObservedState::Created | ObservedState::Exited => self.start_init(container),
            ObservedState::Unknown => self.replace_init(container, seen, KillReason::Unknown),
            ObservedState::Running => self.running_sidecar(container, seen, next, walk),
        }
    }

    fn running_sidecar(
        &mut self,
        container: &'a Container,
        seen: &'a ObservedContainer,
        next: Option<&'a Container>,
        walk: &mut Walk,
    ) {
        if container.startup_probe.is_some() {
            match self.outcome(Kind::Startup, seen) {
                Some(Outcome::Success) => {}
                Some(Outcome::Failure) => {
                    return self.replace_init(container, seen, KillReason::StartupProbe);
                }
                Some(Outcome::Unknown) | None => return,
            }
        }
        self.advance(next, walk);
        if seen.spec_changed {
            return self.replace_init(container, seen, KillReason::SpecChanged);
        }
        if container.liveness_probe.is_some() {
            match self.outcome(Kind::Liveness, seen) {
                Some(Outcome::Failure) => {
                    return self.replace_init(container, seen, KillReason::LivenessProbe);
                }
                Some(Outcome::Success | Outcome::Unknown) => {}
                None => return,
            }
        }
        if self.resize(container, seen).needs_restart() {
            self.start_init(container);
        }
    }

    /// Returns whether the pod can go on.
    fn plain_init(
        &mut self,
        container: &'a Container,
        seen: &'a ObservedContainer,
        next: Option<&'a Container>,
        walk: &mut Walk,
    ) -> bool {
        let policy = Policy::new(&self.input.pod.spec, container);
        match seen.state {
            ObservedState::Created => self.start_init(container),
            ObservedState::Running => {
                if self.resize(container, seen).needs_restart() {
                    self.start_init(container);
                }
            }
            ObservedState::Exited if seen.exit_code != 0 || seen.reason == reason::OOM_KILLED => {
                if !restart::should_restart(self.input.pod, policy, Some(seen)) {
                    return false;
                }
                self.start_init(container);
            }
            ObservedState::Exited => self.advance(next, walk),
            ObservedState::Unknown => {
                if policy.is_never() {
                    return false;
                }
                self.replace_init(container, seen, KillReason::Unknown);
            }
        }
        true
    }

    fn replace_init(
        &mut self,
        container: &'a Container,
        seen: &'a ObservedContainer,
        reason: KillReason,
    ) {
        self.kill(seen, reason);
        self.start_init(container);
    }
}
