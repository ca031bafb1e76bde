//! Where a pod fits, and every reason why it does not.
//!
//! Answers what the filters, the scores ([`score`]) and the preemption ([`preemption`]) of
//! kube-scheduler's default profile answer, and what the kubelet asks again when the pod arrives
//! ([`node_admission`]).
//!
//! Each filter stands alone in a module of its own: it is prepared once from the pod, and then held
//! against the facts of one node after the other. [`Snapshot`] keeps a cluster ready for all of them
//! together, and [`schedule`] runs them in the scheduler's order.
//!
//! ```
//! use pod_lifecycle::{api::{Node, Pod}, scheduling::{self, Snapshot}};
//!
//! let mut snapshot = Snapshot::new();
//! for name in ["a", "b", "c"] {
//!     let node: Node = serde_json::from_value(serde_json::json!({
//!         "metadata": {"name": name},
//!         "spec": {"unschedulable": name == "c"},
//!         "status": {"allocatable": {"cpu": "1", "memory": "2Gi", "pods": "110"}}
//!     }))?;
//!     snapshot.set_node(&node);
//! }
//! let pod: Pod = serde_json::from_value(serde_json::json!({
//!     "spec": {"containers": [{"name": "app", "resources": {"requests": {"cpu": "2"}}}]}
//! }))?;
//! let outcome = scheduling::schedule(&pod, &snapshot);
//! assert_eq!(
//!     outcome.summary(),
//!     "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu.",
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! Left out is what needs objects that this crate does not know: bound and provisioned volumes
//! (`VolumeBinding`, `VolumeZone`, `NodeVolumeLimits`) and claims for devices
//! (`DynamicResources`). Nominated pods, extenders, and the scoring strategy
//! `RequestedToCapacityRatio` are not known either.

mod column;
mod compiled;
mod cycle;
pub mod declared_features;
pub mod gates;
mod intern;
mod misfit;
pub mod node_admission;
pub mod node_affinity;
mod node_info;
pub mod node_name;
mod outcome;
mod pod_affinity;
pub mod ports;
pub mod preemption;
pub mod resources;
pub mod score;
mod snapshot;
pub mod taints;
mod template;
mod topology_spread;
pub mod unschedulable;
mod volumes;

pub use self::{
    cycle::Cycle,
    misfit::{Code, Misfit, Plugin, Verdict},
    outcome::{Outcome, Placement, schedule, schedule_one},
    snapshot::{NodeId, PodId, Snapshot},
};
