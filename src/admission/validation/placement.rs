//! Where a pod may and wants to run.

use alloc::{format, string::String, vec::Vec};

use super::{Context, pod_affinity};
use crate::{
    api::{
        Affinity, LabelSelector, LabelSelectorOperator, NodeAffinity, NodeSelectorOperator,
        NodeSelectorRequirement, NodeSelectorTerm, PodSchedulingGate, TaintEffect, Toleration,
        TolerationOperator, TopologySpreadConstraint, UnsatisfiableConstraintAction,
    },
    field::{At, Index, Seen},
    format,
};

/// Whether the values of a selector are judged, too.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Values {
    /// They must be values that a label can have.
    Judged,
    /// They may be what they are.
    Passed,
}

impl Values {
    pub(super) const fn passed_if(tolerated: bool) -> Self {
        if tolerated {
            Self::Passed
        } else {
            Self::Judged
        }
    }
}

pub(super) fn label_selector(at: &mut At<'_>, selector: &LabelSelector, values: Values) {
    super::metadata::labels(&mut at.field("matchLabels"), &selector.match_labels);
    at.field("matchExpressions")
        .each(&selector.match_expressions, |at, requirement| {
            let has_values = !requirement.values.is_empty();
            match &requirement.operator {
                Some(LabelSelectorOperator::In | LabelSelectorOperator::NotIn) => {
                    if !has_values {
                        at.field("values").required("In and NotIn need values");
                    }
                }
                Some(LabelSelectorOperator::Exists | LabelSelectorOperator::DoesNotExist) => {
                    if has_values {
                        at.field("values")
                            .forbidden("Exists and DoesNotExist have no values");
                    }
                }
                Some(LabelSelectorOperator::Other(_)) | None => {
                    let operator = requirement.operator.as_ref();
                    at.field("operator").invalid(
                        operator.map_or("", LabelSelectorOperator::as_str),
                        "not a valid selector operator",
                    );
                }
            }
            at.field("key").format(&requirement.key, format::label_key);
            if values == Values::Judged {
                at.field("values").each(&requirement.values, |at, value| {
                    at.format(value, format::label_value);
                });
            }
        });
}

pub(super) fn toleration(at: &mut At<'_>, toleration: &Toleration, context: &Context<'_>) {
    let operator = toleration.operator.as_ref();
    let exists = operator == Some(&TolerationOperator::Exists);
    if !toleration.key.is_empty() {
        at.field("key").format(&toleration.key, format::label_key);
    } else if !exists {
        at.field("operator").invalid(
            operator.map_or("", TolerationOperator::as_str),
            "must be Exists when `key` is empty, which means all keys",
        );
    }
    if toleration.toleration_seconds.is_some() && toleration.effect != Some(TaintEffect::NoExecute)
    {
        at.field("effect").invalid(
            toleration.effect.as_ref().map_or("", TaintEffect::as_str),
            "must be NoExecute when `tolerationSeconds` is set",
        );
    }
    match operator {
        None | Some(TolerationOperator::Equal) => {
            let violations = format::label_value(&toleration.value);
            if !violations.is_empty() {
                at.field("operator")
                    .invalid(&toleration.value, format!("{violations}"));
            }
        }
        Some(TolerationOperator::Exists) => {
            if !toleration.value.is_empty() {
                at.field("operator")
                    .invalid("Exists", "value must be empty when `operator` is 'Exists'");
            }
        }
        Some(TolerationOperator::Lt | TolerationOperator::Gt)
            if context.tolerated.comparison_tolerations =>
        {
            let at = &mut at.field("value");
            at.format(&toleration.value, format::decimal_integer);
            if toleration.value.parse::<i64>().is_err() {
                at.invalid(&toleration.value, "must be an integer of 64 bits");
            }
        }
        Some(other) => {
            at.field("operator")
                .not_supported(other.as_str(), &["Equal", "Exists"]);
        }
    }
    if let effect @ Some(_) = &toleration.effect {
        at.field("effect").supported(effect.as_ref());
    }
}

pub(super) fn affinity(at: &mut At<'_>, affinity: &Affinity, context: &Context<'_>) {
    if let Some(terms) = &affinity.node_affinity {
        let values = Values::passed_if(context.tolerated.node_affinity_values);
        node_affinity(&mut at.field("nodeAffinity"), terms, values);
    }
    let values = Values::passed_if(context.tolerated.pod_affinity_values);
    if let Some(terms) = &affinity.pod_affinity {
        pod_affinity::terms(
            &mut at.field("podAffinity"),
            &terms.required_during_scheduling_ignored_during_execution,
            &terms.preferred_during_scheduling_ignored_during_execution,
            values,
        );
    }
    if let Some(terms) = &affinity.pod_anti_affinity {
        pod_affinity::terms(
            &mut at.field("podAntiAffinity"),
            &terms.required_during_scheduling_ignored_during_execution,
            &terms.preferred_during_scheduling_ignored_during_execution,
            values,
        );
    }
}

pub(in crate::admission) const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
pub(in crate::admission) const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

fn node_affinity(at: &mut At<'_>, affinity: &NodeAffinity, values: Values) {
    if let Some(selector) = &affinity.required_during_scheduling_ignored_during_execution {
        let at = &mut at.field(REQUIRED);
        let at = &mut at.field("nodeSelectorTerms");
        if selector.node_selector_terms.is_empty() {
            at.required("must have at least one node selector term");
        }
        at.each(&selector.node_selector_terms, |at, term| {
            node_selector_term(at, term, values);
        });
    }
    at.field(PREFERRED).each(
        &affinity.preferred_during_scheduling_ignored_during_execution,
        |at, preference| {
            at.field("weight").in_range(preference.weight, 1..=100);
            let at = &mut at.field("preference");
            node_selector_term(at, &preference.preference, Values::Passed);
        },
    );
}

pub(super) fn node_selector_term(at: &mut At<'_>, term: &NodeSelectorTerm, values: Values) {
    at.field("matchExpressions")
        .each(&term.match_expressions, |at, requirement| {
            node_label_requirement(at, requirement, values);
        });
    at.field("matchFields")
        .each(&term.match_fields, node_field_requirement);
}

fn node_label_requirement(at: &mut At<'_>, requirement: &NodeSelectorRequirement, values: Values) {
    let number = requirement.values.len();
    match &requirement.operator {
        Some(NodeSelectorOperator::In | NodeSelectorOperator::NotIn) => {
            if number == 0 {
                at.field("values").required("In and NotIn need values");
            }
        }
        Some(NodeSelectorOperator::Exists | NodeSelectorOperator::DoesNotExist) => {
            if number > 0 {
                at.field("values")
                    .forbidden("Exists and DoesNotExist have no values");
            }
        }
        Some(NodeSelectorOperator::Gt | NodeSelectorOperator::Lt) => {
            if number != 1 {
                at.field("values").required("Gt and Lt need one value");
            }
        }
        Some(NodeSelectorOperator::Other(_)) | None => unknown_operator(at, requirement),
    }
    at.field("key").format(&requirement.key, format::label_key);
    if values == Values::Judged {
        at.field("values").each(&requirement.values, |at, value| {
            at.format(value, format::label_value);
        });
    }
}

fn node_field_requirement(at: &mut At<'_>, requirement: &NodeSelectorRequirement) {
    match &requirement.operator {
        Some(NodeSelectorOperator::In | NodeSelectorOperator::NotIn) => {
            if requirement.values.len() != 1 {
                at.field("values")
                    .required("In and NotIn need one value for a field");
            }
        }
        _ => unknown_operator(at, requirement),
    }
    if requirement.key == "metadata.name" {
        at.field("values").each(&requirement.values, |at, value| {
            at.format(value, format::dns_subdomain);
        });
    } else {
        at.field("key")
            .invalid(&requirement.key, "must be metadata.name");
    }
}

fn unknown_operator(at: &mut At<'_>, requirement: &NodeSelectorRequirement) {
    let operator = requirement.operator.as_ref();
    at.field("operator").invalid(
        operator.map_or("", NodeSelectorOperator::as_str),
        "not a valid selector operator",
    );
}

pub(super) fn scheduling_gates(at: &mut At<'_>, gates: &[PodSchedulingGate]) {
    let mut seen = Seen::new();
    for (index, gate) in gates.iter().enumerate() {
        let at = &mut at.index(index);
        at.format(&gate.name, format::label_key);
        at.unique(&mut seen, &gate.name);
    }
}

pub(super) fn topology_spread(
    at: &mut At<'_>,
    constraints: &[TopologySpreadConstraint],
    context: &Context<'_>,
) {
    let mut repeated = repeated_later(constraints);
    for (index, constraint) in constraints.iter().enumerate() {
        let at = &mut at.index(index);
        at.field("maxSkew").positive(constraint.max_skew);
        at.field("topologyKey").not_empty(&constraint.topology_key);
        let when = constraint.when_unsatisfiable.as_ref();
        at.field("whenUnsatisfiable").supported(when);
        if repeated.last() == Some(&index) {
            repeated.pop();
            let when = when.map_or("", UnsatisfiableConstraintAction::as_str);
            at.field("{topologyKey, whenUnsatisfiable}")
                .duplicate(format!("{{{}, {when}}}", constraint.topology_key));
        }
        if let Some(domains) = constraint.min_domains {
            let at = &mut at.field("minDomains");
            at.positive(domains);
            if when != Some(&UnsatisfiableConstraintAction::DoNotSchedule) {
                at.invalid(
                    domains,
                    "can only be set where `whenUnsatisfiable` is DoNotSchedule",
                );
            }
        }
        if let policy @ Some(_) = &constraint.node_affinity_policy {
            at.field("nodeAffinityPolicy").supported(policy.as_ref());
        }
        if let policy @ Some(_) = &constraint.node_taints_policy {
            at.field("nodeTaintsPolicy").supported(policy.as_ref());
        }
        let selector = constraint.label_selector.as_deref();
        if context.tolerated.spread_label_keys {
            legacy_label_keys(at, &constraint.match_label_keys, selector);
        } else {
            label_keys(at, "matchLabelKeys", &constraint.match_label_keys, selector);
            doubled_label_keys(at, &constraint.match_label_keys, selector);
        }
        if !context.tolerated.spread_selectors {
            if let Some(selector) = selector {
                label_selector(&mut at.field("labelSelector"), selector, Values::Judged);
            }
        }
    }
}

/// The constraints that a later one repeats, the last first.
fn repeated_later(constraints: &[TopologySpreadConstraint]) -> Vec<usize> {
    let mut seen = Seen::new();
    let mut repeated = Vec::new();
    for (index, constraint) in constraints.iter().enumerate().rev() {
        let when = constraint.when_unsatisfiable.as_ref();
        let when = when.map_or("", UnsatisfiableConstraintAction::as_str);
        if !seen.insert((constraint.topology_key.as_str(), when)) {
            repeated.push(index);
        }
    }
    repeated
}

/// Keys whose values come from the pod's own labels; they need a selector to go to.
pub(super) fn label_keys(
    at: &mut At<'_>,
    name: &str,
    keys: &[String],
    selector: Option<&LabelSelector>,
) {
    if keys.is_empty() {
        return;
    }
    let at = &mut at.field(name);
    if selector.is_none() {
        at.forbidden("must not be given where `labelSelector` is not");
        return;
    }
    at.each(keys, |at, key| at.format(key, format::label_key));
}

/// A key that the selector has already from elsewhere, since the pod's own value is put there, too.
pub(super) fn doubled_label_keys(
    at: &mut At<'_>,
    keys: &[String],
    selector: Option<&LabelSelector>,
) {
    let Some(selector) = selector.filter(|_| !keys.is_empty()) else {
        return;
    };
    // Of equal keys, the last is reported.
    let indexes = keys.iter().enumerate().rev();
    let indexes: Index<_, _> = indexes.map(|(index, key)| (key.as_str(), index)).collect();
    let mut seen: Seen<_> = selector.match_labels.keys().map(String::as_str).collect();
    for requirement in &selector.match_expressions {
        let key = requirement.key.as_str();
        if seen.insert(key) {
            continue;
        }
        if let Some(index) = indexes.get(&key) {
            at.index(index)
                .invalid(key, "is in the label selector already");
        }
    }
}

/// The rule for keys as it was before the API server put them into selectors.
fn legacy_label_keys(at: &mut At<'_>, keys: &[String], selector: Option<&LabelSelector>) {
    label_keys(at, "matchLabelKeys", keys, selector);
    let Some(selector) = selector.filter(|_| !keys.is_empty()) else {
        return;
    };
    let expressions = selector.match_expressions.iter();
    let named: Seen<_> = expressions.map(|e| e.key.as_str()).collect();
    at.field("matchLabelKeys").each(keys, |at, key| {
        if selector.match_labels.contains_key(key) || named.contains(&key.as_str()) {
            at.invalid(key, "is in the label selector already");
        }
    });
}

/// Whether the label keys of some constraint break the rule of today.
pub(super) fn has_invalid_label_keys(constraints: &[TopologySpreadConstraint]) -> bool {
    let check = |at: &mut At<'_>| {
        for constraint in constraints {
            let selector = constraint.label_selector.as_deref();
            label_keys(at, "", &constraint.match_label_keys, selector);
            doubled_label_keys(at, &constraint.match_label_keys, selector);
        }
    };
    crate::field::collect("", check).is_err()
}
