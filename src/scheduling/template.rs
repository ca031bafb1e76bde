//! What the scheduler has to know of a pod that is placed, kept once for all pods that are alike.

use alloc::{borrow::Cow, boxed::Box, collections::BTreeMap, string::String, vec::Vec};
use core::hash::{Hash, Hasher};

use super::{
    ports::HostPorts,
    resources::{Amounts, on_node, requested_by},
    volumes::{self, Disk},
};
use crate::{
    api::{
        Affinity, LabelSelector, Pod, PodAffinityTerm, ResourceList, ResourceName,
        WeightedPodAffinityTerm,
    },
    field::FieldErrors,
    labels::Selector,
    quantity::{Format, Quantity},
    resources,
};

/// Everything about a placed pod but its name, its times and its priority.
#[derive(Clone, Debug)]
pub(super) struct Template {
    pub(super) namespace: String,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) requests: Amounts,
    pub(super) usual: Usual,
    pub(super) ports: Option<HostPorts>,
    pub(super) disks: Vec<Disk>,
    pub(super) claims: Vec<String>,
    /// As it was written, because it decides whether two pods are alike.
    affinity: Option<Box<Affinity>>,
    pub(super) terms: Terms<'static>,
}

impl Template {
    pub(super) fn of(pod: &Pod) -> Self {
        Self {
            namespace: pod.metadata.namespace.clone(),
            labels: pod.metadata.labels.clone(),
            requests: requested_by(pod),
            usual: Usual::on_node(pod),
            ports: HostPorts::of(&pod.spec),
            disks: Disk::all_of(&pod.spec),
            claims: volumes::claims(&pod.spec).map(String::from).collect(),
            affinity: pod.spec.affinity.clone(),
            terms: Terms::lossy(pod).into_owned(),
        }
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.namespace == other.namespace
            && self.labels == other.labels
            && self.requests == other.requests
            && self.usual == other.usual
            && self.ports == other.ports
            && self.disks == other.disks
            && self.claims == other.claims
            && self.affinity == other.affinity
    }
}

impl Eq for Template {}

impl Hash for Template {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.namespace.hash(state);
        self.labels.hash(state);
        self.requests.hash(state);
        self.ports.hash(state);
        self.disks.hash(state);
        self.claims.hash(state);
        self.affinity.hash(state);
    }
}

/// What a pod requests of cpu and memory when containers that say nothing count with a usual amount.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Usual {
    pub(super) milli_cpu: i64,
    pub(super) memory: i64,
}

impl Usual {
    const MILLI_CPU: i64 = 100;
    const MEMORY: i64 = 200 << 20;

    fn list() -> ResourceList {
        let cpu = Quantity::from_milli(Self::MILLI_CPU);
        let memory = Quantity::new(Self::MEMORY, Format::BinarySi);
        [(ResourceName::CPU, cpu), (ResourceName::MEMORY, memory)].into()
    }

    fn of(list: &ResourceList) -> Self {
        let amounts = Amounts::of(list);
        Self {
            milli_cpu: amounts.milli_cpu,
            memory: amounts.memory,
        }
    }

    /// Of a pod that is placed. Beside resources of the pod as a whole, containers count with the
    /// usual amounts of what nothing in the pod names.
    pub(super) fn on_node(pod: &Pod) -> Self {
        let mut options = on_node();
        let mut usual = Self::list();
        let resources = pod.spec.resources.as_ref();
        if resources.is_some_and(|own| own.requests.keys().any(resources::is_pod_level)) {
            let named = resources::requests(pod, &options);
            usual.retain(|name, _| !named.contains_key(name));
        }
        options.non_missing_container_requests = usual;
        Self::of(&resources::requests(pod, &options))
    }

    /// Of a pod that is to be placed: its containers alone count.
    pub(super) fn incoming(pod: &Pod) -> Self {
        let options = resources::Options {
            skip_pod_level_resources: true,
            non_missing_container_requests: Self::list(),
            ..resources::Options::default()
        };
        Self::of(&resources::requests(pod, &options))
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            milli_cpu: self.milli_cpu.saturating_add(other.milli_cpu),
            memory: self.memory.saturating_add(other.memory),
        }
    }
}

/// A pod's affinity to pods and against them, its selectors parsed.
#[derive(Clone, Debug, Default)]
pub(super) struct Terms<'a> {
    pub(super) affinity: Vec<Term<'a>>,
    pub(super) anti_affinity: Vec<Term<'a>>,
    /// With their weights; those of anti-affinity are negative.
    pub(super) preferred: Vec<(i64, Term<'a>)>,
}

impl<'a> Terms<'a> {
    /// Parses the terms; what cannot be read takes its whole group with it.
    pub(super) fn lossy(pod: &'a Pod) -> Self {
        let groups = Groups::of(pod);
        let mut preferred = groups.preferred_affinity.unwrap_or_default();
        preferred.extend(groups.preferred_anti_affinity.unwrap_or_default());
        Self {
            affinity: groups.affinity.unwrap_or_default(),
            anti_affinity: groups.anti_affinity.unwrap_or_default(),
            preferred,
        }
    }

    /// Parses the terms of a pod that is to be placed.
    pub(super) fn strict(pod: &'a Pod) -> Result<Self, FieldErrors> {
        let groups = Groups::of(pod);
        let mut preferred = groups.preferred_affinity?;
        preferred.extend(groups.preferred_anti_affinity?);
        Ok(Self {
            affinity: groups.affinity?,
            anti_affinity: groups.anti_affinity?,
            preferred,
        })
    }

    fn into_owned(self) -> Terms<'static> {
        let all = |terms: Vec<Term<'a>>| terms.into_iter().map(Term::into_owned).collect();
        let preferred = self.preferred.into_iter();
        Terms {
            affinity: all(self.affinity),
            anti_affinity: all(self.anti_affinity),
            preferred: preferred
                .map(|(weight, term)| (weight, term.into_owned()))
                .collect(),
        }
    }
}

struct Groups<'a> {
    affinity: Result<Vec<Term<'a>>, FieldErrors>,
    anti_affinity: Result<Vec<Term<'a>>, FieldErrors>,
    preferred_affinity: Result<Vec<(i64, Term<'a>)>, FieldErrors>,
    preferred_anti_affinity: Result<Vec<(i64, Term<'a>)>, FieldErrors>,
}

impl<'a> Groups<'a> {
    fn of(pod: &'a Pod) -> Self {
        let affinity = pod.spec.affinity.as_deref();
        let near = affinity.and_then(|affinity| affinity.pod_affinity.as_ref());
        let far = affinity.and_then(|affinity| affinity.pod_anti_affinity.as_ref());
        let required = |terms: &'a [PodAffinityTerm]| {
            terms.iter().map(|term| Term::parse(pod, term)).collect()
        };
        let preferred = |terms: &'a [WeightedPodAffinityTerm], sign: i64| {
            let parse = |term: &'a WeightedPodAffinityTerm| {
                let parsed = Term::parse(pod, &term.pod_affinity_term)?;
                Ok((sign * i64::from(term.weight), parsed))
            };
            terms.iter().map(parse).collect()
        };
        Self {
            affinity: required(near.map_or(&[], |near| {
                &*near.required_during_scheduling_ignored_during_execution
            })),
            anti_affinity: required(far.map_or(&[], |far| {
                &*far.required_during_scheduling_ignored_during_execution
            })),
            preferred_affinity: preferred(
                near.map_or(&[], |near| {
                    &*near.preferred_during_scheduling_ignored_during_execution
                }),
                1,
            ),
            preferred_anti_affinity: preferred(
                far.map_or(&[], |far| {
                    &*far.preferred_during_scheduling_ignored_during_execution
                }),
                -1,
            ),
        }
    }
}

/// One term of a pod's affinity.
#[derive(Clone, Debug)]
pub(super) struct Term<'a> {
    pub(super) topology_key: Cow<'a, str>,
    namespaces: Vec<Cow<'a, str>>,
    namespace_selector: Selector<'a>,
    selector: Selector<'a>,
}

impl<'a> Term<'a> {
    fn parse(pod: &'a Pod, term: &'a PodAffinityTerm) -> Result<Self, FieldErrors> {
        let parse = |selector: &'a Option<Box<LabelSelector>>| Selector::parse(selector.as_deref());
        let own = term.namespaces.is_empty() && term.namespace_selector.is_none();
        Ok(Self {
            topology_key: Cow::Borrowed(&term.topology_key),
            namespaces: if own {
                [Cow::Borrowed(&*pod.metadata.namespace)].into()
            } else {
                term.namespaces.iter().map(Cow::from).collect()
            },
            namespace_selector: parse(&term.namespace_selector)?,
            selector: parse(&term.label_selector)?,
        })
    }

    fn into_owned(self) -> Term<'static> {
        let own = |text: Cow<'a, str>| Cow::Owned(text.into_owned());
        Term {
            topology_key: own(self.topology_key),
            namespaces: self.namespaces.into_iter().map(own).collect(),
            namespace_selector: self.namespace_selector.into_owned(),
            selector: self.selector.into_owned(),
        }
    }

    /// Adds the namespaces that there are to those that the term names, as far as it selects them.
    ///
    /// Kubernetes keeps the selector and later tries it on no labels at all, which is why one that
    /// asks for the absence of a label finds pods of all namespaces; so does this.
    pub(super) fn resolve(&mut self, namespaces: &'a BTreeMap<String, BTreeMap<String, String>>) {
        if self.namespace_selector.is_empty() {
            return;
        }
        for (name, labels) in namespaces {
            if self.namespace_selector.matches(labels) {
                self.namespaces.push(Cow::Borrowed(name));
            }
        }
    }

    /// Whether the term means a pod, given by its namespace, that namespace's labels and its own.
    pub(super) fn matches(
        &self,
        namespace: &str,
        namespace_labels: &BTreeMap<String, String>,
        labels: &BTreeMap<String, String>,
    ) -> bool {
        (self.namespaces.iter().any(|name| name == namespace)
            || self.namespace_selector.matches(namespace_labels))
            && self.selector.matches(labels)
    }
}
