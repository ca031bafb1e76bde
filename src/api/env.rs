//! Where a container's environment comes from.
//!
//! An [`EnvVar`] has a literal value or takes it from elsewhere: a field of the pod, a
//! container's resources, a key of a `ConfigMap` or `Secret`, or a file that an init container
//! wrote. An [`EnvFromSource`] turns every key of a `ConfigMap` or `Secret` into a variable.
//! The kubelet resolves all of them when it starts the container, and again at each restart;
//! a running process does not see later changes.
//!
//! ```
//! use pod_lifecycle::api::EnvVar;
//!
//! let variable: EnvVar = serde_json::from_str(
//!     r#"{"name": "NODE", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}}"#,
//! )?;
//! let field = variable.value_from.and_then(|source| source.field_ref);
//! assert_eq!(field.map(|field| field.field_path).as_deref(), Some("spec.nodeName"));
//! # Ok::<(), serde_json::Error>(())
//! ```

use alloc::{boxed::Box, string::String};

use crate::quantity::Quantity;

wire_struct! {
    /// A variable of a container's environment.
    pub struct EnvVar {
        /// Name of the variable: printable ASCII without `=`.
        pub name: String => "name",
        /// Its text, in which `$(NAME)` stands for an earlier variable and `$$` for a dollar sign;
        /// a reference to an unknown one is left as it is.
        pub value: String => "value" omitempty,
        /// Where the text comes from instead; [`value`](Self::value) must then be empty.
        pub value_from: Option<Box<EnvVarSource>> => "valueFrom" omitempty,
    }
}

wire_struct! {
    /// Where a variable's value comes from; exactly one of the fields is set.
    pub struct EnvVarSource {
        /// A field of the pod.
        pub field_ref: Option<Box<ObjectFieldSelector>> => "fieldRef" omitempty,
        /// A request or a limit of a container's resources.
        pub resource_field_ref: Option<Box<ResourceFieldSelector>> => "resourceFieldRef" omitempty,
        /// A key of a `ConfigMap` in the pod's namespace.
        pub config_map_key_ref: Option<Box<ConfigMapKeySelector>> => "configMapKeyRef" omitempty,
        /// A key of a `Secret` in the pod's namespace.
        pub secret_key_ref: Option<Box<SecretKeySelector>> => "secretKeyRef" omitempty,
        /// A variable in a file on an `emptyDir` volume of the pod.
        pub file_key_ref: Option<Box<FileKeySelector>> => "fileKeyRef" omitempty,
    }
}

wire_struct! {
    /// Names a field of the pod.
    pub struct ObjectFieldSelector {
        /// Version of the API in which the path is written; the API server sets `v1`.
        pub api_version: String => "apiVersion" omitempty,
        /// Path of the field, such as `metadata.name` or `metadata.labels['app']`.
        pub field_path: String => "fieldPath",
    }
}

wire_struct! {
    /// Names a request or a limit of a container.
    pub struct ResourceFieldSelector {
        /// Container whose resources are meant; empty in a variable means its own container, and a
        /// volume must say one.
        pub container_name: String => "containerName" omitempty,
        /// What to read, such as `limits.cpu`; where a limit is not set, the node's allocatable
        /// amount is taken.
        pub resource: String => "resource",
        /// Unit in which the amount is written, rounded up; zero means 1, that is whole cores or
        /// bytes.
        pub divisor: Quantity => "divisor",
    }
}

wire_struct! {
    /// Names a key of a `ConfigMap`.
    pub struct ConfigMapKeySelector {
        /// Name of the `ConfigMap`.
        pub name: String => "name" omitempty,
        /// The key.
        pub key: String => "key",
        /// Whether the container may start without it, the variable then being left out; absent
        /// means no, and the container waits in `CreateContainerConfigError`.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// Names a key of a `Secret`.
    pub struct SecretKeySelector {
        /// Name of the `Secret`.
        pub name: String => "name" omitempty,
        /// The key.
        pub key: String => "key",
        /// Whether the container may start without it, the variable then being left out; absent
        /// means no, and the container waits in `CreateContainerConfigError`.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// Names a variable in a file on one of the pod's volumes.
    pub struct FileKeySelector {
        /// Name of the volume, which must be an `emptyDir`; it need not be mounted in this
        /// container.
        pub volume_name: String => "volumeName",
        /// Path of the file inside the volume, relative and without `..`.
        pub path: String => "path",
        /// Name of the variable in the file.
        pub key: String => "key",
        /// Whether the container may start without it, the variable then being left out; the API
        /// server sets no, and a missing file or key keeps the container from starting.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// An object whose keys all become variables; exactly one of the references is set.
    ///
    /// Later sources win over earlier ones, and [`Container::env`](super::Container::env) wins
    /// over all of them.
    pub struct EnvFromSource {
        /// Text put before each key to make the variable's name; may be empty.
        pub prefix: String => "prefix" omitempty,
        /// The `ConfigMap`.
        pub config_map_ref: Option<Box<ConfigMapEnvSource>> => "configMapRef" omitempty,
        /// The `Secret`.
        pub secret_ref: Option<Box<SecretEnvSource>> => "secretRef" omitempty,
    }
}

wire_struct! {
    /// Names a `ConfigMap` whose keys become variables.
    pub struct ConfigMapEnvSource {
        /// Name of the `ConfigMap`.
        pub name: String => "name" omitempty,
        /// Whether the container may start without it; absent means no.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// Names a `Secret` whose keys become variables.
    pub struct SecretEnvSource {
        /// Name of the `Secret`.
        pub name: String => "name" omitempty,
        /// Whether the container may start without it; absent means no.
        pub optional: Option<bool> => "optional" omitempty,
    }
}
