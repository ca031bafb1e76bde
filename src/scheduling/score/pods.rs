//! Scores by the pods near a node.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use super::{MAX, Scores, percent, truncate};
use crate::{
    api::UnsatisfiableConstraintAction,
    scheduling::{
        Cycle,
        intern::{Id, index},
        node_info::NodeInfo,
        pod_affinity::Incoming,
        snapshot::Label,
        template::Terms,
        topology_spread::{Constraint, Spread},
    },
};

const HOSTNAME: &str = "kubernetes.io/hostname";

pub(super) fn topology_spread(cycle: &Cycle<'_>, nodes: &[(Id, &NodeInfo)]) -> Option<Scores> {
    let soft = UnsatisfiableConstraintAction::ScheduleAnyway;
    let spread = cycle.spread(&soft).ok()??;
    let weights: Vec<_> = spread
        .constraints
        .iter()
        .map(|constraint| ln(domains(&spread, constraint, nodes) + 2))
        .collect();
    let raw = nodes.iter().map(|(slot, info)| {
        spread.has_all_keys(*slot).then(|| {
            let constraints = spread.constraints.iter().zip(&weights);
            let sum = constraints.fold(0.0, |sum, (constraint, weight)| {
                let tolerated = i64::from(constraint.spec.max_skew) - 1;
                sum + (count(cycle, constraint, (*slot, info)) as f64 * weight + tolerated as f64)
            });
            round(sum)
        })
    });
    let raw: Vec<Option<i64>> = raw.collect();
    let scored = || raw.iter().flatten().copied();
    let least = scored().min().unwrap_or_default();
    let most = scored().max().unwrap_or_default().max(0);
    let normalized = raw.iter().map(|raw| match raw {
        None => 0,
        Some(_) if most == 0 => MAX,
        Some(raw) => percent(most.saturating_add(least).saturating_sub(*raw), most),
    });
    Some(Scores {
        normalized: normalized.collect(),
        raw: raw.iter().map(|raw| raw.unwrap_or_default()).collect(),
    })
}

/// How many domains the nodes are in.
fn domains(spread: &Spread<'_>, constraint: &Constraint<'_>, nodes: &[(Id, &NodeInfo)]) -> usize {
    let with_keys = nodes.iter().filter(|(slot, _)| spread.has_all_keys(*slot));
    if constraint.spec.topology_key == HOSTNAME {
        return with_keys.count();
    }
    let domains: BTreeSet<_> = with_keys
        .filter_map(|(slot, _)| constraint.domain(*slot))
        .collect();
    domains.len()
}

/// How many of the pod's like there are in a node's domain; a node that is its own domain is asked
/// itself.
fn count(cycle: &Cycle<'_>, constraint: &Constraint<'_>, node: (Id, &NodeInfo)) -> i64 {
    let (slot, info) = node;
    if constraint.spec.topology_key != HOSTNAME {
        let domain = constraint.domain(slot);
        return domain.map_or(0, |domain| constraint.count(domain));
    }
    let namespace = &cycle.pod.metadata.namespace;
    let pods = info
        .details
        .pods
        .iter()
        .filter_map(|pod| cycle.snapshot.pod(*pod));
    let like = pods.filter(|(entry, template)| {
        !entry.is_terminating && constraint.counts(template, namespace)
    });
    i64::try_from(like.count()).unwrap_or(i64::MAX)
}

/// How much a required term of a pod that is there counts.
const HARD_WEIGHT: i64 = 1;

pub(super) fn inter_pod_affinity(cycle: &Cycle<'_>, nodes: &[(Id, &NodeInfo)]) -> Option<Scores> {
    let snapshot = cycle.snapshot;
    let terms = Terms::strict(cycle.pod).ok()?;
    let incoming = Incoming::new(cycle.pod, terms, snapshot);
    let mut sums: Vec<i64> = Vec::new();
    let mut labels: BTreeMap<Id, Label<'_>> = BTreeMap::new();
    let mut add = |template: Id, key: &str, weight: i64| {
        let Some(label) = snapshot.label(key) else {
            return;
        };
        for (slot, placement) in snapshot.placements(template) {
            let Some(pair) = label.of(slot) else {
                continue;
            };
            if sums.is_empty() {
                sums.resize(snapshot.pairs.bound(), 0);
            }
            labels.insert(label.key, label);
            if let Some(sum) = sums.get_mut(index(pair)) {
                *sum += weight * i64::from(placement.pods);
            }
        }
    };
    for (id, template) in snapshot.templates.iter() {
        for (weight, term) in &incoming.terms.preferred {
            if Incoming::means(term, template) {
                add(id, &term.topology_key, *weight);
            }
        }
        let required = template.terms.affinity.iter();
        let required = required.map(|term| (HARD_WEIGHT, term));
        let preferred = template.terms.preferred.iter();
        let preferred = preferred.map(|(weight, term)| (*weight, term));
        for (weight, term) in required.chain(preferred) {
            if incoming.is_meant_by(term) {
                add(id, &term.topology_key, weight);
            }
        }
    }
    if labels.is_empty() {
        return None;
    }
    let raw = nodes.iter().map(|(slot, _)| {
        let pairs = labels.values().filter_map(|label| label.of(*slot));
        pairs.filter_map(|pair| sums.get(index(pair))).sum()
    });
    let raw: Vec<i64> = raw.collect();
    let least = raw.iter().copied().min().unwrap_or_default();
    let most = raw.iter().copied().max().unwrap_or_default();
    let range = most.saturating_sub(least);
    let normalized = raw.iter().map(|raw| {
        if range == 0 {
            return 0;
        }
        let share = raw.saturating_sub(least) as f64 / range as f64;
        truncate(MAX as f64 * share)
    });
    Some(Scores {
        normalized: normalized.collect(),
        raw,
    })
}

/// Rounds to the nearest integer, halves away from zero.
fn round(number: f64) -> i64 {
    let whole = truncate(number);
    let rest = number - whole as f64;
    if rest >= 0.5 {
        whole + 1
    } else if rest <= -0.5 {
        whole - 1
    } else {
        whole
    }
}

/// The natural logarithm of a positive number, which `core` has not: as the sum of its factors of
/// two and of the series of 2·artanh((m − 1) / (m + 1)) for the rest m, which is near 1.
fn ln(number: usize) -> f64 {
    let mut rest = number as f64;
    let mut twos = 0.0;
    while rest > core::f64::consts::SQRT_2 {
        rest /= 2.0;
        twos += 1.0;
    }
    let s = (rest - 1.0) / (rest + 1.0);
    let square = s * s;
    let terms = (0_u32..14).rev();
    let series = terms.fold(0.0, |sum, n| sum * square + 1.0 / f64::from(2 * n + 1));
    twos * core::f64::consts::LN_2 + 2.0 * s * series
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_are_as_exact_as_their_type() {
        for (number, known) in [
            (2, core::f64::consts::LN_2),
            (3, 1.098_612_288_668_109_8),
            (10, core::f64::consts::LN_10),
            (5002, 8.517_593_111_437_565),
        ] {
            assert!(
                (ln(number) - known).abs() <= 2e-15,
                "{number}: {}",
                ln(number)
            );
        }
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        assert_eq!([0.5, 1.4, -0.5, -1.4].map(round), [1, 1, -1, -1]);
    }
}
