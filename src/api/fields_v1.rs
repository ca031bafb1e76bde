//! Who manages which field, carried along unread.

use alloc::{string::String, vec::Vec};
use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
    ser::{SerializeMap, SerializeSeq},
};

/// The set of fields that one manager owns, as server-side apply keeps it.
///
/// Nothing in this crate reads it; whatever was decoded is written out again.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct FieldsV1(Vec<(String, Any)>);

/// Any value that a self-describing format can carry.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum Any {
    Null,
    Bool(bool),
    Signed(i64),
    Unsigned(u64),
    /// The bits, so that the value has an equality.
    Float(u64),
    String(String),
    List(Vec<Self>),
    Map(Vec<(String, Self)>),
}

impl Serialize for FieldsV1 {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        write_map(&self.0, s)
    }
}

fn write_map<S: Serializer>(entries: &[(String, Any)], s: S) -> Result<S::Ok, S::Error> {
    let mut map = s.serialize_map(Some(entries.len()))?;
    for (key, value) in entries {
        map.serialize_entry(key, value)?;
    }
    map.end()
}

impl Serialize for Any {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => s.serialize_unit(),
            Self::Bool(value) => s.serialize_bool(*value),
            Self::Signed(value) => s.serialize_i64(*value),
            Self::Unsigned(value) => s.serialize_u64(*value),
            Self::Float(bits) => s.serialize_f64(f64::from_bits(*bits)),
            Self::String(value) => s.serialize_str(value),
            Self::List(items) => {
                let mut list = s.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Map(entries) => write_map(entries, s),
        }
    }
}

impl<'de> Deserialize<'de> for FieldsV1 {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        match Any::deserialize(d)? {
            Any::Map(entries) => Ok(Self(entries)),
            Any::Null => Ok(Self::default()),
            _ => Err(D::Error::custom("a set of managed fields is an object")),
        }
    }
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct AnyVisitor;

        impl<'de> Visitor<'de> for AnyVisitor {
            type Value = Any;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_unit<E>(self) -> Result<Any, E> {
                Ok(Any::Null)
            }

            fn visit_none<E>(self) -> Result<Any, E> {
                Ok(Any::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Any, D::Error> {
                d.deserialize_any(self)
            }

            fn visit_bool<E>(self, value: bool) -> Result<Any, E> {
                Ok(Any::Bool(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Any, E> {
                Ok(Any::Signed(value))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Any, E> {
                Ok(Any::Unsigned(value))
            }

            fn visit_f64<E>(self, value: f64) -> Result<Any, E> {
                Ok(Any::Float(value.to_bits()))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Any, E> {
                Ok(Any::String(value.into()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Any, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Any::List(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Any, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Any::Map(entries))
            }
        }

        d.deserialize_any(AnyVisitor)
    }
}

impl crate::wire::Wire for FieldsV1 {
    fn zero() -> Self {
        Self::default()
    }

    fn merge<'de, D: Deserializer<'de>>(&mut self, d: D) -> Result<(), D::Error> {
        *self = Self::deserialize(d)?;
        Ok(())
    }

    fn is_empty(&self) -> bool {
        false
    }
}

#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for FieldsV1 {
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        let mut entries: Vec<(String, Any)> = Vec::new();
        for _ in 0..u.int_in_range(0..=3)? {
            entries.push((u.arbitrary()?, Any::Map(Vec::new())));
        }
        Ok(Self(entries))
    }
}
