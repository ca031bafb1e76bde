//! In which order and how fast pods end when their node shuts down.
//!
//! Follows the kubelet's node shutdown manager, Kubernetes v1.36. The node's init system waits until the kubelet has ended
//! the pods that are active, one range of priorities after the other, from the lowest to the highest. A pod that arrives
//! meanwhile is rejected with [`NOT_ADMITTED_REASON`] and [`NOT_ADMITTED_MESSAGE`].

use alloc::vec::Vec;
use core::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{api::Pod, critical::SYSTEM_CRITICAL_PRIORITY, time::later};

/// The reason in the status of a pod that ended with its node.
pub const REASON: &str = "Terminated";

/// The message in the status of a pod that ended with its node, and in its [condition](super::target).
pub const MESSAGE: &str = "Pod was terminated in response to imminent node shutdown.";

/// The reason why a node that shuts down takes no pod.
pub const NOT_ADMITTED_REASON: &str = "NodeShutdown";

/// The message that goes with [`NOT_ADMITTED_REASON`].
pub const NOT_ADMITTED_MESSAGE: &str = "Pod was rejected as the node is shutting down.";

/// How long pods of one range of priorities may take to end: an item of a kubelet's `shutdownGracePeriodByPodPriority`.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[serde(default, rename_all = "camelCase")]
pub struct ShutdownGracePeriodByPodPriority {
    /// The range's lowest priority; it reaches up to the next one's.
    pub priority: i32,
    /// The seconds that its pods have, and that the next range waits for them at most.
    pub shutdown_grace_period_seconds: i64,
}

/// Returns what a kubelet's `shutdownGracePeriod` and `shutdownGracePeriodCriticalPods` stand for: a range for usual pods,
/// which get what critical pods leave, and one for critical pods.
///
/// A kubelet with [`ShutdownGracePeriodByPodPriority`] of its own does not look at these two. The answer is empty where the first
/// is zero or shorter than the second: then no pod is ended in an orderly way.
///
/// ```
/// use core::time::Duration;
/// use pod_lifecycle::disruption::shutdown;
///
/// let ranges = shutdown::two_phases(Duration::from_secs(30), Duration::from_secs(10));
/// let seconds = ranges.iter().map(|range| range.shutdown_grace_period_seconds);
/// assert_eq!(seconds.collect::<Vec<_>>(), [20, 10]);
/// assert!(shutdown::two_phases(Duration::from_secs(5), Duration::from_secs(10)).is_empty());
/// ```
#[must_use]
pub fn two_phases(
    shutdown_grace_period: Duration,
    shutdown_grace_period_critical_pods: Duration,
) -> Vec<ShutdownGracePeriodByPodPriority> {
    let usual = shutdown_grace_period.checked_sub(shutdown_grace_period_critical_pods);
    let Some(usual) = usual.filter(|_| !shutdown_grace_period.is_zero()) else {
        return Vec::new();
    };
    let range = |priority, period: Duration| ShutdownGracePeriodByPodPriority {
        priority,
        shutdown_grace_period_seconds: i64::try_from(period.as_secs()).unwrap_or(i64::MAX),
    };
    let critical = range(
        SYSTEM_CRITICAL_PRIORITY,
        shutdown_grace_period_critical_pods,
    );
    [range(0, usual), critical].into()
}

/// Pods that end together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Phase<'a> {
    /// The lowest priority that its range is for.
    pub priority: i32,
    /// How long it lasts at most; it is over as soon as all its pods have ended and their volumes are unmounted.
    pub lasts: Duration,
    /// Its pods, in the order given; there is at least one.
    pub pods: Vec<Ending<'a>>,
}

/// A pod that ends with its node.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Ending<'a> {
    /// The pod.
    pub pod: &'a Pod,
    /// Its grace, in seconds: its own where the range's is not shorter.
    pub grace_period_seconds: i64,
}

impl Phase<'_> {
    /// Returns when the phase after this one begins at the latest, when this one begins then.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, disruption::shutdown::{self, ShutdownGracePeriodByPodPriority}, jiff::Timestamp};
    ///
    /// let range = ShutdownGracePeriodByPodPriority { priority: 0, shutdown_grace_period_seconds: 20 };
    /// let pods = [Pod::default()];
    /// let phases = shutdown::phases(&[range], &pods);
    /// assert_eq!(phases[0].ends_by(Timestamp::UNIX_EPOCH).as_second(), 20);
    /// ```
    #[must_use]
    pub fn ends_by(&self, begins: Timestamp) -> Timestamp {
        later(begins, self.lasts)
    }
}

/// Returns the phases in which the active pods of a node end, one after the other; ranges without pods are left out.
///
/// A pod belongs to the range that begins at or below its priority, one below all of them to the lowest; none of its own counts as 0.
/// In each phase the kubelet [ends](crate::machine::Input::Evict) all pods at once, with [`REASON`] and [`MESSAGE`]; each becomes
/// `Failed`, unless it has succeeded, and a [disruption target](super::TERMINATION_BY_KUBELET). Without ranges there are no phases.
///
/// ```
/// use core::time::Duration;
/// use pod_lifecycle::{api::Pod, disruption::shutdown};
///
/// let pods: Vec<Pod> = serde_json::from_str(
///     r#"[
///         {"metadata": {"name": "dns"}, "spec": {"priority": 2000000000, "terminationGracePeriodSeconds": 5}},
///         {"metadata": {"name": "web"}, "spec": {"terminationGracePeriodSeconds": 60}}
///     ]"#,
/// )?;
/// let ranges = shutdown::two_phases(Duration::from_secs(30), Duration::from_secs(10));
/// let phases = shutdown::phases(&ranges, &pods);
/// let told = phases.iter().map(|phase| {
///     (phase.pods[0].pod.metadata.name.as_str(), phase.pods[0].grace_period_seconds, phase.lasts.as_secs())
/// });
/// assert_eq!(told.collect::<Vec<_>>(), [("web", 20, 20), ("dns", 5, 10)]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn phases<'a>(
    ranges: &[ShutdownGracePeriodByPodPriority],
    active: impl IntoIterator<Item = &'a Pod>,
) -> Vec<Phase<'a>> {
    let mut ranges = ranges.to_vec();
    ranges.sort_by_key(|range| range.priority);
    let seconds = |range: &ShutdownGracePeriodByPodPriority| range.shutdown_grace_period_seconds;
    let phase = |range: &ShutdownGracePeriodByPodPriority| Phase {
        priority: range.priority,
        lasts: Duration::from_secs(u64::try_from(seconds(range)).unwrap_or(0)),
        pods: Vec::new(),
    };
    let mut phases: Vec<_> = ranges.iter().map(phase).collect();
    for pod in active {
        let priority = pod.spec.priority.unwrap_or(0);
        // Of equal ranges the first takes the pods of exactly their priority, the last those above.
        let at_or_above = ranges.partition_point(|range| range.priority < priority);
        let is_exact = |range: &ShutdownGracePeriodByPodPriority| range.priority == priority;
        let at = match ranges.get(at_or_above) {
            Some(range) if is_exact(range) => at_or_above,
            _ => at_or_above.saturating_sub(1),
        };
        let (Some(range), Some(phase)) = (ranges.get(at), phases.get_mut(at)) else {
            continue;
        };
        let given = seconds(range);
        let own = pod.spec.termination_grace_period_seconds;
        let grace_period_seconds = own.map_or(given, |own| own.min(given));
        phase.pods.push(Ending {
            pod,
            grace_period_seconds,
        });
    }
    phases.retain(|phase| !phase.pods.is_empty());
    phases
}
