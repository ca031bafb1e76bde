//! A deserializer around another one that knows where in the document it is.

use alloc::{
    borrow::ToOwned,
    collections::BTreeSet,
    string::{String, ToString},
    vec::Vec,
};
use core::fmt::{self, Write as _};

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::{Finding, nearest::nearest};

/// As many findings as Kubernetes keeps.
const MAX_FINDINGS: usize = 100;

/// Where decoding stands, and what it has found.
#[derive(Default)]
pub(super) struct Tracker {
    // Each container cuts the path back to its own before it goes on, so
    // that after an error the path is that of the value which caused it.
    path: String,
    findings: Vec<Finding>,
}

impl Tracker {
    pub(super) fn into_findings(self) -> Vec<Finding> {
        self.findings
    }

    pub(super) fn into_path(self) -> String {
        self.path
    }

    fn enter_key(&mut self, key: &str) {
        if !self.path.is_empty() {
            self.path.push('.');
        }
        self.path.push_str(key);
    }

    fn enter_index(&mut self, index: usize) {
        match u8::try_from(index) {
            // Most lists are short, and formatting takes longer than decoding an item.
            Ok(index @ 0..10) => {
                self.path.push('[');
                self.path.push(char::from(b'0' + index));
                self.path.push(']');
            }
            // Writing to a `String` does not fail.
            _ => drop(write!(self.path, "[{index}]")),
        }
    }

    /// The last part of the path, in a container whose own path has a length of `base`.
    fn key(&self, base: usize) -> &str {
        let key = self.path.get(base..).unwrap_or_default();
        if base == 0 {
            key
        } else {
            key.strip_prefix('.').unwrap_or(key)
        }
    }

    /// Whether there is room for a finding at this path, and it is not known yet.
    fn is_news(&self, is_same_kind: fn(&Finding) -> bool) -> bool {
        let mut same_kind = self.findings.iter().filter(|finding| is_same_kind(finding));
        self.findings.len() < MAX_FINDINGS && same_kind.all(|finding| finding.path() != self.path)
    }

    fn report_duplicate(&mut self) {
        if self.is_news(|finding| matches!(finding, Finding::Duplicate { .. })) {
            let path = self.path.clone();
            self.findings.push(Finding::Duplicate { path });
        }
    }

    fn report_unknown(&mut self, known: Known) {
        if self.is_news(|finding| matches!(finding, Finding::Unknown { .. })) {
            let nearest = nearest(self.key(known.base), known.names);
            let path = self.path.clone();
            self.findings.push(Finding::Unknown { path, nearest });
        }
    }
}

/// The fields of the object that a value stands in.
#[derive(Clone, Copy)]
struct Known {
    names: &'static [&'static str],
    /// The length of the object's own path.
    base: usize,
}

/// What is about to be decoded.
#[derive(Clone, Copy)]
enum Role {
    /// A key or the name of a variant, which becomes the last part of the path.
    Key,
    /// The value of an object's field.
    Field(Known),
    /// Any other value.
    Value,
}

/// What a visitor was promised.
#[derive(Clone, Copy)]
enum Shape {
    Key,
    Object(&'static [&'static str]),
    Map,
    /// Anything, in which nothing is a finding.
    Free,
}

/// A deserializer at a place in the document.
pub(super) struct At<'t, D> {
    inner: D,
    tracker: &'t mut Tracker,
    role: Role,
}

impl<'t, D> At<'t, D> {
    pub(super) fn root(inner: D, tracker: &'t mut Tracker) -> Self {
        let role = Role::Value;
        Self {
            inner,
            tracker,
            role,
        }
    }

    fn watch<V>(self, shape: Shape, visitor: V) -> (D, Watch<'t, V>) {
        let shape = match self.role {
            Role::Key => Shape::Key,
            Role::Field(_) | Role::Value => shape,
        };
        let watch = Watch {
            inner: visitor,
            tracker: self.tracker,
            shape,
        };
        (self.inner, watch)
    }
}

macro_rules! forward {
    ($($method:ident($($arg:ident: $ty:ty),*) $shape:expr;)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($arg: $ty,)* visitor: V) -> Result<V::Value, D::Error> {
            let (inner, visitor) = self.watch($shape, visitor);
            inner.$method($($arg,)* visitor)
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for At<'_, D> {
    type Error = D::Error;

    forward! {
        deserialize_any() Shape::Free;
        deserialize_bool() Shape::Free;
        deserialize_i8() Shape::Free;
        deserialize_i16() Shape::Free;
        deserialize_i32() Shape::Free;
        deserialize_i64() Shape::Free;
        deserialize_i128() Shape::Free;
        deserialize_u8() Shape::Free;
        deserialize_u16() Shape::Free;
        deserialize_u32() Shape::Free;
        deserialize_u64() Shape::Free;
        deserialize_u128() Shape::Free;
        deserialize_f32() Shape::Free;
        deserialize_f64() Shape::Free;
        deserialize_char() Shape::Free;
        deserialize_str() Shape::Free;
        deserialize_string() Shape::Free;
        deserialize_bytes() Shape::Free;
        deserialize_byte_buf() Shape::Free;
        deserialize_option() Shape::Map;
        deserialize_unit() Shape::Free;
        deserialize_unit_struct(name: &'static str) Shape::Free;
        deserialize_newtype_struct(name: &'static str) Shape::Map;
        deserialize_seq() Shape::Map;
        deserialize_tuple(len: usize) Shape::Map;
        deserialize_tuple_struct(name: &'static str, len: usize) Shape::Map;
        deserialize_map() Shape::Map;
        deserialize_struct(name: &'static str, fields: &'static [&'static str]) Shape::Object(fields);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]) Shape::Map;
        deserialize_identifier() Shape::Free;
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        if let Role::Field(known) = self.role {
            self.tracker.report_unknown(known);
        }
        self.inner.deserialize_ignored_any(visitor)
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

/// A visitor that hands on what it gets, and watches containers.
struct Watch<'t, V> {
    inner: V,
    tracker: &'t mut Tracker,
    shape: Shape,
}

impl<'t, V> Watch<'t, V> {
    fn at<D>(self, inner: D) -> (V, At<'t, D>) {
        let role = match self.shape {
            Shape::Key => Role::Key,
            _ => Role::Value,
        };
        let at = At {
            inner,
            tracker: self.tracker,
            role,
        };
        (self.inner, at)
    }

    fn enter(&mut self, key: impl FnOnce() -> String) {
        if let Shape::Key = self.shape {
            self.tracker.enter_key(&key());
        }
    }
}

macro_rules! visit {
    ($($method:ident: $ty:ty;)*) => {$(
        fn $method<E: Error>(mut self, value: $ty) -> Result<V::Value, E> {
            self.enter(|| value.to_string());
            self.inner.$method(value)
        }
    )*};
}

macro_rules! visit_text {
    ($($method:ident: $ty:ty;)*) => {$(
        fn $method<E: Error>(self, text: $ty) -> Result<V::Value, E> {
            if let Shape::Key = self.shape {
                self.tracker.enter_key(&text);
            }
            self.inner.$method(text)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Watch<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    visit! {
        visit_bool: bool;
        visit_i8: i8;
        visit_i16: i16;
        visit_i32: i32;
        visit_i64: i64;
        visit_i128: i128;
        visit_u8: u8;
        visit_u16: u16;
        visit_u32: u32;
        visit_u64: u64;
        visit_u128: u128;
        visit_f32: f32;
        visit_f64: f64;
        visit_char: char;
    }

    visit_text! {
        visit_str: &str;
        visit_borrowed_str: &'de str;
        visit_string: String;
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<V::Value, E> {
        self.inner.visit_bytes(bytes)
    }

    fn visit_borrowed_bytes<E: Error>(self, bytes: &'de [u8]) -> Result<V::Value, E> {
        self.inner.visit_borrowed_bytes(bytes)
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<V::Value, E> {
        self.inner.visit_byte_buf(bytes)
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<V::Value, D::Error> {
        let (visitor, at) = self.at(d);
        visitor.visit_some(at)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, d: D) -> Result<V::Value, D::Error> {
        let (visitor, at) = self.at(d);
        visitor.visit_newtype_struct(at)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(Items {
            inner: seq,
            base: self.tracker.path.len(),
            tracker: self.tracker,
            next: 0,
        })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        let keys = match self.shape {
            Shape::Object(names) => Keys::Object(Fields::new(names)),
            Shape::Map => Keys::Map(BTreeSet::new()),
            Shape::Key | Shape::Free => Keys::Free,
        };
        self.inner.visit_map(Entries {
            inner: map,
            base: self.tracker.path.len(),
            tracker: self.tracker,
            keys,
        })
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        let tracker = self.tracker;
        self.inner.visit_enum(Within {
            inner: data,
            tracker,
        })
    }
}

/// A seed whose value stands at the tracker's path.
struct Seed<'t, S> {
    inner: S,
    tracker: &'t mut Tracker,
    role: Role,
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(At {
            inner: d,
            tracker: self.tracker,
            role: self.role,
        })
    }
}

struct Items<'t, A> {
    inner: A,
    tracker: &'t mut Tracker,
    base: usize,
    next: usize,
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.tracker.path.truncate(self.base);
        self.tracker.enter_index(self.next);
        self.next += 1;
        let item = self.inner.next_element_seed(Seed {
            inner: seed,
            tracker: self.tracker,
            role: Role::Value,
        })?;
        if item.is_none() {
            self.tracker.path.truncate(self.base);
        }
        Ok(item)
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// The keys that a map has had so far.
enum Keys {
    /// Of an object only the known ones: an unknown one is a finding once, however often it comes.
    Object(Fields),
    Map(BTreeSet<String>),
    Free,
}

impl Keys {
    /// Remembers a key, and returns whether it has come before.
    fn had(&mut self, key: &str) -> bool {
        match self {
            Self::Object(fields) => fields.had(key),
            Self::Map(seen) => seen.contains(key) || !seen.insert(key.to_owned()),
            Self::Free => false,
        }
    }
}

struct Fields {
    names: &'static [&'static str],
    /// Where the next field stands when they come in order.
    expected: usize,
    /// A bit for each of the first 64 fields that has come.
    first: u64,
    /// Those of the others that have come.
    others: Vec<usize>,
}

impl Fields {
    fn new(names: &'static [&'static str]) -> Self {
        Self {
            names,
            expected: 0,
            first: 0,
            others: Vec::new(),
        }
    }

    fn had(&mut self, key: &str) -> bool {
        let from_expected = self.names.iter().enumerate().skip(self.expected);
        let from_first = self.names.iter().enumerate().take(self.expected);
        let mut fields = from_expected.chain(from_first);
        let Some((index, _)) = fields.find(|(_, name)| **name == key) else {
            return false;
        };
        self.expected = index + 1;
        if index < 64 {
            let bit = 1 << index;
            let had = self.first & bit != 0;
            self.first |= bit;
            had
        } else {
            let had = self.others.contains(&index);
            if !had {
                self.others.push(index);
            }
            had
        }
    }
}

struct Entries<'t, A> {
    inner: A,
    tracker: &'t mut Tracker,
    base: usize,
    keys: Keys,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Entries<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.tracker.path.truncate(self.base);
        let key = self.inner.next_key_seed(Seed {
            inner: seed,
            tracker: self.tracker,
            role: Role::Key,
        })?;
        if key.is_some() && self.keys.had(self.tracker.key(self.base)) {
            self.tracker.report_duplicate();
        }
        Ok(key)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        let role = match &self.keys {
            Keys::Object(fields) => Role::Field(Known {
                names: fields.names,
                base: self.base,
            }),
            Keys::Map(_) | Keys::Free => Role::Value,
        };
        self.inner.next_value_seed(Seed {
            inner: seed,
            tracker: self.tracker,
            role,
        })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

/// An enum, or the variant that it is.
struct Within<'t, A> {
    inner: A,
    tracker: &'t mut Tracker,
}

impl<'de, 't, A: EnumAccess<'de>> EnumAccess<'de> for Within<'t, A> {
    type Error = A::Error;
    type Variant = Within<'t, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let (variant, inner) = self.inner.variant_seed(Seed {
            inner: seed,
            tracker: self.tracker,
            role: Role::Key,
        })?;
        let tracker = self.tracker;
        Ok((variant, Within { inner, tracker }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Within<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.newtype_variant_seed(Seed {
            inner: seed,
            tracker: self.tracker,
            role: Role::Value,
        })
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.inner.tuple_variant(
            len,
            Watch {
                inner: visitor,
                tracker: self.tracker,
                shape: Shape::Map,
            },
        )
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.struct_variant(
            fields,
            Watch {
                inner: visitor,
                tracker: self.tracker,
                shape: Shape::Object(fields),
            },
        )
    }
}
