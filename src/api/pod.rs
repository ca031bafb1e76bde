//! DOC.

use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};

use super::container::{Container, EphemeralContainer, ResourceList, ResourceRequirements};
use super::int_or_string::IntOrString;
use super::meta::{Condition, LabelSelector, LocalObjectReference, ObjectMeta, ObjectReference};
use super::placement::{Affinity, Toleration, TopologySpreadConstraint};
use super::security::PodSecurityContext;
use super::status::{PodConditionType, PodStatus};
use super::time::Time;
use super::volume::Volume;

wire_struct! {
    /// DOC.
    pub struct Pod {
        /// DOC.
        pub kind: String => "kind" omitempty,
        /// DOC.
        pub api_version: String => "apiVersion" omitempty,
        /// DOC.
        pub metadata: ObjectMeta => "metadata",
        /// DOC.
        pub spec: PodSpec => "spec",
        /// DOC.
        pub status: PodStatus => "status",
    }
}

wire_struct! {
    /// DOC.
    pub struct PodSpec {
        /// DOC.
        pub volumes: Vec<Volume> => "volumes" omitempty,
        /// DOC.
        pub init_containers: Vec<Container> => "initContainers" omitempty,
        /// DOC.
        pub containers: Vec<Container> => "containers",
        /// DOC.
        pub ephemeral_containers: Vec<EphemeralContainer> => "ephemeralContainers" omitempty,
        /// DOC.
        pub restart_policy: Option<RestartPolicy> => "restartPolicy" text omitempty,
        /// DOC.
        pub termination_grace_period_seconds: Option<i64> => "terminationGracePeriodSeconds" omitempty,
        /// DOC.
        pub active_deadline_seconds: Option<i64> => "activeDeadlineSeconds" omitempty,
        /// DOC.
        pub dns_policy: Option<DNSPolicy> => "dnsPolicy" text omitempty,
        /// DOC.
        pub node_selector: BTreeMap<String, String> => "nodeSelector" omitempty,
        /// DOC.
        pub service_account_name: String => "serviceAccountName" omitempty,
        /// DOC.
        pub service_account: String => "serviceAccount" omitempty,
        /// DOC.
        pub automount_service_account_token: Option<bool> => "automountServiceAccountToken" omitempty,
        /// DOC.
        pub node_name: String => "nodeName" omitempty,
        /// DOC.
        pub host_network: bool => "hostNetwork" omitempty,
        /// DOC.
        pub host_pid: bool => "hostPID" omitempty,
        /// DOC.
        pub host_ipc: bool => "hostIPC" omitempty,
        /// DOC.
        pub share_process_namespace: Option<bool> => "shareProcessNamespace" omitempty,
        /// DOC.
        pub security_context: Option<Box<PodSecurityContext>> => "securityContext" omitempty,
        /// DOC.
        pub image_pull_secrets: Vec<LocalObjectReference> => "imagePullSecrets" omitempty,
        /// DOC.
        pub hostname: String => "hostname" omitempty,
        /// DOC.
        pub subdomain: String => "subdomain" omitempty,
        /// DOC.
        pub affinity: Option<Box<Affinity>> => "affinity" omitempty,
        /// DOC.
        pub scheduler_name: String => "schedulerName" omitempty,
        /// DOC.
        pub tolerations: Vec<Toleration> => "tolerations" omitempty,
        /// DOC.
        pub host_aliases: Vec<HostAlias> => "hostAliases" omitempty,
        /// DOC.
        pub priority_class_name: String => "priorityClassName" omitempty,
        /// DOC.
        pub priority: Option<i32> => "priority" omitempty,
        /// DOC.
        pub dns_config: Option<Box<PodDNSConfig>> => "dnsConfig" omitempty,
        /// DOC.
        pub readiness_gates: Vec<PodReadinessGate> => "readinessGates" omitempty,
        /// DOC.
        pub runtime_class_name: Option<String> => "runtimeClassName" omitempty,
        /// DOC.
        pub enable_service_links: Option<bool> => "enableServiceLinks" omitempty,
        /// DOC.
        pub preemption_policy: Option<PreemptionPolicy> => "preemptionPolicy" omitempty,
        /// DOC.
        pub overhead: ResourceList => "overhead" omitempty,
        /// DOC.
        pub topology_spread_constraints: Vec<TopologySpreadConstraint> => "topologySpreadConstraints" omitempty,
        /// DOC.
        pub set_hostname_as_fqdn: Option<bool> => "setHostnameAsFQDN" omitempty,
        /// DOC.
        pub os: Option<Box<PodOS>> => "os" omitempty,
        /// DOC.
        pub host_users: Option<bool> => "hostUsers" omitempty,
        /// DOC.
        pub scheduling_gates: Vec<PodSchedulingGate> => "schedulingGates" omitempty,
        /// DOC.
        pub resource_claims: Vec<PodResourceClaim> => "resourceClaims" omitempty,
        /// DOC.
        pub resources: Option<Box<ResourceRequirements>> => "resources" omitempty,
        /// DOC.
        pub hostname_override: Option<String> => "hostnameOverride" omitempty,
        /// DOC.
        pub scheduling_group: Option<Box<PodSchedulingGroup>> => "schedulingGroup" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PodTemplate {
        /// DOC.
        pub kind: String => "kind" omitempty,
        /// DOC.
        pub api_version: String => "apiVersion" omitempty,
        /// DOC.
        pub metadata: ObjectMeta => "metadata",
        /// DOC.
        pub template: PodTemplateSpec => "template",
    }
}

wire_struct! {
    /// DOC.
    pub struct PodTemplateSpec {
        /// DOC.
        pub metadata: ObjectMeta => "metadata",
        /// DOC.
        pub spec: PodSpec => "spec",
    }
}

wire_struct! {
    /// DOC.
    pub struct Binding {
        /// DOC.
        pub kind: String => "kind" omitempty,
        /// DOC.
        pub api_version: String => "apiVersion" omitempty,
        /// DOC.
        pub metadata: ObjectMeta => "metadata",
        /// DOC.
        pub target: ObjectReference => "target",
    }
}

wire_struct! {
    /// DOC.
    pub struct HostAlias {
        /// DOC.
        pub ip: String => "ip",
        /// DOC.
        pub hostnames: Vec<String> => "hostnames" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PodDNSConfig {
        /// DOC.
        pub nameservers: Vec<String> => "nameservers" omitempty,
        /// DOC.
        pub searches: Vec<String> => "searches" omitempty,
        /// DOC.
        pub options: Vec<PodDNSConfigOption> => "options" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PodDNSConfigOption {
        /// DOC.
        pub name: String => "name" omitempty,
        /// DOC.
        pub value: Option<String> => "value" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PodOS {
        /// DOC.
        pub name: Option<OSName> => "name" text,
    }
}

wire_struct! {
    /// DOC.
    pub struct PodReadinessGate {
        /// DOC.
        pub condition_type: PodConditionType => "conditionType",
    }
}

wire_struct! {
    /// DOC.
    pub struct PodSchedulingGate {
        /// DOC.
        pub name: String => "name",
    }
}

wire_struct! {
    /// DOC.
    pub struct PodSchedulingGroup {
        /// DOC.
        pub pod_group_name: Option<String> => "podGroupName" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PodResourceClaim {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub resource_claim_name: Option<String> => "resourceClaimName" omitempty,
        /// DOC.
        pub resource_claim_template_name: Option<String> => "resourceClaimTemplateName" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PriorityClass {
        /// DOC.
        pub kind: String => "kind" omitempty,
        /// DOC.
        pub api_version: String => "apiVersion" omitempty,
        /// DOC.
        pub metadata: ObjectMeta => "metadata",
        /// DOC.
        pub value: i32 => "value",
        /// DOC.
        pub global_default: bool => "globalDefault" omitempty,
        /// DOC.
        pub description: String => "description" omitempty,
        /// DOC.
        pub preemption_policy: Option<PreemptionPolicy> => "preemptionPolicy" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct RuntimeClass {
        /// DOC.
        pub kind: String => "kind" omitempty,
        /// DOC.
        pub api_version: String => "apiVersion" omitempty,
        /// DOC.
        pub metadata: ObjectMeta => "metadata",
        /// DOC.
        pub handler: String => "handler",
        /// DOC.
        pub overhead: Option<Overhead> => "overhead" omitempty,
        /// DOC.
        pub scheduling: Option<Scheduling> => "scheduling" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct Overhead {
        /// DOC.
        pub pod_fixed: ResourceList => "podFixed" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct Scheduling {
        /// DOC.
        pub node_selector: BTreeMap<String, String> => "nodeSelector" omitempty,
        /// DOC.
        pub tolerations: Vec<Toleration> => "tolerations" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PodDisruptionBudget {
        /// DOC.
        pub kind: String => "kind" omitempty,
        /// DOC.
        pub api_version: String => "apiVersion" omitempty,
        /// DOC.
        pub metadata: ObjectMeta => "metadata",
        /// DOC.
        pub spec: PodDisruptionBudgetSpec => "spec",
        /// DOC.
        pub status: PodDisruptionBudgetStatus => "status",
    }
}

wire_struct! {
    /// DOC.
    pub struct PodDisruptionBudgetSpec {
        /// DOC.
        pub min_available: Option<IntOrString> => "minAvailable" omitempty,
        /// DOC.
        pub selector: Option<LabelSelector> => "selector" omitempty,
        /// DOC.
        pub max_unavailable: Option<IntOrString> => "maxUnavailable" omitempty,
        /// DOC.
        pub unhealthy_pod_eviction_policy: Option<UnhealthyPodEvictionPolicyType> => "unhealthyPodEvictionPolicy" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PodDisruptionBudgetStatus {
        /// DOC.
        pub observed_generation: i64 => "observedGeneration" omitempty,
        /// DOC.
        pub disrupted_pods: BTreeMap<String, Option<Time>> => "disruptedPods" omitempty,
        /// DOC.
        pub disruptions_allowed: i32 => "disruptionsAllowed",
        /// DOC.
        pub current_healthy: i32 => "currentHealthy",
        /// DOC.
        pub desired_healthy: i32 => "desiredHealthy",
        /// DOC.
        pub expected_pods: i32 => "expectedPods",
        /// DOC.
        pub conditions: Vec<Condition> => "conditions" omitempty,
    }
}

open_enum! {
    /// DOC.
    pub enum RestartPolicy {
        /// DOC.
        Always = "Always",
        /// DOC.
        OnFailure = "OnFailure",
        /// DOC.
        Never = "Never",
    }
}

open_enum! {
    /// DOC.
    pub enum DNSPolicy {
        /// DOC.
        ClusterFirstWithHostNet = "ClusterFirstWithHostNet",
        /// DOC.
        ClusterFirst = "ClusterFirst",
        /// DOC.
        Default = "Default",
        /// DOC.
        None = "None",
    }
}

open_enum! {
    /// DOC.
    pub enum PreemptionPolicy {
        /// DOC.
        PreemptLowerPriority = "PreemptLowerPriority",
        /// DOC.
        Never = "Never",
    }
}

open_enum! {
    /// DOC.
    pub enum OSName {
        /// DOC.
        Linux = "linux",
        /// DOC.
        Windows = "windows",
    }
}

open_enum! {
    /// DOC.
    pub enum UnhealthyPodEvictionPolicyType {
        /// DOC.
        IfHealthyBudget = "IfHealthyBudget",
        /// DOC.
        AlwaysAllow = "AlwaysAllow",
    }
}
