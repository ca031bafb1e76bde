//! What may be reported of a pod.

use alloc::{collections::BTreeMap, format};
use core::net::IpAddr;

use super::{
    Context, Options, metadata,
    ratchet::Tolerated,
    security::{group_id, user_id},
    update,
};
use crate::{
    api::{
        Container, ContainerRestartPolicy, ContainerRestartRule, ContainerRestartRuleAction,
        ContainerRestartRuleOnExitCodesOperator, ContainerStatus,
        NodeAllocatableResourceClaimStatus, OSName, Pod, PodConditionType,
        PodExtendedResourceClaimStatus, PodResourceClaimStatus, PodSpec, PodStatus, ResourceStatus,
        RestartPolicy,
    },
    field::{self, At, BadValue, FieldErrors, Index, Seen},
    format,
};

/// As long as the message about a device's health may be.
const MAX_HEALTH_MESSAGE: usize = 1024;

/// Judges a changed status, as `ValidatePodStatusUpdate` does.
///
/// Little of a status is judged: containers that can only go on after they
/// ended where the pod's restart policy says so, addresses, and what is said about claims.
///
/// # Errors
///
/// Everything that is wrong with the new status and with the change.
///
/// ```
/// use pod_lifecycle::{admission::{self, validation}, api::{Pod, PodIP}};
///
/// let manifest: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web", "resourceVersion": "1"},
///         "spec": {"containers": [{"name": "web", "image": "nginx"}]}}"#,
/// )?;
/// let (now, options) = ("2026-03-01T09:00:00Z".parse().unwrap(), admission::Options::default());
/// let old = admission::create(now, manifest, &options).unwrap().pod;
/// let mut new = old.clone();
/// new.status.pod_ips.push(PodIP { ip: "10.0.0.256".into() });
/// let errors = validation::status_update(&new, &old, &options.validation).unwrap_err();
/// assert_eq!(errors.as_slice()[0].field, "status.podIPs[0]");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn status_update(new: &Pod, old: &Pod, options: &Options) -> Result<(), FieldErrors> {
    field::collect("", |at| {
        let place = &mut at.field("metadata");
        metadata::object_meta_update(place, &new.metadata, &old.metadata);
        let context = Context::of_pod(new, options, Tolerated::of(old));
        update::pod_annotations(at, new, old, &context);
        let at = &mut at.field("status");
        general(at, new, old);
        transitions(at, &new.status, old);
        claims(at, new);
        containers(at, new);
        addresses(at, new, old);
    })
}

fn general(at: &mut At<'_>, new: &Pod, old: &Pod) {
    let status = &new.status;
    at.field("observedGeneration")
        .non_negative(status.observed_generation);
    at.field("conditions")
        .each(&status.conditions, |at, condition| {
            at.field("observedGeneration")
                .non_negative(condition.observed_generation);
            let own = [
                PodConditionType::POD_SCHEDULED,
                PodConditionType::READY,
                PodConditionType::INITIALIZED,
            ];
            if !own.contains(&condition.type_) {
                at.field("Type")
                    .format(condition.type_.as_str(), format::label_key);
            }
        });
    if new.spec.node_name != old.spec.node_name {
        at.field("nodeName")
            .forbidden("may not be changed directly");
    }
    let nominated = status.nominated_node_name.as_str();
    if nominated != old.status.nominated_node_name && !nominated.is_empty() {
        let at = &mut at.field("nominatedNodeName");
        at.format(nominated, format::dns_subdomain);
        if !old.spec.node_name.is_empty() {
            at.forbidden("a pod that is bound cannot be nominated");
        }
    }
    if status.qos_class != old.status.qos_class {
        at.field("qosClass")
            .invalid(BadValue::Omitted, "field is immutable");
    }
}

/// A container that has ended can only go on if it would be restarted.
fn transitions(at: &mut At<'_>, new: &PodStatus, old: &Pod) {
    let spec = &old.spec;
    if !can_restart_as_a_whole(spec) {
        let place = &mut at.field("containerStatuses");
        let (after, before) = (&new.container_statuses, &old.status.container_statuses);
        transition(place, after, before, &spec.containers, spec);
        let place = &mut at.field("initContainerStatuses");
        let (after, before) = (
            &new.init_container_statuses,
            &old.status.init_container_statuses,
        );
        transition(place, after, before, &spec.init_containers, spec);
    }
    let at = &mut at.field("ephemeralContainerStatuses");
    let revived = revived(&new.ephemeral_container_statuses);
    for (index, old) in old.status.ephemeral_container_statuses.iter().enumerate() {
        if old.state.terminated.is_none() {
            continue;
        }
        for _ in 0..revived.get(old.name.as_str()).copied().unwrap_or_default() {
            never_again(&mut at.index(index));
        }
    }
}

/// How many statuses of each name say that the container has not ended.
fn revived(statuses: &[ContainerStatus]) -> BTreeMap<&str, usize> {
    let mut revived = BTreeMap::new();
    for status in statuses
        .iter()
        .filter(|status| status.state.terminated.is_none())
    {
        *revived.entry(status.name.as_str()).or_default() += 1;
    }
    revived
}

fn transition(
    at: &mut At<'_>,
    new: &[ContainerStatus],
    old: &[ContainerStatus],
    containers: &[Container],
    spec: &PodSpec,
) {
    let revived = revived(new);
    let containers = by_name(containers);
    for (index, old) in old.iter().enumerate() {
        let Some(terminated) = &old.state.terminated else {
            continue;
        };
        if !revived.contains_key(old.name.as_str()) {
            continue;
        }
        let restarts = |container| should_restart(container, terminated.exit_code, spec);
        if !containers.get(&old.name.as_str()).is_some_and(restarts) {
            never_again(&mut at.index(index));
        }
    }
}

/// Of equal names, the first counts.
fn by_name<'a>(
    containers: impl IntoIterator<Item = &'a Container>,
) -> Index<&'a str, &'a Container> {
    let containers = containers.into_iter();
    containers.map(|c| (c.name.as_str(), c)).collect()
}

fn never_again(at: &mut At<'_>) {
    at.field("state")
        .forbidden("may not be transitioned to non-terminated state");
}

fn can_restart_as_a_whole(spec: &PodSpec) -> bool {
    let mut containers = spec.containers.iter().chain(&spec.init_containers);
    containers.any(|container| {
        let mut rules = container.restart_policy_rules.iter();
        rules.any(|rule| rule.action == Some(ContainerRestartRuleAction::RestartAllContainers))
    })
}

fn should_restart(container: &Container, exit_code: i32, spec: &PodSpec) -> bool {
    if let Some(policy) = &container.restart_policy {
        let mut rules = container.restart_policy_rules.iter();
        if rules.any(|rule| restarts(rule, exit_code)) {
            return true;
        }
        match policy {
            ContainerRestartPolicy::Always => return true,
            ContainerRestartPolicy::OnFailure => return exit_code != 0,
            ContainerRestartPolicy::Never => return false,
            ContainerRestartPolicy::Other(_) => {}
        }
    }
    match spec.restart_policy {
        Some(RestartPolicy::OnFailure) => exit_code != 0,
        Some(RestartPolicy::Never) => false,
        Some(RestartPolicy::Always | RestartPolicy::Other(_)) | None => true,
    }
}

fn restarts(rule: &ContainerRestartRule, exit_code: i32) -> bool {
    let Some(exit_codes) = &rule.exit_codes else {
        return false;
    };
    let is_listed = exit_codes.values.contains(&exit_code);
    let matches = match exit_codes.operator {
        Some(ContainerRestartRuleOnExitCodesOperator::In) => is_listed,
        Some(ContainerRestartRuleOnExitCodesOperator::NotIn) => !is_listed,
        Some(ContainerRestartRuleOnExitCodesOperator::Other(_)) | None => false,
    };
    matches
        && rule
            .action
            .as_ref()
            .is_some_and(crate::api::OpenEnum::is_known)
}

fn claims(at: &mut At<'_>, pod: &Pod) {
    let status = &pod.status;
    resource_claims(
        &mut at.field("resourceClaimStatuses"),
        &status.resource_claim_statuses,
        &pod.spec,
    );
    if let Some(claim) = &status.extended_resource_claim_status {
        let at = &mut at.field("extendedResourceClaimStatus");
        extended_resource_claim(at, claim, &pod.spec);
    }
    let declared = pod.spec.resource_claims.iter();
    let declared = declared.filter_map(|claim| claim.resource_claim_name.as_deref());
    let reported = status.resource_claim_statuses.iter();
    let reported = reported.filter_map(|claim| claim.resource_claim_name.as_deref());
    let names: Seen<_> = declared.chain(reported).collect();
    at.field("nodeAllocatableResourceClaimStatuses").each(
        &status.node_allocatable_resource_claim_statuses,
        |at, claim| node_allocatable_claim(at, claim, &names),
    );
}

fn resource_claims(at: &mut At<'_>, statuses: &[PodResourceClaimStatus], spec: &PodSpec) {
    let declared = spec.resource_claims.iter();
    let declared: Seen<_> = declared.map(|claim| claim.name.as_str()).collect();
    let mut names = Seen::new();
    for (index, status) in statuses.iter().enumerate() {
        let at = &mut at.index(index);
        if !declared.contains(&status.name.as_str()) {
            at.field("name").invalid(
                &status.name,
                "must match the name of an entry in `spec.resourceClaims`",
            );
        }
        at.field("name").unique(&mut names, &status.name);
        if let Some(name) = &status.resource_claim_name {
            at.field("resourceClaimName")
                .format(name, format::dns_subdomain);
        }
    }
}

fn extended_resource_claim(
    at: &mut At<'_>,
    claim: &PodExtendedResourceClaimStatus,
    spec: &PodSpec,
) {
    let mappings = claim.request_mappings.as_slice();
    if mappings.is_empty() {
        at.field("requestMappings").required("");
    }
    let containers = by_name(spec.containers.iter().chain(&spec.init_containers));
    let mut seen = Seen::new();
    for (index, mapping) in mappings.iter().enumerate() {
        {
            let place = &mut at.field("requestMappings");
            let at = &mut place.index(index);
            match containers.get(&mapping.container_name.as_str()) {
                None => {
                    at.field("containerName")
                        .invalid(&mapping.container_name, "must name a container");
                }
                Some(container)
                    if !container
                        .resources
                        .requests
                        .contains_key(&mapping.resource_name) =>
                {
                    at.field("resourceName").invalid(
                        mapping.resource_name.as_str(),
                        "must name a resource that the container requests",
                    );
                }
                Some(_) => {}
            }
            let key = [
                ("containerName", mapping.container_name.as_str()),
                ("resourceName", mapping.resource_name.as_str()),
                ("requestName", mapping.request_name.as_str()),
            ];
            if !seen.insert(key) {
                for (name, value) in key {
                    at.field(name).duplicate(value);
                }
            }
        }
        // The list is no part of this path.
        at.field("requestName")
            .format(&mapping.request_name, format::dns_label);
    }
    if claim.resource_claim_name.is_empty() {
        at.field("resourceClaimName").required("");
    } else {
        at.field("resourceClaimName")
            .format(&claim.resource_claim_name, format::dns_subdomain);
    }
}

fn node_allocatable_claim(
    at: &mut At<'_>,
    claim: &NodeAllocatableResourceClaimStatus,
    names: &Seen<&str>,
) {
    at.field("resourceClaimName")
        .not_empty(&claim.resource_claim_name);
    if !names.contains(&claim.resource_claim_name.as_str()) {
        at.field("resourceClaimName")
            .invalid(&claim.resource_claim_name, "must name a claim of the pod");
    }
    if claim.containers.is_empty() {
        at.field("containers").required("");
    }
    if claim.resources.is_empty() {
        at.field("resources").required("");
    }
    for (name, amount) in &claim.resources {
        let at = &mut at.field("resources");
        let at = &mut at.key(name.as_str());
        if !format::is_native_resource(name.as_str()) {
            at.invalid(name.as_str(), "must be a resource of Kubernetes' own");
        }
        if amount.signum() < 0 {
            at.invalid(format!("{amount}"), "must be greater than or equal to 0");
        }
    }
}

fn containers(at: &mut At<'_>, pod: &Pod) {
    let (spec, status) = (&pod.spec, &pod.status);
    for (name, statuses) in [
        ("containerStatuses", &status.container_statuses),
        ("initContainerStatuses", &status.init_container_statuses),
        (
            "ephemeralContainerStatuses",
            &status.ephemeral_container_statuses,
        ),
    ] {
        at.field(name)
            .each(statuses, |at, status| user(at, status, spec));
    }
    for (name, statuses, containers) in [
        (
            "containerStatuses",
            &status.container_statuses,
            &spec.containers,
        ),
        (
            "initContainerStatuses",
            &status.init_container_statuses,
            &spec.init_containers,
        ),
    ] {
        let asked = Asked::new(containers);
        at.field(name).each(statuses, |at, status| {
            let at = &mut at.field("allocatedResourcesStatus");
            at.each(&status.allocated_resources_status, |at, resource| {
                allocated(at, resource, &status.name, &asked);
            });
        });
    }
    at.field("ephemeralContainerStatuses").each(
        &status.ephemeral_container_statuses,
        |at, status| {
            if !status.allocated_resources_status.is_empty() {
                at.field("allocatedResourcesStatus")
                    .forbidden("cannot be set for ephemeral containers");
            }
        },
    );
}

fn user(at: &mut At<'_>, status: &ContainerStatus, spec: &PodSpec) {
    let user = status.user.as_ref();
    let Some(user) = user.and_then(|user| user.linux.as_ref()) else {
        return;
    };
    let os = spec.os.as_ref().map(|os| &os.name);
    let at = &mut at.field("user");
    let at = &mut at.field("linux");
    match os {
        Some(Some(OSName::Windows)) => {
            at.forbidden("cannot be set for a windows pod");
        }
        None | Some(Some(OSName::Linux)) => {
            user_id(&mut at.field("uid"), user.uid);
            group_id(&mut at.field("gid"), user.gid);
            at.field("supplementalGroups")
                .each(&user.supplemental_groups, |at, group| group_id(at, *group));
        }
        Some(None | Some(OSName::Other(_))) => {}
    }
}

fn allocated(at: &mut At<'_>, resource: &ResourceStatus, container: &str, asked: &Asked<'_>) {
    let name = resource.name.as_str();
    if !asked.may_have(container, name) {
        at.field("name")
            .invalid(name, "must be a claim or a request of the container");
    }
    let at = &mut at.field("resources");
    let mut ids = Seen::new();
    for (index, health) in resource.resources.iter().enumerate() {
        let at = &mut at.index(index);
        at.field("resourceID").unique(&mut ids, &health.resource_id);
        at.field("health").supported(health.health.as_ref());
        if let Some(message) = &health.message {
            at.field("message").not_empty(message);
            at.field("message").max_len(message, MAX_HEALTH_MESSAGE);
        }
    }
}

/// What containers ask for, by their names.
struct Asked<'a> {
    containers: Index<&'a str, (usize, &'a Container)>,
    /// Claims and requests of claims, by the container's position.
    claims: Seen<(usize, &'a str, &'a str)>,
}

impl<'a> Asked<'a> {
    fn new(containers: &'a [Container]) -> Self {
        let numbered = || containers.iter().enumerate();
        let by_name = numbered().map(|(index, c)| (c.name.as_str(), (index, c)));
        let claims = numbered().flat_map(|(index, container)| {
            let claims = container.resources.claims.iter();
            claims.map(move |c| (index, c.name.as_str(), c.request.as_str()))
        });
        Self {
            containers: by_name.collect(),
            claims: claims.collect(),
        }
    }

    /// Whether a container asks for a resource, or is none of these.
    ///
    /// A claim is written `claim:name`, or `claim:name/request`.
    fn may_have(&self, container: &str, resource: &str) -> bool {
        let Some((index, container)) = self.containers.get(&container) else {
            return true;
        };
        let Some(claim) = resource.strip_prefix("claim:") else {
            return container.resources.requests.contains_key(resource);
        };
        let mut slashes = claim.match_indices('/');
        self.claims.contains(&(index, claim, ""))
            || slashes.any(|(at, slash)| {
                let (name, request) = (claim.get(..at), claim.get(at + slash.len()..));
                let pair = name.zip(request);
                pair.is_some_and(|(name, request)| self.claims.contains(&(index, name, request)))
            })
    }
}

fn addresses(at: &mut At<'_>, new: &Pod, old: &Pod) {
    let (new, old) = (&new.status, &old.status);
    let after = new.pod_ips.iter().map(|address| address.ip.as_str());
    let before = old.pod_ips.iter().map(|address| address.ip.as_str());
    list_of_addresses(&mut at.field("podIPs"), after, before);
    if let Some(first) = new.host_ips.first() {
        if new.host_ip != first.ip {
            at.field("hostIPs")
                .index(0)
                .field("ip")
                .invalid(&first.ip, "must be equal to `hostIP`");
        }
    }
    let after = new.host_ips.iter().map(|address| address.ip.as_str());
    let before = old.host_ips.iter().map(|address| address.ip.as_str());
    list_of_addresses(&mut at.field("hostIPs"), after, before);
}

/// One address of each family at most; an odd one may stay if it was there.
fn list_of_addresses<'a>(
    at: &mut At<'_>,
    new: impl ExactSizeIterator<Item = &'a str> + Clone,
    old: impl Iterator<Item = &'a str>,
) {
    let number = new.len();
    let old: Seen<_> = old.collect();
    for (index, address) in new.clone().enumerate() {
        if !old.contains(&address) {
            at.index(index).format(address, format::ip);
        }
    }
    if number < 2 {
        return;
    }
    let parsed = new.map(format::parse_ip);
    if parsed.clone().any(|address| address.is_none()) {
        at.internal("an address cannot be read");
    }
    let has = |family: fn(&IpAddr) -> bool| parsed.clone().flatten().any(|ip| family(&ip));
    if number > 2 || !has(IpAddr::is_ipv4) || !has(IpAddr::is_ipv6) {
        at.invalid(
            BadValue::Omitted,
            "may specify no more than one IP for each IP family",
        );
    }
}
