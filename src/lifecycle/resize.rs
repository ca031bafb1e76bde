//! Resizing a pod in place: what is wanted, what the node has allocated, what has been applied.
//!
//! A changed spec says what is wanted. A kubelet runs the pod with what it has *allocated* until it finds
//! that the node has room for the change; until then the resize is *pending*. Then the change is allocated, and *in progress*
//! until it is *applied* to every running container, which is a matter of [`plan`](fn@super::plan).
//! [`Resizing`] is what is remembered meanwhile, and what
//! [`StatusInput`](super::status::StatusInput) reports as conditions.
//!
//! Follows the kubelet's allocation manager of Kubernetes v1.36. Not here: which of several pods on a node is looked at
//! first is said by [`cmp_pending`], but a critical pod's kubelet also preempts other pods for its resize, where here it
//! waits like any other. Resizes on Windows, which are all refused, are not told apart.

use alloc::{
    borrow::Cow,
    boxed::Box,
    string::{String, ToString},
};
use core::{cmp::Ordering, fmt};

use serde::{Deserialize, Serialize};

use super::{
    by_name::ByName,
    observation::{Observation, ObservedState},
    plan::{ActuatedResources, Update},
    reason, status,
};
use crate::{
    api::{
        Container, Pod, PodQOSClass, PodSpec, ResourceList, ResourceName, ResourceRequirements,
        ResourceResizeRestartPolicy,
    },
    critical,
    quantity::Quantity,
    resources::{self, Options, qos},
};

/// Returns the pod as it is to be run: with the resources that are allocated to it, where these differ.
///
/// Containers are matched by name; one without an allocation keeps what it asks for.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::resize};
///
/// let wanted: Pod = serde_json::from_str(
///     r#"{"spec": {"containers": [{"name": "web", "resources": {"requests": {"cpu": "2"}}}]}}"#,
/// )?;
/// let mut allocated = wanted.spec.clone();
/// allocated.containers[0].resources.requests.clear();
/// let pod = resize::with_allocation(&wanted, &allocated);
/// assert!(pod.spec.containers[0].resources.requests.is_empty());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn with_allocation<'a>(pod: &'a Pod, allocated: &PodSpec) -> Cow<'a, Pod> {
    if !is_requested(pod, allocated) {
        return Cow::Borrowed(pod);
    }
    let mut run = pod.clone();
    run.spec.resources.clone_from(&allocated.resources);
    let known = Allocation::new(allocated, &pod.spec);
    let containers = run.spec.containers.iter_mut();
    for container in containers.chain(&mut run.spec.init_containers) {
        if let Some(resources) = known.of(&container.name) {
            container.resources.clone_from(resources);
        }
    }
    Cow::Owned(run)
}

/// Whether a pod wants other resources than are allocated to it, for itself or for any container.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::resize};
///
/// let pod = Pod::default();
/// assert!(!resize::is_requested(&pod, &pod.spec));
/// ```
#[must_use]
pub fn is_requested(pod: &Pod, allocated: &PodSpec) -> bool {
    pod.spec.resources != allocated.resources || {
        let known = Allocation::new(allocated, &pod.spec);
        resizable(&pod.spec).any(|container| {
            let resources = known.of(&container.name);
            resources.is_some_and(|resources| *resources != container.resources)
        })
    }
}

fn resizable(spec: &PodSpec) -> impl Iterator<Item = &Container> {
    spec.init_containers.iter().chain(&spec.containers)
}

/// What is allocated to containers, by name.
struct Allocation<'a> {
    init: ByName<'a, Container>,
    regular: ByName<'a, Container>,
}

impl<'a> Allocation<'a> {
    fn new(allocated: &'a PodSpec, wanted: &PodSpec) -> Self {
        let (init, regular) = (&wanted.init_containers, &wanted.containers);
        let lookups = init.len().saturating_add(regular.len());
        let by_name = |all| ByName::new(all, lookups, |container: &Container| &container.name);
        Self {
            init: by_name(&allocated.init_containers),
            regular: by_name(&allocated.containers),
        }
    }

    fn container(&self, name: &str) -> Option<&'a Container> {
        self.init.find(name).or_else(|| self.regular.find(name))
    }

    fn of(&self, name: &str) -> Option<&'a ResourceRequirements> {
        self.container(name).map(|container| &container.resources)
    }
}

/// What a node has for the resize of one of its pods.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Room<'a> {
    /// What the node has for pods.
    pub allocatable: &'a ResourceList,
    /// What its other pods take of that.
    pub used: &'a ResourceList,
    /// Whether Guaranteed pods get CPUs of their own: the CPU manager's policy `static`.
    pub exclusive_cpus: bool,
    /// Whether Guaranteed pods get memory of their own: the memory manager's policy `Static`.
    pub exclusive_memory: bool,
    /// Whether containers may swap: the swap behaviour `LimitedSwap`.
    pub limited_swap: bool,
}

impl<'a> Room<'a> {
    /// Describes a node with the kubelet's default policies, and without swap.
    ///
    /// ```
    /// use pod_lifecycle::{api::ResourceList, lifecycle::resize::Room};
    ///
    /// let (allocatable, used) = (ResourceList::new(), ResourceList::new());
    /// let mut room = Room::new(&allocatable, &used);
    /// room.exclusive_cpus = true;
    /// ```
    #[must_use]
    pub const fn new(allocatable: &'a ResourceList, used: &'a ResourceList) -> Self {
        Self {
            allocatable,
            used,
            exclusive_cpus: false,
            exclusive_memory: false,
            limited_swap: false,
        }
    }
}

/// Why a node does not allocate what a pod wants.
///
/// Written out, it is the kubelet's message.
#[derive(Clone, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Obstacle {
    /// Static pods are not resized.
    #[error("In-place resize of static-pods is not supported")]
    StaticPod,
    /// A container's memory would change without a restart, and it may swap before or after.
    #[error("In-place resize of containers with swap is not supported.")]
    Swap,
    /// A container has CPUs of its own.
    #[error("Resize is infeasible for Guaranteed Pods alongside CPU Manager policy \"static\"")]
    ExclusiveCpus,
    /// A container has memory of its own.
    #[error("Resize is infeasible for Guaranteed Pods alongside Memory Manager policy \"Static\"")]
    ExclusiveMemory,
    /// The node would not have enough if it were empty.
    #[error(
        "Node didn't have enough capacity: {resource}, requested: {requested}, capacity: {capacity}"
    )]
    Capacity {
        /// Of what.
        resource: ResourceName,
        /// What the pod would request, in thousandths of a CPU or in bytes.
        requested: i64,
        /// What the node has for pods.
        capacity: i64,
    },
    /// Other pods have what is wanted.
    #[error(
        "Node didn't have enough resource: {resource}, requested: {requested}, used: {used}, \
         capacity: {capacity}"
    )]
    Used {
        /// Of what.
        resource: ResourceName,
        /// What the pod would request, in thousandths of a CPU or in bytes.
        requested: i64,
        /// What other pods take.
        used: i64,
        /// What the node has for pods.
        capacity: i64,
    },
}

impl Obstacle {
    /// Returns the reason of the condition: [`DEFERRED`](reason::DEFERRED) where the resize is tried again when pods come
    /// and go, [`INFEASIBLE`](reason::INFEASIBLE) where only another change of the pod can help.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::resize::Obstacle;
    ///
    /// assert_eq!(Obstacle::StaticPod.reason(), "Infeasible");
    /// ```
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Used { .. } => reason::DEFERRED,
            Self::StaticPod
            | Self::Swap
            | Self::ExclusiveCpus
            | Self::ExclusiveMemory
            | Self::Capacity { .. } => reason::INFEASIBLE,
        }
    }
}

/// Decides whether a node can allocate what a pod wants.
///
/// `None` means that it can. Only CPU and memory are asked for: nothing else can change. What stands in the way for ever is
/// said before what only does for the moment; of two resources that the node never has enough of it is memory, of two that
/// are used by others it is CPU that is named.
///
/// ```
/// use pod_lifecycle::{api::{Pod, ResourceList}, lifecycle::resize::{self, Room}};
///
/// let wanted: Pod = serde_json::from_str(
///     r#"{"spec": {"containers": [{"name": "web", "resources": {"requests": {"cpu": "2"}}}]}}"#,
/// )?;
/// let mut allocated = wanted.spec.clone();
/// allocated.containers[0].resources.requests.clear();
/// let allocatable: ResourceList = serde_json::from_str(r#"{"cpu": "4", "memory": "8Gi"}"#)?;
/// let used: ResourceList = serde_json::from_str(r#"{"cpu": "3"}"#)?;
/// let obstacle = resize::obstacle(&wanted, &allocated, &Room::new(&allocatable, &used)).unwrap();
/// assert_eq!(obstacle.reason(), "Deferred");
/// assert_eq!(
///     obstacle.to_string(),
///     "Node didn't have enough resource: cpu, requested: 2000, used: 3000, capacity: 4000",
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn obstacle(pod: &Pod, allocated: &PodSpec, room: &Room<'_>) -> Option<Obstacle> {
    if critical::is_static(pod) {
        return Some(Obstacle::StaticPod);
    }
    let known = Allocation::new(allocated, &pod.spec);
    if room.limited_swap && changes_swap(pod, allocated, &known) {
        return Some(Obstacle::Swap);
    }
    if qos::class(pod) == PodQOSClass::Guaranteed {
        if room.exclusive_cpus && changes(pod, &known, &ResourceName::CPU) {
            return Some(Obstacle::ExclusiveCpus);
        }
        if room.exclusive_memory && changes(pod, &known, &ResourceName::MEMORY) {
            return Some(Obstacle::ExclusiveMemory);
        }
    }
    beyond_capacity(pod, room).or_else(|| in_use(pod, room))
}

fn changes(pod: &Pod, known: &Allocation<'_>, resource: &ResourceName) -> bool {
    resizable(&pod.spec).any(|container| {
        let allocated = known.of(&container.name);
        let allocated = allocated.and_then(|allocated| allocated.requests.get(resource));
        amount(container.resources.requests.get(resource)) != amount(allocated)
    })
}

/// An absent amount counts as none.
fn amount(quantity: Option<&Quantity>) -> Cow<'_, Quantity> {
    quantity.map_or_else(|| Cow::Owned(Quantity::default()), Cow::Borrowed)
}

fn changes_swap(pod: &Pod, allocated: &PodSpec, known: &Allocation<'_>) -> bool {
    // Critical pods never swap, and Guaranteed and BestEffort ones do not need to.
    if critical::is_critical(pod) {
        return false;
    }
    let class = pod.status.qos_class.clone();
    let swaps = |spec: &PodSpec, container: &Container| {
        let class = class.clone().unwrap_or_else(|| qos::compute(spec));
        class == PodQOSClass::Burstable && swaps(container)
    };
    resizable(&pod.spec).any(|container| {
        let Some(before) = known.container(&container.name) else {
            return false;
        };
        let memory = |of: &Container| {
            let asked = of.resources.requests.get(&ResourceName::MEMORY);
            amount(asked).into_owned()
        };
        memory(container) != memory(before)
            && !restarts_for_memory(before)
            && (swaps(&pod.spec, container) || swaps(allocated, before))
    })
}

/// Whether a container of a Burstable pod may swap: it requests less memory than it may have.
fn swaps(container: &Container) -> bool {
    let of = |list: &ResourceList| amount(list.get(&ResourceName::MEMORY)).into_owned();
    let request = of(&container.resources.requests);
    let limit = of(&container.resources.limits);
    request != limit
}

fn restarts_for_memory(container: &Container) -> bool {
    let mut policies = container.resize_policy.iter();
    let memory = policies.find(|policy| policy.resource_name == ResourceName::MEMORY);
    memory.is_some_and(|policy| {
        policy.restart_policy == Some(ResourceResizeRestartPolicy::RestartContainer)
    })
}

fn in_unit(list: &ResourceList, resource: &ResourceName) -> i64 {
    list.get(resource).map_or(0, |amount| {
        if *resource == ResourceName::CPU {
            amount.milli_value()
        } else {
            amount.value()
        }
    })
}

fn beyond_capacity(pod: &Pod, room: &Room<'_>) -> Option<Obstacle> {
    let requests = resources::of_kubelet(pod);
    let exceeds = |resource: ResourceName| {
        let requested = in_unit(&requests, &resource);
        let capacity = in_unit(room.allocatable, &resource);
        (requested > capacity).then_some(Obstacle::Capacity {
            resource,
            requested,
            capacity,
        })
    };
    exceeds(ResourceName::MEMORY).or_else(|| exceeds(ResourceName::CPU))
}

fn in_use(pod: &Pod, room: &Room<'_>) -> Option<Obstacle> {
    let requests = resources::requests(pod, &Options::default());
    let exceeds = |resource: ResourceName| {
        let requested = in_unit(&requests, &resource);
        let capacity = in_unit(room.allocatable, &resource);
        let used = in_unit(room.used, &resource);
        let is_short = requested > 0 && requested > capacity.saturating_sub(used);
        is_short.then_some(Obstacle::Used {
            resource,
            requested,
            used,
            capacity,
        })
    };
    exceeds(ResourceName::CPU).or_else(|| exceeds(ResourceName::MEMORY))
}

/// Whether anything running has been given other resources than are allocated to it.
///
/// `pod` is the pod [with its allocation](with_allocation). What does not run gets its resources when it starts.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::{Observation, plan::ActuatedResources, resize}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"containers": [{"name": "web", "resources": {"requests": {"cpu": "2"}}}]}}"#,
/// )?;
/// let running: Observation = serde_json::from_str(r#"{"containers": [{"name": "web", "state": "Running"}]}"#)?;
/// assert!(resize::is_in_progress(&pod, &running, &ActuatedResources::default()));
/// assert!(!resize::is_in_progress(&pod, &Observation::default(), &ActuatedResources::default()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn is_in_progress(pod: &Pod, observation: &Observation, actuated: &ActuatedResources) -> bool {
    let (init, regular) = (&pod.spec.init_containers, &pod.spec.containers);
    let observed = observation.newest(init.len().saturating_add(regular.len()));
    resizable(&pod.spec).any(|container| {
        let newest = observed.find(&container.name);
        let runs = newest.is_some_and(|newest| newest.state == ObservedState::Running);
        runs && {
            let applied = actuated.containers.get(&container.name);
            let differs = |of: fn(&ResourceRequirements) -> &ResourceList| {
                [ResourceName::CPU, ResourceName::MEMORY]
                    .iter()
                    .any(|resource| {
                        let wanted = of(&container.resources).get(resource);
                        amount(wanted)
                            != amount(applied.and_then(|applied| of(applied).get(resource)))
                    })
            };
            differs(|resources| &resources.requests) || differs(|resources| &resources.limits)
        }
    })
}

/// A memory limit that is not to be applied: the container would be killed for what it uses already.
///
/// Written out, it is part of the kubelet's message.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct MemoryInUse<'a> {
    /// The container.
    pub container: &'a str,
    /// The limit that it is to get, in bytes.
    pub limit: i64,
    /// What it uses, in bytes.
    pub usage: i64,
}

impl fmt::Display for MemoryInUse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            container,
            limit,
            usage,
        } = self;
        write!(
            f,
            "attempting to set container {container:?} memory limit ({limit}) below current usage ({usage})"
        )
    }
}

/// Returns the containers that use as much memory as their new limit allows, or more.
///
/// Asked before the memory of a [plan](super::Plan::memory_to_update) is changed: where there is any such container, the kubelet changes the memory
/// of none, reports an error ([`Resizing::fail`]) and tries again on the next sync. Limits that grow are not asked about, those
/// that come where there was none are.
///
/// ```
/// use pod_lifecycle::lifecycle::resize;
///
/// assert_eq!(resize::memory_in_use(&[], |_| None).count(), 0);
/// ```
pub fn memory_in_use<'a>(
    updates: &'a [Update<'a>],
    usage: impl Fn(&str) -> Option<i64>,
) -> impl Iterator<Item = MemoryInUse<'a>> {
    updates.iter().filter_map(move |update| {
        let limit = update.desired.memory_limit;
        let before = update.current.memory_limit;
        let shrinks = limit != 0 && (before == 0 || limit < before);
        let container = &*update.container.name;
        let usage = usage(container).filter(|usage| shrinks && *usage >= limit)?;
        Some(MemoryInUse {
            container,
            limit,
            usage,
        })
    })
}

/// Compares two pods with pending resizes by which is looked at first.
///
/// First come resizes that ask for no more CPU and memory than is allocated, then pods of higher priority, then Guaranteed
/// pods. Those that are equal stay in the order in which they came to wait.
///
/// ```
/// use core::cmp::Ordering;
/// use pod_lifecycle::{api::Pod, lifecycle::resize};
///
/// let (mut important, pod) = (Pod::default(), Pod::default());
/// important.spec.priority = Some(1000);
/// let order = resize::cmp_pending((&important, &important.spec), (&pod, &pod.spec));
/// assert_eq!(order, Ordering::Less);
/// ```
#[must_use]
pub fn cmp_pending(a: (&Pod, &PodSpec), b: (&Pod, &PodSpec)) -> Ordering {
    let key = |(pod, allocated): (&Pod, &PodSpec)| {
        let priority = pod.spec.priority.unwrap_or(0);
        let is_guaranteed = qos::class(pod) == PodQOSClass::Guaranteed;
        (
            grows(pod, allocated),
            core::cmp::Reverse((priority, is_guaranteed)),
        )
    };
    key(a).cmp(&key(b))
}

/// Whether a pod wants more CPU or memory than is allocated to it.
fn grows(pod: &Pod, allocated: &PodSpec) -> bool {
    let before = with_allocation(pod, allocated);
    let [before, after] = [&*before, pod].map(|pod| resources::requests(pod, &Options::default()));
    [ResourceName::CPU, ResourceName::MEMORY]
        .iter()
        .any(|resource| amount(after.get(resource)) > amount(before.get(resource)))
}

/// What is remembered of a pod's resizes, and reported in its conditions.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Resizing {
    /// The resize that has not been allocated.
    pub pending: Option<Box<Report>>,
    /// The resize that is being applied.
    pub in_progress: Option<Box<Report>>,
}

/// How one resize stands.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Report {
    /// One word; empty for a resize that simply goes on.
    pub reason: String,
    /// A sentence for people.
    pub message: String,
    /// The generation of the pod that asked for it.
    pub observed_generation: i64,
}

impl Report {
    /// Returns the same in the form in which [`StatusInput`](super::status::StatusInput) takes it.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::resize::Report;
    ///
    /// assert_eq!(Report::default().as_resize().observed_generation, 0);
    /// ```
    #[must_use]
    pub fn as_resize(&self) -> status::Resize<'_> {
        status::Resize {
            reason: &self.reason,
            message: &self.message,
            observed_generation: self.observed_generation,
        }
    }
}

impl Resizing {
    /// Looks at what a pod wants; returns whether the node allocates it now.
    ///
    /// To be called when the pod has changed, and again for every [pending](Self::pending) one that is
    /// [`DEFERRED`](reason::DEFERRED) when pods of the node come, go or change. When it returns true, the pod's spec is the allocated one
    /// from then on.
    ///
    /// ```
    /// use pod_lifecycle::{api::{Pod, ResourceList}, lifecycle::resize::{Resizing, Room}};
    ///
    /// let mut wanted: Pod = serde_json::from_str(
    ///     r#"{"metadata": {"generation": 2},
    ///         "spec": {"containers": [{"name": "web", "resources": {"requests": {"cpu": "2"}}}]}}"#,
    /// )?;
    /// let mut allocated = wanted.spec.clone();
    /// allocated.containers[0].resources.requests.clear();
    /// let (small, large): (ResourceList, ResourceList) =
    ///     (serde_json::from_str(r#"{"cpu": "1"}"#)?, serde_json::from_str(r#"{"cpu": "4"}"#)?);
    /// let none = ResourceList::new();
    ///
    /// let mut resizing = Resizing::default();
    /// assert!(!resizing.look(&wanted, &allocated, &Room::new(&small, &none)));
    /// assert_eq!(resizing.pending.as_ref().map(|pending| &*pending.reason), Some("Infeasible"));
    /// assert!(resizing.look(&wanted, &allocated, &Room::new(&large, &none)));
    /// assert_eq!(resizing.pending, None);
    /// assert_eq!(resizing.in_progress.map(|it| it.observed_generation), Some(2));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn look(&mut self, pod: &Pod, allocated: &PodSpec, room: &Room<'_>) -> bool {
        if !is_requested(pod, allocated) {
            self.pending = None;
            return false;
        }
        let observed_generation = pod.metadata.generation;
        if let Some(obstacle) = obstacle(pod, allocated, room) {
            self.pending = Some(Box::new(Report {
                reason: obstacle.reason().into(),
                message: obstacle.to_string(),
                observed_generation,
            }));
            return false;
        }
        self.pending = None;
        // Errors of the resize before are none of this one's.
        self.in_progress = Some(Box::new(Report {
            observed_generation,
            ..Report::default()
        }));
        true
    }

    /// Notes, at the end of each sync, whether what is allocated [has been applied](is_in_progress); returns whether a
    /// resize has come to its end.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::resize::Resizing;
    ///
    /// let mut resizing = Resizing::default();
    /// assert!(!resizing.note(true, 3));
    /// assert!(resizing.note(false, 3));
    /// assert_eq!(resizing, Resizing::default());
    /// ```
    pub fn note(&mut self, is_in_progress: bool, generation: i64) -> bool {
        if !is_in_progress {
            return self.in_progress.take().is_some();
        }
        self.in_progress.get_or_insert_with(|| {
            Box::new(Report {
                observed_generation: generation,
                ..Report::default()
            })
        });
        false
    }

    /// Notes that what a pod of that generation wants could not be applied; it is tried again on each sync.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::resize::Resizing;
    ///
    /// let mut resizing = Resizing::default();
    /// resizing.fail("the runtime said no", 2);
    /// assert_eq!(resizing.in_progress.map(|it| it.reason).as_deref(), Some("Error"));
    /// ```
    pub fn fail(&mut self, message: &str, generation: i64) {
        self.in_progress = Some(Box::new(Report {
            reason: reason::ERROR.into(),
            message: message.into(),
            observed_generation: generation,
        }));
    }
}
