//! Taking a derived status over.

use alloc::boxed::Box;

use jiff::Timestamp;

use super::{IllegalTransition, check_transition, conditions::find, normalize, owned::OWNED};
use crate::api::{Pod, PodCondition, PodConditionType, PodStatus, Time};

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
/// was, and the status is [normalized](normalize). A report that lets a container that has ended for good go on is
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
    let timed = OWNED.iter().filter(|type_| !is_resize(type_));
    for type_ in timed.chain([&PodConditionType::DISRUPTION_TARGET]) {
        set_transition_time(&mut new.conditions, &base.conditions, type_, now);
    }
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

fn is_resize(type_: &PodConditionType) -> bool {
    *type_ == PodConditionType::POD_RESIZE_PENDING
        || *type_ == PodConditionType::POD_RESIZE_IN_PROGRESS
}

/// Dates the first condition of a type: as before when its status is as before.
pub(super) fn set_transition_time(
    new: &mut [PodCondition],
    base: &[PodCondition],
    type_: &PodConditionType,
    now: Time,
) {
    if let Some(condition) = new.iter_mut().find(|condition| condition.type_ == *type_) {
        condition.last_transition_time = match find(base, type_) {
            Some(base) if base.status == condition.status => base.last_transition_time,
            _ => Some(now),
        };
    }
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
        && *message == old.message
        && *reason == old.reason
        && *nominated_node_name == old.nominated_node_name
        && *host_ip == old.host_ip
        && *host_ips == old.host_ips
        && *pod_ip == old.pod_ip
        && *pod_ips == old.pod_ips
        && *start_time == old.start_time
        && *init_container_statuses == old.init_container_statuses
        && *container_statuses == old.container_statuses
        && *qos_class == old.qos_class
        && *ephemeral_container_statuses == old.ephemeral_container_statuses
        && *resize == old.resize
        && *allocated_resources == old.allocated_resources
        && *resources == old.resources
        && same_conditions(&old.conditions, conditions)
}

fn same_conditions<'a>(old: &'a [PodCondition], new: &'a [PodCondition]) -> bool {
    let shared = [PodConditionType::DISRUPTION_TARGET];
    OWNED.iter().chain(&shared).all(|type_| {
        // Of several of one type the last one counts here.
        let last = |conditions: &'a [PodCondition]| {
            conditions
                .iter()
                .rfind(|condition| condition.type_ == *type_)
        };
        match (last(old), last(new)) {
            (Some(old), Some(new)) => {
                old.status == new.status && old.reason == new.reason && old.message == new.message
            }
            (old, new) => old.is_none() && new.is_none(),
        }
    })
}
