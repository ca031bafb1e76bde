//! What Kubernetes does with a Pod, as pure functions and a sans-I/O machine.
//!
//! ```
//! use pod_lifecycle::api::{Pod, RestartPolicy};
//!
//! let pod: Pod = serde_json::from_str(
//!     r#"{
//!         "metadata": {"name": "web"},
//!         "spec": {
//!             "restartPolicy": "OnFailure",
//!             "containers": [{"name": "nginx", "image": "nginx:1.29", "env": null}]
//!         }
//!     }"#,
//! )?;
//! assert_eq!(pod.spec.restart_policy, Some(RestartPolicy::OnFailure));
//! assert!(pod.spec.containers[0].env.is_empty());
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # Layers
//!
//! Each layer uses the ones before it, and no room uses another room.
//!
//! 1. The ground, which knows nothing of pods: [`quantity`], [`image`], [`format`](mod@format), [`field`].
//! 2. [`api`]: the wire types, nothing but data.
//! 3. [`labels`]: selectors; [`tolerations`]: taints and what tolerates them; [`resources`]: what a
//!    pod asks for.
//! 4. The rooms: [`admission`] and [`lifecycle`]; beside them [`kubectl`], which prints.
//!
//! # Features
//!
//! The crate is `no_std` with `alloc`. No feature changes what a function answers.
//!
//! - **`std`** (default) forwards `std` to the dependencies, and adds no API.
//! - **`arbitrary`** implements `arbitrary::Arbitrary` for the wire types, and implies `std`.
//!
//! # Scope
//!
//! Nothing here does I/O, reads a clock, starts a thread or talks to a cluster.
//! The behaviour followed is that of [`KUBERNETES_VERSION`] with its default
//! feature gates. The minimum supported Rust version is 1.85.

#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[macro_use]
mod macros;
#[cfg(feature = "arbitrary")]
mod plausible;
mod time;
mod wire;

pub mod admission;
pub mod api;
pub mod critical;
pub mod field;
pub mod format;
pub mod image;
pub mod kubectl;
pub mod labels;
pub mod lifecycle;
pub mod machine;
pub mod quantity;
pub mod resources;
pub mod scheduling;
pub mod sim;
pub mod tolerations;

pub use jiff;

/// The version of Kubernetes whose behaviour this crate follows.
pub const KUBERNETES_VERSION: &str = "v1.36.2";

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub struct Readme;
