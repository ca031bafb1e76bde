//! Probes.

use alloc::string::String;

use serde::{Deserialize, Serialize};

/// What a probe finds out.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Kind {
    /// Whether the container is to be killed.
    Liveness,
    /// Whether the container takes traffic.
    Readiness,
    /// Whether the container has started.
    Startup,
}

/// What is held to be true of a container, after enough results in a row.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
pub enum Outcome {
    /// The probe succeeds.
    Success,
    /// The probe fails.
    Failure,
    /// Nothing is known yet.
    Unknown,
}

/// One probe of one container, over all its instances.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Worker {
    /// The container's name.
    pub container: String,
    /// Which of its probes.
    pub kind: Kind,
    /// The instance that [`outcome`](Self::outcome) speaks of.
    pub container_id: String,
    /// What is held to be true of that instance.
    pub outcome: Option<Outcome>,
}
