//! What happens to containers: hooks, last words, errors, and everything anew.

use pod_lifecycle::api::ContainerStatus;

use super::*;

impl Host {
    fn container(&self, at: usize) -> &ContainerStatus {
        &self.machine.status().container_statuses[at]
    }

    /// The containers' statuses that were last told to the API.
    fn told(&self, at: usize) -> &ContainerStatus {
        &self.machine.pod().status.container_statuses[at]
    }

    fn hook(&mut self, container: &str, hook: Hook, result: Result<(), &str>) {
        self.say(Input::HookFinished {
            container: container.into(),
            hook,
            result: result.map_err(Into::into),
        });
    }

    /// Has somebody touch the pod, so that it is looked at.
    fn touch(&mut self) {
        let value = self.now.to_string();
        self.update(|pod| drop(pod.metadata.labels.insert("touched".into(), value)));
    }

    pub(super) fn count(&self, what: &str) -> usize {
        self.log.iter().filter(|line| *line == what).count()
    }
}

#[test]
fn a_post_start_hook_that_fails_kills_its_container_and_is_blamed() {
    let mut host = Host::new(
        json!({"restartPolicy": "Always", "containers": [{"name": "web", "image": "web:1",
        "lifecycle": {"postStart": {"exec": {"command": ["register"]}}}}]}),
    );
    assert_eq!(host.log[1..], ["start web", "PostStart web"]);
    assert_eq!(
        host.waiting(0),
        reason::CONTAINER_CREATING,
        "it counts as being made while its hook runs"
    );
    host.hook("web", Hook::PostStart, Err("register: no such command"));
    assert_eq!(host.log[3], "stop web 30s");
    let state = host.told(0).state.waiting.as_ref().expect("it waits");
    assert_eq!(state.reason, reason::POST_START_HOOK_ERROR);
    assert_eq!(state.message, "register: no such command");
    assert_eq!(
        host.log[4..],
        ["start web", "PostStart web"],
        "the first restart is at once"
    );
    host.hook("web", Hook::PostStart, Ok(()));
    assert_eq!(host.phase(), Some(&PodPhase::Running));
    assert_eq!(host.restarts(), 1);
    assert!(host.is_ready());
}

#[test]
fn the_next_container_waits_for_a_post_start_hook_of_the_one_before() {
    let mut host = Host::new(json!({"containers": [
        {"name": "web", "image": "web:1", "lifecycle": {"postStart": {"sleep": {"seconds": 3}}}},
        {"name": "log", "image": "log:1"}]}));
    assert_eq!(host.count("start log"), 0);
    host.wait(3);
    host.hook("web", Hook::PostStart, Ok(()));
    assert_eq!(host.count("start log"), 1);
    assert_eq!(host.phase(), Some(&PodPhase::Running));
}

#[test]
fn a_pre_stop_hook_that_sleeps_leaves_the_rest_of_the_grace() {
    let mut host = Host::new(json!({"containers": [{"name": "web", "image": "web:1",
        "lifecycle": {"preStop": {"sleep": {"seconds": 12}}}}]}));
    host.delete(30);
    host.wait(12);
    assert_eq!(host.log[2..], ["PreStop web"]);
    host.hook("web", Hook::PreStop, Ok(()));
    assert_eq!(host.log[3], "stop web 18s");
}

#[test]
fn a_pre_stop_hook_that_fails_changes_nothing_about_the_stop() {
    let mut host = Host::new(json!({"containers": [{"name": "web", "image": "web:1",
        "lifecycle": {"preStop": {"exec": {"command": ["drain"]}}}}]}));
    host.delete(30);
    host.wait(4);
    host.hook("web", Hook::PreStop, Err("drain: no such command"));
    assert_eq!(host.log[3..], ["stop web 26s", "stop s0", "delete pod"]);
    let written = serde_json::to_string(host.machine.status()).expect("a status");
    assert!(!written.contains("drain"), "nothing is said about it");
}

#[test]
fn a_container_killed_for_memory_says_so() {
    let mut host = Host::new(one());
    let id = host.id("web");
    host.say(Input::ContainerExited(Exit {
        id,
        exit_code: 137,
        reason: reason::OOM_KILLED.into(),
        message: "cache was full".into(),
        ..Exit::default()
    }));
    let last = host.container(0).last_state.terminated.as_ref();
    let last = last.expect("it was started again");
    assert_eq!((last.exit_code, last.reason.as_str()), (137, "OOMKilled"));
    assert_eq!(last.message, "cache was full");
    assert_eq!(host.restarts(), 1);
}

#[test]
fn an_end_without_a_reason_is_completed_or_an_error() {
    for (exit_code, why) in [(0, reason::COMPLETED), (3, reason::ERROR)] {
        let mut host = Host::new(
            json!({"restartPolicy": "Never", "containers": [{"name": "web", "image": "web:1"}]}),
        );
        host.exits("web", exit_code);
        let ended = host.container(0).state.terminated.as_ref();
        let ended = ended.expect("it is over");
        assert_eq!((ended.exit_code, ended.reason.as_str()), (exit_code, why));
    }
}

#[test]
fn a_container_that_may_not_run_as_root_waits_for_another_configuration() {
    let mut host = Host::new(json!({"containers": [
        {"name": "web", "image": "web:1", "securityContext": {"runAsNonRoot": true}},
        {"name": "worker", "image": "worker:1"}]}));
    assert_eq!(
        host.count("start web"),
        1,
        "the host of these stories lets it"
    );
    let why = "container has runAsNonRoot and image will run as root";
    host.refuses = Some(("web", ContainerError::Config(why.into())));
    host.exits("web", 1);
    host.touch();
    let state = host.told(0).state.waiting.as_ref().expect("it waits");
    assert_eq!(state.reason, reason::CREATE_CONTAINER_CONFIG_ERROR);
    assert_eq!(state.message, why);
    assert_eq!(
        host.restarts(),
        0,
        "an instance that cannot be made is none"
    );
    assert!(host.told(1).ready, "the other container does not mind");
    host.refuses = None;
    host.wait(11);
    assert_eq!(host.restarts(), 1);
    assert!(host.is_ready());
}

#[test]
fn an_image_that_comes_at_last_is_used_and_its_failures_are_forgotten() {
    let mut host = Host::without_image(one());
    host.wait(35);
    let pulls = host.count("pull for web");
    assert!((2..=4).contains(&pulls), "{pulls}");
    host.image = true;
    host.wait(60);
    assert_eq!(host.phase(), Some(&PodPhase::Running));
    assert_eq!(
        host.restarts(),
        0,
        "an instance that was never made is none"
    );
}

#[test]
fn another_image_is_not_held_back_by_the_failures_of_the_former() {
    let mut host = Host::without_image(one());
    host.touch();
    assert_eq!(host.waiting(0), reason::IMAGE_PULL_BACK_OFF);
    assert_eq!(host.count("pull for web"), 1);
    host.update(|pod| pod.spec.containers[0].image = "web:2".into());
    assert_eq!(host.count("pull for web"), 2);
}

#[test]
fn an_exit_that_restarts_all_starts_the_pod_over_from_its_first_init_container() {
    let mut host = Host::new(json!({"restartPolicy": "Never",
        "initContainers": [{"name": "setup", "image": "i:1"}],
        "containers": [
            {"name": "web", "image": "web:1", "restartPolicy": "Never", "restartPolicyRules": [
                {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}}]},
            {"name": "log", "image": "log:1"}]}));
    host.exits("setup", 0);
    assert_eq!(host.phase(), Some(&PodPhase::Running));
    host.log.clear();
    host.exits("web", 42);
    assert_eq!(host.log, ["stop log 2s", "start setup"]);
    host.exits("setup", 0);
    assert_eq!(host.log[2..], ["start web", "start log"]);
    assert_eq!(host.phase(), Some(&PodPhase::Running));
    let restarts = host.machine.status().container_statuses.iter();
    assert_eq!(
        restarts.map(|it| it.restart_count).collect::<Vec<_>>(),
        [1, 1]
    );
    assert_eq!(
        host.machine.status().init_container_statuses[0].restart_count,
        1
    );
}

#[test]
fn an_ephemeral_container_comes_and_goes_and_changes_nothing_else() {
    let mut host = Host::new(one());
    host.update(|pod| {
        let debug =
            json!({"name": "debug", "image": "busybox:1", "imagePullPolicy": "IfNotPresent"});
        pod.spec
            .ephemeral_containers
            .push(serde_json::from_value(debug).expect("a container"));
        pod.metadata.generation += 1;
    });
    assert_eq!(host.log[2..], ["start debug"]);
    let debug = |host: &Host| host.machine.status().ephemeral_container_statuses[0].clone();
    assert!(debug(&host).state.running.is_some());
    assert!(!debug(&host).ready, "nobody waits for it");
    host.exits("debug", 1);
    host.wait(3600);
    let ended = debug(&host).state.terminated.expect("it has ended");
    assert_eq!(ended.exit_code, 1);
    assert_eq!(host.count("start debug"), 1, "it never comes back");
    assert!(host.is_ready());
    assert_eq!(
        (host.phase(), host.restarts()),
        (Some(&PodPhase::Running), 0)
    );
}
