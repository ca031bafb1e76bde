//! What holds of derived statuses whatever a pod and its runtime go through.

use std::collections::BTreeMap;

use pod_lifecycle::{
    api::{Pod, PodCondition, PodConditionType, PodPhase, PodStatus},
    jiff::Timestamp,
    lifecycle::{
        Observation, ObservedContainer, ObservedState, Sandbox, SandboxState,
        status::{MergeInput, Record, StatusInput, Update, merge, pod_status, update},
    },
};

use crate::{
    lifecycle_properties::{observation, pod},
    random::Random,
    story::second,
};

/// How many pods each property is tried on.
const PODS: usize = 2000;
/// How much happens to a pod whose life is followed.
const EVENTS: i64 = 30;

fn derive(
    pod: &Pod,
    seen: &Observation,
    previous: Option<&PodStatus>,
    now: Timestamp,
) -> PodStatus {
    pod_status(&StatusInput {
        previous,
        ..StatusInput::new(pod, seen, now)
    })
}

fn take_over(pod: &Pod, cached: Option<&PodStatus>, new: PodStatus, now: Timestamp) -> Update {
    let record = Record {
        pod,
        cached,
        mirror: None,
        now,
    };
    update(&record, new)
}

fn is_over(status: &PodStatus) -> bool {
    matches!(status.phase, Some(PodPhase::Succeeded | PodPhase::Failed))
}

/// A runtime whose containers come, run, end and are forgotten as it happens.
struct Runtime {
    seen: Observation,
    made: u32,
}

impl Runtime {
    fn new() -> Self {
        let sandbox = Sandbox {
            id: "s0".into(),
            state: SandboxState::Ready,
            ip: Some("10.0.0.7".into()),
            ..Sandbox::default()
        };
        let seen = Observation {
            sandboxes: vec![sandbox],
            ..Observation::default()
        };
        Self { seen, made: 0 }
    }

    fn happen(
        &mut self,
        random: &mut Random,
        pod: &Pod,
        status: Option<&PodStatus>,
        now: Timestamp,
    ) {
        let containers: Vec<_> = pod.spec.all_containers().collect();
        let index = usize::try_from(random.below(containers.len() as u64)).expect("small");
        let name = containers[index].name();
        let newest = self.seen.containers.iter().position(|it| it.name == name);
        match (random.below(6), newest) {
            (0, _) => self.seen.containers.retain(|it| it.name != name),
            (1, Some(at)) => self.seen.containers[at].state = ObservedState::Unknown,
            (2, Some(at)) => {
                let container = &mut self.seen.containers[at];
                container.state = ObservedState::Exited;
                container.exit_code = i32::try_from(random.below(2)).expect("small");
                container.finished_at = Some(now);
            }
            _ => {
                // As the kubelet numbers them: one more than the status says.
                let restart_count = status.map_or(0, |status| {
                    counts(status).get(name).map_or(0, |count| count + 1)
                });
                self.made += 1;
                let container = ObservedContainer {
                    id: format!("sim://{}", self.made),
                    name: name.into(),
                    state: ObservedState::Running,
                    created_at: Some(now),
                    started_at: Some(now),
                    restart_count,
                    active: true,
                    ..ObservedContainer::default()
                };
                self.seen.containers.insert(0, container);
            }
        }
    }
}

fn counts(status: &PodStatus) -> BTreeMap<String, i32> {
    let lists = [
        &status.init_container_statuses,
        &status.container_statuses,
        &status.ephemeral_container_statuses,
    ];
    let all = lists.into_iter().flatten();
    all.map(|it| (it.name.clone(), it.restart_count)).collect()
}

#[test]
fn a_pod_that_is_over_stays_over_and_restart_counts_never_fall() {
    let mut random = Random(31);
    let (mut published, mut restarts, mut over, mut refused) = (0, 0, 0, 0);
    for _ in 0..PODS / 5 {
        let (mut pod, mut runtime) = (pod(&mut random), Runtime::new());
        let mut cached: Option<Box<PodStatus>> = None;
        for at in 0..EVENTS {
            let now = second(at);
            runtime.happen(&mut random, &pod, cached.as_deref(), now);
            let mut input = StatusInput::new(&pod, &runtime.seen, now);
            input.previous = cached.as_deref();
            input.terminal = random.below(12) == 0;
            let derived = pod_status(&input);
            let after = match take_over(&pod, cached.as_deref(), derived, now) {
                Update::Changed(status) => status,
                Update::Unchanged => continue,
                Update::Refused(_) => {
                    refused += 1;
                    continue;
                }
            };
            published += 1;
            if let Some(before) = &cached {
                assert!(
                    !is_over(before) || after.phase == before.phase,
                    "{:?}",
                    pod.spec
                );
                let counted = counts(&after);
                for (name, before) in counts(before) {
                    assert!(counted[&name] >= before, "{name} of {:?}", pod.spec);
                    restarts += usize::from(counted[&name] > before);
                }
            }
            over += usize::from(is_over(&after));
            // What the API server holds follows, as far as the kubelet writes it.
            let input = MergeInput {
                pod: &pod,
                old: &pod.status,
                could_have_running_containers: false,
                now,
            };
            pod.status = merge(&input, (*after).clone());
            assert_eq!(pod.status.phase, after.phase);
            cached = Some(after);
        }
    }
    assert!(
        published > 4000 && restarts > 1500,
        "{published} with {restarts} restarts"
    );
    assert!(over > 300 && refused > 20, "{over} over, {refused} refused");
}

/// Leaves out how often init containers were restarted whose records are gone while all containers restart.
///
/// The kubelet counts those once more with every look, until the regular containers are gone, too.
fn without_counts_of_gone(status: &PodStatus, seen: &Observation) -> PodStatus {
    let mut status = status.clone();
    let restarting = PodConditionType::ALL_CONTAINERS_RESTARTING;
    if status
        .condition(&restarting)
        .is_some_and(PodCondition::is_true)
    {
        for container in &mut status.init_container_statuses {
            let is_gone = seen.container(&container.name).is_none();
            if is_gone && container.state.terminated.is_some() {
                container.restart_count = 0;
            }
        }
    }
    status
}

#[test]
fn a_status_that_is_derived_again_says_nothing_new() {
    let mut random = Random(32);
    let (mut settled_at_once, mut counting) = (0, 0);
    for _ in 0..PODS {
        let (pod, seen) = (pod(&mut random), observation(&mut random));
        let derived = derive(&pod, &seen, None, second(0));
        assert_eq!(derived, derive(&pod, &seen, None, second(0)));
        let Update::Changed(mut cached) = take_over(&pod, None, derived, second(0)) else {
            panic!("the first status is new: {:?}", pod.spec);
        };
        // What the runtime has lost counts as killed once a status says that it ran, and an init container whose
        // record is gone as removed once one says that it had succeeded.
        for look in 1.. {
            let derived = derive(&pod, &seen, Some(&cached), second(look));
            match take_over(&pod, Some(&cached), derived, second(look)) {
                Update::Unchanged => {
                    settled_at_once += usize::from(look == 1);
                    break;
                }
                Update::Changed(status) if look > 2 => {
                    let [old, new] =
                        [&cached, &status].map(|status| without_counts_of_gone(status, &seen));
                    assert_eq!(old, new, "{:?}\n{seen:?}", pod.spec);
                    counting += 1;
                    break;
                }
                Update::Changed(status) => cached = status,
                Update::Refused(why) => panic!("{why} {:?}", pod.spec),
            }
        }
    }
    assert!(
        (PODS * 3 / 4..PODS).contains(&settled_at_once),
        "{settled_at_once}"
    );
    assert!((1..PODS / 20).contains(&counting), "{counting}");
}
