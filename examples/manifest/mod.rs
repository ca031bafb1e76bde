//! Manifests as kubectl reads them: YAML 1.1 with its octal numbers and merge keys, or JSON, one document or many,
//! each value with the line that it stands on.

use std::{fmt, fs, io::Read};

use pod_lifecycle::{
    admission::strict::{self, Decoded},
    api::{Pod, PodTemplateSpec},
};
use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeOwned, IntoDeserializer, MapAccess, SeqAccess, Visitor, value::Error as ValueError},
};
use serde_saphyr::{DuplicateKeyPolicy, Spanned};

/// A file, or standard input, that was read.
pub struct Source {
    pub name: String,
    text: String,
}

impl Source {
    pub fn read(name: &str) -> Result<Self, String> {
        let mut text = String::new();
        let read = match name {
            "-" => std::io::stdin().read_to_string(&mut text).map(drop),
            path => fs::read_to_string(path).map(|read| text = read),
        };
        let name = if name == "-" { "standard input" } else { name };
        read.map_err(|error| format!("{name}: {error}"))?;
        Ok(Self::embedded(name, text))
    }

    pub fn embedded(name: &str, text: impl Into<String>) -> Self {
        Self { name: name.to_owned(), text: text.into() }
    }

    /// Returns the documents that are not empty.
    pub fn documents(&self) -> Result<Vec<Document>, String> {
        let options = serde_saphyr::options! {
            duplicate_keys: DuplicateKeyPolicy::LastWins,
            legacy_octal_numbers: true,
        };
        let trees: Vec<Spanned<Tree>> = serde_saphyr::from_multiple_with_options(&self.text, options)
            .map_err(|error| format!("{}: {error}", self.name))?;
        let documents = trees.into_iter().filter(|tree| !matches!(tree.value, Tree::Null));
        Ok(documents.map(|root| Document { source: self.name.clone(), root }).collect())
    }
}

/// One document of a [`Source`].
pub struct Document {
    source: String,
    root: Spanned<Tree>,
}

/// Something that is wrong with a document.
pub struct Complaint(String);

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Document {
    fn text(&self, field: &str) -> &str {
        match self.root.value.get(field).map(|found| &found.value) {
            Some(Tree::String(text)) => text,
            _ => "",
        }
    }

    pub fn kind(&self) -> &str {
        self.text("kind")
    }

    /// Returns the pod that the document describes, by itself or as a workload's template.
    pub fn pod(&self) -> Result<Pod, Vec<Complaint>> {
        let template: &[&str] = match self.kind() {
            "Pod" => return self.decode(&self.root, ""),
            "PodTemplate" => &["template"],
            "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" | "ReplicationController" | "Job" => {
                &["spec", "template"]
            }
            "CronJob" => &["spec", "jobTemplate", "spec", "template"],
            "" => return Err(vec![self.complain("kind", "says not what it is: `kind` is missing")]),
            other => return Err(vec![self.complain("kind", &format!("a {other} has no pod to play"))]),
        };
        let path = template.join(".");
        let mut at = &self.root;
        for field in template {
            at = at.value.get(field).ok_or_else(|| vec![self.complain(&path, "there is no pod template")])?;
        }
        let PodTemplateSpec { mut metadata, spec } = self.decode(at, &path)?;
        let Some(Tree::String(owner)) = self.root.value.find("metadata.name").map(|name| &name.value) else {
            return Err(vec![self.complain("metadata.name", "a name is missing")]);
        };
        metadata.name = format!("{owner}-0");
        Ok(Pod { metadata, spec, ..Pod::default() })
    }

    fn decode<T: DeserializeOwned>(&self, at: &Spanned<Tree>, base: &str) -> Result<T, Vec<Complaint>> {
        let join = |path: &str| match (base, path) {
            ("", path) => path.to_owned(),
            (base, "") => base.to_owned(),
            (base, path) => format!("{base}.{path}"),
        };
        match strict::decode::<T, _>(&at.value) {
            Err(error) => {
                let path = join(&error.path.to_string());
                Err(vec![self.complain(&path, &error.source.to_string())])
            }
            Ok(Decoded { value, findings, .. }) if findings.is_empty() => Ok(value),
            Ok(Decoded { findings, .. }) => {
                let complaints = findings.iter().map(|finding| {
                    self.complain(&join(&finding.path.to_string()), &format!("{finding:#}"))
                });
                Err(complaints.collect())
            }
        }
    }

    /// Words a complaint with the file, the line and the field.
    pub fn complain(&self, path: &str, what: &str) -> Complaint {
        let line = self.line(path);
        let at = if path.is_empty() { String::new() } else { format!("{path}: ") };
        Complaint(format!("{}:{line}: {at}{what}", self.source))
    }

    /// The line of the field, or of the innermost one around it that is there.
    fn line(&self, path: &str) -> u64 {
        let mut line = self.root.referenced.line();
        let mut at = &self.root.value;
        for (step, is_index) in steps(path) {
            let next = match (at, is_index) {
                (Tree::List(items), true) => step.parse().ok().and_then(|at: usize| items.get(at)),
                (Tree::Map(entries), _) => entries.iter().find(|(key, _)| key.value == step).map(|(key, value)| {
                    line = key.referenced.line();
                    value
                }),
                _ => None,
            };
            let Some(next) = next else { break };
            if is_index {
                line = next.referenced.line();
            }
            at = &next.value;
        }
        line
    }
}

/// The steps of a path in Kubernetes' notation: names, and what stands in brackets.
fn steps(path: &str) -> impl Iterator<Item = (&str, bool)> {
    path.split(['.', '[']).filter(|step| !step.is_empty()).map(|step| match step.strip_suffix(']') {
        Some(inside) => (inside, true),
        None => (step, false),
    })
}

/// Any value of a document.
enum Tree {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    String(String),
    List(Vec<Spanned<Tree>>),
    Map(Vec<(Spanned<String>, Spanned<Tree>)>),
}

impl Tree {
    fn get(&self, field: &str) -> Option<&Spanned<Tree>> {
        match self {
            Self::Map(entries) => entries.iter().find(|(key, _)| key.value == field).map(|(_, value)| value),
            _ => None,
        }
    }

    fn find(&self, path: &str) -> Option<&Spanned<Tree>> {
        let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
        let found = self.get(first)?;
        rest.map_or(Some(found), |rest| found.value.find(rest))
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct TreeVisitor;

        impl<'de> Visitor<'de> for TreeVisitor {
            type Value = Tree;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Null)
            }

            fn visit_none<E>(self) -> Result<Tree, E> {
                Ok(Tree::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Tree, D::Error> {
                d.deserialize_any(self)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
                Ok(Tree::Bool(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
                Ok(Tree::Signed(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Tree, E> {
                Ok(Tree::Unsigned(value))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
                Ok(Tree::Float(value))
            }

            fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
                Ok(Tree::String(value.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Tree::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Tree::Map(entries))
            }
        }

        d.deserialize_any(TreeVisitor)
    }
}

impl<'de> IntoDeserializer<'de, ValueError> for &'de Tree {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for &'de Tree {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Tree::Null => visitor.visit_unit(),
            Tree::Bool(value) => visitor.visit_bool(*value),
            Tree::Signed(value) => visitor.visit_i64(*value),
            Tree::Unsigned(value) => visitor.visit_u64(*value),
            Tree::Float(value) => visitor.visit_f64(*value),
            Tree::String(value) => visitor.visit_borrowed_str(value),
            Tree::List(items) => {
                let items = items.iter().map(|item| &item.value);
                visitor.visit_seq(de::value::SeqDeserializer::new(items))
            }
            Tree::Map(entries) => {
                let entries = entries.iter().map(|(key, value)| (key.value.as_str(), &value.value));
                visitor.visit_map(de::value::MapDeserializer::new(entries))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Tree::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
