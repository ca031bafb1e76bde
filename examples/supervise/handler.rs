//! What probes and hooks do.

use core::time::Duration;
use std::{io, thread};

use pod_lifecycle::{
    api::{Container, Handler, IntOrString, URIScheme},
    lifecycle::probe::Answer,
};

use crate::{
    clock::Limit,
    environment::{self, ADDRESS},
    http::{self, Request, Response},
    process::{Ended, Group, Program},
};

/// What an HTTP or TCP hook may take: it has no timeout of its own, its container's grace ends it.
const HOOK: Duration = Duration::from_secs(3600);

/// A handler that is ready to run.
pub(crate) enum Task {
    Exec(Program, Group),
    Http(Request),
    Tcp(String, u16),
    Sleep(Duration),
    Impossible(String),
}

/// What came of a handler.
pub(crate) struct Finding {
    pub(crate) answer: Answer,
    /// In words.
    pub(crate) said: String,
}

impl Finding {
    fn new(answer: Answer, said: impl Into<String>) -> Self {
        let said = said.into();
        Self { answer, said }
    }

    fn of_error(error: &io::Error) -> Self {
        Self::new(Answer::Failure, error.to_string())
    }
}

impl Task {
    /// Reads a handler as one of a container whose program is known.
    pub(crate) fn of(
        handler: Option<Handler<'_>>,
        container: &Container,
        (program, group): (&Program, &Group),
    ) -> Self {
        match handler {
            Some(Handler::Exec(exec)) => {
                let command = environment::exec(container, &exec.command);
                Self::Exec(program.with(command), group.clone())
            }
            Some(Handler::HttpGet(get)) if get.scheme == Some(URIScheme::Https) => {
                Self::Impossible("HTTPS is not spoken here".to_owned())
            }
            Some(Handler::HttpGet(get)) => match port(&get.port, container) {
                Some(port) => Self::Http(Request {
                    host: host(&get.host),
                    port,
                    path: path(&get.path),
                    headers: get
                        .http_headers
                        .iter()
                        .map(|header| (header.name.clone(), header.value.clone()))
                        .collect(),
                }),
                None => no_port(&get.port),
            },
            Some(Handler::TcpSocket(socket)) => match port(&socket.port, container) {
                Some(port) => Self::Tcp(host(&socket.host), port),
                None => no_port(&socket.port),
            },
            Some(Handler::Sleep(sleep)) => {
                Self::Sleep(Duration::from_secs(sleep.seconds.unsigned_abs()))
            }
            Some(Handler::Grpc(_)) => Self::Impossible("gRPC is not spoken here".to_owned()),
            None => Self::Impossible("it has no handler".to_owned()),
        }
    }

    /// Runs a probe's handler.
    pub(crate) fn probe(self, limit: Duration) -> Finding {
        match self {
            Self::Exec(program, group) => exec(program.execute(&group, Some(limit))),
            Self::Http(request) => match request.get(limit) {
                Ok(Response::Status(status @ 200..400)) => {
                    Finding::new(Answer::Success, format!("HTTP status {status}"))
                }
                Ok(Response::Status(status)) => {
                    Finding::new(Answer::Failure, format!("HTTP status {status}"))
                }
                Ok(Response::Elsewhere(location)) => {
                    Finding::new(Answer::Warning, format!("redirected to {location}"))
                }
                Err(error) => Finding::of_error(&error),
            },
            Self::Tcp(host, port) => match http::connect(&host, port, &Limit::of(limit)) {
                Ok(_) => Finding::new(Answer::Success, "connected"),
                Err(error) => Finding::of_error(&error),
            },
            Self::Sleep(_) => Finding::new(Answer::Error, "a probe does not sleep"),
            Self::Impossible(why) => Finding::new(Answer::Error, why),
        }
    }

    /// Runs a hook's handler. As with a kubelet, any HTTP answer is one, and there are no TCP hooks.
    pub(crate) fn hook(self) -> Finding {
        match self {
            Self::Exec(program, group) => exec(program.execute(&group, None)),
            Self::Http(request) => match request.get(HOOK) {
                Ok(_) => Finding::new(Answer::Success, "answered"),
                Err(error) => Finding::of_error(&error),
            },
            Self::Tcp(..) => Finding::new(Answer::Failure, "invalid handler"),
            Self::Sleep(time) => {
                thread::sleep(time);
                Finding::new(Answer::Success, "slept")
            }
            Self::Impossible(why) => Finding::new(Answer::Failure, why),
        }
    }
}

fn exec(ended: io::Result<Ended>) -> Finding {
    match ended {
        Ok(Ended::Code(0)) => Finding::new(Answer::Success, "exit code 0"),
        Ok(Ended::Code(code)) => Finding::new(Answer::Failure, format!("exit code {code}")),
        Ok(Ended::TooLate) => Finding::new(Answer::Failure, "timed out"),
        Err(error) => Finding::new(Answer::Error, error.to_string()),
    }
}

fn host(host: &str) -> String {
    match host {
        "" => ADDRESS.to_string(),
        host => host.to_owned(),
    }
}

fn path(path: &str) -> String {
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{slash}{path}")
}

/// Returns the port that is meant: a number, or the name of one of the container's.
fn port(wanted: &IntOrString, container: &Container) -> Option<u16> {
    let number = match wanted {
        IntOrString::Int(number) => *number,
        IntOrString::String(name) => {
            let mut ports = container.ports.iter();
            let named = ports.find(|port| port.name == *name);
            named.map_or_else(|| name.parse().ok(), |port| Some(port.container_port))?
        }
    };
    u16::try_from(number).ok().filter(|port| *port > 0)
}

fn no_port(wanted: &IntOrString) -> Task {
    Task::Impossible(format!("there is no port {wanted}"))
}
