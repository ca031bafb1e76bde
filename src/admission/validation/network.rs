//! Ports, host namespaces, names and name resolution.

use alloc::string::String;

use super::Context;
use crate::{
    admission::view::View,
    api::{ContainerPort, DNSPolicy, HostAlias, PodDNSConfig, PodSpec, Protocol},
    field::{At, Seen},
    format,
};

const MAX_NAMESERVERS: usize = 3;
const MAX_SEARCHES: usize = 32;

/// As long as all searches may be, with a space between them.
const MAX_SEARCH_LIST: usize = 2048;

/// As long as the name that a kernel gives out as its own may be.
const MAX_HOSTNAME: usize = 64;

pub(super) fn container_ports(at: &mut At<'_>, ports: &[ContainerPort]) {
    let mut names = Seen::new();
    for (index, port) in ports.iter().enumerate() {
        let at = &mut at.index(index);
        if !port.name.is_empty() {
            let at = &mut at.field("name");
            if at.accepts(|at| at.format(&port.name, format::port_name)) {
                at.unique(&mut names, &port.name);
            }
        }
        if port.container_port == 0 {
            at.field("containerPort").required("");
        } else {
            port_number(&mut at.field("containerPort"), port.container_port);
        }
        if port.host_port != 0 {
            port_number(&mut at.field("hostPort"), port.host_port);
        }
        at.field("protocol").one_of(port.protocol.as_ref());
    }
}

pub(super) fn port_number(at: &mut At<'_>, number: i32) {
    at.in_range(number, 1..=65_535);
}

/// A port of the node, as far as it matters who else has it.
pub(super) type HostPort<'a> = (&'a str, &'a str, i32);

pub(super) fn host_port_conflicts<'a>(
    at: &mut At<'_>,
    ports: &'a [ContainerPort],
    seen: &mut Seen<HostPort<'a>>,
) {
    for (index, port) in ports.iter().enumerate() {
        let protocol = port.protocol.as_ref().map_or("", Protocol::as_str);
        let key = (protocol, port.host_ip.as_str(), port.host_port);
        if port.host_port != 0 && !seen.insert(key) {
            at.index(index)
                .field("hostPort")
                .duplicate(alloc::format!("{}/{}/{}", key.0, key.1, key.2));
        }
    }
}

/// On the host's network a container's port is the host's; init containers are not looked at.
pub(super) fn host_network(at: &mut At<'_>, context: &Context<'_>) {
    if !context.spec.host_network {
        return;
    }
    at.field("containers")
        .each(&context.spec.containers, |at, container| {
            at.field("ports").each(&container.ports, |at, port| {
                let to_be_defaulted = context.metadata.is_none() && port.host_port == 0;
                if port.host_port != port.container_port && !to_be_defaulted {
                    at.field("hostPort").invalid(
                        port.host_port,
                        "must match `containerPort` when `hostNetwork` is true",
                    );
                }
            });
        });
}

/// A pod with users of its own has nothing of the host.
pub(super) fn host_users(at: &mut At<'_>, context: &Context<'_>) {
    let spec = context.spec;
    if context.host_users() {
        return;
    }
    if spec.host_network && !context.tolerated.host_network_without_host_users {
        at.field("hostNetwork")
            .forbidden("when `hostUsers` is false");
    }
    if spec.host_pid {
        at.field("HostPID").forbidden("when `hostUsers` is false");
    }
    if spec.host_ipc {
        at.field("HostIPC").forbidden("when `hostUsers` is false");
    }
    if !context.tolerated.devices_without_host_users {
        View::each(at, spec, |at, container| {
            if !container.volume_devices.is_empty() {
                at.field("volumeDevices")
                    .forbidden("when `hostUsers` is false");
            }
        });
    }
}

pub(super) fn hostname_override(at: &mut At<'_>, spec: &PodSpec) {
    let Some(name) = &spec.hostname_override else {
        return;
    };
    let at = &mut at.field("hostnameOverride");
    if spec.set_hostname_as_fqdn == Some(true) {
        at.forbidden("when `setHostnameAsFQDN` is true");
    }
    if spec.host_network {
        at.forbidden("when `hostNetwork` is true");
    }
    at.max_len(name, MAX_HOSTNAME);
    at.format(name, format::dns_subdomain);
}

pub(super) fn host_aliases(at: &mut At<'_>, aliases: &[HostAlias]) {
    at.each(aliases, |at, alias| {
        at.field("ip").format(&alias.ip, format::ip);
        at.field("hostnames").each(&alias.hostnames, |at, name| {
            at.format(name, format::dns_subdomain);
        });
    });
}

pub(super) fn dns_config(at: &mut At<'_>, spec: &PodSpec) {
    let config = spec.dns_config.as_deref();
    if spec.dns_policy == Some(DNSPolicy::None) {
        let Some(config) = config else {
            at.required("must be given where `dnsPolicy` is None");
            return;
        };
        if config.nameservers.is_empty() {
            at.field("nameservers")
                .required("must name one where `dnsPolicy` is None");
            return;
        }
    }
    let Some(config) = config else {
        return;
    };
    let nameservers = config.nameservers.as_slice();
    if nameservers.len() > MAX_NAMESERVERS {
        at.field("nameservers")
            .invalid(nameservers, "must not have more than 3 nameservers");
    }
    at.field("nameservers")
        .each(nameservers, |at, address| at.format(address, format::ip));
    searches(&mut at.field("searches"), config);
    at.field("options").each(&config.options, |at, option| {
        at.not_empty(&option.name);
    });
}

fn searches(at: &mut At<'_>, config: &PodDNSConfig) {
    let searches = config.searches.as_slice();
    if searches.len() > MAX_SEARCHES {
        at.invalid(searches, "must not have more than 32 search paths");
    }
    let spaces = searches.len().saturating_sub(1);
    if searches.iter().map(String::len).sum::<usize>() + spaces > MAX_SEARCH_LIST {
        at.invalid(
            searches,
            "must not have more than 2048 characters, one for each space between counted",
        );
    }
    at.each(searches, |at, search| {
        if search != "." {
            let name = search.strip_suffix('.').unwrap_or(search);
            at.format(name, format::dns_subdomain_with_underscores);
        }
    });
}
