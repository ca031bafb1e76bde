//! What the status manager makes of a derived status.

use pod_lifecycle::{
    api::{Pod, PodSpec, PodStatus},
    jiff::Timestamp,
    lifecycle::status::{self, MergeInput, Record, Update},
};
use serde::Deserialize;

use super::derive::drop_sentences;
use crate::case::Case;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct In {
    pod: Pod,
    cached: Option<PodStatus>,
    mirror_status: Option<PodStatus>,
    now: Timestamp,
}

impl In {
    fn record(&self) -> Record<'_> {
        Record {
            pod: &self.pod,
            cached: self.cached.as_ref(),
            mirror: self.mirror_status.as_ref(),
            now: self.now,
        }
    }

    /// What is cached after the update.
    fn cached_after(&self, update: &Update) -> Option<PodStatus> {
        let mut status = match update {
            Update::Changed(status) => Some((**status).clone()),
            Update::Unchanged | Update::Refused(_) => self.cached.clone(),
        };
        if let Some(status) = &mut status {
            drop_sentences(&mut status.init_container_statuses);
            drop_sentences(&mut status.container_statuses);
            drop_sentences(&mut status.ephemeral_container_statuses);
        }
        status
    }
}

#[derive(Debug, Deserialize, PartialEq)]
struct Status {
    status: PodStatus,
}

pub(crate) fn update(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct New {
        new: PodStatus,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Out {
        changed: bool,
        illegal_transition: bool,
        status: Option<PodStatus>,
    }
    let input: In = case.input()?;
    let update = status::update(&input.record(), case.input::<New>()?.new);
    case.expect(&Out {
        changed: matches!(update, Update::Changed(_)),
        illegal_transition: matches!(update, Update::Refused(_)),
        status: input.cached_after(&update),
    })
}

pub(crate) fn terminate(case: &Case<'_>) -> Result<(), String> {
    #[derive(Debug, Deserialize, PartialEq)]
    struct Out {
        aborted: bool,
        status: Option<PodStatus>,
    }
    let input: In = case.input()?;
    let update = status::terminate(&input.record());
    case.expect(&Out {
        aborted: matches!(update, Update::Refused(_)),
        status: input.cached_after(&update),
    })
}

pub(crate) fn set_readiness(case: &Case<'_>) -> Result<(), String> {
    set(case, status::set_readiness)
}

pub(crate) fn set_started(case: &Case<'_>) -> Result<(), String> {
    set(case, status::set_started)
}

fn set(case: &Case<'_>, set: fn(&Record<'_>, &str, bool) -> Update) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Noted {
        container_id: String,
        value: bool,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Out {
        changed: bool,
        status: Option<PodStatus>,
    }
    let input: In = case.input()?;
    let noted: Noted = case.input()?;
    let update = set(&input.record(), &noted.container_id, noted.value);
    let mut out = Out {
        changed: matches!(update, Update::Changed(_)),
        status: input.cached_after(&update),
    };
    for condition in out
        .status
        .iter_mut()
        .flat_map(|status| &mut status.conditions)
    {
        if matches!(condition.type_.as_str(), "Ready" | "ContainersReady") {
            condition.message.clear();
        }
    }
    case.expect(&out)
}

pub(crate) fn merge(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct In {
        pod: Pod,
        old: PodStatus,
        new: PodStatus,
        could_have_running_containers: bool,
        now: Timestamp,
    }
    let input: In = case.input()?;
    let merge = MergeInput {
        pod: &input.pod,
        old: &input.old,
        could_have_running_containers: input.could_have_running_containers,
        now: input.now,
    };
    let status = status::merge(&merge, input.new);
    case.expect(&Status { status })
}

pub(crate) fn normalize(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct In {
        pod: Pod,
        status: PodStatus,
    }
    let In { pod, mut status } = case.input()?;
    status::normalize(&mut status, &pod);
    case.expect(&Status { status })
}

pub(crate) fn container_state_transition(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct In {
        old: PodStatus,
        new: PodStatus,
        spec: PodSpec,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Out {
        allowed: bool,
    }
    let input: In = case.input()?;
    case.expect(&Out {
        allowed: status::check_transition(&input.old, &input.new, &input.spec).is_ok(),
    })
}

pub(crate) fn has_pod_initialized(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct In {
        pod: Pod,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Out {
        initialized: bool,
    }
    case.expect(&Out {
        initialized: status::has_pod_initialized(&case.input::<In>()?.pod),
    })
}
