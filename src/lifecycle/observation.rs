//! What a container runtime reports about one pod, whatever runtime it is.

use alloc::{string::String, vec::Vec};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{by_name::ByName, status::PodCgroup};
use crate::{api::LinuxContainerUser, quantity::Quantity};

/// What a runtime reports about one pod: its sandboxes and containers, each newest first.
///
/// A container that was restarted is here once for each instance that the
/// runtime still remembers; where a rule speaks of *the* container of a name,
/// the first entry of that name is meant.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Observation {
    /// The addresses of the newest sandbox, as the runtime wrote them.
    pub ips: Vec<String>,
    /// The pod's sandboxes.
    pub sandboxes: Vec<Sandbox>,
    /// The pod's containers of all kinds.
    pub containers: Vec<ObservedContainer>,
    /// The limits of the control group that they share, where they have one.
    pub pod_cgroup: Option<PodCgroup>,
}

/// The environment that a pod's containers share.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Sandbox {
    /// The runtime's name for it.
    pub id: String,
    /// Whether containers can be started in it.
    pub state: SandboxState,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// How many sandboxes the pod had before.
    pub attempt: u32,
    /// Its address: `None` when the runtime gave no network status at all, empty when it gave one without an address.
    pub ip: Option<String>,
    /// Its further addresses.
    pub additional_ips: Vec<String>,
    /// Whose network it uses.
    pub network_mode: NetworkMode,
}

/// Whether containers can be started in a sandbox.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum SandboxState {
    /// They can.
    Ready,
    /// They cannot.
    #[default]
    NotReady,
}

/// Whose network a sandbox uses.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum NetworkMode {
    /// One of its own.
    #[default]
    Pod,
    /// Each container's.
    Container,
    /// The node's.
    Node,
    /// Another container's.
    Target,
}

/// One instance of a container.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ObservedContainer {
    /// The runtime's name for it, in the form `containerd://…`.
    pub id: String,
    /// The name that the pod's spec gives it.
    pub name: String,
    /// What it does.
    pub state: ObservedState,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When its process started.
    ///
    /// Of one that never did, runtimes say 1970, and so does the status; `None` is written as `null`.
    pub started_at: Option<Timestamp>,
    /// When its process ended.
    pub finished_at: Option<Timestamp>,
    /// How its process ended.
    pub exit_code: i32,
    /// Why its process ended, in one word.
    pub reason: String,
    /// What it left as a last word.
    pub message: String,
    /// The image it was made from, as it was asked for.
    pub image: String,
    /// The runtime's name for that image.
    pub image_id: String,
    /// The image's digest, published as `imageID`.
    pub image_ref: String,
    /// How many instances there were before.
    pub restart_count: i32,
    /// Whether it belongs to the current sandbox.
    pub active: bool,
    /// Whether the name or image in the pod's spec has changed since it was made.
    pub spec_changed: bool,
    /// The resources that the runtime gives it.
    pub resources: Option<ObservedResources>,
    /// Whom its process runs as.
    pub user: Option<LinuxContainerUser>,
    /// Whether the runtime reports a user, but none in Linux' terms.
    pub empty_user: bool,
}

impl ObservedContainer {
    /// Whether its process ever ran.
    pub(crate) fn has_started(&self) -> bool {
        self.started_at
            .is_some_and(|at| at != Timestamp::UNIX_EPOCH)
    }
}

/// What a container does, as its runtime sees it.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[cfg_attr(feature = "arbitrary", derive(arbitrary::Arbitrary))]
pub enum ObservedState {
    /// Made, not started.
    Created,
    /// Its process runs.
    Running,
    /// Its process has ended.
    Exited,
    /// The runtime does not know.
    #[default]
    Unknown,
}

/// The resources that a runtime gives a container.
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ObservedResources {
    /// Requested CPU time.
    pub cpu_request: Option<Quantity>,
    /// The limit on CPU time.
    pub cpu_limit: Option<Quantity>,
    /// Requested memory.
    pub memory_request: Option<Quantity>,
    /// The limit on memory.
    pub memory_limit: Option<Quantity>,
}

impl Observation {
    /// Returns the newest instance of the container of that name.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::Observation;
    ///
    /// let seen: Observation = serde_json::from_str(
    ///     r#"{"containers": [{"id": "b", "name": "web"}, {"id": "a", "name": "web"}]}"#,
    /// )?;
    /// assert_eq!(seen.container("web").map(|found| found.id.as_str()), Some("b"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn container(&self, name: &str) -> Option<&ObservedContainer> {
        self.containers
            .iter()
            .find(|container| container.name == name)
    }

    /// Finds the newest instance of each container; `lookups` says how often that is going to be asked.
    pub(crate) fn newest(&self, lookups: usize) -> ByName<'_, ObservedContainer> {
        ByName::new(&self.containers, lookups, |container| &container.name)
    }
}

#[cfg(feature = "arbitrary")]
crate::plausible::by_fields! {
    Observation {
        ips: "ips",
        sandboxes: "sandboxes",
        containers: "containers",
        pod_cgroup: "podCgroup",
    }
    Sandbox {
        id: "containerID",
        state: "state",
        created_at: "createdAt",
        attempt: "attempt",
        ip: "ip",
        additional_ips: "ips",
        network_mode: "networkMode",
    }
    ObservedContainer {
        id: "containerID",
        name: "name",
        state: "state",
        created_at: "createdAt",
        started_at: "startedAt",
        finished_at: "finishedAt",
        exit_code: "exitCode",
        reason: "reason",
        message: "message",
        image: "image",
        image_id: "imageId",
        image_ref: "imageRef",
        restart_count: "restartCount",
        active: "active",
        spec_changed: "specChanged",
        resources: "resources",
        user: "user",
        empty_user: "emptyUser",
    }
    PodCgroup {
        cpu_shares: "cpuShares",
        cpu_quota_us: "cpuQuota",
        cpu_period_us: "cpuPeriod",
        memory_bytes: "memory",
    }
    ObservedResources {
        cpu_request: "cpuRequest",
        cpu_limit: "cpuLimit",
        memory_request: "memoryRequest",
        memory_limit: "memoryLimit",
    }
}

#[cfg(feature = "arbitrary")]
crate::plausible::by_arbitrary!(NetworkMode ObservedState SandboxState);
