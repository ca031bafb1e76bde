//! Hosts that stop and start again, with what they wrote down or with nothing but what the runtime knows.

use pod_lifecycle::{api::ResourceName, lifecycle::Observation};

use super::*;

impl Host {
    /// The host starts anew, and finds the object and the runtime as they are.
    fn again(self) -> Self {
        let seen = self.machine.observation().clone();
        self.again_with(seen)
    }

    fn again_with(self, seen: Observation) -> Self {
        let mut config = Config::default();
        config.started_at = Some(self.now);
        let pod = Arc::new(self.machine.pod().clone());
        let mut host = Self {
            machine: PodMachine::resume(pod, seen, config, self.now),
            log: Vec::new(),
            published: Vec::new(),
            ..self
        };
        host.drive();
        host
    }

    /// The host starts anew, and reads what it had written down.
    fn reread(&mut self) {
        let text = serde_json::to_string(&self.machine).expect("a machine can be written");
        let read: PodMachine = serde_json::from_str(&text).expect("and read");
        assert_eq!(read, self.machine);
        self.machine = read;
    }
}

#[test]
fn what_runs_when_the_host_comes_back_goes_on_running() {
    let mut host = Host::new(json!({"containers": [{"name": "web", "image": "web:1",
        "readinessProbe": {"exec": {"command": ["ok"]}}}]}));
    host.wait(20);
    assert!(host.is_ready());
    host.answer = |_, _| Answer::Failure;
    let mut host = host.again();
    assert_eq!(host.log, [""; 0], "nothing is made, started or stopped");
    assert!(host.is_ready(), "until its probe has spoken");
    host.wait(60);
    assert!(!host.is_ready());
}

#[test]
fn what_ended_while_the_host_was_away_is_started_again_and_counted() {
    let mut host = Host::new(one());
    host.exits("web", 1);
    host.exits("web", 1);
    assert_eq!(host.restarts(), 1, "it waits");
    let mut host = host.again();
    assert_eq!(host.log, ["start web"], "no back-off is remembered");
    assert_eq!(host.restarts(), 2);
    host.exits("web", 1);
    host.wait(9);
    assert_eq!(
        host.restarts(),
        2,
        "and then it waits again, from the shortest on"
    );
    host.wait(1);
    assert_eq!(host.restarts(), 3);
}

#[test]
fn a_node_that_came_up_again_makes_everything_anew() {
    let mut host = Host::new(json!({
        "initContainers": [{"name": "setup", "image": "setup:1"}],
        "containers": [{"name": "web", "image": "web:1"}],
    }));
    host.exits("setup", 0);
    let mut seen = host.machine.observation().clone();
    for sandbox in &mut seen.sandboxes {
        sandbox.state = SandboxState::NotReady;
    }
    for container in &mut seen.containers {
        container.state = ObservedState::Exited;
        container.exit_code = 255;
        container.active = false;
    }
    let mut host = host.again_with(seen);
    assert_eq!(host.log, ["stop s0", "sandbox 1", "start setup"]);
    host.exits("setup", 0);
    assert_eq!(host.phase(), Some(&PodPhase::Running));
    assert_eq!(host.restarts(), 1);
}

#[test]
fn a_runtime_that_has_forgotten_everything_loses_no_restart_count() {
    let mut host = Host::new(one());
    host.exits("web", 1);
    host.wait(700);
    host.exits("web", 1);
    assert_eq!(host.restarts(), 2);
    let host = host.again_with(Observation::default());
    assert_eq!(host.log, ["sandbox 0", "start web"]);
    assert_eq!(host.restarts(), 3, "it goes on from what was published");
}

#[test]
fn a_pod_deleted_while_the_host_was_away_is_stopped() {
    let host = Host::new(one());
    let mut pod = host.machine.pod().clone();
    pod.metadata.deletion_timestamp = Some(host.now.into());
    pod.metadata.deletion_grace_period_seconds = Some(7);
    let seen = host.machine.observation().clone();
    let machine = PodMachine::resume(Arc::new(pod), seen, Config::default(), host.now);
    let mut host = Host { machine, ..host };
    host.log.clear();
    host.drive();
    assert_eq!(host.log, ["stop web 7s", "stop s0", "delete pod"]);
}

#[test]
fn a_pod_that_is_over_is_not_started_again() {
    let mut host = Host::new(json!({"restartPolicy": "Never",
        "containers": [{"name": "web", "image": "web:1"}]}));
    host.exits("web", 0);
    assert_eq!(host.phase(), Some(&PodPhase::Succeeded));
    let host = host.again();
    assert_eq!(host.phase(), Some(&PodPhase::Succeeded));
    assert!(
        !host.log.iter().any(|what| what.starts_with("start")),
        "{:?}",
        host.log
    );
}

#[test]
fn a_resize_that_waited_is_put_to_the_node_again() {
    let mut host = Host::new(json!({"containers": [{"name": "web", "image": "web:1",
        "resources": {"requests": {"cpu": "1"}}}]}));
    let message = "the node is full".to_owned();
    host.decision = ResizeDecision::Deferred { message };
    host.update(|pod| {
        let four = "4".parse().expect("an amount");
        let requests = &mut pod.spec.containers[0].resources.requests;
        requests.insert(ResourceName::CPU, four);
    });
    host.decision = ResizeDecision::Allocated;
    let host = host.again();
    assert_eq!(
        host.log,
        ["decide", "resize pod cpu", "resize web cpu: 4000m 0"]
    );
}

#[test]
fn a_life_with_a_restart_of_the_host_at_every_step_is_the_same_life() {
    let story = |rest: &dyn Fn(&mut Host)| {
        let mut host = Host::new(json!({
            "initContainers": [
                {"name": "setup", "image": "setup:1"},
                {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always",
                    "startupProbe": {"exec": {"command": ["up"]}, "periodSeconds": 2}},
            ],
            "containers": [{"name": "web", "image": "web:1",
                "livenessProbe": {"exec": {"command": ["ok"]}, "failureThreshold": 2, "periodSeconds": 5},
                "lifecycle": {"preStop": {"exec": {"command": ["drain"]}}}}],
        }));
        let steps: [&dyn Fn(&mut Host); 8] = [
            &|host| host.exits("setup", 0),
            &|host| host.wait(30),
            &|host| host.exits("web", 1),
            &|host| {
                host.answer = |_, kind| match kind {
                    Kind::Liveness => Answer::Failure,
                    _ => Answer::Success,
                }
            },
            &|host| host.wait(60),
            &|host| host.exits("proxy", 2),
            &|host| host.wait(45),
            &|host| host.delete(10),
        ];
        for step in steps {
            step(&mut host);
            rest(&mut host);
        }
        for _ in 0..12 {
            host.wait(1);
            rest(&mut host);
        }
        (host.machine, host.log, host.published)
    };
    assert_eq!(story(&Host::reread), story(&|_| {}));
}
