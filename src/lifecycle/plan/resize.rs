//! Resources that change while a container runs.

use super::{Amounts, Planner, Update};
use crate::{
    api::{
        Container, ResourceList, ResourceName, ResourceRequirements, ResourceResizeRestartPolicy,
    },
    lifecycle::{observation::ObservedContainer, termination::KillReason},
    quantity::Quantity,
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
        let desired = amounts(Some(&container.resources)).or_limits(pod_level);
        let current =
            amounts(actuated.containers.get(&container.name)).or_limits(actuated.pod.as_ref());
        let cpu = change(
            (desired.cpu_limit_milli, current.cpu_limit_milli),
            (desired.cpu_request_milli, current.cpu_request_milli),
        );
        let memory = change(
            (desired.memory_limit, current.memory_limit),
            (desired.memory_request, current.memory_request),
        );
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
            amounts(self.input.pod.spec.resources.as_deref()) != amounts(actuated.pod.as_ref())
        })
    }
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Change {
    None,
    Grows,
    Shrinks,
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

fn amounts(resources: Option<&ResourceRequirements>) -> Amounts {
    let amount = |list: &ResourceList, resource: &ResourceName, unit: fn(&Quantity) -> i64| {
        list.get(resource).map_or(0, unit)
    };
    resources.map_or_else(Amounts::default, |resources| Amounts {
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

impl Amounts {
    /// Takes the pod's limits where the container has none.
    fn or_limits(self, pod_level: Option<&ResourceRequirements>) -> Self {
        let pod = amounts(pod_level);
        let or = |own, pods| if own == 0 { pods } else { own };
        Self {
            memory_limit: or(self.memory_limit, pod.memory_limit),
            cpu_limit_milli: or(self.cpu_limit_milli, pod.cpu_limit_milli),
            ..self
        }
    }
}
