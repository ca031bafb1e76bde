//! Says of manifests what the API server would say, without one.

// A program has the whole of `std`.
#![allow(clippy::std_instead_of_alloc)]

mod judge;
#[path = "../manifest/mod.rs"]
mod manifest;
mod workload;

use std::{
    fs,
    io::{self, IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
};

use serde_json::{Value, json};

use crate::{
    judge::{Verdict, judge},
    manifest::{Complaint, Document, Source},
};

const HELP: &str = "\
Says of manifests what the API server would say, without one.

usage: check [OPTION...] [FILE|DIRECTORY...]

Manifests are YAML or JSON, one object or many: pods, and whatever has a pod template (Deployment,
StatefulSet, DaemonSet, ReplicaSet, ReplicationController, Job, CronJob, PodTemplate). Of these the
template is judged, what the kind asks of it, and the names of all fields; the rest of them is not.
Other kinds are passed over, and lists are their items. `-`, and nothing, is standard input. Of a
directory every .yaml, .yml and .json is read, below it too.

  -o, --output text|json   how to print (text)
  --warnings-as-errors     warnings count as findings, too
  -h, --help               print this

exit status: 0 nothing was found, 1 something was found, 2 something could not be read
";

/// What the command line says.
#[derive(Default)]
struct Options {
    inputs: Vec<String>,
    json: bool,
    warnings_as_errors: bool,
    help: bool,
}

/// An object, and what is to be said about it.
struct Checked {
    document: Document,
    /// Nothing where it is none of our business.
    verdict: Option<Verdict>,
}

/// Everything that was read, and everything that could not be.
#[derive(Default)]
struct Report {
    objects: Vec<Checked>,
    unreadable: Vec<Complaint>,
}

fn main() -> ExitCode {
    let options = match Options::read() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("error: {error} (see --help)");
            return ExitCode::from(2);
        }
    };
    let (text, status) = if options.help {
        (HELP.to_owned(), 0)
    } else {
        let report = Report::of(&options.inputs);
        let text = if options.json {
            report.json()
        } else {
            report.text()
        };
        (text, report.status(options.warnings_as_errors))
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever reads may have seen enough.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
        _ => ExitCode::from(status),
    }
}

impl Options {
    fn read() -> Result<Self, lexopt::Error> {
        use lexopt::{Arg::*, ValueExt as _};

        let mut options = Self::default();
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("output") | Short('o') => {
                    options.json = parser.value()?.parse_with(|format| match format {
                        "text" => Ok(false),
                        "json" => Ok(true),
                        _ => Err("it is text or json"),
                    })?;
                }
                Long("warnings-as-errors") => options.warnings_as_errors = true,
                Long("help") | Short('h') => options.help = true,
                Value(input) => options.inputs.push(input.string()?),
                other => return Err(other.unexpected()),
            }
        }
        if options.inputs.is_empty() && !options.help {
            if io::stdin().is_terminal() {
                return Err("there is nothing to check".into());
            }
            options.inputs.push("-".to_owned());
        }
        Ok(options)
    }
}

impl Report {
    fn of(inputs: &[String]) -> Self {
        let mut report = Self::default();
        for input in inputs {
            if input != "-" && Path::new(input).is_dir() {
                report.directory(Path::new(input));
            } else {
                let read = Source::read(input).and_then(|source| source.documents());
                report.add(read, |_| false);
            }
        }
        report
    }

    /// Reads a directory in the order of its names; links to directories are not followed.
    fn directory(&mut self, directory: &Path) {
        let entries = fs::read_dir(directory).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => {
                let name = directory.display().to_string();
                let unreadable = Complaint::of_source(&name.into(), error.to_string());
                return self.unreadable.push(unreadable);
            }
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.directory(&path);
            } else if is_manifest(&path) && !path.is_dir() {
                let source = Source::read(&path.to_string_lossy());
                let read = source.and_then(|source| source.any_documents());
                // What lies beside manifests may be anything.
                self.add(read, Document::is_nameless);
            }
        }
    }

    fn add(&mut self, read: Result<Vec<Document>, Complaint>, pass_over: fn(&Document) -> bool) {
        match read {
            Err(complaint) => self.unreadable.push(complaint),
            Ok(documents) => {
                self.objects.extend(documents.into_iter().map(|document| {
                    let passed = document.is_other() || pass_over(&document);
                    let verdict = (!passed).then(|| judge(&document));
                    Checked { document, verdict }
                }));
            }
        }
    }

    fn verdicts(&self) -> impl Iterator<Item = &Verdict> {
        self.objects
            .iter()
            .filter_map(|object| object.verdict.as_ref())
    }

    fn errors(&self) -> usize {
        self.verdicts().map(|verdict| verdict.errors.len()).sum()
    }

    fn warnings(&self) -> usize {
        self.verdicts().map(|verdict| verdict.warnings.len()).sum()
    }

    fn status(&self, warnings_as_errors: bool) -> u8 {
        if !self.unreadable.is_empty() {
            2
        } else if self.errors() > 0 || (warnings_as_errors && self.warnings() > 0) {
            1
        } else {
            0
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for Checked { document, verdict } in &self.objects {
            let Some(verdict) = verdict else {
                continue;
            };
            for error in &verdict.errors {
                text.push_str(&format!("error: {error}\n"));
            }
            for warning in &verdict.warnings {
                text.push_str(&format!("warning: {warning}\n"));
            }
            if verdict.errors.is_empty() && verdict.warnings.is_empty() {
                let (kind, name) = (document.kind(), name(document));
                text.push_str(&format!("ok: {}: {kind} {name}\n", document.source()));
            }
        }
        for complaint in &self.unreadable {
            text.push_str(&format!("unreadable: {complaint}\n"));
        }
        let checked = self.verdicts().count();
        text.push_str(&format!(
            "{} checked, {} passed over: {}, {}{}\n",
            number(checked, "object"),
            self.objects.len() - checked,
            number(self.errors(), "error"),
            number(self.warnings(), "warning"),
            match self.unreadable.len() {
                0 => String::new(),
                count => format!(", {count} unreadable"),
            },
        ));
        text
    }

    fn json(&self) -> String {
        let objects = self.objects.iter().map(|Checked { document, verdict }| {
            let (file, line) = document.place();
            let list = |complaints: &[Complaint]| complaints.iter().map(written).collect::<Value>();
            json!({
                "file": file,
                "line": line,
                "kind": document.kind(),
                "namespace": document.metadata("namespace"),
                "name": name(document),
                "checked": verdict.is_some(),
                "errors": verdict.as_ref().map_or_else(|| json!([]), |verdict| list(&verdict.errors)),
                "warnings": verdict.as_ref().map_or_else(|| json!([]), |verdict| list(&verdict.warnings)),
            })
        });
        let report = json!({
            "objects": objects.collect::<Value>(),
            "unreadable": self.unreadable.iter().map(|complaint| json!({
                "file": &*complaint.source,
                "line": complaint.line,
                "message": complaint.what,
            })).collect::<Value>(),
        });
        format!("{report:#}\n")
    }
}

fn written(complaint: &Complaint) -> Value {
    json!({
        "line": complaint.line,
        "field": complaint.path,
        "message": complaint.what,
    })
}

fn name(document: &Document) -> &str {
    match document.metadata("name") {
        "" => document.metadata("generateName"),
        name => name,
    }
}

fn number(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn is_manifest(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("yaml" | "yml" | "json"))
}
