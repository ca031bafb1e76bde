//! Merging a report with what the API server has.

use alloc::vec::Vec;

use jiff::Timestamp;

use super::{
    conditions::{find, is_true},
    owned::{is_owned, replace_or_append, since},
};
use crate::{
    api::{ConditionStatus, Pod, PodCondition, PodConditionType, PodPhase, PodStatus, Time},
    lifecycle::{kind, reason},
};

/// What a report is merged with.
#[derive(Clone, Copy, Debug)]
pub struct MergeInput<'a> {
    /// The pod; its status is not read.
    pub pod: &'a Pod,
    /// The status that the API server has.
    pub old: &'a PodStatus,
    /// Whether some container of the pod may still run, so that its end must not be told yet.
    pub could_have_running_containers: bool,
    /// The current time.
    pub now: Timestamp,
}

/// Returns the status to publish: what the kubelet reports, beside what others have written.
///
/// Follows the status manager's `mergePodStatus` (v1.36). Conditions that the kubelet does not own stay as the API server has
/// them; a final phase is held back while containers may run; a pod in a final phase is not ready.
///
/// ```
/// use pod_lifecycle::api::{Pod, PodPhase, PodStatus};
/// use pod_lifecycle::{jiff::Timestamp, lifecycle::status::{MergeInput, merge}};
///
/// let old = PodStatus { phase: Some(PodPhase::Running), ..PodStatus::default() };
/// let new = PodStatus { phase: Some(PodPhase::Failed), ..PodStatus::default() };
/// let mut input = MergeInput {
///     pod: &Pod::default(),
///     old: &old,
///     could_have_running_containers: true,
///     now: Timestamp::UNIX_EPOCH,
/// };
/// assert_eq!(merge(&input, new.clone()).phase, Some(PodPhase::Running));
/// input.could_have_running_containers = false;
/// assert_eq!(merge(&input, new).phase, Some(PodPhase::Failed));
/// ```
#[must_use]
pub fn merge(input: &MergeInput<'_>, mut new: PodStatus) -> PodStatus {
    let old = input.old;
    let now = Time::new(input.now);
    let ends = kind::is_terminal(new.phase.as_ref()) && !kind::is_terminal(old.phase.as_ref());

    let kept = old
        .conditions
        .iter()
        .filter(|condition| !is_owned(&condition.type_));
    let mut conditions: Vec<_> = kept.cloned().collect();
    let mut tells_target = ends && !input.could_have_running_containers;
    for mut condition in new.conditions {
        if is_owned(&condition.type_) {
            conditions.push(condition);
        } else if condition.type_ == PodConditionType::DISRUPTION_TARGET && tells_target {
            let before = find(&old.conditions, &condition.type_);
            condition.last_transition_time = since(&condition, before, now);
            replace_or_append(&mut conditions, condition);
            tells_target = false;
        }
    }
    new.conditions = conditions;
    new.resource_claim_statuses
        .clone_from(&old.resource_claim_statuses);
    new.extended_resource_claim_status
        .clone_from(&old.extended_resource_claim_status);
    new.node_allocatable_resource_claim_statuses
        .clone_from(&old.node_allocatable_resource_claim_statuses);
    if ends && input.could_have_running_containers {
        new.phase.clone_from(&old.phase);
        new.reason.clone_from(&old.reason);
        new.message.clone_from(&old.message);
    }
    set_unready_at_the_end(&mut new, input.pod, now);
    new
}

/// A pod in a final phase is not ready, however its last report came about.
fn set_unready_at_the_end(status: &mut PodStatus, pod: &Pod, now: Time) {
    let reason = match status.phase {
        Some(PodPhase::Succeeded) => reason::POD_COMPLETED,
        Some(PodPhase::Failed) => reason::POD_FAILED,
        _ => return,
    };
    let types = [PodConditionType::CONTAINERS_READY, PodConditionType::READY];
    if !types.iter().any(|type_| is_true(&status.conditions, type_)) {
        return;
    }
    for type_ in types {
        let before = find(&status.conditions, &type_);
        let since = before
            .filter(|before| before.status == Some(ConditionStatus::False))
            .map_or(Some(now), |before| before.last_transition_time);
        let condition = PodCondition {
            type_,
            observed_generation: pod.metadata.generation,
            status: Some(ConditionStatus::False),
            last_transition_time: since,
            reason: reason.into(),
            ..PodCondition::default()
        };
        replace_or_append(&mut status.conditions, condition);
    }
}
