//! Where a pod may run: affinity to nodes and pods, taints and tolerations, spreading.
//!
//! Read by the scheduler; the kubelet checks node affinity and `NoExecute` taints once more when
//! the pod arrives. Nothing here moves a pod that already runs, save a `NoExecute` taint.
//!
//! ```
//! use pod_lifecycle::api::{TaintEffect, Toleration, TolerationOperator};
//!
//! let toleration: Toleration = serde_json::from_str(
//!     r#"{"key": "node.kubernetes.io/unreachable", "operator": "Exists",
//!         "effect": "NoExecute", "tolerationSeconds": 300}"#,
//! )?;
//! assert_eq!(toleration.operator, Some(TolerationOperator::Exists));
//! assert_eq!(toleration.effect, Some(TaintEffect::NoExecute));
//! assert_eq!(toleration.toleration_seconds, Some(300));
//! # Ok::<(), serde_json::Error>(())
//! ```

use alloc::{boxed::Box, string::String, vec::Vec};

use super::meta::LabelSelector;
use super::time::Time;

wire_struct! {
    /// What a pod asks of its node and of the pods near it.
    pub struct Affinity {
        /// What it asks of the node's labels and name.
        pub node_affinity: Option<NodeAffinity> => "nodeAffinity" omitempty,
        /// Which pods it wants near it.
        pub pod_affinity: Option<PodAffinity> => "podAffinity" omitempty,
        /// Which pods it does not want near it.
        pub pod_anti_affinity: Option<PodAntiAffinity> => "podAntiAffinity" omitempty,
    }
}

wire_struct! {
    /// What a pod asks of a node.
    ///
    /// Checked when the pod is placed; a label that changes later moves nothing.
    pub struct NodeAffinity {
        /// What the node has to be like; absent allows every node.
        pub required_during_scheduling_ignored_during_execution: Option<NodeSelector> => "requiredDuringSchedulingIgnoredDuringExecution" omitempty,
        /// What a node had better be like: the weights of all that match are summed to its score.
        pub preferred_during_scheduling_ignored_during_execution: Vec<PreferredSchedulingTerm> => "preferredDuringSchedulingIgnoredDuringExecution" omitempty,
    }
}

wire_struct! {
    /// A choice of nodes: those that match any of the terms.
    pub struct NodeSelector {
        /// The terms; none at all matches no node, and the API server refuses that.
        pub node_selector_terms: Vec<NodeSelectorTerm> => "nodeSelectorTerms",
    }
}

wire_struct! {
    /// A part of a choice of nodes: those that meet all of its requirements.
    ///
    /// A term without any requirement matches no node.
    pub struct NodeSelectorTerm {
        /// Requirements on labels.
        pub match_expressions: Vec<NodeSelectorRequirement> => "matchExpressions" omitempty,
        /// Requirements on fields; only `metadata.name` with `In` or `NotIn` and one value is
        /// allowed.
        pub match_fields: Vec<NodeSelectorRequirement> => "matchFields" omitempty,
    }
}

wire_struct! {
    /// A requirement on one label or field of a node.
    pub struct NodeSelectorRequirement {
        /// Name of the label or field.
        pub key: String => "key",
        /// How it compares; required.
        pub operator: Option<NodeSelectorOperator> => "operator" text,
        /// What it is compared with: at least one for `In` and `NotIn`, one integer for `Gt` and
        /// `Lt`, none otherwise.
        pub values: Vec<String> => "values" omitempty,
    }
}

wire_struct! {
    /// A wish about the node, with its weight.
    pub struct PreferredSchedulingTerm {
        /// Points for a node that matches, 1 to 100.
        pub weight: i32 => "weight",
        /// What the node had better be like; without requirements it matches every node.
        pub preference: NodeSelectorTerm => "preference",
    }
}

wire_struct! {
    /// Which pods a pod wants near it, in the sense of a topology key.
    pub struct PodAffinity {
        /// Pods that must be there, each term on its own; a pod that matches its own term may be
        /// the first.
        pub required_during_scheduling_ignored_during_execution: Vec<PodAffinityTerm> => "requiredDuringSchedulingIgnoredDuringExecution" omitempty,
        /// Pods that had better be there.
        pub preferred_during_scheduling_ignored_during_execution: Vec<WeightedPodAffinityTerm> => "preferredDuringSchedulingIgnoredDuringExecution" omitempty,
    }
}

wire_struct! {
    /// Which pods a pod does not want near it, in the sense of a topology key.
    pub struct PodAntiAffinity {
        /// Pods that must not be there; none of them is placed near this one later on, either.
        pub required_during_scheduling_ignored_during_execution: Vec<PodAffinityTerm> => "requiredDuringSchedulingIgnoredDuringExecution" omitempty,
        /// Pods that had better not be there.
        pub preferred_during_scheduling_ignored_during_execution: Vec<WeightedPodAffinityTerm> => "preferredDuringSchedulingIgnoredDuringExecution" omitempty,
    }
}

wire_struct! {
    /// A choice of pods, and what counts as near.
    pub struct PodAffinityTerm {
        /// Labels of the pods; absent chooses none, empty chooses all.
        pub label_selector: Option<Box<LabelSelector>> => "labelSelector" omitempty,
        /// Namespaces of the pods, beside those of `namespace_selector`; with neither, the pod's
        /// own.
        pub namespaces: Vec<String> => "namespaces" omitempty,
        /// Label of a node whose equal value makes two nodes near each other; required.
        pub topology_key: String => "topologyKey",
        /// Labels of the pods' namespaces; absent chooses none, empty chooses all.
        pub namespace_selector: Option<Box<LabelSelector>> => "namespaceSelector" omitempty,
        /// Labels in which the pods have to equal this one; the API server adds them to
        /// `label_selector` as `In` on create. A key that the pod lacks is passed over.
        pub match_label_keys: Vec<String> => "matchLabelKeys" omitempty,
        /// Labels in which the pods have to differ from this one; added as `NotIn` on create.
        pub mismatch_label_keys: Vec<String> => "mismatchLabelKeys" omitempty,
    }
}

wire_struct! {
    /// A wish about the pods near by, with its weight.
    pub struct WeightedPodAffinityTerm {
        /// Points for each pod found, 1 to 100; taken off for anti-affinity.
        pub weight: i32 => "weight",
        /// Which pods, and what counts as near.
        pub pod_affinity_term: PodAffinityTerm => "podAffinityTerm",
    }
}

wire_struct! {
    /// A node's refusal of pods that do not tolerate it.
    pub struct Taint {
        /// Name of the taint, formed as a label's.
        pub key: String => "key",
        /// Value of the taint, formed as a label's; may be empty.
        pub value: String => "value" omitempty,
        /// What the taint does to a pod that does not tolerate it; required.
        pub effect: Option<TaintEffect> => "effect" text,
        /// When it was put on, for `NoExecute`; no deadline counts from it.
        pub time_added: Option<Time> => "timeAdded" omitempty,
    }
}

wire_struct! {
    /// What a pod puts up with in a node.
    ///
    /// Without a key, and with `Exists`, it tolerates every taint.
    pub struct Toleration {
        /// Name of the taint; empty means all and needs the operator `Exists`.
        pub key: String => "key" omitempty,
        /// How `value` compares with the taint's; absent means `Equal`.
        pub operator: Option<TolerationOperator> => "operator" text omitempty,
        /// The value to compare with; has to be empty with `Exists`.
        pub value: String => "value" omitempty,
        /// The effect that is tolerated; absent means all.
        pub effect: Option<TaintEffect> => "effect" text omitempty,
        /// Seconds until a `NoExecute` taint evicts the pod, counted from when the taint is
        /// noticed: absent means never, and 0 or less at once.
        pub toleration_seconds: Option<i64> => "tolerationSeconds" omitempty,
    }
}

wire_struct! {
    /// How evenly a pod's like have to lie over the values of a node label, its domains.
    pub struct TopologySpreadConstraint {
        /// By how much a domain may hold more such pods than the emptiest; above 0.
        pub max_skew: i32 => "maxSkew",
        /// Label of a node that names its domain; nodes without it do not count.
        pub topology_key: String => "topologyKey",
        /// What to do where the skew cannot be kept; required.
        pub when_unsatisfiable: Option<UnsatisfiableConstraintAction> => "whenUnsatisfiable" text,
        /// Labels of the pods to count, within the pod's namespace; absent counts none.
        pub label_selector: Option<Box<LabelSelector>> => "labelSelector" omitempty,
        /// Number of domains below which the emptiest counts as holding 0 pods; absent means 1, and
        /// only `DoNotSchedule` takes it.
        pub min_domains: Option<i32> => "minDomains" omitempty,
        /// Whether nodes that the pod's node selector and affinity rule out are counted; absent
        /// means `Honor`.
        pub node_affinity_policy: Option<NodeInclusionPolicy> => "nodeAffinityPolicy" omitempty,
        /// Whether nodes with taints that the pod does not tolerate are counted; absent means
        /// `Ignore`.
        pub node_taints_policy: Option<NodeInclusionPolicy> => "nodeTaintsPolicy" omitempty,
        /// Labels in which pods have to equal this one to be counted; the API server adds them to
        /// `label_selector` on create. A key that the pod lacks is passed over.
        pub match_label_keys: Vec<String> => "matchLabelKeys" omitempty,
    }
}

open_enum! {
    /// What a taint does to a pod that does not tolerate it.
    pub enum TaintEffect {
        /// Keeps it from being placed on the node; those there stay.
        NoSchedule = "NoSchedule",
        /// Places it elsewhere where possible.
        PreferNoSchedule = "PreferNoSchedule",
        /// Keeps it from being placed, and evicts it where it runs.
        NoExecute = "NoExecute",
    }
}

open_enum! {
    /// How a toleration compares with a taint of its key.
    pub enum TolerationOperator {
        /// Any value will do.
        Exists = "Exists",
        /// The values have to be equal.
        Equal = "Equal",
        /// The taint's value is less than the toleration's, both as integers; behind a feature gate
        /// that is off by default, so that the API server refuses it and it tolerates nothing.
        Lt = "Lt",
        /// As [`Lt`](Self::Lt), for a taint's value that is greater.
        Gt = "Gt",
    }
}

open_enum! {
    /// How a requirement compares a node's label or field.
    pub enum NodeSelectorOperator {
        /// It is there and has one of the values.
        In = "In",
        /// It is absent or has none of the values.
        NotIn = "NotIn",
        /// It is there.
        Exists = "Exists",
        /// It is absent.
        DoesNotExist = "DoesNotExist",
        /// It is there and is greater than the value, both as integers.
        Gt = "Gt",
        /// It is there and is less than the value, both as integers.
        Lt = "Lt",
    }
}

open_enum! {
    /// What to do with a pod whose spreading cannot be kept.
    pub enum UnsatisfiableConstraintAction {
        /// It waits.
        DoNotSchedule = "DoNotSchedule",
        /// It is placed where the skew grows least.
        ScheduleAnyway = "ScheduleAnyway",
    }
}

open_enum! {
    /// Whether nodes that a pod cannot go to count in its spreading.
    pub enum NodeInclusionPolicy {
        /// They count.
        Ignore = "Ignore",
        /// They do not count.
        Honor = "Honor",
    }
}
