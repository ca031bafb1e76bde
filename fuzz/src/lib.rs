//! What must hold for any input, one function of bytes for each fuzz target.
//!
//! The crate's own tests include this file too, and replay the seeds through it on stable.

mod admission;
mod machine_ops;
mod quantity;
mod schedule;
mod status;
mod wire_round_trip;

pub use admission::admission;
pub use machine_ops::machine_ops;
pub use quantity::quantity;
pub use schedule::schedule;
pub use status::status;
pub use wire_round_trip::wire_round_trip;
