//! Which changes of a container's state a report may not make.

use alloc::string::String;

use crate::{
    api::{ContainerStatus, PodSpec, PodStatus, RestartPolicy},
    lifecycle::{
        by_name::ByName,
        restart::{self, Policy},
    },
};

/// A report lets a container that has ended for good go on.
#[derive(Clone, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum IllegalTransition {
    /// A container that is not to be restarted left its terminated state.
    #[error("terminated container {0} may not leave that state")]
    Resurrected(String),
    /// The init container statuses before do not go with the spec.
    #[error("the status of init container {0} does not stand where its spec does")]
    Misplaced(String),
}

/// Checks that no container that has ended for good goes on.
///
/// Follows the status manager's `checkContainerStateTransition` (v1.36). Sidecars, and all containers of a pod with the
/// policy `Always` or with a rule that restarts all containers, may always start again.
///
/// # Errors
///
/// The first container whose state changes illegally.
///
/// ```
/// use pod_lifecycle::api::{PodSpec, PodStatus};
/// use pod_lifecycle::lifecycle::status::check_transition;
///
/// let spec: PodSpec = serde_json::from_str(r#"{"restartPolicy": "Never", "containers": [{"name": "job"}]}"#)?;
/// let old: PodStatus = serde_json::from_str(
///     r#"{"containerStatuses": [{"name": "job", "state": {"terminated": {"exitCode": 1}}}]}"#,
/// )?;
/// let new: PodStatus = serde_json::from_str(r#"{"containerStatuses": [{"name": "job", "state": {"running": {}}}]}"#)?;
/// assert!(check_transition(&old, &new, &spec).is_err());
/// assert!(check_transition(&new, &old, &spec).is_ok());
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn check_transition(
    old: &PodStatus,
    new: &PodStatus,
    spec: &PodSpec,
) -> Result<(), IllegalTransition> {
    if spec.restart_policy == Some(RestartPolicy::Always) || restart::could_restart_all(spec) {
        return Ok(());
    }
    let on_failure = spec.restart_policy == Some(RestartPolicy::OnFailure);
    let over = |old: &ContainerStatus| {
        let exit = old.state.terminated.as_ref()?;
        (exit.exit_code == 0 || !on_failure).then_some(exit.exit_code)
    };
    let goes_on = |old: &ContainerStatus, new: &ByName<'_, ContainerStatus>| {
        new.all(&old.name).any(|new| new.state.terminated.is_none())
    };

    let lookups = old.container_statuses.len();
    let containers = ByName::new(&spec.containers, lookups, |container| &container.name);
    let statuses = ByName::new(&new.container_statuses, lookups, |status| &status.name);
    for old in &old.container_statuses {
        let Some(exit_code) = over(old) else {
            continue;
        };
        let restarts = containers
            .find(&old.name)
            .is_some_and(|container| Policy::new(spec, container).restarts_after(exit_code));
        if !restarts && goes_on(old, &statuses) {
            return Err(IllegalTransition::Resurrected(old.name.clone()));
        }
    }

    let lookups = old.init_container_statuses.len();
    let statuses = ByName::new(&new.init_container_statuses, lookups, |status| &status.name);
    let mut containers = spec.init_containers.iter();
    for old in &old.init_container_statuses {
        let container = containers
            .next()
            .filter(|container| container.name == old.name);
        let Some(container) = container else {
            return Err(IllegalTransition::Misplaced(old.name.clone()));
        };
        let Some(exit_code) = over(old) else {
            continue;
        };
        if !container.is_sidecar()
            && !Policy::new(spec, container).restarts_after(exit_code)
            && goes_on(old, &statuses)
        {
            return Err(IllegalTransition::Resurrected(old.name.clone()));
        }
    }
    Ok(())
}
