//! Resources that change while a container runs.

use super::{Amounts, Planner, Update};
use crate::{
    api::{
        Container, Pod, ResourceList, ResourceName, ResourceRequirements,
        ResourceResizeRestartPolicy,
    },
    lifecycle::{observation::ObservedContainer, termination::KillReason},
    quantity::Quantity,
    resources::{self, Options},
};

/// How a running container takes its resources.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Resize {
    /// As they are, or changed while it runs.
    InPlace,
    /// By a restart.
    Restart,
}

impl Resize {
    pub(super) fn needs_restart(self) -> bool {
        self == Self::Restart
    }
}

impl<'a> Planner<'a> {
    /// Compares the resources of a running container with those last applied, as `computePodResizeAction` does.
    pub(super) fn resize(
        &mut self,
        container: &'a Container,
        seen: &'a ObservedContainer,
    ) -> Resize {
        let Some(actuated) = self.input.actuated else {
            return Resize::InPlace;
        };
        let pod_level = self.input.pod.spec.resources.as_deref();
        let desired = Amounts::of(Some(&container.resources)).or_limits(pod_level);
        let current =
            Amounts::of(actuated.containers.get(&container.name)).or_limits(actuated.pod.as_ref());
        let cpu = Change::of(&ResourceName::CPU, &desired, &current);
        let memory = Change::of(&ResourceName::MEMORY, &desired, &current);
        let needs_restart =
            |change: Change, resource| change != Change::None && restarts_for(container, &resource);
        if needs_restart(cpu, ResourceName::CPU) || needs_restart(memory, ResourceName::MEMORY) {
            self.kill(seen, KillReason::Resized);
            self.plan.update_pod_resources = true;
            return Resize::Restart;
        }
        let update = Update {
            container,
            id: &seen.id,
            desired,
            current,
        };
        for (list, change) in [
            (&mut self.cpu_to_update, cpu),
            (&mut self.memory_to_update, memory),
        ] {
            match change {
                Change::Grows => list.push_back(update),
                Change::Shrinks => list.push_front(update),
                Change::None => {}
            }
        }
        Resize::InPlace
    }

    /// Whether the pod's own resources differ from those last applied.
    pub(super) fn resizes_pod(&self) -> bool {
        self.input.actuated.is_some_and(|actuated| {
            Amounts::of(self.input.pod.spec.resources.as_deref())
                != Amounts::of(actuated.pod.as_ref())
        })
    }
}

/// What becomes of an amount.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Change {
    None,
    Grows,
    Shrinks,
}

impl Change {
    pub(crate) fn of(resource: &ResourceName, desired: &Amounts, current: &Amounts) -> Self {
        let (limit, request) = if *resource == ResourceName::CPU {
            (
                (desired.cpu_limit_milli, current.cpu_limit_milli),
                (desired.cpu_request_milli, current.cpu_request_milli),
            )
        } else {
            (
                (desired.memory_limit, current.memory_limit),
                (desired.memory_request, current.memory_request),
            )
        };
        change(limit, request)
    }
}

/// Goes by the limit, and by the request only where the limit stays; both are (desired, current).
fn change(limit: (i64, i64), request: (i64, i64)) -> Change {
    match limit.0.cmp(&limit.1).then(request.0.cmp(&request.1)) {
        core::cmp::Ordering::Less => Change::Shrinks,
        core::cmp::Ordering::Equal => Change::None,
        core::cmp::Ordering::Greater => Change::Grows,
    }
}

fn restarts_for(container: &Container, resource: &ResourceName) -> bool {
    container
        .resize_policy
        .iter()
        .find(|policy| policy.resource_name == *resource)
        .is_some_and(|policy| {
            policy.restart_policy == Some(ResourceResizeRestartPolicy::RestartContainer)
        })
}

impl Amounts {
    /// Returns what requirements say of these resources: 0 where they say nothing.
    ///
    /// ```
    /// use pod_lifecycle::{api::ResourceRequirements, lifecycle::plan::Amounts};
    ///
    /// let asked: ResourceRequirements = serde_json::from_str(r#"{"limits": {"cpu": "1500m"}}"#)?;
    /// assert_eq!(Amounts::of(Some(&asked)).cpu_limit_milli, 1500);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn of(resources: Option<&ResourceRequirements>) -> Self {
        let amount = |list: &ResourceList, resource: &ResourceName, unit: fn(&Quantity) -> i64| {
            list.get(resource).map_or(0, unit)
        };
        resources.map_or_else(Self::default, |resources| Self {
            memory_limit: amount(&resources.limits, &ResourceName::MEMORY, Quantity::value),
            memory_request: amount(&resources.requests, &ResourceName::MEMORY, Quantity::value),
            cpu_limit_milli: amount(&resources.limits, &ResourceName::CPU, Quantity::milli_value),
            cpu_request_milli: amount(
                &resources.requests,
                &ResourceName::CPU,
                Quantity::milli_value,
            ),
        })
    }

    /// Returns what a pod's containers share: the pod's requests, and its limits where every container has one or the
    /// pod has its own.
    ///
    /// It is what a kubelet sets the pod's control group to.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, lifecycle::plan::Amounts};
    ///
    /// let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [
    ///     {"name": "a", "resources": {"limits": {"cpu": "1", "memory": "1Mi"}}},
    ///     {"name": "b", "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "250m"}}}
    /// ]}}"#)?;
    /// let amounts = Amounts::of_pod(&pod);
    /// assert_eq!(amounts.cpu_limit_milli, 2000);
    /// assert_eq!(amounts.cpu_request_milli, 250);
    /// assert_eq!(amounts.memory_limit, 0, "the other one may take all there is");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn of_pod(pod: &Pod) -> Self {
        let options = Options::default();
        let mut limits = resources::limits(pod, &options);
        let own = pod.spec.resources.as_deref();
        let has = |resources: &ResourceRequirements, name: &ResourceName| {
            let limit = resources.limits.get(name);
            limit.is_some_and(|limit| !limit.is_zero())
        };
        limits.retain(|name, _| {
            let mut containers = pod.spec.init_containers.iter().chain(&pod.spec.containers);
            own.is_some_and(|own| has(own, name))
                || containers.all(|container| has(&container.resources, name))
        });
        Self::of(Some(&ResourceRequirements {
            limits,
            requests: resources::requests(pod, &options),
            ..ResourceRequirements::default()
        }))
    }

    /// Takes one resource from another.
    pub(crate) fn with(self, resource: &ResourceName, other: &Self) -> Self {
        if *resource == ResourceName::CPU {
            Self {
                cpu_limit_milli: other.cpu_limit_milli,
                cpu_request_milli: other.cpu_request_milli,
                ..self
            }
        } else {
            Self {
                memory_limit: other.memory_limit,
                memory_request: other.memory_request,
                ..self
            }
        }
    }

    /// Takes the pod's limits where the container has none.
    fn or_limits(self, pod_level: Option<&ResourceRequirements>) -> Self {
        let pod = Self::of(pod_level);
        let or = |own, pods| if own == 0 { pods } else { own };
        Self {
            memory_limit: or(self.memory_limit, pod.memory_limit),
            cpu_limit_milli: or(self.cpu_limit_milli, pod.cpu_limit_milli),
            ..self
        }
    }
}
