//! A cluster as the scheduler sees it, kept up to date change by change.

use alloc::{
    boxed::Box,
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use jiff::Timestamp;

use super::{
    column::Column,
    intern::{Id, Interner, id, index},
    node_info::NodeInfo,
    resources::NodeResources,
    template::Template,
};
use crate::api::{Node, PersistentVolumeAccessMode, PersistentVolumeClaimSpec, Pod, Taint};

/// Nodes, the pods on them, namespaces and claims, ready for scheduling.
///
/// Every change is made in place: a pod that comes or goes costs as much as the pods on its node,
/// and nothing is ever rebuilt. Pods that are alike but for their names share what the scheduler
/// has to know of them, as do nodes with equal taints and labels. A node with four labels takes some 420 bytes on a
/// 64-bit machine, a pod like others some 150.
///
/// Pods that have ended (`Succeeded`, `Failed`) take no room and are not to be added; pods that are
/// being deleted are. A pod whose node is not known counts from when the node becomes known.
///
/// ```
/// use pod_lifecycle::{api::{Node, Pod}, scheduling::{self, Snapshot}};
///
/// let node: Node = serde_json::from_str(
///     r#"{"metadata": {"name": "a"}, "status": {"allocatable": {"cpu": "1", "pods": "9"}}}"#,
/// )?;
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"nodeName": "a", "containers": [
///         {"name": "app", "resources": {"requests": {"cpu": "600m"}}}]}}"#,
/// )?;
/// let mut next = pod.clone();
/// next.spec.node_name.clear();
///
/// let mut snapshot = Snapshot::new();
/// snapshot.set_node(&node);
/// let first = snapshot.add_pod(&pod);
/// assert_eq!(scheduling::schedule(&next, &snapshot).feasible(), 0);
/// snapshot.remove_pod(first);
/// assert_eq!(scheduling::schedule(&next, &snapshot).feasible(), 1);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub(super) nodes: Vec<NodeInfo>,
    names: BTreeMap<Box<str>, Id>,
    free_nodes: BTreeSet<Id>,
    known: usize,
    pods: Vec<PodEntry>,
    free_pods: Vec<Id>,
    pub(super) templates: Interner<Template>,
    /// Where the pods of each template are.
    placements: Vec<BTreeMap<Id, Placement>>,
    keys: Interner<Box<str>>,
    /// By the number of a key.
    columns: Vec<Column>,
    pub(super) pairs: Interner<(Id, Box<str>)>,
    pub(super) taints: Interner<Vec<Taint>>,
    pub(super) features: Interner<Vec<String>>,
    pub(super) images: Interner<Box<str>>,
    pub(super) namespaces: BTreeMap<String, BTreeMap<String, String>>,
    /// By namespace and name: whether the claim is for one pod alone.
    pub(super) claims: BTreeMap<String, BTreeMap<String, bool>>,
}

/// Names a node of a [`Snapshot`], until the node is removed; from then on no node, or another one
/// that has taken its place.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct NodeId(pub(super) Id);

/// Names a pod of a [`Snapshot`]; what names a pod that is gone never names another one.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PodId {
    pub(super) index: Id,
    generation: u32,
}

/// A pod that is placed.
#[derive(Clone, Debug, Default)]
pub(super) struct PodEntry {
    pub(super) name: Box<str>,
    pub(super) node: Id,
    pub(super) template: Id,
    pub(super) priority: i32,
    pub(super) is_terminating: bool,
    is_present: bool,
    generation: u32,
    pub(super) started: Option<Timestamp>,
}

/// A label that nodes have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label<'a> {
    pub(super) key: Id,
    column: &'a Column,
}

impl Label<'_> {
    /// The number of the key together with the value that a node has.
    pub(super) fn of(self, slot: Id) -> Option<Id> {
        self.column.get(slot)
    }
}

/// How many pods of one template are on one node.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Placement {
    pub(super) pods: u32,
    /// Those of them that are being deleted.
    pub(super) terminating: u32,
}

impl Snapshot {
    /// Returns a cluster without anything in it.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::Snapshot;
    ///
    /// assert!(Snapshot::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a node, or takes over what has changed about the one of that name.
    ///
    /// ```
    /// use pod_lifecycle::{api::Node, scheduling::Snapshot};
    ///
    /// let mut snapshot = Snapshot::new();
    /// let node: Node = serde_json::from_str(r#"{"metadata": {"name": "a"}}"#)?;
    /// let a = snapshot.set_node(&node);
    /// assert_eq!(snapshot.set_node(&node), a);
    /// assert_eq!(snapshot.len(), 1);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn set_node(&mut self, node: &Node) -> NodeId {
        let slot = self.slot(&node.metadata.name);
        self.forget_node(slot);
        let labels = self.acquire_labels(slot, node);
        let taints = self.taints.acquire(node.spec.taints.clone());
        let features = self.features.acquire(node.status.declared_features.clone());
        let images = self.acquire_images(node);
        self.known += 1;
        if let Some(info) = self.nodes.get_mut(index(slot)) {
            info.offer(NodeResources::of(&node.status));
            info.details.labels = labels;
            info.taints = taints;
            info.features = features;
            info.details.images = images;
            info.is_known = true;
            info.is_unschedulable = node.spec.unschedulable;
        }
        NodeId(slot)
    }

    /// Removes a node, and says whether it was there. Its pods stay, and count again if it comes
    /// back.
    ///
    /// ```
    /// use pod_lifecycle::{api::Node, scheduling::Snapshot};
    ///
    /// let node: Node = serde_json::from_str(r#"{"metadata": {"name": "a"}}"#)?;
    /// let mut snapshot = Snapshot::new();
    /// snapshot.set_node(&node);
    /// assert!(snapshot.remove_node("a"));
    /// assert_eq!(snapshot.node("a"), None);
    /// assert!(!snapshot.remove_node("a"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn remove_node(&mut self, name: &str) -> bool {
        let Some(&slot) = self.names.get(name) else {
            return false;
        };
        let was_known = self.forget_node(slot);
        self.drop_empty(slot);
        was_known
    }

    /// Adds a pod that is on a node: the one that its spec names.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, scheduling::Snapshot};
    ///
    /// let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web-1", "namespace": "shop"}}"#)?;
    /// let mut snapshot = Snapshot::new();
    /// let id = snapshot.add_pod(&pod);
    /// assert_eq!(snapshot.pod_name(id), Some(("shop", "web-1")));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn add_pod(&mut self, pod: &Pod) -> PodId {
        let node = self.slot(&pod.spec.node_name);
        let template = self.templates.acquire(Template::of(pod));
        if self.placements.len() <= index(template) {
            self.placements
                .resize_with(index(template) + 1, BTreeMap::new);
        }
        let mut entry = PodEntry {
            name: pod.metadata.name.as_str().into(),
            node,
            template,
            priority: pod.spec.priority.unwrap_or_default(),
            is_terminating: pod.metadata.deletion_timestamp.is_some(),
            is_present: true,
            generation: 0,
            started: pod.status.start_time.map(Timestamp::from),
        };
        if let Some(placements) = self.placements.get_mut(index(template)) {
            let placement = placements.entry(node).or_default();
            placement.pods += 1;
            placement.terminating += u32::from(entry.is_terminating);
        }
        let place = self.free_pods.pop().unwrap_or_else(|| id(self.pods.len()));
        match self.pods.get_mut(index(place)) {
            Some(old) => {
                entry.generation = old.generation;
                *old = entry;
            }
            None => self.pods.push(entry),
        }
        if let Some(template) = self.templates.get(template) {
            if let Some(info) = self.nodes.get_mut(index(node)) {
                info.details.pods.push(place);
                info.take_in(template);
            }
        }
        PodId {
            index: place,
            generation: self.pods.get(index(place)).map_or(0, |pod| pod.generation),
        }
    }

    /// Removes a pod, and says whether it was there.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, scheduling::Snapshot};
    ///
    /// let mut snapshot = Snapshot::new();
    /// let pod = snapshot.add_pod(&Pod::default());
    /// assert!(snapshot.remove_pod(pod));
    /// assert!(!snapshot.remove_pod(pod));
    /// ```
    pub fn remove_pod(&mut self, pod: PodId) -> bool {
        let Some(entry) = self.pods.get_mut(index(pod.index)) else {
            return false;
        };
        if !entry.is_present || entry.generation != pod.generation {
            return false;
        }
        entry.is_present = false;
        entry.generation = entry.generation.wrapping_add(1);
        entry.name = Box::default();
        let (node, template, terminating) = (entry.node, entry.template, entry.is_terminating);
        self.free_pods.push(pod.index);
        if let Some(placements) = self.placements.get_mut(index(template)) {
            if let Some(placement) = placements.get_mut(&node) {
                placement.pods -= 1;
                placement.terminating -= u32::from(terminating);
                if placement.pods == 0 {
                    placements.remove(&node);
                }
            }
        }
        if let Some(info) = self.nodes.get_mut(index(node)) {
            info.details.pods.retain(|other| *other != pod.index);
        }
        self.recount(node);
        self.templates.release(template);
        self.drop_empty(node);
        true
    }

    /// Takes over what has changed about a pod.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, scheduling::Snapshot};
    ///
    /// let mut snapshot = Snapshot::new();
    /// let pod = snapshot.add_pod(&Pod::default());
    /// let updated = snapshot.update_pod(pod, &Pod::default());
    /// assert!(!snapshot.remove_pod(pod));
    /// assert!(snapshot.remove_pod(updated));
    /// ```
    pub fn update_pod(&mut self, old: PodId, pod: &Pod) -> PodId {
        self.remove_pod(old);
        self.add_pod(pod)
    }

    /// Adds a namespace, or takes over its labels; terms of affinity select by them.
    ///
    /// ```
    /// use pod_lifecycle::{
    ///     api::{Node, Pod}, scheduling::{self, Snapshot},
    /// };
    ///
    /// let node: Node = serde_json::from_str(
    ///     r#"{"metadata": {"name": "a", "labels": {"zone": "z"}}, "status": {"allocatable": {"pods": "9"}}}"#,
    /// )?;
    /// let there: Pod = serde_json::from_str(
    ///     r#"{"metadata": {"namespace": "shop", "labels": {"app": "db"}}, "spec": {"nodeName": "a"}}"#,
    /// )?;
    /// let near: Pod = serde_json::from_str(
    ///     r#"{"spec": {"affinity": {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{
    ///         "topologyKey": "zone", "namespaceSelector": {"matchLabels": {"team": "a"}},
    ///         "labelSelector": {"matchLabels": {"app": "db"}}}]}}}}"#,
    /// )?;
    /// let mut snapshot = Snapshot::new();
    /// snapshot.set_node(&node);
    /// snapshot.add_pod(&there);
    /// assert_eq!(scheduling::schedule(&near, &snapshot).feasible(), 0);
    /// snapshot.set_namespace("shop", &[("team".into(), "a".into())].into());
    /// assert_eq!(scheduling::schedule(&near, &snapshot).feasible(), 1);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn set_namespace(&mut self, name: &str, labels: &BTreeMap<String, String>) {
        self.namespaces.insert(name.into(), labels.clone());
    }

    /// Removes a namespace, and says whether it was there.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::Snapshot;
    ///
    /// let mut snapshot = Snapshot::new();
    /// snapshot.set_namespace("shop", &[("team".into(), "a".into())].into());
    /// assert!(snapshot.remove_namespace("shop"));
    /// assert!(!snapshot.remove_namespace("shop"));
    /// ```
    pub fn remove_namespace(&mut self, name: &str) -> bool {
        self.namespaces.remove(name).is_some()
    }

    /// Adds a claim, or takes over its access modes. A pod with a claim that is not here fits
    /// nowhere.
    ///
    /// ```
    /// use pod_lifecycle::{
    ///     api::{PersistentVolumeClaimSpec, Pod}, scheduling::{Cycle, Misfit, Snapshot},
    /// };
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"metadata": {"namespace": "shop"}, "spec": {"volumes": [
    ///         {"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]}}"#,
    /// )?;
    /// let mut snapshot = Snapshot::new();
    /// let missing = Misfit::ClaimNotFound("data".into());
    /// assert_eq!(Cycle::new(&pod, &snapshot).stopped(), Some(&missing));
    /// snapshot.set_claim("shop", "data", &PersistentVolumeClaimSpec::default());
    /// assert_eq!(Cycle::new(&pod, &snapshot).stopped(), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn set_claim(&mut self, namespace: &str, name: &str, claim: &PersistentVolumeClaimSpec) {
        let one_pod = PersistentVolumeAccessMode::ReadWriteOncePod;
        let is_for_one_pod = claim.access_modes.contains(&one_pod);
        let claims = self.claims.entry(namespace.into()).or_default();
        claims.insert(name.into(), is_for_one_pod);
    }

    /// Removes a claim, and says whether it was there.
    ///
    /// ```
    /// use pod_lifecycle::{api::PersistentVolumeClaimSpec, scheduling::Snapshot};
    ///
    /// let mut snapshot = Snapshot::new();
    /// snapshot.set_claim("shop", "data", &PersistentVolumeClaimSpec::default());
    /// assert!(snapshot.remove_claim("shop", "data"));
    /// assert!(!snapshot.remove_claim("shop", "data"));
    /// ```
    pub fn remove_claim(&mut self, namespace: &str, name: &str) -> bool {
        let Some(claims) = self.claims.get_mut(namespace) else {
            return false;
        };
        let was_there = claims.remove(name).is_some();
        if claims.is_empty() {
            self.claims.remove(namespace);
        }
        was_there
    }

    /// Goes through the nodes, in the order in which they were added, as far as none was removed.
    ///
    /// ```
    /// use pod_lifecycle::{api::Node, scheduling::Snapshot};
    ///
    /// let mut snapshot = Snapshot::new();
    /// let node: Node = serde_json::from_str(r#"{"metadata": {"name": "a"}}"#)?;
    /// let a = snapshot.set_node(&node);
    /// assert!(snapshot.nodes().eq([a]));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn nodes(&self) -> impl Iterator<Item = NodeId> {
        self.known().map(|(slot, _)| NodeId(slot))
    }

    /// Returns the number of nodes.
    ///
    /// ```
    /// use pod_lifecycle::{api::Node, scheduling::Snapshot};
    ///
    /// let mut snapshot = Snapshot::new();
    /// let node: Node = serde_json::from_str(r#"{"metadata": {"name": "a"}}"#)?;
    /// let a = snapshot.set_node(&node);
    /// assert_eq!((a, snapshot.len()), (snapshot.nodes().next().unwrap(), 1));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.known
    }

    /// Whether there are no nodes.
    ///
    /// ```
    /// use pod_lifecycle::{api::Node, scheduling::Snapshot};
    ///
    /// let mut snapshot = Snapshot::new();
    /// assert!(snapshot.is_empty());
    /// snapshot.set_node(&Node::default());
    /// assert!(!snapshot.is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.known == 0
    }

    /// Returns the node of that name.
    ///
    /// ```
    /// use pod_lifecycle::{api::Node, scheduling::Snapshot};
    ///
    /// let mut snapshot = Snapshot::new();
    /// let node: Node = serde_json::from_str(r#"{"metadata": {"name": "a"}}"#)?;
    /// let a = snapshot.set_node(&node);
    /// assert_eq!((snapshot.node("a"), snapshot.node("b")), (Some(a), None));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn node(&self, name: &str) -> Option<NodeId> {
        let slot = *self.names.get(name)?;
        self.known_info(slot).map(|_| NodeId(slot))
    }

    /// Returns a node's name; empty where the node is gone.
    ///
    /// ```
    /// use pod_lifecycle::{api::Node, scheduling::Snapshot};
    ///
    /// let mut snapshot = Snapshot::new();
    /// let node: Node = serde_json::from_str(r#"{"metadata": {"name": "a"}}"#)?;
    /// let a = snapshot.set_node(&node);
    /// assert_eq!(snapshot.node_name(a), "a");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn node_name(&self, node: NodeId) -> &str {
        self.known_info(node.0)
            .map_or("", |info| &info.details.name)
    }

    /// Returns a pod's namespace and name, or `None` where the pod is gone.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, scheduling::Snapshot};
    ///
    /// let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web-1", "namespace": "shop"}}"#)?;
    /// let mut snapshot = Snapshot::new();
    /// let id = snapshot.add_pod(&pod);
    /// assert_eq!(snapshot.pod_name(id), Some(("shop", "web-1")));
    /// snapshot.remove_pod(id);
    /// assert_eq!(snapshot.pod_name(id), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn pod_name(&self, pod: PodId) -> Option<(&str, &str)> {
        let entry = self.pods.get(index(pod.index))?;
        let template = self.templates.get(entry.template)?;
        (entry.is_present && entry.generation == pod.generation)
            .then(|| (&*template.namespace, &*entry.name))
    }

    pub(super) fn info(&self, slot: Id) -> Option<&NodeInfo> {
        self.nodes.get(index(slot))
    }

    /// The node at a place, as far as it is known itself and not by its pods alone.
    pub(super) fn known_info(&self, slot: Id) -> Option<&NodeInfo> {
        self.info(slot).filter(|info| info.is_known)
    }

    pub(super) fn known(&self) -> impl Iterator<Item = (Id, &NodeInfo)> {
        let nodes = (0..).zip(&self.nodes);
        nodes.filter(|(_, info)| info.is_known)
    }

    pub(super) fn pod(&self, pod: Id) -> Option<(&PodEntry, &Template)> {
        let entry = self.pods.get(index(pod))?;
        Some((entry, self.templates.get(entry.template)?))
    }

    pub(super) fn pod_id(&self, pod: Id) -> PodId {
        PodId {
            index: pod,
            generation: self
                .pods
                .get(index(pod))
                .map_or(0, |entry| entry.generation),
        }
    }

    /// The nodes that have pods of a template, whether the nodes are known or not.
    pub(super) fn placements(&self, template: Id) -> impl Iterator<Item = (Id, Placement)> {
        let placements = self.placements.get(index(template));
        let placements = placements.into_iter().flatten();
        placements.map(|(slot, placement)| (*slot, *placement))
    }

    fn key(&self, key: &str) -> Option<Id> {
        self.keys.find(key, |known| **known == *key)
    }

    /// A label of the nodes that are known; `None` where none has it.
    pub(super) fn label(&self, key: &str) -> Option<Label<'_>> {
        let key = self.key(key)?;
        let column = self.columns.get(index(key))?;
        Some(Label { key, column })
    }

    pub(super) fn pair(&self, key: Id, value: &str) -> Option<Id> {
        let is = |(known, text): &(Id, Box<str>)| *known == key && **text == *value;
        self.pairs.find(&(key, value), is)
    }

    /// The labels of a namespace, none where it is not known.
    pub(super) fn namespace_labels(&self, name: &str) -> &BTreeMap<String, String> {
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        self.namespaces.get(name).unwrap_or(&NONE)
    }

    /// The place of a node, made where there is none yet.
    fn slot(&mut self, name: &str) -> Id {
        if let Some(slot) = self.names.get(name) {
            return *slot;
        }
        let info = NodeInfo::named(name);
        let slot = match self.free_nodes.pop_first() {
            Some(slot) => slot,
            None => id(self.nodes.len()),
        };
        match self.nodes.get_mut(index(slot)) {
            Some(place) => *place = info,
            None => self.nodes.push(info),
        }
        self.names.insert(name.into(), slot);
        slot
    }

    /// Makes a node unknown, and says whether it was known.
    fn forget_node(&mut self, slot: Id) -> bool {
        let Some(info) = self.nodes.get_mut(index(slot)) else {
            return false;
        };
        if !info.is_known {
            return false;
        }
        info.is_known = false;
        self.known -= 1;
        for pair in core::mem::take(&mut info.details.labels) {
            let Some((key, _)) = self.pairs.get(pair) else {
                continue;
            };
            if let Some(column) = self.columns.get_mut(index(*key)) {
                column.remove(slot);
            }
            self.keys.release(*key);
            self.pairs.release(pair);
        }
        for (image, _) in core::mem::take(&mut info.details.images) {
            self.images.release(image);
        }
        self.taints.release(info.taints);
        self.features.release(info.features);
        true
    }

    /// Gives up a place that neither a node nor pods need.
    fn drop_empty(&mut self, slot: Id) {
        let Some(info) = self.nodes.get_mut(index(slot)) else {
            return;
        };
        if !info.is_known
            && info.details.pods.is_empty()
            && self.names.remove(&info.details.name).is_some()
        {
            *info = NodeInfo::default();
            self.free_nodes.insert(slot);
        }
    }

    fn acquire_labels(&mut self, slot: Id, node: &Node) -> Box<[Id]> {
        let labels = node.metadata.labels.iter().map(|(key, value)| {
            let key = self.keys.acquire(key.as_str().into());
            let pair = self.pairs.acquire((key, value.as_str().into()));
            if self.columns.len() <= index(key) {
                self.columns.resize_with(index(key) + 1, Column::default);
            }
            if let Some(column) = self.columns.get_mut(index(key)) {
                column.insert(slot, pair, self.nodes.len());
            }
            pair
        });
        labels.collect()
    }

    fn acquire_images(&mut self, node: &Node) -> Box<[(Id, i64)]> {
        let mut images = BTreeMap::new();
        for image in &node.status.images {
            for name in &image.names {
                images.insert(name.as_str(), image.size_bytes);
            }
        }
        let images = images.into_iter();
        let images = images.map(|(name, size)| (self.images.acquire(name.into()), size));
        let mut images: Vec<_> = images.collect();
        images.sort_unstable();
        images.into()
    }

    /// Counts anew what the pods of a node use.
    fn recount(&mut self, slot: Id) {
        let Some(info) = self.nodes.get_mut(index(slot)) else {
            return;
        };
        info.clear();
        let pods = core::mem::take(&mut info.details.pods);
        for pod in &pods {
            let entry = self.pods.get(index(*pod));
            if let Some(template) = entry.and_then(|pod| self.templates.get(pod.template)) {
                info.take_in(template);
            }
        }
        info.details.pods = pods;
    }
}
