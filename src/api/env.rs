//! DOC.

use alloc::{boxed::Box, string::String};

use crate::quantity::Quantity;

wire_struct! {
    /// DOC.
    pub struct EnvVar {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub value: String => "value" omitempty,
        /// DOC.
        pub value_from: Option<Box<EnvVarSource>> => "valueFrom" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct EnvVarSource {
        /// DOC.
        pub field_ref: Option<Box<ObjectFieldSelector>> => "fieldRef" omitempty,
        /// DOC.
        pub resource_field_ref: Option<Box<ResourceFieldSelector>> => "resourceFieldRef" omitempty,
        /// DOC.
        pub config_map_key_ref: Option<Box<ConfigMapKeySelector>> => "configMapKeyRef" omitempty,
        /// DOC.
        pub secret_key_ref: Option<Box<SecretKeySelector>> => "secretKeyRef" omitempty,
        /// DOC.
        pub file_key_ref: Option<Box<FileKeySelector>> => "fileKeyRef" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ObjectFieldSelector {
        /// DOC.
        pub api_version: String => "apiVersion" omitempty,
        /// DOC.
        pub field_path: String => "fieldPath",
    }
}

wire_struct! {
    /// DOC.
    pub struct ResourceFieldSelector {
        /// DOC.
        pub container_name: String => "containerName" omitempty,
        /// DOC.
        pub resource: String => "resource",
        /// DOC.
        pub divisor: Quantity => "divisor",
    }
}

wire_struct! {
    /// DOC.
    pub struct ConfigMapKeySelector {
        /// DOC.
        pub name: String => "name" omitempty,
        /// DOC.
        pub key: String => "key",
        /// DOC.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct SecretKeySelector {
        /// DOC.
        pub name: String => "name" omitempty,
        /// DOC.
        pub key: String => "key",
        /// DOC.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct FileKeySelector {
        /// DOC.
        pub volume_name: String => "volumeName",
        /// DOC.
        pub path: String => "path",
        /// DOC.
        pub key: String => "key",
        /// DOC.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct EnvFromSource {
        /// DOC.
        pub prefix: String => "prefix" omitempty,
        /// DOC.
        pub config_map_ref: Option<Box<ConfigMapEnvSource>> => "configMapRef" omitempty,
        /// DOC.
        pub secret_ref: Option<Box<SecretEnvSource>> => "secretRef" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ConfigMapEnvSource {
        /// DOC.
        pub name: String => "name" omitempty,
        /// DOC.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct SecretEnvSource {
        /// DOC.
        pub name: String => "name" omitempty,
        /// DOC.
        pub optional: Option<bool> => "optional" omitempty,
    }
}
