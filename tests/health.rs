//! What can be told of a pod from its object alone.

use core::time::Duration;

use pod_lifecycle::{
    api::Pod,
    lifecycle::{
        endpoint::{self, Conditions, Publish},
        explain::{self, Cause, Needs, NotRestarted},
        health::{self, ExitReason, Health, Outlook, Trouble, WaitingReason},
    },
};
use serde_json::{Value, json};

fn pod(spec: Value, status: Value) -> Pod {
    let object =
        json!({"metadata": {"namespace": "shop", "name": "web"}, "spec": spec, "status": status});
    serde_json::from_value(object).expect("a pod")
}

/// A pod on a node, with one container `web`.
fn web(status: Value) -> Pod {
    pod(
        json!({"nodeName": "node-1", "containers": [{"name": "web"}]}),
        status,
    )
}

fn sentences(causes: &[Cause<'_>]) -> Vec<String> {
    causes.iter().map(ToString::to_string).collect()
}

fn waits(reason: &str) -> Value {
    json!({"phase": "Running", "containerStatuses": [{"name": "web", "state": {"waiting": {"reason": reason}}}]})
}

#[test]
fn ready_is_what_the_condition_says() {
    assert!(!health::is_ready(&web(json!({"phase": "Running"}))));
    let pod = web(json!({"conditions": [
        {"type": "Ready", "status": "True"},
        {"type": "Ready", "status": "False"},
    ]}));
    assert!(health::is_ready(&pod));
}

#[test]
fn available_needs_a_known_start_unless_no_time_is_asked_for() {
    let undated = web(json!({"conditions": [{"type": "Ready", "status": "True"}]}));
    let now = "2026-03-01T09:00:00Z".parse().expect("a time");
    assert!(health::is_available(&undated, Duration::ZERO, now));
    assert!(!health::is_available(&undated, Duration::from_secs(1), now));
    assert_eq!(health::available_at(&undated, Duration::from_secs(1)), None);

    let unready = web(json!({"conditions": [
        {"type": "Ready", "status": "False", "lastTransitionTime": "2026-03-01T08:00:00Z"},
    ]}));
    assert!(!health::is_available(&unready, Duration::ZERO, now));
    assert_eq!(health::available_at(&unready, Duration::ZERO), None);
}

#[test]
fn a_job_pod_that_runs_is_as_healthy_as_any_other() {
    for policy in ["Always", "OnFailure", "Never"] {
        let pod = pod(
            json!({"nodeName": "n", "restartPolicy": policy, "containers": [{"name": "job"}]}),
            json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}),
        );
        assert_eq!(health::of(&pod), Health::Ready);
        assert_eq!(health::of(&pod).outlook(), Outlook::Good);
    }
}

#[test]
fn a_crash_loop_is_seen_although_the_pod_is_running_and_initialized() {
    let mut crashing = waits("CrashLoopBackOff");
    crashing["conditions"] =
        json!([{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "False"}]);
    let pod = web(crashing);
    assert!(health::is_crash_looping(&pod));
    assert!(matches!(health::of(&pod), Health::CrashLooping(web) if web.container == "web"));
    assert_eq!(health::of(&pod).to_string(), "web crashes");
}

#[test]
fn every_reason_of_the_kubelet_is_known_by_type() {
    for reason in WaitingReason::KNOWN {
        let pod = web(waits(reason));
        let waiting = health::waiting(&pod).next().expect("a container waits");
        assert!(
            !matches!(waiting.reason, Some(WaitingReason::Other(_)) | None),
            "{reason}"
        );
        let is_bad = health::of(&pod).outlook() == Outlook::Bad;
        assert_eq!(is_bad, waiting.trouble().is_some(), "{reason}");
    }
    assert_eq!(ExitReason::from("OOMKilled"), ExitReason::OOMKilled);
    let unheard_of = web(waits("MoonPhase"));
    assert_eq!(health::of(&unheard_of).outlook(), Outlook::Underway);
    assert!(health::is_pull_failing(&web(waits("ErrImageNeverPull"))));
    assert!(!health::is_pull_failing(&web(waits("RunContainerError"))));
}

#[test]
fn a_pod_on_a_dead_node_is_not_ready_whatever_its_containers_said_last() {
    let mut pod = web(json!({
        "phase": "Running",
        "conditions": [{"type": "Initialized", "status": "True"}, {"type": "Ready", "status": "False"}],
        "containerStatuses": [{"name": "web", "ready": true, "started": true, "state": {"running": {}}}],
    }));
    assert!(!health::is_ready(&pod));
    assert_eq!(health::of(&pod), Health::NotReady);
    assert_eq!(explain::not_ready(&pod), [Cause::Withdrawn]);

    pod.status.reason = "NodeLost".into();
    assert_eq!(health::of(&pod), Health::Lost);
}

#[test]
fn a_shut_readiness_gate_keeps_a_pod_with_ready_containers_unready() {
    let pod = pod(
        json!({
            "nodeName": "n",
            "containers": [{"name": "web"}],
            "readinessGates": [{"conditionType": "lb.example/attached"}],
        }),
        json!({
            "phase": "Running",
            "conditions": [
                {"type": "Initialized", "status": "True"},
                {"type": "Ready", "status": "False", "reason": "ReadinessGatesNotReady"},
                {"type": "ContainersReady", "status": "True"},
            ],
            "containerStatuses": [{"name": "web", "ready": true, "started": true, "state": {"running": {}}}],
        }),
    );
    assert_eq!(health::of(&pod), Health::NotReady);
    let causes = explain::not_ready(&pod);
    assert_eq!(
        sentences(&causes),
        ["the readiness gate lb.example/attached is not true"]
    );
}

#[test]
fn a_finished_pod_stays_finished_while_it_is_deleted() {
    let mut pod = web(json!({"phase": "Failed", "reason": "Evicted"}));
    pod.metadata.deletion_timestamp = Some("2026-03-01T09:00:00Z".parse().expect("a time"));
    assert_eq!(health::of(&pod), Health::Failed { reason: "Evicted" });
    pod.status.phase = None;
    assert_eq!(health::of(&pod), Health::Terminating);
}

#[test]
fn a_failed_pod_without_a_reason_gives_that_of_its_first_failed_container() {
    let pod = web(json!({"phase": "Failed", "containerStatuses": [
        {"name": "log", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}},
        {"name": "web", "state": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}},
    ]}));
    assert_eq!(health::of(&pod).to_string(), "failed: OOMKilled");
}

#[test]
fn a_gated_pod_is_not_unschedulable() {
    let scheduled = |reason| {
        let condition = json!({"type": "PodScheduled", "status": "False", "reason": reason, "message": "0/3 nodes"});
        let gate = if reason == "SchedulingGated" {
            json!([{"name": "quota"}])
        } else {
            json!([])
        };
        pod(
            json!({"containers": [{"name": "web"}], "schedulingGates": gate}),
            json!({"phase": "Pending", "conditions": [condition]}),
        )
    };
    let gated = scheduled("SchedulingGated");
    assert_eq!(health::of(&gated), Health::Gated);
    assert_eq!(explain::pending(&gated), [Cause::SchedulingGate("quota")]);

    let unschedulable = scheduled("Unschedulable");
    assert!(health::is_unschedulable(&unschedulable));
    assert_eq!(
        sentences(&explain::pending(&unschedulable)),
        ["no node takes the pod: 0/3 nodes"]
    );

    let new = pod(
        json!({"containers": [{"name": "web"}]}),
        json!({"phase": "Pending"}),
    );
    assert_eq!(health::of(&new), Health::Unscheduled);
    assert_eq!(explain::not_ready(&new), [Cause::Unscheduled]);
}

#[test]
fn a_broken_debug_container_does_not_make_a_pod_ill() {
    let pod = web(json!({
        "phase": "Running",
        "conditions": [{"type": "Ready", "status": "True"}],
        "ephemeralContainerStatuses": [{"name": "debug", "state": {"waiting": {"reason": "ErrImagePull"}}}],
    }));
    assert_eq!(health::of(&pod), Health::Ready);
    assert!(!health::is_pull_failing(&pod));
}

#[test]
fn an_init_container_in_the_way_is_the_only_cause() {
    let spec = json!({
        "nodeName": "n",
        "initContainers": [{"name": "proxy", "restartPolicy": "Always"}, {"name": "fetch"}, {"name": "late"}],
        "containers": [{"name": "web"}],
    });
    let waiting = json!({"waiting": {"reason": "PodInitializing"}});
    let pod = pod(
        spec,
        json!({
            "phase": "Pending",
            "initContainerStatuses": [
                {"name": "proxy", "started": true, "ready": true, "state": {"running": {}}},
                {"name": "fetch", "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 20s"}}},
                {"name": "late", "state": waiting},
            ],
            "containerStatuses": [{"name": "web", "state": waiting}],
        }),
    );
    let expected = ["init container fetch waits: CrashLoopBackOff: back-off 20s"];
    assert_eq!(sentences(&explain::not_ready(&pod)), expected);
    assert_eq!(sentences(&explain::pending(&pod)), expected);
    assert!(
        matches!(health::of(&pod), Health::CrashLooping(fetch) if fetch.trouble() == Some(Trouble::Crash))
    );
}

#[test]
fn pending_is_explained_by_the_containers_that_never_ran() {
    let spec =
        json!({"nodeName": "n", "containers": [{"name": "log"}, {"name": "web"}, {"name": "new"}]});
    let status = |sandbox| {
        json!({
            "phase": "Pending",
            "conditions": [
                {"type": "PodReadyToStartContainers", "status": sandbox},
                {"type": "Initialized", "status": "True"},
            ],
            "containerStatuses": [
                {"name": "log", "state": {"running": {}}},
                {"name": "web", "state": {"waiting": {"reason": "ContainerCreating"}}},
            ],
        })
    };
    let causes = [
        "container web waits: ContainerCreating",
        "container new has no status",
    ];
    assert_eq!(
        sentences(&explain::pending(&pod(spec.clone(), status("True")))),
        causes
    );
    assert_eq!(
        explain::pending(&pod(spec.clone(), status("False"))),
        [Cause::NoSandbox]
    );
    assert_eq!(
        explain::pending(&pod(spec, json!({"phase": "Pending"}))),
        [Cause::Unreported]
    );
    assert!(explain::pending(&web(json!({"phase": "Running"}))).is_empty());
}

#[test]
fn a_container_that_stays_down_has_a_reason() {
    let spec = |policy: &str| {
        json!({
            "restartPolicy": policy,
            "initContainers": [{"name": "fetch"}],
            "containers": [{"name": "web"}, {"name": "own", "restartPolicy": "Never"}, {"name": "log"}],
        })
    };
    let status = json!({
        "phase": "Running",
        "initContainerStatuses": [{"name": "fetch", "state": {"terminated": {"exitCode": 0}}}],
        "containerStatuses": [
            {"name": "web", "state": {"terminated": {"exitCode": 1}}},
            {"name": "own", "state": {"terminated": {"exitCode": 2}}},
            {"name": "log", "state": {"running": {}}},
        ],
    });
    let always = pod(spec("Always"), status.clone());
    let never = pod(spec("Never"), status.clone());
    assert_eq!(
        explain::not_restarted(&always, "web"),
        Some(NotRestarted::Soon { by: None })
    );
    assert_eq!(
        explain::not_restarted(&never, "web")
            .map(|why| why.to_string())
            .as_deref(),
        Some("the pod's restart policy Never does not start it again after exit code 1"),
    );
    assert_eq!(
        explain::not_restarted(&always, "own")
            .map(|why| why.to_string())
            .as_deref(),
        Some("its own restart policy Never does not start it again after exit code 2"),
    );
    assert_eq!(
        explain::not_restarted(&always, "fetch"),
        Some(NotRestarted::Done)
    );
    assert_eq!(explain::not_restarted(&always, "log"), None);
    assert_eq!(explain::not_restarted(&always, "stranger"), None);

    let backing_off = web(waits("CrashLoopBackOff"));
    assert_eq!(
        explain::not_restarted(&backing_off, "web"),
        Some(NotRestarted::BackOff {
            until: None,
            message: ""
        })
    );
    let mut deleted = always;
    deleted.metadata.deletion_timestamp = Some("2026-03-01T09:00:00Z".parse().expect("a time"));
    assert_eq!(
        explain::not_restarted(&deleted, "web"),
        Some(NotRestarted::Deleting)
    );
}

#[test]
fn a_pod_that_drains_still_serves_and_is_not_ready_for_new_connections() {
    let mut pod = web(json!({
        "phase": "Running",
        "podIP": "10.0.0.7",
        "conditions": [{"type": "Ready", "status": "True"}],
    }));
    let ready = Conditions {
        ready: true,
        serving: true,
        terminating: false,
    };
    assert_eq!(endpoint::conditions(&pod, Publish::WhenReady), Some(ready));

    pod.metadata.deletion_timestamp = Some("2026-03-01T09:00:00Z".parse().expect("a time"));
    let draining = Conditions {
        ready: false,
        serving: true,
        terminating: true,
    };
    assert_eq!(
        endpoint::conditions(&pod, Publish::WhenReady),
        Some(draining)
    );
    let published = Conditions {
        ready: true,
        ..draining
    };
    assert_eq!(endpoint::conditions(&pod, Publish::Always), Some(published));

    pod.status.phase = Some(pod_lifecycle::api::PodPhase::Succeeded);
    assert_eq!(endpoint::conditions(&pod, Publish::Always), None);
    assert_eq!(
        endpoint::conditions(&web(json!({"phase": "Running"})), Publish::Always),
        None
    );
}

/// The pod's status of a container `web` that waits with that reason and message, and that ended at nine o'clock.
fn waits_since_nine(reason: &str, message: &str) -> Pod {
    web(json!({"phase": "Running", "containerStatuses": [{
        "name": "web",
        "state": {"waiting": {"reason": reason, "message": message}},
        "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-03-01T09:00:00Z"}},
    }]}))
}

#[test]
fn a_crash_loop_is_over_when_its_message_says_counted_from_the_last_end() {
    for (message, until) in [
        (
            "back-off 10s restarting failed container=web pod=web_shop(u1)",
            Some("2026-03-01T09:00:10Z"),
        ),
        (
            "back-off 2m40s restarting failed container=web pod=web_shop(u1)",
            Some("2026-03-01T09:02:40Z"),
        ),
        ("back-off 5m0s restarting", Some("2026-03-01T09:05:00Z")),
        (
            "back-off until 2026-03-01T09:00:07.5Z restarting container web",
            Some("2026-03-01T09:00:07.5Z"),
        ),
        ("back-off -10s restarting", None),
        ("back-off 99999999999999999999h restarting", None),
        ("back-off until then", None),
        ("back-off ", None),
        ("Back-off pulling image \"web:1\"", None),
        ("", None),
    ] {
        let pod = waits_since_nine("CrashLoopBackOff", message);
        let until = until.map(|until| until.parse().expect("a time"));
        let why = explain::not_restarted(&pod, "web");
        assert_eq!(why, Some(NotRestarted::BackOff { until, message }));
        assert_eq!(why.map(|why| why.needs()), Some(Needs::Time { until }));
        assert_eq!(
            explain::not_ready(&pod)[0].needs(),
            Needs::Time { until },
            "{message}"
        );
    }
    let mut undated = waits_since_nine("CrashLoopBackOff", "back-off 10s restarting");
    undated.status.container_statuses[0].last_state = Default::default();
    let why = explain::not_restarted(&undated, "web").expect("it waits");
    assert_eq!(
        why.needs().to_string(),
        "time has to pass until the back-off is over"
    );
}

#[test]
fn every_waiting_reason_says_what_has_to_happen() {
    for reason in WaitingReason::KNOWN {
        let needs = match *reason {
            "CrashLoopBackOff" => Needs::Time { until: None },
            "ErrImagePull"
            | "ImagePullBackOff"
            | "ImageInspectError"
            | "RegistryUnavailable"
            | "SignatureValidationFailed" => Needs::Image,
            "ErrImageNeverPull" => Needs::ImageOnNode,
            "InvalidImageName" => Needs::ImageName,
            "CreateContainerConfigError" => Needs::Configuration,
            _ => Needs::Start,
        };
        let pod = waits_since_nine(reason, "");
        assert_eq!(
            explain::not_restarted(&pod, "web").map(|why| why.needs()),
            Some(needs)
        );
        assert_eq!(explain::not_ready(&pod)[0].needs(), needs);
    }
}

#[test]
fn every_cause_says_what_has_to_happen() {
    let phase = |phase: &str| web(json!({"phase": phase, "reason": "Evicted"}));
    let one = |status: Value| {
        let mut status = status;
        status["name"] = "web".into();
        web(json!({"phase": "Running", "containerStatuses": [status]}))
    };
    let init = |status: Value| {
        pod(
            json!({"nodeName": "n", "initContainers": [{"name": "fetch"}], "containers": [{"name": "web"}]}),
            json!({"phase": "Pending", "initContainerStatuses": [{"name": "fetch", "state": status}]}),
        )
    };
    let unscheduled = |condition: Value, gates: Value| {
        pod(
            json!({"schedulingGates": gates, "containers": [{"name": "web"}]}),
            json!({"phase": "Pending", "conditions": condition}),
        )
    };
    let unschedulable =
        json!([{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]);
    let sandbox = json!([{"type": "PodReadyToStartContainers", "status": "False"}]);
    let waiting = json!([{"name": "web", "state": {"waiting": {"reason": "ContainerCreating"}}}]);
    for (pod, needs) in [
        (phase("Succeeded"), "nothing has to happen"),
        (
            phase("Failed"),
            "this pod comes to nothing more; a new one has to take its place",
        ),
        (
            unscheduled(json!([]), json!([{"name": "quota"}])),
            "whoever set the scheduling gate quota has to remove it",
        ),
        (
            unscheduled(unschedulable, json!([])),
            "a node has to be able to take the pod, or the pod has to ask for less",
        ),
        (
            unscheduled(json!([]), json!([])),
            "the scheduler has to give the pod a node",
        ),
        (
            web(json!({"phase": "Pending"})),
            "the kubelet of the pod's node has to report",
        ),
        (
            web(json!({"phase": "Pending", "conditions": sandbox, "containerStatuses": waiting})),
            "the runtime has to make the sandbox and give it an address",
        ),
        (
            one(json!({})),
            "the kubelet of the pod's node has to report",
        ),
        (
            one(json!({"state": {"running": {}}})),
            "the container's startup probe has to succeed",
        ),
        (
            one(json!({"started": true, "state": {"running": {}}})),
            "the container's readiness probe has to succeed",
        ),
        (
            one(json!({"state": {"terminated": {"exitCode": 1}}})),
            "the kubelet has to start the container",
        ),
        (
            one(json!({"ready": true})),
            "the pod's node has to answer again",
        ),
        (
            init(json!({"running": {}})),
            "the container has to end with exit code 0",
        ),
        (
            init(json!({"terminated": {"exitCode": 1}})),
            "the kubelet has to start the container",
        ),
    ] {
        let causes = explain::not_ready(&pod);
        assert_eq!(causes[0].needs().to_string(), needs, "{}", causes[0]);
    }
}

#[test]
fn a_container_that_has_ended_for_good_needs_a_new_pod_only_if_it_failed() {
    for (exit_code, needs) in [(0, Needs::Nothing), (1, Needs::NewPod)] {
        let exit =
            json!({"terminated": {"exitCode": exit_code, "finishedAt": "2026-03-01T09:00:00Z"}});
        let status =
            json!({"phase": "Running", "containerStatuses": [{"name": "web", "state": exit}]});
        let mut pod = web(status);
        pod.spec.restart_policy = Some("Never".into());
        assert_eq!(explain::not_ready(&pod)[0].needs(), needs);
        assert_eq!(
            explain::not_restarted(&pod, "web").map(|why| why.needs()),
            Some(needs)
        );

        pod.spec.restart_policy = None;
        assert_eq!(explain::not_ready(&pod)[0].needs(), Needs::Start);
        let why = explain::not_restarted(&pod, "web").expect("it does not run");
        assert_eq!(
            why.to_string(),
            "it is started again when its back-off is over, by 2026-03-01T09:05:00Z at the latest"
        );
        assert_eq!(why.needs(), Needs::Start);

        pod.metadata.deletion_timestamp = Some("2026-03-01T09:00:00Z".parse().expect("a time"));
        assert_eq!(explain::not_ready(&pod)[0].needs(), Needs::NewPod);
    }
}

#[test]
fn a_pod_that_runs_is_not_ready_for_that() {
    let until_ready = |pod: Option<&Pod>| pod.is_some_and(health::is_ready);
    let mut pod = web(json!({"phase": "Running"}));
    assert!(!until_ready(None) && !until_ready(Some(&pod)));
    let ready = json!([{"type": "Ready", "status": "True"}]);
    pod.status.conditions = serde_json::from_value(ready).expect("conditions");
    assert!(until_ready(Some(&pod)));
}

#[test]
fn trouble_is_told_before_readiness_is_asked_about() {
    for ready in ["True", "False", "Unknown"] {
        for (reason, expected) in [
            ("CrashLoopBackOff", Trouble::Crash),
            ("ImagePullBackOff", Trouble::Image),
            ("ErrImagePull", Trouble::Image),
            ("CreateContainerConfigError", Trouble::Start),
        ] {
            let mut status = waits(reason);
            status["conditions"] = json!([{"type": "Ready", "status": ready}]);
            let pod = web(status);
            let trouble = match health::of(&pod) {
                Health::CrashLooping(web) | Health::PullFails(web) | Health::StartFails(web) => {
                    web.trouble()
                }
                other => panic!("{other}"),
            };
            assert_eq!(trouble, Some(expected), "{reason} with Ready {ready}");
        }
    }
}

#[test]
fn a_job_pod_whose_image_cannot_be_pulled_is_in_trouble_and_not_over() {
    for policy in ["OnFailure", "Never"] {
        let mut pod = web(waits("ImagePullBackOff"));
        pod.spec.restart_policy = Some(policy.into());
        assert_eq!(health::of(&pod).outlook(), Outlook::Bad);
        assert!(health::is_pull_failing(&pod) && !health::is_terminal(&pod));
        let needs = explain::not_ready(&pod)[0].needs();
        assert_eq!(
            needs,
            Needs::Image,
            "once it can be pulled, the pod goes on"
        );
    }
}

#[test]
fn an_init_container_that_came_through_at_last_is_no_trouble() {
    let exit = |code: i32| json!({"terminated": {"exitCode": code}});
    let pod = pod(
        json!({
            "nodeName": "n",
            "initContainers": [{"name": "fetch"}, {"name": "proxy", "restartPolicy": "Always"}],
            "containers": [{"name": "web"}],
        }),
        json!({
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
            "initContainerStatuses": [
                {"name": "fetch", "restartCount": 4, "state": exit(0), "lastState": exit(1)},
                {"name": "proxy", "restartCount": 2, "state": {"running": {}}, "lastState": exit(1)},
            ],
            "containerStatuses": [{"name": "web", "ready": true, "state": {"running": {}}}],
        }),
    );
    assert_eq!(health::of(&pod), Health::Ready);
    assert!(!health::is_crash_looping(&pod));
    let restarts = health::restarts(&pod);
    assert_eq!((restarts.total(), restarts.init_containers), (2, 4));
}
