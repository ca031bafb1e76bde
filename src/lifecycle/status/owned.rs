//! Whose conditions are whose.

use alloc::vec::Vec;

use crate::{
    api::{PodCondition, PodConditionType, Time},
    lifecycle::text,
};

/// The types of the conditions that the kubelet writes.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Kind {
    PodScheduled,
    Ready,
    Initialized,
    ContainersReady,
    PodResizeInProgress,
    PodResizePending,
    PodReadyToStartContainers,
    AllContainersRestarting,
    /// Shared with other components.
    DisruptionTarget,
}

// As the last variant says.
const KINDS: usize = Kind::DisruptionTarget as usize + 1;

impl Kind {
    pub(super) fn of(type_: &PodConditionType) -> Option<Self> {
        Some(match type_.as_str() {
            "PodScheduled" => Self::PodScheduled,
            "Ready" => Self::Ready,
            "Initialized" => Self::Initialized,
            "ContainersReady" => Self::ContainersReady,
            "PodResizeInProgress" => Self::PodResizeInProgress,
            "PodResizePending" => Self::PodResizePending,
            "PodReadyToStartContainers" => Self::PodReadyToStartContainers,
            "AllContainersRestarting" => Self::AllContainersRestarting,
            "DisruptionTarget" => Self::DisruptionTarget,
            _ => return None,
        })
    }

    /// Whether the status manager dates it; a resize is dated where it is derived.
    pub(super) fn is_dated(self) -> bool {
        !matches!(self, Self::PodResizeInProgress | Self::PodResizePending)
    }
}

/// One condition of each type that the kubelet writes.
pub(super) struct PerKind<'a>([Option<&'a PodCondition>; KINDS]);

impl<'a> PerKind<'a> {
    /// Takes of several of one type the first.
    pub(super) fn first(conditions: &'a [PodCondition]) -> Self {
        // What is written last stays.
        Self::last(conditions.iter().rev())
    }

    /// Takes of several of one type the last.
    pub(super) fn last(conditions: impl IntoIterator<Item = &'a PodCondition>) -> Self {
        let mut found = Self([None; KINDS]);
        for condition in conditions {
            if let Some(kind) = Kind::of(&condition.type_) {
                found.0[kind as usize] = Some(condition);
            }
        }
        found
    }

    pub(super) fn get(&self, kind: Kind) -> Option<&'a PodCondition> {
        self.0[kind as usize]
    }

    /// Whether both have the same types, with the same to say.
    pub(super) fn says_the_same_as(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|pair| match pair {
            (Some(a), Some(b)) => {
                a.status == b.status
                    && text::is_same(&a.reason, &b.reason)
                    && text::is_same(&a.message, &b.message)
            }
            (a, b) => a.is_none() && b.is_none(),
        })
    }
}

/// Whether conditions of that type are the kubelet's alone.
pub(super) fn is_owned(type_: &PodConditionType) -> bool {
    Kind::of(type_).is_some_and(|kind| kind != Kind::DisruptionTarget)
}

/// Dates each condition, the first of its type: as before when its status is as before.
pub(super) fn date(new: &mut [PodCondition], base: &[PodCondition], now: Time) {
    let before = PerKind::first(base);
    let mut dated = [false; KINDS];
    for condition in new {
        let Some(kind) = Kind::of(&condition.type_).filter(|kind| kind.is_dated()) else {
            continue;
        };
        if !core::mem::replace(&mut dated[kind as usize], true) {
            condition.last_transition_time = since(condition, before.get(kind), now);
        }
    }
}

/// Returns since when a condition has its status.
pub(super) fn since(new: &PodCondition, base: Option<&PodCondition>, now: Time) -> Option<Time> {
    match base {
        Some(base) if base.status == new.status => base.last_transition_time,
        _ => Some(now),
    }
}

/// Puts a condition in the place of the first one of its type, or at the end.
pub(super) fn replace_or_append(conditions: &mut Vec<PodCondition>, condition: PodCondition) {
    let same_type = |present: &&mut PodCondition| present.type_ == condition.type_;
    match conditions.iter_mut().find(same_type) {
        Some(present) => *present = condition,
        None => conditions.push(condition),
    }
}
