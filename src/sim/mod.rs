//! A whole node around one pod, on a virtual clock: the API server's part, a
//! scheduler, a kubelet's loop around the [machine](crate::machine), and a
//! container runtime that does what a [`Script`] says. The pod comes by the API, or
//! from a [manifest](Sim::from_manifest) on the node; other pods may live beside it.
//!
//! No I/O, no clock, no randomness: the same pod, script and setup give the
//! same [`Timeline`], byte for byte.
//!
//! ```
//! use core::time::Duration;
//! use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Script, Setup, Sim}};
//!
//! let pod: Pod = serde_json::from_str(
//!     r#"{"metadata": {"name": "job"}, "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "job:1"}]}}"#,
//! )?;
//! let mut setup = Setup::default();
//! setup.script.containers.insert("main".into(), vec!["run=5s exit=0".parse()?]);
//!
//! let mut sim = Sim::new(pod, setup)?;
//! sim.run_for(Duration::from_secs(10));
//! assert_eq!(sim.pod().and_then(|pod| pod.status.phase.clone()), Some(PodPhase::Succeeded));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod api_server;
mod configuration;
mod handlers;
mod manifests;
mod neighbours;
mod node;
mod resize;
mod runtime;
mod scheduler;
mod script;
mod timeline;

use alloc::{
    borrow::ToOwned,
    collections::{BTreeMap, btree_map::OccupiedEntry},
    string::String,
    sync::Arc,
    vec::Vec,
};
use core::time::Duration;

use jiff::Timestamp;

use self::{
    configuration::next_mount,
    manifests::Manifests,
    node::{Happening, Look, Outgoing},
    runtime::Runtime,
};
pub use self::{
    script::{
        Behaviour, HookScript, ImageScript, OnStop, ParseScriptError, ProbeScript, PullFailure,
        SandboxScript, Script, StartFailure, parse_duration,
    },
    timeline::{Entry, Event, Instance, Timeline},
};
use crate::{
    api::{Pod, ResourceList, ResourceName},
    field::FieldErrors,
    machine::{Config, Pacing, PodMachine},
    quantity::{Format, Quantity},
    time::later,
};

/// What a simulation starts from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Setup {
    /// What the pod's containers do.
    pub script: Script,
    /// The node that the pod is scheduled to.
    pub node: Node,
    /// The kubelet's settings.
    pub config: Config,
    /// When the pod is created.
    pub start: Timestamp,
}

/// The facts about the simulated node.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// The address that the pod's first sandbox gets; later ones count on.
    pub pod_address: [u8; 4],
    /// What the node has for pods.
    pub allocatable: ResourceList,
    /// The config maps and secrets of the pod's namespace, with their keys.
    pub config: BTreeMap<String, Vec<String>>,
    /// How long the kubelet waits before it asks the runtime again what there is.
    pub relist: Duration,
    /// How long the asking takes. What a sync does meanwhile is seen by the next one only, and whoever asks meanwhile waits.
    pub relist_work: Duration,
    /// When it does so first, counted from when the pod is created.
    pub relist_phase: Duration,
    /// How long a request to the API server takes; while a status is being sent, only the last of those that follow is kept.
    pub api_latency: Duration,
    /// Whether only the last of several statuses of one instant is sent; on a real node that is chance.
    pub merges_statuses: bool,
    /// How long it takes to tear a sandbox down.
    pub stop_sandbox: Duration,
}

impl Default for Node {
    fn default() -> Self {
        let labels = [
            ("kubernetes.io/hostname", "node-1"),
            ("kubernetes.io/os", "linux"),
            ("kubernetes.io/arch", "amd64"),
        ];
        Self {
            name: "node-1".to_owned(),
            labels: labels
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .into(),
            pod_address: [10, 244, 0, 2],
            allocatable: [
                (ResourceName::CPU, Quantity::from(64)),
                (
                    ResourceName::MEMORY,
                    Quantity::new(256 << 30, Format::BinarySi),
                ),
                (ResourceName::PODS, Quantity::from(110)),
            ]
            .into(),
            config: BTreeMap::new(),
            relist: Duration::from_secs(1),
            relist_work: Duration::from_millis(15),
            relist_phase: Duration::from_millis(900),
            api_latency: Duration::from_millis(5),
            merges_statuses: false,
            stop_sandbox: Duration::from_millis(20),
        }
    }
}

impl Default for Setup {
    /// A kubelet's pace, starting at a tenth of a second past midnight of 2026-01-01.
    fn default() -> Self {
        let start = Timestamp::from_millisecond(1_767_225_600_100).unwrap_or_default();
        let node = Node::default();
        let mut pacing = Pacing::kubelet(1250);
        pacing.tick_origin = later(start, node.relist_phase);
        let config = Config {
            pacing,
            host_ips: [core::net::Ipv4Addr::new(192, 0, 2, 1).into()].into(),
            ..Config::default()
        };
        Self {
            script: Script::default(),
            node,
            config,
            start,
        }
    }
}

impl Setup {
    /// Sets what is left to chance on a real node: when, after the pod is created, the kubelet asks the runtime first,
    /// and what its waits are [stretched](Pacing::stretch) by, in thousandths.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::sim::Setup;
    ///
    /// let mut setup = Setup::default();
    /// setup.set_jitter(Duration::from_millis(300), 1400);
    /// assert_eq!(setup.config.pacing.stretch, 1400);
    /// ```
    pub fn set_jitter(&mut self, relist_phase: Duration, stretch: u16) {
        self.node.relist_phase = relist_phase;
        self.config.pacing.stretch = stretch;
        self.config.pacing.tick_origin = later(self.start, relist_phase);
    }
}

/// A simulation of one pod's life.
#[derive(Clone, Debug)]
pub struct Sim {
    now: Timestamp,
    setup: Setup,
    /// The object as the API server stores it.
    stored: Option<Arc<Pod>>,
    /// How many versions of the object there were.
    versions: u64,
    machine: Option<PodMachine>,
    reread: Option<fn(&PodMachine) -> PodMachine>,
    runtime: Runtime,
    queue: BTreeMap<(Timestamp, u64), Happening>,
    queued: u64,
    timeline: Timeline,
    probed: Vec<(Instance, crate::lifecycle::probe::Kind, bool)>,
    hooks: Vec<(String, crate::machine::Hook)>,
    stopping: Vec<String>,
    /// Since when volumes are being mounted.
    mounting: Option<Timestamp>,
    look: Option<Look>,
    /// The status that is being sent.
    sending: Option<Outgoing>,
    /// The status that is sent next.
    unsent: Option<Outgoing>,
    manifests: Manifests,
    /// The other pods of the cluster, each with a life of its own.
    neighbours: Vec<Self>,
    /// What else is on the node.
    beside: Vec<Arc<Pod>>,
    /// The uids of the pods that have to go for this one.
    victims: Vec<(String, scheduler::Preemptor)>,
}

impl Sim {
    /// Creates the pod in the simulated cluster, as the API server would store it.
    ///
    /// # Errors
    ///
    /// The API server would refuse the pod.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// assert_eq!(sim.pod().map(|pod| pod.spec.node_name.as_str()), Some(""), "it is not scheduled yet");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(pod: Pod, setup: Setup) -> Result<Self, FieldErrors> {
        Self::numbered(pod, setup, 1)
    }

    /// Creates the pod as the `number`-th of its cluster.
    fn numbered(pod: Pod, setup: Setup, number: usize) -> Result<Self, FieldErrors> {
        let mut sim = Self::empty(setup);
        sim.create(pod, number)?;
        Ok(sim)
    }

    fn empty(setup: Setup) -> Self {
        Self {
            now: setup.start,
            setup,
            stored: None,
            versions: 0,
            machine: None,
            reread: None,
            runtime: Runtime::default(),
            queue: BTreeMap::new(),
            queued: 0,
            timeline: Timeline::default(),
            probed: Vec::new(),
            hooks: Vec::new(),
            stopping: Vec::new(),
            mounting: None,
            look: None,
            sending: None,
            unsent: None,
            manifests: Manifests::default(),
            neighbours: Vec::new(),
            beside: Vec::new(),
            victims: Vec::new(),
        }
    }

    /// Returns the instant that the simulation has reached.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// let start = sim.now();
    /// sim.run_for(Duration::from_secs(3));
    /// assert_eq!(sim.now(), start + Duration::from_secs(3));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Returns the pod object as the API server stores it, unless it is gone.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// assert_eq!(sim.pod().and_then(|pod| pod.status.phase.clone()), Some(PodPhase::Running));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn pod(&self) -> Option<&Pod> {
        self.stored.as_deref()
    }

    /// Returns the machine that lives the pod's life, once the pod is bound to the node.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// assert!(sim.machine().is_none(), "the pod is not bound yet");
    /// sim.run_for(Duration::from_secs(3));
    /// assert!(sim.machine().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn machine(&self) -> Option<&PodMachine> {
        self.machine.as_ref()
    }

    /// Returns everything that has happened so far.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// assert!(sim.timeline().pods().count() > 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// Lets everything happen that happens until then.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.run_until("2026-01-01T00:01:00Z".parse()?);
    /// assert!(sim.pod().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run_until(&mut self, until: Timestamp) {
        while let Some(at) = self.next_at().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.step();
        }
        self.now = self.now.max(until);
    }

    /// Lets everything happen that happens within that time.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.run_for(Duration::from_secs(60));
    /// assert!(sim.pod().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn run_for(&mut self, time: Duration) {
        self.run_until(later(self.now, time));
    }

    /// Adds a config map or secret with those keys to the pod's namespace.
    ///
    /// Who waits for it finds it at the next try.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.add_config("settings", vec!["level".into()]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_config(&mut self, name: &str, keys: Vec<String>) {
        self.setup.node.config.insert(name.to_owned(), keys);
        if let Some(since) = self.mounting {
            self.at(next_mount(since, self.now), Happening::Mount);
        }
    }

    /// Has the host stop and start again after every call on the machine: what `reread` returns of it lives on.
    ///
    /// A machine that was written down and read again goes on as if nothing had happened, and so the timeline stays
    /// the same.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, PodPhase}, sim::{Setup, Sim}};
    /// # let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// let mut straight = Sim::new(pod.clone(), Setup::default())?;
    /// straight.run_for(Duration::from_secs(60));
    ///
    /// let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.restart_host_always(|machine| {
    ///     let text = serde_json::to_string(machine).expect("a machine can be written");
    ///     serde_json::from_str(&text).expect("and read")
    /// });
    /// sim.run_for(Duration::from_secs(60));
    /// assert_eq!(sim.timeline(), straight.timeline());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn restart_host_always(&mut self, reread: fn(&PodMachine) -> PodMachine) {
        self.reread = Some(reread);
    }

    fn next_at(&self) -> Option<Timestamp> {
        let queued = self.queue.keys().next().map(|(at, _)| *at);
        let deadline = self
            .machine
            .as_ref()
            .and_then(PodMachine::poll_timeout)
            .map(|deadline| deadline.at);
        let beside = self.neighbours.iter().filter_map(Self::next_at);
        beside.chain(queued).chain(deadline).min()
    }

    fn step(&mut self) {
        let now = self.now;
        let is_due = |sim: &&mut Self| sim.next_at().is_some_and(|at| at <= now);
        if let Some(neighbour) = self.neighbours.iter_mut().find(is_due) {
            neighbour.now = now;
            neighbour.step();
            return self.share();
        }
        let next = self
            .queue
            .first_entry()
            .filter(|entry| entry.key().0 <= self.now);
        match next.map(OccupiedEntry::remove) {
            Some(happening) => self.happen(happening),
            None => {
                if let Some(machine) = &mut self.machine {
                    machine.handle_timeout(self.now);
                }
                self.restart_host();
            }
        }
        self.pump();
    }

    /// Goes on with what the host wrote down, if it is one that always stops and starts again.
    fn restart_host(&mut self) {
        if let (Some(machine), Some(reread)) = (&mut self.machine, self.reread) {
            *machine = reread(machine);
        }
    }

    fn later(&mut self, delay: Duration, happening: Happening) {
        self.at(later(self.now, delay), happening);
    }

    fn at(&mut self, at: Timestamp, happening: Happening) {
        self.queued += 1;
        self.queue.insert((at, self.queued), happening);
    }
}
