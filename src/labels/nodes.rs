//! Selectors of nodes, by their labels and names.

use alloc::{borrow::Cow, vec::Vec};

use super::requirement::{Operator, Requirement, own, owned, parse_requirement};
use crate::{
    api::{self, Node, NodeSelectorOperator, NodeSelectorRequirement, OpenEnum},
    field::{self, At, FieldErrors},
};

/// Selects nodes: one term must match.
///
/// ```
/// use pod_lifecycle::{api, labels::NodeSelector};
///
/// let selector: api::NodeSelector = serde_json::from_str(
///     r#"{"nodeSelectorTerms": [
///         {"matchExpressions": [{"key": "gpus", "operator": "Gt", "values": ["2"]}]},
///         {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["a"]}]}
///     ]}"#,
/// )?;
/// let selector = NodeSelector::parse(&selector)?;
/// let mut node = api::Node::default();
/// node.metadata.name = "b".into();
/// assert!(!selector.matches(&node));
/// node.metadata.labels.insert("gpus".into(), "4".into());
/// assert!(selector.matches(&node));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct NodeSelector<'a> {
    terms: Vec<NodeSelectorTerm<'a>>,
}

impl<'a> NodeSelector<'a> {
    /// Reads a selector.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with a requirement, see [`NodeSelectorTerm::parse`].
    ///
    /// ```
    /// use pod_lifecycle::{api, labels::NodeSelector};
    ///
    /// let selector: api::NodeSelector = serde_json::from_str(
    ///     r#"{"nodeSelectorTerms": [{"matchFields": [{"key": "metadata.name", "operator": "In"}]}]}"#,
    /// )?;
    /// let errors = NodeSelector::parse(&selector).unwrap_err();
    /// assert_eq!(errors.as_slice()[0].field, "nodeSelectorTerms[0].matchFields[0].values");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn parse(selector: &'a api::NodeSelector) -> Result<Self, FieldErrors> {
        let mut terms = Vec::new();
        field::collect("", |at| terms = parse_terms(at, selector))?;
        Ok(Self { terms })
    }

    /// Reads a selector as the scheduler does: a term with something wrong in it matches nothing, and
    /// the others are as good as ever.
    ///
    /// ```
    /// use pod_lifecycle::{api, labels::NodeSelector};
    ///
    /// let selector: api::NodeSelector = serde_json::from_str(
    ///     r#"{"nodeSelectorTerms": [
    ///         {"matchExpressions": [{"key": "gpus", "operator": "Gt", "values": ["many"]}]},
    ///         {"matchExpressions": [{"key": "gpus", "operator": "DoesNotExist"}]}
    ///     ]}"#,
    /// )?;
    /// assert!(NodeSelector::parse(&selector).is_err());
    /// assert!(NodeSelector::parse_lossy(&selector).matches(&api::Node::default()));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn parse_lossy(selector: &'a api::NodeSelector) -> Self {
        let mut terms = Vec::new();
        let _ = field::collect("", |at| terms = parse_terms(at, selector));
        Self { terms }
    }

    pub(crate) fn terms(&self) -> &[NodeSelectorTerm<'a>] {
        &self.terms
    }

    /// Whether a term matches the node; without terms, none does.
    ///
    /// ```
    /// use pod_lifecycle::{api, labels::NodeSelector};
    ///
    /// let selector = api::NodeSelector::default();
    /// assert!(!NodeSelector::parse(&selector)?.matches(&api::Node::default()));
    /// # Ok::<(), pod_lifecycle::field::FieldErrors>(())
    /// ```
    #[must_use]
    pub fn matches(&self, node: &Node) -> bool {
        self.terms.iter().any(|term| term.matches(node))
    }

    /// Copies what is borrowed.
    ///
    /// ```
    /// # use pod_lifecycle::{api, labels::NodeSelector};
    /// fn parse(selector: api::NodeSelector) -> NodeSelector<'static> {
    ///     NodeSelector::parse_lossy(&selector).into_owned()
    /// }
    /// # assert!(!parse(api::NodeSelector::default()).matches(&api::Node::default()));
    /// ```
    #[must_use]
    pub fn into_owned(self) -> NodeSelector<'static> {
        NodeSelector {
            terms: self
                .terms
                .into_iter()
                .map(NodeSelectorTerm::into_owned)
                .collect(),
        }
    }
}

/// One term of a [`NodeSelector`]: all requirements must hold.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct NodeSelectorTerm<'a> {
    labels: Vec<Requirement<'a>>,
    fields: Vec<FieldRequirement<'a>>,
}

impl<'a> NodeSelectorTerm<'a> {
    /// Reads a term; an empty one matches nothing.
    ///
    /// # Errors
    ///
    /// Every requirement with an unknown operator, with the wrong number of values, with a key or
    /// value that no label can have, or that compares with something other than a number.
    ///
    /// ```
    /// use pod_lifecycle::{api, labels::NodeSelectorTerm};
    ///
    /// let term: api::NodeSelectorTerm = serde_json::from_str(
    ///     r#"{"matchExpressions": [{"key": "gpus", "operator": "Gt", "values": ["two"]}]}"#,
    /// )?;
    /// let errors = NodeSelectorTerm::parse(&term).unwrap_err();
    /// assert_eq!(errors.as_slice()[0].field, "matchExpressions[0].values[0]");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn parse(term: &'a api::NodeSelectorTerm) -> Result<Self, FieldErrors> {
        let mut parsed = Self::none();
        field::collect("", |at| parsed = parse_term(at, term))?;
        Ok(parsed)
    }

    /// Reads a term as the scheduler does: with something wrong in it, it matches nothing.
    ///
    /// ```
    /// use pod_lifecycle::{api, labels::NodeSelectorTerm};
    ///
    /// let term = api::NodeSelectorTerm::default();
    /// assert!(!NodeSelectorTerm::parse_lossy(&term).matches(&api::Node::default()));
    /// ```
    #[must_use]
    pub fn parse_lossy(term: &'a api::NodeSelectorTerm) -> Self {
        Self::parse(term).unwrap_or_else(|_| Self::none())
    }

    const fn none() -> Self {
        Self {
            labels: Vec::new(),
            fields: Vec::new(),
        }
    }

    pub(crate) fn labels(&self) -> &[Requirement<'a>] {
        &self.labels
    }

    pub(crate) fn fields(&self) -> &[FieldRequirement<'a>] {
        &self.fields
    }

    /// Whether the node meets all requirements; a node without a name is not asked for it.
    ///
    /// ```
    /// use pod_lifecycle::{api, labels::NodeSelectorTerm};
    ///
    /// let term: api::NodeSelectorTerm =
    ///     serde_json::from_str(r#"{"matchExpressions": [{"key": "gpu", "operator": "DoesNotExist"}]}"#)?;
    /// assert!(NodeSelectorTerm::parse(&term)?.matches(&api::Node::default()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn matches(&self, node: &Node) -> bool {
        let name = &*node.metadata.name;
        let labels = &node.metadata.labels;
        !(self.labels.is_empty() && self.fields.is_empty())
            && self.labels.iter().all(|label| label.holds(labels))
            && (name.is_empty() || self.fields.iter().all(|field| field.holds(name)))
    }

    /// Copies what is borrowed.
    ///
    /// ```
    /// # use pod_lifecycle::{api, labels::NodeSelectorTerm};
    /// fn parse(term: api::NodeSelectorTerm) -> NodeSelectorTerm<'static> {
    ///     NodeSelectorTerm::parse_lossy(&term).into_owned()
    /// }
    /// # assert!(!parse(api::NodeSelectorTerm::default()).matches(&api::Node::default()));
    /// ```
    #[must_use]
    pub fn into_owned(self) -> NodeSelectorTerm<'static> {
        NodeSelectorTerm {
            labels: owned(self.labels),
            fields: self
                .fields
                .into_iter()
                .map(FieldRequirement::into_owned)
                .collect(),
        }
    }
}

/// The terms in which nothing is wrong.
fn parse_terms<'a>(at: &mut At<'_>, selector: &'a api::NodeSelector) -> Vec<NodeSelectorTerm<'a>> {
    let mut at = at.field("nodeSelectorTerms");
    let mut terms = Vec::with_capacity(selector.node_selector_terms.len());
    for (index, term) in selector.node_selector_terms.iter().enumerate() {
        let mut parsed = None;
        if at
            .index(index)
            .accepts(|at| parsed = Some(parse_term(at, term)))
        {
            terms.extend(parsed);
        }
    }
    terms
}

fn parse_term<'a>(at: &mut At<'_>, term: &'a api::NodeSelectorTerm) -> NodeSelectorTerm<'a> {
    let mut parsed = NodeSelectorTerm::none();
    let mut expressions = at.field("matchExpressions");
    for (index, expression) in term.match_expressions.iter().enumerate() {
        let mut at = expressions.index(index);
        let operator = Operator::of_nodes(&mut at, expression.operator.as_ref());
        parsed.labels.extend(operator.map(|operator| {
            parse_requirement(&mut at, &expression.key, operator, &expression.values)
        }));
    }
    let mut fields = at.field("matchFields");
    for (index, field) in term.match_fields.iter().enumerate() {
        parsed
            .fields
            .extend(parse_field(&mut fields.index(index), field));
    }
    parsed
}

fn parse_field<'a>(
    at: &mut At<'_>,
    requirement: &'a NodeSelectorRequirement,
) -> Option<FieldRequirement<'a>> {
    let wanted = match &requirement.operator {
        Some(NodeSelectorOperator::In) => true,
        Some(NodeSelectorOperator::NotIn) => false,
        operator => {
            let text = operator.as_ref().map_or("", OpenEnum::as_str);
            at.field("operator").not_supported(text, &["In", "NotIn"]);
            return None;
        }
    };
    let [value] = &*requirement.values else {
        at.field("values")
            .invalid(&*requirement.values, "must have one element");
        return None;
    };
    Some(FieldRequirement {
        is_name: requirement.key == "metadata.name",
        value: Cow::Borrowed(value),
        wanted,
    })
}

/// A requirement on a field of a node. Its name is the only one there is; every other one is empty.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct FieldRequirement<'a> {
    is_name: bool,
    value: Cow<'a, str>,
    wanted: bool,
}

impl FieldRequirement<'_> {
    pub(crate) fn holds(&self, name: &str) -> bool {
        let value = if self.is_name { name } else { "" };
        (value == self.value) == self.wanted
    }

    fn into_owned(self) -> FieldRequirement<'static> {
        FieldRequirement {
            value: own(self.value),
            ..self
        }
    }
}
