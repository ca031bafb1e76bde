//! Which pod a node evicts first when it runs short of memory, process ids, disk or inodes.
//!
//! Follows the eviction manager of the kubelet, Kubernetes v1.36: pods that use more than they
//! request go first, then those of lower priority, then those that go furthest beyond. Before it looks for those,
//! a kubelet evicts the pods that use more of its disk than their [own limits](over_limit) allow. What is
//! written into the status of either is a [`Notice`].

mod notice;

use alloc::{string::String, vec::Vec};
use core::cmp::Reverse;

pub use self::notice::{Crossed, Notice, over_limit, under_pressure};

use crate::{
    api::{Pod, ResourceName, Volume, VolumeSource},
    critical,
    quantity::{Format, Quantity},
    resources,
};

wire_struct! {
    /// What a pod uses, in the form of the kubelet's summary API.
    pub struct PodStats {
        /// Its memory.
        pub memory: Option<MemoryStats> => "memory" omitempty,
        /// Its processes.
        pub process_stats: Option<ProcessStats> => "process_stats" omitempty,
        /// What its containers write to disk.
        pub containers: Vec<ContainerStats> => "containers",
        /// What is in its volumes.
        pub volume_stats: Vec<VolumeStats> => "volume" omitempty,
        /// What it uses of the node's disk in all: containers, volumes that end with it, logs and files of the kubelet's.
        pub ephemeral_storage: Option<FsStats> => "ephemeral-storage" omitempty,
    }
}

wire_struct! {
    /// How much memory a pod or a container uses.
    pub struct MemoryStats {
        /// Bytes that cannot be taken back; absent counts as 0.
        pub working_set_bytes: Option<u64> => "workingSetBytes" omitempty,
    }
}

wire_struct! {
    /// How many processes a pod has.
    pub struct ProcessStats {
        /// The number; absent counts as 0.
        pub process_count: Option<u64> => "process_count" omitempty,
    }
}

wire_struct! {
    /// What a container writes to disk.
    pub struct ContainerStats {
        /// Name of the container.
        pub name: String => "name",
        /// Its memory.
        pub memory: Option<MemoryStats> => "memory" omitempty,
        /// Its writable layer.
        pub rootfs: Option<FsStats> => "rootfs" omitempty,
        /// Its logs.
        pub logs: Option<FsStats> => "logs" omitempty,
    }
}

wire_struct! {
    /// How much of a file system something uses.
    pub struct FsStats {
        /// Bytes; absent counts as 0.
        pub used_bytes: Option<u64> => "usedBytes" omitempty,
        /// Inodes; absent counts as 0.
        pub inodes_used: Option<u64> => "inodesUsed" omitempty,
    }
}

wire_struct! {
    /// What is in a volume.
    pub struct VolumeStats {
        /// Name of the volume in the pod.
        pub name: String => "name" omitempty,
        /// Bytes; absent counts as 0.
        pub used_bytes: Option<u64> => "usedBytes" omitempty,
        /// Inodes; absent counts as 0.
        pub inodes_used: Option<u64> => "inodesUsed" omitempty,
    }
}

/// What a node is short of.
///
/// For disk and inodes, which uses lie on the file system that is short; those of images and the
/// runtime are no pod's.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Pressure<'a> {
    /// Memory.
    Memory,
    /// Process ids.
    Pids,
    /// Bytes of disk.
    EphemeralStorage(&'a [DiskUse]),
    /// Inodes.
    Inodes(&'a [DiskUse]),
}

/// What a pod uses a disk for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum DiskUse {
    /// The writable layers of its containers.
    Root,
    /// The logs of its containers.
    Logs,
    /// Volumes on the node's disk: `hostPath`, `emptyDir` of the default medium, `configMap` and
    /// `gitRepo`. Secrets and what else is kept in memory is none.
    LocalVolumes,
}

/// A pod that may be evicted, and what it uses.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The pod.
    pub pod: &'a Pod,
    /// What it uses, where that is known.
    pub stats: Option<&'a PodStats>,
}

/// Sorts pods so that the one to evict first is the first.
///
/// Under pressure on memory and disk, pods whose use is not known come first, then those that use
/// more than they request. Within these, and for process ids at once, pods of lower priority go before
/// those of higher; then those go first that use the most beyond their request (of process ids, the
/// most). As in the original, what is used of inodes is compared with the request of
/// ephemeral storage in this last step. Where nothing distinguishes two pods, they stay in
/// their order.
///
/// ```
/// use pod_lifecycle::{api::Pod, disruption::eviction::{self, Candidate, PodStats, Pressure}};
///
/// let pods: Vec<Pod> = serde_json::from_str(
///     r#"[{"metadata": {"name": "small"}}, {"metadata": {"name": "large"}}]"#,
/// )?;
/// let stats: Vec<PodStats> = serde_json::from_str(
///     r#"[{"memory": {"workingSetBytes": 1000}}, {"memory": {"workingSetBytes": 2000}}]"#,
/// )?;
/// let mut candidates: Vec<_> = pods
///     .iter()
///     .zip(&stats)
///     .map(|(pod, stats)| Candidate { pod, stats: Some(stats) })
///     .collect();
/// eviction::rank(&mut candidates, Pressure::Memory);
/// assert_eq!(candidates[0].pod.metadata.name, "large");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn rank(candidates: &mut [Candidate<'_>], pressure: Pressure<'_>) {
    candidates.sort_by_cached_key(|candidate| Rank::of(candidate, pressure));
}

/// Returns the pod that is evicted of those that [`rank`] has sorted: the first that is not
/// [critical](critical::is_critical).
///
/// ```
/// use pod_lifecycle::{api::Pod, disruption::eviction::{self, Candidate}};
///
/// let mut critical = Pod::default();
/// critical.spec.priority = Some(2_000_001_000);
/// let other = Pod::default();
/// let ranked = [&critical, &other].map(|pod| Candidate { pod, stats: None });
/// assert_eq!(eviction::victim(&ranked).map(|victim| victim.pod), Some(&other));
/// ```
#[must_use]
pub fn victim<'c, 'a>(ranked: &'c [Candidate<'a>]) -> Option<&'c Candidate<'a>> {
    let mut ranked = ranked.iter();
    ranked.find(|candidate| !critical::is_critical(candidate.pod))
}

/// By what pods are sorted, the smallest first.
#[derive(Eq, Ord, PartialEq, PartialOrd)]
struct Rank {
    standing: Standing,
    priority: i32,
    is_known: bool,
    excess: Reverse<Quantity>,
}

#[derive(Eq, Ord, PartialEq, PartialOrd)]
enum Standing {
    Unknown,
    Exceeds,
    /// Also what any pod is where requests do not matter.
    Within,
}

impl Rank {
    fn of(candidate: &Candidate<'_>, pressure: Pressure<'_>) -> Self {
        let pod = candidate.pod;
        let mut rank = Self {
            standing: Standing::Within,
            priority: pod.spec.priority.unwrap_or(0),
            is_known: candidate.stats.is_some(),
            excess: Reverse(Quantity::default()),
        };
        let Some(stats) = candidate.stats else {
            if pressure != Pressure::Pids {
                rank.standing = Standing::Unknown;
            }
            return rank;
        };
        let used = used(pod, stats, pressure);
        let (compared, subtracted) = match pressure {
            Pressure::Pids => {
                rank.excess = Reverse(used);
                return rank;
            }
            Pressure::Memory => (Some(ResourceName::MEMORY), ResourceName::MEMORY),
            Pressure::EphemeralStorage(_) => (
                Some(ResourceName::EPHEMERAL_STORAGE),
                ResourceName::EPHEMERAL_STORAGE,
            ),
            Pressure::Inodes(_) => (None, ResourceName::EPHEMERAL_STORAGE),
        };
        let requests = resources::of_kubelet(pod);
        let request = |name| requests.get(name).cloned().unwrap_or_default();
        if used > compared.as_ref().map(request).unwrap_or_default() {
            rank.standing = Standing::Exceeds;
        }
        let excess = used.checked_sub(&request(&subtracted));
        rank.excess = Reverse(excess.unwrap_or(used));
        rank
    }
}

/// How much a pod uses of what the node is short of.
fn used(pod: &Pod, stats: &PodStats, pressure: Pressure<'_>) -> Quantity {
    match pressure {
        Pressure::Memory => {
            let memory = stats.memory.as_ref();
            amount(memory.and_then(|memory| memory.working_set_bytes))
        }
        Pressure::Pids => {
            let processes = stats.process_stats.as_ref();
            amount(processes.and_then(|processes| processes.process_count))
        }
        Pressure::EphemeralStorage(uses) => on_disk(pod, stats, uses, |fs| fs.used_bytes),
        Pressure::Inodes(uses) => on_disk(pod, stats, uses, |fs| fs.inodes_used),
    }
}

fn on_disk(
    pod: &Pod,
    stats: &PodStats,
    uses: &[DiskUse],
    field: fn(&FsStats) -> Option<u64>,
) -> Quantity {
    let mut sum = Quantity::default();
    let mut add = |fs: Option<&FsStats>| {
        if let Some(total) = sum.checked_add(&amount(fs.and_then(field))) {
            sum = total;
        }
    };
    for container in &stats.containers {
        if uses.contains(&DiskUse::Root) {
            add(container.rootfs.as_ref());
        }
        if uses.contains(&DiskUse::Logs) {
            add(container.logs.as_ref());
        }
    }
    if uses.contains(&DiskUse::LocalVolumes) {
        for volume in pod.spec.volumes.iter().filter(|volume| is_local(volume)) {
            let mut all = stats.volume_stats.iter();
            if let Some(found) = all.find(|stats| stats.name == volume.name) {
                add(Some(&FsStats {
                    used_bytes: found.used_bytes,
                    inodes_used: found.inodes_used,
                }));
            }
        }
    }
    sum
}

/// Whether a volume's contents lie on the node's disk.
fn is_local(volume: &Volume) -> bool {
    volume.sources().any(|source| match source {
        VolumeSource::EmptyDir(directory) => directory.medium.is_none(),
        VolumeSource::HostPath(_) | VolumeSource::ConfigMap(_) | VolumeSource::GitRepo(_) => true,
        _ => false,
    })
}

/// A number of the statistics, written as bytes are; absent counts as 0.
fn amount(count: impl Into<Option<u64>>) -> Quantity {
    let count = i64::try_from(count.into().unwrap_or(0)).unwrap_or(i64::MAX);
    Quantity::new(count, Format::BinarySi)
}
