//! How a pod fares, for whoever has nothing but the Pod object.
//!
//! Everything here reads what the API server has, asks nobody, and judges by the pod's conditions before it judges by its
//! containers: when a node dies, the containers keep the statuses that it last reported, while the node controller sets
//! the condition `Ready` to false.
//!
//! [`of`] sums a pod up in one value; the first line that applies is the answer:
//!
//! | | what is looked at | answer |
//! |---|---|---|
//! | 1 | phase `Succeeded` | [`Succeeded`](Health::Succeeded) |
//! | 2 | phase `Failed` | [`Failed`](Health::Failed) |
//! | 3 | reason `NodeLost`, or phase `Unknown` | [`Lost`](Health::Lost) |
//! | 4 | a deletion timestamp | [`Terminating`](Health::Terminating) |
//! | 5 | `PodScheduled` false, with the reason `SchedulingGated` | [`Gated`](Health::Gated) |
//! | 6 | … `Unschedulable` | [`Unschedulable`](Health::Unschedulable) |
//! | 7 | no node | [`Unscheduled`](Health::Unscheduled) |
//! | 8 | the first container that waits because of some [`Trouble`], init containers first | [`CrashLooping`](Health::CrashLooping), [`PullFails`](Health::PullFails), [`StartFails`](Health::StartFails) |
//! | 9 | `Ready` true | [`Ready`](Health::Ready) |
//! | 10 | `Initialized` not true | [`Initializing`](Health::Initializing) |
//! | 11 | phase `Pending` | [`Starting`](Health::Starting) |
//! | 12 | anything else | [`NotReady`](Health::NotReady) |
//!
//! The restart policy is not looked at: a job's pod that runs is ready like any other. Ephemeral containers never count.
//!
//! Whoever waits for pods with a client wants a closure:
//!
//! ```
//! use pod_lifecycle::{api::Pod, lifecycle::health};
//!
//! let until = |pod: Option<&Pod>| pod.is_some_and(health::is_ready);
//! assert!(!until(None));
//! ```

use core::{fmt, time::Duration};

use jiff::Timestamp;

use super::{by_name::ByName, kind, reason};
use crate::{
    api::{
        Container, ContainerKind, ContainerStateTerminated, ContainerStatus, Pod, PodCondition,
        PodConditionType, PodPhase, StateView, Time,
    },
    time,
};

open_enum! {
    /// Why a container waits, as the kubelet of v1.36 says it; this is the whole list.
    pub enum WaitingReason {
        /// Its image is being pulled or it is being made.
        ContainerCreating = "ContainerCreating",
        /// The pod's init containers are not done.
        PodInitializing = "PodInitializing",
        /// It has ended and is started again later.
        CrashLoopBackOff = "CrashLoopBackOff",
        /// A pull of its image has just failed.
        ErrImagePull = "ErrImagePull",
        /// Pulls of its image have failed, and the next one is put off.
        ImagePullBackOff = "ImagePullBackOff",
        /// Its image is absent and may not be pulled.
        ErrImageNeverPull = "ErrImageNeverPull",
        /// The name of its image cannot be read.
        InvalidImageName = "InvalidImageName",
        /// The runtime could not look for its image.
        ImageInspectError = "ImageInspectError",
        /// The image registry does not answer.
        RegistryUnavailable = "RegistryUnavailable",
        /// The signature of its image is not accepted.
        SignatureValidationFailed = "SignatureValidationFailed",
        /// What its spec names is missing or not allowed.
        CreateContainerConfigError = "CreateContainerConfigError",
        /// A hook of the kubelet's own failed before it was made.
        PreCreateHookError = "PreCreateHookError",
        /// The runtime refused to make it.
        CreateContainerError = "CreateContainerError",
        /// A hook of the kubelet's own failed before it was started.
        PreStartHookError = "PreStartHookError",
        /// The runtime refused to start it.
        RunContainerError = "RunContainerError",
        /// Its postStart hook failed.
        PostStartHookError = "PostStartHookError",
        /// All containers of the pod are being restarted.
        RestartingAllContainers = "RestartingAllContainers",
    }
}

open_enum! {
    /// Why a container has ended, as the kubelet of v1.36 and the usual runtimes say it.
    pub enum ExitReason {
        /// With exit code 0.
        Completed = "Completed",
        /// With another exit code.
        Error = "Error",
        /// It was killed for using too much memory.
        OOMKilled = "OOMKilled",
        /// It was made and could not be started.
        StartError = "StartError",
        /// The same, as older runtimes say it.
        ContainerCannotRun = "ContainerCannotRun",
        /// Nobody knows; the exit code is 137 then.
        ContainerStatusUnknown = "ContainerStatusUnknown",
        /// All containers of the pod are being restarted.
        RestartingAllContainers = "RestartingAllContainers",
    }
}

/// What is wrong when a container does not get to run.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Trouble {
    /// It ends again and again.
    Crash,
    /// Its image cannot be had.
    Image,
    /// It cannot be made or started.
    Start,
}

impl WaitingReason {
    /// Returns what is wrong, if anything is; a reason that is not known counts as nothing wrong.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::health::{Trouble, WaitingReason};
    ///
    /// assert_eq!(WaitingReason::from("ImagePullBackOff").trouble(), Some(Trouble::Image));
    /// assert_eq!(WaitingReason::from("ContainerCreating").trouble(), None);
    /// ```
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::CrashLoopBackOff => Some(Trouble::Crash),
            Self::ErrImagePull
            | Self::ImagePullBackOff
            | Self::ErrImageNeverPull
            | Self::InvalidImageName
            | Self::ImageInspectError
            | Self::RegistryUnavailable
            | Self::SignatureValidationFailed => Some(Trouble::Image),
            Self::CreateContainerConfigError
            | Self::PreCreateHookError
            | Self::CreateContainerError
            | Self::PreStartHookError
            | Self::RunContainerError
            | Self::PostStartHookError => Some(Trouble::Start),
            Self::ContainerCreating
            | Self::PodInitializing
            | Self::RestartingAllContainers
            | Self::Other(_) => None,
        }
    }
}

/// A container that waits to be started.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Waiting<'a> {
    /// Its name.
    pub container: &'a str,
    /// Which list of the pod's status it stands in.
    pub kind: ContainerKind,
    /// Why it waits; `None` where the kubelet gives no reason, which is short-lived.
    pub reason: Option<WaitingReason>,
    /// The same for people.
    pub message: &'a str,
    /// How often it was started again.
    pub restarts: i32,
    /// How it ended the last time, if it ever ran.
    pub last_exit: Option<&'a ContainerStateTerminated>,
}

impl Waiting<'_> {
    /// Returns what is wrong, if anything is.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, lifecycle::health};
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"status": {"containerStatuses": [{"name": "web", "state": {"waiting": {"reason": "ErrImagePull"}}}]}}"#,
    /// )?;
    /// let waiting = health::waiting(&pod).next();
    /// assert_eq!(waiting.and_then(|web| web.trouble()), Some(health::Trouble::Image));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        self.reason.as_ref().and_then(WaitingReason::trouble)
    }
}

/// How a pod fares, in one value; [the module](self) says which comes before which.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Health<'a> {
    /// All containers ended well, for good.
    Succeeded,
    /// It is over, and not well.
    Failed {
        /// The pod's own reason, such as `Evicted`, otherwise that of the first container that ended badly.
        reason: &'a str,
    },
    /// Its node does not answer.
    Lost,
    /// It is being deleted.
    Terminating,
    /// Its scheduling gates keep it from being scheduled.
    Gated,
    /// No node takes it.
    Unschedulable {
        /// What the scheduler says, for people.
        message: &'a str,
    },
    /// Nobody has given it a node yet.
    Unscheduled,
    /// A container ends again and again.
    CrashLooping(Waiting<'a>),
    /// The image of a container cannot be had.
    PullFails(Waiting<'a>),
    /// A container cannot be made or started.
    StartFails(Waiting<'a>),
    /// It takes traffic.
    Ready,
    /// Its init containers are at work.
    Initializing,
    /// Its containers are being started.
    Starting,
    /// It runs, or has run, and does not take traffic.
    NotReady,
}

/// Whether somebody has to do something about a pod.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Outlook {
    /// All is well.
    Good,
    /// It may get well by itself.
    Underway,
    /// It is unlikely to get well by itself.
    Bad,
}

impl Health<'_> {
    /// Returns whether somebody has to do something about the pod.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::health::{Health, Outlook};
    ///
    /// assert_eq!(Health::Ready.outlook(), Outlook::Good);
    /// assert_eq!(Health::Starting.outlook(), Outlook::Underway);
    /// assert_eq!(Health::Failed { reason: "Evicted" }.outlook(), Outlook::Bad);
    /// ```
    #[must_use]
    pub fn outlook(&self) -> Outlook {
        match self {
            Self::Succeeded | Self::Ready => Outlook::Good,
            Self::Terminating
            | Self::Gated
            | Self::Unscheduled
            | Self::Initializing
            | Self::Starting
            | Self::NotReady => Outlook::Underway,
            Self::Failed { .. }
            | Self::Lost
            | Self::Unschedulable { .. }
            | Self::CrashLooping(_)
            | Self::PullFails(_)
            | Self::StartFails(_) => Outlook::Bad,
        }
    }
}

impl fmt::Display for Health<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Succeeded => f.write_str("succeeded"),
            Self::Failed { reason: "" } => f.write_str("failed"),
            Self::Failed { reason } => write!(f, "failed: {reason}"),
            Self::Lost => f.write_str("lost with its node"),
            Self::Terminating => f.write_str("terminating"),
            Self::Gated => f.write_str("held back by its scheduling gates"),
            Self::Unschedulable { message: "" } => f.write_str("unschedulable"),
            Self::Unschedulable { message } => write!(f, "unschedulable: {message}"),
            Self::Unscheduled => f.write_str("without a node"),
            Self::CrashLooping(waiting) => write!(f, "{} crashes", waiting.container),
            Self::PullFails(waiting) => {
                write!(f, "the image of {} cannot be pulled", waiting.container)
            }
            Self::StartFails(waiting) => write!(f, "{} cannot be started", waiting.container),
            Self::Ready => f.write_str("ready"),
            Self::Initializing => f.write_str("initializing"),
            Self::Starting => f.write_str("starting"),
            Self::NotReady => f.write_str("not ready"),
        }
    }
}

/// Sums a pod up; [the module](self) says which answer comes before which.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::health::{self, Health, Outlook}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{
///         "spec": {"nodeName": "node-1", "containers": [{"name": "web"}]},
///         "status": {
///             "phase": "Running",
///             "containerStatuses": [{
///                 "name": "web",
///                 "restartCount": 7,
///                 "state": {"waiting": {"reason": "CrashLoopBackOff"}}
///             }]
///         }
///     }"#,
/// )?;
/// let health = health::of(&pod);
/// assert_eq!(health.outlook(), Outlook::Bad);
/// assert!(matches!(health, Health::CrashLooping(web) if web.container == "web" && web.restarts == 7));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn of(pod: &Pod) -> Health<'_> {
    let status = &pod.status;
    match status.phase {
        Some(PodPhase::Succeeded) => return Health::Succeeded,
        Some(PodPhase::Failed) => {
            return Health::Failed {
                reason: failure(pod),
            };
        }
        Some(PodPhase::Unknown) => return Health::Lost,
        _ if status.reason == reason::NODE_LOST => return Health::Lost,
        _ if pod.metadata.deletion_timestamp.is_some() => return Health::Terminating,
        _ => {}
    }
    if let Some(held_back) = unscheduled(pod) {
        return held_back;
    }
    for waiting in waiting(pod) {
        return match waiting.trouble() {
            Some(Trouble::Crash) => Health::CrashLooping(waiting),
            Some(Trouble::Image) => Health::PullFails(waiting),
            Some(Trouble::Start) => Health::StartFails(waiting),
            None => continue,
        };
    }
    if is_ready(pod) {
        return Health::Ready;
    }
    let initialized = status.condition(&PodConditionType::INITIALIZED);
    if !initialized.is_some_and(PodCondition::is_true) {
        return Health::Initializing;
    }
    match status.phase {
        Some(PodPhase::Pending) | None => Health::Starting,
        Some(_) => Health::NotReady,
    }
}

fn failure(pod: &Pod) -> &str {
    let status = &pod.status;
    if !status.reason.is_empty() {
        return &status.reason;
    }
    let init = status.init_container_statuses.iter();
    let mut exits = init
        .chain(&status.container_statuses)
        .filter_map(|container| container.state.terminated.as_deref());
    exits
        .find(|exit| exit.exit_code != 0)
        .map_or("", |exit| &exit.reason)
}

/// How a pod that has no node, or is said to have none, fares.
pub(super) fn unscheduled(pod: &Pod) -> Option<Health<'_>> {
    let scheduled = pod.status.condition(&PodConditionType::POD_SCHEDULED);
    match scheduled.filter(|condition| !condition.is_true()) {
        Some(condition) if condition.reason == reason::SCHEDULING_GATED => Some(Health::Gated),
        Some(condition) if condition.reason == reason::UNSCHEDULABLE => {
            Some(Health::Unschedulable {
                message: &condition.message,
            })
        }
        _ => pod.spec.node_name.is_empty().then_some(Health::Unscheduled),
    }
}

/// Whether a pod's condition `Ready` is true.
///
/// Follows `IsPodReady` of `k8s.io/kubernetes/pkg/api/v1/pod` (v1.36). Neither the phase nor the containers' own `ready`
/// counts: both outlive a node that has died.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::health};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}}"#,
/// )?;
/// assert!(!health::is_ready(&pod));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn is_ready(pod: &Pod) -> bool {
    let ready = pod.status.condition(&PodConditionType::READY);
    ready.is_some_and(PodCondition::is_true)
}

/// Whether a pod has been ready for that long, as a `minReadySeconds` asks.
///
/// Follows `IsPodAvailable` of `k8s.io/kubernetes/pkg/api/v1/pod` (v1.36): with a length of zero a ready pod is available at
/// once, otherwise it must be known since when it is ready.
///
/// ```
/// use std::time::Duration;
///
/// use pod_lifecycle::{api::Pod, lifecycle::health};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"status": {"conditions": [
///         {"type": "Ready", "status": "True", "lastTransitionTime": "2026-03-01T09:00:00Z"}
///     ]}}"#,
/// )?;
/// let min_ready = Duration::from_secs(10);
/// assert!(!health::is_available(&pod, min_ready, "2026-03-01T09:00:09Z".parse()?));
/// assert!(health::is_available(&pod, min_ready, "2026-03-01T09:00:10Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn is_available(pod: &Pod, min_ready: Duration, now: Timestamp) -> bool {
    is_ready(pod)
        && (min_ready.is_zero() || available_at(pod, min_ready).is_some_and(|at| at <= now))
}

/// Returns when a pod that is ready will have been so for that long, if it stays ready and it is known since when it is.
///
/// ```
/// use std::time::Duration;
///
/// use pod_lifecycle::{api::Pod, lifecycle::health};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"status": {"conditions": [
///         {"type": "Ready", "status": "True", "lastTransitionTime": "2026-03-01T09:00:00Z"}
///     ]}}"#,
/// )?;
/// let at = health::available_at(&pod, Duration::from_secs(10));
/// assert_eq!(at, Some("2026-03-01T09:00:10Z".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn available_at(pod: &Pod, min_ready: Duration) -> Option<Timestamp> {
    let ready = pod.status.condition(&PodConditionType::READY)?;
    let since = ready.last_transition_time.filter(|_| ready.is_true())?;
    Some(time::later(since.timestamp(), min_ready))
}

/// Whether a pod is over: its phase is `Succeeded` or `Failed`, and none of its containers will ever run again.
///
/// ```
/// use pod_lifecycle::{api::{Pod, PodPhase}, lifecycle::health};
///
/// let mut pod = Pod::default();
/// assert!(!health::is_terminal(&pod));
/// pod.status.phase = Some(PodPhase::Succeeded);
/// assert!(health::is_terminal(&pod));
/// ```
#[must_use]
pub fn is_terminal(pod: &Pod) -> bool {
    kind::is_terminal(pod.status.phase.as_ref())
}

/// Whether some container ends again and again, and its next start is put off.
///
/// Between two waits such a container runs for a while, so that one look may miss it; the
/// [restart counts](restarts) do not.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::health};
///
/// assert!(!health::is_crash_looping(&Pod::default()));
/// ```
#[must_use]
pub fn is_crash_looping(pod: &Pod) -> bool {
    waiting(pod).any(|waiting| waiting.trouble() == Some(Trouble::Crash))
}

/// Whether the image of some container cannot be had.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::health};
///
/// assert!(!health::is_pull_failing(&Pod::default()));
/// ```
#[must_use]
pub fn is_pull_failing(pod: &Pod) -> bool {
    waiting(pod).any(|waiting| waiting.trouble() == Some(Trouble::Image))
}

/// Whether the scheduler has found no node for the pod.
///
/// A pod that its [scheduling gates](Health::Gated) hold back is not unschedulable: nobody has tried.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::health};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"status": {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]}}"#,
/// )?;
/// assert!(health::is_unschedulable(&pod));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn is_unschedulable(pod: &Pod) -> bool {
    matches!(unscheduled(pod), Some(Health::Unschedulable { .. }))
}

/// Returns the init and regular containers that wait, in the order of the status.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::health::{self, WaitingReason}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"status": {"containerStatuses": [
///         {"name": "log", "state": {"running": {}}},
///         {"name": "web", "state": {"waiting": {"reason": "InvalidImageName"}}}
///     ]}}"#,
/// )?;
/// let waiting: Vec<_> = health::waiting(&pod).collect();
/// assert_eq!(waiting[0].container, "web");
/// assert_eq!(waiting[0].reason, Some(WaitingReason::InvalidImageName));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn waiting(pod: &Pod) -> impl Iterator<Item = Waiting<'_>> {
    let init = pod.status.init_container_statuses.iter();
    let regular = pod.status.container_statuses.iter();
    init.map(|status| (ContainerKind::Init, status))
        .chain(regular.map(|status| (ContainerKind::Regular, status)))
        .filter_map(|(kind, status)| {
            let Some(StateView::Waiting(waiting)) = status.state.view() else {
                return None;
            };
            Some(Waiting {
                container: &status.name,
                kind,
                reason: (!waiting.reason.is_empty()).then(|| (&*waiting.reason).into()),
                message: &waiting.message,
                restarts: status.restart_count,
                last_exit: status.last_state.terminated.as_deref(),
            })
        })
}

/// How often the containers of a pod were started again.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Restarts {
    /// Of all regular containers together.
    pub containers: u64,
    /// Of all sidecars together.
    pub sidecars: u64,
    /// Of all other init containers together.
    pub init_containers: u64,
    /// When a regular container or a sidecar last ended before it was started again.
    pub last: Option<Timestamp>,
}

impl Restarts {
    /// Returns how often regular containers and sidecars were started again: all that run as long as the pod does.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::health::Restarts;
    ///
    /// let restarts = Restarts { containers: 2, sidecars: 3, init_containers: 5, last: None };
    /// assert_eq!(restarts.total(), 5);
    /// ```
    #[must_use]
    pub fn total(&self) -> u64 {
        self.containers.saturating_add(self.sidecars)
    }
}

/// Counts how often the containers of a pod were started again.
///
/// The status of a sidecar stands among those of init containers; the spec tells which it is. Ephemeral containers are never
/// started again.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::health};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{
///         "spec": {"initContainers": [{"name": "proxy", "restartPolicy": "Always"}, {"name": "fetch"}]},
///         "status": {
///             "initContainerStatuses": [{"name": "proxy", "restartCount": 3}, {"name": "fetch", "restartCount": 5}],
///             "containerStatuses": [{"name": "web", "restartCount": 2}]
///         }
///     }"#,
/// )?;
/// let restarts = health::restarts(&pod);
/// assert_eq!((restarts.total(), restarts.sidecars, restarts.init_containers), (5, 3, 5));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn restarts(pod: &Pod) -> Restarts {
    let status = &pod.status;
    let lookups = status.init_container_statuses.len();
    let specs = ByName::new(&pod.spec.init_containers, lookups, |container| {
        &container.name
    });
    let is_sidecar = |name| specs.find(name).is_some_and(Container::is_sidecar);
    let mut restarts = Restarts::default();
    for container in &status.container_statuses {
        add(&mut restarts.containers, container);
        restarts.last = restarts.last.max(last_end(container));
    }
    for container in &status.init_container_statuses {
        if is_sidecar(&container.name) {
            add(&mut restarts.sidecars, container);
            restarts.last = restarts.last.max(last_end(container));
        } else {
            add(&mut restarts.init_containers, container);
        }
    }
    restarts
}

fn add(sum: &mut u64, container: &ContainerStatus) {
    *sum = sum.saturating_add(u64::try_from(container.restart_count).unwrap_or(0));
}

fn last_end(container: &ContainerStatus) -> Option<Timestamp> {
    let exit = container.last_state.terminated.as_ref()?;
    exit.finished_at.map(Time::timestamp)
}
