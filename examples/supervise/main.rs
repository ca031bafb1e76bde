//! Runs the containers of a pod's manifest as processes of this host.

// A program has the whole of `std`.
#![allow(clippy::std_instead_of_alloc)]

#[cfg(unix)]
mod clock;
#[cfg(unix)]
mod environment;
#[cfg(unix)]
mod handler;
#[cfg(unix)]
mod host;
#[cfg(unix)]
mod http;
#[cfg(unix)]
mod instance;
#[cfg(unix)]
mod log;
#[cfg(unix)]
#[path = "../manifest/mod.rs"]
mod manifest;
#[cfg(unix)]
mod process;
#[cfg(unix)]
mod program;
#[cfg(unix)]
mod report;
#[cfg(unix)]
mod serve;
#[cfg(unix)]
mod volume;

#[cfg(unix)]
fn main() -> std::process::ExitCode {
    program::main()
}

#[cfg(not(unix))]
fn main() {
    eprintln!("error: this needs process groups and signals, as Unix has them");
    std::process::exit(2);
}
