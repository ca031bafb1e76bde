//! How the probes and hooks of a simulated container go.

use alloc::{boxed::Box, string::String};
use core::time::Duration;

use super::{
    Sim,
    node::Happening,
    timeline::{Event, Instance},
};
use crate::{
    lifecycle::{ObservedState, probe},
    machine::{Hook, Input},
};

impl Sim {
    pub(super) fn run_hook(&mut self, container: String, id: String, hook: Hook) {
        let script = self
            .setup
            .script
            .hooks
            .get(&(container.clone(), hook))
            .copied()
            .unwrap_or_default();
        let Some(record) = self.runtime.find(&id) else {
            return;
        };
        let instance = record.instance.clone();
        let runs = record.observed.state == ObservedState::Running;
        self.timeline.push(
            self.now,
            Event::HookStarted {
                container: instance,
                hook,
            },
        );
        self.hooks.push((id.clone(), hook));
        let is_over = !runs && !self.sleeps(&container, hook);
        let takes = if is_over {
            Duration::ZERO
        } else {
            script.takes
        };
        let success = !script.fails && !is_over;
        self.later(
            takes,
            Happening::HookEnds {
                container,
                id,
                hook,
                success,
            },
        );
    }

    pub(super) fn hook_ends(&mut self, container: String, id: &str, hook: Hook, success: bool) {
        let Some(at) = self
            .hooks
            .iter()
            .position(|(of, which)| of == id && *which == hook)
        else {
            return;
        };
        self.hooks.remove(at);
        if let Some(record) = self.runtime.find(id) {
            let instance = record.instance.clone();
            self.timeline.push(
                self.now,
                Event::HookFinished {
                    container: instance,
                    hook,
                    success,
                },
            );
        }
        let result = match success {
            true => Ok(()),
            false => Err("the script says so".into()),
        };
        self.report(Input::HookFinished {
            container,
            hook,
            result,
        });
    }

    /// An exec hook fails when its container ends; a sleep goes on.
    pub(super) fn abandon_hooks(&mut self, container: &str, id: &str) {
        for hook in [Hook::PostStart, Hook::PreStop] {
            if !self.sleeps(container, hook) {
                self.hook_ends(container.into(), id, hook, false);
            }
        }
    }

    /// Whether a hook does nothing but wait, for which it needs no container.
    fn sleeps(&self, container: &str, hook: Hook) -> bool {
        let spec = self.spec(container);
        let lifecycle = spec.as_ref().and_then(|spec| spec.lifecycle.as_ref());
        let handler = lifecycle.and_then(|lifecycle| match hook {
            Hook::PostStart => lifecycle.post_start.as_ref(),
            Hook::PreStop => lifecycle.pre_stop.as_ref(),
        });
        handler.is_some_and(|handler| handler.sleep.is_some())
    }

    pub(super) fn run_probe(&mut self, container: String, id: &str, kind: probe::Kind) {
        let spec = self.spec(&container);
        let timeout = spec
            .as_ref()
            .and_then(|spec| kind.of(spec))
            .map_or(1, |probe| probe.timeout_seconds);
        let timeout = Duration::from_secs(timeout.max(1).unsigned_abs().into());
        let script = self
            .setup
            .script
            .probes
            .get(&(container.clone(), kind))
            .cloned()
            .unwrap_or_default();
        let now = self.now;
        let Some(record) = self.runtime.find(id) else {
            return;
        };
        let running = record.observed.state == ObservedState::Running;
        let age = record
            .observed
            .started_at
            .and_then(|started| now.duration_since(started).try_into().ok());
        let (takes, success) = script.outcome(age.unwrap_or_default());
        let success = success && takes <= timeout;
        let answer = match (running, success) {
            (false, _) => probe::Answer::Error,
            (true, true) => probe::Answer::Success,
            (true, false) => probe::Answer::Failure,
        };
        if running {
            let instance = record.instance.clone();
            self.note_probe(instance, kind, success);
        }
        let report = Input::ProbeFinished {
            container,
            probe: kind,
            answer,
        };
        self.later(takes.min(timeout), Happening::Report(Box::new(report)));
    }

    /// Writes down a probe's first result and every change of it.
    fn note_probe(&mut self, container: Instance, probe: probe::Kind, success: bool) {
        let known = self
            .probed
            .iter_mut()
            .find(|(of, kind, _)| *of == container && *kind == probe);
        match known {
            Some((_, _, before)) if *before == success => return,
            Some((_, _, before)) => *before = success,
            None => self.probed.push((container.clone(), probe, success)),
        }
        self.timeline.push(
            self.now,
            Event::Probed {
                container,
                probe,
                success,
            },
        );
    }
}
