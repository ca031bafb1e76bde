//! Resources of containers and of the pod, and its claims.

use alloc::format;
use core::{cmp::Ordering, str::FromStr};

use super::{Context, windows};
use crate::{
    api::{
        ObjectMeta, PodResourceClaim, PodSpec, ResourceClaim, ResourceList, ResourceName,
        ResourceRequirements,
    },
    critical::CONFIG_MIRROR,
    field::{At, Seen},
    format,
    quantity::{Quantity, Scale},
    resources,
};

/// Judges the name of a resource, where it stands.
type NameRule = fn(&mut At<'_>, &ResourceName);

pub(super) fn container(
    at: &mut At<'_>,
    requirements: &ResourceRequirements,
    context: &Context<'_>,
) {
    self::requirements(at, requirements, container_resource, context);
    claims(&mut at.field("claims"), &requirements.claims, context);
}

/// The overhead of a runtime class is judged as if it were a container's limits.
pub(super) fn overhead(at: &mut At<'_>, overhead: &ResourceList, context: &Context<'_>) {
    if overhead.is_empty() {
        return;
    }
    let mut kinds = Kinds::default();
    for (name, amount) in overhead {
        let at = &mut at.field("limits");
        kinds.add(
            &mut at.key(name.as_str()),
            name,
            amount,
            container_resource,
            context,
        );
    }
    kinds.finish(at);
}

fn requirements(
    at: &mut At<'_>,
    requirements: &ResourceRequirements,
    rule: NameRule,
    context: &Context<'_>,
) {
    let mut kinds = Kinds::default();
    for (name, limit) in &requirements.limits {
        let at = &mut at.field("limits");
        kinds.add(&mut at.key(name.as_str()), name, limit, rule, context);
    }
    for (name, request) in &requirements.requests {
        {
            let at = &mut at.field("requests");
            kinds.add(&mut at.key(name.as_str()), name, request, rule, context);
        }
        let may_differ = format::allows_overcommit(name.as_str());
        match requirements.limits.get(name) {
            Some(limit) if request != limit && !may_differ => {
                at.field("requests").invalid(
                    format!("{request}"),
                    format!("must be equal to {name} limit of {limit}"),
                );
            }
            Some(limit) if request > limit => {
                at.field("requests").invalid(
                    format!("{request}"),
                    format!("must be less than or equal to {name} limit of {limit}"),
                );
            }
            None if !may_differ => {
                at.field("limits")
                    .required("must be set for a resource that cannot be overcommitted");
            }
            _ => {}
        }
    }
    kinds.finish(at);
}

/// Which kinds of resource there are, since huge pages do not go alone.
#[derive(Default)]
struct Kinds {
    compute: bool,
    huge_pages: bool,
}

impl Kinds {
    fn add(
        &mut self,
        at: &mut At<'_>,
        name: &ResourceName,
        amount: &Quantity,
        rule: NameRule,
        context: &Context<'_>,
    ) {
        rule(at, name);
        self::amount(at, name, amount);
        if format::is_huge_pages(name.as_str()) {
            self.huge_pages = true;
            if !context.tolerated.indivisible_huge_pages && !is_divisible(name, amount) {
                at.invalid(
                    format!("{amount}"),
                    "must be a multiple of the page size, which must be a whole number of bytes",
                );
            }
        }
        self.compute |= *name == ResourceName::CPU || *name == ResourceName::MEMORY;
    }

    fn finish(&self, at: &mut At<'_>) {
        if self.huge_pages && !self.compute {
            at.forbidden("huge pages need cpu or memory beside them");
        }
    }
}

fn container_resource(at: &mut At<'_>, resource: &ResourceName) {
    let name = resource.as_str();
    standard_resource(at, name);
    if !name.contains('/') {
        let known =
            resource == &ResourceName::EPHEMERAL_STORAGE || resources::is_pod_level(resource);
        if !known {
            at.invalid(name, "must be a standard resource for containers");
        }
    } else if !format::is_native_resource(name) && !format::is_extended_resource(name) {
        at.invalid(name, "doesn't follow extended resource name standard");
    }
}

fn pod_resource(at: &mut At<'_>, resource: &ResourceName) {
    let name = resource.as_str();
    if at.accepts(|at| standard_resource(at, name)) && !resources::is_pod_level(resource) {
        at.not_supported(name, &["cpu", "hugepages-*", "memory"]);
    }
}

fn standard_resource(at: &mut At<'_>, name: &str) {
    let is_name = at.accepts(|at| at.format(name, format::label_key));
    if is_name && !name.contains('/') && !format::is_standard_resource(name) {
        at.invalid(name, "must be a standard resource type or fully qualified");
    }
}

/// No amount is negative, and what is counted comes whole.
pub(super) fn amount(at: &mut At<'_>, name: &ResourceName, amount: &Quantity) {
    if amount.signum() < 0 {
        at.invalid(format!("{amount}"), "must be greater than or equal to 0");
    }
    let milli = amount.milli_value();
    let is_whole = milli % 1000 == 0 || matches!(milli, i64::MIN | i64::MAX);
    if format::is_integer_resource(name.as_str()) && !is_whole {
        at.invalid(format!("{amount}"), "must be an integer");
    }
}

/// Whether an amount of huge pages is a number of pages; the page's size stands in the name.
fn is_divisible(name: &ResourceName, amount: &Quantity) -> bool {
    let size = name.as_str().strip_prefix("hugepages-");
    let Some(Ok(size)) = size.map(Quantity::from_str) else {
        return false;
    };
    let mut whole = size.clone();
    if !whole.round_up(Scale::One) || size.signum() <= 0 {
        return false;
    }
    amount.value() % size.value() == 0
}

/// Whether all amounts of huge pages that a spec names are numbers of pages.
pub(super) fn has_indivisible_huge_pages(spec: &PodSpec) -> bool {
    let lists = crate::admission::view::View::all(spec)
        .flat_map(|container| [&container.resources.limits, &container.resources.requests])
        .chain([&spec.overhead]);
    lists
        .into_iter()
        .flatten()
        .any(|(name, amount)| format::is_huge_pages(name.as_str()) && !is_divisible(name, amount))
}

/// References to the pod's claims: each claim as a whole, or each of its requests, once.
fn claims(at: &mut At<'_>, claims: &[ResourceClaim], context: &Context<'_>) {
    let mut seen = Seen::new();
    for (index, claim) in claims.iter().enumerate() {
        let at = &mut at.index(index);
        let name = claim.name.as_str();
        if name.is_empty() {
            at.required("");
            continue;
        }
        let whole = Joined([name, "", ""]);
        if seen.contains(&whole) {
            at.duplicate(name);
        } else if claim.request.is_empty() {
            // What follows a slash comes before what has the next character, a zero.
            for _ in 0..seen.count_between(Joined([name, "/", ""]), Joined([name, "0", ""])) {
                at.duplicate(name);
            }
            seen.insert(whole);
        } else {
            at.field("request")
                .format(&claim.request, format::dns_label);
            if !seen.insert(Joined([name, "/", &claim.request])) {
                at.duplicate(format!("{name}/{}", claim.request));
            }
        }
        if !context.claims.contains(&name) {
            at.not_found(name);
        }
    }
}

/// Texts that are compared as if they were one.
#[derive(Clone, Copy, Debug)]
struct Joined<'a>([&'a str; 3]);

impl Ord for Joined<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let bytes = |joined: &Self| joined.0.into_iter().flat_map(str::bytes);
        bytes(self).cmp(bytes(other))
    }
}

impl PartialOrd for Joined<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Eq for Joined<'_> {}

impl PartialEq for Joined<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

/// The claims of the pod itself.
pub(super) fn pod_claims(at: &mut At<'_>, claims: &[PodResourceClaim], context: &Context<'_>) {
    let is_mirror = |metadata: &ObjectMeta| metadata.annotations.contains_key(CONFIG_MIRROR);
    if context.metadata.is_some_and(is_mirror) {
        for _ in claims {
            at.elsewhere("[]")
                .forbidden("static pods do not support resource claims");
        }
        return;
    }
    let mut names = Seen::new();
    for (index, claim) in claims.iter().enumerate() {
        let at = &mut at.index(index);
        if claim.name.is_empty() {
            at.field("name").required("");
        } else if !names.insert(claim.name.as_str()) {
            at.field("name").duplicate(&claim.name);
        } else {
            at.field("name").format(&claim.name, format::dns_label);
        }
        match (
            &claim.resource_claim_name,
            &claim.resource_claim_template_name,
        ) {
            (Some(_), Some(_)) => {
                at.invalid(&claim.name, "must not name both a claim and a template");
            }
            (None, None) => {
                at.invalid(&claim.name, "must name a claim or a template");
            }
            _ => {}
        }
        if let Some(name) = &claim.resource_claim_name {
            at.field("resourceClaimName")
                .format(name, format::dns_subdomain);
        }
        if let Some(name) = &claim.resource_claim_template_name {
            at.field("resourceClaimTemplateName")
                .format(name, format::dns_subdomain);
        }
    }
}

/// The resources of the pod as a whole, which must hold those of its containers.
pub(super) fn pod(at: &mut At<'_>, own: &ResourceRequirements, context: &Context<'_>) {
    if windows::is_windows(context.spec) {
        at.forbidden("may not be set for a windows pod");
        return;
    }
    if !own.claims.is_empty() {
        at.field("claims")
            .forbidden("may not be set for the pod as a whole");
    }
    requirements(at, own, pod_resource, context);
    claims(&mut at.field("claims"), &own.claims, context);
    hold_containers(at, own, context.spec);
}

fn hold_containers(at: &mut At<'_>, own: &ResourceRequirements, spec: &PodSpec) {
    let requested = resources::aggregated(spec, &own.requests, |c| &c.resources.requests);
    for (name, own) in &own.requests {
        if let Some(request) = requested(name).filter(|request| request > own) {
            at.field("requests").key(name.as_str()).invalid(
                format!("{own}"),
                format!("must be at least the {request} that the containers request"),
            );
        }
    }
    let limited = resources::aggregated(spec, &own.limits, |c| &c.resources.limits);
    let huge_pages = own.limits.iter();
    for (name, own) in huge_pages.filter(|(name, _)| format::is_huge_pages(name.as_str())) {
        if let Some(limit) = limited(name).filter(|limit| limit > own) {
            at.field("limits").key(name.as_str()).invalid(
                format!("{own}"),
                format!("must be at least the {limit} of the containers' limits"),
            );
        }
    }
    at.field("containers")
        .each(&spec.containers, |at, container| {
            for (name, limit) in &container.resources.limits {
                let own = own.limits.get(name);
                if let Some(own) = own.filter(|own| limit > *own) {
                    at.key(name.as_str()).field("limits").invalid(
                        format!("{limit}"),
                        format!("must be at most the pod's limit of {own}"),
                    );
                }
            }
        });
}

/// Whether a list has keys that another one has not kept.
pub(super) fn loses_keys(new: &ResourceList, old: &ResourceList) -> bool {
    old.keys().any(|name| !new.contains_key(name))
}
