//! What both kinds of selectors ask of one label.

use alloc::{
    borrow::Cow,
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};

use super::Labels;
use crate::{
    api::{LabelSelectorOperator, NodeSelectorOperator, OpenEnum},
    field::At,
    format,
};

/// What both kinds of selectors can ask of a label.
#[derive(Clone, Copy)]
pub(super) enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
    GreaterThan,
    LessThan,
}

impl Operator {
    pub(super) fn of_labels(
        at: &mut At<'_>,
        operator: Option<&LabelSelectorOperator>,
    ) -> Option<Self> {
        Some(match operator {
            Some(LabelSelectorOperator::In) => Self::In,
            Some(LabelSelectorOperator::NotIn) => Self::NotIn,
            Some(LabelSelectorOperator::Exists) => Self::Exists,
            Some(LabelSelectorOperator::DoesNotExist) => Self::DoesNotExist,
            Some(LabelSelectorOperator::Other(_)) | None => return unknown(at, operator),
        })
    }

    pub(super) fn of_nodes(
        at: &mut At<'_>,
        operator: Option<&NodeSelectorOperator>,
    ) -> Option<Self> {
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
pub(super) fn parse_requirement<'a>(
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
pub(super) fn check_key(at: &mut At<'_>, key: &str) {
    let violations = format::label_key(key);
    if !violations.is_empty() {
        at.invalid(key, violations.to_string()).origin = violations.origin();
    }
}

/// All that is wrong with a value is one error here, at the label's key inside the value.
pub(super) fn check_value(at: &mut At<'_>, key: &str, value: &str) {
    let violations = format::label_value(value);
    if !violations.is_empty() {
        at.key(key).invalid(value, violations.to_string()).origin = violations.origin();
    }
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
    pub(super) const fn is(key: &'a str, value: &'a str) -> Self {
        Self {
            key: Cow::Borrowed(key),
            test: Test::Is(Cow::Borrowed(value)),
        }
    }

    pub(super) fn holds(&self, labels: &Labels) -> bool {
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

    pub(super) fn into_owned(self) -> Requirement<'static> {
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

    pub(super) fn into_owned(self) -> Values<'static> {
        Values(self.0.into_vec().into_iter().map(own).collect())
    }
}

pub(super) fn own(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

pub(super) fn owned(requirements: Vec<Requirement<'_>>) -> Vec<Requirement<'static>> {
    requirements
        .into_iter()
        .map(Requirement::into_owned)
        .collect()
}
