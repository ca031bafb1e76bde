//! Hosts that contradict themselves: each gets a defined answer, and no restart is forgotten.

use super::*;

impl Host {
    /// Reports a whole observation, changed from what the machine knows.
    fn relist(&mut self, change: impl FnOnce(&mut pod_lifecycle::lifecycle::Observation)) {
        let mut seen = self.machine.observation().clone();
        change(&mut seen);
        self.say(Input::Observed(seen));
    }

    fn refuses_to_hear(&mut self, input: Input) -> InputError {
        let before = self.machine.clone();
        let error = self
            .machine
            .handle_input(self.now, input)
            .expect_err("it cannot be");
        assert_eq!(self.machine, before, "what is refused changes nothing");
        error
    }
}

fn exit(id: &str, exit_code: i32) -> Input {
    Input::ContainerExited(Exit {
        id: id.into(),
        exit_code,
        ..Exit::default()
    })
}

/// Plays a pod whose container `web` is to be started next, and whose host has not done it.
fn about_to_start() -> (PodMachine, String) {
    let now = Timestamp::UNIX_EPOCH;
    let mut machine = PodMachine::new(pod(one()), Config::default(), now);
    let mut host = Host::new(one());
    while let Some(action) = machine.poll_action() {
        if let Action::StartContainer { id, .. } = &action {
            return (machine, id.clone());
        }
        if let Some(outcome) = host.perform(action) {
            assert_eq!(machine.handle_input(now, outcome), Ok(()));
        }
    }
    panic!("it starts nothing");
}

#[test]
fn a_look_that_shows_a_container_running_is_as_good_as_a_report() {
    let (mut machine, id) = about_to_start();
    let now = Timestamp::UNIX_EPOCH;
    let mut seen = machine.observation().clone();
    seen.containers[0].state = ObservedState::Running;
    seen.containers[0].started_at = Some(now);
    assert_eq!(machine.handle_input(now, Input::Observed(seen)), Ok(()));
    assert_eq!(machine.status().phase, Some(PodPhase::Running));
    let late = Input::ContainerStarted {
        container: "web".into(),
        id,
    };
    assert_eq!(machine.handle_input(now, late), Ok(()), "it is known");
    assert_eq!(machine.status().container_statuses[0].restart_count, 0);
}

#[test]
fn a_look_that_shows_a_failed_start_is_as_good_as_a_report() {
    for never in [None, Some(Timestamp::UNIX_EPOCH)] {
        let (mut machine, _) = about_to_start();
        let now = Timestamp::UNIX_EPOCH;
        let mut seen = machine.observation().clone();
        seen.containers[0].state = ObservedState::Exited;
        seen.containers[0].started_at = never;
        seen.containers[0].exit_code = 128;
        seen.containers[0].reason = reason::START_ERROR.into();
        seen.containers[0].message = "no such program".into();
        assert_eq!(machine.handle_input(now, Input::Observed(seen)), Ok(()));
        let state = machine.status().container_statuses[0].state.waiting.clone();
        let state = state.expect("it waits to be tried again");
        assert_eq!(
            (state.reason.as_str(), state.message.as_str()),
            (reason::RUN_CONTAINER_ERROR, "no such program")
        );
        let late = Input::ContainerFailed {
            container: "web".into(),
            error: ContainerError::Start {
                message: "no such program".into(),
                exit_code: 128,
            },
        };
        // By then the next instance may be on its way, about which nothing is known to fail.
        let told = machine.handle_input(now, late);
        assert!(
            told == Ok(()) || matches!(told, Err(InputError::NotAsked(_))),
            "{told:?}"
        );
    }
}

#[test]
fn a_look_older_than_a_report_makes_nobody_start_twice() {
    let (mut machine, id) = about_to_start();
    let now = Timestamp::UNIX_EPOCH;
    let mut stale = machine.observation().clone();
    stale.containers.clear();
    assert_eq!(machine.handle_input(now, Input::Observed(stale)), Ok(()));
    assert_eq!(machine.poll_action(), None, "the start is still under way");
    let started = Input::ContainerStarted {
        container: "web".into(),
        id: id.clone(),
    };
    assert_eq!(machine.handle_input(now, started), Ok(()));
    assert_eq!(machine.status().phase, Some(PodPhase::Running));
    assert_eq!(machine.observation().containers[0].id, id);
    let mut actions = std::iter::from_fn(|| machine.poll_action());
    assert!(actions.all(|action| matches!(action, Action::PublishStatus { .. })));
}

#[test]
fn a_sandbox_that_is_seen_needs_no_report() {
    let now = Timestamp::UNIX_EPOCH;
    let mut machine = PodMachine::new(pod(one()), Config::default(), now);
    while machine.poll_action().is_some() {}
    let sandbox = Sandbox {
        id: "s0".into(),
        state: SandboxState::Ready,
        ip: Some("10.0.0.2".into()),
        ..Sandbox::default()
    };
    let seen = pod_lifecycle::lifecycle::Observation {
        ips: vec!["10.0.0.2".into()],
        sandboxes: vec![sandbox.clone()],
        ..Default::default()
    };
    assert_eq!(machine.handle_input(now, Input::Observed(seen)), Ok(()));
    let asked: Vec<_> = std::iter::from_fn(|| machine.poll_action()).collect();
    assert!(
        asked
            .iter()
            .any(|action| matches!(action, Action::InspectImage { .. })),
        "{asked:?}"
    );
    assert_eq!(
        machine.handle_input(now, Input::SandboxCreated(sandbox)),
        Ok(()),
        "late, and known"
    );
}

#[test]
fn a_look_that_denies_an_exit_has_the_last_word_and_costs_no_count() {
    let mut host = Host::new(json!({"restartPolicy": "Never", "containers": [
        {"name": "web", "image": "web:1"}, {"name": "worker", "image": "worker:1"}]}));
    let running = host.machine.observation().clone();
    host.exits("web", 1);
    host.say(Input::Observed(running));
    assert!(
        host.machine.status().container_statuses[0]
            .state
            .terminated
            .is_some(),
        "what has ended for good stays so"
    );
    assert_eq!(host.phase(), Some(&PodPhase::Running));
    host.exits("web", 1);
    host.exits("worker", 0);
    assert_eq!(host.phase(), Some(&PodPhase::Failed));
}

#[test]
fn a_container_that_vanishes_is_started_again_and_counted() {
    let mut host = Host::new(one());
    host.exits("web", 1);
    assert_eq!(host.restarts(), 1);
    host.relist(|seen| seen.containers.clear());
    assert_eq!(host.restarts(), 2);
    assert_eq!(host.log.last().map(String::as_str), Some("start web"));
    assert_eq!(host.phase(), Some(&PodPhase::Running));
}

#[test]
fn a_container_of_never_that_vanishes_has_failed() {
    let mut host = Host::new(
        json!({"restartPolicy": "Never", "containers": [{"name": "web", "image": "web:1"}]}),
    );
    host.relist(|seen| seen.containers.clear());
    let ended = host.machine.status().container_statuses[0]
        .state
        .terminated
        .as_ref();
    let ended = ended.expect("it cannot run any more");
    assert_eq!(
        (ended.reason.as_str(), ended.exit_code),
        ("ContainerStatusUnknown", 137)
    );
    assert_eq!(host.phase(), Some(&PodPhase::Failed));
}

#[test]
fn a_container_that_vanishes_while_it_is_being_stopped_has_stopped() {
    let mut host = Host::new(one());
    host.stubborn = &["web"];
    host.delete(30);
    host.relist(|seen| seen.containers.clear());
    assert_eq!(host.log[3..], ["stop s0", "delete pod"]);
    assert!(host.machine.is_over());
}

#[test]
fn everything_that_vanishes_comes_back_and_counts_on() {
    let mut host = Host::new(one());
    host.exits("web", 1);
    host.exits("web", 1);
    host.wait(10);
    assert_eq!(host.restarts(), 2);
    host.relist(|seen| *seen = Default::default());
    assert_eq!(host.log[host.log.len() - 2..], ["sandbox 0", "start web"]);
    assert_eq!(host.restarts(), 3);
}

#[test]
fn an_exit_that_is_reported_twice_counts_once() {
    let mut host = Host::new(one());
    let id = host.id("web");
    host.exits("web", 1);
    assert_eq!(host.restarts(), 1);
    let before = host.log.clone();
    assert_eq!(
        host.refuses_to_hear(exit(&id, 1)),
        InputError::ExitedBefore(id.clone())
    );
    assert_eq!(
        host.refuses_to_hear(exit(&id, 7)),
        InputError::ExitedBefore(id),
        "the first report holds"
    );
    assert_eq!((host.restarts(), &host.log), (1, &before));
}

#[test]
fn an_exit_by_report_and_by_look_counts_once() {
    let mut host = Host::new(json!({"restartPolicy": "Never", "containers": [
        {"name": "web", "image": "web:1"}, {"name": "worker", "image": "worker:1"}]}));
    let id = host.id("web");
    host.relist(|seen| {
        let web = seen
            .containers
            .iter_mut()
            .find(|it| it.name == "web")
            .expect("it is there");
        web.state = ObservedState::Exited;
        web.exit_code = 3;
        web.reason = reason::ERROR.into();
    });
    assert_eq!(
        host.refuses_to_hear(exit(&id, 3)),
        InputError::ExitedBefore(id)
    );
    let ended = host.machine.status().container_statuses[0]
        .state
        .terminated
        .as_ref();
    assert_eq!(ended.map(|ended| ended.exit_code), Some(3));
}

#[test]
fn names_never_heard_of_are_refused() {
    let mut host = Host::new(one());
    let id = host.id("web");
    assert_eq!(
        host.refuses_to_hear(exit("x", 0)),
        InputError::NoSuchContainerId("x".into())
    );
    for container in ["web", "nobody"] {
        for id in [id.as_str(), "x"] {
            let failed = Input::ContainerFailed {
                container: container.into(),
                error: ContainerError::Create("no space".into()),
            };
            assert_eq!(
                host.refuses_to_hear(failed),
                InputError::NotAsked("that report")
            );
            if (container, id) != ("web", "web-1") {
                let (container, id) = (container.to_owned(), id.to_owned());
                let known = host
                    .machine
                    .observation()
                    .containers
                    .iter()
                    .any(|it| it.id == id);
                let made = Input::ContainerCreated { container, id };
                let told = host.machine.clone().handle_input(host.now, made);
                assert_eq!(told.is_ok(), known, "what is known may be said again");
            }
        }
    }
    let lost = Input::SandboxLost { id: "x".into() };
    assert_eq!(
        host.refuses_to_hear(lost),
        InputError::NoSuchSandbox("x".into())
    );
    let hook = |container: &str, hook| Input::HookFinished {
        container: container.into(),
        hook,
        result: Ok(()),
    };
    assert_eq!(
        host.refuses_to_hear(hook("web", Hook::PostStart)),
        InputError::NotAsked("that hook")
    );
    assert_eq!(
        host.refuses_to_hear(hook("nobody", Hook::PreStop)),
        InputError::NoSuchContainer("nobody".into())
    );
    let resized = Input::PodResized { result: Ok(()) };
    assert!(matches!(
        host.refuses_to_hear(resized),
        InputError::NotAsked(_)
    ));
}

#[test]
fn containers_that_the_pod_does_not_have_are_left_alone() {
    let mut host = Host::new(one());
    let before = host.machine.status().clone();
    host.relist(|seen| {
        let mut stranger = seen.containers[0].clone();
        stranger.id = "stranger".into();
        stranger.name = "stranger".into();
        stranger.state = ObservedState::Exited;
        seen.containers.push(stranger);
    });
    host.wait(120);
    assert_eq!(host.machine.status(), &before);
    assert_eq!(host.log, ["sandbox 0", "start web"]);
}

#[test]
fn a_clock_that_jumps_back_stands_still_until_it_is_right_again() {
    let mut host = Host::new(one());
    host.now = Timestamp::UNIX_EPOCH + Duration::from_secs(1000);
    host.exits("web", 1);
    host.exits("web", 1);
    let until = host.machine.poll_timeout().expect("a back-off").at;
    host.now = Timestamp::UNIX_EPOCH;
    host.machine.handle_timeout(host.now);
    host.update(|pod| drop(pod.metadata.labels.insert("any".into(), "change".into())));
    assert_eq!(
        host.waiting(0),
        reason::CRASH_LOOP_BACK_OFF,
        "the back-off has not grown or ended"
    );
    assert_eq!(host.machine.poll_timeout().map(|next| next.at), Some(until));
    host.now = until;
    host.machine.handle_timeout(until);
    host.drive();
    assert_eq!(host.restarts(), 2);
}

#[test]
fn a_clock_that_jumps_far_ahead_ends_waits_and_breaks_nothing() {
    let mut spec = one();
    spec["containers"][0]["livenessProbe"] =
        json!({"exec": {"command": ["ok"]}, "periodSeconds": 1});
    let mut host = Host::new(spec);
    host.exits("web", 1);
    host.exits("web", 1);
    host.now = "9999-12-30T00:00:00Z".parse().expect("an instant");
    host.machine.handle_timeout(host.now);
    host.drive();
    assert_eq!(host.restarts(), 2);
    host.exits("web", 1);
    assert_eq!(host.restarts(), 2, "it is held back as before");
    host.wait(20);
    assert_eq!(host.restarts(), 3);
    host.now = Timestamp::MAX;
    host.machine.handle_timeout(host.now);
    host.drive();
    assert_eq!(
        host.machine.poll_timeout(),
        None,
        "nothing is due after the end of time"
    );
    host.delete(30);
    assert!(host.machine.is_over());
}

#[test]
fn reported_times_that_cannot_be_are_published_and_break_nothing() {
    for finished_at in [Timestamp::MIN, Timestamp::MAX] {
        let mut host = Host::new(one());
        for _ in 0..2 {
            let id = host.id("web");
            host.say(Input::ContainerExited(Exit {
                id,
                exit_code: 1,
                finished_at: Some(finished_at),
                ..Exit::default()
            }));
        }
        host.wait(1000);
        assert!((1..=2).contains(&host.restarts()));
        host.delete(1);
        assert!(host.machine.is_over());
    }
}

#[test]
fn whatever_is_reported_after_the_end_starts_nothing() {
    let mut host = Host::new(one());
    let (id, seen) = (host.id("web"), host.machine.observation().clone());
    let pod = Arc::new(host.machine.pod().clone());
    host.delete(5);
    assert!(host.machine.is_over());
    let log = host.log.clone();
    let late = [
        Input::ContainerStarted {
            container: "web".into(),
            id: id.clone(),
        },
        exit(&id, 0),
        Input::SandboxLost { id: "s0".into() },
        Input::SandboxStopped { id: "s0".into() },
        Input::ProbeFinished {
            container: "web".into(),
            probe: Kind::Readiness,
            answer: Answer::Success,
        },
        Input::PodRemoved,
        Input::PodUpdated(pod),
        Input::Evict(Box::default()),
        Input::Observed(seen),
        Input::ResizeDecided(ResizeDecision::Allocated),
    ];
    for input in late {
        host.now += Duration::from_secs(86_400);
        let _ = host.machine.handle_input(host.now, input.clone());
        host.drive();
        assert_eq!(host.log, log, "{input:?}");
        assert_eq!(host.machine.stage(), Stage::Finished, "{input:?}");
        assert_eq!(host.phase(), Some(&PodPhase::Succeeded), "{input:?}");
        assert!(host.machine.is_over(), "{input:?}");
    }
    assert_eq!(host.machine.poll_timeout(), None);
}

#[test]
fn an_object_that_comes_back_to_life_does_not_revive_the_pod() {
    let mut host = Host::new(one());
    host.stubborn = &["web"];
    host.delete(30);
    host.update(|pod| {
        pod.metadata.deletion_timestamp = None;
        pod.metadata.deletion_grace_period_seconds = None;
    });
    host.exits("web", 0);
    host.wait(600);
    assert_eq!(host.count("start web"), 1);
    assert_eq!(host.phase(), Some(&PodPhase::Succeeded));
}
