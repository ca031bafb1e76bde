//! DOC.

use alloc::{boxed::Box, string::String, vec::Vec};

use super::meta::LabelSelector;
use super::time::Time;

wire_struct! {
    /// DOC.
    pub struct Affinity {
        /// DOC.
        pub node_affinity: Option<NodeAffinity> => "nodeAffinity" omitempty,
        /// DOC.
        pub pod_affinity: Option<PodAffinity> => "podAffinity" omitempty,
        /// DOC.
        pub pod_anti_affinity: Option<PodAntiAffinity> => "podAntiAffinity" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeAffinity {
        /// DOC.
        pub required_during_scheduling_ignored_during_execution: Option<NodeSelector> => "requiredDuringSchedulingIgnoredDuringExecution" omitempty,
        /// DOC.
        pub preferred_during_scheduling_ignored_during_execution: Vec<PreferredSchedulingTerm> => "preferredDuringSchedulingIgnoredDuringExecution" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeSelector {
        /// DOC.
        pub node_selector_terms: Vec<NodeSelectorTerm> => "nodeSelectorTerms",
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeSelectorTerm {
        /// DOC.
        pub match_expressions: Vec<NodeSelectorRequirement> => "matchExpressions" omitempty,
        /// DOC.
        pub match_fields: Vec<NodeSelectorRequirement> => "matchFields" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeSelectorRequirement {
        /// DOC.
        pub key: String => "key",
        /// DOC.
        pub operator: Option<NodeSelectorOperator> => "operator" text,
        /// DOC.
        pub values: Vec<String> => "values" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PreferredSchedulingTerm {
        /// DOC.
        pub weight: i32 => "weight",
        /// DOC.
        pub preference: NodeSelectorTerm => "preference",
    }
}

wire_struct! {
    /// DOC.
    pub struct PodAffinity {
        /// DOC.
        pub required_during_scheduling_ignored_during_execution: Vec<PodAffinityTerm> => "requiredDuringSchedulingIgnoredDuringExecution" omitempty,
        /// DOC.
        pub preferred_during_scheduling_ignored_during_execution: Vec<WeightedPodAffinityTerm> => "preferredDuringSchedulingIgnoredDuringExecution" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PodAntiAffinity {
        /// DOC.
        pub required_during_scheduling_ignored_during_execution: Vec<PodAffinityTerm> => "requiredDuringSchedulingIgnoredDuringExecution" omitempty,
        /// DOC.
        pub preferred_during_scheduling_ignored_during_execution: Vec<WeightedPodAffinityTerm> => "preferredDuringSchedulingIgnoredDuringExecution" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PodAffinityTerm {
        /// DOC.
        pub label_selector: Option<Box<LabelSelector>> => "labelSelector" omitempty,
        /// DOC.
        pub namespaces: Vec<String> => "namespaces" omitempty,
        /// DOC.
        pub topology_key: String => "topologyKey",
        /// DOC.
        pub namespace_selector: Option<Box<LabelSelector>> => "namespaceSelector" omitempty,
        /// DOC.
        pub match_label_keys: Vec<String> => "matchLabelKeys" omitempty,
        /// DOC.
        pub mismatch_label_keys: Vec<String> => "mismatchLabelKeys" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct WeightedPodAffinityTerm {
        /// DOC.
        pub weight: i32 => "weight",
        /// DOC.
        pub pod_affinity_term: PodAffinityTerm => "podAffinityTerm",
    }
}

wire_struct! {
    /// DOC.
    pub struct Taint {
        /// DOC.
        pub key: String => "key",
        /// DOC.
        pub value: String => "value" omitempty,
        /// DOC.
        pub effect: Option<TaintEffect> => "effect" text,
        /// DOC.
        pub time_added: Option<Time> => "timeAdded" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct Toleration {
        /// DOC.
        pub key: String => "key" omitempty,
        /// DOC.
        pub operator: Option<TolerationOperator> => "operator" text omitempty,
        /// DOC.
        pub value: String => "value" omitempty,
        /// DOC.
        pub effect: Option<TaintEffect> => "effect" text omitempty,
        /// DOC.
        pub toleration_seconds: Option<i64> => "tolerationSeconds" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct TopologySpreadConstraint {
        /// DOC.
        pub max_skew: i32 => "maxSkew",
        /// DOC.
        pub topology_key: String => "topologyKey",
        /// DOC.
        pub when_unsatisfiable: Option<UnsatisfiableConstraintAction> => "whenUnsatisfiable" text,
        /// DOC.
        pub label_selector: Option<Box<LabelSelector>> => "labelSelector" omitempty,
        /// DOC.
        pub min_domains: Option<i32> => "minDomains" omitempty,
        /// DOC.
        pub node_affinity_policy: Option<NodeInclusionPolicy> => "nodeAffinityPolicy" omitempty,
        /// DOC.
        pub node_taints_policy: Option<NodeInclusionPolicy> => "nodeTaintsPolicy" omitempty,
        /// DOC.
        pub match_label_keys: Vec<String> => "matchLabelKeys" omitempty,
    }
}

open_enum! {
    /// DOC.
    pub enum TaintEffect {
        /// DOC.
        NoSchedule = "NoSchedule",
        /// DOC.
        PreferNoSchedule = "PreferNoSchedule",
        /// DOC.
        NoExecute = "NoExecute",
    }
}

open_enum! {
    /// DOC.
    pub enum TolerationOperator {
        /// DOC.
        Exists = "Exists",
        /// DOC.
        Equal = "Equal",
        /// DOC.
        Lt = "Lt",
        /// DOC.
        Gt = "Gt",
    }
}

open_enum! {
    /// DOC.
    pub enum NodeSelectorOperator {
        /// DOC.
        In = "In",
        /// DOC.
        NotIn = "NotIn",
        /// DOC.
        Exists = "Exists",
        /// DOC.
        DoesNotExist = "DoesNotExist",
        /// DOC.
        Gt = "Gt",
        /// DOC.
        Lt = "Lt",
    }
}

open_enum! {
    /// DOC.
    pub enum UnsatisfiableConstraintAction {
        /// DOC.
        DoNotSchedule = "DoNotSchedule",
        /// DOC.
        ScheduleAnyway = "ScheduleAnyway",
    }
}

open_enum! {
    /// DOC.
    pub enum NodeInclusionPolicy {
        /// DOC.
        Ignore = "Ignore",
        /// DOC.
        Honor = "Honor",
    }
}
