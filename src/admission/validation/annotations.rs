//! Annotations with a meaning, and the fields that took their place.

use alloc::{collections::BTreeMap, format, string::String};
use core::ops::Bound;

use super::{Context, json, placement};
use crate::{
    admission::view::View,
    api::{
        AppArmorProfile, AppArmorProfileType, ObjectMeta, PodSpec, SeccompProfile,
        SeccompProfileType,
    },
    critical::CONFIG_MIRROR,
    field::{At, Seen},
    format,
};

const DELETION_COST: &str = "controller.kubernetes.io/pod-deletion-cost";
const TOLERATIONS: &str = "scheduler.alpha.kubernetes.io/tolerations";
pub(in crate::admission) const SECCOMP_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
pub(in crate::admission) const SECCOMP_CONTAINER: &str =
    "container.seccomp.security.alpha.kubernetes.io/";
pub(in crate::admission) const APP_ARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";

/// Up to this number of annotations, one is found by looking at all of them.
const FEW: usize = 16;

const UNCONFINED: &str = "unconfined";
const RUNTIME_DEFAULT: &str = "runtime/default";
const DOCKER_DEFAULT: &str = "docker/default";
const LOCALHOST: &str = "localhost/";

type Annotations = BTreeMap<String, String>;

pub(super) fn pod_annotations(at: &mut At<'_>, annotations: &Annotations, context: &Context<'_>) {
    if let Some(value) = annotations.get(CONFIG_MIRROR) {
        if context.spec.node_name.is_empty() {
            at.key(CONFIG_MIRROR)
                .invalid(value, "a mirror pod must have a node name");
        }
    }
    if let Some(value) = annotations.get(TOLERATIONS).filter(|v| !v.is_empty()) {
        match json::tolerations(value) {
            Some(tolerations) => at
                .field(TOLERATIONS)
                .each(&tolerations, |at, t| placement::toleration(at, t, context)),
            None => {
                at.invalid(TOLERATIONS, "must be a list of tolerations, as JSON");
            }
        }
    }
    if !context.tolerated.deletion_cost && has_invalid_deletion_cost(annotations) {
        at.key(DELETION_COST).invalid(
            annotations.get(DELETION_COST).map_or("", String::as_str),
            "must be a 32 bit integer without leading zeros or a plus",
        );
    }
    seccomp(at, annotations);
    app_armor(at, annotations, context.spec);
}

pub(super) fn has_invalid_deletion_cost(annotations: &Annotations) -> bool {
    let Some(cost) = annotations.get(DELETION_COST) else {
        return false;
    };
    let starts_well = cost.starts_with(['-', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    cost != "0" && (!starts_well || cost.parse::<i32>().is_err())
}

/// The annotations whose keys begin with a prefix, by what follows it.
fn prefixed<'a>(
    annotations: &'a Annotations,
    prefix: &'a str,
) -> impl Iterator<Item = (&'a String, &'a str, &'a String)> + Clone {
    annotations
        .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
        .map_while(move |(key, value)| Some((key, key.strip_prefix(prefix)?, value)))
}

/// The annotation for one container.
pub(in crate::admission) fn of_container<'a>(
    annotations: &'a Annotations,
    prefix: &'a str,
    name: &str,
) -> Option<&'a String> {
    let mut all = prefixed(annotations, prefix);
    if all.clone().nth(FEW).is_some() {
        return annotations.get(&format!("{prefix}{name}"));
    }
    all.find(|(_, of, _)| *of == name)
        .map(|(_, _, value)| value)
}

/// Unlike other annotations, these have their keys behind a dot in the path.
fn seccomp(at: &mut At<'_>, annotations: &Annotations) {
    let pod = annotations.get_key_value(SECCOMP_POD);
    let containers = prefixed(annotations, SECCOMP_CONTAINER).map(|(key, _, value)| (key, value));
    for (key, value) in pod.into_iter().chain(containers) {
        match value.as_str() {
            RUNTIME_DEFAULT | DOCKER_DEFAULT | UNCONFINED => {}
            value => match value.strip_prefix(LOCALHOST) {
                Some(path) => at.field(key).format(path, format::local_descending_path),
                None => {
                    at.field(key).invalid(
                        value,
                        "must be runtime/default, unconfined, or localhost/ and a path",
                    );
                }
            },
        }
    }
}

fn app_armor(at: &mut At<'_>, annotations: &Annotations, spec: &PodSpec) {
    let mut annotations = prefixed(annotations, APP_ARMOR).peekable();
    if annotations.peek().is_none() {
        return;
    }
    let names: Seen<_> = spec.all_containers().map(|c| c.name()).collect();
    for (key, name, value) in annotations {
        if !names.contains(&name) {
            at.key(key).invalid(name, "must name a container");
        }
        let known = matches!(value.as_str(), "" | RUNTIME_DEFAULT | UNCONFINED);
        if !known && !value.starts_with(LOCALHOST) {
            at.key(key).invalid(
                value,
                "must be runtime/default, unconfined, or localhost/ and a profile",
            );
        }
    }
}

/// Where a pod or container has both, annotation and field must say the same.
pub(super) fn agree_with_seccomp_fields(at: &mut At<'_>, metadata: &ObjectMeta, spec: &PodSpec) {
    let of_pod = spec.security_context.as_ref();
    let of_pod = of_pod.and_then(|context| context.seccomp_profile.as_deref());
    if let (Some(field), Some(annotation)) = (of_pod, metadata.annotations.get(SECCOMP_POD)) {
        let at = &mut at.field("securityContext");
        seccomp_agrees(&mut at.field("seccompProfile"), field, annotation);
    }
    View::each(at, spec, |at, container| {
        let field = container.security_context;
        let Some(field) = field.and_then(|context| context.seccomp_profile.as_deref()) else {
            return;
        };
        let annotations = &metadata.annotations;
        if let Some(annotation) = of_container(annotations, SECCOMP_CONTAINER, container.name) {
            let at = &mut at.field("securityContext");
            seccomp_agrees(&mut at.field("seccompProfile"), field, annotation);
        }
    });
}

fn seccomp_agrees(at: &mut At<'_>, field: &SeccompProfile, annotation: &str) {
    let localhost = annotation.strip_prefix(LOCALHOST);
    let same_type = match field.type_ {
        Some(SeccompProfileType::Unconfined) => annotation == UNCONFINED,
        Some(SeccompProfileType::RuntimeDefault) => {
            matches!(annotation, RUNTIME_DEFAULT | DOCKER_DEFAULT)
        }
        Some(SeccompProfileType::Localhost) => localhost.is_some(),
        Some(SeccompProfileType::Other(_)) | None => return,
    };
    agrees(
        at,
        same_type,
        field.type_ != Some(SeccompProfileType::Localhost)
            || field.localhost_profile.as_deref() == localhost,
    );
}

/// As for seccomp, but the pod's profile counts where a container has none.
pub(super) fn agree_with_app_armor_fields(at: &mut At<'_>, metadata: &ObjectMeta, spec: &PodSpec) {
    if super::windows::is_windows(spec) {
        return;
    }
    let of_pod = spec.security_context.as_ref();
    let of_pod = of_pod.and_then(|context| context.app_armor_profile.as_deref());
    View::each(at, spec, |at, container| {
        let own = container.security_context;
        let own = own.and_then(|context| context.app_armor_profile.as_deref());
        let Some(field) = own.or(of_pod) else {
            return;
        };
        if let Some(annotation) = of_container(&metadata.annotations, APP_ARMOR, container.name) {
            let at = &mut at.field("securityContext");
            app_armor_agrees(&mut at.field("appArmorProfile"), field, annotation);
        }
    });
}

fn app_armor_agrees(at: &mut At<'_>, field: &AppArmorProfile, annotation: &str) {
    let localhost = annotation.strip_prefix(LOCALHOST);
    let same_type = match field.type_ {
        Some(AppArmorProfileType::Unconfined) => annotation == UNCONFINED,
        Some(AppArmorProfileType::RuntimeDefault) => annotation == RUNTIME_DEFAULT,
        Some(AppArmorProfileType::Localhost) => localhost.is_some(),
        Some(AppArmorProfileType::Other(_)) | None => return,
    };
    agrees(
        at,
        same_type,
        field.type_ != Some(AppArmorProfileType::Localhost)
            || field.localhost_profile.as_deref() == localhost,
    );
}

fn agrees(at: &mut At<'_>, same_type: bool, same_profile: bool) {
    if !same_type {
        at.field("type")
            .forbidden("must say what the annotation says");
    } else if !same_profile {
        at.field("localhostProfile")
            .forbidden("must say what the annotation says");
    }
}

/// Annotations that cannot change, and the rules for all of them once more.
pub(super) fn pod_annotations_update(
    at: &mut At<'_>,
    new: &Annotations,
    old: &Annotations,
    context: &Context<'_>,
) {
    let is_fixed = |key: &str| key.starts_with(APP_ARMOR) || key == CONFIG_MIRROR;
    for key in old.keys().filter(|key| is_fixed(key)) {
        match new.get(key) {
            None => {
                at.key(key).forbidden("the annotation cannot be removed");
            }
            Some(value) if Some(value) != old.get(key) => {
                at.key(key).forbidden("the annotation cannot be changed");
            }
            Some(_) => {}
        }
    }
    for key in new.keys().filter(|key| is_fixed(key)) {
        if !old.contains_key(key) {
            at.key(key).forbidden("the annotation cannot be added");
        }
    }
    pod_annotations(at, new, context);
}
