//! The wire types: everything that a v1 Pod, and what stands around it, can say.
//!
//! Nothing but data. Field names are the API's own, in Rust's spelling
//! (`hostIP` is [`host_ip`](PodStatus::host_ip), `type` is `type_`); field
//! types follow the Go API: a pointer is an `Option`, everything else is plain,
//! and its zero value means that it is not set. Large and rare parts are boxed.
//!
//! Decoding accepts what the API server accepts and passes over what it does not
//! know; [`strict`](crate::admission::strict) reports the rest. Enums keep values
//! that they do not know as `Other`, so that validation can name them.
//!
//! ```
//! use pod_lifecycle::api::{Pod, RestartPolicy};
//!
//! let pod: Pod = serde_json::from_str(
//!     r#"{"spec": {"restartPolicy": "Never", "containers": [{"name": "web", "env": null}]}}"#,
//! )?;
//! assert_eq!(pod.spec.restart_policy, Some(RestartPolicy::Never));
//! assert!(pod.spec.containers[0].env.is_empty());
//! # Ok::<(), serde_json::Error>(())
//! ```

mod container;
mod env;
mod fields_v1;
mod int_or_string;
mod meta;
mod node;
mod placement;
mod pod;
mod probe;
mod security;
mod status;
mod time;
mod volume;
mod volume_legacy;
mod volume_projected;

use alloc::boxed::Box;

pub use self::{
    container::*, env::*, fields_v1::*, int_or_string::*, meta::*, node::*, placement::*, pod::*,
    probe::*, security::*, status::*, time::*, volume::*, volume_legacy::*, volume_projected::*,
};
pub use crate::field::OpenEnum;

/// Text outside an enum's known values.
///
/// Only `From<&str>` of the enum makes one, so that a known value is never spelled as `Other`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Unrecognized(Box<str>);

impl Unrecognized {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// Returns the text as it was written.
    ///
    /// ```
    /// use pod_lifecycle::api::PodPhase;
    ///
    /// let PodPhase::Other(text) = PodPhase::from("Dreaming") else { panic!("no phase of Kubernetes") };
    /// assert_eq!(text.as_str(), "Dreaming");
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
