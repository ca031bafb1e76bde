mod changes;
mod host;
mod nonsense;
mod sketch;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fmt::Debug,
    sync::Arc,
    time::Duration,
};

use arbitrary::{Arbitrary, Unstructured};
use pod_lifecycle::{
    api::{Pod, PodPhase, PodStatus, Time},
    critical,
    jiff::Timestamp,
    lifecycle::Observation,
    machine::{Action, Config, Eviction, Input, Pacing, PodMachine, ResizeDecision, Stage},
};

use self::{nonsense::Nonsense, sketch::PodSketch};

/// Whatever happens to a pod, in whatever order, its machine keeps its promises; and once the pod is
/// deleted and the host does what it is asked for, the machine comes to an end.
///
/// With `TRACE` in the environment, what happens is printed.
pub fn machine_ops(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let Ok(sketch) = PodSketch::arbitrary(&mut u) else {
        return;
    };
    let mut life = Life::new(&sketch);
    life.trace(&sketch);
    for op in u.arbitrary_iter::<Op>().into_iter().flatten().take(200) {
        let Ok(op) = op else { break };
        life.trace(&op);
        life.apply(op);
        life.settle();
    }
    life.end();
}

/// One thing that may happen.
#[derive(Arbitrary, Debug)]
enum Op {
    /// Time goes on, by tenths of a second.
    Wait(u16),
    /// Nothing happens until the machine wants to be called.
    WaitForDeadline,
    /// The host is called with a clock that was set back.
    ClockGoesBack(u16),
    /// The host does a few of the things that it was asked for, one after the other.
    Obey(u8),
    /// The host reports how something ended that it was asked for.
    Report { which: u8, success: bool },
    /// A container's process ends by itself.
    Exit { which: u8, code: u8 },
    /// The host looks at the runtime.
    Relist,
    /// A sandbox dies, and what runs in it.
    LoseSandbox,
    /// Somebody deletes the pod.
    Delete { grace: u8 },
    /// The object goes without a goodbye.
    Remove,
    /// The node wants the pod away.
    Evict { grace: Option<u8> },
    /// Somebody writes to the object.
    Relabel(u8),
    /// Somebody gives a container another image.
    NewImage { which: u8, image: u8 },
    /// The host says what cannot be.
    Nonsense(Nonsense),
    /// Somebody gives a container other resources.
    Resize { which: u8, cpu: u8, memory: u8 },
    /// The node says what it gives, asked or not.
    Decide(ResizeDecision),
    /// Somebody has a look into the pod with another container.
    Debug,
    /// The runtime forgets a container.
    Forget(u8),
    /// The host starts anew, and knows what the runtime knows.
    Restart,
    /// The copy of a static pod goes.
    LoseMirror,
    /// The host does what it was asked for, says nothing, and looks at the runtime.
    Silent { which: u8, success: bool },
}

/// A machine, the world around it, and what has been seen so far.
struct Life {
    machine: PodMachine,
    pod: Pod,
    now: Timestamp,
    runtime: Observation,
    /// What the host was asked for and has not reported.
    asked: Vec<Action>,
    instances: u32,
    restarts: BTreeMap<String, i32>,
    phase: Option<PodPhase>,
    config: Arc<Config>,
    removed: bool,
    silent: bool,
    mirror: Option<Arc<Pod>>,
    mirrors: u32,
    /// Whether the pod was past its time when the machine was last quiet.
    ending: bool,
    traced: bool,
}

const START: i64 = 1_772_352_000;

impl Life {
    fn new(sketch: &PodSketch) -> Self {
        let pod = sketch.pod();
        let now = Timestamp::from_second(START).expect("an instant of 2026");
        let mut config = Config::default();
        if sketch.kubelet_pacing {
            config.pacing = Pacing::kubelet(1250);
        }
        let config = Arc::new(config);
        let mut life = Self {
            machine: PodMachine::new(Arc::new(pod.clone()), Arc::clone(&config), now),
            pod,
            now,
            runtime: Observation::default(),
            asked: Vec::new(),
            instances: 0,
            restarts: BTreeMap::new(),
            phase: None,
            config,
            removed: false,
            silent: false,
            mirror: None,
            mirrors: 0,
            ending: false,
            traced: std::env::var_os("TRACE").is_some(),
        };
        life.settle();
        life
    }

    fn trace(&self, what: &impl Debug) {
        if self.traced {
            eprintln!("{} {:?} {what:?}", self.now, self.machine.stage());
        }
    }

    fn wait(&mut self, length: Duration) {
        self.now = self.now.checked_add(length).unwrap_or(Timestamp::MAX);
    }

    /// Tells the machine something; what it refuses must leave it as it was.
    fn tell(&mut self, input: Input) {
        if self.silent {
            return;
        }
        self.trace(&input);
        self.removed |= input == Input::PodRemoved;
        let before = self.machine.clone();
        if let Err(error) = self.machine.handle_input(self.now, input) {
            assert!(before == self.machine, "refused, and yet changed: {error}");
        }
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Wait(tenths) => self.wait(Duration::from_millis(u64::from(tenths) * 100)),
            Op::WaitForDeadline => {
                if let Some(deadline) = self.machine.poll_timeout() {
                    self.now = self.now.max(deadline.at);
                }
            }
            Op::ClockGoesBack(seconds) => {
                let earlier = self.now.checked_sub(Duration::from_secs(seconds.into()));
                let before = self.machine.clone();
                self.machine
                    .handle_timeout(earlier.unwrap_or(Timestamp::MIN));
                assert!(
                    before == self.machine,
                    "a clock that was set back changes nothing"
                );
            }
            Op::Obey(times) => {
                for _ in 0..times % 16 {
                    self.report(0, true);
                    self.settle();
                }
            }
            Op::Report { which, success } => self.report(which.into(), success),
            Op::Exit { which, code } => self.exit(which, code % 4),
            Op::Relist => self.relist(),
            Op::LoseSandbox => self.lose_sandbox(),
            Op::Delete { grace } => self.delete(grace.into()),
            Op::Remove => self.tell(Input::PodRemoved),
            Op::Evict { grace } => self.tell(Input::Evict(Box::new(Eviction {
                reason: "Evicted".into(),
                grace_period_seconds: grace.map(i64::from),
                ..Eviction::default()
            }))),
            Op::Relabel(value) => {
                self.pod
                    .metadata
                    .labels
                    .insert("value".into(), value.to_string());
                self.update();
            }
            Op::NewImage { which, image } => {
                let containers = &mut self.pod.spec.containers;
                let index = usize::from(which) % containers.len();
                if let Some(container) = containers.get_mut(index) {
                    container.image = format!("{}:{image}", container.name);
                    self.pod.metadata.generation += 1;
                }
                self.update();
            }
            Op::Nonsense(nonsense) => self.nonsense(&nonsense),
            Op::Resize { which, cpu, memory } => self.resize(which, cpu, memory),
            Op::Decide(decision) => self.decide(decision),
            Op::Debug => self.debug(),
            Op::Forget(which) => self.forget(which),
            Op::Restart => self.restart(),
            Op::LoseMirror => self.show_mirror(None),
            Op::Silent { which, success } => self.silently(which.into(), success),
        }
    }

    fn update(&mut self) {
        self.tell(Input::PodUpdated(Arc::new(self.pod.clone())));
    }

    /// As the API server: a grace may only become shorter.
    fn delete(&mut self, grace: i64) {
        if critical::is_static(&self.pod) {
            return self.delete_mirror(grace);
        }
        let metadata = &mut self.pod.metadata;
        let grace = metadata
            .deletion_grace_period_seconds
            .map_or(grace, |before| before.min(grace));
        let end = self
            .now
            .checked_add(Duration::from_secs(grace.unsigned_abs()));
        metadata.deletion_timestamp = Some(Time::new(end.unwrap_or(Timestamp::MAX)));
        metadata.deletion_grace_period_seconds = Some(grace);
        metadata.generation += 1;
        self.update();
    }

    /// Lets the machine do what is due, takes down what it asks for, and holds it to its promises.
    fn settle(&mut self) {
        self.machine.handle_timeout(self.now);
        let mut drained = 0;
        while let Some(action) = self.machine.poll_action() {
            self.trace(&action);
            drained += 1;
            assert!(drained < 10_000, "no end of actions");
            self.take(action);
        }
        self.ending |= self.machine.stage() != Stage::Syncing;

        if let Some(deadline) = self.machine.poll_timeout() {
            assert!(
                deadline.at > self.now,
                "{deadline:?} is over at {}",
                self.now
            );
        }
        let before = self.machine.clone();
        self.machine.handle_timeout(self.now);
        assert!(self.machine.poll_action().is_none(), "nothing new happened");
        assert!(before == self.machine, "a call too many changes nothing");
        self.hold_status(&before.status().clone());
        self.put_away();
    }

    /// Writes the machine down and goes on with what is read.
    fn put_away(&mut self) {
        let written = serde_json::to_string(&self.machine).expect("a machine can be written");
        let read: PodMachine =
            serde_json::from_str(&written).expect("what was written can be read");
        assert!(
            read == self.machine,
            "the machine is another one when it is read"
        );
        let pod = Arc::new(self.machine.pod().clone());
        let woken = read.park(&pod).wake();
        assert!(
            woken == self.machine,
            "the machine is another one when it is woken"
        );
        self.machine = woken;
    }

    fn take(&mut self, action: Action) {
        match &action {
            Action::CreateSandbox { .. }
            | Action::PullImage { .. }
            | Action::CreateContainer { .. }
            | Action::StartContainer { .. } => {
                assert!(!self.ending, "{action:?} although the pod is ending");
                assert!(!self.asked.contains(&action), "{action:?} asked for twice");
            }
            Action::PublishStatus { status } => {
                self.published(status);
                return;
            }
            Action::RemoveContainer { id, .. } => {
                self.runtime
                    .containers
                    .retain(|container| container.id != *id);
                return;
            }
            _ => {}
        }
        self.asked.push(action);
    }

    fn published(&mut self, status: &PodStatus) {
        self.hold_status(status);
        if matches!(self.phase, Some(PodPhase::Succeeded | PodPhase::Failed)) {
            assert_eq!(self.phase, status.phase, "a terminal phase is left");
        }
        self.phase.clone_from(&status.phase);
        match &mut self.mirror {
            Some(mirror) => Arc::make_mut(mirror).status = status.clone(),
            None => assert!(!critical::is_static(&self.pod), "told to nobody"),
        }
        self.pod.status = status.clone();
    }

    /// Holds a status, published or not, against those before.
    fn hold_status(&mut self, status: &PodStatus) {
        let lists = [&status.init_container_statuses, &status.container_statuses];
        for container in lists.into_iter().flatten() {
            match self.restarts.entry(container.name.clone()) {
                Entry::Vacant(entry) => {
                    entry.insert(container.restart_count);
                }
                Entry::Occupied(mut entry) => {
                    let before = entry.insert(container.restart_count);
                    assert!(
                        before <= container.restart_count,
                        "restarts of {} fall from {before} to {}",
                        container.name,
                        container.restart_count,
                    );
                }
            }
        }
        let is_final = |phase: &Option<PodPhase>| {
            matches!(phase, Some(PodPhase::Succeeded | PodPhase::Failed))
        };
        assert!(
            !is_final(&self.phase) || self.phase == status.phase,
            "{:?} is followed by {:?}",
            self.phase,
            status.phase,
        );
    }

    /// The pod is deleted and the host does everything it is asked for.
    fn end(&mut self) {
        if critical::is_static(&self.pod) {
            self.tell(Input::PodRemoved);
        } else {
            self.delete(1);
        }
        self.settle();
        for _ in 0..2000 {
            if self.machine.is_over() {
                return;
            }
            if !self.asked.is_empty() {
                self.report(0, true);
            } else {
                if let Some(deadline) = self.machine.poll_timeout() {
                    self.now = self.now.max(deadline.at);
                }
                self.relist();
            }
            self.settle();
        }
        panic!("the machine comes to no end: {:?}", self.machine);
    }
}
