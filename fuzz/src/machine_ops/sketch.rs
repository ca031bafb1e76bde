//! Pods that are worth putting to the machine.

use arbitrary::Arbitrary;
use pod_lifecycle::{
    api::{
        Container, ContainerResizePolicy, ContainerRestartPolicy, ContainerRestartRule,
        ContainerRestartRuleAction, ContainerRestartRuleOnExitCodes,
        ContainerRestartRuleOnExitCodesOperator, ExecAction, Lifecycle, LifecycleHandler,
        ObjectMeta, Pod, PodPhase, PodSpec, PodStatus, Probe, ResourceName, ResourceRequirements,
        ResourceResizeRestartPolicy, RestartPolicy, SleepAction, Volume,
    },
    critical,
    quantity::Quantity,
};

/// What is worth varying in a pod.
#[derive(Arbitrary, Debug)]
pub(super) struct PodSketch {
    restart_policy: u8,
    grace: u8,
    active_deadline: Option<u8>,
    init: [Option<ContainerSketch>; 2],
    main: [Option<ContainerSketch>; 2],
    volume: bool,
    is_static: bool,
    pub(super) kubelet_pacing: bool,
}

#[derive(Arbitrary, Debug)]
struct ContainerSketch {
    sidecar: bool,
    liveness: Option<ProbeSketch>,
    readiness: Option<ProbeSketch>,
    startup: Option<ProbeSketch>,
    post_start: bool,
    pre_stop: Option<u8>,
    rule: Option<RuleSketch>,
    /// CPUs, and whether a change of memory restarts it.
    sized: Option<(u8, bool)>,
}

/// What an exit code of 0, 1 or any other does beside the pod's policy.
#[derive(Arbitrary, Debug)]
struct RuleSketch {
    code: u8,
    all: bool,
}

#[derive(Arbitrary, Debug)]
struct ProbeSketch {
    initial_delay: u8,
    period: u8,
    threshold: u8,
}

impl PodSketch {
    pub(super) fn pod(&self) -> Pod {
        let containers = |sketches: &[Option<ContainerSketch>], prefix: &str, init: bool| {
            sketches
                .iter()
                .enumerate()
                .filter_map(|(index, sketch)| Some((format!("{prefix}{index}"), sketch.as_ref()?)))
                .map(|(name, sketch)| sketch.container(name, init))
                .collect::<Vec<_>>()
        };
        let mut main = containers(&self.main, "main-", false);
        if main.is_empty() {
            main.push(Container {
                name: "main".into(),
                image: "main:1".into(),
                ..Container::default()
            });
        }
        let policy = match self.restart_policy % 3 {
            0 => RestartPolicy::Always,
            1 => RestartPolicy::OnFailure,
            _ => RestartPolicy::Never,
        };
        let source = |name: &str| (name.to_owned(), "file".to_owned());
        Pod {
            metadata: ObjectMeta {
                annotations: (self.is_static)
                    .then(|| source(critical::CONFIG_SOURCE))
                    .into_iter()
                    .collect(),
                name: "pod".into(),
                namespace: "default".into(),
                uid: "1".into(),
                generation: 1,
                ..ObjectMeta::default()
            },
            spec: PodSpec {
                node_name: "node".into(),
                restart_policy: Some(policy),
                termination_grace_period_seconds: Some(i64::from(self.grace)),
                active_deadline_seconds: self.active_deadline.map(|length| 1 + i64::from(length)),
                init_containers: containers(&self.init, "init-", true),
                containers: main,
                volumes: if self.volume {
                    vec![Volume {
                        name: "data".into(),
                        ..Volume::default()
                    }]
                } else {
                    Vec::new()
                },
                ..PodSpec::default()
            },
            status: PodStatus {
                phase: Some(PodPhase::Pending),
                ..PodStatus::default()
            },
            ..Pod::default()
        }
    }
}

impl ContainerSketch {
    fn container(&self, name: String, init: bool) -> Container {
        let sidecar = init && self.sidecar;
        let lasting = !init || sidecar;
        let probe = |sketch: &Option<ProbeSketch>| {
            let sketch = sketch.as_ref().filter(|_| lasting)?;
            Some(Box::new(sketch.probe()))
        };
        let handler = |exec: bool, seconds: u8| {
            Box::new(LifecycleHandler {
                exec: exec.then(|| ExecAction {
                    command: vec!["true".into()],
                }),
                sleep: (!exec).then(|| SleepAction {
                    seconds: i64::from(seconds),
                }),
                ..LifecycleHandler::default()
            })
        };
        let (resources, resize_policy) = self.resources();
        Container {
            image: format!("{name}:1"),
            name,
            resources,
            resize_policy,
            restart_policy: match &self.rule {
                _ if sidecar => Some(ContainerRestartPolicy::Always),
                Some(_) => Some(ContainerRestartPolicy::Never),
                None => None,
            },
            restart_policy_rules: self.rule.iter().map(RuleSketch::rule).collect(),
            liveness_probe: probe(&self.liveness),
            readiness_probe: probe(&self.readiness),
            startup_probe: probe(&self.startup),
            lifecycle: lasting.then(|| {
                Box::new(Lifecycle {
                    post_start: self.post_start.then(|| handler(true, 0)),
                    pre_stop: self.pre_stop.map(|seconds| handler(seconds == 0, seconds)),
                    ..Lifecycle::default()
                })
            }),
            ..Container::default()
        }
    }
}

impl ContainerSketch {
    fn resources(&self) -> (ResourceRequirements, Vec<ContainerResizePolicy>) {
        let Some((cpu, restarts)) = self.sized else {
            return Default::default();
        };
        let amounts = [
            (ResourceName::CPU, Quantity::from(1 + i64::from(cpu))),
            (ResourceName::MEMORY, Quantity::from(1 << 20)),
        ];
        let resources = ResourceRequirements {
            requests: amounts.clone().into(),
            limits: amounts.into(),
            ..ResourceRequirements::default()
        };
        let policy = ContainerResizePolicy {
            resource_name: ResourceName::MEMORY,
            restart_policy: Some(if restarts {
                ResourceResizeRestartPolicy::RestartContainer
            } else {
                ResourceResizeRestartPolicy::NotRequired
            }),
        };
        (resources, vec![policy])
    }
}

impl RuleSketch {
    fn rule(&self) -> ContainerRestartRule {
        ContainerRestartRule {
            action: Some(if self.all {
                ContainerRestartRuleAction::RestartAllContainers
            } else {
                ContainerRestartRuleAction::Restart
            }),
            exit_codes: Some(Box::new(ContainerRestartRuleOnExitCodes {
                operator: Some(ContainerRestartRuleOnExitCodesOperator::In),
                values: vec![i32::from(self.code % 3)],
            })),
        }
    }
}

impl ProbeSketch {
    fn probe(&self) -> Probe {
        Probe {
            exec: Some(ExecAction {
                command: vec!["true".into()],
            }),
            initial_delay_seconds: i32::from(self.initial_delay),
            timeout_seconds: 1,
            period_seconds: 1 + i32::from(self.period % 30),
            success_threshold: 1,
            failure_threshold: 1 + i32::from(self.threshold % 4),
            ..Probe::default()
        }
    }
}
