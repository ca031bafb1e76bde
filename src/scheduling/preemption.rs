//! Who would have to go for a pod to fit.
//!
//! Follows the plugin `DefaultPreemption`: on each node where it could help, the pods of lower
//! priority leave in thought, and come back one by one, the most important first, as long as the pod
//! still fits. Then one node is chosen.

use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::cmp::Reverse;

use jiff::Timestamp;

use super::{
    Code, Cycle, Misfit, NodeId, PodId, Snapshot, Verdict,
    intern::Id,
    node_info::NodeInfo,
    outcome::{listed, unavailable},
    snapshot::PodEntry,
};
use crate::{
    api::{Pod, PodDisruptionBudget, PreemptionPolicy},
    labels::Selector,
};

/// What preemption can do for a pod.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Preemption {
    /// The nodes in the snapshot's order.
    pub nodes: Vec<Attempt>,
    /// The best candidate.
    pub choice: Option<Choice>,
}

/// What preemption can do on one node.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attempt {
    /// The node.
    pub node: NodeId,
    /// What the filters say while all pods are there.
    pub code: Code,
    /// What comes of it.
    pub finding: Finding,
}

/// What comes of an attempt.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// The pod fits anyway, or would not fit whoever left.
    NotHelpful,
    /// No pod has to go for it, so that its absence does not help.
    NoVictims,
    /// No pod may be taken away.
    NobodyToPreempt,
    /// Even without all pods of lower priority, the pod does not fit.
    NoFit(Verdict),
    /// The pod fits when the victims are gone.
    Candidate(Candidate),
}

/// The pods that have to leave a node.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Candidate {
    /// The pods, most important first.
    pub victims: Vec<PodId>,
    /// How many of them leave against a disruption budget.
    pub budget_violations: usize,
}

/// The node whose victims have to leave.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Choice {
    /// The node.
    pub node: NodeId,
    /// Whether another node is just as good; Kubernetes then takes any of them, and this takes the
    /// first.
    pub is_tie: bool,
}

/// Finds out whom a pod that fits nowhere could preempt, and on which node it should; `None` where
/// its `preemptionPolicy` is `Never`.
///
/// Chosen is the node with the fewest violations of budgets, then with the least important first
/// victim, the smallest sum of priorities, the fewest victims, and last the one whose most
/// important victims started last.
///
/// A port that two pods of a node have, which no kubelet lets happen, is free once one of them has
/// left, as it is for Kubernetes' scheduler.
///
/// ```
/// use pod_lifecycle::{
///     api::{Node, Pod},
///     scheduling::{Snapshot, preemption::{self, Finding}},
/// };
///
/// let node: Node = serde_json::from_str(
///     r#"{"metadata": {"name": "a"}, "status": {"allocatable": {"cpu": "1", "pods": "9"}}}"#,
/// )?;
/// let pod = |priority: i32| -> serde_json::Result<Pod> {
///     serde_json::from_value(serde_json::json!({"spec": {
///         "priority": priority,
///         "nodeName": if priority == 0 { "a" } else { "" },
///         "containers": [{"name": "app", "resources": {"requests": {"cpu": "600m"}}}]
///     }}))
/// };
/// let mut snapshot = Snapshot::new();
/// let a = snapshot.set_node(&node);
/// let victim = snapshot.add_pod(&pod(0)?);
///
/// let important = pod(1000)?;
/// let preemption = preemption::find(&important, &snapshot, &[]).unwrap();
/// assert_eq!(preemption.choice.map(|choice| choice.node), Some(a));
/// let Finding::Candidate(candidate) = &preemption.nodes[0].finding else { panic!() };
/// assert_eq!(candidate.victims, [victim]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn find(pod: &Pod, snapshot: &Snapshot, budgets: &[PodDisruptionBudget]) -> Option<Preemption> {
    if pod.spec.preemption_policy == Some(PreemptionPolicy::Never) {
        return None;
    }
    let cycle = Cycle::new(pod, snapshot);
    let budgets = Budgets::new(budgets);
    let attempts = snapshot.known().map(|(slot, info)| {
        let code = cycle.verdict_on(slot, info, None).code();
        let finding = match code {
            Code::Unschedulable => on_node(&cycle, slot, info, &budgets),
            _ => Finding::NotHelpful,
        };
        Attempt {
            node: NodeId(slot),
            code,
            finding,
        }
    });
    let nodes: Vec<_> = attempts.collect();
    let choice = choose(&nodes, snapshot);
    Some(Preemption { nodes, choice })
}

/// Returns what the event `FailedScheduling` says after the [reasons of the
/// filters](super::Outcome::summary), about what [`find`] found: why preemption does not help, or
/// nothing where it does.
///
/// The plugin for devices is asked before preemption is, and has its say.
///
/// ```
/// use pod_lifecycle::{
///     api::{Node, Pod},
///     scheduling::{self, Snapshot, preemption},
/// };
///
/// let mut snapshot = Snapshot::new();
/// snapshot.set_node(&Node::default());
/// let pod = Pod::default();
/// let reasons = scheduling::schedule(&pod, &snapshot).summary();
/// let found = preemption::find(&pod, &snapshot, &[]);
/// assert_eq!(
///     format!("{reasons} {}", preemption::remark(found.as_ref())),
///     "0/1 nodes are available: 1 Too many pods. no new claims to deallocate, \
///      preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
/// );
/// ```
#[must_use]
pub fn remark(found: Option<&Preemption>) -> String {
    let told = match found {
        None => "not eligible due to preemptionPolicy=Never.".into(),
        Some(found) if found.nodes.is_empty() || found.choice.is_some() => return String::new(),
        Some(found) => {
            let mut counts = BTreeMap::<String, usize>::new();
            let mut count = |reason: String| *counts.entry(reason).or_default() += 1;
            for attempt in &found.nodes {
                match &attempt.finding {
                    Finding::NoFit(verdict) => {
                        let reasons = verdict.misfits().iter();
                        reasons.map(Misfit::to_string).for_each(&mut count);
                    }
                    Finding::NotHelpful => count("Preemption is not helpful for scheduling".into()),
                    _ => count("No preemption victims found for incoming pod".into()),
                }
            }
            unavailable(found.nodes.len(), &listed(counts))
        }
    };
    format!("no new claims to deallocate, preemption: {told}")
}

fn on_node(cycle: &Cycle<'_>, slot: Id, info: &NodeInfo, budgets: &Budgets<'_>) -> Finding {
    let snapshot = cycle.snapshot;
    let priority = cycle.pod.spec.priority.unwrap_or_default();
    let is_less_important = |pod: &&Id| {
        let entry = snapshot.pod(**pod);
        entry.is_some_and(|(entry, _)| entry.priority < priority)
    };
    let mut weak: Vec<_> = info
        .details
        .pods
        .iter()
        .filter(is_less_important)
        .copied()
        .collect();
    if weak.is_empty() {
        return Finding::NobodyToPreempt;
    }
    let mut what_if = cycle.without(slot, info, weak.clone());
    let verdict = cycle.verdict_on(slot, info, Some(&what_if));
    if !verdict.fits() {
        return Finding::NoFit(verdict);
    }
    let importance = |pod: &Id| snapshot.pod(*pod).map(|(entry, _)| importance(entry));
    weak.sort_by_key(importance);
    let (violating, others) = budgets.split(&weak, snapshot);
    let mut victims = Vec::new();
    let mut budget_violations = 0;
    for (index, pod) in violating.iter().chain(&others).enumerate() {
        let mut with_pod = what_if.clone();
        cycle.put_back(&mut with_pod, slot, *pod);
        if cycle.verdict_on(slot, info, Some(&with_pod)).fits() {
            what_if = with_pod;
        } else {
            victims.push(*pod);
            budget_violations += usize::from(index < violating.len());
        }
    }
    if victims.is_empty() {
        return Finding::NoVictims;
    }
    victims.sort_by_key(importance);
    Finding::Candidate(Candidate {
        victims: victims
            .into_iter()
            .map(|pod| snapshot.pod_id(pod))
            .collect(),
        budget_violations,
    })
}

/// Orders the more important pod first: by priority, then by how long it has run. A pod that has
/// not started counts as starting now.
fn importance(entry: &PodEntry) -> (Reverse<i32>, Timestamp) {
    (Reverse(entry.priority), started(entry))
}

fn started(entry: &PodEntry) -> Timestamp {
    entry.started.unwrap_or(Timestamp::MAX)
}

/// Disruption budgets and how much is left of them.
struct Budgets<'a>(Vec<(&'a PodDisruptionBudget, Selector<'a>)>);

impl<'a> Budgets<'a> {
    /// Keeps those that cover any pods: an absent or empty selector covers none here.
    fn new(budgets: &'a [PodDisruptionBudget]) -> Self {
        let parsed = budgets.iter().filter_map(|budget| {
            let selector = Selector::parse(budget.spec.selector.as_ref()).ok()?;
            (!selector.is_empty()).then_some((budget, selector))
        });
        Self(parsed.collect())
    }

    /// Parts the pods into those that would leave against a budget and the others.
    fn split(&self, pods: &[Id], snapshot: &Snapshot) -> (Vec<Id>, Vec<Id>) {
        let allowed = self.0.iter();
        let mut allowed: Vec<_> = allowed
            .map(|(budget, _)| budget.status.disruptions_allowed)
            .collect();
        pods.iter().copied().partition(|pod| {
            let Some((entry, template)) = snapshot.pod(*pod) else {
                return false;
            };
            let mut violates = false;
            for ((budget, selector), left) in self.0.iter().zip(&mut allowed) {
                if !template.labels.is_empty()
                    && budget.metadata.namespace == template.namespace
                    && selector.matches(&template.labels)
                    && !budget.status.disrupted_pods.contains_key(&*entry.name)
                {
                    *left = left.saturating_sub(1);
                    violates |= *left < 0;
                }
            }
            violates
        })
    }
}

fn choose(attempts: &[Attempt], snapshot: &Snapshot) -> Option<Choice> {
    let candidates = attempts
        .iter()
        .filter_map(|attempt| match &attempt.finding {
            Finding::Candidate(candidate) => Some((cost(candidate, snapshot), attempt.node)),
            _ => None,
        });
    let candidates: Vec<_> = candidates.collect();
    let (least, node) = candidates.iter().min_by_key(|(cost, _)| *cost)?;
    Some(Choice {
        node: *node,
        is_tie: candidates.iter().filter(|(cost, _)| cost == least).count() > 1,
    })
}

/// What is to be as small as possible, the most weighty first.
type Cost = (usize, i32, i64, usize, Reverse<Timestamp>);

fn cost(candidate: &Candidate, snapshot: &Snapshot) -> Cost {
    let victims = candidate.victims.iter();
    let victims = victims.filter_map(|victim| Some(snapshot.pod(victim.index)?.0));
    let highest = victims.clone().map(|victim| victim.priority).next();
    let highest = highest.unwrap_or(i32::MIN);
    let important = victims.clone().filter(|victim| victim.priority == highest);
    let weights = victims.map(|victim| i64::from(victim.priority) + (1 << 31));
    (
        candidate.budget_violations,
        highest,
        weights.fold(0, i64::saturating_add),
        candidate.victims.len(),
        Reverse(important.map(started).min().unwrap_or(Timestamp::MAX)),
    )
}
