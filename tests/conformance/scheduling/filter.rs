//! The filters that look at one node.

use std::collections::BTreeSet;

use pod_lifecycle::{
    api::{Node, Pod},
    scheduling::{
        Code, Misfit, Plugin, Verdict,
        declared_features::Required,
        gates,
        node_affinity::{self, NodeAffinity},
        node_name,
        ports::HostPorts,
        resources::{Ignored, Insufficient, NodeResources, Request},
        taints, unschedulable,
    },
};
use serde::Deserialize;

use crate::case::Case;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    pub pod: Pod,
    #[serde(default)]
    pub node: Node,
    #[serde(default)]
    pub pods_on_node: Vec<Pod>,
    #[serde(default)]
    ignored_resources: Vec<String>,
    #[serde(default)]
    ignored_resource_groups: Vec<String>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Output {
    pub code: String,
    pub reasons: Vec<String>,
    pub stage: String,
    pub pre_filter_nodes: Option<Vec<String>>,
}

impl Output {
    pub fn new(verdict: &Verdict) -> Self {
        Self {
            code: verdict.code().as_str().into(),
            reasons: verdict.misfits().iter().map(Misfit::to_string).collect(),
            ..Self::default()
        }
    }

    pub fn skip() -> Self {
        Self {
            code: Code::Skip.as_str().into(),
            ..Self::default()
        }
    }
}

fn expect(case: &Case<'_>, misfit: Option<Option<Misfit>>) -> Result<(), String> {
    case.expect(&match misfit {
        Some(misfit) => Output::new(&misfit.into()),
        None => Output::skip(),
    })
}

pub fn scheduling_gates(case: &Case<'_>) -> Result<(), String> {
    let input: Input = case.input()?;
    let verdict = Verdict::from(gates::check(&input.pod.spec));
    case.expect(&Output {
        code: verdict.code().as_str().into(),
        ..Output::default()
    })
}

pub fn node_name(case: &Case<'_>) -> Result<(), String> {
    let input: Input = case.input()?;
    let misfit = node_name::check(&input.pod.spec, &input.node.metadata.name);
    expect(case, Some(misfit))
}

pub fn node_unschedulable(case: &Case<'_>) -> Result<(), String> {
    let input: Input = case.input()?;
    let misfit = unschedulable::check(&input.pod.spec, &input.node.spec);
    expect(case, Some(misfit))
}

pub fn taint_toleration(case: &Case<'_>) -> Result<(), String> {
    let input: Input = case.input()?;
    let misfit = taints::check(&input.pod.spec.tolerations, &input.node.spec.taints);
    expect(case, Some(misfit))
}

pub fn node_affinity(case: &Case<'_>) -> Result<(), String> {
    let input: Input = case.input()?;
    let named = node_affinity::named_nodes(&input.pod.spec);
    if named.as_ref().is_some_and(BTreeSet::is_empty) {
        let mut output = Output::new(&Some(Misfit::NamesConflict).into());
        output.stage = "PreFilter".into();
        return case.expect(&output);
    }
    let Some(affinity) = NodeAffinity::of(&input.pod.spec) else {
        return case.expect(&Output::skip());
    };
    let mut output = Output::new(&affinity.check(&input.node).into());
    output.pre_filter_nodes = named.map(|names| names.into_iter().map(String::from).collect());
    case.expect(&output)
}

pub fn node_ports(case: &Case<'_>) -> Result<(), String> {
    let input: Input = case.input()?;
    let Some(wanted) = HostPorts::of(&input.pod.spec) else {
        return expect(case, None);
    };
    let mut used = input
        .pods_on_node
        .iter()
        .filter_map(|pod| HostPorts::of(&pod.spec));
    expect(case, Some(used.find_map(|used| wanted.check(&used))))
}

pub fn node_declared_features(case: &Case<'_>) -> Result<(), String> {
    let input: Input = case.input()?;
    let required = Required::of(&input.pod.spec);
    let declared = &input.node.status.declared_features;
    expect(case, required.map(|required| required.check(declared)))
}

#[derive(Debug, Deserialize, PartialEq)]
struct FitOutput {
    code: String,
    insufficient: Vec<Short>,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Short {
    resource: String,
    reason: String,
    requested: i64,
    used: i64,
    capacity: i64,
    #[serde(default)]
    unresolvable: bool,
}

impl From<&Insufficient> for Short {
    fn from(short: &Insufficient) -> Self {
        Self {
            resource: short.resource.to_string(),
            reason: short.to_string(),
            requested: short.requested,
            used: short.used,
            capacity: short.capacity,
            unresolvable: short.is_unresolvable(),
        }
    }
}

pub fn fit_resources(case: &Case<'_>) -> Result<(), String> {
    let input: Input = case.input()?;
    let mut node = NodeResources::of(&input.node.status);
    for pod in &input.pods_on_node {
        node.add_pod(pod);
    }
    let ignored = Ignored {
        resources: &input.ignored_resources,
        groups: &input.ignored_resource_groups,
    };
    let request = Request::of(&input.pod);
    let short = request.insufficient(&node, &ignored);
    if ignored == Ignored::default() && short.is_empty() != request.fits(&node) {
        return Err(format!("fits: {}", request.fits(&node)));
    }
    let insufficient = short.iter().map(Short::from).collect();
    let misfits: Vec<_> = short.into_iter().map(Misfit::Insufficient).collect();
    let verdict = Verdict::from(misfits);
    assert!(verdict.fits() || verdict.plugin() == Some(Plugin::NodeResourcesFit));
    case.expect(&FitOutput {
        code: verdict.code().as_str().into(),
        insufficient,
    })
}
