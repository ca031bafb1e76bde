//! The resources that a pod and its containers are reported to have.

use alloc::{boxed::Box, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    api::{Pod, PodPhase, PodStatus, ResourceList, ResourceName, ResourceRequirements},
    lifecycle::{
        observation::{ObservedContainer, ObservedState},
        plan::Amounts,
    },
    quantity::{Format, Quantity},
    resources::{self, Options, qos},
};

/// The kernel gives no less of a limit, so that smaller ones look alike.
const LEAST_MILLI_CPU_LIMIT: i64 = 10;

/// The kernel gives no less of a request, so that smaller ones look alike.
const LEAST_MILLI_CPU_REQUEST: i64 = 2;

/// The limits of a pod's own control group, as the kernel has them.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PodCgroup {
    /// The weight of its processor time, in shares of 1024 a core.
    pub cpu_shares: Option<u64>,
    /// The processor time of a period in microseconds, -1 for no limit.
    pub cpu_quota_us: Option<i64>,
    /// The length of a period in microseconds.
    pub cpu_period_us: Option<u64>,
    /// The limit on memory in bytes.
    pub memory_bytes: Option<i64>,
}

/// Sets the quality of service and the resources of the pod as a whole.
pub(super) fn set(status: &mut PodStatus, pod: &Pod, old: &PodStatus, cgroup: Option<&PodCgroup>) {
    let options = Options::default();
    let requests = resources::requests(pod, &options);
    let spec = pod.spec.resources.as_deref();
    let resources = if pod.status.phase == Some(PodPhase::Running) {
        let mut given = spec.cloned().unwrap_or_default();
        let before = old.resources.as_deref();
        let before = before.filter(|_| old.phase == Some(PodPhase::Running));
        correct_of_pod(&mut given, before, cgroup, || {
            resources::aggregate_requests(&pod.spec).remove(&ResourceName::MEMORY)
        });
        given
    } else {
        ResourceRequirements {
            limits: resources::limits(pod, &options),
            requests: requests.clone(),
            claims: spec.map_or_else(Vec::new, |spec| spec.claims.clone()),
        }
    };
    status.qos_class = Some(qos::class(pod));
    status.allocated_resources = requests;
    status.resources = Some(Box::new(resources));
}

/// Corrects what the spec says of the pod as a whole by what its control group has.
fn correct_of_pod(
    resources: &mut ResourceRequirements,
    before: Option<&ResourceRequirements>,
    cgroup: Option<&PodCgroup>,
    memory_of_containers: impl FnOnce() -> Option<Quantity>,
) {
    let cpu_request = cgroup.and_then(PodCgroup::cpu_request);
    let cpu_limit = cgroup.and_then(PodCgroup::cpu_limit);
    let memory_limit = cgroup.and_then(PodCgroup::memory_limit);
    let memory = resources.requests.remove(&ResourceName::MEMORY);
    if let Some(memory) = memory.or_else(memory_of_containers) {
        resources.requests.insert(ResourceName::MEMORY, memory);
    }
    correct(
        &mut resources.limits,
        before.map(|before| &before.limits),
        &Given {
            cpu: cpu_limit.as_ref(),
            least_milli_cpu: LEAST_MILLI_CPU_LIMIT,
            memory: memory_limit.as_ref(),
        },
    );
    correct(
        &mut resources.requests,
        before.map(|before| &before.requests),
        &Given {
            cpu: cpu_request.as_ref(),
            least_milli_cpu: LEAST_MILLI_CPU_REQUEST,
            memory: None,
        },
    );
}

/// The period over which a kubelet limits processor time.
const CPU_PERIOD_US: u64 = 100_000;

/// As a kubelet sets a group up: the least share, and no limit, where nothing is asked for.
impl From<Amounts> for PodCgroup {
    fn from(amounts: Amounts) -> Self {
        let shares = amounts.cpu_request_milli.saturating_mul(1024) / 1000;
        let quota = amounts.cpu_limit_milli.saturating_mul(100).max(1000);
        Self {
            cpu_shares: Some(shares.clamp(2, 262_144).unsigned_abs()),
            cpu_quota_us: Some(if amounts.cpu_limit_milli > 0 {
                quota
            } else {
                -1
            }),
            cpu_period_us: Some(CPU_PERIOD_US),
            memory_bytes: Some(amounts.memory_limit).filter(|bytes| *bytes > 0),
        }
    }
}

impl PodCgroup {
    fn cpu_request(&self) -> Option<Quantity> {
        let shares = self.cpu_shares.filter(|shares| *shares >= 2)?;
        let milli = u128::from(shares).saturating_mul(1000).div_ceil(1024);
        Some(Quantity::from_milli(
            i64::try_from(milli).unwrap_or(i64::MAX),
        ))
    }

    fn cpu_limit(&self) -> Option<Quantity> {
        let quota = i128::from(self.cpu_quota_us.filter(|quota| *quota != -1)?);
        let milli = quota
            .saturating_mul(1000)
            .checked_div(i128::from(self.cpu_period_us?))?;
        Some(Quantity::from_milli(
            i64::try_from(milli).unwrap_or(i64::MAX),
        ))
    }

    fn memory_limit(&self) -> Option<Quantity> {
        let bytes = self.memory_bytes.filter(|bytes| *bytes > 0)?;
        Some(Quantity::new(bytes, Format::BinarySi))
    }
}

/// The resources of an instance: what the spec asks for, corrected by what the runtime gives.
///
/// `before` is what was reported of the same running instance.
pub(super) fn of_container(
    spec: &ResourceRequirements,
    record: &ObservedContainer,
    before: Option<&ResourceRequirements>,
) -> ResourceRequirements {
    let mut resources = spec.clone();
    if record.state != ObservedState::Running {
        return resources;
    }
    let given = record.resources.as_ref();
    if !resources.limits.is_empty() {
        let given = Given {
            cpu: given.and_then(|given| given.cpu_limit.as_ref()),
            least_milli_cpu: LEAST_MILLI_CPU_LIMIT,
            memory: given.and_then(|given| given.memory_limit.as_ref()),
        };
        correct(
            &mut resources.limits,
            before.map(|before| &before.limits),
            &given,
        );
    }
    if !resources.requests.is_empty() {
        let given = Given {
            cpu: given.and_then(|given| given.cpu_request.as_ref()),
            least_milli_cpu: LEAST_MILLI_CPU_REQUEST,
            memory: given.and_then(|given| given.memory_request.as_ref()),
        };
        correct(
            &mut resources.requests,
            before.map(|before| &before.requests),
            &given,
        );
    }
    resources
}

/// What the runtime gives an instance, of limits or of requests.
struct Given<'a> {
    cpu: Option<&'a Quantity>,
    least_milli_cpu: i64,
    memory: Option<&'a Quantity>,
}

fn correct(list: &mut ResourceList, before: Option<&ResourceList>, given: &Given<'_>) {
    let asked = milli_cpu(list);
    let is_effective = |given: &Quantity, least: i64| given.milli_value() > least || asked > least;
    let cpu = match given.cpu {
        Some(cpu) => Some(cpu).filter(|cpu| is_effective(cpu, given.least_milli_cpu)),
        None => before.and_then(|before| before.get(&ResourceName::CPU)),
    };
    let kept = before.and_then(|before| before.get(&ResourceName::MEMORY));
    let memory = given.memory.or(kept);
    for (name, amount) in [(ResourceName::CPU, cpu), (ResourceName::MEMORY, memory)] {
        if let Some(amount) = amount {
            list.insert(name, amount.clone());
        }
    }
}

fn milli_cpu(list: &ResourceList) -> i64 {
    list.get(&ResourceName::CPU)
        .map_or(0, Quantity::milli_value)
}
