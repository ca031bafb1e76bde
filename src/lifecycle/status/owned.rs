//! Whose conditions are whose.

use alloc::vec::Vec;

use crate::api::{PodCondition, PodConditionType};

/// The types of the conditions that are the kubelet's alone.
pub(super) const OWNED: [PodConditionType; 8] = [
    PodConditionType::POD_SCHEDULED,
    PodConditionType::READY,
    PodConditionType::INITIALIZED,
    PodConditionType::CONTAINERS_READY,
    PodConditionType::POD_RESIZE_IN_PROGRESS,
    PodConditionType::POD_RESIZE_PENDING,
    PodConditionType::POD_READY_TO_START_CONTAINERS,
    PodConditionType::ALL_CONTAINERS_RESTARTING,
];

/// Whether conditions of that type are the kubelet's alone.
pub(super) fn is_owned(type_: &PodConditionType) -> bool {
    OWNED.contains(type_)
}

/// Puts a condition in the place of the first one of its type, or at the end.
pub(super) fn replace_or_append(conditions: &mut Vec<PodCondition>, condition: PodCondition) {
    let same_type = |present: &&mut PodCondition| present.type_ == condition.type_;
    match conditions.iter_mut().find(same_type) {
        Some(present) => *present = condition,
        None => conditions.push(condition),
    }
}
