//! Small decisions.

use pod_lifecycle::{
    api::{Pod, PodPhase, PodStatus, Time},
    jiff::Timestamp,
    lifecycle::{
        Observation, deadline, hostname, reason, restart,
        status::{self, Activity, Remains},
    },
};
use serde::Deserialize;

use crate::case::Case;

pub(crate) fn active_deadline(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct In {
        pod: Pod,
        start_time: Option<Timestamp>,
        now: Timestamp,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Out {
        exceeded: bool,
        reason: Option<String>,
    }
    let In {
        pod,
        start_time,
        now,
    } = case.input()?;
    let start = start_time.or_else(|| pod.status.start_time.map(Time::timestamp));
    let exceeded = deadline::is_exceeded(&pod.spec, start, now);
    case.expect(&Out {
        exceeded,
        reason: exceeded.then(|| reason::DEADLINE_EXCEEDED.into()),
    })
}

pub(crate) fn all_containers_restart(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct In {
        pod: Pod,
        observed: Option<Observation>,
        previous: Option<PodStatus>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Out {
        could_restart: bool,
        should_restart: bool,
        cleaned_up: bool,
    }
    let input: In = case.input()?;
    let (spec, observed) = (&input.pod.spec, input.observed.unwrap_or_default());
    case.expect(&Out {
        could_restart: restart::could_restart_all(spec),
        should_restart: restart::should_restart_all(spec, Some(&observed), input.previous.as_ref()),
        cleaned_up: restart::is_cleaned_up(spec, &observed),
    })
}

pub(crate) fn can_be_deleted(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct In {
        pod: Pod,
        pod_is_finished: bool,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Out {
        can_be_deleted: bool,
    }
    let input: In = case.input()?;
    case.expect(&Out {
        can_be_deleted: status::can_be_deleted(&input.pod, input.pod_is_finished),
    })
}

#[derive(Debug, Deserialize, PartialEq)]
struct Named {
    hostname: Option<String>,
    domain: Option<String>,
    #[serde(default)]
    error: bool,
}

const UNNAMED: Named = Named {
    hostname: None,
    domain: None,
    error: true,
};

pub(crate) fn hostname(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct In {
        pod: Pod,
        cluster_domain: String,
    }
    let input: In = case.input()?;
    let host = hostname::of(&input.pod, &input.cluster_domain);
    case.expect(&host.map_or(UNNAMED, |host| Named {
        hostname: Some(host.hostname),
        domain: Some(host.domain),
        error: false,
    }))
}

pub(crate) fn truncate_hostname(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct In {
        hostname: String,
    }
    let hostname = hostname::truncate(&case.input::<In>()?.hostname);
    case.expect(&hostname.map_or(UNNAMED, |hostname| Named {
        hostname: Some(hostname),
        domain: None,
        error: false,
    }))
}

pub(crate) fn pod_could_have_running_containers(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct In {
        worker_could_have_running_containers: bool,
        might_need_to_unprepare_resources: bool,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Out {
        could: bool,
    }
    let input: In = case.input()?;
    case.expect(&Out {
        could: status::could_have_running_containers(Remains {
            worker: input.worker_could_have_running_containers,
            prepared_resources: input.might_need_to_unprepare_resources,
        }),
    })
}

pub(crate) fn pod_inactive(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct In {
        pod: Pod,
        cached_phase: Option<PodPhase>,
        known_terminated: bool,
        termination_requested: bool,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Out {
        inactive: bool,
        terminal: bool,
    }
    let input: In = case.input()?;
    let cached_phase = input.cached_phase.as_ref();
    case.expect(&Out {
        inactive: status::is_inactive(&Activity {
            pod: &input.pod,
            cached_phase,
            known_terminated: input.known_terminated,
            termination_requested: input.termination_requested,
        }),
        terminal: status::is_terminal(&input.pod, cached_phase),
    })
}
