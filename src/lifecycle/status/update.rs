//! Taking a derived status over.

use alloc::boxed::Box;

use jiff::Timestamp;

use super::{
    IllegalTransition, check_transition, normalize,
    owned::{PerKind, date},
};
use crate::{
    api::{Pod, PodStatus, Time},
    lifecycle::text,
};

/// What a new status of a pod is held against.
#[derive(Clone, Copy, Debug)]
pub struct Record<'a> {
    /// The pod as the API server has it, with its status.
    pub pod: &'a Pod,
    /// The status that was taken over last, if any was.
    pub cached: Option<&'a PodStatus>,
    /// For a static pod, the status of the mirror pod that stands for it in the API.
    pub mirror: Option<&'a PodStatus>,
    /// The current time.
    pub now: Timestamp,
}

impl<'a> Record<'a> {
    /// The status that a new one follows.
    pub(super) fn base(&self) -> &'a PodStatus {
        let api = self.mirror.unwrap_or(&self.pod.status);
        self.cached.unwrap_or(api)
    }
}

/// What became of a new status.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Update {
    /// There is nothing new in it: what was cached stays, and nothing is published.
    Unchanged,
    /// It is taken over in this form, and to be published.
    Changed(Box<PodStatus>),
    /// It is dropped, as containers do not change like that.
    Refused(IllegalTransition),
}

/// Takes a derived status over, unless it says nothing new.
///
/// Follows the status manager's `SetPodStatus` (v1.36): conditions get their transition times, the start time stays what it
/// was, and the status is [normalized](fn@normalize). A report that lets a container that has ended for good go on is
/// refused. The first report, and every one about a pod that is being deleted, counts as new.
///
/// ```
/// use pod_lifecycle::{api::Pod, jiff::Timestamp};
/// use pod_lifecycle::lifecycle::{Observation, status::{Record, StatusInput, Update, pod_status, update}};
///
/// let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web"}]}}"#)?;
/// let (observation, now) = (Observation::default(), Timestamp::UNIX_EPOCH);
/// let mut record = Record { pod: &pod, cached: None, mirror: None, now };
///
/// let status = pod_status(&StatusInput::new(&pod, &observation, now));
/// let Update::Changed(first) = update(&record, status.clone()) else { panic!("the first status is new") };
/// assert_eq!(first.start_time, Some(now.into()));
///
/// record.cached = Some(&first);
/// assert_eq!(update(&record, status), Update::Unchanged);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn update(record: &Record<'_>, mut new: PodStatus) -> Update {
    new.observed_generation = record.pod.metadata.generation;
    take_over(record, new, Force::No)
}

/// Whether a status counts as changed even if there is nothing new in it.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Force {
    Yes,
    No,
}

pub(super) fn take_over(record: &Record<'_>, mut new: PodStatus, force: Force) -> Update {
    let base = record.base();
    if let Err(illegal) = check_transition(base, &new, &record.pod.spec) {
        return Update::Refused(illegal);
    }
    let now = Time::new(record.now);
    date(&mut new.conditions, &base.conditions, now);
    new.start_time = base.start_time.or(new.start_time).or(Some(now));
    new.observed_generation = new.observed_generation.max(base.observed_generation);
    normalize(&mut new, record.pod);

    let deleted = record.pod.metadata.deletion_timestamp.is_some();
    let nothing_new = record
        .cached
        .is_some_and(|cached| says_the_same(cached, &new));
    if nothing_new && !deleted && force == Force::No {
        return Update::Unchanged;
    }
    Update::Changed(Box::new(new))
}

/// Whether two statuses differ in nothing that the kubelet reports.
///
/// Times and generations of conditions do not count, nor does what other components write.
fn says_the_same(old: &PodStatus, new: &PodStatus) -> bool {
    let PodStatus {
        observed_generation,
        phase,
        conditions,
        message,
        reason,
        nominated_node_name,
        host_ip,
        host_ips,
        pod_ip,
        pod_ips,
        start_time,
        init_container_statuses,
        container_statuses,
        qos_class,
        ephemeral_container_statuses,
        resize,
        resource_claim_statuses: _,
        extended_resource_claim_status: _,
        allocated_resources,
        resources,
        node_allocatable_resource_claim_statuses: _,
    } = new;
    *observed_generation == old.observed_generation
        && *phase == old.phase
        && text::is_same(message, &old.message)
        && text::is_same(reason, &old.reason)
        && text::is_same(nominated_node_name, &old.nominated_node_name)
        && text::is_same(host_ip, &old.host_ip)
        && *host_ips == old.host_ips
        && text::is_same(pod_ip, &old.pod_ip)
        && *pod_ips == old.pod_ips
        && *start_time == old.start_time
        && *init_container_statuses == old.init_container_statuses
        && *container_statuses == old.container_statuses
        && *qos_class == old.qos_class
        && *ephemeral_container_statuses == old.ephemeral_container_statuses
        && *resize == old.resize
        && *allocated_resources == old.allocated_resources
        && *resources == old.resources
        && PerKind::last(&old.conditions).says_the_same_as(&PerKind::last(conditions))
}
