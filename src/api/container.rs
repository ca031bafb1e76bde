//! The containers of a pod: what to run, with which resources, mounts and restart rules.
//!
//! [`Container`] serves for init containers (those with `restartPolicy: Always` are sidecars)
//! and regular ones, [`EphemeralContainer`] for what is added to a running pod to look into it.
//! [`AnyContainer`] is a view of one container of whichever kind.
//!
//! ```
//! use pod_lifecycle::api::{Container, PullPolicy, ResourceName};
//!
//! let container: Container = serde_json::from_str(
//!     r#"{"name": "web", "image": "nginx:1.27", "imagePullPolicy": "IfNotPresent",
//!         "resources": {"requests": {"cpu": "250m"}}}"#,
//! )?;
//! assert_eq!(container.image_pull_policy, Some(PullPolicy::IfNotPresent));
//! assert!(container.resources.requests.contains_key(&ResourceName::CPU));
//! assert_eq!(container.restart_policy, None);
//! # Ok::<(), serde_json::Error>(())
//! ```

use alloc::{borrow::Cow, boxed::Box, collections::BTreeMap, string::String, vec::Vec};

use super::env::{EnvFromSource, EnvVar};
use super::probe::{Lifecycle, Probe};
use super::security::SecurityContext;
use crate::quantity::Quantity;

wire_struct! {
    /// A container that the kubelet starts as part of a pod.
    pub struct Container {
        /// Name, a DNS label, unique among all containers of the pod; never changes.
        pub name: String => "name",
        /// Image to run; when it changes, the kubelet kills the container and starts a new one.
        pub image: String => "image" omitempty,
        /// Program and first arguments, in place of the image's entry point; empty means the
        /// image's. `$(NAME)` stands for a variable of [`env`](Self::env), and no shell is
        /// involved.
        pub command: Vec<String> => "command" omitempty,
        /// Arguments, in place of the image's own; empty means the image's, unless
        /// [`command`](Self::command) is given. `$(NAME)` stands for a variable.
        pub args: Vec<String> => "args" omitempty,
        /// Directory to start in; empty means the image's, or the runtime's default.
        pub working_dir: String => "workingDir" omitempty,
        /// Ports that the container listens on; without a host port, an entry opens nothing and
        /// only gives probes and services a name to use.
        pub ports: Vec<ContainerPort> => "ports" omitempty,
        /// Objects whose keys all become environment variables; later ones win.
        pub env_from: Vec<EnvFromSource> => "envFrom" omitempty,
        /// Environment variables; they win over [`env_from`](Self::env_from), and later ones over
        /// earlier.
        pub env: Vec<EnvVar> => "env" omitempty,
        /// What the container requests and may use at most.
        pub resources: ResourceRequirements => "resources",
        /// Per resource, whether a resize restarts the container; a resource without an entry is
        /// resized in place.
        pub resize_policy: Vec<ContainerResizePolicy> => "resizePolicy" omitempty,
        /// When the container is restarted, in place of the pod's policy; absent means the pod's.
        /// `Always` on an init container makes it a sidecar.
        pub restart_policy: Option<ContainerRestartPolicy> => "restartPolicy" omitempty,
        /// Rules on exit codes that come before the policy, the first match deciding; at most 20,
        /// and only beside a [`restart_policy`](Self::restart_policy) of its own.
        pub restart_policy_rules: Vec<ContainerRestartRule> => "restartPolicyRules" omitempty,
        /// Volumes of the pod that appear in the container's file system.
        pub volume_mounts: Vec<VolumeMount> => "volumeMounts" omitempty,
        /// Volumes of the pod that appear in the container as block devices.
        pub volume_devices: Vec<VolumeDevice> => "volumeDevices" omitempty,
        /// Asks whether the container still works; the kubelet kills it when this fails. Absent
        /// means it does.
        pub liveness_probe: Option<Box<Probe>> => "livenessProbe" omitempty,
        /// Asks whether the container can serve; while it fails, the pod is not ready. Absent
        /// means ready once started.
        pub readiness_probe: Option<Box<Probe>> => "readinessProbe" omitempty,
        /// Asks whether the container has come up; until it succeeds, the other probes wait, and
        /// if it fails, the kubelet kills the container. Absent means up at once.
        pub startup_probe: Option<Box<Probe>> => "startupProbe" omitempty,
        /// Hooks that run after the start and before the stop; absent means none.
        pub lifecycle: Option<Box<Lifecycle>> => "lifecycle" omitempty,
        /// File inside the container of which the kubelet publishes up to 4096 bytes when the
        /// container ends; the API server sets `/dev/termination-log`.
        pub termination_message_path: String => "terminationMessagePath" omitempty,
        /// Where that message comes from; the API server sets
        /// [`File`](TerminationMessagePolicy::File).
        pub termination_message_policy: Option<TerminationMessagePolicy> => "terminationMessagePolicy" text omitempty,
        /// When the image is pulled; the API server sets [`Always`](PullPolicy::Always) for the
        /// tag `latest` or none, else [`IfNotPresent`](PullPolicy::IfNotPresent).
        pub image_pull_policy: Option<PullPolicy> => "imagePullPolicy" text omitempty,
        /// User, privileges and confinement; each part that is set replaces the pod's.
        pub security_context: Option<Box<SecurityContext>> => "securityContext" omitempty,
        /// Whether standard input stays open for clients to attach to; otherwise reading it ends
        /// at once.
        pub stdin: bool => "stdin" omitempty,
        /// Whether standard input closes when the first attached client leaves.
        pub stdin_once: bool => "stdinOnce" omitempty,
        /// Whether the container gets a terminal; needs [`stdin`](Self::stdin) to be of use.
        pub tty: bool => "tty" omitempty,
    }
}

wire_struct! {
    /// A container that is added to a running pod, to look into it; it is never restarted and
    /// never removed.
    ///
    /// It comes through the pod's `ephemeralcontainers` subresource and repeats the fields of
    /// [`Container`], of which validation refuses those that make no sense here.
    pub struct EphemeralContainer {
        /// Name, a DNS label, unique among all containers of the pod.
        pub name: String => "name",
        /// Image to run.
        pub image: String => "image" omitempty,
        /// Program and first arguments, in place of the image's entry point; empty means the
        /// image's.
        pub command: Vec<String> => "command" omitempty,
        /// Arguments, in place of the image's own; empty means the image's, unless
        /// [`command`](Self::command) is given.
        pub args: Vec<String> => "args" omitempty,
        /// Directory to start in; empty means the image's, or the runtime's default.
        pub working_dir: String => "workingDir" omitempty,
        /// Refused by validation.
        pub ports: Vec<ContainerPort> => "ports" omitempty,
        /// Objects whose keys all become environment variables; later ones win.
        pub env_from: Vec<EnvFromSource> => "envFrom" omitempty,
        /// Environment variables; they win over [`env_from`](Self::env_from), and later ones over
        /// earlier.
        pub env: Vec<EnvVar> => "env" omitempty,
        /// Refused by validation: it uses what the pod has left.
        pub resources: ResourceRequirements => "resources",
        /// Refused by validation.
        pub resize_policy: Vec<ContainerResizePolicy> => "resizePolicy" omitempty,
        /// Refused by validation: it is never restarted.
        pub restart_policy: Option<ContainerRestartPolicy> => "restartPolicy" omitempty,
        /// Refused by validation.
        pub restart_policy_rules: Vec<ContainerRestartRule> => "restartPolicyRules" omitempty,
        /// Volumes of the pod that appear in the container's file system; a path inside the volume
        /// is refused.
        pub volume_mounts: Vec<VolumeMount> => "volumeMounts" omitempty,
        /// Volumes of the pod that appear in the container as block devices.
        pub volume_devices: Vec<VolumeDevice> => "volumeDevices" omitempty,
        /// Refused by validation.
        pub liveness_probe: Option<Box<Probe>> => "livenessProbe" omitempty,
        /// Refused by validation.
        pub readiness_probe: Option<Box<Probe>> => "readinessProbe" omitempty,
        /// Refused by validation.
        pub startup_probe: Option<Box<Probe>> => "startupProbe" omitempty,
        /// Refused by validation.
        pub lifecycle: Option<Box<Lifecycle>> => "lifecycle" omitempty,
        /// File inside the container of which the kubelet publishes up to 4096 bytes when the
        /// container ends; the API server sets `/dev/termination-log`.
        pub termination_message_path: String => "terminationMessagePath" omitempty,
        /// Where that message comes from; the API server sets
        /// [`File`](TerminationMessagePolicy::File).
        pub termination_message_policy: Option<TerminationMessagePolicy> => "terminationMessagePolicy" text omitempty,
        /// When the image is pulled; set by the API server as for a [`Container`].
        pub image_pull_policy: Option<PullPolicy> => "imagePullPolicy" text omitempty,
        /// User, privileges and confinement; each part that is set replaces the pod's.
        pub security_context: Option<Box<SecurityContext>> => "securityContext" omitempty,
        /// Whether standard input stays open for clients to attach to; otherwise reading it ends
        /// at once.
        pub stdin: bool => "stdin" omitempty,
        /// Whether standard input closes when the first attached client leaves.
        pub stdin_once: bool => "stdinOnce" omitempty,
        /// Whether the container gets a terminal; needs [`stdin`](Self::stdin) to be of use.
        pub tty: bool => "tty" omitempty,
        /// Init or regular container whose processes this one sees; empty means the pod's own
        /// sharing.
        pub target_container_name: String => "targetContainerName" omitempty,
    }
}

wire_struct! {
    /// A port that a container listens on.
    pub struct ContainerPort {
        /// Name by which probes and services may refer to the port; at most 15 characters, unique
        /// in the pod.
        pub name: String => "name" omitempty,
        /// Port of the node that leads here, from 1; 0 means none. On the host's network the API
        /// server sets it to [`container_port`](Self::container_port).
        pub host_port: i32 => "hostPort" omitempty,
        /// Port number inside the pod, 1 to 65535.
        pub container_port: i32 => "containerPort",
        /// Protocol; the API server sets [`Tcp`](Protocol::Tcp).
        pub protocol: Option<Protocol> => "protocol" text omitempty,
        /// Address of the node that the host port is bound to; empty means all of them.
        pub host_ip: String => "hostIP" omitempty,
    }
}

wire_struct! {
    /// What a container, or a whole pod, requests and may use at most.
    pub struct ResourceRequirements {
        /// The most that may be used: CPU beyond it is throttled, memory beyond it gets the
        /// container killed; a missing resource is not limited.
        pub limits: ResourceList => "limits" omitempty,
        /// What the scheduler sets aside on the node; for a missing resource the API server copies
        /// the limit, and without one nothing is set aside.
        pub requests: ResourceList => "requests" omitempty,
        /// Entries of [`PodSpec::resource_claims`](super::PodSpec::resource_claims) whose devices
        /// the container uses.
        pub claims: Vec<ResourceClaim> => "claims" omitempty,
    }
}

wire_struct! {
    /// Use of a device claim of the pod.
    pub struct ResourceClaim {
        /// Name of the entry in [`PodSpec::resource_claims`](super::PodSpec::resource_claims).
        pub name: String => "name",
        /// The one request in the claim whose devices are used; empty means all.
        pub request: String => "request" omitempty,
    }
}

wire_struct! {
    /// What a resize of one resource does to a running container.
    pub struct ContainerResizePolicy {
        /// The resource, `cpu` or `memory`.
        pub resource_name: ResourceName => "resourceName",
        /// Whether the container is restarted; absent is invalid.
        pub restart_policy: Option<ResourceResizeRestartPolicy> => "restartPolicy" text,
    }
}

wire_struct! {
    /// What to do when a container ends with certain exit codes.
    pub struct ContainerRestartRule {
        /// What is done when the rule matches; absent is invalid.
        pub action: Option<ContainerRestartRuleAction> => "action" text omitempty,
        /// The exit codes that the rule matches; absent is invalid.
        pub exit_codes: Option<Box<ContainerRestartRuleOnExitCodes>> => "exitCodes" omitempty,
    }
}

wire_struct! {
    /// A set of exit codes.
    pub struct ContainerRestartRuleOnExitCodes {
        /// Whether [`values`](Self::values) are the set, or are left out of it; absent is invalid.
        pub operator: Option<ContainerRestartRuleOnExitCodesOperator> => "operator" text omitempty,
        /// At most 255 exit codes.
        pub values: Vec<i32> => "values" omitempty,
    }
}

wire_struct! {
    /// A place in a container's file system where a volume appears.
    pub struct VolumeMount {
        /// Name of the volume, as in [`PodSpec::volumes`](super::PodSpec::volumes).
        pub name: String => "name",
        /// Whether the container may not write to it.
        pub read_only: bool => "readOnly" omitempty,
        /// Whether mounts below it are read-only too; absent means
        /// [`Disabled`](RecursiveReadOnlyMode::Disabled).
        pub recursive_read_only: Option<RecursiveReadOnlyMode> => "recursiveReadOnly" omitempty,
        /// Path in the container; each may be used once.
        pub mount_path: String => "mountPath",
        /// Path inside the volume that appears instead of its root, relative and without `..`.
        pub sub_path: String => "subPath" omitempty,
        /// Whether mounts made on one side show on the other; absent means
        /// [`None`](MountPropagationMode::None).
        pub mount_propagation: Option<MountPropagationMode> => "mountPropagation" omitempty,
        /// As [`sub_path`](Self::sub_path), with `$(NAME)` for the container's variables; only one
        /// of the two may be set.
        pub sub_path_expr: String => "subPathExpr" omitempty,
    }
}

wire_struct! {
    /// A place in a container where a volume appears as a block device.
    pub struct VolumeDevice {
        /// Name of the volume, which must be a claim, given or made for the pod, in block mode.
        pub name: String => "name",
        /// Path of the device in the container; each may be used once.
        pub device_path: String => "devicePath",
    }
}

open_enum! {
    /// When the kubelet restarts one container that has ended.
    pub enum ContainerRestartPolicy {
        /// After every exit; an init container with it is a sidecar.
        Always = "Always",
        /// Not at all.
        Never = "Never",
        /// After an exit code other than zero.
        OnFailure = "OnFailure",
    }
}

open_enum! {
    /// When the kubelet pulls a container's image.
    pub enum PullPolicy {
        /// Before every start; what the node has already is not fetched again.
        Always = "Always",
        /// When the node does not have the image.
        IfNotPresent = "IfNotPresent",
        /// Not at all; without the image on the node the container waits with `ErrImageNeverPull`.
        Never = "Never",
    }
}

open_enum! {
    /// Transport protocol of a port.
    pub enum Protocol {
        /// SCTP.
        Sctp = "SCTP",
        /// TCP.
        Tcp = "TCP",
        /// UDP.
        Udp = "UDP",
    }
}

open_enum! {
    /// Where the message of an ended container comes from.
    pub enum TerminationMessagePolicy {
        /// From the [message file](Container::termination_message_path) alone.
        File = "File",
        /// From the file, or if that is empty and the container failed, from the end of its log:
        /// at most 80 lines or 2048 bytes.
        FallbackToLogsOnError = "FallbackToLogsOnError",
    }
}

open_enum! {
    /// Whether mounts made on one side of a volume show on the other.
    pub enum MountPropagationMode {
        /// Mounts made in the container show on the node too, and in all pods that use the volume;
        /// only for privileged containers.
        Bidirectional = "Bidirectional",
        /// Mounts made on the node show in the container.
        HostToContainer = "HostToContainer",
        /// Neither way.
        None = "None",
    }
}

open_enum! {
    /// Whether a read-only mount makes the mounts below it read-only.
    pub enum RecursiveReadOnlyMode {
        /// It does not.
        Disabled = "Disabled",
        /// It does, and where the runtime cannot do so the pod is not started.
        Enabled = "Enabled",
        /// It does where the runtime can.
        IfPossible = "IfPossible",
    }
}

open_enum! {
    /// Whether a container is restarted to take a new amount of a resource.
    pub enum ResourceResizeRestartPolicy {
        /// The amount changes under the running container, if the runtime can.
        NotRequired = "NotRequired",
        /// The container is restarted.
        RestartContainer = "RestartContainer",
    }
}

open_enum! {
    /// What a matching restart rule does.
    pub enum ContainerRestartRuleAction {
        /// Restarts the container, whatever its policy says.
        Restart = "Restart",
        /// Restarts the whole pod in its place, from the first init container on.
        RestartAllContainers = "RestartAllContainers",
    }
}

open_enum! {
    /// How an exit code is compared with a rule's values.
    pub enum ContainerRestartRuleOnExitCodesOperator {
        /// It is one of them.
        In = "In",
        /// It is none of them.
        NotIn = "NotIn",
    }
}

open_vocabulary! {
    /// Name of a resource that nodes have and containers request.
    ///
    /// Beside these there are `hugepages-` with a page size, in bytes, and extended resources such
    /// as `example.com/gpu`, counted.
    pub struct ResourceName {
        /// Processor time, in cores, down to thousandths.
        CPU = "cpu",
        /// Memory, in bytes.
        MEMORY = "memory",
        /// Space on the node's own disk, for logs, writable layers and `emptyDir` volumes, in
        /// bytes.
        EPHEMERAL_STORAGE = "ephemeral-storage",
        /// Size of a volume, in bytes; used by claims.
        STORAGE = "storage",
        /// Pods, as a node's capacity counts them.
        PODS = "pods",
    }
}

/// Amounts by resource, in the unit that each [`ResourceName`] says.
pub type ResourceList = BTreeMap<ResourceName, Quantity>;

impl Container {
    /// Whether an init container is a sidecar: one that is restarted always, and runs on beside the
    /// regular containers.
    ///
    /// Asked of a regular container the answer means nothing; [`AnyContainer::is_sidecar`] knows.
    ///
    /// ```
    /// use pod_lifecycle::api::Container;
    ///
    /// let proxy: Container = serde_json::from_str(r#"{"restartPolicy": "Always"}"#)?;
    /// assert!(proxy.is_sidecar());
    /// assert!(!Container::default().is_sidecar());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn is_sidecar(&self) -> bool {
        self.restart_policy == Some(ContainerRestartPolicy::Always)
    }
}

impl EphemeralContainer {
    /// Returns the container that this one would be in another list: all but
    /// [`target_container_name`](Self::target_container_name).
    ///
    /// ```
    /// use pod_lifecycle::api::EphemeralContainer;
    ///
    /// let shell: EphemeralContainer =
    ///     serde_json::from_str(r#"{"name": "shell", "image": "busybox", "tty": true}"#)?;
    /// let container = shell.to_container();
    /// assert_eq!((container.name.as_str(), container.tty), ("shell", true));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn to_container(&self) -> Container {
        Container {
            name: self.name.clone(),
            image: self.image.clone(),
            command: self.command.clone(),
            args: self.args.clone(),
            working_dir: self.working_dir.clone(),
            ports: self.ports.clone(),
            env_from: self.env_from.clone(),
            env: self.env.clone(),
            resources: self.resources.clone(),
            resize_policy: self.resize_policy.clone(),
            restart_policy: self.restart_policy.clone(),
            restart_policy_rules: self.restart_policy_rules.clone(),
            volume_mounts: self.volume_mounts.clone(),
            volume_devices: self.volume_devices.clone(),
            liveness_probe: self.liveness_probe.clone(),
            readiness_probe: self.readiness_probe.clone(),
            startup_probe: self.startup_probe.clone(),
            lifecycle: self.lifecycle.clone(),
            termination_message_path: self.termination_message_path.clone(),
            termination_message_policy: self.termination_message_policy.clone(),
            image_pull_policy: self.image_pull_policy.clone(),
            security_context: self.security_context.clone(),
            stdin: self.stdin,
            stdin_once: self.stdin_once,
            tty: self.tty,
        }
    }
}

/// Which of a pod's lists a container stands in.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum ContainerKind {
    /// `initContainers`, sidecars among them.
    Init,
    /// `containers`.
    Regular,
    /// `ephemeralContainers`.
    Ephemeral,
}

/// A container of a pod, whichever list it stands in.
///
/// ```
/// use pod_lifecycle::api::{AnyContainer, PodSpec};
///
/// let spec: PodSpec = serde_json::from_str(
///     r#"{"initContainers": [{"name": "proxy", "restartPolicy": "Always"}],
///         "containers": [{"name": "app", "restartPolicy": "Always"}]}"#,
/// )?;
/// let sidecars: Vec<_> =
///     spec.all_containers().filter(AnyContainer::is_sidecar).map(|found| found.name()).collect();
/// assert_eq!(sidecars, ["proxy"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AnyContainer<'a> {
    /// An init container, which may be a sidecar.
    Init(&'a Container),
    /// A regular container.
    Regular(&'a Container),
    /// A container that was added to the running pod.
    Ephemeral(&'a EphemeralContainer),
}

impl<'a> AnyContainer<'a> {
    /// Returns the list that the container stands in.
    ///
    /// ```
    /// use pod_lifecycle::api::{AnyContainer, Container, ContainerKind};
    ///
    /// let container = Container::default();
    /// assert_eq!(AnyContainer::Regular(&container).kind(), ContainerKind::Regular);
    /// ```
    #[must_use]
    pub fn kind(&self) -> ContainerKind {
        match self {
            Self::Init(_) => ContainerKind::Init,
            Self::Regular(_) => ContainerKind::Regular,
            Self::Ephemeral(_) => ContainerKind::Ephemeral,
        }
    }

    /// Returns the container's name.
    ///
    /// ```
    /// use pod_lifecycle::api::{AnyContainer, EphemeralContainer};
    ///
    /// let shell = EphemeralContainer { name: "shell".into(), ..Default::default() };
    /// assert_eq!(AnyContainer::Ephemeral(&shell).name(), "shell");
    /// ```
    #[must_use]
    pub fn name(&self) -> &'a str {
        match self {
            Self::Init(container) | Self::Regular(container) => &container.name,
            Self::Ephemeral(container) => &container.name,
        }
    }

    /// Whether it is an init container that is restarted always.
    ///
    /// ```
    /// use pod_lifecycle::api::{AnyContainer, Container, ContainerRestartPolicy};
    ///
    /// let always = Container {
    ///     restart_policy: Some(ContainerRestartPolicy::Always),
    ///     ..Container::default()
    /// };
    /// assert!(AnyContainer::Init(&always).is_sidecar());
    /// assert!(!AnyContainer::Regular(&always).is_sidecar());
    /// ```
    #[must_use]
    pub fn is_sidecar(&self) -> bool {
        matches!(self, Self::Init(container) if container.is_sidecar())
    }

    /// Returns the container as it stands, or [converted](EphemeralContainer::to_container).
    ///
    /// ```
    /// use pod_lifecycle::api::{AnyContainer, Container};
    ///
    /// let container = Container { image: "nginx".into(), ..Container::default() };
    /// assert_eq!(AnyContainer::Init(&container).to_container().image, "nginx");
    /// ```
    #[must_use]
    pub fn to_container(&self) -> Cow<'a, Container> {
        match self {
            Self::Init(container) | Self::Regular(container) => Cow::Borrowed(container),
            Self::Ephemeral(container) => Cow::Owned(container.to_container()),
        }
    }
}
