//! Pods whose resources change while they run.

use pod_lifecycle::api::{ConditionStatus, PodConditionType, ResourceName};

use super::*;

fn with_resources(policy: &str) -> Host {
    Host::new(json!({"containers": [{
        "name": "web", "image": "web:1",
        "resources": {"requests": {"cpu": "100m", "memory": "64"}, "limits": {"cpu": "200m", "memory": "128"}},
        "resizePolicy": [
            {"resourceName": "cpu", "restartPolicy": "NotRequired"},
            {"resourceName": "memory", "restartPolicy": policy},
        ],
    }]}))
}

impl Host {
    fn ask(&mut self, resource: ResourceName, request: &str, limit: &str) {
        let (request, limit) = (request.parse(), limit.parse());
        self.log.clear();
        self.update(|pod| {
            let resources = &mut pod.spec.containers[0].resources;
            resources
                .requests
                .insert(resource.clone(), request.expect("an amount"));
            resources.limits.insert(resource, limit.expect("an amount"));
            pod.metadata.generation += 1;
        });
    }

    fn condition(&self, kind: &PodConditionType) -> Option<(&str, i64)> {
        let found = self.machine.status().condition(kind)?;
        assert_eq!(found.status, Some(ConditionStatus::True));
        Some((&found.reason, found.observed_generation))
    }

    fn allocated(&self, resource: &ResourceName) -> String {
        self.machine.status().container_statuses[0].allocated_resources[resource].to_string()
    }
}

#[test]
fn more_cpu_is_given_while_the_container_runs_the_pod_first() {
    let mut host = with_resources("NotRequired");
    host.ask(ResourceName::CPU, "150m", "300m");
    assert_eq!(
        host.log,
        ["decide", "resize pod cpu", "resize web cpu: 150m 64"]
    );
    assert_eq!(host.allocated(&ResourceName::CPU), "150m");
    assert_eq!(
        host.condition(&PodConditionType::POD_RESIZE_IN_PROGRESS),
        None,
        "it is through"
    );
    assert_eq!(host.restarts(), 0);
    host.wait(600);
    assert_eq!(host.log.len(), 3, "nothing is given twice");
}

#[test]
fn less_cpu_is_taken_from_the_container_before_the_pod() {
    let mut host = with_resources("NotRequired");
    host.ask(ResourceName::CPU, "50m", "100m");
    assert_eq!(
        host.log,
        ["decide", "resize web cpu: 50m 64", "resize pod cpu"]
    );
}

#[test]
fn a_container_whose_policy_says_so_is_restarted_with_its_new_memory() {
    let mut host = with_resources("RestartContainer");
    host.ask(ResourceName::MEMORY, "96", "192");
    assert_eq!(
        host.log,
        ["decide", "stop web 30s", "resize pod memory", "start web"]
    );
    assert_eq!(host.restarts(), 1);
    assert_eq!(
        host.condition(&PodConditionType::POD_RESIZE_IN_PROGRESS),
        None
    );
    host.wait(600);
    assert_eq!(host.restarts(), 1, "once");
}

#[test]
fn a_resize_that_has_to_wait_says_so_and_is_made_when_there_is_room() {
    let mut host = with_resources("NotRequired");
    let message = "the node is full".to_owned();
    host.decision = ResizeDecision::Deferred { message };
    host.ask(ResourceName::CPU, "30", "60");
    assert_eq!(
        host.condition(&PodConditionType::POD_RESIZE_PENDING),
        Some(("Deferred", 2))
    );
    assert_eq!(host.allocated(&ResourceName::CPU), "100m");
    host.exits("web", 1);
    assert_eq!(
        host.allocated(&ResourceName::CPU),
        "100m",
        "what is started meanwhile gets what it had"
    );
    host.wait(600);
    assert_eq!(host.log, ["decide", "start web"]);

    host.say(Input::ResizeDecided(ResizeDecision::Allocated));
    assert_eq!(
        host.log[2..],
        ["resize pod cpu", "resize web cpu: 30000m 64"]
    );
    assert_eq!(host.condition(&PodConditionType::POD_RESIZE_PENDING), None);
    assert_eq!(host.allocated(&ResourceName::CPU), "30");
}

#[test]
fn a_resize_that_can_never_be_is_infeasible_until_it_is_taken_back() {
    let mut host = with_resources("NotRequired");
    let message = "the node is smaller".to_owned();
    host.decision = ResizeDecision::Infeasible { message };
    host.ask(ResourceName::CPU, "3000", "6000");
    assert_eq!(
        host.condition(&PodConditionType::POD_RESIZE_PENDING),
        Some(("Infeasible", 2))
    );
    host.ask(ResourceName::CPU, "100m", "200m");
    assert_eq!(host.log, [""; 0], "there is nothing to decide");
    assert_eq!(host.condition(&PodConditionType::POD_RESIZE_PENDING), None);
}

#[test]
fn a_resize_that_the_runtime_refuses_is_an_error_and_tried_again() {
    let mut host = with_resources("NotRequired");
    let pod = {
        let mut pod = host.machine.pod().clone();
        let memory = "32".parse().expect("an amount");
        let resources = &mut pod.spec.containers[0].resources;
        resources.limits.insert(ResourceName::MEMORY, memory);
        pod
    };
    let now = host.now;
    let mut tell = |input| assert_eq!(host.machine.handle_input(now, input), Ok(()));
    tell(Input::PodUpdated(Arc::new(pod)));
    tell(Input::ResizeDecided(ResizeDecision::Allocated));
    tell(Input::ContainerResized {
        container: "web".into(),
        result: Err("more is in use".into()),
    });
    let attempts = |host: &mut Host| {
        let actions = std::iter::from_fn(|| host.machine.poll_action());
        let resizes = actions.filter(|action| matches!(action, Action::ResizeContainer { .. }));
        resizes.count()
    };
    assert_eq!(attempts(&mut host), 1);
    host.machine
        .handle_timeout(host.now + Duration::from_secs(10));
    let in_progress = host.condition(&PodConditionType::POD_RESIZE_IN_PROGRESS);
    assert_eq!(in_progress, Some(("Error", 1)));
    assert_eq!(attempts(&mut host), 1);
}

#[test]
fn a_pod_that_ends_is_not_held_up_by_a_resize_that_nobody_decides() {
    let mut host = with_resources("NotRequired");
    let now = host.now;
    let mut pod = host.machine.pod().clone();
    let cpu = "30".parse().expect("an amount");
    pod.spec.containers[0]
        .resources
        .requests
        .insert(ResourceName::CPU, cpu);
    let told = host
        .machine
        .handle_input(now, Input::PodUpdated(Arc::new(pod.clone())));
    assert_eq!(told, Ok(()));
    assert_eq!(host.machine.poll_action(), Some(Action::DecideResize));
    assert_eq!(
        host.machine.poll_action(),
        None,
        "the sync waits for the answer"
    );
    pod.metadata.deletion_timestamp = Some(now.into());
    pod.metadata.deletion_grace_period_seconds = Some(5);
    host.say(Input::PodUpdated(Arc::new(pod)));
    assert_eq!(host.log.last().map(String::as_str), Some("delete pod"));
}

#[test]
fn an_init_container_that_runs_is_resized_when_it_asks_and_left_alone_when_another_does() {
    let mut host = Host::new(json!({
        "initContainers": [{"name": "fetch", "image": "fetch:1", "resources": {"requests": {"cpu": "1"}}}],
        "containers": [{
            "name": "web", "image": "web:1",
            "resources": {"requests": {"cpu": "100m"}, "limits": {"cpu": "200m"}},
        }],
    }));
    host.ask(ResourceName::CPU, "300m", "600m");
    assert_eq!(
        host.log,
        ["decide"],
        "what does not run yet starts with what it asks for"
    );
    assert_eq!(
        host.condition(&PodConditionType::POD_RESIZE_IN_PROGRESS),
        None
    );

    host.log.clear();
    host.update(|pod| {
        let requests = &mut pod.spec.init_containers[0].resources.requests;
        requests.insert(ResourceName::CPU, "2".parse().expect("an amount"));
        pod.metadata.generation += 1;
    });
    assert_eq!(host.log[..2], ["decide", "resize pod cpu"]);
    assert!(
        host.log[2].starts_with("resize fetch cpu: 2000m"),
        "{:?}",
        host.log
    );
}
