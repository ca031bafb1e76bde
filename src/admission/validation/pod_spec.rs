//! The spec of a pod, part by part.

use super::{
    Context, Volumes, container, env, network, placement, resources, security, volume, windows,
};
use crate::{admission::view::View, api::PodSpec, field::At, format};

/// Judges what pods and templates of pods have in common.
pub(super) fn pod_spec(at: &mut At<'_>, mut context: Context<'_>) {
    let spec = context.spec;
    if spec.termination_grace_period_seconds.is_none() {
        at.field("terminationGracePeriodSeconds").required("");
    }
    context.volumes = volume::volumes(&mut at.field("volumes"), &context);
    let claims = spec.resource_claims.as_slice();
    context.claims = claims.iter().map(|claim| claim.name.as_str()).collect();
    let context = &context;
    resources::pod_claims(&mut at.field("resourceClaims"), claims, context);
    container::containers(&mut at.field("containers"), context);
    container::init_containers(&mut at.field("initContainers"), context);
    container::ephemeral_containers(&mut at.field("ephemeralContainers"), context);
    if let Some(own) = &spec.resources {
        resources::pod(&mut at.field("resources"), own, context);
    }
    network::host_network(at, context);
    at.field("restartPolicy")
        .one_of(spec.restart_policy.as_ref());
    at.field("dnsPolicy").one_of(spec.dns_policy.as_ref());
    super::metadata::labels(&mut at.field("nodeSelector"), &spec.node_selector);
    security::pod(&mut at.field("securityContext"), context);
    if let Some(affinity) = &spec.affinity {
        placement::affinity(&mut at.field("affinity"), affinity, context);
    }
    network::dns_config(&mut at.field("dnsConfig"), spec);
    at.field("readinessGates")
        .each(&spec.readiness_gates, |at, gate| {
            at.field("conditionType")
                .format(gate.condition_type.as_str(), format::label_key);
        });
    placement::scheduling_gates(&mut at.field("schedulingGates"), &spec.scheduling_gates);
    let constraints = spec.topology_spread_constraints.as_slice();
    let place = &mut at.field("topologySpreadConstraints");
    placement::topology_spread(place, constraints, context);
    windows::host_process(at, context);
    network::host_users(at, context);
    network::hostname_override(at, spec);
    names(at, spec);
    rest(at, context);
}

/// Names and numbers that stand alone.
fn names(at: &mut At<'_>, spec: &PodSpec) {
    if !spec.service_account_name.is_empty() {
        at.field("serviceAccountName")
            .format(&spec.service_account_name, format::dns_subdomain);
    }
    if !spec.node_name.is_empty() {
        at.field("nodeName")
            .format(&spec.node_name, format::dns_subdomain);
    }
    if let Some(seconds) = spec.active_deadline_seconds {
        at.field("activeDeadlineSeconds")
            .in_range(seconds, 1..=i64::from(i32::MAX));
    }
    if !spec.hostname.is_empty() {
        at.field("hostname")
            .format(&spec.hostname, format::dns_label);
    }
    if !spec.subdomain.is_empty() {
        at.field("subdomain")
            .format(&spec.subdomain, format::dns_label);
    }
}

fn rest(at: &mut At<'_>, context: &Context<'_>) {
    let spec = context.spec;
    at.field("tolerations")
        .each(&spec.tolerations, |at, toleration| {
            placement::toleration(at, toleration, context);
        });
    network::host_aliases(&mut at.field("hostAliases"), &spec.host_aliases);
    if !spec.priority_class_name.is_empty() {
        at.field("priorityClassName")
            .format(&spec.priority_class_name, format::dns_subdomain);
    }
    if let Some(name) = &spec.runtime_class_name {
        at.field("runtimeClassName")
            .format(name, format::dns_subdomain);
    }
    if let policy @ Some(_) = &spec.preemption_policy {
        at.field("preemptionPolicy").one_of(policy.as_ref());
    }
    resources::overhead(&mut at.field("overhead"), &spec.overhead, context);
    windows::os(at, spec);
    if let Some(group) = &spec.scheduling_group {
        let name = group.pod_group_name.as_deref().unwrap_or_default();
        at.field("schedulingGroup")
            .field("podGroupName")
            .format(name, format::dns_subdomain);
    }
    // The last of a name counts.
    let volumes = spec.volumes.iter().rev();
    let volumes: Volumes<'_> = volumes.map(|v| (v.name.as_str(), v)).collect();
    View::each(at, spec, |at, container| {
        env::file_key_volumes(at, &volumes, container.env);
    });
}

/// Judges what pods alone must have, for templates were let in without it.
pub(super) fn only_for_pods(at: &mut At<'_>, spec: &PodSpec) {
    if spec.service_account_name.is_empty() {
        at.field("volumes").each(&spec.volumes, |at, volume| {
            let Some(projected) = &volume.projected else {
                return;
            };
            let at = &mut at.field("projected");
            at.field("sources").each(&projected.sources, |at, source| {
                if source.service_account_token.is_some() {
                    at.field("serviceAccountToken")
                        .forbidden("must not be specified when serviceAccountName is not set");
                }
            });
        });
    }
    at.field("containers")
        .each(&spec.containers, |at, container| {
            container::image_without_space(at, &container.image);
        });
    at.field("initContainers")
        .each(&spec.init_containers, |at, container| {
            container::image_without_space(at, &container.image);
        });
}
