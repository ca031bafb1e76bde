//! Requests to delete a pod.

use pod_lifecycle::{
    admission::delete::{self, Deletion},
    api::{Pod, Time},
};
use serde::Deserialize;

use crate::case::Case;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    pod: Pod,
    now: Option<Time>,
    grace_period_seconds: Option<i64>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Period {
    grace_period_seconds: i64,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    graceful: bool,
    graceful_pending: bool,
    grace_period_seconds: Option<i64>,
    metadata: Mark,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct Mark {
    deletion_timestamp: Option<Time>,
    deletion_grace_period_seconds: Option<i64>,
    generation: i64,
}

pub fn graceful(case: &Case<'_>) -> Result<(), String> {
    let input: Input = case.input()?;
    case.expect(&Period {
        grace_period_seconds: delete::grace_period(&input.pod, input.grace_period_seconds),
    })
}

pub fn before(case: &Case<'_>) -> Result<(), String> {
    let mut input: Input = case.input()?;
    let now = input.now.ok_or("no time")?.timestamp();
    let deletion = delete::before_delete(now, &mut input.pod, input.grace_period_seconds);
    let (graceful, graceful_pending, grace_period_seconds) = match deletion {
        Deletion::Graceful {
            grace_period_seconds,
        } => (true, false, Some(grace_period_seconds)),
        Deletion::Pending {
            grace_period_seconds,
        } => (false, true, Some(grace_period_seconds)),
        Deletion::Immediate {
            grace_period_seconds,
        } => (false, false, grace_period_seconds),
    };
    case.expect(&Outcome {
        graceful,
        graceful_pending,
        grace_period_seconds,
        metadata: Mark {
            deletion_timestamp: input.pod.metadata.deletion_timestamp,
            deletion_grace_period_seconds: input.pod.metadata.deletion_grace_period_seconds,
            generation: input.pod.metadata.generation,
        },
    })
}
