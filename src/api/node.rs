//! A node: what it is, what it can give, and how it feels.
//!
//! Read by the scheduler to say whether a pod fits; written by the kubelet (most of the status) and
//! by controllers (taints, `podCIDR`).
//!
//! ```
//! use pod_lifecycle::api::{Node, TaintEffect};
//!
//! let node: Node = serde_json::from_str(
//!     r#"{
//!         "metadata": {"name": "worker-1", "labels": {"kubernetes.io/os": "linux"}},
//!         "spec": {"taints": [{"key": "gpu", "effect": "NoSchedule"}]},
//!         "status": {"allocatable": {"cpu": "3920m", "pods": "110"}}
//!     }"#,
//! )?;
//! assert_eq!(node.spec.taints[0].effect, Some(TaintEffect::NoSchedule));
//! assert_eq!(node.status.allocatable["cpu"].to_string(), "3920m");
//! # Ok::<(), serde_json::Error>(())
//! ```

use alloc::{boxed::Box, string::String, vec::Vec};

use super::container::ResourceList;
use super::meta::{ConditionStatus, ObjectMeta};
use super::placement::Taint;
use super::time::Time;

wire_struct! {
    /// A machine that runs pods, as the API knows it.
    pub struct Node {
        /// `Node`, where the document says so.
        pub kind: String => "kind" omitempty,
        /// `v1`, where the document says so.
        pub api_version: String => "apiVersion" omitempty,
        /// Name, labels and what every object has; the scheduler matches labels and name.
        pub metadata: ObjectMeta => "metadata",
        /// How the node is to be used.
        pub spec: NodeSpec => "spec",
        /// What the node is and can give.
        pub status: NodeStatus => "status",
    }
}

wire_struct! {
    /// How a node is to be used.
    pub struct NodeSpec {
        /// Range of addresses for the node's pods; empty where the network plugin keeps its own.
        pub pod_cidr: String => "podCIDR" omitempty,
        /// Ranges of addresses, at most one of each IP family, the first equal to `pod_cidr`.
        pub pod_cidrs: Vec<String> => "podCIDRs" omitempty,
        /// Identifier at the cloud provider, as `<provider>://<id>`.
        pub provider_id: String => "providerID" omitempty,
        /// Whether new pods keep away, as after `kubectl cordon`; those there stay.
        pub unschedulable: bool => "unschedulable" omitempty,
        /// What keeps pods away that do not tolerate it.
        pub taints: Vec<Taint> => "taints" omitempty,
        /// Where the kubelet's configuration came from; no longer used.
        pub config_source: Option<Box<NodeConfigSource>> => "configSource" omitempty,
        /// Identifier outside the cluster; no longer used.
        pub external_id: String => "externalID" omitempty,
    }
}

wire_struct! {
    /// Where a kubelet's configuration came from; no longer used.
    pub struct NodeConfigSource {
        /// A config map.
        pub config_map: Option<ConfigMapNodeConfigSource> => "configMap" omitempty,
    }
}

wire_struct! {
    /// A kubelet's configuration in a config map; no longer used.
    pub struct ConfigMapNodeConfigSource {
        /// Namespace of the config map.
        pub namespace: String => "namespace",
        /// Name of the config map.
        pub name: String => "name",
        /// Identity of the config map; empty in the spec, set in the status.
        pub uid: String => "uid" omitempty,
        /// Version of the config map; empty in the spec, set in the status.
        pub resource_version: String => "resourceVersion" omitempty,
        /// Key with the configuration.
        pub kubelet_config_key: String => "kubeletConfigKey",
    }
}

wire_struct! {
    /// What a node is and can give, as its kubelet reports it.
    pub struct NodeStatus {
        /// What the machine has.
        pub capacity: ResourceList => "capacity" omitempty,
        /// What it gives to pods: the capacity less what is reserved; the scheduler counts with
        /// this. The API server sets the capacity where it is absent.
        pub allocatable: ResourceList => "allocatable" omitempty,
        /// Where the node is in its life; no longer written.
        pub phase: Option<NodePhase> => "phase" text omitempty,
        /// How the node feels, at most one of each type.
        pub conditions: Vec<NodeCondition> => "conditions" omitempty,
        /// Where the node is reached.
        pub addresses: Vec<NodeAddress> => "addresses" omitempty,
        /// Where its daemons listen.
        pub daemon_endpoints: NodeDaemonEndpoints => "daemonEndpoints",
        /// Its identity and the versions of its software.
        pub node_info: NodeSystemInfo => "nodeInfo",
        /// Images that it has, the largest first, 50 at most; the scheduler prefers nodes that have
        /// a pod's images.
        pub images: Vec<ContainerImage> => "images" omitempty,
        /// Attachable volumes that it has mounted; they may not be detached.
        pub volumes_in_use: Vec<String> => "volumesInUse" omitempty,
        /// Volumes that are attached to it, as the controller sees it.
        pub volumes_attached: Vec<AttachedVolume> => "volumesAttached" omitempty,
        /// How the configuration from the API stands; no longer used.
        pub config: Option<Box<NodeConfigStatus>> => "config" omitempty,
        /// Runtime handlers that it has, and what they can do.
        pub runtime_handlers: Vec<NodeRuntimeHandler> => "runtimeHandlers" omitempty,
        /// What its container runtime can do, whatever the handler.
        pub features: Option<NodeFeatures> => "features" omitempty,
        /// Names of the features that its kubelet declares, sorted; the scheduler places pods by
        /// them.
        pub declared_features: Vec<String> => "declaredFeatures" omitempty,
    }
}

wire_struct! {
    /// A name or address of a node.
    pub struct NodeAddress {
        /// What it is, and from where it can be reached.
        pub type_: Option<NodeAddressType> => "type" text,
        /// The name or address.
        pub address: String => "address",
    }
}

wire_struct! {
    /// One statement about a node, with the time since when it holds.
    pub struct NodeCondition {
        /// What the statement is about.
        pub type_: NodeConditionType => "type",
        /// Whether the statement holds; the node controller writes `Unknown` once the kubelet is
        /// silent.
        pub status: Option<ConditionStatus> => "status" text,
        /// When the kubelet last reported it.
        pub last_heartbeat_time: Option<Time> => "lastHeartbeatTime",
        /// When [`status`](Self::status) last changed.
        pub last_transition_time: Option<Time> => "lastTransitionTime",
        /// Why it holds or not, in one word.
        pub reason: String => "reason" omitempty,
        /// Why it holds or not, for people.
        pub message: String => "message" omitempty,
    }
}

wire_struct! {
    /// Where a node's daemons listen.
    pub struct NodeDaemonEndpoints {
        /// The kubelet's server.
        pub kubelet_endpoint: DaemonEndpoint => "kubeletEndpoint",
    }
}

wire_struct! {
    /// Where a daemon listens.
    pub struct DaemonEndpoint {
        /// Port on the node's addresses; 0 where it does not listen.
        pub port: i32 => "Port",
    }
}

wire_struct! {
    /// A node's identity and the versions of its software.
    pub struct NodeSystemInfo {
        /// Identifier of the installed system, from `/etc/machine-id`.
        pub machine_id: String => "machineID",
        /// Identifier of the machine, from its firmware.
        pub system_uuid: String => "systemUUID",
        /// Identifier of the boot; a new one means that the machine has been restarted.
        pub boot_id: String => "bootID",
        /// Version of the kernel, from `uname -r`.
        pub kernel_version: String => "kernelVersion",
        /// Name of the operating system, from `/etc/os-release`.
        pub os_image: String => "osImage",
        /// Name and version of the container runtime, as `containerd://2.1.4`.
        pub container_runtime_version: String => "containerRuntimeVersion",
        /// Version of the kubelet.
        pub kubelet_version: String => "kubeletVersion",
        /// No longer written.
        pub kube_proxy_version: String => "kubeProxyVersion",
        /// `linux` or `windows`; a pod for another is refused by the kubelet.
        pub operating_system: String => "operatingSystem",
        /// Architecture in Go's words, such as `amd64`.
        pub architecture: String => "architecture",
        /// Its swap space; absent where the kubelet does not tell.
        pub swap: Option<NodeSwapStatus> => "swap" omitempty,
    }
}

wire_struct! {
    /// A node's swap space.
    pub struct NodeSwapStatus {
        /// How much there is, in bytes.
        pub capacity: Option<i64> => "capacity" omitempty,
    }
}

wire_struct! {
    /// A configuration of the container runtime that a runtime class may name.
    pub struct NodeRuntimeHandler {
        /// Name of the handler; empty means the default one.
        pub name: String => "name" omitempty,
        /// What it can do; absent where the runtime does not tell.
        pub features: Option<NodeRuntimeHandlerFeatures> => "features" omitempty,
    }
}

wire_struct! {
    /// What a runtime handler can do.
    pub struct NodeRuntimeHandlerFeatures {
        /// Whether it can make what is mounted below a read-only mount read-only too.
        pub recursive_read_only_mounts: Option<bool> => "recursiveReadOnlyMounts" omitempty,
        /// Whether it can run pods with users of their own, as `hostUsers: false` asks.
        pub user_namespaces: Option<bool> => "userNamespaces" omitempty,
    }
}

wire_struct! {
    /// What a node's container runtime can do, whatever the handler.
    pub struct NodeFeatures {
        /// Whether it knows `supplementalGroupsPolicy: Strict`.
        pub supplemental_groups_policy: Option<bool> => "supplementalGroupsPolicy" omitempty,
    }
}

wire_struct! {
    /// How a kubelet's configuration from the API stands; no longer used.
    pub struct NodeConfigStatus {
        /// What the kubelet shall use.
        pub assigned: Option<NodeConfigSource> => "assigned" omitempty,
        /// What the kubelet uses.
        pub active: Option<NodeConfigSource> => "active" omitempty,
        /// What the kubelet goes back to.
        pub last_known_good: Option<NodeConfigSource> => "lastKnownGood" omitempty,
        /// What keeps it from using what it shall.
        pub error: String => "error" omitempty,
    }
}

wire_struct! {
    /// An image that a node has.
    pub struct ContainerImage {
        /// Names that it goes by, at most 5, with tag or digest.
        pub names: Vec<String> => "names",
        /// Size in bytes, unpacked as the runtime counts it.
        pub size_bytes: i64 => "sizeBytes" omitempty,
    }
}

wire_struct! {
    /// A volume that is attached to a node.
    pub struct AttachedVolume {
        /// Unique name of the volume, as `<plugin>/<volume>`.
        pub name: String => "name",
        /// Path of the device, where there is one.
        pub device_path: String => "devicePath",
    }
}

open_enum! {
    /// Where a node is in its life; no longer written.
    pub enum NodePhase {
        /// Made, not set up.
        Pending = "Pending",
        /// Set up.
        Running = "Running",
        /// Taken out of the cluster.
        Terminated = "Terminated",
    }
}

open_enum! {
    /// What an address of a node is, and from where it can be reached.
    pub enum NodeAddressType {
        /// The name that the machine gives itself, which need not resolve.
        Hostname = "Hostname",
        /// An address inside the cluster's network; the first becomes a pod's `hostIP`.
        InternalIp = "InternalIP",
        /// An address that can be reached from outside.
        ExternalIp = "ExternalIP",
        /// A name that resolves to an internal address.
        InternalDns = "InternalDNS",
        /// A name that resolves to an external address.
        ExternalDns = "ExternalDNS",
    }
}

open_vocabulary! {
    /// What a condition of a node is about.
    ///
    /// Node problem detectors add words of their own.
    pub struct NodeConditionType {
        /// The kubelet is well and takes pods.
        READY = "Ready",
        /// Memory runs short; the kubelet evicts, and takes no more best-effort pods.
        MEMORY_PRESSURE = "MemoryPressure",
        /// Disk space or inodes run short; the kubelet evicts, and takes no more pods.
        DISK_PRESSURE = "DiskPressure",
        /// Process identifiers run short; the kubelet evicts, and takes no more pods.
        PID_PRESSURE = "PIDPressure",
        /// The node's network is not set up.
        NETWORK_UNAVAILABLE = "NetworkUnavailable",
    }
}
