//! What the API server does with a pod before it stores it.

pub mod strict;
