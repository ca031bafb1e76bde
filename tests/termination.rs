//! How a pod and its containers end.

use core::time::Duration;
use std::collections::BTreeMap;

use pod_lifecycle::{
    api::Pod,
    lifecycle::{
        termination::{self, Ending, KillReason, Stage, Stop, StopInput, Stopped},
        worker::{
            Arrival, Call, Config, Failure, Kill, RequeueSettings, Stage as PodStage, SyncResult,
            Update, UpdateKind, Workers, requeue,
        },
    },
};
use serde_json::{Value, json};

use crate::story::{pod, second};

fn grace(spec: Value, reason: KillReason) -> i64 {
    let pod = pod(spec);
    termination::grace_seconds(&pod, pod.spec.containers.first(), reason)
}

#[test]
fn a_probes_grace_counts_only_for_its_own_failure_and_only_beside_a_grace_of_the_pod() {
    let probe = json!({"terminationGracePeriodSeconds": 90});
    let containers = json!([{"name": "web", "livenessProbe": probe}]);
    let spec = json!({"terminationGracePeriodSeconds": 30, "containers": containers});
    assert_eq!(grace(spec.clone(), KillReason::LivenessProbe), 90);
    assert_eq!(grace(spec.clone(), KillReason::StartupProbe), 30);
    assert_eq!(grace(spec, KillReason::SpecChanged), 30);
    assert_eq!(
        grace(json!({"containers": containers}), KillReason::LivenessProbe),
        2
    );
}

#[test]
fn a_deletions_grace_goes_before_everything_even_at_zero() {
    let mut pod =
        pod(json!({"terminationGracePeriodSeconds": 30, "containers": [{"name": "web"}]}));
    pod.metadata.deletion_grace_period_seconds = Some(0);
    assert_eq!(
        termination::grace_seconds(&pod, None, KillReason::Unknown),
        0
    );
}

#[test]
fn grace_only_shrinks_and_a_zero_can_be_overridden() {
    let mut pod = pod(json!({"terminationGracePeriodSeconds": 30}));
    let effective = termination::effective_grace_seconds;
    assert_eq!(effective(0, &pod, None), 30);
    assert_eq!(effective(10, &pod, Some(20)), 10);
    pod.metadata.deletion_grace_period_seconds = Some(0);
    assert_eq!(effective(10, &pod, None), 1);
    assert_eq!(effective(0, &pod, Some(5)), 5, "a zero reads as none");
}

fn begin(grace_seconds: i64, has_pre_stop: bool, is_ordered: bool) -> Stop {
    Stop::begin(
        second(0),
        StopInput {
            grace_seconds,
            has_pre_stop,
            is_ordered,
        },
    )
}

#[test]
fn a_hook_takes_its_whole_seconds_from_the_grace() {
    let mut stop = begin(10, true, false);
    stop.on_pre_stop_end(second(3) + Duration::from_millis(999));
    assert_eq!((stop.stage(), stop.timeout_seconds()), (Stage::Signal, 7));
}

#[test]
fn a_hook_that_outlives_the_grace_is_given_up_and_leaves_two_seconds() {
    let mut stop = begin(10, true, true);
    stop.handle_timeout(second(9));
    assert_eq!(stop.stage(), Stage::PreStop);
    stop.handle_timeout(second(10));
    assert_eq!(
        (stop.stage(), stop.timeout_seconds()),
        (Stage::Signal, 2),
        "nor does it wait for its turn"
    );
    assert_eq!(stop.poll_timeout(), second(12));
}

#[test]
fn without_grace_there_is_neither_hook_nor_wait() {
    let stop = begin(0, true, true);
    assert_eq!((stop.stage(), stop.timeout_seconds()), (Stage::Signal, 2));
}

#[test]
fn reports_that_do_not_belong_to_the_stage_change_nothing() {
    let mut stop = begin(10, true, false);
    let before = stop;
    stop.on_turn(second(5));
    assert_eq!(stop, before);
    stop.on_pre_stop_end(second(5));
    let before = stop;
    stop.on_pre_stop_end(second(8));
    stop.on_turn(second(8));
    stop.handle_timeout(second(100));
    assert_eq!(stop, before);
}

fn with_sidecars() -> Pod {
    pod(json!({
        "terminationGracePeriodSeconds": 30,
        "initContainers": [
            {"name": "mesh", "restartPolicy": "Always"},
            {"name": "migrate"},
            {"name": "logs", "restartPolicy": "Always"},
        ],
        "containers": [{"name": "web", "restartPolicy": "Always"}],
    }))
}

#[test]
fn sidecars_wait_for_regular_containers_and_for_the_next_sidecar_only() {
    let pod = with_sidecars();
    let waits_for = |name: &str, alive: &[&str]| -> Vec<String> {
        let names = termination::waits_for(&pod.spec, name, |other| alive.contains(&other));
        names.map(str::to_owned).collect()
    };
    assert_eq!(waits_for("mesh", &["web", "logs"]), ["web", "logs"]);
    assert_eq!(waits_for("logs", &["web", "mesh"]), ["web"]);
    assert!(waits_for("web", &["mesh", "logs"]).is_empty());
    assert!(waits_for("migrate", &["web"]).is_empty());
    assert!(waits_for("mesh", &["mesh"]).is_empty());
}

fn stops(
    pod: &Pod,
    endings: &[(&str, u64)],
    requested: Option<i64>,
) -> Vec<(String, u64, i64, u64)> {
    let running: BTreeMap<_, _> = endings
        .iter()
        .map(|(name, exit)| {
            let exit = Duration::from_secs(*exit);
            (
                *name,
                Ending {
                    exit,
                    ..Ending::default()
                },
            )
        })
        .collect();
    let told = |stop: Stopped| {
        (
            stop.name,
            stop.at.as_secs(),
            stop.timeout_seconds,
            stop.done.as_secs(),
        )
    };
    termination::timeline(pod, &running, requested)
        .into_iter()
        .map(told)
        .collect()
}

#[test]
fn a_pod_stops_its_regular_containers_then_its_sidecars_from_the_last() {
    let stops = stops(
        &with_sidecars(),
        &[("web", 5), ("logs", 2), ("mesh", 1)],
        None,
    );
    let told = [("web", 0, 30, 5), ("logs", 5, 25, 7), ("mesh", 7, 23, 8)];
    assert_eq!(
        stops,
        told.map(|(name, at, timeout, done)| (name.into(), at, timeout, done))
    );
}

#[test]
fn sidecars_that_run_out_of_grace_while_they_wait_get_two_seconds() {
    let stops = stops(
        &with_sidecars(),
        &[("web", 100), ("logs", 100), ("mesh", 0)],
        Some(4),
    );
    let told = [("web", 0, 4, 4), ("logs", 4, 2, 6), ("mesh", 4, 2, 4)];
    let mut told: [(String, u64, i64, u64); 3] =
        told.map(|(name, at, timeout, done)| (name.into(), at, timeout, done));
    told.sort_by_key(|stop| (stop.1, stop.0.clone()));
    assert_eq!(stops, told);
}

fn config() -> Config {
    Config {
        termination_grace_seconds: Some(30),
        ..Config::default()
    }
}

fn news(workers: &mut Workers, uid: &str, kind: UpdateKind, config: Config, kill: Option<Kill>) {
    let update = Update {
        kind,
        config: Some(config),
        kill,
    };
    workers.update(Arrival {
        uid,
        full_name: "web_shop",
        update,
        runtime_is_running: true,
    });
}

fn next(workers: &mut Workers) -> Option<Call> {
    workers.poll_call().map(|(_, call)| call)
}

#[test]
fn a_pod_is_synced_stopped_and_cleaned_up_one_call_at_a_time() {
    let mut workers = Workers::default();
    news(&mut workers, "u1", UpdateKind::Create, config(), None);
    assert_eq!(
        next(&mut workers),
        Some(Call::SyncPod {
            kind: UpdateKind::Create
        })
    );

    let deleted = Config {
        is_deleted: true,
        deletion_grace_seconds: Some(20),
        ..config()
    };
    news(&mut workers, "u1", UpdateKind::Update, deleted, None);
    assert!(workers.get("u1").is_some_and(|worker| worker.is_cancelled));
    assert_eq!(next(&mut workers), None, "the sync has not returned yet");

    assert!(!workers.handle_result("u1", SyncResult::Failed));
    assert_eq!(
        next(&mut workers),
        Some(Call::SyncTerminatingPod {
            grace_seconds: Some(20)
        })
    );
    assert!(workers.handle_result("u1", SyncResult::Done));
    assert_eq!(next(&mut workers), Some(Call::SyncTerminatedPod));
    workers.handle_result("u1", SyncResult::Done);
    assert!(workers.should_be_finished("u1"));

    assert!(workers.sync_known(|_| false).is_empty());
    assert_eq!(workers.get("u1"), None);
}

#[test]
fn an_eviction_under_way_is_cancelled_only_by_a_shorter_grace() {
    let mut workers = Workers::default();
    news(&mut workers, "u1", UpdateKind::Create, config(), None);
    assert!(next(&mut workers).is_some());
    workers.handle_result("u1", SyncResult::Done);
    let evict = |grace| {
        Some(Kill {
            evict: true,
            grace_seconds: Some(grace),
        })
    };
    news(&mut workers, "u1", UpdateKind::Kill, config(), evict(10));
    assert_eq!(
        next(&mut workers),
        Some(Call::SyncTerminatingPod {
            grace_seconds: Some(10)
        })
    );
    for (grace, is_cancelled) in [(20, false), (10, false), (5, true)] {
        news(&mut workers, "u1", UpdateKind::Kill, config(), evict(grace));
        let worker = workers.get("u1").expect("a worker");
        assert_eq!(worker.is_cancelled, is_cancelled, "{grace}");
    }
    assert!(workers.content_should_be_removed("u1"), "an evicted pod's");
}

#[test]
fn a_static_pod_starts_when_the_one_it_replaces_has_ended_and_is_asked_about_again() {
    let mut workers = Workers::default();
    let static_pod = Config {
        is_static: true,
        ..config()
    };
    news(&mut workers, "u1", UpdateKind::Create, static_pod, None);
    news(&mut workers, "u2", UpdateKind::Create, static_pod, None);
    assert_eq!(
        next(&mut workers),
        Some(Call::SyncPod {
            kind: UpdateKind::Create
        })
    );
    assert_eq!(next(&mut workers), None);
    workers.handle_result("u1", SyncResult::Terminal);
    for _ in ["terminating", "terminated"] {
        assert!(next(&mut workers).is_some());
        workers.handle_result("u1", SyncResult::Done);
    }
    assert_eq!(next(&mut workers), None);
    news(&mut workers, "u2", UpdateKind::Sync, static_pod, None);
    assert_eq!(
        workers.poll_call(),
        Some((
            "u2".into(),
            Call::SyncPod {
                kind: UpdateKind::Sync
            }
        ))
    );
}

#[test]
fn a_static_pod_told_to_end_before_its_turn_is_done_without_a_call() {
    let mut workers = Workers::default();
    let static_pod = Config {
        is_static: true,
        ..config()
    };
    news(&mut workers, "u1", UpdateKind::Create, static_pod, None);
    news(&mut workers, "u2", UpdateKind::Create, static_pod, None);
    while workers.poll_call().is_some() {}
    news(&mut workers, "u2", UpdateKind::Kill, static_pod, None);
    assert_eq!(workers.poll_call(), None);
    assert_eq!(
        workers.get("u2").map(|worker| worker.stage),
        Some(PodStage::Finished)
    );
}

#[test]
fn what_runs_without_being_known_is_stopped_and_forgotten() {
    let mut workers = Workers::default();
    let update = Update {
        kind: UpdateKind::Kill,
        config: None,
        kill: None,
    };
    workers.update(Arrival {
        uid: "u9",
        full_name: "stray_shop",
        update,
        runtime_is_running: true,
    });
    assert_eq!(next(&mut workers), Some(Call::SyncTerminatingRuntimePod));
    workers.handle_result("u9", SyncResult::Done);
    assert_eq!(workers.get("u9"), None);
}

#[test]
fn a_uid_created_again_while_it_ends_is_forgotten_when_it_has_ended() {
    let mut workers = Workers::default();
    let over = Config {
        is_terminal: true,
        ..config()
    };
    news(&mut workers, "u1", UpdateKind::Create, over, None);
    news(&mut workers, "u1", UpdateKind::Create, config(), None);
    for _ in ["terminating", "terminated"] {
        assert_eq!(workers.sync_known(|_| true).len(), 1);
        assert!(next(&mut workers).is_some());
        workers.handle_result("u1", SyncResult::Done);
    }
    assert!(workers.sync_known(|_| true).is_empty());
    news(&mut workers, "u1", UpdateKind::Create, config(), None);
    assert_eq!(
        next(&mut workers),
        Some(Call::SyncPod {
            kind: UpdateKind::Create
        })
    );
}

#[test]
fn a_node_of_workers_survives_a_checkpoint() {
    let mut workers = Workers::default();
    news(&mut workers, "u1", UpdateKind::Create, config(), None);
    assert!(next(&mut workers).is_some());
    news(
        &mut workers,
        "u1",
        UpdateKind::Kill,
        config(),
        Some(Kill::default()),
    );
    let text = serde_json::to_string(&workers).expect("workers are plain data");
    assert_eq!(
        serde_json::from_str::<Workers>(&text).expect("they read back"),
        workers
    );
}

#[test]
fn a_pod_is_looked_at_again_when_the_first_back_off_ends_but_no_later_than_usual() {
    let settings = RequeueSettings::default();
    let base = |failure: Failure| {
        requeue(second(0), &settings, false, Some(&failure))
            .base
            .as_secs()
    };
    assert_eq!(base(Failure::default()), 10);
    assert_eq!(
        base(Failure::back_off(second(40)).and(Failure::back_off(second(20)))),
        20
    );
    assert_eq!(base(Failure::back_off(second(300))), 60);
    assert_eq!(base(Failure::back_off(second(-5))), 0);
    let network = Failure {
        network_is_not_ready: true,
        ..Failure::back_off(second(20))
    };
    assert_eq!(base(network), 1);
}
