//! Where a pod fits.

use pod_lifecycle::{
    api::{Node, PersistentVolumeClaimSpec, Pod},
    scheduling::{
        Code, Cycle, Misfit, Plugin, Snapshot,
        preemption::{self, Finding},
        score::{self, Score},
    },
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn of<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("the fixture decodes")
}

fn node(name: &str) -> Node {
    of(json!({
        "metadata": {"name": name},
        "status": {"allocatable": {"cpu": "1", "memory": "1Gi", "pods": "9"}},
    }))
}

#[test]
fn a_node_that_the_snapshot_does_not_hold_is_not_found_whatever_it_was() {
    let mut elsewhere = Snapshot::new();
    elsewhere.set_node(&node("a"));
    let never_held = elsewhere.set_node(&node("b"));

    let mut snapshot = Snapshot::new();
    let removed = snapshot.set_node(&of(json!({
        "metadata": {"name": "gone"},
        "spec": {"taints": [{"key": "spot", "effect": "PreferNoSchedule"}]},
    })));
    snapshot.add_pod(&of(
        json!({"spec": {"nodeName": "gone", "containers": [{"name": "app"}]}}),
    ));
    snapshot.remove_node("gone");
    assert_eq!(snapshot.node_name(removed), "");

    let pod: Pod = of(json!({"spec": {"containers": [{"name": "app"}]}}));
    let cycle = Cycle::new(&pod, &snapshot);
    for node in [never_held, removed] {
        assert!(!cycle.fits(node));
        assert_eq!(cycle.verdict(node).code(), Code::Error);
        assert_eq!(cycle.explain(node), [Misfit::NodeNotFound]);
        for plugin in [Plugin::NodeResourcesFit, Plugin::NodePorts] {
            let verdict = cycle.verdict_of(plugin, node);
            assert_eq!(verdict.misfits(), [Misfit::NodeNotFound]);
            assert_eq!(verdict.plugin(), None);
        }
        let scores = score::of(Score::LeastAllocated, &cycle, &[node]).expect("they always apply");
        assert_eq!(scores.normalized, [0]);
    }
    assert_eq!(Misfit::NodeNotFound.to_string(), "node not found");
}

/// The scores of one node for a pod, beside another that is there.
fn scored(score: Score, pod: Value, there: Option<Value>) -> Option<Vec<i64>> {
    let mut snapshot = Snapshot::new();
    let node = snapshot.set_node(&node("a"));
    if let Some(mut there) = there {
        there["spec"]["nodeName"] = "a".into();
        snapshot.add_pod(&of(there));
    }
    let pod: Pod = of(pod);
    let scores = score::of(score, &Cycle::new(&pod, &snapshot), &[node])?;
    Some(scores.normalized)
}

#[test]
fn beside_resources_of_the_pod_each_container_counts_with_the_usual_amount_of_what_nothing_names() {
    let there = json!({"spec": {
        "resources": {"requests": {"memory": "512Mi"}},
        "containers": [{"name": "a"}, {"name": "b"}, {"name": "c"}],
    }});
    let pod = json!({"spec": {"containers": [
        {"name": "a", "resources": {"requests": {"cpu": "0", "memory": "0"}}}]}});
    // Cpu is used by three times 100m of 1000m, and memory by half.
    let scores = scored(Score::LeastAllocated, pod, Some(there));
    assert_eq!(scores, Some(vec![(70 + 50) / 2]));
}

#[test]
fn the_balance_of_cpu_and_memory_counts_what_the_status_of_the_pod_says_of_a_resize() {
    let pod = json!({
        "spec": {"containers": [{"name": "a"}]},
        "status": {"containerStatuses": [
            {"name": "a", "resources": {"requests": {"cpu": "1"}}}]},
    });
    // With it one resource is used and the other is not: 50 + (50 + 50 - 100) / 2.
    assert_eq!(scored(Score::BalancedAllocation, pod, None), Some(vec![50]));
    let nothing = json!({"spec": {"containers": [{"name": "a"}]}});
    assert_eq!(scored(Score::BalancedAllocation, nothing, None), None);
}

#[test]
fn a_port_that_two_pods_share_is_free_once_one_of_them_has_been_preempted() {
    let with_port = |priority: i32, node: &str| -> Pod {
        of(
            json!({"spec": {"priority": priority, "nodeName": node, "containers": [
            {"name": "web", "ports": [{"containerPort": 80, "hostPort": 80}]}]}}),
        )
    };
    let mut snapshot = Snapshot::new();
    snapshot.set_node(&node("a"));
    snapshot.add_pod(&with_port(100, "a"));
    let weak = snapshot.add_pod(&with_port(0, "a"));
    let found = preemption::find(&with_port(10, ""), &snapshot, &[]).expect("it may preempt");
    let Finding::Candidate(candidate) = &found.nodes[0].finding else {
        panic!("{found:?}");
    };
    assert_eq!(candidate.victims, [weak]);
    snapshot.remove_pod(weak);
    let found = preemption::find(&with_port(10, ""), &snapshot, &[]).expect("it may preempt");
    assert_eq!(found.nodes[0].finding, Finding::NobodyToPreempt);
}

#[test]
fn a_pod_that_the_preemptor_has_to_be_near_is_no_use_as_a_victim() {
    let mut zoned = node("a");
    zoned.metadata.labels.insert("zone".into(), "z".into());
    let mut snapshot = Snapshot::new();
    snapshot.set_node(&zoned);
    let filler = |name: &str, app: &str| -> Pod {
        of(
            json!({"metadata": {"name": name, "labels": {"app": app}}, "spec": {"nodeName": "a",
            "containers": [{"name": "c", "resources": {"requests": {"cpu": "500m"}}}]}}),
        )
    };
    snapshot.add_pod(&filler("db", "db"));
    let batch = snapshot.add_pod(&filler("batch", "batch"));
    let near = |cpu: &str| -> Pod {
        of(json!({"spec": {"priority": 10,
            "containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}}}],
            "affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [
                {"topologyKey": "zone", "labelSelector": {"matchLabels": {"app": "db"}}}]}}}}))
    };
    // Without any of the two, none is there that the pod has to be near.
    let found = preemption::find(&near("500m"), &snapshot, &[]).expect("it may preempt");
    let Finding::NoFit(verdict) = &found.nodes[0].finding else {
        panic!("{found:?}");
    };
    assert_eq!(verdict.misfits(), [Misfit::PodAffinity]);
    let mut important = filler("db", "db");
    important.spec.priority = Some(10);
    snapshot.add_pod(&important);
    snapshot.set_node(&{
        let mut larger = zoned.clone();
        larger.status.allocatable = of(json!({"cpu": "1500m", "memory": "1Gi", "pods": "9"}));
        larger
    });
    let found = preemption::find(&near("500m"), &snapshot, &[]).expect("it may preempt");
    let Finding::Candidate(candidate) = &found.nodes[0].finding else {
        panic!("{found:?}");
    };
    assert_eq!(
        candidate.victims,
        [batch],
        "the first of equals comes back first"
    );
}

#[test]
fn a_claim_for_one_pod_alone_is_free_once_its_pod_has_been_preempted() {
    let user = |priority: i32, node: &str| -> Pod {
        of(json!({"metadata": {"namespace": "shop"}, "spec": {
            "priority": priority, "nodeName": node, "containers": [{"name": "c"}],
            "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}}))
    };
    let mut snapshot = Snapshot::new();
    let claim: PersistentVolumeClaimSpec = of(json!({"accessModes": ["ReadWriteOncePod"]}));
    snapshot.set_claim("shop", "data", &claim);
    let [a, _] = ["a", "b"].map(|name| snapshot.set_node(&node(name)));
    let weak = snapshot.add_pod(&user(0, "a"));
    let found = preemption::find(&user(10, ""), &snapshot, &[]).expect("it may preempt");
    assert_eq!(found.choice.map(|choice| choice.node), Some(a));
    let [on_a, on_b] = &*found.nodes else {
        panic!("{found:?}");
    };
    let Finding::Candidate(candidate) = &on_a.finding else {
        panic!("{found:?}");
    };
    assert_eq!(candidate.victims, [weak]);
    assert_eq!(on_b.code, Code::Unschedulable);
    assert_eq!(on_b.finding, Finding::NobodyToPreempt);
}

/// The scheduler counts the claims of those that it would take away by their names.
#[test]
fn a_victims_claim_of_the_same_name_in_another_namespace_counts_as_the_one_that_is_in_use() {
    let user = |namespace: &str, priority: i32, node: &str| -> Pod {
        of(json!({"metadata": {"namespace": namespace}, "spec": {
            "priority": priority, "nodeName": node, "containers": [{"name": "c"}],
            "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}}))
    };
    let mut snapshot = Snapshot::new();
    let claim: PersistentVolumeClaimSpec = of(json!({"accessModes": ["ReadWriteOncePod"]}));
    snapshot.set_claim("shop", "data", &claim);
    snapshot.set_claim("other", "data", &claim);
    let [_, b] = ["a", "b"].map(|name| snapshot.set_node(&node(name)));
    snapshot.add_pod(&user("shop", 20, "a"));
    let elsewhere = snapshot.add_pod(&user("other", 0, "b"));
    let found = preemption::find(&user("shop", 10, ""), &snapshot, &[]).expect("it may preempt");
    assert_eq!(found.choice.map(|choice| choice.node), Some(b));
    let Finding::Candidate(candidate) = &found.nodes[1].finding else {
        panic!("{found:?}");
    };
    assert_eq!(candidate.victims, [elsewhere]);
}

#[test]
fn images_that_are_mounted_draw_a_pod_to_their_node_as_those_of_containers_do() {
    let mut snapshot = Snapshot::new();
    let with = snapshot.set_node(&of(
        json!({"metadata": {"name": "a"}, "status": {"images": [
        {"names": ["models/large:latest"], "sizeBytes": 1_000_i64 << 20}]}}),
    ));
    let without = snapshot.set_node(&node("b"));
    let pod: Pod = of(
        json!({"spec": {"containers": [{"name": "c", "image": "app:1"}],
        "volumes": [{"name": "model", "image": {"reference": "models/large"}}]}}),
    );
    let cycle = Cycle::new(&pod, &snapshot);
    let scores = score::of(Score::ImageLocality, &cycle, &[with, without]);
    // Half of its bytes count, since half of the nodes have it: 500 − 23 of 1000 − 23 MiB.
    assert_eq!(scores.expect("it always applies").normalized, [48, 0]);
}

#[test]
fn what_cannot_be_read_of_a_pods_wishes_keeps_it_from_all_nodes() {
    let mut snapshot = Snapshot::new();
    let a = snapshot.set_node(&node("a"));
    let bad = json!({"matchExpressions": [{"key": "app", "operator": "Like", "values": ["db"]}]});
    let spread: Pod = of(json!({"spec": {"topologySpreadConstraints": [
        {"maxSkew": 1, "topologyKey": "zone", "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": bad}]}}));
    let verdict = Cycle::new(&spread, &snapshot).verdict(a);
    assert_eq!(verdict.misfits(), [Misfit::SpreadInvalid]);
    assert_eq!(verdict.code(), Code::Error);
    for kind in ["podAffinity", "podAntiAffinity"] {
        let preferred: Pod = of(json!({"spec": {"affinity": {kind: {
            "preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1,
                "podAffinityTerm": {"topologyKey": "zone", "namespaceSelector": bad}}]}}}}));
        let verdict = Cycle::new(&preferred, &snapshot).verdict(a);
        assert_eq!(verdict.misfits(), [Misfit::PodAffinityInvalid]);
        assert_eq!(verdict.code(), Code::UnschedulableAndUnresolvable);
    }
    let existing: Pod = of(
        json!({"spec": {"nodeName": "a", "affinity": {"podAntiAffinity": {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {"topologyKey": "zone", "labelSelector": bad}]}}}}),
    );
    snapshot.add_pod(&existing);
    assert!(
        Cycle::new(&Pod::default(), &snapshot).fits(a),
        "a pod that is there only loses its own"
    );
}
