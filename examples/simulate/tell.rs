//! A life in words: the rows of `kubectl get pods --watch`, what happened and why, and how it ended.

use core::{fmt::Write as _, time::Duration};

use pod_lifecycle::{
    api::{ConditionStatus, Pod},
    kubectl::{self, Columns},
    lifecycle::{
        explain::{self, Cause, Needs},
        probe::Kind,
    },
    machine::Hook,
    sim::{Event, Instance},
};

use crate::{
    life::{Life, grace, instance, status},
    script::{hook_name, probe_name},
};

/// Writes the whole story.
pub(crate) fn story(life: &Life) -> String {
    let mut out = rows(life);
    out.push('\n');
    out.push_str(&happenings(life));
    out.push('\n');
    out.push_str(&ending(life));
    out
}

/// Writes an instant: minutes, seconds and thousandths, and hours where there are some.
pub(crate) fn clock(at: Duration) -> String {
    let (minutes, seconds, millis) = (at.as_secs() / 60, at.as_secs() % 60, at.subsec_millis());
    match minutes / 60 {
        0 => format!("{minutes}:{seconds:02}.{millis:03}"),
        hours => format!("{hours}:{:02}:{seconds:02}.{millis:03}", minutes % 60),
    }
}

/// Writes a length as Go does, without units that are zero: `1h30m`, `1.2s`, `20ms`.
pub(crate) fn length(length: Duration) -> String {
    let (minutes, seconds, millis) = (
        length.as_secs() / 60,
        length.as_secs() % 60,
        length.subsec_millis(),
    );
    if length < Duration::from_secs(1) && millis > 0 {
        return format!("{millis}ms");
    }
    let fraction = format!(".{millis:03}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    let mut text = String::new();
    for (number, unit) in [(minutes / 60, "h"), (minutes % 60, "m")] {
        if number > 0 {
            let _ = write!(text, "{number}{unit}");
        }
    }
    if text.is_empty() || seconds > 0 || millis > 0 {
        let _ = write!(text, "{seconds}{fraction}s");
    }
    text
}

/// Lines up columns; the last one is as wide as it likes.
fn table(lines: &[Vec<String>]) -> String {
    let mut widths = [0; 8];
    for line in lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut out = String::new();
    for line in lines {
        let mut text = String::new();
        for (cell, width) in line.iter().zip(widths) {
            let _ = write!(text, "{cell:width$}   ");
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

fn cells(line: &[&str]) -> Vec<String> {
    line.iter().map(|cell| (*cell).to_owned()).collect()
}

/// The rows that a watch prints, but for those that say nothing new.
fn rows(life: &Life) -> String {
    let mut header = cells(&["TIME"]);
    header.extend(cells(Columns::Basic.header()));
    let mut lines = vec![header];
    let mut before = None;
    for (at, pod) in life.pods() {
        let row = kubectl::row(pod, life.instant(at));
        let news = (row.ready, row.status.to_string(), row.restarts.count);
        if before.as_ref() != Some(&news) {
            let mut line = vec![clock(at)];
            line.extend(row.cells(Columns::Basic));
            lines.push(line);
            before = Some(news);
        }
    }
    table(&lines)
}

fn happenings(life: &Life) -> String {
    let mut teller = Teller {
        life,
        lines: vec![cells(&["TIME", "WHO", "WHAT"])],
        before: None,
        sandbox: false,
        pulls: Vec::new(),
        failing: Vec::new(),
        held: Vec::new(),
    };
    for (index, (at, event)) in life.events().iter().enumerate() {
        teller.tell(index, *at, event);
    }
    if life.gone().is_none() {
        teller.say(life.end(), "", "here the simulation ends");
    }
    table(&teller.lines)
}

struct Teller<'a> {
    life: &'a Life,
    lines: Vec<Vec<String>>,
    before: Option<&'a Pod>,
    /// Whether there is a sandbox; one that is gone may be torn down again.
    sandbox: bool,
    /// The pulls that are under way.
    pulls: Vec<(&'a str, Duration)>,
    /// The probes that have failed last.
    failing: Vec<(&'a Instance, Kind)>,
    /// The containers whose back-off runs, and when it is over.
    held: Vec<(&'a str, Duration)>,
}

impl<'a> Teller<'a> {
    fn say(&mut self, at: Duration, who: &str, what: &str) {
        // What a manifest brings is not to play tricks on a terminal.
        let what = what.chars().map(|c| if c.is_control() { ' ' } else { c });
        self.lines
            .push(vec![clock(at), who.to_owned(), what.collect()]);
    }

    fn tell(&mut self, index: usize, at: Duration, event: &'a Event) {
        match event {
            Event::Changed(pod) => {
                self.changed(at, pod);
                self.before = Some(pod);
            }
            Event::Deleted => self.say(at, "pod", "gone"),
            Event::SandboxReady => self.sandbox_ready(at),
            Event::SandboxFailed => self.say(at, "sandbox", "could not be made"),
            Event::SandboxStopped if !self.sandbox => {}
            Event::SandboxStopped => {
                self.sandbox = false;
                self.say(at, "sandbox", "torn down");
            }
            Event::SandboxDied => {
                self.sandbox = false;
                self.say(at, "sandbox", "died");
            }
            Event::PullStarted { image } => self.pulls.push((image, at)),
            Event::PullFinished { image, success } => self.pulled(at, image, *success),
            _ => {
                if let Some(container) = instance(event) {
                    let what = self.of_container(index, at, event, container);
                    if !what.is_empty() {
                        self.say(at, &container.to_string(), &what);
                    }
                }
            }
        }
    }

    fn sandbox_ready(&mut self, at: Duration) {
        self.sandbox = true;
        let mut later = self.life.pods().filter(|(then, _)| *then >= at);
        let address = later.find_map(|(_, pod)| {
            let address = &pod.status.pod_ip;
            (!address.is_empty()).then_some(address)
        });
        match address {
            Some(address) => self.say(at, "sandbox", &format!("ready, with address {address}")),
            None => self.say(at, "sandbox", "ready"),
        }
    }

    fn pulled(&mut self, at: Duration, image: &str, success: bool) {
        let started = self.pulls.iter().position(|(pulled, _)| *pulled == image);
        let started = started.map_or(at, |index| self.pulls.remove(index).1);
        let took = at.saturating_sub(started);
        match success {
            false => self.say(at, "image", &format!("{image} could not be pulled")),
            true if took.is_zero() => {}
            true => self.say(at, "image", &format!("{image} pulled in {}", length(took))),
        }
    }

    fn of_container(
        &mut self,
        index: usize,
        at: Duration,
        event: &'a Event,
        container: &'a Instance,
    ) -> String {
        match event {
            Event::ContainerCreated { success: false, .. } => "could not be created".to_owned(),
            Event::ContainerStarted { success: false, .. } => "could not be started".to_owned(),
            Event::ContainerStarted { .. } => self.started(at, container),
            Event::ContainerStopping { grace, .. } => self.stopping(index, container, *grace),
            Event::ContainerExited { code, reason, .. } => {
                self.exited(index, at, container, *code, reason)
            }
            Event::HookStarted { hook, .. } => format!("{} hook runs", hook_name(*hook)),
            Event::HookFinished { hook, success, .. } => {
                let how = if *success { "done" } else { "failed" };
                format!("{} hook {how}", hook_name(*hook))
            }
            Event::Probed { probe, success, .. } => {
                let failing = self.failing.len();
                self.failing
                    .retain(|(of, kind)| *of != container || kind != probe);
                let unchanged = failing == self.failing.len();
                if !*success {
                    self.failing.push((container, *probe));
                } else if unchanged && *probe == Kind::Liveness {
                    return String::new();
                }
                let how = if *success { "succeeds" } else { "fails" };
                format!("{} probe {how}", probe_name(*probe))
            }
            _ => String::new(),
        }
    }

    fn started(&mut self, at: Duration, container: &Instance) -> String {
        let held = self
            .held
            .iter()
            .position(|(name, _)| *name == container.name);
        let held = held.map(|index| self.held.remove(index).1);
        let late = held.map_or(Duration::ZERO, |until| at.saturating_sub(until));
        if late >= Duration::from_secs(1) {
            return format!("started, {} after its back-off", length(late));
        }
        "started".to_owned()
    }

    fn stopping(&self, index: usize, container: &Instance, grace: Duration) -> String {
        let why = match self.why_stopped(index, container) {
            Some(why) => format!(", since {why}"),
            None => String::new(),
        };
        match grace {
            Duration::ZERO => format!("killed{why}"),
            grace => format!("asked to stop, with {} of grace{why}", length(grace)),
        }
    }

    /// Why a container is stopped, unless the deletion of its pod says it all.
    fn why_stopped(&self, index: usize, container: &Instance) -> Option<String> {
        if self.before.is_some_and(is_deleted) {
            return None;
        }
        let deadly = [Kind::Liveness, Kind::Startup].into_iter().find(|kind| {
            let mut failing = self.failing.iter();
            failing.any(|(of, which)| *of == container && which == kind)
        });
        if let Some(kind) = deadly {
            return Some(format!("its {} probe fails", probe_name(kind)));
        }
        let mut before = self.life.events().iter().take(index).rev();
        let hook = before.find_map(|(_, event)| match event {
            Event::HookFinished {
                container: of,
                hook: Hook::PostStart,
                success: false,
            } => Some(of == container),
            _ => None,
        });
        if hook == Some(true) {
            return Some("its postStart hook failed".to_owned());
        }
        let mut after = self.life.events().iter().skip(index);
        let reason = after.find_map(|(_, event)| match event {
            Event::Changed(pod) if !pod.status.reason.is_empty() => Some(&pod.status.reason),
            _ => None,
        });
        if let Some(reason) = reason {
            return Some(format!("the pod fails: {reason}"));
        }
        let spec = &self.before?.spec;
        let sidecar = spec
            .all_containers()
            .any(|any| any.is_sidecar() && any.name() == container.name);
        sidecar.then(|| "the containers that it serves are done".to_owned())
    }

    fn exited(
        &mut self,
        index: usize,
        at: Duration,
        container: &'a Instance,
        code: i32,
        reason: &str,
    ) -> String {
        let mut what = format!("exited with code {code} ({reason})");
        if let Some(message) = self.life.message(container) {
            let _ = write!(what, ", saying {message:?}");
        }
        let after = self.life.after_exit(index, container);
        match (after.held_until, after.started) {
            (Some(until), _) => {
                self.held.push((&container.name, until));
                let held = length(until.saturating_sub(at));
                let _ = write!(what, ": back-off of {held}, until {}", clock(until));
            }
            (None, Some(_)) => what.push_str(": to be started again"),
            (None, None) => {}
        }
        what
    }

    fn changed(&mut self, at: Duration, pod: &'a Pod) {
        let before = self.before;
        let was = |of: fn(&Pod) -> bool| before.is_some_and(of);
        if before.is_none() {
            self.say(at, "pod", "created");
        }
        if !was(is_bound) && is_bound(pod) {
            self.say(at, "pod", &format!("bound to {}", pod.spec.node_name));
        }
        if !was(is_deleted) && is_deleted(pod) {
            match grace(pod) {
                Duration::ZERO => self.say(at, "pod", "deleted"),
                grace => self.say(
                    at,
                    "pod",
                    &format!("deleted, with {} of grace", length(grace)),
                ),
            }
        }
        self.containers_changed(at, pod);
        for name in ["PodScheduled", "Initialized", "Ready"] {
            self.condition_changed(at, pod, name);
        }
        let phase = pod.status.phase.as_ref();
        if let Some(phase) = phase.filter(|_| before.is_some()) {
            if before.is_some_and(|pod| pod.status.phase.as_ref() != Some(phase)) {
                let reason = &pod.status.reason;
                let why = match (reason.as_str(), pod.status.message.as_str()) {
                    ("", _) => String::new(),
                    (reason, "") => format!(" ({reason})"),
                    (reason, message) => format!(" ({reason}: {message})"),
                };
                self.say(at, "pod", &format!("phase {phase}{why}"));
            }
        }
    }

    /// Tells why a container does not start.
    fn containers_changed(&mut self, at: Duration, pod: &Pod) {
        for container in pod.spec.all_containers() {
            let name = container.name();
            let waiting = |pod: &Pod| {
                let waiting = status(pod, name)?.state.waiting.clone()?;
                Some((waiting.reason, waiting.message))
            };
            let Some((reason, message)) = waiting(pod) else {
                continue;
            };
            let usual = matches!(
                reason.as_str(),
                "" | "PodInitializing" | "ContainerCreating" | "CrashLoopBackOff"
            );
            let before = self.before.and_then(waiting);
            if usual || before.is_some_and(|(before, _)| before == reason) {
                continue;
            }
            let pull = matches!(reason.as_str(), "ErrImagePull" | "ImagePullBackOff");
            let why = match message.as_str() {
                message if !pull && !message.is_empty() => format!(": {message}"),
                _ => String::new(),
            };
            self.say(at, name, &format!("{reason}{why}"));
        }
    }

    fn condition_changed(&mut self, at: Duration, pod: &Pod, name: &str) {
        let find = |pod: &'_ Pod| {
            let mut conditions = pod.status.conditions.iter();
            let found = conditions.find(|condition| condition.type_.as_str() == name)?;
            let is_true = found.status == Some(ConditionStatus::True);
            Some((is_true, found.reason.clone(), found.message.clone()))
        };
        let Some((is_true, reason, message)) = find(pod) else {
            return;
        };
        let was_true = self
            .before
            .and_then(find)
            .is_some_and(|(before, ..)| before);
        let first = self.before.and_then(find).is_none();
        let what = match (name, was_true, is_true) {
            ("Initialized", false, true) => "initialized".to_owned(),
            ("Ready", false, true) => "ready".to_owned(),
            ("Ready", true, false) => format!("not ready: {}", why_not(pod)),
            ("PodScheduled", _, false) if first && !message.is_empty() => {
                format!("not scheduled: {message}")
            }
            ("PodScheduled", _, false) if first && reason == "Unschedulable" => {
                "not scheduled: the node lacks labels, which a script can give it".to_owned()
            }
            ("PodScheduled", _, false) if first => format!("not scheduled: {reason}"),
            _ => return,
        };
        self.say(at, "pod", &what);
    }
}

fn is_bound(pod: &Pod) -> bool {
    !pod.spec.node_name.is_empty()
}

fn is_deleted(pod: &Pod) -> bool {
    pod.metadata.deletion_timestamp.is_some()
}

/// Why a pod is not ready, in words.
fn why_not(pod: &Pod) -> String {
    let causes = explain::not_ready(pod);
    let causes: Vec<String> = causes.iter().map(ToString::to_string).collect();
    causes.join("; ")
}

/// What has to happen for the pod to become ready, in words; nothing where nobody has to do anything.
fn needs(life: &Life, pod: &Pod) -> String {
    let causes = explain::not_ready(pod);
    let needs = causes.iter().map(Cause::needs);
    let needs = needs.filter(|needs| *needs != Needs::Nothing);
    let mut words: Vec<String> = needs
        .map(|needs| match needs {
            Needs::Time { until: Some(until) } if life.since(until) > life.end() => {
                format!("time has to pass until {}", clock(life.since(until)))
            }
            // That it has passed shows at the next sync only.
            Needs::Time { until: Some(_) } => Needs::Start.to_string(),
            needs => needs.to_string(),
        })
        .collect();
    words.dedup();
    words.join("; ")
}

/// How it ended, in one line.
pub(crate) fn summary(life: &Life) -> String {
    let pod = life.last();
    let phase = pod.status.phase.as_ref();
    let phase = phase.map_or("unknown", |phase| phase.as_str());
    let restarts = restarts(pod);
    match life.gone() {
        Some(at) => format!("gone after {}: phase {phase}, {restarts}", length(at)),
        None => format!("after {}: phase {phase}, {restarts}", length(life.end())),
    }
}

/// How it ended: the phase, the restarts, the conditions.
fn ending(life: &Life) -> String {
    let pod = life.last();
    let mut out = format!("{}\n", summary(life));
    let mut lines = vec![cells(&["CONDITION", "STATUS", "SINCE", "REASON"])];
    for name in life.condition_types() {
        let mut conditions = pod.status.conditions.iter();
        let Some(condition) = conditions.find(|it| it.type_.as_str() == name) else {
            continue;
        };
        let status = condition.status.as_ref();
        let since = life.condition(&name).last().map(|(at, _)| clock(*at));
        lines.push(vec![
            name,
            status.map_or_else(String::new, ToString::to_string),
            since.unwrap_or_default(),
            condition.reason.clone(),
        ]);
    }
    let why = why_not(pod);
    let over = matches!(explain::not_ready(pod)[..], [Cause::Over { .. }]);
    if life.gone().is_none() && !over && !why.is_empty() {
        let _ = writeln!(out, "not ready: {why}");
        let needs = needs(life, pod);
        if !needs.is_empty() {
            let _ = writeln!(out, "to be ready: {needs}");
        }
    }
    if lines.len() > 1 {
        out.push('\n');
        out.push_str(&table(&lines));
    }
    out
}

fn restarts(pod: &Pod) -> String {
    let status = &pod.status;
    let all = status
        .init_container_statuses
        .iter()
        .chain(&status.container_statuses);
    let restarted: Vec<_> = all.filter(|status| status.restart_count > 0).collect();
    let count: i64 = restarted.iter().map(|it| i64::from(it.restart_count)).sum();
    let names: Vec<&str> = restarted.iter().map(|it| it.name.as_str()).collect();
    match (count, names.join(", ")) {
        (0, _) => "no restarts".to_owned(),
        (1, names) => format!("1 restart ({names})"),
        (count, names) => format!("{count} restarts ({names})"),
    }
}
