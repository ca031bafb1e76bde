//! How much memory a machine takes. A program of its own, since no other test may allocate beside it.

#[path = "../examples/fleet/fleet.rs"]
#[allow(clippy::std_instead_of_alloc, dead_code)]
mod fleet;

use core::mem::size_of;

use peak_alloc::PeakAlloc;
use pod_lifecycle::{api, lifecycle, machine::PodMachine};

use crate::fleet::{Fleet, Load};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

#[test]
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
