//! What the kubelet decides and reports about a pod.

pub mod back_off;
pub mod deadline;
pub mod endpoint;
pub mod expand;
pub mod explain;
pub mod health;
pub mod hostname;
pub mod image;
pub mod observation;
pub mod plan;
pub mod probe;
pub mod reason;
pub mod resize;
pub mod restart;
pub mod static_pod;
pub mod status;
pub mod termination;
pub mod volume;
pub mod worker;

mod by_name;
mod kind;
mod text;

pub use self::{
    observation::{Observation, ObservedContainer, ObservedState, Sandbox, SandboxState},
    plan::{Plan, PlanInput, plan},
};
