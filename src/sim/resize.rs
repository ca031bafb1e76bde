//! Resources that change while the pod runs: what the node says to it, and what its runtime makes of it.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use super::{Sim, timeline::Event};
use crate::{
    admission,
    api::{Pod, ResourceList, ResourceName, ResourceRequirements},
    field::{self, FieldErrors},
    lifecycle::{
        observation::ObservedResources,
        plan::Amounts,
        reason,
        resize::{self, Room},
        status::PodCgroup,
    },
    machine::{Input, ResizeDecision},
    quantity::{Format, Quantity},
    resources::{self, Options},
};

impl Sim {
    /// Changes the resources that the pod asks for, as a client does by the `resize` subresource.
    ///
    /// # Errors
    ///
    /// The API server refuses the change, or what it asks for is more than the node has; nothing has changed then.
    ///
    /// ```
    /// # use core::time::Duration;
    /// # use pod_lifecycle::{api::{Pod, ResourceName}, sim::{Setup, Sim}};
    /// let pod: Pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [
    ///     {"name": "web", "image": "web:1", "resources": {"requests": {"cpu": "1"}}}
    /// ]}}"#)?;
    /// let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// let two = "2".parse()?;
    /// sim.resize(|pod| drop(pod.spec.containers[0].resources.requests.insert(ResourceName::CPU, two)))?;
    /// sim.run_for(Duration::from_secs(3));
    /// let status = &sim.pod().expect("it runs").status.container_statuses[0];
    /// assert_eq!(status.allocated_resources[&ResourceName::CPU].to_string(), "2");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn resize(&mut self, change: impl FnOnce(&mut Pod)) -> Result<(), FieldErrors> {
        let Some(stored) = &self.stored else {
            return Ok(());
        };
        let mut wanted = Pod::clone(stored);
        change(&mut wanted);
        let options = admission::Options::default();
        let changed = admission::resize(wanted, stored, &options)?;
        if !changed.spec.node_name.is_empty() {
            let short = self.beyond_node(&changed);
            field::collect("spec", |at| {
                if !short.is_empty() {
                    at.forbidden(format!("the node has less {}", short.join(" and ")));
                }
            })?;
        }
        self.store(changed);
        self.changed();
        Ok(())
    }

    /// What the node says to the resources that the pod asks for.
    pub(super) fn decide_resize(&mut self) {
        let Some(machine) = &self.machine else { return };
        let allocated = machine.allocated_pod();
        let mut used = ResourceList::new();
        for other in &self.beside {
            for (name, amount) in resources::requests(other, &Options::default()) {
                let sum = used.entry(name).or_default();
                *sum = sum.checked_add(&amount).unwrap_or(amount);
            }
        }
        let room = Room::new(&self.setup.node.allocatable, &used);
        let decision = match resize::obstacle(machine.pod(), &allocated.spec, &room) {
            None => ResizeDecision::Allocated,
            Some(obstacle) if obstacle.reason() == reason::DEFERRED => ResizeDecision::Deferred {
                message: obstacle.to_string(),
            },
            Some(obstacle) => ResizeDecision::Infeasible {
                message: obstacle.to_string(),
            },
        };
        self.report(Input::ResizeDecided(decision));
    }

    /// The resources of which the pod asks for more than the node has.
    fn beyond_node(&self, pod: &Pod) -> Vec<String> {
        let wanted = resources::requests(pod, &Options::default());
        let has = &self.setup.node.allocatable;
        let short = wanted.iter().filter(|(name, amount)| {
            let known = **name == ResourceName::CPU || **name == ResourceName::MEMORY;
            known && has.get(*name).is_none_or(|has| has < *amount)
        });
        short.map(|(name, _)| format!("{name}")).collect()
    }

    /// Sets up what the pod's containers share, once.
    pub(super) fn make_cgroup(&mut self) {
        if let (Some(machine), None) = (&self.machine, self.runtime.cgroup) {
            let amounts = Amounts::of_pod(&machine.allocated_pod());
            self.runtime.cgroup = Some(amounts.into());
        }
    }

    pub(super) fn resize_pod(&mut self, resource: &ResourceName, amounts: Amounts) {
        let given = PodCgroup::from(amounts);
        let cgroup = self.runtime.cgroup.get_or_insert(given);
        if *resource == ResourceName::CPU {
            cgroup.cpu_shares = given.cpu_shares;
            cgroup.cpu_quota_us = given.cpu_quota_us;
        } else {
            cgroup.memory_bytes = given.memory_bytes;
        }
        self.report(Input::PodResized { result: Ok(()) });
    }

    pub(super) fn resize_container(&mut self, container: String, id: &str, amounts: Amounts) {
        let Some(record) = self.runtime.find(id) else {
            return;
        };
        record.observed.resources = Some(given(amounts));
        let container_updated = Event::ContainerResized {
            container: record.instance.clone(),
        };
        self.timeline.push(self.now, container_updated);
        self.report(Input::ContainerResized {
            container,
            result: Ok(()),
        });
    }
}

/// What a runtime reports that it gives: memory is only ever limited.
fn given(amounts: Amounts) -> ObservedResources {
    let some = |amount: i64| (amount > 0).then_some(amount);
    ObservedResources {
        cpu_request: some(amounts.cpu_request_milli).map(Quantity::from_milli),
        cpu_limit: some(amounts.cpu_limit_milli).map(Quantity::from_milli),
        memory_request: None,
        memory_limit: some(amounts.memory_limit)
            .map(|bytes| Quantity::new(bytes, Format::BinarySi)),
    }
}

/// What a runtime reports that it gives a container of such a spec.
pub(super) fn as_asked(resources: &ResourceRequirements) -> ObservedResources {
    given(Amounts::of(Some(resources)))
}
