//! What looks at a whole cluster.

use std::collections::BTreeMap;

use pod_lifecycle::{
    api::{Namespace, Node, ObjectMeta, PersistentVolumeClaimSpec, Pod, PodDisruptionBudget},
    scheduling::{self, Cycle, Misfit, Plugin, Snapshot, Verdict},
};
use serde::Deserialize;

use super::filter::Output;
use crate::case::Case;

#[derive(Deserialize)]
pub struct Cluster {
    pub pod: Pod,
    #[serde(default)]
    pub nodes: Vec<Node>,
    #[serde(default)]
    pub pods: Vec<Pod>,
    #[serde(default)]
    namespaces: Vec<Namespace>,
    #[serde(default)]
    pvcs: Vec<Claim>,
    #[serde(default)]
    pub pdbs: Vec<PodDisruptionBudget>,
}

#[derive(Deserialize)]
struct Claim {
    metadata: ObjectMeta,
    #[serde(default)]
    spec: PersistentVolumeClaimSpec,
}

impl Cluster {
    pub fn snapshot(&self) -> Snapshot {
        let mut snapshot = Snapshot::new();
        for node in &self.nodes {
            snapshot.set_node(node);
        }
        for namespace in &self.namespaces {
            let metadata = &namespace.metadata;
            snapshot.set_namespace(&metadata.name, &metadata.labels);
        }
        for claim in &self.pvcs {
            let metadata = &claim.metadata;
            snapshot.set_claim(&metadata.namespace, &metadata.name, &claim.spec);
        }
        for pod in &self.pods {
            snapshot.add_pod(pod);
        }
        snapshot
    }
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct OnNode {
    node: String,
    code: String,
    #[serde(default)]
    plugin: String,
    #[serde(default)]
    reasons: Vec<String>,
}

impl OnNode {
    fn new(node: &str, verdict: &Verdict) -> Self {
        Self {
            node: node.into(),
            code: verdict.code().as_str().into(),
            plugin: String::new(),
            reasons: verdict.misfits().iter().map(Misfit::to_string).collect(),
        }
    }
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(untagged)]
enum Filtered {
    Nodes { nodes: Vec<OnNode> },
    All(Output),
}

fn filter(case: &Case<'_>, plugin: Plugin) -> Result<(), String> {
    let input: Cluster = case.input()?;
    let snapshot = input.snapshot();
    let cycle = Cycle::with(&[plugin], &input.pod, &snapshot);
    let got = if let Some(misfit) = cycle.stopped() {
        let mut output = Output::new(&Some(misfit.clone()).into());
        if *misfit != Misfit::SpreadInvalid {
            output.stage = "PreFilter".into();
        }
        if matches!(misfit, Misfit::SpreadInvalid | Misfit::PodAffinityInvalid) {
            output.reasons.clear();
        }
        Filtered::All(output)
    } else if cycle.asks(plugin) {
        let nodes = snapshot.nodes().map(|node| {
            let verdict = cycle.verdict_of(plugin, node);
            OnNode::new(snapshot.node_name(node), &verdict)
        });
        Filtered::Nodes {
            nodes: nodes.collect(),
        }
    } else {
        Filtered::All(Output::skip())
    };
    case.expect(&got)
}

pub fn pod_topology_spread(case: &Case<'_>) -> Result<(), String> {
    filter(case, Plugin::PodTopologySpread)
}

pub fn inter_pod_affinity(case: &Case<'_>) -> Result<(), String> {
    filter(case, Plugin::InterPodAffinity)
}

pub fn volume_restrictions(case: &Case<'_>) -> Result<(), String> {
    filter(case, Plugin::VolumeRestrictions)
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Scheduled {
    gated: bool,
    feasible: usize,
    nodes: Vec<OnNode>,
    pre_filter: Option<PreFilter>,
    reason_counts: BTreeMap<String, usize>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct PreFilter {
    code: String,
    plugin: String,
    reasons: Vec<String>,
}

fn plugin_of(verdict: &Verdict) -> String {
    let plugin = verdict.plugin().map(Plugin::as_str);
    plugin.unwrap_or_default().into()
}

pub fn schedule(case: &Case<'_>) -> Result<(), String> {
    let input: Cluster = case.input()?;
    let snapshot = input.snapshot();
    let outcome = scheduling::schedule(&input.pod, &snapshot);
    if outcome.pre_filter == Some(Misfit::Gated) {
        return case.expect(&Scheduled {
            gated: true,
            ..Scheduled::default()
        });
    }
    let nodes = outcome.nodes.iter().map(|(node, verdict)| OnNode {
        plugin: plugin_of(verdict),
        ..OnNode::new(snapshot.node_name(*node), verdict)
    });
    let none_fits = outcome.feasible() == 0 && outcome.pre_filter.is_none();
    case.expect(&Scheduled {
        gated: false,
        feasible: outcome.feasible(),
        nodes: nodes.collect(),
        pre_filter: outcome.pre_filter.clone().map(|misfit| {
            let verdict = Verdict::from(Some(misfit));
            PreFilter {
                code: verdict.code().as_str().into(),
                plugin: plugin_of(&verdict),
                reasons: verdict.misfits().iter().map(Misfit::to_string).collect(),
            }
        }),
        reason_counts: if none_fits {
            outcome.reason_counts()
        } else {
            BTreeMap::new()
        },
    })
}
