//! Volumes of kinds that CSI drivers have taken over or nobody has.

use alloc::string::String;

use crate::{
    api::{
        AWSElasticBlockStoreVolumeSource, AzureDataDiskKind, AzureDiskVolumeSource,
        AzureFileVolumeSource, CinderVolumeSource, FlexVolumeSource, FlockerVolumeSource,
        GCEPersistentDiskVolumeSource, GitRepoVolumeSource, LocalObjectReference,
        QuobyteVolumeSource, RBDVolumeSource, ScaleIOVolumeSource, StorageOSVolumeSource,
        VolumeSource,
    },
    field::At,
    format,
};

const MAX_QUOBYTE_TENANT: usize = 64;

pub(super) fn source(at: &mut At<'_>, source: VolumeSource<'_>) {
    let name = source.name();
    match source {
        VolumeSource::GitRepo(source) => git_repo(&mut at.field(name), source),
        // The errors do not have the name that the field has.
        VolumeSource::GCEPersistentDisk(source) => gce(&mut at.field("persistentDisk"), source),
        VolumeSource::AWSElasticBlockStore(source) => aws(&mut at.field(name), source),
        VolumeSource::Glusterfs(source) => {
            let at = &mut at.field(name);
            at.field("endpoints").not_empty(&source.endpoints);
            at.field("path").not_empty(&source.path);
        }
        VolumeSource::Flocker(source) => flocker(&mut at.field(name), source),
        VolumeSource::RBD(source) => rbd(&mut at.field(name), source),
        VolumeSource::Cinder(source) => cinder(&mut at.field(name), source),
        VolumeSource::CephFS(source) => {
            let at = &mut at.field(name);
            has_monitors(at, &source.monitors);
        }
        VolumeSource::Quobyte(source) => quobyte(&mut at.field(name), source),
        VolumeSource::FlexVolume(source) => flex_volume(&mut at.field(name), source),
        VolumeSource::AzureFile(source) => azure_file(&mut at.field(name), source),
        VolumeSource::VsphereVolume(source) => {
            let at = &mut at.field(name);
            at.field("volumePath").not_empty(&source.volume_path);
        }
        VolumeSource::PhotonPersistentDisk(source) => {
            at.field(name).field("pdID").not_empty(&source.pd_id);
        }
        VolumeSource::PortworxVolume(source) => {
            at.field(name)
                .field("volumeID")
                .not_empty(&source.volume_id);
        }
        VolumeSource::AzureDisk(source) => azure_disk(&mut at.field(name), source),
        VolumeSource::StorageOS(source) => storage_os(&mut at.field(name), source),
        VolumeSource::ScaleIO(source) => scale_io(&mut at.field(name), source),
        _ => {}
    }
}

fn git_repo(at: &mut At<'_>, source: &GitRepoVolumeSource) {
    at.field("repository").not_empty(&source.repository);
    at.field("directory")
        .format(&source.directory, format::local_descending_path);
}

fn gce(at: &mut At<'_>, source: &GCEPersistentDiskVolumeSource) {
    at.field("pdName").not_empty(&source.pd_name);
    at.field("partition").in_range(source.partition, 0..=255);
}

fn aws(at: &mut At<'_>, source: &AWSElasticBlockStoreVolumeSource) {
    at.field("volumeID").not_empty(&source.volume_id);
    at.field("partition").in_range(source.partition, 0..=255);
}

fn flocker(at: &mut At<'_>, source: &FlockerVolumeSource) {
    match (
        source.dataset_name.is_empty(),
        source.dataset_uuid.is_empty(),
    ) {
        (true, true) => {
            at.required("one of datasetName and datasetUUID is required");
        }
        (false, false) => {
            at.invalid(
                "resource",
                "datasetName and datasetUUID can not be specified simultaneously",
            );
        }
        _ => {}
    }
    if source.dataset_name.contains('/') {
        at.field("datasetName")
            .invalid(&source.dataset_name, "must not contain '/'");
    }
}

fn rbd(at: &mut At<'_>, source: &RBDVolumeSource) {
    has_monitors(at, &source.monitors);
    at.field("image").not_empty(&source.image);
}

fn has_monitors(at: &mut At<'_>, monitors: &[String]) {
    if monitors.is_empty() {
        at.field("monitors").required("");
    }
}

fn cinder(at: &mut At<'_>, source: &CinderVolumeSource) {
    at.field("volumeID").not_empty(&source.volume_id);
    secret_ref(at, source.secret_ref.as_ref());
}

fn secret_ref(at: &mut At<'_>, secret: Option<&LocalObjectReference>) {
    if let Some(secret) = secret {
        at.field("secretRef").field("name").not_empty(&secret.name);
    }
}

fn quobyte(at: &mut At<'_>, source: &QuobyteVolumeSource) {
    if source.registry.is_empty() {
        at.field("registry")
            .required("must be a host:port pair or multiple pairs separated by commas");
    } else if source.tenant.len() > MAX_QUOBYTE_TENANT {
        at.field("tenant")
            .required("must be a UUID and may not exceed a length of 64 characters");
    } else {
        for pair in source.registry.split(',') {
            if !is_host_and_port(pair) {
                at.field("registry").invalid(
                    &source.registry,
                    "must be a host:port pair or multiple pairs separated by commas",
                );
            }
        }
    }
    at.field("volume").not_empty(&source.volume);
}

/// Whether a text can be taken apart into a host, which has brackets if it has colons, and a port.
fn is_host_and_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let has_bracket = |text: &str| text.contains(['[', ']']);
    if has_bracket(port) {
        return false;
    }
    match host.strip_prefix('[') {
        Some(rest) => rest
            .strip_suffix(']')
            .is_some_and(|address| !has_bracket(address)),
        None => !host.contains(':') && !has_bracket(host),
    }
}

fn flex_volume(at: &mut At<'_>, source: &FlexVolumeSource) {
    at.field("driver").not_empty(&source.driver);
    for (key, value) in &source.options {
        let domain = key.split('/').next().unwrap_or_default();
        if ["kubernetes.io", "k8s.io"]
            .iter()
            .any(|own| is_within(domain, own))
        {
            at.field("options")
                .key(key)
                .invalid(value, "the key's domain is reserved");
        }
    }
}

/// Whether a domain in any case is another one or below it.
fn is_within(domain: &str, other: &str) -> bool {
    let mut rest = domain.chars().rev().flat_map(format::lower);
    let has_suffix = other.chars().rev().all(|c| rest.next() == Some(c));
    has_suffix && matches!(rest.next(), None | Some('.'))
}

fn azure_file(at: &mut At<'_>, source: &AzureFileVolumeSource) {
    at.field("secretName").not_empty(&source.secret_name);
    at.field("shareName").not_empty(&source.share_name);
}

fn azure_disk(at: &mut At<'_>, source: &AzureDiskVolumeSource) {
    at.field("diskName").not_empty(&source.disk_name);
    at.field("diskURI").not_empty(&source.disk_uri);
    if let mode @ Some(_) = &source.caching_mode {
        at.field("cachingMode").supported(mode.as_ref());
    }
    let Some(kind) = &source.kind else {
        return;
    };
    at.field("kind").supported(Some(kind));
    let prefix = match kind {
        AzureDataDiskKind::Managed => "/subscriptions/",
        _ => "https://",
    };
    if !source.disk_uri.starts_with(prefix) {
        at.field("diskURI")
            .not_supported(&source.disk_uri, &[prefix]);
    }
}

fn storage_os(at: &mut At<'_>, source: &StorageOSVolumeSource) {
    if source.volume_name.is_empty() {
        at.field("volumeName").required("");
    } else {
        at.field("volumeName")
            .format(&source.volume_name, format::dns_label);
    }
    if !source.volume_namespace.is_empty() {
        at.field("volumeNamespace")
            .format(&source.volume_namespace, format::dns_label);
    }
    secret_ref(at, source.secret_ref.as_ref());
}

fn scale_io(at: &mut At<'_>, source: &ScaleIOVolumeSource) {
    at.field("gateway").not_empty(&source.gateway);
    at.field("system").not_empty(&source.system);
    at.field("volumeName").not_empty(&source.volume_name);
}
