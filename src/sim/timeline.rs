//! What happened in a simulation, in order.

use alloc::{string::String, sync::Arc, vec::Vec};
use core::time::Duration;

use jiff::Timestamp;

use crate::{api::Pod, lifecycle::probe, machine::Hook};

/// Everything that happened in a simulation, in order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Timeline {
    entries: Vec<Entry>,
}

/// Something that happened, and when.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

/// Something that happened.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The pod object changed: this is the whole of it since then.
    Changed(Arc<Pod>),
    /// The pod object is gone.
    Deleted,
    /// The runtime was asked to make a sandbox.
    SandboxRequested {
        /// How many there were before.
        attempt: u32,
    },
    /// A sandbox is ready.
    SandboxReady,
    /// A sandbox could not be made.
    SandboxFailed,
    /// A sandbox is torn down.
    SandboxStopped,
    /// A sandbox died by itself.
    SandboxDied,
    /// A pull began.
    PullStarted {
        /// The image, as the spec writes it.
        image: String,
    },
    /// A pull ended.
    PullFinished {
        /// The image, as the spec writes it.
        image: String,
        /// Whether it succeeded.
        success: bool,
    },
    /// A container was made, or could not be.
    ContainerCreated {
        /// Which.
        container: Instance,
        /// Whether it succeeded.
        success: bool,
    },
    /// A container was started, or could not be.
    ContainerStarted {
        /// Which.
        container: Instance,
        /// Whether it succeeded.
        success: bool,
    },
    /// A container's resources were changed while it ran.
    ContainerResized {
        /// Which.
        container: Instance,
    },
    /// A container was asked to end.
    ContainerStopping {
        /// Which.
        container: Instance,
        /// How long it may take.
        grace: Duration,
    },
    /// A container ended.
    ContainerExited {
        /// Which.
        container: Instance,
        /// Its exit code.
        code: i32,
        /// Why, in one word.
        reason: String,
    },
    /// A container was forgotten.
    ContainerRemoved {
        /// Which.
        container: Instance,
    },
    /// A hook began.
    HookStarted {
        /// Whose.
        container: Instance,
        /// Which hook.
        hook: Hook,
    },
    /// A hook ended.
    HookFinished {
        /// Whose.
        container: Instance,
        /// Which hook.
        hook: Hook,
        /// Whether it succeeded.
        success: bool,
    },
    /// A probe found something.
    Probed {
        /// Whose.
        container: Instance,
        /// Which probe.
        probe: probe::Kind,
        /// What it found.
        success: bool,
    },
}

/// One instance of a container: the `number`-th that was made under that name.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Instance {
    /// The container's name.
    pub name: String,
    /// Its number, from 1.
    pub number: usize,
}

impl Instance {
    pub(super) fn new(name: &str, number: usize) -> Self {
        Self {
            name: name.into(),
            number,
        }
    }
}

impl core::fmt::Display for Instance {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}#{}", self.name, self.number)
    }
}

impl Timeline {
    /// Returns what happened, in order.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::sim::{Setup, Sim};
    ///
    /// let pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// assert!(sim.timeline().entries().len() > 5);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the states that the pod object went through.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::sim::{Setup, Sim};
    ///
    /// let pod = serde_json::from_str(r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// let mut sim = Sim::new(pod, Setup::default())?;
    /// sim.run_for(Duration::from_secs(3));
    /// let last = sim.timeline().pods().last();
    /// assert!(last.is_some_and(|(_, pod)| pod.status.pod_ip == "10.244.0.2"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn pods(&self) -> impl Iterator<Item = (Timestamp, &Arc<Pod>)> {
        self.entries.iter().filter_map(|entry| match &entry.event {
            Event::Changed(pod) => Some((entry.at, pod)),
            _ => None,
        })
    }

    pub(super) fn push(&mut self, at: Timestamp, event: Event) {
        self.entries.push(Entry { at, event });
    }
}
