//! What the scheduler has to know of a node, put so that a pod is held against it quickly.

use alloc::{boxed::Box, vec::Vec};

use super::{
    intern::Id,
    resources::{NodeResources, Room},
    template::{Template, Usual},
};

/// A node of a snapshot and what its pods use of it: what most filters ask of all nodes, close together.
#[derive(Clone, Debug, Default)]
pub(super) struct NodeInfo {
    /// What is left of [`Details::resources`].
    pub(super) room: Room,
    /// The number of the list of taints.
    pub(super) taints: Id,
    /// The number of the list of declared features.
    pub(super) features: Id,
    /// How many of its pods have ports on the node.
    pub(super) pods_with_ports: u32,
    /// How many of its pods have disks that cannot be shared.
    pub(super) pods_with_disks: u32,
    /// Whether the node itself is known; before that, and after, only pods name it.
    pub(super) is_known: bool,
    pub(super) is_unschedulable: bool,
    pub(super) details: Box<Details>,
}

/// The rest of a node.
#[derive(Clone, Debug, Default)]
pub(super) struct Details {
    pub(super) resources: NodeResources,
    /// The numbers of keys and values together.
    pub(super) labels: Box<[Id]>,
    pub(super) usual: Usual,
    pub(super) pods: Vec<Id>,
    /// Numbers of images, and their sizes in bytes, by number.
    pub(super) images: Box<[(Id, i64)]>,
    pub(super) name: Box<str>,
}

impl NodeInfo {
    pub(super) fn named(name: &str) -> Self {
        let mut info = Self::default();
        info.details.name = name.into();
        info
    }

    /// Takes over what the node gives to pods.
    pub(super) fn offer(&mut self, resources: NodeResources) {
        let known = &mut self.details.resources;
        known.allocatable = resources.allocatable;
        known.allowed_pods = resources.allowed_pods;
        self.room = known.room();
    }

    /// Counts a pod in.
    pub(super) fn take_in(&mut self, pod: &Template) {
        self.details.resources.add(&pod.requests);
        self.details.usual = self.details.usual.plus(pod.usual);
        self.pods_with_ports += u32::from(pod.ports.is_some());
        self.pods_with_disks += u32::from(!pod.disks.is_empty());
        self.room = self.details.resources.room();
    }

    /// Counts no pod any more.
    pub(super) fn clear(&mut self) {
        self.details.resources.clear();
        self.details.usual = Usual::default();
        self.pods_with_ports = 0;
        self.pods_with_disks = 0;
        self.room = self.details.resources.room();
    }
}
