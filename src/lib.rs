//! What Kubernetes does with a Pod, as pure functions and a sans-I/O machine.
//!
//! ```
//! use core::time::Duration;
//! use pod_lifecycle::{
//!     api::{Pod, PodPhase, PodQOSClass}, kubectl, lifecycle::health, resources::qos, sim::{Setup, Sim},
//! };
//!
//! let pod: Pod = serde_json::from_str(
//!     r#"{
//!         "metadata": {"name": "report"},
//!         "spec": {
//!             "restartPolicy": "OnFailure",
//!             "initContainers": [{"name": "proxy", "image": "proxy:1", "restartPolicy": "Always"}],
//!             "containers": [{"name": "report", "image": "report:1", "env": null}]
//!         }
//!     }"#,
//! )?;
//! assert_eq!(qos::class(&pod), PodQOSClass::BestEffort);
//!
//! let mut setup = Setup::default();
//! setup.script.containers.insert("report".into(), vec!["run=5s exit=1".parse()?, "run=5s".parse()?]);
//! let mut sim = Sim::new(pod, setup)?;
//! sim.run_for(Duration::from_secs(3));
//! assert!(sim.pod().is_some_and(health::is_ready));
//! sim.run_for(Duration::from_secs(12));
//! let pod = sim.pod().expect("nobody deleted it");
//! assert_eq!(pod.status.phase, Some(PodPhase::Succeeded));
//! assert_eq!(kubectl::row(pod, sim.now()).to_string(), "report   0/2   Completed   1 (10s ago)   15s");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The tour of a pod
//!
//! 1. A manifest is decoded into [`api::Pod`]. [`admission::strict`] reports what Kubernetes would
//!    pass over; [`quantity`] reads the amounts in it.
//! 2. [`admission::create`] does what the API server does before it stores a pod: it sets defaults,
//!    validates, and warns. [`admission::update`] and its kin answer for every later change.
//! 3. [`resources`] says what the pod requests in effect, and its QoS class; [`scheduling`] where it
//!    fits, and every reason why not.
//! 4. The kubelet's questions are answered by [`lifecycle`]: which containers to start and stop
//!    ([`lifecycle::plan()`]), whether one restarts and when, what a probe's answers amount to, how
//!    long a termination may take, and the [`status`](lifecycle::status) that follows from what a
//!    runtime reports.
//! 5. [`machine`] puts these together: one value per pod that is told what happened, and says what to
//!    do and when to call again. Its page has the contract and a run loop.
//! 6. [`sim`] drives a machine with a scripted runtime and a virtual clock.
//! 7. [`disruption`] says who has to go when a node runs short, is tainted or is lost.
//! 8. [`kubectl`] shows a pod as people know it.
//!
//! # Layers
//!
//! Each layer uses the ones before it, and no room uses another room.
//!
//! 1. The ground, which knows nothing of pods: [`quantity`], [`image`], [`mod@format`], [`field`].
//! 2. [`api`]: the wire types, nothing but data.
//! 3. What several rooms ask: [`labels`], [`resources`], [`tolerations`], [`critical`].
//! 4. The rooms: [`admission`], [`scheduling`], [`lifecycle`], [`disruption`].
//! 5. [`machine`], with [`kubectl`] beside it, and [`sim`] on top.
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
//! Nothing here does I/O, reads a clock, draws a random number, starts a thread or talks to a
//! cluster. The behaviour followed is that of [`KUBERNETES_VERSION`] with its default feature gates;
//! the pages of the rooms say what of it is not there. Input of any kind is answered and never met
//! with a panic. The minimum supported Rust version is 1.85.

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
pub mod disruption;
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
