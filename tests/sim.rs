//! Lives played in the simulation.

use std::time::Duration;

use pod_lifecycle::{
    api::{Pod, PodConditionType, PodPhase, ResourceName},
    lifecycle::{probe::Kind, reason},
    sim::{Event, Script, Setup, Sim, parse_duration},
};
use serde_json::json;

fn sim(spec: serde_json::Value, script: &[(&str, &str)]) -> Sim {
    let pod: Pod =
        serde_json::from_value(json!({"metadata": {"name": "p"}, "spec": spec})).expect("a pod");
    let mut setup = Setup::default();
    for (container, words) in script {
        let entries = words
            .split('|')
            .map(|entry| entry.parse().expect("a script"));
        setup
            .script
            .containers
            .insert((*container).to_owned(), entries.collect());
    }
    Sim::new(pod, setup).expect("a valid pod")
}

/// A life with the script that the pod carries.
fn scripted(pod: serde_json::Value) -> Sim {
    let pod: Pod = serde_json::from_value(pod).expect("a pod");
    let mut setup = Setup::default();
    setup.script = Script::from_pod(&pod).expect("a script");
    Sim::new(pod, setup).expect("a valid pod")
}

fn one(policy: &str) -> serde_json::Value {
    json!({"restartPolicy": policy, "containers": [{"name": "app", "image": "app:1"}]})
}

fn phase(sim: &Sim) -> Option<&PodPhase> {
    sim.pod().and_then(|pod| pod.status.phase.as_ref())
}

#[test]
fn the_same_setup_gives_the_same_timeline() {
    let play = || {
        let mut sim = sim(
            one("Always"),
            &[(
                "app",
                "run=3s exit=1|run=200s exit=0|run=forever term=ignore",
            )],
        );
        sim.run_for(Duration::from_secs(400));
        sim.delete(None);
        sim.run_for(Duration::from_secs(60));
        sim
    };
    assert_eq!(play().timeline(), play().timeline());
    assert!(play().pod().is_none());
}

#[test]
fn a_job_runs_once_and_succeeds() {
    let mut sim = sim(one("Never"), &[("app", "run=5s exit=0")]);
    sim.run_for(Duration::from_secs(4));
    assert_eq!(phase(&sim), Some(&PodPhase::Running));
    sim.run_for(Duration::from_secs(6));
    assert_eq!(phase(&sim), Some(&PodPhase::Succeeded));
    let starts = sim.timeline().entries().iter();
    let starts = starts.filter(|entry| matches!(entry.event, Event::ContainerStarted { .. }));
    assert_eq!(starts.count(), 1);
}

#[test]
fn a_crash_loop_is_seen_as_error_until_its_back_off_ends() {
    let mut sim = sim(one("Always"), &[("app", "run=1s exit=1")]);
    let mut words = Vec::new();
    for _ in 0..40 {
        sim.run_for(Duration::from_secs(1));
        let row = sim.pod().map(|pod| {
            pod_lifecycle::kubectl::row(pod, sim.now())
                .status
                .into_owned()
        });
        words.extend(row);
    }
    words.dedup();
    assert!(
        words.iter().filter(|word| *word == reason::ERROR).count() >= 2,
        "{words:?}"
    );
}

#[test]
fn a_container_that_ignores_the_signal_is_killed_when_its_grace_is_over() {
    let mut sim = sim(one("Always"), &[("app", "run=forever term=ignore")]);
    sim.run_for(Duration::from_secs(3));
    let deleted = sim.now();
    sim.delete(Some(7));
    sim.run_for(Duration::from_secs(20));
    let entries = sim.timeline().entries().iter();
    let exit =
        entries.filter(|entry| matches!(entry.event, Event::ContainerExited { code: 137, .. }));
    let exits: Vec<_> = exit
        .map(|entry| entry.at.duration_since(deleted).as_secs())
        .collect();
    assert_eq!(exits, [7]);
}

#[test]
fn what_the_api_server_refuses_is_not_played() {
    let pod: Pod =
        serde_json::from_value(json!({"metadata": {"name": "p"}, "spec": {"containers": []}}))
            .expect("JSON");
    let refused = Sim::new(pod, Setup::default())
        .map(|_| ())
        .map_err(|errors| errors.to_string());
    assert_eq!(refused, Err("spec.containers: Required value".to_owned()));
}

#[test]
fn words_that_mean_nothing_are_refused_by_name() {
    for (text, message) in [
        (
            "run=soon",
            "cannot read \"soon\" in a script: a duration is written like 1500ms, 4s or 1m30s",
        ),
        (
            "walk=5s",
            "cannot read \"walk=5s\" in a script: no such word for a container",
        ),
    ] {
        let error = text
            .parse::<pod_lifecycle::sim::Behaviour>()
            .map_err(|error| error.to_string());
        assert_eq!(error, Err(message.to_owned()));
    }
    assert!(parse_duration("99999999999999999999h").is_err());
    for text in [
        "",
        ".",
        "5",
        "1.2.3s",
        ".s",
        "1s.",
        "-1s",
        "1d",
        "1.5",
        "18446744073709551615h",
    ] {
        assert!(parse_duration(text).is_err(), "{text:?}");
    }
    for (text, nanos) in [
        ("1.5s", 1_500_000_000),
        (".5ms", 500_000),
        ("2.s", 2_000_000_000),
        ("0.0000000019s", 1),
        ("1.5µs10ns", 1510),
        ("1h2m3.004s", 3_723_004_000_000),
        ("0s", 0),
    ] {
        assert_eq!(
            parse_duration(text),
            Ok(Duration::from_nanos(nanos)),
            "{text:?}"
        );
    }
}

#[test]
fn a_resize_is_seen_in_progress_and_then_done_as_a_kubelet_reports_it() {
    let mut sim = sim(
        json!({"containers": [{
            "name": "app", "image": "app:1", "resources": {
                "requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "200m", "memory": "128Mi"},
            },
        }]}),
        &[],
    );
    sim.run_for(Duration::from_secs(10));
    let before = sim.timeline().pods().count();
    sim.resize(|pod| {
        let resources = &mut pod.spec.containers[0].resources;
        resources
            .requests
            .insert(ResourceName::CPU, "150m".parse().expect("an amount"));
        resources
            .limits
            .insert(ResourceName::CPU, "300m".parse().expect("an amount"));
    })
    .expect("the API server takes it");
    sim.run_for(Duration::from_secs(10));
    let seen = sim.timeline().pods().skip(before).map(|(_, pod)| {
        let app = &pod.status.container_statuses[0];
        let resources = app.resources.as_ref().expect("it has resources");
        let in_progress = pod
            .status
            .condition(&PodConditionType::POD_RESIZE_IN_PROGRESS);
        let of_pod = pod
            .status
            .resources
            .as_ref()
            .expect("the pod has resources");
        format!(
            "generation {} in progress {} allocated {} has {} limit {} pod {}",
            pod.metadata.generation,
            in_progress.is_some(),
            app.allocated_resources[&ResourceName::CPU],
            resources.requests[&ResourceName::CPU],
            resources.limits[&ResourceName::CPU],
            of_pod.limits[&ResourceName::CPU],
        )
    });
    assert_eq!(
        seen.collect::<Vec<_>>(),
        [
            "generation 2 in progress false allocated 100m has 100m limit 200m pod 200m",
            "generation 2 in progress true allocated 150m has 100m limit 200m pod 200m",
            "generation 2 in progress false allocated 150m has 150m limit 300m pod 300m",
        ]
    );
    assert!(
        sim.resize(|pod| {
            let resources = &mut pod.spec.containers[0].resources;
            resources
                .requests
                .insert(ResourceName::CPU, "1000".parse().expect("an amount"));
            resources
                .limits
                .insert(ResourceName::CPU, "1000".parse().expect("an amount"));
        })
        .is_err(),
        "no node like this has that much"
    );
}

#[test]
fn a_pod_that_does_not_fit_waits_until_a_neighbour_leaves() {
    let large = |name: &str| -> Pod {
        serde_json::from_value(json!({
            "metadata": {"name": name},
            "spec": {"restartPolicy": "Never", "containers": [{"name": "app", "image": "app:1",
                "resources": {"requests": {"cpu": "40"}}}]},
        }))
        .expect("a pod")
    };
    let mut sim = Sim::new(large("first"), Setup::default()).expect("a valid pod");
    sim.run_for(Duration::from_secs(3));
    sim.add_neighbour(large("second"), Script::default())
        .expect("a valid pod");
    sim.run_for(Duration::from_secs(30));
    let second = |sim: &Sim| sim.neighbour("second").and_then(Sim::pod).cloned();
    let waits = second(&sim).expect("it is there");
    assert_eq!(waits.status.conditions[0].reason, reason::UNSCHEDULABLE);
    sim.delete(Some(0));
    sim.run_for(Duration::from_secs(5));
    let runs = second(&sim).expect("it is there");
    assert_eq!(runs.status.phase, Some(PodPhase::Running));
}

#[test]
fn a_pod_bound_to_a_node_without_room_is_rejected_by_its_kubelet() {
    let mut sim = sim(
        json!({"nodeName": "node-1", "containers": [{"name": "app", "image": "app:1",
            "resources": {"requests": {"cpu": "1000"}}}]}),
        &[],
    );
    sim.run_for(Duration::from_secs(5));
    let status = &sim.pod().expect("it stays").status;
    assert_eq!(status.phase, Some(PodPhase::Failed));
    assert_eq!(status.reason, "OutOfcpu");
    assert_eq!(
        sim.machine()
            .map(|machine| machine.observation().containers.len()),
        Some(0)
    );
}

fn from_manifest(image: &str) -> Pod {
    serde_json::from_value(json!({
        "metadata": {"name": "etcd"}, "spec": {"containers": [{"name": "etcd", "image": image}]},
    }))
    .expect("a manifest")
}

fn etcd() -> Sim {
    Sim::from_manifest(from_manifest("etcd:3"), Setup::default()).expect("a static pod")
}

#[test]
fn a_replaced_manifest_stops_the_one_pod_before_the_other_starts() {
    let mut sim = etcd();
    let start = sim.now();
    sim.run_for(Duration::from_secs(20));
    sim.replace_manifest(from_manifest("etcd:4"))
        .expect("a static pod");
    sim.run_for(Duration::from_secs(40));
    let events = sim.timeline().entries().iter().filter_map(|entry| {
        let at = entry.at.duration_since(start).as_secs();
        Some((
            at,
            match &entry.event {
                Event::ContainerStarted { container, .. } => format!("{container} started"),
                Event::ContainerExited { container, .. } => format!("{container} ended"),
                Event::Deleted => "mirror deleted".to_owned(),
                Event::Changed(pod)
                    if pod.status.conditions.is_empty()
                        && pod.metadata.deletion_timestamp.is_none() =>
                {
                    format!("mirror of {} created", pod.spec.containers[0].image)
                }
                _ => return None,
            },
        ))
    });
    let expected = [
        (0, "mirror of etcd:3 created"),
        (0, "etcd#1 started"),
        (20, "etcd#1 ended"),
        (32, "mirror deleted"),
        (32, "mirror of etcd:4 created"),
        (33, "etcd#1 started"),
    ];
    let expected = expected.map(|(at, what)| (at, what.to_owned()));
    assert_eq!(events.collect::<Vec<_>>(), expected);
    assert_eq!(phase(&sim), Some(&PodPhase::Running));
}

#[test]
fn a_manifest_that_is_put_back_starts_anew() {
    let mut sim = etcd();
    sim.run_for(Duration::from_secs(5));
    sim.remove_manifest();
    sim.run_for(Duration::from_secs(5));
    assert!(sim.pod().is_none());
    sim.replace_manifest(from_manifest("etcd:3"))
        .expect("a static pod");
    sim.run_for(Duration::from_secs(5));
    assert_eq!(phase(&sim), Some(&PodPhase::Running));
}

#[test]
fn the_last_words_of_a_container_are_its_message_or_else_the_end_of_its_log() {
    let told = |policy: &str, script: &str| {
        let mut sim = sim(
            json!({"restartPolicy": "Never", "containers": [
                {"name": "app", "image": "app:1", "terminationMessagePolicy": policy}]}),
            &[("app", script)],
        );
        sim.run_for(Duration::from_secs(10));
        let status = &sim.pod().expect("it stays").status.container_statuses[0];
        let ended = status.state.terminated.as_ref().expect("it has ended");
        ended.message.clone()
    };
    assert_eq!(told("File", "run=1s exit=1 msg=full log=boom"), "full");
    assert_eq!(told("File", "run=1s exit=1 log=boom"), "");
    assert_eq!(
        told("FallbackToLogsOnError", "run=1s exit=1 msg=full log=boom"),
        "full"
    );
    assert_eq!(
        told("FallbackToLogsOnError", "run=1s exit=1 log=boom"),
        "boom\n"
    );
    assert_eq!(
        told("FallbackToLogsOnError", "run=1s exit=0 log=fine"),
        "",
        "nothing went wrong"
    );
}

#[test]
fn an_init_container_that_restarts_everything_has_the_first_one_run_again_at_once() {
    let mut sim = sim(
        json!({
            "restartPolicy": "Never",
            "initContainers": [
                {"name": "first", "image": "app:1"},
                {"name": "second", "image": "app:1", "restartPolicy": "Never", "restartPolicyRules": [
                    {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [9]}}]},
            ],
            "containers": [{"name": "app", "image": "app:1"}],
        }),
        &[
            ("first", "run=1s"),
            ("second", "run=1s exit=9|run=1s"),
            ("app", "run=1s"),
        ],
    );
    sim.run_for(Duration::from_secs(20));
    let starts = sim
        .timeline()
        .entries()
        .iter()
        .filter_map(|entry| match &entry.event {
            Event::ContainerStarted { container, .. } => Some(container.to_string()),
            _ => None,
        });
    let starts: Vec<_> = starts.collect();
    assert_eq!(
        starts,
        ["first#1", "second#1", "first#2", "second#2", "app#1"]
    );
    assert_eq!(phase(&sim), Some(&PodPhase::Succeeded));
}

#[test]
fn containers_that_never_started_go_on_waiting_when_the_pod_ends_during_initialization() {
    let mut sim = sim(
        json!({
            "initContainers": [{"name": "setup", "image": "app:1"}],
            "containers": [{"name": "app", "image": "app:1"}],
        }),
        &[("setup", "term=1s/0")],
    );
    sim.run_for(Duration::from_secs(3));
    sim.delete(None);
    sim.run_for(Duration::from_secs(10));
    let (_, last) = sim.timeline().pods().last().expect("it was there");
    assert_eq!(last.status.phase, Some(PodPhase::Failed));
    let app = &last.status.container_statuses[0].state;
    let waiting = app.waiting.as_ref().map(|waiting| waiting.reason.as_str());
    assert_eq!(waiting, Some(reason::POD_INITIALIZING));
}

#[test]
fn a_sidecar_that_has_not_started_is_not_taken_to_have_started_because_the_pod_is_deleted() {
    let mut sim = sim(
        json!({
            "initContainers": [{"name": "side", "image": "app:1", "restartPolicy": "Always",
                "startupProbe": {"exec": {"command": ["up"]}, "periodSeconds": 1, "failureThreshold": 60}}],
            "containers": [{"name": "app", "image": "app:1"}],
        }),
        &[("side", "term=3s/0")],
    );
    sim.set_script({
        let mut script = Script::default();
        let side = ("side".to_owned(), Kind::Startup);
        script
            .probes
            .insert(side, "fail".parse().expect("a script"));
        script
    });
    sim.run_for(Duration::from_secs(5));
    sim.delete(None);
    sim.run_for(Duration::from_secs(10));
    let statuses = sim.timeline().pods();
    let statuses = statuses.flat_map(|(_, pod)| &pod.status.init_container_statuses);
    let statuses: Vec<_> = statuses.collect();
    assert!(statuses.iter().any(|side| side.state.running.is_some()));
    assert!(statuses.iter().all(|side| side.started != Some(true)));
}

#[test]
fn what_ends_as_soon_as_it_has_started_is_never_seen_to_run() {
    let mut sim = sim(one("Never"), &[("app", "run=0s exit=1")]);
    sim.run_for(Duration::from_secs(10));
    assert_eq!(phase(&sim), Some(&PodPhase::Failed));
    let mut pods = sim.timeline().pods();
    assert!(!pods.any(|(_, pod)| {
        let status = pod.status.container_statuses.first();
        status.is_some_and(|app| app.state.running.is_some())
    }));
}

#[test]
fn a_pod_that_has_ended_goes_with_its_last_finalizer() {
    let mut sim = sim(one("Always"), &[]);
    sim.update(|pod| pod.metadata.finalizers.push("example.com/audit".into()))
        .expect("the API server takes it");
    sim.run_for(Duration::from_secs(3));
    sim.delete(None);
    sim.run_for(Duration::from_secs(40));
    assert!(sim.pod().is_some(), "somebody wants to look at it");
    sim.update(|pod| pod.metadata.finalizers.clear())
        .expect("the API server takes it");
    sim.run_for(Duration::from_secs(1));
    assert!(sim.pod().is_none());
}

#[test]
fn an_ephemeral_container_does_what_the_new_script_says() {
    let mut sim = sim(one("Always"), &[]);
    sim.run_for(Duration::from_secs(3));
    let mut script = Script::default();
    let entry = "run=2s exit=3".parse().expect("a script");
    script.containers.insert("debug".into(), vec![entry]);
    sim.set_script(script);
    sim.update(|pod| {
        let debug = serde_json::from_value(json!({"name": "debug", "image": "app:1"}));
        pod.spec
            .ephemeral_containers
            .push(debug.expect("a container"));
    })
    .expect("the API server takes it");
    sim.run_for(Duration::from_secs(10));
    let status = &sim.pod().expect("it is there").status;
    let ended = status.ephemeral_container_statuses[0]
        .state
        .terminated
        .as_ref();
    assert_eq!(ended.map(|ended| ended.exit_code), Some(3));
}

#[test]
fn what_is_seen_by_the_look_that_a_sync_waited_for_has_another_one_follow() {
    let mut sim = scripted(json!({"metadata": {"name": "p"}, "spec": {"containers": [{
        "name": "app", "image": "app:1", "args": ["script", "term=1s/0"],
        "lifecycle": {"postStart": {"exec": {"command": ["hook", "2s", "1"]}}}}]}}));
    sim.run_for(Duration::from_secs(15));
    let waits = sim.timeline().pods().filter_map(|(at, pod)| {
        let app = pod.status.container_statuses.first()?;
        let waiting = app.state.waiting.as_ref()?;
        Some((waiting.reason.clone(), app.restart_count, at))
    });
    let mut waits: Vec<_> = waits.collect();
    waits.dedup_by_key(|(reason, restarts, _)| (reason.clone(), *restarts));
    let [.., (error, 1, seen), (back_off, 1, then)] = &waits[..] else {
        panic!("{waits:?}")
    };
    assert_eq!(error, "PostStartHookError");
    assert_eq!(back_off, reason::CRASH_LOOP_BACK_OFF);
    assert_eq!(
        then.duration_since(*seen).as_secs(),
        1,
        "not when the back-off is over"
    );
}

#[test]
fn of_the_statuses_that_follow_while_one_is_being_sent_only_the_last_is_seen() {
    let probe = json!({"exec": {"command": ["probe", "ok"]}});
    let probed = |name: &str| json!({"name": name, "image": "app:1", "readinessProbe": probe});
    let plain = json!({"name": "c", "image": "app:1"});
    let mut sim = sim(
        json!({"containers": [probed("a"), probed("b"), plain]}),
        &[],
    );
    sim.run_for(Duration::from_secs(1));
    let entries = sim.timeline().entries().iter();
    let ready = entries.filter_map(|entry| match &entry.event {
        Event::Changed(pod) => {
            let statuses = pod.status.container_statuses.iter();
            Some(statuses.filter(|status| status.ready).count())
        }
        _ => None,
    });
    let mut ready: Vec<usize> = ready.collect();
    ready.dedup();
    assert_eq!(ready, [0, 1, 3], "a and b become ready while c is told of");
}

#[test]
fn the_end_of_a_pod_of_which_nothing_had_to_be_stopped_is_seen_by_the_next_look() {
    let last_step = |spec| {
        let mut sim = sim(spec, &[("app", "run=3s exit=0")]);
        sim.run_for(Duration::from_secs(10));
        let mut entries = sim.timeline().entries().iter();
        let is_over = |event: &Event| {
            let Event::Changed(pod) = event else {
                return false;
            };
            pod.status.phase == Some(PodPhase::Succeeded)
        };
        let end = entries.find(|entry| is_over(&entry.event)).expect("an end");
        let mut entries = sim.timeline().entries().iter();
        let stopped = entries.rfind(|entry| entry.event == Event::SandboxStopped);
        end.at
            .duration_since(stopped.expect("a stop").at)
            .as_millis()
    };
    let app = json!({"name": "app", "image": "app:1"});
    let sidecar = json!({"name": "side", "image": "app:1", "restartPolicy": "Always"});
    let alone = json!({"restartPolicy": "Never", "containers": [app]});
    let served =
        json!({"restartPolicy": "Never", "containers": [app], "initContainers": [sidecar]});
    assert_eq!(last_step(alone), 5, "the sandbox is seen to go down");
    // The sandbox went down together with the sidecar, in the sync before.
    assert!(last_step(served) > 900);
}

#[test]
fn a_look_that_began_before_a_sync_ended_does_not_show_what_it_did() {
    let error_is_seen = |work| {
        let pod = json!({
            "metadata": {"name": "p"},
            "spec": {"containers": [{"name": "app", "image": "app:1", "args": ["script", "create-error"]}]},
        });
        let pod: Pod = serde_json::from_value(pod).expect("a pod");
        let mut setup = Setup::default();
        setup.script = Script::from_pod(&pod).expect("a script");
        setup.set_jitter(Duration::from_millis(200), 1250);
        setup.node.relist_work = Duration::from_millis(work);
        let start = setup.start;
        let mut sim = Sim::new(pod, setup).expect("a valid pod");
        sim.run_for(Duration::from_secs(3));
        let entries = sim.timeline().entries().iter();
        let changes = entries.filter_map(|entry| match &entry.event {
            Event::Changed(pod) => {
                let status = pod.status.container_statuses.first()?;
                let waiting = status.state.waiting.as_ref()?;
                (waiting.reason == "CreateContainerError").then(|| entry.at.duration_since(start))
            }
            _ => None,
        });
        changes.map(|at| at.as_millis()).next()
    };
    assert_eq!(
        error_is_seen(10),
        Some(1230),
        "the sync ends between two looks"
    );
    assert_eq!(
        error_is_seen(100),
        Some(1410),
        "the sync ends during the first look"
    );
}

#[test]
fn a_probe_of_what_has_ended_for_good_has_the_kubelet_look_at_the_pod_every_second() {
    let seen = |probe: serde_json::Value| {
        let mut sim = sim(
            json!({"restartPolicy": "OnFailure", "containers": [
                {"name": "job", "image": "app:1", "readinessProbe": probe},
                {"name": "app", "image": "app:1"},
            ]}),
            &[("job", "run=1s exit=0"), ("app", "run=4s exit=1")],
        );
        sim.run_for(Duration::from_secs(15));
        let pod = sim.pod().expect("it is there");
        let app = pod
            .status
            .container_statuses
            .iter()
            .find(|status| status.name == "app");
        let waiting = app.and_then(|app| app.state.waiting.as_ref());
        waiting.map(|waiting| waiting.reason.clone())
    };
    let probe = json!({"exec": {"command": ["up"]}, "periodSeconds": 1});
    assert_eq!(seen(probe).as_deref(), Some(reason::CRASH_LOOP_BACK_OFF));
    assert_eq!(
        seen(json!(null)),
        None,
        "nobody looks until the back-off is over"
    );
}

#[test]
fn a_pod_keeps_its_address_when_its_sandbox_is_gone() {
    let addresses = |sim: &Sim| {
        let pods = sim.timeline().pods().map(|(_, pod)| &pod.status);
        let of_sandbox = |status: &&pod_lifecycle::api::PodStatus| {
            let ready = status.condition(&PodConditionType::POD_READY_TO_START_CONTAINERS);
            ready.is_some_and(|ready| !ready.is_true()) && status.start_time.is_some()
        };
        let down = pods.filter(of_sandbox).skip(1);
        let mut seen: Vec<String> = down.map(|status| status.pod_ip.clone()).collect();
        seen.dedup();
        seen
    };
    let mut job = sim(one("Never"), &[("app", "run=5s exit=0")]);
    job.run_for(Duration::from_secs(20));
    assert_eq!(phase(&job), Some(&PodPhase::Succeeded));
    assert_eq!(addresses(&job), ["10.244.0.2"]);

    let mut setup = Setup::default();
    setup.script.sandbox.dies_after = Some(Duration::from_secs(3));
    let pod = json!({"metadata": {"name": "p"}, "spec": one("Always")});
    let pod: Pod = serde_json::from_value(pod).expect("a pod");
    let mut again = Sim::new(pod, setup).expect("a valid pod");
    again.run_for(Duration::from_secs(20));
    assert_eq!(
        addresses(&again),
        ["10.244.0.2"],
        "until there is another one"
    );
    let now = again.pod().map(|pod| pod.status.pod_ip.as_str());
    assert_eq!(now, Some("10.244.0.3"));
}

#[test]
fn a_change_that_the_api_server_refuses_changes_nothing() {
    let mut sim = sim(
        json!({"activeDeadlineSeconds": 10, "containers": [{"name": "app", "image": "app:1"}]}),
        &[],
    );
    sim.run_for(Duration::from_secs(3));
    let before = sim.pod().cloned();
    let longer = sim.update(|pod| pod.spec.active_deadline_seconds = Some(100));
    let longer = longer.expect_err("a deadline only ever comes nearer");
    assert!(
        longer.to_string().contains("activeDeadlineSeconds"),
        "{longer}"
    );
    assert_eq!(sim.pod().cloned(), before);
    sim.run_for(Duration::from_secs(12));
    assert_eq!(phase(&sim), Some(&PodPhase::Failed));
}

#[test]
fn a_forced_deletion_of_a_pod_that_a_finalizer_holds_stops_it_all_the_same() {
    let mut sim = sim(one("Always"), &[("app", "term=1s/0")]);
    sim.run_for(Duration::from_secs(3));
    sim.update(|pod| pod.metadata.finalizers.push("example.com/audit".into()))
        .expect("the API server takes it");
    sim.delete(Some(0));
    sim.run_for(Duration::from_secs(5));
    assert_eq!(phase(&sim), Some(&PodPhase::Succeeded));
    sim.update(|pod| pod.metadata.finalizers.clear())
        .expect("the API server takes it");
    assert!(sim.pod().is_none());
}

#[test]
fn a_disruption_that_is_told_twice_has_begun_once() {
    let mut sim = sim(one("Always"), &[("app", "term=20s/0")]);
    sim.run_for(Duration::from_secs(3));
    let told = |sim: &Sim| {
        let status = &sim.pod().expect("it is there").status;
        let target = status.condition(&PodConditionType::DISRUPTION_TARGET);
        target.cloned().expect("it is to go")
    };
    sim.disrupt("PreemptionByScheduler");
    let first = told(&sim);
    assert_eq!(first.observed_generation, 1);
    sim.run_for(Duration::from_secs(3));
    sim.evict();
    let second = told(&sim);
    assert_eq!(second.reason, "EvictionByEvictionAPI");
    assert_eq!(second.last_transition_time, first.last_transition_time);
}

#[test]
fn a_pre_stop_hook_that_sleeps_goes_on_when_its_container_has_ended() {
    let stopped = |hook: serde_json::Value, script: &str| {
        let spec = json!({"terminationGracePeriodSeconds": 30, "containers": [
            {"name": "app", "image": "app:1", "lifecycle": {"preStop": hook}}]});
        let pod = json!({"metadata": {"name": "p"}, "spec": spec});
        let pod: Pod = serde_json::from_value(pod).expect("a pod");
        let mut setup = Setup::default();
        setup.script = Script::from_pod(&pod).expect("a script");
        let entry = script.parse().expect("a script");
        setup.script.containers.insert("app".into(), vec![entry]);
        let mut sim = Sim::new(pod, setup).expect("a valid pod");
        sim.run_for(Duration::from_secs(5));
        let deleted = sim.now();
        sim.delete(None);
        sim.run_for(Duration::from_secs(60));
        let entries = sim.timeline().entries().iter();
        let mut down = entries.filter(|entry| matches!(entry.event, Event::SandboxStopped));
        down.next()
            .map(|entry| entry.at.duration_since(deleted).as_secs())
    };
    let sleeps = json!({"sleep": {"seconds": 12}});
    let runs = json!({"exec": {"command": ["hook", "12s", "0"]}});
    let (asleep, nothing_to_run_in) = (Some(12), Some(3));
    assert_eq!(stopped(sleeps.clone(), "run=8s"), asleep);
    assert_eq!(stopped(runs.clone(), "run=8s"), nothing_to_run_in);
    // It has ended, and nobody knows yet.
    assert_eq!(stopped(sleeps, "run=4900ms"), asleep);
    assert_eq!(stopped(runs, "run=4900ms"), Some(0));
}

#[test]
fn a_sandbox_that_dies_ends_what_runs_and_is_asked_for_in_it() {
    let life = |lifecycle: serde_json::Value, script: &str, deleted: bool| {
        let pod: Pod = serde_json::from_value(json!({
            "metadata": {"name": "p", "annotations": {"script.sandbox/die": "6s"}},
            "spec": {"containers": [{
                "name": "app", "image": "app:1", "args": ["script", script], "lifecycle": lifecycle}]},
        }))
        .expect("a pod");
        let mut setup = Setup::default();
        setup.script = Script::from_pod(&pod).expect("a script");
        let start = setup.start;
        let mut sim = Sim::new(pod, setup).expect("a valid pod");
        sim.run_for(Duration::from_secs(4));
        if deleted {
            sim.delete(None);
        }
        sim.run_for(Duration::from_secs(40));
        let entries = sim.timeline().entries().iter();
        let mut told = entries.filter_map(|entry| {
            let what = match &entry.event {
                Event::HookFinished { success, .. } => format!("hook {success}"),
                Event::SandboxStopped => "down".to_owned(),
                _ => return None,
            };
            let at = entry.at.duration_since(start).as_millis();
            (at > 4000).then(|| format!("{what} {at}"))
        });
        told.next().expect("something follows")
    };
    let hook = |kind: &str| json!({kind: {"exec": {"command": ["hook", "20s", "0"]}}});
    assert_eq!(life(json!({}), "term=ignore", true), "down 6235");
    assert_eq!(life(hook("preStop"), "", true), "hook false 6215");
    assert_eq!(life(hook("postStart"), "", false), "hook false 6215");
}

/// When the runtime did what, in seconds of the life.
fn calls(sim: &Sim) -> Vec<String> {
    let start = Setup::default().start;
    let entries = sim.timeline().entries().iter();
    let calls = entries.filter_map(|entry| {
        let what = match &entry.event {
            Event::PullFinished { image, success } => format!("pulled {image} {success}"),
            Event::ContainerStarted { container, .. } => format!("start {container}"),
            Event::ContainerStopping { container, grace } => {
                format!("stop {container} within {}", grace.as_secs())
            }
            Event::ContainerExited {
                container, code, ..
            } => format!("{container} ends {code}"),
            Event::ContainerResized { container } => format!("resize {container}"),
            _ => return None,
        };
        Some(format!(
            "{} {what}",
            entry.at.duration_since(start).as_secs()
        ))
    });
    calls.collect()
}

#[test]
fn an_image_that_changes_during_its_pull_is_used_once_and_then_replaced() {
    let mut sim = scripted(json!({"metadata": {"name": "p"}, "spec": {"containers": [
        {"name": "app", "image": "pull-10s/app:1", "args": ["script", "term=1s/0"]}]}}));
    sim.run_for(Duration::from_secs(5));
    sim.update(|pod| pod.spec.containers[0].image = "app:2".into())
        .expect("the API server takes it");
    sim.run_for(Duration::from_secs(20));
    let expected = [
        "10 pulled pull-10s/app:1 true",
        "10 start app#1",
        "10 stop app#1 within 30",
        "11 app#1 ends 0",
        "11 start app#2",
    ];
    assert_eq!(calls(&sim), expected);
    let status = &sim.pod().expect("it runs").status.container_statuses[0];
    assert_eq!((&*status.image, status.restart_count), ("app:2", 1));
}

#[test]
fn resources_that_change_while_a_sync_runs_are_given_by_the_next_one() {
    let mut sim = scripted(json!({"metadata": {"name": "p"}, "spec": {"containers": [
        {"name": "app", "image": "pull-10s/app:1", "resources": {"requests": {"cpu": "1"}}}]}}));
    sim.run_for(Duration::from_secs(5));
    let two = "2".parse().expect("an amount");
    sim.resize(|pod| {
        let requests = &mut pod.spec.containers[0].resources.requests;
        drop(requests.insert(ResourceName::CPU, two));
    })
    .expect("the API server takes it");
    sim.run_for(Duration::from_secs(20));
    let expected = [
        "10 pulled pull-10s/app:1 true",
        "10 start app#1",
        "10 resize app#1",
    ];
    assert_eq!(calls(&sim), expected);
    let status = &sim.pod().expect("it runs").status;
    let given = &status.container_statuses[0].allocated_resources[&ResourceName::CPU];
    assert_eq!(given.to_string(), "2");
    let in_progress = status.condition(&PodConditionType::POD_RESIZE_IN_PROGRESS);
    assert_eq!(in_progress, None);
}

#[test]
fn a_deletion_does_not_shorten_what_the_sync_that_runs_gives() {
    let mut sim = scripted(json!({"metadata": {"name": "p"}, "spec": {"containers": [{
        "name": "app", "image": "app:1", "args": ["script", "term=ignore"],
        "lifecycle": {"postStart": {"exec": {"command": ["hook", "8s", "1"]}}}}],
        "terminationGracePeriodSeconds": 20}}));
    sim.run_for(Duration::from_secs(5));
    sim.delete(Some(3));
    sim.run_for(Duration::from_secs(40));
    let expected = [
        "0 start app#1",
        "8 stop app#1 within 20",
        "28 app#1 ends 137",
    ];
    assert_eq!(calls(&sim), expected);
    assert!(sim.pod().is_none());
}

#[test]
fn a_volume_is_mounted_at_the_try_that_finds_all_that_it_shows() {
    let started = |volume: serde_json::Value, after: Duration| {
        let mut sim = sim(
            json!({"containers": [{"name": "app", "image": "app:1"}],
                "volumes": [{"name": "settings", "configMap": {"name": "other"}}, volume]}),
            &[],
        );
        sim.add_config("other", vec![]);
        sim.add_config("settings", vec!["unasked".into()]);
        sim.run_for(after);
        sim.add_config("settings", vec!["level".into()]);
        sim.run_for(Duration::from_secs(1000));
        let entries = sim.timeline().entries().iter();
        let mut asked =
            entries.filter(|entry| matches!(entry.event, Event::SandboxRequested { .. }));
        let start = Setup::default().start;
        asked
            .next()
            .map(|entry| entry.at.duration_since(start).as_millis())
    };
    let items = json!([{"key": "level", "path": "level"}]);
    let map = json!({"name": "v", "configMap": {"name": "settings", "items": items}});
    let second = Duration::from_secs(1);
    // Looks come 0.3, 0.8, 1.8, 3.8, 7.8 s… after the kubelet has seen the pod, and in the end every 122 s.
    assert_eq!(started(map.clone(), second * 5), Some(7815));
    assert_eq!(started(map, second * 400), Some(127_815 + 3 * 122_000));
    let projected = json!({"name": "v", "projected": {"sources": [
        {"downwardAPI": {"items": []}}, {"secret": {"name": "settings", "items": items}}]}});
    assert_eq!(started(projected, second * 2), Some(3815));
    let optional = json!({"name": "v", "secret": {"secretName": "none", "optional": true}});
    assert_eq!(started(optional, second), Some(15));
}

#[test]
fn probes_come_in_step_with_the_sync_that_had_its_volumes() {
    let mut sim = sim(
        json!({"containers": [{"name": "app", "image": "app:1",
                "livenessProbe": {"exec": {"command": ["up"]}, "periodSeconds": 10}}],
            "volumes": [{"name": "settings", "configMap": {"name": "settings"}}]}),
        &[],
    );
    sim.run_for(Duration::from_secs(5));
    sim.add_config("settings", vec![]);
    sim.run_for(Duration::from_secs(60));
    let entries = sim.timeline().entries().iter();
    let mut probed = entries.filter(|entry| matches!(entry.event, Event::Probed { .. }));
    let at = probed
        .next()
        .map(|entry| entry.at.duration_since(Setup::default().start));
    assert_eq!(
        at.map(|at| at.as_millis()),
        Some(17_815),
        "mounted at 7.8 s"
    );
}

#[test]
fn a_replaced_manifest_has_its_former_pod_stopped_at_once_and_nobody_is_told() {
    let mut sim = etcd();
    sim.run_for(Duration::from_secs(20));
    let (replaced, before) = (sim.now(), sim.pod().cloned());
    sim.replace_manifest(from_manifest("etcd:4"))
        .expect("a static pod");
    sim.run_for(Duration::from_secs(5));
    let entries = sim.timeline().entries().iter();
    let mut stops = entries.filter(|entry| matches!(entry.event, Event::ContainerStopping { .. }));
    assert_eq!(stops.next().map(|entry| entry.at), Some(replaced));
    assert_eq!(sim.pod().cloned(), before, "the copy says what it said");
}

#[test]
fn a_manifest_that_is_taken_away_before_its_pod_has_started_takes_the_copy_with_it() {
    let mut sim = etcd();
    sim.run_for(Duration::from_secs(20));
    sim.replace_manifest(from_manifest("etcd:4"))
        .expect("a static pod");
    sim.run_for(Duration::from_secs(1));
    assert!(
        sim.pod().is_some(),
        "the former one's copy is left for the next"
    );
    sim.remove_manifest();
    sim.run_for(Duration::from_secs(40));
    assert!(sim.pod().is_none());
    let entries = sim.timeline().entries().iter();
    let starts = entries.filter(|entry| matches!(entry.event, Event::ContainerStarted { .. }));
    assert_eq!(starts.count(), 1);
}

#[test]
fn a_manifest_of_another_name_is_another_pod_and_each_goes_with_its_own_copy() {
    let mut sim = etcd();
    sim.run_for(Duration::from_secs(20));
    let mut other = from_manifest("etcd:4");
    other.metadata.name = "other".to_owned();
    sim.replace_manifest(other).expect("a static pod");
    sim.run_for(Duration::from_secs(40));
    let names = sim.timeline().entries().iter().filter_map(|entry| {
        Some(match &entry.event {
            Event::Changed(pod) => pod.metadata.name.clone(),
            Event::Deleted => "gone".to_owned(),
            _ => return None,
        })
    });
    let mut names: Vec<String> = names.collect();
    names.dedup();
    assert_eq!(names, ["etcd-node-1", "gone", "other-node-1"]);
    assert_eq!(phase(&sim), Some(&PodPhase::Running));
}

#[test]
fn a_copy_that_waits_for_the_next_pod_is_no_matter_of_the_former_one() {
    let mut sim = etcd();
    sim.run_for(Duration::from_secs(20));
    sim.replace_manifest(from_manifest("etcd:4"))
        .expect("a static pod");
    sim.update(|pod| drop(pod.metadata.labels.insert("a".into(), "b".into())))
        .expect("the API server takes it");
    let before = sim.pod().map(|pod| pod.status.clone());
    sim.run_for(Duration::from_secs(5));
    assert_eq!(sim.pod().map(|pod| pod.status.clone()), before);
}

#[test]
fn how_a_pod_ended_is_told_of_the_pod_that_was_being_ended() {
    let mut sim = sim(one("Always"), &[("app", "term=5s/0")]);
    sim.run_for(Duration::from_secs(3));
    sim.delete(None);
    sim.run_for(Duration::from_secs(2));
    sim.update(|pod| {
        let debug = serde_json::from_value(json!({"name": "debug", "image": "app:1"}));
        pod.spec
            .ephemeral_containers
            .push(debug.expect("a container"));
    })
    .expect("the API server takes it");
    sim.run_for(Duration::from_secs(20));
    let pods = sim.timeline().pods().map(|(_, pod)| &pod.status);
    let ended = pods.filter(|status| status.phase == Some(PodPhase::Succeeded));
    let seen = ended.map(|status| {
        let ephemeral = status.ephemeral_container_statuses.len();
        (status.observed_generation, ephemeral)
    });
    let mut seen: Vec<_> = seen.collect();
    seen.dedup();
    assert_eq!(seen, [(2, 0), (3, 1)]);
}

#[test]
fn a_sandbox_that_is_up_is_told_of_the_pod_that_it_was_made_for() {
    let mut sim = scripted(json!({
        "metadata": {"name": "p", "annotations": {"script.sandbox/create": "4s"}},
        "spec": one("Always"),
    }));
    sim.run_for(Duration::from_secs(2));
    sim.update(|pod| pod.spec.active_deadline_seconds = Some(600))
        .expect("the API server takes it");
    sim.run_for(Duration::from_secs(8));
    let pods = sim.timeline().pods().map(|(_, pod)| &pod.status);
    let up = pods.filter_map(|status| {
        let kind = PodConditionType::POD_READY_TO_START_CONTAINERS;
        let is_up = status.condition(&kind)?.is_true();
        let runs = status.phase == Some(PodPhase::Running);
        is_up.then_some((status.observed_generation, runs))
    });
    assert_eq!(up.collect::<Vec<_>>(), [(1, false), (2, true)]);
}

#[test]
fn a_sidecar_that_has_ended_is_waited_for_as_long_as_its_hook_sleeps_and_no_longer() {
    let sleep = |seconds: u32| json!({"preStop": {"sleep": {"seconds": seconds}}});
    let mut sim = scripted(json!({"metadata": {"name": "p"}, "spec": {
        "initContainers": [
            {"name": "first", "image": "app:1", "restartPolicy": "Always", "args": ["script", "term=1s/0"]},
            {"name": "second", "image": "app:1", "restartPolicy": "Always", "args": ["script", "run=9s"],
                "lifecycle": sleep(8)},
        ],
        "containers": [{"name": "app", "image": "app:1", "args": ["script", "term=1s/0"]}],
    }}));
    sim.run_for(Duration::from_secs(7));
    sim.delete(Some(20));
    sim.run_for(Duration::from_secs(30));
    let expected = [
        "7 stop app#1 within 20",
        "8 app#1 ends 0",
        "9 second#1 ends 0",
        "15 stop first#1 within 12",
        "16 first#1 ends 0",
    ];
    assert_eq!(calls(&sim)[3..], expected);
    let entries = sim.timeline().entries().iter();
    let mut stops = entries.filter(|entry| {
        matches!(&entry.event, Event::ContainerStopping { container, .. } if container.name == "first")
    });
    let at = stops
        .next()
        .map(|entry| entry.at.duration_since(Setup::default().start));
    assert_eq!(
        at.map(|at| at.as_millis()),
        Some(15_010),
        "in the same instant"
    );
}
