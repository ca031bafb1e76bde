//! Selectors of labels and nodes, parsed once and matched often.
//!
//! Parsing checks a selector and puts it in order; matching allocates nothing. The rules are those
//! of `k8s.io/apimachinery/pkg/labels` and of `nodeaffinity` in `k8s.io/component-helpers`.
//!
//! ```
//! use pod_lifecycle::{api, labels::Selector};
//!
//! let selector: api::LabelSelector = serde_json::from_str(
//!     r#"{
//!         "matchLabels": {"app": "web"},
//!         "matchExpressions": [{"key": "tier", "operator": "NotIn", "values": ["test", "dev"]}]
//!     }"#,
//! )?;
//! let selector = Selector::parse(Some(&selector))?;
//! assert!(selector.matches(&[("app".into(), "web".into())].into()));
//! assert!(!selector.matches(&[("app".into(), "web".into()), ("tier".into(), "dev".into())].into()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use alloc::{
    borrow::Cow,
    boxed::Box,
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    api::{
        self, LabelSelectorOperator, Node, NodeSelectorOperator, NodeSelectorRequirement, OpenEnum,
    },
    field::{self, At, FieldErrors},
    format,
};

/// Labels, or whatever else has names and values.
type Labels = BTreeMap<String, String>;

/// Selects objects by their labels.
///
/// It borrows the texts of what it was made from; [`into_owned`](Self::into_owned) sets it free.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Selector<'a> {
    /// `None` selects nothing.
    requirements: Option<Vec<Requirement<'a>>>,
}

impl<'a> Selector<'a> {
    /// Reads a selector of the API; an absent one selects nothing, an empty one everything.
    ///
    /// # Errors
    ///
    /// Every requirement with an unknown operator, with too few or too many values, or with a key or
    /// value that no label can have.
    ///
    /// ```
    /// use pod_lifecycle::{api, labels::Selector};
    ///
    /// assert!(!Selector::parse(None)?.matches(&[].into()));
    /// assert!(Selector::parse(Some(&api::LabelSelector::default()))?.matches(&[].into()));
    /// # Ok::<(), pod_lifecycle::field::FieldErrors>(())
    /// ```
    pub fn parse(selector: Option<&'a api::LabelSelector>) -> Result<Self, FieldErrors> {
        let Some(selector) = selector else {
            return Ok(Self::nothing());
        };
        let mut requirements =
            Vec::with_capacity(selector.match_labels.len() + selector.match_expressions.len());
        field::collect("", |at| {
            for (key, value) in &selector.match_labels {
                let mut at = at.field("matchLabels");
                check_key(&mut at, key);
                check_value(&mut at, key, value);
                requirements.push(Requirement::is(key, value));
            }
            let mut at = at.field("matchExpressions");
            for (index, expression) in selector.match_expressions.iter().enumerate() {
                let mut at = at.index(index);
                let operator = Operator::of_labels(&mut at, expression.operator.as_ref());
                requirements.extend(operator.map(|operator| {
                    parse_requirement(&mut at, &expression.key, operator, &expression.values)
                }));
            }
        })?;
        Ok(Self {
            requirements: Some(requirements),
        })
    }

    /// Selects what has all these labels, whether or not they are well-formed, as a pod's
    /// `nodeSelector` does.
    ///
    /// ```
    /// use pod_lifecycle::labels::Selector;
    ///
    /// let wanted = [("disk".into(), "ssd".into())].into();
    /// assert!(Selector::from_labels(&wanted).matches(&wanted));
    /// ```
    #[must_use]
    pub fn from_labels(labels: &'a Labels) -> Self {
        let requirements = labels
            .iter()
            .map(|(key, value)| Requirement::is(key, value));
        Self {
            requirements: Some(requirements.collect()),
        }
    }

    /// Selects nothing.
    ///
    /// ```
    /// # use pod_lifecycle::labels::Selector;
    /// assert!(!Selector::nothing().matches(&[].into()));
    /// ```
    #[must_use]
    pub const fn nothing() -> Self {
        Self { requirements: None }
    }

    /// Selects everything.
    ///
    /// ```
    /// # use pod_lifecycle::labels::Selector;
    /// assert!(Selector::everything().matches(&[].into()));
    /// ```
    #[must_use]
    pub const fn everything() -> Self {
        Self {
            requirements: Some(Vec::new()),
        }
    }

    /// Requires one label more; what selects nothing still does.
    ///
    /// ```
    /// use pod_lifecycle::labels::Selector;
    ///
    /// let selector = Selector::everything().and("pod-template-hash", "abc");
    /// assert!(!selector.matches(&[].into()));
    /// ```
    #[must_use]
    pub fn and(mut self, key: &'a str, value: &'a str) -> Self {
        if let Some(requirements) = &mut self.requirements {
            requirements.push(Requirement::is(key, value));
        }
        self
    }

    /// Whether the labels meet all requirements.
    ///
    /// ```
    /// # use pod_lifecycle::labels::Selector;
    /// let selector = Selector::everything().and("app", "web");
    /// assert!(selector.matches(&[("app".into(), "web".into())].into()));
    /// ```
    #[must_use]
    pub fn matches(&self, labels: &Labels) -> bool {
        self.requirements
            .as_ref()
            .is_some_and(|all| all.iter().all(|requirement| requirement.holds(labels)))
    }

    /// The requirements; `None` where nothing is selected.
    pub(crate) fn requirements(&self) -> Option<&[Requirement<'a>]> {
        self.requirements.as_deref()
    }

    /// Whether it selects everything, having no requirements.
    ///
    /// ```
    /// # use pod_lifecycle::labels::Selector;
    /// assert!(Selector::everything().is_empty());
    /// assert!(!Selector::nothing().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requirements.as_ref().is_some_and(Vec::is_empty)
    }

    /// Copies what is borrowed.
    ///
    /// ```
    /// # use pod_lifecycle::{api, labels::Selector};
    /// fn parse(selector: api::LabelSelector) -> Option<Selector<'static>> {
    ///     Selector::parse(Some(&selector)).ok().map(Selector::into_owned)
    /// }
    /// # assert!(parse(api::LabelSelector::default()).is_some());
    /// ```
    #[must_use]
    pub fn into_owned(self) -> Selector<'static> {
        Selector {
            requirements: self.requirements.map(owned),
        }
    }
}

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

/// What both kinds of selectors can ask of a label.
#[derive(Clone, Copy)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

impl Operator {
    fn of_labels(at: &mut At<'_>, operator: Option<&LabelSelectorOperator>) -> Option<Self> {
        Some(match operator {
            Some(LabelSelectorOperator::In) => Self::In,
            Some(LabelSelectorOperator::NotIn) => Self::NotIn,
            Some(LabelSelectorOperator::Exists) => Self::Exists,
            Some(LabelSelectorOperator::DoesNotExist) => Self::DoesNotExist,
            Some(LabelSelectorOperator::Other(_)) | None => return unknown(at, operator),
        })
    }

    fn of_nodes(at: &mut At<'_>, operator: Option<&NodeSelectorOperator>) -> Option<Self> {
        Some(match operator {
            Some(NodeSelectorOperator::In) => Self::In,
            Some(NodeSelectorOperator::NotIn) => Self::NotIn,
            Some(NodeSelectorOperator::Exists) => Self::Exists,
            Some(NodeSelectorOperator::DoesNotExist) => Self::DoesNotExist,
            Some(NodeSelectorOperator::Gt) => Self::GreaterThan,
            Some(NodeSelectorOperator::Lt) => Self::LessThan,
            Some(NodeSelectorOperator::Other(_)) | None => return unknown(at, operator),
        })
    }
}

fn unknown<E: OpenEnum>(at: &mut At<'_>, operator: Option<&E>) -> Option<Operator> {
    at.field("operator")
        .not_supported(operator.map_or("", E::as_str), E::KNOWN);
    None
}

/// Reads a requirement, and reports everything that is wrong with it.
fn parse_requirement<'a>(
    at: &mut At<'_>,
    key: &'a str,
    operator: Operator,
    values: &'a [String],
) -> Requirement<'a> {
    check_key(&mut at.field("key"), key);
    let mut at = at.field("values");
    let test = match operator {
        Operator::In | Operator::NotIn => {
            if values.is_empty() {
                at.invalid(
                    values,
                    "for 'in', 'notin' operators, values set can't be empty",
                );
            }
            let values = Values::new(values);
            match operator {
                Operator::In => Test::In(values),
                _ => Test::NotIn(values),
            }
        }
        Operator::Exists | Operator::DoesNotExist => {
            if !values.is_empty() {
                at.invalid(
                    values,
                    "values set must be empty for exists and does not exist",
                );
            }
            match operator {
                Operator::Exists => Test::Exists,
                _ => Test::DoesNotExist,
            }
        }
        Operator::GreaterThan | Operator::LessThan => {
            let number = parse_bound(&mut at, values);
            match operator {
                Operator::GreaterThan => Test::GreaterThan(number),
                _ => Test::LessThan(number),
            }
        }
    };
    at.each(values, |at, value| check_value(at, key, value));
    Requirement {
        key: Cow::Borrowed(key),
        test,
    }
}

fn parse_bound(at: &mut At<'_>, values: &[String]) -> i64 {
    if values.len() != 1 {
        at.invalid(
            values,
            "for 'Gt', 'Lt' operators, exactly one value is required",
        );
    }
    let mut bound = 0;
    at.each(values, |at, value| match value.parse() {
        Ok(number) => bound = number,
        Err(_) => {
            at.invalid(
                value,
                "for 'Gt', 'Lt' operators, the value must be an integer",
            );
        }
    });
    bound
}

/// All that is wrong with a key is one error here.
fn check_key(at: &mut At<'_>, key: &str) {
    let violations = format::label_key(key);
    if !violations.is_empty() {
        at.invalid(key, violations.to_string()).origin = violations.origin();
    }
}

/// All that is wrong with a value is one error here, at the label's key inside the value.
fn check_value(at: &mut At<'_>, key: &str, value: &str) {
    let violations = format::label_value(value);
    if !violations.is_empty() {
        at.key(key).invalid(value, violations.to_string()).origin = violations.origin();
    }
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

/// A requirement on one label.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Requirement<'a> {
    key: Cow<'a, str>,
    test: Test<'a>,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum Test<'a> {
    Is(Cow<'a, str>),
    In(Values<'a>),
    NotIn(Values<'a>),
    Exists,
    DoesNotExist,
    GreaterThan(i64),
    LessThan(i64),
}

impl<'a> Requirement<'a> {
    const fn is(key: &'a str, value: &'a str) -> Self {
        Self {
            key: Cow::Borrowed(key),
            test: Test::Is(Cow::Borrowed(value)),
        }
    }

    fn holds(&self, labels: &Labels) -> bool {
        self.accepts(labels.get(&*self.key).map(String::as_str))
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Whether a label may have this value, or may be absent.
    pub(crate) fn accepts(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|value| value.parse::<i64>().ok());
        match &self.test {
            Test::Is(wanted) => value == Some(wanted),
            Test::In(values) => value.is_some_and(|value| values.contain(value)),
            Test::NotIn(values) => value.is_none_or(|value| !values.contain(value)),
            Test::Exists => value.is_some(),
            Test::DoesNotExist => value.is_none(),
            Test::GreaterThan(bound) => number().is_some_and(|number| number > *bound),
            Test::LessThan(bound) => number().is_some_and(|number| number < *bound),
        }
    }

    /// The values that it names.
    pub(crate) fn values(&self) -> &[Cow<'a, str>] {
        match &self.test {
            Test::Is(value) => core::slice::from_ref(value),
            Test::In(values) | Test::NotIn(values) => &values.0,
            _ => &[],
        }
    }

    /// Whether it accepts all values but those that it names; `None` where that depends on the
    /// value.
    pub(crate) fn accepts_others(&self) -> Option<bool> {
        match self.test {
            Test::Is(_) | Test::In(_) | Test::DoesNotExist => Some(false),
            Test::NotIn(_) | Test::Exists => Some(true),
            Test::GreaterThan(_) | Test::LessThan(_) => None,
        }
    }

    fn into_owned(self) -> Requirement<'static> {
        Requirement {
            key: own(self.key),
            test: match self.test {
                Test::Is(value) => Test::Is(own(value)),
                Test::In(values) => Test::In(values.into_owned()),
                Test::NotIn(values) => Test::NotIn(values.into_owned()),
                Test::Exists => Test::Exists,
                Test::DoesNotExist => Test::DoesNotExist,
                Test::GreaterThan(bound) => Test::GreaterThan(bound),
                Test::LessThan(bound) => Test::LessThan(bound),
            },
        }
    }
}

/// A set of values, sorted.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct Values<'a>(Box<[Cow<'a, str>]>);

impl<'a> Values<'a> {
    fn new(values: &'a [String]) -> Self {
        let mut values: Vec<Cow<'a, str>> = values.iter().map(Cow::from).collect();
        values.sort_unstable();
        values.dedup();
        Self(values.into())
    }

    fn contain(&self, value: &str) -> bool {
        self.0
            .binary_search_by(|candidate| (**candidate).cmp(value))
            .is_ok()
    }

    fn into_owned(self) -> Values<'static> {
        Values(self.0.into_vec().into_iter().map(own).collect())
    }
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

fn own(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

fn owned(requirements: Vec<Requirement<'_>>) -> Vec<Requirement<'static>> {
    requirements
        .into_iter()
        .map(Requirement::into_owned)
        .collect()
}
