//! What is derived from what a runtime shows.

use pod_lifecycle::{
    api::{PodPhase, PodStatus, StateView},
    lifecycle::{
        Observation,
        probe::Outcome,
        status::{
            Eviction, PhaseInput, ProbeState, Probes, StartFailure, StatusInput, Statuses, phase,
            pod_status,
        },
    },
};
use serde_json::json;

use super::{at, condition, observation, pod, status};

fn waits_for(status: &PodStatus, at: usize) -> &str {
    match status.container_statuses[at].state.view() {
        Some(StateView::Waiting(waiting)) => &waiting.reason,
        other => panic!("not waiting: {other:?}"),
    }
}

fn phase_of(spec: serde_json::Value, reported: serde_json::Value) -> PodPhase {
    let (pod, reported) = (pod(spec), status(reported));
    phase(&PhaseInput {
        pod: &pod,
        statuses: Statuses::of(&reported),
        terminal: false,
        initialized: true,
    })
}

#[test]
fn failed_init_container_with_never_fails_the_pod() {
    let spec = |policy| {
        json!({
            "restartPolicy": policy,
            "initContainers": [{"name": "fetch"}],
            "containers": [{"name": "web"}],
        })
    };
    let reported = json!({
        "initContainerStatuses": [{"name": "fetch", "state": {"terminated": {"exitCode": 1}}}],
        "containerStatuses": [{"name": "web", "state": {"waiting": {"reason": "PodInitializing"}}}],
    });
    assert_eq!(phase_of(spec("Never"), reported.clone()), PodPhase::Failed);
    assert_eq!(phase_of(spec("OnFailure"), reported), PodPhase::Pending);
}

#[test]
fn a_crash_looping_container_keeps_the_pod_running() {
    let reported = json!({"containerStatuses": [{
        "name": "web",
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 1}},
    }]});
    let spec = json!({"containers": [{"name": "web"}]});
    assert_eq!(phase_of(spec, reported), PodPhase::Running);
}

#[test]
fn a_sidecar_neither_holds_the_end_of_a_job_back_nor_fails_it() {
    let spec = json!({
        "restartPolicy": "Never",
        "initContainers": [{"name": "proxy", "restartPolicy": "Always"}],
        "containers": [{"name": "job"}],
    });
    let job = json!([{"name": "job", "state": {"terminated": {"exitCode": 0}}}]);
    for (proxy, expected) in [
        (
            json!({"terminated": {"exitCode": 137}}),
            PodPhase::Succeeded,
        ),
        (json!({"running": {}}), PodPhase::Running),
    ] {
        let reported = json!({
            "initContainerStatuses": [{"name": "proxy", "started": true, "state": proxy}],
            "containerStatuses": job,
        });
        assert_eq!(phase_of(spec.clone(), reported), expected);
    }
}

#[test]
fn a_pod_that_the_kubelet_has_ended_does_not_run_even_if_its_containers_would_restart() {
    let pod = pod(json!({"restartPolicy": "Always", "containers": [{"name": "web"}]}));
    let reported = status(json!({
        "containerStatuses": [{"name": "web", "state": {"terminated": {"exitCode": 0}}}],
    }));
    let mut input = PhaseInput {
        pod: &pod,
        statuses: Statuses::of(&reported),
        terminal: false,
        initialized: true,
    };
    assert_eq!(phase(&input), PodPhase::Running);
    input.terminal = true;
    assert_eq!(phase(&input), PodPhase::Succeeded);
}

#[test]
fn a_new_pod_waits_for_its_init_containers_first() {
    let pod = pod(json!({"initContainers": [{"name": "fetch"}], "containers": [{"name": "web"}]}));
    let status = pod_status(&StatusInput::new(&pod, &Observation::default(), at(0)));
    assert_eq!(status.phase, Some(PodPhase::Pending));
    assert_eq!(waits_for(&status, 0), "PodInitializing");
    let initialized = condition(&status, "Initialized");
    assert_eq!(initialized.reason, "ContainersNotInitialized");
    assert_eq!(
        initialized.message,
        "containers with incomplete status: [fetch]"
    );
    assert!(!condition(&status, "PodReadyToStartContainers").is_true());
    assert!(condition(&status, "PodScheduled").is_true());
}

#[test]
fn a_container_in_back_off_waits_with_the_reason_and_remembers_its_exit() {
    let pod = pod(json!({"containers": [{"name": "web"}]}));
    let seen = observation(json!([
        {"id": "c://2", "name": "web", "state": "Exited", "exitCode": 2, "createdAt": "2026-03-01T08:50:00Z", "restartCount": 1},
        {"id": "c://1", "name": "web", "state": "Exited", "exitCode": 1, "createdAt": "2026-03-01T08:40:00Z"},
    ]));
    let failure = StartFailure {
        reason: "CrashLoopBackOff",
        message: "back-off 20s",
    };
    let derived = |failure: Option<StartFailure<'static>>| {
        pod_status(&StatusInput {
            start_failure: &move |_| failure,
            ..StatusInput::new(&pod, &seen, at(0))
        })
    };
    let exit = |state: &pod_lifecycle::api::ContainerState| {
        state.terminated.as_ref().map(|exit| exit.exit_code)
    };

    let backing_off = derived(Some(failure));
    let web = &backing_off.container_statuses[0];
    assert_eq!(waits_for(&backing_off, 0), "CrashLoopBackOff");
    assert_eq!((exit(&web.last_state), web.restart_count), (Some(2), 1));
    assert_eq!(backing_off.phase, Some(PodPhase::Running));

    let just_ended = derived(None);
    let web = &just_ended.container_statuses[0];
    assert_eq!(
        (exit(&web.state), exit(&web.last_state)),
        (Some(2), Some(1))
    );
}

#[test]
fn a_running_container_that_the_runtime_forgets_counts_as_killed() {
    let mut pod = pod(json!({"containers": [{"name": "web"}]}));
    let previous = status(json!({
        "phase": "Running",
        "containerStatuses": [{"name": "web", "restartCount": 3, "containerID": "c://1", "state": {"running": {}}}],
    }));
    let derive = |pod: &pod_lifecycle::api::Pod| {
        pod_status(&StatusInput {
            previous: Some(&previous),
            ..StatusInput::new(pod, &Observation::default(), at(0))
        })
    };
    let forgotten = derive(&pod);
    let web = &forgotten.container_statuses[0];
    let exit = web.last_state.terminated.as_ref().expect("it was killed");
    assert_eq!(
        (exit.exit_code, &*exit.reason),
        (137, "ContainerStatusUnknown")
    );
    assert_eq!(
        (waits_for(&forgotten, 0), web.restart_count),
        ("ContainerCreating", 4)
    );

    pod.metadata.deletion_timestamp = Some(at(0).into());
    assert_eq!(derive(&pod).container_statuses[0].restart_count, 3);
}

#[test]
fn a_removed_init_container_counts_as_completed_once_others_run() {
    let pod = pod(json!({"initContainers": [{"name": "fetch"}], "containers": [{"name": "web"}]}));
    let seen =
        observation(json!([{"id": "c://1", "name": "web", "state": "Running", "active": true}]));
    let status = pod_status(&StatusInput::new(&pod, &seen, at(0)));
    let fetch = &status.init_container_statuses[0];
    let exit = fetch.state.terminated.as_ref().expect("it is over");
    assert_eq!((exit.exit_code, &*exit.reason), (0, "Completed"));
    assert!(fetch.ready);
    assert!(condition(&status, "Initialized").is_true());
}

#[test]
fn initialized_stays_true_while_an_init_container_runs_again() {
    let pod = pod(json!({"initContainers": [{"name": "fetch"}], "containers": [{"name": "web"}]}));
    let seen = observation(json!([{"id": "c://2", "name": "fetch", "state": "Running"}]));
    let before = status(json!({"conditions": [{"type": "Initialized", "status": "True"}]}));
    let derived = |previous| {
        let status = pod_status(&StatusInput {
            previous,
            ..StatusInput::new(&pod, &seen, at(0))
        });
        condition(&status, "Initialized").is_true()
    };
    assert!(derived(Some(&before)));
    assert!(!derived(None));
}

#[test]
fn a_pod_is_not_ready_before_its_readiness_gates_are_true() {
    let mut pod = pod(json!({
        "containers": [{"name": "web"}],
        "readinessGates": [{"conditionType": "lb.example/attached"}],
    }));
    let seen =
        observation(json!([{"id": "c://1", "name": "web", "state": "Running", "active": true}]));
    let waiting = pod_status(&StatusInput::new(&pod, &seen, at(0)));
    let ready = condition(&waiting, "Ready");
    assert_eq!(ready.reason, "ReadinessGatesNotReady");
    assert_eq!(
        ready.message,
        "readiness gates not true: [lb.example/attached]"
    );
    assert!(condition(&waiting, "ContainersReady").is_true());

    pod.status = status(json!({"conditions": [{"type": "lb.example/attached", "status": "True"}]}));
    let attached = pod_status(&StatusInput::new(&pod, &seen, at(0)));
    assert!(condition(&attached, "Ready").is_true());
}

#[test]
fn a_kubelet_that_restarts_does_not_make_old_containers_unready() {
    let mut pod = pod(json!({"containers": [{"name": "web", "readinessProbe": {}}]}));
    let seen = observation(json!([
        {"id": "c://1", "name": "web", "state": "Running", "startedAt": "2026-03-01T08:00:00Z"},
    ]));
    let unprobed = ProbeState {
        worker: true,
        outcome: None,
    };
    let is_ready = |pod: &pod_lifecycle::api::Pod, outcome| {
        let probes = Probes {
            kubelet_started_at: at(0),
            readiness: &|_| ProbeState {
                outcome,
                ..unprobed
            },
            ..Probes::NONE
        };
        let input = StatusInput {
            probes,
            ..StatusInput::new(pod, &seen, at(1))
        };
        pod_status(&input).container_statuses[0].ready
    };
    assert!(!is_ready(&pod, None));
    pod.status = status(json!({"conditions": [{"type": "Ready", "status": "True"}]}));
    assert!(is_ready(&pod, None));
    assert!(!is_ready(&pod, Some(Outcome::Failure)));
}

#[test]
fn a_final_phase_is_never_left() {
    let mut pod = pod(json!({"restartPolicy": "Never", "containers": [{"name": "job"}]}));
    pod.status = status(json!({"phase": "Failed", "reason": "Evicted", "message": "disk"}));
    let seen =
        observation(json!([{"id": "c://1", "name": "job", "state": "Running", "active": true}]));
    let status = pod_status(&StatusInput::new(&pod, &seen, at(0)));
    assert_eq!(status.phase, Some(PodPhase::Failed));
    assert_eq!((&*status.reason, &*status.message), ("Evicted", "disk"));
    assert_eq!(condition(&status, "Ready").reason, "PodFailed");
}

#[test]
fn an_eviction_fails_the_pod_and_says_why() {
    let pod = pod(json!({"containers": [{"name": "web"}]}));
    let seen =
        observation(json!([{"id": "c://1", "name": "web", "state": "Running", "active": true}]));
    let status = pod_status(&StatusInput {
        eviction: Some(Eviction {
            reason: "DeadlineExceeded",
            message: "too long",
        }),
        ..StatusInput::new(&pod, &seen, at(0))
    });
    assert_eq!(status.phase, Some(PodPhase::Failed));
    assert_eq!(status.reason, "DeadlineExceeded");
}

#[test]
fn a_host_network_pod_has_the_addresses_of_its_node() {
    let pod = pod(json!({"hostNetwork": true, "containers": [{"name": "web"}]}));
    let host_ips = ["192.0.2.1", "2001:db8::1"].map(|ip| ip.parse().expect("an address"));
    let status = pod_status(&StatusInput {
        host_ips: &host_ips,
        ..StatusInput::new(&pod, &Observation::default(), at(0))
    });
    let ips: Vec<_> = status.pod_ips.iter().map(|ip| &*ip.ip).collect();
    assert_eq!(status.host_ip, "192.0.2.1");
    assert_eq!(ips, ["192.0.2.1", "2001:db8::1"]);
}

#[test]
fn a_rule_that_restarts_all_containers_shows_in_every_status() {
    let pod = pod(json!({
        "restartPolicy": "Never",
        "containers": [
            {"name": "guard", "restartPolicyRules": [
                {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}},
            ]},
            {"name": "web"},
        ],
    }));
    let before = status(json!({
        "phase": "Running",
        "containerStatuses": [
            {"name": "guard", "state": {"running": {}}},
            {"name": "web", "containerID": "c://web", "state": {"running": {}}},
        ],
    }));
    let seen = observation(
        json!([{"id": "c://guard", "name": "guard", "state": "Exited", "exitCode": 42}]),
    );
    let status = pod_status(&StatusInput {
        previous: Some(&before),
        ..StatusInput::new(&pod, &seen, at(0))
    });
    let restarting = condition(&status, "AllContainersRestarting");
    assert!(restarting.is_true());
    assert_eq!(restarting.reason, "RestartAllContainersStarted");
    assert_eq!(waits_for(&status, 1), "RestartingAllContainers");
    assert_eq!(status.container_statuses[1].restart_count, 1);
}

#[test]
fn nonsense_is_answered_without_panic() {
    let pod = pod(json!({
        "initContainers": [{"name": "a"}, {"name": "a"}],
        "containers": [{"name": "a"}, {"name": "a"}, {}],
    }));
    let seen = observation(json!([
        {"name": "a", "state": "Running"},
        {"name": "a", "state": "Exited", "restartCount": i32::MAX},
        {"name": "stranger"},
    ]));
    let before = status(json!({
        "initContainerStatuses": [{"name": "stranger"}],
        "containerStatuses": [{"name": "a", "restartCount": i32::MAX, "state": {"running": {}, "terminated": {}}}],
    }));
    let status = pod_status(&StatusInput {
        previous: Some(&before),
        ..StatusInput::new(&pod, &seen, at(0))
    });
    assert_eq!(status.container_statuses.len(), 3);
    assert_eq!(status.init_container_statuses.len(), 2);
}

#[test]
fn a_pod_with_very_many_containers_is_still_answered_soon() {
    let names = || (0..20_000).map(|n| format!("c{n}"));
    let pod =
        pod(json!({"containers": names().map(|name| json!({"name": name})).collect::<Vec<_>>()}));
    let records: Vec<_> = names()
        .map(|name| json!({"id": format!("c://{name}"), "name": name, "state": "Running", "active": true}))
        .collect();
    let seen = observation(json!(records));
    let first = pod_status(&StatusInput::new(&pod, &seen, at(0)));
    let next = pod_status(&StatusInput {
        previous: Some(&first),
        ..StatusInput::new(&pod, &seen, at(0))
    });
    assert_eq!(next.phase, Some(PodPhase::Running));
}
