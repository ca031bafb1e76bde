use alloc::{boxed::Box, vec::Vec};
use core::ops::Range;

use serde::{
    Serialize, Serializer,
    ser::{
        SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
        SerializeTupleStruct, SerializeTupleVariant,
    },
};

use super::{Broken, tag};

#[derive(Default)]
pub(super) struct Writer {
    out: Vec<u8>,
    /// Where the first texts are, of those that are longer than the sign for them.
    texts: Vec<Range<usize>>,
}

type Done = Result<(), Broken>;

impl Writer {
    pub(super) fn finish(self) -> Box<[u8]> {
        self.out.into()
    }

    fn tag(&mut self, tag: u8) -> Done {
        self.out.push(tag);
        Ok(())
    }

    /// Seven bits a byte, the lowest first; the last one has the highest bit clear.
    fn varint(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.out.push(low_bits(number) | 0x80);
            number >>= 7;
        }
        self.out.push(low_bits(number));
    }

    fn length(&mut self, length: usize) {
        self.varint(u64::try_from(length).unwrap_or(u64::MAX));
    }

    fn variant(&mut self, place: u32) -> Done {
        self.tag(tag::VARIANT)?;
        self.varint(place.into());
        Ok(())
    }
}

fn low_bits(number: u64) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or_default()
}

/// The byte for one of the first values of a kind.
fn short(kind: u8, value: usize) -> Option<u8> {
    let value = u8::try_from(value).ok()?;
    (value < tag::SHORT).then(|| kind + value)
}

impl Serializer for &mut Writer {
    type Ok = ();
    type Error = Broken;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = Self;
    type SerializeStruct = Self;
    type SerializeStructVariant = Self;

    fn serialize_bool(self, value: bool) -> Done {
        self.tag(if value { tag::TRUE } else { tag::FALSE })
    }

    fn serialize_i8(self, value: i8) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Done {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Done {
        if value >= 0 {
            return self.serialize_u64(value.unsigned_abs());
        }
        self.tag(tag::NEGATIVE)?;
        // As far below −1, so that the least number is one, too.
        self.varint((!value).unsigned_abs());
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Done {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Done {
        let place = usize::try_from(value).ok();
        if let Some(byte) = place.and_then(|value| short(tag::SMALL_NUMBER, value)) {
            return self.tag(byte);
        }
        self.tag(tag::UNSIGNED)?;
        self.varint(value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Done {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Done {
        self.tag(tag::FLOAT)?;
        self.out.extend(value.to_bits().to_le_bytes());
        Ok(())
    }

    fn serialize_char(self, value: char) -> Done {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Done {
        let known = |text: &Range<usize>| self.out.get(text.clone()) == Some(value.as_bytes());
        let place = self.texts.iter().position(known);
        if let Some(byte) = place.and_then(|place| short(tag::TEXT_AGAIN, place)) {
            return self.tag(byte);
        }
        match short(tag::SHORT_TEXT, value.len()) {
            Some(byte) => self.tag(byte)?,
            None => {
                self.tag(tag::TEXT)?;
                self.length(value.len());
            }
        }
        let start = self.out.len();
        self.out.extend(value.as_bytes());
        if super::is_remembered(value, self.texts.len()) {
            self.texts.push(start..self.out.len());
        }
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Done {
        self.tag(tag::BYTES)?;
        self.length(value.len());
        self.out.extend(value);
        Ok(())
    }

    fn serialize_none(self) -> Done {
        self.tag(tag::NULL)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Done {
        self.tag(tag::NULL)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Done {
        self.tag(tag::NULL)
    }

    fn serialize_unit_variant(self, _: &'static str, place: u32, _: &'static str) -> Done {
        self.variant(place)?;
        self.tag(tag::NULL)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Done {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        place: u32,
        _: &'static str,
        value: &T,
    ) -> Done {
        self.variant(place)?;
        value.serialize(self)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self, Broken> {
        self.tag(tag::LIST)?;
        Ok(self)
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Broken> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Self, Broken> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        place: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self, Broken> {
        self.variant(place)?;
        self.serialize_seq(None)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self, Broken> {
        self.tag(tag::MAP)?;
        Ok(self)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self, Broken> {
        self.tag(tag::STRUCT)?;
        Ok(self)
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        place: u32,
        _: &'static str,
        fields: usize,
    ) -> Result<Self, Broken> {
        self.variant(place)?;
        self.serialize_struct(name, fields)
    }
}

/// Lists write one item after the other, and an end.
macro_rules! list {
    ($($trait:ident $method:ident;)*) => {
        $(impl $trait for &mut Writer {
            type Ok = ();
            type Error = Broken;

            fn $method<T: Serialize + ?Sized>(&mut self, item: &T) -> Done {
                item.serialize(&mut **self)
            }

            fn end(self) -> Done {
                self.tag(tag::END)
            }
        })*
    };
}

list! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

impl SerializeMap for &mut Writer {
    type Ok = ();
    type Error = Broken;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Done {
        key.serialize(&mut **self)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Done {
        value.serialize(&mut **self)
    }

    fn end(self) -> Done {
        self.tag(tag::END)
    }
}

/// The two kinds of structs do the same.
macro_rules! object {
    ($($trait:ident)*) => {
        $(impl $trait for &mut Writer {
            type Ok = ();
            type Error = Broken;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, value: &T) -> Done {
                value.serialize(&mut **self)
            }

            fn skip_field(&mut self, _: &'static str) -> Done {
                self.tag(tag::SKIPPED)
            }

            fn end(self) -> Done {
                self.tag(tag::END)
            }
        })*
    };
}

object!(SerializeStruct SerializeStructVariant);
