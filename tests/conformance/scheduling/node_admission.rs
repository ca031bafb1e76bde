//! What a node's kubelet takes, and which pods it cannot do without.

use pod_lifecycle::{
    api::Pod,
    critical,
    disruption::preemption::{self, Requirement},
    scheduling::node_admission::{self, Admission, UNEXPECTED_ADMISSION_ERROR},
};
use serde::Deserialize;

use super::filter::Input;
use crate::case::Case;

pub fn critical_pod(case: &Case<'_>) -> Result<(), String> {
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields, rename_all = "camelCase")]
    struct Output {
        critical: bool,
        node_critical: bool,
        r#static: bool,
        mirror: bool,
    }

    let Input { pod, .. } = case.input()?;
    case.expect(&Output {
        critical: critical::is_critical(&pod),
        node_critical: critical::is_node_critical(&pod),
        r#static: critical::is_static(&pod),
        mirror: critical::is_mirror(&pod),
    })
}

pub fn preemptable(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Pair {
        preemptor: Pod,
        preemptee: Pod,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Output {
        preemptable: bool,
    }

    let pair: Pair = case.input()?;
    case.expect(&Output {
        preemptable: critical::may_preempt(&pair.preemptor, &pair.preemptee),
    })
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
struct Output {
    admit: bool,
    reason: String,
    preempted: Vec<String>,
}

pub fn kubelet_admit(case: &Case<'_>) -> Result<(), String> {
    let input: Input = case.input()?;
    let admission = node_admission::admit(&input.pod, &input.node, &input.pods_on_node);
    case.expect(&match admission {
        Admission::Admitted => Output {
            admit: true,
            ..Output::default()
        },
        Admission::Rejected(rejection) => Output {
            reason: rejection.reason().into_owned(),
            ..Output::default()
        },
        Admission::AfterPreemption(shortages) => {
            let requirements = shortages.into_iter().map(|short| Requirement {
                resource: short.resource,
                amount: short.amount,
            });
            let requirements: Vec<_> = requirements.collect();
            match preemption::victims(&input.pod, &input.pods_on_node, &requirements) {
                Some(victims) => Output {
                    admit: true,
                    preempted: victims.into_iter().map(name).collect(),
                    ..Output::default()
                },
                None => Output {
                    reason: UNEXPECTED_ADMISSION_ERROR.into(),
                    ..Output::default()
                },
            }
        }
        other => return Err(format!("{other:?}")),
    })
}

fn name(pod: &Pod) -> String {
    let metadata = &pod.metadata;
    format!("{}/{}", metadata.namespace, metadata.name)
}
