//! Whether a container starts again.

use pod_lifecycle::{
    api::{
        ContainerRestartPolicy, ContainerRestartRule, ContainerRestartRuleAction, Pod, PodStatus,
        RestartPolicy,
    },
    lifecycle::{Observation, restart},
};
use serde::Deserialize;

use super::observed::Observed;
use crate::case::Case;

pub(crate) fn should_restart(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Input {
        pod: Pod,
        container: String,
        #[serde(default)]
        observed: Observed,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Output {
        restart: bool,
    }
    let input: Input = case.input()?;
    let observation: Observation = input.observed.into();
    let spec = &input.pod.spec;
    let container = spec.container(&input.container);
    let container = container.ok_or("no such container")?;
    let policy = restart::Policy::of(spec, container);
    let newest = observation.container(&input.container);
    case.expect(&Output {
        restart: restart::should_restart(&input.pod, policy, newest),
    })
}

pub(crate) fn restart_rules(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        pod_restart_policy: Option<RestartPolicy>,
        container_restart_policy: Option<ContainerRestartPolicy>,
        #[serde(default)]
        restart_policy_rules: Vec<ContainerRestartRule>,
        exit_code: i32,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        restart: bool,
        restartable: bool,
        matched_action: Option<ContainerRestartRuleAction>,
        matched_rule: Option<usize>,
    }
    let input: Input = case.input()?;
    let policy = restart::Policy {
        pod: input.pod_restart_policy.as_ref(),
        container: input.container_restart_policy.as_ref(),
        rules: &input.restart_policy_rules,
    };
    let matched = policy.matching_rule(input.exit_code);
    case.expect(&Output {
        restart: policy.restarts_after(input.exit_code),
        restartable: policy.can_restart(),
        matched_action: matched.and_then(|(_, rule)| rule.action.clone()),
        matched_rule: matched.map(|(index, _)| index),
    })
}

pub(crate) fn restart_all(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        pod: Pod,
        observed: Option<Observed>,
        api_status: Option<PodStatus>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        restart_all: bool,
        cleaned_up: Option<bool>,
    }
    let input: Input = case.input()?;
    let spec = &input.pod.spec;
    let observation: Option<Observation> = input.observed.map(Observation::from);
    case.expect(&Output {
        restart_all: restart::should_restart_all(
            spec,
            observation.as_ref(),
            input.api_status.as_ref(),
        ),
        cleaned_up: observation.map(|observation| restart::is_cleaned_up(spec, &observation)),
    })
}
