//! Where a pod fits, and every reason why it does not.
//!
//! Answers what the filters of kube-scheduler's default profile answer.
//!
//! Each filter stands alone in a module of its own: it is prepared once from the pod, and then held
//! against the facts of one node after the other.
//!
//! Left out are what needs objects that this crate does not know: bound and provisioned volumes
//! (`VolumeBinding`, `VolumeZone`, `NodeVolumeLimits`) and claims for devices
//! (`DynamicResources`).

pub mod declared_features;
pub mod gates;
mod misfit;
pub mod node_affinity;
pub mod node_name;
pub mod ports;
pub mod resources;
pub mod taints;
pub mod unschedulable;

pub use self::misfit::{Code, Misfit, Plugin, Verdict};
