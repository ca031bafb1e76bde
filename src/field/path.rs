//! Paths: on the stack while walking, and as text once something is reported.

use alloc::{
    boxed::Box,
    string::{String, ToString},
};
use core::{borrow::Borrow, fmt};

#[derive(Clone, Copy, Debug)]
pub(super) enum Step<'a> {
    Base(&'a str),
    Field(&'a str),
    Index(usize),
    Key(&'a str),
}

/// A path on the stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Path<'a> {
    pub(super) parent: Option<&'a Self>,
    pub(super) step: Step<'a>,
}

impl<'a> Path<'a> {
    pub(super) const fn base(text: &'a str) -> Self {
        Self {
            parent: None,
            step: Step::Base(text),
        }
    }

    pub(super) fn to_text(self) -> FieldPath {
        FieldPath(self.to_string().into())
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut dot = "";
        if let Some(parent) = self.parent {
            parent.fmt(f)?;
            if !matches!(parent.step, Step::Base("")) {
                dot = ".";
            }
        }
        match self.step {
            Step::Base(text) => f.write_str(text),
            Step::Field("") => f.write_str("[]"),
            Step::Field(name) => write!(f, "{dot}{name}"),
            Step::Index(index) => write!(f, "[{index}]"),
            Step::Key(key) => write!(f, "[{key}]"),
        }
    }
}

/// The path of a field as text, such as `spec.containers[0].name`.
///
/// Fields are joined by dots; an index or a map's key stands in brackets, the key as it is.
///
/// ```
/// use pod_lifecycle::field::FieldPath;
///
/// let path = FieldPath::from("spec.containers[0].resources.limits[cpu]");
/// assert_eq!(path, "spec.containers[0].resources.limits[cpu]");
/// assert_eq!(path.as_str().len(), 40);
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FieldPath(Box<str>);

impl FieldPath {
    /// Returns the path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for FieldPath {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for FieldPath {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<FieldPath> for String {
    fn from(path: FieldPath) -> Self {
        path.0.into()
    }
}

impl AsRef<str> for FieldPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for FieldPath {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for FieldPath {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other
    }
}

impl PartialEq<&str> for FieldPath {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == **other
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
