//! Pods made from templates, and whether they still are what their template says.
//!
//! [`instantiate`] makes a pod as the workload controllers of kube-controller-manager do
//! (`GetPodFromTemplate`); what it returns goes through [`create`](super::create) like any other.
//!
//! # Does a pod still match its template?
//!
//! Kubernetes' own controllers never compare a pod with a template. They keep the template that a pod
//! was made from (a `ReplicaSet`'s, or a `ControllerRevision`), and replace the pod when the template that
//! they have now is another one. [`changes`] is that comparison, with the fields that differ, and it is exact:
//! both are completed first, so that a default that somebody has written out is no change.
//!
//! [`differences`] is for those who have only the pod. A stored pod has more than its template:
//! defaults, what plugins of the API server have added, what an update or a resize has changed. The
//! rule is that **every field of the template, completed as the API server completes it, must
//! have the same value in the pod, and the pod must not have a field that the template leaves
//! open**. So the differences tell an image that was updated or a container that was injected, and
//! also what the template once had and has no more. Not compared, since a pod gets or loses them in
//! its ordinary life, are:
//!
//! | in the pod | because |
//! |---|---|
//! | labels and annotations that the template does not have | controllers, plugins and people add them |
//! | the rest of the metadata, the status | they are the pod's own |
//! | `ephemeralContainers` | they are added to running pods |
//! | `schedulingGates`; while the template has any, also further entries of `nodeSelector`, and `affinity.nodeAffinity` | gates are removed one by one, and a gated pod may be narrowed down |
//! | `nodeName`, where the template has none | the scheduler sets it |
//! | `serviceAccountName`, `serviceAccount`, `imagePullSecrets`, where the template has none; volumes named `kube-api-access-…` and their mounts | plugin `ServiceAccount` |
//! | `priorityClassName`, `priority`, `preemptionPolicy`, where the template has none | plugin Priority |
//! | further `tolerations` | plugin `DefaultTolerationSeconds` and others; any update may add some |
//! | `overhead`, where the template has none, and further entries of `nodeSelector`, both where it has a `runtimeClassName` | plugin `RuntimeClass` |
//! | requests and limits of containers for resources for which the template has none, in a pod with the annotation `kubernetes.io/limit-ranger` | plugin `LimitRanger` |
//!
//! Everything else counts, also where an update is allowed: an image, a deadline, the resources after a
//! resize. A caller that does not mind passes over the paths. Webhooks may add anything;
//! where some do, pass over [`Added`]. What a controller itself puts into its pods (a
//! `StatefulSet`'s host name and claims, a `DaemonSet`'s node affinity) belongs into the template that is
//! given.
//!
//! Items of `containers`, `initContainers`, `volumes`, `env`, `ports`, `volumeMounts` and
//! `volumeDevices` are found by their names or what stands for one, and must come in the template's
//! order; other lists are compared item by item. Quantities are compared by value.
//!
//! There is no hash of a template here. Those that Kubernetes writes into `pod-template-hash` and
//! `controller-revision-hash` are of the memory and the encoding of its own programs, and one of this crate's would
//! change with its version. To know the template that a pod was made from, keep it: as JSON in an
//! annotation, or in an object of its own.

use alloc::{
    boxed::Box,
    collections::{BTreeMap, VecDeque},
    string::String,
    vec::Vec,
};

use jiff::Timestamp;

use super::{conversion, defaults, prepare};
use crate::{
    api::{
        Affinity, Container, ContainerPort, EnvVar, ObjectMeta, OwnerReference, Pod, PodSpec,
        PodTemplateSpec, Protocol, ResourceList, Volume, VolumeDevice, VolumeMount,
    },
    field::{
        self, At, Difference,
        DifferenceKind::{Added, Changed, Missing},
    },
    format,
    wire::{Object as _, Wire, note},
};

/// The start of the name of the volume that plugin `ServiceAccount` adds.
const TOKEN_VOLUME: &str = "kube-api-access-";
/// Where it mounts it.
const TOKEN_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// What plugin `LimitRanger` writes on a pod that it has given requests or limits.
const LIMIT_RANGER: &str = "kubernetes.io/limit-ranger";

/// Makes a pod from a template, for an owner that controls it.
///
/// As `GetPodFromTemplate` does: the pod has the template's labels, annotations, finalizers and spec,
/// the owner as its only one, and a name that is to be generated behind the owner's. A controller
/// that names its pods itself sets the name afterwards, as the `StatefulSet`'s does. Nothing is defaulted
/// or checked; [`create`](super::create) does that.
///
/// ```
/// use pod_lifecycle::{admission::{self, template}, api::{ObjectMeta, PodTemplateSpec}};
///
/// let template: PodTemplateSpec = serde_json::from_str(
///     r#"{"metadata": {"labels": {"app": "web"}},
///         "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}"#,
/// )?;
/// let set = ObjectMeta { name: "web-7d9f".into(), uid: "5ea1".into(), ..Default::default() };
/// let owner = template::controller_ref("apps/v1", "ReplicaSet", &set);
/// let pod = template::instantiate(&template, "shop", &owner);
/// assert_eq!(pod.metadata.generate_name, "web-7d9f-");
/// assert_eq!(pod.metadata.owner_references, [owner]);
///
/// let now = "2026-03-01T09:00:00Z".parse().unwrap();
/// let stored = admission::create(now, pod, &admission::Options::default()).unwrap().pod;
/// assert_eq!(template::differences(&stored, &template), []);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn instantiate(template: &PodTemplateSpec, namespace: &str, owner: &OwnerReference) -> Pod {
    let ObjectMeta {
        labels,
        annotations,
        finalizers,
        ..
    } = &template.metadata;
    Pod {
        metadata: ObjectMeta {
            generate_name: generate_name(&owner.name),
            namespace: namespace.into(),
            labels: labels.clone(),
            annotations: annotations.clone(),
            finalizers: finalizers.clone(),
            owner_references: [owner.clone()].into(),
            ..ObjectMeta::default()
        },
        spec: template.spec.clone(),
        ..Pod::default()
    }
}

/// Returns the reference by which an object controls its pods, as `NewControllerRef` does.
///
/// ```
/// use pod_lifecycle::{admission::template, api::ObjectMeta};
///
/// let job = ObjectMeta { name: "report".into(), uid: "5ea1".into(), ..Default::default() };
/// let owner = template::controller_ref("batch/v1", "Job", &job);
/// assert_eq!((owner.controller, owner.block_owner_deletion), (Some(true), Some(true)));
/// ```
#[must_use]
pub fn controller_ref(api_version: &str, kind: &str, metadata: &ObjectMeta) -> OwnerReference {
    OwnerReference {
        api_version: api_version.into(),
        kind: kind.into(),
        name: metadata.name.clone(),
        uid: metadata.uid.clone(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// Returns what the names of an owner's pods begin with: its own and a dash.
///
/// Without the dash where no name of a pod could begin so, be it too long or not a DNS subdomain.
///
/// ```
/// use pod_lifecycle::admission::template;
///
/// assert_eq!(template::generate_name("web"), "web-");
/// let long = "a".repeat(254);
/// assert_eq!(template::generate_name(&long), long);
/// ```
#[must_use]
pub fn generate_name(owner: &str) -> String {
    let mut name = String::from(owner);
    name.push('-');
    if !format::dns_subdomain_prefix(&name).is_empty() {
        name.pop();
    }
    name
}

/// Returns where a template differs from an older one; nowhere means that pods of the one are pods of the other.
///
/// Both are completed first, as the API server completes templates. Everything is compared, by value. Paths are those of the
/// templates themselves; `Missing` is what only the old one has.
///
/// ```
/// use pod_lifecycle::{admission::template, api::PodTemplateSpec};
///
/// let template = |spec: &str| serde_json::from_str::<PodTemplateSpec>(&format!(r#"{{"spec": {spec}}}"#));
/// let old = template(r#"{"containers": [{"name": "web", "image": "nginx:1.27"}]}"#)?;
/// let same = template(
///     r#"{"restartPolicy": "Always", "containers": [{"name": "web", "image": "nginx:1.27"}]}"#,
/// )?;
/// assert_eq!(template::changes(&old, &same), []);
///
/// let new = template(r#"{"containers": [{"name": "web", "image": "nginx:1.28"}]}"#)?;
/// let changes = template::changes(&old, &new);
/// assert_eq!(changes[0].to_string(), "spec.containers[0].image: changed");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn changes(old: &PodTemplateSpec, new: &PodTemplateSpec) -> Vec<Difference> {
    let (old, new) = (completed(old), completed(new));
    compared(|at, comparison| {
        let metadata = &mut at.field("metadata");
        new.metadata
            .compare(&old.metadata, metadata, &mut comparison.found);
        comparison.spec(&mut at.field("spec"), &new.spec, &old.spec);
    })
}

/// Returns where a stored pod differs from what its template says; nowhere means that it still matches.
///
/// The [module](self) has the rule, and what is not compared. The template is that of the object that
/// made the pod: a Deployment's pods are made by `ReplicaSet`s. Paths are those of the pod; where the
/// pod lacks an item of a list, the path is that of the template.
///
/// ```
/// use pod_lifecycle::{admission::{self, template}, api::{ObjectMeta, PodTemplateSpec, Toleration}};
/// # let mut template: PodTemplateSpec = serde_json::from_str(
/// #     r#"{"spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}}"#,
/// # )?;
/// # let set = ObjectMeta { name: "web-7d9f".into(), uid: "5ea1".into(), ..Default::default() };
/// # let owner = template::controller_ref("apps/v1", "ReplicaSet", &set);
/// # let pod = template::instantiate(&template, "shop", &owner);
/// # let now = "2026-03-01T09:00:00Z".parse().unwrap();
/// # let mut pod = admission::create(now, pod, &admission::Options::default()).unwrap().pod;
/// // What happens to any pod is no difference …
/// pod.spec.node_name = "node-1".into();
/// pod.spec.tolerations.push(Toleration { key: "node.kubernetes.io/not-ready".into(), ..Default::default() });
/// assert_eq!(template::differences(&pod, &template), []);
///
/// // … and what somebody has changed is one.
/// pod.spec.containers[0].image = "nginx:1.28".into();
/// template.spec.dns_policy = Some("Default".into());
/// let differences = template::differences(&pod, &template);
/// let differences: Vec<String> = differences.iter().map(ToString::to_string).collect();
/// assert_eq!(differences, ["spec.dnsPolicy: changed", "spec.containers[0].image: changed"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn differences(pod: &Pod, template: &PodTemplateSpec) -> Vec<Difference> {
    let mut wanted = expected(pod, template);
    leave_to_the_server(&mut wanted.spec, pod);
    compared(|at, comparison| {
        comparison.is_pod = true;
        let metadata = &mut at.field("metadata");
        let labels = (&pod.metadata.labels, &template.metadata.labels);
        comparison.entries(&mut metadata.field("labels"), labels);
        let annotations = (&pod.metadata.annotations, &wanted.metadata.annotations);
        comparison.entries(&mut metadata.field("annotations"), annotations);
        comparison.spec(&mut at.field("spec"), &pod.spec, &wanted.spec);
    })
}

fn compared(compare: impl FnOnce(&mut At<'_>, &mut Comparison)) -> Vec<Difference> {
    let mut comparison = Comparison::default();
    let walked = field::collect("", |at| compare(at, &mut comparison));
    debug_assert_eq!(walked, Ok(()), "a comparison reports no error");
    comparison.found
}

fn completed(template: &PodTemplateSpec) -> PodTemplateSpec {
    let mut template = template.clone();
    defaults::apply_to_template(&mut template);
    conversion::normalize_spec(&mut template.spec);
    template
}

/// The pod that the API server would make of the template.
fn expected(pod: &Pod, template: &PodTemplateSpec) -> Pod {
    let PodTemplateSpec { metadata, spec } = completed(template);
    let mut wanted = Pod {
        metadata,
        spec,
        ..Pod::default()
    };
    // Labels that a controller adds are there when `matchLabelKeys` are looked up.
    wanted.metadata.labels.clone_from(&pod.metadata.labels);
    defaults::apply(&mut wanted);
    conversion::normalize(&mut wanted);
    prepare::create(Timestamp::UNIX_EPOCH, &mut wanted);
    wanted
}

/// Takes from the pod what the server may fill in, or life may change.
fn leave_to_the_server(wanted: &mut PodSpec, pod: &Pod) {
    let found = &pod.spec;
    macro_rules! where_open {
        ($($field:ident)*) => {$(
            if Wire::is_empty(&wanted.$field) {
                wanted.$field.clone_from(&found.$field);
            }
        )*};
    }
    where_open!(node_name service_account_name service_account image_pull_secrets);
    where_open!(priority_class_name priority preemption_policy);
    let is_gated = !wanted.scheduling_gates.is_empty();
    let has_class = wanted.runtime_class_name.is_some();
    if has_class {
        where_open!(overhead);
    }
    if is_gated || has_class {
        for (key, value) in &found.node_selector {
            let entry = wanted.node_selector.entry(key.clone());
            entry.or_insert_with(|| value.clone());
        }
    }
    if is_gated {
        keep_node_affinity(&mut wanted.affinity, found.affinity.as_deref());
    }
    let annotations = &pod.metadata.annotations;
    if annotations.contains_key(LIMIT_RANGER) {
        let of = |containers: &mut [Container], found: &[Container]| {
            for container in containers {
                let name = &container.name;
                if let Some(found) = found.iter().find(|found| found.name == *name) {
                    let wanted = &mut container.resources;
                    fill(&mut wanted.requests, &found.resources.requests);
                    fill(&mut wanted.limits, &found.resources.limits);
                }
            }
        };
        of(&mut wanted.init_containers, &found.init_containers);
        of(&mut wanted.containers, &found.containers);
    }
}

fn fill(wanted: &mut ResourceList, found: &ResourceList) {
    for (name, amount) in found {
        if !wanted.contains_key(name) {
            wanted.insert(name.clone(), amount.clone());
        }
    }
}

/// A gated pod may get its first affinity, and never loses one.
fn keep_node_affinity(wanted: &mut Option<Box<Affinity>>, found: Option<&Affinity>) {
    let node_affinity = found.and_then(|found| found.node_affinity.as_ref());
    if let Some(node_affinity) = node_affinity {
        wanted.get_or_insert_default().node_affinity = Some(node_affinity.clone());
    }
}

/// An item of a list that is found by its key.
trait Item: Wire {
    type Key<'a>: Ord
    where
        Self: 'a;

    fn key(&self) -> Self::Key<'_>;

    /// Whether plugin `ServiceAccount` has put it into a pod.
    fn is_of_service_account(&self) -> bool {
        false
    }

    fn compare_item(&self, wanted: &Self, at: &mut At<'_>, comparison: &mut Comparison) {
        self.compare(wanted, at, &mut comparison.found);
    }
}

impl Item for Container {
    type Key<'a> = &'a str;

    fn key(&self) -> &str {
        &self.name
    }

    fn compare_item(&self, wanted: &Self, at: &mut At<'_>, comparison: &mut Comparison) {
        let with_keys = ["ports", "env", "volumeMounts", "volumeDevices"];
        self.compare_but(&with_keys, wanted, at, &mut comparison.found);
        comparison.items(&mut at.field("ports"), &self.ports, &wanted.ports);
        comparison.items(&mut at.field("env"), &self.env, &wanted.env);
        let mounts = &mut at.field("volumeMounts");
        comparison.items(mounts, &self.volume_mounts, &wanted.volume_mounts);
        let devices = &mut at.field("volumeDevices");
        comparison.items(devices, &self.volume_devices, &wanted.volume_devices);
    }
}

impl Item for Volume {
    type Key<'a> = &'a str;

    fn key(&self) -> &str {
        &self.name
    }

    fn is_of_service_account(&self) -> bool {
        self.name.starts_with(TOKEN_VOLUME) && self.projected.is_some()
    }
}

impl Item for VolumeMount {
    type Key<'a> = &'a str;

    fn key(&self) -> &str {
        &self.mount_path
    }

    fn is_of_service_account(&self) -> bool {
        self.name.starts_with(TOKEN_VOLUME) && self.mount_path == TOKEN_PATH
    }
}

impl Item for VolumeDevice {
    type Key<'a> = &'a str;

    fn key(&self) -> &str {
        &self.device_path
    }
}

impl Item for EnvVar {
    type Key<'a> = &'a str;

    fn key(&self) -> &str {
        &self.name
    }
}

impl Item for ContainerPort {
    type Key<'a> = (i32, &'a str);

    fn key(&self) -> (i32, &str) {
        let protocol = self.protocol.as_ref().map(Protocol::as_str);
        (self.container_port, protocol.unwrap_or_default())
    }
}

/// The fields of a spec that are not compared as they stand: lists of items, and what in a pod is not its template's.
const ELSEWHERE: &[&str] = &[
    "volumes",
    "initContainers",
    "containers",
    "tolerations",
    "ephemeralContainers",
    "schedulingGates",
];
/// How many of them are lists of items.
const ITEMS: usize = 3;

/// What was found so far, and by which rule.
#[derive(Default)]
struct Comparison {
    found: Vec<Difference>,
    /// Whether a pod is compared with its template, rather than two templates.
    is_pod: bool,
}

impl Comparison {
    fn spec(&mut self, at: &mut At<'_>, spec: &PodSpec, wanted: &PodSpec) {
        let elsewhere = match self.is_pod {
            true => ELSEWHERE,
            false => &ELSEWHERE[..ITEMS],
        };
        spec.compare_but(elsewhere, wanted, at, &mut self.found);
        if self.is_pod {
            let tolerations = &mut at.field("tolerations");
            for (index, wanted) in wanted.tolerations.iter().enumerate() {
                if !spec.tolerations.contains(wanted) {
                    note(&tolerations.index(index), Missing, &mut self.found);
                }
            }
        }
        self.items(&mut at.field("volumes"), &spec.volumes, &wanted.volumes);
        let init = &mut at.field("initContainers");
        self.items(init, &spec.init_containers, &wanted.init_containers);
        let regular = &mut at.field("containers");
        self.items(regular, &spec.containers, &wanted.containers);
    }

    /// Compares the entries that are wanted; others may be there.
    fn entries(
        &mut self,
        at: &mut At<'_>,
        (map, wanted): (&BTreeMap<String, String>, &BTreeMap<String, String>),
    ) {
        for (key, wanted) in wanted {
            let kind = match map.get(key) {
                Some(value) if value == wanted => continue,
                Some(_) => Changed,
                None => Missing,
            };
            note(&at.key(key), kind, &mut self.found);
        }
    }

    /// Compares items by key; those that share one are taken in their order.
    fn items<T: Item>(&mut self, at: &mut At<'_>, items: &[T], wanted: &[T]) {
        if items == wanted {
            return;
        }
        let mut places = BTreeMap::<T::Key<'_>, VecDeque<usize>>::new();
        for (index, item) in items.iter().enumerate() {
            places.entry(item.key()).or_default().push_back(index);
        }
        let (mut last, mut in_order) = (None, true);
        for (index, wanted) in wanted.iter().enumerate() {
            let place = places.get_mut(&wanted.key()).and_then(VecDeque::pop_front);
            match place.and_then(|place| Some((place, items.get(place)?))) {
                Some((place, item)) => {
                    item.compare_item(wanted, &mut at.index(place), self);
                    in_order &= last < Some(place);
                    last = Some(place);
                }
                None => note(&at.index(index), Missing, &mut self.found),
            }
        }
        if !in_order {
            note(at, Changed, &mut self.found);
        }
        let mut added: Vec<usize> = places.into_values().flatten().collect();
        added.sort_unstable();
        for index in added {
            let is_expected = self.is_pod && items[index].is_of_service_account();
            if !is_expected {
                note(&at.index(index), Added, &mut self.found);
            }
        }
    }
}
