//! The crate's tests, as one program.

#[cfg(feature = "arbitrary")]
mod fuzz;
mod manifest;
mod quantity;
mod readme;
mod wire;
