//! A cluster out of a file.

use std::collections::BTreeMap;

use pod_lifecycle::{
    admission::defaults,
    api::{
        Namespace, Node, ObjectMeta, PersistentVolumeClaimSpec, Pod, PodDisruptionBudget, PodPhase,
        PriorityClass,
    },
    critical,
    scheduling::Snapshot,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::manifest::{Complaint, Document, Source};

/// What the scheduler has to know of a cluster.
#[derive(Default)]
pub(crate) struct Cluster {
    /// The file.
    pub(crate) name: String,
    pub(crate) snapshot: Snapshot,
    pub(crate) budgets: Vec<PodDisruptionBudget>,
    classes: Vec<PriorityClass>,
    /// How many pods have a place.
    pub(crate) placed: usize,
    /// What was passed over and had better not been.
    pub(crate) notes: Vec<Complaint>,
    /// The line of each object, by its kind, namespace and name.
    lines: BTreeMap<[String; 3], u64>,
}

/// The part of a claim that decides who may share it.
#[derive(Deserialize)]
struct Claim {
    metadata: ObjectMeta,
    #[serde(default)]
    spec: PersistentVolumeClaimSpec,
}

/// The kinds that count, each with its version.
const KINDS: &[(&str, &str)] = &[
    ("Node", "v1"),
    ("Pod", "v1"),
    ("Namespace", "v1"),
    ("PersistentVolumeClaim", "v1"),
    ("PodDisruptionBudget", "policy/v1"),
    ("PriorityClass", "scheduling.k8s.io/v1"),
];

/// The classes that every cluster has.
const SYSTEM_CLASSES: [(&str, i32); 2] = [
    (
        "system-cluster-critical",
        critical::SYSTEM_CRITICAL_PRIORITY,
    ),
    (
        "system-node-critical",
        critical::SYSTEM_CRITICAL_PRIORITY + 1000,
    ),
];

impl Cluster {
    pub(crate) fn read(source: &Source) -> Result<Self, Complaint> {
        let documents = source.documents()?;
        let mut cluster = Self {
            name: documents[0].place().0.to_owned(),
            ..Self::default()
        };
        let mut pods = Vec::new();
        for document in documents {
            document.check_object()?;
            check_version(&document)?;
            match document.kind() {
                "Pod" => pods.push((cluster.pod(&document)?, document)),
                _ => cluster.add(&document)?,
            }
        }
        for (mut pod, document) in pods {
            defaults::apply(&mut pod);
            cluster
                .give_priority(&document, &mut pod)
                .map_err(|what| document.complain_at("spec.priorityClassName", &what))?;
            cluster.place(&pod);
        }
        if cluster.snapshot.is_empty() {
            let source = cluster.name.as_str().into();
            let what = "there is no node in it, as `kubectl get nodes,pods -A -o yaml` prints them";
            return Err(Complaint::of_source(&source, what));
        }
        Ok(cluster)
    }

    /// Takes in anything but a pod.
    fn add(&mut self, document: &Document) -> Result<(), Complaint> {
        match document.kind() {
            "Node" => {
                let node = self.decode::<Node>(document)?;
                if node.status.allocatable.is_empty() {
                    let what = "the node does not say what it has, so that nothing fits";
                    let note = document.complain_at("status.allocatable", what);
                    self.notes.push(note);
                }
                self.snapshot.set_node(&node);
            }
            "Namespace" => {
                let metadata = self.decode::<Namespace>(document)?.metadata;
                self.snapshot
                    .set_namespace(&metadata.name, &metadata.labels);
            }
            "PersistentVolumeClaim" => {
                self.check_name(document)?;
                let (Claim { metadata, spec }, _) = document.read::<Claim>()?;
                let namespace = namespace(&metadata.namespace);
                self.snapshot.set_claim(namespace, &metadata.name, &spec);
            }
            "PodDisruptionBudget" => {
                let mut budget = self.decode::<PodDisruptionBudget>(document)?;
                budget.metadata.namespace = namespace(&budget.metadata.namespace).to_owned();
                self.budgets.push(budget);
            }
            "PriorityClass" => {
                let class = self.decode(document)?;
                self.classes.push(class);
            }
            _ => {}
        }
        Ok(())
    }

    /// Decodes an object; a newer cluster may have written fields that are not known.
    fn decode<T: DeserializeOwned>(&mut self, document: &Document) -> Result<T, Complaint> {
        self.check_name(document)?;
        let (object, unknown) = document.read()?;
        self.notes.extend(unknown);
        Ok(object)
    }

    fn pod(&mut self, document: &Document) -> Result<Pod, Complaint> {
        let pod = self.decode::<Pod>(document)?;
        if pod.spec.containers.is_empty() {
            return Err(document.complain_at("spec.containers", "a pod needs containers"));
        }
        Ok(pod)
    }

    /// Checks that an object has a name, and one that no other of its kind has.
    fn check_name(&mut self, document: &Document) -> Result<(), Complaint> {
        let name = document.metadata("name");
        if name.is_empty() {
            return Err(document.complain_at("metadata.name", "a name is needed"));
        }
        let namespace = namespace(document.metadata("namespace"));
        let key = [document.kind(), namespace, name];
        match self
            .lines
            .insert(key.map(str::to_owned), document.place().1)
        {
            Some(line) => {
                let what = format!("there is a {} of this name on line {line}", document.kind());
                Err(document.complain_at("metadata.name", &what))
            }
            None => Ok(()),
        }
    }

    /// Puts a pod where it is; one that has ended, or has no place, takes no room.
    fn place(&mut self, pod: &Pod) {
        let has_ended = matches!(
            pod.status.phase,
            Some(PodPhase::Succeeded | PodPhase::Failed)
        );
        if !has_ended && self.snapshot.node(&pod.spec.node_name).is_some() {
            let mut pod = pod.clone();
            pod.metadata.namespace = namespace(&pod.metadata.namespace).to_owned();
            self.snapshot.add_pod(&pod);
            self.placed += 1;
        }
    }

    /// Does what admission does with the name of a priority class.
    pub(crate) fn give_priority(&self, document: &Document, pod: &mut Pod) -> Result<(), String> {
        let spec = &mut pod.spec;
        if spec.priority.is_some() {
            return Ok(());
        }
        let name = spec.priority_class_name.as_str();
        let system = SYSTEM_CLASSES.iter().find(|(class, _)| *class == name);
        if let Some((_, value)) = system {
            spec.priority = Some(*value);
            return Ok(());
        }
        let mut classes = self.classes.iter();
        let class = match name {
            "" => classes.find(|class| class.global_default),
            name => classes.find(|class| class.metadata.name == name),
        };
        match class {
            Some(class) => {
                spec.priority = Some(class.value);
                spec.preemption_policy = class.preemption_policy.clone();
            }
            None if name.is_empty() => spec.priority = Some(0),
            None => {
                let kind = document.kind();
                return Err(format!(
                    "the {kind}'s priority class {name:?} is not in {}",
                    self.name
                ));
            }
        }
        Ok(())
    }
}

fn check_version(document: &Document) -> Result<(), Complaint> {
    let (kind, version) = (document.kind(), document.version());
    if kind.is_empty() {
        return Err(document.complain_at("kind", "it must say what it is, as in `kind: Node`"));
    }
    match KINDS.iter().find(|(known, _)| *known == kind) {
        Some((_, expected)) if version != *expected => {
            let what = format!("a {kind} is of version {expected:?}, not {version:?}");
            Err(document.complain_at("apiVersion", &what))
        }
        _ => Ok(()),
    }
}

fn namespace(given: &str) -> &str {
    match given {
        "" => "default",
        namespace => namespace,
    }
}
