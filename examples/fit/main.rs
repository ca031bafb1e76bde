//! Says on which nodes of a cluster a pod fits, why not on the others, and which it would get.

// A program has the whole of `std`.
#![allow(clippy::std_instead_of_alloc)]

mod cluster;
#[path = "../manifest/mod.rs"]
mod manifest;
mod tell;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use pod_lifecycle::{admission, api::Pod, jiff::Timestamp};

use crate::{
    cluster::Cluster,
    manifest::{Complaint, Document, Source},
};

const HELP: &str = "\
Says on which nodes of a cluster a pod fits, why not on the others, and which it would get.

usage: fit [OPTION...] [MANIFEST...]

MANIFEST is YAML or JSON, with one object or several: pods, and workloads that have a pod
template. `-` is standard input. Without one, pods of a demonstration are asked about. Each pod
is asked about by itself, as if it came next.

  -c, --cluster FILE   the cluster, `-` for standard input; else that of the demonstration
  -h, --help           print this

The cluster is what `kubectl get nodes,pods --all-namespaces -o yaml` prints. Namespaces, disruption
budgets, priority classes and claims (namespaces,pdb,priorityclasses,pvc) count where they are given;
other kinds are passed over.

exit status: 0 the question was answered, whatever the answer; 1 it could not be, and the
lines on standard error say why, with file, line and field
";

const POD: (&str, &str) = ("examples/fit/pod.yaml", include_str!("pod.yaml"));
const CLUSTER: (&str, &str) = ("examples/fit/cluster.yaml", include_str!("cluster.yaml"));

/// What the command line says.
#[derive(Default)]
struct Options {
    manifests: Vec<String>,
    cluster: Option<String>,
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
                Long("cluster") | Short('c') => options.cluster = Some(parser.value()?.string()?),
                Long("help") | Short('h') => options.help = true,
                Value(manifest) => options.manifests.push(manifest.string()?),
                other => return Err(other.unexpected()),
            }
        }
        Ok(options)
    }

    fn run(&self) -> Result<String, Failure> {
        if self.help {
            return Ok(HELP.to_owned());
        }
        let source = match &self.cluster {
            Some(file) => Source::read(file)?,
            None => Source::embedded(CLUSTER.0, CLUSTER.1),
        };
        let cluster = Cluster::read(&source)?;
        for note in &cluster.notes {
            eprintln!("warning: {note}");
        }
        let mut stories = Vec::new();
        for (document, mut pod) in self.pods()? {
            cluster
                .give_priority(&document, &mut pod)
                .map_err(|complaint| {
                    Failure::from(document.complain("spec.priorityClassName", &complaint))
                })?;
            stories.push(tell::story(&document, &pod, &cluster));
        }
        Ok(stories.join("\n"))
    }

    fn pods(&self) -> Result<Vec<(Document, Pod)>, Failure> {
        let mut documents = Vec::new();
        if self.manifests.is_empty() {
            documents = Source::embedded(POD.0, POD.1).documents()?;
        }
        for file in &self.manifests {
            documents.extend(Source::read(file)?.documents()?);
        }
        if documents.iter().any(Document::has_pod) {
            documents.retain(|document| !document.is_other());
        }
        let mut failure = Failure(Vec::new());
        let mut pods = Vec::new();
        for document in documents {
            match admit(&document) {
                Ok(pod) => pods.push((document, pod)),
                Err(complaints) => failure.0.extend(Failure::from(complaints).0),
            }
        }
        if failure.0.is_empty() {
            Ok(pods)
        } else {
            Err(failure)
        }
    }
}

/// Does what the API server does with a new pod.
fn admit(document: &Document) -> Result<Pod, Vec<Complaint>> {
    let pod = document.pod()?;
    let created = admission::create(Timestamp::UNIX_EPOCH, pod, &admission::Options::default());
    let created = created.map_err(|errors| document.refuse(&errors))?;
    Ok(created.pod)
}
