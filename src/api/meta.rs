//! DOC.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use super::fields_v1::FieldsV1;
use super::time::Time;

wire_struct! {
    /// DOC.
    pub struct ObjectMeta {
        /// DOC.
        pub name: String => "name" omitempty,
        /// DOC.
        pub generate_name: String => "generateName" omitempty,
        /// DOC.
        pub namespace: String => "namespace" omitempty,
        /// DOC.
        pub self_link: String => "selfLink" omitempty,
        /// DOC.
        pub uid: String => "uid" omitempty,
        /// DOC.
        pub resource_version: String => "resourceVersion" omitempty,
        /// DOC.
        pub generation: i64 => "generation" omitempty,
        /// DOC.
        pub creation_timestamp: Option<Time> => "creationTimestamp" omitempty,
        /// DOC.
        pub deletion_timestamp: Option<Time> => "deletionTimestamp" omitempty,
        /// DOC.
        pub deletion_grace_period_seconds: Option<i64> => "deletionGracePeriodSeconds" omitempty,
        /// DOC.
        pub labels: BTreeMap<String, String> => "labels" omitempty,
        /// DOC.
        pub annotations: BTreeMap<String, String> => "annotations" omitempty,
        /// DOC.
        pub owner_references: Vec<OwnerReference> => "ownerReferences" omitempty,
        /// DOC.
        pub finalizers: Vec<String> => "finalizers" omitempty,
        /// DOC.
        pub managed_fields: Vec<ManagedFieldsEntry> => "managedFields" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct OwnerReference {
        /// DOC.
        pub api_version: String => "apiVersion",
        /// DOC.
        pub kind: String => "kind",
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub uid: String => "uid",
        /// DOC.
        pub controller: Option<bool> => "controller" omitempty,
        /// DOC.
        pub block_owner_deletion: Option<bool> => "blockOwnerDeletion" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ManagedFieldsEntry {
        /// DOC.
        pub manager: String => "manager" omitempty,
        /// DOC.
        pub operation: Option<ManagedFieldsOperationType> => "operation" text omitempty,
        /// DOC.
        pub api_version: String => "apiVersion" omitempty,
        /// DOC.
        pub time: Option<Time> => "time" omitempty,
        /// DOC.
        pub fields_type: String => "fieldsType" omitempty,
        /// DOC.
        pub fields_v1: Option<FieldsV1> => "fieldsV1" omitempty,
        /// DOC.
        pub subresource: String => "subresource" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct LabelSelector {
        /// DOC.
        pub match_labels: BTreeMap<String, String> => "matchLabels" omitempty,
        /// DOC.
        pub match_expressions: Vec<LabelSelectorRequirement> => "matchExpressions" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct LabelSelectorRequirement {
        /// DOC.
        pub key: String => "key",
        /// DOC.
        pub operator: Option<LabelSelectorOperator> => "operator" text,
        /// DOC.
        pub values: Vec<String> => "values" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct Condition {
        /// DOC.
        pub type_: String => "type",
        /// DOC.
        pub status: Option<ConditionStatus> => "status" text,
        /// DOC.
        pub observed_generation: i64 => "observedGeneration" omitempty,
        /// DOC.
        pub last_transition_time: Option<Time> => "lastTransitionTime",
        /// DOC.
        pub reason: String => "reason",
        /// DOC.
        pub message: String => "message",
    }
}

wire_struct! {
    /// DOC.
    pub struct LocalObjectReference {
        /// DOC.
        pub name: String => "name" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ObjectReference {
        /// DOC.
        pub kind: String => "kind" omitempty,
        /// DOC.
        pub namespace: String => "namespace" omitempty,
        /// DOC.
        pub name: String => "name" omitempty,
        /// DOC.
        pub uid: String => "uid" omitempty,
        /// DOC.
        pub api_version: String => "apiVersion" omitempty,
        /// DOC.
        pub resource_version: String => "resourceVersion" omitempty,
        /// DOC.
        pub field_path: String => "fieldPath" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct TypedLocalObjectReference {
        /// DOC.
        pub api_group: Option<String> => "apiGroup" omitempty,
        /// DOC.
        pub kind: String => "kind",
        /// DOC.
        pub name: String => "name",
    }
}

wire_struct! {
    /// DOC.
    pub struct TypedObjectReference {
        /// DOC.
        pub api_group: Option<String> => "apiGroup" omitempty,
        /// DOC.
        pub kind: String => "kind",
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub namespace: Option<String> => "namespace" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct Namespace {
        /// DOC.
        pub kind: String => "kind" omitempty,
        /// DOC.
        pub api_version: String => "apiVersion" omitempty,
        /// DOC.
        pub metadata: ObjectMeta => "metadata",
        /// DOC.
        pub spec: NamespaceSpec => "spec",
        /// DOC.
        pub status: NamespaceStatus => "status",
    }
}

wire_struct! {
    /// DOC.
    pub struct NamespaceSpec {
        /// DOC.
        pub finalizers: Vec<String> => "finalizers" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NamespaceStatus {
        /// DOC.
        pub phase: Option<NamespacePhase> => "phase" text omitempty,
        /// DOC.
        pub conditions: Vec<NamespaceCondition> => "conditions" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NamespaceCondition {
        /// DOC.
        pub type_: String => "type",
        /// DOC.
        pub status: Option<ConditionStatus> => "status" text,
        /// DOC.
        pub last_transition_time: Option<Time> => "lastTransitionTime",
        /// DOC.
        pub reason: String => "reason" omitempty,
        /// DOC.
        pub message: String => "message" omitempty,
    }
}

open_enum! {
    /// DOC.
    pub enum ConditionStatus {
        /// DOC.
        True = "True",
        /// DOC.
        False = "False",
        /// DOC.
        Unknown = "Unknown",
    }
}

open_enum! {
    /// DOC.
    pub enum LabelSelectorOperator {
        /// DOC.
        In = "In",
        /// DOC.
        NotIn = "NotIn",
        /// DOC.
        Exists = "Exists",
        /// DOC.
        DoesNotExist = "DoesNotExist",
    }
}

open_enum! {
    /// DOC.
    pub enum NamespacePhase {
        /// DOC.
        Active = "Active",
        /// DOC.
        Terminating = "Terminating",
    }
}

open_enum! {
    /// DOC.
    pub enum ManagedFieldsOperationType {
        /// DOC.
        Apply = "Apply",
        /// DOC.
        Update = "Update",
    }
}
