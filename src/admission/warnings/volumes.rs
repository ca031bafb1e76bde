//! Warnings about volumes.

use alloc::{collections::BTreeSet, format, vec::Vec};

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

/// The paths of a volume's files so far, each with its position.
struct Paths<'a> {
    volume: &'a Volume,
    paths: BTreeSet<(&'a str, usize)>,
}

impl<'a> Paths<'a> {
    fn new(volume: &'a Volume) -> Self {
        Self {
            volume,
            paths: BTreeSet::new(),
        }
    }

    fn add_all(&mut self, paths: impl Iterator<Item = &'a str>, found: &mut Found) {
        for path in paths {
            self.add(path, found);
        }
    }

    fn add(&mut self, path: &'a str, found: &mut Found) {
        let path = path.trim_end_matches('/');
        if path.is_empty() || found.is_full() {
            return;
        }
        let inside = format!("{path}/");
        let mut others = self.around(path);
        let below = self.paths.range((inside.as_str(), 0)..);
        others.extend(below.take_while(|(other, _)| other.starts_with(&inside)));
        others.sort_unstable_by_key(|(_, position)| *position);
        for (other, _) in others {
            if found.is_full() {
                return;
            }
            found.somewhere(format!(
                "volume {:?}: {path:?} and {other:?} lie in each other's way",
                self.volume.name,
            ));
        }
        self.paths.insert((path, self.paths.len()));
    }

    /// Finds a path and the directories that it lies in.
    fn around<'b>(&'b self, path: &'b str) -> Vec<(&'b str, usize)> {
        let mut found = Vec::new();
        let mut begin = path;
        while let Some((other, _)) = self.paths.range(..=(begin, usize::MAX)).next_back() {
            // What is still to be found begins both.
            begin = common(path, other);
            if begin.len() == other.len() {
                if is_within(path, other) {
                    found.extend(self.paths.range((*other, 0)..=(*other, usize::MAX)));
                }
                let mut shorter = begin.chars();
                shorter.next_back();
                begin = shorter.as_str();
            }
        }
        found
    }
}

/// What two texts both begin with.
fn common<'a>(a: &'a str, b: &str) -> &'a str {
    let mut chars = a.chars();
    let mut others = b.chars();
    loop {
        let rest = chars.as_str();
        if chars.next().is_none_or(|c| others.next() != Some(c)) {
            return a.strip_suffix(rest).unwrap_or(a);
        }
    }
}

fn is_within(path: &str, directory: &str) -> bool {
    let rest = path.strip_prefix(directory);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
