//! Warnings about containers.

use alloc::{collections::BTreeMap, format, vec::Vec};

use super::{Found, fractions};
use crate::{
    admission::{
        validation::{SECCOMP_CONTAINER, annotation_of_container},
        view::View,
    },
    api::{ContainerPort, EnvVar, Pod, Protocol},
    field::{At, Seen},
};

pub(super) fn containers(at: &mut At<'_>, pod: &Pod, found: &mut Found) {
    let annotations = &pod.metadata.annotations;
    View::each(at, &pod.spec, |at, container| {
        let own = container.security_context;
        let has_field = own.is_some_and(|own| own.seccomp_profile.is_some());
        let annotation = annotation_of_container(annotations, SECCOMP_CONTAINER, container.name);
        if !has_field && annotation.is_some() {
            let key = format!("{SECCOMP_CONTAINER}{}", container.name);
            let at = &mut at.elsewhere("metadata.annotations");
            found.at(
                &at.key(&key),
                "not read any more: use `securityContext.seccompProfile`",
            );
        }
        let resources = container.resources;
        {
            let at = &mut at.field("resources");
            fractions(&mut at.field("limits"), &resources.limits, found);
            fractions(&mut at.field("requests"), &resources.requests, found);
        }
        repeated_variables(&mut at.field("env"), container.env, found);
    });
    let mut seen = Ports::default();
    View::each(at, &pod.spec, |at, container| {
        for (index, port) in container.ports.iter().enumerate() {
            let at = &mut at.field("ports");
            seen.add(&at.index(index), port, container.name, found);
        }
    });
    let mut names = Seen::new();
    View::each(at, &pod.spec, |at, container| {
        for (index, port) in container.ports.iter().enumerate() {
            if !port.name.is_empty() && !names.insert(port.name.as_str()) {
                found.at(&at.field("ports").index(index), "repeats a port's name");
            }
        }
    });
}

/// A variable may be defined again with its former value in the new one.
fn repeated_variables(at: &mut At<'_>, variables: &[EnvVar], found: &mut Found) {
    let mut seen = Seen::new();
    for (index, variable) in variables.iter().enumerate() {
        if seen.insert(variable.name.as_str()) {
            continue;
        }
        let former = format!("$({})", variable.name);
        let builds_on_it = variable.value_from.is_none()
            && variable.value != former
            && variable.value.contains(&former);
        if !builds_on_it {
            found.at(&at.index(index), "hides an earlier definition");
        }
    }
}

/// A port, and the container that has it.
type Owned<'a> = (&'a ContainerPort, &'a str);

/// A port of the node, an address of it, and a position.
type OfNode<'a> = (i64, &'a str, usize);

/// The ports so far.
#[derive(Default)]
struct Ports<'a>(BTreeMap<(i32, &'a str, OfNode<'a>), Owned<'a>>);

impl<'a> Ports<'a> {
    fn add(&mut self, at: &At<'_>, port: &'a ContainerPort, container: &'a str, found: &mut Found) {
        if !port.host_ip.is_empty() && port.host_port == 0 {
            found.at(at, "hostIP means nothing without hostPort");
        }
        if found.is_full() {
            return;
        }
        let mut near = self.near(port);
        near.sort_unstable_by_key(|(position, _)| *position);
        for (_, (other, owner)) in near {
            if let Some(how) = clash(port, other) {
                found.at(at, format!("{how} a port of container {owner:?}"));
            }
        }
        let of_node = (i64::from(port.host_port), &*port.host_ip, self.0.len());
        let key = (port.container_port, protocol(port), of_node);
        self.0.insert(key, (port, container));
    }

    /// Finds the ports that a port clashes with, with their positions.
    fn near(&self, port: &ContainerPort) -> Vec<(usize, Owned<'a>)> {
        let mut near = Vec::new();
        let mut add = |least: OfNode<'_>, end: OfNode<'_>| {
            let key = |of_node| (port.container_port, protocol(port), of_node);
            let found = self.0.range(key(least)..key(end));
            near.extend(found.map(|((_, _, of_node), owned)| (of_node.2, *owned)));
        };
        let of_node = i64::from(port.host_port);
        let address = port.host_ip.as_str();
        if of_node == 0 {
            add((i64::MIN, "", 0), (i64::MAX, "", 0));
            return near;
        }
        add((0, "", 0), (1, "", 0));
        if address.is_empty() {
            add((of_node, "", 0), (of_node + 1, "", 0));
        } else {
            add((of_node, "", 0), (of_node, "", usize::MAX));
            add((of_node, address, 0), (of_node, address, usize::MAX));
        }
        near
    }
}

fn protocol(port: &ContainerPort) -> &str {
    port.protocol.as_ref().map_or("", Protocol::as_str)
}

fn clash(port: &ContainerPort, other: &ContainerPort) -> Option<&'static str> {
    if port.host_ip == other.host_ip && port.host_port == other.host_port {
        Some("repeats")
    } else if port.host_port == 0 || other.host_port == 0 {
        Some("overlaps with")
    } else if port.host_port == other.host_port
        && port.host_ip.is_empty() != other.host_ip.is_empty()
    {
        Some("may or may not conflict with")
    } else {
        None
    }
}
