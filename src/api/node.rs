//! DOC.

use alloc::{boxed::Box, string::String, vec::Vec};

use super::container::ResourceList;
use super::meta::{ConditionStatus, ObjectMeta};
use super::placement::Taint;
use super::time::Time;

wire_struct! {
    /// DOC.
    pub struct Node {
        /// DOC.
        pub kind: String => "kind" omitempty,
        /// DOC.
        pub api_version: String => "apiVersion" omitempty,
        /// DOC.
        pub metadata: ObjectMeta => "metadata",
        /// DOC.
        pub spec: NodeSpec => "spec",
        /// DOC.
        pub status: NodeStatus => "status",
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeSpec {
        /// DOC.
        pub pod_cidr: String => "podCIDR" omitempty,
        /// DOC.
        pub pod_cidrs: Vec<String> => "podCIDRs" omitempty,
        /// DOC.
        pub provider_id: String => "providerID" omitempty,
        /// DOC.
        pub unschedulable: bool => "unschedulable" omitempty,
        /// DOC.
        pub taints: Vec<Taint> => "taints" omitempty,
        /// DOC.
        pub config_source: Option<Box<NodeConfigSource>> => "configSource" omitempty,
        /// DOC.
        pub external_id: String => "externalID" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeConfigSource {
        /// DOC.
        pub config_map: Option<ConfigMapNodeConfigSource> => "configMap" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ConfigMapNodeConfigSource {
        /// DOC.
        pub namespace: String => "namespace",
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub uid: String => "uid" omitempty,
        /// DOC.
        pub resource_version: String => "resourceVersion" omitempty,
        /// DOC.
        pub kubelet_config_key: String => "kubeletConfigKey",
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeStatus {
        /// DOC.
        pub capacity: ResourceList => "capacity" omitempty,
        /// DOC.
        pub allocatable: ResourceList => "allocatable" omitempty,
        /// DOC.
        pub phase: Option<NodePhase> => "phase" text omitempty,
        /// DOC.
        pub conditions: Vec<NodeCondition> => "conditions" omitempty,
        /// DOC.
        pub addresses: Vec<NodeAddress> => "addresses" omitempty,
        /// DOC.
        pub daemon_endpoints: NodeDaemonEndpoints => "daemonEndpoints",
        /// DOC.
        pub node_info: NodeSystemInfo => "nodeInfo",
        /// DOC.
        pub images: Vec<ContainerImage> => "images" omitempty,
        /// DOC.
        pub volumes_in_use: Vec<String> => "volumesInUse" omitempty,
        /// DOC.
        pub volumes_attached: Vec<AttachedVolume> => "volumesAttached" omitempty,
        /// DOC.
        pub config: Option<Box<NodeConfigStatus>> => "config" omitempty,
        /// DOC.
        pub runtime_handlers: Vec<NodeRuntimeHandler> => "runtimeHandlers" omitempty,
        /// DOC.
        pub features: Option<NodeFeatures> => "features" omitempty,
        /// DOC.
        pub declared_features: Vec<String> => "declaredFeatures" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeAddress {
        /// DOC.
        pub type_: Option<NodeAddressType> => "type" text,
        /// DOC.
        pub address: String => "address",
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeCondition {
        /// DOC.
        pub type_: NodeConditionType => "type",
        /// DOC.
        pub status: Option<ConditionStatus> => "status" text,
        /// DOC.
        pub last_heartbeat_time: Option<Time> => "lastHeartbeatTime",
        /// DOC.
        pub last_transition_time: Option<Time> => "lastTransitionTime",
        /// DOC.
        pub reason: String => "reason" omitempty,
        /// DOC.
        pub message: String => "message" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeDaemonEndpoints {
        /// DOC.
        pub kubelet_endpoint: DaemonEndpoint => "kubeletEndpoint",
    }
}

wire_struct! {
    /// DOC.
    pub struct DaemonEndpoint {
        /// DOC.
        pub port: i32 => "Port",
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeSystemInfo {
        /// DOC.
        pub machine_id: String => "machineID",
        /// DOC.
        pub system_uuid: String => "systemUUID",
        /// DOC.
        pub boot_id: String => "bootID",
        /// DOC.
        pub kernel_version: String => "kernelVersion",
        /// DOC.
        pub os_image: String => "osImage",
        /// DOC.
        pub container_runtime_version: String => "containerRuntimeVersion",
        /// DOC.
        pub kubelet_version: String => "kubeletVersion",
        /// DOC.
        pub kube_proxy_version: String => "kubeProxyVersion",
        /// DOC.
        pub operating_system: String => "operatingSystem",
        /// DOC.
        pub architecture: String => "architecture",
        /// DOC.
        pub swap: Option<NodeSwapStatus> => "swap" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeSwapStatus {
        /// DOC.
        pub capacity: Option<i64> => "capacity" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeRuntimeHandler {
        /// DOC.
        pub name: String => "name" omitempty,
        /// DOC.
        pub features: Option<NodeRuntimeHandlerFeatures> => "features" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeRuntimeHandlerFeatures {
        /// DOC.
        pub recursive_read_only_mounts: Option<bool> => "recursiveReadOnlyMounts" omitempty,
        /// DOC.
        pub user_namespaces: Option<bool> => "userNamespaces" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeFeatures {
        /// DOC.
        pub supplemental_groups_policy: Option<bool> => "supplementalGroupsPolicy" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeConfigStatus {
        /// DOC.
        pub assigned: Option<NodeConfigSource> => "assigned" omitempty,
        /// DOC.
        pub active: Option<NodeConfigSource> => "active" omitempty,
        /// DOC.
        pub last_known_good: Option<NodeConfigSource> => "lastKnownGood" omitempty,
        /// DOC.
        pub error: String => "error" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ContainerImage {
        /// DOC.
        pub names: Vec<String> => "names",
        /// DOC.
        pub size_bytes: i64 => "sizeBytes" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct AttachedVolume {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub device_path: String => "devicePath",
    }
}

open_enum! {
    /// DOC.
    pub enum NodePhase {
        /// DOC.
        Pending = "Pending",
        /// DOC.
        Running = "Running",
        /// DOC.
        Terminated = "Terminated",
    }
}

open_enum! {
    /// DOC.
    pub enum NodeAddressType {
        /// DOC.
        Hostname = "Hostname",
        /// DOC.
        InternalIp = "InternalIP",
        /// DOC.
        ExternalIp = "ExternalIP",
        /// DOC.
        InternalDns = "InternalDNS",
        /// DOC.
        ExternalDns = "ExternalDNS",
    }
}

open_vocabulary! {
    /// DOC.
    pub struct NodeConditionType {
        /// DOC.
        READY = "Ready",
        /// DOC.
        MEMORY_PRESSURE = "MemoryPressure",
        /// DOC.
        DISK_PRESSURE = "DiskPressure",
        /// DOC.
        PID_PRESSURE = "PIDPressure",
        /// DOC.
        NETWORK_UNAVAILABLE = "NetworkUnavailable",
    }
}
