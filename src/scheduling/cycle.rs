//! All filters together, in the scheduler's order.

use alloc::{string::String, vec::Vec};

use super::{
    Misfit, Outcome, Plugin, Verdict,
    compiled::Nodes,
    declared_features::Required,
    gates,
    intern::{Id, index},
    node_affinity::{self, NodeAffinity},
    node_info::NodeInfo,
    pod_affinity::{Incoming, PodAffinity, Shifts},
    ports::{HostPort, HostPorts},
    resources::{Ignored, NodeResources, Request},
    snapshot::{NodeId, Snapshot},
    taints,
    template::{Template, Terms},
    topology_spread::{Inclusion, Spread},
    unschedulable,
    volumes::{self, Disk},
};
use crate::api::{Pod, UnsatisfiableConstraintAction};

/// A pod that is to be placed, held against a [`Snapshot`]: everything that is the same for all
/// nodes, found once.
///
/// ```
/// use pod_lifecycle::{api::{Node, Pod}, scheduling::{Cycle, Misfit, Snapshot}};
///
/// let mut snapshot = Snapshot::new();
/// let mut node = Node::default();
/// node.metadata.name = "a".into();
/// node.spec.unschedulable = true;
/// let a = snapshot.set_node(&node);
/// let pod = Pod::default();
/// let cycle = Cycle::new(&pod, &snapshot);
/// assert!(!cycle.fits(a));
/// assert_eq!(cycle.verdict(a).misfits(), [Misfit::Unschedulable]);
/// let all: Vec<_> = cycle.explain(a).iter().map(ToString::to_string).collect();
/// assert_eq!(all, ["node(s) were unschedulable", "Too many pods"]);
/// ```
#[derive(Clone, Debug)]
pub struct Cycle<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) pod: &'a Pod,
    stopped: Option<Misfit>,
    /// The nodes that the pod's affinity names, sorted; `None` stands for all.
    named: Option<Vec<Id>>,
    /// What has anything to check, in order.
    active: Vec<Plugin>,
    /// By the number of a list of taints: whether one of them keeps the pod away.
    repelled: Vec<bool>,
    affinity: Option<Nodes<'a>>,
    ports: Option<HostPorts>,
    request: Request,
    disks: Vec<Disk>,
    claims: Claims<'a>,
    spread: Option<Spread<'a>>,
    pods: Option<PodAffinity<'a>>,
    /// By the number of a list of features: whether one that the pod needs is missing.
    lacking: Vec<bool>,
}

/// Claims for one pod alone that the pod uses.
#[derive(Clone, Debug, Default)]
struct Claims<'a> {
    names: Vec<&'a str>,
    /// How many of them are in use.
    used: i64,
}

/// What differs on a node if pods have left it.
#[derive(Clone, Debug)]
pub(super) struct WhatIf {
    pub(super) resources: NodeResources,
    pub(super) gone: Vec<Id>,
    spread: Vec<i64>,
    pods: Shifts,
    claims: i64,
    /// Ports of the pods that have left, free though another pod of the node has them too: the
    /// scheduler does not count how many pods have a port.
    ports: Vec<HostPort>,
}

/// A node, and what differs on it.
#[derive(Clone, Copy)]
struct View<'s> {
    slot: Id,
    info: &'s NodeInfo,
    what_if: Option<&'s WhatIf>,
}

impl<'s> View<'s> {
    /// A node as it is.
    fn new(slot: Id, info: &'s NodeInfo) -> Self {
        Self {
            slot,
            info,
            what_if: None,
        }
    }

    fn resources(&self) -> &'s NodeResources {
        self.what_if
            .map_or(&self.info.details.resources, |what_if| &what_if.resources)
    }

    /// The templates of the pods on the node.
    fn pods(self, snapshot: &'s Snapshot) -> impl Iterator<Item = &'s Template> {
        let gone = self.what_if.map_or(&[][..], |what_if| &what_if.gone);
        let pods = self
            .info
            .details
            .pods
            .iter()
            .filter(|pod| !gone.contains(pod));
        pods.filter_map(|pod| Some(snapshot.pod(*pod)?.1))
    }
}

impl<'a> Cycle<'a> {
    /// Finds everything that is the same for all nodes. The pod's gates are not asked.
    ///
    /// ```
    /// use pod_lifecycle::{api::{Node, Pod}, scheduling::{Cycle, Snapshot}};
    ///
    /// let node: Node = serde_json::from_str(r#"{"status": {"allocatable": {"pods": "9"}}}"#)?;
    /// let mut snapshot = Snapshot::new();
    /// let node = snapshot.set_node(&node);
    /// let pod = Pod::default();
    /// let cycle = Cycle::new(&pod, &snapshot);
    /// assert!(cycle.fits(node));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn new(pod: &'a Pod, snapshot: &'a Snapshot) -> Self {
        Self::with(&Plugin::FILTERS, pod, snapshot)
    }

    /// Does as [`new`](Self::new) for some of the filters only, as a profile of the scheduler does
    /// that has the others disabled.
    ///
    /// ```
    /// use pod_lifecycle::{api::{Node, Pod}, scheduling::{Cycle, Plugin, Snapshot}};
    ///
    /// let mut snapshot = Snapshot::new();
    /// let node = snapshot.set_node(&Node::default());
    /// let pod = Pod::default();
    /// assert!(!Cycle::new(&pod, &snapshot).fits(node));
    /// assert!(Cycle::with(&[Plugin::TaintToleration], &pod, &snapshot).fits(node));
    /// ```
    #[must_use]
    pub fn with(plugins: &[Plugin], pod: &'a Pod, snapshot: &'a Snapshot) -> Self {
        let spec = &pod.spec;
        let repelled =
            |taints: &Vec<_>| taints::first_that_keeps_away(taints, &spec.tolerations).is_some();
        let affinity = NodeAffinity::of(spec);
        let mut cycle = Self {
            snapshot,
            pod,
            stopped: None,
            named: None,
            active: Vec::new(),
            repelled: by_id(&snapshot.taints, repelled),
            affinity: affinity.map(|affinity| Nodes::new(&affinity, snapshot)),
            ports: HostPorts::of(spec),
            request: Request::of(pod),
            disks: Disk::all_of(spec),
            claims: Claims::default(),
            spread: None,
            pods: None,
            lacking: Required::of(spec).map_or_else(Vec::new, |required| {
                by_id(&snapshot.features, |declared: &Vec<String>| {
                    required.check(declared).is_some()
                })
            }),
        };
        cycle.stopped = cycle.prepare(plugins).err();
        cycle.active = cycle.find_active();
        cycle.active.retain(|plugin| plugins.contains(plugin));
        cycle
    }

    /// Asks what may stop the pod before any node is looked at, in order.
    fn prepare(&mut self, plugins: &[Plugin]) -> Result<(), Misfit> {
        let asks = |plugin: Plugin| plugins.contains(&plugin);
        let named = node_affinity::named_nodes(&self.pod.spec);
        if let Some(names) = named.filter(|_| asks(Plugin::NodeAffinity)) {
            if names.is_empty() {
                return Err(Misfit::NamesConflict);
            }
            let nodes = names
                .into_iter()
                .filter_map(|name| self.snapshot.node(name));
            let mut nodes: Vec<_> = nodes.map(|node| node.0).collect();
            nodes.sort_unstable();
            self.named = Some(nodes);
        }
        if asks(Plugin::VolumeRestrictions) {
            self.claims = Claims::find(self.pod, self.snapshot)?;
        }
        if asks(Plugin::PodTopologySpread) {
            let hard = UnsatisfiableConstraintAction::DoNotSchedule;
            self.spread = self.spread(&hard).map_err(|_| Misfit::SpreadInvalid)?;
        }
        if asks(Plugin::InterPodAffinity) {
            let terms = Terms::strict(self.pod).map_err(|_| Misfit::PodAffinityInvalid)?;
            let incoming = Incoming::new(self.pod, terms, self.snapshot);
            self.pods = PodAffinity::new(incoming, self.snapshot);
        }
        Ok(())
    }

    pub(super) fn spread(
        &self,
        action: &UnsatisfiableConstraintAction,
    ) -> Result<Option<Spread<'a>>, crate::field::FieldErrors> {
        let included = Inclusion {
            affinity: |slot, info: &NodeInfo| self.has_affinity_to(slot, info),
            taints: |info: &NodeInfo| !self.is_repelled_by(info),
        };
        Spread::count(self.pod, action, self.snapshot, &included)
    }

    fn find_active(&self) -> Vec<Plugin> {
        let any_cordoned = || !unschedulable::is_tolerated(&self.pod.spec);
        let all = [
            (Plugin::NodeUnschedulable, any_cordoned()),
            (Plugin::NodeName, !self.pod.spec.node_name.is_empty()),
            (Plugin::TaintToleration, self.repelled.contains(&true)),
            (Plugin::NodeAffinity, self.affinity.is_some()),
            (Plugin::NodePorts, self.ports.is_some()),
            (Plugin::NodeResourcesFit, true),
            (
                Plugin::VolumeRestrictions,
                !self.disks.is_empty() || self.claims.used > 0,
            ),
            (Plugin::PodTopologySpread, self.spread.is_some()),
            (Plugin::InterPodAffinity, self.pods.is_some()),
            (Plugin::NodeDeclaredFeatures, !self.lacking.is_empty()),
        ];
        let active = all.into_iter().filter(|(_, is_active)| *is_active);
        active.map(|(plugin, _)| plugin).collect()
    }

    /// Returns what keeps the pod from all nodes, before any is looked at.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, scheduling::{Cycle, Misfit, Snapshot}};
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
    ///         "nodeSelectorTerms": [{"matchFields": [
    ///             {"key": "metadata.name", "operator": "In", "values": ["a"]},
    ///             {"key": "metadata.name", "operator": "In", "values": ["b"]}]}]}}}}}"#,
    /// )?;
    /// let snapshot = Snapshot::new();
    /// let cycle = Cycle::new(&pod, &snapshot);
    /// assert_eq!(cycle.stopped(), Some(&Misfit::NamesConflict));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn stopped(&self) -> Option<&Misfit> {
        self.stopped.as_ref()
    }

    /// Whether a plugin has anything to check on the nodes for this pod.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, scheduling::{Cycle, Plugin, Snapshot}};
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "web", "ports": [{"hostPort": 80}]}]}}"#,
    /// )?;
    /// let snapshot = Snapshot::new();
    /// let cycle = Cycle::new(&pod, &snapshot);
    /// assert!(cycle.asks(Plugin::NodePorts));
    /// assert!(!cycle.asks(Plugin::PodTopologySpread));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn asks(&self, plugin: Plugin) -> bool {
        self.active.contains(&plugin)
    }

    /// Whether the pod fits a node; allocates nothing.
    ///
    /// ```
    /// use pod_lifecycle::{api::{Node, Pod}, scheduling::{Cycle, Snapshot}};
    ///
    /// let node: Node = serde_json::from_str(r#"{"status": {"allocatable": {"cpu": "1", "pods": "9"}}}"#)?;
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "app", "resources": {"requests": {"cpu": "2"}}}]}}"#,
    /// )?;
    /// let mut snapshot = Snapshot::new();
    /// let node = snapshot.set_node(&node);
    /// assert!(!Cycle::new(&pod, &snapshot).fits(node));
    /// assert!(Cycle::new(&Pod::default(), &snapshot).fits(node));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn fits(&self, node: NodeId) -> bool {
        let info = self.snapshot.known_info(node.0);
        info.is_some_and(|info| {
            self.stopped.is_none()
                && self.names(node.0)
                && self.first_failing(View::new(node.0, info)).is_none()
        })
    }

    /// Goes through the nodes that the pod fits; allocates nothing.
    ///
    /// ```
    /// use pod_lifecycle::{api::{Node, Pod}, scheduling::{Cycle, Snapshot}};
    ///
    /// let mut snapshot = Snapshot::new();
    /// for (name, cpu) in [("a", "1"), ("b", "4")] {
    ///     let node: Node = serde_json::from_value(serde_json::json!({
    ///         "metadata": {"name": name},
    ///         "status": {"allocatable": {"cpu": cpu, "pods": "9"}}
    ///     }))?;
    ///     snapshot.set_node(&node);
    /// }
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "app", "resources": {"requests": {"cpu": "2"}}}]}}"#,
    /// )?;
    /// let cycle = Cycle::new(&pod, &snapshot);
    /// assert!(cycle.feasible().eq(snapshot.node("b")));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn feasible(&self) -> impl Iterator<Item = NodeId> {
        self.snapshot.nodes().filter(|node| self.fits(*node))
    }

    /// Returns what the scheduler says about a node: the reasons of the first plugin that the pod
    /// does not pass.
    ///
    /// On a node that the snapshot does not hold, it fails with [`NodeNotFound`](Misfit::NodeNotFound).
    ///
    /// ```
    /// use pod_lifecycle::{api::{Node, Pod}, scheduling::{Code, Cycle, Snapshot}};
    ///
    /// let node: Node = serde_json::from_str(r#"{"status": {"allocatable": {"cpu": "1", "pods": "9"}}}"#)?;
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "app", "resources": {"requests": {"cpu": "2"}}}]}}"#,
    /// )?;
    /// let mut snapshot = Snapshot::new();
    /// let node = snapshot.set_node(&node);
    /// let verdict = Cycle::new(&pod, &snapshot).verdict(node);
    /// assert_eq!(verdict.code(), Code::UnschedulableAndUnresolvable);
    /// assert_eq!(verdict.misfits()[0].to_string(), "Insufficient cpu");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn verdict(&self, node: NodeId) -> Verdict {
        match self.snapshot.known_info(node.0) {
            Some(info) => self.verdict_on(node.0, info, None),
            None => Some(Misfit::NodeNotFound).into(),
        }
    }

    /// Returns every reason of every plugin against a node; [`NodeNotFound`](Misfit::NodeNotFound)
    /// alone where the snapshot does not hold it.
    ///
    /// ```
    /// use pod_lifecycle::{api::{Node, Pod}, scheduling::{Cycle, Snapshot}};
    ///
    /// let node: Node = serde_json::from_str(
    ///     r#"{"spec": {"taints": [{"key": "gpu", "effect": "NoSchedule"}]},
    ///         "status": {"allocatable": {"cpu": "1"}}}"#,
    /// )?;
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "app", "resources": {"requests": {"cpu": "2"}}}]}}"#,
    /// )?;
    /// let mut snapshot = Snapshot::new();
    /// let node = snapshot.set_node(&node);
    /// let cycle = Cycle::new(&pod, &snapshot);
    /// let all: Vec<_> = cycle.explain(node).iter().map(ToString::to_string).collect();
    /// assert_eq!(all, ["node(s) had untolerated taint(s)", "Too many pods", "Insufficient cpu"]);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn explain(&self, node: NodeId) -> Vec<Misfit> {
        let Some(info) = self.snapshot.known_info(node.0) else {
            return [Misfit::NodeNotFound].into();
        };
        let mut misfits: Vec<_> = self.stopped.iter().cloned().collect();
        if !self.names(node.0) {
            misfits.push(Misfit::NotNamed);
        }
        for plugin in &self.active {
            let verdict = self.verdict_by(*plugin, View::new(node.0, info));
            misfits.extend_from_slice(verdict.misfits());
        }
        misfits
    }

    /// Returns what one plugin alone says about a node; [`NodeNotFound`](Misfit::NodeNotFound) where
    /// the snapshot does not hold it.
    ///
    /// ```
    /// use pod_lifecycle::{api::{Node, Pod}, scheduling::{Cycle, Plugin, Snapshot}};
    ///
    /// let node: Node = serde_json::from_str(r#"{"status": {"allocatable": {"cpu": "1", "pods": "9"}}}"#)?;
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "app", "resources": {"requests": {"cpu": "2"}}}]}}"#,
    /// )?;
    /// let mut snapshot = Snapshot::new();
    /// let node = snapshot.set_node(&node);
    /// let cycle = Cycle::new(&pod, &snapshot);
    /// assert!(cycle.verdict_of(Plugin::TaintToleration, node).fits());
    /// assert!(!cycle.verdict_of(Plugin::NodeResourcesFit, node).fits());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn verdict_of(&self, plugin: Plugin, node: NodeId) -> Verdict {
        match self.snapshot.known_info(node.0) {
            Some(info) if self.asks(plugin) => self.verdict_by(plugin, View::new(node.0, info)),
            Some(_) => Verdict::default(),
            None => Some(Misfit::NodeNotFound).into(),
        }
    }

    /// Returns what the scheduler says about all nodes.
    ///
    /// ```
    /// use pod_lifecycle::{api::{Node, Pod}, scheduling::{Cycle, Snapshot}};
    ///
    /// let node: Node = serde_json::from_str(r#"{"status": {"allocatable": {"pods": "9"}}}"#)?;
    /// let mut snapshot = Snapshot::new();
    /// let node = snapshot.set_node(&node);
    /// let pod = Pod::default();
    /// let cycle = Cycle::new(&pod, &snapshot);
    /// let outcome = cycle.outcome();
    /// assert_eq!(outcome.nodes[0], (node, cycle.verdict(node)));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let nodes = self.snapshot.known();
        let nodes = nodes.map(|(slot, info)| (NodeId(slot), self.verdict_on(slot, info, None)));
        Outcome {
            pre_filter: self.stopped.clone(),
            nodes: nodes.collect(),
        }
    }

    pub(super) fn verdict_on(
        &self,
        slot: Id,
        info: &NodeInfo,
        what_if: Option<&WhatIf>,
    ) -> Verdict {
        if let Some(misfit) = &self.stopped {
            return Some(misfit.clone()).into();
        }
        if !self.names(slot) {
            return Some(Misfit::NotNamed).into();
        }
        let view = View {
            slot,
            info,
            what_if,
        };
        match self.first_failing(view) {
            Some(plugin) => self.reasons(view, plugin),
            None => Verdict::default(),
        }
    }

    fn names(&self, slot: Id) -> bool {
        let named = self.named.as_ref();
        named.is_none_or(|named| named.binary_search(&slot).is_ok())
    }

    pub(super) fn has_affinity_to(&self, slot: Id, info: &NodeInfo) -> bool {
        self.affinity
            .as_ref()
            .is_none_or(|nodes| nodes.matches(slot, info))
    }

    pub(super) fn is_repelled_by(&self, info: &NodeInfo) -> bool {
        self.repelled
            .get(index(info.taints))
            .copied()
            .unwrap_or_default()
    }

    fn first_failing(&self, view: View<'_>) -> Option<Plugin> {
        let mut active = self.active.iter();
        active.find(|plugin| self.fails(view, **plugin)).copied()
    }

    fn fails(&self, view: View<'_>, plugin: Plugin) -> bool {
        let info = view.info;
        match plugin {
            Plugin::SchedulingGates => gates::check(&self.pod.spec).is_some(),
            Plugin::NodeUnschedulable => info.is_unschedulable,
            Plugin::NodeName => *info.details.name != *self.pod.spec.node_name,
            Plugin::TaintToleration => self.is_repelled_by(info),
            Plugin::NodeAffinity => !self.has_affinity_to(view.slot, info),
            Plugin::NodePorts => self.has_taken_ports(view),
            Plugin::NodeResourcesFit => match view.what_if {
                None => !self.request.fits_in(&info.room, &info.details.resources),
                Some(what_if) => !self.request.fits(&what_if.resources),
            },
            Plugin::VolumeRestrictions => self.volumes(view).is_some(),
            Plugin::PodTopologySpread => self.spread_of(view).is_some(),
            Plugin::InterPodAffinity => self.pods_of(view).is_some(),
            Plugin::NodeDeclaredFeatures => self
                .lacking
                .get(index(info.features))
                .copied()
                .unwrap_or_default(),
        }
    }

    fn verdict_by(&self, plugin: Plugin, view: View<'_>) -> Verdict {
        if self.fails(view, plugin) {
            self.reasons(view, plugin)
        } else {
            Verdict::default()
        }
    }

    /// Why the pod does not pass a plugin that it fails.
    fn reasons(&self, view: View<'_>, plugin: Plugin) -> Verdict {
        let taints = || {
            self.snapshot
                .taints
                .get(view.info.taints)
                .map_or(&[][..], |all| all)
        };
        let misfit = match plugin {
            Plugin::SchedulingGates => Some(Misfit::Gated),
            Plugin::NodeUnschedulable => Some(Misfit::Unschedulable),
            Plugin::NodeName => Some(Misfit::NodeName),
            Plugin::TaintToleration => taints::check(&self.pod.spec.tolerations, taints()),
            Plugin::NodeAffinity => Some(Misfit::NodeAffinity),
            Plugin::NodePorts => Some(Misfit::Ports),
            Plugin::NodeResourcesFit => {
                let short = self
                    .request
                    .insufficient(view.resources(), &Ignored::default());
                let short = short.into_iter().map(Misfit::Insufficient);
                return short.collect::<Vec<_>>().into();
            }
            Plugin::VolumeRestrictions => self.volumes(view),
            Plugin::PodTopologySpread => self.spread_of(view),
            Plugin::InterPodAffinity => self.pods_of(view),
            Plugin::NodeDeclaredFeatures => Some(Misfit::DeclaredFeatures),
        };
        misfit.into()
    }

    /// What differs on a node without some of its pods.
    pub(super) fn without(&self, slot: Id, info: &NodeInfo, gone: Vec<Id>) -> WhatIf {
        let mut what_if = WhatIf {
            resources: info.details.resources.clone(),
            gone: Vec::new(),
            spread: Vec::new(),
            pods: Shifts::default(),
            claims: 0,
            ports: Vec::new(),
        };
        what_if.resources.clear();
        for pod in &info.details.pods {
            let Some((_, template)) = self.snapshot.pod(*pod) else {
                continue;
            };
            if gone.contains(pod) {
                self.shift(&mut what_if, slot, template, -1);
            } else {
                what_if.resources.add(&template.requests);
            }
        }
        what_if.gone = gone;
        what_if
    }

    /// Puts a pod back.
    pub(super) fn put_back(&self, what_if: &mut WhatIf, slot: Id, pod: Id) {
        if let Some((_, template)) = self.snapshot.pod(pod) {
            what_if.gone.retain(|gone| *gone != pod);
            what_if.resources.add(&template.requests);
            self.shift(what_if, slot, template, 1);
        }
    }

    fn shift(&self, what_if: &mut WhatIf, slot: Id, pod: &Template, by: i64) {
        let namespace = &self.pod.metadata.namespace;
        if let Some(spread) = self.spread.as_ref().filter(|_| pod.namespace == *namespace) {
            spread.leave(&mut what_if.spread, slot, pod, by);
        }
        if let Some(pods) = &self.pods {
            pods.leave(&mut what_if.pods, slot, pod, (by, self.snapshot));
        }
        what_if.claims += by * self.claims.uses_by(pod);
        let ports = pod.ports.iter().filter(|_| self.ports.is_some());
        for port in ports.flat_map(HostPorts::iter) {
            what_if.ports.retain(|free| free != port);
            what_if.ports.extend((by < 0).then(|| port.clone()));
        }
    }

    fn has_taken_ports(&self, view: View<'_>) -> bool {
        let Some(wanted) = self
            .ports
            .as_ref()
            .filter(|_| view.info.pods_with_ports > 0)
        else {
            return false;
        };
        let free = view.what_if.map_or(&[][..], |what_if| &what_if.ports);
        let mut used = view
            .pods(self.snapshot)
            .filter_map(|pod| pod.ports.as_ref());
        used.any(|used| wanted.conflict_with(used, free))
    }

    fn volumes(&self, view: View<'_>) -> Option<Misfit> {
        if !self.disks.is_empty() && view.info.pods_with_disks > 0 {
            let mut used = view.pods(self.snapshot).flat_map(|pod| &pod.disks);
            if used.any(|used| self.disks.iter().any(|disk| disk.conflicts_with(used))) {
                return Some(Misfit::DiskConflict);
            }
        }
        let shift = view.what_if.map_or(0, |what_if| what_if.claims);
        (self.claims.used + shift > 0).then_some(Misfit::ClaimInUse)
    }

    fn spread_of(&self, view: View<'_>) -> Option<Misfit> {
        let shift = view.what_if.map_or(&[][..], |what_if| &what_if.spread);
        self.spread.as_ref()?.check(view.slot, shift)
    }

    fn pods_of(&self, view: View<'_>) -> Option<Misfit> {
        static NONE: Shifts = Shifts::none();
        let shifts = view.what_if.map_or(&NONE, |what_if| &what_if.pods);
        self.pods.as_ref()?.check(view.slot, shifts)
    }
}

impl<'a> Claims<'a> {
    fn find(pod: &'a Pod, snapshot: &Snapshot) -> Result<Self, Misfit> {
        let namespace = &pod.metadata.namespace;
        let claims = snapshot.claims.get(namespace);
        let mut names = Vec::new();
        for name in volumes::claims(&pod.spec) {
            let claim = claims.and_then(|claims| claims.get(name));
            let is_for_one_pod = *claim.ok_or_else(|| Misfit::ClaimNotFound(name.into()))?;
            if is_for_one_pod && !names.contains(&name) {
                names.push(name);
            }
        }
        let is_used = |name: &&&str| {
            let mut templates = snapshot.templates.iter();
            templates.any(|(id, template)| {
                template.namespace == *namespace
                    && template.claims.iter().any(|claim| claim == **name)
                    && snapshot
                        .placements(id)
                        .any(|(slot, _)| snapshot.known_info(slot).is_some())
            })
        };
        let used = i64::try_from(names.iter().filter(is_used).count()).unwrap_or(i64::MAX);
        Ok(Self { names, used })
    }

    /// How many uses of these claims a pod makes; like the scheduler, by their names alone, whatever its namespace.
    fn uses_by(&self, pod: &Template) -> i64 {
        let uses = pod
            .claims
            .iter()
            .filter(|claim| self.names.contains(&claim.as_str()));
        i64::try_from(uses.count()).unwrap_or(i64::MAX)
    }
}

fn by_id<T>(values: &super::intern::Interner<T>, test: impl Fn(&T) -> bool) -> Vec<bool>
where
    T: core::hash::Hash + Eq,
{
    let mut verdicts = alloc::vec![false; values.bound()];
    for (id, value) in values.iter() {
        if let Some(verdict) = verdicts.get_mut(index(id)) {
            *verdict = test(value);
        }
    }
    verdicts
}
