//! What holds of the lifecycle's decisions whatever a pod and its runtime look like.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use pod_lifecycle::{
    api::{Container, Pod, Probe},
    jiff::Timestamp,
    lifecycle::{
        self, Observation, ObservedContainer, ObservedState, Plan, PlanInput, Sandbox,
        SandboxState,
        back_off::{BackOff, BackOffs},
        observation::NetworkMode,
        plan::ActuatedResources,
        probe::{Answer, Kind, Next, Outcome, Tick, TickInput, Worker},
        termination::{self, Ending},
        worker::{self, Arrival, Config, Kill, SyncResult, Update, UpdateKind, Workers},
    },
};
use serde_json::{Value, json};

use crate::{random::Random, story::second};

/// How many pods, or lives of one, each property is tried on.
const CASES: usize = 2000;

const NAMES: [&str; 8] = ["i0", "i1", "i2", "r0", "r1", "r2", "e0", "stray"];

fn container(random: &mut Random, name: &str, policies: &[Option<&str>]) -> Value {
    let mut container = json!({"name": name});
    if let Some(policy) = random.pick(policies) {
        container["restartPolicy"] = policy.into();
    }
    if random.below(4) == 0 {
        container["restartPolicyRules"] = json!([{
            "action": random.pick(&["Restart", "RestartAllContainers"]),
            "exitCodes": {"operator": random.pick(&["In", "NotIn"]), "values": [random.below(3)]},
        }]);
    }
    for probe in ["startupProbe", "livenessProbe"] {
        if random.below(4) == 0 {
            container[probe] = json!({});
        }
    }
    if random.below(3) == 0 {
        let cpu = random.pick(&["100m", "1", "2"]);
        container["resources"] = json!({"requests": {"cpu": cpu}});
        let restart = random.pick(&["NotRequired", "RestartContainer"]);
        container["resizePolicy"] = json!([{"resourceName": "cpu", "restartPolicy": restart}]);
    }
    container
}

pub(crate) fn pod(random: &mut Random) -> Pod {
    let init = [
        None,
        None,
        Some("Always"),
        Some("Always"),
        Some("OnFailure"),
    ];
    let regular = [None, None, Some("Always"), Some("OnFailure"), Some("Never")];
    let (inits, regulars) = (random.below(4), random.below(3) + 1);
    let mut list = |of: char, count: u64, policies: &[Option<&str>]| -> Vec<Value> {
        let names = (0..count).map(|at| format!("{of}{at}"));
        names
            .map(|name| container(random, &name, policies))
            .collect()
    };
    let spec = json!({
        "initContainers": list('i', inits, &init),
        "containers": list('r', regulars, &regular),
        "ephemeralContainers": list('e', 1, &[None]),
        "restartPolicy": random.pick(&["Always", "OnFailure", "Never"]),
        "hostNetwork": random.below(4) == 0,
        "terminationGracePeriodSeconds": random.below(40),
    });
    serde_json::from_value(json!({"spec": spec})).expect("a pod")
}

pub(crate) fn observation(random: &mut Random) -> Observation {
    let mut seen = Observation::default();
    for at in 0..random.below(3) {
        seen.sandboxes.push(Sandbox {
            id: format!("s{at}"),
            state: random.pick(&[
                SandboxState::Ready,
                SandboxState::Ready,
                SandboxState::NotReady,
            ]),
            attempt: u32::try_from(random.below(3)).expect("small"),
            ip: random
                .pick(&[None, Some(""), Some("10.0.0.7")])
                .map(str::to_owned),
            network_mode: random.pick(&[NetworkMode::Pod, NetworkMode::Node]),
            ..Sandbox::default()
        });
    }
    for at in 0..random.below(9) {
        seen.containers.push(ObservedContainer {
            id: format!("c{at}"),
            name: random.pick(&NAMES).into(),
            state: random.pick(&[
                ObservedState::Created,
                ObservedState::Running,
                ObservedState::Running,
                ObservedState::Exited,
                ObservedState::Exited,
                ObservedState::Unknown,
            ]),
            exit_code: i32::try_from(random.below(3)).expect("small"),
            spec_changed: random.below(8) == 0,
            ..ObservedContainer::default()
        });
    }
    seen
}

/// Workers that hold something to be true of the newest instances.
fn workers(seen: &Observation, mut outcome: impl FnMut() -> Option<Outcome>) -> Vec<Worker> {
    let mut workers = Vec::new();
    for name in NAMES {
        for kind in [Kind::Startup, Kind::Liveness] {
            let mut worker = Worker::new(Timestamp::UNIX_EPOCH, kind, name, &Probe::default());
            if let Some(newest) = seen.container(name) {
                worker.container_id.clone_from(&newest.id);
                worker.outcome = outcome();
            }
            workers.push(worker);
        }
    }
    workers
}

fn names<'a>(plan: &Plan<'a>) -> (Vec<&'a str>, Vec<&'a str>) {
    let names = |list: &[&'a Container]| list.iter().map(|container| &*container.name).collect();
    (
        names(&plan.init_containers_to_start),
        names(&plan.containers_to_start),
    )
}

/// A runtime that does what a plan says, at once and without fail.
struct Runtime<'a> {
    pod: &'a Pod,
    seen: Observation,
    actuated: ActuatedResources,
    made: u32,
}

impl Runtime<'_> {
    fn start(&mut self, name: &str) {
        self.made += 1;
        self.seen.containers.insert(
            0,
            ObservedContainer {
                id: format!("new{}", self.made),
                name: name.into(),
                state: ObservedState::Running,
                ..ObservedContainer::default()
            },
        );
    }

    /// Carries out the next plan; `None` when there is nothing to do, or the pod is over.
    fn sync(&mut self) -> Option<(Vec<String>, Vec<String>)> {
        let probes = workers(&self.seen, || Some(Outcome::Success));
        self.sync_with(&probes)
    }

    fn sync_with(&mut self, probes: &[Worker]) -> Option<(Vec<String>, Vec<String>)> {
        let before = self.seen.clone();
        let actuated = self.actuated.clone();
        let mut input = PlanInput::new(self.pod, &before);
        input.probes = probes;
        input.actuated = Some(&actuated);
        let plan = lifecycle::plan(&input);
        if plan.is_empty() || (plan.kill_pod && !plan.create_sandbox) {
            return None;
        }
        for seen in &mut self.seen.containers {
            let is_killed = plan
                .containers_to_kill
                .iter()
                .any(|kill| kill.id == seen.id);
            if (plan.kill_pod || is_killed) && seen.state != ObservedState::Exited {
                seen.state = ObservedState::Exited;
                seen.exit_code = 137;
            }
        }
        if plan.create_sandbox {
            let is_init = |name: &str| name.starts_with('i');
            self.seen.containers.retain(|seen| !is_init(&seen.name));
            self.seen.sandboxes = vec![Sandbox {
                id: format!("sandbox{}", plan.attempt),
                state: SandboxState::Ready,
                attempt: plan.attempt,
                ip: Some("10.0.0.8".into()),
                network_mode: if self.pod.spec.host_network {
                    NetworkMode::Node
                } else {
                    NetworkMode::Pod
                },
                ..Sandbox::default()
            }];
        }
        for container in &plan.ephemeral_containers_to_start {
            self.start(&container.name);
        }
        let (init, regular) = names(&plan);
        let started = init.iter().chain(&regular);
        started.for_each(|name| self.start(name));
        let spec = &self.pod.spec;
        for container in spec.init_containers.iter().chain(&spec.containers) {
            let resources = container.resources.clone();
            self.actuated
                .containers
                .insert(container.name.clone(), resources);
        }
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        Some((owned(init), owned(regular)))
    }

    /// Lets the plain init containers that run do their part.
    fn init_containers_succeed(&mut self) {
        for container in &self.pod.spec.init_containers {
            let mut seen = self.seen.containers.iter_mut();
            if let Some(newest) = seen.find(|seen| seen.name == container.name) {
                if newest.state == ObservedState::Running && !container.is_sidecar() {
                    newest.state = ObservedState::Exited;
                }
            }
        }
    }
}

#[test]
fn doing_what_the_plan_says_comes_to_an_end_from_everywhere() {
    let mut random = Random(11);
    for _ in 0..CASES {
        let pod = pod(&mut random);
        let mut runtime = Runtime {
            pod: &pod,
            seen: observation(&mut random),
            actuated: ActuatedResources::default(),
            made: 0,
        };
        let start = runtime.seen.clone();
        // A new sandbox, each init container, the regular ones, and one more look.
        let rounds = 4 + 2 * pod.spec.init_containers.len();
        let ends = (0..rounds).any(|_| {
            let is_over = runtime.sync().is_none();
            let is_waiting = runtime.seen.clone();
            runtime.init_containers_succeed();
            is_over && is_waiting == runtime.seen
        });
        assert!(
            ends,
            "{:?}\nfrom {start:?}\nto {:?}",
            pod.spec, runtime.seen
        );
    }
}

/// Whether an init container, in the instance that was seen last, has done what the next ones wait for.
fn has_done_its_part(container: &Container, seen: &Observation, probes: &[Worker]) -> bool {
    let Some(newest) = seen.container(&container.name) else {
        return false;
    };
    if !container.is_sidecar() {
        return newest.state == ObservedState::Exited && newest.exit_code == 0;
    }
    let passed = |worker: &Worker| {
        worker.kind == Kind::Startup
            && worker.container_id == newest.id
            && worker.outcome == Some(Outcome::Success)
    };
    newest.state == ObservedState::Running
        && (container.startup_probe.is_none() || probes.iter().any(passed))
}

#[test]
fn regular_containers_start_only_when_the_init_containers_are_done_and_the_sidecars_started() {
    let mut random = Random(12);
    let mut first_starts = 0;
    for _ in 0..CASES {
        let pod = pod(&mut random);
        let mut runtime = Runtime {
            pod: &pod,
            seen: Observation::default(),
            actuated: ActuatedResources::default(),
            made: 0,
        };
        let mut done = BTreeSet::new();
        for _ in 0..16 {
            let outcomes = [
                None,
                Some(Outcome::Success),
                Some(Outcome::Success),
                Some(Outcome::Failure),
            ];
            let probes = workers(&runtime.seen, || random.pick(&outcomes));
            let init = &pod.spec.init_containers;
            let now_done = init
                .iter()
                .filter(|it| has_done_its_part(it, &runtime.seen, &probes));
            done.extend(now_done.map(|it| &it.name));
            let synced = runtime.sync_with(&probes);
            if synced.is_some_and(|(_, regular)| !regular.is_empty()) {
                assert_eq!(done.len(), init.len(), "only {done:?} of {:?}", pod.spec);
                first_starts += 1;
                break;
            }
            // Some do their part and some fail, and a sidecar may end at any time.
            for seen in &mut runtime.seen.containers {
                let is_init = seen.name.starts_with('i');
                if is_init && seen.state == ObservedState::Running && random.below(3) == 0 {
                    seen.state = ObservedState::Exited;
                    seen.exit_code = i32::from(random.below(3) == 0);
                }
            }
        }
    }
    assert!(first_starts > CASES / 2, "{first_starts}");
}

#[test]
fn plans_only_name_what_there_is_and_each_thing_once() {
    let mut random = Random(13);
    for _ in 0..CASES {
        let (mut pod, seen) = (pod(&mut random), observation(&mut random));
        let is_deleted = random.below(3) == 0;
        pod.metadata.deletion_timestamp = is_deleted.then(|| second(0).into());
        let outcomes = [
            None,
            Some(Outcome::Success),
            Some(Outcome::Failure),
            Some(Outcome::Unknown),
        ];
        let probes = workers(&seen, || random.pick(&outcomes));
        let actuated = ActuatedResources::default();
        let mut input = PlanInput::new(&pod, &seen);
        input.probes = &probes;
        input.restart_all = random.below(8) == 0;
        input.actuated = (random.below(2) == 0).then_some(&actuated);
        let plan = lifecycle::plan(&input);

        assert!(plan.kill_pod || !plan.create_sandbox);
        let (init, regular) = names(&plan);
        for list in [&init, &regular] {
            let once: BTreeSet<_> = list.iter().collect();
            assert_eq!(once.len(), list.len());
        }
        let ids: Vec<_> = plan.containers_to_kill.iter().map(|kill| kill.id).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        for kill in &plan.containers_to_kill {
            let newest = seen.container(kill.name).expect("it was seen");
            assert_eq!(newest.id, kill.id);
            assert_ne!(newest.state, ObservedState::Exited);
        }
        if is_deleted && !plan.create_sandbox {
            for name in &regular {
                let newest = seen
                    .container(name)
                    .expect("nothing starts for the first time");
                assert_eq!(newest.state, ObservedState::Running, "it is only replaced");
                assert!(ids.contains(&&*newest.id));
            }
        }
        if plan.kill_pod && !plan.create_sandbox {
            assert!(init.is_empty() && regular.is_empty());
        }
    }
}

#[test]
fn containers_of_other_names_do_not_change_a_plan_however_many_there_are() {
    let mut random = Random(14);
    for _ in 0..40 {
        let (pod, few) = (pod(&mut random), observation(&mut random));
        if few.containers.is_empty() {
            continue;
        }
        let mut many = few.clone();
        many.containers
            .extend((0..4000).map(|at| ObservedContainer {
                name: format!("other{at}"),
                ..ObservedContainer::default()
            }));
        let plan = |seen| {
            lifecycle::plan(&PlanInput::new(&pod, seen))
                .containers_to_start
                .len()
        };
        assert_eq!(plan(&few), plan(&many));
        let (few, many) = (PlanInput::new(&pod, &few), PlanInput::new(&pod, &many));
        assert_eq!(lifecycle::plan(&few), lifecycle::plan(&many));
    }
}

#[test]
fn a_back_off_doubles_within_its_bounds_and_never_shrinks_before_it_is_forgotten() {
    let mut random = Random(15);
    for _ in 0..CASES / 4 {
        let initial = Duration::from_millis(random.below(20_000) + 1);
        let max = initial + Duration::from_millis(random.below(600_000));
        let reset_after = Duration::from_millis(random.below(2_000_000));
        let back_off = BackOff {
            initial,
            max,
            reset_after,
        };
        let mut back_offs = BackOffs::new(back_off);
        let mut now = second(0);
        let mut before = None;
        for _ in 0..50 {
            now += Duration::from_millis(random.below(700_000));
            let event = now - Duration::from_millis(random.below(10_000));
            let is_forgotten = before.is_none_or(|entry| back_off.has_expired(entry, event));
            let entry = back_offs.next("key", now, event);
            assert!(initial <= entry.delay && entry.delay <= max);
            let least = before
                .filter(|_| !is_forgotten)
                .map_or(initial, |entry| entry.delay);
            assert!(entry.delay >= least && (!is_forgotten || entry.delay == initial));
            assert!(!back_off.is_waiting(entry, now + entry.delay, now));
            before = Some(entry);
        }
    }
}

#[test]
fn no_container_outlives_its_grace_and_no_sidecar_goes_before_its_time() {
    let mut random = Random(16);
    for _ in 0..CASES {
        let pod = pod(&mut random);
        let spec = &pod.spec;
        let mut running = BTreeMap::new();
        for container in spec.all_containers() {
            let exit = Duration::from_millis(random.below(50_000));
            if random.below(4) == 0 {
                continue;
            }
            running.insert(
                container.name(),
                Ending {
                    exit,
                    ..Ending::default()
                },
            );
        }
        let stops = termination::timeline(&pod, &running, None);
        assert_eq!(stops.len(), running.len());
        let grace = termination::grace_seconds(&pod, None, termination::KillReason::Unknown);
        let grace = Duration::from_secs(u64::try_from(grace).expect("not negative"));
        for stop in &stops {
            assert!(stop.timeout_seconds >= termination::MINIMUM_GRACE_SECONDS);
            assert!(stop.at <= grace && stop.done >= stop.at);
            let timeout = u64::try_from(stop.timeout_seconds).expect("positive");
            assert!(stop.done <= stop.at + Duration::from_secs(timeout));
            let is_alive = |name: &str| {
                let other = stops.iter().find(|other| other.name == name);
                other.is_some_and(|other| other.done > stop.at)
            };
            let waits = termination::waits_for(spec, &stop.name, is_alive).count();
            assert!(
                waits == 0 || stop.at == grace,
                "{} waits for {waits}",
                stop.name
            );
        }
    }
}

#[test]
fn an_outcome_takes_as_many_equal_answers_as_the_probe_says() {
    let mut random = Random(17);
    let text = |started: bool| {
        let state = json!({"running": {"startedAt": second(0)}});
        let web = json!({"name": "r0", "containerID": "c1", "started": started, "state": state});
        serde_json::from_value(json!({"containerStatuses": [web]})).expect("a status")
    };
    let (started, starting) = (text(true), text(false));
    let pod = Pod::default();
    for _ in 0..CASES / 4 {
        let kind = random.pick(&[Kind::Liveness, Kind::Readiness, Kind::Startup]);
        let probe = Probe {
            period_seconds: 10,
            success_threshold: i32::try_from(random.below(3)).expect("small"),
            failure_threshold: i32::try_from(random.below(4)).expect("small"),
            ..Probe::default()
        };
        let mut worker = Worker::new(second(0), kind, "r0", &probe);
        let mut answers = Vec::new();
        for at in 0..60 {
            let tick = worker.tick(&TickInput {
                now: second(at * 10),
                pod: &pod,
                status: Some(if kind == Kind::Startup {
                    &starting
                } else {
                    &started
                }),
                kubelet_start: second(0),
            });
            let before = worker.outcome;
            if tick != Tick::Probe {
                assert!(worker.on_hold);
                break;
            }
            let answer = random.pick(&[
                Answer::Success,
                Answer::Failure,
                Answer::Failure,
                Answer::Error,
            ]);
            let mut attempts = 1;
            while worker.on_answer(answer) == Next::Again {
                attempts += 1;
            }
            assert_eq!(attempts, if answer == Answer::Error { 3 } else { 1 });
            if answer != Answer::Error {
                answers.push(answer);
            }
            if worker.outcome != before {
                let threshold = match worker.outcome {
                    Some(Outcome::Success) => probe.success_threshold,
                    _ => probe.failure_threshold,
                };
                let equal = answers
                    .iter()
                    .rev()
                    .take_while(|&&other| other == answer)
                    .count();
                // A worker starts as if it had seen a success.
                let least = usize::try_from(threshold).expect("small").max(1);
                assert!(equal >= least, "{answers:?} against {probe:?}");
            }
        }
    }
}

#[test]
fn pods_never_go_back_and_their_grace_never_grows() {
    let mut random = Random(18);
    for _ in 0..CASES / 4 {
        let mut workers = Workers::default();
        let mut under_way = BTreeSet::new();
        for _ in 0..80 {
            let uid = random.pick(&["u1", "u2", "u3"]);
            let before = workers.get(uid).cloned();
            let is_known_before = before.is_some();
            match random.below(4) {
                0 => {
                    let is_static = uid != "u3";
                    let config = (random.below(8) != 0).then(|| Config {
                        is_static,
                        is_deleted: random.below(5) == 0,
                        is_terminal: random.below(8) == 0,
                        // A zero reads as none beside a grace that is asked for.
                        deletion_grace_seconds: random.pick(&[None, Some(1), Some(20)]),
                        termination_grace_seconds: random.pick(&[None, Some(30)]),
                    });
                    let kinds = [
                        UpdateKind::Create,
                        UpdateKind::Update,
                        UpdateKind::Sync,
                        UpdateKind::Kill,
                    ];
                    let kill = Kill {
                        evict: random.below(2) == 0,
                        grace_seconds: random.pick(&[None, Some(5)]),
                    };
                    workers.update(Arrival {
                        uid,
                        full_name: if is_static {
                            "etcd_kube-system"
                        } else {
                            "web_shop"
                        },
                        update: Update {
                            kind: random.pick(&kinds),
                            config,
                            kill: Some(kill),
                        },
                        runtime_is_running: random.below(2) == 0,
                    });
                }
                1 => {
                    if let Some((uid, _)) = workers.poll_call() {
                        assert!(under_way.insert(uid), "one call at a time");
                    }
                }
                2 => {
                    let results = [SyncResult::Done, SyncResult::Terminal, SyncResult::Failed];
                    workers.handle_result(uid, random.pick(&results));
                    under_way.remove(uid);
                }
                _ => {
                    let desired = random.below(3) != 0;
                    workers.sync_known(|_| desired);
                }
            }
            if let (Some(before), Some(after)) = (before, workers.get(uid)) {
                let is_same = is_known_before && after.stage >= before.stage;
                assert!(is_same, "{before:?} then {after:?}");
                assert!(after.grace_seconds <= before.grace_seconds || before.grace_seconds == 0);
                assert_eq!(after.call.is_some(), under_way.contains(uid));
            }
        }
    }
    let settings = worker::RequeueSettings::default();
    let longest = worker::requeue(second(0), &settings, false, None).delay(u32::MAX);
    assert!(longest <= Duration::from_secs(90));
}
