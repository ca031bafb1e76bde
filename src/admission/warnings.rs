//! What is legal and probably not meant.
//!
//! Answers what `kubectl` prints as warnings when a pod is created:
//! `WarningsOnCreate` of the pod's strategy and `GetWarningsForPod` (`pkg/api/pod`).
//! The words are this crate's own.

mod containers;
mod volumes;

use alloc::{format, string::String, vec::Vec};
use core::{fmt, net::IpAddr};

use super::validation::{PREFERRED, REQUIRED, SECCOMP_POD};
use crate::{
    api::{
        Affinity, LabelSelector, NodeAffinity, NodeSelectorTerm, Pod, PodAffinityTerm, PodSpec,
        ResourceList, ResourceName, WeightedPodAffinityTerm,
    },
    field::{self, At, FieldPath, Seen},
    format,
};

/// Nobody reads more, and some warnings are about pairs.
const MOST: usize = 1000;

/// Labels of nodes that have got other names, and what to use.
const DEPRECATED_LABELS: [(&str, &str); 8] = [
    ("beta.kubernetes.io/arch", "use kubernetes.io/arch"),
    ("beta.kubernetes.io/os", "use kubernetes.io/os"),
    (
        "beta.kubernetes.io/instance-type",
        "use node.kubernetes.io/instance-type",
    ),
    (
        "failure-domain.beta.kubernetes.io/zone",
        "use topology.kubernetes.io/zone",
    ),
    (
        "failure-domain.beta.kubernetes.io/region",
        "use topology.kubernetes.io/region",
    ),
    ("app.kubernetes.io/created-by", "no longer set by anybody"),
    (
        "scheduler.alpha.kubernetes.io/preferAvoidPods",
        "no longer read by the scheduler",
    ),
    (
        "node-role.kubernetes.io/master",
        "use node-role.kubernetes.io/control-plane",
    ),
];

/// Annotations that nobody reads any more, and what to use.
const DEAD_ANNOTATIONS: [(&str, &str); 3] = [
    (
        "scheduler.alpha.kubernetes.io/critical-pod",
        "not read any more: use `priorityClassName`",
    ),
    (
        "security.alpha.kubernetes.io/sysctls",
        "not read any more: use `securityContext.sysctls`",
    ),
    (
        "security.alpha.kubernetes.io/unsafe-sysctls",
        "not read any more: use `securityContext.sysctls`",
    ),
];

/// Something in a pod that is legal and probably not meant.
///
/// ```
/// use pod_lifecycle::{admission::warnings, api::Pod};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web"}, "spec": {"nodeSelector": {"beta.kubernetes.io/os": "linux"}}}"#,
/// )?;
/// let warnings = warnings::create(&pod);
/// assert_eq!(
///     warnings[0].to_string(),
///     "spec.nodeSelector[beta.kubernetes.io/os]: deprecated: use kubernetes.io/os",
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct Warning {
    /// Where it is, if it is in one place.
    pub field: Option<FieldPath>,
    /// What it is, for people.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// Returns the warnings that a user gets who creates a pod, the first thousand of them.
///
/// The pod is taken as [preparation](super::prepare) leaves it.
///
/// ```
/// use pod_lifecycle::{admission::warnings, api::Pod};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web"}, "spec": {"containers": [{"name": "web", "env": [
///         {"name": "MODE", "value": "a"}, {"name": "MODE", "value": "b"}
///     ]}]}}"#,
/// )?;
/// let warnings = warnings::create(&pod);
/// assert_eq!(warnings.len(), 1);
/// assert!(warnings[0].field.as_ref().is_some_and(|field| *field == "spec.containers[0].env[1]"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn create(pod: &Pod) -> Vec<Warning> {
    let mut found = Found(Vec::new());
    // The cursor is here for its paths only.
    let _ = field::collect("", |at| {
        let violations = format::dns_label(&pod.metadata.name);
        if !violations.is_empty() {
            let message = format!("becomes the host name, and should be a DNS label: {violations}");
            found.at(&at.field("metadata.name"), message);
        }
        annotations(at, pod, &mut found);
        let at = &mut at.field("spec");
        placement(at, &pod.spec, &mut found);
        volumes::volumes(&mut at.field("volumes"), &pod.spec.volumes, &mut found);
        lists(at, &pod.spec, &mut found);
        fractions(&mut at.field("overhead"), &pod.spec.overhead, &mut found);
        containers::containers(at, pod, &mut found);
        addresses(at, &pod.spec, &mut found);
    });
    found.0
}

/// What has been found so far.
struct Found(Vec<Warning>);

impl Found {
    fn is_full(&self) -> bool {
        self.0.len() >= MOST
    }

    fn at(&mut self, at: &At<'_>, message: impl Into<String>) {
        if !self.is_full() {
            self.0.push(Warning {
                field: Some(at.path()),
                message: message.into(),
            });
        }
    }

    fn somewhere(&mut self, message: impl Into<String>) {
        if !self.is_full() {
            self.0.push(Warning {
                field: None,
                message: message.into(),
            });
        }
    }
}

fn annotations(at: &mut At<'_>, pod: &Pod, found: &mut Found) {
    let at = &mut at.field("metadata.annotations");
    for (key, instead) in DEAD_ANNOTATIONS {
        if pod.metadata.annotations.contains_key(key) {
            found.at(&at.key(key), instead);
        }
    }
    let own = pod.spec.security_context.as_ref();
    let has_field = own.is_some_and(|own| own.seccomp_profile.is_some());
    if !has_field && pod.metadata.annotations.contains_key(SECCOMP_POD) {
        found.at(
            &at.key(SECCOMP_POD),
            "not read any more: use `securityContext.seccompProfile`",
        );
    }
}

fn placement(at: &mut At<'_>, spec: &PodSpec, found: &mut Found) {
    for label in spec.node_selector.keys() {
        node_label(&at.field("nodeSelector").key(label), label, found);
    }
    if let Some(affinity) = &spec.affinity {
        self::affinity(&mut at.field("affinity"), affinity, found);
    }
    at.field("topologySpreadConstraints").each(
        &spec.topology_spread_constraints,
        |at, constraint| {
            let label = &constraint.topology_key;
            node_label(&at.field("topologyKey"), label, found);
            selector(at, constraint.label_selector.as_deref(), found);
        },
    );
}

fn node_label(at: &At<'_>, label: &str, found: &mut Found) {
    if let Some((_, instead)) = DEPRECATED_LABELS.iter().find(|(old, _)| *old == label) {
        found.at(at, format!("deprecated: {instead}"));
    }
}

fn selector(at: &mut At<'_>, selector: Option<&LabelSelector>, found: &mut Found) {
    if selector.is_none() {
        found.at(
            &at.field("labelSelector"),
            "matches no pod where it is not set",
        );
    }
}

fn affinity(at: &mut At<'_>, affinity: &Affinity, found: &mut Found) {
    if let Some(terms) = &affinity.node_affinity {
        node_affinity(&mut at.field("nodeAffinity"), terms, found);
    }
    if let Some(terms) = &affinity.pod_affinity {
        pod_affinity(
            &mut at.field("podAffinity"),
            &terms.required_during_scheduling_ignored_during_execution,
            &terms.preferred_during_scheduling_ignored_during_execution,
            found,
        );
    }
    if let Some(terms) = &affinity.pod_anti_affinity {
        pod_affinity(
            &mut at.field("podAntiAffinity"),
            &terms.required_during_scheduling_ignored_during_execution,
            &terms.preferred_during_scheduling_ignored_during_execution,
            found,
        );
    }
}

fn node_affinity(at: &mut At<'_>, affinity: &NodeAffinity, found: &mut Found) {
    if let Some(selector) = &affinity.required_during_scheduling_ignored_during_execution {
        let at = &mut at.field(REQUIRED);
        let at = &mut at.field("nodeSelectorTerms");
        at.each(&selector.node_selector_terms, |at, term| {
            node_term(at, term, found);
        });
    }
    at.field(PREFERRED).each(
        &affinity.preferred_during_scheduling_ignored_during_execution,
        |at, preferred| {
            let at = &mut at.field("preference");
            node_term(at, &preferred.preference, found);
            label_values(at, &preferred.preference, found);
        },
    );
}

fn node_term(at: &mut At<'_>, term: &NodeSelectorTerm, found: &mut Found) {
    at.field("matchExpressions")
        .each(&term.match_expressions, |at, requirement| {
            node_label(&at.field("key"), &requirement.key, found);
        });
}

/// Values of preferences are not validated, and a wrong one is never met.
fn label_values(at: &mut At<'_>, term: &NodeSelectorTerm, found: &mut Found) {
    at.field("matchExpressions")
        .each(&term.match_expressions, |at, requirement| {
            at.field("values").each(&requirement.values, |at, value| {
                for violation in format::label_value(value) {
                    found.at(at, violation);
                }
            });
        });
}

fn pod_affinity(
    at: &mut At<'_>,
    required: &[PodAffinityTerm],
    preferred: &[WeightedPodAffinityTerm],
    found: &mut Found,
) {
    at.field(REQUIRED).each(required, |at, term| {
        selector(at, term.label_selector.as_deref(), found);
    });
    at.field(PREFERRED).each(preferred, |at, preference| {
        let term = &preference.pod_affinity_term;
        let at = &mut at.field("podAffinityTerm");
        selector(at, term.label_selector.as_deref(), found);
    });
}

fn lists(at: &mut At<'_>, spec: &PodSpec, found: &mut Found) {
    let mut seen = Seen::new();
    for (index, alias) in spec.host_aliases.iter().enumerate() {
        if !seen.insert(alias.ip.as_str()) {
            let at = &mut at.field("hostAliases");
            found.at(&at.index(index).field("ip"), "repeats an address");
        }
    }
    let mut seen = Seen::new();
    for (index, secret) in spec.image_pull_secrets.iter().enumerate() {
        let at = &mut at.field("imagePullSecrets");
        let at = &mut at.index(index);
        if !seen.insert(secret.name.as_str()) {
            found.at(&at.field("name"), "repeats a name");
        }
        if secret.name.is_empty() {
            found.at(&at.field("name"), "is empty, and names no secret");
        }
    }
}

/// Bytes come whole; whoever writes `100m` of them means something else.
fn fractions(at: &mut At<'_>, amounts: &ResourceList, found: &mut Found) {
    for name in [ResourceName::MEMORY, ResourceName::EPHEMERAL_STORAGE] {
        fraction(at, amounts, &name, found);
    }
}

fn fraction(at: &mut At<'_>, amounts: &ResourceList, name: &ResourceName, found: &mut Found) {
    let amount = amounts.get(name);
    if let Some(amount) = amount.filter(|amount| amount.milli_value() % 1000 != 0) {
        let message = format!("{amount} is a fraction of a byte");
        found.at(&at.key(name.as_str()), message);
    }
}

fn addresses(at: &mut At<'_>, spec: &PodSpec, found: &mut Found) {
    if let Some(config) = &spec.dns_config {
        let at = &mut at.field("dnsConfig");
        at.field("nameservers")
            .each(&config.nameservers, |at, text| {
                address(at, text, found);
            });
    }
    at.field("hostAliases")
        .each(&spec.host_aliases, |at, alias| {
            address(&at.field("ip"), &alias.ip, found);
        });
}

fn address(at: &At<'_>, text: &str, found: &mut Found) {
    let Some(address) = format::parse_ip(text) else {
        return;
    };
    let is_plain = match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => true,
        Ok(IpAddr::V6(v6)) => v6.to_ipv4_mapped().is_none() && format!("{v6}") == text,
        Err(_) => false,
    };
    if !is_plain {
        found.at(at, format!("should be written {address}"));
    }
}
