//! Keeps many machines busy on a virtual clock, and prints what an event and a machine cost.

// A program has the whole of `std`.
#![allow(clippy::std_instead_of_alloc)]

mod fleet;

use std::{process::ExitCode, time::Instant};

use peak_alloc::PeakAlloc;

use crate::fleet::{Fleet, Load};

const HELP: &str = "\
Keeps many machines busy on a virtual clock, and prints what an event and a machine cost.

usage: fleet [OPTION...]

All machines live the same pod: one container with a readiness probe. Every virtual second one of a
hundred exits and is restarted, and one of five hundred is deleted and replaced.

  -n, --machines N   how many machines; each N given is one row of the table (1000)
  -s, --seconds N    how many virtual seconds they are kept busy after all have started (60)
  -p, --park         put machines away between events: less memory, more time
  -h, --help         print this
";

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fleet: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), lexopt::Error> {
    use lexopt::prelude::*;

    let (mut sizes, mut seconds, mut load) = (Vec::new(), 60, Load::default());
    let mut arguments = lexopt::Parser::from_env();
    while let Some(argument) = arguments.next()? {
        match argument {
            Short('n') | Long("machines") => sizes.push(arguments.value()?.parse()?),
            Short('s') | Long("seconds") => seconds = arguments.value()?.parse()?,
            Short('p') | Long("park") => load.parks = true,
            Short('h') | Long("help") => {
                print!("{HELP}");
                return Ok(());
            }
            _ => return Err(argument.unexpected()),
        }
    }
    if sizes.is_empty() {
        sizes.push(1000);
    }
    println!(
        "{:>9} {:>11} {:>11} {:>9} {:>13}",
        "MACHINES", "EVENTS", "EVENTS/S", "NS/EVENT", "BYTES/MACHINE"
    );
    for machines in sizes {
        row(machines, seconds, load);
    }
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "a measurement reads a clock")]
fn row(machines: u32, seconds: u32, load: Load) {
    let before = MEMORY.current_usage();
    let mut fleet = Fleet::new(machines, load);
    let bytes = MEMORY.current_usage().saturating_sub(before) / machines.max(1) as usize;
    let started = fleet.events();
    let clock = Instant::now();
    fleet.run_for(seconds);
    let took = clock.elapsed().as_secs_f64();
    let events = fleet.events() - started;
    let per_second = f64::from(u32::try_from(events).unwrap_or(u32::MAX)) / took;
    println!(
        "{machines:>9} {events:>11} {per_second:>11.0} {:>9.0} {bytes:>13}",
        1e9 / per_second
    );
}
