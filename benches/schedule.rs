//! What it costs to hold one pod against all nodes of a cluster with ten pods on each.

use std::{hint::black_box, time::Duration};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use pod_lifecycle::{
    api::{Node, Pod},
    scheduling::{self, Cycle, Snapshot, preemption, score},
};
use serde_json::{Value, json};

const SIZES: [usize; 4] = [100, 1_000, 5_000, 100_000];

fn node(index: usize) -> Node {
    let name = format!("node-{index}");
    let taints = match index % 10 {
        0 => json!([{"key": "dedicated", "value": "infra", "effect": "NoSchedule"}]),
        _ => json!([]),
    };
    decode(json!({
        "metadata": {"name": name, "labels": {
            "kubernetes.io/hostname": name,
            "kubernetes.io/os": "linux",
            "kubernetes.io/arch": "amd64",
            "topology.kubernetes.io/region": "eu",
            "topology.kubernetes.io/zone": format!("eu-{}", index % 3),
            "node.kubernetes.io/instance-type": format!("m{}", index % 4),
            "disk": if index % 2 == 0 { "ssd" } else { "hdd" },
            "pool": format!("pool-{}", index % 7),
        }},
        "spec": {"taints": taints},
        "status": {"allocatable": {
            "cpu": "8", "memory": "32Gi", "ephemeral-storage": "100Gi", "pods": "110",
        }},
    }))
}

fn running(node: usize, index: usize) -> Pod {
    let app = (node * 7 + index) % 50;
    decode(json!({
        "metadata": {
            "name": format!("app-{app}-{node}-{index}"),
            "namespace": format!("team-{}", app % 5),
            "labels": {"app": format!("app-{app}"), "tier": "back"},
        },
        "spec": {
            "nodeName": format!("node-{node}"),
            "containers": [{"name": "app", "image": "app", "resources": {
                "requests": {"cpu": "500m", "memory": "1Gi"},
            }}],
        },
    }))
}

fn incoming(more: Value) -> Pod {
    let mut pod = json!({
        "metadata": {
            "name": "next", "namespace": "team-0", "labels": {"app": "app-5", "tier": "back"},
        },
        "spec": {"priority": 10, "containers": [{"name": "app", "image": "app", "resources": {
            "requests": {"cpu": "1", "memory": "2Gi"},
        }}]},
    });
    for (key, value) in more.as_object().expect("an object") {
        pod["spec"][key] = value.clone();
    }
    decode(pod)
}

fn decode<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("a valid object")
}

fn pods() -> [(&'static str, Pod); 3] {
    let like = json!({"matchLabels": {"app": "app-5"}});
    [
        ("plain", incoming(json!({}))),
        (
            "node affinity",
            incoming(json!({"affinity": {"nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [
                    {"matchExpressions": [
                        {"key": "disk", "operator": "In", "values": ["ssd"]},
                        {"key": "pool", "operator": "NotIn", "values": ["pool-3", "pool-4"]},
                    ]},
                ]},
            }}})),
        ),
        (
            "anti-affinity and spread",
            incoming(json!({
                "affinity": {"podAntiAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": [
                        {"labelSelector": like, "topologyKey": "kubernetes.io/hostname"},
                    ],
                }},
                "topologySpreadConstraints": [{
                    "maxSkew": 5, "topologyKey": "topology.kubernetes.io/zone",
                    "whenUnsatisfiable": "DoNotSchedule", "labelSelector": like,
                }],
            })),
        ),
    ]
}

fn cluster(nodes: usize) -> Snapshot {
    let mut snapshot = Snapshot::new();
    for index in 0..nodes {
        snapshot.set_node(&node(index));
        for pod in 0..10 {
            snapshot.add_pod(&running(index, pod));
        }
    }
    snapshot
}

fn filters(criterion: &mut Criterion) {
    for nodes in SIZES {
        let snapshot = cluster(nodes);
        let mut group = criterion.benchmark_group("filter");
        group.throughput(Throughput::Elements(nodes as u64));
        for (name, pod) in pods() {
            group.bench_function(BenchmarkId::new(name, nodes), |b| {
                b.iter(|| Cycle::new(black_box(&pod), &snapshot).feasible().count());
            });
            group.bench_function(BenchmarkId::new(format!("{name}, verdicts"), nodes), |b| {
                b.iter(|| scheduling::schedule(black_box(&pod), &snapshot).feasible());
            });
        }
        group.finish();
        if nodes > 5_000 {
            continue;
        }
        let mut group = criterion.benchmark_group("score");
        group.throughput(Throughput::Elements(nodes as u64));
        for (name, pod) in pods() {
            let cycle = Cycle::new(&pod, &snapshot);
            let feasible: Vec<_> = cycle.feasible().collect();
            group.bench_function(BenchmarkId::new(name, nodes), |b| {
                b.iter(|| score::rank(black_box(&cycle), feasible.clone()).best());
            });
        }
        group.finish();
    }
}

fn changes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("snapshot");
    for nodes in [100, 5_000] {
        let mut snapshot = cluster(nodes);
        let pod = running(nodes / 2, 3);
        group.bench_function(BenchmarkId::new("add and remove a pod", nodes), |b| {
            b.iter(|| {
                let added = snapshot.add_pod(black_box(&pod));
                snapshot.remove_pod(added)
            });
        });
        let changed = node(nodes / 3);
        group.bench_function(BenchmarkId::new("change a node", nodes), |b| {
            b.iter(|| snapshot.set_node(black_box(&changed)));
        });
        let large = incoming(json!({"containers": [{"name": "app", "resources": {
            "requests": {"cpu": "6"},
        }}]}));
        group.bench_function(BenchmarkId::new("preemption on all nodes", nodes), |b| {
            b.iter(|| preemption::find(black_box(&large), &snapshot, &[]));
        });
    }
    group.finish();
}

criterion_group! {
    name = scheduling;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    targets = filters, changes
}
criterion_main!(scheduling);
