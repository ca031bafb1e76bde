use alloc::vec::Vec;
use core::{slice, str};

use serde::{
    Deserializer,
    de::{
        DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
        Visitor, value::BorrowedStrDeserializer,
    },
};

use super::{Broken, tag};

pub(super) struct Reader<'de> {
    rest: &'de [u8],
    /// The first texts.
    texts: Vec<&'de str>,
}

/// What stands next.
enum Token<'de> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Negative(i64),
    Float(f64),
    Text(&'de str),
    Bytes(&'de [u8]),
    List,
    Map,
    Struct,
    Variant(u32),
}

impl<'de> Reader<'de> {
    pub(super) fn new(bytes: &'de [u8]) -> Self {
        Self {
            rest: bytes,
            texts: Vec::new(),
        }
    }

    /// Checks that nothing is left.
    pub(super) fn end(&self) -> Result<(), Broken> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(Broken)
        }
    }

    fn byte(&mut self) -> Result<u8, Broken> {
        let (first, rest) = self.rest.split_first().ok_or(Broken)?;
        self.rest = rest;
        Ok(*first)
    }

    /// Takes this byte if it is next.
    fn took(&mut self, byte: u8) -> bool {
        let is_next = self.rest.first() == Some(&byte);
        if is_next {
            self.rest = self.rest.get(1..).unwrap_or_default();
        }
        is_next
    }

    fn varint(&mut self) -> Result<u64, Broken> {
        let mut number = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err(Broken)
    }

    fn bytes(&mut self, length: usize) -> Result<&'de [u8], Broken> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or(Broken)?;
        self.rest = rest;
        Ok(bytes)
    }

    fn length(&mut self) -> Result<usize, Broken> {
        usize::try_from(self.varint()?).map_err(|_| Broken)
    }

    fn text(&mut self, length: usize) -> Result<Token<'de>, Broken> {
        let text = str::from_utf8(self.bytes(length)?).map_err(|_| Broken)?;
        if super::is_remembered(text, self.texts.len()) {
            self.texts.push(text);
        }
        Ok(Token::Text(text))
    }

    fn token(&mut self) -> Result<Token<'de>, Broken> {
        Ok(match self.byte()? {
            tag::NULL => Token::Null,
            tag::FALSE => Token::Bool(false),
            tag::TRUE => Token::Bool(true),
            tag::UNSIGNED => Token::Unsigned(self.varint()?),
            tag::NEGATIVE => {
                let below = i64::try_from(self.varint()?).map_err(|_| Broken)?;
                Token::Negative(!below)
            }
            tag::FLOAT => {
                let bytes = self.bytes(8)?.try_into().map_err(|_| Broken)?;
                Token::Float(f64::from_bits(u64::from_le_bytes(bytes)))
            }
            tag::TEXT => {
                let length = self.length()?;
                self.text(length)?
            }
            tag::BYTES => {
                let length = self.length()?;
                Token::Bytes(self.bytes(length)?)
            }
            tag::LIST => Token::List,
            tag::MAP => Token::Map,
            tag::STRUCT => Token::Struct,
            tag::VARIANT => {
                let place = u32::try_from(self.varint()?).map_err(|_| Broken)?;
                Token::Variant(place)
            }
            again @ tag::TEXT_AGAIN.. => {
                let text = self.texts.get(usize::from(again - tag::TEXT_AGAIN));
                Token::Text(text.ok_or(Broken)?)
            }
            short @ tag::SHORT_TEXT.. => self.text(usize::from(short - tag::SHORT_TEXT))?,
            small @ tag::SMALL_NUMBER.. => Token::Unsigned((small - tag::SMALL_NUMBER).into()),
            _ => return Err(Broken),
        })
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Broken;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        match self.token()? {
            Token::Null => visitor.visit_unit(),
            Token::Bool(value) => visitor.visit_bool(value),
            Token::Unsigned(value) => visitor.visit_u64(value),
            Token::Negative(value) => visitor.visit_i64(value),
            Token::Float(value) => visitor.visit_f64(value),
            Token::Text(value) => visitor.visit_borrowed_str(value),
            Token::Bytes(value) => visitor.visit_borrowed_bytes(value),
            Token::List => {
                let mut items = Items::new(self);
                let value = visitor.visit_seq(&mut items)?;
                items.end()?;
                Ok(value)
            }
            Token::Map => {
                let mut items = Items::new(self);
                let value = visitor.visit_map(&mut items)?;
                items.end()?;
                Ok(value)
            }
            // The type has to say what the fields and variants are.
            Token::Struct | Token::Variant(_) => Err(Broken),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        if self.took(tag::NULL) {
            visitor.visit_none()
        } else {
            visitor.visit_some(self)
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Broken> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Broken> {
        if !self.took(tag::STRUCT) {
            return self.deserialize_any(visitor);
        }
        let mut fields = Fields {
            items: Items::new(self),
            names: fields.iter(),
        };
        let value = visitor.visit_map(&mut fields)?;
        fields.items.end()?;
        Ok(value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Broken> {
        let Token::Variant(place) = self.token()? else {
            return Err(Broken);
        };
        let place = usize::try_from(place).map_err(|_| Broken)?;
        let name = variants.get(place).ok_or(Broken)?;
        visitor.visit_enum(Variant { reader: self, name })
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// What is in a list or a map.
struct Items<'r, 'de> {
    reader: &'r mut Reader<'de>,
    is_over: bool,
}

impl<'r, 'de> Items<'r, 'de> {
    fn new(reader: &'r mut Reader<'de>) -> Self {
        Self {
            reader,
            is_over: false,
        }
    }

    /// Whether there is no more.
    fn is_over(&mut self) -> bool {
        self.is_over = self.is_over || self.reader.took(tag::END);
        self.is_over
    }

    /// Checks that all of it was read; who knows how much there is does not ask for the end.
    fn end(mut self) -> Result<(), Broken> {
        if self.is_over() { Ok(()) } else { Err(Broken) }
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Broken;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Broken> {
        if self.is_over() {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = Broken;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Broken> {
        self.next_element_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Broken> {
        seed.deserialize(&mut *self.reader)
    }
}

/// What is in a struct.
struct Fields<'r, 'de> {
    items: Items<'r, 'de>,
    names: slice::Iter<'static, &'static str>,
}

impl<'de> MapAccess<'de> for Fields<'_, 'de> {
    type Error = Broken;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Broken> {
        while !self.items.is_over() {
            let name = self.names.next().ok_or(Broken)?;
            if !self.items.reader.took(tag::SKIPPED) {
                return seed
                    .deserialize(BorrowedStrDeserializer::new(name))
                    .map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Broken> {
        self.items.next_value_seed(seed)
    }
}

struct Variant<'r, 'de> {
    reader: &'r mut Reader<'de>,
    name: &'static str,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Broken;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Broken> {
        let name: serde::de::value::StrDeserializer<'_, Broken> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Broken;

    fn unit_variant(self) -> Result<(), Broken> {
        if self.reader.took(tag::NULL) {
            Ok(())
        } else {
            Err(Broken)
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Broken> {
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Broken> {
        self.reader.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Broken> {
        self.reader.deserialize_struct(self.name, fields, visitor)
    }
}
