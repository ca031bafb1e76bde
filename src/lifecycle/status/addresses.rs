//! The addresses of a pod and its node.

use alloc::{string::ToString, vec::Vec};
use core::net::IpAddr;

use crate::{
    api::{HostIP, Pod, PodIP, PodStatus},
    format::parse_ip,
};

/// Returns a pod's addresses in the order in which they are published, at most one of each family.
///
/// Follows the kubelet's `sortPodIPs` (v1.36): the family of the node's first address comes first, IPv4 without one. Texts are
/// read as Kubernetes reads them, with leading zeros in an IPv4 address; what cannot be read is left out.
///
/// ```
/// use pod_lifecycle::lifecycle::status::sort_pod_ips;
///
/// let node = ["2001:db8::1".parse()?];
/// let sorted = sort_pod_ips(&node, ["010.0.0.7", "2001:db8::7", "10.0.0.8"]);
/// let sorted: Vec<_> = sorted.iter().map(|ip| ip.to_string()).collect();
/// assert_eq!(sorted, ["2001:db8::7", "10.0.0.7"]);
/// # Ok::<(), std::net::AddrParseError>(())
/// ```
#[must_use]
pub fn sort_pod_ips<'a>(
    node_ips: &[IpAddr],
    pod_ips: impl IntoIterator<Item = &'a str>,
) -> Vec<IpAddr> {
    let (mut v4, mut v6) = (None, None);
    for ip in pod_ips.into_iter().filter_map(parse_ip) {
        if ip.is_ipv4() {
            v4.get_or_insert(ip);
        } else {
            v6.get_or_insert(ip);
        }
    }
    let v6_first = node_ips
        .first()
        .is_some_and(|ip| ip.to_canonical().is_ipv6());
    let ordered = if v6_first { [v6, v4] } else { [v4, v6] };
    ordered.into_iter().flatten().collect()
}

/// Sets the node's addresses, and a host-network pod's own, which are the node's.
pub(super) fn set_host_ips(status: &mut PodStatus, pod: &Pod, host_ips: &[IpAddr]) {
    let text = |ip: &IpAddr| ip.to_canonical().to_string();
    let Some(first) = host_ips.first() else {
        return;
    };
    status.host_ip = text(first);
    status.host_ips = host_ips
        .iter()
        .take(2)
        .map(|ip| HostIP { ip: text(ip) })
        .collect();
    if !pod.spec.host_network {
        return;
    }
    if status.pod_ip.is_empty() {
        status.pod_ip = text(first);
        status.pod_ips = [PodIP { ip: text(first) }].into();
    }
    if let (Some(second), [only]) = (host_ips.get(1), &*status.pod_ips) {
        let is_ipv6 = parse_ip(&only.ip).is_some_and(|ip| ip.is_ipv6());
        if is_ipv6 != second.to_canonical().is_ipv6() {
            status.pod_ips.push(PodIP { ip: text(second) });
        }
    }
}
