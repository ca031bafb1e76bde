//! What has to hold in every state and on every edge.

use std::sync::Arc;

use pod_lifecycle::{
    api::PodPhase,
    lifecycle::{self, PlanInput, back_off::BackOff},
    machine::{DeadlineReason, Input, Stage},
};

use super::world::World;

/// Says which rule an edge breaks, if it breaks one.
pub(super) fn check(before: &World, after: &World) -> Result<(), String> {
    phase_stays_final(before, after)?;
    restarts_never_fall(before, after)?;
    starts_are_in_order(after)?;
    only_a_sync_begun_before_the_end_still_starts(before, after)?;
    back_offs_are_bounded_and_grow(before, after)
}

/// Says which rule a state breaks by itself, if it breaks one.
pub(super) fn check_state(world: &World) -> Result<(), String> {
    a_second_look_changes_nothing(world)?;
    a_plan_converges(world)
}

fn rule(holds: bool, words: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(words()) }
}

fn phase_stays_final(before: &World, after: &World) -> Result<(), String> {
    let (old, new) = (
        &before.machine.status().phase,
        &after.machine.status().phase,
    );
    let ended = matches!(old, Some(PodPhase::Succeeded | PodPhase::Failed));
    rule(!ended || old == new, || {
        format!("phase {old:?} becomes {new:?}")
    })
}

fn restarts_never_fall(before: &World, after: &World) -> Result<(), String> {
    let counts = |world: &World| {
        let status = world.machine.status();
        let all = status
            .init_container_statuses
            .iter()
            .chain(&status.container_statuses);
        all.map(|one| (one.name.clone(), one.restart_count))
            .collect::<Vec<_>>()
    };
    let new = counts(after);
    for (name, old) in counts(before) {
        let fell = new.iter().any(|(other, new)| *other == name && *new < old);
        rule(!fell, || format!("the restart count of {name} falls"))?;
    }
    Ok(())
}

fn starts_are_in_order(after: &World) -> Result<(), String> {
    for asked in &after.asked {
        let regular = asked.container.starts_with("app");
        rule(!regular || !asked.first || asked.unready.is_empty(), || {
            format!("{} starts before {:?}", asked.container, asked.unready)
        })?;
    }
    Ok(())
}

fn only_a_sync_begun_before_the_end_still_starts(
    before: &World,
    after: &World,
) -> Result<(), String> {
    let ending = before.deleted && !before.syncs || before.machine.stage() != Stage::Syncing;
    rule(!ending || after.asked.is_empty(), || {
        format!("{} starts although the pod ends", after.asked[0].container)
    })
}

fn back_offs_are_bounded_and_grow(before: &World, after: &World) -> Result<(), String> {
    let first = BackOff::CRASH_LOOP.initial.as_secs();
    let (old, new) = (&before.back_offs, &after.back_offs);
    for (key, wait) in new {
        rule((first..=2 * first).contains(wait), || {
            format!("{key} waits {wait} s")
        })?;
        let longer = old.get(key).copied().unwrap_or(0);
        // Nothing here works for as long as a reset takes while its entry is kept.
        rule(*wait >= longer || *wait == first, || {
            format!("{key} waits {wait} s after {longer} s")
        })?;
    }
    Ok(())
}

fn a_second_look_changes_nothing(after: &World) -> Result<(), String> {
    let mut again = after.machine.clone();
    again.handle_timeout(after.now);
    rule(again == after.machine, || {
        "a spurious timeout changes something".into()
    })?;
    // A change of the object asks for a sync; the first one says what the last one left to say.
    let mut sync = |count: &str| {
        let mut pod = again.pod().clone();
        pod.metadata.annotations.insert("look".into(), count.into());
        let told = again.handle_input(after.now, Input::PodUpdated(Arc::new(pod)));
        told.map(|()| again.status().clone())
    };
    let (_, second, third) = (sync("1"), sync("2"), sync("3"));
    rule(second.is_ok() && second == third, || {
        format!("the status changes when it is derived again:\n{second:?}\n{third:?}")
    })
}

/// What a plan has achieved needs no other, unless something is held back or under way.
fn a_plan_converges(after: &World) -> Result<(), String> {
    let machine = &after.machine;
    let over = matches!(
        machine.status().phase,
        Some(PodPhase::Succeeded | PodPhase::Failed)
    );
    if after.deleted || over || after.syncs || machine.stage() != Stage::Syncing {
        return Ok(());
    }
    let plan = lifecycle::plan(&PlanInput::new(machine.pod(), machine.observation()));
    let waits = machine.poll_timeout().map(|deadline| deadline.reason);
    let held_back =
        !after.back_offs.is_empty() && waits.is_some() || waits == Some(DeadlineReason::BackOff);
    // A pod that is killed waits for its containers to end.
    rule(plan.is_empty() || plan.kill_pod || held_back, || {
        format!("there is still to do, and no wait: {plan:?}")
    })
}
