//! Paths into an object, and what is wrong there.
//!
//! A function that checks an object walks it with [`At`], which is path and sink in one: it says
//! where it is, and a verb reports what is wrong there. Nothing is allocated as long as nothing is
//! reported. What comes out are [`FieldErrors`], worded as the API server words them
//! (`k8s.io/apimachinery/pkg/util/validation/field`).
//!
//! ```
//! use pod_lifecycle::field::{self, ErrorKind};
//!
//! let ports = [80, 0, 70_000];
//! let errors = field::collect("spec", |at| {
//!     at.field("ports").each(&ports, |at, port| {
//!         at.field("containerPort").in_range(*port, 1..=65_535);
//!     });
//! })
//! .unwrap_err();
//!
//! assert_eq!(errors.as_slice()[0].field, "spec.ports[1].containerPort");
//! assert_eq!(errors.as_slice()[1].kind, ErrorKind::Invalid);
//! assert_eq!(
//!     errors.as_slice()[1].to_string(),
//!     "spec.ports[2].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
//! );
//! ```

mod at;
mod difference;
mod names;
mod path;
mod quote;
mod seen;

use alloc::{
    borrow::Cow,
    collections::BTreeSet,
    string::{String, ToString},
    vec::{self, Vec},
};
use core::{fmt, fmt::Write as _, slice};

use self::quote::{JsonText, Quoted};
pub(crate) use self::seen::Index;
pub use self::{
    at::{At, collect},
    difference::{Difference, DifferenceKind},
    path::FieldPath,
    seen::Seen,
};

/// What validation asks of every enum of the API.
pub trait OpenEnum {
    /// The values that this crate knows, in the API's order.
    const KNOWN: &'static [&'static str];

    /// Returns the value as it stands on the wire.
    fn as_str(&self) -> &str;

    /// Whether the value is one of [`KNOWN`](Self::KNOWN).
    fn is_known(&self) -> bool;
}

/// In what way a field is wrong.
///
/// [`Display`](fmt::Display) gives the words that an error begins with; [`reason`](Self::reason) gives
/// the word that a `Status` carries for programs.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum ErrorKind {
    /// It names something that is not there.
    NotFound,
    /// It is missing.
    Required,
    /// It repeats a value that must be unique.
    Duplicate,
    /// It is malformed or out of bounds.
    Invalid,
    /// It is none of the values that there are.
    NotSupported,
    /// It is well-formed, but not allowed as things are.
    Forbidden,
    /// It is longer than it may be.
    TooLong,
    /// It has more items than it may have.
    TooMany,
    /// It has fewer items than it must have.
    TooFew,
    /// It could not be checked, for a reason that lies elsewhere.
    Internal,
    /// It is of another type than the schema says.
    TypeInvalid,
    /// It is shorter than it must be.
    TooShort,
}

impl ErrorKind {
    /// Returns the reason that the API server writes into a `Status`' causes.
    ///
    /// ```
    /// use pod_lifecycle::field::ErrorKind;
    ///
    /// assert_eq!(ErrorKind::NotSupported.reason(), "FieldValueNotSupported");
    /// assert_eq!(ErrorKind::NotSupported.to_string(), "Unsupported value");
    /// ```
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::NotFound => "FieldValueNotFound",
            Self::Required => "FieldValueRequired",
            Self::Duplicate => "FieldValueDuplicate",
            Self::Invalid => "FieldValueInvalid",
            Self::NotSupported => "FieldValueNotSupported",
            Self::Forbidden => "FieldValueForbidden",
            Self::TooLong => "FieldValueTooLong",
            Self::TooMany => "FieldValueTooMany",
            Self::TooFew => "FieldValueTooFew",
            Self::Internal => "InternalError",
            Self::TypeInvalid => "FieldValueTypeInvalid",
            Self::TooShort => "FieldValueTooShort",
        }
    }

    /// The rule that an error of this kind stands for, as long as none is named.
    const fn origin(self) -> &'static str {
        match self {
            Self::NotFound => "notFound",
            Self::Required => "required",
            Self::Duplicate => "unique",
            Self::Invalid => "invalid",
            Self::NotSupported => "enum",
            Self::Forbidden => "forbidden",
            Self::TooLong => "maxLength",
            Self::TooMany => "maxItems",
            Self::TooFew => "minItems",
            Self::Internal => "internal",
            Self::TypeInvalid => "type",
            Self::TooShort => "minLength",
        }
    }

    /// Whether an error of this kind repeats the value.
    const fn shows_value(self) -> bool {
        !matches!(
            self,
            Self::Required | Self::Forbidden | Self::TooLong | Self::TooShort | Self::Internal
        )
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::NotFound => "Not found",
            Self::Required => "Required value",
            Self::Duplicate => "Duplicate value",
            Self::Invalid | Self::TypeInvalid => "Invalid value",
            Self::NotSupported => "Unsupported value",
            Self::Forbidden => "Forbidden",
            Self::TooLong => "Too long",
            Self::TooMany => "Too many",
            Self::TooFew => "Too few",
            Self::Internal => "Internal error",
            Self::TooShort => "Too short",
        })
    }
}

/// The value that an error is about.
#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum BadValue {
    /// Not repeated, because there is none, or it is too long, or it is not for everybody's eyes.
    #[default]
    Omitted,
    /// A text, printed as Go quotes it.
    Text(String),
    /// A number.
    Number(i64),
    /// A truth value.
    Bool(bool),
    /// An object or a list, written as JSON.
    Json(String),
}

impl From<&str> for BadValue {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<&String> for BadValue {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for BadValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for BadValue {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for BadValue {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for BadValue {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for BadValue {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&[String]> for BadValue {
    fn from(list: &[String]) -> Self {
        let mut json = String::from("[");
        for (index, text) in list.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            // Writing into a String does not fail.
            let _ = write!(json, "{}", JsonText(text));
        }
        json.push(']');
        Self::Json(json)
    }
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Omitted => Ok(()),
            Self::Text(text) => Quoted(text).fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Bool(value) => value.fmt(f),
            Self::Json(json) => f.write_str(json),
        }
    }
}

/// One thing that is wrong with an object.
///
/// [`Display`](fmt::Display) words it as the API server does; the words are not a part of this
/// crate's contract, the other fields are.
///
/// ```
/// use pod_lifecycle::field;
///
/// let errors = field::collect("spec.containers[0]", |at| {
///     at.field("image").invalid(" nginx", "must not have leading or trailing whitespace");
/// })
/// .unwrap_err();
/// let error = &errors.as_slice()[0];
/// assert_eq!(error.field, "spec.containers[0].image");
/// assert_eq!(error.kind, field::ErrorKind::Invalid);
/// assert_eq!(error.value, field::BadValue::Text(" nginx".into()));
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct FieldError {
    /// Where it is wrong.
    pub field: FieldPath,
    /// In what way it is wrong.
    pub kind: ErrorKind,
    /// The value, where it helps.
    pub value: BadValue,
    /// What would be right, for people; may be empty.
    pub detail: Cow<'static, str>,
    /// The rule that it breaks, as one word such as `maxLength` or `format=k8s-short-name`.
    pub origin: &'static str,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.kind)?;
        if self.kind.shows_value() && self.value != BadValue::Omitted {
            write!(f, ": {}", self.value)?;
        }
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        Ok(())
    }
}

impl core::error::Error for FieldError {}

/// Everything that is wrong with an object, in the order in which the API server reports it.
///
/// There is always at least one error. [`Display`](fmt::Display) is that of the API server: one error stands alone,
/// several stand in brackets, and equal ones are printed once.
///
/// ```
/// use pod_lifecycle::field;
///
/// let errors = field::collect("metadata", |at| {
///     at.field("name").required("");
///     at.field("namespace").required("");
///     at.field("name").required("");
/// })
/// .unwrap_err();
/// assert_eq!(errors.as_slice().len(), 3);
/// assert_eq!(
///     errors.to_string(),
///     "[metadata.name: Required value, metadata.namespace: Required value]",
/// );
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Returns `None` where nothing is wrong.
    ///
    /// ```
    /// use pod_lifecycle::field::FieldErrors;
    ///
    /// assert_eq!(FieldErrors::new(vec![]), None);
    /// ```
    #[must_use]
    pub fn new(errors: Vec<FieldError>) -> Option<Self> {
        (!errors.is_empty()).then_some(Self(errors))
    }

    /// Returns the errors in their order.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("name", |at| at.not_empty("")).unwrap_err();
    /// assert_eq!(errors.as_slice().len(), 1);
    /// ```
    #[must_use]
    pub fn as_slice(&self) -> &[FieldError] {
        &self.0
    }

    /// Iterates over the errors in their order.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("name", |at| at.not_empty("")).unwrap_err();
    /// assert!(errors.iter().all(|error| error.field == "name"));
    /// ```
    pub fn iter(&self) -> slice::Iter<'_, FieldError> {
        self.0.iter()
    }
}

impl From<FieldErrors> for Vec<FieldError> {
    fn from(errors: FieldErrors) -> Self {
        errors.0
    }
}

impl IntoIterator for FieldErrors {
    type Item = FieldError;
    type IntoIter = vec::IntoIter<FieldError>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a FieldErrors {
    type Item = &'a FieldError;
    type IntoIter = slice::Iter<'a, FieldError>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl fmt::Display for FieldErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut printed = BTreeSet::new();
        let mut list = String::new();
        for error in self {
            let message = error.to_string();
            if printed.contains(&message) {
                continue;
            }
            if !list.is_empty() {
                list.push_str(", ");
            }
            list.push_str(&message);
            printed.insert(message);
        }
        if printed.len() == 1 {
            f.write_str(&list)
        } else {
            write!(f, "[{list}]")
        }
    }
}

impl core::error::Error for FieldErrors {}
