//! Which node is best.

use std::collections::BTreeMap;

use pod_lifecycle::scheduling::{
    Cycle,
    score::{self, Score},
};
use serde::Deserialize;

use super::cluster::Cluster;
use crate::case::Case;

#[derive(Debug, Deserialize, PartialEq)]
struct Output {
    nodes: Vec<String>,
    #[serde(flatten)]
    scores: BTreeMap<String, Row>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
struct Row {
    skip: bool,
    raw: Vec<i64>,
    normalized: Vec<i64>,
}

const SCORES: [(&str, Score); 8] = [
    ("balancedAllocation", Score::BalancedAllocation),
    ("imageLocality", Score::ImageLocality),
    ("interPodAffinity", Score::InterPodAffinity),
    ("leastAllocated", Score::LeastAllocated),
    ("mostAllocated", Score::MostAllocated),
    ("nodeAffinity", Score::NodeAffinity),
    ("podTopologySpread", Score::PodTopologySpread),
    ("taintToleration", Score::TaintToleration),
];

pub fn score(case: &Case<'_>) -> Result<(), String> {
    let input: Cluster = case.input()?;
    let snapshot = input.snapshot();
    let cycle = Cycle::new(&input.pod, &snapshot);
    let nodes: Vec<_> = snapshot.nodes().collect();
    let rows = SCORES.map(|(name, score)| {
        let row = match score::of(score, &cycle, &nodes) {
            Some(scores) => Row {
                skip: false,
                raw: scores.raw,
                normalized: scores.normalized,
            },
            None => Row {
                skip: true,
                ..Row::default()
            },
        };
        (name.into(), row)
    });
    case.expect(&Output {
        nodes: nodes
            .iter()
            .map(|node| snapshot.node_name(*node).into())
            .collect(),
        scores: rows.into(),
    })
}
