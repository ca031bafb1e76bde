//! Features of a node's kubelet that a pod depends on.

use super::Misfit;
use crate::api::{ContainerRestartRuleAction, PodSpec};

/// Features that a pod depends on.
///
/// ```
/// use pod_lifecycle::{api::PodSpec, scheduling::{Misfit, declared_features::Required}};
///
/// let spec: PodSpec = serde_json::from_str(r#"{"hostNetwork": true, "hostUsers": false}"#)?;
/// let required = Required::of(&spec).unwrap();
/// assert_eq!(required.check(&[]), Some(Misfit::DeclaredFeatures));
/// assert_eq!(required.check(&["UserNamespacesHostNetworkSupport".into()]), None);
/// assert_eq!(Required::of(&PodSpec::default()), None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Required {
    restart_all_containers: bool,
    user_namespaces_with_host_network: bool,
}

impl Required {
    /// Returns what a pod depends on, or `None` where that is nothing.
    ///
    /// ```
    /// use pod_lifecycle::{api::PodSpec, scheduling::declared_features::Required};
    ///
    /// let spec: PodSpec = serde_json::from_str(r#"{"hostNetwork": true, "hostUsers": false}"#)?;
    /// assert!(Required::of(&spec).is_some());
    /// assert_eq!(Required::of(&PodSpec::default()), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn of(pod: &PodSpec) -> Option<Self> {
        let restarts_all = |action: &Option<ContainerRestartRuleAction>| {
            *action == Some(ContainerRestartRuleAction::RestartAllContainers)
        };
        let mut containers = pod.containers.iter().chain(&pod.init_containers);
        let required = Self {
            restart_all_containers: containers.any(|container| {
                let mut rules = container.restart_policy_rules.iter();
                rules.any(|rule| restarts_all(&rule.action))
            }),
            user_namespaces_with_host_network: pod.host_network && pod.host_users == Some(false),
        };
        let any = required.restart_all_containers || required.user_namespaces_with_host_network;
        any.then_some(required)
    }

    /// Whether a feature is missing among those that the node declares in its status.
    ///
    /// ```
    /// use pod_lifecycle::{api::PodSpec, scheduling::{Misfit, declared_features::Required}};
    ///
    /// let spec: PodSpec = serde_json::from_str(r#"{"hostNetwork": true, "hostUsers": false}"#)?;
    /// let required = Required::of(&spec).unwrap();
    /// assert_eq!(required.check(&[]), Some(Misfit::DeclaredFeatures));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn check(&self, declared: &[alloc::string::String]) -> Option<Misfit> {
        let has = |name: &str| declared.iter().any(|feature| feature == name);
        let fits = (!self.restart_all_containers || has("RestartAllContainersOnContainerExits"))
            && (!self.user_namespaces_with_host_network || has("UserNamespacesHostNetworkSupport"));
        (!fits).then_some(Misfit::DeclaredFeatures)
    }
}
