//! The row of `kubectl get pods`, where others who print it went wrong.

use pod_lifecycle::{
    api::Pod,
    jiff::Timestamp,
    kubectl::{self, Columns, HumanDuration},
};
use serde_json::{Value, json};

const NOW: &str = "2026-03-01T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().expect("a time")
}

/// Makes a pod of its spec and status.
fn pod(spec: Value, status: Value) -> Pod {
    serde_json::from_value(json!({"metadata": {"name": "web"}, "spec": spec, "status": status}))
        .expect("a pod")
}

/// Returns READY and STATUS.
fn shown(pod: &Pod) -> (String, String) {
    let row = kubectl::row(pod, now());
    (row.ready.to_string(), row.status.into_owned())
}

fn says(pod: &Pod, ready: &str, status: &str) {
    assert_eq!(shown(pod), (ready.into(), status.into()));
}

/// Returns RESTARTS.
fn restarts(pod: &Pod) -> String {
    kubectl::row(pod, now()).restarts.to_string()
}

fn running(name: &str) -> Value {
    json!({"name": name, "ready": true, "started": true, "state": {"running": {}}})
}

fn ended(name: &str, code: i32, reason: &str) -> Value {
    json!({
        "name": name,
        "started": false,
        "state": {"terminated": {"exitCode": code, "reason": reason}},
    })
}

fn waiting(name: &str, reason: &str) -> Value {
    json!({"name": name, "started": false, "state": {"waiting": {"reason": reason}}})
}

fn true_(condition: &str) -> Value {
    json!({"type": condition, "status": "True"})
}

/// One init container, one sidecar, one regular container.
fn with_a_sidecar() -> Value {
    json!({
        "initContainers": [{"name": "setup"}, {"name": "proxy", "restartPolicy": "Always"}],
        "containers": [{"name": "web"}],
    })
}

#[test]
fn a_started_sidecar_counts_as_ready_and_in_the_total() {
    let pod = pod(
        with_a_sidecar(),
        json!({
            "phase": "Running",
            "conditions": [true_("Initialized"), true_("Ready")],
            "initContainerStatuses": [ended("setup", 0, "Completed"), running("proxy")],
            "containerStatuses": [running("web")],
        }),
    );
    says(&pod, "2/2", "Running");
}

#[test]
fn a_sidecar_that_is_started_and_not_ready_counts_in_the_total_alone() {
    let mut proxy = running("proxy");
    proxy["ready"] = json!(false);
    let pod = pod(
        with_a_sidecar(),
        json!({
            "phase": "Running",
            "initContainerStatuses": [ended("setup", 0, "Completed"), proxy],
            "containerStatuses": [running("web")],
        }),
    );
    says(&pod, "1/2", "Running");
}

#[test]
fn a_plain_init_container_never_counts_as_ready() {
    let mut setup = ended("setup", 0, "Completed");
    setup["ready"] = json!(true);
    let pod = pod(
        json!({"initContainers": [{"name": "setup"}], "containers": [{"name": "web"}]}),
        json!({
            "phase": "Running",
            "initContainerStatuses": [setup],
            "containerStatuses": [running("web")],
        }),
    );
    says(&pod, "1/1", "Running");
}

#[test]
fn a_sidecar_killed_when_the_job_is_done_leaves_it_completed() {
    let pod = pod(
        with_a_sidecar(),
        json!({
            "phase": "Succeeded",
            "conditions": [{"type": "Initialized", "status": "True", "reason": "PodCompleted"}],
            "initContainerStatuses": [ended("setup", 0, "Completed"), ended("proxy", 137, "Error")],
            "containerStatuses": [ended("web", 0, "Completed")],
        }),
    );
    says(&pod, "0/2", "Completed");
}

#[test]
fn a_sidecar_that_failed_before_the_pod_was_initialised_is_an_init_error() {
    let pod = pod(
        with_a_sidecar(),
        json!({
            "phase": "Pending",
            "conditions": [{"type": "Initialized", "status": "False"}],
            "initContainerStatuses": [ended("setup", 0, "Completed"), ended("proxy", 137, "Error")],
            "containerStatuses": [waiting("web", "PodInitializing")],
        }),
    );
    says(&pod, "0/2", "Init:Error");
}

#[test]
fn a_container_that_only_the_status_knows_counts_as_ready() {
    let pod = pod(
        json!({"containers": [{"name": "web"}, {"name": "log"}]}),
        json!({
            "phase": "Running",
            "containerStatuses": [running("web"), running("log"), running("injected")],
        }),
    );
    says(&pod, "3/2", "Running");
}

#[test]
fn a_container_that_only_the_status_knows_makes_the_word() {
    let pod = pod(
        json!({"containers": [{"name": "web"}]}),
        json!({
            "phase": "Running",
            "containerStatuses": [waiting("injected", "CrashLoopBackOff"), running("web")],
        }),
    );
    says(&pod, "1/1", "CrashLoopBackOff");
}

#[test]
fn the_total_comes_from_the_spec_before_there_is_a_status() {
    let spec = json!({"containers": [{"name": "web"}]});
    says(&pod(spec, json!({"phase": "Pending"})), "0/1", "Pending");
    let pending = pod(with_a_sidecar(), json!({"phase": "Pending"}));
    says(&pending, "0/2", "Pending");
}

#[test]
fn the_total_stays_when_an_evicted_pod_has_lost_its_container_statuses() {
    let pod = pod(
        json!({"containers": [{"name": "web"}, {"name": "log"}]}),
        json!({"phase": "Failed", "reason": "Evicted"}),
    );
    says(&pod, "0/2", "Evicted");
}

#[test]
fn a_pod_held_back_by_its_gates_says_so() {
    let pod = pod(
        json!({"containers": [{"name": "web"}], "schedulingGates": [{"name": "quota"}]}),
        json!({
            "phase": "Pending",
            "conditions": [{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}],
        }),
    );
    says(&pod, "0/1", "SchedulingGated");
}

#[test]
fn init_containers_show_how_many_are_done_while_the_others_wait() {
    let initializing = pod(
        with_a_sidecar(),
        json!({
            "phase": "Pending",
            "initContainerStatuses": [
                {"name": "setup", "state": {"running": {}}},
                waiting("proxy", "PodInitializing"),
            ],
            "containerStatuses": [waiting("web", "PodInitializing")],
        }),
    );
    says(&initializing, "0/2", "Init:0/2");
}

#[test]
fn a_running_pod_with_a_started_sidecar_does_not_initialise() {
    let pod = pod(
        json!({
            "initContainers": [{"name": "proxy", "restartPolicy": "Always"}],
            "containers": [{"name": "web"}],
        }),
        json!({
            "phase": "Running",
            "initContainerStatuses": [running("proxy")],
            "containerStatuses": [running("web")],
        }),
    );
    says(&pod, "2/2", "Running");
}

#[test]
fn a_sidecar_that_waits_for_its_startup_probe_initialises() {
    let mut proxy = running("proxy");
    proxy["started"] = json!(false);
    let pod = pod(
        with_a_sidecar(),
        json!({
            "phase": "Pending",
            "initContainerStatuses": [ended("setup", 0, "Completed"), proxy],
            "containerStatuses": [waiting("web", "PodInitializing")],
        }),
    );
    says(&pod, "0/2", "Init:1/2");
}

#[test]
fn an_init_container_that_fails_is_not_hidden_behind_the_waiting_containers() {
    for (status, word) in [
        (
            waiting("setup", "CrashLoopBackOff"),
            "Init:CrashLoopBackOff",
        ),
        (waiting("setup", "ErrImagePull"), "Init:ErrImagePull"),
        (ended("setup", 1, "Error"), "Init:Error"),
        (ended("setup", 3, ""), "Init:ExitCode:3"),
        (
            json!({"name": "setup", "state": {"terminated": {"exitCode": 137, "signal": 9}}}),
            "Init:Signal:9",
        ),
    ] {
        let pod = pod(
            json!({"initContainers": [{"name": "setup"}], "containers": [{"name": "web"}]}),
            json!({
                "phase": "Pending",
                "initContainerStatuses": [status],
                "containerStatuses": [waiting("web", "PodInitializing")],
            }),
        );
        says(&pod, "0/1", word);
    }
}

#[test]
fn a_pod_with_one_container_done_and_one_ready_runs() {
    let spec = json!({"containers": [{"name": "task"}, {"name": "web"}]});
    let statuses = json!([ended("task", 0, "Completed"), running("web")]);
    let ready = json!({
        "phase": "Running",
        "conditions": [true_("Ready")],
        "containerStatuses": statuses,
    });
    says(&pod(spec.clone(), ready), "1/2", "Running");
    let unready = json!({"phase": "Running", "containerStatuses": statuses});
    says(&pod(spec, unready), "1/2", "NotReady");
}

#[test]
fn a_failure_shows_through_a_container_that_is_done() {
    let pod = pod(
        json!({"containers": [{"name": "task"}, {"name": "web"}]}),
        json!({
            "phase": "Failed",
            "containerStatuses": [ended("task", 0, "Completed"), ended("web", 137, "OOMKilled")],
        }),
    );
    says(&pod, "0/2", "OOMKilled");
}

#[test]
fn the_first_container_in_trouble_makes_the_word() {
    let pod = pod(
        json!({"containers": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}),
        json!({
            "phase": "Running",
            "containerStatuses": [
                running("a"),
                waiting("b", "ImagePullBackOff"),
                waiting("c", "CrashLoopBackOff"),
            ],
        }),
    );
    says(&pod, "1/3", "ImagePullBackOff");
}

#[test]
fn deletion_shows_unless_the_pod_is_over() {
    let spec = json!({"containers": [{"name": "web"}]});
    let deleted = |status| {
        let mut pod = pod(spec.clone(), status);
        pod.metadata.deletion_timestamp = Some(now().into());
        pod
    };
    let running_ = json!({"phase": "Running", "containerStatuses": [running("web")]});
    says(&deleted(running_), "1/1", "Terminating");
    let lost = json!({"phase": "Running", "reason": "NodeLost"});
    says(&deleted(lost), "0/1", "Unknown");
    let done = json!({"phase": "Succeeded", "containerStatuses": [ended("web", 0, "Completed")]});
    says(&deleted(done), "0/1", "Completed");
}

#[test]
fn restarts_of_init_containers_count_until_the_pod_is_initialised() {
    let restarted = |mut status: Value, count: i32, at: &str| {
        status["restartCount"] = json!(count);
        status["lastState"] = json!({"terminated": {"exitCode": 1, "finishedAt": at}});
        status
    };
    let setup = restarted(
        waiting("setup", "CrashLoopBackOff"),
        4,
        "2026-03-01T11:59:00Z",
    );
    let initializing = pod(
        with_a_sidecar(),
        json!({"phase": "Pending", "initContainerStatuses": [setup]}),
    );
    assert_eq!(restarts(&initializing), "4 (60s ago)");

    let setup = restarted(ended("setup", 0, "Completed"), 4, "2026-03-01T11:59:00Z");
    let proxy = restarted(running("proxy"), 2, "2026-03-01T11:00:00Z");
    let web = restarted(running("web"), 1, "2026-03-01T11:55:00Z");
    let initialized = pod(
        with_a_sidecar(),
        json!({
            "phase": "Running",
            "initContainerStatuses": [setup, proxy],
            "containerStatuses": [web],
        }),
    );
    assert_eq!(restarts(&initialized), "3 (5m ago)");
}

#[test]
fn restarts_without_a_known_end_have_no_brackets() {
    let mut web = running("web");
    web["restartCount"] = json!(2);
    let status = json!({"phase": "Running", "containerStatuses": [web]});
    let pod = pod(json!({"containers": [{"name": "web"}]}), status);
    assert_eq!(restarts(&pod), "2");
}

#[test]
fn durations_are_written_in_at_most_two_units() {
    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;
    const YEAR: i64 = 365 * DAY;
    for (seconds, text) in [
        (i64::MIN, "<invalid>"),
        (-2, "<invalid>"),
        (-1, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (121, "2m1s"),
        (599, "9m59s"),
        (600, "10m"),
        (3 * HOUR - 1, "179m"),
        (3 * HOUR, "3h"),
        (7 * HOUR + 59, "7h"),
        (7 * HOUR + 60, "7h1m"),
        (8 * HOUR - 1, "7h59m"),
        (8 * HOUR, "8h"),
        (2 * DAY - 1, "47h"),
        (2 * DAY, "2d"),
        (2 * DAY + HOUR, "2d1h"),
        (8 * DAY - 1, "7d23h"),
        (8 * DAY, "8d"),
        (2 * YEAR - 1, "729d"),
        (2 * YEAR, "2y"),
        (2 * YEAR + DAY, "2y1d"),
        (8 * YEAR - 1, "7y364d"),
        (8 * YEAR, "8y"),
        (i64::MAX, "292y"),
    ] {
        let duration = HumanDuration::from_seconds(seconds);
        assert_eq!(duration.to_string(), text, "{seconds}");
    }
}

#[test]
fn a_wide_table_is_lined_up_as_kubectl_does() {
    let mut first = pod(
        json!({
            "nodeName": "worker-1",
            "containers": [{"name": "web"}],
            "readinessGates": [
                {"conditionType": "example.com/attached"},
                {"conditionType": "example.com/published"},
            ],
        }),
        json!({
            "phase": "Running",
            "podIP": "10.0.0.7",
            "conditions": [true_("example.com/attached")],
            "containerStatuses": [running("web")],
        }),
    );
    first.metadata.creation_timestamp = "2026-03-01T09:00:00Z".parse().ok();
    let second = pod(
        json!({"containers": [{"name": "web"}]}),
        json!({"phase": "Pending", "nominatedNodeName": "worker-2"}),
    );
    let rows = [kubectl::row(&first, now()), kubectl::row(&second, now())];
    assert_eq!(
        kubectl::table(&rows, Columns::Wide).to_string(),
        "\
NAME   READY   STATUS    RESTARTS   AGE         IP         NODE       NOMINATED NODE   READINESS GATES
web    1/1     Running   0          3h          10.0.0.7   worker-1   <none>           1/2
web    0/1     Pending   0          <unknown>   <none>     <none>     worker-2         <none>
",
    );
    assert_eq!(
        format!("{:#}", rows[0]),
        "web   1/1   Running   0   3h   10.0.0.7   worker-1   <none>   1/2",
    );
}

#[test]
fn no_pod_can_write_to_the_terminal_what_it_likes() {
    let mut pod = pod(
        json!({}),
        json!({"phase": "Failed", "reason": "\u{1b}[2JGone\nRunning"}),
    );
    pod.metadata.name = "web\r\n".into();
    let row = kubectl::row(&pod, now());
    assert_eq!(row.status, "\u{1b}[2JGone\nRunning");
    assert_eq!(
        row.to_string(),
        "web...   0/0   ^[[2JGone...   0   <unknown>",
    );
}

#[test]
fn counts_and_instants_at_their_limits_are_borne() {
    let mut web = running("web");
    web["restartCount"] = json!(i32::MIN);
    web["lastState"] = json!({"terminated": {"finishedAt": "9999-12-31T23:59:59Z"}});
    let mut pod = pod(
        json!({"containers": [{"name": "web"}]}),
        json!({"phase": "Running", "containerStatuses": [web.clone(), web]}),
    );
    pod.metadata.creation_timestamp = "0001-01-01T00:00:01Z".parse().ok();
    let row = kubectl::row(&pod, now());
    assert_eq!(row.restarts.to_string(), "-4294967296 (<invalid> ago)");
    assert_eq!(row.age.map(|age| age.to_string()).as_deref(), Some("292y"));
}
