//! DOC.

use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};

use super::env::{EnvFromSource, EnvVar};
use super::probe::{Lifecycle, Probe};
use super::security::SecurityContext;
use crate::quantity::Quantity;

wire_struct! {
    /// DOC.
    pub struct Container {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub image: String => "image" omitempty,
        /// DOC.
        pub command: Vec<String> => "command" omitempty,
        /// DOC.
        pub args: Vec<String> => "args" omitempty,
        /// DOC.
        pub working_dir: String => "workingDir" omitempty,
        /// DOC.
        pub ports: Vec<ContainerPort> => "ports" omitempty,
        /// DOC.
        pub env_from: Vec<EnvFromSource> => "envFrom" omitempty,
        /// DOC.
        pub env: Vec<EnvVar> => "env" omitempty,
        /// DOC.
        pub resources: ResourceRequirements => "resources",
        /// DOC.
        pub resize_policy: Vec<ContainerResizePolicy> => "resizePolicy" omitempty,
        /// DOC.
        pub restart_policy: Option<ContainerRestartPolicy> => "restartPolicy" omitempty,
        /// DOC.
        pub restart_policy_rules: Vec<ContainerRestartRule> => "restartPolicyRules" omitempty,
        /// DOC.
        pub volume_mounts: Vec<VolumeMount> => "volumeMounts" omitempty,
        /// DOC.
        pub volume_devices: Vec<VolumeDevice> => "volumeDevices" omitempty,
        /// DOC.
        pub liveness_probe: Option<Box<Probe>> => "livenessProbe" omitempty,
        /// DOC.
        pub readiness_probe: Option<Box<Probe>> => "readinessProbe" omitempty,
        /// DOC.
        pub startup_probe: Option<Box<Probe>> => "startupProbe" omitempty,
        /// DOC.
        pub lifecycle: Option<Box<Lifecycle>> => "lifecycle" omitempty,
        /// DOC.
        pub termination_message_path: String => "terminationMessagePath" omitempty,
        /// DOC.
        pub termination_message_policy: Option<TerminationMessagePolicy> => "terminationMessagePolicy" text omitempty,
        /// DOC.
        pub image_pull_policy: Option<PullPolicy> => "imagePullPolicy" text omitempty,
        /// DOC.
        pub security_context: Option<Box<SecurityContext>> => "securityContext" omitempty,
        /// DOC.
        pub stdin: bool => "stdin" omitempty,
        /// DOC.
        pub stdin_once: bool => "stdinOnce" omitempty,
        /// DOC.
        pub tty: bool => "tty" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct EphemeralContainer {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub image: String => "image" omitempty,
        /// DOC.
        pub command: Vec<String> => "command" omitempty,
        /// DOC.
        pub args: Vec<String> => "args" omitempty,
        /// DOC.
        pub working_dir: String => "workingDir" omitempty,
        /// DOC.
        pub ports: Vec<ContainerPort> => "ports" omitempty,
        /// DOC.
        pub env_from: Vec<EnvFromSource> => "envFrom" omitempty,
        /// DOC.
        pub env: Vec<EnvVar> => "env" omitempty,
        /// DOC.
        pub resources: ResourceRequirements => "resources",
        /// DOC.
        pub resize_policy: Vec<ContainerResizePolicy> => "resizePolicy" omitempty,
        /// DOC.
        pub restart_policy: Option<ContainerRestartPolicy> => "restartPolicy" omitempty,
        /// DOC.
        pub restart_policy_rules: Vec<ContainerRestartRule> => "restartPolicyRules" omitempty,
        /// DOC.
        pub volume_mounts: Vec<VolumeMount> => "volumeMounts" omitempty,
        /// DOC.
        pub volume_devices: Vec<VolumeDevice> => "volumeDevices" omitempty,
        /// DOC.
        pub liveness_probe: Option<Box<Probe>> => "livenessProbe" omitempty,
        /// DOC.
        pub readiness_probe: Option<Box<Probe>> => "readinessProbe" omitempty,
        /// DOC.
        pub startup_probe: Option<Box<Probe>> => "startupProbe" omitempty,
        /// DOC.
        pub lifecycle: Option<Box<Lifecycle>> => "lifecycle" omitempty,
        /// DOC.
        pub termination_message_path: String => "terminationMessagePath" omitempty,
        /// DOC.
        pub termination_message_policy: Option<TerminationMessagePolicy> => "terminationMessagePolicy" text omitempty,
        /// DOC.
        pub image_pull_policy: Option<PullPolicy> => "imagePullPolicy" text omitempty,
        /// DOC.
        pub security_context: Option<Box<SecurityContext>> => "securityContext" omitempty,
        /// DOC.
        pub stdin: bool => "stdin" omitempty,
        /// DOC.
        pub stdin_once: bool => "stdinOnce" omitempty,
        /// DOC.
        pub tty: bool => "tty" omitempty,
        /// DOC.
        pub target_container_name: String => "targetContainerName" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ContainerPort {
        /// DOC.
        pub name: String => "name" omitempty,
        /// DOC.
        pub host_port: i32 => "hostPort" omitempty,
        /// DOC.
        pub container_port: i32 => "containerPort",
        /// DOC.
        pub protocol: Option<Protocol> => "protocol" text omitempty,
        /// DOC.
        pub host_ip: String => "hostIP" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ResourceRequirements {
        /// DOC.
        pub limits: ResourceList => "limits" omitempty,
        /// DOC.
        pub requests: ResourceList => "requests" omitempty,
        /// DOC.
        pub claims: Vec<ResourceClaim> => "claims" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ResourceClaim {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub request: String => "request" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ContainerResizePolicy {
        /// DOC.
        pub resource_name: ResourceName => "resourceName",
        /// DOC.
        pub restart_policy: Option<ResourceResizeRestartPolicy> => "restartPolicy" text,
    }
}

wire_struct! {
    /// DOC.
    pub struct ContainerRestartRule {
        /// DOC.
        pub action: Option<ContainerRestartRuleAction> => "action" text,
        /// DOC.
        pub exit_codes: Option<Box<ContainerRestartRuleOnExitCodes>> => "exitCodes" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ContainerRestartRuleOnExitCodes {
        /// DOC.
        pub operator: Option<ContainerRestartRuleOnExitCodesOperator> => "operator" text,
        /// DOC.
        pub values: Vec<i32> => "values" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct VolumeMount {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
        /// DOC.
        pub recursive_read_only: Option<RecursiveReadOnlyMode> => "recursiveReadOnly" omitempty,
        /// DOC.
        pub mount_path: String => "mountPath",
        /// DOC.
        pub sub_path: String => "subPath" omitempty,
        /// DOC.
        pub mount_propagation: Option<MountPropagationMode> => "mountPropagation" omitempty,
        /// DOC.
        pub sub_path_expr: String => "subPathExpr" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct VolumeDevice {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub device_path: String => "devicePath",
    }
}

open_enum! {
    /// DOC.
    pub enum ContainerRestartPolicy {
        /// DOC.
        Always = "Always",
        /// DOC.
        Never = "Never",
        /// DOC.
        OnFailure = "OnFailure",
    }
}

open_enum! {
    /// DOC.
    pub enum PullPolicy {
        /// DOC.
        Always = "Always",
        /// DOC.
        Never = "Never",
        /// DOC.
        IfNotPresent = "IfNotPresent",
    }
}

open_enum! {
    /// DOC.
    pub enum Protocol {
        /// DOC.
        Tcp = "TCP",
        /// DOC.
        Udp = "UDP",
        /// DOC.
        Sctp = "SCTP",
    }
}

open_enum! {
    /// DOC.
    pub enum TerminationMessagePolicy {
        /// DOC.
        File = "File",
        /// DOC.
        FallbackToLogsOnError = "FallbackToLogsOnError",
    }
}

open_enum! {
    /// DOC.
    pub enum MountPropagationMode {
        /// DOC.
        None = "None",
        /// DOC.
        HostToContainer = "HostToContainer",
        /// DOC.
        Bidirectional = "Bidirectional",
    }
}

open_enum! {
    /// DOC.
    pub enum RecursiveReadOnlyMode {
        /// DOC.
        Disabled = "Disabled",
        /// DOC.
        IfPossible = "IfPossible",
        /// DOC.
        Enabled = "Enabled",
    }
}

open_enum! {
    /// DOC.
    pub enum ResourceResizeRestartPolicy {
        /// DOC.
        NotRequired = "NotRequired",
        /// DOC.
        RestartContainer = "RestartContainer",
    }
}

open_enum! {
    /// DOC.
    pub enum ContainerRestartRuleAction {
        /// DOC.
        Restart = "Restart",
        /// DOC.
        RestartAllContainers = "RestartAllContainers",
    }
}

open_enum! {
    /// DOC.
    pub enum ContainerRestartRuleOnExitCodesOperator {
        /// DOC.
        In = "In",
        /// DOC.
        NotIn = "NotIn",
    }
}

open_vocabulary! {
    /// DOC.
    pub struct ResourceName {
        /// DOC.
        CPU = "cpu",
        /// DOC.
        MEMORY = "memory",
        /// DOC.
        EPHEMERAL_STORAGE = "ephemeral-storage",
        /// DOC.
        STORAGE = "storage",
        /// DOC.
        PODS = "pods",
    }
}

/// Amounts by resource.
pub type ResourceList = BTreeMap<ResourceName, Quantity>;
