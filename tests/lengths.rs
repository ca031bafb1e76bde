//! How many fields an object announces to a serializer, and how many it writes.

use core::fmt;

use pod_lifecycle::api::{
    Binding, Namespace, Node, Pod, PodDisruptionBudget, PodTemplate, PriorityClass,
};
use serde::{
    Serialize, Serializer,
    de::DeserializeOwned,
    ser::{self, Impossible, SerializeMap, SerializeSeq, SerializeStruct},
};

use crate::fixture;

/// Refuses an object, a list or a map of another length than it announces.
#[derive(Clone, Copy)]
struct Strict;

#[derive(Debug)]
struct Wrong(String);

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Wrong {}

impl ser::Error for Wrong {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// What is still to come.
struct Rest {
    name: &'static str,
    left: isize,
}

impl Rest {
    fn new(name: &'static str, len: Option<usize>) -> Self {
        let len = len.expect("a length is announced");
        let left = isize::try_from(len).expect("a short list");
        Self { name, left }
    }

    fn take<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Wrong> {
        self.left -= 1;
        value.serialize(Strict)
    }

    fn done(self) -> Result<(), Wrong> {
        match self.left {
            0 => Ok(()),
            left => Err(Wrong(format!("{}: {left} are missing", self.name))),
        }
    }
}

macro_rules! scalars {
    ($($method:ident: $ty:ty,)*) => {
        $(fn $method(self, _: $ty) -> Result<(), Wrong> {
            Ok(())
        })*
    };
}

impl Serializer for Strict {
    type Ok = ();
    type Error = Wrong;
    type SerializeSeq = Rest;
    type SerializeMap = Rest;
    type SerializeStruct = Rest;
    type SerializeTuple = Impossible<(), Wrong>;
    type SerializeTupleStruct = Impossible<(), Wrong>;
    type SerializeTupleVariant = Impossible<(), Wrong>;
    type SerializeStructVariant = Impossible<(), Wrong>;

    scalars! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
        serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn serialize_none(self) -> Result<(), Wrong> {
        Ok(())
    }

    fn serialize_unit(self) -> Result<(), Wrong> {
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Wrong> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Wrong> {
        value.serialize(self)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Rest, Wrong> {
        Ok(Rest::new("a list", len))
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Rest, Wrong> {
        Ok(Rest::new("a map", len))
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Rest, Wrong> {
        Ok(Rest::new(name, Some(len)))
    }

    fn serialize_unit_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<(), Wrong> {
        Err(Wrong(name.into()))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Wrong> {
        Err(Wrong(name.into()))
    }

    fn serialize_tuple(self, _: usize) -> Result<Impossible<(), Wrong>, Wrong> {
        Err(Wrong("a tuple".into()))
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Impossible<(), Wrong>, Wrong> {
        Err(Wrong(name.into()))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), Wrong>, Wrong> {
        Err(Wrong(name.into()))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Impossible<(), Wrong>, Wrong> {
        Err(Wrong(name.into()))
    }
}

impl SerializeSeq for Rest {
    type Ok = ();
    type Error = Wrong;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Wrong> {
        self.take(value)
    }

    fn end(self) -> Result<(), Wrong> {
        self.done()
    }
}

impl SerializeMap for Rest {
    type Ok = ();
    type Error = Wrong;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Wrong> {
        key.serialize(Strict)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Wrong> {
        self.take(value)
    }

    fn end(self) -> Result<(), Wrong> {
        self.done()
    }
}

impl SerializeStruct for Rest {
    type Ok = ();
    type Error = Wrong;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Wrong> {
        self.take(value)
    }

    fn end(self) -> Result<(), Wrong> {
        self.done()
    }
}

fn check(value: &impl Serialize) {
    if let Err(wrong) = value.serialize(Strict) {
        panic!("{wrong}");
    }
}

/// A document with every field, and what is left of it with every one of its fields taken out.
fn thinned<T: DeserializeOwned + Serialize>(name: &str) {
    let text = fixture::read(&format!("full/{name}.json"));
    let full: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let mut paths = Vec::new();
    collect(&full, String::new(), &mut paths);
    check(&serde_json::from_value::<T>(full.clone()).expect("a full document decodes"));
    for path in paths {
        let mut thin = full.clone();
        *thin.pointer_mut(&path).expect("it was found there") = serde_json::Value::Null;
        check(&serde_json::from_value::<T>(thin).expect("it decodes with null"));
    }
}

fn collect(value: &serde_json::Value, at: String, paths: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                let at = format!("{at}/{name}");
                collect(value, at.clone(), paths);
                paths.push(at);
            }
        }
        serde_json::Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{at}/{index}"), paths);
            }
        }
        _ => {}
    }
}

#[test]
fn an_object_announces_as_many_fields_as_it_writes() {
    check(&Pod::default());
    thinned::<Pod>("Pod");
    thinned::<PodTemplate>("PodTemplate");
    thinned::<Node>("Node");
    thinned::<Namespace>("Namespace");
    thinned::<Binding>("Binding");
    thinned::<PodDisruptionBudget>("policy.v1.PodDisruptionBudget");
    thinned::<PriorityClass>("scheduling.k8s.io.v1.PriorityClass");
}
