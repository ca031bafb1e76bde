//! What scripted containers, images, probes and hooks do.
//!
//! A script is data: build one by hand, or read the short words that the
//! recorded lives use, from a text or from the pod's own `args`, probe commands
//! and annotations ([`Script::from_pod`]).

use alloc::{
    borrow::ToOwned,
    collections::BTreeMap,
    string::{String, ToString},
    vec::Vec,
};
use core::{str::FromStr, time::Duration};

use crate::{api::Pod, lifecycle::reason, machine::Hook};

/// What a pod's containers, images, probes and hooks do when they are asked to.
///
/// What is not scripted is well-behaved: containers run until they are stopped
/// and then end at once with code 143, images are on the node, probes and hooks
/// succeed at once.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Script {
    /// By container name, what its instances do: the first entry is the first
    /// instance's; the last one repeats.
    pub containers: BTreeMap<String, Vec<Behaviour>>,
    /// By image name as written in the spec, how its pulls go.
    pub images: BTreeMap<String, ImageScript>,
    /// By container name and probe (`liveness`, `readiness`, `startup`), what it finds.
    pub probes: BTreeMap<(String, crate::lifecycle::probe::Kind), ProbeScript>,
    /// By container name and hook, how it goes.
    pub hooks: BTreeMap<(String, Hook), HookScript>,
    /// The pod's sandboxes.
    pub sandbox: SandboxScript,
}

/// What one instance of a container does.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Behaviour {
    /// How long it runs by itself; `None` until it is stopped.
    pub run: Option<Duration>,
    /// The exit code of that end.
    pub exit_code: i32,
    /// The reason of that end; `Completed` or `Error` by the code when empty.
    pub reason: String,
    /// The termination message of that end.
    pub message: String,
    /// The last line of its log at that end.
    pub log: String,
    /// What it does when it is asked to end.
    pub on_stop: OnStop,
    /// How long it takes to make it.
    pub create: Duration,
    /// How long it takes to start it.
    pub start: Duration,
    /// Whether making it, or starting it, fails.
    pub failure: Option<StartFailure>,
}

/// What a container does when it is asked to end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum OnStop {
    /// It ends after a while with an exit code.
    Exit {
        /// How long it takes; it is killed when that is longer than its grace.
        after: Duration,
        /// The exit code.
        code: i32,
    },
    /// It ignores the signal and is killed when its grace is over.
    Ignore,
}

/// What fails about a container before it runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StartFailure {
    /// The runtime refuses to make it.
    Create,
    /// The runtime makes it and cannot start it.
    Start,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            run: None,
            exit_code: 0,
            reason: String::new(),
            message: String::new(),
            log: String::new(),
            on_stop: OnStop::Exit {
                after: Duration::ZERO,
                code: 143,
            },
            create: Duration::from_millis(20),
            start: Duration::from_millis(30),
            failure: None,
        }
    }
}

/// How the pulls of an image go.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct ImageScript {
    /// Whether it is on the node from the start.
    pub present: bool,
    /// How long a pull takes.
    pub pull: Duration,
    /// How many pulls fail before one succeeds; `None` when all fail.
    pub failures: Option<u32>,
    /// What the failures look like.
    pub failure: PullFailure,
}

/// What a failed pull looks like.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum PullFailure {
    /// Like any failure.
    #[default]
    Plain,
    /// The registry does not answer.
    RegistryUnavailable,
    /// The signature is not accepted.
    SignatureValidationFailed,
}

/// What a probe finds, by the age of the container instance that it looks at.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ProbeScript(Vec<ProbeWord>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum ProbeWord {
    FailFrom(Duration),
    FailUntil(Duration),
    FailBetween(Duration, Duration),
    SlowFrom(Duration, Duration),
}

/// How a hook goes.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct HookScript {
    /// How long it takes.
    pub takes: Duration,
    /// Whether it fails.
    pub fails: bool,
}

/// How sandboxes are made, and end.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SandboxScript {
    /// How long it takes to make one.
    pub create: Duration,
    /// How many attempts fail first.
    pub failures: u32,
    /// When the first one dies, counted from when it was made.
    pub dies_after: Option<Duration>,
}

impl Default for SandboxScript {
    fn default() -> Self {
        Self {
            create: Duration::from_millis(200),
            failures: 0,
            dies_after: None,
        }
    }
}

/// A word of a script that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("cannot read {word:?} in a script: {why}")]
pub struct ParseScriptError {
    word: String,
    why: &'static str,
}

fn unreadable(word: &str, why: &'static str) -> ParseScriptError {
    ParseScriptError {
        word: word.to_owned(),
        why,
    }
}

/// Reads a duration as Go writes it: `1500ms`, `1.5s`, `1m30s`.
///
/// # Errors
///
/// The text is not one or more numbers, each with a unit of `h`, `m`, `s`, `ms`, `us`, `µs` or `ns`, or it is too long.
///
/// ```
/// use core::time::Duration;
/// use pod_lifecycle::sim::parse_duration;
///
/// assert_eq!(parse_duration("1m1500ms")?, Duration::from_millis(61_500));
/// assert_eq!(parse_duration("0.25s")?, Duration::from_millis(250));
/// # Ok::<(), pod_lifecycle::sim::ParseScriptError>(())
/// ```
pub fn parse_duration(text: &str) -> Result<Duration, ParseScriptError> {
    const WHY: &str = "a duration is written like 1500ms, 4s or 1m30s";
    if text == "0" {
        return Ok(Duration::ZERO);
    }
    let mut rest = text;
    let mut sum = Duration::ZERO;
    while !rest.is_empty() {
        let is_unit = |c: char| !c.is_ascii_digit() && c != '.';
        let digits = rest.find(is_unit).ok_or_else(|| unreadable(text, WHY))?;
        let (number, after) = rest.split_at(digits);
        let letters = after.find(|c| !is_unit(c)).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let unit: u64 = match unit {
            "h" => 3_600_000_000_000,
            "m" => 60_000_000_000,
            "s" => 1_000_000_000,
            "ms" => 1_000_000,
            "us" | "µs" | "μs" => 1_000,
            "ns" => 1,
            _ => return Err(unreadable(text, WHY)),
        };
        let part = nanos(number, unit).map(Duration::from_nanos);
        let part = part.ok_or_else(|| unreadable(text, WHY))?;
        sum = sum.checked_add(part).ok_or_else(|| unreadable(text, WHY))?;
        rest = after;
    }
    if text.is_empty() {
        Err(unreadable(text, WHY))
    } else {
        Ok(sum)
    }
}

/// Reads a decimal number of units.
fn nanos(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole = match whole {
        "" => 0,
        digits => digits.parse::<u64>().ok()?,
    };
    let mut nanos = whole.checked_mul(unit)?;
    let mut place = unit;
    for digit in fraction.chars() {
        place /= 10;
        nanos = nanos.checked_add(place.checked_mul(digit.to_digit(10)?.into())?)?;
    }
    Some(nanos)
}

fn parse_pair(text: &str, separator: char) -> Result<(Duration, &str), ParseScriptError> {
    let (first, second) = text
        .split_once(separator)
        .ok_or_else(|| unreadable(text, "two values are needed here"))?;
    Ok((parse_duration(first)?, second))
}

impl FromStr for Behaviour {
    type Err = ParseScriptError;

    /// Reads words separated by blanks: `run=5s`, `run=forever`, `exit=1`, `reason=X`, `oom`, `msg=X`, `log=X`,
    /// `term=2s/0`, `term=ignore`, `create=1s`, `start=1s`, `create-error`, `start-error`.
    fn from_str(text: &str) -> Result<Self, ParseScriptError> {
        let mut behaviour = Self::default();
        for word in text.split_whitespace() {
            match word.split_once('=') {
                Some(("run", "forever")) => behaviour.run = None,
                Some(("run", value)) => behaviour.run = Some(parse_duration(value)?),
                Some(("exit", value)) => {
                    behaviour.exit_code = value
                        .parse()
                        .map_err(|_| unreadable(word, "an exit code is a number"))?;
                }
                Some(("reason", value)) => behaviour.reason = value.to_owned(),
                Some(("msg", value)) => behaviour.message = value.to_owned(),
                Some(("log", value)) => behaviour.log = value.to_owned(),
                Some(("term", "ignore")) => behaviour.on_stop = OnStop::Ignore,
                Some(("term", value)) => {
                    let (after, code) = parse_pair(value, '/')?;
                    let code = code
                        .parse()
                        .map_err(|_| unreadable(word, "an exit code is a number"))?;
                    behaviour.on_stop = OnStop::Exit { after, code };
                }
                Some(("create", value)) => behaviour.create = parse_duration(value)?,
                Some(("start", value)) => behaviour.start = parse_duration(value)?,
                None if word == "oom" => {
                    behaviour.exit_code = 137;
                    behaviour.reason = reason::OOM_KILLED.to_owned();
                }
                None if word == "create-error" => behaviour.failure = Some(StartFailure::Create),
                None if word == "start-error" => behaviour.failure = Some(StartFailure::Start),
                _ => return Err(unreadable(word, "no such word for a container")),
            }
        }
        Ok(behaviour)
    }
}

impl FromStr for ProbeScript {
    type Err = ParseScriptError;

    /// Reads words separated by blanks: `ok`, `fail`, `fail-from=6s`, `ok-from=6s`, `fail-between=6s,12s`, `slow=2s`,
    /// `slow-from=6s,2s`.
    fn from_str(text: &str) -> Result<Self, ParseScriptError> {
        let mut words = Vec::new();
        for word in text.split_whitespace() {
            words.push(match word.split_once('=') {
                None if word == "ok" => continue,
                None if word == "fail" => ProbeWord::FailFrom(Duration::ZERO),
                Some(("fail-from", from)) => ProbeWord::FailFrom(parse_duration(from)?),
                Some(("ok-from", until)) => ProbeWord::FailUntil(parse_duration(until)?),
                Some(("fail-between", range)) => {
                    let (from, until) = parse_pair(range, ',')?;
                    ProbeWord::FailBetween(from, parse_duration(until)?)
                }
                Some(("slow", takes)) => {
                    ProbeWord::SlowFrom(Duration::ZERO, parse_duration(takes)?)
                }
                Some(("slow-from", value)) => {
                    let (from, takes) = parse_pair(value, ',')?;
                    ProbeWord::SlowFrom(from, parse_duration(takes)?)
                }
                _ => return Err(unreadable(word, "no such word for a probe")),
            });
        }
        Ok(Self(words))
    }
}

impl ProbeScript {
    /// Returns how long the probe takes and whether it succeeds, for a container instance of that age.
    ///
    /// ```
    /// use core::time::Duration;
    /// use pod_lifecycle::sim::ProbeScript;
    ///
    /// let script: ProbeScript = "ok-from=3s slow=1s".parse()?;
    /// assert_eq!(script.outcome(Duration::from_secs(2)), (Duration::from_secs(1), false));
    /// # Ok::<(), pod_lifecycle::sim::ParseScriptError>(())
    /// ```
    #[must_use]
    pub fn outcome(&self, age: Duration) -> (Duration, bool) {
        let mut takes = Duration::ZERO;
        let mut success = true;
        for word in &self.0 {
            match *word {
                ProbeWord::FailFrom(from) => success &= age < from,
                ProbeWord::FailUntil(until) => success &= age >= until,
                ProbeWord::FailBetween(from, until) => success &= age < from || age >= until,
                ProbeWord::SlowFrom(from, slow) if age >= from => takes = slow,
                ProbeWord::SlowFrom(..) => {}
            }
        }
        (takes, success)
    }
}

impl FromStr for ImageScript {
    type Err = ParseScriptError;

    /// Reads words joined by `-`: a duration, `fail`, `fail-2`, `registry`, `signature`, `absent`, `present`.
    fn from_str(text: &str) -> Result<Self, ParseScriptError> {
        let mut image = Self {
            failures: Some(0),
            ..Self::default()
        };
        let mut failed = false;
        for word in text.split('-').filter(|word| !word.is_empty()) {
            match word {
                "present" => image.present = true,
                "absent" | "fail" => {
                    image.failures = None;
                    failed = word == "fail";
                    continue;
                }
                "registry" => image.failure = PullFailure::RegistryUnavailable,
                "signature" => image.failure = PullFailure::SignatureValidationFailed,
                _ if failed && word.bytes().all(|byte| byte.is_ascii_digit()) => {
                    image.failures = Some(
                        word.parse()
                            .map_err(|_| unreadable(word, "too many failures"))?,
                    );
                }
                _ => image.pull = parse_duration(word)?,
            }
            failed = false;
        }
        if image.failure != PullFailure::Plain && image.failures == Some(0) {
            image.failures = None;
        }
        Ok(image)
    }
}

impl Script {
    /// Reads the script that a pod carries in itself, in the words of the recorded lives.
    ///
    /// - A container whose `args` begin with `script`: each further one is a [`Behaviour`].
    /// - An exec probe whose command begins with `probe`: the rest is a [`ProbeScript`].
    /// - An exec hook whose command is `hook DURATION CODE`.
    /// - An image whose first path component is `pull-…` ([`ImageScript`]) or `absent`.
    /// - The annotations `script.sandbox/create`, `script.sandbox/fail` and `script.sandbox/die`.
    ///
    /// # Errors
    ///
    /// One of them begins like a script and cannot be read.
    ///
    /// ```
    /// use pod_lifecycle::{api::Pod, sim::Script};
    ///
    /// let pod: Pod = serde_json::from_str(
    ///     r#"{"spec": {"containers": [{"name": "app", "args": ["script", "run=2s exit=1", ""]}]}}"#,
    /// )?;
    /// assert_eq!(Script::from_pod(&pod)?.containers["app"].len(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_pod(pod: &Pod) -> Result<Self, ParseScriptError> {
        let mut script = Self::default();
        script.read_sandbox(pod)?;
        for ephemeral in &pod.spec.ephemeral_containers {
            script.read_container(&ephemeral.to_container())?;
        }
        for container in pod.spec.init_containers.iter().chain(&pod.spec.containers) {
            script.read_container(container)?;
        }
        Ok(script)
    }

    fn read_sandbox(&mut self, pod: &Pod) -> Result<(), ParseScriptError> {
        let annotation = |name| pod.metadata.annotations.get(name);
        if let Some(takes) = annotation("script.sandbox/create") {
            self.sandbox.create = parse_duration(takes)?;
        }
        if let Some(failures) = annotation("script.sandbox/fail") {
            self.sandbox.failures = failures
                .parse()
                .map_err(|_| unreadable(failures, "a number is needed here"))?;
        }
        if let Some(dies) = annotation("script.sandbox/die") {
            self.sandbox.dies_after = Some(parse_duration(dies)?);
        }
        Ok(())
    }

    /// Adds what one container carries in itself.
    ///
    /// # Errors
    ///
    /// It begins like a script and cannot be read.
    pub(crate) fn read_container(
        &mut self,
        container: &crate::api::Container,
    ) -> Result<(), ParseScriptError> {
        use crate::lifecycle::probe::Kind;
        let name = &container.name;
        if let [first, entries @ ..] = &container.args[..] {
            if first == "script" && container.command.is_empty() {
                let entries = entries
                    .iter()
                    .map(|entry| entry.parse())
                    .collect::<Result<_, _>>()?;
                self.containers.insert(name.clone(), entries);
            }
        }
        self.read_image(&container.image)?;
        for (kind, probe) in [
            (Kind::Liveness, &container.liveness_probe),
            (Kind::Readiness, &container.readiness_probe),
            (Kind::Startup, &container.startup_probe),
        ] {
            let exec = probe.as_ref().and_then(|probe| probe.exec.as_ref());
            if let Some([first, words @ ..]) = exec.map(|exec| &exec.command[..]) {
                if first == "probe" {
                    self.probes
                        .insert((name.clone(), kind), words.join(" ").parse()?);
                }
            }
        }
        let Some(lifecycle) = &container.lifecycle else {
            return Ok(());
        };
        for (hook, handler) in [
            (Hook::PostStart, &lifecycle.post_start),
            (Hook::PreStop, &lifecycle.pre_stop),
        ] {
            let Some(handler) = handler else { continue };
            if let Some(sleep) = &handler.sleep {
                let takes = Duration::from_secs(sleep.seconds.try_into().unwrap_or(0));
                self.hooks.insert(
                    (name.clone(), hook),
                    HookScript {
                        takes,
                        fails: false,
                    },
                );
            }
            let command = handler.exec.as_ref().map(|exec| &exec.command[..]);
            if let Some([first, takes, code]) = command {
                if first == "hook" {
                    let entry = HookScript {
                        takes: parse_duration(takes)?,
                        fails: code != "0",
                    };
                    self.hooks.insert((name.clone(), hook), entry);
                }
            }
        }
        Ok(())
    }

    fn read_image(&mut self, image: &str) -> Result<(), ParseScriptError> {
        let Some((first, _)) = image.split_once('/') else {
            return Ok(());
        };
        if first == "absent" {
            self.images
                .insert(image.to_string(), ImageScript::default());
        } else if let Some(words) = first.strip_prefix("pull-") {
            self.images.insert(image.to_string(), words.parse()?);
        }
        Ok(())
    }
}
