//! Which pods a pod wants, and does not want, near it.

use alloc::string::String;

use super::placement::{
    PREFERRED, REQUIRED, Values, doubled_label_keys, label_keys, label_selector,
};
use crate::{
    api::{PodAffinityTerm, PodSpec, WeightedPodAffinityTerm},
    field::{self, At, Seen},
    format,
};

pub(super) fn terms(
    at: &mut At<'_>,
    required: &[PodAffinityTerm],
    preferred: &[WeightedPodAffinityTerm],
    values: Values,
) {
    at.field(REQUIRED).each(required, |at, term| {
        self::term(at, term, values);
    });
    at.field(PREFERRED).each(preferred, |at, preference| {
        at.field("weight").in_range(preference.weight, 1..=100);
        let at = &mut at.field("podAffinityTerm");
        term(at, &preference.pod_affinity_term, values);
    });
}

fn term(at: &mut At<'_>, term: &PodAffinityTerm, values: Values) {
    selectors(at, term, values);
    for namespace in &term.namespaces {
        at.field("namespace").format(namespace, format::dns_label);
    }
    keys(at, term);
    let at = &mut at.field("topologyKey");
    at.not_empty(&term.topology_key);
    at.format(&term.topology_key, format::label_key);
}

fn selectors(at: &mut At<'_>, term: &PodAffinityTerm, values: Values) {
    if let Some(selector) = &term.label_selector {
        label_selector(&mut at.field("labelSelector"), selector, values);
    }
    if let Some(selector) = &term.namespace_selector {
        label_selector(&mut at.field("namespaceSelector"), selector, values);
    }
}

fn keys(at: &mut At<'_>, term: &PodAffinityTerm) {
    let selector = term.label_selector.as_deref();
    label_keys(at, "matchLabelKeys", &term.match_label_keys, selector);
    label_keys(at, "mismatchLabelKeys", &term.mismatch_label_keys, selector);
    doubled_label_keys(at, &term.match_label_keys, selector);
    let mismatched = term.mismatch_label_keys.iter();
    let mismatched: Seen<_> = mismatched.map(String::as_str).collect();
    at.field("matchLabelKeys")
        .each(&term.match_label_keys, |at, key: &String| {
            if mismatched.contains(&key.as_str()) {
                at.invalid(key, "exists in both matchLabelKeys and mismatchLabelKeys");
            }
        });
}

/// Whether some selector breaks a rule.
pub(super) fn has_invalid_selector(spec: &PodSpec) -> bool {
    let Some(affinity) = spec.affinity.as_deref() else {
        return false;
    };
    let lists = [
        affinity.pod_affinity.as_ref().map(|terms| {
            (
                &terms.required_during_scheduling_ignored_during_execution,
                &terms.preferred_during_scheduling_ignored_during_execution,
            )
        }),
        affinity.pod_anti_affinity.as_ref().map(|terms| {
            (
                &terms.required_during_scheduling_ignored_during_execution,
                &terms.preferred_during_scheduling_ignored_during_execution,
            )
        }),
    ];
    let judged = field::collect("", |at| {
        for (required, preferred) in lists.into_iter().flatten() {
            for term in required {
                selectors(at, term, Values::Judged);
            }
            for preference in preferred {
                selectors(at, &preference.pod_affinity_term, Values::Judged);
            }
        }
    });
    judged.is_err()
}
