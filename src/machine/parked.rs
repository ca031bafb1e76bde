//! Machines that are put away.

use alloc::{
    boxed::Box,
    collections::{BTreeMap, VecDeque},
    string::String,
    sync::Arc,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    Action, Belief, Config, Deadline, Failure, Mirror, PodMachine, packed, prober::Prober,
    resize::Resizing, start::BackOffs, sync::Worker,
};
use crate::{
    api::{Pod, PodStatus},
    lifecycle::{Observation, ObservedState},
};

/// A [`PodMachine`] that waits, kept in as little room as possible.
///
/// Most machines of many wait most of the time. Put away, one of a pod with one container takes less than a
/// kilobyte beside the pod's object, which it shares with the host. It is the very same machine again once it
/// is [woken](Self::wake); there and back takes some ten microseconds.
///
/// ```
/// use std::sync::Arc;
/// use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Config, PodMachine}};
///
/// let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
/// let pod = Arc::new(pod);
/// let mut machine = PodMachine::new(Arc::clone(&pod), Config::default(), Timestamp::UNIX_EPOCH);
/// while machine.poll_action().is_some() {}
///
/// let parked = machine.clone().park(&pod);
/// assert_eq!(parked.poll_timeout(), machine.poll_timeout());
/// assert_eq!(parked.wake(), machine);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ParkedMachine {
    deadline: Option<Deadline>,
    kept: Kept,
}

#[derive(Clone, Debug)]
enum Kept {
    Packed {
        pod: Arc<Pod>,
        config: Arc<Config>,
        rest: Box<[u8]>,
    },
    /// A machine that has something that cannot be packed.
    Whole(Box<PodMachine>),
}

/// What of a machine is not shared.
#[derive(Deserialize, Serialize)]
struct Rest {
    now: Timestamp,
    /// The pod's, where it is not that of the shared object.
    status: Option<PodStatus>,
    mirror: Mirror,
    belief: Belief,
    observation: Observation,
    relisted: BTreeMap<String, ObservedState>,
    forgotten: BTreeMap<String, i32>,
    failures: BTreeMap<String, Failure>,
    back_offs: BackOffs,
    prober: Prober,
    resizing: Option<Box<Resizing>>,
    worker: Worker,
    actions: VecDeque<Action>,
}

impl PodMachine {
    /// Puts the machine away until something happens or its deadline comes.
    ///
    /// `pod` is the object as the host has it, which the machine goes on sharing. Where more than its status is not as
    /// the machine knows it, the machine keeps its own.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Action, Config, PodMachine}};
    /// # let pod: Pod = serde_json::from_str(r#"{"spec": {"containers": [{"name": "web", "image": "web:1"}]}}"#)?;
    /// # let now = Timestamp::UNIX_EPOCH;
    /// # let pod = Arc::new(pod);
    /// # let mut machine = PodMachine::new(Arc::clone(&pod), Config::default(), now);
    /// let mut parked = machine.park(&pod);
    /// // Later:
    /// machine = parked.wake();
    /// assert!(matches!(machine.poll_action(), Some(Action::PublishStatus { .. })), "nothing is lost");
    /// parked = machine.park(&pod);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn park(self, pod: &Arc<Pod>) -> ParkedMachine {
        let deadline = self.poll_timeout();
        let whole = self.clone();
        let (shared, config, rest) = self.part(pod);
        let packed = packed::pack(&rest).map(|rest| Kept::Packed {
            pod: shared,
            config,
            rest,
        });
        let kept = packed
            .ok()
            .filter(|kept| kept.wake().as_ref() == Some(&whole));
        ParkedMachine {
            deadline,
            kept: kept.unwrap_or_else(|| Kept::Whole(Box::new(whole))),
        }
    }

    /// Takes the machine apart into what it shares and what is its own.
    fn part(self, pod: &Arc<Pod>) -> (Arc<Pod>, Arc<Config>, Rest) {
        let own = &self.pod;
        let is_shared = own.metadata == pod.metadata
            && own.spec == pod.spec
            && own.api_version == pod.api_version
            && own.kind == pod.kind;
        let (shared, status) = match is_shared {
            true if own.status == pod.status => (Arc::clone(pod), None),
            true => (Arc::clone(pod), Some(own.status.clone())),
            false => (Arc::clone(own), None),
        };
        let Self {
            now,
            config,
            pod: _,
            mirror,
            belief,
            observation,
            relisted,
            forgotten,
            failures,
            back_offs,
            prober,
            resizing,
            worker,
            actions,
        } = self;
        let rest = Rest {
            now,
            status,
            mirror,
            belief,
            observation,
            relisted,
            forgotten,
            failures,
            back_offs,
            prober,
            resizing,
            worker,
            actions,
        };
        (shared, config, rest)
    }
}

impl ParkedMachine {
    /// Returns what [`PodMachine::poll_timeout`] returned.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Config, PodMachine}};
    ///
    /// let pod = Arc::new(Pod::default());
    /// let machine = PodMachine::new(Arc::clone(&pod), Config::default(), Timestamp::UNIX_EPOCH);
    /// let due = machine.poll_timeout();
    /// assert_eq!(machine.park(&pod).poll_timeout(), due);
    /// ```
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Deadline> {
        self.deadline
    }

    /// Takes the machine up again, as it was.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use pod_lifecycle::{api::Pod, jiff::Timestamp, machine::{Config, PodMachine}};
    ///
    /// let pod = Arc::new(Pod::default());
    /// let machine = PodMachine::new(Arc::clone(&pod), Config::default(), Timestamp::UNIX_EPOCH);
    /// assert_eq!(machine.clone().park(&pod).wake(), machine);
    /// ```
    #[must_use]
    pub fn wake(self) -> PodMachine {
        match self.kept {
            Kept::Whole(machine) => *machine,
            packed => packed
                .wake()
                .expect("what is kept packed was woken once, when it was put away"),
        }
    }
}

impl Kept {
    fn wake(&self) -> Option<PodMachine> {
        let Self::Packed { pod, config, rest } = self else {
            return None;
        };
        let rest: Rest = packed::unpack(rest).ok()?;
        let mut pod = Arc::clone(pod);
        if let Some(status) = rest.status {
            pod = Arc::new(Pod {
                api_version: pod.api_version.clone(),
                kind: pod.kind.clone(),
                metadata: pod.metadata.clone(),
                spec: pod.spec.clone(),
                status,
            });
        }
        Some(PodMachine {
            now: rest.now,
            config: Arc::clone(config),
            pod,
            mirror: rest.mirror,
            belief: rest.belief,
            observation: rest.observation,
            relisted: rest.relisted,
            forgotten: rest.forgotten,
            failures: rest.failures,
            back_offs: rest.back_offs,
            prober: rest.prober,
            resizing: rest.resizing,
            worker: rest.worker,
            actions: rest.actions,
        })
    }
}
