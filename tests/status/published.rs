//! What the status manager makes of what was derived.

use pod_lifecycle::{
    api::{Pod, PodPhase, PodStatus},
    lifecycle::status::{
        IllegalTransition, MergeInput, Record, Update, has_pod_initialized, merge, normalize,
        set_readiness, set_started, terminate, update,
    },
};
use serde_json::json;

use super::{at, condition, pod, status};

fn changed(update: Update) -> PodStatus {
    match update {
        Update::Changed(status) => *status,
        other => panic!("{other:?}"),
    }
}

fn record<'a>(pod: &'a Pod, cached: Option<&'a PodStatus>, seconds: i64) -> Record<'a> {
    Record {
        pod,
        cached,
        mirror: None,
        now: at(seconds),
    }
}

#[test]
fn a_condition_is_dated_when_its_status_changes_and_not_before() {
    let pod = pod(json!({"containers": [{"name": "web"}]}));
    let ready = |value: &str| status(json!({"conditions": [{"type": "Ready", "status": value}]}));
    let first = changed(update(&record(&pod, None, 0), ready("False")));
    assert_eq!(
        condition(&first, "Ready").last_transition_time,
        Some(at(0).into())
    );
    assert_eq!(first.start_time, Some(at(0).into()));

    assert_eq!(
        update(&record(&pod, Some(&first), 5), ready("False")),
        Update::Unchanged
    );

    let second = changed(update(&record(&pod, Some(&first), 9), ready("True")));
    assert_eq!(
        condition(&second, "Ready").last_transition_time,
        Some(at(9).into())
    );
    assert_eq!(second.start_time, first.start_time);
}

#[test]
fn foreign_conditions_do_not_make_a_report_new() {
    let pod = pod(json!({"containers": [{"name": "web"}]}));
    let first = changed(update(&record(&pod, None, 0), status(json!({}))));
    let foreign =
        status(json!({"conditions": [{"type": "lb.example/attached", "status": "True"}]}));
    assert_eq!(
        update(&record(&pod, Some(&first), 1), foreign),
        Update::Unchanged
    );
}

#[test]
fn every_report_about_a_pod_that_is_being_deleted_is_published() {
    let mut pod = pod(json!({"containers": [{"name": "web"}]}));
    let first = changed(update(&record(&pod, None, 0), status(json!({}))));
    pod.metadata.deletion_timestamp = Some(at(0).into());
    let again = update(&record(&pod, Some(&first), 1), status(json!({})));
    assert!(matches!(again, Update::Changed(_)));
}

#[test]
fn a_job_that_has_ended_does_not_run_again() {
    let pod = pod(json!({"restartPolicy": "Never", "containers": [{"name": "job"}]}));
    let job = |state| status(json!({"containerStatuses": [{"name": "job", "state": state}]}));
    let ended = job(json!({"terminated": {"exitCode": 0}}));
    let refused = update(&record(&pod, Some(&ended), 0), job(json!({"running": {}})));
    assert_eq!(
        refused,
        Update::Refused(IllegalTransition::Resurrected("job".into()))
    );

    let gone = update(&record(&pod, Some(&ended), 0), status(json!({})));
    assert!(matches!(gone, Update::Changed(_)));
}

#[test]
fn init_container_statuses_out_of_place_refuse_a_report() {
    let pod =
        pod(json!({"restartPolicy": "Never", "initContainers": [{"name": "a"}], "containers": []}));
    let stray = status(json!({"initContainerStatuses": [{"name": "b", "state": {"waiting": {}}}]}));
    let refused = update(&record(&pod, Some(&stray), 0), status(json!({})));
    assert_eq!(
        refused,
        Update::Refused(IllegalTransition::Misplaced("b".into()))
    );
}

#[test]
fn the_end_of_a_pod_is_told_when_its_containers_are_gone() {
    let pod = pod(json!({"containers": [{"name": "web"}]}));
    let old = status(json!({
        "phase": "Running",
        "conditions": [{"type": "lb.example/attached", "status": "True"}, {"type": "Ready", "status": "True"}],
    }));
    let new = status(json!({
        "phase": "Failed",
        "reason": "Evicted",
        "conditions": [
            {"type": "Ready", "status": "True"},
            {"type": "ContainersReady", "status": "True"},
            {"type": "DisruptionTarget", "status": "True", "reason": "TerminationByKubelet"},
        ],
    }));
    let mut input = MergeInput {
        pod: &pod,
        old: &old,
        could_have_running_containers: true,
        now: at(0),
    };
    let held_back = merge(&input, new.clone());
    assert_eq!(
        (held_back.phase, &*held_back.reason),
        (Some(PodPhase::Running), "")
    );
    assert!(
        held_back
            .conditions
            .iter()
            .all(|c| c.type_.as_str() != "DisruptionTarget")
    );

    input.could_have_running_containers = false;
    let told = merge(&input, new);
    assert_eq!(
        (&told.phase, &*told.reason),
        (&Some(PodPhase::Failed), "Evicted")
    );
    assert!(condition(&told, "lb.example/attached").is_true());
    assert!(condition(&told, "DisruptionTarget").is_true());
    assert_eq!(condition(&told, "Ready").reason, "PodFailed");
    assert_eq!(condition(&told, "ContainersReady").reason, "PodFailed");
}

#[test]
fn last_words_share_twelve_kibibytes_and_are_cut_at_bytes() {
    let pod = pod(json!({"containers": [{"name": "b"}, {"name": "a"}]}));
    let words = "é".repeat(4000);
    let mut long = status(json!({"containerStatuses": [
        {"name": "b", "state": {"terminated": {"message": format!("x{words}")}}},
        {"name": "a"},
    ]}));
    normalize(&mut long, &pod);
    let names: Vec<_> = long
        .container_statuses
        .iter()
        .map(|status| &*status.name)
        .collect();
    assert_eq!(names, ["a", "b"]);
    let exit = long.container_statuses[1].state.terminated.as_ref();
    let message = &exit.expect("it has ended").message;
    assert_eq!(message.chars().count(), 1 + 3071 + 1);
    assert!(message.ends_with("é\u{fffd}"));

    let once = long.clone();
    normalize(&mut long, &pod);
    assert_eq!(long, once);
}

#[test]
fn init_container_statuses_stand_as_in_the_spec_and_strangers_behind() {
    let pod = pod(
        json!({"initContainers": [{"name": "c"}, {"name": "a"}, {"name": "b"}], "containers": []}),
    );
    let mut mixed = status(json!({"initContainerStatuses": [
        {"name": "x"}, {"name": "a"}, {"name": "c"}, {"name": "b"}, {"name": "y"},
    ]}));
    normalize(&mut mixed, &pod);
    let names: Vec<_> = mixed
        .init_container_statuses
        .iter()
        .map(|status| &*status.name)
        .collect();
    assert_eq!(names, ["c", "a", "b", "x", "y"]);
}

#[test]
fn a_terminated_pod_ends_all_containers_of_which_no_end_is_known() {
    let mut pod = pod(json!({
        "restartPolicy": "Never",
        "initContainers": [{"name": "fetch"}, {"name": "later"}],
        "containers": [{"name": "web"}],
    }));
    pod.status = status(json!({
        "phase": "Pending",
        "initContainerStatuses": [
            {"name": "fetch", "state": {"running": {}}},
            {"name": "later", "state": {"waiting": {"reason": "PodInitializing"}}},
        ],
        "containerStatuses": [{"name": "web", "state": {"waiting": {"reason": "PodInitializing"}}}],
    }));
    assert!(!has_pod_initialized(&pod));
    let last = changed(terminate(&record(&pod, None, 0)));
    assert_eq!(last.phase, Some(PodPhase::Failed));
    assert!(last.init_container_statuses[0].state.terminated.is_some());
    assert!(last.init_container_statuses[1].state.waiting.is_some());
    assert!(last.container_statuses[0].state.waiting.is_some());

    pod.spec.init_containers.clear();
    pod.status.init_container_statuses.clear();
    let last = changed(terminate(&record(&pod, None, 0)));
    let exit = last.container_statuses[0].state.terminated.as_ref();
    assert_eq!(
        exit.map(|exit| (exit.exit_code, &*exit.reason)),
        Some((137, "ContainerStatusUnknown"))
    );
}

#[test]
fn a_readiness_probe_changes_the_conditions_at_once() {
    let pod = pod(json!({"containers": [{"name": "web"}]}));
    let cached = status(json!({
        "startTime": "2026-03-01T09:00:00Z",
        "conditions": [{"type": "Ready", "status": "False"}],
        "containerStatuses": [{"name": "web", "containerID": "c://1", "state": {"running": {}}}],
    }));
    let ready = changed(set_readiness(
        &record(&pod, Some(&cached), 3),
        "c://1",
        true,
    ));
    assert_eq!(
        condition(&ready, "Ready").last_transition_time,
        Some(at(3).into())
    );
    assert!(condition(&ready, "ContainersReady").is_true());
    assert_eq!(
        set_readiness(&record(&pod, Some(&ready), 4), "c://1", true),
        Update::Unchanged
    );
    assert_eq!(
        set_readiness(&record(&pod, Some(&ready), 4), "c://2", false),
        Update::Unchanged
    );
    assert_eq!(
        set_readiness(&record(&pod, None, 4), "c://1", false),
        Update::Unchanged
    );
}

#[test]
fn not_known_to_have_started_is_not_the_same_as_not_started() {
    let pod = pod(json!({"containers": [{"name": "web"}]}));
    let cached = status(json!({"containerStatuses": [{"name": "web", "containerID": "c://1"}]}));
    let started = changed(set_started(&record(&pod, Some(&cached), 0), "c://1", false));
    assert_eq!(started.container_statuses[0].started, Some(false));
    assert_eq!(
        set_started(&record(&pod, Some(&started), 1), "c://1", false),
        Update::Unchanged
    );
}
