//! Pods that run, as a runtime shows them.

use pod_lifecycle::{
    api::{Container, ContainerRestartPolicy, Pod, PodStatus, Probe},
    jiff::Timestamp,
    lifecycle::{
        Observation, ObservedContainer, ObservedState, Sandbox, SandboxState,
        plan::ActuatedResources,
        probe::{Kind, Outcome, Worker},
        status::{Record, StatusInput, Update, pod_status, update},
    },
};

/// A pod that has come through its init containers, and everything that a plan is made from.
pub struct Running {
    pub name: &'static str,
    pub pod: Pod,
    pub seen: Observation,
    pub probes: Vec<Worker>,
    pub actuated: ActuatedResources,
}

impl Running {
    /// Returns the status that was taken over last.
    #[must_use]
    pub fn status(&self) -> PodStatus {
        let now = Timestamp::UNIX_EPOCH;
        let derived = pod_status(&StatusInput::new(&self.pod, &self.seen, now));
        let record = Record {
            pod: &self.pod,
            cached: None,
            mirror: None,
            now,
        };
        match update(&record, derived) {
            Update::Changed(status) => *status,
            Update::Unchanged | Update::Refused(_) => unreachable!("the first status is new"),
        }
    }
}

/// Three containers, each with its probes.
pub fn typical() -> Running {
    running("typical", 0, 0, 3)
}

/// Twenty containers after five init containers and five sidecars.
pub fn large() -> Running {
    running("large", 5, 5, 20)
}

fn running(name: &'static str, init: usize, sidecars: usize, regular: usize) -> Running {
    let mut it = Running {
        name,
        pod: Pod::default(),
        seen: Observation::default(),
        probes: Vec::new(),
        actuated: ActuatedResources::default(),
    };
    it.seen.sandboxes.push(Sandbox {
        id: "sandbox-1".into(),
        state: SandboxState::Ready,
        ip: Some("10.0.0.7".into()),
        ..Sandbox::default()
    });
    let limits =
        r#"{"requests": {"cpu": "250m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}"#;
    let container = |name: String| Container {
        name,
        image: "registry.example/shop/app:1.27".into(),
        resources: serde_json::from_str(limits).expect("resources"),
        startup_probe: Some(Box::new(Probe::default())),
        liveness_probe: Some(Box::new(Probe::default())),
        ..Container::default()
    };
    let inits = (0..init).map(|at| container(format!("init-{at}")));
    let sidecars = (0..sidecars).map(|at| Container {
        restart_policy: Some(ContainerRestartPolicy::Always),
        ..container(format!("sidecar-{at}"))
    });
    it.pod.spec.init_containers = sidecars.chain(inits).collect();
    it.pod.spec.containers = (0..regular)
        .map(|at| container(format!("app-{at}")))
        .collect();

    let spec = &it.pod.spec;
    for container in spec.init_containers.iter().chain(&spec.containers).rev() {
        let is_plain = container.name.starts_with("init");
        let id = format!("containerd://{}-1", container.name);
        it.seen.containers.push(ObservedContainer {
            id: id.clone(),
            name: container.name.clone(),
            state: if is_plain {
                ObservedState::Exited
            } else {
                ObservedState::Running
            },
            ..ObservedContainer::default()
        });
        let resources = container.resources.clone();
        it.actuated
            .containers
            .insert(container.name.clone(), resources);
        for kind in [Kind::Startup, Kind::Liveness] {
            let probe = Probe::default();
            let mut worker = Worker::new(Timestamp::UNIX_EPOCH, kind, &container.name, &probe);
            worker.container_id.clone_from(&id);
            worker.outcome = Some(Outcome::Success);
            it.probes.push(worker);
        }
    }
    it
}
