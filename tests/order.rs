//! In which order a kubelet acts and reports, where no recorded life shows it.

use std::time::Duration;

use pod_lifecycle::{
    api::{Pod, ResourceName},
    kubectl,
    sim::{Event, Script, Setup, Sim},
};
use serde_json::{Value, json};

/// A pod whose containers say in their arguments what they do.
fn life(spec: Value) -> Sim {
    let pod = json!({"metadata": {"name": "p"}, "spec": spec});
    let pod: Pod = serde_json::from_value(pod).expect("a pod");
    let mut setup = Setup::default();
    setup.script = Script::from_pod(&pod).expect("a script");
    Sim::new(pod, setup).expect("a valid pod")
}

fn app(script: &[&str]) -> Value {
    let mut args = vec!["script"];
    args.extend(script);
    json!({"name": "app", "image": "app:1", "args": args})
}

/// A container with more to it.
fn with(mut container: Value, more: Value) -> Value {
    let fields = more.as_object().expect("fields").clone();
    container
        .as_object_mut()
        .expect("a container")
        .extend(fields);
    container
}

fn exec(words: &[&str]) -> Value {
    json!({"exec": {"command": words}})
}

fn wait(sim: &mut Sim, seconds: u64) {
    sim.run_for(Duration::from_secs(seconds));
}

/// What happened: the second, and what the runtime was asked for, or how the pod's row reads and its phase.
fn told(sim: &Sim) -> Vec<(i64, String)> {
    let entries = sim.timeline().entries();
    let start = entries
        .first()
        .map(|entry| entry.at)
        .expect("it was created");
    let told = entries.iter().filter_map(|entry| {
        let what = match &entry.event {
            Event::Changed(pod) => {
                let row = kubectl::row(pod, entry.at);
                let phase = pod.status.phase.as_ref().map_or("", |phase| phase.as_str());
                format!("{phase}: {} {}", row.ready, row.status)
            }
            Event::ContainerStarted {
                container,
                success: true,
            } => format!("start {container}"),
            Event::ContainerStopping { container, grace } => {
                format!("stop {container} {}s", grace.as_secs())
            }
            Event::ContainerExited { container, .. } => format!("exit {container}"),
            Event::HookStarted { container, .. } => format!("hook {container}"),
            Event::Deleted => "deleted".to_owned(),
            _ => return None,
        };
        Some((entry.at.duration_since(start).as_secs(), what))
    });
    let mut told: Vec<_> = told.collect();
    told.dedup_by(|one, other| one.1 == other.1);
    told
}

/// What happened from that on.
fn since(sim: &Sim, words: &str) -> Vec<String> {
    let told = told(sim).into_iter().map(|(_, what)| what);
    told.skip_while(|what| what != words).collect()
}

fn seconds(sim: &Sim, words: &str) -> Vec<i64> {
    let told = told(sim).into_iter();
    let found = told.filter(|(_, what)| what.starts_with(words));
    found.map(|(second, _)| second).collect()
}

#[test]
fn a_container_that_is_killed_every_ten_seconds_comes_back_three_times_before_it_is_held_back() {
    let probe = with(
        exec(&["probe", "fail"]),
        json!({"periodSeconds": 10, "failureThreshold": 1}),
    );
    let mut sim = life(json!({"containers": [with(app(&[""]), json!({"livenessProbe": probe}))]}));
    wait(&mut sim, 69);
    assert_eq!(seconds(&sim, "stop"), [10, 20, 30, 40]);
    assert_eq!(seconds(&sim, "start"), [0, 10, 20, 30, 64]);
    assert_eq!(
        since(&sim, "exit app#4"),
        [
            "exit app#4",
            "Running: 0/1 CrashLoopBackOff",
            "start app#5",
            "Running: 1/1 Running"
        ]
    );
}

#[test]
fn a_killed_container_that_ends_well_comes_back_but_has_succeeded_when_it_is_held_back() {
    let probe = with(
        exec(&["probe", "fail"]),
        json!({"periodSeconds": 5, "failureThreshold": 1}),
    );
    let mut sim = life(json!({
        "restartPolicy": "OnFailure",
        "containers": [with(app(&["term=0s/0"]), json!({"livenessProbe": probe}))],
    }));
    wait(&mut sim, 60);
    assert_eq!(seconds(&sim, "start"), [0, 5, 10]);
    assert_eq!(
        since(&sim, "exit app#3"),
        [
            "exit app#3",
            "Running: 0/1 Completed",
            "Succeeded: 0/1 Completed"
        ]
    );
}

#[test]
fn under_never_a_start_that_fails_is_the_end_and_a_creation_that_fails_is_tried_again() {
    let never = |script: &[&str]| {
        let mut sim = life(json!({"restartPolicy": "Never", "containers": [app(script)]}));
        wait(&mut sim, 60);
        told(&sim).pop().map(|(_, what)| what)
    };
    assert_eq!(
        never(&["start-error"]).as_deref(),
        Some("Failed: 0/1 StartError")
    );
    let tried = never(&["create-error", "create-error", "run=1s"]);
    assert_eq!(tried.as_deref(), Some("Succeeded: 0/1 Completed"));
}

#[test]
fn a_pod_deleted_while_an_image_is_pulled_is_started_first_and_then_stopped() {
    let container = with(app(&[""]), json!({"image": "pull-5s/app:1"}));
    let mut sim = life(json!({"containers": [container]}));
    wait(&mut sim, 2);
    sim.delete(None);
    wait(&mut sim, 10);
    let ends = [
        "Pending: 0/1 Terminating",
        "start app#1",
        "stop app#1 30s",
        "exit app#1",
        "Running: 1/1 Terminating",
        "Failed: 0/1 Error",
        "deleted",
    ];
    assert_eq!(since(&sim, ends[0]), ends);
}

#[test]
fn a_pod_deleted_while_a_failed_probe_has_its_container_killed_is_started_once_more() {
    let probe = with(
        exec(&["probe", "fail"]),
        json!({"periodSeconds": 5, "failureThreshold": 1}),
    );
    let container = with(app(&["term=3s/0"]), json!({"livenessProbe": probe}));
    let mut sim = life(json!({"containers": [container]}));
    wait(&mut sim, 6);
    sim.delete(None);
    wait(&mut sim, 20);
    let ends = [
        "stop app#1 30s",
        "Running: 1/1 Terminating",
        "exit app#1",
        "start app#2",
        "stop app#2 30s",
        "Running: 1/1 Terminating",
        "exit app#2",
        "Succeeded: 0/1 Completed",
        "deleted",
    ];
    assert_eq!(since(&sim, ends[0]), ends);
}

#[test]
fn hooks_run_all_at_once_and_each_stop_has_the_grace_that_is_left() {
    let hook = |time: &str| json!({"lifecycle": {"preStop": exec(&["hook", time, "0"])}});
    let sidecar = |name: &str, script: &str| {
        with(
            app(&[script]),
            json!({"name": name, "restartPolicy": "Always"}),
        )
    };
    let mut sim = life(json!({
        "initContainers": [sidecar("first", "term=2s/0"), with(sidecar("second", "term=3s/0"), hook("1500ms"))],
        "containers": [with(app(&["term=2s/0"]), hook("1s")), with(app(&["term=4s/0"]), json!({"name": "other"}))],
    }));
    wait(&mut sim, 6);
    sim.delete(None);
    wait(&mut sim, 60);
    let ends = [
        "hook app#1",
        "hook second#1",
        "stop other#1 30s",
        "Running: 4/4 Terminating",
        "stop app#1 29s",
        "exit app#1",
        "exit other#1",
        "stop second#1 27s",
        "exit second#1",
        "stop first#1 23s",
        "exit first#1",
        "Succeeded: 0/4 Completed",
        "deleted",
    ];
    assert_eq!(since(&sim, ends[0]), ends);
}

#[test]
fn a_label_has_the_back_off_shown_and_another_image_or_resource_ends_it() {
    let crashes = || {
        let resources = json!({"resources": {"requests": {"cpu": "1"}}});
        let mut sim = life(json!({"containers": [with(app(&["run=1s exit=1"]), resources)]}));
        wait(&mut sim, 20);
        let last = told(&sim).pop().map(|(_, what)| what);
        assert_eq!(last.as_deref(), Some("Running: 0/1 Error"));
        sim
    };
    let mut labelled = crashes();
    labelled
        .update(|pod| drop(pod.metadata.labels.insert("a".into(), "b".into())))
        .expect("the API server takes it");
    wait(&mut labelled, 3);
    let last = told(&labelled).pop().map(|(_, what)| what);
    assert_eq!(last.as_deref(), Some("Running: 0/1 CrashLoopBackOff"));

    let mut other_image = crashes();
    other_image
        .update(|pod| pod.spec.containers[0].image = "app:2".into())
        .expect("the API server takes it");
    wait(&mut other_image, 3);
    assert_eq!(seconds(&other_image, "start app#4"), [20]);

    let mut resized = crashes();
    let two = "2".parse().expect("an amount");
    let change = |pod: &mut Pod| {
        let requests = &mut pod.spec.containers[0].resources.requests;
        requests.insert(ResourceName::CPU, two);
    };
    resized.resize(change).expect("the API server takes it");
    wait(&mut resized, 3);
    assert_eq!(seconds(&resized, "start app#4"), [20]);
}

#[test]
fn a_sidecar_that_fails_during_initialization_waits_by_itself_and_the_next_steps_go_on() {
    let sidecar = with(
        app(&["run=2s exit=1"]),
        json!({"name": "side", "restartPolicy": "Always"}),
    );
    let init = with(app(&["run=20s"]), json!({"name": "init"}));
    let mut sim = life(json!({"initContainers": [sidecar, init], "containers": [app(&[""])]}));
    wait(&mut sim, 24);
    assert_eq!(seconds(&sim, "start side"), [0, 2, 17]);
    assert_eq!(
        since(&sim, "exit init#1"),
        [
            "exit init#1",
            "Pending: 0/2 Init:CrashLoopBackOff",
            "start app#1",
            // A sync that fails asks for no look at the runtime: the start is seen by the next regular one.
            "Running: 1/2 Init:CrashLoopBackOff",
        ]
    );
    let started = seconds(&sim, "start app#1");
    assert_eq!(started, [21]);
    assert_eq!(seconds(&sim, "Running: 1/2"), [22]);
}

#[test]
fn who_is_taken_down_because_another_restarts_everything_has_two_seconds_and_no_hook() {
    let rules = json!([{"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}}]);
    let source = json!({"restartPolicy": "Never", "restartPolicyRules": rules});
    let hook = json!({"name": "other", "lifecycle": {"preStop": exec(&["hook", "10s", "0"])}});
    let mut sim = life(json!({
        "restartPolicy": "Never",
        "containers": [with(app(&["run=3s exit=42", ""]), source), with(app(&["term=ignore", ""]), hook)],
    }));
    wait(&mut sim, 10);
    let restart = [
        "exit app#1",
        "stop other#1 2s",
        "Running: 1/2 Error",
        "exit other#1",
        "Running: 0/2 RestartingAllContainers",
        "start app#2",
        "start other#2",
        "Running: 2/2 Running",
    ];
    assert_eq!(since(&sim, restart[0]), restart);
}

#[test]
fn while_a_pod_ends_it_is_still_asked_whether_it_is_ready_and_no_longer_whether_it_lives() {
    let probe = || {
        with(
            exec(&["probe", "fail-from=5s"]),
            json!({"periodSeconds": 1, "failureThreshold": 1}),
        )
    };
    let probes = json!({"readinessProbe": probe(), "livenessProbe": probe()});
    let mut sim = life(json!({"containers": [with(app(&["term=8s/0"]), probes)]}));
    wait(&mut sim, 4);
    sim.delete(None);
    wait(&mut sim, 20);
    let ends = [
        "Running: 1/1 Terminating",
        "stop app#1 30s",
        "Running: 1/1 Terminating",
        "Running: 0/1 Terminating",
        "exit app#1",
        "Succeeded: 0/1 Completed",
        "deleted",
    ];
    assert_eq!(since(&sim, ends[0]), ends);
}
