//! Plays pods on a virtual clock and tells what becomes of them.

// A program has the whole of `std`.
#![allow(clippy::std_instead_of_alloc)]

mod life;
#[path = "../manifest/mod.rs"]
mod manifest;
mod picture;
mod script;
mod shapes;
mod tell;
mod track;

use core::time::Duration;
use std::{
    fs,
    io::{self, Write as _},
    process::ExitCode,
};

use pod_lifecycle::{admission, api::Pod, machine::Pacing, sim::Setup};

use crate::{
    life::{Delete, Length, Life},
    manifest::{Complaint, Document, Source},
    script::Reading,
};

const HELP: &str = "\
Plays pods on a virtual clock and tells what becomes of them.

usage: simulate [OPTION...] [FILE...]

FILE is a manifest in YAML or JSON, with one object or several: pods, and workloads
that have a pod template. `-` is standard input. Without one, a demonstration is played.

  --script FILE      what containers, images, probes and hooks do
  --until TIME       when to stop, as 2m; else when the pod is gone
  --delete-at TIME   when to delete the pod; else after 60s, or 10s after it is over
  --keep             do not delete the pod
  --ideal            a runtime that notices everything at once, not a kubelet's pace
  --svg FILE         draw a picture, too
  --help             print this

What no script speaks of behaves well: images are on the node, probes and hooks succeed,
containers run until they are stopped. See examples/manifests/demo.script.yaml.
";

const DEMO: (&str, &str) = (
    "examples/manifests/demo.yaml",
    include_str!("../manifests/demo.yaml"),
);
const DEMO_SCRIPT: (&str, &str) = (
    "examples/manifests/demo.script.yaml",
    include_str!("../manifests/demo.script.yaml"),
);

const DEMO_NOTE: &str = "A demonstration; `--help` says how to play a manifest of your own.\n";

/// What the command line says.
#[derive(Default)]
struct Options {
    files: Vec<String>,
    script: Option<String>,
    svg: Option<String>,
    until: Option<Duration>,
    delete_at: Option<Duration>,
    keep: bool,
    ideal: bool,
    help: bool,
}

/// Everything that went wrong, a line each.
struct Failure(Vec<String>);

impl From<Complaint> for Failure {
    fn from(complaint: Complaint) -> Self {
        Self(vec![complaint.to_string()])
    }
}

impl From<Vec<Complaint>> for Failure {
    fn from(complaints: Vec<Complaint>) -> Self {
        Self(complaints.iter().map(ToString::to_string).collect())
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self(vec![format!("{error} (see --help)")])
    }
}

/// A pod that is played, and what is to be said before.
struct Role {
    document: Document,
    pod: Pod,
    notes: Vec<String>,
}

fn main() -> ExitCode {
    let told = Options::read().map_err(Failure::from);
    match told.and_then(|options| options.run()) {
        Ok(text) => match io::stdout().lock().write_all(text.as_bytes()) {
            // Whoever reads may have seen enough.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
            _ => ExitCode::SUCCESS,
        },
        Err(Failure(lines)) => {
            for line in lines {
                eprintln!("error: {line}");
            }
            ExitCode::FAILURE
        }
    }
}

impl Options {
    fn read() -> Result<Self, lexopt::Error> {
        use lexopt::{Arg::*, ValueExt as _};

        let mut options = Self::default();
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("script") => options.script = Some(parser.value()?.string()?),
                Long("svg") => options.svg = Some(parser.value()?.string()?),
                Long("until") => options.until = Some(parser.value()?.parse_with(duration)?),
                Long("delete-at") => {
                    options.delete_at = Some(parser.value()?.parse_with(duration)?);
                }
                Long("keep") => options.keep = true,
                Long("ideal") => options.ideal = true,
                Long("help") | Short('h') => options.help = true,
                Value(file) => options.files.push(file.string()?),
                other => return Err(other.unexpected()),
            }
        }
        Ok(options)
    }

    fn run(&self) -> Result<String, Failure> {
        if self.help {
            return Ok(HELP.to_owned());
        }
        let (roles, mut text) = cast(self.documents()?)?;
        let reading = self.reading(&roles)?;
        if self.files.is_empty() {
            text.push_str(DEMO_NOTE);
        }
        let mut lives = Vec::new();
        for role in &roles {
            let (notes, life) = self.play(role, &reading)?;
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&notes);
            text.push_str(&tell::story(&life));
            lives.push(life);
        }
        if let Some(file) = &self.svg {
            let written = fs::write(file, picture::draw(&lives));
            written.map_err(|error| Failure(vec![format!("{file}: {error}")]))?;
        }
        Ok(text)
    }

    fn documents(&self) -> Result<Vec<Document>, Failure> {
        if self.files.is_empty() {
            return Ok(Source::embedded(DEMO.0, DEMO.1).documents()?);
        }
        let mut documents = Vec::new();
        for file in &self.files {
            documents.extend(Source::read(file)?.documents()?);
        }
        Ok(documents)
    }

    fn reading(&self, roles: &[Role]) -> Result<Reading, Failure> {
        let source = match &self.script {
            Some(file) => Source::read(file)?,
            None if self.files.is_empty() => Source::embedded(DEMO_SCRIPT.0, DEMO_SCRIPT.1),
            None => return Ok(Reading::default()),
        };
        let pods: Vec<&Pod> = roles.iter().map(|role| &role.pod).collect();
        Ok(Reading::read(&source, &pods)?)
    }

    /// Plays one pod; returns what a reader should know before, and the life.
    fn play(&self, role: &Role, reading: &Reading) -> Result<(String, Life), Failure> {
        let Role {
            document,
            pod,
            notes,
        } = role;
        let mut setup = Setup::default();
        setup.script = script::carried(document, pod)?;
        let granted = reading.apply(pod, &mut setup);
        if self.ideal {
            setup.config.pacing = Pacing::ideal();
        }
        let deleted = self.delete_at.or_else(|| reading.delete());
        let length = Length {
            until: self.until.or_else(|| reading.until()),
            delete: match deleted {
                _ if self.keep => Delete::Never,
                Some(at) => Delete::At(at),
                None => Delete::InTime,
            },
        };
        let life =
            Life::play(pod.clone(), setup, length).map_err(|errors| document.refuse(&errors))?;
        let mut text = format!("Pod {}, of {}\n", pod.metadata.name, document.source());
        for note in notes.iter().chain(&granted) {
            text.push_str(note);
            text.push('\n');
        }
        text.push('\n');
        Ok((text, life))
    }
}

/// Reads a duration of the command line.
fn duration(text: &str) -> Result<Duration, String> {
    text.parse::<script::Length>().map(|length| length.0)
}

/// Returns the pods as the API server would store them, and a note on what is none.
fn cast(documents: Vec<Document>) -> Result<(Vec<Role>, String), Failure> {
    let any = documents.iter().any(Document::has_pod);
    let (mut roles, mut skipped) = (Vec::new(), String::new());
    let mut failure = Failure(Vec::new());
    for document in documents {
        if any && document.is_other() {
            let (kind, source) = (document.kind(), document.source());
            skipped.push_str(&format!("Skipped: the {kind} of {source}\n"));
            continue;
        }
        match admit(&document) {
            Ok((pod, notes)) => roles.push(Role {
                document,
                pod,
                notes,
            }),
            Err(complaints) => failure.0.extend(Failure::from(complaints).0),
        }
    }
    if failure.0.is_empty() {
        Ok((roles, skipped))
    } else {
        Err(failure)
    }
}

/// Does what the API server does with a new pod.
fn admit(document: &Document) -> Result<(Pod, Vec<String>), Vec<Complaint>> {
    let pod = document.pod()?;
    let mut created =
        admission::create(Setup::default().start, pod, &admission::Options::default())
            .map_err(|errors| document.refuse(&errors))?;
    let warnings = created.warnings.iter();
    let mut notes: Vec<_> = warnings
        .map(|warning| format!("Warning: {warning}"))
        .collect();
    notes.extend(script::give_users(&mut created.pod));
    Ok((created.pod, notes))
}
