//! Replays recorded behaviour of Kubernetes and counts what agrees.
//!
//! Every `<family>/<function>.<set>.jsonl` (or `.jsonl.gz`) is played, and gives one line of output;
//! the last line is `N passed, M failed`. Below a file of which two recordings exist stands, for information
//! and asked of none, by which stricter comparisons its cases agree. Variables of the environment say what is played and shown:
//!
//! - `CONFORMANCE_DIR`: directories to look in, separated by colons. Every case there must pass.
//!   Without it, these are `tests/vectors` and, where it stands, `../shared/conformance`; a file
//!   that both have counts once, and no file may pass fewer cases than `floors.txt` says.
//! - `CONFORMANCE_ONLY`: prefixes of `family/function.set`, separated by commas.
//! - `CONFORMANCE_SHOW`: how many failing cases of each file are shown.
//! - `CONFORMANCE_BLESS=1`: raises the floors to what passes now; none is ever lowered.
//!
//! A text given as argument, as `cargo test` does with its filter, leaves the files that contain it.

#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core)]
// Adapters are `pub` for the module above them.
#![allow(unreachable_pub)]

mod admission;
mod case;
mod floors;
mod runtime;
mod scheduling;
mod status;
mod trace;
mod vectors;
mod wild;

use std::{
    cell::RefCell,
    env, fmt,
    io::{self, Write as _},
    num::NonZero,
    panic::{self, AssertUnwindSafe},
    process,
    sync::{Mutex, mpsc},
    thread,
};

use case::{Adapter, Case, Measure, Measures};
use floors::Floors;
use vectors::VectorFile;

/// Longer texts are cut where a failing case is shown.
const SHOWN_BYTES: usize = 4_000;

fn adapter(family: &str, function: &str) -> Option<Adapter> {
    match family {
        "admission" => admission::adapter(function),
        "runtime" => runtime::adapter(function),
        "scheduling" => scheduling::adapter(function),
        "status" => status::adapter(function),
        "trace" => trace::adapter(function),
        "wild" => wild::adapter(function),
        _ => None,
    }
}

/// What else is counted of a function's cases, and asked of none.
fn measure(family: &str, function: &str) -> Option<Measure> {
    match family {
        "trace" => trace::measure(function),
        _ => None,
    }
}

fn main() {
    match run() {
        Ok(true) => {}
        Ok(false) => process::exit(1),
        Err(error) => {
            eprintln!("{error}");
            process::exit(1);
        }
    }
}

/// Plays everything, and tells whether it is good enough.
fn run() -> Result<bool, String> {
    let selection = Selection::from_env();
    let given = env::var("CONFORMANCE_DIR")
        .ok()
        .filter(|dirs| !dirs.is_empty());
    let mut files = match &given {
        Some(dirs) => vectors::in_directories(dirs.split(':'))?,
        None => vectors::in_default_directories()?,
    };
    files.retain(|file| selection.contains(&file.label()));
    let show = env::var("CONFORMANCE_SHOW").map_or(Ok(0), |show| {
        show.parse()
            .map_err(|error| format!("CONFORMANCE_SHOW={show}: {error}"))
    })?;

    let (mut passed, mut failed) = (0, 0);
    let mut results = Vec::new();
    play_all(&files, show, |file, result| {
        passed += result.passed;
        failed += result.total - result.passed;
        let mut out = io::stdout().lock();
        let written = write!(out, "{}{} {result}", result.shown, file.label());
        // A closed pipe is no reason to stop: the exit status counts.
        let _ = written.and_then(|()| writeln!(out));
        results.push((file.label(), result.passed));
    });

    let good = if given.is_some() {
        if files.is_empty() && selection.is_everything() {
            return Err("CONFORMANCE_DIR has no vector files".to_owned());
        }
        failed == 0
    } else {
        let mut floors = Floors::load()?;
        let below = floors.below(&results, |label| {
            selection.contains(label) && vectors::is_expected(label)
        });
        for complaint in &below {
            println!("{complaint}");
        }
        if env::var("CONFORMANCE_BLESS").is_ok_and(|bless| bless == "1") {
            floors.raise(&results);
            floors.save()?;
        }
        below.is_empty()
    };
    println!("{passed} passed, {failed} failed");
    Ok(good)
}

/// Which files are played.
struct Selection {
    prefixes: Vec<String>,
    parts: Vec<String>,
}

impl Selection {
    fn from_env() -> Self {
        let only = env::var("CONFORMANCE_ONLY").unwrap_or_default();
        Self {
            prefixes: only
                .split(',')
                .map(str::trim)
                .filter(|prefix| !prefix.is_empty())
                .map(str::to_owned)
                .collect(),
            parts: env::args()
                .skip(1)
                .filter(|argument| !argument.starts_with('-'))
                .collect(),
        }
    }

    fn is_everything(&self) -> bool {
        self.prefixes.is_empty() && self.parts.is_empty()
    }

    fn contains(&self, label: &str) -> bool {
        (self.prefixes.is_empty() || self.prefixes.iter().any(|only| label.starts_with(only)))
            && (self.parts.is_empty() || self.parts.iter().any(|part| label.contains(part)))
    }
}

/// How the cases of one file went.
#[derive(Default)]
struct Tally {
    passed: usize,
    total: usize,
    missing: bool,
    shown: String,
    measures: Measures,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing = if self.missing { " missing" } else { "" };
        write!(
            f,
            "{}/{}{missing}{}",
            self.passed, self.total, self.measures
        )
    }
}

/// Plays the files on two threads, and hands out their results in the order of the files.
fn play_all(files: &[VectorFile], show: usize, mut done: impl FnMut(&VectorFile, Tally)) {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        let of_a_case = PANIC.with_borrow_mut(|message| {
            message.as_mut().map(|message| *message = panic.to_string())
        });
        if of_a_case.is_none() {
            usual(panic);
        }
    }));
    let workers = thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(2);
    let next = Mutex::new(files.iter().enumerate());
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..workers {
            let (next, sender) = (&next, sender.clone());
            let work = move || {
                loop {
                    let file = next
                        .lock()
                        .expect("nothing panics while it is locked")
                        .next();
                    let Some((index, file)) = file else { break };
                    let tally = play(file, show);
                    if sender.send((index, tally)).is_err() {
                        break;
                    }
                }
            };
            thread::Builder::new()
                .stack_size(16 << 20)
                .spawn_scoped(scope, work)
                .expect("a thread can be started");
        }
        drop(sender);
        let mut waiting: Vec<Option<Tally>> = files.iter().map(|_| None).collect();
        let mut printed = 0;
        for (index, tally) in receiver {
            waiting[index] = Some(tally);
            while let Some(tally) = waiting.get_mut(printed).and_then(Option::take) {
                done(&files[printed], tally);
                printed += 1;
            }
        }
        assert_eq!(printed, files.len(), "every file has been played");
    });
}

fn play(file: &VectorFile, show: usize) -> Tally {
    let mut tally = Tally::default();
    let text = match file.read() {
        Ok(text) => text,
        Err(error) => {
            return Tally {
                total: 1,
                shown: format!("{error}\n"),
                ..tally
            };
        }
    };
    let adapter = adapter(&file.family, &file.function);
    let measure = measure(&file.family, &file.function);
    tally.missing = adapter.is_none();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        tally.total += 1;
        let Some(adapter) = adapter else { continue };
        let measured = measure.map(|measure| (measure, &mut tally.measures));
        let answer = play_line(adapter, measured, line);
        match answer {
            Ok(()) => tally.passed += 1,
            Err(failure) if tally.total - tally.passed <= show => tally.shown += &failure,
            Err(_) => {}
        }
    }
    tally
}

thread_local! {
    /// While a case is played, what it said when it panicked.
    static PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Plays one case; `Err` is what is shown of it.
fn play_line(
    adapter: Adapter,
    measured: Option<(Measure, &mut Measures)>,
    line: &str,
) -> Result<(), String> {
    let case: Case<'_> = serde_json::from_str(line)
        .map_err(|error| format!("{}\n  is no case: {error}\n", clip(line)))?;
    PANIC.set(Some(String::new()));
    let answer = panic::catch_unwind(AssertUnwindSafe(|| {
        if let Some((measure, measures)) = measured {
            measure(&case, measures)?;
        }
        adapter(&case)
    }));
    let message = PANIC.take().unwrap_or_default();
    let answer = answer.unwrap_or_else(|_| Err(message.replace('\n', " ")));
    answer.map_err(|got| {
        format!(
            "{}\n  in   {}\n  want {}\n  got  {}\n",
            case.id,
            clip(case.input.get()),
            clip(case.output.get()),
            clip(&got),
        )
    })
}

fn clip(text: &str) -> String {
    let mut end = text.len().min(SHOWN_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    match text.len() - end {
        0 => text.to_owned(),
        more => format!("{}… ({more} bytes more)", &text[..end]),
    }
}
