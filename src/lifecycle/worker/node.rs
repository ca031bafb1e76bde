//! All the workers of a node.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};

use serde::{Deserialize, Serialize};

use super::{Call, Receipt, Stage, Update, Worker};
use crate::lifecycle::static_pod::StaticPods;

/// The workers of a node, by the uid of their pods.
///
/// ```
/// use pod_lifecycle::lifecycle::worker::{
///     Arrival, Call, Config, SyncResult, Update, UpdateKind, Workers,
/// };
///
/// let mut workers = Workers::default();
/// workers.update(Arrival {
///     uid: "u1",
///     full_name: "web_shop",
///     update: Update { kind: UpdateKind::Create, config: Some(Config::default()), kill: None },
///     runtime_is_running: false,
/// });
/// let call = Call::SyncPod { kind: UpdateKind::Create };
/// assert_eq!(workers.poll_call(), Some(("u1".into(), call)));
/// assert_eq!(workers.poll_call(), None);
/// workers.handle_result("u1", SyncResult::Terminal);
/// let call = Call::SyncTerminatingPod { grace_seconds: None };
/// assert_eq!(workers.poll_call(), Some(("u1".into(), call)));
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Workers {
    workers: BTreeMap<String, Named>,
    static_pods: StaticPods,
    /// The uids of those that have something to look at.
    ready: BTreeSet<String>,
    /// Whether the node's pods have been made known once.
    is_synced: bool,
}

/// A worker and the full name of its pod.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
struct Named {
    full_name: String,
    worker: Worker,
}

/// News of a pod, and whose they are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Arrival<'a> {
    /// The pod's uid.
    pub uid: &'a str,
    /// Its name and namespace, as `name_namespace`.
    pub full_name: &'a str,
    /// The news.
    pub update: Update,
    /// Whether its runtime has a running container or a ready sandbox of it.
    pub runtime_is_running: bool,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum SyncResult {
    /// It did what it had to.
    Done,
    /// It did, and a pod that was synced has run to its end.
    Terminal,
    /// It failed, or was cancelled.
    Failed,
}

/// A worker that is left after [`Workers::sync_known`].
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct KnownWorker {
    /// The pod's uid.
    pub uid: String,
    /// How far it has come.
    pub stage: Stage,
    /// Whether it is not wanted any more.
    pub is_orphan: bool,
    /// Whether more is known of it than its running containers.
    pub has_config: bool,
    /// Whether it is a static pod.
    pub is_static: bool,
}

impl Workers {
    /// Takes news of a pod.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::{Arrival, Receipt, Update, UpdateKind, Workers};
    ///
    /// let mut workers = Workers::default();
    /// let update = Update { kind: UpdateKind::Sync, config: None, kill: None };
    /// let arrival = Arrival { uid: "u1", full_name: "web_shop", update, runtime_is_running: true };
    /// assert_eq!(workers.update(arrival), Receipt::Ignored);
    /// ```
    pub fn update(&mut self, arrival: Arrival<'_>) -> Receipt {
        let Arrival {
            uid,
            full_name,
            update,
            runtime_is_running,
        } = arrival;
        let mut known = self.workers.remove(uid);
        let is_new = known.is_none();
        let full_name = known.as_mut().map_or_else(
            || full_name.into(),
            |known| core::mem::take(&mut known.full_name),
        );
        let mut worker = known.map(|known| known.worker);
        let receipt = Worker::update(&mut worker, update, runtime_is_running);
        if let Some(worker) = worker {
            if receipt != Receipt::Ignored {
                if is_new && update.config.is_some_and(|config| config.is_static) {
                    self.static_pods.enqueue(&full_name, uid);
                }
                self.ready.insert(uid.into());
            }
            self.workers.insert(uid.into(), Named { full_name, worker });
        }
        receipt
    }

    /// Returns the next call to make, and for which pod.
    ///
    /// There is at most one call under way for each pod.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::Workers;
    ///
    /// assert_eq!(Workers::default().poll_call(), None);
    /// ```
    #[must_use]
    pub fn poll_call(&mut self) -> Option<(String, Call)> {
        while let Some(uid) = self.ready.pop_first() {
            if let Some(call) = self.begin(&uid) {
                return Some((uid, call));
            }
        }
        None
    }

    fn begin(&mut self, uid: &str) -> Option<Call> {
        let Named { full_name, worker } = self.workers.get_mut(uid)?;
        if worker.call.is_some() || worker.stage == Stage::Finished {
            return None;
        }
        let Some(update) = worker.pending.take() else {
            worker.is_working = false;
            return None;
        };
        worker.has_context = true;
        let is_static = update.config.is_some_and(|config| config.is_static);
        if is_static && !worker.has_started {
            if worker.is_ending() {
                // It is told to end before it could start: there is nothing to undo.
                worker.stage = Stage::Finished;
                worker.is_working = false;
                self.static_pods.release(full_name, uid);
                return None;
            }
            let full_name = full_name.clone();
            if !self.may_start(&full_name, uid) {
                let Named { worker, .. } = self.workers.get_mut(uid)?;
                worker.pending = Some(update);
                worker.is_working = false;
                return None;
            }
        }
        let Named { worker, .. } = self.workers.get_mut(uid)?;
        worker.has_started |= update.config.is_some();
        worker.remember(update);
        let call = worker.next_call(update);
        worker.call = Some(call);
        worker.is_cancelled = false;
        Some(call)
    }

    fn may_start(&mut self, full_name: &str, uid: &str) -> bool {
        let workers = &self.workers;
        self.static_pods.start(full_name, uid, |uid| {
            workers
                .get(uid)
                .is_some_and(|named| !named.worker.is_ending())
        })
    }

    /// Reports how the call for a pod ended, and says whether the pod is to be looked at again at once.
    ///
    /// A report that belongs to no call changes nothing.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::{SyncResult, Workers};
    ///
    /// assert!(!Workers::default().handle_result("u1", SyncResult::Done));
    /// ```
    pub fn handle_result(&mut self, uid: &str, result: SyncResult) -> bool {
        let Some(named) = self.workers.get_mut(uid) else {
            return false;
        };
        let worker = &mut named.worker;
        let Some(call) = worker.call.take() else {
            return false;
        };
        worker.is_cancelled = false;
        let mut has_moved_on = false;
        match (call, result) {
            (_, SyncResult::Failed) | (Call::SyncPod { .. }, SyncResult::Done) => {}
            (Call::SyncPod { .. }, SyncResult::Terminal) => {
                worker.stage = worker.stage.max(Stage::Terminating);
                worker.has_begun_terminating = true;
                worker.repeat();
                has_moved_on = true;
            }
            (Call::SyncTerminatingPod { .. }, _) => {
                worker.stage = Stage::Terminated;
                worker.repeat();
                has_moved_on = true;
            }
            (Call::SyncTerminatedPod, _) => {
                worker.stage = Stage::Finished;
                worker.is_working = false;
                self.static_pods.release(&named.full_name, uid);
                return false;
            }
            (Call::SyncTerminatingRuntimePod, _) => {
                self.forget(uid);
                return false;
            }
        }
        worker.is_working = worker.pending.is_some();
        if worker.is_working {
            self.ready.insert(uid.into());
        }
        has_moved_on
    }

    fn forget(&mut self, uid: &str) {
        if let Some(named) = self.workers.remove(uid) {
            self.static_pods.release(&named.full_name, uid);
        }
        self.ready.remove(uid);
    }

    /// Takes which pods the node is to have, and returns the workers that are left.
    ///
    /// A pod that is not among them is brought to its end, and forgotten then. So is one whose
    /// uid was created again while it ended; the host then has to report it as new.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::Workers;
    ///
    /// let mut workers = Workers::default();
    /// assert!(workers.could_have_running_containers("u1"));
    /// assert!(workers.sync_known(|_| true).is_empty());
    /// assert!(!workers.could_have_running_containers("u1"));
    /// ```
    pub fn sync_known(&mut self, mut is_desired: impl FnMut(&str) -> bool) -> Vec<KnownWorker> {
        self.is_synced = true;
        let mut known = Vec::new();
        let mut gone = Vec::new();
        for (uid, Named { worker, .. }) in &mut self.workers {
            let is_orphan = !is_desired(uid);
            if (is_orphan || worker.restart_requested) && is_over(worker, is_orphan) {
                gone.push(uid.clone());
                continue;
            }
            if is_orphan && worker.repeat() && worker.call.is_none() {
                self.ready.insert(uid.clone());
            }
            let config = match (worker.last, worker.pending) {
                (Some(last), _) => last.config,
                (None, pending) => pending.and_then(|pending| pending.config),
            };
            known.push(KnownWorker {
                uid: uid.clone(),
                stage: worker.stage,
                is_orphan,
                has_config: config.is_some(),
                is_static: config.is_some_and(|config| config.is_static),
            });
        }
        for uid in gone {
            self.forget(&uid);
        }
        known
    }

    /// Returns the worker of a pod.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::Workers;
    ///
    /// assert_eq!(Workers::default().get("u1"), None);
    /// ```
    #[must_use]
    pub fn get(&self, uid: &str) -> Option<&Worker> {
        self.workers.get(uid).map(|named| &named.worker)
    }

    /// Whether containers of a pod may be running; so of every pod before the node's pods are known.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::Workers;
    ///
    /// assert!(Workers::default().could_have_running_containers("u1"));
    /// ```
    #[must_use]
    pub fn could_have_running_containers(&self, uid: &str) -> bool {
        self.get(uid)
            .map_or(!self.is_synced, |worker| !worker.has_terminated())
    }

    /// Whether the containers of a pod should be going, or gone.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::Workers;
    ///
    /// assert!(!Workers::default().containers_should_be_terminating("u1"));
    /// ```
    #[must_use]
    pub fn containers_should_be_terminating(&self, uid: &str) -> bool {
        self.get(uid)
            .map_or(self.is_synced, |worker| worker.has_begun_terminating)
    }

    /// Whether nothing of a pod should be left in its runtime.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::Workers;
    ///
    /// assert!(!Workers::default().runtime_should_be_removed("u1"));
    /// ```
    #[must_use]
    pub fn runtime_should_be_removed(&self, uid: &str) -> bool {
        self.get(uid).map_or(self.is_synced, Worker::has_terminated)
    }

    /// Whether nothing of a pod should be left on its node's disk.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::Workers;
    ///
    /// assert!(!Workers::default().content_should_be_removed("u1"));
    /// ```
    #[must_use]
    pub fn content_should_be_removed(&self, uid: &str) -> bool {
        self.get(uid).map_or(self.is_synced, |worker| {
            worker.is_evicted || (worker.is_deleted && worker.has_terminated())
        })
    }

    /// Whether everything that is to be done for a pod is done.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::Workers;
    ///
    /// assert!(!Workers::default().should_be_finished("u1"));
    /// ```
    #[must_use]
    pub fn should_be_finished(&self, uid: &str) -> bool {
        self.get(uid)
            .map_or(self.is_synced, |worker| worker.stage == Stage::Finished)
    }
}

/// Whether a worker can be forgotten; one that cannot be yet, of a pod that is not wanted, is told to end.
fn is_over(worker: &mut Worker, is_orphan: bool) -> bool {
    if worker.stage == Stage::Finished {
        return true;
    }
    if !is_orphan {
        return false;
    }
    worker.is_deleted = true;
    if !worker.has_started && !worker.runtime_observed {
        return true;
    }
    if !worker.is_ending() {
        worker.stage = Stage::Terminating;
        let config = worker.last.and_then(|last| last.config);
        worker.grace_seconds = config.map_or(1, |config| {
            config.effective_grace(worker.grace_seconds, None)
        });
    }
    false
}
