//! A whole pod's status.

use alloc::{string::ToString, vec::Vec};
use core::{fmt, net::IpAddr};

use jiff::Timestamp;

use super::{
    ConditionsInput, ContainersInput, PhaseInput, PodCgroup, Probes, StartFailure, Statuses,
    addresses, apply_probes, conditions, container_statuses,
    owned::{is_owned, replace_or_append},
    phase, resources,
};
use crate::{
    api::{ConditionStatus, Pod, PodCondition, PodConditionType, PodIP, PodPhase, PodStatus, Time},
    lifecycle::{by_name::ByName, kind, observation::Observation, reason, restart},
};

/// What a pod's status follows from.
///
/// [`StatusInput::new`] fills in what most pods need; the rest is set by name.
#[derive(Clone, Copy)]
pub struct StatusInput<'a> {
    /// The pod as the API server has it, with its status.
    pub pod: &'a Pod,
    /// What the runtime reports.
    pub observation: &'a Observation,
    /// The status that was derived before; `None` after a start of the kubelet, when the pod's own status stands in.
    pub previous: Option<&'a PodStatus>,
    /// Whether the kubelet has ended the pod's work: no container will be started again.
    pub terminal: bool,
    /// Why the pod is ended from outside, such as by its [active deadline](crate::lifecycle::reason::DEADLINE_EXCEEDED).
    pub eviction: Option<Eviction<'a>>,
    /// What the probes have found out.
    pub probes: Probes<'a>,
    /// Why the last attempt to start the container of that name failed, as long as it is remembered.
    pub start_failure: &'a dyn Fn(&str) -> Option<StartFailure<'a>>,
    /// The resize that the node cannot make room for; a reason other than [`Infeasible`](reason::INFEASIBLE) is
    /// reported as [`Deferred`](reason::DEFERRED).
    pub resize_pending: Option<Resize<'a>>,
    /// The resize that is under way.
    pub resize_in_progress: Option<Resize<'a>>,
    /// The limits of the pod's own control group.
    pub pod_cgroup: Option<PodCgroup>,
    /// The node's addresses as pods see them, the first one first.
    pub host_ips: &'a [IpAddr],
    /// The addresses that the node was given; the first one decides which family of the pod's comes first.
    pub node_ips: &'a [IpAddr],
    /// Whether the node's runtime can mount read-only recursively.
    pub recursive_read_only: bool,
    /// The current time.
    pub now: Timestamp,
}

impl<'a> StatusInput<'a> {
    /// Makes the input for a pod without probes, failures, resizes, previous status and addresses.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, jiff::Timestamp, lifecycle::{Observation, status::StatusInput}};
    ///
    /// let (pod, observation) = (Pod::default(), Observation::default());
    /// let input = StatusInput {
    ///     previous: Some(&pod.status),
    ///     ..StatusInput::new(&pod, &observation, Timestamp::UNIX_EPOCH)
    /// };
    /// assert!(!input.terminal);
    /// ```
    #[must_use]
    pub fn new(pod: &'a Pod, observation: &'a Observation, now: Timestamp) -> Self {
        Self {
            pod,
            observation,
            previous: None,
            terminal: false,
            eviction: None,
            probes: Probes::NONE,
            start_failure: &|_| None,
            resize_pending: None,
            resize_in_progress: None,
            pod_cgroup: None,
            host_ips: &[],
            node_ips: &[],
            recursive_read_only: false,
            now,
        }
    }
}

impl fmt::Debug for StatusInput<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusInput")
            .field("pod", &self.pod.metadata.name)
            .field("observation", &self.observation)
            .field("previous", &self.previous)
            .field("terminal", &self.terminal)
            .field("eviction", &self.eviction)
            .field("probes", &self.probes)
            .field("resize_pending", &self.resize_pending)
            .field("resize_in_progress", &self.resize_in_progress)
            .field("pod_cgroup", &self.pod_cgroup)
            .field("host_ips", &self.host_ips)
            .field("node_ips", &self.node_ips)
            .field("recursive_read_only", &self.recursive_read_only)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// Why a pod is ended by its node.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Eviction<'a> {
    /// One word, such as [`DeadlineExceeded`](reason::DEADLINE_EXCEEDED).
    pub reason: &'a str,
    /// A sentence for people.
    pub message: &'a str,
}

/// How a resize of a pod's resources stands.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Resize<'a> {
    /// One word; may be empty for a resize that simply goes on.
    pub reason: &'a str,
    /// A sentence for people.
    pub message: &'a str,
    /// The generation of the pod that asked for it.
    pub observed_generation: i64,
}

/// Returns the status that the kubelet derives for a pod.
///
/// Follows `generateAPIPodStatus` (v1.36). The start time and the conditions' transition times are not set:
/// [`update`](fn@super::update) does it when the status is taken over.
///
/// ```
/// use pod_lifecycle::api::{Pod, PodPhase};
/// use pod_lifecycle::{jiff::Timestamp, lifecycle::{Observation, status::{StatusInput, pod_status}}};
///
/// let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web"}]}}"#)?;
/// let observation: Observation = serde_json::from_str(
///     r#"{
///         "ips": ["10.0.0.7"],
///         "sandboxes": [{"state": "Ready", "ip": "10.0.0.7"}],
///         "containers": [{"id": "containerd://1", "name": "web", "state": "Running", "active": true}]
///     }"#,
/// )?;
/// let status = pod_status(&StatusInput::new(&pod, &observation, Timestamp::UNIX_EPOCH));
/// assert_eq!(status.phase, Some(PodPhase::Running));
/// assert_eq!(status.pod_ip, "10.0.0.7");
/// assert!(status.container_statuses[0].ready);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn pod_status(input: &StatusInput<'_>) -> PodStatus {
    let StatusInput {
        pod, observation, ..
    } = *input;
    let old = input.previous.unwrap_or(&pod.status);
    let mut status = PodStatus::default();

    let ips = observation.ips.iter().map(|ip| &**ip);
    let ips = addresses::sort_pod_ips(input.node_ips, ips);
    status.pod_ips = ips.iter().map(|ip| PodIP { ip: ip.to_string() }).collect();
    status.pod_ip = status
        .pod_ips
        .first()
        .map_or_else(Default::default, |first| first.ip.clone());
    set_containers(&mut status, input, old);
    set_phase(&mut status, input, old);
    apply_probes(&mut status, pod, &input.probes);
    status.conditions = kept_conditions(input, old);
    let derived = conditions(&ConditionsInput {
        pod,
        observation,
        previous: Some(old),
        phase: status.phase.as_ref(),
        statuses: Some(Statuses::of(&status)),
        gates: &status.conditions,
    });
    status.conditions.extend(derived);
    addresses::set_host_ips(&mut status, pod, input.host_ips);
    resources::set(&mut status, pod, old, input.pod_cgroup.as_ref());
    status
}

fn set_containers<'a>(status: &mut PodStatus, input: &StatusInput<'a>, old: &'a PodStatus) {
    let statuses = container_statuses(&ContainersInput {
        pod: input.pod,
        observation: input.observation,
        previous: Some(old),
        restarting_all: restart::should_restart_all(
            &input.pod.spec,
            Some(input.observation),
            Some(old),
        ),
        start_failure: input.start_failure,
        recursive_read_only: input.recursive_read_only,
    });
    status.init_container_statuses = statuses.init_containers;
    status.container_statuses = statuses.containers;
    status.ephemeral_container_statuses = statuses.ephemeral_containers;
}

fn set_phase(status: &mut PodStatus, input: &StatusInput<'_>, old: &PodStatus) {
    let StatusInput {
        pod, observation, ..
    } = *input;
    let records = observation.containers.len();
    let containers = ByName::new(&pod.spec.containers, records, |container| &container.name);
    let derived = phase(&PhaseInput {
        pod,
        statuses: Statuses::of(status),
        terminal: input.terminal,
        initialized: observation
            .containers
            .iter()
            .any(|record| record.active && containers.find(&record.name).is_some()),
    });
    let ended =
        |phase: &Option<PodPhase>| phase.clone().filter(|phase| kind::is_terminal(Some(phase)));
    let ended_for_api = ended(&pod.status.phase);
    status.phase = ended(&Some(derived.clone()))
        .or_else(|| ended(&old.phase))
        .or_else(|| ended_for_api.clone())
        .or(Some(derived));
    if status.phase == old.phase {
        let or = |old: &alloc::string::String, api: &alloc::string::String| {
            if old.is_empty() {
                api.clone()
            } else {
                old.clone()
            }
        };
        status.reason = or(&old.reason, &pod.status.reason);
        status.message = or(&old.message, &pod.status.message);
    }
    if let Some(eviction) = input.eviction {
        status.phase = Some(PodPhase::Failed);
        status.reason = eviction.reason.into();
        status.message = eviction.message.into();
    }
    if ended_for_api.is_some() {
        status.phase = ended_for_api;
    }
}

/// The conditions that are not derived anew.
fn kept_conditions(input: &StatusInput<'_>, old: &PodStatus) -> Vec<PodCondition> {
    let pod = input.pod;
    let foreign = pod.status.conditions.iter();
    let mut kept: Vec<_> = foreign
        .filter(|condition| !is_owned(&condition.type_))
        .cloned()
        .collect();
    if !input.terminal {
        kept.extend(resize_conditions(input));
    }
    let target = PodConditionType::DISRUPTION_TARGET;
    if let Some(target) = conditions::find(&old.conditions, &target) {
        replace_or_append(&mut kept, target.clone());
    }
    kept
}

fn resize_conditions(input: &StatusInput<'_>) -> impl Iterator<Item = PodCondition> {
    let now = Some(Time::new(input.now));
    let generation = input.pod.metadata.generation;
    let condition = move |type_, reason: &str, resize: Resize<'_>| PodCondition {
        type_,
        observed_generation: if generation == 0 {
            0
        } else {
            resize.observed_generation
        },
        status: Some(ConditionStatus::True),
        last_probe_time: now,
        last_transition_time: now,
        reason: reason.into(),
        message: resize.message.into(),
    };
    let pending = input.resize_pending.map(|resize| {
        let reason = if resize.reason == reason::INFEASIBLE {
            reason::INFEASIBLE
        } else {
            reason::DEFERRED
        };
        condition(PodConditionType::POD_RESIZE_PENDING, reason, resize)
    });
    let in_progress = input.resize_in_progress.map(|resize| {
        condition(
            PodConditionType::POD_RESIZE_IN_PROGRESS,
            resize.reason,
            resize,
        )
    });
    pending.into_iter().chain(in_progress)
}
