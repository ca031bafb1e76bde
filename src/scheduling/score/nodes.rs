//! Scores by what a node itself is like.

use alloc::{borrow::Cow, format, vec::Vec};

use super::{Scores, percent, truncate};
use crate::{
    api::{TaintEffect, Volume, VolumeSource},
    labels::NodeSelectorTerm,
    scheduling::{
        Cycle,
        compiled::TermTest,
        intern::{Id, index},
        node_info::NodeInfo,
    },
    tolerations,
};

pub(super) fn taint_toleration(cycle: &Cycle<'_>, nodes: &[(Id, &NodeInfo)]) -> Scores {
    let tolerations = &cycle.pod.spec.tolerations;
    let taints = &cycle.snapshot.taints;
    let mut untolerated = alloc::vec![0; taints.bound()];
    for (id, taints) in taints.iter() {
        let minded = taints.iter().filter(|taint| {
            taint.effect == Some(TaintEffect::PreferNoSchedule)
                && tolerations::first_untolerated([*taint], tolerations).is_some()
        });
        if let Some(place) = untolerated.get_mut(index(id)) {
            *place = i64::try_from(minded.count()).unwrap_or(i64::MAX);
        }
    }
    let raw = nodes.iter().map(|(_, info)| {
        let count = untolerated.get(index(info.taints));
        count.copied().unwrap_or_default()
    });
    Scores::least_is_best(raw.collect())
}

pub(super) fn node_affinity(cycle: &Cycle<'_>, nodes: &[(Id, &NodeInfo)]) -> Option<Scores> {
    let affinity = cycle.pod.spec.affinity.as_ref()?.node_affinity.as_ref()?;
    let preferred = &affinity.preferred_during_scheduling_ignored_during_execution;
    if preferred.is_empty() {
        return None;
    }
    let terms = preferred.iter().filter(|term| term.weight != 0);
    let terms = terms.map(|term| {
        let parsed = NodeSelectorTerm::parse_lossy(&term.preference);
        (
            i64::from(term.weight),
            TermTest::new(&parsed, cycle.snapshot),
        )
    });
    let terms: Vec<_> = terms.collect();
    let raw = nodes.iter().map(|(slot, info)| {
        let matching = terms.iter().filter(|(_, term)| term.matches(*slot, info));
        matching.map(|(weight, _)| weight).sum()
    });
    Some(Scores::greatest_is_best(raw.collect()))
}

/// Below this an image counts for nothing.
const LEAST_BYTES: i64 = 23 << 20;

/// From this on, times the containers, more images do not count for more.
const MOST_BYTES: i64 = 1000 << 20;

pub(super) fn image_locality(cycle: &Cycle<'_>, nodes: &[(Id, &NodeInfo)]) -> Scores {
    let spec = &cycle.pod.spec;
    let snapshot = cycle.snapshot;
    let containers = || spec.containers.iter().chain(&spec.init_containers);
    let volumes = spec.volumes.iter().flat_map(Volume::sources);
    let volumes = volumes.filter_map(|source| match source {
        VolumeSource::Image(image) => Some(&*image.reference),
        _ => None,
    });
    let names = containers()
        .map(|container| &*container.image)
        .chain(volumes);
    // The share of the nodes that have an image keeps pods from crowding on the only one that does.
    let total = snapshot.len() as f64;
    let images = names.filter_map(|name| {
        let name = with_tag(name);
        let image = snapshot.images.find(&*name, |known| **known == *name)?;
        Some((image, f64::from(snapshot.images.uses(image)) / total))
    });
    let images: Vec<_> = images.collect();
    let count = i64::try_from(containers().count()).unwrap_or(i64::MAX);
    let most = MOST_BYTES.saturating_mul(count);
    let raw = nodes.iter().map(|(_, info)| {
        let bytes = images.iter().filter_map(|(image, share)| {
            let place = info
                .details
                .images
                .binary_search_by_key(image, |(image, _)| *image);
            let (_, size) = info.details.images.get(place.ok()?)?;
            Some(truncate(*size as f64 * share))
        });
        let mut bytes = bytes.fold(0, i64::saturating_add);
        if bytes < LEAST_BYTES {
            bytes = LEAST_BYTES;
        } else if bytes > most {
            bytes = most;
        }
        percent(bytes - LEAST_BYTES, most - LEAST_BYTES)
    });
    Scores::as_counted(raw.collect())
}

/// The name under which nodes report an image.
fn with_tag(image: &str) -> Cow<'_, str> {
    if image.rfind(':') > image.rfind('/') {
        Cow::Borrowed(image)
    } else {
        Cow::Owned(format!("{image}:latest"))
    }
}
