//! A program without `std` that uses the crate.
//!
//! It brings its own panic handler, so whatever links `std` makes two of them, and the build fails
//! (`duplicate lang item … panic_impl`). It also runs: exit code 0 says that the answers were right,
//! any other is the line of the check that failed, modulo 256.

#![no_std]
#![no_main]

extern crate alloc;

use alloc::{string::ToString, sync::Arc};
use core::{
    alloc::{GlobalAlloc, Layout},
    ffi::{c_char, c_int, c_void},
    panic::PanicInfo,
};

use pod_lifecycle::{
    admission,
    api::{Pod, PodPhase, PodQOSClass, RestartPolicy},
    jiff::Timestamp,
    lifecycle::{Sandbox, SandboxState},
    machine::{Action, Config, ImagePresence, Input, PodMachine},
    resources::qos,
};

#[link(name = "c")]
unsafe extern "C" {
    fn aligned_alloc(align: usize, size: usize) -> *mut c_void;
    fn free(memory: *mut c_void);
    fn exit(code: c_int) -> !;
}

struct LibcAllocator;

// SAFETY: `aligned_alloc` and `free` are an allocator; the size is rounded up to a multiple of the
// alignment, as C asks, and cannot overflow, since a `Layout`'s rounded size fits `isize`.
unsafe impl GlobalAlloc for LibcAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let layout = layout.pad_to_align();
        // SAFETY: any alignment of a `Layout` is a power of two.
        unsafe { aligned_alloc(layout.align(), layout.size()).cast() }
    }

    unsafe fn dealloc(&self, memory: *mut u8, _: Layout) {
        // SAFETY: `memory` came from `aligned_alloc`.
        unsafe { free(memory.cast()) }
    }
}

#[global_allocator]
static ALLOCATOR: LibcAllocator = LibcAllocator;

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let line = info.location().map_or(255, |at| at.line());
    let code = c_int::try_from(line % 256).unwrap_or(255).max(1);
    // SAFETY: `exit` may be called from anywhere.
    unsafe { exit(code) }
}

/// The prebuilt `alloc` is built with unwinding and asks for these two; nothing here unwinds.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    panic!("unwinding");
}

#[unsafe(no_mangle)]
extern "C" fn main(_: c_int, _: *const *const c_char) -> c_int {
    let pod = decode();
    let pod = admit(pod);
    run(pod);
    0
}

fn decode() -> Pod {
    let text = r#"{
        "metadata": {"name": "web", "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"containers": [{"name": "web", "image": "nginx:1.29", "env": null}]}
    }"#;
    let pod: Pod = serde_json::from_str(text).expect("a pod");
    let created = pod.metadata.creation_timestamp.expect("a creation time");
    assert!(created.timestamp() > Timestamp::UNIX_EPOCH);
    assert!(created.to_string() == "2026-01-01T00:00:00Z");
    let again = serde_json::to_string(&pod).expect("JSON");
    assert!(serde_json::from_str::<Pod>(&again).expect("a pod") == pod);
    pod
}

fn admit(pod: Pod) -> Arc<Pod> {
    let now = Timestamp::UNIX_EPOCH;
    let created = admission::create(now, pod, &admission::Options::default());
    let pod = created.expect("a valid pod").pod;
    assert!(pod.spec.restart_policy == Some(RestartPolicy::Always));
    assert!(qos::class(&pod) == PodQOSClass::BestEffort);

    let refused = admission::create(now, Pod::default(), &admission::Options::default());
    let errors = refused.expect_err("a pod without anything");
    assert!(
        errors
            .to_string()
            .contains("spec.containers: Required value")
    );
    Arc::new(pod)
}

/// Does what the machine asks for until it asks for no more; then the pod runs.
fn run(pod: Arc<Pod>) {
    let now = Timestamp::UNIX_EPOCH;
    let mut machine = PodMachine::new(pod, Config::default(), now);
    while let Some(action) = machine.poll_action() {
        let outcome = match action {
            Action::CreateSandbox { .. } => Input::SandboxCreated(Sandbox {
                id: "sandbox".into(),
                state: SandboxState::Ready,
                ip: Some("10.0.0.2".into()),
                ..Sandbox::default()
            }),
            Action::InspectImage { container, .. } => Input::ImageInspected {
                container,
                presence: ImagePresence::Present,
            },
            Action::PullImage { container, .. } => Input::ImagePulled {
                container,
                result: Ok(()),
            },
            Action::CreateContainer { container, .. } => Input::ContainerCreated {
                container,
                id: "runtime://1".into(),
            },
            Action::StartContainer { container, id } => Input::ContainerStarted { container, id },
            _ => continue,
        };
        machine.handle_input(now, outcome).expect("an answer");
    }
    assert!(machine.status().phase == Some(PodPhase::Running));
    assert!(machine.poll_timeout().is_some());
}
