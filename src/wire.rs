//! The one serde policy of every wire type: decoded as the API server decodes, written as it writes.
//!
//! - Absent, `null` and the zero value are one and the same.
//! - A field that is given twice: the last one wins; an object given twice is merged, a list replaced.
//! - An unknown field is passed over ([`crate::admission::strict`] reports it).
//! - Values are decoded in place, so that a large struct is never moved.
//!
//! Two values are compared by the same measure of what is absent.

use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};
use core::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
    ser::SerializeStruct,
};

use crate::field::{
    At, Difference,
    DifferenceKind::{self, Added, Changed, Missing},
    OpenEnum,
};

/// A value of a wire type's field.
pub(crate) trait Wire: PartialEq + Sized {
    /// The value that stands for absent.
    fn zero() -> Self;

    /// Decodes into `self`; `null` leaves a plain value alone and empties an optional one.
    fn merge<'de, D: Deserializer<'de>>(&mut self, d: D) -> Result<(), D::Error>;

    /// What Go's `omitempty` leaves out.
    fn is_empty(&self) -> bool;

    /// What Go writes as `null` where there is no `omitempty`.
    fn is_nil(&self) -> bool {
        false
    }

    /// Notes where the value differs from the one that is wanted; both are there.
    fn compare(&self, wanted: &Self, at: &mut At<'_>, found: &mut Vec<Difference>) {
        if self != wanted {
            note(at, Changed, found);
        }
    }
}

/// An object with named fields.
pub(crate) trait Object {
    const NAME: &'static str;
    const FIELDS: &'static [&'static str];

    /// Decodes the next value of `map` into the field at `index` of [`FIELDS`](Self::FIELDS).
    fn field<'de, A: MapAccess<'de>>(&mut self, index: usize, map: &mut A) -> Result<(), A::Error>;

    /// Notes where the object's fields, but for some, differ from those that are wanted.
    fn compare_but(
        &self,
        passed_over: &[&str],
        wanted: &Self,
        at: &mut At<'_>,
        found: &mut Vec<Difference>,
    );
}

pub(crate) fn note(at: &At<'_>, kind: DifferenceKind, found: &mut Vec<Difference>) {
    found.push(Difference::new(at.path(), kind));
}

/// Notes where a field, or an item of a list, differs from the one that is wanted.
pub(crate) fn compare<T: Wire>(
    value: &T,
    wanted: &T,
    at: &mut At<'_>,
    found: &mut Vec<Difference>,
) {
    match (value.is_empty(), wanted.is_empty()) {
        (true, true) => {}
        (true, false) => note(at, Missing, found),
        (false, true) => note(at, Added, found),
        (false, false) => value.compare(wanted, at, found),
    }
}

pub(crate) fn read<'de, T: Wire, D: Deserializer<'de>>(d: D) -> Result<T, D::Error> {
    let mut value = T::zero();
    value.merge(d)?;
    Ok(value)
}

/// Decodes a value into the place where it belongs.
pub(crate) struct Slot<'a, T>(pub(crate) &'a mut T);

impl<'de, T: Wire> DeserializeSeed<'de> for Slot<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        self.0.merge(d)
    }
}

/// As [`Slot`], for an enum that is not a pointer in Go: `""` is no value.
pub(crate) struct Text<'a, T>(pub(crate) &'a mut Option<T>);

impl<'de, T: Wire> DeserializeSeed<'de> for Text<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        let mut value = self.0.take().unwrap_or_else(T::zero);
        value.merge(d)?;
        *self.0 = Some(value).filter(|value| !value.is_empty());
        Ok(())
    }
}

/// Returns how an enum that is not a pointer in Go is written.
#[inline]
pub(crate) fn text<T: OpenEnum>(value: &Option<T>) -> &str {
    value.as_ref().map_or("", T::as_str)
}

/// Writes a field that is never left out: an empty list or map is `null`, as Go's nil is.
#[inline]
pub(crate) fn plain<T: Serialize + Wire, S: SerializeStruct>(
    out: &mut S,
    name: &'static str,
    value: &T,
) -> Result<(), S::Error> {
    if value.is_nil() {
        out.serialize_field(name, &None::<()>)
    } else {
        out.serialize_field(name, value)
    }
}

/// Tells the compiler that it seldom comes here: most fields of most objects are not set.
#[cold]
#[inline(always)]
pub(crate) fn seldom() {}

/// Decodes a text by `From<&str>`.
pub(crate) struct FromText<T>(PhantomData<T>);

impl<T> FromText<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<T: for<'a> From<&'a str>> Visitor<'_> for FromText<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        Ok(T::from(text))
    }
}

/// Visits what may be `null`: `merge` gets the deserializer when it is not, and `null` is left to `T`.
struct Nullable<'a, T, F>(&'a mut T, F);

impl<'de, T, F: Merge<'de, T>> Visitor<'de> for Nullable<'_, T, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.1.expecting(f)
    }

    fn visit_none<E>(self) -> Result<(), E> {
        self.1.null(self.0);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.1.null(self.0);
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        self.1.value(self.0, d)
    }
}

/// How a value of some kind is decoded into a `T`.
trait Merge<'de, T> {
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    fn null(self, target: &mut T);
    fn value<D: Deserializer<'de>>(self, target: &mut T, d: D) -> Result<(), D::Error>;
}

struct AsObject;

impl<'de, T: Object> Merge<'de, T> for AsObject {
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object ({})", T::NAME)
    }

    fn null(self, _: &mut T) {}

    fn value<D: Deserializer<'de>>(self, target: &mut T, d: D) -> Result<(), D::Error> {
        d.deserialize_struct(T::NAME, T::FIELDS, Fields(target))
    }
}

struct AsScalar;

impl<'de, T: Deserialize<'de>> Merge<'de, T> for AsScalar {
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn null(self, _: &mut T) {}

    fn value<D: Deserializer<'de>>(self, target: &mut T, d: D) -> Result<(), D::Error> {
        *target = T::deserialize(d)?;
        Ok(())
    }
}

struct AsOption;

impl<'de, T: Wire> Merge<'de, Option<T>> for AsOption {
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn null(self, target: &mut Option<T>) {
        *target = None;
    }

    fn value<D: Deserializer<'de>>(self, target: &mut Option<T>, d: D) -> Result<(), D::Error> {
        target.get_or_insert_with(T::zero).merge(d)
    }
}

struct AsList;

impl<'de, T: Wire> Merge<'de, Vec<T>> for AsList {
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn null(self, target: &mut Vec<T>) {
        target.clear();
    }

    fn value<D: Deserializer<'de>>(self, target: &mut Vec<T>, d: D) -> Result<(), D::Error> {
        target.clear();
        d.deserialize_seq(Items(target))
    }
}

struct AsMap;

impl<'de, K: Key, V: Wire> Merge<'de, BTreeMap<K, V>> for AsMap {
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn null(self, target: &mut BTreeMap<K, V>) {
        target.clear();
    }

    fn value<D: Deserializer<'de>>(
        self,
        target: &mut BTreeMap<K, V>,
        d: D,
    ) -> Result<(), D::Error> {
        d.deserialize_map(Entries(target))
    }
}

pub(crate) fn merge_object<'de, T: Object, D: Deserializer<'de>>(
    target: &mut T,
    d: D,
) -> Result<(), D::Error> {
    d.deserialize_option(Nullable(target, AsObject))
}

pub(crate) fn merge_scalar<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    target: &mut T,
    d: D,
) -> Result<(), D::Error> {
    d.deserialize_option(Nullable(target, AsScalar))
}

struct Fields<'a, T>(&'a mut T);

impl<'de, T: Object> Visitor<'de> for Fields<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object ({})", T::NAME)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut expected = 0;
        while let Some(found) = map.next_key_seed(FieldName {
            fields: T::FIELDS,
            expected,
        })? {
            match found {
                Some(index) => {
                    self.0.field(index, &mut map)?;
                    expected = index + 1;
                }
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Finds a field's index, looking first where it stands when fields come in the API's order.
struct FieldName {
    fields: &'static [&'static str],
    expected: usize,
}

impl<'de> DeserializeSeed<'de> for FieldName {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<Option<usize>, D::Error> {
        d.deserialize_identifier(self)
    }
}

impl Visitor<'_> for FieldName {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Option<usize>, E> {
        let (before, after) = self.fields.split_at(self.expected.min(self.fields.len()));
        let found = after.iter().position(|field| *field == name);
        Ok(match found {
            Some(index) => Some(before.len() + index),
            None => before.iter().position(|field| *field == name),
        })
    }
}

struct Items<'a, T>(&'a mut Vec<T>);

impl<'de, T: Wire> Visitor<'de> for Items<'_, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Push(self.0))?.is_some() {}
        Ok(())
    }
}

/// Decodes an item at the end of a list, where it stays.
struct Push<'a, T>(&'a mut Vec<T>);

impl<'de, T: Wire> DeserializeSeed<'de> for Push<'_, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        // Most lists of large items have one.
        if self.0.is_empty() && size_of::<T>() > 64 {
            self.0.reserve_exact(1);
        }
        self.0.push(T::zero());
        match self.0.last_mut() {
            Some(item) => item.merge(d),
            None => Ok(()),
        }
    }
}

struct Item<T>(PhantomData<T>);

impl<'de, T: Wire> DeserializeSeed<'de> for Item<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<T, D::Error> {
        read(d)
    }
}

struct Entries<'a, K, V>(&'a mut BTreeMap<K, V>);

impl<'de, K: Key, V: Wire> Visitor<'de> for Entries<'_, K, V> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<K>()? {
            let value = map.next_value_seed(Item(PhantomData))?;
            self.0.insert(key, value);
        }
        Ok(())
    }
}

/// What may be the key of a map.
pub(crate) trait Key: AsRef<str> + Ord + serde::de::DeserializeOwned {}

impl Key for String {}
impl Key for crate::api::ResourceName {}

macro_rules! scalar {
    ($($ty:ty: $zero:expr, $empty:expr;)*) => {$(
        impl Wire for $ty {
            fn zero() -> Self {
                $zero
            }

            fn merge<'de, D: Deserializer<'de>>(&mut self, d: D) -> Result<(), D::Error> {
                merge_scalar(self, d)
            }

            #[inline]
            fn is_empty(&self) -> bool {
                let empty: fn(&Self) -> bool = $empty;
                empty(self)
            }
        }
    )*};
}

scalar! {
    String: Self::new(), Self::is_empty;
    bool: false, |value| !value;
    i32: 0, |value| *value == 0;
    i64: 0, |value| *value == 0;
    u64: 0, |value| *value == 0;
    crate::api::IntOrString: Self::default(), |_| false;
    crate::api::Time: Self::default(), |_| false;
    crate::api::MicroTime: Self::default(), |_| false;
    crate::quantity::Quantity: Self::default(), |_| false;
}

impl<T: Wire> Wire for Option<T> {
    fn zero() -> Self {
        None
    }

    fn merge<'de, D: Deserializer<'de>>(&mut self, d: D) -> Result<(), D::Error> {
        d.deserialize_option(Nullable(self, AsOption))
    }

    fn is_empty(&self) -> bool {
        self.is_none()
    }

    fn compare(&self, wanted: &Self, at: &mut At<'_>, found: &mut Vec<Difference>) {
        if let (Some(value), Some(wanted)) = (self, wanted) {
            value.compare(wanted, at, found);
        }
    }
}

impl<T: Wire> Wire for Box<T> {
    fn zero() -> Self {
        Self::new(T::zero())
    }

    fn merge<'de, D: Deserializer<'de>>(&mut self, d: D) -> Result<(), D::Error> {
        (**self).merge(d)
    }

    fn is_empty(&self) -> bool {
        (**self).is_empty()
    }

    fn compare(&self, wanted: &Self, at: &mut At<'_>, found: &mut Vec<Difference>) {
        (**self).compare(wanted, at, found);
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn zero() -> Self {
        Self::new()
    }

    fn merge<'de, D: Deserializer<'de>>(&mut self, d: D) -> Result<(), D::Error> {
        d.deserialize_option(Nullable(self, AsList))
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn is_nil(&self) -> bool {
        self.is_empty()
    }

    fn compare(&self, wanted: &Self, at: &mut At<'_>, found: &mut Vec<Difference>) {
        for index in 0..self.len().max(wanted.len()) {
            let at = &mut at.index(index);
            match (self.get(index), wanted.get(index)) {
                (Some(value), Some(wanted)) => value.compare(wanted, at, found),
                (Some(_), None) => note(at, Added, found),
                _ => note(at, Missing, found),
            }
        }
    }
}

impl<K: Key, V: Wire> Wire for BTreeMap<K, V> {
    fn zero() -> Self {
        Self::new()
    }

    fn merge<'de, D: Deserializer<'de>>(&mut self, d: D) -> Result<(), D::Error> {
        d.deserialize_option(Nullable(self, AsMap))
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn is_nil(&self) -> bool {
        self.is_empty()
    }

    fn compare(&self, wanted: &Self, at: &mut At<'_>, found: &mut Vec<Difference>) {
        for (key, wanted) in wanted {
            let at = &mut at.key(key.as_ref());
            match self.get(key) {
                Some(value) => value.compare(wanted, at, found),
                None => note(at, Missing, found),
            }
        }
        for key in self.keys().filter(|key| !wanted.contains_key(key)) {
            note(&at.key(key.as_ref()), Added, found);
        }
    }
}
