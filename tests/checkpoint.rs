//! Machines that are written down and read again, or put away and woken, after every call live the same life.

#[path = "conformance/trace/patch.rs"]
mod patch;
#[path = "conformance/trace/play.rs"]
mod play;

use std::{env, fs, io::Read as _, path::Path, sync::Arc, time::Duration};

use flate2::read::MultiGzDecoder;
use pod_lifecycle::{
    api::{Pod, PodStatus},
    machine::PodMachine,
    sim::{Script, Setup, Sim},
};
use serde_json::{Value, json};

use crate::random::Random;

/// Of the recorded lives, every so many-th is lived twice; `CHECKPOINT=all` takes all of them.
const EVERY: usize = 6;

fn reread(machine: &PodMachine) -> PodMachine {
    let text = serde_json::to_string(machine).expect("a machine can be written");
    let read = serde_json::from_str(&text).expect("and read");
    assert_eq!(*machine, read);
    // What the host shares knows nothing of what was published.
    let shared = Pod {
        status: PodStatus::default(),
        ..read.pod().clone()
    };
    let parked = read.clone().park(&Arc::new(shared));
    assert!(
        format!("{parked:?}").contains("Packed"),
        "no machine is kept whole"
    );
    let woken = parked.wake();
    assert_eq!(read, woken);
    woken
}

fn assert_same_life(name: &str, live: impl Fn(&dyn Fn(&mut Sim)) -> Sim) {
    let straight = live(&|_| {});
    let restarted = live(&|sim| sim.restart_host_always(reread));
    assert!(straight.timeline().entries().len() > 1, "{name} is a life");
    let entries = straight.timeline().entries().iter();
    for (straight, restarted) in entries.zip(restarted.timeline().entries()) {
        assert_eq!(straight, restarted, "{name}");
    }
    assert_eq!(straight.timeline(), restarted.timeline(), "{name}");
    assert_eq!(straight.machine(), restarted.machine(), "{name}");
}

#[test]
fn a_recorded_life_is_the_same_with_a_restart_of_the_host_after_every_call() {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/trace/life.generated.jsonl.gz");
    let mut text = String::new();
    let file = fs::File::open(file).expect("the recorded lives");
    MultiGzDecoder::new(file)
        .read_to_string(&mut text)
        .expect("a file of them");
    let every = if env::var("CHECKPOINT").is_ok_and(|which| which == "all") {
        1
    } else {
        EVERY
    };
    for line in text.lines().step_by(every) {
        let case: Value = serde_json::from_str(line).expect("a case");
        let name = case["from"].as_str().unwrap_or_default();
        assert_same_life(name, |prepare| {
            let scenario = serde_json::from_value(case["in"].clone()).expect("a scenario");
            play::play(scenario, play::Jitter::new(900, 1250, false), prepare).expect("a life")
        });
    }
}

/// A pod with scripts of what its containers do.
fn any_pod(random: &mut Random) -> Pod {
    let policy = random.pick(&["Always", "OnFailure", "Never"]);
    let mut containers = [Vec::new(), Vec::new()];
    for (list, bound) in containers.iter_mut().zip([3, 2]) {
        for at in 0..=random.below(bound) {
            list.push(any_container(&at.to_string(), random));
        }
    }
    let [init, regular] = containers;
    let init: Vec<_> = init
        .into_iter()
        .skip(1)
        .enumerate()
        .map(|(at, mut container)| {
            container["name"] = json!(format!("init-{at}"));
            match random.below(2) {
                0 => container["restartPolicy"] = json!("Always"),
                _ => {
                    for probe in [
                        "livenessProbe",
                        "readinessProbe",
                        "startupProbe",
                        "lifecycle",
                    ] {
                        container[probe] = Value::Null;
                    }
                }
            }
            container
        })
        .collect();
    let mut spec = json!({
        "restartPolicy": policy,
        "terminationGracePeriodSeconds": random.below(12),
        "initContainers": init,
        "containers": regular,
    });
    if random.below(4) == 0 {
        spec["activeDeadlineSeconds"] = json!(20 + random.below(60));
    }
    serde_json::from_value(json!({"metadata": {"name": "any"}, "spec": spec})).expect("a pod")
}

fn any_container(name: &str, random: &mut Random) -> Value {
    let lives = [
        "run=1s exit=1",
        "run=3s exit=0",
        "run=7s oom",
        "",
        "create-error",
        "start-error",
        "term=4s/0",
        "term=ignore",
    ];
    let mut args = vec!["script"];
    args.extend((0..=random.below(2)).map(|_| random.pick(&lives)));
    let mut container = json!({
        "name": format!("app-{name}"),
        "image": random.pick(&["app:1", "pull-2s/app:1", "pull-fail-1/app:1"]),
        "args": args,
    });
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        let word = random.pick(&["ok", "fail-from=9s", "ok-from=4s", "slow=1500ms"]);
        if random.below(3) == 0 {
            container[probe] =
                json!({"exec": {"command": ["probe", word]}, "periodSeconds": 1 + random.below(4)});
        }
    }
    for hook in ["postStart", "preStop"] {
        if random.below(4) == 0 {
            let takes = random.pick(&["500ms", "2s", "20s"]);
            let code = random.pick(&["0", "1"]);
            container["lifecycle"][hook] = json!({"exec": {"command": ["hook", takes, code]}});
        }
    }
    container
}

#[test]
fn any_life_is_the_same_with_a_restart_of_the_host_after_every_call() {
    let mut random = Random(21);
    for number in 0..40 {
        let pod = any_pod(&mut random);
        let deleted = Duration::from_secs(5 + random.below(100));
        let pacing = random.below(2);
        assert_same_life(&number.to_string(), |prepare| {
            let mut setup = Setup::default();
            setup.script = Script::from_pod(&pod).expect("a script");
            if pacing == 0 {
                setup.config.pacing = Default::default();
            }
            let mut sim = Sim::new(pod.clone(), setup).expect("a valid pod");
            prepare(&mut sim);
            sim.run_for(deleted);
            sim.delete(None);
            sim.run_for(Duration::from_secs(30));
            sim
        });
    }
}
