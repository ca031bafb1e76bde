//! How often decoding and copying a pod allocates.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
};

use pod_lifecycle::{
    admission::{self, Options, defaults, prepare, validation},
    api::{Pod, PodPhase},
    jiff::Timestamp,
    lifecycle::{
        PlanInput, plan,
        status::{PhaseInput, Statuses, phase},
    },
};
use pod_lifecycle_benches::{OtherPod, Sample, decode, recorded, running, small, typical, wild};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator as it is; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Counts allocations and reallocations on this thread.
fn count<T>(action: impl FnOnce() -> T) -> (T, usize) {
    let before = ALLOCATIONS.get();
    let value = action();
    (value, ALLOCATIONS.get() - before)
}

#[test]
fn a_pod_is_decoded_and_copied_with_few_allocations() {
    let bounds = |Sample { name, json }: Sample, most: usize| {
        let (ours, decoding) = count(|| decode::<Pod>(&json));
        let (_, copying) = count(|| ours.clone());
        let (other, others_decoding) = count(|| decode::<OtherPod>(&json));
        let (_, others_copying) = count(|| other.clone());
        println!(
            "{name}: decoding {decoding} ({others_decoding}), copying {copying} ({others_copying})"
        );
        assert!(decoding <= most && decoding <= others_decoding);
        assert!(copying <= decoding && copying <= others_copying);
    };
    bounds(typical(), 240);
    bounds(small(), 40);
}

#[test]
fn a_pod_is_judged_without_allocating_and_created_with_fewer_allocations_than_it_is_decoded() {
    let options = Options::default();
    for Sample { name, json } in [typical(), small()] {
        let now = Timestamp::UNIX_EPOCH;
        let (mut pod, decoding) = count(|| decode::<Pod>(&json));
        // What is created has no status of its own, and no node that gates hold it from.
        pod.status = <_>::default();
        let raw = pod.clone();
        let ((), defaulting) = count(|| defaults::apply(&mut pod));
        let ((), preparing) = count(|| prepare::create(now, &mut pod));
        let (judged, judging) = count(|| validation::create(&pod, &validation::Options::default()));
        assert_eq!(judged, Ok(()), "{name}");
        let (created, creating) = count(|| admission::create(now, raw, &options));
        assert!(created.is_ok());
        println!(
            "{name}: decoding {decoding}, defaulting {defaulting}, preparing {preparing}, judging {judging}, creating {creating}"
        );
        assert_eq!(judging, 0, "{name}");
        assert!(creating < decoding, "{name}");
    }
}

/// Prints what the middle and the worst of them take.
#[test]
fn published_pods_are_judged_without_allocating() {
    for (name, pods) in [("recorded", recorded()), ("wild", wild())] {
        published_are_judged_without_allocating(name, &pods);
    }
}

fn published_are_judged_without_allocating(name: &str, pods: &[String]) {
    let options = Options::default();
    let mut counts: [Vec<usize>; 5] = Default::default();
    for json in pods {
        let (mut pod, decoding) = count(|| decode::<Pod>(json));
        let raw = pod.clone();
        let ((), defaulting) = count(|| defaults::apply(&mut pod));
        let ((), preparing) = count(|| prepare::create(Timestamp::UNIX_EPOCH, &mut pod));
        let (judged, judging) = count(|| validation::create(&pod, &validation::Options::default()));
        if judged.is_err() {
            // Taken, since preparing has brought it in order.
            continue;
        }
        assert_eq!(judging, 0, "{json}");
        let (created, creating) = count(|| admission::create(Timestamp::UNIX_EPOCH, raw, &options));
        assert!(created.is_ok());
        let steps = [decoding, defaulting, preparing, judging, creating];
        counts
            .iter_mut()
            .zip(steps)
            .for_each(|(all, one)| all.push(one));
    }
    let steps = ["decoding", "defaulting", "preparing", "judging", "creating"];
    for (step, mut all) in steps.into_iter().zip(counts) {
        all.sort_unstable();
        let Some(most) = all.last() else {
            return;
        };
        let middle = all[all.len() / 2];
        println!(
            "{name}, {} pods, {step}: {middle} allocations, {most} at most",
            all.len()
        );
    }
}

#[test]
fn a_plan_with_nothing_to_do_allocates_nothing() {
    for running in [running::typical(), running::large()] {
        let mut input = PlanInput::new(&running.pod, &running.seen);
        input.probes = &running.probes;
        input.actuated = Some(&running.actuated);
        let (plan, allocations) = count(|| plan(&input));
        assert!(plan.is_empty());
        assert_eq!(allocations, 0, "{}", running.name);
    }
}

#[test]
fn a_phase_allocates_nothing() {
    for running in [running::typical(), running::large()] {
        let status = running.status();
        let input = PhaseInput {
            pod: &running.pod,
            statuses: Statuses::of(&status),
            terminal: false,
            initialized: true,
        };
        let (phase, allocations) = count(|| phase(&input));
        assert_eq!(phase, PodPhase::Running);
        assert_eq!(allocations, 0, "{}", running.name);
    }
}
