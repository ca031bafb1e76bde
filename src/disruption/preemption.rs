//! Which pods a kubelet ends to make room for one that is critical.
//!
//! Follows `CriticalPodAdmissionHandler` of the kubelet, Kubernetes v1.36. A pod that was bound to
//! a node without room for it, which a static pod may be, is taken in if it may preempt others.

use alloc::vec::Vec;

use crate::{
    api::{Pod, PodQOSClass, ResourceName},
    critical,
    resources::{self, qos},
};

/// How much of a resource has to become free.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Requirement {
    /// The resource.
    pub resource: ResourceName,
    /// How much: thousandths of a core, pods, or whole units of everything else.
    pub amount: i64,
}

/// Returns the pods to end so that all requirements are met, or `None` where even all that may be
/// preempted would not do.
///
/// As few of the better classes as possible: `Guaranteed` pods only for what all the others
/// cannot make free, then `Burstable` ones. Within a class, the pod that leaves the least of the
/// requirements open goes first, and of two like ones the one that requests less. Pods of an unknown
/// class stay. The result lists `BestEffort`, `Burstable` and `Guaranteed` pods in this order.
///
/// ```
/// use pod_lifecycle::{
///     api::{Pod, ResourceName},
///     disruption::preemption::{self, Requirement},
/// };
///
/// let critical: Pod = serde_json::from_str(r#"{"spec": {"priority": 2000000000}}"#)?;
/// let pods: Vec<Pod> = serde_json::from_str(
///     r#"[
///         {"metadata": {"name": "large"}, "spec": {"containers": [
///             {"name": "c", "resources": {"requests": {"cpu": "4"}}}]}},
///         {"metadata": {"name": "small"}, "spec": {"containers": [
///             {"name": "c", "resources": {"requests": {"cpu": "1"}}}]}}
///     ]"#,
/// )?;
/// let cpu = |amount| [Requirement { resource: ResourceName::CPU, amount }];
/// let victims = preemption::victims(&critical, &pods, &cpu(500)).expect("there is enough");
/// assert_eq!(victims.len(), 1);
/// assert_eq!(victims[0].metadata.name, "small");
/// assert_eq!(preemption::victims(&critical, &pods, &cpu(6000)), None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn victims<'a>(
    preemptor: &Pod,
    pods: impl IntoIterator<Item = &'a Pod>,
    requirements: &[Requirement],
) -> Option<Vec<&'a Pod>> {
    let candidates = Candidates::new(preemptor, pods, requirements);
    let Candidates {
        best_effort,
        burstable,
        guaranteed,
    } = &candidates;
    let needed = Open::new(requirements);
    let beyond_burstable = needed.less(best_effort).less(burstable);
    if !beyond_burstable.less(guaranteed).is_met() {
        return None;
    }
    let guaranteed = choose(guaranteed, beyond_burstable)?;
    let needed = needed.less(guaranteed.iter().copied());
    let burstable = choose(burstable, needed.less(best_effort))?;
    let best_effort = choose(best_effort, needed.less(burstable.iter().copied()))?;
    let chosen = [best_effort, burstable, guaranteed].into_iter().flatten();
    Some(chosen.map(|candidate| candidate.pod).collect())
}

/// A pod that may be preempted, and what that makes free.
struct Candidate<'a> {
    pod: &'a Pod,
    /// Of each requirement's resource, in their order.
    frees: Vec<i64>,
    /// Memory, then cpu.
    size: [i64; 2],
}

impl<'a> Candidate<'a> {
    fn new(pod: &'a Pod, requirements: &[Requirement]) -> Self {
        let requests = resources::of_kubelet(pod);
        let amount = |name: &ResourceName| {
            if *name == ResourceName::PODS {
                return 1;
            }
            match requests.get(name) {
                Some(amount) if *name == ResourceName::CPU => amount.milli_value(),
                Some(amount) => amount.value(),
                None => 0,
            }
        };
        Self {
            pod,
            frees: requirements.iter().map(|r| amount(&r.resource)).collect(),
            size: [amount(&ResourceName::MEMORY), amount(&ResourceName::CPU)],
        }
    }
}

/// The pods that may be preempted, by class.
#[derive(Default)]
struct Candidates<'a> {
    best_effort: Vec<Candidate<'a>>,
    burstable: Vec<Candidate<'a>>,
    guaranteed: Vec<Candidate<'a>>,
}

impl<'a> Candidates<'a> {
    fn new(
        preemptor: &Pod,
        pods: impl IntoIterator<Item = &'a Pod>,
        requirements: &[Requirement],
    ) -> Self {
        let mut candidates = Self::default();
        for pod in pods {
            if !critical::may_preempt(preemptor, pod) {
                continue;
            }
            let class = match qos::class(pod) {
                PodQOSClass::BestEffort => &mut candidates.best_effort,
                PodQOSClass::Burstable => &mut candidates.burstable,
                PodQOSClass::Guaranteed => &mut candidates.guaranteed,
                PodQOSClass::Other(_) => continue,
            };
            class.push(Candidate::new(pod, requirements));
        }
        candidates
    }
}

/// How much of each requirement is still to be met, in their order.
#[derive(Clone)]
struct Open(Vec<i64>);

impl Open {
    fn new(requirements: &[Requirement]) -> Self {
        Self(requirements.iter().map(|r| r.amount).collect())
    }

    /// What is left once these pods are gone; what is met once stays met.
    fn less<'c, 'a: 'c>(&self, gone: impl IntoIterator<Item = &'c Candidate<'a>>) -> Self {
        let mut left = self.clone();
        for candidate in gone {
            for (open, frees) in left.0.iter_mut().zip(&candidate.frees) {
                if *open > 0 {
                    *open = open.saturating_sub(*frees);
                }
            }
        }
        left
    }

    fn is_met(&self) -> bool {
        self.0.iter().all(|open| *open <= 0)
    }

    /// How much one pod leaves open: the sum of the squares of the parts, rounded as the kubelet
    /// rounds it, since the order of two pods may depend on it.
    #[allow(clippy::cast_precision_loss)]
    fn distance(&self, candidate: &Candidate<'_>) -> f64 {
        let open = self.0.iter().zip(&candidate.frees);
        open.filter(|(open, _)| **open > 0)
            .map(|(open, frees)| {
                let left = open.saturating_sub(*frees).max(0) as f64 / *open as f64;
                left * left
            })
            .fold(0.0, |sum, part| sum + part)
    }
}

/// Takes pods until nothing is open.
fn choose<'c, 'a>(
    candidates: &'c [Candidate<'a>],
    mut open: Open,
) -> Option<Vec<&'c Candidate<'a>>> {
    let mut candidates: Vec<_> = candidates.iter().collect();
    let mut chosen = Vec::new();
    while !open.is_met() {
        let mut best: Option<(usize, f64, [i64; 2])> = None;
        for (index, candidate) in candidates.iter().enumerate() {
            let distance = open.distance(candidate);
            let is_better = best.is_none_or(|(_, least, size)| {
                distance < least || distance <= least && candidate.size <= size
            });
            if is_better {
                best = Some((index, distance, candidate.size));
            }
        }
        // The original moves the last pod into the gap, and ties depend on the order.
        let next = candidates.swap_remove(best?.0);
        open = open.less([next]);
        chosen.push(next);
    }
    Some(chosen)
}
