//! Volumes that pods cannot share: old kinds of disks, and claims for one pod alone.

use alloc::{string::String, vec::Vec};

use crate::api::{PodSpec, Volume, VolumeSource};

/// A disk that a pod mounts by itself, without a claim.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) enum Disk {
    Gce {
        name: String,
        read_only: bool,
    },
    Ebs {
        volume: String,
    },
    Iscsi {
        iqn: String,
        read_only: bool,
    },
    Rbd {
        monitors: Vec<String>,
        pool: String,
        image: String,
        read_only: bool,
    },
}

impl Disk {
    pub(super) fn all_of(pod: &PodSpec) -> Vec<Self> {
        let sources = pod.volumes.iter().flat_map(Volume::sources);
        let disks = sources.filter_map(|source| match source {
            VolumeSource::GCEPersistentDisk(disk) => Some(Self::Gce {
                name: disk.pd_name.clone(),
                read_only: disk.read_only,
            }),
            VolumeSource::AWSElasticBlockStore(disk) => Some(Self::Ebs {
                volume: disk.volume_id.clone(),
            }),
            VolumeSource::ISCSI(disk) => Some(Self::Iscsi {
                iqn: disk.iqn.clone(),
                read_only: disk.read_only,
            }),
            VolumeSource::RBD(disk) => Some(Self::Rbd {
                monitors: disk.monitors.clone(),
                pool: disk.pool.clone(),
                image: disk.image.clone(),
                read_only: disk.read_only,
            }),
            _ => None,
        });
        disks.collect()
    }

    /// Whether two pods on one node cannot both have their disk.
    pub(super) fn conflicts_with(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Gce { name, read_only },
                Self::Gce {
                    name: other,
                    read_only: both,
                },
            ) => name == other && !(*read_only && *both),
            (Self::Ebs { volume }, Self::Ebs { volume: other }) => volume == other,
            (
                Self::Iscsi { iqn, read_only },
                Self::Iscsi {
                    iqn: other,
                    read_only: both,
                },
            ) => iqn == other && !(*read_only && *both),
            (
                Self::Rbd {
                    monitors,
                    pool,
                    image,
                    read_only,
                },
                Self::Rbd {
                    monitors: others,
                    pool: other_pool,
                    image: other_image,
                    read_only: both,
                },
            ) => {
                pool == other_pool
                    && image == other_image
                    && monitors.iter().any(|monitor| others.contains(monitor))
                    && !(*read_only && *both)
            }
            _ => false,
        }
    }
}

/// The names of the claims that a pod's volumes use.
pub(super) fn claims(pod: &PodSpec) -> impl Iterator<Item = &str> {
    let claims = pod
        .volumes
        .iter()
        .filter_map(|volume| volume.persistent_volume_claim.as_ref());
    claims.map(|claim| claim.claim_name.as_str())
}
