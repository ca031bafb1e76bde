//! A document as a tree, as kubectl understands YAML, each value with the line that it stands on.

use core::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{
        self, Expected, IntoDeserializer, MapAccess, SeqAccess, Unexpected, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
};
use serde_saphyr::Spanned;

/// Any value of a document.
pub(crate) enum Tree {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
    List(Vec<Spanned<Self>>),
    Map(Vec<(Spanned<Key>, Spanned<Self>)>),
}

/// A key, which is always a text: `8080` is "8080", and `yes` is "true".
pub(crate) struct Key(String);

impl Key {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Tree {
    /// Returns the value of a field; of two the last one.
    pub(crate) fn get(&self, field: &str) -> Option<&Spanned<Self>> {
        let Self::Map(entries) = self else {
            return None;
        };
        let mut entries = entries.iter().rev();
        let (_, value) = entries.find(|(key, _)| key.value.as_str() == field)?;
        Some(value)
    }

    /// Returns the text of a field, or nothing where it is none.
    pub(crate) fn text(&self, field: &str) -> &str {
        match self.get(field).map(|found| &found.value) {
            Some(Self::Text(text)) => text,
            _ => "",
        }
    }

    /// Returns the items of a list of objects.
    pub(crate) fn items(&self) -> Option<&[Spanned<Self>]> {
        match &self.get("items")?.value {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the lines that give the field at the end of a path, or the innermost one around it that is there.
    pub(crate) fn lines(&self, path: &str) -> Vec<u64> {
        let path = path.trim_start_matches('.');
        match self {
            Self::List(items) => {
                let (index, rest) = path
                    .strip_prefix('[')
                    .and_then(|path| path.split_once(']'))
                    .unwrap_or_default();
                let item = index.parse().ok().and_then(|index: usize| items.get(index));
                item.map_or_else(Vec::new, |item| {
                    item.value.lines_or(rest, vec![item.referenced.line()])
                })
            }
            Self::Map(entries) => {
                let steps = entries.iter().filter_map(|(key, value)| {
                    let rest = after_key(path, key.value.as_str())?;
                    Some((rest, key.referenced.line(), value))
                });
                let steps: Vec<_> = steps.collect();
                let Some(shortest) = steps.iter().map(|(rest, ..)| rest.len()).min() else {
                    return Vec::new();
                };
                let steps = steps
                    .into_iter()
                    .filter(|(rest, ..)| rest.len() == shortest);
                let (mut lines, mut last) = (Vec::new(), None);
                for (rest, line, value) in steps {
                    lines.push(line);
                    last = Some((rest, value));
                }
                let only = lines.split_off(lines.len().saturating_sub(1));
                match last {
                    Some((rest, value)) if !rest.is_empty() => value.value.lines_or(rest, only),
                    _ => [lines, only].concat(),
                }
            }
            _ => Vec::new(),
        }
    }

    fn lines_or(&self, path: &str, own: Vec<u64>) -> Vec<u64> {
        let lines = self.lines(path);
        if lines.is_empty() { own } else { lines }
    }
}

/// Returns what is left of a path behind a key, which may itself have dots in it or stand in brackets.
fn after_key<'a>(path: &'a str, key: &str) -> Option<&'a str> {
    let bracketed = path
        .strip_prefix('[')
        .and_then(|path| path.strip_prefix(key))
        .and_then(|path| path.strip_prefix(']'));
    let rest = match bracketed {
        Some(rest) => rest,
        None => path.strip_prefix(key)?,
    };
    (rest.is_empty() || rest.starts_with(['.', '['])).then_some(rest)
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
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

    /// On its way from YAML to JSON, `1e3` becomes `1000`.
    fn visit_f64<E>(self, value: f64) -> Result<Tree, E> {
        let whole = value.fract() == 0.0 && value.abs() < 1e18;
        match format!("{value:.0}").parse() {
            Ok(number) if whole => Ok(Tree::Signed(number)),
            _ => Ok(Tree::Float(value)),
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
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

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Self(match Tree::deserialize(d)? {
            Tree::Null => "null".to_owned(),
            Tree::Bool(value) => value.to_string(),
            Tree::Signed(value) => value.to_string(),
            Tree::Unsigned(value) => value.to_string(),
            Tree::Float(value) => value.to_string(),
            Tree::Text(text) => text,
            Tree::List(_) => return Err(de::Error::custom("a list cannot be a key")),
            Tree::Map(_) => return Err(de::Error::custom("a map cannot be a key")),
        }))
    }
}

/// Why a tree is not what it should be.
#[derive(Debug)]
pub(crate) struct Mismatch(String);

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Mismatch {}

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = match expected.to_string().as_str() {
            "i32" => "a whole number of 32 bits".to_owned(),
            "i64" | "u32" | "u64" => "a whole number".to_owned(),
            "a sequence" => "a list".to_owned(),
            other => other.to_owned(),
        };
        let hint = match found {
            _ if expected != "a string" => "",
            Unexpected::Bool(true) => "; put it in quotes (y, yes and on mean true)",
            Unexpected::Bool(false) => "; put it in quotes (n, no and off mean false)",
            Unexpected::Signed(_) | Unexpected::Unsigned(_) | Unexpected::Float(_) => {
                "; put it in quotes"
            }
            _ => "",
        };
        Self(format!(
            "expected {expected}, found {}{hint}",
            found_as(found)
        ))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::invalid_type(found, expected)
    }
}

fn found_as(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Bool(value) => format!("the boolean {value}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Float(number) => format!("the number {number}"),
        Unexpected::Str(text) => format!("the text {text:?}"),
        Unexpected::Unit | Unexpected::Option => "null".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a map".to_owned(),
        other => other.to_string(),
    }
}

impl<'de> IntoDeserializer<'de, Mismatch> for &'de Tree {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for &'de Tree {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self {
            Tree::Null => visitor.visit_unit(),
            Tree::Bool(value) => visitor.visit_bool(*value),
            Tree::Signed(value) => visitor.visit_i64(*value),
            Tree::Unsigned(value) => visitor.visit_u64(*value),
            Tree::Float(value) => visitor.visit_f64(*value),
            Tree::Text(text) => visitor.visit_borrowed_str(text),
            Tree::List(items) => {
                visitor.visit_seq(SeqDeserializer::new(items.iter().map(|item| &item.value)))
            }
            Tree::Map(entries) => {
                let entries = entries.iter();
                let entries = entries.map(|(key, value)| (key.value.as_str(), &value.value));
                visitor.visit_map(MapDeserializer::new(entries))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self {
            Tree::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
