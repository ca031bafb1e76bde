//! The API server's part of a simulation: the stored object, its changes, its deletion.

use alloc::{
    borrow::ToOwned,
    format,
    string::{String, ToString},
    sync::Arc,
};

use super::{Script, Sim, node::Happening, timeline::Event};
use crate::{
    admission::{
        self,
        delete::{self, Deletion},
    },
    api::{ConditionStatus, Pod, PodCondition, PodConditionType, PodStatus, Time},
    critical,
    field::FieldErrors,
    machine::Input,
};

impl Sim {
    pub(super) fn create(&mut self, mut pod: Pod, number: usize) -> Result<(), FieldErrors> {
        if pod.spec.priority.is_none() {
            pod.spec.priority = priority_of(&pod.spec.priority_class_name);
        }
        let options = admission::Options {
            namespace: "default".to_owned(),
            uid: format!("00000000-0000-4000-8000-{number:012}"),
            ..admission::Options::default()
        };
        let created = admission::create(self.now, pod, &options)?;
        let latency = self.setup.node.api_latency;
        self.now = crate::time::later(self.now, latency);
        self.store(created.pod);
        self.later(latency, Happening::Schedule);
        let relist = self.setup.node.relist_phase;
        self.later(relist, Happening::Relist);
        Ok(())
    }

    /// Stores a version of the object, if it is a new one.
    pub(super) fn store(&mut self, mut pod: Pod) {
        if self.stored.as_deref() == Some(&pod) {
            return;
        }
        self.versions += 1;
        pod.metadata.resource_version = self.versions.to_string();
        let pod = Arc::new(pod);
        self.stored = Some(Arc::clone(&pod));
        self.timeline.push(self.now, Event::Changed(pod));
    }

    pub(super) fn publish(&mut self, uid: &str, status: PodStatus) {
        if let Some(stored) = self
            .stored
            .as_ref()
            .filter(|stored| stored.metadata.uid == uid)
        {
            let mut pod = Pod::clone(stored);
            pod.status = status;
            self.store(pod);
        }
    }

    /// Changes the pod's spec or metadata, as a client's update does.
    ///
    /// A change of the spec makes a new generation, and a pod that has ended and loses its last finalizer goes. Added
    /// ephemeral containers go by their own subresource, with nothing else; for other resources there is
    /// [`resize`](Self::resize). What a container that is new does, [`set_script`](Self::set_script) says.
    ///
    /// # Errors
    ///
    /// The API server refuses the change; nothing has changed then.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// sim.update(|pod| pod.spec.containers[0].image = "web:2".into())?;
    /// sim.run_for(Duration::from_secs(3));
    /// assert_eq!(sim.pod().map(|pod| pod.status.container_statuses[0].restart_count), Some(1));
    /// assert!(sim.update(|pod| pod.spec.host_pid = true).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn update(&mut self, change: impl FnOnce(&mut Pod)) -> Result<(), FieldErrors> {
        let Some(stored) = &self.stored else {
            return Ok(());
        };
        let mut wanted = Pod::clone(stored);
        change(&mut wanted);
        let options = admission::Options::default();
        let adds = wanted.spec.ephemeral_containers != stored.spec.ephemeral_containers;
        let changed = match adds {
            true => admission::update_ephemeral_containers(wanted, stored, &options)?,
            false => admission::update(wanted, stored, &options)?,
        };
        if delete::completes(&changed, stored) {
            self.stored = Some(Arc::new(changed));
            self.remove();
            self.pump();
            return Ok(());
        }
        self.store(changed);
        self.changed();
        Ok(())
    }

    /// Says what containers do that are made from now on, and what pulls come to.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Script, Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// let mut script = Script::default();
    /// script.containers.insert("web".into(), vec!["run=1s exit=1".parse()?]);
    /// sim.set_script(script);
    /// sim.update(|pod| pod.spec.containers[0].image = "web:2".into())?;
    /// sim.run_for(Duration::from_secs(3));
    /// let status = sim.pod().map(|pod| pod.status.container_statuses[0].restart_count);
    /// assert!(status > Some(1), "the new image fails");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_script(&mut self, script: Script) {
        self.setup.script = script;
    }

    /// Lets the kubelet, or else the scheduler, know of a client's change.
    pub(super) fn changed(&mut self) {
        self.tell();
        if self.machine.is_none() {
            let latency = self.setup.node.api_latency;
            self.later(latency, Happening::Schedule);
        }
        self.pump();
    }

    /// Changes the pod's status, as somebody other than the kubelet does.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.update_status(|status| status.message = "hello".into());
    /// assert_eq!(sim.pod().map(|pod| pod.status.message.as_str()), Some("hello"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn update_status(&mut self, change: impl FnOnce(&mut PodStatus)) {
        let Some(stored) = &self.stored else { return };
        let mut pod = Pod::clone(stored);
        change(&mut pod.status);
        self.store(pod);
        self.tell();
        self.pump();
    }

    /// Deletes the pod, as a client does: with its own grace period or another one, in seconds.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// sim.delete(Some(5));
    /// sim.run_for(Duration::from_secs(10));
    /// assert!(sim.pod().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn delete(&mut self, grace_period_seconds: Option<i64>) {
        let Some(stored) = &self.stored else { return };
        let mut pod = Pod::clone(stored);
        let deletion = delete::before_delete(self.now, &mut pod, grace_period_seconds);
        let waits = match deletion {
            Deletion::Graceful {
                grace_period_seconds,
            } => {
                self.store(pod.clone());
                // A pod that has ended on its node is removed by its kubelet.
                let by_kubelet = !pod.spec.node_name.is_empty() && is_over(&pod.status);
                grace_period_seconds > 0 || by_kubelet
            }
            Deletion::Pending { .. } => true,
            Deletion::Immediate { .. } => false,
        };
        if !waits {
            self.remove();
        }
        // A finalizer may hold it.
        if self.stored.is_some() {
            self.tell();
        }
        self.pump();
    }

    /// The kubelet's own deletion, when nothing of the pod is left on the node.
    pub(super) fn delete_finished(&mut self) {
        let Some(stored) = &self.stored else { return };
        let mut pod = Pod::clone(stored);
        delete::before_delete(self.now, &mut pod, Some(0));
        pod.metadata.deletion_grace_period_seconds = Some(0);
        self.store(pod);
        self.remove();
    }

    /// Evicts the pod through the API: a condition first, then a deletion.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// sim.evict();
    /// sim.run_for(Duration::from_secs(40));
    /// assert!(sim.pod().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn evict(&mut self) {
        self.target("EvictionByEvictionAPI", 0);
        self.delete(None);
    }

    /// Sets the condition that says why the pod is about to be taken away.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.disrupt("PreemptionByScheduler");
    /// assert_eq!(sim.pod().map(|pod| pod.status.conditions.len()), Some(1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn disrupt(&mut self, reason: &str) {
        let generation = self.stored.as_ref().map(|pod| pod.metadata.generation);
        self.target(reason, generation.unwrap_or_default());
    }

    /// As [`disrupt`](Self::disrupt), with the generation that whoever does it saw; of eviction it is not told.
    fn target(&mut self, reason: &str, generation: i64) {
        let now = self.now;
        self.update_status(|status| {
            let condition = set_condition(
                status,
                now,
                PodConditionType::DISRUPTION_TARGET,
                ConditionStatus::True,
                reason,
            );
            condition.observed_generation = generation;
        });
    }

    pub(super) fn remove(&mut self) {
        let Some(last) = self
            .stored
            .take_if(|stored| stored.metadata.finalizers.is_empty())
        else {
            return;
        };
        self.timeline.push(self.now, Event::Deleted);
        let latency = self.setup.node.api_latency;
        self.later(latency, Happening::Gone { last });
    }

    /// Lets the kubelet know of the object's newest version.
    pub(super) fn tell(&mut self) {
        let latency = self.setup.node.api_latency;
        self.later(latency, Happening::Told);
    }

    pub(super) fn told(&mut self) {
        let is_static = self.is_static();
        if is_static && !self.has_own_copy() {
            return;
        }
        if let (Some(machine), Some(stored)) = (&mut self.machine, &self.stored) {
            let stored = Arc::clone(stored);
            let input = match is_static {
                true => Input::MirrorUpdated(Some(stored)),
                false => Input::PodUpdated(stored),
            };
            let told = machine.handle_input(self.now, input);
            debug_assert_eq!(told, Ok(()), "the object keeps its UID");
        }
    }
}

/// The classes that every cluster has.
fn priority_of(class: &str) -> Option<i32> {
    match class {
        "system-cluster-critical" => Some(critical::SYSTEM_CRITICAL_PRIORITY),
        "system-node-critical" => Some(critical::SYSTEM_CRITICAL_PRIORITY + 1000),
        _ => None,
    }
}

fn is_over(status: &PodStatus) -> bool {
    use crate::api::PodPhase;
    matches!(status.phase, Some(PodPhase::Succeeded | PodPhase::Failed))
}

pub(super) fn set_condition<'a>(
    status: &'a mut PodStatus,
    now: jiff::Timestamp,
    kind: PodConditionType,
    value: ConditionStatus,
    reason: &str,
) -> &'a mut PodCondition {
    let condition = PodCondition {
        type_: kind,
        status: Some(value),
        reason: reason.to_string(),
        last_transition_time: Some(Time::new(now)),
        message: String::new(),
        ..PodCondition::default()
    };
    let known = status
        .conditions
        .iter()
        .position(|existing| existing.type_ == condition.type_);
    let at = known.unwrap_or_else(|| {
        status.conditions.push(PodCondition::default());
        status.conditions.len() - 1
    });
    let place = &mut status.conditions[at];
    let since = place
        .last_transition_time
        .filter(|_| place.status == condition.status);
    *place = condition;
    if since.is_some() {
        place.last_transition_time = since;
    }
    place
}
