//! Containers.

use super::{Context, env, mount, network, probe, resources, security};
use crate::{
    admission::view::View,
    api::{
        Container, ContainerResizePolicy, ContainerRestartRule, EphemeralContainer, ResourceName,
        ResourceRequirements, ResourceResizeRestartPolicy, RestartPolicy,
    },
    field::{At, Seen},
    format,
};

/// As many restart rules as a container may have.
const MAX_RULES: usize = 20;

/// As many exit codes as a rule may list.
const MAX_EXIT_CODES: usize = 255;

pub(super) fn containers(at: &mut At<'_>, context: &Context<'_>) {
    let containers = &context.spec.containers;
    if containers.is_empty() {
        at.required("");
        return;
    }
    let mut names = Seen::new();
    for (index, container) in containers.iter().enumerate() {
        let at = &mut at.index(index);
        common(at, View::of(container), context);
        at.field("name").unique(&mut names, &container.name);
        runs(at, container, context);
        if restart_policy(at, container) {
            rules(at, &container.restart_policy_rules);
        }
    }
    let mut ports = Seen::new();
    for (index, container) in containers.iter().enumerate() {
        let at = &mut at.index(index);
        network::host_port_conflicts(&mut at.field("ports"), &container.ports, &mut ports);
    }
}

pub(super) fn init_containers(at: &mut At<'_>, context: &Context<'_>) {
    let containers = context.spec.containers.iter();
    let mut names: Seen<_> = containers.map(|c| c.name.as_str()).collect();
    for (index, container) in context.spec.init_containers.iter().enumerate() {
        {
            let at = &mut at.index(index);
            common(at, View::of(container), context);
            if names.contains(&container.name.as_str()) {
                at.field("name").duplicate(&container.name);
            } else if !container.name.is_empty() {
                names.insert(&container.name);
            }
        }
        // Init containers take turns, and each is looked at as if it were the only one.
        let first = &mut at.index(0);
        let ports = &mut first.field("ports");
        network::host_port_conflicts(ports, &container.ports, &mut Seen::new());
        init_container(&mut at.index(index), container, context);
    }
}

fn init_container(at: &mut At<'_>, container: &Container, context: &Context<'_>) {
    let has_policy = restart_policy(at, container);
    if container.restart_policy.is_some() && has_policy {
        rules(at, &container.restart_policy_rules);
    }
    if container.is_sidecar() {
        runs(at, container, context);
        return;
    }
    for (name, set) in [
        ("lifecycle", container.lifecycle.is_some()),
        ("livenessProbe", container.liveness_probe.is_some()),
        ("readinessProbe", container.readiness_probe.is_some()),
        ("startupProbe", container.startup_probe.is_some()),
    ] {
        if set {
            at.field(name)
                .forbidden("may not be set for init containers without restartPolicy=Always");
        }
    }
    if !context.tolerated.init_restart_on_resize {
        at.field("resizePolicy")
            .each(&container.resize_policy, |at, policy| {
                if restarts(policy) {
                    at.field("restartPolicy").invalid(
                        ResourceResizeRestartPolicy::RestartContainer.as_str(),
                        "an init container that is no sidecar cannot be restarted for a resize",
                    );
                }
            });
    }
}

pub(super) fn restarts(policy: &ContainerResizePolicy) -> bool {
    policy.restart_policy == Some(ResourceResizeRestartPolicy::RestartContainer)
}

/// Hooks and probes of a container that runs for long.
fn runs(at: &mut At<'_>, container: &Container, context: &Context<'_>) {
    if let Some(lifecycle) = &container.lifecycle {
        probe::lifecycle(&mut at.field("lifecycle"), lifecycle, context);
    }
    let grace = context.spec.termination_grace_period_seconds;
    if let Some(probe) = &container.liveness_probe {
        probe::liveness(&mut at.field("livenessProbe"), probe, grace);
    }
    if let Some(probe) = &container.readiness_probe {
        probe::readiness(&mut at.field("readinessProbe"), probe, grace);
    }
    if let Some(probe) = &container.startup_probe {
        probe::liveness(&mut at.field("startupProbe"), probe, grace);
    }
}

/// Tells whether the rules beside the policy are to be looked at.
fn restart_policy(at: &mut At<'_>, container: &Container) -> bool {
    match &container.restart_policy {
        None if !container.restart_policy_rules.is_empty() => {
            at.field("restartPolicy")
                .required("must be given where there are rules");
        }
        None => {}
        policy @ Some(_) => at.field("restartPolicy").supported(policy.as_ref()),
    }
    !container.restart_policy_rules.is_empty()
}

fn rules(at: &mut At<'_>, rules: &[ContainerRestartRule]) {
    let at = &mut at.field("restartPolicyRules");
    at.max_items(rules.len(), MAX_RULES);
    at.each(rules, |at, rule| {
        at.field("action").supported(rule.action.as_ref());
        let at = &mut at.field("exitCodes");
        match &rule.exit_codes {
            None => {
                at.required("");
            }
            Some(exit_codes) => {
                at.field("operator").supported(exit_codes.operator.as_ref());
                at.field("values")
                    .max_items(exit_codes.values.len(), MAX_EXIT_CODES);
            }
        }
    });
}

pub(super) fn ephemeral_containers(at: &mut At<'_>, context: &Context<'_>) {
    let spec = context.spec;
    if spec.ephemeral_containers.is_empty() {
        return;
    }
    let targets = spec.containers.iter().chain(&spec.init_containers);
    let targets: Seen<_> = targets.map(|target| target.name.as_str()).collect();
    let mut names = targets.clone();
    for (index, container) in spec.ephemeral_containers.iter().enumerate() {
        let at = &mut at.index(index);
        common(at, View::ephemeral(container), context);
        at.field("name").unique(&mut names, &container.name);
        image_without_space(at, &container.image);
        ephemeral_container(at, container, &targets);
    }
}

fn ephemeral_container(at: &mut At<'_>, container: &EphemeralContainer, targets: &Seen<&str>) {
    let target = container.target_container_name.as_str();
    if !target.is_empty() && !targets.contains(&target) {
        at.field("targetContainerName").not_found(target);
    }
    let view = View::ephemeral(container);
    for (name, set) in [
        ("ports", !view.ports.is_empty()),
        (
            "resources",
            *view.resources != ResourceRequirements::default(),
        ),
        ("resizePolicy", !view.resize_policy.is_empty()),
        ("restartPolicy", view.restart_policy.is_some()),
        ("restartPolicyRules", !view.restart_policy_rules.is_empty()),
        ("livenessProbe", view.liveness_probe.is_some()),
        ("readinessProbe", view.readiness_probe.is_some()),
        ("startupProbe", view.startup_probe.is_some()),
        ("lifecycle", view.lifecycle.is_some()),
    ] {
        if set {
            at.field(name)
                .forbidden("cannot be set for an ephemeral container");
        }
    }
    at.field("volumeMounts")
        .each(view.volume_mounts, |at, mount| {
            for (name, path) in [
                ("subPath", &mount.sub_path),
                ("subPathExpr", &mount.sub_path_expr),
            ] {
                if !path.is_empty() {
                    at.field(name)
                        .forbidden("cannot be set for an ephemeral container");
                }
            }
        });
}

/// What holds for containers of all kinds.
fn common(at: &mut At<'_>, container: View<'_>, context: &Context<'_>) {
    if container.name.is_empty() {
        at.field("name").required("");
    } else {
        at.field("name").format(container.name, format::dns_label);
    }
    at.field("image").not_empty(container.image);
    at.field("terminationMessagePolicy")
        .one_of(container.termination_message_policy);
    network::container_ports(&mut at.field("ports"), container.ports);
    env::variables(&mut at.field("env"), container.env);
    env::env_from(&mut at.field("envFrom"), container.env_from);
    mount::volume_mounts(&mut at.field("volumeMounts"), container, context);
    mount::volume_devices(&mut at.field("volumeDevices"), container, context);
    at.field("imagePullPolicy")
        .one_of(container.image_pull_policy);
    resources::container(&mut at.field("resources"), container.resources, context);
    resize_policy(
        &mut at.field("resizePolicy"),
        container.resize_policy,
        context,
    );
    if let Some(security_context) = container.security_context {
        security::container(&mut at.field("securityContext"), security_context, context);
    }
}

fn resize_policy(at: &mut At<'_>, policies: &[ContainerResizePolicy], context: &Context<'_>) {
    let mut seen = Seen::new();
    for (index, policy) in policies.iter().enumerate() {
        let name = policy.resource_name.as_str();
        at.index(index).unique(&mut seen, name);
        if name.is_empty() {
            at.required("");
        } else if policy.resource_name != ResourceName::CPU
            && policy.resource_name != ResourceName::MEMORY
        {
            at.not_supported(name, &["cpu", "memory"]);
        }
        at.one_of(policy.restart_policy.as_ref());
        let keeps = policy.restart_policy == Some(ResourceResizeRestartPolicy::NotRequired);
        if context.spec.restart_policy == Some(RestartPolicy::Never) && !keeps {
            at.invalid(
                policy.restart_policy.as_ref().map_or("", |p| p.as_str()),
                "must be NotRequired in a pod that is never restarted",
            );
        }
    }
}

/// Names are looked up in registries as they stand.
pub(super) fn image_without_space(at: &mut At<'_>, image: &str) {
    if image.trim() != image {
        at.field("image")
            .invalid(image, "must not have leading or trailing whitespace");
    }
}
