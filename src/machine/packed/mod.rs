//! A value in few bytes: as serde sees it, fields by their place, and no text twice.
//!
//! Made for values that are read again by the program that wrote them.

mod read;
mod write;

use alloc::boxed::Box;
use core::fmt;

use serde::{Deserialize, Serialize, de, ser};

use self::{read::Reader, write::Writer};

/// Writes a value.
///
/// # Errors
///
/// The value has what this form has not: numbers of more than 64 bits.
pub(super) fn pack<T: Serialize>(value: &T) -> Result<Box<[u8]>, Broken> {
    let mut writer = Writer::default();
    value.serialize(&mut writer)?;
    Ok(writer.finish())
}

/// Reads a value.
///
/// # Errors
///
/// The bytes are not such a value.
pub(super) fn unpack<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, Broken> {
    let mut reader = Reader::new(bytes);
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// What cannot be written or read.
#[derive(Debug)]
pub(super) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a packed value")
    }
}

impl core::error::Error for Broken {}

impl ser::Error for Broken {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl de::Error for Broken {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// How the next thing begins; what is not here is a small number, a short text, or one of the first texts again.
mod tag {
    pub(super) const NULL: u8 = 0;
    pub(super) const FALSE: u8 = 1;
    pub(super) const TRUE: u8 = 2;
    pub(super) const UNSIGNED: u8 = 3;
    pub(super) const NEGATIVE: u8 = 4;
    pub(super) const FLOAT: u8 = 5;
    pub(super) const TEXT: u8 = 6;
    pub(super) const BYTES: u8 = 7;
    pub(super) const LIST: u8 = 8;
    pub(super) const MAP: u8 = 9;
    /// Values, or [`SKIPPED`], in the order of the struct's fields.
    pub(super) const STRUCT: u8 = 10;
    /// The variant's place, and what it holds.
    pub(super) const VARIANT: u8 = 11;
    /// Of a list, a map or a struct.
    pub(super) const END: u8 = 12;
    pub(super) const SKIPPED: u8 = 13;

    /// How many values each of the following kinds has.
    pub(super) const SHORT: u8 = 64;
    pub(super) const SMALL_NUMBER: u8 = 64;
    pub(super) const SHORT_TEXT: u8 = 128;
    pub(super) const TEXT_AGAIN: u8 = 192;
}

/// Whether a text is one of those that are not written again, where so many are.
fn is_remembered(text: &str, so_many: usize) -> bool {
    text.len() > 1 && so_many < usize::from(tag::SHORT)
}

#[cfg(test)]
mod tests {
    use alloc::{collections::BTreeMap, string::String, vec, vec::Vec};

    use super::*;
    use crate::api::Pod;

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    enum Kind {
        Unit,
        Newtype(i64),
        Tuple(u8, String),
        Struct {
            text: String,
            more: Option<Vec<u64>>,
        },
    }

    #[derive(Debug, Default, Deserialize, PartialEq, Serialize)]
    #[serde(default)]
    struct Skipping {
        a: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        b: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        c: Option<f64>,
        d: BTreeMap<String, bool>,
    }

    fn again<T: Serialize + for<'de> Deserialize<'de>>(value: &T) -> T {
        unpack(&pack(value).expect("it is written")).expect("it is read")
    }

    #[test]
    fn what_is_written_is_read_again() {
        let kinds = vec![
            Kind::Unit,
            Kind::Newtype(i64::MIN),
            Kind::Newtype(-1),
            Kind::Tuple(255, "ä".repeat(100)),
            Kind::Struct {
                text: "x".repeat(63),
                more: Some(vec![0, 63, 64, u64::MAX]),
            },
            Kind::Struct {
                text: "x".repeat(63),
                more: None,
            },
        ];
        assert_eq!(again(&kinds), kinds);
        let skipping = Skipping {
            c: Some(0.5),
            d: [("y".into(), true), ("n".into(), false)].into(),
            ..Skipping::default()
        };
        assert_eq!(again(&skipping), skipping);
        let many: Vec<String> = (0..1000)
            .map(|i| alloc::format!("text {}", i % 300))
            .collect();
        assert_eq!(again(&many), many);
    }

    #[test]
    fn objects_of_the_api_are_read_again_whatever_fields_they_leave_out() {
        let text = include_str!("../../../benches/data/pod.json");
        let pod: Pod = serde_json::from_str(text).expect("a pod");
        assert_eq!(again(&pod), pod);
    }

    #[test]
    fn a_text_that_was_there_before_takes_one_byte() {
        let one = pack(&["containerd://0123456789"]).expect("a text").len();
        let two = pack(&["containerd://0123456789"; 2]).expect("texts").len();
        assert_eq!(two, one + 1);
    }

    #[test]
    fn bytes_that_are_no_value_are_refused() {
        let bytes = pack(&vec![Kind::Newtype(7), Kind::Unit]).expect("it is written");
        for end in 0..bytes.len() {
            assert!(unpack::<Vec<Kind>>(&bytes[..end]).is_err(), "{end}");
        }
        for wrong in 0..=u8::MAX {
            for at in 0..bytes.len() {
                let mut bytes = bytes.clone();
                bytes[at] = wrong;
                let _ = unpack::<Vec<Kind>>(&bytes);
            }
        }
    }
}
