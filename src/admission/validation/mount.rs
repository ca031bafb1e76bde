//! What containers see of the pod's volumes.

use super::Context;
use crate::{
    admission::view::View,
    api::{MountPropagationMode, RecursiveReadOnlyMode, VolumeMount},
    field::{At, Seen},
    format,
};

pub(super) fn volume_mounts(at: &mut At<'_>, container: View<'_>, context: &Context<'_>) {
    let devices = container.volume_devices.iter();
    let devices = Taken::new(devices.map(|d| (d.name.as_str(), d.device_path.as_str())));
    let mut paths = Seen::new();
    for (index, mount) in container.volume_mounts.iter().enumerate() {
        {
            let at = &mut at.index(index);
            at.field("name").not_empty(&mount.name);
            if context.volumes.get(&mount.name.as_str()).is_none() {
                at.field("name").not_found(&mount.name);
            }
            at.field("mountPath").not_empty(&mount.mount_path);
            if !paths.insert(mount.mount_path.as_str()) {
                at.field("mountPath")
                    .invalid(&mount.mount_path, "must be unique");
            }
            if devices.names.contains(&mount.name.as_str()) {
                at.field("name")
                    .invalid(&mount.name, "must not already exist in volumeDevices");
            }
            if devices.paths.contains(&mount.mount_path.as_str()) {
                at.field("mountPath").invalid(
                    &mount.mount_path,
                    "must not already exist as a path in volumeDevices",
                );
            }
        }
        sub_paths(at, index, mount);
        // The list has no index in these paths.
        if let Some(propagation) = &mount.mount_propagation {
            mount_propagation(&mut at.field("mountPropagation"), propagation, container);
        }
        recursive_read_only(&mut at.field("recursiveReadOnly"), mount);
    }
}

fn sub_paths(at: &mut At<'_>, index: usize, mount: &VolumeMount) {
    if !mount.sub_path.is_empty() {
        at.field("subPath")
            .format(&mount.sub_path, format::local_descending_path);
    }
    if !mount.sub_path_expr.is_empty() {
        if !mount.sub_path.is_empty() {
            at.index(index).field("subPathExpr").invalid(
                &mount.sub_path_expr,
                "subPathExpr and subPath are mutually exclusive",
            );
        }
        at.field("subPathExpr")
            .format(&mount.sub_path_expr, format::local_descending_path);
    }
}

fn mount_propagation(at: &mut At<'_>, mode: &MountPropagationMode, container: View<'_>) {
    at.supported(Some(mode));
    let context = container.security_context;
    let is_privileged = context.is_some_and(|context| context.privileged == Some(true));
    if *mode == MountPropagationMode::Bidirectional && !is_privileged {
        at.forbidden("Bidirectional mount propagation is available only to privileged containers");
    }
}

fn recursive_read_only(at: &mut At<'_>, mount: &VolumeMount) {
    match &mount.recursive_read_only {
        None | Some(RecursiveReadOnlyMode::Disabled) => {}
        Some(RecursiveReadOnlyMode::Enabled | RecursiveReadOnlyMode::IfPossible) => {
            if !mount.read_only {
                at.forbidden("may only be specified when readOnly is true");
            }
            if !matches!(
                mount.mount_propagation,
                None | Some(MountPropagationMode::None)
            ) {
                at.forbidden(
                    "may only be specified when mountPropagation is None or not specified",
                );
            }
        }
        mode @ Some(RecursiveReadOnlyMode::Other(_)) => at.supported(mode.as_ref()),
    }
}

pub(super) fn volume_devices(at: &mut At<'_>, container: View<'_>, context: &Context<'_>) {
    if container.volume_devices.is_empty() {
        return;
    }
    let mounts = container.volume_mounts.iter();
    let mounts = Taken::new(mounts.map(|m| (m.name.as_str(), m.mount_path.as_str())));
    let mut names = Seen::new();
    let mut paths = Seen::new();
    for (index, device) in container.volume_devices.iter().enumerate() {
        let at = &mut at.index(index);
        at.field("name").not_empty(&device.name);
        if names.contains(&device.name.as_str()) {
            at.field("name").invalid(&device.name, "must be unique");
        }
        match context.volumes.get(&device.name.as_str()) {
            None => {
                at.field("name").not_found(&device.name);
            }
            Some(volume)
                if volume.persistent_volume_claim.is_none() && volume.ephemeral.is_none() =>
            {
                at.field("name").invalid(
                    &device.name,
                    "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode",
                );
            }
            Some(_) => {}
        }
        at.field("devicePath").not_empty(&device.device_path);
        if paths.contains(&device.device_path.as_str()) {
            at.field("devicePath")
                .invalid(&device.device_path, "must be unique");
        }
        let violations = format::path_without_backsteps(&device.device_path);
        if violations.is_empty() {
            paths.insert(device.device_path.as_str());
        } else {
            at.field("devicePath")
                .format(&device.device_path, |_| violations);
        }
        if mounts.names.contains(&device.name.as_str()) {
            at.field("name")
                .invalid(&device.name, "must not already exist in volumeMounts");
        }
        if mounts.paths.contains(&device.device_path.as_str()) {
            at.field("devicePath").invalid(
                &device.device_path,
                "must not already exist as a path in volumeMounts",
            );
        }
        if !device.name.is_empty() {
            names.insert(device.name.as_str());
        }
    }
}

/// The names of mounts or devices, and their paths, of which the last of a name counts.
struct Taken<'a> {
    names: Seen<&'a str>,
    paths: Seen<&'a str>,
}

impl<'a> Taken<'a> {
    fn new(entries: impl DoubleEndedIterator<Item = (&'a str, &'a str)>) -> Self {
        let (mut names, mut paths) = (Seen::new(), Seen::new());
        for (name, path) in entries.rev() {
            if names.insert(name) {
                paths.insert(path);
            }
        }
        Self { names, paths }
    }
}
