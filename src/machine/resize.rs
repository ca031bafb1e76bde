//! Resources that change while the pod runs: asked for, set aside by the node, and given.

use alloc::{borrow::Cow, boxed::Box, collections::VecDeque, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{
    Action, InputError, PodMachine, Stage,
    sync::{Doing, RunFailure, Step},
};
use crate::{
    api::{Pod, PodSpec, ResourceName, ResourceRequirements},
    lifecycle::{
        Plan,
        plan::{ActuatedResources, Amounts, Change, Update},
        reason,
        resize::{self, Report},
        status,
    },
};

/// The answer to [`DecideResize`](Action::DecideResize).
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[non_exhaustive]
pub enum ResizeDecision {
    /// The node has set the resources aside.
    Allocated,
    /// The node has no room now; another decision may follow at any time.
    Deferred {
        /// A sentence for people.
        message: String,
    },
    /// The node can never give them.
    Infeasible {
        /// A sentence for people.
        message: String,
    },
}

/// What is remembered of a pod's resources once its spec has asked for others.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Resizing {
    /// What the node has set aside.
    allocated: ActuatedResources,
    /// What was given last.
    actuated: ActuatedResources,
    /// The host was asked and has not answered.
    asking: bool,
    /// Something was given that no look at the runtime has shown yet.
    unseen: bool,
    /// What is said of it.
    told: resize::Resizing,
}

/// A change of a container's resources that the sync makes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct ContainerResize {
    name: String,
    id: String,
    resource: ResourceName,
    amounts: Amounts,
    /// What the container has once all of its resources are changed.
    target: ResourceRequirements,
}

impl ContainerResize {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    fn new(update: &Update<'_>, resource: &ResourceName) -> Box<Self> {
        Box::new(Self {
            name: update.container.name.clone(),
            id: update.id.into(),
            resource: resource.clone(),
            amounts: update.current.with(resource, &update.desired),
            target: update.container.resources.clone(),
        })
    }
}

impl Resizing {
    fn new(spec: &PodSpec) -> Self {
        let resources = of(spec);
        Self {
            allocated: resources.clone(),
            actuated: resources,
            asking: false,
            unseen: false,
            told: resize::Resizing::default(),
        }
    }

    pub(super) fn actuated(&self) -> &ActuatedResources {
        &self.actuated
    }

    pub(super) fn pending(&self) -> Option<status::Resize<'_>> {
        self.told.pending.as_deref().map(Report::as_resize)
    }

    pub(super) fn in_progress(&self) -> Option<status::Resize<'_>> {
        self.told.in_progress.as_deref().map(Report::as_resize)
    }
}

/// What a spec asks for, where it can be changed.
fn of(spec: &PodSpec) -> ActuatedResources {
    let containers = spec.init_containers.iter().chain(&spec.containers);
    ActuatedResources {
        pod: spec.resources.as_deref().cloned(),
        containers: containers
            .map(|container| (container.name.clone(), container.resources.clone()))
            .collect(),
    }
}

/// Puts other resources into a spec.
fn put(spec: &mut PodSpec, resources: &ActuatedResources) {
    spec.resources = resources.pod.clone().map(Box::new);
    for container in spec.init_containers.iter_mut().chain(&mut spec.containers) {
        if let Some(own) = resources.containers.get(&container.name) {
            container.resources.clone_from(own);
        }
    }
}

/// What a status says was set aside and given.
fn published(pod: &Pod) -> (ActuatedResources, ActuatedResources) {
    let (mut allocated, mut actuated) = (of(&pod.spec), of(&pod.spec));
    let status = &pod.status;
    let lists = [&status.init_container_statuses, &status.container_statuses];
    for container in lists.into_iter().flatten() {
        let Some(given) = container.resources.as_deref() else {
            continue;
        };
        if let Some(own) = allocated.containers.get_mut(&container.name) {
            own.requests.clone_from(&container.allocated_resources);
            own.limits.clone_from(&given.limits);
        }
        if let Some(own) = actuated.containers.get_mut(&container.name) {
            own.requests.clone_from(&given.requests);
            own.limits.clone_from(&given.limits);
        }
    }
    (allocated, actuated)
}

/// Whether two say the same of all resources that can be changed.
fn is_same(one: &ActuatedResources, other: &ActuatedResources) -> bool {
    let amounts = |resources: &ActuatedResources| -> Vec<Amounts> {
        let containers = resources.containers.values();
        containers.map(|own| Amounts::of(Some(own))).collect()
    };
    amounts(one) == amounts(other)
}

impl PodMachine {
    /// Takes up the resize that a status tells of, if its spec asks for other resources.
    pub(super) fn resume_resize(&mut self) {
        if !self.worker.is_kept() {
            return;
        }
        let desired = of(&self.pod.spec);
        let (allocated, actuated) = published(&self.pod);
        let asking = !is_same(&allocated, &desired);
        if asking || !is_same(&actuated, &desired) {
            self.resizing = Some(Box::new(Resizing {
                allocated,
                actuated,
                asking,
                unseen: false,
                told: resize::Resizing::default(),
            }));
        }
        if asking {
            self.ask_once(Action::DecideResize);
        }
    }

    /// Takes note of the resources that a new version of the object asks for.
    pub(super) fn note_resources(&mut self, old: &PodSpec) {
        if self.worker.stage() != Stage::Syncing || !resize::is_requested(&self.pod, old) {
            return;
        }
        let desired = of(&self.pod.spec);
        let resizing = self
            .resizing
            .get_or_insert_with(|| Box::new(Resizing::new(old)));
        resizing.asking = desired != resizing.allocated;
        if resizing.asking {
            self.ask_once(Action::DecideResize);
        } else {
            resizing.told.pending = None;
            self.actions
                .retain(|action| *action != Action::DecideResize);
        }
    }

    /// Whether a sync waits for what the node says to a resize.
    pub(super) fn awaits_decision(&self) -> bool {
        self.resizing
            .as_ref()
            .is_some_and(|resizing| resizing.asking)
            && self.worker.is_kept()
    }

    pub(super) fn resize_decided(&mut self, decision: ResizeDecision) -> Result<(), InputError> {
        let observed_generation = self.pod.metadata.generation;
        let is_awaited = |resizing: &Resizing| resizing.asking || resizing.told.pending.is_some();
        if !self.resizing.as_deref().is_some_and(is_awaited) {
            return Err(InputError::NotAsked("deciding on a resize"));
        }
        self.hold_pod();
        let Some(resizing) = &mut self.resizing else {
            return Ok(());
        };
        let report = |reason: &str, message| {
            Box::new(Report {
                reason: reason.into(),
                message,
                observed_generation,
            })
        };
        let pending = match decision {
            ResizeDecision::Allocated => {
                resizing.allocated = of(&self.pod.spec);
                resizing.told.in_progress = Some(report("", String::new()));
                None
            }
            ResizeDecision::Deferred { message } => Some(report(reason::DEFERRED, message)),
            ResizeDecision::Infeasible { message } => Some(report(reason::INFEASIBLE, message)),
        };
        resizing.asking = false;
        if pending.is_none() || pending != resizing.told.pending {
            resizing.told.pending = pending;
            self.worker.wake();
        }
        Ok(())
    }

    /// Returns the pod with the resources that the node has set aside for it.
    ///
    /// It is [`pod`](Self::pod) itself but for a resize that waits or cannot be, and, while a sync runs, for what has changed
    /// since that began: a kubelet goes on with the pod that it began with. Containers are made from it.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use pod_lifecycle::{
    ///     api::{Pod, ResourceName}, jiff::Timestamp,
    ///     machine::{Action, Config, Input, PodMachine, ResizeDecision},
    /// };
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "web", "resources": {"requests": {"cpu": "1"}}}]}}"#,
    /// )?;
    /// let now = Timestamp::UNIX_EPOCH;
    /// let mut machine = PodMachine::new(Arc::new(pod.clone()), Config::default(), now);
    /// while machine.poll_action().is_some() {}
    ///
    /// let mut bigger = pod;
    /// let four = "4".parse()?;
    /// bigger.spec.containers[0].resources.requests.insert(ResourceName::CPU, four);
    /// machine.handle_input(now, Input::PodUpdated(Arc::new(bigger)))?;
    /// assert_eq!(machine.poll_action(), Some(Action::DecideResize));
    /// let message = "4 CPUs are not free".into();
    /// machine.handle_input(now, Input::ResizeDecided(ResizeDecision::Deferred { message }))?;
    /// let has = &machine.allocated_pod().spec.containers[0].resources;
    /// assert_eq!(has.requests[&ResourceName::CPU].to_string(), "1");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn allocated_pod(&self) -> Cow<'_, Pod> {
        let run = self.worker.run();
        if let Some(pod) = run.and_then(|run| run.began_with.as_deref()) {
            return Cow::Borrowed(pod);
        }
        match &self.resizing {
            Some(resizing) if resizing.allocated != of(&self.pod.spec) => {
                let mut pod = Pod::clone(&self.pod);
                put(&mut pod.spec, &resizing.allocated);
                Cow::Owned(pod)
            }
            _ => Cow::Borrowed(&self.pod),
        }
    }

    /// Takes note of whether the last resize is through.
    pub(super) fn check_resize(&mut self) {
        let Some(resizing) = &self.resizing else {
            return;
        };
        let (pod, actuated) = (self.allocated_pod(), &resizing.actuated);
        let is_in_progress = resize::is_in_progress(&pod, &self.observation, actuated);
        if let Some(resizing) = &mut self.resizing {
            let generation = self.pod.metadata.generation;
            resizing.told.note(is_in_progress, generation);
        }
    }

    /// A container was made, with what is set aside for it.
    pub(super) fn given(&mut self, name: &str) {
        if self.resizing.is_none() {
            return;
        }
        let allocated = self.spec(name).map(|spec| spec.resources);
        if let (Some(resizing), Some(allocated)) = (&mut self.resizing, allocated) {
            resizing.actuated.containers.insert(name.into(), allocated);
        }
    }

    /// The steps that change resources: of each, the pod's own first where it grows and last where it shrinks.
    pub(super) fn resize_steps(&self, pod: &Pod, plan: &Plan<'_>) -> VecDeque<Step> {
        let mut steps = VecDeque::new();
        let Some(resizing) = &self.resizing else {
            return steps;
        };
        let lists = [
            (ResourceName::MEMORY, &plan.memory_to_update),
            (ResourceName::CPU, &plan.cpu_to_update),
        ];
        let any = lists.iter().any(|(_, updates)| !updates.is_empty());
        if !any && !plan.update_pod_resources && !plan.update_pod_level_resources {
            return steps;
        }
        let desired = Amounts::of_pod(pod);
        let mut given = pod.clone();
        put(&mut given.spec, &resizing.actuated);
        let current = Amounts::of_pod(&given);
        for (resource, updates) in lists {
            let change = Change::of(&resource, &desired, &current);
            let of_pod = Step::ResizePod {
                resource: resource.clone(),
                amounts: desired,
            };
            if change == Change::Grows {
                steps.push_back(of_pod.clone());
            }
            steps.extend(
                updates
                    .iter()
                    .map(|update| Step::ResizeContainer(ContainerResize::new(update, &resource))),
            );
            if change == Change::Shrinks {
                steps.push_back(of_pod);
            }
        }
        steps.push_back(Step::PodResized(pod.spec.resources.clone()));
        steps
    }

    pub(super) fn resize_pod(&mut self, resource: ResourceName, amounts: Amounts) -> Doing {
        self.actions
            .push_back(Action::ResizePod { resource, amounts });
        Doing::ResizingPod
    }

    pub(super) fn resize_container(&mut self, resize: Box<ContainerResize>) -> Doing {
        self.actions.push_back(Action::ResizeContainer {
            container: resize.name.clone(),
            id: resize.id.clone(),
            resource: resize.resource.clone(),
            amounts: resize.amounts,
        });
        Doing::ResizingContainer(resize)
    }

    /// Nothing that was to be changed of the pod's own resources is left.
    pub(super) fn pod_has(&mut self, own: Option<Box<ResourceRequirements>>) {
        if let Some(resizing) = &mut self.resizing {
            resizing.actuated.pod = own.map(|own| *own);
        }
    }

    pub(super) fn pod_resized(&mut self, result: Result<(), String>) -> Result<(), InputError> {
        let Some(run) = self.worker.run_mut() else {
            return Err(InputError::NotAsked("changing the pod's resources"));
        };
        if run.doing != Doing::ResizingPod {
            return Err(InputError::NotAsked("changing the pod's resources"));
        }
        run.doing = Doing::Nothing;
        match result {
            Ok(()) => self.acted(),
            Err(message) => self.resize_failed(&message),
        }
        Ok(())
    }

    pub(super) fn container_resized(
        &mut self,
        container: &str,
        result: Result<(), String>,
    ) -> Result<(), InputError> {
        let asked = |doing: &Doing| matches!(doing, Doing::ResizingContainer(resize) if resize.name == container);
        let run = self.worker.run_mut().filter(|run| asked(&run.doing));
        let Some(run) = run else {
            return Err(InputError::NotAsked("changing that container's resources"));
        };
        let doing = core::mem::take(&mut run.doing);
        let Doing::ResizingContainer(resize) = doing else {
            return Ok(());
        };
        match result {
            Ok(()) => {
                self.acted();
                if let Some(resizing) = &mut self.resizing {
                    resizing.unseen = true;
                    let actuated = resizing.actuated.containers.entry(resize.name).or_default();
                    take(actuated, &resize.target, &resize.resource);
                }
            }
            Err(message) => self.resize_failed(&message),
        }
        Ok(())
    }

    /// A look at the runtime shows what was given; returns whether that is news.
    pub(super) fn resize_is_seen(&mut self) -> bool {
        let unseen = self.resizing.as_mut().map(|resizing| &mut resizing.unseen);
        unseen.is_some_and(core::mem::take)
    }

    /// A container that has ended takes no other resources.
    pub(super) fn resize_is_moot(&mut self, id: &str) {
        if let Some(run) = self.worker.run_mut() {
            if matches!(&run.doing, Doing::ResizingContainer(resize) if resize.id == id) {
                run.doing = Doing::Nothing;
            }
        }
    }

    fn resize_failed(&mut self, message: &str) {
        if let Some(resizing) = &mut self.resizing {
            resizing.told.fail(message, self.pod.metadata.generation);
        }
        self.fail_run(RunFailure::Plain);
        if let Some(run) = self.worker.run_mut() {
            run.drop_resizes();
        }
    }
}

/// Takes over one resource.
fn take(own: &mut ResourceRequirements, target: &ResourceRequirements, resource: &ResourceName) {
    let lists = [
        (&mut own.limits, &target.limits),
        (&mut own.requests, &target.requests),
    ];
    for (own, target) in lists {
        match target.get(resource) {
            Some(amount) => own.insert(resource.clone(), amount.clone()),
            None => own.remove(resource),
        };
    }
}
