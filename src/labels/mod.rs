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

mod nodes;
mod requirement;

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use crate::{
    api,
    field::{self, FieldErrors},
};

pub use self::nodes::{NodeSelector, NodeSelectorTerm};
use self::requirement::{Operator, check_key, check_value, owned, parse_requirement};
pub(crate) use self::{nodes::FieldRequirement, requirement::Requirement};

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
