//! Volumes.

use super::{
    Context, claim,
    env::{VOLUME_FIELDS, divisor, field_ref, resource_ref},
    projected, volume_legacy as legacy,
};
use crate::{
    api::{
        CSIVolumeSource, DownwardAPIVolumeFile, DownwardAPIVolumeSource, EmptyDirVolumeSource,
        FCVolumeSource, HostPathVolumeSource, ISCSIVolumeSource, ImageVolumeSource, KeyToPath,
        NFSVolumeSource, ObjectMeta, Volume, VolumeSource,
    },
    field::{At, Index, Seen},
    format,
};

const MAX_CSI_DRIVER: usize = 63;

/// As long as the name of a volume, a colon and a target portal may be together.
const MAX_ISCSI_NAME: usize = 64;

/// Volumes by their names.
pub(super) type Volumes<'a> = Index<&'a str, &'a Volume>;

pub(super) fn volumes<'a>(at: &mut At<'_>, context: &Context<'a>) -> Volumes<'a> {
    let volumes = context.spec.volumes.as_slice();
    let made = volumes.iter().filter(|volume| volume.ephemeral.is_some());
    let made: Seen<_> = made.map(|volume| volume.name.as_str()).collect();
    let mut good = Volumes::new();
    for (index, volume) in volumes.iter().enumerate() {
        let at = &mut at.index(index);
        let is_good = at.accepts(|at| {
            source(at, volume, context);
            if volume.name.is_empty() {
                at.field("name").required("");
            } else {
                at.field("name").format(&volume.name, format::dns_label);
            }
            if good.get(&volume.name.as_str()).is_some() {
                at.field("name").duplicate(&volume.name);
            }
        });
        if is_good {
            good.insert(volume.name.as_str(), volume);
        }
        claim_of_another_volume(at, volume, &made, context);
    }
    good
}

/// A claim that is `made` for an ephemeral volume of the pod is no claim to be named by hand.
fn claim_of_another_volume(
    at: &mut At<'_>,
    volume: &Volume,
    made: &Seen<&str>,
    context: &Context<'_>,
) {
    let (Some(claim), Some(metadata)) = (&volume.persistent_volume_claim, context.metadata) else {
        return;
    };
    let name = claim.claim_name.strip_prefix(&metadata.name);
    let Some(name) = name.and_then(|rest| rest.strip_prefix('-')) else {
        return;
    };
    if !metadata.name.is_empty() && made.contains(&name) {
        at.field("persistentVolumeClaim")
            .field("claimName")
            .invalid(
                &claim.claim_name,
                "must not be the claim of an ephemeral volume of this pod",
            );
    }
}

/// The first of several kinds is judged, the others are forbidden.
fn source(at: &mut At<'_>, volume: &Volume, context: &Context<'_>) {
    let mut sources = volume.sources();
    match sources.next() {
        Some(first) => first_source(at, volume, first, context),
        None => {
            at.required("must specify a volume type");
        }
    }
    for further in sources {
        // Two of the paths have names of their own.
        let name = match further {
            VolumeSource::CephFS(_) => "cephFS",
            VolumeSource::DownwardAPI(_) => "downwarAPI",
            _ => further.name(),
        };
        at.field(name)
            .forbidden("may not specify more than 1 volume type");
        if let VolumeSource::ISCSI(iscsi) = further {
            iscsi_name_length(at, volume, iscsi);
        }
    }
}

fn first_source(at: &mut At<'_>, volume: &Volume, source: VolumeSource<'_>, context: &Context<'_>) {
    let name = source.name();
    match source {
        VolumeSource::EmptyDir(source) => empty_dir(&mut at.field(name), source),
        VolumeSource::HostPath(source) => host_path(&mut at.field(name), source),
        VolumeSource::Secret(source) => {
            let at = &mut at.field(name);
            at.field("secretName").not_empty(&source.secret_name);
            files(at, source.default_mode, &source.items);
        }
        VolumeSource::ConfigMap(source) => {
            let at = &mut at.field(name);
            at.field("name").not_empty(&source.name);
            files(at, source.default_mode, &source.items);
        }
        VolumeSource::NFS(source) => nfs(&mut at.field(name), source),
        VolumeSource::ISCSI(source) => {
            iscsi(&mut at.field(name), source);
            iscsi_name_length(at, volume, source);
        }
        VolumeSource::PersistentVolumeClaim(source) => {
            let at = &mut at.field(name);
            at.field("claimName").not_empty(&source.claim_name);
        }
        VolumeSource::DownwardAPI(source) => downward_api(&mut at.field(name), source),
        VolumeSource::FC(source) => fc(&mut at.field(name), source),
        VolumeSource::Projected(source) => {
            projected::projected(&mut at.field(name), source, context);
        }
        VolumeSource::CSI(source) => csi(&mut at.field(name), source),
        VolumeSource::Ephemeral(source) => {
            claim::template(&mut at.field(name), source);
            claim_name(&mut at.field("name"), &volume.name, context.metadata);
        }
        VolumeSource::Image(source) => image(&mut at.field(name), source),
        _ => legacy::source(at, source),
    }
}

fn empty_dir(at: &mut At<'_>, source: &EmptyDirVolumeSource) {
    let limit = source.size_limit.as_ref();
    if limit.is_some_and(|limit| limit.signum() < 0) {
        at.field("sizeLimit")
            .forbidden("must be a valid resource quantity");
    }
}

fn host_path(at: &mut At<'_>, source: &HostPathVolumeSource) {
    if source.path.is_empty() {
        at.field("path").required("");
        return;
    }
    at.field("path")
        .format(&source.path, format::path_without_backsteps);
    if let type_ @ Some(_) = &source.type_ {
        at.field("type").supported(type_.as_ref());
    }
}

pub(super) fn mode(at: &mut At<'_>, mode: Option<i32>) {
    if let Some(mode) = mode.filter(|mode| !(0..=0o777).contains(mode)) {
        at.invalid(
            mode,
            "must be a number between 0 and 0777 (octal), both inclusive",
        );
    }
}

fn files(at: &mut At<'_>, default_mode: Option<i32>, items: &[KeyToPath]) {
    mode(&mut at.field("defaultMode"), default_mode);
    at.field("items").each(items, key_to_path);
}

pub(super) fn key_to_path(at: &mut At<'_>, item: &KeyToPath) {
    at.field("key").not_empty(&item.key);
    at.field("path").not_empty(&item.path);
    at.field("path")
        .format(&item.path, format::local_non_reserved_path);
    mode(&mut at.field("mode"), item.mode);
}

fn nfs(at: &mut At<'_>, source: &NFSVolumeSource) {
    at.field("server").not_empty(&source.server);
    at.field("path").not_empty(&source.path);
    if !source.path.starts_with('/') {
        at.field("path")
            .invalid(&source.path, "must be an absolute path");
    }
}

fn iscsi(at: &mut At<'_>, source: &ISCSIVolumeSource) {
    at.field("targetPortal").not_empty(&source.target_portal);
    at.field("iqn").not_empty(&source.iqn);
    if !source.iqn.is_empty() && !is_iscsi_name(&source.iqn) {
        at.field("iqn").invalid(&source.iqn, "must be valid format");
    }
    at.field("lun").in_range(source.lun, 0..=255);
    if (source.chap_auth_discovery || source.chap_auth_session) && source.secret_ref.is_none() {
        at.field("secretRef")
            .required("must be given for authentication by CHAP");
    }
    if let Some(name) = &source.initiator_name {
        if !is_iscsi_name(name) {
            at.field("initiatorname")
                .invalid(name, "must be valid format");
        }
    }
}

/// The name of an initiator is made longer by the volume's name and the portal.
fn iscsi_name_length(at: &mut At<'_>, volume: &Volume, source: &ISCSIVolumeSource) {
    let length = volume.name.len() + 1 + source.target_portal.len();
    if source.initiator_name.is_some() && length > MAX_ISCSI_NAME {
        at.field("name").invalid(
            &volume.name,
            "<volume name>:<iscsi.targetPortal> must not be longer than 64 characters",
        );
    }
}

fn is_iscsi_name(name: &str) -> bool {
    let is_code = |code: &str, digits: usize| {
        let mut chars = code.chars();
        chars.next().is_some_and(|c| c != '\n')
            && chars.as_str().len() == digits
            && chars.all(|c| c.is_ascii_alphanumeric())
    };
    if name.starts_with("iqn") {
        return is_qualified_name(name);
    }
    match (name.strip_prefix("eui"), name.strip_prefix("naa")) {
        (Some(code), _) => is_code(code, 16),
        (_, Some(code)) => is_code(code, 32),
        _ => false,
    }
}

/// A month, a domain turned round, and a text: `iqn.2001-04.com.example:storage`, behind anything.
fn is_qualified_name(name: &str) -> bool {
    let in_domain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let reserved = [',', ';', '*', '&', '$', '|', '\t', '\n', '\u{c}', '\r', ' '];
    let last_reserved = name.rfind(reserved).unwrap_or_default();
    let mut colons = name.match_indices(':').map(|(at, _)| at);
    colons.any(|at| {
        let (before, text) = name.split_at(at);
        let domain = before.rsplit(|c| !in_domain(c)).next();
        at >= last_reserved && text.len() > 1 && domain.is_some_and(has_dated_domain)
    })
}

/// Whether a name of letters, digits, hyphens and dots has a domain behind `iqn.` and a month.
fn has_dated_domain(name: &str) -> bool {
    let mut starts = name.match_indices("iqn.");
    starts.any(|(at, found)| {
        let rest = name.as_bytes().get(at + found.len()..);
        let Some((month, domain)) = rest.and_then(<[u8]>::split_first_chunk::<8>) else {
            return false;
        };
        let is_month = month.iter().enumerate().all(|(at, byte)| match at {
            4 => *byte == b'-',
            7 => *byte == b'.',
            _ => byte.is_ascii_digit(),
        });
        is_month && !domain.is_empty()
    })
}

fn downward_api(at: &mut At<'_>, source: &DownwardAPIVolumeSource) {
    mode(&mut at.field("defaultMode"), source.default_mode);
    for file in &source.items {
        downward_file(at, file);
    }
}

/// The list of files is no part of the path.
pub(super) fn downward_file(at: &mut At<'_>, file: &DownwardAPIVolumeFile) {
    at.field("path").not_empty(&file.path);
    at.field("path")
        .format(&file.path, format::local_non_reserved_path);
    match (&file.field_ref, &file.resource_field_ref) {
        (Some(field), resource) => {
            field_ref(&mut at.field("fieldRef"), field, &VOLUME_FIELDS);
            if resource.is_some() {
                at.invalid(
                    "resource",
                    "fieldRef and resourceFieldRef can not be specified simultaneously",
                );
            }
        }
        (None, Some(resource)) => {
            let at = &mut at.field("resourceFieldRef");
            if resource.container_name.is_empty() {
                at.field("containerName").required("");
                divisor(at, resource);
            } else {
                resource_ref(at, resource);
            }
        }
        (None, None) => {
            at.required("one of fieldRef and resourceFieldRef is required");
        }
    }
    mode(&mut at.field("mode"), file.mode);
}

fn fc(at: &mut At<'_>, source: &FCVolumeSource) {
    match (source.target_wwns.is_empty(), source.wwids.is_empty()) {
        (true, true) => {
            at.field("targetWWNs")
                .required("must specify either targetWWNs or wwids, but not both");
        }
        (false, false) => {
            at.field("targetWWNs").invalid(
                source.target_wwns.as_slice(),
                "must specify either targetWWNs or wwids, but not both",
            );
        }
        _ => {}
    }
    if source.target_wwns.is_empty() {
        return;
    }
    match source.lun {
        Some(lun) => at.field("lun").in_range(lun, 0..=255),
        None => {
            at.field("lun")
                .required("lun is required if targetWWNs is specified");
        }
    }
}

fn csi(at: &mut At<'_>, source: &CSIVolumeSource) {
    if source.driver.is_empty() {
        at.field("driver").required("");
    } else {
        at.field("driver").max_len(&source.driver, MAX_CSI_DRIVER);
        at.field("driver")
            .format(&source.driver, format::dns_subdomain_in_any_case);
    }
    if let Some(secret) = &source.node_publish_secret_ref {
        if secret.name.is_empty() {
            at.field("nodePublishSecretRef").field("name").required("");
        } else {
            at.field("name").format(&secret.name, format::dns_subdomain);
        }
    }
}

/// The claim of an ephemeral volume is named after pod and volume.
fn claim_name(at: &mut At<'_>, volume: &str, metadata: Option<&ObjectMeta>) {
    let pod = metadata.map_or("", |metadata| metadata.name.as_str());
    if pod.is_empty() || volume.is_empty() {
        return;
    }
    at.format(volume, |volume| {
        format::dns_subdomain_of_parts(&[pod, "-", volume])
    });
}

fn image(at: &mut At<'_>, source: &ImageVolumeSource) {
    at.field("reference").not_empty(&source.reference);
    at.field("pullPolicy").one_of(source.pull_policy.as_ref());
}
