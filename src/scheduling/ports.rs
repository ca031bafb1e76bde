//! Ports of the node that pods want for themselves.

use alloc::{string::String, vec::Vec};

use super::Misfit;
use crate::api::{PodSpec, Protocol};

/// The address that stands for all addresses of a node.
const ANY: &str = "0.0.0.0";

/// Ports of the node that a pod wants.
///
/// Those of regular containers and of sidecars; other init containers are not asked.
///
/// ```
/// use pod_lifecycle::{api::PodSpec, scheduling::{Misfit, ports::HostPorts}};
///
/// let spec: PodSpec = serde_json::from_str(
///     r#"{"containers": [{"name": "web", "ports": [{"containerPort": 80, "hostPort": 80}]}]}"#,
/// )?;
/// let wanted = HostPorts::of(&spec).unwrap();
/// assert_eq!(wanted.check(&wanted), Some(Misfit::Ports));
/// assert_eq!(HostPorts::of(&PodSpec::default()), None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct HostPorts(Vec<HostPort>);

/// One of them.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct HostPort {
    port: i32,
    protocol: Protocol,
    /// Empty stands for all addresses.
    ip: String,
}

impl HostPort {
    fn conflicts_with(&self, other: &Self) -> bool {
        self.port == other.port
            && self.protocol == other.protocol
            && (self.ip.is_empty() || other.ip.is_empty() || self.ip == other.ip)
    }
}

impl HostPorts {
    /// Returns the ports that a pod wants, or `None` where it wants none.
    ///
    /// ```
    /// use pod_lifecycle::{api::PodSpec, scheduling::ports::HostPorts};
    ///
    /// let spec: PodSpec = serde_json::from_str(
    ///     r#"{"containers": [{"name": "web", "ports": [{"containerPort": 80, "hostPort": 80}]}]}"#,
    /// )?;
    /// assert!(HostPorts::of(&spec).is_some());
    /// assert_eq!(HostPorts::of(&PodSpec::default()), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn of(pod: &PodSpec) -> Option<Self> {
        let sidecars = pod.init_containers.iter().filter(|init| init.is_sidecar());
        let ports = pod.containers.iter().chain(sidecars);
        let ports = ports.flat_map(|container| &container.ports);
        let wanted = ports
            .filter(|port| port.host_port > 0)
            .map(|port| HostPort {
                port: port.host_port,
                protocol: port.protocol.clone().unwrap_or(Protocol::Tcp),
                ip: match port.host_ip.as_str() {
                    ANY => String::new(),
                    ip => ip.into(),
                },
            });
        let wanted: Vec<_> = wanted.collect();
        (!wanted.is_empty()).then_some(Self(wanted))
    }

    /// Whether a port of these conflicts with one that another pod of the node has: port and
    /// protocol are equal, and the addresses are, or one of them is `0.0.0.0`.
    ///
    /// ```
    /// use pod_lifecycle::{api::PodSpec, scheduling::{Misfit, ports::HostPorts}};
    ///
    /// let spec: PodSpec = serde_json::from_str(
    ///     r#"{"containers": [{"name": "web", "ports": [{"containerPort": 80, "hostPort": 80}]}]}"#,
    /// )?;
    /// let wanted = HostPorts::of(&spec).unwrap();
    /// assert_eq!(wanted.check(&wanted), Some(Misfit::Ports));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn check(&self, used: &Self) -> Option<Misfit> {
        self.conflict_with(used, &[]).then_some(Misfit::Ports)
    }

    /// Whether a port conflicts with one that another pod has, those that are `free` left aside.
    pub(super) fn conflict_with(&self, used: &Self, free: &[HostPort]) -> bool {
        let taken = |wanted: &HostPort| {
            let mut used = used.0.iter();
            used.any(|used| wanted.conflicts_with(used) && !free.contains(used))
        };
        self.0.iter().any(taken)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &HostPort> {
        self.0.iter()
    }
}
