//! Whole requests to delete a pod.

use pod_lifecycle::{
    admission::{
        self,
        delete::{self, Conflict, Deleted, Options, Outcome},
    },
    api::{Pod, PodPhase, Time},
    jiff::Timestamp,
};
use serde_json::json;

fn at(second: i64) -> Timestamp {
    Timestamp::new(1_772_355_600 + second, 0).unwrap()
}

/// A running pod that gets 30 seconds.
fn running() -> Pod {
    serde_json::from_value(json!({
        "metadata": {"name": "web", "uid": "1", "resourceVersion": "7", "generation": 1},
        "spec": {
            "nodeName": "node-1", "terminationGracePeriodSeconds": 30,
            "containers": [{"name": "web", "image": "web:1"}],
        },
        "status": {"phase": "Running"},
    }))
    .unwrap()
}

fn held() -> Pod {
    let mut pod = running();
    pod.metadata.finalizers.push("example.com/backup".into());
    pod
}

fn within(period: i64) -> Options {
    let mut options = Options::default();
    options.grace_period_seconds = Some(period);
    options
}

fn delete(second: i64, pod: Pod, options: &Options) -> Deleted {
    admission::delete(at(second), pod, options).expect("no precondition")
}

/// The mark as seconds and period.
fn mark(pod: &Pod) -> (Option<i64>, Option<i64>) {
    let deadline = pod.metadata.deletion_timestamp.map(Time::timestamp);
    (
        deadline.map(|deadline| deadline.as_second() - at(0).as_second()),
        pod.metadata.deletion_grace_period_seconds,
    )
}

#[test]
fn a_running_pod_is_marked_and_stays() {
    let deleted = delete(0, running(), &Options::default());
    assert_eq!(deleted.outcome, Outcome::Marked);
    assert_eq!(mark(&deleted.pod), (Some(30), Some(30)));
    assert_eq!(deleted.pod.metadata.generation, 2);
}

#[test]
fn a_pod_without_a_node_or_one_that_has_ended_goes_at_once() {
    let mut unbound = running();
    unbound.spec.node_name.clear();
    let mut ended = running();
    ended.status.phase = Some(PodPhase::Succeeded);
    for pod in [unbound, ended] {
        let deleted = delete(0, pod, &Options::default());
        assert_eq!(deleted.outcome, Outcome::Removed);
        assert_eq!(mark(&deleted.pod), (Some(0), Some(0)), "as it was last");
    }
}

#[test]
fn a_later_request_can_only_bring_the_end_forward() {
    let first = delete(0, running(), &Options::default()).pod;
    for later in [Options::default(), within(30), within(60)] {
        let deleted = delete(5, first.clone(), &later);
        assert_eq!(deleted.outcome, Outcome::Unchanged);
        assert_eq!(deleted.pod, first);
    }
    let sooner = delete(5, first.clone(), &within(10));
    assert_eq!(sooner.outcome, Outcome::Marked);
    assert_eq!(mark(&sooner.pod), (Some(10), Some(10)));
    assert_eq!(delete(5, first, &within(0)).outcome, Outcome::Removed);
}

#[test]
fn a_negative_period_is_a_short_one() {
    let deleted = delete(0, running(), &within(-5));
    assert_eq!(deleted.outcome, Outcome::Marked);
    assert_eq!(mark(&deleted.pod), (Some(1), Some(1)));
}

#[test]
fn finalizers_hold_a_pod_that_has_had_its_time() {
    let first = delete(0, held(), &Options::default()).pod;
    let finished = delete(2, first, &within(0));
    assert_eq!(finished.outcome, Outcome::Marked);
    assert_eq!(mark(&finished.pod), (Some(2), Some(0)));
    let again = delete(3, finished.pod.clone(), &within(0));
    assert_eq!(again.outcome, Outcome::Unchanged);
    assert_eq!(again.pod, finished.pod);
}

#[test]
fn a_mark_in_the_future_without_a_period_is_brought_to_now() {
    let mut pod = held();
    pod.metadata.deletion_timestamp = Some(Time::new(at(30)));
    let deleted = delete(5, pod, &Options::default());
    assert_eq!(deleted.outcome, Outcome::Marked);
    assert_eq!(mark(&deleted.pod), (Some(5), Some(0)));
    assert_eq!(deleted.pod.metadata.generation, 1);
}

#[test]
fn the_last_finalizer_takes_the_pod_with_it_once_its_time_is_over() {
    let release = |pod: &Pod| {
        let mut released = pod.clone();
        released.metadata.finalizers.clear();
        released
    };
    let pod = held();
    assert!(
        !delete::completes(&release(&pod), &pod),
        "nobody deletes it"
    );
    let pod = delete(0, pod, &Options::default()).pod;
    assert!(!delete::completes(&release(&pod), &pod), "it has 30 s left");
    let pod = delete(2, pod, &within(0)).pod;
    assert!(!delete::completes(&pod, &pod), "it is still held");
    assert!(delete::completes(&release(&pod), &pod));
}

#[test]
fn a_precondition_that_does_not_hold_is_a_conflict() {
    let mut other = Options::default();
    other.preconditions.uid = Some("2".into());
    let conflict = admission::delete(at(0), running(), &other).unwrap_err();
    assert_eq!(
        conflict,
        Conflict::Uid {
            expected: "2".into(),
            found: "1".into()
        }
    );
    assert_eq!(
        conflict.to_string(),
        "the pod has the uid \"1\", and \"2\" is to be deleted"
    );
    let mut older = Options::default();
    older.preconditions.uid = Some("1".into());
    older.preconditions.resource_version = Some("6".into());
    let conflict = admission::delete(at(0), running(), &older).unwrap_err();
    assert!(matches!(conflict, Conflict::ResourceVersion { .. }));
    older.preconditions.resource_version = Some("7".into());
    assert!(admission::delete(at(0), running(), &older).is_ok());
}
