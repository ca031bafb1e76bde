//! The run loop: what a machine asks for is done, and what happens is told to it.

use core::time::Duration;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::PathBuf,
    sync::{Arc, mpsc},
    thread,
};

use pod_lifecycle::{
    admission::delete,
    api::{Pod, PodPhase, PodStatus},
    kubectl,
    lifecycle::probe::{Answer, Kind},
    machine::{Config, Exit, Hook, Input, PodMachine, Stage},
};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    iterator::Signals,
};

use crate::{clock::Clock, handler::Finding, instance::Instance, log, volume::Volumes};

/// Something that happened.
pub(crate) enum Event {
    /// The volumes are to be mounted, once more.
    Mount,
    /// A process of a container has ended with this code.
    Ended { id: String, code: i32 },
    /// A container has used up its grace.
    GraceOver { id: String },
    Probed {
        container: String,
        probe: Kind,
        finding: Finding,
    },
    Hooked {
        container: String,
        hook: Hook,
        finding: Finding,
    },
    /// Somebody wants the pod to go.
    Interrupted,
}

/// Where threads say what has happened.
#[derive(Clone)]
pub(crate) struct Post(mpsc::Sender<Event>);

impl Post {
    pub(crate) fn send(&self, event: Event) {
        // A host that is gone wants to know nothing.
        let _ = self.0.send(event);
    }

    pub(crate) fn later(&self, wait: Duration, event: Event) {
        let post = self.clone();
        thread::spawn(move || {
            thread::sleep(wait);
            post.send(event);
        });
    }
}

/// How a pod's life ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ending {
    Succeeded,
    Failed,
    /// It was deleted, and ended in its own time.
    Deleted,
    /// It was not given the time.
    Killed,
}

/// One pod on this host.
pub(crate) struct Host {
    pub(crate) machine: PodMachine,
    pub(crate) clock: Clock,
    /// The pod as an API server would have it.
    pub(crate) pod: Pod,
    /// A directory of the pod's own.
    pub(crate) directory: PathBuf,
    pub(crate) volumes: Volumes,
    /// The containers that were made, by their ids.
    pub(crate) instances: BTreeMap<String, Instance>,
    pub(crate) made: usize,
    pub(crate) post: Post,
    events: mpsc::Receiver<Event>,
    killed: bool,
    /// What was printed last: of the pod, and of each probe.
    row: [String; 3],
    probed: BTreeMap<(String, Kind), String>,
}

impl Host {
    pub(crate) fn new(pod: Pod, config: Config, clock: Clock, directory: PathBuf) -> Self {
        let (post, events) = mpsc::channel();
        Self {
            machine: PodMachine::new(Arc::new(pod.clone()), config, clock.now()),
            clock,
            pod,
            directory,
            volumes: Volumes::default(),
            instances: BTreeMap::new(),
            made: 0,
            post: Post(post),
            events,
            killed: false,
            row: Default::default(),
            probed: BTreeMap::new(),
        }
    }

    /// Lives the pod's life.
    pub(crate) fn run(mut self) -> io::Result<Ending> {
        fs::create_dir_all(&self.directory)?;
        self.listen()?;
        self.print_row(&["NAME", "READY", "STATUS", "RESTARTS", "AGE"]);
        loop {
            while let Some(action) = self.machine.poll_action() {
                self.perform(action);
            }
            if self.is_done() {
                break;
            }
            match self.next_event() {
                Some(event) => self.happened(event),
                None => self.machine.handle_timeout(self.clock.now()),
            }
        }
        fs::remove_dir_all(&self.directory)?;
        Ok(self.ending())
    }

    /// Waits for what happens next; for nothing where the machine wants to be called before.
    fn next_event(&self) -> Option<Event> {
        match self.machine.poll_timeout() {
            Some(deadline) => {
                let wait = self.clock.until(deadline.at);
                self.events.recv_timeout(wait).ok()
            }
            None => self.events.recv().ok(),
        }
    }

    /// A pod that is over stays in a cluster until somebody deletes it; here it need not.
    fn is_done(&self) -> bool {
        let is_deleted = self.pod.metadata.deletion_timestamp.is_some();
        self.machine.is_over() || (self.machine.stage() == Stage::Finished && !is_deleted)
    }

    fn ending(&self) -> Ending {
        match self.pod.status.phase {
            _ if self.killed => Ending::Killed,
            _ if self.pod.metadata.deletion_timestamp.is_some() => Ending::Deleted,
            Some(PodPhase::Succeeded) => Ending::Succeeded,
            _ => Ending::Failed,
        }
    }

    /// Takes signals for events.
    fn listen(&self) -> io::Result<()> {
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        let post = self.post.clone();
        thread::spawn(move || {
            for _ in signals.forever() {
                post.send(Event::Interrupted);
            }
        });
        Ok(())
    }

    /// Tells the machine something.
    pub(crate) fn tell(&mut self, input: Input) {
        // What a late answer was asked for may be over by now.
        let _ = self.machine.handle_input(self.clock.now(), input);
    }

    fn happened(&mut self, event: Event) {
        match event {
            Event::Mount => self.mount(),
            Event::Ended { id, code } => self.ended(id, code),
            Event::GraceOver { id } => self.grace_over(&id),
            Event::Probed {
                container,
                probe,
                finding,
            } => self.probe_ended(container, probe, finding),
            Event::Hooked {
                container,
                hook,
                finding,
            } => self.hook_ended(container, hook, &finding),
            Event::Interrupted => self.interrupted(),
        }
    }

    fn ended(&mut self, id: String, exit_code: i32) {
        let Some(instance) = self.instances.get(&id) else {
            return;
        };
        let message = instance.message(exit_code);
        log::print(&format!("{}: exit code {exit_code}", instance.container));
        let exit = Exit {
            id,
            exit_code,
            message,
            ..Exit::default()
        };
        self.tell(Input::ContainerExited(exit));
    }

    fn probe_ended(&mut self, container: String, probe: Kind, finding: Finding) {
        let Finding { answer, said } = finding;
        let known = self.probed.insert((container.clone(), probe), said.clone());
        if known.as_ref() != Some(&said) {
            let kind = format!("{probe:?}").to_lowercase();
            log::print(&format!("{container}: {kind} probe: {said}"));
        }
        self.tell(Input::ProbeFinished {
            container,
            probe,
            answer,
        });
    }

    fn hook_ended(&mut self, container: String, hook: Hook, finding: &Finding) {
        let success = matches!(finding.answer, Answer::Success | Answer::Warning);
        log::print(&format!("{container}: {hook:?} hook: {}", finding.said));
        let result = match success {
            true => Ok(()),
            false => Err(finding.said.clone()),
        };
        self.tell(Input::HookFinished {
            container,
            hook,
            result,
        });
    }

    /// Deletes the pod as `kubectl delete` does; who asks twice does not want to wait.
    fn interrupted(&mut self) {
        if self.pod.metadata.deletion_timestamp.is_some() {
            return self.kill();
        }
        log::print("deleting the pod; once more kills it");
        delete::before_delete(self.clock.now(), &mut self.pod, None);
        self.tell(Input::PodUpdated(Arc::new(self.pod.clone())));
        self.show();
    }

    /// Kills what runs, and waits for no hook.
    fn kill(&mut self) {
        self.killed = true;
        self.instances.values().for_each(Instance::kill);
        let instances = self.instances.values();
        let containers: BTreeSet<_> = instances.map(|of| of.container.clone()).collect();
        for container in containers {
            for hook in [Hook::PostStart, Hook::PreStop] {
                self.tell(Input::HookFinished {
                    container: container.clone(),
                    hook,
                    result: Err("killed".to_owned()),
                });
            }
        }
    }

    pub(crate) fn publish(&mut self, status: PodStatus) {
        self.pod.status = status;
        self.show();
    }

    /// Prints the pod's row, where it says something new.
    fn show(&mut self) {
        let row = kubectl::row(&self.pod, self.clock.now());
        let news = [
            row.ready.to_string(),
            row.status.to_string(),
            row.restarts.count.to_string(),
        ];
        if news != self.row {
            let cells = row.cells(kubectl::Columns::Basic);
            let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
            self.print_row(&cells);
            self.row = news;
        }
    }

    /// Prints cells as wide as those of rows to come will hardly exceed.
    fn print_row(&self, cells: &[&str]) {
        let widths = [self.pod.metadata.name.len().max(4), 5, 20, 13, 3];
        let cells = cells.iter().zip(widths);
        let cells: Vec<_> = cells
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        log::print(cells.join("   ").trim_end());
    }
}
