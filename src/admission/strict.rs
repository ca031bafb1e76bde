//! Strict decoding: what in a document nobody will read.
//!
//! Answers what the API server answers with `fieldValidation=Strict`: fields
//! that the object does not have, and fields and keys that are given twice.
//! The value is decoded as ever; the findings come beside it, together with
//! the name that was probably meant.
//!
//! Nothing is reported inside values of free form (`fieldsV1`). A type that
//! uses `#[serde(flatten)]` hides its fields from strict decoding.

mod nearest;
mod track;

use alloc::{string::String, vec::Vec};
use core::{error::Error, fmt};

use serde::{Deserialize, Deserializer};

/// A value together with what strict decoding has found.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Decoded<T> {
    /// The value: unknown fields left out, of fields given twice the last one.
    pub value: T,
    /// What was found, in the order of the document, each path once.
    ///
    /// As in Kubernetes, these are the first 100.
    pub findings: Vec<Finding>,
}

/// Something in a document that is not as it should be.
///
/// [`Display`](fmt::Display) gives Kubernetes' words; the alternate form (`{:#}`) adds the nearest name.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Finding {
    /// A field that the object does not have.
    Unknown {
        /// The field's path, as `spec.containers[0].imgae`.
        path: String,
        /// The name of that object's field which was probably meant.
        nearest: Option<&'static str>,
    },
    /// A field, or a key of a map, that is given more than once.
    Duplicate {
        /// The field's path, with keys of maps as they stand.
        path: String,
    },
}

/// A document that cannot be decoded, and the place where that showed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DecodeError<E> {
    path: String,
    error: E,
}

/// A document with unknown or duplicate fields, where these are not allowed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StrictError {
    findings: Vec<Finding>,
}

/// Decodes a value and reports every unknown and every duplicate field.
///
/// Works with any format and any type. The format's deserializer is not asked
/// whether the document ends here.
///
/// # Errors
///
/// Whatever error decoding ends with, together with the path where it did.
///
/// # Example
///
/// ```
/// use pod_lifecycle::{admission::strict, api::Pod};
///
/// let manifest = r#"{"spec": {"containers": [{"name": "web", "imgae": "nginx:latest"}]}}"#;
/// let mut json = serde_json::Deserializer::from_str(manifest);
/// let decoded: strict::Decoded<Pod> = strict::decode(&mut json)?;
/// assert_eq!(decoded.value.spec.containers[0].name, "web");
/// assert_eq!(
///     format!("{:#}", decoded.findings[0]),
///     r#"unknown field "spec.containers[0].imgae", did you mean "image"?"#,
/// );
///
/// let manifest = r#"{"spec": {"containers": [{"ports": [{"containerPort": "http"}]}]}}"#;
/// let mut json = serde_json::Deserializer::from_str(manifest);
/// let error = strict::decode::<Pod, _>(&mut json).unwrap_err();
/// assert_eq!(error.path(), "spec.containers[0].ports[0].containerPort");
/// # Ok::<(), strict::DecodeError<serde_json::Error>>(())
/// ```
pub fn decode<'de, T, D>(d: D) -> Result<Decoded<T>, DecodeError<D::Error>>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let mut tracker = track::Tracker::default();
    match T::deserialize(track::At::root(d, &mut tracker)) {
        Ok(value) => Ok(Decoded {
            value,
            findings: tracker.into_findings(),
        }),
        Err(error) => Err(DecodeError {
            path: tracker.into_path(),
            error,
        }),
    }
}

impl<T> Decoded<T> {
    /// Returns the value if nothing was found.
    ///
    /// # Errors
    ///
    /// The findings, if there are any.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::{admission::strict, api::Pod};
    ///
    /// let mut json = serde_json::Deserializer::from_str(r#"{"metadata": {"nmae": "web"}}"#);
    /// let error = strict::decode::<Pod, _>(&mut json)?.into_result().unwrap_err();
    /// assert_eq!(error.to_string(), r#"strict decoding error: unknown field "metadata.nmae""#);
    /// # Ok::<(), strict::DecodeError<serde_json::Error>>(())
    /// ```
    pub fn into_result(self) -> Result<T, StrictError> {
        if self.findings.is_empty() {
            Ok(self.value)
        } else {
            Err(StrictError {
                findings: self.findings,
            })
        }
    }
}

impl Finding {
    /// Returns the path of what was found.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::{admission::strict, api::Pod};
    ///
    /// let mut json = serde_json::Deserializer::from_str(r#"{"spec": {}, "spec": {}}"#);
    /// assert_eq!(strict::decode::<Pod, _>(&mut json)?.findings[0].path(), "spec");
    /// # Ok::<(), strict::DecodeError<serde_json::Error>>(())
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Unknown { path, .. } | Self::Duplicate { path } => path,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown { path, nearest } => {
                write!(f, "unknown field {}", Quoted(path))?;
                match nearest {
                    Some(name) if f.alternate() => write!(f, ", did you mean {}?", Quoted(name)),
                    _ => Ok(()),
                }
            }
            Self::Duplicate { path } => write!(f, "duplicate field {}", Quoted(path)),
        }
    }
}

/// A text in quotes, as Go's `%q` writes it.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;

        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\u{7}' => f.write_str("\\a")?,
                '\u{8}' => f.write_str("\\b")?,
                '\t' => f.write_str("\\t")?,
                '\n' => f.write_str("\\n")?,
                '\u{b}' => f.write_str("\\v")?,
                '\u{c}' => f.write_str("\\f")?,
                '\r' => f.write_str("\\r")?,
                c if c.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(c))?,
                c if c.is_control() => write!(f, "\\u{:04x}", u32::from(c))?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

impl<E> DecodeError<E> {
    /// Returns the path of the value that could not be decoded; empty for the document itself.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::{admission::strict, api::Pod};
    ///
    /// let mut json = serde_json::Deserializer::from_str(r#"{"spec": {"volumes": 1}}"#);
    /// let error = strict::decode::<Pod, _>(&mut json).unwrap_err();
    /// assert_eq!(error.path(), "spec.volumes");
    /// ```
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the format's own error.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::{admission::strict, api::Pod};
    ///
    /// let mut json = serde_json::Deserializer::from_str(r#"{"spec": "#);
    /// let error = strict::decode::<Pod, _>(&mut json).unwrap_err();
    /// assert!(error.into_inner().is_eof());
    /// ```
    #[must_use]
    pub fn into_inner(self) -> E {
        self.error
    }
}

impl<E: fmt::Display> fmt::Display for DecodeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() {
            return self.error.fmt(f);
        }
        write!(f, "{}: {}", self.path, self.error)
    }
}

impl<E: Error> Error for DecodeError<E> {
    // The format's error is part of this one's text.
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error.source()
    }
}

impl StrictError {
    /// Returns what was found, in the order of the document.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::{admission::strict, api::Pod};
    ///
    /// let mut json = serde_json::Deserializer::from_str(r#"{"a": 1, "b": 2}"#);
    /// let error = strict::decode::<Pod, _>(&mut json)?.into_result().unwrap_err();
    /// assert_eq!(error.findings().len(), 2);
    /// # Ok::<(), strict::DecodeError<serde_json::Error>>(())
    /// ```
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Display for StrictError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "strict decoding error: ";
        for finding in &self.findings {
            f.write_str(separator)?;
            finding.fmt(f)?;
            separator = ", ";
        }
        Ok(())
    }
}

impl Error for StrictError {}
