//! The copy of a static pod in the API: kept there while the pod is kept, and written to instead of it.

use alloc::{boxed::Box, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{Action, Belief, InputError, PodMachine, observe::differs};
use crate::{
    api::Pod,
    critical,
    lifecycle::static_pod::{self, MirrorAction},
};

/// What is known of the copy of a static pod.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(super) enum Mirror {
    #[default]
    Absent,
    Present(#[serde(with = "super::shared")] Arc<Pod>),
    /// Gone since the last sync, which a kubelet takes for one that is still to be replaced.
    Lost,
}

impl PodMachine {
    /// Whether there is an object in the API to write the status to.
    pub(super) fn is_in_api(&self) -> bool {
        match critical::is_static(&self.pod) {
            true => matches!(self.mirror, Mirror::Present(_)),
            false => !self.worker.is_removed(),
        }
    }

    pub(super) fn mirror_updated(&mut self, mirror: Option<Arc<Pod>>) -> Result<(), InputError> {
        let is_ours = |mirror: &Arc<Pod>| {
            critical::is_mirror(mirror)
                && mirror.metadata.name == self.pod.metadata.name
                && mirror.metadata.namespace == self.pod.metadata.namespace
        };
        if !critical::is_static(&self.pod) || mirror.as_ref().is_some_and(|it| !is_ours(it)) {
            return Err(InputError::NoMirror);
        }
        let Some(mirror) = mirror else {
            if matches!(self.mirror, Mirror::Present(_)) {
                self.mirror = Mirror::Lost;
                // There is nothing left to write to.
                let writes = |action: &Action| matches!(action, Action::PublishStatus { .. });
                self.actions.retain(|action| !writes(action));
                self.worker.wake();
            }
            return Ok(());
        };
        let is_news = match &self.mirror {
            Mirror::Present(known) => differs(known, &mirror),
            Mirror::Absent | Mirror::Lost => true,
        };
        if is_news {
            self.worker.wake();
        }
        // What the API has of the pod's status is what its copy has.
        if mirror.status != self.pod.status {
            if self.belief == Belief::Published {
                self.belief = Belief::Own(Box::new(self.pod.status.clone()));
            }
            Arc::make_mut(&mut self.pod).status = mirror.status.clone();
        }
        self.mirror = Mirror::Present(mirror);
        let asked = self.actions.len();
        let is_request = |action: &Action| matches!(action, Action::CreateMirror { .. });
        self.actions.retain(|action| !is_request(action));
        if self.actions.len() != asked {
            // What nobody has taken up yet was asked for without knowing this one.
            self.reconcile_mirror();
        }
        self.publish();
        Ok(())
    }

    /// Has the host mend the copy of a static pod, as each sync does.
    pub(super) fn reconcile_mirror(&mut self) {
        if !critical::is_static(&self.pod) {
            return;
        }
        let existing = match &self.mirror {
            Mirror::Absent => None,
            Mirror::Present(mirror) => Some(&**mirror),
            Mirror::Lost => return self.mirror = Mirror::Absent,
        };
        let replaces = match static_pod::mirror_action(&self.pod, existing) {
            MirrorAction::Keep => return,
            MirrorAction::Create => None,
            MirrorAction::Replace => existing.map(|mirror| mirror.metadata.uid.clone()),
        };
        self.ask_once(Action::CreateMirror { replaces });
    }
}
