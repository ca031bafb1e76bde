//! Where a pod fits.

use pod_lifecycle::{
    api::{Node, Pod},
    scheduling::{
        Code, Cycle, Misfit, Plugin, Snapshot,
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
