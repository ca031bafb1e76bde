//! The reasons that Kubernetes gives, spelled as it spells them.

macro_rules! reasons {
    ($($(#[$meta:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$meta])* pub const $name: &str = $text;)+
    };
}

reasons! {
    /// A container's image is being pulled or the container is being made.
    CONTAINER_CREATING = "ContainerCreating";
    /// A container waits for the pod's init containers.
    POD_INITIALIZING = "PodInitializing";
    /// A container waits for the end of its back-off.
    CRASH_LOOP_BACK_OFF = "CrashLoopBackOff";
    /// A container ended with exit code 0.
    COMPLETED = "Completed";
    /// A container ended with another exit code.
    ERROR = "Error";
    /// A container was killed for using too much memory.
    OOM_KILLED = "OOMKilled";
    /// A container could not be started after it had been made.
    START_ERROR = "StartError";
    /// Nobody knows how a container ended.
    CONTAINER_STATUS_UNKNOWN = "ContainerStatusUnknown";
    /// A container goes away because all containers of the pod restart.
    RESTARTING_ALL_CONTAINERS = "RestartingAllContainers";
    /// The pull of an image failed.
    ERR_IMAGE_PULL = "ErrImagePull";
    /// A pull is put off because the one before failed.
    IMAGE_PULL_BACK_OFF = "ImagePullBackOff";
    /// The image is absent and may not be pulled.
    ERR_IMAGE_NEVER_PULL = "ErrImageNeverPull";
    /// The image name cannot be read.
    INVALID_IMAGE_NAME = "InvalidImageName";
    /// The runtime could not look for an image.
    IMAGE_INSPECT_ERROR = "ImageInspectError";
    /// The image registry does not answer.
    REGISTRY_UNAVAILABLE = "RegistryUnavailable";
    /// The image's signature is not accepted.
    SIGNATURE_VALIDATION_FAILED = "SignatureValidationFailed";
    /// What a container's configuration names is missing or not allowed.
    CREATE_CONTAINER_CONFIG_ERROR = "CreateContainerConfigError";
    /// The runtime refused to make a container.
    CREATE_CONTAINER_ERROR = "CreateContainerError";
    /// The runtime refused to start a container.
    RUN_CONTAINER_ERROR = "RunContainerError";
    /// A container's postStart hook failed.
    POST_START_HOOK_ERROR = "PostStartHookError";
    /// Condition: every init container has done its part and the pod is over.
    POD_COMPLETED = "PodCompleted";
    /// Condition: the pod has failed.
    POD_FAILED = "PodFailed";
    /// Condition: some container is not ready.
    CONTAINERS_NOT_READY = "ContainersNotReady";
    /// Condition: some init container is not done.
    CONTAINERS_NOT_INITIALIZED = "ContainersNotInitialized";
    /// Condition: nothing is known of the containers.
    UNKNOWN_CONTAINER_STATUSES = "UnknownContainerStatuses";
    /// Condition: some readiness gate is not true.
    READINESS_GATES_NOT_READY = "ReadinessGatesNotReady";
    /// Condition: the pod waits for its scheduling gates.
    SCHEDULING_GATED = "SchedulingGated";
    /// Condition: no node takes the pod.
    UNSCHEDULABLE = "Unschedulable";
    /// Condition: all containers are being taken down to start again.
    RESTART_ALL_CONTAINERS_STARTED = "RestartAllContainersStarted";
    /// Condition: a resize has to wait for room on the node.
    DEFERRED = "Deferred";
    /// Condition: a resize can never fit the node.
    INFEASIBLE = "Infeasible";
    /// Pod: it ran longer than its active deadline.
    DEADLINE_EXCEEDED = "DeadlineExceeded";
    /// Pod: it was evicted by its node.
    EVICTED = "Evicted";
    /// Pod: its node is lost.
    NODE_LOST = "NodeLost";
}
