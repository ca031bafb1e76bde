//! Pods whose objects and surroundings change while they live.

use super::*;

#[test]
fn a_pod_that_waits_for_its_volumes_can_be_deleted() {
    let mut machine = PodMachine::new(
        pod(json!({"containers": [{"name": "web", "image": "web:1"}],
            "volumes": [{"name": "settings", "configMap": {"name": "missing"}}]})),
        Config::default(),
        Timestamp::UNIX_EPOCH,
    );
    let actions: Vec<_> = std::iter::from_fn(|| machine.poll_action()).collect();
    assert_eq!(actions.last(), Some(&Action::MountVolumes));
    let now = Timestamp::UNIX_EPOCH + Duration::from_secs(5);
    let mut deleted = machine.pod().clone();
    deleted.metadata.deletion_timestamp = Some(now.into());
    deleted.metadata.deletion_grace_period_seconds = Some(30);
    let told = machine.handle_input(now, Input::PodUpdated(Arc::new(deleted)));
    assert_eq!(told, Ok(()));
    assert_eq!(machine.stage(), Stage::Finished);
    let actions: Vec<_> = std::iter::from_fn(|| machine.poll_action()).collect();
    assert_eq!(actions.last(), Some(&Action::DeletePod));
}

#[test]
fn a_pod_out_of_time_ends_as_soon_as_its_sync_gives_up_waiting_for_volumes() {
    let start = Timestamp::UNIX_EPOCH;
    let mut machine = PodMachine::new(
        pod(
            json!({"activeDeadlineSeconds": 60, "containers": [{"name": "web", "image": "web:1"}],
            "volumes": [{"name": "settings", "configMap": {"name": "missing"}}]}),
        ),
        Config::default(),
        start,
    );
    machine.handle_timeout(start + Duration::from_secs(122));
    assert_eq!(machine.status().phase, Some(PodPhase::Pending));
    machine.handle_timeout(start + Duration::from_secs(3600));
    assert_eq!(machine.status().phase, Some(PodPhase::Failed));
    let before = machine.clone();
    machine.handle_timeout(start + Duration::from_secs(3600));
    assert_eq!(machine, before, "nothing is left to do");
}

#[test]
fn a_sync_waits_two_minutes_for_volumes_and_asks_for_them_once() {
    let mut machine = PodMachine::new(
        pod(json!({"containers": [{"name": "web", "image": "web:1"}],
            "volumes": [{"name": "settings", "configMap": {"name": "missing"}}]})),
        Config::default(),
        Timestamp::UNIX_EPOCH,
    );
    let mut asked = 0;
    let mut waits = Vec::new();
    for _ in 0..3 {
        let actions = std::iter::from_fn(|| machine.poll_action());
        asked += actions
            .filter(|action| *action == Action::MountVolumes)
            .count();
        let deadline = machine.poll_timeout().expect("it is tried again");
        waits.push((deadline.at.as_second(), deadline.reason));
        machine.handle_timeout(deadline.at);
    }
    assert_eq!(asked, 1);
    assert_eq!(
        waits,
        [
            (123, DeadlineReason::Mount),
            (133, DeadlineReason::Retry),
            (256, DeadlineReason::Mount)
        ]
    );
    let now = Timestamp::UNIX_EPOCH + Duration::from_secs(300);
    assert_eq!(
        machine.handle_input(now, Input::VolumesMounted),
        Ok(()),
        "late, and welcome"
    );
    machine.handle_timeout(now);
    let mut actions = std::iter::from_fn(|| machine.poll_action());
    assert!(actions.any(|action| matches!(action, Action::CreateSandbox { .. })));
}
