//! How pods come and go on a node.

use std::collections::BTreeMap;

use pod_lifecycle::{
    api::Pod,
    lifecycle::worker::{
        self, Arrival, Call, Config, Failure, Kill, Receipt, RequeueSettings, Stage, SyncResult,
        Update, UpdateKind, Worker, Workers,
    },
};
use serde::Deserialize;

use super::back_off::{at, nanos};
use crate::case::Case;

/// A worker's state, as the vectors spell it.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct State {
    work_type: String,
    started: bool,
    termination_requested: bool,
    termination_started: bool,
    terminated: bool,
    finished: bool,
    deleted: bool,
    evicted: bool,
    restart_requested: bool,
    observed_runtime: bool,
    working: bool,
    pending_update: bool,
    grace_period_seconds: i64,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct KillOptions {
    #[serde(default)]
    evict: bool,
    grace_period_override_seconds: Option<i64>,
}

impl From<KillOptions> for Kill {
    fn from(kill: KillOptions) -> Self {
        Self {
            evict: kill.evict,
            grace_seconds: kill.grace_period_override_seconds,
        }
    }
}

impl From<Kill> for KillOptions {
    fn from(kill: Kill) -> Self {
        Self {
            evict: kill.evict,
            grace_period_override_seconds: kill.grace_seconds,
        }
    }
}

impl From<&Worker> for State {
    fn from(worker: &Worker) -> Self {
        Self {
            work_type: match worker.stage {
                Stage::Syncing => "sync",
                Stage::Terminating => "terminating",
                Stage::Terminated | Stage::Finished => "terminated",
            }
            .to_owned(),
            started: worker.has_started,
            termination_requested: worker.is_ending(),
            termination_started: worker.has_begun_terminating,
            terminated: worker.has_terminated(),
            finished: worker.stage == Stage::Finished,
            deleted: worker.is_deleted,
            evicted: worker.is_evicted,
            restart_requested: worker.restart_requested,
            observed_runtime: worker.runtime_observed,
            working: worker.is_working,
            pending_update: worker.pending.is_some(),
            grace_period_seconds: worker.grace_seconds,
        }
    }
}

impl State {
    /// Makes a worker in this state, which has looked at that pod last.
    fn worker(&self, known: Option<Config>) -> Worker {
        let update = Update {
            kind: UpdateKind::Sync,
            config: known,
            kill: None,
        };
        Worker {
            stage: if self.finished {
                Stage::Finished
            } else if self.terminated {
                Stage::Terminated
            } else if self.termination_requested {
                Stage::Terminating
            } else {
                Stage::Syncing
            },
            has_started: self.started,
            has_begun_terminating: self.termination_started,
            is_deleted: self.deleted,
            is_evicted: self.evicted,
            restart_requested: self.restart_requested,
            runtime_observed: self.observed_runtime,
            grace_seconds: self.grace_period_seconds,
            pending: self.pending_update.then_some(update),
            last: Some(update),
            is_working: self.working,
            has_context: true,
            ..Worker::default()
        }
    }
}

pub(crate) fn pod_worker_update(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        state: Option<State>,
        known_pod: Option<Pod>,
        #[serde(default)]
        runtime_running: bool,
        update: Given,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Given {
        update_type: UpdateKind,
        pod: Option<Pod>,
        #[serde(default)]
        runtime_only: bool,
        kill: Option<KillOptions>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        state: Option<State>,
        ignored: bool,
        pending: Option<Pending>,
        cancels_running_sync: bool,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Pending {
        update_type: UpdateKind,
        #[serde(default)]
        runtime_only: bool,
        kill: Option<KillOptions>,
    }
    let input: Input = case.input()?;
    let known = input.known_pod.as_ref().map(Config::of);
    let mut worker = input.state.map(|state| state.worker(known));
    let pod = input.update.pod.filter(|_| !input.update.runtime_only);
    let receipt = Worker::update(
        &mut worker,
        Update {
            kind: input.update.update_type,
            config: pod.as_ref().map(Config::of),
            kill: input.update.kill.map(Kill::from),
        },
        input.runtime_running,
    );
    let ignored = receipt == Receipt::Ignored;
    let pending = worker.as_ref().and_then(|worker| worker.pending);
    case.expect(&Output {
        state: worker.as_ref().map(State::from),
        ignored,
        pending: pending.filter(|_| !ignored).map(|update| Pending {
            update_type: update.kind,
            runtime_only: update.config.is_none(),
            kill: update.kill.map(KillOptions::from),
        }),
        cancels_running_sync: receipt == Receipt::Pending { cancels: true },
    })
}

#[derive(Deserialize)]
struct NodeInput {
    pods: BTreeMap<String, NodePod>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NodePod {
    name: String,
    #[serde(rename = "static", default)]
    is_static: bool,
    termination_grace_period_seconds: Option<i64>,
    #[serde(default)]
    runtime_running: bool,
}

#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Step {
    Update {
        uid: String,
        update_type: UpdateKind,
        #[serde(default)]
        runtime_only: bool,
        #[serde(default)]
        deleted: bool,
        deletion_grace_period_seconds: Option<i64>,
        phase: Option<String>,
        kill: Option<KillOptions>,
    },
    Complete {
        uid: String,
        result: String,
    },
    SyncKnownPods {
        #[serde(default)]
        desired: Vec<String>,
    },
}

#[derive(Debug, Deserialize, PartialEq)]
struct NodeOutput {
    steps: Vec<StepTaken>,
}

#[derive(Debug, Deserialize, PartialEq)]
struct StepTaken {
    workers: BTreeMap<String, Seen>,
    #[serde(default)]
    known: BTreeMap<String, Known>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Seen {
    state: Option<State>,
    in_progress: Option<InProgress>,
    queries: Queries,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct InProgress {
    call: String,
    update_type: Option<UpdateKind>,
    grace_period_seconds: Option<i64>,
    #[serde(default)]
    cancelled: bool,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct Queries {
    could_have_running_containers: bool,
    containers_should_be_terminating: bool,
    runtime_should_be_removed: bool,
    content_should_be_removed: bool,
    should_be_finished: bool,
    known_terminated: bool,
    termination_requested: bool,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
#[derive(Default)]
struct Known {
    state: String,
    orphan: bool,
    has_config: bool,
    #[serde(rename = "static")]
    is_static: bool,
}

fn in_progress(worker: &Worker) -> Option<InProgress> {
    let (call, update_type, grace_period_seconds) = match worker.call? {
        Call::SyncPod { kind } => ("SyncPod", Some(kind), None),
        Call::SyncTerminatingPod { grace_seconds } => ("SyncTerminatingPod", None, grace_seconds),
        Call::SyncTerminatingRuntimePod => ("SyncTerminatingRuntimePod", None, None),
        Call::SyncTerminatedPod => ("SyncTerminatedPod", None, None),
    };
    Some(InProgress {
        call: call.to_owned(),
        update_type,
        grace_period_seconds,
        cancelled: worker.is_cancelled,
    })
}

fn seen(workers: &Workers, uid: &str) -> Seen {
    let worker = workers.get(uid);
    Seen {
        state: worker.map(State::from),
        in_progress: worker.and_then(in_progress),
        queries: Queries {
            could_have_running_containers: workers.could_have_running_containers(uid),
            containers_should_be_terminating: workers.containers_should_be_terminating(uid),
            runtime_should_be_removed: workers.runtime_should_be_removed(uid),
            content_should_be_removed: workers.content_should_be_removed(uid),
            should_be_finished: workers.should_be_finished(uid),
            known_terminated: worker.is_some_and(Worker::has_terminated),
            termination_requested: worker.is_some_and(Worker::is_ending),
        },
    }
}

pub(crate) fn pod_worker(case: &Case<'_>) -> Result<(), String> {
    let mut input: NodeInput = case.input()?;
    let mut workers = Workers::default();
    let mut steps = Vec::new();
    for step in &input.steps {
        let mut known = BTreeMap::new();
        match step {
            Step::Update {
                uid,
                update_type,
                runtime_only,
                deleted,
                deletion_grace_period_seconds,
                phase,
                kill,
            } => {
                let pod = input.pods.get(uid).ok_or("unknown pod")?;
                let config = Config {
                    is_static: pod.is_static,
                    is_deleted: *deleted,
                    is_terminal: matches!(phase.as_deref(), Some("Failed" | "Succeeded")),
                    deletion_grace_seconds: *deletion_grace_period_seconds,
                    termination_grace_seconds: pod.termination_grace_period_seconds,
                };
                let full_name = format!("{}_ns", pod.name);
                workers.update(Arrival {
                    uid,
                    full_name: &full_name,
                    update: Update {
                        kind: *update_type,
                        config: (!runtime_only).then_some(config),
                        kill: kill.map(Kill::from),
                    },
                    runtime_is_running: pod.runtime_running,
                });
            }
            Step::Complete { uid, result } => {
                let call = workers.get(uid).and_then(|worker| worker.call);
                let result = match &**result {
                    "ok" => SyncResult::Done,
                    "terminal" => SyncResult::Terminal,
                    "error" | "canceled" => SyncResult::Failed,
                    other => return Err(format!("unknown result {other}")),
                };
                if result != SyncResult::Failed
                    && matches!(call, Some(Call::SyncTerminatingPod { .. }))
                {
                    let pod = input.pods.get_mut(uid).ok_or("unknown pod")?;
                    pod.runtime_running = false;
                }
                workers.handle_result(uid, result);
            }
            Step::SyncKnownPods { desired } => {
                for worker in workers.sync_known(|uid| desired.iter().any(|it| it == uid)) {
                    let state = match worker.stage {
                        Stage::Syncing => "sync",
                        Stage::Terminating => "terminating",
                        Stage::Terminated | Stage::Finished => "terminated",
                    };
                    let seen = Known {
                        state: state.to_owned(),
                        orphan: worker.is_orphan,
                        has_config: worker.has_config,
                        is_static: worker.is_static,
                    };
                    known.insert(worker.uid, seen);
                }
            }
        }
        while workers.poll_call().is_some() {}
        let seen = input
            .pods
            .keys()
            .map(|uid| (uid.clone(), seen(&workers, uid)));
        steps.push(StepTaken {
            workers: seen.collect(),
            known,
        });
    }
    case.expect(&NodeOutput { steps })
}

pub(crate) fn worker_requeue(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        phase_transition: bool,
        error: Option<SyncError>,
        resync_nanos: u64,
        back_off_period_nanos: u64,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct SyncError {
        kind: String,
        until_nanos: Option<i64>,
        #[serde(default)]
        of: Of,
    }
    #[derive(Default, Deserialize)]
    #[serde(untagged)]
    enum Of {
        #[default]
        None,
        One(Box<SyncError>),
        Many(Vec<SyncError>),
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        base_nanos: u64,
        jitter_factor: f64,
    }
    fn failure_of(error: &SyncError) -> Failure {
        let mut failure = Failure {
            network_is_not_ready: error.kind == "networkNotReady",
            back_off_until: error.until_nanos.map(at),
        };
        match &error.of {
            Of::None => {}
            Of::One(error) => failure = failure.and(failure_of(error)),
            Of::Many(errors) => {
                for error in errors {
                    failure = failure.and(failure_of(error));
                }
            }
        }
        failure
    }
    let input: Input = case.input()?;
    let settings = RequeueSettings {
        resync: std::time::Duration::from_nanos(input.resync_nanos),
        back_off: std::time::Duration::from_nanos(input.back_off_period_nanos),
    };
    let failure = input.error.as_ref().map(failure_of);
    let requeue = worker::requeue(at(0), &settings, input.phase_transition, failure.as_ref());
    case.expect(&Output {
        base_nanos: nanos(requeue.base),
        jitter_factor: f64::from(requeue.jitter_percent) / 100.0,
    })
}
