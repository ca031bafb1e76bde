//! Where two objects differ.

use core::fmt;

use super::FieldPath;

/// In what way a field differs from the one that it is compared with.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum DifferenceKind {
    /// Both have it, with different values; of a list, the items stand in another order.
    Changed,
    /// Only the other one has it. The path is the one in the other object.
    Missing,
    /// The other one does not have it.
    Added,
}

impl fmt::Display for DifferenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Changed => "changed",
            Self::Missing => "missing",
            Self::Added => "added",
        })
    }
}

/// A field in which an object differs from another one.
///
/// ```
/// use pod_lifecycle::{admission::template, api::PodTemplateSpec, field::DifferenceKind};
///
/// let old = PodTemplateSpec::default();
/// let mut new = old.clone();
/// new.spec.host_network = true;
/// let differences = template::changes(&old, &new);
/// assert_eq!(differences[0].field, "spec.hostNetwork");
/// assert_eq!(differences[0].kind, DifferenceKind::Added);
/// assert_eq!(differences[0].to_string(), "spec.hostNetwork: added");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// Where.
    pub field: FieldPath,
    /// In what way.
    pub kind: DifferenceKind,
}

impl Difference {
    pub(crate) const fn new(field: FieldPath, kind: DifferenceKind) -> Self {
        Self { field, kind }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.kind)
    }
}
