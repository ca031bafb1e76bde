//! The edges of what was explored, and pictures of them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use pod_lifecycle::{
    api::{ContainerStatus, StateView},
    machine::{Input, PodMachine},
};

use svg::{
    Document,
    node::element::{Path, Rectangle, Text, path::Data},
};

use super::world::World;

const DELETED: &str = "the pod is deleted";

/// What leads from one state to another, by the two.
type Edges = BTreeMap<(String, String), BTreeSet<String>>;

/// What has been seen to follow upon what.
#[derive(Default)]
pub(super) struct Diagrams {
    phase: Edges,
    container: Edges,
    stage: Edges,
}

/// How a machine looks after a piece of news.
#[derive(Clone)]
pub(super) struct Look {
    news: News,
    phase: String,
    stage: String,
    /// By name.
    containers: BTreeMap<String, String>,
}

/// What happened, and the container that it is about, by its name or its id.
pub(super) type News = (&'static str, String);

pub(super) const START: News = ("the pod is taken up", String::new());

impl Look {
    pub(super) fn of(machine: &PodMachine, news: News) -> Self {
        let status = machine.status();
        let phase = status.phase.as_ref();
        let all = status.init_container_statuses.iter();
        Self {
            news,
            phase: phase.map_or_else(|| "none".into(), ToString::to_string),
            stage: match machine.is_over() {
                true => "over".into(),
                false => format!("{:?}", machine.stage()),
            },
            containers: all
                .chain(&status.container_statuses)
                .map(|one| (one.name.clone(), state(one)))
                .collect(),
        }
    }
}

pub(super) fn news(input: &Input) -> News {
    match input {
        Input::ContainerExited(exit) if exit.exit_code == 0 => ("exits with 0", exit.id.clone()),
        Input::ContainerExited(exit) => ("exits with 1", exit.id.clone()),
        Input::ContainerStarted { container, .. } => ("starts", container.clone()),
        Input::ContainerCreated { container, .. } => ("is created", container.clone()),
        Input::ProbeFinished { container, .. } => ("answers a probe", container.clone()),
        Input::PodUpdated(_) => (DELETED, String::new()),
        Input::PodRemoved => ("the object is gone", String::new()),
        Input::SandboxCreated(_) => ("the sandbox is up", String::new()),
        Input::SandboxStopped { .. } => ("the sandbox is down", String::new()),
        _ => ("other news", String::new()),
    }
}

impl Diagrams {
    pub(super) fn note(&mut self, before: Option<&World>, after: &World) {
        let mut old = before.and_then(|world| world.looks.last());
        for new in &after.looks {
            if let Some(old) = old {
                self.note_step(old, new);
            }
            old = Some(new);
        }
    }

    fn note_step(&mut self, old: &Look, new: &Look) {
        let (what, whose) = &new.news;
        let told = match whose.is_empty() {
            true => (*what).to_owned(),
            false => format!("a container {what}"),
        };
        note(&mut self.phase, &old.phase, &new.phase, &told);
        note(&mut self.stage, &old.stage, &new.stage, &told);
        for (name, state) in &new.containers {
            let own = whose.contains(name) || *what == DELETED;
            let label = if own { what } else { "a later sync" };
            if let Some(old) = old.containers.get(name) {
                note(&mut self.container, old, state, label);
            }
        }
    }

    /// Compares the pictures with those in the docs; with `UPDATE_DIAGRAMS` in the environment, replaces them.
    pub(super) fn check(&self) {
        for (name, edges) in [
            ("phase", &self.phase),
            ("container", &self.container),
            ("stage", &self.stage),
        ] {
            let path = format!("{}/src/machine/{name}.svg", env!("CARGO_MANIFEST_DIR"));
            let new = draw(edges);
            if std::env::var_os("UPDATE_DIAGRAMS").is_some() {
                fs::write(&path, &new).expect("the picture is written");
            }
            let old = fs::read_to_string(&path).unwrap_or_default();
            assert!(
                old == new,
                "{name}.svg shows something else: run with UPDATE_DIAGRAMS=1"
            );
        }
    }
}

fn note(edges: &mut Edges, old: &str, new: &str, label: &str) {
    if old != new {
        edges
            .entry((old.into(), new.into()))
            .or_default()
            .insert(label.into());
    }
}

fn state(status: &ContainerStatus) -> String {
    match status.state.view() {
        Some(StateView::Running(_)) => "Running".into(),
        Some(StateView::Terminated(ended)) => format!("Terminated: {}", ended.reason),
        Some(StateView::Waiting(waiting)) => format!("Waiting: {}", waiting.reason),
        None => "none".into(),
    }
}

/// The states from top to bottom; what goes on down is an arc on the right, what goes back up one on the left.
fn draw(edges: &Edges) -> String {
    const ROW: usize = 72;
    const SPAN: usize = 120;
    let states = in_order(edges);
    let at = |state: &str| states.iter().position(|other| *other == state);
    let width = |down: bool| {
        let reach = edges
            .keys()
            .filter(|(from, to)| (at(from) < at(to)) == down);
        let furthest = reach
            .filter_map(|(from, to)| Some(at(from)?.abs_diff(at(to)?)))
            .max();
        furthest.map_or(SPAN, |rows| rows * SPAN * 3 / 4 + 180)
    };
    let (middle, top) = (width(false), 24);
    let mut picture = Document::new()
        .set("viewBox", (0, 0, middle + width(true), states.len() * ROW))
        .set("width", middle + width(true))
        .set("font-family", "sans-serif")
        .set("font-size", 11)
        .set("style", "background: #fff");
    for ((from, to), labels) in edges {
        let (Some(from), Some(to)) = (at(from), at(to)) else {
            continue;
        };
        let down = from < to;
        let reach = from.abs_diff(to) * SPAN + 50;
        // The curve comes three quarters as far as the points that bend it.
        let (bend, apex) = match down {
            true => (middle + reach, middle + reach * 3 / 4 + 4),
            false => (middle - reach, middle - reach * 3 / 4 - 4),
        };
        let shift = |row: usize, out: bool| row * ROW + if out == down { top + 6 } else { top - 6 };
        let (start, end) = (shift(from, true), shift(to, false));
        let curve = Data::new()
            .move_to((middle, start))
            .cubic_curve_to((bend, start, bend, end, middle, end));
        let color = if down { "#326ce5" } else { "#d9822b" };
        picture = picture.add(
            Path::new()
                .set("d", curve)
                .set("fill", "none")
                .set("stroke", color),
        );
        let first = (start + end) / 2 - (labels.len() - 1) * 6;
        for (line, label) in labels.iter().enumerate() {
            let text = Text::new(label)
                .set("x", apex)
                .set("y", first + line * 12)
                .set("fill", color)
                .set("text-anchor", if down { "start" } else { "end" })
                .set("stroke", "#fff")
                .set("stroke-width", 3)
                .set("paint-order", "stroke");
            picture = picture.add(text);
        }
    }
    for (row, state) in states.iter().enumerate() {
        let width = state.len() * 7 + 16;
        let shape = Rectangle::new()
            .set("x", middle - width / 2)
            .set("y", row * ROW + top - 14)
            .set("width", width)
            .set("height", 28)
            .set("rx", 14)
            .set("fill", "#fff")
            .set("stroke", "#444");
        let name = Text::new(*state)
            .set("x", middle)
            .set("y", row * ROW + top + 4)
            .set("text-anchor", "middle");
        picture = picture.add(shape).add(name);
    }
    format!("{picture}\n")
}

/// What leads to others comes before them, save where they lead back.
fn in_order(edges: &Edges) -> Vec<&str> {
    fn visit<'a>(
        edges: &'a Edges,
        state: &'a str,
        left: &mut Vec<&'a str>,
        seen: &mut BTreeSet<&'a str>,
    ) {
        if seen.insert(state) {
            for (_, to) in edges.keys().filter(|(from, _)| from == state) {
                visit(edges, to, left, seen);
            }
            left.push(state);
        }
    }
    let (mut left, mut seen) = (Vec::new(), BTreeSet::new());
    let led_to = |state: &str| edges.keys().any(|(_, to)| to == state);
    for (first, _) in edges.keys().filter(|(from, _)| !led_to(from)) {
        visit(edges, first, &mut left, &mut seen);
    }
    left.reverse();
    left
}
