//! The crate's tests, as one program.

#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

mod autotraits;
mod check;
mod checkpoint;
mod deletion;
mod disruption;
mod explore;
mod field;
mod fit;
mod fixture;
mod format;
#[cfg(feature = "arbitrary")]
mod fuzz;
mod health;
mod hostile;
mod kubectl;
mod labels;
mod layers;
mod lifecycle_properties;
mod machine;
mod manifest;
mod plan;
mod probe;
mod quantity;
mod random;
mod readme;
mod resize;
mod restart;
mod rules;
mod scheduling;
mod scheduling_properties;
mod schema;
mod sim;
mod simulate;
mod sizes;
mod static_pod;
mod status;
mod status_properties;
mod story;
mod strict;
mod supervise;
mod template;
mod termination;
mod volume;
mod wire;
