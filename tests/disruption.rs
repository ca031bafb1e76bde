//! Who has to go.

use core::time::Duration;

use pod_lifecycle::{
    api::{ConditionStatus, Node, Pod, PodConditionType, ResourceName, Taint, Time, Toleration},
    disruption::{
        self,
        eviction::{self, Candidate, Crossed, DiskUse, PodStats, Pressure},
        gc::{self, Reason},
        node_lost::{self, Fate},
        oom_score,
        preemption::{self, Requirement},
        shutdown::{self, ShutdownGracePeriodByPodPriority},
        taints::{self, Stay, Timer},
    },
    jiff::Timestamp,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn of<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("the fixture decodes")
}

/// A pod of one container with these requests.
fn pod(name: &str, requests: Value) -> Pod {
    of(json!({
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"containers": [{"name": "c", "resources": {"requests": requests}}]}
    }))
}

fn with_priority(mut pod: Pod, priority: i32) -> Pod {
    pod.spec.priority = Some(priority);
    pod
}

fn names<'a>(pods: impl IntoIterator<Item = &'a Pod>) -> Vec<&'a str> {
    let names = pods.into_iter().map(|pod| &*pod.metadata.name);
    names.collect()
}

fn ranked(pods: &[Pod], stats: &[Value], pressure: Pressure<'_>) -> Vec<String> {
    let stats: Vec<Option<PodStats>> = stats.iter().cloned().map(of).collect();
    let stats = stats.iter().map(Option::as_ref);
    let candidates = pods.iter().zip(stats);
    let mut candidates: Vec<_> = candidates
        .map(|(pod, stats)| Candidate { pod, stats })
        .collect();
    eviction::rank(&mut candidates, pressure);
    let names = candidates.iter().map(|c| c.pod.metadata.name.clone());
    names.collect()
}

fn memory(bytes: u64) -> Value {
    json!({"memory": {"workingSetBytes": bytes}})
}

#[test]
fn pods_within_their_requests_are_evicted_after_important_ones_beyond_theirs() {
    let within = pod("within", json!({"memory": "1Gi"}));
    let beyond = with_priority(pod("beyond", json!({"memory": "1Mi"})), 1000);
    let stats = [memory(512 << 20), memory(2 << 20)];
    assert_eq!(
        ranked(&[within, beyond], &stats, Pressure::Memory),
        ["beyond", "within"]
    );
}

#[test]
fn pods_without_statistics_are_evicted_first_except_for_process_ids() {
    let pods = [
        pod("known", json!({})),
        with_priority(pod("unknown", json!({})), 10),
    ];
    let known = json!({"memory": {"workingSetBytes": 1}, "process_stats": {"process_count": 9}});
    let stats = [known, Value::Null];
    assert_eq!(
        ranked(&pods, &stats, Pressure::Memory),
        ["unknown", "known"]
    );
    assert_eq!(ranked(&pods, &stats, Pressure::Pids), ["known", "unknown"]);
}

#[test]
fn only_volumes_on_the_disk_of_the_node_count() {
    let with_volume = |name: &str, source: Value| {
        let mut pod = pod(name, json!({}));
        let mut volume = json!({"name": "v"});
        volume
            .as_object_mut()
            .unwrap()
            .extend(source.as_object().unwrap().clone());
        pod.spec.volumes = vec![of(volume)];
        pod
    };
    let pods = [
        with_volume(
            "claim",
            json!({"persistentVolumeClaim": {"claimName": "c"}}),
        ),
        with_volume("memory", json!({"emptyDir": {"medium": "Memory"}})),
        with_volume("disk", json!({"emptyDir": {}})),
    ];
    let used = json!({"containers": null, "volume": [{"name": "v", "usedBytes": 1000}]});
    let stats = [used.clone(), used.clone(), used];
    let pressure = Pressure::EphemeralStorage(&[DiskUse::LocalVolumes]);
    assert_eq!(ranked(&pods, &stats, pressure), ["disk", "claim", "memory"]);
}

#[test]
fn overhead_counts_only_where_something_is_requested() {
    let mut requesting = pod("requesting", json!({"memory": "1Ki"}));
    requesting.spec.overhead = of(json!({"memory": "1Mi"}));
    let mut silent = pod("silent", json!({}));
    silent.spec.overhead = of(json!({"memory": "1Mi"}));
    let stats = [memory(2048), memory(2048)];
    assert_eq!(
        ranked(&[requesting, silent], &stats, Pressure::Memory),
        ["silent", "requesting"]
    );
}

#[test]
fn critical_pods_are_never_evicted() {
    let critical = with_priority(pod("critical", json!({})), 2_000_000_000);
    let ranked = [Candidate {
        pod: &critical,
        stats: None,
    }];
    assert!(eviction::victim(&ranked).is_none());
}

fn score(pod: &Pod, name: &str, capacity: i64) -> i64 {
    let container = pod.spec.container(name).expect("the pod has it");
    oom_score::adjustment(pod, &container, capacity)
}

const DISK: [DiskUse; 3] = [DiskUse::Root, DiskUse::Logs, DiskUse::LocalVolumes];

fn crossed(max_pod_grace_period_seconds: Option<i64>) -> Crossed {
    Crossed {
        threshold: "100Mi".parse().expect("a quantity"),
        available: "99Mi".parse().expect("a quantity"),
        max_pod_grace_period_seconds,
    }
}

#[test]
fn a_soft_threshold_leaves_a_pod_its_own_grace_but_not_more_than_the_nodes() {
    let mut pod = pod("web", json!({}));
    let grace = |pod: &Pod, crossed: &Crossed| {
        let candidate = Candidate { pod, stats: None };
        eviction::under_pressure(&candidate, Pressure::Memory, Some(crossed)).grace_period_seconds
    };
    pod.spec.termination_grace_period_seconds = Some(30);
    assert_eq!(grace(&pod, &crossed(Some(60))), 30);
    assert_eq!(grace(&pod, &crossed(Some(10))), 10);
    assert_eq!(grace(&pod, &crossed(None)), 1);
    pod.spec.termination_grace_period_seconds = None;
    assert_eq!(grace(&pod, &crossed(Some(60))), 60);
}

#[test]
fn the_message_of_an_eviction_counts_memory_against_what_was_allocated() {
    let mut pod = pod("web", json!({"memory": "64Mi"}));
    let stats: PodStats =
        of(json!({"containers": [{"name": "c", "memory": {"workingSetBytes": 100 << 20}}]}));
    let message = |pod: &Pod| {
        let stats = Some(&stats);
        eviction::under_pressure(&Candidate { pod, stats }, Pressure::Memory, None).message
    };
    assert_eq!(
        message(&pod),
        "The node was low on resource: memory. \
         Container c was using 100Mi, request is 64Mi, has larger consumption of memory. "
    );
    pod.status = of(
        json!({"containerStatuses": [{"name": "c", "allocatedResources": {"memory": "128Mi"}}]}),
    );
    assert_eq!(message(&pod), "The node was low on resource: memory. ");
}

#[test]
fn the_message_of_an_eviction_for_want_of_disk_needs_both_of_a_containers_figures() {
    let pod = pod("web", json!({}));
    let message = |stats: Value, pressure| {
        let stats: PodStats = of(stats);
        let stats = Some(&stats);
        eviction::under_pressure(&Candidate { pod: &pod, stats }, pressure, None).message
    };
    let both = json!({"containers": [{"name": "c", "rootfs": {"usedBytes": 1024}, "logs": {"usedBytes": 1024}}]});
    let one = json!({"containers": [{"name": "c", "rootfs": {"usedBytes": 1024}}]});
    assert_eq!(
        message(both.clone(), Pressure::EphemeralStorage(&DISK)),
        "The node was low on resource: ephemeral-storage. \
         Container c was using 2Ki, request is 0, has larger consumption of ephemeral-storage. "
    );
    assert_eq!(
        message(one, Pressure::EphemeralStorage(&DISK)),
        "The node was low on resource: ephemeral-storage. "
    );
    assert_eq!(
        message(both, Pressure::Inodes(&DISK)),
        "The node was low on resource: inodes. "
    );
}

#[test]
fn of_several_limits_of_disk_the_volumes_come_first_and_the_containers_last() {
    let mut pod: Pod = of(json!({"spec": {
        "volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "1Ki"}}],
        "containers": [{"name": "c", "resources": {"limits": {"ephemeral-storage": "3Ki"}}},
            {"name": "free"}]}}));
    let stats: PodStats = of(
        json!({"volume": [{"name": "cache", "usedBytes": 2048}], "containers": [
        {"name": "c", "rootfs": {"usedBytes": 3000}, "logs": {"usedBytes": 1000}}],
        "ephemeral-storage": {"usedBytes": 6048}}),
    );
    let message = |pod: &Pod, uses: &[DiskUse]| {
        let stats = Some(&stats);
        Some(eviction::over_limit(&Candidate { pod, stats }, uses)?.message)
    };
    let said = message(&pod, &DISK).expect("it is over all limits");
    assert!(
        said.starts_with("Usage of EmptyDir volume \"cache\""),
        "{said}"
    );
    pod.spec.volumes.clear();
    let said = message(&pod, &DISK).expect("it is over two limits");
    assert!(said.starts_with("Pod ephemeral local storage"), "{said}");
    pod.spec.containers[1].resources = of(json!({"limits": {"ephemeral-storage": "1Mi"}}));
    assert_eq!(
        message(&pod, &DISK).expect("one container is over its limit"),
        "Container c exceeded its local ephemeral storage limit \"3Ki\". "
    );
    assert_eq!(
        message(&pod, &[DiskUse::Logs]),
        None,
        "images have their own disk"
    );
}

#[test]
fn the_limit_of_a_whole_pod_is_held_against_what_the_statistics_say_of_the_whole_pod() {
    let pod: Pod = of(json!({"spec": {"containers": [
        {"name": "c", "resources": {"limits": {"ephemeral-storage": "1Ki"}}}]}}));
    let is_over = |stats: Value| {
        let stats: PodStats = of(stats);
        let stats = Some(&stats);
        eviction::over_limit(&Candidate { pod: &pod, stats }, &DISK).is_some()
    };
    assert!(is_over(json!({"ephemeral-storage": {"usedBytes": 1025}})));
    assert!(!is_over(json!({"ephemeral-storage": {"usedBytes": 1024}})));
    assert!(!is_over(
        json!({"volume": [{"name": "v", "usedBytes": 2048}]})
    ));
}

#[test]
fn pods_of_a_lost_node_go_when_their_tolerations_run_out() {
    let at = |second| Timestamp::from_second(second).expect("a time");
    let tolerating = |key: &str, seconds: Option<i64>| -> Pod {
        of(
            json!({"spec": {"tolerations": [{"key": key, "operator": "Exists",
            "effect": "NoExecute", "tolerationSeconds": seconds}]}}),
        )
    };
    let node = Node::default();
    let unknown = |pod: &Pod| node_lost::fate(pod, &node, &ConditionStatus::Unknown, at(100));
    let of_daemon_set = tolerating(node_lost::UNREACHABLE, None);
    assert_eq!(unknown(&of_daemon_set), Fate::Stays);
    let patient = tolerating(node_lost::UNREACHABLE, Some(300));
    assert_eq!(unknown(&patient), Fate::EvictedAt(at(400)));
    let other = tolerating(node_lost::NOT_READY, Some(300));
    assert_eq!(unknown(&other), Fate::EvictedAt(at(100)));
    let well = node_lost::fate(&other, &node, &ConditionStatus::True, at(100));
    assert_eq!(well, Fate::Stays);

    let mut drained = Node::default();
    drained.spec.taints = vec![of(json!({"key": "drained", "effect": "NoExecute"}))];
    let fate = node_lost::fate(&of_daemon_set, &drained, &ConditionStatus::Unknown, at(100));
    assert_eq!(
        fate,
        Fate::EvictedAt(at(100)),
        "it does not tolerate the other taint"
    );
}

#[test]
fn all_taints_of_a_lost_node_make_one_stay_of_which_the_fewest_seconds_count() {
    // In nanoseconds, the first is more than there are, and the second wraps around to 290ms.
    let pod: Pod = of(json!({"spec": {"tolerations": [
        {"key": node_lost::NOT_READY, "operator": "Exists", "tolerationSeconds": 9_223_372_037_i64},
        {"key": "spot", "operator": "Exists", "tolerationSeconds": 18_446_744_074_i64},
    ]}}));
    let node: Node = of(json!({"spec": {"taints": [{"key": "spot", "effect": "NoExecute"}]}}));
    let at: Timestamp = "2026-03-01T09:00:00Z".parse().expect("a time");
    let fate = node_lost::fate(&pod, &node, &ConditionStatus::False, at);
    assert_eq!(fate, Fate::Stays);
}

#[test]
fn a_lost_nodes_pods_keep_their_phase_and_are_not_ready() {
    let mut pod: Pod = of(json!({"status": {"phase": "Running", "conditions": [
        {"type": "ContainersReady", "status": "True"},
        {"type": "Ready", "status": "True", "lastTransitionTime": "2026-03-01T09:00:00Z"}]}}));
    let before = pod.status.clone();
    let now = Timestamp::from_second(1_000).expect("a time");
    assert!(node_lost::mark_not_ready(now, &mut pod.status));
    assert_eq!(pod.status.phase, before.phase);
    assert_eq!(pod.status.conditions[0], before.conditions[0]);
    let ready = pod
        .status
        .condition(&PodConditionType::READY)
        .expect("it is there");
    assert_eq!(ready.status, Some(ConditionStatus::False));
    assert_eq!(ready.last_transition_time.map(Time::timestamp), Some(now));
    pod.status.conditions.clear();
    assert!(
        !node_lost::mark_not_ready(now, &mut pod.status),
        "nothing says that it was ready"
    );
}

#[test]
fn a_sidecar_is_not_killed_before_the_container_that_it_serves() {
    let pod: Pod = of(json!({"spec": {
        "initContainers": [{"name": "proxy", "restartPolicy": "Always"}],
        "containers": [{"name": "app", "resources": {"requests": {"memory": "2Gi"}}}]
    }}));
    assert_eq!(score(&pod, "proxy", 4 << 30), score(&pod, "app", 4 << 30));
}

#[test]
fn burstable_scores_keep_away_from_both_ends() {
    let all = pod("all", json!({"memory": "4Gi"}));
    assert_eq!(score(&all, "c", 4 << 30), 3);
    assert_eq!(score(&all, "c", 0), 3);
    assert_eq!(score(&all, "c", i64::MIN), 3);
    let little = pod("little", json!({"memory": "1"}));
    assert_eq!(score(&little, "c", i64::MAX), 999);
    assert_eq!(score(&pod("none", json!({})), "c", 4 << 30), 1000);
}

fn preempted<'a>(pods: &'a [Pod], needed: &[(ResourceName, i64)]) -> Option<Vec<&'a str>> {
    let critical = with_priority(pod("critical", json!({})), 2_000_000_000);
    let needed: Vec<_> = needed
        .iter()
        .map(|(resource, amount)| Requirement {
            resource: resource.clone(),
            amount: *amount,
        })
        .collect();
    preemption::victims(&critical, pods, &needed).map(names)
}

#[test]
fn a_kubelet_spares_better_classes_where_worse_ones_suffice() {
    let pods = [
        pod("burstable", json!({"cpu": "2"})),
        pod("best-effort", json!({})),
    ];
    let one_pod = [(ResourceName::PODS, 1)];
    assert_eq!(preempted(&pods, &one_pod), Some(vec!["best-effort"]));
    let cpu = [(ResourceName::CPU, 1000)];
    assert_eq!(preempted(&pods, &cpu), Some(vec!["burstable"]));
    let too_much = [(ResourceName::CPU, 2001)];
    assert_eq!(preempted(&pods, &too_much), None);
}

#[test]
fn nothing_needed_preempts_nobody() {
    assert_eq!(preempted(&[pod("a", json!({}))], &[]), Some(vec![]));
    let nothing = [(ResourceName::CPU, 0), (ResourceName::MEMORY, i64::MIN)];
    assert_eq!(preempted(&[], &nothing), Some(vec![]));
}

fn taint(key: &str) -> Taint {
    of(json!({"key": key, "effect": "NoExecute"}))
}

fn tolerate(key: &str, seconds: Option<i64>) -> Toleration {
    of(json!({"key": key, "operator": "Exists", "tolerationSeconds": seconds}))
}

#[test]
fn the_first_matching_toleration_counts_not_the_most_generous() {
    let tolerations = [tolerate("a", Some(5)), tolerate("a", None)];
    assert_eq!(
        taints::stay(&[taint("a")], &tolerations),
        Stay::For(Duration::from_secs(5))
    );
}

#[test]
fn seconds_that_overflow_nanoseconds_last_forever() {
    let stay = |seconds| taints::stay(&[taint("a")], &[tolerate("a", Some(seconds))]);
    assert_eq!(stay(9_223_372_037), Stay::Forever);
    assert_eq!(stay(i64::MAX), Stay::Forever);
    assert_eq!(stay(i64::MIN), Stay::For(Duration::ZERO));
}

#[test]
fn a_timer_that_runs_is_not_prolonged() {
    let at = |second| Timestamp::from_second(second).unwrap();
    let stay = Stay::For(Duration::from_secs(300));
    let timer = taints::timer(at(0), None, stay);
    let expected = Timer {
        started: at(0),
        deadline: at(300),
    };
    assert_eq!(timer, Some(expected));
    assert_eq!(taints::timer(at(299), timer, stay), Some(expected));
    assert_eq!(taints::timer(at(299), timer, Stay::Forever), None);
    let end = taints::timer(Timestamp::MAX, None, stay).unwrap();
    assert_eq!(end.deadline, Timestamp::MAX);
}

#[test]
fn a_pod_of_a_vanished_node_fails_and_is_a_disruption_target() {
    let running: Pod = of(json!({"spec": {"nodeName": "gone"}, "status": {"phase": "Running"}}));
    let done: Pod = of(json!({"spec": {"nodeName": "gone"}, "status": {"phase": "Succeeded"}}));
    let collected = gc::collect([&running, &done], [], 0);
    assert_eq!(collected[0].reasons, [Reason::Orphaned]);
    assert!(collected[0].is_marked_failed() && collected[0].is_disruption_target());
    assert_eq!(collected[1].reasons, [Reason::Orphaned]);
    assert!(!collected[1].is_marked_failed() && !collected[1].is_disruption_target());
}

#[test]
fn a_node_has_to_be_both_unready_and_out_of_service() {
    let pod: Pod = of(json!({
        "metadata": {"deletionTimestamp": "2026-03-01T12:00:00Z"},
        "spec": {"nodeName": "n"}
    }));
    let node = |ready: &str, tainted: bool| -> Node {
        let taints = tainted.then(|| taint("node.kubernetes.io/out-of-service"));
        let mut node: Node = of(json!({
            "metadata": {"name": "n"},
            "status": {"conditions": [{"type": "Ready", "status": ready}]}
        }));
        node.spec.taints.extend(taints);
        node
    };
    let count = |node: Node| gc::collect([&pod], [&node], 0).len();
    assert_eq!(count(node("True", true)), 0);
    assert_eq!(count(node("False", false)), 0);
    assert_eq!(count(node("Unknown", true)), 1);
}

#[test]
fn the_oldest_ended_pods_go_first_and_evicted_ones_before_them() {
    let ended = |name: &str, hour: u8, reason: &str| -> Pod {
        of(json!({
            "metadata": {"name": name, "creationTimestamp": format!("2026-03-01T{hour:02}:00:00Z")},
            "status": {"phase": "Failed", "reason": reason}
        }))
    };
    let pods = [
        ended("new", 3, ""),
        ended("old", 1, ""),
        ended("evicted", 4, "Evicted"),
    ];
    let collected = gc::collect(&pods, [], 1);
    assert_eq!(names(collected.iter().map(|c| c.pod)), ["old", "evicted"]);
    assert_eq!(gc::collect(&pods, [], 3), []);
    assert_eq!(gc::collect(&pods, [], -1), []);
}

#[test]
fn the_condition_says_when_and_why() {
    let now = Timestamp::from_second(5).unwrap();
    let target = disruption::target(now, disruption::TERMINATION_BY_KUBELET, "low on memory");
    assert_eq!(target.type_, PodConditionType::DISRUPTION_TARGET);
    assert_eq!(target.reason, "TerminationByKubelet");
    assert_eq!(target.last_transition_time.unwrap().timestamp(), now);
}

/// The names of the pods that end in each phase, with the phase's seconds.
fn shut_down(ranges: &[(i32, i64)], pods: &[Pod]) -> Vec<(u64, Vec<(String, i64)>)> {
    let ranges = ranges
        .iter()
        .map(|(priority, seconds)| ShutdownGracePeriodByPodPriority {
            priority: *priority,
            shutdown_grace_period_seconds: *seconds,
        });
    let ranges: Vec<_> = ranges.collect();
    let told = shutdown::phases(&ranges, pods).into_iter().map(|phase| {
        let pods = phase.pods.iter();
        let pods = pods.map(|it| (it.pod.metadata.name.clone(), it.grace_period_seconds));
        (phase.lasts.as_secs(), pods.collect())
    });
    told.collect()
}

#[test]
fn a_priority_between_two_ranges_belongs_to_the_lower_one() {
    let ranges = [(1000, 30), (100, 60), (0, 90)];
    let of = |priority| {
        let pods = [with_priority(pod("p", json!({})), priority)];
        shut_down(&ranges, &pods)[0].0
    };
    let priorities = [-5, 0, 99, 100, 999, 1000, 2_000_000_000];
    assert_eq!(priorities.map(of), [90, 90, 90, 60, 60, 30, 30]);
}

#[test]
fn ranges_without_pods_take_no_time_and_without_ranges_nothing_is_done() {
    let pods = [pod("a", json!({})), with_priority(pod("b", json!({})), 7)];
    let phases = shut_down(&[(0, 20), (5, 10), (50, 60)], &pods);
    let ends = |name: &str, seconds| vec![(name.to_owned(), seconds)];
    assert_eq!(phases, [(20, ends("a", 20)), (10, ends("b", 10))]);
    assert_eq!(shut_down(&[], &pods), []);
}

#[test]
fn a_pod_with_a_shorter_grace_of_its_own_keeps_it_in_a_shutdown() {
    let mut hasty = pod("hasty", json!({}));
    hasty.spec.termination_grace_period_seconds = Some(3);
    let mut slow = pod("slow", json!({}));
    slow.spec.termination_grace_period_seconds = Some(600);
    let phases = shut_down(&[(0, 20)], &[hasty, slow]);
    assert_eq!(
        phases[0].1,
        [("hasty".to_owned(), 3), ("slow".to_owned(), 20)]
    );
}

#[test]
fn nonsense_in_a_shutdowns_settings_is_survived() {
    let pods = [pod("a", json!({}))];
    assert_eq!(shut_down(&[(i32::MAX, -7)], &pods)[0].0, 0);
    assert_eq!(shut_down(&[(0, i64::MAX)], &pods)[0].0, i64::MAX as u64);
    assert!(shutdown::two_phases(Duration::ZERO, Duration::ZERO).is_empty());
    let all = shutdown::two_phases(Duration::MAX, Duration::ZERO);
    assert_eq!(all[0].shutdown_grace_period_seconds, i64::MAX);
}
