//! Metadata, as every object has it.

use alloc::{collections::BTreeMap, string::String};

use crate::{
    api::{ObjectMeta, OwnerReference},
    field::{At, BadValue, Seen},
    format,
};

/// The most that all annotations together may have, keys included.
const MAX_ANNOTATIONS: usize = 256 * 1024;

/// The finalizers without a domain that there are.
const FINALIZERS: [&str; 3] = ["kubernetes", ORPHAN, FOREGROUND];
const ORPHAN: &str = "orphan";
const FOREGROUND: &str = "foregroundDeletion";

pub(super) fn object_meta(at: &mut At<'_>, metadata: &ObjectMeta) {
    if !metadata.generate_name.is_empty() {
        at.field("generateName")
            .format(&metadata.generate_name, format::dns_subdomain_prefix);
    }
    if metadata.name.is_empty() {
        at.field("name")
            .required("name or generateName is required");
    } else {
        at.field("name")
            .format(&metadata.name, format::dns_subdomain);
    }
    if metadata.namespace.is_empty() {
        at.field("namespace").required("");
    } else {
        at.field("namespace")
            .format(&metadata.namespace, format::dns_label);
    }
    at.field("generation").non_negative(metadata.generation);
    labels(&mut at.field("labels"), &metadata.labels);
    annotations(&mut at.field("annotations"), &metadata.annotations);
    owners(&mut at.field("ownerReferences"), &metadata.owner_references);
    for finalizer in &metadata.finalizers {
        at.field("finalizers").format(finalizer, format::label_key);
    }
    if has(metadata, ORPHAN) && has(metadata, FOREGROUND) {
        at.field("finalizers").invalid(
            metadata.finalizers.as_slice(),
            "orphan and foregroundDeletion exclude each other",
        );
    }
    standard_finalizers(at, metadata);
}

fn has(metadata: &ObjectMeta, finalizer: &str) -> bool {
    metadata.finalizers.iter().any(|other| other == finalizer)
}

fn standard_finalizers(at: &mut At<'_>, metadata: &ObjectMeta) {
    at.field("finalizers")
        .each(&metadata.finalizers, |at, finalizer| {
            if !finalizer.contains('/') && !FINALIZERS.contains(&finalizer.as_str()) {
                at.invalid(
                    finalizer,
                    "must have a domain, or be one of kubernetes, orphan, foregroundDeletion",
                );
            }
        });
}

/// All errors are reported at the map.
pub(super) fn labels(at: &mut At<'_>, labels: &BTreeMap<String, String>) {
    for (key, value) in labels {
        at.format(key, format::label_key);
        at.format(value, format::label_value);
    }
}

/// All errors are reported at the map.
pub(super) fn annotations(at: &mut At<'_>, annotations: &BTreeMap<String, String>) {
    for key in annotations.keys() {
        at.format(key, format::annotation_key);
    }
    annotations_size(at, annotations);
}

pub(super) fn annotations_size(at: &mut At<'_>, annotations: &BTreeMap<String, String>) {
    let sizes = annotations
        .iter()
        .map(|(key, value)| key.len().saturating_add(value.len()));
    if sizes.fold(0, usize::saturating_add) > MAX_ANNOTATIONS {
        at.too_long(MAX_ANNOTATIONS);
    }
}

/// The list has no indexes in its paths.
fn owners(at: &mut At<'_>, owners: &[OwnerReference]) {
    let mut has_controller = false;
    for owner in owners {
        let version = version(&owner.api_version);
        if version.is_empty() {
            at.field("apiVersion")
                .invalid(&owner.api_version, "must have a version");
        }
        for (name, value) in [
            ("kind", &owner.kind),
            ("name", &owner.name),
            ("uid", &owner.uid),
        ] {
            if value.is_empty() {
                at.field(name).invalid(value, "must not be empty");
            }
        }
        if matches!(owner.api_version.as_str(), "v1" | "/v1") && owner.kind == "Event" {
            at.invalid(&owner.kind, "an event cannot own anything");
        }
        if owner.controller == Some(true) {
            if has_controller {
                at.invalid(&owner.name, "only one owner can be the controller");
            }
            has_controller = true;
        }
    }
}

/// The version in a text of the form `version` or `group/version`; empty where there is none.
fn version(api_version: &str) -> &str {
    match api_version.split_once('/') {
        None => api_version,
        Some((_, version)) if !version.contains('/') => version,
        Some(_) => "",
    }
}

/// What may become of metadata.
pub(super) fn object_meta_update(at: &mut At<'_>, new: &ObjectMeta, old: &ObjectMeta) {
    if old.deletion_timestamp.is_some() && adds_finalizer(new, old) {
        at.field("finalizers")
            .forbidden("no finalizer can be added to an object that is being deleted");
    }
    if new.resource_version.is_empty() {
        at.field("resourceVersion")
            .invalid("", "must be given for an update");
    }
    if new.generation < old.generation {
        at.field("generation")
            .invalid(new.generation, "must not be decremented");
    }
    immutable(at, "name", new.name == old.name);
    immutable(at, "namespace", new.namespace == old.namespace);
    immutable(at, "uid", new.uid == old.uid);
    let same = new.creation_timestamp == old.creation_timestamp;
    immutable(at, "creationTimestamp", same);
    let same = new.deletion_timestamp == old.deletion_timestamp;
    immutable(at, "deletionTimestamp", same);
    let same = new.deletion_grace_period_seconds == old.deletion_grace_period_seconds;
    immutable(at, "deletionGracePeriodSeconds", same);
    labels(&mut at.field("labels"), &new.labels);
    annotations(&mut at.field("annotations"), &new.annotations);
    owners(&mut at.field("ownerReferences"), &new.owner_references);
    standard_finalizers(at, new);
}

fn adds_finalizer(new: &ObjectMeta, old: &ObjectMeta) -> bool {
    let known: Seen<_> = old.finalizers.iter().map(String::as_str).collect();
    let mut finalizers = new.finalizers.iter();
    finalizers.any(|finalizer| !known.contains(&finalizer.as_str()))
}

fn immutable(at: &mut At<'_>, name: &str, same: bool) {
    if !same {
        at.field(name)
            .invalid(BadValue::Omitted, "field is immutable");
    }
}
