//! Plays pods on a virtual clock and tells what becomes of them.

// A program has the whole of `std`.
#![allow(clippy::std_instead_of_alloc)]

mod life;
#[path = "../manifest/mod.rs"]
mod manifest;
mod picture;
mod script;
mod tell;

use core::time::Duration;
use std::{
    fs,
    io::{self, Write as _},
    process::ExitCode,
};

use pod_lifecycle::{
    api::Pod,
    machine::Pacing,
    sim::{Script, Setup},
};

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
type Failure = Vec<String>;

fn main() -> ExitCode {
    let told = Options::read().and_then(|options| options.run());
    match told {
        Ok(text) => match io::stdout().lock().write_all(text.as_bytes()) {
            // Whoever reads may have seen enough.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
            _ => ExitCode::SUCCESS,
        },
        Err(failure) => {
            for line in failure {
                eprintln!("error: {line}");
            }
            ExitCode::FAILURE
        }
    }
}

fn worded(complaints: Vec<Complaint>) -> Failure {
    complaints.iter().map(ToString::to_string).collect()
}

impl Options {
    fn read() -> Result<Self, Failure> {
        Self::parse().map_err(|error| vec![format!("{error} (see --help)")])
    }

    fn parse() -> Result<Self, lexopt::Error> {
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
        let documents = self.documents()?;
        let (cast, skipped) = cast(documents)?;
        let reading = self.reading(&cast)?;
        let mut text = match self.files.is_empty() {
            true => DEMO_NOTE.to_owned(),
            false => skipped,
        };
        let mut lives = Vec::new();
        for (document, pod) in &cast {
            let (notes, life) = self.play(document, pod, &reading)?;
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&notes);
            text.push_str(&tell::story(&life));
            lives.push((pod.metadata.name.clone(), life));
        }
        if let Some(file) = &self.svg {
            let written = fs::write(file, picture::draw(&lives));
            written.map_err(|error| vec![format!("{file}: {error}")])?;
        }
        Ok(text)
    }

    fn documents(&self) -> Result<Vec<Document>, Failure> {
        let mut documents = Vec::new();
        if self.files.is_empty() {
            let demo = Source::embedded(DEMO.0, DEMO.1);
            documents = demo
                .documents()
                .map_err(|complaint| worded(vec![complaint]))?;
        }
        for file in &self.files {
            let read = Source::read(file).and_then(|source| source.documents());
            documents.extend(read.map_err(|complaint| worded(vec![complaint]))?);
        }
        Ok(documents)
    }

    fn reading(&self, cast: &[(Document, Pod)]) -> Result<Reading, Failure> {
        let pods: Vec<&Pod> = cast.iter().map(|(_, pod)| pod).collect();
        let source = match &self.script {
            Some(file) => Source::read(file).map_err(|complaint| worded(vec![complaint]))?,
            None if self.files.is_empty() => Source::embedded(DEMO_SCRIPT.0, DEMO_SCRIPT.1),
            None => return Ok(Reading::default()),
        };
        Reading::read(&source, &pods).map_err(worded)
    }

    /// Plays one pod; returns what a reader should know before, and the life.
    fn play(
        &self,
        document: &Document,
        pod: &Pod,
        reading: &Reading,
    ) -> Result<(String, Life), Failure> {
        let mut setup = Setup::default();
        setup.script = Script::from_pod(pod)
            .map_err(|error| worded(vec![document.complain("", &error.to_string())]))?;
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
        let life = Life::play(pod.clone(), setup, length)
            .map_err(|errors| worded(document.refuse(&errors)))?;
        let name = &life.first().metadata.name;
        let mut notes = format!("Pod {name}, of {}\n", document.source());
        for note in granted {
            notes.push_str(&format!("No script says otherwise: {note}.\n"));
        }
        notes.push('\n');
        Ok((notes, life))
    }
}

/// Reads a duration of the command line.
fn duration(text: &str) -> Result<Duration, String> {
    text.parse::<script::Length>().map(|length| length.0)
}

/// Returns the pods, and a note on what is none.
fn cast(documents: Vec<Document>) -> Result<(Vec<(Document, Pod)>, String), Failure> {
    let any = documents.iter().any(Document::has_pod);
    let (mut cast, mut failure, mut skipped) = (Vec::new(), Vec::new(), String::new());
    for document in documents {
        if any && document.is_other() {
            skipped.push_str(&format!(
                "Skipped: {} of {}\n",
                document.kind(),
                document.source()
            ));
            continue;
        }
        match document.pod() {
            Ok(pod) => cast.push((document, pod)),
            Err(complaints) => failure.extend(worded(complaints)),
        }
    }
    if failure.is_empty() {
        Ok((cast, skipped))
    } else {
        Err(failure)
    }
}
