//! What is legal and probably not meant.

use alloc::{string::String, vec::Vec};
use core::fmt;

use crate::{api::Pod, field::FieldPath};

/// Something in a pod that is legal and probably not meant.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Warning {
    /// Where it is, if it is in one place.
    pub field: Option<FieldPath>,
    /// What it is, for people.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Returns the warnings that a user gets who creates a pod.
#[must_use]
pub fn create(_pod: &Pod) -> Vec<Warning> {
    Vec::new()
}
