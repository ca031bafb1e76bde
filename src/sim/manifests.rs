//! Static pods of a simulation: a manifest on the node, the pod that its kubelet makes of it, and the copy in the API.

use alloc::{format, string::String, sync::Arc};
use core::time::Duration;

use super::{Setup, Sim, node::Happening, runtime::Runtime};
use crate::{
    admission::{
        self,
        static_pod::{self as source, Refused, Source},
    },
    api::Pod,
    critical,
    lifecycle::static_pod::{self, StaticPods},
    machine::{Input, PodMachine},
};

/// A kubelet asks again after this whether a static pod may start.
const RETRY: Duration = Duration::from_secs(10);

/// The directory's one manifest.
#[derive(Clone, Debug, Default)]
pub(super) struct Manifests {
    /// The static pod that the manifest stands for now.
    current: Option<Arc<Pod>>,
    /// Whether that has not started yet.
    waits: bool,
    starts: StaticPods,
    /// How many copies were made.
    mirrors: usize,
}

impl Sim {
    /// Puts a manifest on the simulated node, of which the kubelet makes a static pod.
    ///
    /// [`pod`](Self::pod) is then its copy in the API: what a client does to that does not change what runs.
    ///
    /// # Errors
    ///
    /// The kubelet would not take the manifest.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let manifest: Pod = serde_json::from_str(r#"{"metadata": {"name": "etcd"}, "spec": {"containers": [{"name": "etcd", "image": "etcd:3"}]}}"#)?;
    /// let mut sim = Sim::from_manifest(manifest, Setup::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// let mirror = sim.pod().expect("the kubelet has made it");
    /// assert_eq!(mirror.metadata.name, "etcd-node-1");
    /// assert_eq!(mirror.status.phase, Some(PodPhase::Running));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_manifest(manifest: Pod, setup: Setup) -> Result<Self, Refused> {
        let mut sim = Self::empty(setup);
        let pod = sim.read_manifest(manifest)?;
        let relist = sim.setup.node.relist_phase;
        sim.later(relist, Happening::Relist);
        sim.take_manifest(pod);
        Ok(sim)
    }

    /// Replaces the manifest, or puts one there again.
    ///
    /// Another pod is another uid: the former one is stopped first. With the former uid it is a change of that pod.
    /// Nothing happens to a pod that came by the API.
    ///
    /// # Errors
    ///
    /// The kubelet would not take the manifest. Nothing has changed then.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let mut manifest: Pod = serde_json::from_str(r#"{"metadata": {"name": "etcd"}, "spec": {"containers": [{"name": "etcd", "image": "etcd:3"}]}}"#)?;
    /// let mut sim = Sim::from_manifest(manifest.clone(), Setup::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// manifest.spec.containers[0].image = "etcd:4".into();
    /// sim.replace_manifest(manifest)?;
    /// sim.run_for(Duration::from_secs(60));
    /// assert_eq!(sim.pod().map(|pod| pod.spec.containers[0].image.as_str()), Some("etcd:4"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn replace_manifest(&mut self, manifest: Pod) -> Result<(), Refused> {
        let pod = self.read_manifest(manifest)?;
        if !self.is_static() {
            return Ok(());
        }
        let before = self.manifests.current.as_ref();
        if before.is_some_and(|before| before.metadata.uid == pod.metadata.uid) {
            self.manifests.current = Some(Arc::clone(&pod));
            self.report(Input::PodUpdated(pod));
        } else {
            self.report(Input::PodRemoved);
            if self
                .machine
                .as_ref()
                .is_some_and(|former| full_name(former.pod()) == full_name(&pod))
            {
                // The copy is the next one's to replace.
                self.report(Input::MirrorUpdated(None));
            }
            self.take_manifest(pod);
        }
        self.pump();
        Ok(())
    }

    /// Takes the manifest away: its pod ends, and its copy goes with it.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let manifest: Pod = serde_json::from_str(r#"{"metadata": {"name": "etcd"}, "spec": {"containers": [{"name": "etcd", "image": "etcd:3"}]}}"#)?;
    /// let mut sim = Sim::from_manifest(manifest, Setup::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// sim.remove_manifest();
    /// sim.run_for(Duration::from_secs(5));
    /// assert!(sim.pod().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn remove_manifest(&mut self) {
        if self.manifests.current.take().is_none() {
            return;
        }
        if let (true, Some(copy)) = (self.manifests.waits, &self.stored) {
            // There is no next one to replace it.
            let copy = Arc::clone(copy);
            self.report(Input::MirrorUpdated(Some(copy)));
        }
        self.report(Input::PodRemoved);
        self.pump();
    }

    fn read_manifest(&self, manifest: Pod) -> Result<Arc<Pod>, Refused> {
        let path = Source::File("/etc/kubernetes/manifests/pod.yaml");
        let pod = source::create(self.now, manifest, path, &self.setup.node.name)?;
        Ok(Arc::new(pod))
    }

    fn take_manifest(&mut self, pod: Arc<Pod>) {
        let uid = &pod.metadata.uid;
        self.manifests.starts.enqueue(&full_name(&pod), uid);
        self.manifests.current = Some(pod);
        self.manifests.waits = true;
        self.start_static();
    }

    /// Whether the simulation's pod is a static one, or was the last that was here.
    pub(super) fn is_static(&self) -> bool {
        let pod = self.machine.as_ref().map(PodMachine::pod);
        self.manifests.current.is_some() || pod.is_some_and(critical::is_static)
    }

    /// Whether the stored object is the copy of the pod that the machine has: not of one that follows on it, or went before.
    pub(super) fn has_own_copy(&self) -> bool {
        let pod = self.machine.as_ref().map(PodMachine::pod);
        let (Some(pod), Some(copy)) = (pod, &self.stored) else {
            return false;
        };
        let next = self.manifests.current.as_ref();
        let is_left = self.awaits_start() && next.is_some_and(|it| full_name(it) == full_name(pod));
        full_name(pod) == full_name(copy) && !is_left
    }

    /// Whether a static pod waits for the end of the one before.
    pub(super) fn awaits_start(&self) -> bool {
        self.manifests.waits && self.manifests.current.is_some()
    }

    /// Lets the manifest's pod start, once the one before has ended.
    pub(super) fn start_static(&mut self) {
        if !self.awaits_start() {
            return;
        }
        let Some(pod) = self.manifests.current.clone() else {
            return;
        };
        if !self.may_start(&pod) {
            let stretch = u32::from(self.setup.config.pacing.stretch.max(1000));
            let retry = crate::time::later(self.now, RETRY.saturating_mul(stretch) / 1000);
            let tick = self.setup.config.pacing.tick_at(retry);
            return self.at(tick, Happening::StartStatic);
        }
        self.runtime = Runtime::with_images_of(&self.runtime);
        self.machine = None;
        self.take_up(pod);
        // It may have to wait for room still.
        self.manifests.waits = self.machine.is_none();
        self.told();
        self.pump();
    }

    fn may_start(&mut self, pod: &Pod) -> bool {
        let full_name = full_name(pod);
        if let Some(former) = &self.machine {
            if !former.is_over() {
                return false;
            }
            let uid = &former.pod().metadata.uid;
            self.manifests.starts.release(&full_name, uid);
        }
        let uid = pod.metadata.uid.as_str();
        self.manifests
            .starts
            .start(&full_name, uid, |waits| waits == uid)
    }

    /// Creates the copy in the API, in the place of the one of that uid if one is given.
    pub(super) fn create_mirror(&mut self, replaces: Option<String>) {
        let existing = self.stored.as_ref().map(|stored| &stored.metadata.uid);
        match (existing, &replaces) {
            (None, None) => {}
            (Some(existing), Some(uid)) if existing == uid => self.delete_finished(),
            _ => return,
        }
        let Some(machine) = &self.machine else { return };
        let mirror = static_pod::mirror(machine.pod(), &self.setup.node.name, "node-1-uid");
        self.manifests.mirrors += 1;
        let options = admission::Options {
            namespace: mirror.metadata.namespace.clone(),
            uid: format!("00000000-0000-4000-8001-{:012}", self.manifests.mirrors),
            ..admission::Options::default()
        };
        if let Ok(created) = admission::create(self.now, mirror, &options) {
            self.store(created.pod);
            self.tell();
        }
    }
}

fn full_name(pod: &Pod) -> String {
    format!("{}_{}", pod.metadata.name, pod.metadata.namespace)
}
