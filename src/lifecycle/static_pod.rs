//! Static pods: which of several of one name may start, and the copies that the API server has of them.
//!
//! Follows `allowStaticPodStart` of the kubelet's pod workers, and `CreateMirrorPod`, `IsMirrorPodOf` and
//! `tryReconcileMirrorPods`, Kubernetes v1.36. Static pods of one full name exclude one another: one that
//! replaces another starts only after that has ended, and in the order of arrival. The copy, a *mirror pod*,
//! shows in the API what the kubelet does on its own: to change or delete it changes nothing on the node.
//!
//! What a kubelet makes of a manifest is a matter of the other room:
//! [`create`](fn@crate::admission::static_pod::create).

use alloc::{collections::BTreeMap, string::String, vec, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    api::{OwnerReference, Pod},
    critical::{CONFIG_HASH, CONFIG_MIRROR},
};

/// Returns the copy of a static pod that its kubelet asks the API server to create.
///
/// The node owns it, as an API server that restricts nodes to their own mirror pods demands. The API server does with it
/// what it does with every [new pod](fn@crate::admission::create): among other things it gives it another uid and drops the status.
///
/// ```
/// use pod_lifecycle::{api::Pod, critical, lifecycle::static_pod};
///
/// let mut pod = Pod::default();
/// pod.metadata.annotations.insert(critical::CONFIG_HASH.into(), "5ea1".into());
/// let mirror = static_pod::mirror(&pod, "node-1", "uid-of-node-1");
/// assert!(critical::is_mirror(&mirror));
/// assert_eq!(mirror.metadata.owner_references[0].controller, Some(true));
/// assert!(static_pod::is_mirror_of(&mirror, &pod));
/// ```
#[must_use]
pub fn mirror(pod: &Pod, node_name: &str, node_uid: &str) -> Pod {
    let mut mirror = pod.clone();
    let hash = hash(pod).unwrap_or_default();
    let metadata = &mut mirror.metadata;
    metadata
        .annotations
        .insert(CONFIG_MIRROR.into(), hash.into());
    metadata.owner_references = vec![OwnerReference {
        api_version: "v1".into(),
        kind: "Node".into(),
        name: node_name.into(),
        uid: node_uid.into(),
        controller: Some(true),
        block_owner_deletion: None,
    }];
    mirror
}

/// Whether a pod of the API is the copy of exactly that static pod: of its name, namespace and hash.
///
/// ```
/// use pod_lifecycle::{api::Pod, critical, lifecycle::static_pod};
///
/// let mut pod = Pod::default();
/// pod.metadata.annotations.insert(critical::CONFIG_HASH.into(), "5ea1".into());
/// let mirror = static_pod::mirror(&pod, "node-1", "uid-of-node-1");
/// pod.metadata.annotations.insert(critical::CONFIG_HASH.into(), "0dd5".into());
/// assert!(!static_pod::is_mirror_of(&mirror, &pod));
/// ```
#[must_use]
pub fn is_mirror_of(mirror: &Pod, pod: &Pod) -> bool {
    let copied = mirror.metadata.annotations.get(CONFIG_MIRROR);
    mirror.metadata.name == pod.metadata.name
        && mirror.metadata.namespace == pod.metadata.namespace
        && copied.is_some_and(|copied| copied == hash(pod).unwrap_or_default())
}

fn hash(pod: &Pod) -> Option<&str> {
    pod.metadata.annotations.get(CONFIG_HASH).map(|it| &**it)
}

/// What a kubelet has the API server do about the copy of a static pod.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum MirrorAction {
    /// Nothing: it is there.
    Keep,
    /// Create it.
    Create,
    /// Delete it at once, if it still has this uid; and create it anew where that succeeds.
    Replace,
}

/// Returns what is to be done about the copy of a static pod, on each of the pod's syncs.
///
/// `existing` is the pod of that name and namespace in the API, if it is a mirror pod. One that is being deleted, or is the
/// copy of another manifest, is replaced. A kubelet creates none while it does not know its node's object, or while that
/// is being deleted.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::static_pod::{self, MirrorAction}};
///
/// let pod = Pod::default();
/// assert_eq!(static_pod::mirror_action(&pod, None), MirrorAction::Create);
/// let mirror = static_pod::mirror(&pod, "node-1", "uid-of-node-1");
/// assert_eq!(static_pod::mirror_action(&pod, Some(&mirror)), MirrorAction::Keep);
/// ```
#[must_use]
pub fn mirror_action(pod: &Pod, existing: Option<&Pod>) -> MirrorAction {
    match existing {
        None => MirrorAction::Create,
        Some(mirror)
            if mirror.metadata.deletion_timestamp.is_none() && is_mirror_of(mirror, pod) =>
        {
            MirrorAction::Keep
        }
        Some(_) => MirrorAction::Replace,
    }
}

/// The static pods of a node that have started or wait for it, by full name.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, rename_all = "camelCase")]
pub struct StaticPods {
    /// The uid of the pod that has started.
    pub started: BTreeMap<String, String>,
    /// The uids of those that wait, in the order of their arrival.
    pub waiting: BTreeMap<String, Vec<String>>,
}

impl StaticPods {
    /// Notes that a pod has arrived and waits.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::static_pod::StaticPods;
    ///
    /// let mut pods = StaticPods::default();
    /// pods.enqueue("etcd_kube-system", "u1");
    /// assert_eq!(pods.waiting["etcd_kube-system"], ["u1"]);
    /// ```
    pub fn enqueue(&mut self, full_name: &str, uid: &str) {
        self.waiting
            .entry(full_name.into())
            .or_default()
            .push(uid.into());
    }

    /// Whether a pod may start now; if so, it counts as started and has left the queue.
    ///
    /// Of those before it, the ones that are not `is_live` (that have ended, are about to, or are
    /// not known any more) are passed over. A pod that is not in the queue may start when nobody live is.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::static_pod::StaticPods;
    ///
    /// let mut pods = StaticPods::default();
    /// pods.enqueue("etcd_kube-system", "u1");
    /// pods.enqueue("etcd_kube-system", "u2");
    /// assert!(!pods.start("etcd_kube-system", "u2", |_| true));
    /// assert!(pods.start("etcd_kube-system", "u1", |_| true));
    /// pods.release("etcd_kube-system", "u1");
    /// assert!(pods.start("etcd_kube-system", "u2", |_| true));
    /// ```
    pub fn start(
        &mut self,
        full_name: &str,
        uid: &str,
        mut is_live: impl FnMut(&str) -> bool,
    ) -> bool {
        if let Some(started) = self.started.get(full_name) {
            return started == uid;
        }
        let mut rest = self.waiting.remove(full_name).unwrap_or_default();
        let first_live = rest.iter().position(|waiting| is_live(waiting));
        let is_first = first_live.is_none_or(|first| rest.get(first).is_some_and(|it| it == uid));
        if let Some(first) = first_live {
            rest.drain(..first.saturating_add(usize::from(is_first)));
        }
        if !rest.is_empty() {
            self.waiting.insert(full_name.into(), rest);
        }
        if is_first {
            self.started.insert(full_name.into(), uid.into());
        }
        is_first
    }

    /// Lets the next pod of that name start, if it was this one that had.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::static_pod::StaticPods;
    ///
    /// let mut pods = StaticPods::default();
    /// assert!(pods.start("etcd_kube-system", "u1", |_| true));
    /// pods.release("etcd_kube-system", "u2");
    /// assert!(!pods.start("etcd_kube-system", "u2", |_| true));
    /// ```
    pub fn release(&mut self, full_name: &str, uid: &str) {
        if self
            .started
            .get(full_name)
            .is_some_and(|started| started == uid)
        {
            self.started.remove(full_name);
        }
    }
}
