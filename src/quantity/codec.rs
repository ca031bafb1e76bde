//! Quantities in serde's data model: a text, or a number.

use alloc::{format, string::String};
use core::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Unexpected, Visitor},
};

use super::{ParseQuantityError, Quantity};

impl Serialize for Quantity {
    #[inline]
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.with_text(|text| s.serialize_str(text))
    }
}

impl<'de> Deserialize<'de> for Quantity {
    /// Accepts a text, blanks around it, or a number.
    ///
    /// Of a floating-point number only the shortest text is known that gives
    /// it: `1e3` reads as `1000`, and more than 17 digits are lost.
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(QuantityVisitor)
    }
}

struct QuantityVisitor;

impl QuantityVisitor {
    fn parse<E: Error>(text: &str) -> Result<Quantity, E> {
        let parsed: Result<Quantity, ParseQuantityError> = text.parse();
        parsed.map_err(E::custom)
    }
}

impl<'de> Visitor<'de> for QuantityVisitor {
    type Value = Quantity;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a quantity")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Quantity, E> {
        // Kubernetes trims the JSON text, in which a control character stands escaped.
        let is_blank = |c: char| c.is_whitespace() && !c.is_ascii_control();
        Self::parse(text.trim_matches(is_blank))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Quantity, E> {
        Ok(Quantity::from(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Quantity, E> {
        match i64::try_from(number) {
            Ok(number) => Ok(Quantity::from(number)),
            Err(_) => Self::parse(&format!("{number}")),
        }
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Quantity, E> {
        // The bounds beyond which Go's JSON writes an exponent.
        let magnitude = number.abs();
        if !number.is_finite() {
            return Err(E::invalid_type(Unexpected::Float(number), &self));
        }
        if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
            return Self::parse(&format!("{number:e}"));
        }
        Self::parse(&format!("{number}"))
    }

    /// A number as `serde_json`'s `arbitrary_precision` hands it over.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Quantity, A::Error> {
        match map.next_key::<String>()? {
            Some(key) if key == "$serde_json::private::Number" => {
                Self::parse(&map.next_value::<String>()?)
            }
            _ => Err(A::Error::invalid_type(Unexpected::Map, &self)),
        }
    }
}
