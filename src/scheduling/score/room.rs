//! Scores by what is left of cpu and memory.

use alloc::vec::Vec;

use super::{MAX, Scores, percent, truncate};
use crate::scheduling::{
    Cycle,
    intern::Id,
    node_info::NodeInfo,
    resources::{Amounts, requested_by},
    template::Usual,
};

pub(super) fn least_allocated(cycle: &Cycle<'_>, nodes: &[(Id, &NodeInfo)]) -> Scores {
    by_use(cycle, nodes, |requested, allocatable| {
        if requested > allocatable {
            0
        } else {
            percent(allocatable.saturating_sub(requested), allocatable)
        }
    })
}

pub(super) fn most_allocated(cycle: &Cycle<'_>, nodes: &[(Id, &NodeInfo)]) -> Scores {
    by_use(cycle, nodes, |requested, allocatable| {
        percent(requested.min(allocatable), allocatable)
    })
}

/// The mean of a score of cpu and one of memory, of those that a node has at all.
fn by_use(cycle: &Cycle<'_>, nodes: &[(Id, &NodeInfo)], score: impl Fn(i64, i64) -> i64) -> Scores {
    let pod = Usual::incoming(cycle.pod);
    let raw = nodes.iter().map(|(_, info)| {
        let requested = info.details.usual.plus(pod);
        let has = &info.details.resources.allocatable;
        let both = [
            (requested.milli_cpu, has.milli_cpu),
            (requested.memory, has.memory),
        ];
        let counted = both
            .into_iter()
            .filter(|(_, allocatable)| *allocatable != 0);
        let (sum, count) = counted.fold((0, 0), |(sum, count), (requested, allocatable)| {
            let score = score(requested, allocatable);
            (i64::saturating_add(sum, score), count + 1)
        });
        if count == 0 { 0 } else { sum / count }
    });
    Scores::as_counted(raw.collect())
}

pub(super) fn balanced_allocation(cycle: &Cycle<'_>, nodes: &[(Id, &NodeInfo)]) -> Option<Scores> {
    // What the status says of a resize counts here, though the pod has not been placed.
    let pod = requested_by(cycle.pod);
    if pod.milli_cpu == 0 && pod.memory == 0 {
        return None;
    }
    let raw = nodes.iter().map(|(_, info)| {
        let has = &info.details.resources.allocatable;
        let used = &info.details.resources.requested;
        let with = balance(
            used.milli_cpu.saturating_add(pod.milli_cpu),
            used.memory.saturating_add(pod.memory),
            has,
        );
        let without = balance(used.milli_cpu, used.memory, has);
        MAX / 2 + (MAX / 2 + with - without) / 2
    });
    let raw: Vec<_> = raw.collect();
    Some(Scores::as_counted(raw))
}

/// How evenly cpu and memory are used, 100 where the shares are equal.
fn balance(milli_cpu: i64, memory: i64, has: &Amounts) -> i64 {
    let share =
        |used: i64, has: i64| (has != 0).then(|| (used as f64 / has as f64).clamp(0.0, 1.0));
    let cpu = share(milli_cpu, has.milli_cpu);
    let memory = share(memory, has.memory);
    let deviation = cpu.zip(memory).map_or(0.0, |(cpu, memory)| {
        let difference = cpu - memory;
        if difference < 0.0 {
            -difference / 2.0
        } else {
            difference / 2.0
        }
    });
    truncate((1.0 - deviation) * MAX as f64)
}
