//! What the scheduler has to know of a node, put so that a pod is held against it quickly.

use alloc::{boxed::Box, vec::Vec};

use super::{intern::Id, resources::NodeResources, template::Usual};

/// A node of a snapshot and what its pods use of it.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeInfo {
    pub(super) resources: NodeResources,
    /// Its labels: the numbers of keys and values together.
    pub(super) labels: Box<[Id]>,
    /// The number of the list of taints.
    pub(super) taints: Id,
    /// The number of the list of declared features.
    pub(super) features: Id,
    /// Whether the node itself is known; before that, and after, only pods name it.
    pub(super) is_known: bool,
    pub(super) is_unschedulable: bool,
    /// How many of its pods have ports on the node.
    pub(super) pods_with_ports: u32,
    /// How many of its pods have disks that cannot be shared.
    pub(super) pods_with_disks: u32,
    pub(super) usual: Usual,
    pub(super) pods: Vec<Id>,
    /// Numbers of images, and their sizes in bytes, by number.
    pub(super) images: Box<[(Id, i64)]>,
    pub(super) name: Box<str>,
}
