//! The row that `kubectl get pods` prints for a pod, as data and as text.
//!
//! Follows `printPod`, the API server's printer of v1.36, which writes the cells that every version of
//! `kubectl` shows, and `kubectl`'s own way of lining them up. A row is made of the spec and the status
//! alone; `now` is for the two ages in it.
//!
//! ```
//! use pod_lifecycle::{api::Pod, kubectl};
//!
//! let pod: Pod = serde_json::from_str(
//!     r#"{
//!         "metadata": {"name": "web-0", "creationTimestamp": "2026-03-01T09:00:00Z"},
//!         "spec": {"containers": [{"name": "web"}]},
//!         "status": {
//!             "phase": "Running",
//!             "containerStatuses": [{
//!                 "name": "web",
//!                 "restartCount": 3,
//!                 "state": {"waiting": {"reason": "CrashLoopBackOff"}},
//!                 "lastState": {"terminated": {"exitCode": 1, "finishedAt": "2026-03-01T09:07:00Z"}}
//!             }]
//!         }
//!     }"#,
//! )?;
//! let row = kubectl::row(&pod, "2026-03-01T09:12:00Z".parse().expect("a time"));
//! assert_eq!(row.status, "CrashLoopBackOff");
//! assert_eq!((row.ready.met, row.ready.total), (0, 1));
//! assert_eq!(row.to_string(), "web-0   0/1   CrashLoopBackOff   3 (5m ago)   12m");
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # READY
//!
//! How many containers take traffic, of how many there are. Regular containers and sidecars count, on
//! both sides; other init containers and ephemeral containers do not. There are as many as the *spec*
//! names, so that a pod without a status shows `0/1`. Ready are those that the *status* says are,
//! whether or not the spec names them: one that a provider has put into the status makes `2/1`.
//!
//! # STATUS
//!
//! One word that stands for the phase, the containers and the deletion. Each step may replace the word
//! of the step before it.
//!
//! 1. **The pod as a whole.** The status' `reason` (`Evicted`, `OutOfcpu`, …), or without one the phase.
//!    `SchedulingGated` where a `PodScheduled` condition gives that reason.
//! 2. **Init containers**, in the order of the status, up to the first that is not done. One that ended
//!    with exit code 0 is done, and so is a sidecar whose status says `started`. The one that is not
//!    done makes the word
//!    - `Init:<reason>`, `Init:Signal:<n>` or `Init:ExitCode:<n>`, when it has ended: how it ended;
//!    - `Init:<reason>`, when it waits for a reason other than `PodInitializing`;
//!    - `Init:<done>/<all>` otherwise, where sidecars are counted too.
//!
//!    A sidecar counts as ready once it is started and ready.
//! 3. **Regular containers**, when all init containers are done or the `Initialized` condition is true.
//!    The condition is what keeps the word of step 2 from coming back when sidecars are killed at the
//!    end of a job. The first container in the order of the status that waits for a reason or has
//!    ended makes the word: the reason, or `Signal:<n>` or `ExitCode:<n>` for an end without one.
//!    Containers that run leave the word of the step before, which is why a pod whose containers all
//!    run shows `Running`, its phase. Where the word is `Completed`, the others are asked:
//!    - `Running`, when one runs and is ready, and the `Ready` condition is true;
//!    - else how the first container that failed ended, when one did;
//!    - else `NotReady`, when one runs and is ready;
//!    - else `Completed` it is.
//! 4. **Deletion**, when it has begun: `Unknown` where the status' reason is `NodeLost`, and
//!    `Terminating` where the pod is not over.
//!
//! | the pod | STATUS |
//! |---|---|
//! | waits for a node | `Pending` |
//! | waits for its scheduling gates | `SchedulingGated` |
//! | was evicted | `Evicted` |
//! | runs the first of two init containers | `Init:0/2` |
//! | has an init container that fails again and again | `Init:CrashLoopBackOff`, `Init:Error` |
//! | has started its sidecar and not its containers | `PodInitializing` |
//! | pulls an image | `ContainerCreating` |
//! | cannot pull it | `ErrImagePull`, `ImagePullBackOff` |
//! | runs | `Running` |
//! | runs, and one of its containers is done | `Running`, or `NotReady` without the condition |
//! | is done, whatever became of its sidecars | `Completed` |
//! | has failed | `Error`, `OOMKilled`, … |
//! | is being deleted | `Terminating` |
//!
//! # RESTARTS
//!
//! While the pod initialises: the restarts of all init containers up to the one that is not done. From
//! then on: those of sidecars and regular containers, and no longer those of other init containers. In
//! brackets stands how long ago the latest instance before the current ones ended, if that is known.
//!
//! # AGE
//!
//! The time since the pod was made, in at most two units (see [`HumanDuration`]); `<unknown>` without a
//! creation timestamp.
//!
//! # IP, NODE, NOMINATED NODE and READINESS GATES
//!
//! What `-o wide` adds, each `<none>` where there is nothing: the first address, or `podIP` where it differs; the node
//! that the pod is bound to; the one that the scheduler has made room on by preemption; and how many
//! readiness gates have a condition that is true.
//!
//! ```
//! use pod_lifecycle::{api::Pod, kubectl};
//!
//! let pod: Pod = serde_json::from_str(
//!     r#"{
//!         "metadata": {"name": "web"},
//!         "spec": {
//!             "nodeName": "node-1",
//!             "readinessGates": [{"conditionType": "lb.example/attached"}, {"conditionType": "lb.example/warm"}],
//!             "containers": [{"name": "web"}]
//!         },
//!         "status": {
//!             "phase": "Running",
//!             "podIP": "10.0.0.7",
//!             "conditions": [{"type": "lb.example/attached", "status": "True"}]
//!         }
//!     }"#,
//! )?;
//! let row = kubectl::row(&pod, "2026-03-01T09:00:00Z".parse().expect("a time"));
//! assert_eq!(
//!     format!("{row:#}"),
//!     "web   0/1   Running   0   <unknown>   10.0.0.7   node-1   <none>   1/2",
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # Sidecars
//!
//! A sidecar, an init container with `restartPolicy: Always`, stands among the init containers of spec and status, and
//! yet runs as long as the regular ones do. The columns see both sides of it:
//!
//! | | sidecars | other init containers |
//! |---|---|---|
//! | READY, behind the slash | count | do not |
//! | READY, before it | count, once `started` and `ready` | never |
//! | STATUS, `Init:<done>/<all>`, behind the slash | count | count |
//! | … before it | done once `started` | done once ended with exit code 0 |
//! | STATUS, when they have failed | `Init:<reason>`, until the pod is initialised | the same |
//! | RESTARTS while the pod initialises | count | count |
//! | RESTARTS from then on | count | no longer |
//!
//! So a pod initialises while its sidecars start one after the other, each as long as its startup probe takes; and a pod
//! whose work is done says `Completed` while its sidecars are still being stopped:
//!
//! ```
//! use core::time::Duration;
//! use pod_lifecycle::{kubectl, sim::{Setup, Sim}};
//!
//! let pod = serde_json::from_str(
//!     r#"{
//!         "metadata": {"name": "report"},
//!         "spec": {
//!             "restartPolicy": "Never",
//!             "initContainers": [
//!                 {"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"},
//!                 {"name": "fetch", "image": "fetch:1"}
//!             ],
//!             "containers": [{"name": "report", "image": "report:1"}]
//!         }
//!     }"#,
//! )?;
//! let mut setup = Setup::default();
//! let script = &mut setup.script.containers;
//! script.insert("proxy".into(), vec!["start=3s term=4s/143".parse()?]);
//! script.insert("fetch".into(), vec!["run=5s exit=0".parse()?]);
//! script.insert("report".into(), vec!["start=3s run=10s exit=0".parse()?]);
//! let mut sim = Sim::new(pod, setup)?;
//!
//! let mut seen = Vec::new();
//! for _ in 0..30 {
//!     sim.run_for(Duration::from_secs(1));
//!     let row = kubectl::row(sim.pod().expect("nobody deleted it"), sim.now());
//!     seen.push(format!("{} {}", row.ready, row.status));
//! }
//! seen.dedup();
//! assert_eq!(seen, [
//!     "0/2 Init:0/2",
//!     "1/2 Init:1/2",
//!     "1/2 PodInitializing",
//!     "2/2 Running",
//!     "1/2 Completed",
//!     "0/2 Completed",
//! ]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! How a sidecar ended does not show once the `Initialized` condition is true, and what it was restarted counts beside the
//! regular containers:
//!
//! ```
//! use pod_lifecycle::{api::Pod, kubectl};
//!
//! let mut pod: Pod = serde_json::from_str(
//!     r#"{
//!         "metadata": {"name": "report"},
//!         "spec": {
//!             "initContainers": [{"name": "proxy", "restartPolicy": "Always"}, {"name": "fetch"}],
//!             "containers": [{"name": "report"}]
//!         },
//!         "status": {
//!             "phase": "Succeeded",
//!             "conditions": [{"type": "Initialized", "status": "True"}],
//!             "initContainerStatuses": [
//!                 {"name": "proxy", "restartCount": 3, "state": {"terminated": {"exitCode": 137, "reason": "Error"}}},
//!                 {"name": "fetch", "restartCount": 5, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
//!             ],
//!             "containerStatuses": [
//!                 {"name": "report", "restartCount": 1, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
//!             ]
//!         }
//!     }"#,
//! )?;
//! let now = "2026-03-01T09:00:00Z".parse().expect("a time");
//! assert_eq!(kubectl::row(&pod, now).to_string(), "report   0/2   Completed   4   <unknown>");
//!
//! pod.status.conditions.clear();
//! assert_eq!(kubectl::row(&pod, now).to_string(), "report   0/2   Init:Error   3   <unknown>");
//! # Ok::<(), serde_json::Error>(())
//! ```

mod text;

use alloc::{borrow::Cow, collections::BTreeMap, format};

use jiff::Timestamp;

use crate::{
    api::{
        ContainerStateTerminated, ContainerStatus, Pod, PodCondition, PodConditionType, PodPhase,
        Time,
    },
    lifecycle::reason,
};

/// What `kubectl get pods` says of one pod.
///
/// Written with `{}` as one line, with three spaces between the columns and with those of `-o wide` by
/// `{:#}`; [`table`] lines several up.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Row<'a> {
    /// NAME: the pod's name.
    pub name: &'a str,
    /// READY: how many containers are ready, of how many.
    pub ready: Tally,
    /// STATUS: one word for what the pod does; see the [module](self#status).
    pub status: Cow<'a, str>,
    /// RESTARTS: how often containers were started again, and when last.
    pub restarts: Restarts,
    /// AGE: how long ago the pod was made; `None` where nobody knows.
    pub age: Option<HumanDuration>,
    /// Whether the pod is over, so that a reader may want to hide the row.
    pub completed: bool,
    /// IP: the pod's address, or empty while it has none.
    pub ip: &'a str,
    /// NODE: the node that the pod is bound to, or empty.
    pub node: &'a str,
    /// NOMINATED NODE: the node that the scheduler has made room on, or empty.
    pub nominated_node: &'a str,
    /// READINESS GATES: how many are true, of how many; `None` where there are none.
    pub readiness_gates: Option<Tally>,
}

/// How many, of how many: written `1/2`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Tally {
    /// How many there are of those that were looked for.
    pub met: usize,
    /// How many are expected; it may be less than [`met`](Self::met).
    pub total: usize,
}

/// How often containers were started again: written `0`, `2`, or `2 (5m ago)`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Restarts {
    /// The restarts of all containers that count, together.
    pub count: i64,
    /// How long ago the latest of their earlier instances ended; `None` without restarts, and where
    /// nobody knows.
    pub last: Option<HumanDuration>,
}

/// A length of time as `kubectl` writes it: in one or two units, the rougher the longer it is.
///
/// | from | to less than | written |
/// |---|---|---|
/// | | −1 s | `<invalid>` |
/// | −1 s | 2 min | `88s` |
/// | 2 min | 10 min | `6m15s`, `7m` |
/// | 10 min | 3 h | `47m` |
/// | 3 h | 8 h | `7h3m`, `5h` |
/// | 8 h | 2 d | `31h` |
/// | 2 d | 8 d | `4d6h`, `3d` |
/// | 8 d | 2 y | `522d` |
/// | 2 y | 8 y | `3y40d`, `5y` |
/// | 8 y | | `11y` |
///
/// A day has 24 hours and a year 365 days. A second behind zero is written `0s`, to bear with clocks
/// that differ. Beyond 292 years it says `292y`, which is as far as Go can count.
///
/// ```
/// use pod_lifecycle::kubectl::HumanDuration;
///
/// assert_eq!(HumanDuration::from_seconds(88).to_string(), "88s");
/// assert_eq!(HumanDuration::from_seconds(3 * 3600 + 60).to_string(), "3h1m");
/// assert_eq!(HumanDuration::from_seconds(-2).to_string(), "<invalid>");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct HumanDuration {
    seconds: i64,
}

/// Which columns a table has.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Columns {
    /// NAME, READY, STATUS, RESTARTS and AGE, as `kubectl get pods` prints.
    #[default]
    Basic,
    /// With IP, NODE, NOMINATED NODE and READINESS GATES behind, as for `-o wide`.
    Wide,
}

/// Several rows under a header, lined up; made by [`table`].
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    rows: &'a [Row<'a>],
    columns: Columns,
}

/// Returns what `kubectl get pods` says of a pod at the instant `now`.
///
/// ```
/// use pod_lifecycle::{api::Pod, kubectl};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{
///         "metadata": {"name": "job-x7"},
///         "spec": {
///             "initContainers": [{"name": "logs", "restartPolicy": "Always"}],
///             "containers": [{"name": "main"}]
///         },
///         "status": {"phase": "Pending"}
///     }"#,
/// )?;
/// let row = kubectl::row(&pod, "2026-03-01T09:00:00Z".parse().expect("a time"));
/// assert_eq!(row.to_string(), "job-x7   0/2   Pending   0   <unknown>");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn row(pod: &Pod, now: Timestamp) -> Row<'_> {
    let (spec, status) = (&pod.spec, &pod.status);
    let sidecars: BTreeMap<&str, bool> = spec
        .init_containers
        .iter()
        .map(|container| (container.name.as_str(), container.is_sidecar()))
        .collect();
    let count = spec
        .init_containers
        .iter()
        .filter(|it| it.is_sidecar())
        .count();

    let init = Initialization::of(pod, &sidecars);
    let (mut ready, mut restarts) = (init.ready, init.restarts);
    let initializing = init.word.is_some();
    let mut word = init.word.unwrap_or_else(|| whole(pod));
    if !initializing || is_initialized(pod) {
        let containers = Containers::of(pod, init.sidecar_restarts);
        ready += containers.ready;
        restarts = containers.restarts;
        word = containers.word(pod, word);
    }
    let completed = matches!(status.phase, Some(PodPhase::Succeeded | PodPhase::Failed));
    if pod.metadata.deletion_timestamp.is_some() {
        if status.reason == reason::NODE_LOST {
            word = Cow::Borrowed("Unknown");
        } else if !completed {
            word = Cow::Borrowed("Terminating");
        }
    }

    Row {
        name: &pod.metadata.name,
        ready: Tally {
            met: ready,
            total: spec.containers.len() + count,
        },
        status: word,
        restarts: restarts.seen_at(now),
        age: known(pod.metadata.creation_timestamp).map(|since| human_duration(since, now)),
        completed,
        ip: ip(pod),
        node: &spec.node_name,
        nominated_node: &status.nominated_node_name,
        readiness_gates: readiness_gates(pod),
    }
}

/// Returns the time between two instants, as `kubectl` writes it.
///
/// ```
/// use pod_lifecycle::kubectl::human_duration;
///
/// let since = "2026-03-01T09:00:00Z".parse().expect("a time");
/// let now = "2026-03-01T09:06:15Z".parse().expect("a time");
/// assert_eq!(human_duration(since, now).to_string(), "6m15s");
/// ```
#[must_use]
pub fn human_duration(since: Timestamp, now: Timestamp) -> HumanDuration {
    HumanDuration::from_seconds(now.duration_since(since).as_secs())
}

/// Lines rows up under a header, as `kubectl get pods` does.
///
/// Without rows it writes the header alone, where `kubectl` says that no resources were found.
///
/// ```
/// use pod_lifecycle::{api::Pod, kubectl::{self, Columns}};
///
/// let pods: Vec<Pod> = serde_json::from_str(
///     r#"[
///         {"metadata": {"name": "web-0"}, "spec": {"containers": [{}]}, "status": {"phase": "Pending"}},
///         {"metadata": {"name": "a-longer-name"}, "spec": {"containers": [{}, {}]}, "status": {
///             "phase": "Failed", "reason": "Evicted"}}
///     ]"#,
/// )?;
/// let now = "2026-03-01T09:00:00Z".parse().expect("a time");
/// let rows: Vec<_> = pods.iter().map(|pod| kubectl::row(pod, now)).collect();
/// assert_eq!(
///     kubectl::table(&rows, Columns::Basic).to_string(),
///     "\
/// NAME            READY   STATUS    RESTARTS   AGE
/// web-0           0/1     Pending   0          <unknown>
/// a-longer-name   0/2     Evicted   0          <unknown>
/// ",
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn table<'a>(rows: &'a [Row<'a>], columns: Columns) -> Table<'a> {
    Table { rows, columns }
}

/// Restarts and the end of the latest earlier instance, while they are added up.
#[derive(Clone, Copy, Default)]
struct Sum {
    count: i64,
    last: Option<Timestamp>,
}

impl Sum {
    fn add(&mut self, container: &ContainerStatus) {
        self.count = self.count.saturating_add(container.restart_count.into());
        let ended = container.last_state.terminated.as_ref();
        self.last = self
            .last
            .max(ended.and_then(|ended| known(ended.finished_at)));
    }

    fn seen_at(self, now: Timestamp) -> Restarts {
        Restarts {
            count: self.count,
            last: self
                .last
                .filter(|_| self.count != 0)
                .map(|last| human_duration(last, now)),
        }
    }
}

/// Returns an instant, unless it is the one that Go takes for none.
fn known(time: Option<Time>) -> Option<Timestamp> {
    const GO_ZERO: i64 = -62_135_596_800;
    time.map(Time::timestamp)
        .filter(|time| time.as_second() != GO_ZERO)
}

/// What the init containers say.
struct Initialization<'a> {
    /// The word for the first that is not done, if there is one.
    word: Option<Cow<'a, str>>,
    ready: usize,
    restarts: Sum,
    sidecar_restarts: Sum,
}

impl<'a> Initialization<'a> {
    fn of(pod: &'a Pod, sidecars: &BTreeMap<&str, bool>) -> Self {
        let mut this = Self {
            word: None,
            ready: 0,
            restarts: Sum::default(),
            sidecar_restarts: Sum::default(),
        };
        for (index, status) in pod.status.init_container_statuses.iter().enumerate() {
            let sidecar = sidecars.get(status.name.as_str()) == Some(&true);
            this.restarts.add(status);
            if sidecar {
                this.sidecar_restarts.add(status);
            }
            let ended = status.state.terminated.as_deref();
            if ended.is_some_and(|ended| ended.exit_code == 0) {
                continue;
            }
            if sidecar && status.started == Some(true) {
                this.ready += usize::from(status.ready);
                continue;
            }
            let waiting = status.state.waiting.as_ref().map(|it| it.reason.as_str());
            this.word = Some(Cow::Owned(match (ended, waiting) {
                (Some(ended), _) => format!("Init:{}", end(ended)),
                (None, Some(reason)) if !matches!(reason, "" | reason::POD_INITIALIZING) => {
                    format!("Init:{reason}")
                }
                (None, _) => format!("Init:{index}/{}", pod.spec.init_containers.len()),
            }));
            break;
        }
        this
    }
}

/// What the regular containers say.
struct Containers<'a> {
    /// The word of the first that does not run.
    word: Option<Cow<'a, str>>,
    /// How the first that failed ended.
    failure: Option<Cow<'a, str>>,
    ready: usize,
    restarts: Sum,
}

impl<'a> Containers<'a> {
    fn of(pod: &'a Pod, sidecar_restarts: Sum) -> Self {
        let mut this = Self {
            word: None,
            failure: None,
            ready: 0,
            restarts: sidecar_restarts,
        };
        for status in &pod.status.container_statuses {
            this.restarts.add(status);
            // Not by `view`: the printer looks for a reason to wait first, and at running last.
            let state = &status.state;
            let waiting = state.waiting.as_ref().filter(|it| !it.reason.is_empty());
            let word = if let Some(waiting) = waiting {
                Cow::Borrowed(waiting.reason.as_str())
            } else if let Some(ended) = state.terminated.as_deref() {
                let word = end(ended);
                if ended.exit_code != 0 && this.failure.is_none() {
                    this.failure = Some(word.clone());
                }
                word
            } else {
                this.ready += usize::from(status.ready && state.running.is_some());
                continue;
            };
            this.word.get_or_insert(word);
        }
        this
    }

    /// Returns the word for the pod, given the one that it has before its containers are asked.
    fn word(self, pod: &Pod, before: Cow<'a, str>) -> Cow<'a, str> {
        let word = self.word.unwrap_or(before);
        if word != reason::COMPLETED {
            return word;
        }
        let running = self.ready > 0;
        if running && is_ready(pod) {
            return Cow::Borrowed("Running");
        }
        match self.failure {
            Some(failure) => failure,
            None if running => Cow::Borrowed("NotReady"),
            None => word,
        }
    }
}

/// Returns the word for the pod as a whole.
fn whole(pod: &Pod) -> Cow<'_, str> {
    let status = &pod.status;
    let gated = status.conditions.iter().any(|condition| {
        condition.type_ == PodConditionType::POD_SCHEDULED
            && condition.reason == reason::SCHEDULING_GATED
    });
    Cow::Borrowed(if gated {
        reason::SCHEDULING_GATED
    } else if status.reason.is_empty() {
        status.phase.as_ref().map_or("", PodPhase::as_str)
    } else {
        &status.reason
    })
}

/// Returns how a container ended.
fn end(ended: &ContainerStateTerminated) -> Cow<'_, str> {
    if !ended.reason.is_empty() {
        Cow::Borrowed(&ended.reason)
    } else if ended.signal != 0 {
        Cow::Owned(format!("Signal:{}", ended.signal))
    } else {
        Cow::Owned(format!("ExitCode:{}", ended.exit_code))
    }
}

fn is_initialized(pod: &Pod) -> bool {
    pod.status
        .condition(&PodConditionType::INITIALIZED)
        .is_some_and(PodCondition::is_true)
}

/// Whether any `Ready` condition is true, be it the first or not.
fn is_ready(pod: &Pod) -> bool {
    pod.status
        .conditions
        .iter()
        .any(|condition| condition.type_ == PodConditionType::READY && condition.is_true())
}

/// Returns the pod's address; `podIP` has the last word where it differs from the list.
fn ip(pod: &Pod) -> &str {
    let status = &pod.status;
    if status.pod_ip.is_empty() {
        status.pod_ips.first().map_or("", |first| &first.ip)
    } else {
        &status.pod_ip
    }
}

fn readiness_gates(pod: &Pod) -> Option<Tally> {
    let gates = &pod.spec.readiness_gates;
    if gates.is_empty() {
        return None;
    }
    let met = gates.iter().filter(|gate| {
        let condition = pod.status.condition(&gate.condition_type);
        condition.is_some_and(PodCondition::is_true)
    });
    Some(Tally {
        met: met.count(),
        total: gates.len(),
    })
}
