//! Which sync a pod gets next, and how pods come and go on a node.
//!
//! Follows the kubelet's pod workers of Kubernetes v1.36: `UpdatePod`, `podWorkerLoop`,
//! `SyncKnownPods` and `completeWork`. A pod is synced until something ends it, then
//! terminated, then cleaned up, in this order and never back; one call at a time, and
//! what happens meanwhile waits.
//!
//! [`Worker`] is one pod's. [`Workers`] are a node's: [`update`](Workers::update) them,
//! carry out what [`poll_call`](Workers::poll_call) gives, and report with
//! [`handle_result`](Workers::handle_result). What is kept of a pod is its [`Config`]; the host
//! syncs the pod of the last update that was not ignored.

mod node;
mod requeue;

use serde::{Deserialize, Serialize};

pub use self::{
    node::{Arrival, KnownWorker, SyncResult, Workers},
    requeue::{Failure, Requeue, RequeueSettings, requeue},
};
use super::{kind, termination::shrink};
use crate::api::Pod;

/// What of a pod its worker goes by.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Config {
    /// Whether it comes from another source than the API server.
    pub is_static: bool,
    /// Whether it has a deletion timestamp.
    pub is_deleted: bool,
    /// Whether its phase is `Failed` or `Succeeded`.
    pub is_terminal: bool,
    /// Its `deletionGracePeriodSeconds`.
    pub deletion_grace_seconds: Option<i64>,
    /// Its spec's `terminationGracePeriodSeconds`.
    pub termination_grace_seconds: Option<i64>,
}

/// News of a pod.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Update {
    /// What has happened.
    pub kind: UpdateKind,
    /// The pod, or `None` where only its running containers are known.
    pub config: Option<Config>,
    /// How it is to be killed.
    pub kill: Option<Kill>,
}

/// What has happened to a pod.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum UpdateKind {
    /// It is new.
    Create,
    /// It has changed.
    Update,
    /// It is time to look at it again.
    #[default]
    Sync,
    /// It is to be killed.
    Kill,
}

/// How a pod is to be killed.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Kill {
    /// Whether the node evicts it.
    pub evict: bool,
    /// The grace asked for, in seconds.
    pub grace_seconds: Option<i64>,
}

/// How far a pod has come on its node.
#[derive(
    Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It is set up and kept running.
    #[default]
    Syncing,
    /// It is being stopped.
    Terminating,
    /// Its containers are gone, and what is left of it is being removed.
    Terminated,
    /// Nothing is left of it.
    Finished,
}

/// One pod's worker.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Worker {
    /// How far the pod has come.
    pub stage: Stage,
    /// Whether it has ever been synced.
    pub has_started: bool,
    /// Whether its containers are being stopped, or were.
    pub has_begun_terminating: bool,
    /// Whether it was deleted, or is not wanted on the node any more.
    pub is_deleted: bool,
    /// Whether the node has evicted it.
    pub is_evicted: bool,
    /// Whether a pod of the same uid was created while this one ended.
    pub restart_requested: bool,
    /// Whether it was found running without being known.
    pub runtime_observed: bool,
    /// The grace that it ends with, in seconds; 0 before it is known.
    pub grace_seconds: i64,
    /// What is to be looked at next.
    pub pending: Option<Update>,
    /// What was looked at last, with the grace of the kills before it.
    pub last: Option<Update>,
    /// Whether something is being done for it, or about to be.
    pub is_working: bool,
    /// Whether anything was ever done for it that could be cancelled.
    pub has_context: bool,
    /// The call under way.
    pub call: Option<Call>,
    /// Whether the call under way is cancelled, because the pod has to end, or end sooner.
    pub is_cancelled: bool,
}

/// What is to be done for a pod.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Call {
    /// Set it up and keep it running.
    SyncPod {
        /// Why.
        kind: UpdateKind,
    },
    /// Stop its containers.
    SyncTerminatingPod {
        /// The grace that takes the place of every container's own, in seconds.
        grace_seconds: Option<i64>,
    },
    /// Stop the containers of a pod of which nothing else is known.
    SyncTerminatingRuntimePod,
    /// Remove what is left of it.
    SyncTerminatedPod,
}

/// What became of an update.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Receipt {
    /// It changes nothing that is to be done.
    Ignored,
    /// It waits to be looked at, in place of what waited before.
    Pending {
        /// Whether what is being done for the pod is to be cancelled.
        cancels: bool,
    },
}

impl Config {
    /// Reads what a worker goes by.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, lifecycle::worker::Config};
    ///
    /// let mut pod = Pod::default();
    /// pod.spec.termination_grace_period_seconds = Some(30);
    /// assert_eq!(Config::of(&pod).termination_grace_seconds, Some(30));
    /// ```
    #[must_use]
    pub fn of(pod: &Pod) -> Self {
        Self {
            is_static: kind::is_static(pod),
            is_deleted: pod.metadata.deletion_timestamp.is_some(),
            is_terminal: kind::is_terminal(pod.status.phase.as_ref()),
            deletion_grace_seconds: pod.metadata.deletion_grace_period_seconds,
            termination_grace_seconds: pod.spec.termination_grace_period_seconds,
        }
    }

    fn effective_grace(self, current: i64, requested: Option<i64>) -> i64 {
        shrink(
            current,
            [self.deletion_grace_seconds, requested],
            self.termination_grace_seconds,
        )
    }
}

impl Worker {
    /// Makes the worker of a pod that is seen for the first time.
    ///
    /// One whose phase says that it is over and of which nothing runs has terminated before.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::{Config, Stage, Worker};
    ///
    /// let over = Config { is_terminal: true, ..Config::default() };
    /// assert_eq!(Worker::new(Some(over), false).stage, Stage::Terminated);
    /// assert_eq!(Worker::new(Some(over), true).stage, Stage::Syncing);
    /// ```
    #[must_use]
    pub fn new(config: Option<Config>, runtime_is_running: bool) -> Self {
        let is_over = config.is_some_and(|config| config.is_terminal) && !runtime_is_running;
        Self {
            stage: if is_over {
                Stage::Terminated
            } else {
                Stage::Syncing
            },
            has_begun_terminating: is_over,
            ..Self::default()
        }
    }

    /// Takes news of a pod; `worker` is `None` before the first, and stays so if that is ignored.
    ///
    /// Once a pod has to end, nothing takes that back: every further update is a kill, and
    /// its grace can only shrink.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::{
    ///     Config, Receipt, Stage, Update, UpdateKind, Worker,
    /// };
    ///
    /// let mut worker = None;
    /// let deleted = Config { is_deleted: true, termination_grace_seconds: Some(30), ..Config::default() };
    /// let update = Update { kind: UpdateKind::Update, config: Some(deleted), kill: None };
    /// let receipt = Worker::update(&mut worker, update, true);
    /// assert_eq!(receipt, Receipt::Pending { cancels: false });
    /// let worker = worker.unwrap_or_default();
    /// assert_eq!((worker.stage, worker.grace_seconds), (Stage::Terminating, 30));
    /// ```
    pub fn update(worker: &mut Option<Self>, update: Update, runtime_is_running: bool) -> Receipt {
        if update.config.is_none() && update.kind != UpdateKind::Kill {
            return Receipt::Ignored;
        }
        let is_new = worker.is_none();
        worker
            .get_or_insert_with(|| Self::new(update.config, runtime_is_running))
            .take(update, is_new)
    }

    fn take(&mut self, mut update: Update, is_new: bool) -> Receipt {
        let is_runtime_only = update.config.is_none();
        if is_runtime_only {
            self.runtime_observed = true;
            let known = [self.pending, self.last];
            update.config = known.into_iter().flatten().find_map(|update| update.config);
        }
        if !is_new && self.is_ending() && update.kind == UpdateKind::Create {
            self.restart_requested = true;
            return Receipt::Ignored;
        }
        if self.stage == Stage::Finished {
            return Receipt::Ignored;
        }
        let config = update.config.unwrap_or_default();
        let must_end = !self.is_ending() && self.begin_to_end(&update, config, is_runtime_only);
        let mut is_shortened = false;
        match self.stage {
            Stage::Terminated | Stage::Finished if is_runtime_only => return Receipt::Ignored,
            Stage::Terminating => {
                let kill = update.kill.get_or_insert_default();
                let grace = config.effective_grace(self.grace_seconds, kill.grace_seconds);
                is_shortened = self.grace_seconds != 0 && self.grace_seconds != grace;
                self.grace_seconds = grace;
                kill.grace_seconds = Some(grace);
            }
            Stage::Syncing | Stage::Terminated | Stage::Finished => update.kill = None,
        }
        self.pending = Some(update);
        self.is_working = true;
        let cancels = (must_end || is_shortened) && self.has_context;
        self.is_cancelled |= cancels && self.call.is_some();
        Receipt::Pending { cancels }
    }

    /// Returns whether the update ends a pod that was not about to end.
    fn begin_to_end(&mut self, update: &Update, config: Config, is_runtime_only: bool) -> bool {
        let is_deleted = is_runtime_only || config.is_deleted;
        let is_killed = update.kind == UpdateKind::Kill;
        if is_deleted {
            self.is_deleted = true;
        } else if is_killed && !config.is_terminal {
            self.is_evicted |= update.kill.is_some_and(|kill| kill.evict);
        }
        let must_end = is_deleted || config.is_terminal || is_killed;
        if must_end {
            self.stage = Stage::Terminating;
        }
        must_end
    }

    /// Whether the pod has to end, or has.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::Worker;
    ///
    /// assert!(!Worker::default().is_ending());
    /// ```
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.stage != Stage::Syncing
    }

    /// Whether the pod's containers are gone for good.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::worker::Worker;
    ///
    /// assert!(!Worker::default().has_terminated());
    /// ```
    #[must_use]
    pub fn has_terminated(&self) -> bool {
        self.stage >= Stage::Terminated
    }

    /// Notes what is being looked at, so that it can be looked at again.
    fn remember(&mut self, update: Update) {
        let kill = self.last.and_then(|last| last.kill);
        self.last = Some(Update {
            kind: UpdateKind::Sync,
            config: update.config,
            kill: update.kill.or(kill),
        });
    }

    /// Has what was looked at last looked at again, unless something else waits; says whether it does.
    fn repeat(&mut self) -> bool {
        match self.last {
            Some(last) if self.pending.is_none() => {
                self.pending = Some(last);
                self.is_working = true;
                true
            }
            _ => false,
        }
    }

    /// Returns the call that a stage asks for.
    fn next_call(&mut self, update: Update) -> Call {
        match self.stage {
            Stage::Syncing => Call::SyncPod { kind: update.kind },
            Stage::Terminating => {
                self.has_begun_terminating = true;
                if update.config.is_none() {
                    return Call::SyncTerminatingRuntimePod;
                }
                Call::SyncTerminatingPod {
                    grace_seconds: update.kill.and_then(|kill| kill.grace_seconds),
                }
            }
            Stage::Terminated | Stage::Finished => Call::SyncTerminatedPod,
        }
    }
}
