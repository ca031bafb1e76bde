//! Pods whose objects and surroundings change while they live.

use pod_lifecycle::disruption::eviction::{self, Candidate, DiskUse, PodStats};

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
fn at_the_end_of_time_a_machine_still_answers() {
    let mut machine = PodMachine::new(
        pod(json!({"containers": [{"name": "web", "image": "web:1"}]})),
        Config::default(),
        Timestamp::UNIX_EPOCH,
    );
    machine.handle_timeout(Timestamp::MAX);
    while machine.poll_action().is_some() {}
    let message = "no network".into();
    let told = machine.handle_input(Timestamp::MAX, Input::SandboxFailed { message });
    assert_eq!(told, Ok(()));
    machine.handle_timeout(Timestamp::MAX);
    assert_eq!(machine.poll_timeout(), None, "nothing comes later");
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

#[test]
fn an_active_deadline_that_is_set_late_counts_from_the_start() {
    let mut host = Host::new(one());
    host.wait(100);
    host.update(|pod| pod.spec.active_deadline_seconds = Some(130));
    assert_eq!(host.phase(), Some(&PodPhase::Running));
    let next = host.machine.poll_timeout().expect("a deadline");
    assert_eq!(
        (next.reason, next.at.as_second()),
        (DeadlineReason::ActiveDeadline, 130)
    );
    host.update(|pod| pod.spec.active_deadline_seconds = Some(60));
    assert_eq!(host.phase(), Some(&PodPhase::Failed), "it is over already");
    assert_eq!(host.machine.status().reason, reason::DEADLINE_EXCEEDED);
}

#[test]
fn new_tolerations_are_nothing_to_the_containers() {
    let mut host = Host::new(one());
    let log = host.log.clone();
    host.update(|pod| {
        let toleration = json!({"key": "spot", "operator": "Exists", "effect": "NoExecute"});
        pod.spec
            .tolerations
            .push(serde_json::from_value(toleration).expect("a toleration"));
        pod.metadata.generation += 1;
    });
    assert_eq!(host.log, log);
    assert_eq!(host.restarts(), 0);
    assert_eq!(
        host.machine.status().observed_generation,
        2,
        "it was looked at"
    );
}

#[test]
fn a_readiness_gate_waits_for_somebody_else_and_keeps_what_that_wrote() {
    let mut host = Host::new(json!({
        "readinessGates": [{"conditionType": "example.com/served"}],
        "containers": [{"name": "web", "image": "web:1"}],
    }));
    let ready = |host: &Host, kind: PodConditionType| {
        let found = host
            .machine
            .pod()
            .status
            .condition(&kind)
            .cloned()
            .expect("a condition");
        (found.is_true(), found.reason)
    };
    assert_eq!(
        ready(&host, PodConditionType::CONTAINERS_READY),
        (true, String::new())
    );
    assert_eq!(
        ready(&host, PodConditionType::READY),
        (false, reason::READINESS_GATES_NOT_READY.into())
    );
    let set = |host: &mut Host, status: &str| {
        let gate = json!({"type": "example.com/served", "status": status, "reason": "ByStory"});
        let gate: pod_lifecycle::api::PodCondition =
            serde_json::from_value(gate).expect("a condition");
        host.update(|pod| {
            pod.status
                .conditions
                .retain(|known| known.type_ != gate.type_);
            pod.status.conditions.push(gate);
        });
    };
    set(&mut host, "True");
    assert_eq!(ready(&host, PodConditionType::READY), (true, String::new()));
    set(&mut host, "False");
    assert_eq!(
        ready(&host, PodConditionType::READY),
        (false, reason::READINESS_GATES_NOT_READY.into())
    );
    let kept = ready(&host, PodConditionType::from("example.com/served"));
    assert_eq!(kept, (false, "ByStory".into()));
}

#[test]
fn a_finalizer_keeps_the_object_when_nothing_of_the_pod_is_left() {
    let mut host = Host::new(one());
    host.update(|pod| pod.metadata.finalizers = vec!["example.com/accounts".into()]);
    host.delete(5);
    assert_eq!(host.log[2..], ["stop web 5s", "stop s0", "delete pod"]);
    assert_eq!(host.machine.stage(), Stage::Finished);
    assert!(!host.machine.is_over(), "the object is still there");
    host.wait(3600);
    host.update(|pod| pod.metadata.finalizers.clear());
    assert_eq!(host.log.len(), 5, "it is asked for once");
    host.say(Input::PodRemoved);
    assert!(host.machine.is_over());
}

#[test]
fn a_forced_deletion_is_not_waited_for_and_stops_with_the_least_grace() {
    let mut host = Host::new(one());
    host.delete(0);
    let stopped = host.log[2].clone();
    assert_eq!(stopped, "stop web 2s");
    assert!(host.machine.is_over());
}

#[test]
fn a_shorter_deletion_does_not_hurry_a_stop_under_way() {
    let mut host = Host::new(one());
    host.stubborn = &["web"];
    host.delete(30);
    host.delete(3);
    assert_eq!(host.log[2..], ["stop web 30s"]);
    host.wait(100);
    assert_eq!(host.log.len(), 3);
    host.exits("web", 137);
    assert!(host.machine.is_over());
}

#[test]
fn a_pod_over_its_own_limit_of_disk_is_evicted_and_is_no_disruption_target() {
    let pod = pod(json!({"containers": [{"name": "web", "image": "web:1",
        "resources": {"limits": {"ephemeral-storage": "1Gi"}}}]}));
    let stats: PodStats =
        serde_json::from_value(json!({"ephemeral-storage": {"usedBytes": (1_i64 << 30) + 1}}))
            .expect("stats");
    let candidate = Candidate {
        pod: &pod,
        stats: Some(&stats),
    };
    let uses = [DiskUse::Root, DiskUse::Logs, DiskUse::LocalVolumes];
    let notice = eviction::over_limit(&candidate, &uses).expect("it uses a byte too much");
    let mut host = Host::new(one());
    host.say(Input::Evict(Box::new(notice.into())));
    let status = &host.machine.pod().status;
    assert_eq!(
        (status.phase.clone(), status.reason.as_str()),
        (Some(PodPhase::Failed), "Evicted")
    );
    assert_eq!(
        status.message,
        "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. "
    );
    assert_eq!(status.condition(&PodConditionType::DISRUPTION_TARGET), None);
}

#[test]
fn a_pod_preempted_by_its_kubelet_fails_and_is_a_disruption_target() {
    let mut host = Host::new(one());
    host.say(Input::Evict(Box::new(pod_lifecycle::machine::Eviction {
        reason: "Preempting".into(),
        message: "Preempted in order to admit critical pod".into(),
        grace_period_seconds: Some(1),
        ..Default::default()
    })));
    assert_eq!(host.log[2..], ["stop web 2s", "stop s0"]);
    let status = &host.machine.pod().status;
    assert_eq!(
        (status.phase.clone(), status.reason.as_str()),
        (Some(PodPhase::Failed), "Preempting")
    );
    let target = status
        .condition(&PodConditionType::DISRUPTION_TARGET)
        .expect("a condition");
    assert_eq!(target.reason, "TerminationByKubelet");
}

#[test]
fn a_pod_preempted_by_the_scheduler_keeps_the_condition_that_says_so() {
    let mut host = Host::new(one());
    let now = host.now;
    host.update(|pod| {
        let target = pod_lifecycle::disruption::target(now, "PreemptionByScheduler", "for another");
        pod.status.conditions.push(target);
    });
    assert_eq!(host.log.len(), 2, "the condition alone ends nothing");
    host.delete(5);
    let status = &host.machine.pod().status;
    let target = status
        .condition(&PodConditionType::DISRUPTION_TARGET)
        .expect("a condition");
    assert_eq!(target.reason, "PreemptionByScheduler");
    assert_eq!(status.phase, Some(PodPhase::Succeeded));
}

#[test]
fn a_pod_on_the_hosts_network_has_the_hosts_addresses() {
    let mut config = Config::default();
    config.host_ips = vec![
        "192.0.2.7".parse().expect("an address"),
        "2001:db8::7".parse().expect("an address"),
    ];
    let pod = pod(json!({"hostNetwork": true, "containers": [{"name": "web", "image": "web:1"}]}));
    let machine = PodMachine::new(pod, config, Timestamp::UNIX_EPOCH);
    let mut host = Host {
        machine,
        ..Host::new(one())
    };
    host.drive();
    let status = host.machine.status();
    assert_eq!(
        (status.pod_ip.as_str(), status.host_ip.as_str()),
        ("192.0.2.7", "192.0.2.7")
    );
    let ips: Vec<_> = status.pod_ips.iter().map(|ip| ip.ip.as_str()).collect();
    assert_eq!(ips, ["192.0.2.7", "2001:db8::7"]);
}
