//! A node that shuts down: its pods end by priority, one phase after the other.

use pod_lifecycle::{
    disruption::{
        TERMINATION_BY_KUBELET,
        shutdown::{self, Phase, ShutdownGracePeriodByPodPriority},
    },
    machine::Eviction,
};

use super::*;

fn prioritized(priority: i32, stubborn: &'static [&'static str]) -> Host {
    let mut host = Host::new(json!({
        "priority": priority,
        "containers": [{"name": "web", "image": "web:1"}],
    }));
    host.stubborn = stubborn;
    host.log.clear();
    host
}

/// Begins a phase, of which each host plays one pod.
fn begin<'a>(phase: &Phase<'_>, hosts: impl IntoIterator<Item = &'a mut Host>) {
    for (ending, host) in phase.pods.iter().zip(hosts) {
        host.say(Input::Evict(Box::new(Eviction {
            reason: shutdown::REASON.into(),
            message: shutdown::MESSAGE.into(),
            grace_period_seconds: Some(ending.grace_period_seconds),
            ..Eviction::default()
        })));
    }
}

#[test]
fn usual_pods_end_before_critical_ones_each_within_its_share_of_the_time() {
    let mut web = prioritized(0, &["web"]);
    let mut dns = prioritized(2_000_000_000, &[]);
    let ranges = shutdown::two_phases(Duration::from_secs(30), Duration::from_secs(10));
    let pods = [dns.machine.pod().clone(), web.machine.pod().clone()];
    let phases = shutdown::phases(&ranges, &pods);
    let [first, second] = &phases[..] else {
        panic!("{phases:?}")
    };

    begin(first, [&mut web]);
    assert_eq!(web.log, ["stop web 20s"]);
    assert_eq!(
        web.phase(),
        Some(&PodPhase::Failed),
        "the kubelet believes so"
    );
    assert_eq!(
        web.machine.pod().status.phase,
        Some(PodPhase::Running),
        "and keeps it to itself while something runs"
    );
    assert!(dns.is_ready(), "others still need it");

    web.now = first.ends_by(web.now);
    web.exits("web", 137);
    web.wait(2);
    let status = &web.machine.pod().status;
    assert_eq!(status.phase, Some(PodPhase::Failed));
    assert_eq!(status.reason, "Terminated");
    assert_eq!(
        status.message,
        "Pod was terminated in response to imminent node shutdown."
    );
    let target = status
        .condition(&PodConditionType::DISRUPTION_TARGET)
        .expect("a condition");
    assert!(target.is_true());
    assert_eq!(target.reason, TERMINATION_BY_KUBELET);
    assert_eq!(target.message, status.message);
    let since = target
        .last_transition_time
        .map(|at| at.timestamp().as_second());
    assert_eq!(since, Some(20), "it is told with the end");

    dns.now = web.now;
    begin(second, [&mut dns]);
    assert_eq!(dns.log, ["stop web 10s", "stop s0"]);
    assert_eq!(
        dns.machine.pod().status.phase,
        Some(PodPhase::Failed),
        "although it ended well"
    );
    assert_eq!(dns.machine.stage(), Stage::Finished);
}

#[test]
fn nothing_is_started_again_after_the_node_has_ended_it() {
    let mut web = prioritized(0, &[]);
    let pods = [web.machine.pod().clone()];
    let ranges = [ShutdownGracePeriodByPodPriority {
        priority: 0,
        shutdown_grace_period_seconds: 0,
    }];
    begin(&shutdown::phases(&ranges, &pods)[0], [&mut web]);
    assert_eq!(web.log[0], "stop web 2s", "a kubelet never stops with less");
    web.wait(3600);
    assert!(!web.log.iter().any(|what| what.starts_with("start")));
}

#[test]
fn a_pod_that_arrives_at_a_node_that_shuts_down_is_rejected() {
    let why = (
        shutdown::NOT_ADMITTED_REASON,
        shutdown::NOT_ADMITTED_MESSAGE,
    );
    let machine = PodMachine::rejected(pod(one()), Config::default(), Timestamp::UNIX_EPOCH, why);
    assert_eq!(machine.status().reason, "NodeShutdown");
    assert_eq!(machine.status().phase, Some(PodPhase::Failed));
}
