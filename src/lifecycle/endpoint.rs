//! What a service's endpoint slices say of a pod.
//!
//! Follows the endpoint slice controller's `podToEndpoint` and `ShouldPodBeInEndpoints` (v1.36).

use super::{health, kind};
use crate::{api::Pod, format::parse_ip};

/// Whether a service's endpoints wait for their pods to be ready: `spec.publishNotReadyAddresses`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Publish {
    /// An endpoint is ready when its pod is.
    #[default]
    WhenReady,
    /// Every endpoint counts as ready.
    Always,
}

/// The conditions of a pod's endpoint.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Conditions {
    /// Whether it takes new connections: the pod is ready and not being deleted, or readiness does not matter.
    pub ready: bool,
    /// Whether the pod is ready, even while it is being deleted; proxies use such endpoints when there are no others.
    pub serving: bool,
    /// Whether the pod is being deleted.
    pub terminating: bool,
}

/// The kind of addresses that an endpoint slice holds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Family {
    /// `IPv4`.
    V4,
    /// `IPv6`.
    V6,
}

/// Returns the conditions of a pod's endpoint, or `None` for a pod that is in no endpoint slice.
///
/// A pod is in none when it is over or has no address; one that is being deleted stays in until then.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::endpoint::{self, Conditions, Publish}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{
///         "metadata": {"deletionTimestamp": "2026-03-01T09:00:00Z"},
///         "status": {"podIP": "10.0.0.7", "conditions": [{"type": "Ready", "status": "True"}]}
///     }"#,
/// )?;
/// let draining = Conditions { ready: false, serving: true, terminating: true };
/// assert_eq!(endpoint::conditions(&pod, Publish::WhenReady), Some(draining));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn conditions(pod: &Pod, publish: Publish) -> Option<Conditions> {
    let status = &pod.status;
    let has_address = !status.pod_ip.is_empty() || !status.pod_ips.is_empty();
    if kind::is_terminal(status.phase.as_ref()) || !has_address {
        return None;
    }
    let serving = health::is_ready(pod);
    let terminating = pod.metadata.deletion_timestamp.is_some();
    Some(Conditions {
        ready: publish == Publish::Always || (serving && !terminating),
        serving,
        terminating,
    })
}

/// Returns the pod's addresses of one family, as its endpoint has them.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::endpoint::{self, Family}};
///
/// let pod: Pod = serde_json::from_str(r#"{"status": {"podIPs": [{"ip": "10.0.0.7"}, {"ip": "fd00::7"}]}}"#)?;
/// assert!(endpoint::addresses(&pod, Family::V6).eq(["fd00::7"]));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn addresses(pod: &Pod, family: Family) -> impl Iterator<Item = &str> {
    let ips = pod.status.pod_ips.iter().map(|ip| &*ip.ip);
    // What cannot be read as an address counts as one of IPv4.
    let is_v6 = |ip: &str| parse_ip(ip).is_some_and(|ip| ip.is_ipv6());
    ips.filter(move |ip| is_v6(ip) == (family == Family::V6))
}

/// Returns the name under which the pod's endpoint is found in the service's domain, if it has one.
///
/// That is `spec.hostname`, where `spec.subdomain` is the service's name and the service is in the pod's namespace.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::endpoint};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"metadata": {"namespace": "shop"}, "spec": {"hostname": "db-0", "subdomain": "db"}}"#,
/// )?;
/// assert_eq!(endpoint::hostname(&pod, "shop", "db"), Some("db-0"));
/// assert_eq!(endpoint::hostname(&pod, "shop", "web"), None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn hostname<'a>(pod: &'a Pod, service_namespace: &str, service_name: &str) -> Option<&'a str> {
    let spec = &pod.spec;
    let is_named = !spec.hostname.is_empty()
        && spec.subdomain == service_name
        && pod.metadata.namespace == service_namespace;
    is_named.then_some(&*spec.hostname)
}
