//! What the command line says, and what comes of it.

use core::time::Duration;
use std::{env, fs, path::PathBuf, process::ExitCode};

use pod_lifecycle::{
    admission::{self, BindError},
    api::Pod,
    jiff::Timestamp,
    machine::Config,
    sim::parse_duration,
};
use rustix::system::uname;

use crate::{
    clock::Clock,
    host::{Ending, Host},
    manifest::{Complaint, Document, Source},
    report, serve,
};

const HELP: &str = "\
Runs the containers of a pod's manifest as processes of this host.

usage: supervise [OPTION...] [FILE]
       supervise serve PORT [FILE]

FILE is a manifest in YAML or JSON with one pod, or one workload that has a pod template; other kinds
are passed over. `-` is standard input. Without one, a demonstration is run.

  --report          only say what the manifest asks for that processes cannot be given
  --back-off TIME   how long a container that ends again and again waits at first (10s)
  -h, --help        print this

Commands, arguments, variables, working directories, probes, hooks and restarts are those of the
manifest. emptyDir and hostPath volumes are directories, which $VOLUME_<NAME> names; the last words
that a container writes to $TERMINATION_MESSAGE_PATH are its termination message. Ctrl-C deletes the
pod, a second one kills it. Of a container everything in its process group ends with it.

`supervise serve` answers HTTP requests with 200 while FILE is there and with 503 while it is not, for
manifests to try probes with.

exit status: 0 the pod succeeded or was deleted, 1 it failed or was killed, 2 it could not be run
";

const DEMO: (&str, &str) = (
    "examples/manifests/supervise.yaml",
    include_str!("../manifests/supervise.yaml"),
);

/// What the command line says.
#[derive(Default)]
struct Options {
    words: Vec<String>,
    back_off: Option<Duration>,
    report: bool,
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

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self(vec![error.to_string()])
    }
}

pub(crate) fn main() -> ExitCode {
    let told = Options::read().map_err(Failure::from);
    match told.and_then(|options| options.run()) {
        Ok(Ending::Succeeded | Ending::Deleted) => ExitCode::SUCCESS,
        Ok(Ending::Failed | Ending::Killed) => ExitCode::FAILURE,
        Err(Failure(lines)) => {
            for line in lines {
                eprintln!("error: {line}");
            }
            ExitCode::from(2)
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
                Long("back-off") => {
                    options.back_off = Some(parser.value()?.parse_with(parse_duration)?);
                }
                Long("report") => options.report = true,
                Long("help") | Short('h') => options.help = true,
                Value(word) => options.words.push(word.string()?),
                other => return Err(other.unexpected()),
            }
        }
        Ok(options)
    }

    fn run(&self) -> Result<Ending, Failure> {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        match words[..] {
            _ if self.help => print!("{HELP}"),
            [] => return self.supervise(&Source::embedded(DEMO.0, DEMO.1)),
            ["serve", port] => serve::serve(number(port)?, None)?,
            ["serve", port, file] => serve::serve(number(port)?, Some(file.into()))?,
            [file] => return self.supervise(&Source::read(file)?),
            _ => {
                let why = lexopt::Error::from("one manifest is run at a time".to_owned());
                return Err(why.into());
            }
        }
        Ok(Ending::Succeeded)
    }

    fn supervise(&self, source: &Source) -> Result<Ending, Failure> {
        let document = only_pod(source.documents()?)?;
        let clock = Clock::start();
        let pod = admit(&document, clock.now())?;
        eprintln!("note: {}", report::ALWAYS);
        for note in report::of(&document, &pod) {
            eprintln!("note: {note}");
        }
        if self.report {
            return Ok(Ending::Succeeded);
        }
        let mut config = Config::default();
        config.host_ips = vec![crate::environment::ADDRESS.into()];
        if let Some(initial) = self.back_off {
            config.crash_loop.initial = initial;
        }
        let directory = env::temp_dir().join(format!("supervise-{}", pod.metadata.uid));
        Ok(Host::new(pod, config, clock, directory).run()?)
    }
}

fn number(port: &str) -> Result<u16, lexopt::Error> {
    port.parse()
        .map_err(|_| format!("{port:?} is not a port").into())
}

/// Returns the one object that has a pod.
fn only_pod(mut documents: Vec<Document>) -> Result<Document, Failure> {
    if documents.iter().any(Document::has_pod) {
        documents.retain(|document| !document.is_other());
    }
    match documents.len() {
        1 => Ok(documents.remove(0)),
        count => Err(Failure(vec![format!(
            "one pod is run at a time, not {count}"
        )])),
    }
}

/// Does what the API server and the scheduler do with a new pod.
fn admit(document: &Document, now: Timestamp) -> Result<Pod, Failure> {
    let mut options = admission::Options::default();
    options.uid = uid(now);
    let created = admission::create(now, document.pod()?, &options)
        .map_err(|errors| document.refuse(&errors))?;
    for warning in &created.warnings {
        eprintln!("warning: {warning}");
    }
    let mut pod = created.pod;
    let node = uname().nodename().to_string_lossy().into_owned();
    match admission::bind(now, &mut pod, &node) {
        Ok(()) | Err(BindError::AlreadyBound { .. }) => Ok(pod),
        Err(error) => Err(document
            .complain("spec.schedulingGates", &error.to_string())
            .into()),
    }
}

/// Draws a UID, where the kernel has some.
fn uid(now: Timestamp) -> String {
    let drawn = fs::read_to_string(PathBuf::from("/proc/sys/kernel/random/uuid"));
    match drawn {
        Ok(uid) => uid.trim().to_owned(),
        Err(_) => format!("{:x}-{:x}", now.as_nanosecond(), std::process::id()),
    }
}
