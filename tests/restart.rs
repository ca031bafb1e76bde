//! Whether, and when, a container starts again.

use core::time::Duration;

use pod_lifecycle::{
    api::{Container, Pod},
    lifecycle::{
        ObservedContainer, ObservedState,
        back_off::{self, Attempt, BackOff, BackOffs, NodeOptions},
        restart::{self, Policy},
    },
};
use serde_json::{Value, json};

use crate::story::{deleted_pod, pod, second, seen, status};

fn restarts(container: Value, pod_policy: &str, exit_code: i32) -> bool {
    let pod = pod(json!({"restartPolicy": pod_policy, "containers": [container]}));
    Policy::new(&pod.spec, &pod.spec.containers[0]).restarts_after(exit_code)
}

#[test]
fn the_pods_policy_decides_where_the_container_has_none() {
    let job = json!({"name": "job"});
    for (policy, after_success, after_failure) in [
        ("Always", true, true),
        ("OnFailure", false, true),
        ("Never", false, false),
        ("Sometimes", true, true),
        ("", true, true),
    ] {
        assert_eq!(restarts(job.clone(), policy, 0), after_success, "{policy}");
        assert_eq!(restarts(job.clone(), policy, 1), after_failure, "{policy}");
    }
}

#[test]
fn a_containers_own_policy_goes_before_the_pods() {
    let job = json!({"name": "job", "restartPolicy": "Never"});
    assert!(!restarts(job, "Always", 1));
    let job = json!({"name": "job", "restartPolicy": "Sometimes"});
    assert!(
        !restarts(job, "Never", 1),
        "an unknown one leaves it to the pod"
    );
}

#[test]
fn the_first_matching_rule_decides_and_later_ones_are_not_tried() {
    let rules = json!([
        {"action": "Restart"},
        {"action": "Restart", "exitCodes": {"operator": "Near", "values": [42]}},
        {"action": "Wait", "exitCodes": {"operator": "In", "values": [42]}},
        {"action": "Restart", "exitCodes": {"operator": "NotIn", "values": [1]}},
    ]);
    let job = json!({"name": "job", "restartPolicy": "Never", "restartPolicyRules": rules});
    assert!(
        !restarts(job.clone(), "Always", 42),
        "an unknown action restarts nothing"
    );
    assert!(restarts(job.clone(), "Always", 43));
    assert!(!restarts(job, "Always", 1));
}

#[test]
fn rules_do_not_count_without_a_policy_of_the_container() {
    let rules = json!([{"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]);
    let job = json!({"name": "job", "restartPolicyRules": rules});
    assert!(!restarts(job, "Never", 42));
}

#[test]
fn a_rule_that_restarts_all_does_not_make_a_container_restartable() {
    let can_restart = |action: &str| {
        let pod = pod(
            json!({"containers": [{"name": "job", "restartPolicy": "Never",
            "restartPolicyRules": [
                {"action": action, "exitCodes": {"operator": "In", "values": [42]}}]}]}),
        );
        Policy::new(&pod.spec, &pod.spec.containers[0]).can_restart()
    };
    assert!(can_restart("Restart"));
    assert!(!can_restart("RestartAllContainers"));
}

#[test]
fn a_deleted_pod_starts_nothing_not_even_for_the_first_time() {
    let spec = json!({"containers": [{"name": "web"}]});
    let (alive, deleted) = (pod(spec.clone()), deleted_pod(spec));
    let due = |pod: &Pod| {
        let policy = Policy::new(&pod.spec, &pod.spec.containers[0]);
        restart::should_restart(pod, policy, None)
    };
    assert!(due(&alive));
    assert!(!due(&deleted));
}

#[test]
fn a_container_that_was_lost_or_never_started_is_started_even_under_never() {
    let pod = pod(json!({"restartPolicy": "Never", "containers": [{"name": "web"}]}));
    let policy = Policy::new(&pod.spec, &pod.spec.containers[0]);
    for (state, due) in [
        (ObservedState::Created, true),
        (ObservedState::Unknown, true),
        (ObservedState::Running, false),
        (ObservedState::Exited, false),
    ] {
        let web = ObservedContainer {
            state,
            ..ObservedContainer::default()
        };
        assert_eq!(
            restart::should_restart(&pod, policy, Some(&web)),
            due,
            "{state:?}"
        );
    }
}

fn guarded() -> Pod {
    pod(
        json!({"containers": [{"name": "web"}, {"name": "guard", "restartPolicyRules": [
        {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}}]}]}),
    )
}

#[test]
fn an_exit_restarts_all_until_a_newer_instance_is_seen() {
    let pod = guarded();
    let exited = json!({"name": "guard", "id": "g1", "state": "Exited", "exitCode": 42});
    let running = json!({"name": "guard", "id": "g2", "state": "Running"});
    let all = |containers| restart::should_restart_all(&pod.spec, Some(&seen(containers)), None);
    assert!(all(json!([exited])));
    assert!(!all(json!([running, exited])));
    assert!(!all(json!([])));
}

#[test]
fn what_is_published_is_not_asked_about_a_container_that_runs() {
    let pod = guarded();
    let ended = json!({"terminated": {"exitCode": 42}});
    let published = status(json!({"containerStatuses": [{"name": "guard", "state": ended}]}));
    let running = seen(json!([{"name": "guard", "state": "Running"}]));
    assert!(restart::should_restart_all(
        &pod.spec,
        None,
        Some(&published)
    ));
    assert!(!restart::should_restart_all(
        &pod.spec,
        Some(&running),
        Some(&published)
    ));
}

#[test]
fn restarting_all_goes_on_while_the_condition_says_so_even_without_a_rule() {
    let pod = pod(json!({"containers": [{"name": "web"}]}));
    let condition = json!({"type": "AllContainersRestarting", "status": "True"});
    let published = status(json!({"conditions": [condition]}));
    assert!(restart::should_restart_all(
        &pod.spec,
        None,
        Some(&published)
    ));
}

/// Plays starts of the only container, each followed by an exit after `runs_for`, tried again every second.
fn starts(back_off: BackOff, runs_for: i64, until: i64) -> Vec<i64> {
    let pod = pod(json!({"containers": [{"name": "web"}]}));
    let web = &pod.spec.containers[0];
    let mut back_offs = BackOffs::new(back_off);
    let mut observation = seen(json!([]));
    let mut starts = Vec::new();
    let mut exit = None;
    for now in 0..until {
        if exit.is_some_and(|exit| now < exit) {
            continue;
        }
        if let Some(exit) = exit {
            let container = json!({"name": "web", "state": "Exited", "finishedAt": second(exit)});
            observation = seen(json!([container]));
        }
        let attempt = back_off::crash_loop(&mut back_offs, second(now), &pod, web, &observation);
        if attempt == Attempt::Now {
            starts.push(now);
            exit = Some(now + runs_for);
        }
    }
    starts
}

#[test]
fn a_crash_loop_restarts_at_once_and_then_after_10_20_40_80_seconds() {
    assert_eq!(starts(BackOff::CRASH_LOOP, 1, 200), [0, 1, 12, 33, 74, 155]);
}

#[test]
fn the_wait_counts_from_the_exit_and_stops_growing_at_its_longest() {
    let back_off = BackOff::new(Duration::from_secs(10), Duration::from_secs(20));
    assert_eq!(starts(back_off, 5, 120), [0, 5, 20, 45, 70, 95]);
}

#[test]
fn a_container_that_runs_long_enough_is_forgiven() {
    let starts = |runs_for| starts(BackOff::CRASH_LOOP, runs_for, 1900);
    assert_eq!(starts(601), [0, 601, 1202, 1803]);
    assert_eq!(
        starts(600),
        [0, 600, 1210, 1830],
        "600 s are not more than 600 s"
    );
}

#[test]
fn an_unknown_end_is_no_reason_to_wait() {
    let pod = pod(json!({"containers": [{"name": "web"}]}));
    let mut back_offs = BackOffs::new(BackOff::CRASH_LOOP);
    let lost = seen(json!([{"name": "web", "state": "Exited"}]));
    for _ in 0..3 {
        let web = &pod.spec.containers[0];
        let attempt = back_off::crash_loop(&mut back_offs, second(0), &pod, web, &lost);
        assert_eq!(attempt, Attempt::Now);
    }
}

#[test]
fn a_new_image_or_new_resources_start_afresh() {
    let pod = pod(json!({"containers": [{"name": "web", "image": "web:1"}]}));
    let crashed = seen(json!([{"name": "web", "state": "Exited", "finishedAt": second(0)}]));
    let mut back_offs = BackOffs::new(BackOff::CRASH_LOOP);
    let mut web = pod.spec.containers[0].clone();
    let mut start =
        |web: &Container| back_off::crash_loop(&mut back_offs, second(1), &pod, web, &crashed);
    assert_eq!(start(&web), Attempt::Now);
    assert_eq!(start(&web), Attempt::Wait { until: second(10) });
    web.image = "web:2".into();
    assert_eq!(start(&web), Attempt::Now);
    web.resources.limits = serde_json::from_value(json!({"cpu": "1"})).expect("limits");
    assert_eq!(start(&web), Attempt::Now);
    web.resources.limits = serde_json::from_value(json!({"cpu": "1000m"})).expect("limits");
    assert_eq!(
        start(&web),
        Attempt::Wait { until: second(10) },
        "the same amount, written otherwise"
    );
}

#[test]
fn a_nodes_longest_wait_holds_even_against_the_reduced_decay() {
    let mut options = NodeOptions::default();
    options.reduce_default_decay = true;
    let [initial, max] = [1, 300].map(Duration::from_secs);
    let back_off = BackOff::of_node(&options);
    assert_eq!((back_off.initial, back_off.max), (initial, max));
    options.use_max_container_restart_period = false;
    assert_eq!(BackOff::of_node(&options).max, Duration::from_secs(60));
    assert_eq!(back_off.reset_after, Duration::from_secs(600));
}
