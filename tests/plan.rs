//! What one sync of a pod starts and stops.

use std::collections::BTreeMap;

use pod_lifecycle::{
    api::{Container, Pod, Probe},
    jiff::Timestamp,
    lifecycle::{
        self, Observation, Plan, PlanInput,
        observation::NetworkMode,
        plan::ActuatedResources,
        probe::{Kind, Outcome, Worker},
        termination::KillReason,
    },
};
use serde_json::{Value, json};

use crate::story::{deleted_pod, pod, seen};

fn plan<'a>(pod: &'a Pod, observation: &'a Observation) -> Plan<'a> {
    lifecycle::plan(&PlanInput::new(pod, observation))
}

fn plan_with<'a>(
    pod: &'a Pod,
    observation: &'a Observation,
    change: impl FnOnce(&mut PlanInput<'a>),
) -> Plan<'a> {
    let mut input = PlanInput::new(pod, observation);
    change(&mut input);
    lifecycle::plan(&input)
}

fn names<'a>(containers: &[&'a Container]) -> Vec<&'a str> {
    containers
        .iter()
        .map(|container| &*container.name)
        .collect()
}

fn kills<'a>(plan: &Plan<'a>) -> Vec<(&'a str, KillReason)> {
    plan.containers_to_kill
        .iter()
        .map(|kill| (kill.name, kill.reason))
        .collect()
}

fn container(name: &str, state: &str) -> Value {
    json!({"name": name, "id": format!("{name}-1"), "state": state})
}

fn exited(name: &str, exit_code: i32) -> Value {
    json!({"name": name, "id": format!("{name}-1"), "state": "Exited", "exitCode": exit_code})
}

/// A worker that holds this to be true of the first instance of a container.
fn found(name: &str, kind: Kind, outcome: Outcome) -> Worker {
    let mut worker = Worker::new(Timestamp::UNIX_EPOCH, kind, name, &Probe::default());
    worker.container_id = format!("{name}-1");
    worker.outcome = Some(outcome);
    worker
}

fn sidecar_and_init() -> Value {
    json!({
        "initContainers": [{"name": "mesh", "restartPolicy": "Always"}, {"name": "migrate"}],
        "containers": [{"name": "web"}],
    })
}

#[test]
fn a_new_pod_gets_a_sandbox_and_its_first_init_container() {
    let (pod, nothing) = (pod(sidecar_and_init()), Observation::default());
    let plan = plan(&pod, &nothing);
    assert!(plan.kill_pod && plan.create_sandbox);
    assert_eq!((plan.attempt, plan.sandbox_id), (0, ""));
    assert_eq!(names(&plan.init_containers_to_start), ["mesh"]);
    assert!(plan.containers_to_start.is_empty());
}

#[test]
fn a_pod_that_runs_as_it_should_has_nothing_to_do() {
    let pod = pod(sidecar_and_init());
    let seen = seen(json!([
        container("web", "Running"),
        exited("migrate", 0),
        container("mesh", "Running"),
    ]));
    let plan = plan(&pod, &seen);
    assert!(plan.is_empty());
    assert_eq!(
        plan,
        Plan {
            sandbox_id: "s1",
            ..Plan::default()
        }
    );
}

#[test]
fn a_sandbox_is_replaced_when_it_is_lost_doubled_without_address_or_on_the_wrong_network() {
    let pod = pod(json!({"containers": [{"name": "web"}]}));
    let running = || seen(json!([container("web", "Running")]));
    let replaced = |change: fn(&mut Observation)| {
        let mut seen = running();
        change(&mut seen);
        let plan = plan(&pod, &seen);
        (
            plan.create_sandbox,
            plan.attempt,
            plan.sandbox_id.to_owned(),
        )
    };
    assert_eq!(replaced(|_| {}), (false, 0, "s1".into()));
    assert_eq!(
        replaced(|seen| seen.sandboxes[0].state = Default::default()),
        (true, 1, "s1".into())
    );
    assert_eq!(
        replaced(|seen| seen.sandboxes.push(seen.sandboxes[0].clone())),
        (true, 1, "s1".into())
    );
    assert_eq!(
        replaced(|seen| seen.sandboxes[0].ip = Some(String::new())),
        (true, 1, "s1".into())
    );
    assert_eq!(
        replaced(|seen| seen.sandboxes[0].ip = None),
        (false, 0, "s1".into())
    );
    let node = |seen: &mut Observation| seen.sandboxes[0].network_mode = NetworkMode::Node;
    assert_eq!(replaced(node), (true, 1, String::new()));
}

#[test]
fn a_pod_that_never_restarts_does_not_get_a_second_sandbox() {
    let pod = pod(json!({"restartPolicy": "Never", "containers": [{"name": "job"}]}));
    let mut seen = seen(json!([exited("job", 1)]));
    seen.sandboxes[0].state = Default::default();
    let lost = plan(&pod, &seen);
    assert!(lost.kill_pod && !lost.create_sandbox);

    seen.containers.clear();
    assert!(
        plan(&pod, &seen).create_sandbox,
        "nothing ever ran in the first one"
    );
}

#[test]
fn a_job_that_has_succeeded_is_not_run_again_in_a_new_sandbox() {
    let pod =
        pod(json!({"restartPolicy": "OnFailure", "containers": [{"name": "a"}, {"name": "b"}]}));
    let lost = |containers| {
        let mut seen = seen(containers);
        seen.sandboxes[0].state = Default::default();
        seen
    };
    let half = lost(json!([exited("a", 0), exited("b", 1)]));
    assert_eq!(names(&plan(&pod, &half).containers_to_start), ["b"]);
    let done = lost(json!([exited("a", 0), exited("b", 0)]));
    let plan = plan(&pod, &done);
    assert!(plan.kill_pod && !plan.create_sandbox && plan.containers_to_start.is_empty());
}

#[test]
fn init_containers_run_one_after_the_other_and_a_sidecar_only_has_to_have_started() {
    let pod = pod(sidecar_and_init());
    for (containers, to_start) in [
        (json!([]), "mesh"),
        (json!([container("mesh", "Running")]), "migrate"),
        (
            json!([
                container("mesh", "Running"),
                container("migrate", "Created")
            ]),
            "migrate",
        ),
    ] {
        let seen = seen(containers);
        let plan = plan(&pod, &seen);
        assert_eq!(names(&plan.init_containers_to_start), [to_start]);
        assert!(plan.containers_to_start.is_empty());
    }
    let seen = seen(json!([exited("migrate", 0), container("mesh", "Running")]));
    let plan = plan(&pod, &seen);
    assert!(plan.init_containers_to_start.is_empty());
    assert_eq!(names(&plan.containers_to_start), ["web"]);
}

#[test]
fn a_startup_probe_of_a_sidecar_holds_up_what_comes_after_it() {
    let pod = pod(json!({
        "initContainers": [{"name": "mesh", "restartPolicy": "Always", "startupProbe": {}}],
        "containers": [{"name": "web"}],
    }));
    let seen = seen(json!([container("mesh", "Running")]));
    assert!(plan(&pod, &seen).is_empty(), "nothing is known yet");
    for (outcome, killed, to_start) in [
        (Outcome::Unknown, vec![], vec![]),
        (Outcome::Success, vec![], vec!["web"]),
        (
            Outcome::Failure,
            vec![("mesh", KillReason::StartupProbe)],
            vec!["mesh"],
        ),
    ] {
        let probes = [found("mesh", Kind::Startup, outcome)];
        let plan = plan_with(&pod, &seen, |input| input.probes = &probes);
        assert_eq!(kills(&plan), killed);
        let started = [&plan.init_containers_to_start, &plan.containers_to_start];
        assert_eq!(started.map(|list| names(list)).concat(), to_start);
    }
}

#[test]
fn what_a_probe_found_out_about_an_older_instance_does_not_count() {
    let pod = pod(json!({"containers": [{"name": "web", "livenessProbe": {}}]}));
    let seen = seen(json!([{"name": "web", "id": "web-2", "state": "Running"}]));
    let probes = [found("web", Kind::Liveness, Outcome::Failure)];
    assert!(plan_with(&pod, &seen, |input| input.probes = &probes).is_empty());
}

#[test]
fn a_failed_init_container_ends_a_pod_that_never_restarts() {
    let seen = seen(json!([exited("migrate", 1), container("mesh", "Running")]));
    let mut spec = sidecar_and_init();
    spec["restartPolicy"] = "Never".into();
    let never = pod(spec.clone());
    let over = plan(&never, &seen);
    assert!(over.kill_pod && over.init_containers_to_start.is_empty());
    spec["restartPolicy"] = "OnFailure".into();
    let retried = pod(spec);
    assert_eq!(
        names(&plan(&retried, &seen).init_containers_to_start),
        ["migrate"]
    );
}

#[test]
fn an_init_container_killed_for_its_memory_has_failed_whatever_its_exit_code() {
    let pod = pod(json!({
        "restartPolicy": "Never",
        "initContainers": [{"name": "migrate"}],
        "containers": [{"name": "web"}],
    }));
    let seen = seen(json!([{"name": "migrate", "state": "Exited", "reason": "OOMKilled"}]));
    assert!(plan(&pod, &seen).kill_pod);
}

#[test]
fn init_containers_that_are_over_do_not_come_back_once_a_regular_one_runs() {
    let pod = pod(sidecar_and_init());
    let seen = seen(json!([
        container("web", "Running"),
        container("mesh", "Running")
    ]));
    assert!(
        plan(&pod, &seen).is_empty(),
        "the record of migrate may be gone"
    );
}

#[test]
fn sidecars_come_back_whatever_their_exit_code_and_the_pods_policy() {
    let mut spec = sidecar_and_init();
    spec["restartPolicy"] = "Never".into();
    let pod = pod(spec);
    let seen = seen(json!([
        container("web", "Running"),
        exited("mesh", 0),
        exited("migrate", 0)
    ]));
    let plan = plan(&pod, &seen);
    assert_eq!(names(&plan.init_containers_to_start), ["mesh"]);
    assert!(!plan.kill_pod);
}

#[test]
fn sidecars_do_not_keep_a_finished_pod_alive() {
    let mut spec = sidecar_and_init();
    spec["restartPolicy"] = "Never".into();
    let pod = pod(spec);
    let seen = seen(json!([
        exited("web", 0),
        exited("mesh", 1),
        exited("migrate", 0)
    ]));
    let plan = plan(&pod, &seen);
    assert!(plan.kill_pod && !plan.create_sandbox);
    assert!(plan.init_containers_to_start.is_empty());
}

#[test]
fn a_failed_liveness_probe_restarts_unless_the_policy_is_never() {
    let seen = seen(json!([
        container("web", "Running"),
        container("db", "Running")
    ]));
    let probes = [found("web", Kind::Liveness, Outcome::Failure)];
    for (policy, restarted) in [
        ("Always", vec!["web"]),
        ("OnFailure", vec!["web"]),
        ("Never", vec![]),
    ] {
        let pod =
            pod(json!({"restartPolicy": policy, "containers": [{"name": "web"}, {"name": "db"}]}));
        let plan = plan_with(&pod, &seen, |input| input.probes = &probes);
        assert_eq!(kills(&plan), [("web", KillReason::LivenessProbe)]);
        assert_eq!(names(&plan.containers_to_start), restarted, "{policy}");
        assert!(!plan.kill_pod);
    }
}

#[test]
fn the_last_container_to_fail_its_probe_under_never_ends_the_pod() {
    let pod = pod(json!({"restartPolicy": "Never", "containers": [{"name": "web"}]}));
    let seen = seen(json!([container("web", "Running")]));
    let probes = [found("web", Kind::Liveness, Outcome::Failure)];
    let plan = plan_with(&pod, &seen, |input| input.probes = &probes);
    assert!(plan.kill_pod && plan.containers_to_start.is_empty());
}

#[test]
fn a_changed_image_restarts_under_never_too() {
    let pod = pod(json!({"restartPolicy": "Never", "containers": [{"name": "web"}]}));
    let seen =
        seen(json!([{"name": "web", "id": "web-1", "state": "Running", "specChanged": true}]));
    let plan = plan(&pod, &seen);
    assert_eq!(kills(&plan), [("web", KillReason::SpecChanged)]);
    assert_eq!(names(&plan.containers_to_start), ["web"]);
}

#[test]
fn a_container_of_unknown_state_is_killed_before_it_is_started_again() {
    let pod = pod(json!({"restartPolicy": "Never", "containers": [{"name": "web"}]}));
    let seen = seen(json!([container("web", "Unknown")]));
    let plan = plan(&pod, &seen);
    assert_eq!(kills(&plan), [("web", KillReason::Unknown)]);
    assert_eq!(names(&plan.containers_to_start), ["web"]);
}

#[test]
fn a_deleted_pod_starts_no_regular_container() {
    let pod = deleted_pod(json!({"containers": [{"name": "web"}, {"name": "db"}]}));
    let seen = seen(json!([container("web", "Running")]));
    assert!(plan(&pod, &seen).is_empty());
}

#[test]
fn ephemeral_containers_start_once() {
    let pod = pod(json!({
        "containers": [{"name": "web"}],
        "ephemeralContainers": [{"name": "old"}, {"name": "new"}],
    }));
    let seen = seen(json!([container("web", "Running"), exited("old", 1)]));
    let plan = plan(&pod, &seen);
    let started = plan.ephemeral_containers_to_start.iter();
    assert_eq!(
        started
            .map(|container| &*container.name)
            .collect::<Vec<_>>(),
        ["new"]
    );
}

#[test]
fn restarting_all_takes_down_the_source_last_and_every_instance_of_each() {
    let pod = pod(json!({
        "initContainers": [{"name": "migrate"}],
        "containers": [{"name": "guard", "restartPolicyRules": [
            {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}}]},
            {"name": "web"}],
        "ephemeralContainers": [{"name": "debug"}],
    }));
    let seen = seen(json!([
        exited("guard", 42),
        {"name": "web", "id": "web-2", "state": "Running"},
        {"name": "web", "id": "web-1", "state": "Exited", "exitCode": 1},
        exited("migrate", 0),
        container("debug", "Running"),
    ]));
    let plan = plan_with(&pod, &seen, |input| input.restart_all = true);
    let reset: Vec<_> = plan
        .containers_to_reset
        .iter()
        .map(|reset| (reset.id, reset.kill))
        .collect();
    assert_eq!(
        reset,
        [
            ("web-2", true),
            ("web-1", false),
            ("migrate-1", false),
            ("guard-1", false)
        ]
    );
    assert!(plan.containers_to_start.is_empty());
}

fn resources(limit: &str) -> Value {
    json!({"limits": {"cpu": limit}})
}

#[test]
fn what_shrinks_is_resized_before_what_grows() {
    let sized = |name: &str, limit| json!({"name": name, "resources": resources(limit)});
    let pod = pod(
        json!({"containers": [sized("a", "2"), sized("b", "1"), sized("c", "1"), sized("d", "1")]}),
    );
    let seen = seen(json!(
        ["a", "b", "c", "d"].map(|name| container(name, "Running"))
    ));
    let before = [("a", "1"), ("b", "2"), ("c", "2"), ("d", "1000m")];
    let actuated = ActuatedResources {
        pod: None,
        containers: before
            .map(|(name, limit)| {
                (
                    name.into(),
                    serde_json::from_value(resources(limit)).expect("resources"),
                )
            })
            .into(),
    };
    let plan = plan_with(&pod, &seen, |input| input.actuated = Some(&actuated));
    let updated = plan
        .cpu_to_update
        .iter()
        .map(|update| &*update.container.name);
    assert_eq!(updated.collect::<Vec<_>>(), ["c", "b", "a"]);
    assert!(plan.memory_to_update.is_empty() && plan.containers_to_kill.is_empty());
}

#[test]
fn a_resize_restarts_where_the_container_asks_for_it() {
    let pod = pod(json!({"containers": [{
        "name": "web",
        "resources": resources("2"),
        "resizePolicy": [{"resourceName": "cpu", "restartPolicy": "RestartContainer"}],
    }]}));
    let seen = seen(json!([container("web", "Running")]));
    let actuated = ActuatedResources {
        pod: None,
        containers: BTreeMap::new(),
    };
    let plan = plan_with(&pod, &seen, |input| input.actuated = Some(&actuated));
    assert_eq!(kills(&plan), [("web", KillReason::Resized)]);
    assert_eq!(names(&plan.containers_to_start), ["web"]);
    assert!(plan.update_pod_resources && plan.cpu_to_update.is_empty());
}

#[test]
fn a_host_that_does_not_resize_is_not_asked_to() {
    let pod = pod(json!({"containers": [{"name": "web", "resources": resources("2")}]}));
    let seen = seen(json!([container("web", "Running")]));
    assert!(plan(&pod, &seen).is_empty());
}

#[test]
fn two_instances_of_one_id_are_killed_once() {
    let pod = pod(json!({"containers": [{"name": "a"}, {"name": "b"}]}));
    let seen = seen(json!([
        {"name": "a", "id": "same", "state": "Unknown"}, {"name": "b", "id": "same", "state": "Unknown"},
    ]));
    let plan = plan(&pod, &seen);
    assert_eq!(kills(&plan), [("b", KillReason::Unknown)]);
}
