//! The crate's tests, as one program.

mod fixture;
#[cfg(feature = "arbitrary")]
mod fuzz;
mod kubectl;
mod manifest;
mod quantity;
mod readme;
mod schema;
mod sizes;
mod status;
mod strict;
mod wire;
