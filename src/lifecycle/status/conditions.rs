//! The conditions that the kubelet puts on a pod.

use alloc::{string::String, vec::Vec};

use super::{Statuses, find_in};
use crate::{
    api::{
        ConditionStatus, Container, ContainerStatus, Pod, PodCondition, PodConditionType, PodPhase,
        PodStatus,
    },
    lifecycle::{
        by_name::ByName,
        observation::{NetworkMode, Observation, Sandbox, SandboxState},
        reason, restart,
    },
};

/// What a pod's conditions follow from.
#[derive(Clone, Copy, Debug)]
pub struct ConditionsInput<'a> {
    /// The pod; its status is not read.
    pub pod: &'a Pod,
    /// What the runtime reports.
    pub observation: &'a Observation,
    /// The status before; without one no condition carries an observed generation.
    pub previous: Option<&'a PodStatus>,
    /// The phase that goes with these conditions.
    pub phase: Option<&'a PodPhase>,
    /// The statuses of the containers; `None` when nothing is known of them, which is not the same as none at all.
    pub statuses: Option<Statuses<'a>>,
    /// The conditions in which the pod's readiness gates look.
    pub gates: &'a [PodCondition],
}

/// Returns the conditions that the kubelet owns, in the kubelet's order, without transition times.
///
/// Follows `pkg/kubelet/status/generate.go` (v1.36): `PodReadyToStartContainers`, `Initialized`, `Ready`,
/// `ContainersReady`, `PodScheduled`, and `AllContainersRestarting` for a pod that has a rule with that action.
/// [`update`](fn@super::update) adds the times.
///
/// ```
/// use pod_lifecycle::api::{Pod, PodPhase};
/// use pod_lifecycle::lifecycle::{Observation, status::{ConditionsInput, Statuses, conditions}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{
///         "spec": {"containers": [{"name": "web"}]},
///         "status": {"phase": "Running", "containerStatuses": [{"name": "web", "ready": false, "state": {"running": {}}}]}
///     }"#,
/// )?;
/// let conditions = conditions(&ConditionsInput {
///     pod: &pod,
///     observation: &Observation::default(),
///     previous: Some(&pod.status),
///     phase: pod.status.phase.as_ref(),
///     statuses: Some(Statuses::of(&pod.status)),
///     gates: &[],
/// });
/// let ready = &conditions[2];
/// assert_eq!(ready.type_.as_str(), "Ready");
/// assert_eq!(ready.reason, "ContainersNotReady");
/// assert_eq!(ready.message, "containers with unready status: [web]");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn conditions(input: &ConditionsInput<'_>) -> Vec<PodCondition> {
    let known = known(input);
    let known = known.as_ref();
    let containers_ready = containers_ready_of(input, known);
    let mut conditions = Vec::with_capacity(6);
    conditions.push(ready_to_start_containers(input));
    conditions.push(initialized_of(input, known));
    conditions.push(ready_of(input, &containers_ready));
    conditions.push(containers_ready);
    conditions.push(scheduled(input));
    conditions.extend(all_containers_restarting(input));
    conditions
}

/// Returns the condition `ContainersReady`: whether every sidecar and regular container is ready.
///
/// Follows the kubelet's `GenerateContainersReadyCondition` (v1.36).
///
/// ```
/// use pod_lifecycle::api::{ConditionStatus, Pod};
/// use pod_lifecycle::lifecycle::{Observation, status::{ConditionsInput, conditions}};
///
/// let pod = Pod::default();
/// let condition = conditions::containers_ready(&ConditionsInput {
///     pod: &pod,
///     observation: &Observation::default(),
///     previous: None,
///     phase: None,
///     statuses: None,
///     gates: &[],
/// });
/// assert_eq!(condition.status, Some(ConditionStatus::False));
/// assert_eq!(condition.reason, "UnknownContainerStatuses");
/// ```
#[must_use]
pub fn containers_ready(input: &ConditionsInput<'_>) -> PodCondition {
    containers_ready_of(input, known(input).as_ref())
}

/// Returns the condition `Ready`: whether all containers are ready and all readiness gates open.
///
/// Follows the kubelet's `GeneratePodReadyCondition` (v1.36). A gate looks at the first condition of its type.
///
/// ```
/// use pod_lifecycle::api::Pod;
/// use pod_lifecycle::lifecycle::{Observation, status::{ConditionsInput, Statuses, conditions}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"containers": [], "readinessGates": [{"conditionType": "lb.example/attached"}]}}"#,
/// )?;
/// let condition = conditions::ready(&ConditionsInput {
///     pod: &pod,
///     observation: &Observation::default(),
///     previous: None,
///     phase: None,
///     statuses: Some(Statuses::default()),
///     gates: &pod.status.conditions,
/// });
/// assert_eq!(condition.reason, "ReadinessGatesNotReady");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn ready(input: &ConditionsInput<'_>) -> PodCondition {
    ready_of(input, &containers_ready(input))
}

/// Returns the condition `Initialized`: whether the init containers have done their part.
///
/// Follows the kubelet's `GeneratePodInitializedCondition` (v1.36). Once true it stays true as long as `previous` says so,
/// even when an init container starts again.
///
/// ```
/// use pod_lifecycle::api::{ConditionStatus, Pod};
/// use pod_lifecycle::lifecycle::{Observation, status::{ConditionsInput, Statuses, conditions}};
///
/// let pod: Pod = serde_json::from_str(r#"{"spec": {"initContainers": [{"name": "fetch"}], "containers": []}}"#)?;
/// let condition = conditions::initialized(&ConditionsInput {
///     pod: &pod,
///     observation: &Observation::default(),
///     previous: None,
///     phase: None,
///     statuses: Some(Statuses::default()),
///     gates: &[],
/// });
/// assert_eq!(condition.status, Some(ConditionStatus::False));
/// assert_eq!(condition.reason, "ContainersNotInitialized");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn initialized(input: &ConditionsInput<'_>) -> PodCondition {
    initialized_of(input, known(input).as_ref())
}

/// Returns the condition `PodReadyToStartContainers`: whether the pod has a sandbox with a network.
///
/// Follows the kubelet's `GeneratePodReadyToStartContainersCondition` and `PodSandboxChanged` (v1.36).
///
/// ```
/// use pod_lifecycle::api::{ConditionStatus, Pod};
/// use pod_lifecycle::lifecycle::{Observation, status::{ConditionsInput, conditions}};
///
/// let observation: Observation = serde_json::from_str(r#"{"sandboxes": [{"state": "Ready", "ip": "10.0.0.7"}]}"#)?;
/// let condition = conditions::ready_to_start_containers(&ConditionsInput {
///     pod: &Pod::default(),
///     observation: &observation,
///     previous: None,
///     phase: None,
///     statuses: None,
///     gates: &[],
/// });
/// assert_eq!(condition.status, Some(ConditionStatus::True));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn ready_to_start_containers(input: &ConditionsInput<'_>) -> PodCondition {
    let ready = has_usable_sandbox(input.pod.spec.host_network, &input.observation.sandboxes);
    observed(
        input,
        PodConditionType::POD_READY_TO_START_CONTAINERS,
        Finding::plain(ready),
    )
}

/// Returns the condition `AllContainersRestarting`, for a pod with a rule that restarts all containers.
///
/// Follows the kubelet's `GenerateAllContainersRestartingCondition` (v1.36).
///
/// ```
/// use pod_lifecycle::api::Pod;
/// use pod_lifecycle::lifecycle::{Observation, status::{ConditionsInput, conditions}};
///
/// let pod = Pod::default();
/// let condition = conditions::all_containers_restarting(&ConditionsInput {
///     pod: &pod,
///     observation: &Observation::default(),
///     previous: None,
///     phase: None,
///     statuses: None,
///     gates: &[],
/// });
/// assert_eq!(condition, None);
/// ```
#[must_use]
pub fn all_containers_restarting(input: &ConditionsInput<'_>) -> Option<PodCondition> {
    if !restart::could_restart_all(&input.pod.spec) {
        return None;
    }
    let finding = match input.phase {
        Some(PodPhase::Succeeded) => Finding::no(reason::POD_COMPLETED),
        Some(PodPhase::Failed) => Finding::no(reason::POD_FAILED),
        _ if restart::should_restart_all(
            &input.pod.spec,
            Some(input.observation),
            input.previous,
        ) && !restart::is_cleaned_up(&input.pod.spec, input.observation) =>
        {
            Finding::yes(reason::RESTART_ALL_CONTAINERS_STARTED)
        }
        _ => Finding::plain(false),
    };
    Some(PodCondition {
        observed_generation: 0,
        ..observed(input, PodConditionType::ALL_CONTAINERS_RESTARTING, finding)
    })
}

/// Finds what is known of a container, if anything is known of any.
fn known<'a>(
    input: &ConditionsInput<'a>,
) -> Option<impl Fn(&str) -> Option<&'a ContainerStatus> + use<'a>> {
    let spec = &input.pod.spec;
    let lookups = spec
        .containers
        .len()
        .saturating_add(spec.init_containers.len());
    input.statuses.map(
        |Statuses {
             init_containers,
             containers,
         }| { find_in([init_containers, containers], lookups) },
    )
}

fn scheduled(input: &ConditionsInput<'_>) -> PodCondition {
    observed(input, PodConditionType::POD_SCHEDULED, Finding::plain(true))
}

struct Finding {
    holds: bool,
    reason: &'static str,
    message: String,
}

impl Finding {
    fn plain(holds: bool) -> Self {
        Self {
            holds,
            reason: "",
            message: String::new(),
        }
    }

    fn yes(reason: &'static str) -> Self {
        Self {
            holds: true,
            ..Self::no(reason)
        }
    }

    fn no(reason: &'static str) -> Self {
        Self {
            holds: false,
            reason,
            message: String::new(),
        }
    }
}

fn observed(
    input: &ConditionsInput<'_>,
    type_: PodConditionType,
    finding: Finding,
) -> PodCondition {
    PodCondition {
        type_,
        observed_generation: input.previous.map_or(0, |_| input.pod.metadata.generation),
        status: Some(if finding.holds {
            ConditionStatus::True
        } else {
            ConditionStatus::False
        }),
        reason: finding.reason.into(),
        message: finding.message,
        ..PodCondition::default()
    }
}

fn has_usable_sandbox(host_network: bool, sandboxes: &[Sandbox]) -> bool {
    let Some(newest) = sandboxes.first() else {
        return false;
    };
    let ready = sandboxes
        .iter()
        .filter(|sandbox| sandbox.state == SandboxState::Ready)
        .count();
    let network = if host_network {
        NetworkMode::Node
    } else {
        NetworkMode::Pod
    };
    newest.state == SandboxState::Ready
        && ready == 1
        && newest.network_mode == network
        && (host_network || newest.ip.as_deref() != Some(""))
}

fn initialized_of<'a>(
    input: &ConditionsInput<'_>,
    known: Option<&impl Fn(&str) -> Option<&'a ContainerStatus>>,
) -> PodCondition {
    let spec = &input.pod.spec;
    let condition = |finding| observed(input, PodConditionType::INITIALIZED, finding);
    let status = |container: &Container| known.and_then(|known| known(&container.name));

    if known.is_none() && !spec.init_containers.is_empty() {
        return condition(Finding::no(reason::UNKNOWN_CONTAINER_STATUSES));
    }
    if input.phase == Some(&PodPhase::Succeeded)
        && spec
            .init_containers
            .iter()
            .all(|container| status(container).is_some())
    {
        return condition(Finding::yes(reason::POD_COMPLETED));
    }
    let has_begun = |container: &Container| {
        status(container).is_some_and(|status| {
            status.state.running.is_some() || status.state.terminated.is_some()
        })
    };
    let incomplete = |container: &Container| {
        status(container).is_some_and(|status| {
            if container.is_sidecar() {
                status.started != Some(true)
            } else {
                !status.ready
            }
        })
    };
    let complete = |container: &Container| status(container).is_some() && !incomplete(container);
    let was = input
        .previous
        .is_some_and(|status| is_true(&status.conditions, &PodConditionType::INITIALIZED));
    if was || spec.containers.iter().any(has_begun) || spec.init_containers.iter().all(complete) {
        return condition(Finding::plain(true));
    }
    let mut message = String::new();
    let init_containers = || spec.init_containers.iter();
    let unknown = init_containers().filter(|container| status(container).is_none());
    mention(
        &mut message,
        "containers with unknown status",
        unknown.map(name),
    );
    let incomplete = init_containers().filter(|container| incomplete(container));
    mention(
        &mut message,
        "containers with incomplete status",
        incomplete.map(name),
    );
    condition(Finding {
        message,
        ..Finding::no(reason::CONTAINERS_NOT_INITIALIZED)
    })
}

fn containers_ready_of<'a>(
    input: &ConditionsInput<'_>,
    known: Option<&impl Fn(&str) -> Option<&'a ContainerStatus>>,
) -> PodCondition {
    let condition = |finding| observed(input, PodConditionType::CONTAINERS_READY, finding);
    let Some(known) = known else {
        return condition(Finding::no(reason::UNKNOWN_CONTAINER_STATUSES));
    };
    let spec = &input.pod.spec;
    let counted = || {
        let sidecars = spec.init_containers.iter().filter(|c| c.is_sidecar());
        sidecars.chain(&spec.containers)
    };
    let unknown = |container: &&Container| known(&container.name).is_none();
    let unready =
        |container: &&Container| known(&container.name).is_some_and(|status| !status.ready);

    condition(match input.phase {
        Some(PodPhase::Succeeded) if !counted().any(|container| unknown(&container)) => {
            Finding::no(reason::POD_COMPLETED)
        }
        Some(PodPhase::Failed) => Finding::no(reason::POD_FAILED),
        _ if counted().any(|container| unknown(&container) || unready(&container)) => {
            let mut message = String::new();
            let unknown = counted().filter(unknown);
            mention(
                &mut message,
                "containers with unknown status",
                unknown.map(name),
            );
            let unready = counted().filter(unready);
            mention(
                &mut message,
                "containers with unready status",
                unready.map(name),
            );
            Finding {
                message,
                ..Finding::no(reason::CONTAINERS_NOT_READY)
            }
        }
        _ => Finding::plain(true),
    })
}

fn ready_of(input: &ConditionsInput<'_>, containers_ready: &PodCondition) -> PodCondition {
    if containers_ready.status != Some(ConditionStatus::True) {
        return PodCondition {
            type_: PodConditionType::READY,
            ..containers_ready.clone()
        };
    }
    let gates = &input.pod.spec.readiness_gates;
    let conditions = ByName::new(input.gates, gates.len(), |condition| {
        condition.type_.as_str()
    });
    let shut = gates
        .iter()
        .map(|gate| gate.condition_type.as_str())
        .filter(|gate| {
            conditions
                .find(gate)
                .is_none_or(|condition| condition.status != Some(ConditionStatus::True))
        });
    let mut message = String::new();
    mention(&mut message, "readiness gates not true", shut);
    let finding = if message.is_empty() {
        Finding::plain(true)
    } else {
        Finding {
            message,
            ..Finding::no(reason::READINESS_GATES_NOT_READY)
        }
    };
    observed(input, PodConditionType::READY, finding)
}

fn name(container: &Container) -> &str {
    &container.name
}

/// Appends `what: [a b]` when there are any names.
fn mention<'a>(message: &mut String, what: &str, names: impl Iterator<Item = &'a str>) {
    let mut open = false;
    for name in names {
        if open {
            message.push(' ');
        } else {
            if !message.is_empty() {
                message.push_str(", ");
            }
            message.push_str(what);
            message.push_str(": [");
            open = true;
        }
        message.push_str(name);
    }
    if open {
        message.push(']');
    }
}

/// Whether the first condition of that type is true.
pub(crate) fn is_true(conditions: &[PodCondition], type_: &PodConditionType) -> bool {
    find(conditions, type_).is_some_and(|condition| condition.status == Some(ConditionStatus::True))
}

/// Returns the first condition of that type.
pub(crate) fn find<'a>(
    conditions: &'a [PodCondition],
    type_: &PodConditionType,
) -> Option<&'a PodCondition> {
    conditions
        .iter()
        .find(|condition| condition.type_ == *type_)
}
