//! What the API server fills in before it looks at a pod.
//!
//! Answers `SetObjectDefaults_Pod` of `pkg/apis/core/v1`.

use alloc::{boxed::Box, string::String};
use core::mem;

use crate::{
    api::{
        AzureDataDiskCachingMode, AzureDataDiskKind, AzureDiskVolumeSource, Container,
        ContainerPort, ContainerStatus, DNSPolicy, DownwardAPIVolumeFile, EmptyDirVolumeSource,
        EnvVar, EphemeralContainer, HTTPGetAction, HostPathType, Lifecycle, LifecycleHandler,
        ObjectFieldSelector, PersistentVolumeMode, Pod, PodSpec, PodStatus, PodTemplateSpec, Probe,
        ProjectedVolumeSource, Protocol, PullPolicy, RBDVolumeSource, ResourceList,
        ResourceRequirements, RestartPolicy, ScaleIOVolumeSource, TerminationMessagePolicy,
        URIScheme, Volume,
    },
    format, image,
    quantity::Scale,
    resources,
};

/// The permissions of files from secrets and the like: 0644.
const DEFAULT_MODE: i32 = 420;

/// Fills in what a pod leaves open.
///
/// Limits stand for missing requests, ports of the host network for missing host
/// ports, and every field that has a default gets it. What is set stays as it is;
/// a second time changes nothing.
///
/// ```
/// use pod_lifecycle::{admission::defaults, api::{Pod, PullPolicy, RestartPolicy}};
///
/// let mut pod: Pod = serde_json::from_str(
///     r#"{"spec": {"containers": [{"name": "web", "image": "nginx"}]}}"#,
/// )?;
/// defaults::apply(&mut pod);
/// assert_eq!(pod.spec.restart_policy, Some(RestartPolicy::Always));
/// assert_eq!(pod.spec.containers[0].image_pull_policy, Some(PullPolicy::Always));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn apply(pod: &mut Pod) {
    let spec = &mut pod.spec;
    for container in spec.containers.iter_mut().chain(&mut spec.init_containers) {
        requests_from_limits(&mut container.resources);
    }
    pod_level_resources(spec);
    spec.enable_service_links.get_or_insert(true);
    if spec.host_network {
        for container in spec.containers.iter_mut().chain(&mut spec.init_containers) {
            host_ports(&mut container.ports);
        }
    }
    apply_to_spec(spec);
    status(&mut pod.status);
}

/// Fills in what the template of a workload object leaves open.
///
/// As the API server does with a Deployment's or a Job's template: what follows
/// from a pod's own resources and host network is filled in when a pod is made of it.
///
/// ```
/// use pod_lifecycle::{admission::defaults, api::PodTemplateSpec};
///
/// let mut template = PodTemplateSpec::default();
/// defaults::apply_to_template(&mut template);
/// assert_eq!(template.spec.termination_grace_period_seconds, Some(30));
/// assert_eq!(template.spec.enable_service_links, None);
/// ```
pub fn apply_to_template(template: &mut PodTemplateSpec) {
    apply_to_spec(&mut template.spec);
}

fn apply_to_spec(spec: &mut PodSpec) {
    for volume in &mut spec.volumes {
        self::volume(volume);
    }
    spec.dns_policy.get_or_insert(DNSPolicy::ClusterFirst);
    spec.restart_policy.get_or_insert(RestartPolicy::Always);
    spec.security_context.get_or_insert_default();
    spec.termination_grace_period_seconds.get_or_insert(30);
    text(&mut spec.scheduler_name, "default-scheduler");
    for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
        self::container(Parts::from(container));
    }
    for container in &mut spec.ephemeral_containers {
        self::container(Parts::from(container));
    }
    amounts(&mut spec.overhead);
    if let Some(own) = &mut spec.resources {
        requirements(own);
    }
}

fn requests_from_limits(resources: &mut ResourceRequirements) {
    for (name, limit) in &resources.limits {
        if !resources.requests.contains_key(name) {
            resources.requests.insert(name.clone(), limit.clone());
        }
    }
}

/// What the containers ask for in all stands for what the pod as a whole leaves open.
fn pod_level_resources(spec: &mut PodSpec) {
    let Some(own) = &spec.resources else {
        return;
    };
    if own.limits.is_empty() && own.requests.is_empty() {
        return;
    }
    let limits = resources::aggregate_limits(spec);
    let requests = resources::aggregate_requests(spec);
    let Some(own) = &mut spec.resources else {
        return;
    };
    for (name, limit) in limits {
        if format::is_huge_pages(name.as_str()) && !own.requests.contains_key(&name) {
            own.limits.entry(name).or_insert(limit);
        }
    }
    if own.limits.is_empty() {
        return;
    }
    for (name, request) in requests {
        if resources::is_pod_level(&name) && !format::is_huge_pages(name.as_str()) {
            own.requests.entry(name).or_insert(request);
        }
    }
    for (name, limit) in &own.limits {
        if resources::is_pod_level(name) && !own.requests.contains_key(name) {
            own.requests.insert(name.clone(), limit.clone());
        }
    }
}

fn host_ports(ports: &mut [ContainerPort]) {
    for port in ports {
        if port.host_port == 0 {
            port.host_port = port.container_port;
        }
    }
}

/// What defaulting touches of a container, whichever of the two types it is.
struct Parts<'a> {
    image: &'a str,
    image_pull_policy: &'a mut Option<PullPolicy>,
    termination_message_path: &'a mut String,
    termination_message_policy: &'a mut Option<TerminationMessagePolicy>,
    ports: &'a mut [ContainerPort],
    env: &'a mut [EnvVar],
    resources: &'a mut ResourceRequirements,
    probes: [&'a mut Option<Box<Probe>>; 3],
    lifecycle: &'a mut Option<Box<Lifecycle>>,
}

macro_rules! parts_of {
    ($($container:ident)*) => {$(
        impl<'a> From<&'a mut $container> for Parts<'a> {
            fn from(container: &'a mut $container) -> Self {
                Self {
                    image: &container.image,
                    image_pull_policy: &mut container.image_pull_policy,
                    termination_message_path: &mut container.termination_message_path,
                    termination_message_policy: &mut container.termination_message_policy,
                    ports: &mut container.ports,
                    env: &mut container.env,
                    resources: &mut container.resources,
                    probes: [
                        &mut container.liveness_probe,
                        &mut container.readiness_probe,
                        &mut container.startup_probe,
                    ],
                    lifecycle: &mut container.lifecycle,
                }
            }
        }
    )*};
}

parts_of!(Container EphemeralContainer);

fn container(container: Parts<'_>) {
    pull_policy(container.image_pull_policy, container.image);
    text(container.termination_message_path, "/dev/termination-log");
    container
        .termination_message_policy
        .get_or_insert(TerminationMessagePolicy::File);
    for port in container.ports {
        port.protocol.get_or_insert(Protocol::Tcp);
    }
    for variable in container.env {
        if let Some(source) = &mut variable.value_from {
            if let Some(field) = &mut source.field_ref {
                field_ref(field);
            }
            if let Some(file) = &mut source.file_key_ref {
                file.optional.get_or_insert(false);
            }
        }
    }
    requirements(container.resources);
    for probe in container.probes.into_iter().flatten() {
        self::probe(probe);
    }
    if let Some(hooks) = container.lifecycle {
        let handlers = [&mut hooks.post_start, &mut hooks.pre_stop];
        for handler in handlers.into_iter().flatten() {
            let LifecycleHandler { http_get, .. } = &mut **handler;
            http(http_get.as_deref_mut());
        }
    }
}

/// An image that may be another one tomorrow is pulled every time.
fn pull_policy(policy: &mut Option<PullPolicy>, image: &str) {
    policy.get_or_insert_with(|| match image::Reference::parse(image) {
        Ok(reference) if reference.is_latest() => PullPolicy::Always,
        _ => PullPolicy::IfNotPresent,
    });
}

fn probe(probe: &mut Probe) {
    number(&mut probe.timeout_seconds, 1);
    number(&mut probe.period_seconds, 10);
    number(&mut probe.success_threshold, 1);
    number(&mut probe.failure_threshold, 3);
    http(probe.http_get.as_deref_mut());
    if let Some(grpc) = &mut probe.grpc {
        grpc.service.get_or_insert_default();
    }
}

fn http(get: Option<&mut HTTPGetAction>) {
    if let Some(get) = get {
        text(&mut get.path, "/");
        get.scheme.get_or_insert(URIScheme::Http);
    }
}

fn volume(volume: &mut Volume) {
    let name = mem::take(&mut volume.name);
    if *volume == Volume::default() {
        volume.empty_dir = Some(Box::new(EmptyDirVolumeSource::default()));
    }
    volume.name = name;
    if let Some(image) = &mut volume.image {
        pull_policy(&mut image.pull_policy, &image.reference);
    }
    if let Some(path) = &mut volume.host_path {
        path.type_.get_or_insert(HostPathType::Unset);
    }
    if let Some(secret) = &mut volume.secret {
        secret.default_mode.get_or_insert(DEFAULT_MODE);
    }
    if let Some(config_map) = &mut volume.config_map {
        config_map.default_mode.get_or_insert(DEFAULT_MODE);
    }
    if let Some(downward) = &mut volume.downward_api {
        downward.default_mode.get_or_insert(DEFAULT_MODE);
        downward_files(&mut downward.items);
    }
    if let Some(projected) = &mut volume.projected {
        self::projected(projected);
    }
    if let Some(iscsi) = &mut volume.iscsi {
        text(&mut iscsi.iscsi_interface, "default");
    }
    if let Some(rbd) = &mut volume.rbd {
        self::rbd(rbd);
    }
    if let Some(disk) = &mut volume.azure_disk {
        azure_disk(disk);
    }
    if let Some(scale_io) = &mut volume.scale_io {
        self::scale_io(scale_io);
    }
    let ephemeral = volume.ephemeral.as_mut();
    if let Some(template) = ephemeral.and_then(|e| e.volume_claim_template.as_mut()) {
        let claim = &mut template.spec;
        claim
            .volume_mode
            .get_or_insert(PersistentVolumeMode::Filesystem);
        amounts(&mut claim.resources.limits);
        amounts(&mut claim.resources.requests);
    }
}

fn projected(projected: &mut ProjectedVolumeSource) {
    projected.default_mode.get_or_insert(DEFAULT_MODE);
    for source in &mut projected.sources {
        if let Some(downward) = &mut source.downward_api {
            downward_files(&mut downward.items);
        }
        if let Some(token) = &mut source.service_account_token {
            token.expiration_seconds.get_or_insert(3600);
        }
    }
}

fn downward_files(files: &mut [DownwardAPIVolumeFile]) {
    for field in files.iter_mut().filter_map(|file| file.field_ref.as_mut()) {
        field_ref(field);
    }
}

fn field_ref(field: &mut ObjectFieldSelector) {
    text(&mut field.api_version, "v1");
}

fn rbd(rbd: &mut RBDVolumeSource) {
    text(&mut rbd.pool, "rbd");
    text(&mut rbd.user, "admin");
    text(&mut rbd.keyring, "/etc/ceph/keyring");
}

fn azure_disk(disk: &mut AzureDiskVolumeSource) {
    disk.caching_mode
        .get_or_insert(AzureDataDiskCachingMode::ReadWrite);
    disk.kind.get_or_insert(AzureDataDiskKind::Shared);
    disk.fs_type.get_or_insert_with(|| "ext4".into());
    disk.read_only.get_or_insert(false);
}

fn scale_io(scale_io: &mut ScaleIOVolumeSource) {
    text(&mut scale_io.storage_mode, "ThinProvisioned");
    text(&mut scale_io.fs_type, "xfs");
}

fn status(status: &mut PodStatus) {
    amounts(&mut status.allocated_resources);
    if let Some(resources) = &mut status.resources {
        requirements(resources);
    }
    let lists = [
        &mut status.init_container_statuses,
        &mut status.container_statuses,
        &mut status.ephemeral_container_statuses,
    ];
    for ContainerStatus {
        allocated_resources,
        resources,
        ..
    } in lists.into_iter().flatten()
    {
        amounts(allocated_resources);
        if let Some(resources) = resources {
            requirements(resources);
        }
    }
}

fn requirements(resources: &mut ResourceRequirements) {
    amounts(&mut resources.limits);
    amounts(&mut resources.requests);
}

/// Nothing finer than a thousandth is kept.
fn amounts(amounts: &mut ResourceList) {
    for amount in amounts.values_mut() {
        amount.round_up(Scale::Milli);
    }
}

fn text(field: &mut String, default: &str) {
    if field.is_empty() {
        field.push_str(default);
    }
}

fn number(field: &mut i32, default: i32) {
    if *field == 0 {
        *field = default;
    }
}
