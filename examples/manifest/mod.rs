//! Manifests as kubectl reads them: YAML 1.1 with its octal numbers and merge keys, or JSON, one document or many.
//!
//! A complaint about one says the file, the line and the field.

#![allow(dead_code, reason = "no example asks for everything")]

mod tree;

use core::fmt;
use std::{borrow::Cow, fs, io::Read, rc::Rc};

use pod_lifecycle::{
    admission::strict::{self, Decoded, Finding},
    api::{PersistentVolumeClaimVolumeSource, Pod, PodSpec, PodTemplateSpec, Volume},
    field::{FieldError, FieldErrors},
};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_saphyr::{DuplicateKeyPolicy, MessageFormatter, Spanned, UserMessageFormatter};

use self::tree::Tree;

/// A file, or standard input, that was read.
pub(crate) struct Source {
    name: Rc<str>,
    text: String,
}

/// One object of a [`Source`].
pub(crate) struct Document {
    source: Rc<str>,
    root: Rc<Spanned<Tree>>,
    /// Which of the `items` the object is, of lists inside one another from the root on.
    items: Vec<usize>,
    /// What the list around it says of its items.
    kind: String,
    version: String,
}

/// Something that is wrong with a document.
#[derive(Clone, Debug)]
pub(crate) struct Complaint {
    /// The file.
    pub(crate) source: Rc<str>,
    pub(crate) line: Option<u64>,
    pub(crate) column: Option<u64>,
    /// The field, from the document's root; empty for the document itself.
    pub(crate) path: String,
    pub(crate) what: String,
}

impl Complaint {
    pub(crate) fn of_source(source: &Rc<str>, what: impl Into<String>) -> Self {
        Self {
            source: Rc::clone(source),
            line: None,
            column: None,
            path: String::new(),
            what: what.into(),
        }
    }
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source)?;
        for number in self.line.iter().chain(&self.column) {
            write!(f, ":{number}")?;
        }
        if !self.path.is_empty() {
            write!(f, ": {}", self.path)?;
        }
        write!(f, ": {}", self.what)
    }
}

impl Source {
    /// Reads a file, or standard input where the name is `-`.
    pub(crate) fn read(name: &str) -> Result<Self, Complaint> {
        let mut text = String::new();
        let read = match name {
            "-" => std::io::stdin().read_to_string(&mut text).map(drop),
            path => fs::read_to_string(path).map(|read| text = read),
        };
        let name = if name == "-" { "standard input" } else { name };
        match read {
            Ok(()) => Ok(Self::embedded(name, text)),
            Err(error) => Err(Complaint::of_source(&name.into(), error.to_string())),
        }
    }

    /// Takes a text that is there already.
    pub(crate) fn embedded(name: &str, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }

    /// Returns the objects, of which there must be one.
    pub(crate) fn documents(&self) -> Result<Vec<Document>, Complaint> {
        let documents = self.any_documents()?;
        if documents.is_empty() {
            return Err(Complaint::of_source(&self.name, "there is nothing in it"));
        }
        Ok(documents)
    }

    /// Returns the objects: no empty documents, and of lists of objects the items.
    pub(crate) fn any_documents(&self) -> Result<Vec<Document>, Complaint> {
        // As much as the text itself has; what aliases multiply stays bounded.
        let size = |least: usize| self.text.len().max(least);
        let options = serde_saphyr::options! {
            duplicate_keys: DuplicateKeyPolicy::LastWins,
            legacy_octal_numbers: true,
            budget: serde_saphyr::budget! {
                max_documents: size(0),
                max_nodes: size(250_000),
                max_events: size(1_000_000),
                max_total_scalar_bytes: size(1 << 26),
                enforce_alias_anchor_ratio: false,
            },
        };
        let trees: Vec<Spanned<Tree>> =
            serde_saphyr::from_multiple_with_options(&separated(&self.text), options)
                .map_err(|error| self.broken(&error))?;
        let mut documents = Vec::new();
        for root in trees {
            let document = Document {
                source: Rc::clone(&self.name),
                root: Rc::new(root),
                items: Vec::new(),
                kind: String::new(),
                version: String::new(),
            };
            document.unpack(&mut documents);
        }
        Ok(documents)
    }

    fn broken(&self, error: &serde_saphyr::Error) -> Complaint {
        let what = UserMessageFormatter.format_message(error.without_snippet());
        let at = error.location();
        Complaint {
            line: at.map(|at| at.line()),
            column: at.map(|at| at.column()),
            ..Complaint::of_source(&self.name, what)
        }
    }
}

/// The kinds that are a pod or make pods: with their API version, and where their template stands.
const KINDS: &[(&str, &str, &str)] = &[
    ("Pod", "v1", ""),
    ("PodTemplate", "v1", "template"),
    ("ReplicationController", "v1", "spec.template"),
    ("Deployment", "apps/v1", "spec.template"),
    ("StatefulSet", "apps/v1", "spec.template"),
    ("DaemonSet", "apps/v1", "spec.template"),
    ("ReplicaSet", "apps/v1", "spec.template"),
    ("Job", "batch/v1", "spec.template"),
    ("CronJob", "batch/v1", "spec.jobTemplate.spec.template"),
];

impl Document {
    fn object(&self) -> &Spanned<Tree> {
        let mut object = &*self.root;
        for index in &self.items {
            let item = object.value.items().and_then(|items| items.get(*index));
            object = item.unwrap_or(object);
        }
        object
    }

    /// Puts the objects of a list, and of lists in it, in place of the list; one of nothing stays.
    fn unpack(self, documents: &mut Vec<Self>) {
        let count = self.object().value.items().map_or(0, <[_]>::len);
        let Some(kind) = self.list_of().filter(|_| count > 0).map(str::to_owned) else {
            return documents.push(self);
        };
        for index in 0..count {
            let item = Self {
                source: Rc::clone(&self.source),
                root: Rc::clone(&self.root),
                items: [&*self.items, &[index]].concat(),
                version: if kind.is_empty() {
                    String::new()
                } else {
                    self.version().to_owned()
                },
                kind: kind.clone(),
            };
            item.unpack(documents);
        }
    }

    /// Returns the kind of the items where the object is a list of some: `Pod` for `PodList`, nothing for `List`.
    fn list_of(&self) -> Option<&str> {
        self.kind().strip_suffix("List")
    }

    /// Returns the object's kind, or nothing where it says none.
    pub(crate) fn kind(&self) -> &str {
        match self.object().value.text("kind") {
            "" => &self.kind,
            kind => kind,
        }
    }

    /// Returns the object's version, or nothing where it says none.
    pub(crate) fn version(&self) -> &str {
        match self.object().value.text("apiVersion") {
            "" => &self.version,
            version => version,
        }
    }

    /// Whether the object is a pod or makes pods.
    pub(crate) fn has_pod(&self) -> bool {
        KINDS.iter().any(|(kind, ..)| *kind == self.kind())
    }

    /// Whether the object is of a kind that has nothing to do with pods, rather than of one that was misspelled.
    pub(crate) fn is_other(&self) -> bool {
        let kind = self.kind();
        let group = self
            .version()
            .split_once('/')
            .map_or("", |(group, _)| group);
        // Pods and what makes them belong to groups without a dot, and everybody else's have one.
        let is_foreign = group.contains('.') || self.list_of().is_some();
        let known = KINDS.iter().map(|(known, ..)| *known);
        !kind.is_empty() && (is_foreign || nearest(kind, known).is_none())
    }

    /// Whether the object says neither what it is nor of which version.
    pub(crate) fn is_nameless(&self) -> bool {
        self.kind().is_empty() && self.version().is_empty()
    }

    /// Returns a text of the object's metadata, or nothing where there is none.
    pub(crate) fn metadata(&self, field: &str) -> &str {
        let metadata = self.object().value.get("metadata");
        metadata.map_or("", |metadata| metadata.value.text(field))
    }

    /// Returns the file, and the line that the object begins on.
    pub(crate) fn place(&self) -> (&str, u64) {
        (&self.source, self.object().referenced.line())
    }

    /// Returns the name of the file, and the line that the object begins on.
    pub(crate) fn source(&self) -> String {
        format!("{}:{}", self.source, self.object().referenced.line())
    }

    /// Where in the object the pod stands.
    pub(crate) fn template(&self) -> &'static str {
        let known = KINDS.iter().find(|(kind, ..)| *kind == self.kind());
        known.map_or("", |(.., template)| template)
    }

    /// Returns the pod that the object is, or the first one that it would make.
    pub(crate) fn pod(&self) -> Result<Pod, Vec<Complaint>> {
        self.check_kind().map_err(|complaint| vec![complaint])?;
        let object = self.object();
        let template = self.template();
        if template.is_empty() {
            return self.decode_at(object, "");
        }
        let mut at = object;
        for field in template.split('.') {
            let Some(next) = at.value.get(field) else {
                let what = format!("there is no pod template at {template}");
                return Err(vec![self.complain_at(template, &what)]);
            };
            at = next;
        }
        let PodTemplateSpec {
            mut metadata,
            mut spec,
        } = self.decode_at(at, template)?;
        self.add_claims(&mut spec);
        let owner = |field| self.metadata(field);
        if owner("name").is_empty() {
            return Err(vec![self.complain_at("metadata.name", "a name is needed")]);
        }
        metadata.name = format!("{}-0", owner("name"));
        owner("namespace").clone_into(&mut metadata.namespace);
        Ok(Pod {
            metadata,
            spec,
            ..Pod::default()
        })
    }

    /// Gives a pod a volume for each claim that is made for it, in place of one of that name, as a stateful set does.
    pub(crate) fn add_claims(&self, spec: &mut PodSpec) {
        let object = &self.object().value;
        let wanted = object.get("spec");
        let wanted = wanted.and_then(|spec| spec.value.get("volumeClaimTemplates"));
        let (Some(wanted), "StatefulSet") = (wanted, self.kind()) else {
            return;
        };
        let Tree::List(claims) = &wanted.value else {
            return;
        };
        for metadata in claims
            .iter()
            .filter_map(|claim| claim.value.get("metadata"))
        {
            let name = metadata.value.text("name");
            let claim_name = format!("{name}-{}-0", self.metadata("name"));
            let claim = PersistentVolumeClaimVolumeSource {
                claim_name,
                ..Default::default()
            };
            let volume = Volume {
                name: name.to_owned(),
                persistent_volume_claim: Some(Box::new(claim)),
                ..Volume::default()
            };
            match spec.volumes.iter_mut().find(|known| known.name == name) {
                Some(known) => *known = volume,
                None => spec.volumes.push(volume),
            }
        }
    }

    /// Checks that there is an object, and not a text or a list.
    pub(crate) fn check_object(&self) -> Result<(), Complaint> {
        match self.object().value {
            Tree::Map(_) => Ok(()),
            _ => Err(self.complain_at("", "this is not an object")),
        }
    }

    /// Checks that the object is of a kind that has a pod.
    pub(crate) fn check_kind(&self) -> Result<(), Complaint> {
        let (kind, version) = (self.kind(), self.version());
        self.check_object()?;
        if kind.is_empty() {
            return Err(self.complain_at("kind", "it must say what it is, as in `kind: Pod`"));
        }
        let Some((_, expected, _)) = KINDS.iter().find(|(known, ..)| *known == kind) else {
            let hint = match nearest(kind, KINDS.iter().map(|(known, ..)| *known)) {
                Some(known) => format!(", did you mean {known:?}?"),
                None => String::new(),
            };
            let what = format!("{kind:?} is not a pod and has no pod template{hint}");
            return Err(self.complain_at("kind", &what));
        };
        if version != *expected {
            let found = match version {
                "" => String::new(),
                version => format!(", not {version:?}"),
            };
            let what = format!("a {kind} is of version {expected:?}{found}");
            return Err(self.complain_at("apiVersion", &what));
        }
        Ok(())
    }

    /// Decodes the whole document, and refuses what it does not know.
    pub(crate) fn decode<T: DeserializeOwned>(&self) -> Result<T, Vec<Complaint>> {
        self.decode_at(self.object(), "")
    }

    /// Decodes the whole document, and returns beside it what it does not know.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<(T, Vec<Complaint>), Complaint> {
        self.read_at(self.object(), "")
    }

    fn decode_at<T: DeserializeOwned>(
        &self,
        at: &Spanned<Tree>,
        base: &str,
    ) -> Result<T, Vec<Complaint>> {
        match self.read_at(at, base) {
            Err(complaint) => Err(vec![complaint]),
            Ok((value, findings)) if findings.is_empty() => Ok(value),
            Ok((_, findings)) => Err(findings),
        }
    }

    fn read_at<T: DeserializeOwned>(
        &self,
        at: &Spanned<Tree>,
        base: &str,
    ) -> Result<(T, Vec<Complaint>), Complaint> {
        let Decoded { value, findings } = strict::decode(&at.value).map_err(|error| {
            let path = join(base, error.path());
            self.complain_at(&path, &error.into_inner().to_string())
        })?;
        let findings = findings
            .iter()
            .map(|finding| self.complain_of(&join(base, finding.path()), finding));
        Ok((value, findings.collect()))
    }

    fn complain_of(&self, path: &str, finding: &Finding) -> Complaint {
        let what = match finding {
            Finding::Unknown {
                nearest: Some(name),
                ..
            } => format!("unknown field, did you mean {name:?}?"),
            Finding::Unknown { .. } => "unknown field".to_owned(),
            Finding::Duplicate { .. } => match self.lines(path)[..] {
                [first, _, ..] => format!("duplicate field, given before on line {first}"),
                _ => "duplicate field".to_owned(),
            },
            other => other.to_string(),
        };
        self.complain_at(path, &what)
    }

    /// Words what the API server does not accept of the pod.
    pub(crate) fn refuse(&self, errors: &FieldErrors) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        for error in errors.iter() {
            let (path, what) = split(error);
            // The pods of a workload take these from it.
            let inherited = matches!(&*path, "metadata.name" | "metadata.namespace");
            complaints.push(match inherited {
                true => self.complain_at(&path, &what),
                false => self.complain(&path, &what),
            });
        }
        complaints
    }

    /// Words errors whose paths begin at the object's root.
    pub(crate) fn refuse_object(&self, errors: &FieldErrors) -> Vec<Complaint> {
        let words = errors.iter().map(split);
        words
            .map(|(path, what)| self.complain_at(&path, &what))
            .collect()
    }

    /// Words a complaint about a field of the pod.
    pub(crate) fn complain(&self, path: &str, what: &str) -> Complaint {
        self.complain_at(&join(self.template(), path), what)
    }

    /// Words a complaint about a field of the object.
    pub(crate) fn complain_at(&self, path: &str, what: &str) -> Complaint {
        Complaint {
            line: self.lines(path).last().copied(),
            path: self.whole(path),
            ..Complaint::of_source(&self.source, what)
        }
    }

    /// The path from the document's root.
    fn whole(&self, path: &str) -> String {
        let items = self.items.iter().rev();
        items.fold(path.to_owned(), |path, item| {
            join(&format!("items[{item}]"), &path)
        })
    }

    fn lines(&self, path: &str) -> Vec<u64> {
        let lines = self.root.value.lines(&self.whole(path));
        if lines.is_empty() {
            vec![self.root.referenced.line()]
        } else {
            lines
        }
    }
}

/// Puts the marks of YAML between JSON objects that come one after the other, each on lines of its own.
fn separated(text: &str) -> Cow<'_, str> {
    if !text
        .trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n'])
        .starts_with('{')
    {
        return Cow::Borrowed(text);
    }
    let json = text.trim_start_matches('\u{feff}');
    let mut objects = serde_json::Deserializer::from_str(json).into_iter::<IgnoredAny>();
    let (mut marked, mut start) = (String::new(), 0);
    while let Some(object) = objects.next() {
        let end = objects.byte_offset();
        let piece = &json[start..end];
        if object.is_err() {
            return Cow::Borrowed(text);
        }
        if start > 0 {
            let indent = piece.len() - piece.trim_start().len();
            let Some((before, _)) = piece[..indent].rsplit_once('\n') else {
                return Cow::Borrowed(text);
            };
            marked.push_str(before);
            marked.push_str("\n--- ");
            marked.push_str(piece.trim_start());
        } else {
            marked.push_str(piece);
        }
        start = end;
    }
    Cow::Owned(marked + &json[start..])
}

/// Takes an error's path off its text.
fn split(error: &FieldError) -> (String, String) {
    let (path, text) = (error.field.to_string(), error.to_string());
    let what = text.strip_prefix(&path).unwrap_or(&text);
    let what = what.strip_prefix(": ").unwrap_or(what).to_owned();
    (path, what)
}

fn join(base: &str, path: &str) -> String {
    match (base, path) {
        ("", path) => path.to_owned(),
        (base, "") => base.to_owned(),
        (base, path) if path.starts_with('[') => format!("{base}{path}"),
        (base, path) => format!("{base}.{path}"),
    }
}

/// Returns the name that was probably meant: the one that the fewest changed letters lead to.
pub(crate) fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let names = names.into_iter().map(|name| (distance(word, name), name));
    let (distance, name) = names.min()?;
    (distance * 3 <= word.chars().count().max(3)).then_some(name)
}

/// How many letters must be put in, left out, changed or swapped to make one word of the other.
fn distance(from: &str, to: &str) -> usize {
    let letters = |word: &str| word.to_lowercase().chars().collect::<Vec<_>>();
    let (from, to) = (letters(from), letters(to));
    let first: Vec<usize> = (0..=to.len()).collect();
    let mut rows = vec![first];
    for (i, letter) in from.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in to.iter().enumerate() {
            let cost = |row: usize, column: usize| rows[row][column];
            let changed = cost(i, j) + usize::from(letter != other);
            let mut least = changed.min(cost(i, j + 1) + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == to[j - 1] && from[i - 1] == *other {
                least = least.min(cost(i - 1, j - 1) + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[from.len()][to.len()]
}
