//! Selectors of labels and nodes.

use std::collections::BTreeMap;

use pod_lifecycle::{
    api,
    field::FieldErrors,
    labels::{NodeSelector, NodeSelectorTerm, Selector},
};
use serde::Deserialize;

use crate::case::{Case, Errors};

pub fn label_selector(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Input {
        selector: Option<api::LabelSelector>,
        labels: BTreeMap<String, String>,
    }
    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(default, deny_unknown_fields)]
    struct Output {
        error: bool,
        r#match: bool,
        empty: bool,
    }

    let input: Input = case.input()?;
    case.expect(&match Selector::parse(input.selector.as_ref()) {
        Ok(selector) => Output {
            error: false,
            r#match: selector.clone().into_owned().matches(&input.labels),
            empty: selector.is_empty(),
        },
        Err(_) => Output {
            error: true,
            ..Output::default()
        },
    })
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct NodeOutput {
    r#match: bool,
    #[serde(default)]
    errors: Errors,
}

impl NodeOutput {
    fn new<T>(r#match: bool, strict: Result<T, FieldErrors>) -> Self {
        Self {
            r#match,
            errors: strict.err().map(Errors::from).unwrap_or_default(),
        }
    }
}

pub fn node_selector(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Input {
        selector: api::NodeSelector,
        node: api::Node,
    }

    let input: Input = case.input()?;
    let selector = NodeSelector::parse_lossy(&input.selector).into_owned();
    case.expect(&NodeOutput::new(
        selector.matches(&input.node),
        NodeSelector::parse(&input.selector),
    ))
}

pub fn node_selector_term(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    struct Input {
        term: api::NodeSelectorTerm,
        node: api::Node,
    }

    let input: Input = case.input()?;
    let term = NodeSelectorTerm::parse_lossy(&input.term).into_owned();
    case.expect(&NodeOutput::new(
        term.matches(&input.node),
        NodeSelectorTerm::parse(&input.term),
    ))
}
