//! What the API server does with a pod before it stores it.

pub mod conversion;
pub mod defaults;
pub mod delete;
pub mod prepare;
pub mod strict;
