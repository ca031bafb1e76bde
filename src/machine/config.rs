//! The settings of a machine.

use alloc::vec::Vec;
use core::{net::IpAddr, time::Duration};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::lifecycle::back_off::BackOff;

/// The settings of a machine: a node's, as far as they concern a pod's life.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Config {
    /// How soon the machine acts on what it learns.
    pub pacing: Pacing,
    /// The back-off of containers that end again and again.
    pub crash_loop: BackOff,
    /// The back-off of image pulls that fail.
    pub image_pull: BackOff,
    /// The node's addresses, the one to publish as `hostIP` first.
    pub host_ips: Vec<IpAddr>,
    /// Whether the runtime can mount read-only all the way down.
    pub recursive_read_only_mounts: bool,
    /// When the host process started: containers that were running before then
    /// keep their readiness until their probes have spoken.
    pub started_at: Option<Timestamp>,
}

/// How soon a machine acts on what it learns.
///
/// Decisions do not depend on it; only when they are taken does.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Pacing {
    /// Whether a sync waits for an observation made after the one before had
    /// ended, as a kubelet waits for its relist; and so does the end of a pod of
    /// which nothing had to be stopped. The host observes every second, unasked.
    /// Without it what was reported is taken to be all there is.
    pub wait_for_observation: bool,
    /// Timers are served at whole multiples of this after [`tick_origin`](Self::tick_origin); zero: at once.
    pub tick: Duration,
    /// The instant that ticks are counted from.
    pub tick_origin: Timestamp,
    /// When a pod that is fine is looked at again.
    pub resync: Duration,
    /// When a pod whose sync failed is looked at again, unless a back-off says sooner.
    pub retry: Duration,
    /// What the two waits above, and those for a back-off, are stretched by, in
    /// thousandths: a kubelet draws it from 1000 to 1499 anew each time.
    pub stretch: u16,
}

impl Pacing {
    /// The pace of a kubelet, with the stretch of its waits held at the given
    /// number of thousandths.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::machine::Pacing;
    ///
    /// let pacing = Pacing::kubelet(1250);
    /// assert!(pacing.wait_for_observation);
    /// assert_eq!(pacing.tick, Duration::from_secs(1));
    /// ```
    #[must_use]
    pub fn kubelet(stretch: u16) -> Self {
        Self {
            wait_for_observation: true,
            tick: Duration::from_secs(1),
            stretch,
            ..Self::ideal()
        }
    }

    /// No waiting but where the pod's own rules ask for it.
    ///
    /// ```
    /// use pod_lifecycle::machine::Pacing;
    ///
    /// assert!(!Pacing::ideal().wait_for_observation);
    /// ```
    #[must_use]
    pub fn ideal() -> Self {
        Self {
            wait_for_observation: false,
            tick: Duration::ZERO,
            tick_origin: Timestamp::UNIX_EPOCH,
            resync: Duration::from_secs(60),
            retry: Duration::from_secs(10),
            stretch: 1000,
        }
    }
}

impl Default for Pacing {
    fn default() -> Self {
        Self::ideal()
    }
}
