//! What containers print: each line with its container's name, and the last of it for a termination message.

use core::time::Duration;
use std::{
    io::{self, BufRead, BufReader, Read, Write as _},
    process::Child,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};

/// What is longer is cut, as runtimes cut it.
const LONGEST_LINE: u64 = 16 * 1024;
/// How much of a log a termination message may be.
const TAIL_BYTES: usize = 2048;
const TAIL_LINES: usize = 80;
/// How long to wait for a pipe that a process outside the group holds open.
const PATIENCE: Duration = Duration::from_secs(1);

/// The log of one instance of a container.
#[derive(Clone, Default)]
pub(crate) struct Tail(Arc<Mutex<Vec<u8>>>);

/// The threads that read a process' output; they are done when nobody can write to it any more.
pub(crate) struct Readers(mpsc::Receiver<()>);

/// Prints a line.
pub(crate) fn print(line: &str) {
    // Nobody reads it, or will: what runs goes on.
    let _ = writeln!(io::stdout().lock(), "{line}");
}

impl Tail {
    /// Prints what a process writes, under its container's name, until it can write no more.
    pub(crate) fn follow(&self, container: &str, child: &mut Child) -> Readers {
        let (reads, done) = mpsc::channel();
        let out = child.stdout.take().map(|out| Box::new(out) as Box<_>);
        let err = child.stderr.take().map(|err| Box::new(err) as Box<_>);
        let pipes: [Option<Box<dyn Read + Send>>; 2] = [out, err];
        for pipe in pipes.into_iter().flatten() {
            let (tail, reads) = (self.clone(), reads.clone());
            let container = container.to_owned();
            thread::spawn(move || {
                tail.read(&container, pipe);
                drop(reads);
            });
        }
        Readers(done)
    }

    fn read(&self, container: &str, pipe: Box<dyn Read + Send>) {
        let mut pipe = BufReader::new(pipe);
        let mut line = Vec::new();
        while let Ok(1..) = (&mut pipe).take(LONGEST_LINE).read_until(b'\n', &mut line) {
            self.add(&line);
            let text = String::from_utf8_lossy(&line);
            print(&format!("[{container}] {}", text.trim_end_matches('\n')));
            line.clear();
        }
    }

    fn add(&self, line: &[u8]) {
        let mut tail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tail.extend_from_slice(line);
        let cut = tail.len().saturating_sub(TAIL_BYTES);
        tail.drain(..cut);
    }

    /// Returns the last of the log.
    pub(crate) fn text(&self) -> String {
        let tail = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&tail);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        lines[lines.len().saturating_sub(TAIL_LINES)..].concat()
    }
}

impl Readers {
    /// Waits until everything is read.
    pub(crate) fn finish(self) {
        // They say nothing; what they hold is dropped when they are done.
        let _ = self.0.recv_timeout(PATIENCE);
    }
}
