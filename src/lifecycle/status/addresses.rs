//! The addresses of a pod and its node.

use alloc::{string::ToString, vec::Vec};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::api::{HostIP, Pod, PodIP, PodStatus};

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
    for ip in pod_ips.into_iter().filter_map(parse) {
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
        let is_ipv6 = parse(&only.ip).is_some_and(|ip| ip.is_ipv6());
        if is_ipv6 != second.to_canonical().is_ipv6() {
            status.pod_ips.push(PodIP { ip: text(second) });
        }
    }
}

/// Reads an address as Go's `net.ParseIP` did before version 1.17; an IPv4 address mapped to IPv6 is one of IPv4.
fn parse(text: &str) -> Option<IpAddr> {
    match text.bytes().find(|byte| matches!(byte, b'.' | b':'))? {
        b'.' => parse_v4(text).map(IpAddr::V4),
        _ => parse_v6(text).map(|ip| IpAddr::V6(ip).to_canonical()),
    }
}

fn parse_v4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        *octet = u8::try_from(number(parts.next()?, 10)?).ok()?;
    }
    parts.next().is_none().then(|| octets.into())
}

fn parse_v6(text: &str) -> Option<Ipv6Addr> {
    let (head, tail) = match text.split_once("::") {
        Some((head, tail)) => (head, Some(tail)),
        None => (text, None),
    };
    let head = groups(head)?;
    let mut segments = [0; 8];
    let Some(tail) = tail else {
        return <[u16; 8]>::try_from(head).ok().map(Ipv6Addr::from);
    };
    let tail = groups(tail)?;
    if head.len().checked_add(tail.len())? >= segments.len() {
        return None;
    }
    segments.get_mut(..head.len())?.copy_from_slice(&head);
    let from = segments.len().checked_sub(tail.len())?;
    segments.get_mut(from..)?.copy_from_slice(&tail);
    Some(segments.into())
}

/// Reads groups of hexadecimal digits between colons, the last of which may be an IPv4 address.
fn groups(text: &str) -> Option<Vec<u16>> {
    let mut groups = Vec::new();
    if text.is_empty() {
        return Some(groups);
    }
    let mut parts = text.split(':').peekable();
    while let Some(part) = parts.next() {
        if groups.len() > 8 {
            return None;
        }
        if part.contains('.') && parts.peek().is_none() {
            let [a, b, c, d] = parse_v4(part)?.octets();
            groups.extend([u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])]);
        } else {
            groups.push(u16::try_from(number(part, 16)?).ok()?);
        }
    }
    Some(groups)
}

fn number(digits: &str, radix: u32) -> Option<u32> {
    // `from_str_radix` takes a sign, an address does not.
    if digits.starts_with('+') {
        return None;
    }
    u32::from_str_radix(digits, radix).ok()
}
