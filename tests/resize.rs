//! Resizing pods in place.

use std::cmp::Ordering;

use pod_lifecycle::{
    api::{Pod, PodConditionType, PodSpec, ResourceList},
    jiff::Timestamp,
    lifecycle::{
        self, Observation, PlanInput,
        plan::ActuatedResources,
        resize::{
            self, MemoryInUse, Obstacle, Resizing, Room, cmp_pending, is_in_progress, is_requested,
            obstacle, with_allocation,
        },
        status::{StatusInput, pod_status},
    },
};
use serde_json::{Value, json};

fn list(amounts: Value) -> ResourceList {
    serde_json::from_value(amounts).unwrap()
}

/// A pod of one container with those resources.
fn pod(resources: Value) -> Pod {
    let spec = json!({"containers": [{"name": "app", "resources": resources}]});
    serde_json::from_value(json!({"metadata": {"generation": 2}, "spec": spec})).unwrap()
}

fn requests(cpu: &str, memory: &str) -> Pod {
    pod(json!({"requests": {"cpu": cpu, "memory": memory}}))
}

fn guaranteed(cpu: &str, memory: &str) -> Pod {
    let amounts = json!({"cpu": cpu, "memory": memory});
    pod(json!({"requests": amounts, "limits": amounts}))
}

fn why(pod: &Pod, allocated: &PodSpec, room: &Room<'_>) -> Option<(&'static str, String)> {
    obstacle(pod, allocated, room).map(|why| (why.reason(), why.to_string()))
}

#[test]
fn more_than_the_node_has_is_infeasible_and_more_than_is_free_is_deferred() {
    let allocated = requests("100m", "64Mi").spec;
    let has = list(json!({"cpu": "4", "memory": "8Gi"}));
    let used = list(json!({"cpu": "3", "memory": "7Gi"}));
    let room = Room::new(&has, &used);
    for (cpu, memory, reason, message) in [
        (
            "5",
            "64Mi",
            "Infeasible",
            "Node didn't have enough capacity: cpu, requested: 5000, capacity: 4000",
        ),
        (
            "5",
            "9Gi",
            "Infeasible",
            "Node didn't have enough capacity: memory, requested: 9663676416, capacity: 8589934592",
        ),
        (
            "2",
            "64Mi",
            "Deferred",
            "Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
        ),
        (
            "2",
            "2Gi",
            "Deferred",
            "Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
        ),
        (
            "100m",
            "2Gi",
            "Deferred",
            "Node didn't have enough resource: memory, requested: 2147483648, used: 7516192768, \
             capacity: 8589934592",
        ),
    ] {
        let said = why(&requests(cpu, memory), &allocated, &room);
        assert_eq!(said, Some((reason, message.into())));
    }
    assert_eq!(why(&requests("1", "1Gi"), &allocated, &room), None);
}

#[test]
fn what_a_pod_as_a_whole_asks_for_counts_instead_of_its_containers() {
    let mut wanted = requests("3", "64Mi");
    wanted.spec.resources = Some(Box::new(
        serde_json::from_value(json!({"requests": {"cpu": "5"}})).unwrap(),
    ));
    let has = list(json!({"cpu": "4", "memory": "8Gi"}));
    let none = ResourceList::new();
    let allocated = requests("3", "64Mi").spec;
    assert!(is_requested(&wanted, &allocated));
    let said = obstacle(&wanted, &allocated, &Room::new(&has, &none));
    assert!(matches!(
        said,
        Some(Obstacle::Capacity {
            requested: 5000,
            ..
        })
    ));
}

#[test]
fn static_pods_are_not_resized() {
    let mut wanted = requests("200m", "64Mi");
    let source = ("kubernetes.io/config.source".into(), "file".into());
    wanted.metadata.annotations.extend([source]);
    let allocated = requests("100m", "64Mi").spec;
    let none = ResourceList::new();
    let said = obstacle(&wanted, &allocated, &Room::new(&none, &none));
    assert_eq!(said, Some(Obstacle::StaticPod));
}

#[test]
fn exclusive_cpus_and_memory_are_not_resized_unless_they_stay() {
    let has = list(json!({"cpu": "8", "memory": "8Gi"}));
    let none = ResourceList::new();
    let mut room = Room::new(&has, &none);
    (room.exclusive_cpus, room.exclusive_memory) = (true, true);
    let allocated = guaranteed("1", "1Gi").spec;
    for (wanted, said) in [
        (guaranteed("2", "1Gi"), Some(Obstacle::ExclusiveCpus)),
        (guaranteed("1", "2Gi"), Some(Obstacle::ExclusiveMemory)),
        (requests("2", "2Gi"), None),
    ] {
        assert_eq!(obstacle(&wanted, &allocated, &room), said);
    }
}

#[test]
fn memory_of_containers_that_swap_changes_by_a_restart_only() {
    let burstable = |memory: &str, policy: &str| {
        let mut pod = pod(json!({"requests": {"memory": memory}, "limits": {"memory": "4Gi"}}));
        let policy = json!([{"resourceName": "memory", "restartPolicy": policy}]);
        pod.spec.containers[0].resize_policy = serde_json::from_value(policy).unwrap();
        pod
    };
    let has = list(json!({"cpu": "8", "memory": "8Gi"}));
    let none = ResourceList::new();
    let mut room = Room::new(&has, &none);
    room.limited_swap = true;
    let small = |policy| burstable("1Gi", policy).spec;
    let wanted = burstable("2Gi", "NotRequired");
    assert_eq!(
        obstacle(&wanted, &small("NotRequired"), &room),
        Some(Obstacle::Swap)
    );
    assert_eq!(obstacle(&wanted, &small("RestartContainer"), &room), None);
    let (same, larger) = (guaranteed("1", "1Gi"), guaranteed("1", "2Gi"));
    assert_eq!(obstacle(&larger, &same.spec, &room), None);
    let mut critical = wanted.clone();
    critical.spec.priority = Some(2_000_000_000);
    assert_eq!(obstacle(&critical, &small("NotRequired"), &room), None);
    room.limited_swap = false;
    assert_eq!(obstacle(&wanted, &small("NotRequired"), &room), None);
}

#[test]
fn a_pod_runs_with_what_is_allocated_until_its_resize_is() {
    let (small, mut wanted) = (requests("1", "1Gi"), requests("2", "2Gi"));
    wanted.spec.containers[0].image = "new".into();
    let run = with_allocation(&wanted, &small.spec);
    assert_eq!(
        run.spec.containers[0].resources,
        small.spec.containers[0].resources
    );
    assert_eq!(run.spec.containers[0].image, "new");
    let equal = requests("1000m", "1024Mi");
    assert!(!is_requested(&equal, &small.spec));
}

#[test]
fn a_resize_is_pending_then_in_progress_then_over() {
    let (mut allocated, wanted) = (requests("1", "1Gi"), requests("2", "1Gi"));
    allocated.metadata.generation = 1;
    let (has, busy, free) = (
        list(json!({"cpu": "3", "memory": "8Gi"})),
        list(json!({"cpu": "2"})),
        ResourceList::new(),
    );
    let running: Observation = serde_json::from_value(json!({
        "sandboxes": [{"id": "s", "state": "Ready", "ip": "10.0.0.7"}],
        "containers": [{"id": "c", "name": "app", "state": "Running"}],
    }))
    .unwrap();
    let conditions = |resizing: &Resizing| {
        let status = pod_status(&StatusInput {
            resize_pending: resizing.pending.as_ref().map(|it| it.as_resize()),
            resize_in_progress: resizing.in_progress.as_ref().map(|it| it.as_resize()),
            ..StatusInput::new(&wanted, &running, Timestamp::UNIX_EPOCH)
        });
        [
            PodConditionType::POD_RESIZE_PENDING,
            PodConditionType::POD_RESIZE_IN_PROGRESS,
        ]
        .map(|kind| {
            let found = status.condition(&kind);
            found.map(|it| (it.reason.clone(), it.observed_generation))
        })
    };
    let mut resizing = Resizing::default();
    assert!(!resizing.look(&wanted, &allocated.spec, &Room::new(&has, &busy)));
    assert_eq!(conditions(&resizing), [Some(("Deferred".into(), 2)), None]);
    assert!(resizing.look(&wanted, &allocated.spec, &Room::new(&has, &free)));
    assert_eq!(conditions(&resizing), [None, Some((String::new(), 2))]);

    let mut actuated = ActuatedResources::default();
    let apply = |actuated: &mut ActuatedResources, pod: &Pod| {
        let resources = pod.spec.containers[0].resources.clone();
        actuated.containers.insert("app".into(), resources);
    };
    apply(&mut actuated, &allocated);
    resizing.fail("the runtime is busy", 2);
    assert!(!resizing.note(is_in_progress(&wanted, &running, &actuated), 2));
    assert_eq!(conditions(&resizing), [None, Some(("Error".into(), 2))]);
    apply(&mut actuated, &wanted);
    assert!(resizing.note(is_in_progress(&wanted, &running, &actuated), 2));
    assert_eq!(conditions(&resizing), [None, None]);
}

#[test]
fn a_resize_that_is_taken_back_is_not_pending_any_more() {
    let (allocated, wanted) = (requests("1", "1Gi"), requests("9", "1Gi"));
    let (has, none) = (
        list(json!({"cpu": "4", "memory": "8Gi"})),
        ResourceList::new(),
    );
    let room = Room::new(&has, &none);
    let mut resizing = Resizing::default();
    resizing.look(&wanted, &allocated.spec, &room);
    assert!(resizing.pending.is_some());
    assert!(!resizing.look(&allocated, &allocated.spec, &room));
    assert_eq!(resizing, Resizing::default());
}

#[test]
fn a_memory_limit_is_not_set_below_what_is_used() {
    let limit = |memory: &str| pod(json!({"limits": {"memory": memory}}));
    let running: Observation = serde_json::from_value(json!({
        "sandboxes": [{"id": "s", "state": "Ready", "ip": "10.0.0.7"}],
        "containers": [{"id": "c", "name": "app", "state": "Running"}],
    }))
    .unwrap();
    let in_use = |from: &Pod, to: &Pod, usage: Option<i64>| {
        let resources = from.spec.containers[0].resources.clone();
        let mut actuated = ActuatedResources::default();
        actuated.containers.insert("app".into(), resources);
        let mut input = PlanInput::new(to, &running);
        input.actuated = Some(&actuated);
        let plan = lifecycle::plan(&input);
        let found = resize::memory_in_use(&plan.memory_to_update, |_| usage);
        found
            .map(|it: MemoryInUse<'_>| it.to_string())
            .collect::<Vec<_>>()
    };
    let (small, large, none) = (limit("100"), limit("200"), pod(json!({})));
    let text = r#"attempting to set container "app" memory limit (100) below current usage (100)"#;
    assert_eq!(in_use(&large, &small, Some(100)), [text]);
    assert_eq!(in_use(&none, &small, Some(100)), [text]);
    assert!(in_use(&large, &small, Some(99)).is_empty());
    assert!(in_use(&large, &small, None).is_empty());
    assert!(in_use(&small, &large, Some(500)).is_empty());
    assert!(in_use(&small, &none, Some(500)).is_empty());
}

#[test]
fn resizes_that_ask_for_no_more_come_first_then_those_of_higher_priority_then_guaranteed_ones() {
    let with_priority = |mut pod: Pod, priority| {
        pod.spec.priority = Some(priority);
        pod
    };
    let before = guaranteed("2", "2Gi").spec;
    let in_order = [
        with_priority(guaranteed("1", "1Gi"), 0),
        with_priority(guaranteed("3", "1Gi"), 10),
        with_priority(requests("3", "1Gi"), 10),
        with_priority(guaranteed("3", "1Gi"), 0),
    ];
    for (index, first) in in_order.iter().enumerate() {
        for second in &in_order[index + 1..] {
            assert_eq!(
                cmp_pending((first, &before), (second, &before)),
                Ordering::Less
            );
            assert_eq!(
                cmp_pending((second, &before), (first, &before)),
                Ordering::Greater
            );
        }
    }
}
