use std::collections::BTreeMap;

use arbitrary::{Arbitrary as _, Result, Unstructured};
use pod_lifecycle::{
    api::{
        Affinity, Container, ContainerPort, Node, PersistentVolumeClaimSpec, Pod,
        PodDisruptionBudget, ResourceList, ResourceName, Taint, Time, Toleration,
        TopologySpreadConstraint,
    },
    disruption::{eviction, gc, oom_score, taints},
    jiff::Timestamp,
    quantity::Quantity,
    resources::{self, Options},
    scheduling::{
        self, Cycle, NodeId, Plugin, PodId, Snapshot, node_admission,
        ports::HostPorts,
        preemption::{self, Finding},
        score,
    },
};

/// Whatever is in a cluster, the scheduler's questions can be asked of it, and the answers agree with
/// one another and with those about a cluster that was made at once.
pub fn schedule(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let _ = ask(&mut u);
}

const NODES: [&str; 4] = ["app", "node-1", "web", ""];
const MOST_PODS: usize = 8;

fn ask(u: &mut Unstructured<'_>) -> Result<()> {
    let next = pod(u, "next", "")?;
    let mut cluster = Cluster::default();
    cluster.fill(u)?;
    the_filters_agree(&next, &cluster.snapshot);
    nothing_panics(&next, &cluster);
    what_is_chosen_fits(&next, &cluster);
    let tainted = *u.choose(&NODES)?;
    let (taint, more) = (Taint::arbitrary(u)?, pod(u, "more", tainted)?);
    a_taint_more_makes_no_node_fit(&next, &cluster, tainted, taint);
    a_pod_more_makes_no_node_fit(&next, &cluster, &more);
    cluster.change(u)?;
    the_snapshot_is_one_made_at_once(&next, &cluster);
    Ok(())
}

/// A snapshot, and what it was made of.
#[derive(Default)]
struct Cluster {
    snapshot: Snapshot,
    nodes: BTreeMap<String, Node>,
    pods: Vec<(Pod, PodId)>,
    budgets: Vec<PodDisruptionBudget>,
    claims: Vec<(String, String, PersistentVolumeClaimSpec)>,
    /// How many pods there have been.
    seen: i64,
}

impl Cluster {
    fn fill(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        for _ in 0..u.int_in_range(1..=NODES.len())? {
            self.set_node(u)?;
        }
        for _ in 0..u.int_in_range(0..=MOST_PODS)? {
            self.add_pod(u)?;
        }
        if u.ratio(1, 4)? {
            self.budgets.push(PodDisruptionBudget::arbitrary(u)?);
        }
        Ok(())
    }

    fn set_node(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        let node = node(u)?;
        self.snapshot.set_node(&node);
        self.nodes.insert(node.metadata.name.clone(), node);
        Ok(())
    }

    fn add_pod(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        self.seen += 1;
        let name = format!("pod-{}", self.seen);
        let on = *u.choose(&NODES)?;
        let mut pod = pod(u, &name, on)?;
        // Of two that started together, the first that was added would be the more important.
        pod.status.start_time = Timestamp::from_second(self.seen).ok().map(Time::new);
        // A claim that is there, now and then for one pod alone.
        for volume in &pod.spec.volumes {
            if let Some(claim) = &volume.persistent_volume_claim {
                let spec = PersistentVolumeClaimSpec::arbitrary(u)?;
                let namespace = &pod.metadata.namespace;
                self.snapshot.set_claim(namespace, &claim.claim_name, &spec);
                self.claims
                    .push((namespace.clone(), claim.claim_name.clone(), spec));
            }
        }
        let id = self.snapshot.add_pod(&pod);
        self.pods.push((pod, id));
        Ok(())
    }

    /// A few things come and go.
    fn change(&mut self, u: &mut Unstructured<'_>) -> Result<()> {
        for _ in 0..u.int_in_range(0..=8)? {
            let which = u.int_in_range(0..=MOST_PODS)?;
            match (u.int_in_range(0..=4)?, self.pods.get(which)) {
                (0, _) => self.set_node(u)?,
                (1, _) => {
                    let name = *u.choose(&NODES)?;
                    let was_there = self.nodes.remove(name).is_some();
                    assert_eq!(self.snapshot.remove_node(name), was_there);
                }
                (2, Some((_, id))) => {
                    assert!(self.snapshot.remove_pod(*id));
                    assert!(!self.snapshot.remove_pod(*id), "it is gone");
                    self.pods.remove(which);
                }
                (3, Some((old, id))) => {
                    let mut new = old.clone();
                    new.spec.node_name = (*u.choose(&NODES)?).into();
                    new.spec.priority = u.arbitrary()?;
                    let id = self.snapshot.update_pod(*id, &new);
                    self.pods.remove(which);
                    self.pods.push((new, id));
                }
                _ if self.pods.len() < MOST_PODS => self.add_pod(u)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether a victim has a port that a pod has, too, which stays: such a port is free once the
    /// victim has left.
    fn shares_a_port(&self, node: &str, victims: &[PodId]) -> bool {
        let on_node = self
            .pods
            .iter()
            .filter(|(pod, _)| pod.spec.node_name == node);
        let ports = on_node.filter_map(|(pod, id)| Some((HostPorts::of(&pod.spec)?, id)));
        let (gone, staying): (Vec<_>, Vec<_>) = ports.partition(|(_, id)| victims.contains(id));
        let conflict =
            |gone: &HostPorts| staying.iter().any(|(ports, _)| gone.check(ports).is_some());
        gone.iter().any(|(ports, _)| conflict(ports))
    }

    /// The same at once. Its pods come in the order in which they are in the other: sums that stay at
    /// the end of their numbers depend on it.
    fn rebuilt(&self) -> Snapshot {
        let mut snapshot = Snapshot::new();
        for (namespace, name, claim) in &self.claims {
            snapshot.set_claim(namespace, name, claim);
        }
        for (pod, _) in &self.pods {
            snapshot.add_pod(pod);
        }
        for node in self.nodes.values() {
            snapshot.set_node(node);
        }
        snapshot
    }
}

fn node(u: &mut Unstructured<'_>) -> Result<Node> {
    let mut node = Node::arbitrary(u)?;
    node.metadata.name = (*u.choose(&NODES)?).into();
    node.spec.taints.clear();
    if u.ratio(1, 3)? {
        node.spec.taints.push(Taint::arbitrary(u)?);
    }
    node.spec.unschedulable &= u.ratio(1, 3)?;
    let allocatable = &mut node.status.allocatable;
    allocatable.insert(ResourceName::PODS, count(*u.choose(&[110, 3, 1])?));
    for name in [ResourceName::CPU, ResourceName::MEMORY] {
        allocatable.insert(name, count(*u.choose(&[4, 2, 1])?));
    }
    Ok(node)
}

/// A pod that asks for much of what pods may ask for.
fn pod(u: &mut Unstructured<'_>, name: &str, node: &str) -> Result<Pod> {
    let mut pod = match u.ratio(1, 4)? {
        true => Pod::arbitrary(u)?,
        false => Pod::default(),
    };
    pod.metadata.name = name.into();
    pod.metadata.namespace = (*u.choose(&["default", "kube-system"])?).into();
    let spec = &mut pod.spec;
    spec.node_name = node.into();
    spec.priority = *u.choose(&[Some(0), None, Some(10), Some(20), Some(i32::MIN)])?;
    spec.preemption_policy = None;
    let mut container = Container::default();
    for name in [ResourceName::CPU, ResourceName::MEMORY] {
        let amount = count(*u.choose(&[0, 1, 2, 3])?);
        container.resources.requests.insert(name, amount);
    }
    if u.ratio(1, 4)? {
        let port = ContainerPort::arbitrary(u)?;
        container.ports.push(ContainerPort {
            host_port: u.int_in_range(80..=81)?,
            ..port
        });
    }
    spec.containers.push(container);
    if u.ratio(1, 3)? {
        spec.affinity = Some(Box::new(Affinity::arbitrary(u)?));
    }
    if u.ratio(1, 3)? {
        let constraint = TopologySpreadConstraint::arbitrary(u)?;
        spec.topology_spread_constraints.push(constraint);
    }
    if u.ratio(1, 3)? {
        spec.tolerations.push(Toleration::arbitrary(u)?);
    }
    Ok(pod)
}

fn count(number: i64) -> Quantity {
    Quantity::new(number, pod_lifecycle::quantity::Format::DecimalSi)
}

/// What all filters say together is what they say one by one.
fn the_filters_agree(next: &Pod, snapshot: &Snapshot) {
    let together = Cycle::new(next, snapshot);
    let alone = Plugin::FILTERS.map(|plugin| Cycle::with(&[plugin], next, snapshot));
    for node in snapshot.nodes() {
        let verdict = together.verdict(node);
        let fits = alone.iter().all(|cycle| cycle.fits(node));
        assert_eq!(together.fits(node), fits);
        assert_eq!(verdict.fits(), fits);
        assert_eq!(together.explain(node).is_empty(), fits);
        let mut verdicts = alone.iter().map(|cycle| cycle.verdict(node));
        if together.stopped().is_none() {
            let first = verdicts.find(|verdict| !verdict.fits());
            assert_eq!(verdict, first.unwrap_or_default());
        }
    }
    let outcome = scheduling::schedule(next, snapshot);
    if next.spec.scheduling_gates.is_empty() {
        assert_eq!(outcome.nodes.len(), snapshot.len());
        assert_eq!(outcome.feasible(), together.feasible().count());
        assert_eq!(outcome.summary().is_empty(), outcome.feasible() > 0);
    }
}

/// Questions whose answers nothing is known about beforehand.
fn nothing_panics(next: &Pod, cluster: &Cluster) {
    let pods: Vec<_> = cluster.pods.iter().map(|(pod, _)| pod.clone()).collect();
    for node in cluster.nodes.values() {
        let _ = node_admission::admit(next, node, &pods);
        let _ = taints::stay(&node.spec.taints, &next.spec.tolerations);
    }
    let mut candidates: Vec<_> = pods
        .iter()
        .map(|pod| eviction::Candidate { pod, stats: None })
        .collect();
    eviction::rank(&mut candidates, eviction::Pressure::Memory);
    let _ = gc::collect(&pods, cluster.nodes.values(), 1);
    for container in next.spec.all_containers() {
        let _ = oom_score::adjustment(next, &container, 1 << 30);
    }
}

fn what_is_chosen_fits(next: &Pod, cluster: &Cluster) {
    let snapshot = &cluster.snapshot;
    let placement = scheduling::schedule_one(next, snapshot);
    let cycle = Cycle::new(next, snapshot);
    if let Some(best) = placement.ranking.best() {
        assert!(cycle.fits(best));
    }
    for (score, scores) in &placement.ranking.rows {
        let mut scores = scores.normalized.iter();
        assert!(scores.all(|score| (0..=100).contains(score)), "{score:?}");
    }
    let found = preemption::find(next, snapshot, &cluster.budgets).expect("it may preempt");
    let remark = preemption::remark(Some(&found));
    assert_eq!(
        remark.is_empty(),
        found.choice.is_some() || snapshot.is_empty()
    );
    // A sum that went beyond its end, or a request below nothing, is not undone by its reverse; and
    // a claim for one pod alone that more than one pod has is let go with the first.
    if !is_plain(next) || !cluster.pods.iter().all(|(pod, _)| is_plain(pod)) {
        return;
    }
    for attempt in &found.nodes {
        let Finding::Candidate(candidate) = &attempt.finding else {
            continue;
        };
        let mut left = snapshot.clone();
        for victim in &candidate.victims {
            assert!(left.remove_pod(*victim));
        }
        let verdict = Cycle::new(next, &left).verdict(attempt.node);
        if cluster.shares_a_port(snapshot.node_name(attempt.node), &candidate.victims) {
            assert!(
                verdict
                    .plugin()
                    .is_none_or(|plugin| plugin == Plugin::NodePorts)
            );
        } else {
            assert!(verdict.fits());
        }
    }
}

/// Whether a pod requests amounts that add up as numbers do, and has no claims.
fn is_plain(pod: &Pod) -> bool {
    let mut on_node = Options::default();
    on_node.use_status_resources = true;
    on_node.in_place_pod_level_resources_vertical_scaling = true;
    let options = [Options::default(), on_node];
    let is_small = |requests: ResourceList| {
        let mut amounts = requests.values().map(Quantity::milli_value);
        amounts.all(|amount| (0..=1 << 50).contains(&amount))
    };
    let mut volumes = pod.spec.volumes.iter();
    volumes.all(|volume| volume.persistent_volume_claim.is_none())
        && options
            .iter()
            .all(|options| is_small(resources::requests(pod, options)))
}

/// Except with spreading that looks at taints: there the node's domain may go, and with it the
/// fewest pods that others are compared with.
fn a_taint_more_makes_no_node_fit(next: &Pod, cluster: &Cluster, tainted: &str, taint: Taint) {
    let mut constraints = next.spec.topology_spread_constraints.iter();
    let Some(node) = cluster.nodes.get(tainted) else {
        return;
    };
    if constraints.any(|constraint| constraint.node_taints_policy.is_some()) {
        return;
    }
    let mut node = node.clone();
    node.spec.taints.push(taint);
    let mut after = cluster.snapshot.clone();
    after.set_node(&node);
    none_fits_that_did_not(next, &cluster.snapshot, &after);
}

/// Except with spreading, where the pod may raise the fewest pods that others are compared with; with
/// affinity to pods, where it may be the one that was missed; and with requests below nothing.
fn a_pod_more_makes_no_node_fit(next: &Pod, cluster: &Cluster, more: &Pod) {
    let affinity = next.spec.affinity.as_ref();
    let wants = affinity.is_some_and(|affinity| affinity.pod_affinity.is_some());
    if wants || !next.spec.topology_spread_constraints.is_empty() || !is_plain(more) {
        return;
    }
    let mut after = cluster.snapshot.clone();
    after.add_pod(more);
    none_fits_that_did_not(next, &cluster.snapshot, &after);
}

fn none_fits_that_did_not(next: &Pod, before: &Snapshot, after: &Snapshot) {
    let (then, now) = (Cycle::new(next, before), Cycle::new(next, after));
    for node in after.nodes() {
        assert!(then.fits(node) || !now.fits(node));
    }
}

fn the_snapshot_is_one_made_at_once(next: &Pod, cluster: &Cluster) {
    assert_eq!(
        told(next, &cluster.snapshot),
        told(next, &cluster.rebuilt())
    );
}

/// Everything that is said about nodes, by their names.
fn told(next: &Pod, snapshot: &Snapshot) -> BTreeMap<String, String> {
    let cycle = Cycle::new(next, snapshot);
    let nodes: Vec<NodeId> = snapshot.nodes().collect();
    let ranking = score::rank(&cycle, nodes.clone());
    let attempts = preemption::find(next, snapshot, &[]);
    let attempts = attempts.map_or_else(Vec::new, |found| found.nodes);
    let nodes = nodes.into_iter().zip(&ranking.totals).zip(attempts);
    let told = nodes.map(|((node, total), attempt)| {
        let victims = match &attempt.finding {
            Finding::Candidate(candidate) => {
                let names = candidate.victims.iter().map(|pod| snapshot.pod_name(*pod));
                format!("{:?}", names.collect::<Vec<_>>())
            }
            _ => String::new(),
        };
        let said = (cycle.verdict(node), cycle.explain(node), total, victims);
        (snapshot.node_name(node).to_owned(), format!("{said:?}"))
    });
    told.collect()
}
