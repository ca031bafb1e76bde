//! The pod itself, what it is made from, and what the cluster knows beside it to run it.
//!
//! A [`Pod`] is metadata, a [`PodSpec`] that says what is wanted, and a
//! [`PodStatus`] that says what is. Around it stand the [`PodTemplate`] that
//! controllers stamp pods from, the [`Binding`] that puts one on a node, and the classes and
//! budgets that decide its priority, its runtime and when it may be disrupted.
//!
//! ```
//! use pod_lifecycle::api::{ContainerKind, Pod};
//!
//! let pod: Pod = serde_json::from_str(
//!     r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
//!         "spec": {"initContainers": [{"name": "setup"}], "containers": [{"name": "app"}]}}"#,
//! )?;
//! assert_eq!(pod.metadata.name, "web");
//! assert_eq!(pod.spec.restart_policy, None);
//! let setup = pod.spec.container("setup").map(|container| container.kind());
//! assert_eq!(setup, Some(ContainerKind::Init));
//! # Ok::<(), serde_json::Error>(())
//! ```

use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};

use super::container::{
    AnyContainer, Container, EphemeralContainer, ResourceList, ResourceRequirements,
};
use super::int_or_string::IntOrString;
use super::meta::{Condition, LabelSelector, LocalObjectReference, ObjectMeta, ObjectReference};
use super::placement::{Affinity, Toleration, TopologySpreadConstraint};
use super::security::PodSecurityContext;
use super::status::{PodConditionType, PodStatus};
use super::time::Time;
use super::volume::Volume;

wire_struct! {
    /// A group of containers that are scheduled together onto one node and share its network and
    /// volumes.
    pub struct Pod {
        /// `Pod`; empty inside a typed list.
        pub kind: String => "kind" omitempty,
        /// `v1`; empty inside a typed list.
        pub api_version: String => "apiVersion" omitempty,
        /// Name, identity, labels and the state of the pod's deletion.
        pub metadata: ObjectMeta => "metadata",
        /// What is wanted of the pod; little of it may change once it is created.
        pub spec: PodSpec => "spec",
        /// What the kubelet has observed of the pod; what a client sends at creation is dropped.
        pub status: PodStatus => "status",
    }
}

wire_struct! {
    /// What is wanted of a pod.
    pub struct PodSpec {
        /// Volumes that the containers may mount.
        pub volumes: Vec<Volume> => "volumes" omitempty,
        /// Containers that run before the regular ones, each after the one before it has
        /// succeeded; a sidecar only has to have started, and then runs on.
        pub init_containers: Vec<Container> => "initContainers" omitempty,
        /// Regular containers, all started together once the init containers are done; at least
        /// one.
        pub containers: Vec<Container> => "containers",
        /// Containers that were added to look into the running pod; empty at creation.
        pub ephemeral_containers: Vec<EphemeralContainer> => "ephemeralContainers" omitempty,
        /// When containers without a policy of their own are restarted; the API server sets
        /// [`Always`](RestartPolicy::Always).
        pub restart_policy: Option<RestartPolicy> => "restartPolicy" text omitempty,
        /// Seconds that the containers have to end after they were asked to, before they are
        /// killed, `preStop` hooks included; the API server sets 30, and 0 kills at once.
        pub termination_grace_period_seconds: Option<i64> => "terminationGracePeriodSeconds" omitempty,
        /// Seconds after the pod's [start](PodStatus::start_time) at which the kubelet fails it
        /// with `DeadlineExceeded`; absent means never.
        pub active_deadline_seconds: Option<i64> => "activeDeadlineSeconds" omitempty,
        /// How the containers resolve names; the API server sets
        /// [`ClusterFirst`](DNSPolicy::ClusterFirst).
        pub dns_policy: Option<DNSPolicy> => "dnsPolicy" text omitempty,
        /// Labels that a node must carry, with exactly these values, for the pod to fit it.
        pub node_selector: BTreeMap<String, String> => "nodeSelector" omitempty,
        /// Service account that the pod acts as; admission sets `default`.
        pub service_account_name: String => "serviceAccountName" omitempty,
        /// Older name of [`service_account_name`](Self::service_account_name); the API server
        /// keeps both equal.
        pub service_account: String => "serviceAccount" omitempty,
        /// Whether the account's token is mounted into the containers; absent means as the account
        /// says, and else yes.
        pub automount_service_account_token: Option<bool> => "automountServiceAccountToken" omitempty,
        /// Node that the pod belongs to; the scheduler sets it by a [`Binding`], and a pod created
        /// with it passes the scheduler by. While empty, no kubelet looks at the pod.
        pub node_name: String => "nodeName" omitempty,
        /// Whether the containers use the node's own network; their ports must then be free on the
        /// node.
        pub host_network: bool => "hostNetwork" omitempty,
        /// Whether the containers see all processes of the node.
        pub host_pid: bool => "hostPID" omitempty,
        /// Whether the containers share the node's inter-process communication.
        pub host_ipc: bool => "hostIPC" omitempty,
        /// Whether the containers see each other's processes; absent means no, and with
        /// [`host_pid`](Self::host_pid) it is invalid.
        pub share_process_namespace: Option<bool> => "shareProcessNamespace" omitempty,
        /// What holds for the security of all containers; the API server sets an empty one.
        pub security_context: Option<Box<PodSecurityContext>> => "securityContext" omitempty,
        /// Secrets with credentials for registries, tried in turn.
        pub image_pull_secrets: Vec<LocalObjectReference> => "imagePullSecrets" omitempty,
        /// The pod's hostname, a DNS label; empty means its name.
        pub hostname: String => "hostname" omitempty,
        /// Makes the full hostname `hostname.subdomain.namespace.svc.` and the cluster's domain;
        /// empty means no such name.
        pub subdomain: String => "subdomain" omitempty,
        /// Which nodes, and which other pods, the pod wants to be near or far from.
        pub affinity: Option<Box<Affinity>> => "affinity" omitempty,
        /// Scheduler that shall place the pod; the API server sets `default-scheduler`.
        pub scheduler_name: String => "schedulerName" omitempty,
        /// Taints of nodes that the pod puts up with; admission adds `NoExecute` ones of 300
        /// seconds for nodes that are not ready or not reachable.
        pub tolerations: Vec<Toleration> => "tolerations" omitempty,
        /// Entries that the kubelet adds to the containers' `/etc/hosts`.
        pub host_aliases: Vec<HostAlias> => "hostAliases" omitempty,
        /// [`PriorityClass`] that admission takes the priority from; empty means the default
        /// class, if there is one.
        pub priority_class_name: String => "priorityClassName" omitempty,
        /// Priority, filled in by admission: higher ones are scheduled first and may preempt lower
        /// ones; absent means 0.
        pub priority: Option<i32> => "priority" omitempty,
        /// What is added to, or with [`DNSPolicy::None`] makes up, the resolver's configuration.
        pub dns_config: Option<Box<PodDNSConfig>> => "dnsConfig" omitempty,
        /// Conditions that must be true, beside the containers being ready, for the pod to be
        /// ready.
        pub readiness_gates: Vec<PodReadinessGate> => "readinessGates" omitempty,
        /// [`RuntimeClass`] that the containers run under; absent means the node's default
        /// runtime.
        pub runtime_class_name: Option<String> => "runtimeClassName" omitempty,
        /// Whether variables in the style of Docker links tell the containers of the namespace's
        /// services; the API server sets true.
        pub enable_service_links: Option<bool> => "enableServiceLinks" omitempty,
        /// Whether the pod may preempt others to be scheduled; admission takes it from the class,
        /// and absent means it may.
        pub preemption_policy: Option<PreemptionPolicy> => "preemptionPolicy" omitempty,
        /// What running the pod costs beside its containers; admission takes it from the
        /// [`RuntimeClass`], and it counts as requested.
        pub overhead: ResourceList => "overhead" omitempty,
        /// How evenly pods like this one must spread over zones, nodes and the like.
        pub topology_spread_constraints: Vec<TopologySpreadConstraint> => "topologySpreadConstraints" omitempty,
        /// Whether the kernel's hostname is the full one; absent means no, and one of more than 64
        /// characters keeps the pod pending.
        pub set_hostname_as_fqdn: Option<bool> => "setHostnameAsFQDN" omitempty,
        /// Operating system that the pod is made for; a kubelet of another one rejects it, and
        /// validation refuses fields that it does not know. Absent means not said.
        pub os: Option<Box<PodOS>> => "os" omitempty,
        /// Whether the containers' users are those of the node; absent means yes, and false gives
        /// the pod a user namespace of its own.
        pub host_users: Option<bool> => "hostUsers" omitempty,
        /// Reasons not to schedule the pod yet; set at creation, removed one by one, and while any
        /// is left the scheduler passes the pod over.
        pub scheduling_gates: Vec<PodSchedulingGate> => "schedulingGates" omitempty,
        /// Claims for devices that must be allocated and reserved before the pod may start.
        pub resource_claims: Vec<PodResourceClaim> => "resourceClaims" omitempty,
        /// What the pod as a whole requests and may use, of CPU, memory and huge pages; absent
        /// means what the containers add up to.
        pub resources: Option<Box<ResourceRequirements>> => "resources" omitempty,
        /// The hostname to the letter, in place of everything that [`hostname`](Self::hostname)
        /// and the fields around it say; absent means none.
        pub hostname_override: Option<String> => "hostnameOverride" omitempty,
        /// Group of pods that are scheduled together; dropped at creation while the gate
        /// `GenericWorkload` is off, as it is by default.
        pub scheduling_group: Option<Box<PodSchedulingGroup>> => "schedulingGroup" omitempty,
    }
}

wire_struct! {
    /// A stored template for pods.
    pub struct PodTemplate {
        /// `PodTemplate`; empty inside a typed list.
        pub kind: String => "kind" omitempty,
        /// `v1`; empty inside a typed list.
        pub api_version: String => "apiVersion" omitempty,
        /// Name, identity and labels of the template.
        pub metadata: ObjectMeta => "metadata",
        /// What the pods made from it look like.
        pub template: PodTemplateSpec => "template",
    }
}

wire_struct! {
    /// What a pod made from a template looks like.
    pub struct PodTemplateSpec {
        /// Labels and annotations that the pods get.
        pub metadata: ObjectMeta => "metadata",
        /// What is wanted of the pods.
        pub spec: PodSpec => "spec",
    }
}

wire_struct! {
    /// Puts a pod on a node, as the scheduler asks the API server to.
    pub struct Binding {
        /// `Binding`; may be empty.
        pub kind: String => "kind" omitempty,
        /// `v1`; may be empty.
        pub api_version: String => "apiVersion" omitempty,
        /// Name and namespace of the pod; labels and annotations here are added to it.
        pub metadata: ObjectMeta => "metadata",
        /// The node, as an object of kind `Node`.
        pub target: ObjectReference => "target",
    }
}

wire_struct! {
    /// A line of `/etc/hosts`.
    pub struct HostAlias {
        /// Address.
        pub ip: String => "ip",
        /// Names for it.
        pub hostnames: Vec<String> => "hostnames" omitempty,
    }
}

wire_struct! {
    /// Settings of the resolver, put together with those of the [`DNSPolicy`].
    pub struct PodDNSConfig {
        /// Addresses of name servers, after those of the policy; at most three are used.
        pub nameservers: Vec<String> => "nameservers" omitempty,
        /// Domains in which short names are looked up, after those of the policy; at most 32.
        pub searches: Vec<String> => "searches" omitempty,
        /// Options of the resolver; they win over those of the policy.
        pub options: Vec<PodDNSConfigOption> => "options" omitempty,
    }
}

wire_struct! {
    /// An option of the resolver, such as `ndots`.
    pub struct PodDNSConfigOption {
        /// Name of the option.
        pub name: String => "name" omitempty,
        /// Its value; absent for an option that has none.
        pub value: Option<String> => "value" omitempty,
    }
}

wire_struct! {
    /// Operating system that a pod is made for.
    pub struct PodOS {
        /// Name of the system; absent is invalid.
        pub name: Option<OSName> => "name" text,
    }
}

wire_struct! {
    /// A condition that counts for a pod's readiness.
    pub struct PodReadinessGate {
        /// Type of the condition in [`PodStatus::conditions`]; missing there, it counts as false.
        pub condition_type: PodConditionType => "conditionType",
    }
}

wire_struct! {
    /// A reason not to schedule a pod yet.
    pub struct PodSchedulingGate {
        /// Name of the reason, unique in the list; whoever set it takes it away.
        pub name: String => "name",
    }
}

wire_struct! {
    /// Names the group of pods that a pod is scheduled with.
    pub struct PodSchedulingGroup {
        /// Name of the group in the pod's namespace.
        pub pod_group_name: Option<String> => "podGroupName" omitempty,
    }
}

wire_struct! {
    /// A claim for devices that a pod's containers use; exactly one of the two names is set.
    pub struct PodResourceClaim {
        /// Name by which the containers refer to the claim, a DNS label unique in the pod.
        pub name: String => "name",
        /// An existing claim in the pod's namespace, which pods may share.
        pub resource_claim_name: Option<String> => "resourceClaimName" omitempty,
        /// Template from which a claim is made for this pod alone; it is deleted with the pod.
        pub resource_claim_template_name: Option<String> => "resourceClaimTemplateName" omitempty,
    }
}

wire_struct! {
    /// Gives pods their priority by name.
    pub struct PriorityClass {
        /// `PriorityClass`; empty inside a typed list.
        pub kind: String => "kind" omitempty,
        /// `scheduling.k8s.io/v1`; empty inside a typed list.
        pub api_version: String => "apiVersion" omitempty,
        /// Name of the class; names beginning with `system-` are the system's own.
        pub metadata: ObjectMeta => "metadata",
        /// Priority that pods of the class get; values above one billion are the system's own.
        pub value: i32 => "value",
        /// Whether pods that name no class get this one.
        pub global_default: bool => "globalDefault" omitempty,
        /// When to use the class, for people.
        pub description: String => "description" omitempty,
        /// Whether pods of the class preempt others; the API server sets
        /// [`PreemptLowerPriority`](PreemptionPolicy::PreemptLowerPriority).
        pub preemption_policy: Option<PreemptionPolicy> => "preemptionPolicy" omitempty,
    }
}

wire_struct! {
    /// Names a configuration of the container runtime.
    pub struct RuntimeClass {
        /// `RuntimeClass`; empty inside a typed list.
        pub kind: String => "kind" omitempty,
        /// `node.k8s.io/v1`; empty inside a typed list.
        pub api_version: String => "apiVersion" omitempty,
        /// Name of the class.
        pub metadata: ObjectMeta => "metadata",
        /// Name of the configuration, as the node's runtime knows it; without it there, the pod's
        /// sandbox cannot be made.
        pub handler: String => "handler",
        /// What running a pod of the class costs beside its containers; absent means nothing.
        pub overhead: Option<Overhead> => "overhead" omitempty,
        /// Nodes that support the class; absent means all of them.
        pub scheduling: Option<Scheduling> => "scheduling" omitempty,
    }
}

wire_struct! {
    /// What running a pod costs beside its containers.
    pub struct Overhead {
        /// Amounts for each pod.
        pub pod_fixed: ResourceList => "podFixed" omitempty,
    }
}

wire_struct! {
    /// Where pods of a runtime class can run.
    pub struct Scheduling {
        /// Labels that admission adds to the pod's own selector; a conflict refuses the pod.
        pub node_selector: BTreeMap<String, String> => "nodeSelector" omitempty,
        /// Tolerations that admission adds to the pod's own.
        pub tolerations: Vec<Toleration> => "tolerations" omitempty,
    }
}

wire_struct! {
    /// Limits how many pods of a set may be evicted at the same time.
    pub struct PodDisruptionBudget {
        /// `PodDisruptionBudget`; empty inside a typed list.
        pub kind: String => "kind" omitempty,
        /// `policy/v1`; empty inside a typed list.
        pub api_version: String => "apiVersion" omitempty,
        /// Name and namespace of the budget; it covers pods of this namespace.
        pub metadata: ObjectMeta => "metadata",
        /// What the budget allows.
        pub spec: PodDisruptionBudgetSpec => "spec",
        /// How much of it is left.
        pub status: PodDisruptionBudgetStatus => "status",
    }
}

wire_struct! {
    /// What a disruption budget allows.
    pub struct PodDisruptionBudgetSpec {
        /// Pods that must stay healthy, as a count or a percentage rounded up; not beside
        /// [`max_unavailable`](Self::max_unavailable).
        pub min_available: Option<IntOrString> => "minAvailable" omitempty,
        /// Pods that the budget covers; an empty one covers the whole namespace, an absent one
        /// nothing.
        pub selector: Option<LabelSelector> => "selector" omitempty,
        /// Pods that may be missing, as a count or a percentage rounded up; not beside
        /// [`min_available`](Self::min_available).
        pub max_unavailable: Option<IntOrString> => "maxUnavailable" omitempty,
        /// When running pods that are not ready may be evicted; absent means
        /// [`IfHealthyBudget`](UnhealthyPodEvictionPolicyType::IfHealthyBudget).
        pub unhealthy_pod_eviction_policy: Option<UnhealthyPodEvictionPolicyType> => "unhealthyPodEvictionPolicy" omitempty,
    }
}

wire_struct! {
    /// How much of a disruption budget is left.
    pub struct PodDisruptionBudgetStatus {
        /// Generation of the budget that the figures hold for; evictions wait while it is behind.
        pub observed_generation: i64 => "observedGeneration" omitempty,
        /// Pods whose eviction was granted and whose deletion was not seen yet, with the time of
        /// the grant.
        pub disrupted_pods: BTreeMap<String, Option<Time>> => "disruptedPods" omitempty,
        /// Evictions that may be granted now.
        pub disruptions_allowed: i32 => "disruptionsAllowed",
        /// Covered pods that are healthy.
        pub current_healthy: i32 => "currentHealthy",
        /// Covered pods that must stay healthy.
        pub desired_healthy: i32 => "desiredHealthy",
        /// Pods that the budget counts with.
        pub expected_pods: i32 => "expectedPods",
        /// Whether evictions are allowed at all, as the condition `DisruptionAllowed` says.
        pub conditions: Vec<Condition> => "conditions" omitempty,
    }
}

open_enum! {
    /// When the kubelet restarts a container that has ended.
    pub enum RestartPolicy {
        /// After every exit; the pod never completes.
        Always = "Always",
        /// After an exit code other than zero; the pod succeeds when all containers have.
        OnFailure = "OnFailure",
        /// Not at all; one failed container fails the pod once all have ended.
        Never = "Never",
    }
}

open_enum! {
    /// How the containers of a pod resolve names.
    pub enum DNSPolicy {
        /// By the cluster's name server, on the host's network too.
        ClusterFirstWithHostNet = "ClusterFirstWithHostNet",
        /// By the cluster's name server; on the host's network as [`Default`](Self::Default).
        ClusterFirst = "ClusterFirst",
        /// As the node does.
        Default = "Default",
        /// By [`PodSpec::dns_config`] alone, which must then name a server.
        None = "None",
    }
}

open_enum! {
    /// Whether a pod may preempt others to be scheduled.
    pub enum PreemptionPolicy {
        /// It may preempt pods of lower priority.
        PreemptLowerPriority = "PreemptLowerPriority",
        /// It waits for room, though it still goes first in the queue.
        Never = "Never",
    }
}

open_enum! {
    /// Name of an operating system.
    pub enum OSName {
        /// Linux.
        Linux = "linux",
        /// Windows.
        Windows = "windows",
    }
}

open_enum! {
    /// When running pods that are not ready may be evicted.
    pub enum UnhealthyPodEvictionPolicyType {
        /// Always, whatever the budget says.
        AlwaysAllow = "AlwaysAllow",
        /// Only while the budget has as many healthy pods as it wants.
        IfHealthyBudget = "IfHealthyBudget",
    }
}

impl PodSpec {
    /// Goes through the containers of all kinds: init, regular, ephemeral, in their lists' order.
    ///
    /// ```
    /// use pod_lifecycle::api::PodSpec;
    ///
    /// let spec: PodSpec = serde_json::from_str(
    ///     r#"{"initContainers": [{"name": "setup"}], "containers": [{"name": "app"}],
    ///         "ephemeralContainers": [{"name": "shell"}]}"#,
    /// )?;
    /// let names: Vec<_> = spec.all_containers().map(|container| container.name()).collect();
    /// assert_eq!(names, ["setup", "app", "shell"]);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn all_containers(&self) -> impl Iterator<Item = AnyContainer<'_>> {
        let init = self.init_containers.iter().map(AnyContainer::Init);
        let regular = self.containers.iter().map(AnyContainer::Regular);
        let ephemeral = self
            .ephemeral_containers
            .iter()
            .map(AnyContainer::Ephemeral);
        init.chain(regular).chain(ephemeral)
    }

    /// Returns the container of that name, of whichever kind; of several, which validation
    /// refuses, the first in the order of [`all_containers`](Self::all_containers).
    ///
    /// ```
    /// use pod_lifecycle::api::{ContainerKind, PodSpec};
    ///
    /// let spec: PodSpec = serde_json::from_str(r#"{"containers": [{"name": "app"}]}"#)?;
    /// let app = spec.container("app").map(|container| container.kind());
    /// assert_eq!(app, Some(ContainerKind::Regular));
    /// assert_eq!(spec.container("db"), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn container(&self, name: &str) -> Option<AnyContainer<'_>> {
        self.all_containers()
            .find(|container| container.name() == name)
    }
}
