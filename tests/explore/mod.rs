//! Every state that small pods can come into, explored to a fixed point.
//!
//! A state is a machine in a world that does at once what it is asked for, save that a container that is asked to
//! stop may take its time, and a probe may be answered late. From each state everything is tried that can happen:
//! each running container exits with 0 or 1, a probe succeeds or fails, the pod is deleted, time passes until the next
//! deadline. States are finite in number by an abstraction: what is past is past, however long; restart counts are
//! counted to one; waits, whose settings are short here, count from now. One representative of each abstract state is
//! gone on from.
//!
//! By default pods with up to two containers are explored, and a probe beside no other container; `EXPLORE=all` goes on
//! to two init containers, plain or sidecars, beside two regular ones, one with a probe, and `EXPLORE=Never/pp` to those
//! of them whose names have this part. All 126 were seen to their end once, with 3,354,937 states, the largest with
//! 864,195; optimized, that takes an hour.

mod diagram;
mod invariants;
mod world;

use std::collections::BTreeSet;

use pod_lifecycle::api::{Container, ContainerRestartPolicy, Pod, Probe};
use serde_json::json;

use self::{diagram::Diagrams, world::World};

#[derive(Default)]
struct Counts {
    pods: usize,
    states: usize,
    edges: usize,
    diagrams: Diagrams,
}

/// Pods with up to two init containers, plain or sidecars, and one or two regular ones, the first with a probe or not.
fn pods(all: bool) -> Vec<(String, Pod)> {
    let mut pods = Vec::new();
    for policy in ["Always", "OnFailure", "Never"] {
        for inits in ["", "p", "s", "pp", "ps", "sp", "ss"] {
            for regular in 1..=2 {
                for probe in ["none", "readiness", "liveness"] {
                    let containers = inits.len() + regular;
                    if all || containers == 1 || containers == 2 && probe == "none" {
                        let name = format!("{policy}/{inits}/{regular}/{probe}");
                        pods.push((name, pod(policy, inits, regular, probe)));
                    }
                }
            }
        }
    }
    pods
}

fn pod(policy: &str, inits: &str, regular: usize, probe: &str) -> Pod {
    let mut pod: Pod = serde_json::from_value(json!({
        "metadata": {"name": "web", "uid": "1"},
        "spec": {"restartPolicy": policy, "terminationGracePeriodSeconds": 10, "containers": []}
    }))
    .expect("a pod");
    let container = |name: String| Container {
        name,
        image: "web:1".into(),
        image_pull_policy: Some("IfNotPresent".into()),
        ..Container::default()
    };
    for (at, kind) in inits.chars().enumerate() {
        let mut init = container(format!("init-{at}"));
        init.restart_policy = (kind == 's').then_some(ContainerRestartPolicy::Always);
        pod.spec.init_containers.push(init);
    }
    for at in 0..regular {
        pod.spec.containers.push(container(format!("app-{at}")));
    }
    let asked: Probe = serde_json::from_value(json!({
        "httpGet": {"path": "/", "port": 80}, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 1
    }))
    .expect("a probe");
    let first = &mut pod.spec.containers[0];
    match probe {
        "readiness" => first.readiness_probe = Some(Box::new(asked)),
        "liveness" => first.liveness_probe = Some(Box::new(asked)),
        _ => {}
    }
    pod
}

/// Goes on from every state until no new one is found.
fn explore(name: &str, pod: Pod, counts: &mut Counts) {
    let mut first = World::new(pod);
    counts.diagrams.note(None, &first);
    let mut seen = BTreeSet::from([first.key()]);
    let mut open = vec![first];
    while let Some(world) = open.pop() {
        for event in world.events() {
            let mut next = world.clone();
            next.take(&event);
            let new = seen.insert(next.key());
            let mut checked = invariants::check(&world, &next);
            if new {
                checked = checked.and_then(|()| invariants::check_state(&next));
            }
            if let Err(broken) = checked {
                panic!("{name}, {event:?}: {broken}\nafter: {:#?}", next.machine);
            }
            counts.edges += 1;
            counts.diagrams.note(Some(&world), &next);
            if new {
                open.push(next);
                if seen.len() % 100_000 == 0 {
                    println!("{name}: {} states, {} open", seen.len(), open.len());
                }
            }
        }
    }
    counts.pods += 1;
    counts.states += seen.len();
}

#[test]
fn every_state_of_small_pods_keeps_the_rules() {
    let asked = std::env::var("EXPLORE").ok();
    let all = asked.is_some();
    let part = asked.filter(|asked| asked != "all").unwrap_or_default();
    let mut counts = Counts::default();
    for (name, pod) in pods(all) {
        if !name.contains(&part) {
            continue;
        }
        let before = counts.states;
        explore(&name, pod, &mut counts);
        println!("{name}: {} states", counts.states - before);
    }
    println!(
        "{} pods, {} states, {} edges",
        counts.pods, counts.states, counts.edges
    );
    if !all {
        counts.diagrams.check();
    }
}
