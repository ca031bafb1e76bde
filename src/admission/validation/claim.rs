//! The claim that is made for an ephemeral volume.

use super::{
    metadata,
    placement::{Values, label_selector},
};
use crate::{
    api::{
        EphemeralVolumeSource, ObjectMeta, OpenEnum, PersistentVolumeAccessMode,
        PersistentVolumeClaimSpec, ResourceName,
    },
    field::At,
    format,
};

pub(super) fn template(at: &mut At<'_>, source: &EphemeralVolumeSource) {
    let at = &mut at.field("volumeClaimTemplate");
    match &source.volume_claim_template {
        Some(template) => {
            template_metadata(&mut at.field("metadata"), &template.metadata);
            claim(&mut at.field("spec"), &template.spec);
        }
        None => {
            at.required("");
        }
    }
}

/// Only labels and annotations go to the claim.
fn template_metadata(at: &mut At<'_>, metadata: &ObjectMeta) {
    metadata::annotations(&mut at.field("annotations"), &metadata.annotations);
    metadata::labels(&mut at.field("labels"), &metadata.labels);
    let ObjectMeta {
        name,
        generate_name,
        namespace,
        self_link,
        uid,
        resource_version,
        generation,
        creation_timestamp,
        deletion_timestamp,
        deletion_grace_period_seconds,
        labels: _,
        annotations: _,
        owner_references,
        finalizers,
        managed_fields,
    } = metadata;
    for (name, set) in [
        ("name", !name.is_empty()),
        ("generateName", !generate_name.is_empty()),
        ("namespace", !namespace.is_empty()),
        ("selfLink", !self_link.is_empty()),
        ("uID", !uid.is_empty()),
        ("resourceVersion", !resource_version.is_empty()),
        ("generation", *generation != 0),
        ("creationTimestamp", creation_timestamp.is_some()),
        ("deletionTimestamp", deletion_timestamp.is_some()),
        (
            "deletionGracePeriodSeconds",
            deletion_grace_period_seconds.is_some(),
        ),
        ("ownerReferences", !owner_references.is_empty()),
        ("finalizers", !finalizers.is_empty()),
        ("managedFields", !managed_fields.is_empty()),
    ] {
        if set {
            at.field(name).forbidden("cannot be set");
        }
    }
}

fn claim(at: &mut At<'_>, claim: &PersistentVolumeClaimSpec) {
    access_modes(&mut at.field("accessModes"), &claim.access_modes);
    if let Some(selector) = &claim.selector {
        label_selector(&mut at.field("selector"), selector, Values::Judged);
    }
    match claim.resources.requests.get(&ResourceName::STORAGE) {
        None => {
            at.field("resources").key("storage").required("");
        }
        Some(storage) if storage.signum() <= 0 => {
            at.field("resources")
                .key("storage")
                .invalid(alloc::format!("{storage}"), "must be greater than zero");
        }
        Some(_) => {}
    }
    if let Some(class) = claim.storage_class_name.as_ref().filter(|c| !c.is_empty()) {
        at.field("storageClassName")
            .format(class, format::dns_subdomain);
    }
    if let mode @ Some(_) = &claim.volume_mode {
        at.field("volumeMode").supported(mode.as_ref());
    }
    if let Some(source) = &claim.data_source {
        let at = &mut at.field("dataSource");
        data_source(at, &source.name, &source.kind, source.api_group.as_deref());
    }
    if let Some(source) = &claim.data_source_ref {
        let at = &mut at.field("dataSourceRef");
        data_source(at, &source.name, &source.kind, source.api_group.as_deref());
        if let Some(namespace) = source.namespace.as_ref().filter(|n| !n.is_empty()) {
            at.field("namespace").format(namespace, format::dns_label);
        }
    }
    same_data_source(at, claim);
    let class = claim.volume_attributes_class_name.as_ref();
    if let Some(class) = class.filter(|class| !class.is_empty()) {
        at.field("volumeAttributesClassName")
            .format(class, format::dns_subdomain);
    }
}

fn access_modes(at: &mut At<'_>, modes: &[PersistentVolumeAccessMode]) {
    if modes.is_empty() {
        at.required("at least 1 access mode is required");
    }
    let (mut one_pod, mut others) = (false, false);
    for mode in modes {
        at.supported(Some(mode));
        match mode {
            PersistentVolumeAccessMode::ReadWriteOncePod => one_pod = true,
            mode => others |= mode.is_known(),
        }
    }
    if one_pod && others {
        at.forbidden("may not use ReadWriteOncePod with other access modes");
    }
}

fn data_source(at: &mut At<'_>, name: &str, kind: &str, group: Option<&str>) {
    at.field("name").not_empty(name);
    at.field("kind").not_empty(kind);
    match group {
        None | Some("") => {
            if kind != "PersistentVolumeClaim" {
                at.invalid(kind, "must be PersistentVolumeClaim in the core API group");
            }
        }
        Some(group) => at.field("apiGroup").format(group, format::dns_subdomain),
    }
}

/// The older field and the newer one say the same, where both say something.
fn same_data_source(at: &mut At<'_>, claim: &PersistentVolumeClaimSpec) {
    let (Some(old), Some(new)) = (&claim.data_source, &claim.data_source_ref) else {
        return;
    };
    if new.namespace.as_ref().is_some_and(|n| !n.is_empty()) {
        at.invalid(
            &old.name,
            "dataSource may not be given where dataSourceRef has a namespace",
        );
    } else if (&old.api_group, &old.kind, &old.name) != (&new.api_group, &new.kind, &new.name) {
        at.invalid(&old.name, "must match dataSourceRef");
    }
}
