//! Volumes of several sources.

use alloc::borrow::Cow;

use super::{
    Context, metadata,
    placement::{Values, label_selector},
    volume::{downward_file, key_to_path, mode},
};
use crate::{
    api::{
        ClusterTrustBundleProjection, KeyToPath, PodCertificateProjection, PodSpec,
        ProjectedVolumeSource, ServiceAccountTokenProjection, VolumeProjection,
    },
    field::{At, Seen},
    format,
};

const MIN_TOKEN_SECONDS: i64 = 10 * 60;
const MAX_TOKEN_SECONDS: i64 = 1 << 32;

const KEY_TYPES: [&str; 6] = [
    "ECDSAP256",
    "ECDSAP384",
    "ECDSAP521",
    "ED25519",
    "RSA3072",
    "RSA4096",
];

/// How long a certificate lives: at least an hour, at most 91 days, and a day from Kubernetes' own signers.
const MIN_CERTIFICATE_SECONDS: i64 = 60 * 60;
const MAX_CERTIFICATE_SECONDS: i64 = 91 * 24 * 60 * 60;
const MAX_KUBERNETES_SECONDS: i64 = 24 * 60 * 60;

pub(super) fn projected(at: &mut At<'_>, projected: &ProjectedVolumeSource, context: &Context<'_>) {
    mode(&mut at.field("defaultMode"), projected.default_mode);
    let mut paths = Paths(Seen::new());
    for (index, projection) in projected.sources.iter().enumerate() {
        source(at, index, projection, &mut paths, context);
    }
}

/// The paths of all files of a volume.
struct Paths<'a>(Seen<&'a str>);

impl<'a> Paths<'a> {
    fn insert(&mut self, at: &mut At<'_>, path: &'a str) {
        if !self.0.insert(path) {
            at.invalid(path, "conflicting duplicate paths");
        }
    }
}

/// `at` stands at the volume, where errors of paths belong.
fn source<'a>(
    at: &mut At<'_>,
    index: usize,
    source: &'a VolumeProjection,
    paths: &mut Paths<'a>,
    context: &Context<'_>,
) {
    if let Some(secret) = &source.secret {
        files(at, index, "secret", &secret.name, &secret.items);
        item_paths(at, &secret.items, paths);
    }
    if let Some(map) = &source.config_map {
        files(at, index, "configMap", &map.name, &map.items);
        item_paths(at, &map.items, paths);
    }
    if let Some(downward) = &source.downward_api {
        for file in &downward.items {
            let place = &mut at.field("sources");
            downward_file(&mut place.index(index).field("downwardAPI"), file);
            if !file.path.is_empty() {
                paths.insert(at, &file.path);
            }
        }
    }
    if let Some(token) = &source.service_account_token {
        service_account_token(at, index, token, context);
    }
    if let Some(bundle) = &source.cluster_trust_bundle {
        let place = &mut at.field("sources");
        cluster_trust_bundle(&mut place.index(index).field("clusterTrustBundle"), bundle);
        paths.insert(at, &bundle.path);
    }
    if let Some(certificate) = &source.pod_certificate {
        let place = &mut at.field("sources");
        pod_certificate(&mut place.index(index).field("podCertificate"), certificate);
        for (_, path) in certificate_paths(certificate) {
            paths.insert(at, path);
        }
    }
    if kinds(source) > 1 {
        at.field("sources")
            .index(index)
            .forbidden("may not specify more than 1 volume type per source");
    }
}

fn kinds(source: &VolumeProjection) -> usize {
    let VolumeProjection {
        secret,
        downward_api,
        config_map,
        service_account_token,
        cluster_trust_bundle,
        pod_certificate,
    } = source;
    [
        secret.is_some(),
        downward_api.is_some(),
        config_map.is_some(),
        service_account_token.is_some(),
        cluster_trust_bundle.is_some(),
        pod_certificate.is_some(),
    ]
    .into_iter()
    .filter(|set| *set)
    .count()
}

fn files(at: &mut At<'_>, index: usize, kind: &str, name: &str, items: &[KeyToPath]) {
    let at = &mut at.field("sources");
    let at = &mut at.index(index);
    let at = &mut at.field(kind);
    at.field("name").not_empty(name);
    at.field("items").each(items, key_to_path);
}

fn item_paths<'a>(at: &mut At<'_>, items: &'a [KeyToPath], paths: &mut Paths<'a>) {
    for item in items.iter().filter(|item| !item.path.is_empty()) {
        paths.insert(at, &item.path);
    }
}

/// The path of a token's file is reported as if it were a field of the volume.
fn service_account_token(
    at: &mut At<'_>,
    index: usize,
    token: &ServiceAccountTokenProjection,
    context: &Context<'_>,
) {
    {
        let at = &mut at.field("sources");
        let at = &mut at.index(index);
        let at = &mut at.field("serviceAccountToken");
        let seconds = token.expiration_seconds.unwrap_or_default();
        at.field("expirationSeconds")
            .in_range(seconds, MIN_TOKEN_SECONDS..=MAX_TOKEN_SECONDS);
    }
    let at = &mut at.field("path");
    if token.path.is_empty() {
        at.required("");
    } else if !context.tolerated.token_paths {
        at.format(&token.path, format::local_non_reserved_path);
    }
}

/// Whether some token's file would lie outside its volume.
pub(super) fn has_invalid_token_path(spec: &PodSpec) -> bool {
    let projected = spec.volumes.iter().filter_map(|v| v.projected.as_ref());
    let sources = projected.flat_map(|projected| &projected.sources);
    let mut tokens = sources.filter_map(|source| source.service_account_token.as_ref());
    tokens.any(|token| !format::local_non_reserved_path(&token.path).is_empty())
}

fn cluster_trust_bundle(at: &mut At<'_>, bundle: &ClusterTrustBundleProjection) {
    match (&bundle.name, &bundle.signer_name) {
        (Some(_), Some(_)) => {
            at.invalid("", "only one of name and signerName may be used");
        }
        (Some(name), None) => {
            bundle_name(&mut at.field("name"), name);
            if bundle.label_selector.is_some() {
                at.field("labelSelector")
                    .invalid("", "may not be set where name is");
            }
        }
        (None, Some(signer)) => {
            at.field("signerName").not_empty(signer);
            at.field("signerName").signer_name(signer);
            if let Some(selector) = &bundle.label_selector {
                label_selector(&mut at.field("labelSelector"), selector, Values::Judged);
            }
        }
        (None, None) => {
            at.required("either name or signerName must be specified");
        }
    }
    at.field("path").not_empty(&bundle.path);
    at.field("path")
        .format(&bundle.path, format::local_non_reserved_path);
}

/// A name, perhaps behind that of a signer with colons for slashes.
fn bundle_name(at: &mut At<'_>, name: &str) {
    at.not_empty(name);
    match name.rsplit_once(':') {
        Some((signer, _)) if signer.is_empty() || signer.contains('/') => {
            at.invalid(
                name,
                "what stands before a colon must be the name of a signer",
            );
        }
        Some((_, rest)) => at.format(rest, format::dns_subdomain),
        None => at.format(name, format::dns_subdomain),
    }
}

fn pod_certificate(at: &mut At<'_>, certificate: &PodCertificateProjection) {
    let signer = certificate.signer_name.as_str();
    at.field("signerName").signer_name(signer);
    if !KEY_TYPES.contains(&certificate.key_type.as_str()) {
        at.field("keyType")
            .not_supported(&certificate.key_type, &KEY_TYPES);
    }
    if let Some(seconds) = certificate.max_expiration_seconds {
        let domain = signer.split('/').next().unwrap_or_default();
        let is_own = domain == "kubernetes.io" || domain.ends_with(".kubernetes.io");
        let max = if is_own {
            MAX_KUBERNETES_SECONDS
        } else {
            MAX_CERTIFICATE_SECONDS
        };
        at.field("maxExpirationSeconds")
            .in_range(seconds, MIN_CERTIFICATE_SECONDS..=max);
    }
    let annotations = &certificate.user_annotations;
    {
        let at = &mut at.field("userAnnotations");
        for key in annotations.keys() {
            at.domain_prefixed_key(&in_lower_case(key));
        }
        metadata::annotations_size(at, annotations);
    }
    for (name, path) in certificate_paths(certificate) {
        at.field(name).format(path, format::local_non_reserved_path);
    }
    if certificate_paths(certificate).next().is_none() {
        at.required("must name a path for the certificate or the key");
    }
}

fn in_lower_case(key: &str) -> Cow<'_, str> {
    if key.chars().all(|c| format::lower(c).eq([c])) {
        Cow::Borrowed(key)
    } else {
        Cow::Owned(key.chars().flat_map(format::lower).collect())
    }
}

fn certificate_paths(
    certificate: &PodCertificateProjection,
) -> impl Iterator<Item = (&'static str, &str)> {
    [
        (
            "credentialBundlePath",
            certificate.credential_bundle_path.as_str(),
        ),
        ("keyPath", certificate.key_path.as_str()),
        (
            "certificateChainPath",
            certificate.certificate_chain_path.as_str(),
        ),
    ]
    .into_iter()
    .filter(|(_, path)| !path.is_empty())
}
