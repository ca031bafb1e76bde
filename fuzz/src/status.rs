use arbitrary::{Arbitrary as _, Result, Unstructured};
use pod_lifecycle::{
    api::{Pod, PodCondition, PodConditionType, PodPhase, PodStatus},
    jiff::Timestamp,
    lifecycle::{
        Observation, ObservedContainer, ObservedState, Sandbox, SandboxState, explain, health,
        probe::Outcome,
        status::{self, MergeInput, ProbeState, Probes, Record, StartFailure, StatusInput, Update},
    },
};

/// Whatever a runtime shows of whatever pod, its status can be told; and once told, it is no news.
pub fn status(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let _ = follow(&mut u);
}

const NOW: i64 = 1_772_355_600;

fn follow(u: &mut Unstructured<'_>) -> Result<()> {
    let observation_bytes = u.bytes(u.len() / 4)?;
    let pod = Pod::arbitrary(u)?;
    let previous = Option::<PodStatus>::arbitrary(u)?;
    let observation = observation(&mut Unstructured::new(observation_bytes), &pod)?;
    let (worker, failing, terminal) = (u.arbitrary()?, u.arbitrary()?, u.arbitrary()?);
    let probe = ProbeState {
        worker,
        outcome: *u.choose(&[None, Some(Outcome::Success), Some(Outcome::Failure)])?,
    };
    let failure = StartFailure {
        reason: "CrashLoopBackOff",
        message: "",
    };
    let derived = status::pod_status(&StatusInput {
        previous: previous.as_ref(),
        terminal,
        probes: Probes {
            kubelet_started_at: at(0),
            startup: &|_| probe,
            readiness: &|_| probe,
        },
        start_failure: &|_| Some(failure).filter(|_| failing),
        ..StatusInput::new(&pod, &observation, at(0))
    });
    is_complete(&derived, &pod);
    is_told_once(&derived, &pod, previous.as_ref());
    is_merged(&derived, &pod);
    notes_never_panic(&pod, previous.as_ref());
    for cause in explain::not_ready(&pod)
        .iter()
        .chain(&explain::pending(&pod))
    {
        assert!(!cause.needs().to_string().is_empty());
    }
    for container in pod.spec.all_containers() {
        let why = explain::not_restarted(&pod, container.name());
        assert!(why.is_none_or(|why| !why.needs().to_string().is_empty()));
    }
    assert_eq!(
        health::is_terminal(&pod),
        matches!(
            health::of(&pod),
            health::Health::Succeeded | health::Health::Failed { .. }
        ),
    );
    Ok(())
}

fn at(seconds: i16) -> Timestamp {
    Timestamp::from_second(NOW + i64::from(seconds)).expect("a time of the year 2026")
}

fn observation(u: &mut Unstructured<'_>, pod: &Pod) -> Result<Observation> {
    let mut observation = Observation::default();
    let mut names: Vec<_> = pod
        .spec
        .all_containers()
        .map(|found| found.name())
        .collect();
    names.push("stranger");
    while !u.is_empty() && observation.containers.len() < 16 {
        let time = |u: &mut Unstructured<'_>| Result::Ok(Option::<i16>::arbitrary(u)?.map(at));
        observation.containers.push(ObservedContainer {
            name: (*u.choose(&names)?).into(),
            id: (*u.choose(&["", "containerd://1", "containerd://2"])?).into(),
            state: *u.choose(&[
                ObservedState::Created,
                ObservedState::Running,
                ObservedState::Exited,
                ObservedState::Unknown,
            ])?,
            created_at: time(u)?,
            started_at: time(u)?,
            finished_at: time(u)?,
            exit_code: *u.choose(&[0, 1, 42, 137, -1])?,
            restart_count: *u.choose(&[0, 1, i32::MAX, i32::MIN])?,
            active: u.arbitrary()?,
            ..ObservedContainer::default()
        });
        if u.ratio(1, 4)? {
            observation.sandboxes.push(Sandbox {
                state: *u.choose(&[SandboxState::Ready, SandboxState::NotReady])?,
                ..Sandbox::default()
            });
        }
    }
    Ok(observation)
}

fn is_complete(status: &PodStatus, pod: &Pod) {
    use PodPhase::{Failed, Pending, Running, Succeeded};
    assert!(matches!(
        status.phase,
        Some(Pending | Running | Succeeded | Failed)
    ));
    assert_eq!(status.container_statuses.len(), pod.spec.containers.len());
    assert_eq!(
        status.init_container_statuses.len(),
        pod.spec.init_containers.len()
    );
    assert!(status.qos_class.is_some());
    let is = |type_| status.condition(&type_).is_some_and(PodCondition::is_true);
    assert!(!is(PodConditionType::READY) || is(PodConditionType::CONTAINERS_READY));
}

fn is_told_once(status: &PodStatus, pod: &Pod, cached: Option<&PodStatus>) {
    let mut record = Record {
        pod,
        cached,
        mirror: None,
        now: at(0),
    };
    let Update::Changed(told) = status::update(&record, status.clone()) else {
        return;
    };
    record.cached = Some(&told);
    record.now = at(1);
    let again = status::update(&record, status.clone());
    let is_deleted = pod.metadata.deletion_timestamp.is_some();
    assert!(
        is_deleted || !matches!(again, Update::Changed(_)),
        "{again:?}"
    );
}

fn is_merged(new: &PodStatus, pod: &Pod) {
    let merged = status::merge(
        &MergeInput {
            pod,
            old: &pod.status,
            could_have_running_containers: false,
            now: at(0),
        },
        new.clone(),
    );
    let mut kept = merged.conditions.iter();
    let foreign = pod.status.conditions.iter();
    for condition in foreign.filter(|condition| condition.type_.as_str().contains('/')) {
        assert!(kept.any(|kept| kept == condition), "{condition:?} is lost");
    }
    let ready = merged.condition(&PodConditionType::READY);
    let is_over = matches!(merged.phase, Some(PodPhase::Succeeded | PodPhase::Failed));
    assert!(!is_over || !ready.is_some_and(PodCondition::is_true));
}

fn notes_never_panic(pod: &Pod, cached: Option<&PodStatus>) {
    let record = Record {
        pod,
        cached,
        mirror: None,
        now: at(0),
    };
    for value in [false, true] {
        let _ = status::set_readiness(&record, "", value);
        let _ = status::set_started(&record, "", value);
    }
    assert_ne!(status::terminate(&record), Update::Unchanged);
}
