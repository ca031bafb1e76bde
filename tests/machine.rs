//! Pods' stories, told by the machine to a host that does at once whatever it is asked for.

mod changes;
mod containers;
mod contradictions;
mod resize;
mod restart;
mod shutdown;
mod static_pods;

use std::{sync::Arc, time::Duration};

use pod_lifecycle::{
    api::{ConditionStatus, Pod, PodConditionType, PodPhase},
    jiff::Timestamp,
    lifecycle::{
        ObservedState, Sandbox, SandboxState,
        observation::NetworkMode,
        plan::Amounts,
        probe::{Answer, Kind},
        reason,
    },
    machine::{
        Action, Config, ContainerError, DeadlineReason, Exit, Hook, ImagePresence, Input,
        InputError, PodMachine, PullError, ResizeDecision, Stage,
    },
};
use serde_json::{Value, json};

/// A host whose runtime never fails by itself; it notes what it is asked for.
struct Host {
    machine: PodMachine,
    now: Timestamp,
    log: Vec<String>,
    made: usize,
    /// Whether the image is on the node.
    image: bool,
    /// What probes answer.
    answer: fn(&str, Kind) -> Answer,
    /// Containers that end only by force.
    stubborn: &'static [&'static str],
    /// A container that cannot be made, and why.
    refuses: Option<(&'static str, ContainerError)>,
    /// What the node says to other resources.
    decision: ResizeDecision,
    /// Statuses, as published: phase and the row's STATUS.
    published: Vec<String>,
}

fn pod(spec: Value) -> Arc<Pod> {
    let mut pod: Pod = serde_json::from_value(json!({
        "metadata": {"name": "p", "namespace": "default", "uid": "u", "generation": 1},
        "spec": spec,
    }))
    .expect("a pod");
    pod_lifecycle::admission::defaults::apply(&mut pod);
    pod.spec.node_name = "node-1".into();
    Arc::new(pod)
}

impl Host {
    fn new(spec: Value) -> Self {
        Self::on(true, spec)
    }

    fn without_image(spec: Value) -> Self {
        Self::on(false, spec)
    }

    fn on(image: bool, spec: Value) -> Self {
        let now = Timestamp::UNIX_EPOCH;
        let mut host = Self {
            machine: PodMachine::new(pod(spec), Config::default(), now),
            now,
            log: Vec::new(),
            made: 0,
            image,
            answer: |_, _| Answer::Success,
            stubborn: &[],
            refuses: None,
            decision: ResizeDecision::Allocated,
            published: Vec::new(),
        };
        host.drive();
        host
    }

    fn say(&mut self, input: Input) {
        let said = self.machine.handle_input(self.now, input);
        assert_eq!(said, Ok(()));
        self.drive();
    }

    /// Does what is asked for until nothing is.
    fn drive(&mut self) {
        while let Some(action) = self.machine.poll_action() {
            if let Some(outcome) = self.perform(action) {
                let told = self.machine.handle_input(self.now, outcome);
                assert_eq!(told, Ok(()));
            }
        }
    }

    fn perform(&mut self, action: Action) -> Option<Input> {
        match action {
            Action::CreateSandbox { attempt } => {
                self.log.push(format!("sandbox {attempt}"));
                let (network_mode, ip) = match self.machine.pod().spec.host_network {
                    true => (NetworkMode::Node, ""),
                    false => (NetworkMode::Pod, "10.0.0.2"),
                };
                Some(Input::SandboxCreated(Sandbox {
                    id: format!("s{attempt}"),
                    state: SandboxState::Ready,
                    attempt,
                    ip: Some(ip.into()),
                    network_mode,
                    ..Sandbox::default()
                }))
            }
            Action::StopSandbox { id } => {
                self.log.push(format!("stop {id}"));
                Some(Input::SandboxStopped { id })
            }
            Action::InspectImage { container, .. } => {
                let presence = if self.image {
                    ImagePresence::Present
                } else {
                    ImagePresence::Absent
                };
                Some(Input::ImageInspected {
                    container,
                    presence,
                })
            }
            Action::PullImage { container, .. } => {
                self.log.push(format!("pull for {container}"));
                let failed = PullError::Failed("no such image".into());
                Some(Input::ImagePulled {
                    container,
                    result: if self.image { Ok(()) } else { Err(failed) },
                })
            }
            Action::CreateContainer { container, .. } => {
                if let Some((_, error)) = self.refuses.clone().filter(|(of, _)| *of == container) {
                    return Some(Input::ContainerFailed { container, error });
                }
                self.made += 1;
                let id = format!("{container}-{}", self.made);
                Some(Input::ContainerCreated { container, id })
            }
            Action::StartContainer { container, id } => {
                self.log.push(format!("start {container}"));
                Some(Input::ContainerStarted { container, id })
            }
            Action::StopContainer {
                container,
                id,
                grace,
            } => {
                self.log
                    .push(format!("stop {container} {}s", grace.as_secs()));
                let exit_code = if self.stubborn.contains(&container.as_str()) {
                    return None;
                } else {
                    0
                };
                Some(Input::ContainerExited(Exit {
                    id,
                    exit_code,
                    ..Exit::default()
                }))
            }
            Action::RunHook {
                container, hook, ..
            } => {
                self.log.push(format!("{hook:?} {container}"));
                None
            }
            Action::RunProbe {
                container, probe, ..
            } => {
                let answer = (self.answer)(&container, probe);
                Some(Input::ProbeFinished {
                    container,
                    probe,
                    answer,
                })
            }
            Action::DecideResize => {
                self.log.push("decide".into());
                Some(Input::ResizeDecided(self.decision.clone()))
            }
            Action::ResizePod { resource, .. } => {
                self.log.push(format!("resize pod {resource}"));
                Some(Input::PodResized { result: Ok(()) })
            }
            Action::ResizeContainer {
                container,
                resource,
                amounts,
                ..
            } => {
                let Amounts {
                    cpu_request_milli: cpu,
                    memory_request: memory,
                    ..
                } = amounts;
                self.log
                    .push(format!("resize {container} {resource}: {cpu}m {memory}"));
                Some(Input::ContainerResized {
                    container,
                    result: Ok(()),
                })
            }
            Action::PublishStatus { status } => {
                let phase = status.phase.as_ref().map_or("", |phase| phase.as_str());
                self.published.push(phase.to_owned());
                None
            }
            Action::DeletePod => {
                self.log.push("delete pod".into());
                let is_kept = !self.machine.pod().metadata.finalizers.is_empty();
                (!is_kept).then_some(Input::PodRemoved)
            }
            _ => None,
        }
    }

    /// Lets time pass, deadline by deadline.
    fn wait(&mut self, seconds: u64) {
        let until = self.now + Duration::from_secs(seconds);
        while let Some(deadline) = self.machine.poll_timeout().filter(|next| next.at <= until) {
            assert!(deadline.at > self.now, "a deadline lies ahead");
            self.now = deadline.at;
            self.machine.handle_timeout(self.now);
            self.drive();
        }
        self.now = until;
    }

    fn id(&self, container: &str) -> String {
        self.machine
            .observation()
            .container(container)
            .expect("a container of that name")
            .id
            .clone()
    }

    fn exits(&mut self, container: &str, exit_code: i32) {
        let id = self.id(container);
        self.say(Input::ContainerExited(Exit {
            id,
            exit_code,
            ..Exit::default()
        }));
    }

    fn update(&mut self, change: impl FnOnce(&mut Pod)) {
        let mut pod = self.machine.pod().clone();
        change(&mut pod);
        self.say(Input::PodUpdated(Arc::new(pod)));
    }

    fn delete(&mut self, grace: i64) {
        let now = self.now;
        self.update(|pod| {
            pod.metadata.deletion_timestamp = Some(now.into());
            pod.metadata.deletion_grace_period_seconds = Some(grace);
            pod.metadata.generation += 1;
        });
    }

    fn phase(&self) -> Option<&PodPhase> {
        self.machine.status().phase.as_ref()
    }

    fn waiting(&self, container: usize) -> &str {
        let state = &self.machine.status().container_statuses[container].state;
        state
            .waiting
            .as_ref()
            .map_or("", |waiting| waiting.reason.as_str())
    }

    fn is_ready(&self) -> bool {
        let ready = self.machine.status().condition(&PodConditionType::READY);
        ready.is_some_and(|ready| ready.status == Some(ConditionStatus::True))
    }

    fn restarts(&self) -> i32 {
        self.machine.status().container_statuses[0].restart_count
    }
}

fn one() -> Value {
    json!({"containers": [{"name": "web", "image": "web:1"}]})
}

#[test]
fn a_pod_comes_up_sandbox_first_and_runs() {
    let host = Host::new(one());
    assert_eq!(host.log, ["sandbox 0", "start web"]);
    assert_eq!(host.phase(), Some(&PodPhase::Running));
    assert_eq!(host.machine.status().pod_ip, "10.0.0.2");
    assert!(host.is_ready());
}

#[test]
fn init_containers_run_one_after_another_before_the_others() {
    let mut host = Host::new(json!({
        "initContainers": [{"name": "one", "image": "i:1"}, {"name": "two", "image": "i:1"}],
        "containers": [{"name": "web", "image": "web:1"}, {"name": "log", "image": "log:1"}],
    }));
    assert_eq!(host.log, ["sandbox 0", "start one"]);
    assert_eq!(host.phase(), Some(&PodPhase::Pending));
    assert_eq!(host.waiting(0), reason::POD_INITIALIZING);
    host.exits("one", 0);
    assert_eq!(host.log.last().map(String::as_str), Some("start two"));
    host.exits("two", 0);
    assert_eq!(host.log[2..], ["start two", "start web", "start log"]);
    assert_eq!(host.phase(), Some(&PodPhase::Running));
}

#[test]
fn a_failed_init_container_with_never_fails_the_pod() {
    let mut host = Host::new(json!({
        "restartPolicy": "Never",
        "initContainers": [{"name": "setup", "image": "i:1"}],
        "containers": [{"name": "web", "image": "web:1"}],
    }));
    host.exits("setup", 3);
    assert_eq!(host.phase(), Some(&PodPhase::Failed));
    assert_eq!(host.machine.stage(), Stage::Finished);
    assert!(!host.log.contains(&"start web".to_owned()));
}

#[test]
fn a_sidecar_starts_first_stays_and_is_stopped_when_the_work_is_done() {
    let mut host = Host::new(json!({
        "restartPolicy": "Never",
        "initContainers": [{"name": "proxy", "image": "p:1", "restartPolicy": "Always"}],
        "containers": [{"name": "job", "image": "job:1"}],
    }));
    assert_eq!(host.log, ["sandbox 0", "start proxy", "start job"]);
    host.exits("job", 0);
    assert_eq!(host.log[3..], ["stop proxy 30s", "stop s0", "stop s0"]);
    assert_eq!(host.phase(), Some(&PodPhase::Succeeded));
}

#[test]
fn a_sidecar_with_a_startup_probe_holds_the_others_back_until_it_has_started() {
    let mut host = Host::new(json!({
        "initContainers": [{"name": "proxy", "image": "p:1", "restartPolicy": "Always",
            "startupProbe": {"exec": {"command": ["ok"]}, "periodSeconds": 1}}],
        "containers": [{"name": "web", "image": "web:1"}],
    }));
    assert_eq!(host.log, ["sandbox 0", "start proxy"]);
    host.answer = |_, _| Answer::Failure;
    host.wait(2);
    assert_eq!(host.log, ["sandbox 0", "start proxy"]);
    host.answer = |_, _| Answer::Success;
    host.wait(1);
    assert_eq!(host.log[2..], ["start web"]);
}

#[test]
fn a_crash_loop_waits_ten_seconds_then_twenty_and_so_on_from_each_end() {
    let mut host = Host::new(one());
    let mut starts = Vec::new();
    for _ in 0..7 {
        host.exits("web", 1);
        let died = host.now;
        while host
            .machine
            .observation()
            .container("web")
            .is_some_and(|web| web.finished_at.is_some())
        {
            host.wait(1);
        }
        starts.push(host.now.duration_since(died).as_secs());
    }
    assert_eq!(starts, [0, 10, 20, 40, 80, 160, 300]);
    assert_eq!(host.restarts(), 7);
}

#[test]
fn a_back_off_says_so_and_when_it_is_over() {
    let mut host = Host::new(one());
    host.exits("web", 1);
    host.exits("web", 1);
    let deadline = host.machine.poll_timeout().expect("a deadline");
    assert_eq!(deadline.reason, DeadlineReason::BackOff);
    assert_eq!(deadline.at, host.now + Duration::from_secs(10));
    host.update(|pod| {
        pod.metadata.labels.insert("any".into(), "change".into());
    });
    assert_eq!(host.waiting(0), reason::CRASH_LOOP_BACK_OFF);
}

#[test]
fn ten_good_minutes_forgive_all_crashes() {
    let mut host = Host::new(one());
    host.exits("web", 1);
    host.exits("web", 1);
    host.wait(10);
    assert_eq!(host.restarts(), 2);
    host.wait(601);
    host.exits("web", 1);
    assert_eq!(host.restarts(), 3, "it is started at once");
}

#[test]
fn an_image_that_cannot_be_pulled_is_tried_again_less_and_less_often() {
    let mut host = Host::without_image(one());
    assert_eq!(host.waiting(0), reason::ERR_IMAGE_PULL);
    host.update(|pod| {
        pod.metadata.labels.insert("any".into(), "change".into());
    });
    assert_eq!(host.waiting(0), reason::IMAGE_PULL_BACK_OFF);
    let pulls = |host: &Host| {
        host.log
            .iter()
            .filter(|line| *line == "pull for web")
            .count()
    };
    assert_eq!(pulls(&host), 1);
    host.wait(300);
    let pulls = host
        .log
        .iter()
        .filter(|line| *line == "pull for web")
        .count();
    assert!((3..=8).contains(&pulls), "{pulls}");
}

#[test]
fn readiness_follows_its_probe_and_nothing_is_restarted_for_it() {
    let mut host = Host::new(json!({"containers": [{"name": "web", "image": "web:1",
        "readinessProbe": {"exec": {"command": ["ok"]}, "periodSeconds": 1, "failureThreshold": 2}}]}));
    assert!(host.is_ready());
    host.answer = |_, _| Answer::Failure;
    host.wait(1);
    assert!(host.is_ready(), "one failure is forgiven");
    host.wait(1);
    assert!(!host.is_ready());
    host.answer = |_, _| Answer::Success;
    host.wait(1);
    assert!(host.is_ready());
    assert_eq!(host.restarts(), 0);
}

#[test]
fn a_failed_liveness_probe_kills_and_restarts_in_one_go() {
    let mut host = Host::new(json!({"containers": [{"name": "web", "image": "web:1",
        "livenessProbe": {"exec": {"command": ["ok"]}, "periodSeconds": 1, "failureThreshold": 3}}]}));
    host.answer = |_, _| Answer::Failure;
    host.wait(2);
    assert_eq!(host.restarts(), 0);
    host.wait(1);
    assert_eq!(host.log[2..], ["stop web 30s", "start web"]);
    assert_eq!(host.restarts(), 1);
}

#[test]
fn nothing_else_is_probed_before_the_startup_probe_has_succeeded() {
    let mut host = Host::new(json!({"containers": [{"name": "web", "image": "web:1",
        "startupProbe": {"exec": {"command": ["ok"]}, "periodSeconds": 1, "failureThreshold": 30},
        "livenessProbe": {"exec": {"command": ["ok"]}, "periodSeconds": 1, "failureThreshold": 1}}]}));
    host.answer = |_, _| Answer::Success;
    host.wait(1);
    let started = host.machine.status().container_statuses[0].started;
    assert_eq!(started, Some(true));
    host.answer = |_, kind| {
        if kind == Kind::Liveness {
            Answer::Failure
        } else {
            Answer::Success
        }
    };
    host.wait(2);
    assert_eq!(host.restarts(), 1);
}

#[test]
fn a_lost_sandbox_takes_its_containers_with_it_and_all_come_back() {
    let mut host = Host::new(one());
    let mut seen = host.machine.observation().clone();
    seen.sandboxes[0].state = SandboxState::NotReady;
    host.say(Input::Observed(seen));
    assert_eq!(
        host.log[2..],
        ["stop web 30s", "stop s0", "sandbox 1", "start web"]
    );
    assert_eq!(host.restarts(), 1);
    assert_eq!(host.phase(), Some(&PodPhase::Running));
}

#[test]
fn a_deleted_pod_is_stopped_with_its_grace_and_then_deleted() {
    let mut host = Host::new(one());
    host.wait(5);
    host.delete(7);
    assert_eq!(host.log[2..], ["stop web 7s", "stop s0", "delete pod"]);
    assert_eq!(host.phase(), Some(&PodPhase::Succeeded));
    assert!(host.machine.is_over());
    assert_eq!(host.machine.poll_timeout(), None);
}

#[test]
fn sidecars_end_last_and_in_reverse() {
    let mut host = Host::new(json!({
        "initContainers": [
            {"name": "first", "image": "s:1", "restartPolicy": "Always"},
            {"name": "second", "image": "s:1", "restartPolicy": "Always"}],
        "containers": [{"name": "web", "image": "web:1"}],
    }));
    host.stubborn = &["web"];
    host.delete(30);
    assert_eq!(host.log.last().map(String::as_str), Some("stop web 30s"));
    host.wait(4);
    host.exits("web", 0);
    let end = [
        "stop web 30s",
        "stop second 26s",
        "stop first 26s",
        "stop s0",
        "delete pod",
    ];
    assert_eq!(host.log[4..], end);
}

#[test]
fn a_pre_stop_hook_uses_up_the_grace_and_is_abandoned_when_it_is_over() {
    let mut host = Host::new(json!({"containers": [{"name": "web", "image": "web:1",
        "lifecycle": {"preStop": {"exec": {"command": ["drain"]}}}}]}));
    host.delete(10);
    assert_eq!(host.log[2..], ["PreStop web"]);
    let deadline = host.machine.poll_timeout().expect("a deadline");
    assert_eq!(
        (deadline.reason, deadline.at),
        (DeadlineReason::Hook, host.now + Duration::from_secs(10))
    );
    host.wait(10);
    assert_eq!(host.log[3..], ["stop web 2s", "stop s0", "delete pod"]);
    let late = Input::HookFinished {
        container: "web".into(),
        hook: Hook::PreStop,
        result: Ok(()),
    };
    assert_eq!(
        host.machine.handle_input(host.now, late),
        Ok(()),
        "a late report is ignored"
    );
}

#[test]
fn a_pod_whose_object_is_gone_is_stopped_all_the_same() {
    let mut host = Host::new(one());
    host.say(Input::PodRemoved);
    assert_eq!(host.log[2..], ["stop web 30s", "stop s0"]);
    assert!(host.machine.is_over());
    let published = host.published.len();
    host.wait(3600);
    assert_eq!(host.published.len(), published, "nobody is told any more");
}

#[test]
fn a_pod_past_its_active_deadline_fails() {
    let mut spec = one();
    spec["activeDeadlineSeconds"] = 60.into();
    let mut host = Host::new(spec);
    host.wait(59);
    assert_eq!(host.phase(), Some(&PodPhase::Running));
    host.wait(1);
    assert_eq!(host.phase(), Some(&PodPhase::Failed));
    assert_eq!(host.machine.status().reason, reason::DEADLINE_EXCEEDED);
    assert!(host.log.contains(&"stop web 30s".to_owned()));
}

#[test]
fn a_container_that_cannot_be_made_waits_and_is_tried_again() {
    let mut machine = PodMachine::new(pod(one()), Config::default(), Timestamp::UNIX_EPOCH);
    let now = Timestamp::UNIX_EPOCH;
    let mut attempts = 0;
    for second in 0..30 {
        let now = now + Duration::from_secs(second);
        machine.handle_timeout(now);
        while let Some(action) = machine.poll_action() {
            let outcome = match action {
                Action::CreateSandbox { .. } => Input::SandboxCreated(Sandbox {
                    id: "s".into(),
                    state: SandboxState::Ready,
                    ip: Some("10.0.0.2".into()),
                    ..Sandbox::default()
                }),
                Action::InspectImage { container, .. } => Input::ImageInspected {
                    container,
                    presence: ImagePresence::Present,
                },
                Action::CreateContainer { container, .. } => {
                    attempts += 1;
                    let error = ContainerError::Config("a secret is missing".into());
                    Input::ContainerFailed { container, error }
                }
                _ => continue,
            };
            assert_eq!(machine.handle_input(now, outcome), Ok(()));
        }
    }
    let state = &machine.status().container_statuses[0].state;
    let waiting = state
        .waiting
        .as_ref()
        .map(|waiting| (waiting.reason.as_str(), waiting.message.as_str()));
    assert_eq!(
        waiting,
        Some((reason::CREATE_CONTAINER_CONFIG_ERROR, "a secret is missing"))
    );
    assert!((3..=5).contains(&attempts), "{attempts}");
}

#[test]
fn a_sandbox_that_cannot_be_made_is_tried_again_after_a_while() {
    let now = Timestamp::UNIX_EPOCH;
    let mut machine = PodMachine::new(pod(one()), Config::default(), now);
    let asked = |machine: &mut PodMachine| {
        let actions = std::iter::from_fn(|| machine.poll_action());
        actions
            .filter(|action| matches!(action, Action::CreateSandbox { .. }))
            .count()
    };
    assert_eq!(asked(&mut machine), 1);
    let message = "no network".into();
    let failed = machine.handle_input(now, Input::SandboxFailed { message });
    assert_eq!(failed, Ok(()));
    assert_eq!(
        asked(&mut machine),
        0,
        "nothing has changed that would give it a better chance"
    );
    machine.handle_timeout(now + Duration::from_secs(10));
    assert_eq!(asked(&mut machine), 1);
}

#[test]
fn what_contradicts_the_machine_is_refused_and_changes_nothing() {
    let mut host = Host::new(one());
    let before = host.machine.clone();
    let other = pod(json!({"containers": []}));
    let mut other = Pod::clone(&other);
    other.metadata.uid = "another".into();
    for (input, error) in [
        (
            Input::VolumesMounted,
            InputError::NotAsked("mounting volumes"),
        ),
        (
            Input::ContainerExited(Exit {
                id: "nobody".into(),
                ..Exit::default()
            }),
            InputError::NoSuchContainerId("nobody".into()),
        ),
        (
            Input::SandboxStopped { id: "none".into() },
            InputError::NoSuchSandbox("none".into()),
        ),
        (Input::PodUpdated(Arc::new(other)), InputError::AnotherPod),
        (
            Input::ProbeFinished {
                container: "web".into(),
                probe: Kind::Liveness,
                answer: Answer::Success,
            },
            InputError::NotAsked("that probe"),
        ),
    ] {
        let later = host.now + Duration::from_secs(5);
        assert_eq!(host.machine.handle_input(later, input), Err(error));
        assert_eq!(host.machine, before);
    }
    host.exits("web", 1);
}

#[test]
fn spurious_calls_and_a_clock_that_jumps_back_do_nothing() {
    let mut host = Host::new(one());
    host.exits("web", 1);
    host.exits("web", 1);
    let before = host.machine.clone();
    for back in [Timestamp::MIN, Timestamp::UNIX_EPOCH, host.now] {
        host.machine.handle_timeout(back);
        assert_eq!(host.machine.poll_action(), None);
        assert_eq!(host.machine, before);
    }
    host.machine.handle_timeout(Timestamp::MAX);
    assert_eq!(
        host.machine.poll_timeout(),
        None,
        "there is nothing after the end of time"
    );
}

#[test]
fn a_machine_that_is_put_away_and_taken_up_again_is_the_same() {
    let mut host = Host::new(json!({"containers": [{"name": "web", "image": "web:1",
        "readinessProbe": {"exec": {"command": ["ok"]}}}]}));
    host.exits("web", 1);
    host.exits("web", 1);
    let text = serde_json::to_string(&host.machine).expect("a machine can be written");
    let again: PodMachine = serde_json::from_str(&text).expect("and read");
    assert_eq!(again, host.machine);
}
