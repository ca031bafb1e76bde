//! A container of any kind, as the rules for all kinds see it.

use crate::{
    api::{
        Container, ContainerPort, ContainerResizePolicy, ContainerRestartPolicy,
        ContainerRestartRule, EnvFromSource, EnvVar, EphemeralContainer, Lifecycle, PodSpec, Probe,
        PullPolicy, ResourceRequirements, SecurityContext, TerminationMessagePolicy, VolumeDevice,
        VolumeMount,
    },
    field::At,
};

/// What a [`Container`] and an [`EphemeralContainer`] have in common, borrowed.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    pub(super) name: &'a str,
    pub(super) image: &'a str,
    pub(super) ports: &'a [ContainerPort],
    pub(super) env_from: &'a [EnvFromSource],
    pub(super) env: &'a [EnvVar],
    pub(super) resources: &'a ResourceRequirements,
    pub(super) resize_policy: &'a [ContainerResizePolicy],
    pub(super) restart_policy: Option<&'a ContainerRestartPolicy>,
    pub(super) restart_policy_rules: &'a [ContainerRestartRule],
    pub(super) volume_mounts: &'a [VolumeMount],
    pub(super) volume_devices: &'a [VolumeDevice],
    pub(super) liveness_probe: Option<&'a Probe>,
    pub(super) readiness_probe: Option<&'a Probe>,
    pub(super) startup_probe: Option<&'a Probe>,
    pub(super) lifecycle: Option<&'a Lifecycle>,
    pub(super) termination_message_policy: Option<&'a TerminationMessagePolicy>,
    pub(super) image_pull_policy: Option<&'a PullPolicy>,
    pub(super) security_context: Option<&'a SecurityContext>,
}

macro_rules! view {
    ($container:ident) => {
        View {
            name: &$container.name,
            image: &$container.image,
            ports: &$container.ports,
            env_from: &$container.env_from,
            env: &$container.env,
            resources: &$container.resources,
            resize_policy: &$container.resize_policy,
            restart_policy: $container.restart_policy.as_ref(),
            restart_policy_rules: &$container.restart_policy_rules,
            volume_mounts: &$container.volume_mounts,
            volume_devices: &$container.volume_devices,
            liveness_probe: $container.liveness_probe.as_deref(),
            readiness_probe: $container.readiness_probe.as_deref(),
            startup_probe: $container.startup_probe.as_deref(),
            lifecycle: $container.lifecycle.as_deref(),
            termination_message_policy: $container.termination_message_policy.as_ref(),
            image_pull_policy: $container.image_pull_policy.as_ref(),
            security_context: $container.security_context.as_deref(),
        }
    };
}

impl<'a> View<'a> {
    pub(super) fn of(container: &'a Container) -> Self {
        view!(container)
    }

    pub(super) fn ephemeral(container: &'a EphemeralContainer) -> Self {
        view!(container)
    }

    /// Goes through the containers of all kinds: init, regular, ephemeral.
    pub(super) fn all(spec: &'a PodSpec) -> impl Iterator<Item = Self> {
        let init = spec.init_containers.iter().map(Self::of);
        let regular = spec.containers.iter().map(Self::of);
        let ephemeral = spec.ephemeral_containers.iter().map(Self::ephemeral);
        init.chain(regular).chain(ephemeral)
    }

    /// Goes to each of [`all`](Self::all), starting from the spec.
    pub(super) fn each(
        at: &mut At<'_>,
        spec: &'a PodSpec,
        mut check: impl FnMut(&mut At<'_>, Self),
    ) {
        for (index, container) in spec.init_containers.iter().enumerate() {
            check(
                &mut at.field("initContainers").index(index),
                Self::of(container),
            );
        }
        for (index, container) in spec.containers.iter().enumerate() {
            check(
                &mut at.field("containers").index(index),
                Self::of(container),
            );
        }
        for (index, container) in spec.ephemeral_containers.iter().enumerate() {
            let at = &mut at.field("ephemeralContainers");
            check(&mut at.index(index), Self::ephemeral(container));
        }
    }
}
