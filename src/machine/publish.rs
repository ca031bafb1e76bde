//! What the machine says about the pod.

use alloc::{borrow::Cow, boxed::Box, sync::Arc};

use super::{Action, Belief, PodMachine, Stage, resize::Resizing};
use crate::{
    api::{ConditionStatus, Pod, PodConditionType, PodStatus, Time},
    critical,
    disruption::{self, TERMINATION_BY_KUBELET},
    lifecycle::{
        PlanInput, deadline, reason, restart,
        status::{self, MergeInput, Record, StatusInput, Update},
    },
};

impl PodMachine {
    /// Derives the status from what is known now.
    pub(super) fn derive_status(&mut self, terminal: bool) -> PodStatus {
        let pod = self.allocated_pod();
        let resizing = self.resizing.as_deref();
        let mut status = self.prober.with_probes(self.config.started_at, |probes| {
            let start_failure = |name: &str| {
                let failure = self.failures.get(name)?;
                Some(status::StartFailure {
                    reason: &failure.reason,
                    message: &failure.message,
                })
            };
            status::pod_status(&StatusInput {
                previous: self.believed(),
                terminal,
                eviction: self.status_eviction(),
                probes,
                start_failure: &start_failure,
                host_ips: &self.config.host_ips,
                node_ips: &self.config.host_ips,
                recursive_read_only: self.config.recursive_read_only_mounts,
                resize_pending: resizing.and_then(Resizing::pending),
                resize_in_progress: resizing.and_then(Resizing::in_progress),
                pod_cgroup: self.observation.pod_cgroup,
                ..StatusInput::new(&pod, &self.observation, self.now)
            })
        });
        drop(pod);
        let eviction = self.worker.eviction();
        if let Some(eviction) = eviction.filter(|eviction| !eviction.over_limit) {
            self.note_target(&mut status, &eviction.message);
        }
        self.prober.trigger_readiness(&self.pod, &status, self.now);
        status
    }

    /// Notes that the node has ended the pod.
    fn note_target(&self, status: &mut PodStatus, message: &str) {
        let mut target = disruption::target(self.now, TERMINATION_BY_KUBELET, message);
        target.observed_generation = self.pod.metadata.generation;
        let conditions = &mut status.conditions;
        match conditions
            .iter_mut()
            .find(|known| known.type_ == target.type_)
        {
            Some(known) if known.reason == target.reason && known.is_true() => {}
            Some(known) => *known = target,
            None => conditions.push(target),
        }
    }

    fn status_eviction(&self) -> Option<status::Eviction<'_>> {
        if let Some(eviction) = self.worker.eviction() {
            return Some(status::Eviction {
                reason: &eviction.reason,
                message: &eviction.message,
            });
        }
        let start = self.status().start_time.map(Time::timestamp);
        let exceeded = deadline::is_exceeded(&self.pod.spec, start, self.now);
        exceeded.then_some(status::Eviction {
            reason: reason::DEADLINE_EXCEEDED,
            message: "the pod ran longer than its active deadline",
        })
    }

    /// What a plan for the pod, with the resources set aside for it, is made from.
    pub(super) fn plan_input<'a>(&'a self, pod: &'a Pod) -> PlanInput<'a> {
        let restarting = self
            .status()
            .condition(&PodConditionType::ALL_CONTAINERS_RESTARTING);
        let mut input = PlanInput::new(pod, &self.observation);
        input.actuated = self.resizing.as_deref().map(Resizing::actuated);
        input.probes = self.prober.workers();
        input.restart_all = restarting
            .is_some_and(|condition| condition.status == Some(ConditionStatus::True))
            && restart::could_restart_all(&self.pod.spec);
        input
    }

    /// Takes a status over, with the times and restrictions that the one before sets, and publishes it.
    pub(super) fn set_status(&mut self, new: PodStatus) {
        self.take_over(self.updated(new));
    }

    /// What becomes of a status that the sync that runs, or else the next one, has derived.
    pub(super) fn updated(&self, new: PodStatus) -> Update {
        let record = Record {
            pod: self.pod_of_sync(),
            ..self.record()
        };
        status::update(&record, new)
    }

    /// Says the last word on containers of which nothing is known.
    pub(super) fn finish_status(&mut self) {
        let mut pod = Cow::Borrowed(&*self.pod);
        if !self.worker.was_initialized {
            pod.to_mut().status = PodStatus::default();
        }
        let record = Record {
            pod: &pod,
            ..self.record()
        };
        self.take_over(status::terminate(&record));
    }

    pub(super) fn record(&self) -> Record<'_> {
        Record {
            pod: &self.pod,
            cached: self.believed(),
            // The pod carries its mirror's status.
            mirror: None,
            now: self.now,
        }
    }

    pub(super) fn take_over(&mut self, update: Update) {
        if let Update::Changed(status) = update {
            self.belief = Belief::Own(status);
        }
        self.publish();
    }

    /// Hands the status to the host, merged with what others wrote, when the API has another one.
    pub(super) fn publish(&mut self) {
        let Some(new) = self.believed() else { return };
        let input = MergeInput {
            pod: &self.pod,
            old: &self.pod.status,
            // A kubelet asks this by the uid that the API has, of which it runs nothing for a static pod.
            could_have_running_containers: !critical::is_static(&self.pod)
                && matches!(self.worker.stage(), Stage::Syncing | Stage::Terminating),
            now: self.now,
        };
        let merged = status::merge(&input, new.clone());
        if merged != self.pod.status && self.is_in_api() {
            Arc::make_mut(&mut self.pod).status = merged.clone();
            self.ask_once(Action::PublishStatus {
                status: Box::new(merged),
            });
        }
        if self.believed() == Some(&self.pod.status) {
            self.belief = Belief::Published;
        }
    }

    /// A sandbox is up: the one thing that is published while a sync runs.
    pub(super) fn publish_sandbox_ready(&mut self) {
        let Some(status) = self.believed() else {
            return;
        };
        let mut status = status.clone();
        let kind = PodConditionType::POD_READY_TO_START_CONTAINERS;
        if let Some(condition) = status
            .conditions
            .iter_mut()
            .find(|condition| condition.type_ == kind)
        {
            condition.status = Some(ConditionStatus::True);
            self.set_status(status);
        }
    }
}
