//! What the kubelet reports about a pod: its phase, its conditions, and what each container does.
//!
//! Written by the kubelet, save for what the scheduler (`nominatedNodeName`, the `PodScheduled`
//! condition) and controllers (own conditions, `DisruptionTarget`) put beside it.
//! [`lifecycle`](crate::lifecycle) derives it.
//!
//! ```
//! use pod_lifecycle::api::{PodConditionType, PodPhase, PodStatus, StateView};
//!
//! let status: PodStatus = serde_json::from_str(
//!     r#"{
//!         "phase": "Running",
//!         "conditions": [{"type": "Ready", "status": "False", "reason": "ContainersNotReady"}],
//!         "containerStatuses": [{"name": "web", "state": {"waiting": {"reason": "ErrImagePull"}}}]
//!     }"#,
//! )?;
//! assert_eq!(status.phase, Some(PodPhase::Running));
//! let ready = status.condition(&PodConditionType::READY).map(|it| it.reason.as_str());
//! assert_eq!(ready, Some("ContainersNotReady"));
//! let Some(StateView::Waiting(waiting)) = status.container_statuses[0].state.view() else {
//!     panic!("the container waits");
//! };
//! assert_eq!(waiting.reason, "ErrImagePull");
//! # Ok::<(), serde_json::Error>(())
//! ```

use alloc::{boxed::Box, string::String, vec::Vec};

use super::container::{RecursiveReadOnlyMode, ResourceList, ResourceName, ResourceRequirements};
use super::meta::ConditionStatus;
use super::probe::Signal;
use super::time::Time;

wire_struct! {
    /// What is known of a pod at the moment.
    ///
    /// Everything but the fields set by the scheduler and by controllers is derived anew by the
    /// kubelet, and may lag behind what happens on the node.
    pub struct PodStatus {
        /// The `metadata.generation` that the status answers to; 0 where no kubelet has written
        /// one.
        pub observed_generation: i64 => "observedGeneration" omitempty,
        /// Where the pod is in its life, in one word; the API server sets `Pending` on create.
        pub phase: Option<PodPhase> => "phase" text omitempty,
        /// Statements about the pod, at most one of each type; a reader takes the first of a type.
        pub conditions: Vec<PodCondition> => "conditions" omitempty,
        /// Why the pod is in this state, for people.
        pub message: String => "message" omitempty,
        /// Why the pod is in this state, in one word, such as `Evicted`; set only where the phase
        /// says too little.
        pub reason: String => "reason" omitempty,
        /// Node on which the scheduler has made room by preemption; it need not become the pod's
        /// node.
        pub nominated_node_name: String => "nominatedNodeName" omitempty,
        /// Address of the node, or empty while the pod has none; set even before containers start.
        pub host_ip: String => "hostIP" omitempty,
        /// All addresses of the node, at most one of each IP family, the first equal to `host_ip`.
        pub host_ips: Vec<HostIP> => "hostIPs" omitempty,
        /// Address of the pod, or empty while it has none; the node's own under `hostNetwork`.
        pub pod_ip: String => "podIP" omitempty,
        /// All addresses of the pod, at most one of each IP family, the first equal to `pod_ip`.
        pub pod_ips: Vec<PodIP> => "podIPs" omitempty,
        /// When the kubelet took the pod up, before it pulled any image; `activeDeadlineSeconds`
        /// counts from here.
        pub start_time: Option<Time> => "startTime" omitempty,
        /// One entry for each init container, sidecars among them, in the order of the spec.
        pub init_container_statuses: Vec<ContainerStatus> => "initContainerStatuses" omitempty,
        /// One entry for each regular container; the kubelet sorts them by name.
        pub container_statuses: Vec<ContainerStatus> => "containerStatuses" omitempty,
        /// Class that orders eviction and OOM kills; the API server works it out on create and it
        /// never changes.
        pub qos_class: Option<PodQOSClass> => "qosClass" text omitempty,
        /// One entry for each ephemeral container that was added to the pod.
        pub ephemeral_container_statuses: Vec<ContainerStatus> => "ephemeralContainerStatuses" omitempty,
        /// How a resize stands; no longer written, the `PodResize…` conditions say it instead.
        pub resize: Option<PodResizeStatus> => "resize" text omitempty,
        /// Which claim object was made for each entry of `spec.resourceClaims` that names a
        /// template.
        pub resource_claim_statuses: Vec<PodResourceClaimStatus> => "resourceClaimStatuses" omitempty,
        /// The claim that the scheduler made for extended resources served by a DRA driver.
        pub extended_resource_claim_status: Option<Box<PodExtendedResourceClaimStatus>> => "extendedResourceClaimStatus" omitempty,
        /// What the node has set aside for the pod as a whole, where the spec asks at pod level.
        pub allocated_resources: ResourceList => "allocatedResources" omitempty,
        /// Requests and limits in force for the pod as a whole, where the spec asks at pod level.
        pub resources: Option<Box<ResourceRequirements>> => "resources" omitempty,
        /// What the pod's claims take out of the node's own CPU, memory and the like; behind a
        /// feature gate that is off by default.
        pub node_allocatable_resource_claim_statuses: Vec<NodeAllocatableResourceClaimStatus> => "nodeAllocatableResourceClaimStatuses" omitempty,
    }
}

wire_struct! {
    /// One statement about a pod, with the time since when it holds.
    pub struct PodCondition {
        /// What the statement is about.
        pub type_: PodConditionType => "type",
        /// The `metadata.generation` that the statement answers to; 0 where its writer sets none.
        pub observed_generation: i64 => "observedGeneration" omitempty,
        /// Whether the statement holds; a condition that is absent counts as unknown.
        pub status: Option<ConditionStatus> => "status" text,
        /// When the statement was last checked; the kubelet leaves it unset.
        pub last_probe_time: Option<Time> => "lastProbeTime",
        /// When [`status`](Self::status) last changed; a change of reason alone leaves it as it is.
        pub last_transition_time: Option<Time> => "lastTransitionTime",
        /// Why it holds or not, in one word.
        pub reason: String => "reason" omitempty,
        /// Why it holds or not, for people.
        pub message: String => "message" omitempty,
    }
}

wire_struct! {
    /// An address of a pod.
    pub struct PodIP {
        /// IPv4 or IPv6 address.
        pub ip: String => "ip",
    }
}

wire_struct! {
    /// An address of the node that a pod runs on.
    pub struct HostIP {
        /// IPv4 or IPv6 address.
        pub ip: String => "ip",
    }
}

wire_struct! {
    /// What one container does now, and how its last instance ended.
    pub struct ContainerStatus {
        /// Name of the container in the pod's spec.
        pub name: String => "name",
        /// What the current instance does; with nothing set, it counts as waiting.
        pub state: ContainerState => "state",
        /// How the instance before ended; nothing is set until the first restart.
        pub last_state: ContainerState => "lastState",
        /// Whether it takes traffic: it is running, has started, and passes its readiness probe if
        /// it has one. An init container is ready when it ended with exit code 0.
        pub ready: bool => "ready",
        /// How often it was started again; counted from what the runtime still remembers, and never
        /// falling while the pod lives.
        pub restart_count: i32 => "restartCount",
        /// The image it runs, as the runtime names it, which may differ from the spec.
        pub image: String => "image",
        /// Digest of the image that was pulled; empty until then.
        pub image_id: String => "imageID",
        /// Runtime and identifier, as in `containerd://…`; empty until there is an instance.
        pub container_id: String => "containerID" omitempty,
        /// Whether its startup probe has passed and its postStart hook is done; false again after a
        /// restart. Absent means that it is not known.
        pub started: Option<bool> => "started" omitempty,
        /// What the node has set aside for it; a resize changes this before it changes
        /// [`resources`](Self::resources).
        pub allocated_resources: ResourceList => "allocatedResources" omitempty,
        /// Requests and limits that the running instance has.
        pub resources: Option<Box<ResourceRequirements>> => "resources" omitempty,
        /// How each of its volume mounts came out; filled in for recursive read-only mounts and
        /// image volumes.
        pub volume_mounts: Vec<VolumeMountStatus> => "volumeMounts" omitempty,
        /// Whom its first process was started as; absent where the runtime does not tell.
        pub user: Option<Box<ContainerUser>> => "user" omitempty,
        /// Health of the devices it was given.
        pub allocated_resources_status: Vec<ResourceStatus> => "allocatedResourcesStatus" omitempty,
        /// The signal that will stop it, whether from the spec, the image or the runtime; behind a
        /// feature gate that is off by default.
        pub stop_signal: Option<Signal> => "stopSignal" omitempty,
    }
}

wire_struct! {
    /// What a container does: at most one of the three is set.
    ///
    /// Logic asks [`view`](Self::view).
    pub struct ContainerState {
        /// It is not running yet, or not again.
        pub waiting: Option<ContainerStateWaiting> => "waiting" omitempty,
        /// Its process runs.
        pub running: Option<ContainerStateRunning> => "running" omitempty,
        /// Its process has ended.
        pub terminated: Option<Box<ContainerStateTerminated>> => "terminated" omitempty,
    }
}

wire_struct! {
    /// A container that is still to be started, or started again.
    pub struct ContainerStateWaiting {
        /// Why it waits, in one word, such as `CrashLoopBackOff`.
        pub reason: String => "reason" omitempty,
        /// Why it waits, for people.
        pub message: String => "message" omitempty,
    }
}

wire_struct! {
    /// A container whose process runs.
    pub struct ContainerStateRunning {
        /// When the process was started.
        pub started_at: Option<Time> => "startedAt",
    }
}

wire_struct! {
    /// A container whose process has ended.
    pub struct ContainerStateTerminated {
        /// Exit code of the process; 128 and the signal's number after a signal, 137 where nobody
        /// knows.
        pub exit_code: i32 => "exitCode",
        /// Number of the signal that ended the process; the kubelet leaves it 0.
        pub signal: i32 => "signal" omitempty,
        /// Why it ended, in one word: mostly `Completed`, `Error` or `OOMKilled`.
        pub reason: String => "reason" omitempty,
        /// Its last words: the termination message, or the end of its log.
        pub message: String => "message" omitempty,
        /// When the process was started.
        pub started_at: Option<Time> => "startedAt",
        /// When the process ended; the back-off counts from here.
        pub finished_at: Option<Time> => "finishedAt",
        /// Runtime and identifier of the instance, as in `containerd://…`.
        pub container_id: String => "containerID" omitempty,
    }
}

wire_struct! {
    /// Whom a container's first process was started as.
    pub struct ContainerUser {
        /// The identity on Linux; absent on other systems.
        pub linux: Option<LinuxContainerUser> => "linux" omitempty,
    }
}

wire_struct! {
    /// A user, a primary group and further groups on Linux.
    pub struct LinuxContainerUser {
        /// Number of the user.
        pub uid: i64 => "uid",
        /// Number of the primary group.
        pub gid: i64 => "gid",
        /// Numbers of the further groups.
        pub supplemental_groups: Vec<i64> => "supplementalGroups" omitempty,
    }
}

wire_struct! {
    /// How a volume mount of a container came out.
    pub struct VolumeMountStatus {
        /// Name of the volume.
        pub name: String => "name",
        /// Path in the container.
        pub mount_path: String => "mountPath",
        /// Whether the mount is read-only.
        pub read_only: bool => "readOnly" omitempty,
        /// Whether what is mounted below it is read-only too: `Enabled` or `Disabled`, never
        /// `IfPossible`. Absent for a mount that may be written.
        pub recursive_read_only: Option<RecursiveReadOnlyMode> => "recursiveReadOnly" omitempty,
        /// What only a volume of its kind can tell; behind a feature gate that is off by default.
        pub volume_status: Option<Box<VolumeStatus>> => "volumeStatus" omitempty,
    }
}

wire_struct! {
    /// What only a volume of a certain kind can tell.
    pub struct VolumeStatus {
        /// For an image volume: what was pulled.
        pub image: Option<ImageVolumeStatus> => "image" omitempty,
    }
}

wire_struct! {
    /// What was pulled for an image volume.
    pub struct ImageVolumeStatus {
        /// Digest of the image, at most 256 characters.
        pub image_ref: String => "imageRef" omitempty,
    }
}

wire_struct! {
    /// Health of what a container was given of one resource.
    pub struct ResourceStatus {
        /// Name of the resource, or `claim:<claim>/<request>` for one from a claim.
        pub name: ResourceName => "name",
        /// One entry for each device.
        pub resources: Vec<ResourceHealth> => "resources" omitempty,
    }
}

wire_struct! {
    /// Health of one device.
    pub struct ResourceHealth {
        /// Name of the device, unique on its node.
        pub resource_id: String => "resourceID",
        /// Whether it works; the kubelet writes `Unknown` while its plugin is silent.
        pub health: Option<ResourceHealthStatus> => "health" text omitempty,
        /// What is wrong with it, for people; absent where the driver says nothing.
        pub message: Option<String> => "message" omitempty,
    }
}

wire_struct! {
    /// The claim object that stands behind an entry of `spec.resourceClaims`.
    pub struct PodResourceClaimStatus {
        /// Name of the entry.
        pub name: String => "name",
        /// Name of the claim; absent when the template asked for none.
        pub resource_claim_name: Option<String> => "resourceClaimName" omitempty,
    }
}

wire_struct! {
    /// The claim that was made for extended resources, and what in it serves whom.
    pub struct PodExtendedResourceClaimStatus {
        /// Which request of the claim serves which container's resource.
        pub request_mappings: Vec<ContainerExtendedResourceRequest> => "requestMappings",
        /// Name of the claim.
        pub resource_claim_name: String => "resourceClaimName",
    }
}

wire_struct! {
    /// A request of a claim that serves a container's extended resource.
    pub struct ContainerExtendedResourceRequest {
        /// Name of the container.
        pub container_name: String => "containerName",
        /// Name of the extended resource.
        pub resource_name: ResourceName => "resourceName",
        /// Name of the request in the claim.
        pub request_name: String => "requestName",
    }
}

wire_struct! {
    /// What a claim takes out of what the node itself can give.
    pub struct NodeAllocatableResourceClaimStatus {
        /// Name of the claim.
        pub resource_claim_name: String => "resourceClaimName",
        /// Names of the containers that use the claim.
        pub containers: Vec<String> => "containers" omitempty,
        /// Amounts that the claim takes, of each resource.
        pub resources: ResourceList => "resources",
    }
}

open_enum! {
    /// Where a pod is in its life.
    ///
    /// `Succeeded` and `Failed` are final: the kubelet never leaves them.
    pub enum PodPhase {
        /// Accepted, but not all containers have run: waiting for a node, an image, or its init
        /// containers.
        Pending = "Pending",
        /// All containers have been started, and one runs or will be started again.
        Running = "Running",
        /// All containers ended with exit code 0 and none is started again.
        Succeeded = "Succeeded",
        /// All containers ended, at least one of them badly, and none is started again; or the pod
        /// was evicted, refused by its node, or ran out of time.
        Failed = "Failed",
        /// The node did not answer; no component has written this since 2015.
        Unknown = "Unknown",
    }
}

open_enum! {
    /// How a pod fares when its node runs short, taken from its requests and limits.
    pub enum PodQOSClass {
        /// Every container limits CPU and memory and requests as much: evicted last.
        Guaranteed = "Guaranteed",
        /// Something asks for CPU or memory, but not all as `Guaranteed` demands.
        Burstable = "Burstable",
        /// No container asks for CPU or memory: evicted first.
        BestEffort = "BestEffort",
    }
}

open_enum! {
    /// How a resize stands, in the form that conditions have replaced.
    pub enum PodResizeStatus {
        /// The node has accepted the resize and carries it out.
        InProgress = "InProgress",
        /// The resize has to wait for room on the node.
        Deferred = "Deferred",
        /// The resize can never fit the node.
        Infeasible = "Infeasible",
    }
}

open_enum! {
    /// Whether a device works.
    pub enum ResourceHealthStatus {
        /// It works.
        Healthy = "Healthy",
        /// It does not, for the moment or for good.
        Unhealthy = "Unhealthy",
        /// Its plugin does not say.
        Unknown = "Unknown",
    }
}

open_vocabulary! {
    /// What a condition of a pod is about.
    ///
    /// Controllers add words of their own; a readiness gate waits for one of them.
    pub struct PodConditionType {
        /// The pod has a node; set by the scheduler, and by the kubelet for a pod that came with
        /// one.
        POD_SCHEDULED = "PodScheduled",
        /// The pod takes traffic: its containers are ready and its readiness gates are true.
        READY = "Ready",
        /// All init containers have done their part: ended with 0, or started if they are sidecars.
        INITIALIZED = "Initialized",
        /// All containers and sidecars are ready.
        CONTAINERS_READY = "ContainersReady",
        /// The pod's sandbox stands and has its network.
        POD_READY_TO_START_CONTAINERS = "PodReadyToStartContainers",
        /// The pod is about to be ended by preemption, eviction, a taint, pod GC or its kubelet.
        DISRUPTION_TARGET = "DisruptionTarget",
        /// A resize was asked for that the node has not accepted.
        POD_RESIZE_PENDING = "PodResizePending",
        /// A resize was accepted that is not carried out yet.
        POD_RESIZE_IN_PROGRESS = "PodResizeInProgress",
        /// All containers are being taken down to start again, as a restart rule asked.
        ALL_CONTAINERS_RESTARTING = "AllContainersRestarting",
    }
}

/// What a container does, as the one thing that it is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum StateView<'a> {
    /// Its process runs.
    Running(&'a ContainerStateRunning),
    /// Its process has ended.
    Terminated(&'a ContainerStateTerminated),
    /// It is not running yet, or not again.
    Waiting(&'a ContainerStateWaiting),
}

impl ContainerState {
    /// Returns what the container does, or `None` where nothing is set.
    ///
    /// Where a status breaks the rule and sets several, running comes before terminated, and
    /// terminated before waiting.
    ///
    /// ```
    /// use pod_lifecycle::api::{ContainerState, StateView};
    ///
    /// let state: ContainerState = serde_json::from_str(r#"{"terminated": {"exitCode": 137}}"#)?;
    /// assert!(matches!(state.view(), Some(StateView::Terminated(end)) if end.exit_code == 137));
    /// assert_eq!(ContainerState::default().view(), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn view(&self) -> Option<StateView<'_>> {
        if let Some(running) = &self.running {
            Some(StateView::Running(running))
        } else if let Some(terminated) = &self.terminated {
            Some(StateView::Terminated(terminated))
        } else {
            self.waiting.as_ref().map(StateView::Waiting)
        }
    }
}

impl PodStatus {
    /// Returns the first condition of that type.
    ///
    /// ```
    /// use pod_lifecycle::api::{PodCondition, PodConditionType, PodStatus};
    ///
    /// let status: PodStatus = serde_json::from_str(
    ///     r#"{"conditions": [{"type": "Initialized", "status": "True"}]}"#,
    /// )?;
    /// let initialized = status.condition(&PodConditionType::INITIALIZED);
    /// assert!(initialized.is_some_and(PodCondition::is_true));
    /// assert_eq!(status.condition(&"example.com/attached".into()), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn condition(&self, type_: &PodConditionType) -> Option<&PodCondition> {
        self.conditions
            .iter()
            .find(|condition| condition.type_ == *type_)
    }
}

impl PodCondition {
    /// Whether the statement holds; unknown and unset count as no.
    ///
    /// ```
    /// use pod_lifecycle::api::{ConditionStatus, PodCondition};
    ///
    /// let mut condition = PodCondition::default();
    /// assert!(!condition.is_true());
    /// condition.status = Some(ConditionStatus::True);
    /// assert!(condition.is_true());
    /// ```
    #[must_use]
    pub fn is_true(&self) -> bool {
        self.status == Some(ConditionStatus::True)
    }
}
