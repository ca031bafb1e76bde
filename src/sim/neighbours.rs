//! Other pods on the node of a simulation: they take room, make it, and are lived like the pod itself.

use alloc::{boxed::Box, sync::Arc, vec::Vec};

use super::{Script, Sim, scheduler::Preemptor};
use crate::{
    api::{Pod, PodPhase},
    field::FieldErrors,
    machine::{Eviction, Input},
};

impl Sim {
    /// Creates another pod in the cluster, with what its containers do.
    ///
    /// It is scheduled to the same node, and lives its life beside the pod: each takes room from the other. It may
    /// preempt the pod, and the pod it, where priorities say so; who waits for room is tried again when somebody leaves.
    ///
    /// # Errors
    ///
    /// The API server would refuse the pod.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Script, Setup, Sim}};
    /// let pod = |name: &str| serde_json::from_value::<Pod>(serde_json::json!({
    ///     "metadata": {"name": name},
    ///     "spec": {"containers": [{"name": "app", "image": "app:1", "resources": {"requests": {"cpu": "40"}}}]}
    /// }));
    /// let mut sim = Sim::new(pod("first")?, Setup::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// sim.add_neighbour(pod("second")?, Script::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// let second = sim.neighbour("second").and_then(Sim::pod).expect("it waits");
    /// assert_eq!(second.status.conditions[0].reason, "Unschedulable", "the node has 64 CPUs");
    /// sim.delete(Some(0));
    /// sim.run_for(Duration::from_secs(3));
    /// let second = sim.neighbour("second").and_then(Sim::pod).expect("it runs");
    /// assert_eq!(second.status.phase, Some(PodPhase::Running));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_neighbour(&mut self, pod: Pod, script: Script) -> Result<(), FieldErrors> {
        let mut setup = self.setup.clone();
        setup.script = script;
        setup.start = self.now;
        let number = self.neighbours.len().saturating_add(2);
        let [a, b, c, d] = setup.node.pod_address;
        let subnet = u8::try_from(number % 256).unwrap_or_default();
        setup.node.pod_address = [a, b, c.wrapping_add(subnet), d];
        // It is the same kubelet: its next look at the runtime shows this pod, too.
        let since = self
            .now
            .duration_since(self.setup.config.pacing.tick_origin);
        let relist = i128::try_from(setup.node.relist.as_nanos()).unwrap_or(i128::MAX);
        let late = since.as_nanos().rem_euclid(relist.max(1));
        let next = u64::try_from(relist.saturating_sub(late)).unwrap_or_default();
        setup.node.relist_phase = core::time::Duration::from_nanos(next);
        let mut neighbour = Self::numbered(pod, setup, number)?;
        neighbour.reread = self.reread;
        self.neighbours.push(neighbour);
        self.share();
        Ok(())
    }

    /// Returns the other pod of that name, if one was created.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let sim = Sim::new(pod, Setup::default())?;
    /// assert!(sim.neighbour("db").is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn neighbour(&self, name: &str) -> Option<&Self> {
        let mut all = self.neighbours.iter();
        all.rfind(|neighbour| neighbour.name() == Some(name))
    }

    /// Deletes the other pod of that name, as a client does; nothing happens where there is none.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Script, Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod.clone(), Setup::default())?;
    /// sim.add_neighbour(pod, Script::default())?;
    /// sim.delete_neighbour("web", Some(0));
    /// assert!(sim.neighbour("web").is_none_or(|web| web.pod().is_none()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn delete_neighbour(&mut self, name: &str, grace_period_seconds: Option<i64>) {
        let mut all = self.neighbours.iter_mut();
        let found = all.rfind(|neighbour| neighbour.name() == Some(name));
        if let Some(neighbour) = found {
            neighbour.now = self.now;
            neighbour.delete(grace_period_seconds);
            self.share();
        }
    }

    fn name(&self) -> Option<&str> {
        self.timeline
            .pods()
            .next()
            .map(|(_, pod)| pod.metadata.name.as_str())
    }

    fn uid(&self) -> Option<&str> {
        self.stored.as_ref().map(|pod| pod.metadata.uid.as_str())
    }

    /// The pod, as long as it takes room from others.
    fn holds(&self) -> Option<Arc<Pod>> {
        let stored = self.stored.as_ref()?;
        let over = matches!(
            stored.status.phase,
            Some(PodPhase::Succeeded | PodPhase::Failed)
        );
        let here = stored.spec.node_name == self.setup.node.name;
        (here && !over).then(|| Arc::clone(stored))
    }

    /// Lets every pod know what the others hold, and has those end that were preempted.
    pub(super) fn share(&mut self) {
        if self.neighbours.is_empty() {
            return;
        }
        let mut neighbours = core::mem::take(&mut self.neighbours);
        let now = self.now;
        let mut all: Vec<&mut Self> = core::iter::once(&mut *self)
            .chain(&mut neighbours)
            .collect();
        let held: Vec<_> = all.iter().map(|sim| sim.holds()).collect();
        let mut victims = Vec::new();
        for (at, sim) in all.iter_mut().enumerate() {
            sim.now = sim.now.max(now);
            let others = held.iter().enumerate().filter(|(of, _)| *of != at);
            sim.note_others(others.filter_map(|(_, pod)| pod.clone()).collect());
            victims.append(&mut sim.victims);
        }
        for (uid, preemptor) in victims {
            let victim = all.iter_mut().find(|sim| sim.uid() == Some(&uid));
            if let Some(victim) = victim {
                victim.preempt(preemptor);
            }
        }
        self.neighbours = neighbours;
    }

    fn note_others(&mut self, others: Vec<Arc<Pod>>) {
        let makes_room = self.beside.iter().any(|before| {
            let same = |after: &&Arc<Pod>| after.metadata.uid == before.metadata.uid;
            others
                .iter()
                .find(same)
                .is_none_or(|after| after.spec != before.spec)
        });
        self.beside = others;
        if makes_room {
            self.room_made();
            self.pump();
        }
    }

    /// The pod has to go for another.
    fn preempt(&mut self, preemptor: Preemptor) {
        match preemptor {
            Preemptor::Scheduler => {
                self.disrupt("PreemptionByScheduler");
                self.delete(None);
            }
            Preemptor::Kubelet => {
                let eviction = Eviction {
                    reason: "Preempting".into(),
                    message: "Preempted in order to admit critical pod".into(),
                    grace_period_seconds: Some(1),
                    ..Eviction::default()
                };
                self.report(Input::Evict(Box::new(eviction)));
                self.pump();
            }
        }
    }
}
