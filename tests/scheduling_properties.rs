//! What holds of scheduling whatever a cluster looks like.

use pod_lifecycle::{
    api::{Node, Pod},
    scheduling::{
        self, Code, Cycle, Misfit, NodeId, Plugin, PodId, Snapshot, Verdict,
        preemption::{self, Finding},
        score,
    },
};
use serde_json::{Value, json};

use crate::random::Random;

const KEYS: [&str; 3] = ["kubernetes.io/hostname", "zone", "disk"];
const APPS: [&str; 3] = ["web", "db", "cache"];

fn decode<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("a valid object")
}

fn taint(random: &mut Random) -> Value {
    let effect = random.pick(&["NoSchedule", "NoExecute", "PreferNoSchedule"]);
    json!({"key": random.pick(&["gpu", "spot"]), "effect": effect})
}

fn node(random: &mut Random, name: &str) -> Node {
    let mut labels = json!({});
    labels[KEYS[0]] = name.into();
    for key in &KEYS[1..] {
        if random.below(5) > 0 {
            labels[key] = random.pick(&["a", "b"]).into();
        }
    }
    let mut taints = Vec::new();
    if random.below(3) == 0 {
        taints.push(taint(random));
    }
    decode(json!({
        "metadata": {"name": name, "labels": labels},
        "spec": {"unschedulable": random.below(8) == 0, "taints": taints},
        "status": {"allocatable": {
            "cpu": random.pick(&["1", "2", "4"]), "memory": "4Gi", "example.com/gpu": "1",
            "pods": random.pick(&["3", "110"]),
        }},
    }))
}

fn pod_term(random: &mut Random) -> Value {
    json!({
        "labelSelector": {"matchLabels": {"app": random.pick(&APPS)}},
        "topologyKey": random.pick(&KEYS),
    })
}

fn pod(random: &mut Random, name: &str, node: &str) -> Pod {
    let mut spec = json!({
        "nodeName": node,
        "priority": random.below(3) * 10,
        "containers": [{"name": "app", "resources": {"requests": {
            "cpu": random.pick(&["0", "250m", "700m", "1500m"]),
        }}}],
    });
    if random.below(4) == 0 {
        spec["containers"][0]["ports"] =
            json!([{"containerPort": 80, "hostPort": random.pick(&[80, 81])}]);
    }
    if random.below(5) == 0 {
        spec["containers"][0]["resources"]["requests"]["example.com/gpu"] = "1".into();
    }
    if random.below(4) == 0 {
        spec["tolerations"] = json!([{"key": random.pick(&["gpu", "spot"]), "operator": "Exists"}]);
    }
    if random.below(5) == 0 {
        spec["nodeSelector"] = json!({"disk": random.pick(&["a", "b"])});
    }
    if random.below(5) == 0 {
        spec["volumes"] = json!([{"name": "disk", "awsElasticBlockStore":
            {"volumeID": random.pick(&["v1", "v2"])}}]);
    }
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let mut affinity = json!({});
    if random.below(5) == 0 {
        affinity["podAffinity"] = json!({required: [pod_term(random)]});
    }
    if random.below(3) == 0 {
        affinity["podAntiAffinity"] = json!({required: [pod_term(random)]});
    }
    spec["affinity"] = affinity;
    if random.below(3) == 0 {
        spec["topologySpreadConstraints"] = json!([{
            "maxSkew": random.below(2) + 1, "topologyKey": random.pick(&KEYS),
            "whenUnsatisfiable": "DoNotSchedule",
            "labelSelector": {"matchLabels": {"app": random.pick(&APPS)}},
        }]);
    }
    decode(json!({
        "metadata": {"name": name, "namespace": "default", "labels": {"app": random.pick(&APPS)}},
        "spec": spec,
    }))
}

struct Cluster {
    snapshot: Snapshot,
    nodes: Vec<Node>,
    pods: Vec<(Pod, PodId)>,
    next: Pod,
}

fn cluster(seed: u64) -> (Random, Cluster) {
    let mut random = Random(seed);
    let names = ["n0", "n1", "n2", "n3", "n4"];
    let nodes: Vec<_> = names.map(|name| node(&mut random, name)).into();
    let mut snapshot = Snapshot::new();
    for node in &nodes {
        snapshot.set_node(node);
    }
    let count = random.below(12);
    let pods = (0..count).map(|index| {
        let on = random.pick(&names);
        let pod = pod(&mut random, &format!("p{index}"), on);
        let id = snapshot.add_pod(&pod);
        (pod, id)
    });
    let pods = pods.collect();
    let mut next = pod(&mut random, "next", "");
    if random.below(2) == 0 {
        next.spec.priority = Some(100);
    }
    let cluster = Cluster {
        snapshot,
        nodes,
        pods,
        next,
    };
    (random, cluster)
}

fn verdicts(pod: &Pod, snapshot: &Snapshot) -> Vec<(String, Verdict)> {
    let outcome = scheduling::schedule(pod, snapshot);
    let named = |(node, verdict): (NodeId, Verdict)| (snapshot.node_name(node).into(), verdict);
    outcome.nodes.into_iter().map(named).collect()
}

#[test]
fn all_filters_together_are_each_filter_alone() {
    for seed in 0..300 {
        let (_, cluster) = cluster(seed);
        let together = Cycle::new(&cluster.next, &cluster.snapshot);
        for node in cluster.snapshot.nodes() {
            let alone = Plugin::FILTERS.map(|plugin| {
                let cycle = Cycle::with(&[plugin], &cluster.next, &cluster.snapshot);
                cycle.verdict(node)
            });
            let first = alone.iter().find(|verdict| !verdict.fits());
            let first = first.cloned().unwrap_or_default();
            assert_eq!(together.verdict(node), first, "{seed}");
            assert_eq!(together.fits(node), first.fits(), "{seed}");
            let all: Vec<_> = alone.iter().flat_map(Verdict::misfits).cloned().collect();
            assert_eq!(together.explain(node), all, "{seed}");
        }
    }
}

#[test]
fn a_cluster_that_was_changed_is_one_that_was_made_so() {
    for seed in 0..300 {
        let (mut random, mut cluster) = cluster(seed);
        let mut left = Vec::new();
        for (pod, id) in &cluster.pods {
            if random.below(2) == 0 {
                assert!(cluster.snapshot.remove_pod(*id));
                assert!(!cluster.snapshot.remove_pod(*id));
            } else {
                left.push(pod);
            }
        }
        let changed = usize::try_from(random.below(5)).expect("a small index");
        let name = cluster.nodes[changed].metadata.name.clone();
        cluster.nodes[changed] = node(&mut random, &name);
        if random.below(2) == 0 {
            assert!(cluster.snapshot.remove_node(&name));
        }
        cluster.snapshot.set_node(&cluster.nodes[changed]);
        let mut fresh = Snapshot::new();
        for pod in left {
            fresh.add_pod(pod);
        }
        for node in &cluster.nodes {
            fresh.set_node(node);
        }
        let sorted = |snapshot: &Snapshot| {
            let mut verdicts = verdicts(&cluster.next, snapshot);
            verdicts.sort_by(|a, b| a.0.cmp(&b.0));
            verdicts
        };
        assert_eq!(sorted(&cluster.snapshot), sorted(&fresh), "{seed}");
    }
}

/// A taint changes where pods are counted for spreading, but only under a policy that nothing here
/// asks for.
#[test]
fn a_taint_more_makes_no_node_fit() {
    for seed in 0..300 {
        let (mut random, mut cluster) = cluster(seed);
        let before = verdicts(&cluster.next, &cluster.snapshot);
        let tainted = usize::try_from(random.below(5)).expect("a small index");
        let mut node = cluster.nodes[tainted].clone();
        node.spec.taints.push(decode(taint(&mut random)));
        cluster.snapshot.set_node(&node);
        let after = verdicts(&cluster.next, &cluster.snapshot);
        for ((_, before), (_, after)) in before.iter().zip(&after) {
            assert!(before.fits() || !after.fits(), "{seed}");
        }
    }
}

/// With spreading, a pod more may raise what the emptiest domain holds; with affinity, it may be the
/// one that was missed.
#[test]
fn a_pod_more_makes_no_node_fit_without_spreading_and_affinity() {
    for seed in 0..300 {
        let (mut random, mut cluster) = cluster(seed);
        cluster.next.spec.topology_spread_constraints.clear();
        if let Some(affinity) = &mut cluster.next.spec.affinity {
            affinity.pod_affinity = None;
        }
        let before = verdicts(&cluster.next, &cluster.snapshot);
        let on = random.pick(&["n0", "n1", "n2", "n3", "n4"]);
        cluster.snapshot.add_pod(&pod(&mut random, "more", on));
        let after = verdicts(&cluster.next, &cluster.snapshot);
        for ((_, before), (_, after)) in before.iter().zip(&after) {
            assert!(before.fits() || !after.fits(), "{seed}");
        }
    }
}

/// Whether a victim has a port that a pod has, too, which stays on the node: of one port, the
/// scheduler does not count the pods.
fn shares_a_port(cluster: &Cluster, node: NodeId, victims: &[PodId]) -> bool {
    let name = cluster.snapshot.node_name(node);
    let on_node = cluster
        .pods
        .iter()
        .filter(|(pod, _)| pod.spec.node_name == name);
    let (gone, staying): (Vec<_>, Vec<_>) = on_node.partition(|(_, id)| victims.contains(id));
    let port = |(pod, _): &(Pod, PodId)| Some(pod.spec.containers[0].ports.first()?.host_port);
    let staying: Vec<_> = staying.into_iter().filter_map(port).collect();
    gone.into_iter()
        .filter_map(port)
        .any(|port| staying.contains(&port))
}

#[test]
fn without_its_victims_a_node_fits_the_preemptor() {
    let mut seen = 0;
    for seed in 0..800 {
        let (_, cluster) = cluster(seed);
        let found = preemption::find(&cluster.next, &cluster.snapshot, &[]);
        let found = found.expect("it may preempt");
        for attempt in &found.nodes {
            let Finding::Candidate(candidate) = &attempt.finding else {
                continue;
            };
            assert_eq!(attempt.code, Code::Unschedulable, "{seed}");
            let mut snapshot = cluster.snapshot.clone();
            for victim in &candidate.victims {
                assert!(snapshot.remove_pod(*victim), "{seed}");
            }
            let verdict = Cycle::new(&cluster.next, &snapshot).verdict(attempt.node);
            if shares_a_port(&cluster, attempt.node, &candidate.victims) {
                assert!(
                    verdict
                        .misfits()
                        .iter()
                        .all(|misfit| *misfit == Misfit::Ports)
                );
            } else {
                assert!(verdict.fits(), "{seed}");
            }
            seen += 1;
        }
        let any = found.nodes.iter();
        let any = any.filter(|attempt| matches!(attempt.finding, Finding::Candidate(_)));
        assert_eq!(any.count() > 0, found.choice.is_some(), "{seed}");
    }
    assert!(seen > 60, "{seen} candidates");
}

/// Found by fuzzing: amounts that validation would have refused.
#[test]
fn requests_below_nothing_lead_to_no_score_beyond_the_best() {
    for (requests, allocatable) in [("-2", "4"), ("-9e18", "1m"), ("2", "-4")] {
        let mut snapshot = Snapshot::new();
        snapshot.set_node(&decode(json!({
            "metadata": {"name": "a"},
            "status": {"allocatable": {"cpu": allocatable, "memory": allocatable, "pods": "9"}},
        })));
        let pod: Pod = decode(
            json!({"spec": {"containers": [{"name": "app", "resources": {
                "requests": {"cpu": requests, "memory": requests},
            }}]}}),
        );
        let nodes = snapshot.nodes().collect();
        let ranking = score::rank(&Cycle::new(&pod, &snapshot), nodes);
        for (score, scores) in &ranking.rows {
            let [normalized] = scores.normalized[..] else {
                panic!("one node has one score");
            };
            assert!((0..=100).contains(&normalized), "{score:?}: {normalized}");
        }
    }
}

#[test]
fn the_best_node_is_one_that_the_pod_fits() {
    for seed in 0..150 {
        let (_, cluster) = cluster(seed);
        let placement = scheduling::schedule_one(&cluster.next, &cluster.snapshot);
        let cycle = Cycle::new(&cluster.next, &cluster.snapshot);
        match placement.ranking.best() {
            Some(best) => assert!(cycle.fits(best), "{seed}"),
            None => assert!(
                placement.outcome.summary().starts_with("0/5 nodes"),
                "{seed}"
            ),
        }
        for (score, scores) in &placement.ranking.rows {
            for normalized in &scores.normalized {
                assert!((0..=100).contains(normalized), "{seed}: {score:?}");
            }
        }
    }
}
