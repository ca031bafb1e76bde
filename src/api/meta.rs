//! What every object carries about itself, and the small types that many of them share.
//!
//! [`ObjectMeta`] is a pod's name, identity, labels, owners and the state of its deletion.
//! Beside it stand selectors over labels, references to other objects, the common form of a
//! condition, and the [`Namespace`] that a pod lives in.
//!
//! ```
//! use pod_lifecycle::api::ObjectMeta;
//!
//! let meta: ObjectMeta = serde_json::from_str(
//!     r#"{"name": "web-0", "labels": {"app": "web"}, "deletionGracePeriodSeconds": 30}"#,
//! )?;
//! assert_eq!(meta.name, "web-0");
//! assert_eq!(meta.labels["app"], "web");
//! assert_eq!(meta.deletion_grace_period_seconds, Some(30));
//! assert_eq!(meta.deletion_timestamp, None);
//! # Ok::<(), serde_json::Error>(())
//! ```

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use super::fields_v1::FieldsV1;
use super::time::Time;

wire_struct! {
    /// An object's name, identity, labels, owners and the state of its deletion.
    pub struct ObjectMeta {
        /// Name, unique among the objects of its kind in the namespace; a pod's is a DNS subdomain
        /// and never changes.
        pub name: String => "name" omitempty,
        /// What a name is made from when [`name`](Self::name) is empty: the API server appends
        /// five random characters.
        pub generate_name: String => "generateName" omitempty,
        /// Namespace that the object lives in, a DNS label; the API server fills it in from the
        /// request, and objects of the whole cluster have none.
        pub namespace: String => "namespace" omitempty,
        /// Path of the object, as API servers before v1.20 set it; kept, never read.
        pub self_link: String => "selfLink" omitempty,
        /// Identity that the API server gives at creation; a later object of the same name has
        /// another, and the kubelet tells pods apart by it.
        pub uid: String => "uid" omitempty,
        /// Version of the stored object, opaque; an update that carries an older one is refused as
        /// a conflict.
        pub resource_version: String => "resourceVersion" omitempty,
        /// Counts the changes of the desired state, from 1; the kubelet reports the one that it
        /// acted on as `observedGeneration`, and 0 is not set.
        pub generation: i64 => "generation" omitempty,
        /// When the API server stored the object, to the second; absent in a manifest.
        pub creation_timestamp: Option<Time> => "creationTimestamp" omitempty,
        /// When the object's grace period ends; absent until it is deleted, and from then on the
        /// kubelet stops the pod's containers.
        pub deletion_timestamp: Option<Time> => "deletionTimestamp" omitempty,
        /// Seconds of grace that the deletion allows, set together with the
        /// [timestamp](Self::deletion_timestamp); a later request may only shorten it.
        pub deletion_grace_period_seconds: Option<i64> => "deletionGracePeriodSeconds" omitempty,
        /// Names and values by which selectors find the object.
        pub labels: BTreeMap<String, String> => "labels" omitempty,
        /// Notes of people and programs, of no more than 256 KiB together; nothing selects by
        /// them.
        pub annotations: BTreeMap<String, String> => "annotations" omitempty,
        /// Objects that this one depends on; garbage collection deletes it once none of them is
        /// left.
        pub owner_references: Vec<OwnerReference> => "ownerReferences" omitempty,
        /// What still has to happen before a deleted object is removed; while one stands here, the
        /// object stays, whatever its grace period.
        pub finalizers: Vec<String> => "finalizers" omitempty,
        /// Who has set which fields, as the API server records it for server-side apply.
        pub managed_fields: Vec<ManagedFieldsEntry> => "managedFields" omitempty,
    }
}

wire_struct! {
    /// Names an object that owns this one, in the same namespace or of the whole cluster.
    pub struct OwnerReference {
        /// Group and version of the owner, such as `apps/v1`.
        pub api_version: String => "apiVersion",
        /// Kind of the owner; must not be `Event`.
        pub kind: String => "kind",
        /// Name of the owner.
        pub name: String => "name",
        /// Identity of the owner; an object of the same name with another one is no owner.
        pub uid: String => "uid",
        /// Whether the owner manages this object; at most one does, and absent means no.
        pub controller: Option<bool> => "controller" omitempty,
        /// Whether a foreground deletion of the owner waits until this object is gone; absent
        /// means no.
        pub block_owner_deletion: Option<bool> => "blockOwnerDeletion" omitempty,
    }
}

wire_struct! {
    /// The fields that one manager has set through one version of the API.
    pub struct ManagedFieldsEntry {
        /// Name of the program that set them.
        pub manager: String => "manager" omitempty,
        /// Whether they were applied or written.
        pub operation: Option<ManagedFieldsOperationType> => "operation" text omitempty,
        /// Version of the API in which [`fields_v1`](Self::fields_v1) names them.
        pub api_version: String => "apiVersion" omitempty,
        /// When the manager last added, changed or gave up a field.
        pub time: Option<Time> => "time" omitempty,
        /// Format of the set; `FieldsV1` is the only one.
        pub fields_type: String => "fieldsType" omitempty,
        /// The set of fields, carried along unread.
        pub fields_v1: Option<FieldsV1> => "fieldsV1" omitempty,
        /// Subresource that they were written through, such as `status`; empty for the object
        /// itself.
        pub subresource: String => "subresource" omitempty,
    }
}

wire_struct! {
    /// Selects objects by their labels: every label and every requirement must hold.
    ///
    /// An empty selector selects everything; an absent one, where it may be absent, selects
    /// nothing.
    pub struct LabelSelector {
        /// Labels that an object must carry with exactly these values.
        pub match_labels: BTreeMap<String, String> => "matchLabels" omitempty,
        /// Requirements that an object's labels must meet.
        pub match_expressions: Vec<LabelSelectorRequirement> => "matchExpressions" omitempty,
    }
}

wire_struct! {
    /// A requirement on one label.
    pub struct LabelSelectorRequirement {
        /// Name of the label.
        pub key: String => "key",
        /// How the label is compared with [`values`](Self::values); absent is invalid.
        pub operator: Option<LabelSelectorOperator> => "operator" text,
        /// At least one value for `In` and `NotIn`, none for `Exists` and `DoesNotExist`.
        pub values: Vec<String> => "values" omitempty,
    }
}

wire_struct! {
    /// One aspect of an object's state, in the form that newer types share.
    pub struct Condition {
        /// Name of the aspect; one condition of each type stands in a list.
        pub type_: String => "type",
        /// Whether the aspect holds.
        pub status: Option<ConditionStatus> => "status" text,
        /// Generation of the object that the condition was derived from; 0 is not set.
        pub observed_generation: i64 => "observedGeneration" omitempty,
        /// When [`status`](Self::status) last changed; written as `null` where absent.
        pub last_transition_time: Option<Time> => "lastTransitionTime",
        /// Cause of the last change, as one word for programs.
        pub reason: String => "reason",
        /// Details of the last change for people; may be empty.
        pub message: String => "message",
    }
}

wire_struct! {
    /// Names an object in the same namespace.
    pub struct LocalObjectReference {
        /// Name of the object; empty names nothing, as older pods may have it.
        pub name: String => "name" omitempty,
    }
}

wire_struct! {
    /// Names any object, or a part of one; a [`Binding`](super::Binding) names its node so.
    pub struct ObjectReference {
        /// Kind of the object.
        pub kind: String => "kind" omitempty,
        /// Its namespace; empty for an object of the whole cluster.
        pub namespace: String => "namespace" omitempty,
        /// Its name.
        pub name: String => "name" omitempty,
        /// Its identity; empty means whichever object has the name.
        pub uid: String => "uid" omitempty,
        /// Group and version of its kind.
        pub api_version: String => "apiVersion" omitempty,
        /// The version of the object that is meant; empty means any.
        pub resource_version: String => "resourceVersion" omitempty,
        /// The part that is meant, such as `spec.containers{web}`; empty means the whole.
        pub field_path: String => "fieldPath" omitempty,
    }
}

wire_struct! {
    /// Names an object of some kind in the same namespace.
    pub struct TypedLocalObjectReference {
        /// API group of the kind, without its version; absent means the core group, and is written
        /// as `null`.
        pub api_group: Option<String> => "apiGroup",
        /// Kind of the object.
        pub kind: String => "kind",
        /// Name of the object.
        pub name: String => "name",
    }
}

wire_struct! {
    /// Names an object of some kind, perhaps in another namespace.
    pub struct TypedObjectReference {
        /// API group of the kind, without its version; absent means the core group, and is written
        /// as `null`.
        pub api_group: Option<String> => "apiGroup",
        /// Kind of the object.
        pub kind: String => "kind",
        /// Name of the object.
        pub name: String => "name",
        /// Its namespace; absent means the same one, and another needs a grant from there.
        pub namespace: Option<String> => "namespace" omitempty,
    }
}

wire_struct! {
    /// A room for names in a cluster; a pod is created into one that is not terminating.
    pub struct Namespace {
        /// `Namespace`; empty inside a typed list.
        pub kind: String => "kind" omitempty,
        /// `v1`; empty inside a typed list.
        pub api_version: String => "apiVersion" omitempty,
        /// Name, identity and labels; affinity terms select namespaces by the labels.
        pub metadata: ObjectMeta => "metadata",
        /// What is wanted of the namespace.
        pub spec: NamespaceSpec => "spec",
        /// What has become of it.
        pub status: NamespaceStatus => "status",
    }
}

wire_struct! {
    /// What is wanted of a namespace.
    pub struct NamespaceSpec {
        /// What has to be done before the namespace is removed; the API server sets `kubernetes`,
        /// and the namespace controller takes it away when all content is gone.
        pub finalizers: Vec<String> => "finalizers" omitempty,
    }
}

wire_struct! {
    /// What has become of a namespace.
    pub struct NamespaceStatus {
        /// Where it stands in its life; the API server starts it as `Active`.
        pub phase: Option<NamespacePhase> => "phase" text omitempty,
        /// What keeps a terminating namespace from ending.
        pub conditions: Vec<NamespaceCondition> => "conditions" omitempty,
    }
}

wire_struct! {
    /// One aspect of a namespace's deletion.
    pub struct NamespaceCondition {
        /// Name of the aspect, such as `NamespaceContentRemaining`.
        pub type_: String => "type",
        /// Whether the aspect holds.
        pub status: Option<ConditionStatus> => "status" text,
        /// When [`status`](Self::status) last changed; written as `null` where absent.
        pub last_transition_time: Option<Time> => "lastTransitionTime",
        /// Cause of the last change, as one word for programs.
        pub reason: String => "reason" omitempty,
        /// Details of the last change for people.
        pub message: String => "message" omitempty,
    }
}

open_enum! {
    /// Whether a condition holds.
    pub enum ConditionStatus {
        /// It does not hold.
        False = "False",
        /// It holds.
        True = "True",
        /// Nobody can tell; a node's conditions become so when its kubelet is not heard of.
        Unknown = "Unknown",
    }
}

open_enum! {
    /// How a requirement compares a label with its values.
    pub enum LabelSelectorOperator {
        /// The label is there with one of the values.
        In = "In",
        /// The label is missing, or has none of the values.
        NotIn = "NotIn",
        /// The label is there, whatever its value.
        Exists = "Exists",
        /// The label is missing.
        DoesNotExist = "DoesNotExist",
    }
}

open_enum! {
    /// Where a namespace stands in its life.
    pub enum NamespacePhase {
        /// In use.
        Active = "Active",
        /// Deleted and being emptied; nothing new may be created in it.
        Terminating = "Terminating",
    }
}

open_enum! {
    /// How a manager came to own its fields.
    pub enum ManagedFieldsOperationType {
        /// By server-side apply.
        Apply = "Apply",
        /// By any other write.
        Update = "Update",
    }
}
