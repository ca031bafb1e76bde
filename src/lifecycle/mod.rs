//! What the kubelet decides and reports about a pod.

pub mod back_off;
pub mod observation;
pub mod plan;
pub mod probe;
pub mod reason;
pub mod restart;

mod by_name;

pub use self::{
    observation::{Observation, ObservedContainer, ObservedState, Sandbox, SandboxState},
    plan::{Plan, PlanInput, plan},
};
