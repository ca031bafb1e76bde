//! Whether a container starts again after it has exited.
//!
//! Follows the kubelet of Kubernetes v1.36: `ShouldContainerBeRestarted`,
//! `ContainerShouldRestart`, `FindMatchingContainerRestartRule`,
//! `IsContainerRestartable`, `ShouldAllContainersRestart` and
//! `AllContainersRestartCleanedUp`. When it starts again is a matter of
//! [`back_off`](super::back_off).

use crate::api::{
    AnyContainer, ConditionStatus, Container, ContainerRestartPolicy, ContainerRestartRule,
    ContainerRestartRuleAction as Action, ContainerRestartRuleOnExitCodesOperator as Operator,
    ContainerStatus, EphemeralContainer, Pod, PodConditionType, PodSpec, PodStatus, RestartPolicy,
};

use super::{
    by_name::ByName,
    observation::{Observation, ObservedContainer, ObservedState},
};

/// Everything that a spec says about restarting one container.
///
/// A container's own policy, where it has one, takes the place of the pod's, and
/// only then do its rules count. An absent or unknown pod policy means `Always`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Policy<'a> {
    /// The pod's `restartPolicy`.
    pub pod: Option<&'a RestartPolicy>,
    /// The container's own `restartPolicy`.
    pub container: Option<&'a ContainerRestartPolicy>,
    /// The container's `restartPolicyRules`.
    pub rules: &'a [ContainerRestartRule],
}

impl<'a> Policy<'a> {
    /// Reads the policy of a regular or init container.
    ///
    /// ```
    /// use pod_lifecycle::{api::PodSpec, lifecycle::restart::Policy};
    ///
    /// let spec: PodSpec = serde_json::from_str(
    ///     r#"{"restartPolicy": "OnFailure", "containers": [{"name": "job"}]}"#,
    /// )?;
    /// let policy = Policy::new(&spec, &spec.containers[0]);
    /// assert!(policy.restarts_after(1));
    /// assert!(!policy.restarts_after(0));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn new(spec: &'a PodSpec, container: &'a Container) -> Self {
        Self {
            pod: spec.restart_policy.as_ref(),
            container: container.restart_policy.as_ref(),
            rules: &container.restart_policy_rules,
        }
    }

    /// Reads the policy of a container of any kind.
    ///
    /// ```
    /// use pod_lifecycle::{api::PodSpec, lifecycle::restart::Policy};
    ///
    /// let spec: PodSpec = serde_json::from_str(
    ///     r#"{"restartPolicy": "Never", "initContainers": [{"name": "setup"}]}"#,
    /// )?;
    /// let policy = spec.container("setup").map(|setup| Policy::of(&spec, setup));
    /// assert!(policy.is_some_and(|policy| !policy.can_restart()));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn of(spec: &'a PodSpec, container: AnyContainer<'a>) -> Self {
        match container {
            AnyContainer::Init(container) | AnyContainer::Regular(container) => {
                Self::new(spec, container)
            }
            AnyContainer::Ephemeral(container) => Self::of_ephemeral(spec, container),
        }
    }

    /// Reads the policy that an ephemeral container states; the kubelet never restarts one.
    ///
    /// ```
    /// use pod_lifecycle::{api::PodSpec, lifecycle::restart::Policy};
    ///
    /// let spec: PodSpec = serde_json::from_str(
    ///     r#"{"restartPolicy": "Never", "ephemeralContainers": [{"name": "debug"}]}"#,
    /// )?;
    /// assert!(!Policy::of_ephemeral(&spec, &spec.ephemeral_containers[0]).can_restart());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn of_ephemeral(spec: &'a PodSpec, container: &'a EphemeralContainer) -> Self {
        Self {
            pod: spec.restart_policy.as_ref(),
            container: container.restart_policy.as_ref(),
            rules: &container.restart_policy_rules,
        }
    }

    /// Returns the first rule that matches an exit code, with its index.
    ///
    /// A rule without exit codes or with an unknown operator never matches. The
    /// answer does not depend on the policies; see
    /// [`restarts_after`](Self::restarts_after) for what it leads to.
    ///
    /// ```
    /// use pod_lifecycle::{api::Container, lifecycle::restart::Policy};
    ///
    /// let container: Container = serde_json::from_str(
    ///     r#"{"name": "job", "restartPolicy": "Never", "restartPolicyRules": [
    ///         {"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]}"#,
    /// )?;
    /// let policy = Policy { rules: &container.restart_policy_rules, ..Policy::default() };
    /// assert_eq!(policy.matching_rule(42).map(|(index, _)| index), Some(0));
    /// assert_eq!(policy.matching_rule(1), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn matching_rule(self, exit_code: i32) -> Option<(usize, &'a ContainerRestartRule)> {
        self.rules
            .iter()
            .enumerate()
            .find(|(_, rule)| matches(rule, exit_code))
    }

    /// Whether the container starts again after it exited with that code.
    ///
    /// ```
    /// use pod_lifecycle::{api::PodSpec, lifecycle::restart::Policy};
    ///
    /// let spec: PodSpec = serde_json::from_str(
    ///     r#"{"restartPolicy": "Always", "containers": [
    ///         {"name": "job", "restartPolicy": "Never", "restartPolicyRules": [
    ///             {"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}]}]}"#,
    /// )?;
    /// let policy = Policy::new(&spec, &spec.containers[0]);
    /// assert!(policy.restarts_after(42));
    /// assert!(!policy.restarts_after(1));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn restarts_after(self, exit_code: i32) -> bool {
        if let Some(own) = self.container {
            let action = self
                .matching_rule(exit_code)
                .and_then(|(_, rule)| rule.action.as_ref());
            if let Some(Action::Restart | Action::RestartAllContainers) = action {
                return true;
            }
            match own {
                ContainerRestartPolicy::Always => return true,
                ContainerRestartPolicy::OnFailure => return exit_code != 0,
                ContainerRestartPolicy::Never => return false,
                ContainerRestartPolicy::Other(_) => {}
            }
        }
        match self.pod {
            Some(RestartPolicy::OnFailure) => exit_code != 0,
            Some(RestartPolicy::Never) => false,
            Some(RestartPolicy::Always | RestartPolicy::Other(_)) | None => true,
        }
    }

    /// Whether there is any exit after which the container may start again.
    ///
    /// A rule with the action `RestartAllContainers` does not count here, and
    /// `OnFailure` does.
    ///
    /// ```
    /// use pod_lifecycle::{api::RestartPolicy, lifecycle::restart::Policy};
    ///
    /// let never = Policy { pod: Some(&RestartPolicy::Never), ..Policy::default() };
    /// assert!(!never.can_restart());
    /// assert!(Policy::default().can_restart());
    /// ```
    #[must_use]
    pub fn can_restart(self) -> bool {
        let by_rule = |rule: &ContainerRestartRule| rule.action == Some(Action::Restart);
        !self.is_never() || (self.container.is_some() && self.rules.iter().any(by_rule))
    }

    /// Whether the policy in force, the container's own before the pod's, is `Never`; rules do not count.
    pub(super) fn is_never(self) -> bool {
        match self.container {
            Some(own) => *own == ContainerRestartPolicy::Never,
            None => self.pod == Some(&RestartPolicy::Never),
        }
    }

    /// Whether the policy in force, the container's own before the pod's, is `OnFailure`.
    pub(super) fn is_on_failure(self) -> bool {
        match self.container {
            Some(own) => *own == ContainerRestartPolicy::OnFailure,
            None => self.pod == Some(&RestartPolicy::OnFailure),
        }
    }

    /// Whether the first rule that matches an exit code restarts the whole pod.
    ///
    /// Unlike every other action this one also counts on a container without a policy of its own.
    pub(super) fn restarts_all_after(self, exit_code: i32) -> bool {
        self.matching_rule(exit_code)
            .is_some_and(|(_, rule)| rule.action == Some(Action::RestartAllContainers))
    }
}

fn matches(rule: &ContainerRestartRule, exit_code: i32) -> bool {
    let Some(codes) = &rule.exit_codes else {
        return false;
    };
    let listed = codes.values.contains(&exit_code);
    match codes.operator {
        Some(Operator::In) => listed,
        Some(Operator::NotIn) => !listed,
        Some(Operator::Other(_)) | None => false,
    }
}

/// Whether a container that is not running is to be started, going by its newest instance.
///
/// A pod that is being deleted starts nothing. A container that was never made,
/// that was made and not started, or that the runtime has lost track of is to be
/// started; one that exited goes by its [`Policy`].
///
/// ```
/// use pod_lifecycle::{
///     api::Pod,
///     lifecycle::{ObservedContainer, ObservedState, restart},
/// };
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"restartPolicy": "OnFailure", "containers": [{"name": "job"}]}}"#,
/// )?;
/// let policy = restart::Policy::new(&pod.spec, &pod.spec.containers[0]);
/// let mut job = ObservedContainer { state: ObservedState::Exited, exit_code: 1, ..Default::default() };
/// assert!(restart::should_restart(&pod, policy, None));
/// assert!(restart::should_restart(&pod, policy, Some(&job)));
/// job.exit_code = 0;
/// assert!(!restart::should_restart(&pod, policy, Some(&job)));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn should_restart(pod: &Pod, policy: Policy<'_>, newest: Option<&ObservedContainer>) -> bool {
    if pod.metadata.deletion_timestamp.is_some() {
        return false;
    }
    let Some(container) = newest else {
        return true;
    };
    match container.state {
        ObservedState::Running => false,
        ObservedState::Unknown | ObservedState::Created => true,
        ObservedState::Exited => policy.restarts_after(container.exit_code),
    }
}

/// Whether all of a pod's containers are to be taken down and started again.
///
/// So it is while the status carries the condition `AllContainersRestarting`, and
/// when an exited container's first matching rule has the action
/// `RestartAllContainers`. `observation` and `status` are `None` where they are not
/// known; with an observation, a container that it does not show as exited is passed
/// over, whatever the status says.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::{Observation, restart}};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"containers": [{"name": "web"}, {"name": "guard", "restartPolicyRules": [
///         {"action": "RestartAllContainers", "exitCodes": {"operator": "In", "values": [42]}}]}]}}"#,
/// )?;
/// let seen: Observation = serde_json::from_str(
///     r#"{"containers": [{"name": "guard", "state": "Exited", "exitCode": 42}]}"#,
/// )?;
/// assert!(restart::should_restart_all(&pod.spec, Some(&seen), None));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn should_restart_all(
    spec: &PodSpec,
    observation: Option<&Observation>,
    status: Option<&PodStatus>,
) -> bool {
    if status.is_some_and(is_restarting_all) {
        return true;
    }
    if !could_restart_all(spec) {
        return false;
    }
    let lookups = spec
        .init_containers
        .len()
        .saturating_add(spec.containers.len());
    let observed = observation.map(|observation| observation.newest(lookups));
    let (init, regular) = status.map_or((&[][..], &[][..]), |status| {
        (
            &*status.init_container_statuses,
            &*status.container_statuses,
        )
    });
    let any = |containers: &[Container], statuses: &[ContainerStatus]| {
        let statuses = ByName::new(statuses, containers.len(), |status| &status.name);
        containers.iter().any(|container| {
            let policy = Policy::new(spec, container);
            let status = statuses.find(&container.name);
            let seen = match observed.as_ref().map(|all| all.find(&container.name)) {
                Some(Some(newest)) if newest.state == ObservedState::Exited => {
                    Some(newest.exit_code)
                }
                Some(_) => return false,
                None => None,
            };
            let published = status.and_then(|status| status.state.terminated.as_deref());
            seen.is_some_and(|code| policy.restarts_all_after(code))
                || published.is_some_and(|ended| policy.restarts_all_after(ended.exit_code))
        })
    };
    any(&spec.init_containers, init) || any(&spec.containers, regular)
}

/// Whether any rule of the spec can ever restart all containers.
///
/// ```
/// use pod_lifecycle::{api::PodSpec, lifecycle::restart};
///
/// assert!(!restart::could_restart_all(&PodSpec::default()));
/// ```
#[must_use]
pub fn could_restart_all(spec: &PodSpec) -> bool {
    spec.init_containers
        .iter()
        .chain(&spec.containers)
        .flat_map(|container| &container.restart_policy_rules)
        .any(|rule| rule.action == Some(Action::RestartAllContainers))
}

/// Whether the runtime has no trace left of any init or regular container, so that all can start again.
///
/// ```
/// use pod_lifecycle::{api::PodSpec, lifecycle::{Observation, restart}};
///
/// assert!(restart::is_cleaned_up(&PodSpec::default(), &Observation::default()));
/// ```
#[must_use]
pub fn is_cleaned_up(spec: &PodSpec, observation: &Observation) -> bool {
    let lookups = spec
        .init_containers
        .len()
        .saturating_add(spec.containers.len());
    let observed = observation.newest(lookups);
    !spec
        .init_containers
        .iter()
        .chain(&spec.containers)
        .any(|container| observed.find(&container.name).is_some())
}

/// Whether a status says that all containers are being taken down.
fn is_restarting_all(status: &PodStatus) -> bool {
    status
        .conditions
        .iter()
        .find(|condition| condition.type_ == PodConditionType::ALL_CONTAINERS_RESTARTING)
        .is_some_and(|condition| condition.status == Some(ConditionStatus::True))
}
