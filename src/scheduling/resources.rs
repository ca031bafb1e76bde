//! Room on a node for what a pod requests.
//!
//! Everything is counted in integers, each rounded up: cpu in thousandths of a core, memory and
//! ephemeral storage in bytes, other resources in their units. Follows `Fits` of the plugin
//! `NodeResourcesFit`.

use alloc::{collections::BTreeMap, string::String, vec::Vec};
use core::fmt;

use crate::{
    api::{NodeStatus, Pod, ResourceList, ResourceName},
    format,
    quantity::Quantity,
    resources::{self, Options},
};

/// Amounts of resources as the scheduler counts them.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Amounts {
    /// Thousandths of a core.
    pub milli_cpu: i64,
    /// Bytes.
    pub memory: i64,
    /// Bytes.
    pub ephemeral_storage: i64,
    /// Huge pages, extended resources and the like, by name.
    pub scalars: BTreeMap<ResourceName, i64>,
}

impl Amounts {
    /// Counts a list. Names that the scheduler does not count are passed over.
    ///
    /// ```
    /// use pod_lifecycle::{api::ResourceList, scheduling::resources::Amounts};
    ///
    /// let list: ResourceList =
    ///     serde_json::from_str(r#"{"cpu": "0.5", "nvidia.com/gpu": "1", "storage": "1Gi"}"#)?;
    /// let amounts = Amounts::of(&list);
    /// assert_eq!(amounts.milli_cpu, 500);
    /// assert_eq!(amounts.scalars.len(), 1);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn of(list: &ResourceList) -> Self {
        let mut amounts = Self::default();
        for (name, amount) in list {
            match name.as_str() {
                "cpu" => amounts.milli_cpu = amount.milli_value(),
                "memory" => amounts.memory = amount.value(),
                "ephemeral-storage" => amounts.ephemeral_storage = amount.value(),
                other if is_scalar(other) => {
                    amounts.scalars.insert(name.clone(), amount.value());
                }
                _ => {}
            }
        }
        amounts
    }

    /// Adds other amounts; a sum stays at the largest number there is.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::resources::Amounts;
    ///
    /// let mut sum = Amounts { milli_cpu: 500, ..Amounts::default() };
    /// sum.add(&sum.clone());
    /// assert_eq!(sum.milli_cpu, 1000);
    /// ```
    pub fn add(&mut self, other: &Self) {
        self.milli_cpu = self.milli_cpu.saturating_add(other.milli_cpu);
        self.memory = self.memory.saturating_add(other.memory);
        self.ephemeral_storage = self
            .ephemeral_storage
            .saturating_add(other.ephemeral_storage);
        for (name, amount) in &other.scalars {
            match self.scalars.get_mut(name) {
                Some(sum) => *sum = sum.saturating_add(*amount),
                None => {
                    self.scalars.insert(name.clone(), *amount);
                }
            }
        }
    }
}

/// Whether the scheduler counts a resource beside cpu, memory and ephemeral storage.
fn is_scalar(name: &str) -> bool {
    format::is_extended_resource(name)
        || format::is_huge_pages(name)
        || name.contains("kubernetes.io/")
        || name.starts_with("attachable-volumes-")
}

/// What a pod that is to be placed requests.
///
/// ```
/// use pod_lifecycle::{
///     api::{Node, Pod},
///     scheduling::resources::{Ignored, NodeResources, Request},
/// };
///
/// let node: Node = serde_json::from_str(r#"{"status": {"allocatable": {"cpu": "1", "pods": "2"}}}"#)?;
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"containers": [{"name": "a", "resources": {"requests": {"cpu": "600m"}}}]}}"#,
/// )?;
/// let mut node = NodeResources::of(&node.status);
/// let request = Request::of(&pod);
/// assert!(request.fits(&node));
/// node.add_pod(&pod);
/// let short = request.insufficient(&node, &Ignored::default());
/// assert_eq!(short[0].to_string(), "Insufficient cpu");
/// assert_eq!((short[0].requested, short[0].used, short[0].capacity), (600, 600, 1000));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Request {
    amounts: Amounts,
    /// Nothing but a place among the pods.
    is_nothing: bool,
}

impl Request {
    /// Returns what a pod requests, its status left aside.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, scheduling::resources::Request};
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "a", "resources": {"requests": {"cpu": "600m"}}}]}}"#,
    /// )?;
    /// assert_eq!(Request::of(&pod).amounts().milli_cpu, 600);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn of(pod: &Pod) -> Self {
        Self::from(&resources::requests(pod, &Options::default()))
    }

    /// Returns the amounts.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, scheduling::resources::Request};
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "a", "resources": {"requests": {"cpu": "600m"}}}]}}"#,
    /// )?;
    /// assert_eq!(Request::of(&pod).amounts().milli_cpu, 600);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn amounts(&self) -> &Amounts {
        &self.amounts
    }

    /// Whether the node has room.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, scheduling::resources::{NodeResources, Request}};
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "a", "resources": {"requests": {"cpu": "600m"}}}]}}"#,
    /// )?;
    /// assert!(!Request::of(&pod).fits(&NodeResources::default()));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn fits(&self, node: &NodeResources) -> bool {
        self.fits_in(&node.room(), node)
    }

    /// Does as [`fits`](Self::fits), and looks at the node only where the room says too little.
    pub(super) fn fits_in(&self, room: &Room, node: &NodeResources) -> bool {
        let wanted = &self.amounts;
        let fits = |wanted: i64, left: i64| wanted <= 0 || wanted <= left;
        if !room.has_place {
            return false;
        }
        if self.is_nothing {
            return true;
        }
        let fits_usual = fits(wanted.milli_cpu, room.milli_cpu)
            && fits(wanted.memory, room.memory)
            && fits(wanted.ephemeral_storage, room.ephemeral_storage);
        if !fits_usual || wanted.scalars.is_empty() {
            return fits_usual;
        }
        let (has, used) = (&node.allocatable.scalars, &node.requested.scalars);
        let mut scalars = wanted.scalars.iter();
        scalars.all(|(name, wanted)| fits(*wanted, of(has, name).saturating_sub(of(used, name))))
    }

    /// Returns what the node has not enough left of: pods, cpu, memory, ephemeral storage, then
    /// the others by name.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, scheduling::resources::{Ignored, NodeResources, Request}};
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "a", "resources": {"requests": {"cpu": "600m"}}}]}}"#,
    /// )?;
    /// let short = Request::of(&pod).insufficient(&NodeResources::default(), &Ignored::default());
    /// assert_eq!(short[0].to_string(), "Too many pods");
    /// assert_eq!(short[1].to_string(), "Insufficient cpu");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn insufficient(&self, node: &NodeResources, ignored: &Ignored<'_>) -> Vec<Insufficient> {
        let mut short = Vec::new();
        if node.pods >= node.allowed_pods {
            short.push(Insufficient {
                resource: ResourceName::PODS,
                requested: 1,
                used: node.pods,
                capacity: node.allowed_pods,
            });
        }
        if self.is_nothing {
            return short;
        }
        let mut check = |resource: &ResourceName, requested: i64, capacity: i64, used: i64| {
            if requested > 0 && requested > capacity.saturating_sub(used) {
                short.push(Insufficient {
                    resource: resource.clone(),
                    requested,
                    used,
                    capacity,
                });
            }
        };
        let wanted = &self.amounts;
        let (has, used) = (&node.allocatable, &node.requested);
        check(
            &ResourceName::CPU,
            wanted.milli_cpu,
            has.milli_cpu,
            used.milli_cpu,
        );
        check(
            &ResourceName::MEMORY,
            wanted.memory,
            has.memory,
            used.memory,
        );
        check(
            &ResourceName::EPHEMERAL_STORAGE,
            wanted.ephemeral_storage,
            has.ephemeral_storage,
            used.ephemeral_storage,
        );
        for (name, wanted) in &wanted.scalars {
            if !ignored.covers(name) {
                check(
                    name,
                    *wanted,
                    of(&has.scalars, name),
                    of(&used.scalars, name),
                );
            }
        }
        short
    }
}

impl From<&ResourceList> for Request {
    fn from(list: &ResourceList) -> Self {
        let amounts = Amounts::of(list);
        let is_nothing = amounts == Amounts::default();
        Self {
            amounts,
            is_nothing,
        }
    }
}

fn of(scalars: &BTreeMap<ResourceName, i64>, name: &ResourceName) -> i64 {
    scalars.get(name).copied().unwrap_or_default()
}

/// Extended resources that are not checked, because something else places pods by them.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Ignored<'a> {
    /// Names of resources.
    pub resources: &'a [String],
    /// What stands before the slash in names of resources.
    pub groups: &'a [String],
}

impl Ignored<'_> {
    fn covers(&self, name: &ResourceName) -> bool {
        let name = name.as_str();
        if self.resources.is_empty() && self.groups.is_empty()
            || !format::is_extended_resource(name)
        {
            return false;
        }
        let group = name.split_once('/').map_or(name, |(group, _)| group);
        self.resources.iter().any(|ignored| ignored == name)
            || self.groups.iter().any(|ignored| ignored == group)
    }
}

/// What a node has, and what of it its pods request.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct NodeResources {
    /// What the node gives to pods.
    pub allocatable: Amounts,
    /// How many pods the node takes.
    pub allowed_pods: i64,
    /// What the pods on the node request.
    pub requested: Amounts,
    /// How many pods there are.
    pub pods: i64,
}

impl NodeResources {
    /// Returns what an empty node has.
    ///
    /// ```
    /// use pod_lifecycle::{api::Node, scheduling::resources::NodeResources};
    ///
    /// let node: Node = serde_json::from_str(r#"{"status": {"allocatable": {"pods": "2"}}}"#)?;
    /// assert_eq!(NodeResources::of(&node.status).allowed_pods, 2);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn of(status: &NodeStatus) -> Self {
        let pods = status.allocatable.get(&ResourceName::PODS);
        Self {
            allocatable: Amounts::of(&status.allocatable),
            allowed_pods: pods.map_or(0, Quantity::value),
            ..Self::default()
        }
    }

    /// Puts a pod on the node. What the status says of a resize under way counts.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, scheduling::resources::NodeResources};
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "a", "resources": {"requests": {"cpu": "600m"}}}]}}"#,
    /// )?;
    /// let mut node = NodeResources::default();
    /// node.add_pod(&pod);
    /// assert_eq!((node.pods, node.requested.milli_cpu), (1, 600));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn add_pod(&mut self, pod: &Pod) {
        self.add(&requested_by(pod));
    }

    pub(super) fn add(&mut self, amounts: &Amounts) {
        self.requested.add(amounts);
        self.pods += 1;
    }

    /// Takes all pods away.
    pub(super) fn clear(&mut self) {
        self.requested = Amounts::default();
        self.pods = 0;
    }

    pub(super) fn room(&self) -> Room {
        let (has, used) = (&self.allocatable, &self.requested);
        Room {
            milli_cpu: has.milli_cpu.saturating_sub(used.milli_cpu),
            memory: has.memory.saturating_sub(used.memory),
            ephemeral_storage: has.ephemeral_storage.saturating_sub(used.ephemeral_storage),
            has_place: self.pods < self.allowed_pods,
        }
    }
}

/// What a node has left of what most pods request; below zero where its pods request more than it has.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Room {
    milli_cpu: i64,
    memory: i64,
    ephemeral_storage: i64,
    /// Whether it takes one pod more.
    has_place: bool,
}

/// What a pod on a node requests.
pub(super) fn requested_by(pod: &Pod) -> Amounts {
    Amounts::of(&resources::requests(pod, &on_node()))
}

/// How pods on nodes are counted.
pub(super) fn on_node() -> Options {
    Options {
        use_status_resources: true,
        in_place_pod_level_resources_vertical_scaling: true,
        ..Options::default()
    }
}

/// A resource that a node has not enough left of.
///
/// Written out, it is the scheduler's reason: `Insufficient cpu`, or `Too many pods`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Insufficient {
    /// The resource.
    pub resource: ResourceName,
    /// What the pod requests.
    pub requested: i64,
    /// What the pods on the node request.
    pub used: i64,
    /// What the node has in all.
    pub capacity: i64,
}

impl Insufficient {
    /// Whether the node would not have enough if it were empty, either; never said of pods.
    ///
    /// ```
    /// use pod_lifecycle::{api::ResourceName, scheduling::resources::Insufficient};
    ///
    /// let short = Insufficient { resource: ResourceName::CPU, requested: 2, used: 0, capacity: 1 };
    /// assert!(short.is_unresolvable());
    /// ```
    #[must_use]
    pub fn is_unresolvable(&self) -> bool {
        self.resource != ResourceName::PODS && self.requested > self.capacity
    }
}

impl fmt::Display for Insufficient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.resource == ResourceName::PODS {
            f.write_str("Too many pods")
        } else {
            write!(f, "Insufficient {}", self.resource)
        }
    }
}
