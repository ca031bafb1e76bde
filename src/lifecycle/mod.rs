//! What the kubelet decides and reports about a pod.

pub mod observation;
pub mod reason;

pub use self::observation::{Observation, ObservedContainer, ObservedState, Sandbox, SandboxState};
