//! Environment variables and what their values are taken from.

use alloc::string::ToString;

use super::Volumes;
use crate::{
    api::{
        EnvFromSource, EnvVar, EnvVarSource, FileKeySelector, ObjectFieldSelector,
        ResourceFieldSelector,
    },
    field::At,
    format,
};

/// What a downward API reference can name at all.
const FIELDS: [&str; 15] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.host",
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.phase",
    "status.podIP",
    "status.podIPs",
];

/// What a variable can be taken from.
const ENV_FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// What a file can be taken from.
pub(super) const VOLUME_FIELDS: [&str; 5] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
];

const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

const CPU_DIVISORS: [&str; 2] = ["1m", "1"];
const BYTE_DIVISORS: [&str; 13] = [
    "1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei",
];

pub(super) fn variables(at: &mut At<'_>, variables: &[EnvVar]) {
    at.each(variables, |at, variable| {
        if variable.name.is_empty() {
            at.field("name").required("");
        } else {
            at.field("name").format(&variable.name, format::env_name);
        }
        if let Some(source) = &variable.value_from {
            value_from(&mut at.field("valueFrom"), source, &variable.value);
        }
    });
}

fn value_from(at: &mut At<'_>, source: &EnvVarSource, value: &str) {
    let mut sources = 0;
    if let Some(field) = &source.field_ref {
        sources += 1;
        field_ref(&mut at.field("fieldRef"), field, &ENV_FIELDS);
    }
    if let Some(resource) = &source.resource_field_ref {
        sources += 1;
        resource_ref(&mut at.field("resourceFieldRef"), resource);
    }
    if let Some(key) = &source.config_map_key_ref {
        sources += 1;
        key_ref(&mut at.field("configMapKeyRef"), &key.name, &key.key);
    }
    if let Some(key) = &source.secret_key_ref {
        sources += 1;
        key_ref(&mut at.field("secretKeyRef"), &key.name, &key.key);
    }
    if let Some(key) = &source.file_key_ref {
        sources += 1;
        file_key_ref(&mut at.field("fileKeyRef"), key);
    }
    if sources == 0 {
        at.invalid("", "must name a source");
    } else if !value.is_empty() {
        at.invalid("", "may not be given where `value` is not empty");
    } else if sources > 1 {
        at.invalid("", "must not name more than one source");
    }
}

fn key_ref(at: &mut At<'_>, name: &str, key: &str) {
    at.field("name").format(name, format::dns_subdomain);
    if key.is_empty() {
        at.field("key").required("");
    } else {
        at.field("key").format(key, format::config_map_key);
    }
}

fn file_key_ref(at: &mut At<'_>, file: &FileKeySelector) {
    if file.key.is_empty() {
        at.field("key").required("");
    } else {
        at.field("key").format(&file.key, format::env_name);
    }
    if file.volume_name.is_empty() {
        at.field("volumeName").required("");
    } else {
        at.field("volumeName")
            .format(&file.volume_name, format::dns_label);
    }
    if file.path.is_empty() {
        at.field("path").required("");
    } else {
        at.field("path")
            .format(&file.path, format::path_without_backsteps);
    }
}

/// Files with variables lie in a volume of the pod, valid or not, that starts empty.
pub(super) fn file_key_volumes(at: &mut At<'_>, volumes: &Volumes<'_>, env: &[EnvVar]) {
    at.field("env").each(env, |at, variable| {
        let source = variable.value_from.as_ref();
        let Some(file) = source.and_then(|source| source.file_key_ref.as_ref()) else {
            return;
        };
        let at = &mut at.field("valueFrom");
        let at = &mut at.field("fileKeyRef");
        let at = &mut at.field("volumeName");
        match volumes.get(&file.volume_name.as_str()) {
            None => {
                at.not_found(&file.volume_name);
            }
            Some(volume) if volume.empty_dir.is_none() => {
                at.invalid(&file.volume_name, "must be an emptyDir volume");
            }
            Some(_) => {}
        }
    });
}

/// A reference to a field of the pod, of those `allowed` and of labels and annotations by their keys.
pub(super) fn field_ref(at: &mut At<'_>, field: &ObjectFieldSelector, allowed: &[&str]) {
    if field.api_version.is_empty() {
        at.field("apiVersion").required("");
        return;
    }
    if field.field_path.is_empty() {
        at.field("fieldPath").required("");
        return;
    }
    let path = field.field_path.as_str();
    let subscript = subscript(path);
    let exists = match subscript {
        Some((map, _)) => matches!(map, "metadata.labels" | "metadata.annotations"),
        None => FIELDS.contains(&path),
    };
    if field.api_version != "v1" || !exists {
        at.field("fieldPath")
            .invalid(path, "must be a field of a v1 pod");
        return;
    }
    match subscript {
        Some(("metadata.labels", key)) => at.format(key, format::label_key),
        Some((_, key)) => at.format(key, format::annotation_key),
        None => {
            let path = if path == "spec.host" {
                "spec.nodeName"
            } else {
                path
            };
            if !allowed.contains(&path) {
                at.field("fieldPath").not_supported(path, allowed);
            }
        }
    }
}

/// The map and the key of a path in the form `map['key']`.
fn subscript(path: &str) -> Option<(&str, &str)> {
    let (map, key) = path.strip_suffix("']")?.split_once("['")?;
    (!map.is_empty()).then_some((map, key))
}

/// A reference to an amount of the container's own, or in a volume of the container it names.
pub(super) fn resource_ref(at: &mut At<'_>, reference: &ResourceFieldSelector) {
    let resource = reference.resource.as_str();
    if resource.is_empty() {
        at.field("resource").required("");
    } else if !RESOURCES.contains(&resource) && !is_huge_pages(resource) {
        at.field("resource").not_supported(resource, &RESOURCES);
    }
    divisor(at, reference);
}

pub(super) fn divisor(at: &mut At<'_>, reference: &ResourceFieldSelector) {
    let divisors: &[&str] = match reference.resource.as_str() {
        _ if reference.divisor.is_zero() => return,
        "limits.cpu" | "requests.cpu" => &CPU_DIVISORS,
        resource if RESOURCES.contains(&resource) || is_huge_pages(resource) => &BYTE_DIVISORS,
        _ => return,
    };
    let written = &reference.divisor;
    if !divisors.iter().any(|divisor| written.is_written(divisor)) {
        at.field("divisor").invalid(
            written.to_string(),
            "must be 1, or 1 of a unit of the resource",
        );
    }
}

fn is_huge_pages(resource: &str) -> bool {
    ["limits.hugepages-", "requests.hugepages-"]
        .iter()
        .any(|prefix| resource.starts_with(prefix))
}

/// One of two sources is a matter of the list, so that its path has no index.
pub(super) fn env_from(at: &mut At<'_>, sources: &[EnvFromSource]) {
    for (index, source) in sources.iter().enumerate() {
        {
            let at = &mut at.index(index);
            if !source.prefix.is_empty() {
                at.field("prefix").format(&source.prefix, format::env_name);
            }
            if let Some(config_map) = &source.config_map_ref {
                whole_object(&mut at.field("configMapRef"), &config_map.name);
            }
            if let Some(secret) = &source.secret_ref {
                whole_object(&mut at.field("secretRef"), &secret.name);
            }
        }
        match (&source.config_map_ref, &source.secret_ref) {
            (None, None) => {
                at.invalid("", "must name a source");
            }
            (Some(_), Some(_)) => {
                at.invalid("", "must not name more than one source");
            }
            _ => {}
        }
    }
}

fn whole_object(at: &mut At<'_>, name: &str) {
    let at = &mut at.field("name");
    if name.is_empty() {
        at.required("");
    } else {
        at.format(name, format::dns_subdomain_prefix);
    }
}
