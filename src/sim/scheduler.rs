//! The scheduler of a simulation, and the kubelet's look at a pod that arrives.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    sync::Arc,
    vec::Vec,
};

use super::{Sim, api_server::set_condition, node::Happening};
use crate::{
    admission,
    api::{ConditionStatus, Node, NodeStatus, ObjectMeta, Pod, PodConditionType, ResourceName},
    disruption::preemption::{self as kubelet, Requirement},
    lifecycle::reason,
    machine::PodMachine,
    scheduling::{
        self, Snapshot,
        node_admission::{self, Admission, Shortage, UNEXPECTED_ADMISSION_ERROR},
        preemption::{self, Finding},
    },
};

impl Sim {
    /// The simulated node, as the API shows it.
    fn node(&self) -> Node {
        let facts = &self.setup.node;
        Node {
            metadata: ObjectMeta {
                name: facts.name.clone(),
                labels: facts.labels.clone(),
                ..ObjectMeta::default()
            },
            status: NodeStatus {
                allocatable: facts.allocatable.clone(),
                // Of those that pods can need, the one that is on by default.
                declared_features: ["RestartAllContainersOnContainerExits".to_owned()].into(),
                ..NodeStatus::default()
            },
            ..Node::default()
        }
    }

    pub(super) fn schedule(&mut self) {
        let Some(stored) = &self.stored else { return };
        let bound_to = &stored.spec.node_name;
        let elsewhere = !bound_to.is_empty() && *bound_to != self.setup.node.name;
        if self.machine.is_some() || elsewhere || !stored.spec.scheduling_gates.is_empty() {
            return;
        }
        if bound_to.is_empty() {
            let mut pod = Pod::clone(stored);
            if let Some(message) = self.misfit(&pod) {
                return self.unschedulable(pod, message);
            }
            if admission::bind(self.now, &mut pod, &self.setup.node.name).is_err() {
                return;
            }
            self.store(pod);
        }
        let latency = self.setup.node.api_latency;
        self.later(latency, Happening::Bound);
    }

    fn unschedulable(&mut self, mut pod: Pod, message: String) {
        let known = pod.status.condition(&PodConditionType::POD_SCHEDULED);
        let is_news = known
            .is_none_or(|known| known.reason != reason::UNSCHEDULABLE || known.message != message);
        if is_news {
            let generation = pod.metadata.generation;
            let condition = set_condition(
                &mut pod.status,
                self.now,
                PodConditionType::POD_SCHEDULED,
                ConditionStatus::False,
                reason::UNSCHEDULABLE,
            );
            condition.message = message;
            condition.observed_generation = generation;
            self.store(pod);
        }
    }

    /// Why the pod does not fit the node, in the scheduler's words; who has to leave for it is noted.
    fn misfit(&mut self, pod: &Pod) -> Option<String> {
        let mut snapshot = Snapshot::new();
        snapshot.set_node(&self.node());
        for other in &self.beside {
            snapshot.add_pod(other);
        }
        let outcome = scheduling::schedule(pod, &snapshot);
        if outcome.feasible() > 0 {
            return None;
        }
        let found = preemption::find(pod, &snapshot, &[]);
        let attempts = found.iter().flat_map(|found| &found.nodes);
        let victims = attempts.filter_map(|attempt| match &attempt.finding {
            Finding::Candidate(candidate) => Some(&candidate.victims),
            _ => None,
        });
        let named = victims.flatten().filter_map(|id| {
            let (namespace, name) = snapshot.pod_name(*id)?;
            let is_it = |other: &&Arc<Pod>| {
                other.metadata.name == name && other.metadata.namespace == namespace
            };
            self.beside.iter().find(is_it)
        });
        let uids = named.map(|victim| victim.metadata.uid.clone());
        let victims: Vec<_> = uids.map(|uid| (uid, Preemptor::Scheduler)).collect();
        self.victims.extend(victims);
        let remark = preemption::remark(found.as_ref());
        Some(
            format!("{} {remark}", outcome.summary())
                .trim_end()
                .to_owned(),
        )
    }

    /// The pod has come to its node.
    pub(super) fn bound(&mut self) {
        let Some(stored) = &self.stored else { return };
        if self.machine.is_some() {
            return;
        }
        self.take_up(Arc::clone(stored));
    }

    /// The kubelet takes the pod, or rejects it.
    pub(super) fn take_up(&mut self, pod: Arc<Pod>) {
        let others: Vec<Pod> = self.beside.iter().map(|other| Pod::clone(other)).collect();
        let (reason, message) = match node_admission::admit(&pod, &self.node(), &others) {
            Admission::Admitted => {
                self.machine = Some(PodMachine::new(pod, self.setup.config.clone(), self.now));
                return;
            }
            Admission::AfterPreemption(short) => match self.make_room(&pod, &others, short) {
                Ok(()) => return,
                Err(message) => (UNEXPECTED_ADMISSION_ERROR.to_owned(), message),
            },
            Admission::Rejected(rejection) => {
                (rejection.reason().into_owned(), rejection.to_string())
            }
        };
        let config = self.setup.config.clone();
        let machine = PodMachine::rejected(pod, config, self.now, (&reason, &message));
        self.machine = Some(machine);
    }

    /// Has pods end for a critical one, which is looked at again once they have.
    fn make_room(&mut self, pod: &Pod, others: &[Pod], short: Vec<Shortage>) -> Result<(), String> {
        let requirements = short.into_iter().map(|short| Requirement {
            resource: short.resource,
            amount: short.amount,
        });
        let requirements: Vec<_> = requirements.collect();
        let victims = kubelet::victims(pod, others, &requirements).ok_or_else(|| {
            let short: Vec<String> = requirements.iter().map(named).collect();
            format!(
                "preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [{}]",
                short.join(" "),
            )
        })?;
        let uids = victims.iter().map(|victim| victim.metadata.uid.clone());
        self.victims
            .extend(uids.map(|uid| (uid, Preemptor::Kubelet)));
        Ok(())
    }

    /// Other pods hold less than before: what waited for room is tried again.
    pub(super) fn room_made(&mut self) {
        let latency = self.setup.node.api_latency;
        match &self.stored {
            _ if self.awaits_start() => self.later(latency, Happening::StartStatic),
            Some(_) if self.machine.is_some() => self.decide_resize(),
            Some(stored) if stored.spec.node_name.is_empty() => {
                self.later(latency, Happening::Schedule);
            }
            Some(_) => self.later(latency, Happening::Bound),
            None => {}
        }
    }
}

fn named(requirement: &Requirement) -> String {
    let unit = if requirement.resource == ResourceName::CPU {
        "m"
    } else {
        ""
    };
    format!(
        "(res: {}, q: {}{unit})",
        requirement.resource, requirement.amount
    )
}

/// Who takes a pod away for another.
#[derive(Clone, Copy, Debug)]
pub(super) enum Preemptor {
    Scheduler,
    Kubelet,
}
