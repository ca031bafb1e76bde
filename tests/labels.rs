//! Selectors against a plain reading of what they ask.

use std::collections::BTreeMap;

use pod_lifecycle::{
    api::{
        LabelSelector, LabelSelectorRequirement, Node, NodeSelector, NodeSelectorRequirement,
        NodeSelectorTerm,
    },
    format, labels,
};

use crate::random::Random;

type Labels = BTreeMap<String, String>;

const KEYS: &[&str] = &["a", "b", "c.io/d", "a", "b", "-"];
const VALUES: &[&str] = &["", "x", "y", "1", "007", "42", "x", "1", "_"];
const OPERATORS: &[&str] = &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "in"];

impl Random {
    fn values(&mut self) -> Vec<String> {
        let len = self.pick(&[0, 1, 1, 1, 2, 3]);
        (0..len).map(|_| self.pick(VALUES).to_owned()).collect()
    }

    fn labels(&mut self) -> Labels {
        let len = self.below(4);
        (0..len)
            .map(|_| (self.pick(KEYS).to_owned(), self.pick(VALUES).to_owned()))
            .collect()
    }

    fn requirement(&mut self, keys: &[&str], operators: &[&str]) -> NodeSelectorRequirement {
        let operator = self.pick(operators);
        NodeSelectorRequirement {
            key: self.pick(keys).to_owned(),
            operator: Some(operator.into()),
            values: match operator {
                // Mostly as it should be.
                "Exists" | "DoesNotExist" if self.below(8) > 0 => Vec::new(),
                _ => self.values(),
            },
        }
    }

    fn term(&mut self) -> NodeSelectorTerm {
        let (expressions, fields) = self.pick(&[(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]);
        NodeSelectorTerm {
            match_expressions: (0..expressions)
                .map(|_| self.requirement(KEYS, OPERATORS))
                .collect(),
            match_fields: (0..fields)
                .map(|_| {
                    self.requirement(&["metadata.name", "spec.x"], &["In", "NotIn", "In", "Gt"])
                })
                .collect(),
        }
    }

    fn node(&mut self) -> Node {
        let mut node = Node::default();
        node.metadata.name = self.pick(&["", "x", "y"]).to_owned();
        node.metadata.labels = self.labels();
        node
    }
}

fn is_good(key: &str, operator: &str, values: &[String]) -> bool {
    format::label_key(key).is_empty()
        && values
            .iter()
            .all(|value| format::label_value(value).is_empty())
        && match operator {
            "In" | "NotIn" => !values.is_empty(),
            "Exists" | "DoesNotExist" => values.is_empty(),
            "Gt" | "Lt" => values.len() == 1 && values[0].parse::<i64>().is_ok(),
            _ => false,
        }
}

fn holds(key: &str, operator: &str, values: &[String], labels: &Labels) -> bool {
    let label = labels.get(key);
    let numbers = || Some((label?.parse::<i64>().ok()?, values[0].parse::<i64>().ok()?));
    match operator {
        "In" => label.is_some_and(|label| values.contains(label)),
        "NotIn" => !label.is_some_and(|label| values.contains(label)),
        "Exists" => label.is_some(),
        "DoesNotExist" => label.is_none(),
        "Gt" => numbers().is_some_and(|(label, bound)| label > bound),
        _ => numbers().is_some_and(|(label, bound)| label < bound),
    }
}

fn operator(requirement: &NodeSelectorRequirement) -> &str {
    requirement
        .operator
        .as_ref()
        .map_or("", |operator| operator.as_str())
}

#[test]
fn a_label_selector_asks_for_everything_in_it() {
    let mut random = Random(11);
    let (mut good, mut matched) = (0, 0);
    for _ in 0..20_000 {
        let expressions: Vec<_> = (0..random.below(3))
            .map(|_| random.requirement(KEYS, &OPERATORS[..5]))
            .collect();
        let selector = LabelSelector {
            match_labels: random.labels().into_iter().take(1).collect(),
            match_expressions: expressions
                .iter()
                .map(|requirement| LabelSelectorRequirement {
                    key: requirement.key.clone(),
                    operator: Some(operator(requirement).into()),
                    values: requirement.values.clone(),
                })
                .collect(),
        };
        let labels = random.labels();
        let is_good = selector
            .match_labels
            .iter()
            .all(|(key, value)| is_good(key, "In", std::slice::from_ref(value)))
            && expressions.iter().all(|requirement| {
                operator(requirement) != "Gt"
                    && is_good(&requirement.key, operator(requirement), &requirement.values)
            });
        let parsed = labels::Selector::parse(Some(&selector));
        assert_eq!(parsed.is_ok(), is_good, "{selector:?}");
        let Ok(parsed) = parsed else { continue };
        let wanted = selector
            .match_labels
            .iter()
            .all(|(key, value)| labels.get(key) == Some(value))
            && expressions.iter().all(|requirement| {
                holds(
                    &requirement.key,
                    operator(requirement),
                    &requirement.values,
                    &labels,
                )
            });
        assert_eq!(parsed.matches(&labels), wanted, "{selector:?} {labels:?}");
        assert_eq!(parsed.clone().into_owned(), parsed);
        assert_eq!(parsed.is_empty(), selector == LabelSelector::default());
        good += 1;
        matched += u32::from(wanted);
    }
    assert!(
        good > 5_000 && matched > 1_000 && good - matched > 1_000,
        "{good} {matched}"
    );
}

fn term_is_good(term: &NodeSelectorTerm) -> bool {
    term.match_expressions
        .iter()
        .all(|requirement| is_good(&requirement.key, operator(requirement), &requirement.values))
        && term.match_fields.iter().all(|requirement| {
            matches!(operator(requirement), "In" | "NotIn") && requirement.values.len() == 1
        })
}

fn term_matches(term: &NodeSelectorTerm, node: &Node) -> bool {
    let name = &node.metadata.name;
    *term != NodeSelectorTerm::default()
        && term.match_expressions.iter().all(|requirement| {
            let labels = &node.metadata.labels;
            holds(
                &requirement.key,
                operator(requirement),
                &requirement.values,
                labels,
            )
        })
        && (name.is_empty()
            || term.match_fields.iter().all(|requirement| {
                let is_name = requirement.key == "metadata.name";
                let value = if is_name { &**name } else { "" };
                (requirement.values[0] == value) == (operator(requirement) == "In")
            }))
}

#[test]
fn a_node_selector_asks_for_one_good_term() {
    let mut random = Random(12);
    let (mut good, mut matched) = (0, 0);
    for _ in 0..20_000 {
        let selector = NodeSelector {
            node_selector_terms: (0..random.below(4)).map(|_| random.term()).collect(),
        };
        let node = random.node();
        let terms = &selector.node_selector_terms;
        for term in terms {
            let parsed = labels::NodeSelectorTerm::parse(term);
            assert_eq!(parsed.is_ok(), term_is_good(term), "{term:?}");
            let lossy = labels::NodeSelectorTerm::parse_lossy(term);
            let wanted = term_is_good(term) && term_matches(term, &node);
            assert_eq!(lossy.matches(&node), wanted, "{term:?} {node:?}");
            assert_eq!(lossy.clone().into_owned(), lossy);
        }
        let strict = labels::NodeSelector::parse(&selector);
        let lossy = labels::NodeSelector::parse_lossy(&selector);
        assert_eq!(strict.is_ok(), terms.iter().all(term_is_good));
        let wanted = terms
            .iter()
            .any(|term| term_is_good(term) && term_matches(term, &node));
        assert_eq!(lossy.matches(&node), wanted, "{selector:?} {node:?}");
        assert_eq!(lossy.clone().into_owned(), lossy);
        good += u32::from(strict.is_ok());
        assert!(strict.is_err() || strict == Ok(lossy));
        matched += u32::from(wanted);
    }
    assert!(good > 5_000 && matched > 1_000, "{good} {matched}");
}

#[test]
fn an_absent_selector_and_an_empty_one_are_opposites() {
    let labels = Labels::new();
    assert!(!labels::Selector::nothing().and("a", "x").matches(&labels));
    assert!(!labels::Selector::nothing().is_empty());
    assert!(labels::Selector::everything().is_empty());
    let one = labels::Selector::everything().and("a", "x");
    assert!(one.matches(&[("a".to_owned(), "x".to_owned())].into()));
    assert!(!one.matches(&labels));
    assert!(labels::Selector::from_labels(&labels).matches(&labels));
}
