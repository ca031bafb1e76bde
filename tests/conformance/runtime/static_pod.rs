//! Which static pod may start.

use std::collections::BTreeMap;

use pod_lifecycle::lifecycle::static_pod::StaticPods;
use serde::Deserialize;

use crate::case::Case;

pub(crate) fn static_pod_start(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Input {
        fullname: String,
        uid: String,
        #[serde(flatten)]
        pods: StaticPods,
        #[serde(default)]
        workers: BTreeMap<String, Worker>,
    }
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "camelCase")]
    struct Worker {
        termination_requested: bool,
        terminated: bool,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Output {
        allowed: bool,
        #[serde(flatten)]
        pods: StaticPods,
    }
    let mut input: Input = case.input()?;
    let workers = input.workers;
    let allowed = input.pods.start(&input.fullname, &input.uid, |uid| {
        let worker = workers.get(uid);
        worker.is_some_and(|worker| !worker.termination_requested && !worker.terminated)
    });
    case.expect(&Output {
        allowed,
        pods: input.pods,
    })
}
