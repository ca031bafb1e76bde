//! Verdicts, and the reasons for them as data.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::{fmt, slice};

use super::resources::Insufficient;
use crate::api::Taint;

/// What a verdict comes down to, in the scheduler's words.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Code {
    /// The pod fits.
    Success,
    /// There is nothing to check for this pod.
    Skip,
    /// The pod does not fit; without some of the pods that are there it might.
    Unschedulable,
    /// The pod does not fit, whichever pods leave.
    UnschedulableAndUnresolvable,
    /// The pod cannot be judged.
    Error,
}

impl Code {
    /// Returns the code's name.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::Code;
    ///
    /// assert_eq!(Code::Unschedulable.as_str(), "Unschedulable");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "Success",
            Self::Skip => "Skip",
            Self::Unschedulable => "Unschedulable",
            Self::UnschedulableAndUnresolvable => "UnschedulableAndUnresolvable",
            Self::Error => "Error",
        }
    }
}

/// A part of the scheduler that a pod has to pass, in the order in which they are asked.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Plugin {
    /// Gates of the pod.
    SchedulingGates,
    /// Cordoned nodes.
    NodeUnschedulable,
    /// The node that the pod names.
    NodeName,
    /// Taints.
    TaintToleration,
    /// The node's labels and name.
    NodeAffinity,
    /// Ports on the node.
    NodePorts,
    /// Room on the node.
    NodeResourcesFit,
    /// Volumes that cannot be shared.
    VolumeRestrictions,
    /// Even spreading.
    PodTopologySpread,
    /// Pods near by.
    InterPodAffinity,
    /// What the node's kubelet can do.
    NodeDeclaredFeatures,
}

impl Plugin {
    /// The filters, in the order in which they are asked.
    pub const FILTERS: [Self; 10] = [
        Self::NodeUnschedulable,
        Self::NodeName,
        Self::TaintToleration,
        Self::NodeAffinity,
        Self::NodePorts,
        Self::NodeResourcesFit,
        Self::VolumeRestrictions,
        Self::PodTopologySpread,
        Self::InterPodAffinity,
        Self::NodeDeclaredFeatures,
    ];

    /// Returns the plugin's name.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::Plugin;
    ///
    /// assert_eq!(Plugin::NodePorts.as_str(), "NodePorts");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SchedulingGates => "SchedulingGates",
            Self::NodeUnschedulable => "NodeUnschedulable",
            Self::NodeName => "NodeName",
            Self::TaintToleration => "TaintToleration",
            Self::NodeAffinity => "NodeAffinity",
            Self::NodePorts => "NodePorts",
            Self::NodeResourcesFit => "NodeResourcesFit",
            Self::VolumeRestrictions => "VolumeRestrictions",
            Self::PodTopologySpread => "PodTopologySpread",
            Self::InterPodAffinity => "InterPodAffinity",
            Self::NodeDeclaredFeatures => "NodeDeclaredFeatures",
        }
    }
}

/// One reason why a pod does not fit.
///
/// Written out, it is the reason that the scheduler gives, `node(s) were unschedulable`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Misfit {
    /// The pod has gates and is not looked at.
    Gated,
    /// The node is cordoned.
    Unschedulable,
    /// The pod names another node.
    NodeName,
    /// The first taint that keeps the pod away.
    UntoleratedTaint(Box<Taint>),
    /// The node has not the labels, or not the name, that the pod asks for.
    NodeAffinity,
    /// The pod's affinity names its nodes, in a way that leaves none.
    NamesConflict,
    /// The pod's affinity names its nodes, and the node is none of them.
    NotNamed,
    /// A port of the node that the pod wants is taken.
    Ports,
    /// The node has not enough left of a resource.
    Insufficient(Insufficient),
    /// A claim that the pod uses does not exist.
    ClaimNotFound(String),
    /// A disk that the pod uses is in use on the node.
    DiskConflict,
    /// A claim for one pod alone is in use.
    ClaimInUse,
    /// The node lacks the label that names the domains which the pod is spread over.
    SpreadLabelMissing,
    /// The node's domain would hold too many pods more than the emptiest.
    Spread,
    /// A spreading constraint has a selector that cannot be read.
    SpreadInvalid,
    /// A term of the pod's affinity to pods, or against them, cannot be read.
    PodAffinityInvalid,
    /// No pod of those that the pod has to be near is near the node.
    PodAffinity,
    /// A pod that the pod keeps away from is near the node.
    PodAntiAffinity,
    /// A pod near the node keeps this pod away.
    ExistingPodAntiAffinity,
    /// The node's kubelet lacks a feature that the pod needs.
    DeclaredFeatures,
    /// The snapshot does not hold the node: it never did, or the node was removed.
    NodeNotFound,
}

impl Misfit {
    /// Returns the plugin that says so; none for nodes that the pod's affinity does not name, and for those that
    /// are not there.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::{Misfit, Plugin};
    ///
    /// assert_eq!(Misfit::Ports.plugin(), Some(Plugin::NodePorts));
    /// ```
    #[must_use]
    pub const fn plugin(&self) -> Option<Plugin> {
        Some(match self {
            Self::Gated => Plugin::SchedulingGates,
            Self::Unschedulable => Plugin::NodeUnschedulable,
            Self::NodeName => Plugin::NodeName,
            Self::UntoleratedTaint(_) => Plugin::TaintToleration,
            Self::NodeAffinity | Self::NamesConflict => Plugin::NodeAffinity,
            Self::NotNamed | Self::NodeNotFound => return None,
            Self::Ports => Plugin::NodePorts,
            Self::Insufficient(_) => Plugin::NodeResourcesFit,
            Self::ClaimNotFound(_) | Self::DiskConflict | Self::ClaimInUse => {
                Plugin::VolumeRestrictions
            }
            Self::SpreadLabelMissing | Self::Spread | Self::SpreadInvalid => {
                Plugin::PodTopologySpread
            }
            Self::PodAffinityInvalid
            | Self::PodAffinity
            | Self::PodAntiAffinity
            | Self::ExistingPodAntiAffinity => Plugin::InterPodAffinity,
            Self::DeclaredFeatures => Plugin::NodeDeclaredFeatures,
        })
    }

    /// Returns whether the pod might fit if pods left.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::{Code, Misfit};
    ///
    /// assert_eq!(Misfit::Ports.code(), Code::Unschedulable);
    /// assert_eq!(Misfit::NodeName.code(), Code::UnschedulableAndUnresolvable);
    /// ```
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Ports
            | Self::DiskConflict
            | Self::ClaimInUse
            | Self::Spread
            | Self::PodAntiAffinity
            | Self::ExistingPodAntiAffinity => Code::Unschedulable,
            Self::Insufficient(short) if !short.is_unresolvable() => Code::Unschedulable,
            Self::SpreadInvalid | Self::NodeNotFound => Code::Error,
            _ => Code::UnschedulableAndUnresolvable,
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Insufficient(short) => return short.fmt(f),
            Self::ClaimNotFound(name) => {
                return write!(f, "persistentvolumeclaim \"{name}\" not found");
            }
            Self::Gated => "waiting for scheduling gates",
            Self::Unschedulable => "node(s) were unschedulable",
            Self::NodeName => "node(s) didn't match the requested node name",
            Self::UntoleratedTaint(_) => "node(s) had untolerated taint(s)",
            Self::NodeAffinity => "node(s) didn't match Pod's node affinity/selector",
            Self::NamesConflict => "pod affinity terms conflict",
            Self::NotNamed => "node(s) didn't satisfy plugin(s) [NodeAffinity]",
            Self::Ports => "node(s) didn't have free ports for the requested pod ports",
            Self::DiskConflict => "node(s) had no available disk",
            Self::ClaimInUse => {
                "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod"
            }
            Self::SpreadLabelMissing => {
                "node(s) didn't match pod topology spread constraints (missing required label)"
            }
            Self::Spread => "node(s) didn't match pod topology spread constraints",
            Self::SpreadInvalid => "a topology spread constraint has an invalid label selector",
            Self::PodAffinityInvalid => "an affinity term has an invalid selector",
            Self::PodAffinity => "node(s) didn't match pod affinity rules",
            Self::PodAntiAffinity => "node(s) didn't match pod anti-affinity rules",
            Self::ExistingPodAntiAffinity => {
                "node(s) didn't satisfy existing pods anti-affinity rules"
            }
            Self::DeclaredFeatures => "node(s) didn't match Pod's required features",
            Self::NodeNotFound => "node not found",
        })
    }
}

/// Whether a pod fits a node, and why not.
///
/// A verdict that the pod fits holds nothing and costs nothing.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Verdict(Reasons);

#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
enum Reasons {
    #[default]
    None,
    /// Kept in place, since most verdicts on a whole cluster have one.
    One(Misfit),
    /// Two at least.
    Several(Vec<Misfit>),
}

impl Verdict {
    /// Whether the pod fits.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::{Misfit, Verdict};
    ///
    /// assert!(Verdict::default().fits());
    /// assert!(!Verdict::from(Some(Misfit::Ports)).fits());
    /// ```
    #[must_use]
    pub fn fits(&self) -> bool {
        self.misfits().is_empty()
    }

    /// Returns the reasons why the pod does not fit.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::{Misfit, Verdict};
    ///
    /// let verdict = Verdict::from(Some(Misfit::Ports));
    /// assert_eq!(verdict.misfits(), [Misfit::Ports]);
    /// ```
    #[must_use]
    pub fn misfits(&self) -> &[Misfit] {
        match &self.0 {
            Reasons::None => &[],
            Reasons::One(misfit) => slice::from_ref(misfit),
            Reasons::Several(misfits) => misfits,
        }
    }

    /// Returns the first plugin that the pod does not pass.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::{Misfit, Plugin, Verdict};
    ///
    /// let verdict = Verdict::from(Some(Misfit::Ports));
    /// assert_eq!(verdict.plugin(), Some(Plugin::NodePorts));
    /// ```
    #[must_use]
    pub fn plugin(&self) -> Option<Plugin> {
        self.misfits().first().and_then(Misfit::plugin)
    }

    /// Returns the code: that of the worst reason.
    ///
    /// ```
    /// use pod_lifecycle::scheduling::{Code, Misfit, Verdict};
    ///
    /// let verdict = Verdict::from(vec![Misfit::Ports, Misfit::NodeAffinity]);
    /// assert_eq!(verdict.code(), Code::UnschedulableAndUnresolvable);
    /// assert_eq!(Verdict::default().code(), Code::Success);
    /// ```
    #[must_use]
    pub fn code(&self) -> Code {
        let worst = self.misfits().iter().map(Misfit::code).max();
        worst.unwrap_or(Code::Success)
    }
}

impl From<Vec<Misfit>> for Verdict {
    fn from(mut misfits: Vec<Misfit>) -> Self {
        match misfits.len() {
            0 | 1 => misfits.pop().into(),
            _ => Self(Reasons::Several(misfits)),
        }
    }
}

impl From<Option<Misfit>> for Verdict {
    fn from(misfit: Option<Misfit>) -> Self {
        Self(misfit.map_or(Reasons::None, Reasons::One))
    }
}
