//! How a pod is evicted: what its status says then, and how long it gets.

use alloc::{format, string::String};

use super::{Candidate, ContainerStats, DiskUse, FsStats, Pressure, amount};
use crate::{
    api::{Container, Pod, ResourceName, VolumeSource},
    quantity::Quantity,
    resources,
};

/// What a pod gets that has to go at once, in seconds.
const AT_ONCE: i64 = 1;

/// How a pod is evicted.
///
/// Its phase becomes `Failed`, its reason `Evicted`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Notice {
    /// The status' message.
    pub message: String,
    /// The grace that the containers get in place of the pod's own, in seconds.
    pub grace_period_seconds: i64,
    /// Whether the pod gets the condition `DisruptionTarget`: not where it has used more than its own limits allow.
    pub is_disruption_target: bool,
}

/// A threshold that a node has crossed.
///
/// ```
/// use pod_lifecycle::disruption::eviction::Crossed;
///
/// let hard = Crossed {
///     threshold: "100Mi".parse()?,
///     available: "80Mi".parse()?,
///     max_pod_grace_period_seconds: None,
/// };
/// assert!(hard.available < hard.threshold);
/// # Ok::<(), pod_lifecycle::quantity::ParseQuantityError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Crossed {
    /// How much has to be left.
    pub threshold: Quantity,
    /// How much is left.
    pub available: Quantity,
    /// The kubelet's `evictionMaxPodGracePeriod`, for a soft threshold; absent for a hard one.
    pub max_pod_grace_period_seconds: Option<i64>,
}

/// Returns how a pod is evicted from a node that runs short, the [victim](super::victim) for one.
///
/// The message names what is short, the threshold, and every container that uses more memory or disk than it
/// requests: of memory, than the status says is allocated to it, where there is a status. On a hard threshold the pod has one second;
/// on a soft one its own grace period, and no more than the kubelet's.
///
/// ```
/// use pod_lifecycle::{
///     api::Pod, disruption::eviction::{self, Candidate, Crossed, PodStats, Pressure},
/// };
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"containers": [{"name": "web", "resources": {"requests": {"memory": "64Mi"}}}]}}"#,
/// )?;
/// let stats: PodStats = serde_json::from_str(
///     r#"{"containers": [{"name": "web", "memory": {"workingSetBytes": 134217728}}]}"#,
/// )?;
/// let crossed = Crossed {
///     threshold: "100Mi".parse().unwrap(),
///     available: "80Mi".parse().unwrap(),
///     max_pod_grace_period_seconds: None,
/// };
/// let candidate = Candidate { pod: &pod, stats: Some(&stats) };
/// let notice = eviction::under_pressure(&candidate, Pressure::Memory, Some(&crossed));
/// assert_eq!(
///     notice.message,
///     "The node was low on resource: memory. Threshold quantity: 100Mi, available: 80Mi. \
///      Container web was using 128Mi, request is 64Mi, has larger consumption of memory. ",
/// );
/// assert_eq!((notice.grace_period_seconds, notice.is_disruption_target), (1, true));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn under_pressure(
    candidate: &Candidate<'_>,
    pressure: Pressure<'_>,
    crossed: Option<&Crossed>,
) -> Notice {
    let resource = match pressure {
        Pressure::Memory => "memory",
        Pressure::Pids => "pids",
        Pressure::EphemeralStorage(_) => "ephemeral-storage",
        Pressure::Inodes(_) => "inodes",
    };
    let mut message = format!("The node was low on resource: {resource}. ");
    if let Some(Crossed {
        threshold,
        available,
        ..
    }) = crossed
    {
        message += &format!("Threshold quantity: {threshold}, available: {available}. ");
    }
    let pod = candidate.pod;
    for stats in candidate
        .stats
        .into_iter()
        .flat_map(|stats| &stats.containers)
    {
        let all = pod.spec.containers.iter().chain(&pod.spec.init_containers);
        for container in all.filter(|container| container.name == stats.name) {
            let Some((used, request)) = consumption(pod, container, stats, pressure) else {
                continue;
            };
            if used > request {
                message += &format!(
                    "Container {} was using {used}, request is {request}, has larger consumption of {resource}. ",
                    stats.name
                );
            }
        }
    }
    let soft = crossed.and_then(|crossed| crossed.max_pod_grace_period_seconds);
    let own = pod.spec.termination_grace_period_seconds;
    Notice {
        message,
        grace_period_seconds: soft.map_or(AT_ONCE, |most| own.map_or(most, |own| own.min(most))),
        is_disruption_target: true,
    }
}

/// What a container uses and what it has asked for, of what counts for single containers.
fn consumption(
    pod: &Pod,
    container: &Container,
    stats: &ContainerStats,
    pressure: Pressure<'_>,
) -> Option<(Quantity, Quantity)> {
    let requests = &container.resources.requests;
    match pressure {
        Pressure::Memory => {
            let used = stats.memory.as_ref()?.working_set_bytes?;
            let mut statuses = pod.status.container_statuses.iter();
            let status = statuses.find(|status| status.name == stats.name);
            let granted = status.map_or(requests, |status| &status.allocated_resources);
            let request = granted.get(&ResourceName::MEMORY).cloned();
            Some((amount(used), request.unwrap_or_default()))
        }
        Pressure::EphemeralStorage(_) => {
            let used = |fs: &Option<FsStats>| fs.as_ref()?.used_bytes;
            let used = used(&stats.rootfs)?.saturating_add(used(&stats.logs)?);
            let request = requests.get(&ResourceName::EPHEMERAL_STORAGE).cloned();
            Some((amount(used), request.unwrap_or_default()))
        }
        Pressure::Pids | Pressure::Inodes(_) => None,
    }
}

/// Returns how a pod is evicted that uses more of the node's disk than its own limits allow, if it does.
///
/// Looked at are the size limits of its `emptyDir` volumes; its limit of ephemeral storage as a whole, against what the
/// statistics say of the whole pod ([`ephemeral_storage`](super::PodStats::ephemeral_storage)); and those of its
/// regular containers, against their logs and writable layers. `uses` is what lies on the disk that the kubelet watches: writable
/// layers are not on it where images have a disk of their own. It needs no pressure, and critical pods are spared as from any eviction: the caller asks for them
/// no more than for a [victim](super::victim). Such a pod has one second, and is no disruption target.
///
/// ```
/// use pod_lifecycle::{api::Pod, disruption::eviction::{self, Candidate, DiskUse, PodStats}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}}]}}"#,
/// )?;
/// let stats: PodStats =
///     serde_json::from_str(r#"{"volume": [{"name": "cache", "usedBytes": 2147483648}]}"#)?;
/// let candidate = Candidate { pod: &pod, stats: Some(&stats) };
/// let disk = [DiskUse::Root, DiskUse::Logs, DiskUse::LocalVolumes];
/// let notice = eviction::over_limit(&candidate, &disk).unwrap();
/// assert_eq!(notice.message, r#"Usage of EmptyDir volume "cache" exceeds the limit "1Gi". "#);
/// assert!(!notice.is_disruption_target);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn over_limit(candidate: &Candidate<'_>, uses: &[DiskUse]) -> Option<Notice> {
    let message = over_volume_limit(candidate)
        .or_else(|| over_pod_limit(candidate))
        .or_else(|| over_container_limit(candidate, uses))?;
    Some(Notice {
        message,
        grace_period_seconds: AT_ONCE,
        is_disruption_target: false,
    })
}

fn over_volume_limit(candidate: &Candidate<'_>) -> Option<String> {
    let stats = candidate.stats?;
    candidate.pod.spec.volumes.iter().find_map(|volume| {
        let limit = volume.sources().find_map(|source| match source {
            VolumeSource::EmptyDir(directory) => directory.size_limit.as_ref(),
            _ => None,
        })?;
        // The last entry of a name counts.
        let mut all = stats.volume_stats.iter().rev();
        let used = all.find(|stats| stats.name == volume.name)?.used_bytes?;
        let exceeds = limit.signum() > 0 && amount(used) > *limit;
        let name = &volume.name;
        exceeds
            .then(|| format!("Usage of EmptyDir volume \"{name}\" exceeds the limit \"{limit}\". "))
    })
}

fn over_pod_limit(candidate: &Candidate<'_>) -> Option<String> {
    let used = candidate.stats?.ephemeral_storage.as_ref()?.used_bytes;
    let limits = resources::limits(candidate.pod, &resources::Options::default());
    let limit = limits.get(&ResourceName::EPHEMERAL_STORAGE)?;
    (amount(used) > *limit).then(|| {
        format!("Pod ephemeral local storage usage exceeds the total limit of containers {limit}. ")
    })
}

fn over_container_limit(candidate: &Candidate<'_>, uses: &[DiskUse]) -> Option<String> {
    let used = |fs: &Option<FsStats>| fs.as_ref().and_then(|fs| fs.used_bytes).unwrap_or(0);
    candidate.stats?.containers.iter().find_map(|stats| {
        // The last container of a name counts.
        let containers = candidate.pod.spec.containers.iter().rev();
        let limit = containers
            .filter(|container| container.name == stats.name)
            .find_map(|container| {
                container
                    .resources
                    .limits
                    .get(&ResourceName::EPHEMERAL_STORAGE)
            })
            .filter(|limit| limit.signum() != 0)?;
        let root = match uses.contains(&DiskUse::Root) {
            true => used(&stats.rootfs),
            false => 0,
        };
        let exceeds = amount(used(&stats.logs).saturating_add(root)) > *limit;
        let name = &stats.name;
        exceeds.then(|| {
            format!("Container {name} exceeded its local ephemeral storage limit \"{limit}\". ")
        })
    })
}
