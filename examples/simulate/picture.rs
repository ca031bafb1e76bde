//! A life as a picture: what the containers, the phase and the conditions were at any time.

use core::time::Duration;

use pod_lifecycle::{api::ConditionStatus, lifecycle::probe::Kind};
use svg::{
    Document, Node as _,
    node::element::{Circle, Group, Path, Rectangle, Style},
};

use crate::{
    life::Life,
    script::{hook_name, probe_name},
    shapes::{
        BOLD, LEFT, MARGIN, RIGHT, STYLE, WIDTH, fitted, hatching, legend, line, number, rectangle,
        text, titled, width,
    },
    tell::{clock, length, summary},
    track::{Mark, State, Track, tracks},
};

const BAR: f64 = 18.0;

/// Draws lives below one another.
pub(crate) fn draw(lives: &[Life]) -> String {
    let mut body = Group::new();
    let mut y = MARGIN;
    for life in lives {
        let mut panel = Panel::new(life, y);
        panel.draw();
        y = panel.y + 26.0;
        body = body.add(panel.group);
    }
    let (legend, height) = legend(y);
    let height = height + MARGIN - 6.0;
    let paper = Rectangle::new()
        .set("class", "paper")
        .set("width", WIDTH)
        .set("height", number(height))
        .set("rx", 8);
    let document = Document::new()
        .set("viewBox", format!("0 0 {WIDTH} {}", number(height)))
        .set("width", WIDTH)
        .set("height", number(height))
        .set("role", "img")
        .add(Style::new(STYLE))
        .add(hatching())
        .add(paper)
        .add(body)
        .add(legend);
    format!("{document}\n")
}

/// The steps of a time axis, of which that is taken which leaves room for the labels.
const STEPS: [u64; 20] = [
    100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
    900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000, 86_400_000,
];

fn has_probes(track: &Track) -> bool {
    let mut marks = track.marks.iter();
    marks.any(|(_, mark)| matches!(mark, Mark::Probe { .. }))
}

/// How much room a container needs: hooks stand below probes.
fn height(track: &Track) -> f64 {
    let mut marks = track.marks.iter();
    let hooks = marks.any(|(_, mark)| matches!(mark, Mark::Hook { .. }));
    if hooks && has_probes(track) {
        60.0
    } else {
        46.0
    }
}

/// The picture of one life.
struct Panel<'a> {
    life: &'a Life,
    group: Group,
    /// How far down it is drawn.
    y: f64,
    top: f64,
    seconds: f64,
}

impl<'a> Panel<'a> {
    fn new(life: &'a Life, y: f64) -> Self {
        Self {
            life,
            group: Group::new(),
            y,
            top: y,
            // What happens last needs room for its label.
            seconds: life.end().as_secs_f64().max(0.001) * 1.03,
        }
    }

    fn add(&mut self, shape: impl Into<Box<dyn svg::Node>>) {
        self.group.append(shape);
    }

    fn x(&self, at: Duration) -> f64 {
        let part = (at.as_secs_f64() / self.seconds).min(1.0);
        LEFT + part * (RIGHT - LEFT)
    }

    /// The time that is drawn at a place.
    fn time(&self, x: f64) -> Duration {
        let part = ((x - LEFT) / (RIGHT - LEFT)).clamp(0.0, 1.0);
        Duration::from_secs_f64(part * self.seconds)
    }

    fn draw(&mut self) {
        let tracks = tracks(self.life);
        let conditions = self.life.condition_types();
        self.head();
        self.top = self.y;
        let rows =
            30.0 + tracks.iter().map(height).sum::<f64>() + 16.0 + conditions.len() as f64 * 17.0;
        self.backdrop(self.y, self.y + rows);
        self.phases();
        for track in &tracks {
            self.track(track);
        }
        self.y += 4.0;
        self.add(line("rule", (MARGIN, self.y), (RIGHT, self.y)));
        self.y += 12.0;
        for name in &conditions {
            self.condition(name);
        }
    }

    fn head(&mut self) {
        self.y += 14.0;
        let room = RIGHT - MARGIN;
        let title = fitted(&self.life.last().metadata.name, 19.0 * BOLD, room);
        self.add(text("title", MARGIN, self.y, &title));
        let summary = fitted(&summary(self.life), 12.0, room);
        self.add(text("quiet", MARGIN, self.y + 19.0, &summary));
        self.y += 66.0;
    }

    /// The time axis, its grid, and what happens to the pod as a whole.
    fn backdrop(&mut self, top: f64, bottom: f64) {
        let step = STEPS
            .into_iter()
            .map(Duration::from_millis)
            .find(|step| self.seconds / step.as_secs_f64() <= 13.0);
        let step = step.unwrap_or_else(|| self.life.end());
        if let Some((at, _)) = self.life.deleted() {
            let (x, end) = (self.x(at), self.x(self.life.end()));
            self.add(rectangle("ending", x, top, end - x, bottom - top));
        }
        let mut ticks = Vec::new();
        let mut at = Duration::ZERO;
        while at <= self.life.end() {
            ticks.push(at);
            at += step;
        }
        for at in &ticks {
            let x = self.x(*at);
            self.add(line("grid", (x, top), (x, bottom)));
        }
        self.flags(top, bottom);
        for at in ticks {
            let x = self.x(at);
            self.add(text("tick", x, top - 6.0, &length(at)));
        }
    }

    /// When the pod is deleted, and when it is gone.
    fn flags(&mut self, top: f64, bottom: f64) {
        let deleted = self.life.deleted();
        let gone = self.life.gone().map(|at| self.x(at));
        let from = deleted.map_or(LEFT, |(at, _)| self.x(at));
        let apart = gone.is_some_and(|gone| gone - from > 52.0);
        if let Some((_, grace)) = deleted {
            let mut label = match grace {
                Duration::ZERO => "deleted".to_owned(),
                grace => format!("deleted, {} of grace", length(grace)),
            };
            if gone.is_some() && !apart {
                label.push_str("; gone");
            }
            self.flag(from, LEFT, &label, top, bottom);
        }
        if let Some(gone) = gone.filter(|_| apart || deleted.is_none()) {
            self.flag(gone, from, "gone", top, bottom);
        }
    }

    /// A line through all rows, with a label that stands left of it where that has room.
    fn flag(&mut self, x: f64, from: f64, label: &str, top: f64, bottom: f64) {
        self.add(line("deleted", (x, top - 34.0), (x, bottom)));
        let room = x - from > width(label, 11.5 * BOLD) + 10.0;
        let (class, x) = match room {
            true => ("deletedtext right", x - 6.0),
            false => ("deletedtext", x + 6.0),
        };
        self.add(text(class, x, top - 25.0, label));
    }

    fn label(&mut self, name: &str, below: &str, y: f64) {
        let short = fitted(name, 13.0 * BOLD, LEFT - MARGIN - 14.0);
        let label = text("name", MARGIN, y, &short);
        self.add(titled(label, name));
        if !below.is_empty() {
            self.add(text("quiet small", MARGIN, y + 13.0, below));
        }
    }

    fn phases(&mut self) {
        let y = self.y + 4.0;
        self.label("phase", "", y + 13.0);
        let phases = self.life.phases();
        let ends = phases.iter().skip(1).map(|(at, _)| *at);
        let ends = ends.chain([self.life.end()]);
        for ((from, phase), to) in phases.iter().zip(ends) {
            let (x, end) = (self.x(*from), self.x(to));
            let title = format!("{phase} from {}", clock(*from));
            let band = rectangle(phase, x, y, end - x, BAR);
            self.add(titled(band, &title));
            if end - x > width(phase, 12.0) + 8.0 {
                let middle = (x + end) / 2.0;
                self.add(text("middle", middle, y + 13.0, phase));
            }
        }
        self.y += 34.0;
    }

    fn track(&mut self, track: &Track) {
        let y = self.y + 6.0;
        self.label(&track.name, track.role, y + 10.0);
        let ends = track.states.iter().skip(1).map(|(at, _)| *at);
        let ends = ends.chain([self.life.end()]);
        for ((from, state), to) in track.states.iter().zip(ends) {
            let glimpse = self.x(to) - self.x(*from) < 0.5;
            if !glimpse || track.state_at(to) != State::Ready {
                self.state(*state, *from, to, y);
            }
        }
        self.graces(track, y);
        self.exits(track, y);
        self.probes(track, y + BAR + 8.0);
        let below = if has_probes(track) { 18.0 } else { 5.0 };
        self.hooks(track, y + BAR + below);
        self.y += height(track);
    }

    fn state(&mut self, state: State, from: Duration, to: Duration, y: f64) {
        let (x, end) = (self.x(from), self.x(to));
        let (class, thickness, what) = match state {
            State::Waiting => ("waiting", 2.0, "waiting"),
            State::Pulling => ("pulling", 5.0, "pulling the image"),
            State::HeldBack => ("held", 10.0, "back-off"),
            State::Running => ("running", BAR, "running, not ready"),
            State::Ready => ("ready", BAR, "running, ready"),
            State::Stopping => ("stopping", BAR, "stopping"),
            State::Ended { code: 0 } => ("ok", 3.0, "terminated"),
            State::Ended { .. } => ("failed", 3.0, "terminated"),
        };
        // What is too short to be seen is shown a little longer.
        let wide = if thickness < BAR {
            end - x
        } else {
            (end - x).max(1.0)
        };
        let top = y + (BAR - thickness) / 2.0;
        let title = format!("{what} from {} to {}", clock(from), clock(to));
        let bar = rectangle(class, x, top, wide, thickness);
        self.add(titled(bar, &title));
    }

    /// Writes how long a container is held back between two places.
    fn held(&mut self, held: Duration, x: f64, end: f64, y: f64) {
        let label = format!("back-off {}", length(held));
        let wide = width(&label, 10.5);
        if wide + 12.0 < end - x {
            let middle = (x + end) / 2.0;
            let left = middle - wide / 2.0 - 2.0;
            self.add(rectangle("heldpaper", left, y + 4.6, wide + 4.0, 8.8));
            self.add(text("onheld", middle, y + 12.7, &label));
        }
    }

    /// How long a container that stops slowly may take to do so.
    fn graces(&mut self, track: &Track, y: f64) {
        let mut marks = track.marks.iter();
        while let Some((at, mark)) = marks.next() {
            let Mark::Stopping { grace } = mark else {
                continue;
            };
            let x = self.x(*at);
            let mut after = marks.clone();
            let exit = after.find(|(_, mark)| matches!(mark, Mark::Exited { .. }));
            if exit.is_some_and(|(exit, _)| self.x(*exit) - x < 4.0) {
                continue;
            }
            let next = after.find(|(_, mark)| matches!(mark, Mark::Started { .. }));
            let until = next.map_or_else(|| self.life.end(), |(next, _)| *next);
            let end = self.x((*at + *grace).min(until));
            let bound = line("grace", (x, y - 3.0), (end, y - 3.0));
            self.add(titled(bound, &format!("{} of grace", length(*grace))));
            if *at + *grace <= until {
                self.add(line("grace", (end, y - 6.0), (end, y)));
            }
        }
    }

    /// Starts, exits, and what failed.
    fn exits(&mut self, track: &Track, y: f64) {
        let mut above = LEFT - 60.0;
        let mut marks = track.marks.iter();
        while let Some((at, mark)) = marks.next() {
            let x = self.x(*at);
            let next = marks.clone().find_map(|(at, mark)| match mark {
                Mark::Started { .. } | Mark::Exited { .. } | Mark::Failed { .. } => Some(*at),
                _ => None,
            });
            let room = next.map_or(RIGHT - x + 10.0, |next| self.x(next) - x);
            match mark {
                Mark::Started { number } if *number > 1 && room > 24.0 => {
                    let class = match track.state_at(self.time(x + 12.0)) {
                        State::Running => "onrunning",
                        _ => "on",
                    };
                    self.add(text(class, x + 6.0, y + 12.7, &format!("#{number}")));
                }
                Mark::Exited { code, reason, held } => {
                    let title = format!("exited with code {code} ({reason}) at {}", clock(*at));
                    let behind = self.exit(*code, reason, (x, y), room, &title);
                    let dotted = behind <= x + 4.0;
                    if dotted && x - above > 18.0 && *code != 0 {
                        self.add(text("above", x, y - 1.5, &code.to_string()));
                        above = x;
                    }
                    if let Some(held) = held {
                        let end = self.x(*at + *held);
                        self.held(*held, behind, end, y);
                    }
                }
                Mark::Failed { what } => {
                    let title = format!("could not be {what} at {}", clock(*at));
                    self.dot("codefailed", (x, y), &title);
                    if x - above > 58.0 {
                        self.add(text("above", x, y - 1.5, &format!("not {what}")));
                        above = x;
                    }
                }
                _ => {}
            }
        }
    }

    /// Draws an exit code; returns where it ends.
    fn exit(&mut self, code: i32, reason: &str, (x, y): (f64, f64), room: f64, title: &str) -> f64 {
        let class = if code == 0 { "codeok" } else { "codefailed" };
        let mut labels = vec![code.to_string()];
        if !matches!(reason, "" | "Error" | "Completed") {
            labels.insert(0, format!("{code} {reason}"));
        }
        let size = 10.5 * BOLD;
        let label = labels
            .iter()
            .find(|label| width(label, size) + 10.0 <= room);
        let Some(label) = label else {
            self.dot(class, (x, y), title);
            return x + 4.0;
        };
        let wide = width(label, size) + 7.0;
        let pill = rectangle(class, x, y + 1.0, wide, BAR - 2.0).set("rx", 4);
        self.add(titled(pill, title));
        let class = format!("{class}text");
        self.add(text(&class, x + wide / 2.0, y + 12.7, label));
        x + wide
    }

    fn dot(&mut self, class: &str, (x, y): (f64, f64), title: &str) {
        let dot = Circle::new()
            .set("class", class)
            .set("cx", number(x))
            .set("cy", number(y + BAR / 2.0))
            .set("r", 4);
        self.add(titled(dot, title));
    }

    fn hooks(&mut self, track: &Track, y: f64) {
        for (at, mark) in &track.marks {
            let Mark::Hook {
                hook,
                until,
                success,
            } = mark
            else {
                continue;
            };
            let (x, end) = (self.x(*at), self.x(*until).max(self.x(*at) + 4.0));
            let path = format!("M{},{} v5 H{} v-5", number(x), number(y - 2.0), number(end));
            let how = if *success { "" } else { ", failed" };
            let name = hook_name(*hook);
            let took = length(until.saturating_sub(*at));
            let bracket = Path::new().set("class", "hook").set("d", path);
            self.add(titled(bracket, &format!("{name} hook, {took}{how}")));
            let label = format!("{name} {took}{how}");
            let class = if x + width(&label, 10.5) > RIGHT {
                "hooktext right"
            } else {
                "hooktext"
            };
            let place = if class == "hooktext" {
                x + 3.0
            } else {
                end.max(x + 4.0)
            };
            self.add(text(class, place, y + 13.0, &label));
        }
    }

    /// What the probes found, but for a liveness that was never in doubt.
    fn probes(&mut self, track: &Track, y: f64) {
        let mut failed = false;
        let found = track.marks.iter().filter_map(|(at, mark)| match mark {
            Mark::Probe { probe, success } => Some((*at, *probe, *success)),
            _ => None,
        });
        let mut found: Vec<_> = found.collect();
        found.retain(|(_, probe, success)| {
            failed |= *probe == Kind::Liveness && !success;
            *probe != Kind::Liveness || failed
        });
        let mut free = LEFT - 8.0;
        let mut found = found.into_iter().peekable();
        while let Some((at, probe, success)) = found.next() {
            let x = self.x(at).max(free + 5.0);
            let (class, path) = match success {
                true => (
                    "good",
                    format!("M{},{} l4,7 h-8 z", number(x), number(y - 3.5)),
                ),
                false => (
                    "bad",
                    format!("M{},{} l4,-7 h-8 z", number(x), number(y + 3.5)),
                ),
            };
            let name = probe_name(probe);
            let how = if success { "succeeds" } else { "fails" };
            let title = format!("{name} probe {how} at {}", clock(at));
            let mark = Path::new().set("class", class).set("d", path);
            self.add(titled(mark, &title));
            free = x + 4.0;
            let next = found.peek().map_or(RIGHT, |(at, ..)| self.x(*at));
            if free + width(name, 9.2) + 8.0 < next {
                self.add(text("probe", free + 3.0, y + 3.2, name));
                free += width(name, 9.2) + 3.0;
            }
        }
    }

    fn condition(&mut self, name: &str) {
        let y = self.y;
        let short = fitted(name, 10.5, LEFT - MARGIN - 14.0);
        self.add(text("small", MARGIN, y + 8.5, &short));
        let values = self.life.condition(name);
        let ends = values.iter().skip(1).map(|(at, _)| *at);
        let ends: Vec<_> = ends.chain([self.life.end()]).collect();
        for ((from, value), to) in values.iter().zip(ends) {
            let class = match value {
                Some(ConditionStatus::True) => "true",
                Some(ConditionStatus::False) => "false",
                Some(_) => "unknown",
                None => continue,
            };
            let (x, end) = (self.x(*from), self.x(to));
            let title = format!("{name} {class} from {} to {}", clock(*from), clock(to));
            let band = rectangle(class, x, y + 1.0, end - x, 8.0);
            self.add(titled(band, &title));
        }
        self.y += 17.0;
    }
}
