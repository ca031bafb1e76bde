//! How much memory a machine takes, and that looking at a pod takes none. A program of its own with one test, since no
//! other may allocate beside it.

#[path = "../examples/fleet/fleet.rs"]
#[allow(clippy::std_instead_of_alloc, dead_code)]
mod fleet;
#[path = "../benches/src/running.rs"]
#[allow(clippy::std_instead_of_alloc, unreachable_pub)]
mod running;

use core::mem::size_of;

use peak_alloc::PeakAlloc;
use pod_lifecycle::{
    api::{self, PodPhase},
    lifecycle::{
        self, PlanInput,
        status::{PhaseInput, Statuses},
    },
    machine::PodMachine,
};

use crate::{
    fleet::{Fleet, Load},
    running::Running,
};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

#[test]
fn an_idle_machine_is_small_and_looking_at_a_pod_with_nothing_to_do_allocates_nothing() {
    an_idle_machine_with_one_container_is_small();
    for running in [running::typical(), running::large()] {
        looking_allocates_nothing(&running);
    }
}

fn looking_allocates_nothing(running: &Running) {
    let status = running.status();
    let mut input = PlanInput::new(&running.pod, &running.seen);
    input.probes = &running.probes;
    input.actuated = Some(&running.actuated);
    MEMORY.reset_peak_usage();
    let before = MEMORY.peak_usage();
    let is_empty = lifecycle::plan(&input).is_empty();
    let phase = lifecycle::status::phase(&PhaseInput {
        pod: &running.pod,
        statuses: Statuses::of(&status),
        terminal: false,
        initialized: true,
    });
    let after = MEMORY.peak_usage();
    assert_eq!(after, before, "{}", running.name);
    assert!(is_empty && phase == PodPhase::Running);
    let copy = status.clone();
    assert!(MEMORY.peak_usage() > before, "a copy is seen");
    drop(copy);
}

fn an_idle_machine_with_one_container_is_small() {
    let before = MEMORY.current_usage();
    let fleet = Fleet::new(1000, Load::default());
    let each = (MEMORY.current_usage() - before) / 1000;
    println!(
        "{each} bytes: machine {}, pod {}, container {}, status {}, container status {}, observed {}",
        size_of::<PodMachine>(),
        size_of::<api::Pod>(),
        size_of::<api::Container>(),
        size_of::<api::PodStatus>(),
        size_of::<api::ContainerStatus>(),
        size_of::<lifecycle::ObservedContainer>(),
    );
    assert!(each <= 7680, "{each} bytes");
    drop(fleet);
}
