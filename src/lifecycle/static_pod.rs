//! Which of several static pods of one name may start.
//!
//! Follows `allowStaticPodStart` of the kubelet's pod workers, Kubernetes v1.36. Static
//! pods of one full name exclude one another: one that replaces another starts only
//! after that has ended, and in the order of arrival.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

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
