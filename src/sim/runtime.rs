//! A container runtime that does what a script says.

use alloc::{
    borrow::ToOwned,
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::time::Duration;

use jiff::Timestamp;

use super::{
    resize::as_asked,
    script::{Behaviour, OnStop, Script, StartFailure},
    timeline::Instance,
};
use crate::{
    api::{Container, TerminationMessagePolicy},
    lifecycle::{
        Observation, ObservedContainer, ObservedState, Sandbox, SandboxState,
        observation::NetworkMode, reason, status::PodCgroup,
    },
    machine::Exit,
};

#[derive(Clone, Debug, Default)]
pub(super) struct Runtime {
    pub(super) sandboxes: Vec<Sandbox>,
    pub(super) containers: Vec<Record>,
    pub(super) cgroup: Option<PodCgroup>,
    made: BTreeMap<String, usize>,
    sandboxes_asked: u32,
    pulls: BTreeMap<String, u32>,
    pulled: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) instance: Instance,
    pub(super) observed: ObservedContainer,
    pub(super) behaviour: Behaviour,
    sandbox: String,
    logs_on_error: bool,
}

/// A container that is being made.
#[derive(Clone, Debug)]
pub(super) struct Making {
    pub(super) instance: Instance,
    pub(super) behaviour: Behaviour,
    pub(super) restart_count: i32,
}

impl Runtime {
    /// What is left for the next pod.
    pub(super) fn with_images_of(former: &Self) -> Self {
        Self {
            pulls: former.pulls.clone(),
            pulled: former.pulled.clone(),
            ..Self::default()
        }
    }

    /// The next instance of a container and what it will do; a failed creation uses one up, too.
    pub(super) fn next_instance(&mut self, script: &Script, name: &str) -> (Instance, Behaviour) {
        let made = self.made.entry(name.to_owned()).or_insert(0);
        *made += 1;
        let entries = script.containers.get(name).map_or(&[][..], Vec::as_slice);
        let behaviour = entries
            .get(*made - 1)
            .or_else(|| entries.last())
            .cloned()
            .unwrap_or_default();
        (Instance::new(name, *made), behaviour)
    }

    /// Counts an attempt to make a sandbox; returns whether the script lets it succeed.
    pub(super) fn try_sandbox(&mut self, script: &Script) -> bool {
        self.sandboxes_asked += 1;
        self.sandboxes_asked > script.sandbox.failures
    }

    pub(super) fn add_sandbox(
        &mut self,
        now: Timestamp,
        attempt: u32,
        host_network: bool,
        address: &str,
    ) -> Sandbox {
        let number = self.sandboxes.len() + 1;
        let ip = if host_network {
            String::new()
        } else {
            address.to_owned()
        };
        let sandbox = Sandbox {
            id: format!("sandbox-{number}"),
            state: SandboxState::Ready,
            created_at: Some(now),
            attempt,
            ip: Some(ip),
            additional_ips: Vec::new(),
            network_mode: if host_network {
                NetworkMode::Node
            } else {
                NetworkMode::Pod
            },
        };
        self.sandboxes.insert(0, sandbox.clone());
        sandbox
    }

    pub(super) fn add_container(
        &mut self,
        now: Timestamp,
        spec: &Container,
        making: Making,
    ) -> String {
        let Making {
            instance,
            behaviour,
            restart_count,
        } = making;
        let id = format!("sim://{instance}");
        let policy = spec.termination_message_policy.as_ref();
        let observed = ObservedContainer {
            id: id.clone(),
            name: instance.name.clone(),
            state: ObservedState::Created,
            created_at: Some(now),
            image: spec.image.clone(),
            image_id: format!("id:{}", spec.image),
            image_ref: format!("id:{}", spec.image),
            restart_count,
            resources: Some(as_asked(&spec.resources)),
            ..ObservedContainer::default()
        };
        let sandbox = self.sandboxes.first();
        let record = Record {
            instance,
            observed,
            behaviour,
            sandbox: sandbox
                .map(|sandbox| sandbox.id.clone())
                .unwrap_or_default(),
            logs_on_error: policy == Some(&TerminationMessagePolicy::FallbackToLogsOnError),
        };
        self.containers.insert(0, record);
        id
    }

    pub(super) fn find(&mut self, id: &str) -> Option<&mut Record> {
        self.containers
            .iter_mut()
            .find(|record| record.observed.id == id)
    }

    /// Whether an image is on the node.
    pub(super) fn has_image(&self, script: &Script, image: &str) -> bool {
        script.images.get(image).is_none_or(|image| image.present)
            || self.pulled.iter().any(|pulled| pulled == image)
    }

    /// Ends a pull; returns whether it succeeded.
    pub(super) fn pull(&mut self, script: &Script, image: &str) -> bool {
        let pulls = self.pulls.entry(image.to_owned()).or_insert(0);
        *pulls = pulls.saturating_add(1);
        let success = script
            .images
            .get(image)
            .is_none_or(|image| image.failures.is_some_and(|failures| *pulls > failures));
        if success && !self.pulled.iter().any(|pulled| pulled == image) {
            self.pulled.push(image.to_owned());
        }
        success
    }

    /// Ends a container that runs.
    pub(super) fn exit(&mut self, now: Timestamp, id: &str, how: End) -> Option<(Instance, Exit)> {
        let record = self.find(id)?;
        if record.observed.state != ObservedState::Running {
            return None;
        }
        record.end(now, how);
        Some((record.instance.clone(), record.to_exit()))
    }

    /// Takes a sandbox down; returns the containers that ended with it.
    pub(super) fn stop_sandbox(&mut self, now: Timestamp, id: &str) -> Vec<(Instance, Exit)> {
        for sandbox in self.sandboxes.iter_mut().filter(|sandbox| sandbox.id == id) {
            sandbox.state = SandboxState::NotReady;
            sandbox.ip = Some(String::new());
        }
        let mut ended = Vec::new();
        for record in self
            .containers
            .iter_mut()
            .filter(|record| record.sandbox == id)
        {
            if record.observed.state == ObservedState::Running {
                record.end(now, End::Killed);
                ended.push((record.instance.clone(), record.to_exit()));
            }
        }
        ended
    }

    /// Reports everything, newest first; `changed` tells whether the spec asks for something else than was made.
    pub(super) fn observe(&self, changed: impl Fn(&ObservedContainer) -> bool) -> Observation {
        let newest = self.sandboxes.first();
        let ready = newest.filter(|sandbox| sandbox.state == SandboxState::Ready);
        let containers = self.containers.iter().map(|record| ObservedContainer {
            active: ready.is_some_and(|sandbox| sandbox.id == record.sandbox),
            spec_changed: changed(&record.observed),
            ..record.observed.clone()
        });
        Observation {
            ips: ready
                .and_then(|sandbox| sandbox.ip.clone())
                .filter(|ip| !ip.is_empty())
                .into_iter()
                .collect(),
            sandboxes: self.sandboxes.clone(),
            containers: containers.collect(),
            pod_cgroup: self.cgroup,
        }
    }
}

/// How a container comes to its end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum End {
    /// By itself, as its script says.
    Voluntary,
    /// After it was asked to, with this code.
    Stopped(i32),
    /// By force.
    Killed,
}

impl Record {
    fn end(&mut self, now: Timestamp, how: End) {
        let observed = &mut self.observed;
        observed.state = ObservedState::Exited;
        observed.finished_at = Some(now);
        observed.exit_code = match how {
            End::Voluntary => self.behaviour.exit_code,
            End::Stopped(code) => code,
            End::Killed => 137,
        };
        observed.reason = match how {
            End::Voluntary if !self.behaviour.reason.is_empty() => self.behaviour.reason.clone(),
            _ if observed.exit_code == 0 => reason::COMPLETED.to_string(),
            _ => reason::ERROR.to_string(),
        };
        if how == End::Voluntary {
            observed.message = self.behaviour.message.clone();
            let log = &self.behaviour.log;
            let falls_back = observed.message.is_empty() && observed.exit_code != 0;
            if falls_back && self.logs_on_error && !log.is_empty() {
                // A kubelet takes lines, with their ends.
                observed.message = format!("{log}\n");
            }
        }
    }

    pub(super) fn to_exit(&self) -> Exit {
        Exit {
            id: self.observed.id.clone(),
            exit_code: self.observed.exit_code,
            reason: self.observed.reason.clone(),
            message: self.observed.message.clone(),
            finished_at: self.observed.finished_at,
        }
    }

    /// When, and how, the container ends after it is asked to now.
    pub(super) fn stop(&self, grace: Duration) -> (Duration, End) {
        match self.behaviour.on_stop {
            _ if grace.is_zero() => (Duration::ZERO, End::Killed),
            OnStop::Exit { after, code } if after <= grace => (after, End::Stopped(code)),
            OnStop::Exit { .. } | OnStop::Ignore => (grace, End::Killed),
        }
    }

    /// Lets the container run, or fail to.
    pub(super) fn start(&mut self, now: Timestamp) -> bool {
        if self.behaviour.failure == Some(StartFailure::Start) {
            self.observed.state = ObservedState::Exited;
            self.observed.started_at = Some(Timestamp::UNIX_EPOCH);
            self.observed.finished_at = Some(now);
            self.observed.exit_code = 128;
            self.observed.reason = reason::START_ERROR.to_string();
            return false;
        }
        self.observed.state = ObservedState::Running;
        self.observed.started_at = Some(now);
        true
    }
}
