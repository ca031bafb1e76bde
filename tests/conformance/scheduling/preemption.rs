//! Whom a pod could preempt.

use pod_lifecycle::scheduling::preemption::{self, Finding};
use serde::Deserialize;

use super::cluster::Cluster;
use crate::case::Case;

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Output {
    eligible: bool,
    nodes: Vec<OnNode>,
    selected: String,
    selected_ambiguous: bool,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct OnNode {
    node: String,
    filter_code: String,
    result: String,
    victims: Vec<String>,
    pdb_violations: usize,
    code: String,
}

pub fn preemption(case: &Case<'_>) -> Result<(), String> {
    let input: Cluster = case.input()?;
    let snapshot = input.snapshot();
    let Some(got) = preemption::find(&input.pod, &snapshot, &input.pdbs) else {
        return case.expect(&Output::default());
    };
    let nodes = got.nodes.iter().map(|attempt| {
        let mut node = OnNode {
            node: snapshot.node_name(attempt.node).into(),
            filter_code: attempt.code.as_str().into(),
            ..OnNode::default()
        };
        node.result = match &attempt.finding {
            Finding::NotHelpful => "NotHelpful",
            Finding::NoVictims => "NoVictims",
            Finding::NobodyToPreempt => {
                node.code = "UnschedulableAndUnresolvable".into();
                "NoFit"
            }
            Finding::NoFit(verdict) => {
                node.code = verdict.code().as_str().into();
                "NoFit"
            }
            Finding::Candidate(candidate) => {
                let names = candidate.victims.iter().map(|victim| {
                    let (namespace, name) = snapshot.pod_name(*victim).unwrap_or_default();
                    format!("{namespace}/{name}")
                });
                node.victims = names.collect();
                node.pdb_violations = candidate.budget_violations;
                "Candidate"
            }
            other => return Err(format!("{other:?}")),
        }
        .into();
        Ok(node)
    });
    let nodes = nodes.collect::<Result<Vec<_>, _>>()?;
    // Nothing is recorded where Kubernetes would look at the clock.
    let has_started = |victim: &String| {
        input.pods.iter().any(|pod| {
            let metadata = &pod.metadata;
            *victim == format!("{}/{}", metadata.namespace, metadata.name)
                && pod.status.start_time.is_some()
        })
    };
    let all_started = nodes.iter().flat_map(|node| &node.victims).all(has_started);
    let choice = got.choice.filter(|_| all_started);
    let is_tie = choice.is_some_and(|choice| choice.is_tie);
    case.expect(&Output {
        eligible: true,
        nodes,
        selected: choice
            .filter(|_| !is_tie)
            .map(|choice| snapshot.node_name(choice.node).into())
            .unwrap_or_default(),
        selected_ambiguous: is_tie,
    })
}
