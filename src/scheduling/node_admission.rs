//! What a node's kubelet asks again when a pod arrives that was bound to it.
//!
//! Follows `predicateAdmitHandler` on Linux. A pod that is turned away becomes `Failed` with the
//! reason given here; whoever made it makes another.

use alloc::{borrow::Cow, format, string::String, vec::Vec};
use core::fmt;

use super::{
    Misfit,
    node_affinity::NodeAffinity,
    node_name,
    ports::HostPorts,
    resources::{Ignored, Insufficient, NodeResources, Request},
};
use crate::{
    api::{Node, OSName, ObjectMeta, Pod, ResourceName, SupplementalGroupsPolicy, TaintEffect},
    critical, format as names,
    resources::{self, Options},
    tolerations,
};

const OS_LABEL: &str = "kubernetes.io/os";
const LINUX: &str = "linux";

/// What a kubelet makes of a pod that arrives.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Admission {
    /// The pod may run.
    Admitted,
    /// The pod is critical and only short of room: it may run once pods have been preempted that
    /// make up for what is short ([`Shortage`]), and where that cannot be done, it is turned away
    /// with [`UNEXPECTED_ADMISSION_ERROR`].
    AfterPreemption(Vec<Shortage>),
    /// The pod is turned away.
    Rejected(Rejection),
}

/// The reason of a critical pod for which no room could be made.
pub const UNEXPECTED_ADMISSION_ERROR: &str = "UnexpectedAdmissionError";

/// What a node has too little of for a critical pod.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Shortage {
    /// The resource.
    pub resource: ResourceName,
    /// How much has to become free: thousandths of a core, bytes, pods.
    pub amount: i64,
}

/// Why a kubelet turns a pod away.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Rejection {
    /// The pod is labelled for another operating system.
    OsLabel,
    /// The pod's spec says another operating system.
    Os,
    /// The pod asks for strict supplemental groups, and the node's runtime does not know them.
    SupplementalGroupsPolicy,
    /// The pod does not fit the node: every reason, the one that is reported first.
    Misfits(Vec<Misfit>),
}

impl Rejection {
    /// Returns the reason that the pod's status gets.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::{Misfit, node_admission::Rejection};
    ///
    /// assert_eq!(Rejection::Misfits(vec![Misfit::NodeAffinity]).reason(), "NodeAffinity");
    /// ```
    #[must_use]
    pub fn reason(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::OsLabel => "PodOSSelectorNodeLabelDoesNotMatch",
            Self::Os => "PodOSNotSupported",
            Self::SupplementalGroupsPolicy => "SupplementalGroupsPolicyNotSupported",
            Self::Misfits(misfits) => match misfits.first() {
                Some(Misfit::Insufficient(short)) => {
                    return Cow::Owned(format!("OutOf{}", short.resource));
                }
                Some(misfit) => misfit.plugin().map_or("", super::Plugin::as_str),
                None => "",
            },
        })
    }
}

impl fmt::Display for Rejection {
    /// Writes what the pod's status says after `Pod was rejected: `.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OsLabel => {
                "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label"
            }
            Self::Os => "Failed to admit pod as the OS field doesn't match node OS",
            Self::SupplementalGroupsPolicy => {
                "SupplementalGroupsPolicy=Strict is not supported in this node"
            }
            Self::Misfits(misfits) => match misfits.first() {
                Some(Misfit::Insufficient(short)) => {
                    return write!(
                        f,
                        "Node didn't have enough resource: {}, requested: {}, used: {}, capacity: {}",
                        short.resource, short.requested, short.used, short.capacity
                    );
                }
                Some(misfit) => {
                    let plugin = misfit.plugin().map_or("", super::Plugin::as_str);
                    return write!(f, "Predicate {plugin} failed: {misfit}");
                }
                None => "",
            },
        })
    }
}

/// Decides whether a node takes a pod that was bound to it, beside the `others` that it has.
///
/// Extended resources that the node does not have at all are not asked for: they are the cluster's.
/// Only `NoExecute` taints count, and none for static pods.
///
/// ```
/// use pod_lifecycle::{api::{Node, Pod}, scheduling::node_admission::{self, Admission}};
///
/// let node: Node = serde_json::from_str(r#"{"status": {"allocatable": {"pods": "1"}}}"#)?;
/// let pod = Pod::default();
/// assert_eq!(node_admission::admit(&pod, &node, &[]), Admission::Admitted);
/// let Admission::Rejected(rejection) = node_admission::admit(&pod, &node, &[pod.clone()]) else {
///     panic!("there is no room for two");
/// };
/// assert_eq!(rejection.reason(), "OutOfpods");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn admit(pod: &Pod, node: &Node, others: &[Pod]) -> Admission {
    if let Some(rejection) = unsupported(pod, node) {
        return Admission::Rejected(rejection);
    }
    let mut misfits = misfits(pod, node, others);
    let is_short = |misfit: &Misfit| matches!(misfit, Misfit::Insufficient(_));
    if critical::is_critical(pod) {
        if misfits.iter().all(is_short) && !misfits.is_empty() {
            return Admission::AfterPreemption(shortages(misfits));
        }
        misfits.retain(|misfit| !is_short(misfit));
    }
    if misfits.is_empty() {
        Admission::Admitted
    } else {
        Admission::Rejected(Rejection::Misfits(misfits))
    }
}

/// What the kubelet could not run, whatever room there is.
fn unsupported(pod: &Pod, node: &Node) -> Option<Rejection> {
    let label = pod.metadata.labels.get(OS_LABEL);
    if label.is_some_and(|label| label != LINUX) {
        return Some(Rejection::OsLabel);
    }
    let os = pod.spec.os.as_ref();
    if os.is_some_and(|os| os.name != Some(OSName::Linux)) {
        return Some(Rejection::Os);
    }
    let security = pod.spec.security_context.as_ref();
    let policy = security.and_then(|security| security.supplemental_groups_policy.as_ref());
    let features = node.status.features.as_ref();
    let knows = features.and_then(|features| features.supplemental_groups_policy);
    let is_strict = policy == Some(&SupplementalGroupsPolicy::Strict);
    (is_strict && knows != Some(true)).then_some(Rejection::SupplementalGroupsPolicy)
}

/// Every reason against a pod: room, labels, name, ports, taints.
fn misfits(pod: &Pod, node: &Node, others: &[Pod]) -> Vec<Misfit> {
    let mut resources = NodeResources::of(&node.status);
    for other in others {
        resources.add_pod(other);
    }
    let short = request(pod, node).insufficient(&resources, &Ignored::default());
    let mut misfits: Vec<_> = short.into_iter().map(Misfit::Insufficient).collect();
    let affinity = NodeAffinity::of(&pod.spec);
    misfits.extend(
        affinity
            .as_ref()
            .and_then(|affinity| check_as_linux(affinity, node)),
    );
    misfits.extend(node_name::check(&pod.spec, &node.metadata.name));
    if let Some(wanted) = HostPorts::of(&pod.spec) {
        let mut used = others.iter().filter_map(|other| HostPorts::of(&other.spec));
        misfits.extend(used.find_map(|used| wanted.check(&used)));
    }
    if !critical::is_static(pod) {
        let evicting = |taint: &&_| is_no_execute(taint);
        let taints = node.spec.taints.iter().filter(evicting);
        let untolerated = tolerations::first_untolerated(taints, &pod.spec.tolerations);
        misfits.extend(untolerated.map(|taint| Misfit::UntoleratedTaint(taint.clone().into())));
    }
    // The node's labels as they are have the last word.
    if misfits == [Misfit::NodeAffinity] {
        misfits.clear();
        misfits.extend(affinity.and_then(|affinity| affinity.check(node)));
    }
    misfits
}

fn is_no_execute(taint: &crate::api::Taint) -> bool {
    taint.effect == Some(TaintEffect::NoExecute)
}

/// Holds the node against the pod's affinity as one whose label says that it runs Linux, whatever
/// it says; a node without any labels stays without.
fn check_as_linux(affinity: &NodeAffinity<'_>, node: &Node) -> Option<Misfit> {
    let labels = &node.metadata.labels;
    if labels.is_empty() || labels.get(OS_LABEL).is_some_and(|os| os == LINUX) {
        return affinity.check(node);
    }
    let mut labels = labels.clone();
    labels.insert(String::from(OS_LABEL), String::from(LINUX));
    affinity.check(&Node {
        metadata: ObjectMeta {
            name: node.metadata.name.clone(),
            labels,
            ..ObjectMeta::default()
        },
        ..Node::default()
    })
}

/// What the pod requests, but for extended resources that the node has none of.
fn request(pod: &Pod, node: &Node) -> Request {
    let mut requests = resources::requests(pod, &Options::default());
    requests.retain(|name, _| {
        !names::is_extended_resource(name.as_str())
            || node.status.allocatable.contains_key(name)
            || pod.spec.overhead.contains_key(name)
    });
    for (name, overhead) in &pod.spec.overhead {
        if names::is_extended_resource(name.as_str()) && !node.status.allocatable.contains_key(name)
        {
            requests.insert(name.clone(), overhead.clone());
        }
    }
    Request::from(&requests)
}

fn shortages(misfits: Vec<Misfit>) -> Vec<Shortage> {
    let short = misfits.into_iter().filter_map(|misfit| match misfit {
        Misfit::Insufficient(short) => Some(short),
        _ => None,
    });
    short.map(Shortage::from).collect()
}

impl From<Insufficient> for Shortage {
    fn from(short: Insufficient) -> Self {
        let free = short.capacity.saturating_sub(short.used);
        Self {
            resource: short.resource,
            amount: short.requested.saturating_sub(free),
        }
    }
}
