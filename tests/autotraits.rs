//! Every public type can be sent to another thread, shared with one, moved while borrowed, and printed.

use std::{collections::BTreeMap, fmt::Debug, fs, path::Path};

use pod_lifecycle::{
    admission, api, disruption, field, format, image, kubectl, labels, lifecycle, machine,
    quantity, resources, scheduling, sim, tolerations,
};

macro_rules! public_types {
    ($list:ident: $($bound:ident)+; $($type:ty,)+) => {
        const $list: &[&str] = &[$(stringify!($type)),+];

        /// Compiles only if it holds.
        const _: fn() = || {
            fn is_well_behaved<T: $($bound +)+>() {}
            $(is_well_behaved::<$type>();)+
        };
    };
}

// What has a lifetime stands here with one, what has a parameter with some type.
public_types! {
    EVERYWHERE: Send Sync Unpin Debug;

    admission::BindError, admission::Created, admission::Options, admission::Warning,
    admission::delete::Conflict, admission::delete::Deleted, admission::delete::Deletion,
    admission::delete::Options, admission::delete::Outcome, admission::delete::Preconditions,
    admission::static_pod::Refused,
    admission::static_pod::Source<'static>, admission::strict::DecodeError<&'static str>,
    admission::strict::Decoded<&'static str>, admission::strict::Finding,
    admission::strict::StrictError, admission::validation::Options,

    api::AWSElasticBlockStoreVolumeSource, api::Affinity, api::AnyContainer<'static>,
    api::AppArmorProfile, api::AppArmorProfileType, api::AttachedVolume,
    api::AzureDataDiskCachingMode, api::AzureDataDiskKind, api::AzureDiskVolumeSource,
    api::AzureFileVolumeSource, api::Binding, api::CSIVolumeSource, api::Capabilities,
    api::Capability, api::CephFSVolumeSource, api::CinderVolumeSource,
    api::ClusterTrustBundleProjection, api::Condition, api::ConditionStatus,
    api::ConfigMapEnvSource, api::ConfigMapKeySelector, api::ConfigMapNodeConfigSource,
    api::ConfigMapProjection, api::ConfigMapVolumeSource, api::Container,
    api::ContainerExtendedResourceRequest, api::ContainerImage, api::ContainerKind,
    api::ContainerPort, api::ContainerResizePolicy, api::ContainerRestartPolicy,
    api::ContainerRestartRule, api::ContainerRestartRuleAction,
    api::ContainerRestartRuleOnExitCodes, api::ContainerRestartRuleOnExitCodesOperator,
    api::ContainerState, api::ContainerStateRunning, api::ContainerStateTerminated,
    api::ContainerStateWaiting, api::ContainerStatus, api::ContainerUser, api::DNSPolicy,
    api::DaemonEndpoint, api::DownwardAPIProjection, api::DownwardAPIVolumeFile,
    api::DownwardAPIVolumeSource, api::EmptyDirVolumeSource, api::EnvFromSource, api::EnvVar,
    api::EnvVarSource, api::EphemeralContainer, api::EphemeralVolumeSource, api::ExecAction,
    api::FCVolumeSource, api::FieldsV1, api::FileKeySelector, api::FlexVolumeSource,
    api::FlockerVolumeSource, api::GCEPersistentDiskVolumeSource, api::GRPCAction,
    api::GitRepoVolumeSource, api::GlusterfsVolumeSource, api::HTTPGetAction, api::HTTPHeader,
    api::Handler<'static>, api::HostAlias, api::HostIP, api::HostPathType,
    api::HostPathVolumeSource, api::ISCSIVolumeSource, api::ImageVolumeSource,
    api::ImageVolumeStatus, api::IntOrString, api::KeyToPath, api::LabelSelector,
    api::LabelSelectorOperator, api::LabelSelectorRequirement, api::Lifecycle,
    api::LifecycleHandler, api::LinuxContainerUser, api::LocalObjectReference,
    api::ManagedFieldsEntry, api::ManagedFieldsOperationType, api::MicroTime,
    api::MountPropagationMode, api::NFSVolumeSource, api::Namespace, api::NamespaceCondition,
    api::NamespacePhase, api::NamespaceSpec, api::NamespaceStatus, api::Node, api::NodeAddress,
    api::NodeAddressType, api::NodeAffinity, api::NodeAllocatableResourceClaimStatus,
    api::NodeCondition, api::NodeConditionType, api::NodeConfigSource, api::NodeConfigStatus,
    api::NodeDaemonEndpoints, api::NodeFeatures, api::NodeInclusionPolicy, api::NodePhase,
    api::NodeRuntimeHandler, api::NodeRuntimeHandlerFeatures, api::NodeSelector,
    api::NodeSelectorOperator, api::NodeSelectorRequirement, api::NodeSelectorTerm, api::NodeSpec,
    api::NodeStatus, api::NodeSwapStatus, api::NodeSystemInfo, api::OSName,
    api::ObjectFieldSelector, api::ObjectMeta, api::ObjectReference, api::Overhead,
    api::OwnerReference, api::ParseTimeError, api::PersistentVolumeAccessMode,
    api::PersistentVolumeClaimSpec, api::PersistentVolumeClaimTemplate,
    api::PersistentVolumeClaimVolumeSource, api::PersistentVolumeMode,
    api::PhotonPersistentDiskVolumeSource, api::Pod, api::PodAffinity, api::PodAffinityTerm,
    api::PodAntiAffinity, api::PodCertificateProjection, api::PodCondition, api::PodConditionType,
    api::PodDNSConfig, api::PodDNSConfigOption, api::PodDisruptionBudget,
    api::PodDisruptionBudgetSpec, api::PodDisruptionBudgetStatus,
    api::PodExtendedResourceClaimStatus, api::PodFSGroupChangePolicy, api::PodIP, api::PodOS,
    api::PodPhase, api::PodQOSClass, api::PodReadinessGate, api::PodResizeStatus,
    api::PodResourceClaim, api::PodResourceClaimStatus, api::PodSELinuxChangePolicy,
    api::PodSchedulingGate, api::PodSchedulingGroup, api::PodSecurityContext, api::PodSpec,
    api::PodStatus, api::PodTemplate, api::PodTemplateSpec, api::PortworxVolumeSource,
    api::PreemptionPolicy, api::PreferredSchedulingTerm, api::PriorityClass, api::Probe,
    api::ProcMountType, api::ProjectedVolumeSource, api::Protocol, api::PullPolicy,
    api::QuobyteVolumeSource, api::RBDVolumeSource, api::RecursiveReadOnlyMode, api::ResourceClaim,
    api::ResourceFieldSelector, api::ResourceHealth, api::ResourceHealthStatus, api::ResourceName,
    api::ResourceRequirements, api::ResourceResizeRestartPolicy, api::ResourceStatus,
    api::RestartPolicy, api::RuntimeClass, api::SELinuxOptions, api::ScaleIOVolumeSource,
    api::Scheduling, api::SeccompProfile, api::SeccompProfileType, api::SecretEnvSource,
    api::SecretKeySelector, api::SecretProjection, api::SecretVolumeSource, api::SecurityContext,
    api::ServiceAccountTokenProjection, api::Signal, api::SleepAction, api::StateView<'static>,
    api::StorageMedium, api::StorageOSVolumeSource, api::SupplementalGroupsPolicy, api::Sysctl,
    api::TCPSocketAction, api::Taint, api::TaintEffect, api::TerminationMessagePolicy, api::Time,
    api::Toleration, api::TolerationOperator, api::TopologySpreadConstraint,
    api::TypedLocalObjectReference, api::TypedObjectReference, api::URIScheme,
    api::UnhealthyPodEvictionPolicyType, api::Unrecognized, api::UnsatisfiableConstraintAction,
    api::Volume, api::VolumeDevice, api::VolumeMount, api::VolumeMountStatus,
    api::VolumeProjection, api::VolumeResourceRequirements, api::VolumeSource<'static>,
    api::VolumeStatus, api::VsphereVirtualDiskVolumeSource, api::WeightedPodAffinityTerm,
    api::WindowsSecurityContextOptions,

    disruption::eviction::Candidate<'static>, disruption::eviction::ContainerStats,
    disruption::eviction::DiskUse, disruption::eviction::FsStats, disruption::eviction::MemoryStats,
    disruption::eviction::Crossed, disruption::eviction::Notice, disruption::node_lost::Fate,
    disruption::eviction::PodStats, disruption::eviction::Pressure<'static>,
    disruption::eviction::ProcessStats, disruption::eviction::VolumeStats,
    disruption::gc::Collected<'static>, disruption::gc::Reason, disruption::preemption::Requirement,
    disruption::shutdown::Ending<'static>, disruption::shutdown::Phase<'static>,
    disruption::shutdown::ShutdownGracePeriodByPodPriority, disruption::taints::Stay, disruption::taints::Timer,

    field::At<'static>, field::BadValue, field::Difference, field::DifferenceKind, field::ErrorKind, field::FieldError, field::FieldErrors,
    field::FieldPath, field::Seen<&'static str>,

    format::Violations,

    image::ParseImageError, image::Reference<'static>,

    kubectl::Columns, kubectl::HumanDuration, kubectl::Restarts, kubectl::Row<'static>,
    kubectl::Table<'static>, kubectl::Tally,

    labels::NodeSelector<'static>, labels::NodeSelectorTerm<'static>, labels::Selector<'static>,

    lifecycle::back_off::Attempt, lifecycle::back_off::BackOff, lifecycle::back_off::BackOffs,
    lifecycle::back_off::Entry, lifecycle::back_off::NodeOptions, lifecycle::endpoint::Conditions,
    lifecycle::endpoint::Family, lifecycle::endpoint::Publish,
    lifecycle::expand::MissingVariableError, lifecycle::explain::Cause<'static>,
    lifecycle::explain::Needs<'static>, lifecycle::explain::NotRestarted<'static>, lifecycle::explain::Role,
    lifecycle::explain::Standing<'static>, lifecycle::health::ExitReason,
    lifecycle::health::Health<'static>, lifecycle::health::Outlook, lifecycle::health::Restarts,
    lifecycle::health::Trouble, lifecycle::health::Waiting<'static>,
    lifecycle::health::WaitingReason, lifecycle::hostname::HostName,
    lifecycle::hostname::HostNameError, lifecycle::image::ImageDecision<'static>,
    lifecycle::image::ImageRequest<'static>, lifecycle::image::LocalImage,
    lifecycle::image::PullFailure, lifecycle::observation::NetworkMode,
    lifecycle::observation::Observation, lifecycle::observation::ObservedContainer,
    lifecycle::observation::ObservedResources, lifecycle::observation::ObservedState,
    lifecycle::observation::Sandbox, lifecycle::observation::SandboxState,
    lifecycle::plan::ActuatedResources, lifecycle::plan::Amounts, lifecycle::plan::Kill<'static>,
    lifecycle::plan::Plan<'static>, lifecycle::plan::PlanInput<'static>,
    lifecycle::plan::Reset<'static>, lifecycle::plan::Update<'static>, lifecycle::probe::Answer,
    lifecycle::probe::Kind, lifecycle::probe::Next, lifecycle::probe::Outcome,
    lifecycle::probe::Settings, lifecycle::probe::Tick, lifecycle::probe::TickInput<'static>,
    lifecycle::probe::Worker, lifecycle::probe::Workers<'static>,
    lifecycle::resize::MemoryInUse<'static>, lifecycle::resize::Obstacle,
    lifecycle::resize::Report, lifecycle::resize::Resizing, lifecycle::resize::Room<'static>,
    lifecycle::restart::Policy<'static>, lifecycle::static_pod::MirrorAction,
    lifecycle::static_pod::StaticPods,
    lifecycle::status::Activity<'static>, lifecycle::status::ContainerStatuses,
    lifecycle::status::Eviction<'static>, lifecycle::status::IllegalTransition,
    lifecycle::status::MergeInput<'static>, lifecycle::status::PhaseInput<'static>,
    lifecycle::status::PodCgroup, lifecycle::status::ProbeState,
    lifecycle::status::Record<'static>, lifecycle::status::Remains,
    lifecycle::status::Resize<'static>, lifecycle::status::StartFailure<'static>,
    lifecycle::status::Statuses<'static>, lifecycle::status::Update,
    lifecycle::status::conditions::ConditionsInput<'static>, lifecycle::termination::Ending,
    lifecycle::termination::KillReason, lifecycle::termination::Stage,
    lifecycle::termination::Stop, lifecycle::termination::StopInput,
    lifecycle::termination::Stopped, lifecycle::volume::Event, lifecycle::volume::Lifetime,
    lifecycle::worker::Arrival<'static>, lifecycle::worker::Call,
    lifecycle::worker::Config, lifecycle::worker::Failure, lifecycle::worker::Kill,
    lifecycle::worker::KnownWorker, lifecycle::worker::Receipt, lifecycle::worker::Requeue,
    lifecycle::worker::RequeueSettings, lifecycle::worker::Stage, lifecycle::worker::SyncResult,
    lifecycle::worker::Update, lifecycle::worker::UpdateKind, lifecycle::worker::Worker,
    lifecycle::worker::Workers,

    machine::Action, machine::Config, machine::ContainerError, machine::Deadline,
    machine::DeadlineReason, machine::Eviction, machine::Exit, machine::Hook,
    machine::ImagePresence, machine::Input, machine::InputError, machine::Pacing,
    machine::ParkedMachine, machine::PodMachine, machine::PullError, machine::ResizeDecision, machine::Stage,

    quantity::Format, quantity::ParseQuantityError, quantity::Quantity, quantity::Scale,

    resources::Options,

    scheduling::Code, scheduling::Cycle<'static>, scheduling::Misfit, scheduling::NodeId,
    scheduling::Outcome, scheduling::Placement, scheduling::Plugin, scheduling::PodId,
    scheduling::Snapshot, scheduling::Verdict, scheduling::declared_features::Required,
    scheduling::node_admission::Admission, scheduling::node_admission::Rejection,
    scheduling::node_admission::Shortage, scheduling::node_affinity::NodeAffinity<'static>,
    scheduling::ports::HostPorts, scheduling::preemption::Attempt,
    scheduling::preemption::Candidate, scheduling::preemption::Choice,
    scheduling::preemption::Finding, scheduling::preemption::Preemption,
    scheduling::resources::Amounts, scheduling::resources::Ignored<'static>,
    scheduling::resources::Insufficient, scheduling::resources::NodeResources,
    scheduling::resources::Request, scheduling::score::Ranking, scheduling::score::Score,
    scheduling::score::Scores,

    sim::Behaviour, sim::Entry, sim::Event, sim::HookScript, sim::ImageScript, sim::Instance,
    sim::Node, sim::OnStop, sim::ParseScriptError, sim::ProbeScript, sim::PullFailure,
    sim::SandboxScript, sim::Script, sim::Setup, sim::Sim, sim::StartFailure, sim::Timeline,

    tolerations::ComparisonOperators,
}

// What a caller asks with, and its own functions in it.
public_types! {
    IN_ONE_CALL: Unpin Debug;

    lifecycle::status::ContainersInput<'static>, lifecycle::status::Probes<'static>,
    lifecycle::status::StatusInput<'static>,
}

/// `pub` says that a type is public, since the lint `unreachable_pub` keeps it from those that are not.
#[test]
fn no_public_type_is_forgotten() {
    let mut listed = BTreeMap::<_, i32>::new();
    for name in EVERYWHERE.iter().chain(IN_ONE_CALL) {
        let path: String = name
            .split('<')
            .next()
            .unwrap_or(name)
            .split_whitespace()
            .collect();
        let (room, _) = path.split_once("::").expect("a type stands in a room");
        let (_, name) = path.rsplit_once("::").expect("a type stands in a room");
        *listed
            .entry((room.to_owned(), name.to_owned()))
            .or_default() += 1;
    }
    let mut declared = BTreeMap::new();
    find(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        None,
        &mut declared,
    );
    let forgotten: Vec<_> = declared
        .iter()
        .filter(|entry| listed.get(entry.0) != Some(entry.1))
        .collect();
    assert!(
        forgotten.is_empty(),
        "list these types in tests/autotraits.rs: {forgotten:?}"
    );
    assert_eq!(
        listed.len(),
        declared.len(),
        "a listed type is declared nowhere"
    );
}

/// Counts the public types below a directory by the room that they belong to.
fn find(directory: &Path, room: Option<&str>, declared: &mut BTreeMap<(String, String), i32>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let room = room.unwrap_or(stem);
        if path.is_dir() {
            find(&path, Some(room), declared);
        } else if !matches!(room, "lib" | "macros") {
            for line in fs::read_to_string(&path).unwrap().lines() {
                let line = line.trim_start();
                let rest = line
                    .strip_prefix("pub struct ")
                    .or_else(|| line.strip_prefix("pub enum "));
                let Some(rest) = rest else { continue };
                let name = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap();
                *declared
                    .entry((room.to_owned(), name.to_owned()))
                    .or_default() += 1;
            }
        }
    }
}
