//! How much memory a machine and a cluster take, and that looking at a pod takes none. A program of its own with one test, since no
//! other may allocate beside it.

#[path = "../examples/fleet/fleet.rs"]
#[allow(clippy::std_instead_of_alloc, dead_code)]
mod fleet;
#[path = "../benches/src/running.rs"]
#[allow(clippy::std_instead_of_alloc, unreachable_pub)]
mod running;

use core::mem::size_of;
use std::{fs::File, io::Read as _};

use flate2::read::MultiGzDecoder;

use peak_alloc::PeakAlloc;
use pod_lifecycle::{
    admission::validation::{self, Options},
    api::{self, PodPhase},
    lifecycle::{
        self, PlanInput,
        status::{PhaseInput, Statuses},
    },
    machine::PodMachine,
    scheduling::Snapshot,
};
use serde_json::json;

use crate::{
    fleet::{Fleet, Load},
    running::Running,
};

/// What a node takes at most in a snapshot, and a pod.
const NODE_BYTES: usize = 512;
const POD_BYTES: usize = 192;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

#[test]
fn machines_and_clusters_are_small_and_looking_at_a_pod_with_nothing_to_do_allocates_nothing() {
    an_idle_machine_with_one_container_is_small();
    a_cluster_is_small();
    a_valid_pod_is_judged_without_allocating();
    for running in [running::typical(), running::large()] {
        looking_allocates_nothing(&running);
    }
}

fn looking_allocates_nothing(running: &Running) {
    let status = running.status();
    let mut input = PlanInput::new(&running.pod, &running.seen);
    input.probes = &running.probes;
    input.actuated = Some(&running.actuated);
    MEMORY.reset_peak_usage();
    let before = MEMORY.peak_usage();
    let is_empty = lifecycle::plan(&input).is_empty();
    let phase = lifecycle::status::phase(&PhaseInput {
        pod: &running.pod,
        statuses: Statuses::of(&status),
        terminal: false,
        initialized: true,
    });
    let after = MEMORY.peak_usage();
    assert_eq!(after, before, "{}", running.name);
    assert!(is_empty && phase == PodPhase::Running);
    let copy = status.clone();
    assert!(MEMORY.peak_usage() > before, "a copy is seen");
    drop(copy);
}

fn an_idle_machine_with_one_container_is_small() {
    let before = MEMORY.current_usage();
    let fleet = Fleet::new(1000, Load::default());
    let each = (MEMORY.current_usage() - before) / 1000;
    println!(
        "{each} bytes: machine {}, pod {}, container {}, status {}, container status {}, observed {}",
        size_of::<PodMachine>(),
        size_of::<api::Pod>(),
        size_of::<api::Container>(),
        size_of::<api::PodStatus>(),
        size_of::<api::ContainerStatus>(),
        size_of::<lifecycle::ObservedContainer>(),
    );
    assert!(each <= 7936, "{each} bytes");
    drop(fleet);
    let before = MEMORY.current_usage();
    let load = Load {
        parks: true,
        ..Load::default()
    };
    let fleet = Fleet::new(1000, load);
    let each = (MEMORY.current_usage() - before) / 1000;
    println!("{each} bytes put away");
    assert!(each <= 1024, "{each} bytes put away");
    drop(fleet);
}

fn a_cluster_is_small() {
    const NODES: usize = 1000;
    let before = MEMORY.current_usage();
    let mut cluster = Snapshot::new();
    for index in 0..NODES {
        let name = format!("node-{index}");
        let node: api::Node = serde_json::from_value(json!({
            "metadata": {"name": name, "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "topology.kubernetes.io/zone": format!("eu-{}", index % 3),
                "node.kubernetes.io/instance-type": format!("m{}", index % 4),
            }},
            "status": {"allocatable": {"cpu": "8", "memory": "32Gi", "pods": "110"}},
        }))
        .expect("a node");
        cluster.set_node(&node);
    }
    let nodes = MEMORY.current_usage();
    for index in 0..NODES * 10 {
        let app = index % 50;
        let pod: api::Pod = serde_json::from_value(json!({
            "metadata": {
                "name": format!("app-{app}-{index}"), "namespace": "shop",
                "labels": {"app": format!("app-{app}"), "tier": "back"},
            },
            "spec": {
                "nodeName": format!("node-{}", index / 10),
                "containers": [{"name": "app", "image": "app:1", "resources": {
                    "requests": {"cpu": "500m", "memory": "1Gi"},
                }}],
            },
        }))
        .expect("a pod");
        cluster.add_pod(&pod);
    }
    let node = (nodes - before) / NODES;
    let pod = (MEMORY.current_usage() - nodes) / (NODES * 10);
    println!("{node} bytes a node, {pod} bytes a pod");
    assert!(node <= NODE_BYTES, "{node} bytes a node");
    assert!(pod <= POD_BYTES, "{pod} bytes a pod");
    assert_eq!(cluster.len(), NODES);
}

fn a_valid_pod_is_judged_without_allocating() {
    let path = "tests/vectors/admission/validate_create.generated.jsonl.gz";
    let mut text = String::new();
    MultiGzDecoder::new(File::open(path).expect("the vectors are there"))
        .read_to_string(&mut text)
        .expect("they are text");
    let mut judged = 0;
    for line in text.lines() {
        let case: serde_json::Value = serde_json::from_str(line).expect("a case");
        let pod: api::Pod = serde_json::from_value(case["in"]["pod"].clone()).expect("a pod");
        let mut options = Options::default();
        options.allow_privileged = case["in"]["allowPrivileged"].as_bool().unwrap_or(true);
        MEMORY.reset_peak_usage();
        let before = MEMORY.peak_usage();
        let is_valid = validation::create(&pod, &options).is_ok();
        let after = MEMORY.peak_usage();
        if is_valid {
            judged += 1;
            assert_eq!(after, before, "{}", case["id"]);
        }
    }
    println!("{judged} valid pods judged");
    assert!(judged > 600);
}
