//! Many machines, one virtual clock and one queue of timers.

use std::{collections::BTreeMap, sync::Arc};

use pod_lifecycle::{
    api::{Pod, Time},
    jiff::{SignedDuration, Timestamp},
    lifecycle::{ObservedState, Sandbox, SandboxState, probe::Answer},
    machine::{Action, Config, Exit, ImagePresence, Input, ParkedMachine, PodMachine},
};

const POD: &str = r#"{
    "metadata": {"name": "web", "namespace": "shop", "uid": "8f1c0f5e-6f6e-4a0b-9d3a-5f7c1b2a3d4e"},
    "spec": {"restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "containers": [{
        "name": "web", "image": "registry.example/shop/web:1.27", "imagePullPolicy": "IfNotPresent",
        "readinessProbe": {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 10,
            "successThreshold": 1, "failureThreshold": 3}
    }]}
}"#;

/// How often something happens to a machine, in machines of a hundred thousand each second.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) exits: u32,
    pub(crate) deletions: u32,
    /// Whether machines are put away between events.
    pub(crate) parks: bool,
}

impl Default for Load {
    fn default() -> Self {
        Self {
            exits: 1000,
            deletions: 200,
            parks: false,
        }
    }
}

/// One machine, and when it is to be called.
struct Slot {
    /// Where it is while it is not put away.
    awake: Option<Box<PodMachine>>,
    parked: Option<ParkedMachine>,
    due: Option<Timestamp>,
    /// How many containers it has had, so that each has a name of its own.
    containers: u32,
}

impl Slot {
    fn new(machine: PodMachine) -> Self {
        Self {
            awake: Some(Box::new(machine)),
            parked: None,
            due: None,
            containers: 0,
        }
    }

    /// The machine, woken if it is put away.
    fn machine(&mut self) -> &mut PodMachine {
        let parked = &mut self.parked;
        self.awake.get_or_insert_with(|| {
            let parked = parked
                .take()
                .expect("a machine that is not awake is parked");
            Box::new(parked.wake())
        })
    }

    fn park(&mut self, pod: &Arc<Pod>) {
        if let Some(machine) = self.awake.take() {
            self.parked = Some(machine.park(pod));
        }
    }
}

/// Many machines on one virtual clock.
pub(crate) struct Fleet {
    now: Timestamp,
    load: Load,
    pod: Arc<Pod>,
    deleted: Arc<Pod>,
    config: Arc<Config>,
    slots: Vec<Slot>,
    /// Who is due when. An entry that its slot does not confirm is out of date.
    timers: BTreeMap<Timestamp, Vec<u32>>,
    random: u64,
    events: u64,
}

impl Fleet {
    /// Starts that many machines, spread over the period of their probe, and waits until all run.
    pub(crate) fn new(machines: u32, load: Load) -> Self {
        let pod: Pod = serde_json::from_str(POD).expect("the pod decodes");
        let now = Timestamp::UNIX_EPOCH;
        let mut deleted = pod.clone();
        deleted.metadata.deletion_timestamp = Some(Time::from(now));
        deleted.metadata.deletion_grace_period_seconds = Some(30);
        let mut fleet = Self {
            now,
            load,
            pod: Arc::new(pod),
            deleted: Arc::new(deleted),
            config: Arc::new(Config::default()),
            slots: Vec::with_capacity(machines as usize),
            timers: BTreeMap::new(),
            random: 0x9e37_79b9_7f4a_7c15,
            events: 0,
        };
        for at in 0..machines {
            // A tenth of them each second.
            fleet.now = Timestamp::UNIX_EPOCH
                + SignedDuration::from_millis(i64::from(at) * 10_000 / i64::from(machines));
            let machine = fleet.machine();
            fleet.slots.push(Slot::new(machine));
            fleet.serve(at);
        }
        fleet.advance(Timestamp::UNIX_EPOCH + SignedDuration::from_secs(20));
        fleet
    }

    /// How many inputs and timeouts the machines were given.
    pub(crate) fn events(&self) -> u64 {
        self.events
    }

    /// Lets that many seconds pass.
    pub(crate) fn run_for(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.churn();
            self.advance(self.now + SignedDuration::from_secs(1));
        }
    }

    fn machine(&self) -> PodMachine {
        PodMachine::new(Arc::clone(&self.pod), Arc::clone(&self.config), self.now)
    }

    /// Lets machines exit and be deleted, as many as a second brings.
    fn churn(&mut self) {
        let share = |of: u32, machines: usize| (machines as u64 * u64::from(of)).div_ceil(100_000);
        for _ in 0..share(self.load.exits, self.slots.len()) {
            let at = self.draw();
            let machine = self.slots[at as usize].machine();
            let mut containers = machine.observation().containers.iter();
            let running = containers.find(|container| container.state == ObservedState::Running);
            if let Some(id) = running.map(|running| running.id.clone()) {
                self.exit(at, id, 1);
                self.serve(at);
            }
        }
        for _ in 0..share(self.load.deletions, self.slots.len()) {
            let at = self.draw();
            let update = Input::PodUpdated(Arc::clone(&self.deleted));
            self.tell(at, update);
            self.serve(at);
        }
    }

    /// Calls everybody who is due until then.
    fn advance(&mut self, until: Timestamp) {
        while let Some(entry) = self
            .timers
            .first_entry()
            .filter(|entry| *entry.key() <= until)
        {
            let (due, slots) = entry.remove_entry();
            self.now = due;
            for at in slots {
                let slot = &mut self.slots[at as usize];
                if slot.due == Some(due) {
                    slot.due = None;
                    slot.machine().handle_timeout(due);
                    self.events += 1;
                    self.serve(at);
                }
            }
        }
        self.now = until;
    }

    /// Does what a machine asks for, and notes when it is due.
    fn serve(&mut self, at: u32) {
        while let Some(action) = self.slots[at as usize].machine().poll_action() {
            self.act(at, action);
        }
        let slot = &mut self.slots[at as usize];
        let due = slot.machine().poll_timeout().map(|deadline| deadline.at);
        if self.load.parks {
            slot.park(&self.pod);
        }
        if slot.due != due {
            slot.due = due;
            if let Some(due) = due {
                self.timers.entry(due).or_default().push(at);
            }
        }
    }

    fn act(&mut self, at: u32, action: Action) {
        let outcome = match action {
            Action::CreateSandbox { attempt } => Input::SandboxCreated(Sandbox {
                id: format!("{at:056x}{attempt:08x}"),
                state: SandboxState::Ready,
                ip: Some("10.0.0.2".into()),
                attempt,
                ..Sandbox::default()
            }),
            Action::StopSandbox { id } => Input::SandboxStopped { id },
            Action::InspectImage { container, .. } => Input::ImageInspected {
                container,
                presence: ImagePresence::Present,
            },
            Action::CreateContainer { container, .. } => {
                let slot = &mut self.slots[at as usize];
                slot.containers += 1;
                let id = format!("containerd://{at:056x}{:08x}", slot.containers);
                Input::ContainerCreated { container, id }
            }
            Action::StartContainer { container, id } => Input::ContainerStarted { container, id },
            Action::StopContainer { id, .. } => return self.exit(at, id, 143),
            Action::RunProbe {
                container, probe, ..
            } => Input::ProbeFinished {
                container,
                probe,
                answer: Answer::Success,
            },
            Action::DeletePod => {
                self.tell(at, Input::PodRemoved);
                let machine = self.machine();
                self.slots[at as usize].awake = Some(Box::new(machine));
                return;
            }
            _ => return,
        };
        self.tell(at, outcome);
    }

    fn exit(&mut self, at: u32, id: String, code: i32) {
        let exit = Exit {
            id,
            exit_code: code,
            ..Exit::default()
        };
        self.tell(at, Input::ContainerExited(exit));
    }

    fn tell(&mut self, at: u32, input: Input) {
        self.events += 1;
        let told = self.slots[at as usize]
            .machine()
            .handle_input(self.now, input);
        debug_assert_eq!(told, Ok(()), "the fleet tells what happened");
    }

    /// A machine, each as likely as the next (xorshift).
    fn draw(&mut self) -> u32 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let machines = u64::try_from(self.slots.len()).unwrap_or(u64::MAX);
        u32::try_from(self.random % machines.max(1)).unwrap_or(0)
    }
}
