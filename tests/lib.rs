//! The crate's tests, as one program.

mod autotraits;
mod fixture;
#[cfg(feature = "arbitrary")]
mod fuzz;
mod kubectl;
mod layers;
mod manifest;
mod quantity;
mod readme;
mod schema;
mod sizes;
mod status;
mod strict;
mod wire;
