//! What Kubernetes does with a Pod, as pure functions and a sans-I/O machine.

#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[macro_use]
mod macros;
mod wire;

pub mod admission;
pub mod api;
pub mod lifecycle;
pub mod quantity;
pub mod resources;

pub use jiff;

/// The version of Kubernetes whose behaviour this crate follows.
pub const KUBERNETES_VERSION: &str = "v1.36.2";
