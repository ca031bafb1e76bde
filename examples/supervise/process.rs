//! Processes, each the leader of a group of its own.

use core::time::Duration;
use std::{
    io,
    os::unix::process::{CommandExt as _, ExitStatusExt as _},
    path::PathBuf,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use rustix::{
    io::Errno,
    process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid},
};

use crate::clock::Limit;

/// How often to look whether a process has ended that may take only so long.
const PULSE: Duration = Duration::from_millis(10);

/// A program, and what it is started with.
#[derive(Clone, Default)]
pub(crate) struct Program {
    pub(crate) command: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
    /// Where it starts; where supervise was started when absent.
    pub(crate) directory: Option<PathBuf>,
}

impl Program {
    /// Returns another command with the same environment, as one that is executed in a container.
    pub(crate) fn with(&self, command: Vec<String>) -> Self {
        Self {
            command,
            ..self.clone()
        }
    }

    /// Starts the program in a group of its own, which a terminal's Ctrl-C does not reach.
    pub(crate) fn start(&self) -> io::Result<(Child, Group)> {
        let mut command = self.command()?;
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = Self::spawn(command.process_group(0))?;
        let group = Group::of(&child);
        Ok((child, group))
    }

    /// Runs the program to its end in a container's group, with which it ends at the latest.
    pub(crate) fn execute(&self, group: &Group, limit: Option<Duration>) -> io::Result<Ended> {
        let leader = group.leader().ok_or_else(gone)?;
        let mut command = self.command()?;
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = Self::spawn(command.process_group(leader.as_raw_pid()))?;
        let limit = limit.map(Limit::of);
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(Ended::Code(exit_code(status)));
            }
            if limit.as_ref().is_some_and(|limit| limit.left().is_err()) {
                child.kill()?;
                child.wait()?;
                return Ok(Ended::TooLate);
            }
            thread::sleep(PULSE);
        }
    }

    fn command(&self) -> io::Result<Command> {
        let words = self.command.split_first();
        let (name, arguments) = words.ok_or_else(|| io::Error::other("no command specified"))?;
        let mut command = Command::new(name);
        command
            .args(arguments)
            .env_clear()
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        if let Some(directory) = &self.directory {
            command.current_dir(directory);
        }
        Ok(command)
    }

    fn spawn(command: &mut Command) -> io::Result<Child> {
        let name = command.get_program().to_os_string();
        command
            .spawn()
            .map_err(|error| io::Error::new(error.kind(), format!("{name:?}: {error}")))
    }
}

fn gone() -> io::Error {
    io::Error::other("its container has ended")
}

/// A process and the group that it leads, for as long as the process lives.
#[derive(Clone)]
pub(crate) struct Group(Arc<Mutex<Option<Pid>>>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(Arc::new(Mutex::new(Some(Pid::from_child(child)))))
    }

    fn leader(&self) -> MutexGuard<'_, Option<Pid>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn is_alive(&self) -> bool {
        self.leader().is_some()
    }

    /// Sends the leader a signal, as a runtime does to the first process of a container.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(leader) = *self.leader() {
            // A process that has just ended needs no signal.
            let _ = kill_process(leader, signal);
        }
    }

    /// Kills the whole group.
    pub(crate) fn kill(&self) {
        if let Some(leader) = *self.leader() {
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }

    /// Waits for the leader's end, which is the end of all of the group.
    pub(crate) fn wait(&self, child: &mut Child) -> io::Result<ExitStatus> {
        let pid = Pid::from_child(child);
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        // A process that is not reaped yet keeps its number, and its group is still the one that was meant.
        while matches!(waitid(WaitId::Pid(pid), options), Err(Errno::INTR)) {}
        let mut leader = self.leader();
        let _ = kill_process_group(pid, Signal::KILL);
        *leader = None;
        child.wait()
    }
}

/// How a process ended.
pub(crate) enum Ended {
    /// With this exit code.
    Code(i32),
    /// It took too long.
    TooLate,
}

/// Returns what the process gave back, and 128 plus the signal where it was killed.
pub(crate) fn exit_code(status: ExitStatus) -> i32 {
    let killed = || 128 + status.signal().unwrap_or_default();
    status.code().unwrap_or_else(killed)
}

/// Returns the signal of that name, if it can be sent.
pub(crate) fn signal(name: &str) -> Option<Signal> {
    Some(match name {
        "SIGABRT" | "SIGIOT" => Signal::ABORT,
        "SIGALRM" => Signal::ALARM,
        "SIGBUS" => Signal::BUS,
        "SIGCHLD" | "SIGCLD" => Signal::CHILD,
        "SIGCONT" => Signal::CONT,
        "SIGFPE" => Signal::FPE,
        "SIGHUP" => Signal::HUP,
        "SIGILL" => Signal::ILL,
        "SIGINT" => Signal::INT,
        "SIGIO" | "SIGPOLL" => Signal::IO,
        "SIGKILL" => Signal::KILL,
        "SIGPIPE" => Signal::PIPE,
        "SIGPROF" => Signal::PROF,
        "SIGQUIT" => Signal::QUIT,
        "SIGSEGV" => Signal::SEGV,
        "SIGSTOP" => Signal::STOP,
        "SIGSYS" => Signal::SYS,
        "SIGTERM" => Signal::TERM,
        "SIGTRAP" => Signal::TRAP,
        "SIGTSTP" => Signal::TSTP,
        "SIGTTIN" => Signal::TTIN,
        "SIGTTOU" => Signal::TTOU,
        "SIGURG" => Signal::URG,
        "SIGUSR1" => Signal::USR1,
        "SIGUSR2" => Signal::USR2,
        "SIGVTALRM" => Signal::VTALARM,
        "SIGWINCH" => Signal::WINCH,
        "SIGXCPU" => Signal::XCPU,
        "SIGXFSZ" => Signal::XFSZ,
        _ => return None,
    })
}
