//! Warnings about volumes.

use alloc::{format, vec::Vec};

use super::{Found, fraction};
use crate::{
    api::{
        DownwardAPIVolumeFile, KeyToPath, PersistentVolumeClaimSpec, ProjectedVolumeSource,
        ResourceName, Volume, VolumeProjection, VolumeSource,
    },
    field::At,
};

pub(super) fn volumes(at: &mut At<'_>, volumes: &[Volume], found: &mut Found) {
    at.each(volumes, |at, volume| {
        for source in volume.sources() {
            match source {
                VolumeSource::PhotonPersistentDisk(_)
                | VolumeSource::GitRepo(_)
                | VolumeSource::ScaleIO(_)
                | VolumeSource::Flocker(_)
                | VolumeSource::Quobyte(_)
                | VolumeSource::Glusterfs(_)
                | VolumeSource::CephFS(_)
                | VolumeSource::RBD(_) => gone(at, source.name(), found),
                VolumeSource::StorageOS(_) => gone(at, "storageOS", found),
                VolumeSource::Ephemeral(source) => {
                    if let Some(template) = &source.volume_claim_template {
                        let at = &mut at.field("ephemeral");
                        let at = &mut at.field("volumeClaimTemplate");
                        claim(&mut at.field("spec"), &template.spec, found);
                    }
                }
                _ => {}
            }
        }
    });
    for volume in volumes {
        overlaps(volume, found);
    }
}

fn gone(at: &mut At<'_>, name: &str, found: &mut Found) {
    found.at(&at.field(name), "volumes of this kind do not work any more");
}

fn claim(at: &mut At<'_>, claim: &PersistentVolumeClaimSpec, found: &mut Found) {
    let at = &mut at.field("resources");
    let resources = &claim.resources;
    let storage = ResourceName::STORAGE;
    fraction(
        &mut at.field("requests"),
        &resources.requests,
        &storage,
        found,
    );
    fraction(&mut at.field("limits"), &resources.limits, &storage, found);
}

/// Files of a volume that lie in each other's way.
fn overlaps(volume: &Volume, found: &mut Found) {
    let mut paths = Paths::new(volume);
    if let Some(source) = &volume.config_map {
        paths.add_all(key_paths(&source.items), found);
    }
    let mut paths = Paths::new(volume);
    if let Some(source) = &volume.secret {
        paths.add_all(key_paths(&source.items), found);
    }
    let mut paths = Paths::new(volume);
    if let Some(source) = &volume.downward_api {
        paths.add_all(file_paths(&source.items), found);
    }
    if let Some(source) = &volume.projected {
        projected(volume, source, found);
    }
}

fn projected(volume: &Volume, projected: &ProjectedVolumeSource, found: &mut Found) {
    let mut paths = Paths::new(volume);
    for source in &projected.sources {
        let VolumeProjection {
            secret,
            downward_api,
            config_map,
            service_account_token,
            cluster_trust_bundle,
            pod_certificate,
        } = source;
        if *source == VolumeProjection::default() {
            found.somewhere(format!("volume {:?} has an empty source", volume.name));
        } else if let Some(source) = config_map.as_ref().filter(|s| !s.items.is_empty()) {
            paths.add_all(key_paths(&source.items), found);
        } else if let Some(source) = secret.as_ref().filter(|s| !s.items.is_empty()) {
            paths.add_all(key_paths(&source.items), found);
        } else if let Some(source) = downward_api.as_ref().filter(|s| !s.items.is_empty()) {
            paths.add_all(file_paths(&source.items), found);
        } else if let Some(source) = service_account_token {
            paths.add(&source.path, found);
        } else if let Some(source) = cluster_trust_bundle {
            paths.add(&source.path, found);
        } else if let Some(source) = pod_certificate {
            paths.add(&source.certificate_chain_path, found);
            paths.add(&source.key_path, found);
            paths.add(&source.credential_bundle_path, found);
        }
    }
}

fn key_paths(items: &[KeyToPath]) -> impl Iterator<Item = &str> {
    items.iter().map(|item| item.path.as_str())
}

fn file_paths(items: &[DownwardAPIVolumeFile]) -> impl Iterator<Item = &str> {
    items.iter().map(|item| item.path.as_str())
}

/// The paths of a volume's files so far.
struct Paths<'a> {
    volume: &'a Volume,
    paths: Vec<&'a str>,
}

impl<'a> Paths<'a> {
    fn new(volume: &'a Volume) -> Self {
        Self {
            volume,
            paths: Vec::new(),
        }
    }

    fn add_all(&mut self, paths: impl Iterator<Item = &'a str>, found: &mut Found) {
        for path in paths {
            self.add(path, found);
        }
    }

    fn add(&mut self, path: &'a str, found: &mut Found) {
        let path = path.trim_end_matches('/');
        if path.is_empty() {
            return;
        }
        for other in &self.paths {
            if found.is_full() {
                return;
            }
            if is_within(path, other) || is_within(other, path) {
                found.somewhere(format!(
                    "volume {:?}: {path:?} and {other:?} lie in each other's way",
                    self.volume.name,
                ));
            }
        }
        self.paths.push(path);
    }
}

fn is_within(path: &str, directory: &str) -> bool {
    let rest = path.strip_prefix(directory);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
