//! A script: what a pod's containers, images, probes and hooks do, and how long all of it is played.

use core::{fmt, marker::PhantomData, str::FromStr, time::Duration};
use std::collections::BTreeMap;

use pod_lifecycle::{
    api::{AnyContainer, Container, ContainerRestartPolicy, Pod, RestartPolicy},
    lifecycle::probe::Kind,
    machine::Hook,
    sim::{Behaviour, HookScript, ImageScript, ProbeScript, Script, Setup, parse_duration},
};
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};

use crate::manifest::{Complaint, Document, Source, nearest};

/// What a script file says.
#[derive(Default, Deserialize)]
#[serde(
    default,
    expecting = "a script, with `containers`, `probes`, `hooks` and the like in it"
)]
struct File {
    containers: BTreeMap<String, Vec<Words<Behaviour>>>,
    probes: BTreeMap<String, Probes>,
    hooks: BTreeMap<String, Hooks>,
    images: BTreeMap<String, Words<ImageScript>>,
    sandbox: Sandbox,
    config: Option<BTreeMap<String, Vec<String>>>,
    node: Node,
    delete: Option<Words<Length>>,
    until: Option<Words<Length>>,
}

#[derive(Default, Deserialize)]
#[serde(default, expecting = "a map such as {readiness: ok}")]
struct Probes {
    liveness: Option<Words<ProbeScript>>,
    readiness: Option<Words<ProbeScript>>,
    startup: Option<Words<ProbeScript>>,
}

#[derive(Default, Deserialize)]
#[serde(
    default,
    rename_all = "camelCase",
    expecting = "a map such as {preStop: 2s 0}"
)]
struct Hooks {
    post_start: Option<Words<HookWords>>,
    pre_stop: Option<Words<HookWords>>,
}

#[derive(Default, Deserialize)]
#[serde(default, expecting = "a map such as {create: 2s, fail: 1, die: 30s}")]
struct Sandbox {
    create: Option<Words<Length>>,
    fail: u32,
    die: Option<Words<Length>>,
}

#[derive(Default, Deserialize)]
#[serde(default, expecting = "a map such as {labels: {disk: ssd}}")]
struct Node {
    labels: BTreeMap<String, String>,
}

/// A script that was read and that belongs to the pods that are played.
#[derive(Default)]
pub(crate) struct Reading {
    file: File,
}

impl Reading {
    /// Reads a script and looks whether every name in it is one of the pods'.
    pub(crate) fn read(source: &Source, pods: &[&Pod]) -> Result<Self, Vec<Complaint>> {
        let documents = source.documents().map_err(|complaint| vec![complaint])?;
        let [document] = &documents[..] else {
            let many = documents.iter().skip(1).take(1);
            let complaints = many.map(|more| more.complain("", "a script is one document"));
            return Err(complaints.collect());
        };
        let file: File = document.decode()?;
        let complaints = file.strangers(document, pods);
        if complaints.is_empty() {
            Ok(Self { file })
        } else {
            Err(complaints)
        }
    }

    /// When to delete the pods.
    pub(crate) fn delete(&self) -> Option<Duration> {
        self.file.delete.as_ref().map(|Words(length)| length.0)
    }

    /// When to stop looking.
    pub(crate) fn until(&self) -> Option<Duration> {
        self.file.until.as_ref().map(|Words(length)| length.0)
    }

    /// Adds what the script says of a pod; returns what is taken for granted because nobody says it.
    pub(crate) fn apply(&self, pod: &Pod, setup: &mut Setup) -> Vec<String> {
        let (file, script) = (&self.file, &mut setup.script);
        for (name, entries) in &file.containers {
            let entries = entries.iter().map(|Words(entry)| entry.clone()).collect();
            script.containers.insert(name.clone(), entries);
        }
        for (name, probes) in &file.probes {
            for (kind, words) in probes.each() {
                script.probes.insert((name.clone(), kind), words.clone());
            }
        }
        for (name, hooks) in &file.hooks {
            for (hook, words) in hooks.each() {
                script.hooks.insert((name.clone(), hook), *words);
            }
        }
        for (image, Words(words)) in &file.images {
            script.images.insert(image.clone(), words.clone());
        }
        let sandbox = &file.sandbox;
        if let Some(Words(Length(create))) = sandbox.create {
            script.sandbox.create = create;
        }
        if sandbox.fail > 0 {
            script.sandbox.failures = sandbox.fail;
        }
        if let Some(Words(Length(die))) = sandbox.die {
            script.sandbox.dies_after = Some(die);
        }
        setup.node.labels.extend(file.node.labels.clone());
        setup.node.config = file.config.clone().unwrap_or_else(|| referred(pod));
        take_for_granted(pod, script)
    }
}

/// Reads the script that a pod carries in itself.
pub(crate) fn carried(document: &Document, pod: &Pod) -> Result<Script, Complaint> {
    Script::from_pod(pod).map_err(|error| {
        let lists = [
            ("initContainers", &pod.spec.init_containers),
            ("containers", &pod.spec.containers),
        ];
        let mut path = String::new();
        for (list, containers) in lists {
            for (index, container) in containers.iter().enumerate() {
                let [first, entries @ ..] = &container.args[..] else {
                    continue;
                };
                let wrong = entries
                    .iter()
                    .position(|it| it.parse::<Behaviour>().is_err());
                if let Some(wrong) = wrong.filter(|_| first == "script") {
                    path = format!("spec.{list}[{index}].args[{}]", wrong + 1);
                }
            }
        }
        document.complain(&path, &error.to_string())
    })
}

impl Probes {
    fn each(&self) -> impl Iterator<Item = (Kind, &ProbeScript)> {
        let all = [
            (Kind::Startup, &self.startup),
            (Kind::Readiness, &self.readiness),
            (Kind::Liveness, &self.liveness),
        ];
        all.into_iter()
            .filter_map(|(kind, words)| Some((kind, &words.as_ref()?.0)))
    }
}

impl Hooks {
    fn each(&self) -> impl Iterator<Item = (Hook, &HookScript)> {
        let all = [
            (Hook::PostStart, &self.post_start),
            (Hook::PreStop, &self.pre_stop),
        ];
        all.into_iter()
            .filter_map(|(hook, words)| Some((hook, &words.as_ref()?.0.0)))
    }
}

/// What a probe is called in a manifest.
pub(crate) fn probe_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Liveness => "liveness",
        Kind::Readiness => "readiness",
        Kind::Startup => "startup",
    }
}

/// What a hook is called in a manifest.
pub(crate) fn hook_name(hook: Hook) -> &'static str {
    match hook {
        Hook::PostStart => "postStart",
        Hook::PreStop => "preStop",
    }
}

fn has_hook(container: &Container, hook: Hook) -> bool {
    let lifecycle = container.lifecycle.as_ref();
    lifecycle.is_some_and(|lifecycle| match hook {
        Hook::PostStart => lifecycle.post_start.is_some(),
        Hook::PreStop => lifecycle.pre_stop.is_some(),
    })
}

impl File {
    /// Complains about names that none of the pods has.
    fn strangers(&self, document: &Document, pods: &[&Pod]) -> Vec<Complaint> {
        let containers = pods.iter().flat_map(|pod| pod.spec.all_containers());
        let mut cast = Cast {
            document,
            containers: containers
                .map(|container| container.to_container().into_owned())
                .collect(),
            complaints: Vec::new(),
        };
        for (name, entries) in &self.containers {
            if cast.has_container("containers", name) && entries.is_empty() {
                cast.complain(&format!("containers.{name}"), "there is nothing in it");
            }
        }
        for image in self.images.keys() {
            cast.has_image(image);
        }
        for (name, probes) in &self.probes {
            if cast.has_container("probes", name) {
                for (kind, _) in probes.each() {
                    let has = |container: &Container| kind.of(container).is_some();
                    cast.has("probes", name, probe_name(kind), has);
                }
            }
        }
        for (name, hooks) in &self.hooks {
            if cast.has_container("hooks", name) {
                for (hook, _) in hooks.each() {
                    let has = |container: &Container| has_hook(container, hook);
                    cast.has("hooks", name, hook_name(hook), has);
                }
            }
        }
        let referred: BTreeMap<_, _> = pods.iter().flat_map(|pod| referred(pod)).collect();
        for name in self.config.iter().flat_map(BTreeMap::keys) {
            if !referred.contains_key(name) {
                let hint = did_you_mean(name, referred.keys().map(String::as_str));
                let what = format!("no pod refers to that config map or secret{hint}");
                cast.complain(&format!("config.{name}"), &what);
            }
        }
        cast.complaints
    }
}

/// The containers that a script may speak of.
struct Cast<'a> {
    document: &'a Document,
    containers: Vec<Container>,
    complaints: Vec<Complaint>,
}

impl Cast<'_> {
    fn complain(&mut self, path: &str, what: &str) {
        self.complaints.push(self.document.complain(path, what));
    }

    fn has_container(&mut self, section: &str, name: &str) -> bool {
        let names = self.containers.iter().map(|container| &*container.name);
        let found = names.clone().any(|known| known == name);
        if !found {
            let what = format!("no container has that name{}", did_you_mean(name, names));
            self.complain(&format!("{section}.{name}"), &what);
        }
        found
    }

    fn has_image(&mut self, image: &str) {
        let images = self.containers.iter().map(|container| &*container.image);
        if !images.clone().any(|known| known == image) {
            let hint = did_you_mean(image, images);
            let what = format!("no container has that image{hint}");
            self.complain(&format!("images.{image}"), &what);
        }
    }

    fn has(&mut self, section: &str, name: &str, part: &str, has: impl Fn(&Container) -> bool) {
        let mut named = self.containers.iter().filter(|it| it.name == name);
        if !named.any(has) {
            let path = format!("{section}.{name}.{part}");
            let what = format!("container {name:?} has none");
            self.complain(&path, &what);
        }
    }
}

fn did_you_mean<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    match nearest(name, known) {
        Some(near) => format!(", did you mean {near:?}?"),
        None => String::new(),
    }
}

/// Lets those containers end that would end in a cluster, too.
fn take_for_granted(pod: &Pod, script: &mut Script) -> Vec<String> {
    let again = pod.spec.restart_policy.as_ref();
    let again = again.is_none_or(|policy| *policy == RestartPolicy::Always);
    let mut granted = Vec::new();
    for any in pod.spec.all_containers() {
        let seconds = match any {
            AnyContainer::Init(init) if !init.is_sidecar() => 2,
            AnyContainer::Regular(container) => match &container.restart_policy {
                Some(ContainerRestartPolicy::Always) => continue,
                None if again => continue,
                _ => 10,
            },
            _ => continue,
        };
        let name = any.name();
        if !script.containers.contains_key(name) {
            let mut behaviour = Behaviour::default();
            behaviour.run = Some(Duration::from_secs(seconds));
            script.containers.insert(name.to_owned(), vec![behaviour]);
            granted.push(format!(
                "Without a script, {name} runs {seconds}s and exits with code 0."
            ));
        }
    }
    granted
}

/// Lets images run as a user of their own where a pod insists on one and names none.
pub(crate) fn give_users(pod: &mut Pod) -> Vec<String> {
    const SOMEBODY: i64 = 65_532;
    let context = pod.spec.security_context.as_deref();
    let non_root = context.and_then(|context| context.run_as_non_root);
    if context.is_some_and(|context| context.run_as_user.is_some()) {
        return Vec::new();
    }
    let mut granted = Vec::new();
    let containers = pod.spec.init_containers.iter_mut();
    for container in containers.chain(&mut pod.spec.containers) {
        let own = container.security_context.as_deref();
        let own_non_root = own.and_then(|own| own.run_as_non_root);
        let names_none = own.is_none_or(|own| own.run_as_user.is_none());
        if names_none && own_non_root.or(non_root) == Some(true) {
            let own = container.security_context.get_or_insert_default();
            own.run_as_user = Some(SOMEBODY);
            let name = &container.name;
            granted.push(format!(
                "The image of {name} is taken to run as another user than root."
            ));
        }
    }
    granted
}

/// Returns the config maps and secrets that a pod refers to, with the keys.
fn referred(pod: &Pod) -> BTreeMap<String, Vec<String>> {
    let mut config: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for volume in &pod.spec.volumes {
        if let Some(map) = &volume.config_map {
            config.entry(map.name.clone()).or_default();
        }
        if let Some(secret) = &volume.secret {
            config.entry(secret.secret_name.clone()).or_default();
        }
    }
    for container in pod.spec.all_containers() {
        let container = container.to_container();
        for from in &container.env_from {
            let map = from.config_map_ref.as_ref().map(|map| &map.name);
            let secret = from.secret_ref.as_ref().map(|secret| &secret.name);
            for name in [map, secret].into_iter().flatten() {
                config.entry(name.clone()).or_default();
            }
        }
        let sources = container
            .env
            .iter()
            .filter_map(|env| env.value_from.as_ref());
        for source in sources {
            let map = source.config_map_key_ref.as_ref();
            let secret = source.secret_key_ref.as_ref();
            let map = map.map(|map| (&map.name, &map.key));
            let secret = secret.map(|secret| (&secret.name, &secret.key));
            for (name, key) in [map, secret].into_iter().flatten() {
                config.entry(name.clone()).or_default().push(key.clone());
            }
        }
    }
    config
}

/// A text that is read by its own rules.
struct Words<T>(T);

/// What such a text looks like.
trait Wording: FromStr<Err: fmt::Display> {
    const LIKE: &'static str;
}

impl Wording for Behaviour {
    const LIKE: &'static str = "words such as run=5s, run=forever, exit=1, oom, reason=X, msg=X, log=X, \
        term=2s/0, term=ignore, create=1s, start=1s, create-error and start-error";
}

impl Wording for ProbeScript {
    const LIKE: &'static str = "words such as ok, fail, ok-from=6s, fail-from=6s, fail-between=6s,12s, slow=2s and \
        slow-from=6s,2s";
}

impl Wording for ImageScript {
    const LIKE: &'static str =
        "words such as 2s, 2s-fail-3, fail, registry, signature, absent and present";
}

impl Wording for HookWords {
    const LIKE: &'static str = "a duration and an exit code such as 2s 0";
}

impl Wording for Length {
    const LIKE: &'static str = "a duration such as 500ms, 90s or 1m30s";
}

impl<'de, T: Wording> Deserialize<'de> for Words<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct WordsVisitor<T>(PhantomData<T>);

        impl<T: Wording> Visitor<'_> for WordsVisitor<T> {
            type Value = Words<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(T::LIKE)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Words<T>, E> {
                let words = text.parse().map(Words);
                words.map_err(|error| E::custom(format_args!("{error}; expected {}", T::LIKE)))
            }
        }

        d.deserialize_str(WordsVisitor(PhantomData))
    }
}

/// A duration.
pub(crate) struct Length(pub(crate) Duration);

impl FromStr for Length {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match parse_duration(text) {
            Ok(length) => Ok(Self(length)),
            Err(_) => Err(format!("{text:?} is no duration")),
        }
    }
}

/// `2s 0`: how long a hook takes, and its exit code.
struct HookWords(HookScript);

impl FromStr for HookWords {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let [takes, code] = words[..] else {
            return Err(format!("{text:?} is not two words"));
        };
        let mut hook = HookScript::default();
        hook.takes = takes.parse::<Length>()?.0;
        let code: i32 = code
            .parse()
            .map_err(|_| format!("{code:?} is no exit code"))?;
        hook.fails = code != 0;
        Ok(Self(hook))
    }
}
