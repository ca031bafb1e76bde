//! IP addresses, as today's rules and as older ones have them.

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::Violations;

/// The text of an address, as the fields of a pod may have it: without zone, without leading zeros,
/// and no IPv4 address in the form of an IPv6 one. IPv6 need not be canonical.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::ip("2001:DB8:0::1").is_empty());
/// assert_eq!(format::ip("010.0.0.1").to_string(), "must not have leading 0s");
/// assert_eq!(format::ip("fe80::1%eth0").len(), 1);
/// ```
pub fn ip(value: &str) -> Violations {
    let violations = Violations::none("format=ip-sloppy");
    match value.parse() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_some() => {
            violations.when(true, "must not be an IPv4-mapped IPv6 address")
        }
        Ok(_) => violations,
        Err(_) if parse_ip(value).is_some() => violations.when(true, "must not have leading 0s"),
        Err(_) => violations.when(
            true,
            "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
        ),
    }
}

/// Reads an address as Kubernetes always has: leading zeros are allowed and mean nothing, and an
/// IPv4 address in the form of an IPv6 one is the IPv4 address.
///
/// ```
/// # use pod_lifecycle::format;
/// assert_eq!(format::parse_ip("010.001.2.3"), "10.1.2.3".parse().ok());
/// assert_eq!(format::parse_ip("::ffff:10.1.2.3"), "10.1.2.3".parse().ok());
/// assert_eq!(format::parse_ip("10.1.2"), None);
/// # Ok::<(), core::net::AddrParseError>(())
/// ```
#[must_use]
pub fn parse_ip(text: &str) -> Option<IpAddr> {
    match text.find(['.', ':']).map(|index| text.split_at(index)) {
        Some((_, rest)) if rest.starts_with('.') => ipv4(text).map(IpAddr::V4),
        Some(_) => ipv6(text).map(|address| IpAddr::V6(address).to_canonical()),
        None => None,
    }
}

fn ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut fields = text.split('.');
    for octet in &mut octets {
        *octet = u8::try_from(number(fields.next()?, 10)?).ok()?;
    }
    fields.next().is_none().then(|| octets.into())
}

fn ipv6(text: &str) -> Option<Ipv6Addr> {
    let mut groups = [0; 8];
    let Some((head, tail)) = text.split_once("::") else {
        return (read_groups(text, &mut groups)? == groups.len()).then(|| groups.into());
    };
    let before = if head.is_empty() {
        0
    } else if head.contains('.') {
        // An IPv4 address can only be the end.
        return None;
    } else {
        read_groups(head, &mut groups)?
    };
    let mut rest = [0; 8];
    let after = if tail.is_empty() {
        0
    } else {
        read_groups(tail, &mut rest)?
    };
    // The two colons stand for at least one group.
    let gap = groups
        .len()
        .checked_sub(before + after)
        .filter(|gap| *gap > 0)?;
    groups[before + gap..].copy_from_slice(&rest[..after]);
    Some(groups.into())
}

/// Reads groups with single colons between them, and tells how many there are.
fn read_groups(text: &str, groups: &mut [u16; 8]) -> Option<usize> {
    let mut count = 0;
    let mut fields = text.split(':').peekable();
    while let Some(field) = fields.next() {
        if field.contains('.') && fields.peek().is_none() {
            let [a, b, c, d] = ipv4(field)?.octets();
            for pair in [[a, b], [c, d]] {
                *groups.get_mut(count)? = u16::from_be_bytes(pair);
                count += 1;
            }
        } else {
            *groups.get_mut(count)? = u16::try_from(number(field, 16)?).ok()?;
            count += 1;
        }
    }
    Some(count)
}

/// Digits and nothing else, any number of zeros before them.
fn number(text: &str, radix: u32) -> Option<u32> {
    let digits = text.trim_start_matches('0');
    if digits.is_empty() {
        return (!text.is_empty()).then_some(0);
    }
    // The parser would take a sign.
    let all_digits = digits.chars().all(|c| c.is_digit(radix));
    u32::from_str_radix(digits, radix)
        .ok()
        .filter(|_| all_digits)
}
