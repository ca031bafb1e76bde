//! DOC.

use alloc::{boxed::Box, string::String, vec::Vec};

use super::container::{RecursiveReadOnlyMode, ResourceList, ResourceName, ResourceRequirements};
use super::meta::ConditionStatus;
use super::probe::Signal;
use super::time::Time;

wire_struct! {
    /// DOC.
    pub struct PodStatus {
        /// DOC.
        pub observed_generation: i64 => "observedGeneration" omitempty,
        /// DOC.
        pub phase: Option<PodPhase> => "phase" text omitempty,
        /// DOC.
        pub conditions: Vec<PodCondition> => "conditions" omitempty,
        /// DOC.
        pub message: String => "message" omitempty,
        /// DOC.
        pub reason: String => "reason" omitempty,
        /// DOC.
        pub nominated_node_name: String => "nominatedNodeName" omitempty,
        /// DOC.
        pub host_ip: String => "hostIP" omitempty,
        /// DOC.
        pub host_ips: Vec<HostIP> => "hostIPs" omitempty,
        /// DOC.
        pub pod_ip: String => "podIP" omitempty,
        /// DOC.
        pub pod_ips: Vec<PodIP> => "podIPs" omitempty,
        /// DOC.
        pub start_time: Option<Time> => "startTime" omitempty,
        /// DOC.
        pub init_container_statuses: Vec<ContainerStatus> => "initContainerStatuses" omitempty,
        /// DOC.
        pub container_statuses: Vec<ContainerStatus> => "containerStatuses" omitempty,
        /// DOC.
        pub qos_class: Option<PodQOSClass> => "qosClass" text omitempty,
        /// DOC.
        pub ephemeral_container_statuses: Vec<ContainerStatus> => "ephemeralContainerStatuses" omitempty,
        /// DOC.
        pub resize: Option<PodResizeStatus> => "resize" text omitempty,
        /// DOC.
        pub resource_claim_statuses: Vec<PodResourceClaimStatus> => "resourceClaimStatuses" omitempty,
        /// DOC.
        pub extended_resource_claim_status: Option<Box<PodExtendedResourceClaimStatus>> => "extendedResourceClaimStatus" omitempty,
        /// DOC.
        pub allocated_resources: ResourceList => "allocatedResources" omitempty,
        /// DOC.
        pub resources: Option<Box<ResourceRequirements>> => "resources" omitempty,
        /// DOC.
        pub node_allocatable_resource_claim_statuses: Vec<NodeAllocatableResourceClaimStatus> => "nodeAllocatableResourceClaimStatuses" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PodCondition {
        /// DOC.
        pub type_: PodConditionType => "type",
        /// DOC.
        pub observed_generation: i64 => "observedGeneration" omitempty,
        /// DOC.
        pub status: Option<ConditionStatus> => "status" text,
        /// DOC.
        pub last_probe_time: Option<Time> => "lastProbeTime",
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
    pub struct PodIP {
        /// DOC.
        pub ip: String => "ip",
    }
}

wire_struct! {
    /// DOC.
    pub struct HostIP {
        /// DOC.
        pub ip: String => "ip",
    }
}

wire_struct! {
    /// DOC.
    pub struct ContainerStatus {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub state: ContainerState => "state",
        /// DOC.
        pub last_state: ContainerState => "lastState",
        /// DOC.
        pub ready: bool => "ready",
        /// DOC.
        pub restart_count: i32 => "restartCount",
        /// DOC.
        pub image: String => "image",
        /// DOC.
        pub image_id: String => "imageID",
        /// DOC.
        pub container_id: String => "containerID" omitempty,
        /// DOC.
        pub started: Option<bool> => "started" omitempty,
        /// DOC.
        pub allocated_resources: ResourceList => "allocatedResources" omitempty,
        /// DOC.
        pub resources: Option<Box<ResourceRequirements>> => "resources" omitempty,
        /// DOC.
        pub volume_mounts: Vec<VolumeMountStatus> => "volumeMounts" omitempty,
        /// DOC.
        pub user: Option<Box<ContainerUser>> => "user" omitempty,
        /// DOC.
        pub allocated_resources_status: Vec<ResourceStatus> => "allocatedResourcesStatus" omitempty,
        /// DOC.
        pub stop_signal: Option<Signal> => "stopSignal" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ContainerState {
        /// DOC.
        pub waiting: Option<ContainerStateWaiting> => "waiting" omitempty,
        /// DOC.
        pub running: Option<ContainerStateRunning> => "running" omitempty,
        /// DOC.
        pub terminated: Option<Box<ContainerStateTerminated>> => "terminated" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ContainerStateWaiting {
        /// DOC.
        pub reason: String => "reason" omitempty,
        /// DOC.
        pub message: String => "message" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ContainerStateRunning {
        /// DOC.
        pub started_at: Option<Time> => "startedAt",
    }
}

wire_struct! {
    /// DOC.
    pub struct ContainerStateTerminated {
        /// DOC.
        pub exit_code: i32 => "exitCode",
        /// DOC.
        pub signal: i32 => "signal" omitempty,
        /// DOC.
        pub reason: String => "reason" omitempty,
        /// DOC.
        pub message: String => "message" omitempty,
        /// DOC.
        pub started_at: Option<Time> => "startedAt",
        /// DOC.
        pub finished_at: Option<Time> => "finishedAt",
        /// DOC.
        pub container_id: String => "containerID" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ContainerUser {
        /// DOC.
        pub linux: Option<LinuxContainerUser> => "linux" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct LinuxContainerUser {
        /// DOC.
        pub uid: i64 => "uid",
        /// DOC.
        pub gid: i64 => "gid",
        /// DOC.
        pub supplemental_groups: Vec<i64> => "supplementalGroups" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct VolumeMountStatus {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub mount_path: String => "mountPath",
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
        /// DOC.
        pub recursive_read_only: Option<RecursiveReadOnlyMode> => "recursiveReadOnly" omitempty,
        /// DOC.
        pub volume_status: Option<Box<VolumeStatus>> => "volumeStatus" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct VolumeStatus {
        /// DOC.
        pub image: Option<ImageVolumeStatus> => "image" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ImageVolumeStatus {
        /// DOC.
        pub image_ref: String => "imageRef",
    }
}

wire_struct! {
    /// DOC.
    pub struct ResourceStatus {
        /// DOC.
        pub name: ResourceName => "name",
        /// DOC.
        pub resources: Vec<ResourceHealth> => "resources" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ResourceHealth {
        /// DOC.
        pub resource_id: String => "resourceID",
        /// DOC.
        pub health: Option<ResourceHealthStatus> => "health" text omitempty,
        /// DOC.
        pub message: Option<String> => "message" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PodResourceClaimStatus {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub resource_claim_name: Option<String> => "resourceClaimName" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PodExtendedResourceClaimStatus {
        /// DOC.
        pub request_mappings: Vec<ContainerExtendedResourceRequest> => "requestMappings",
        /// DOC.
        pub resource_claim_name: String => "resourceClaimName",
    }
}

wire_struct! {
    /// DOC.
    pub struct ContainerExtendedResourceRequest {
        /// DOC.
        pub container_name: String => "containerName",
        /// DOC.
        pub resource_name: ResourceName => "resourceName",
        /// DOC.
        pub request_name: String => "requestName",
    }
}

wire_struct! {
    /// DOC.
    pub struct NodeAllocatableResourceClaimStatus {
        /// DOC.
        pub resource_claim_name: String => "resourceClaimName",
        /// DOC.
        pub containers: Vec<String> => "containers" omitempty,
        /// DOC.
        pub resources: ResourceList => "resources",
    }
}

open_enum! {
    /// DOC.
    pub enum PodPhase {
        /// DOC.
        Pending = "Pending",
        /// DOC.
        Running = "Running",
        /// DOC.
        Succeeded = "Succeeded",
        /// DOC.
        Failed = "Failed",
        /// DOC.
        Unknown = "Unknown",
    }
}

open_enum! {
    /// DOC.
    pub enum PodQOSClass {
        /// DOC.
        Guaranteed = "Guaranteed",
        /// DOC.
        Burstable = "Burstable",
        /// DOC.
        BestEffort = "BestEffort",
    }
}

open_enum! {
    /// DOC.
    pub enum PodResizeStatus {
        /// DOC.
        InProgress = "InProgress",
        /// DOC.
        Deferred = "Deferred",
        /// DOC.
        Infeasible = "Infeasible",
        /// DOC.
        Proposed = "Proposed",
    }
}

open_enum! {
    /// DOC.
    pub enum ResourceHealthStatus {
        /// DOC.
        Healthy = "Healthy",
        /// DOC.
        Unhealthy = "Unhealthy",
        /// DOC.
        Unknown = "Unknown",
    }
}

open_vocabulary! {
    /// DOC.
    pub struct PodConditionType {
        /// DOC.
        POD_SCHEDULED = "PodScheduled",
        /// DOC.
        READY = "Ready",
        /// DOC.
        INITIALIZED = "Initialized",
        /// DOC.
        CONTAINERS_READY = "ContainersReady",
        /// DOC.
        POD_READY_TO_START_CONTAINERS = "PodReadyToStartContainers",
        /// DOC.
        DISRUPTION_TARGET = "DisruptionTarget",
        /// DOC.
        POD_RESIZE_PENDING = "PodResizePending",
        /// DOC.
        POD_RESIZE_IN_PROGRESS = "PodResizeInProgress",
        /// DOC.
        ALL_CONTAINERS_RESTARTING = "AllContainersRestarting",
    }
}
