//! Probes over time.

use core::time::Duration;

use pod_lifecycle::{
    api::{Pod, PodStatus},
    lifecycle::probe::{self, Answer, Kind, Next, Outcome, Tick, TickInput, Worker},
};
use serde_json::{Value, json};

use crate::story::{deleted_pod, pod, second, status};

/// A pod whose only container has each probe, with these settings on top of a period of ten seconds.
fn probed(settings: &Value) -> Pod {
    pod(spec(settings))
}

fn spec(settings: &Value) -> Value {
    let mut probe = json!({"periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3});
    for (key, value) in settings.as_object().expect("settings") {
        probe[key] = value.clone();
    }
    json!({"containers": [{
        "name": "web", "livenessProbe": probe, "readinessProbe": probe, "startupProbe": probe,
    }]})
}

fn worker(pod: &Pod, kind: Kind) -> Worker {
    let web = &pod.spec.containers[0];
    Worker::new(second(0), kind, &web.name, kind.of(web).expect("a probe"))
}

/// A status in which the n-th instance runs since the start of the story.
fn running(instance: u32, started: bool) -> PodStatus {
    status(json!({"phase": "Running", "containerStatuses": [{
        "name": "web",
        "containerID": format!("web-{instance}"),
        "started": started,
        "state": {"running": {"startedAt": second(0)}},
    }]}))
}

fn ended(exit_code: i32) -> PodStatus {
    status(json!({"phase": "Running", "containerStatuses": [{
        "name": "web", "containerID": "web-1", "state": {"terminated": {"exitCode": exit_code}},
    }]}))
}

fn tick(worker: &mut Worker, pod: &Pod, status: &PodStatus, at: i64) -> Tick {
    worker.tick(&TickInput {
        now: second(at),
        pod,
        status: Some(status),
        kubelet_start: second(0),
    })
}

/// Ticks and answers, once for each answer.
fn ask(worker: &mut Worker, pod: &Pod, status: &PodStatus, answers: &[Answer]) {
    for (at, answer) in (0..).zip(answers) {
        assert_eq!(tick(worker, pod, status, at * 10), Tick::Probe);
        assert_eq!(worker.on_answer(*answer), Next::Wait);
    }
}

#[test]
fn a_new_instance_is_alive_not_ready_and_not_known_to_have_started() {
    let pod = probed(&json!({}));
    for (kind, held) in [
        (Kind::Liveness, Outcome::Success),
        (Kind::Readiness, Outcome::Failure),
        (Kind::Startup, Outcome::Unknown),
    ] {
        let mut worker = worker(&pod, kind);
        tick(&mut worker, &pod, &running(1, kind != Kind::Startup), 0);
        assert_eq!(worker.result(), Some(("web-1", held)));
    }
}

#[test]
fn failures_count_only_in_a_row() {
    let pod = probed(&json!({}));
    let mut worker = worker(&pod, Kind::Liveness);
    let running = running(1, true);
    let (good, bad) = (Answer::Success, Answer::Failure);
    ask(
        &mut worker,
        &pod,
        &running,
        &[bad, bad, good, bad, Answer::Unknown],
    );
    assert_eq!(worker.outcome, Some(Outcome::Success));
    ask(&mut worker, &pod, &running, &[bad]);
    assert_eq!(worker.outcome, Some(Outcome::Failure));
}

#[test]
fn readiness_comes_after_as_many_successes_as_it_takes() {
    let pod = probed(&json!({"successThreshold": 2}));
    let mut worker = worker(&pod, Kind::Readiness);
    let running = running(1, true);
    ask(
        &mut worker,
        &pod,
        &running,
        &[Answer::Failure, Answer::Success],
    );
    assert_eq!(worker.outcome, Some(Outcome::Failure));
    ask(&mut worker, &pod, &running, &[Answer::Warning]);
    assert_eq!(worker.outcome, Some(Outcome::Success));
}

#[test]
fn a_container_about_to_be_killed_is_not_asked_again_but_its_next_instance_is() {
    let pod = probed(&json!({"failureThreshold": 1}));
    let mut worker = worker(&pod, Kind::Liveness);
    ask(&mut worker, &pod, &running(1, true), &[Answer::Failure]);
    assert_eq!(tick(&mut worker, &pod, &running(1, true), 10), Tick::Skip);
    assert_eq!(tick(&mut worker, &pod, &running(2, true), 20), Tick::Probe);
    assert_eq!(worker.result(), Some(("web-2", Outcome::Success)));
}

#[test]
fn failures_of_the_instance_before_count_on() {
    let pod = probed(&json!({"failureThreshold": 3}));
    let mut worker = worker(&pod, Kind::Liveness);
    ask(
        &mut worker,
        &pod,
        &running(1, true),
        &[Answer::Failure, Answer::Failure],
    );
    ask(&mut worker, &pod, &running(2, true), &[Answer::Failure]);
    assert_eq!(worker.result(), Some(("web-2", Outcome::Failure)));
}

#[test]
fn an_error_is_tried_three_times_and_then_counts_as_nothing() {
    let pod = probed(&json!({"failureThreshold": 1}));
    let mut worker = worker(&pod, Kind::Liveness);
    assert_eq!(tick(&mut worker, &pod, &running(1, true), 0), Tick::Probe);
    let before = (worker.outcome, worker.run);
    let next = [Answer::Error; 3].map(|answer| worker.on_answer(answer));
    assert_eq!(next, [Next::Again, Next::Again, Next::Wait]);
    assert_eq!((worker.outcome, worker.run), before);
}

#[test]
fn liveness_and_readiness_wait_for_the_container_to_have_started_and_startup_is_then_done() {
    let pod = probed(&json!({}));
    for (kind, before, after) in [
        (Kind::Liveness, Tick::Skip, Tick::Probe),
        (Kind::Readiness, Tick::Skip, Tick::Probe),
        (Kind::Startup, Tick::Probe, Tick::Skip),
    ] {
        assert_eq!(
            tick(&mut worker(&pod, kind), &pod, &running(1, false), 0),
            before,
            "{kind:?}"
        );
        assert_eq!(
            tick(&mut worker(&pod, kind), &pod, &running(1, true), 0),
            after,
            "{kind:?}"
        );
    }
}

#[test]
fn the_initial_delay_counts_whole_seconds_from_the_start_of_the_instance() {
    let pod = probed(&json!({"initialDelaySeconds": 5}));
    let mut worker = worker(&pod, Kind::Liveness);
    assert_eq!(tick(&mut worker, &pod, &running(1, true), 4), Tick::Skip);
    assert_eq!(tick(&mut worker, &pod, &running(1, true), 5), Tick::Probe);
}

#[test]
fn a_container_that_has_ended_has_failed_and_is_given_up_unless_it_comes_back() {
    for (policy, end) in [("Always", Tick::Skip), ("Never", Tick::Stop)] {
        let mut spec = spec(&json!({}));
        spec["restartPolicy"] = policy.into();
        let pod = pod(spec);
        let mut worker = worker(&pod, Kind::Readiness);
        assert_eq!(tick(&mut worker, &pod, &ended(0), 0), end, "{policy}");
        assert_eq!(worker.outcome, Some(Outcome::Failure));
    }
}

#[test]
fn deletion_ends_liveness_and_startup_and_leaves_readiness() {
    let pod = deleted_pod(spec(&json!({})));
    assert_eq!(
        tick(
            &mut worker(&pod, Kind::Liveness),
            &pod,
            &running(1, true),
            0
        ),
        Tick::Stop
    );
    assert_eq!(
        tick(
            &mut worker(&pod, Kind::Startup),
            &pod,
            &running(1, false),
            0
        ),
        Tick::Stop
    );
    assert_eq!(
        tick(
            &mut worker(&pod, Kind::Readiness),
            &pod,
            &running(1, true),
            0
        ),
        Tick::Probe
    );
}

#[test]
fn a_container_older_than_the_kubelet_keeps_what_was_published_until_it_is_asked() {
    let pod = probed(&json!({}));
    for (start, held) in [(10, Some(Outcome::Failure)), (11, None)] {
        let mut worker = worker(&pod, Kind::Readiness);
        worker.tick(&TickInput {
            now: second(20),
            pod: &pod,
            status: Some(&running(1, true)),
            kubelet_start: second(start),
        });
        assert_eq!(worker.outcome, held, "the kubelet started at {start}");
    }
}

#[test]
fn ticks_missed_while_a_handler_runs_fall_into_one() {
    let pod = probed(&json!({}));
    let mut worker = worker(&pod, Kind::Liveness);
    assert_eq!(tick(&mut worker, &pod, &running(1, true), 0), Tick::Probe);
    assert_eq!(worker.due(), None);
    assert_eq!(
        tick(&mut worker, &pod, &running(1, true), 10),
        Tick::Skip,
        "it still runs"
    );
    worker.on_answer(Answer::Success);
    assert_eq!(worker.due(), Some(second(10)));
    assert_eq!(tick(&mut worker, &pod, &running(1, true), 25), Tick::Probe);
    worker.on_answer(Answer::Success);
    assert_eq!(worker.due(), Some(second(30)));
}

#[test]
fn readiness_is_asked_at_once_when_a_container_has_started_and_the_period_counts_from_there() {
    let pod = probed(&json!({}));
    let mut workers = [worker(&pod, Kind::Readiness)];
    assert_eq!(
        tick(&mut workers[0], &pod, &running(1, false), 0),
        Tick::Skip
    );
    probe::trigger_readiness(second(3), &pod, &running(1, true), &mut workers);
    assert_eq!(workers[0].due(), Some(second(3)));
    assert_eq!(
        tick(&mut workers[0], &pod, &running(1, true), 3),
        Tick::Probe
    );
    workers[0].on_answer(Answer::Success);
    assert_eq!(workers[0].due(), Some(second(3) + Duration::from_secs(10)));
    probe::trigger_readiness(second(4), &pod, &running(1, true), &mut workers);
    assert!(!workers[0].is_triggered(), "it is known to be ready");
}

#[test]
fn a_worker_survives_a_checkpoint_in_the_middle_of_a_probe() {
    let pod = probed(&json!({}));
    let mut worker = worker(&pod, Kind::Liveness);
    tick(&mut worker, &pod, &running(1, true), 0);
    worker.on_answer(Answer::Error);
    let text = serde_json::to_string(&worker).expect("a worker is plain data");
    assert_eq!(
        serde_json::from_str::<Worker>(&text).expect("it reads back"),
        worker
    );
}
