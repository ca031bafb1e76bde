//! Instants on the wire.

use core::fmt;

use jiff::{Timestamp, civil, tz::Offset};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};

/// An instant with whole seconds, as most of the API writes it.
///
/// Fractions are cut on construction and on decoding, as the API server cuts
/// them, so that encoding and decoding again changes nothing. Instants of the
/// year 9999 that lie after [`Timestamp::MAX`] are held at it.
///
/// ```
/// use pod_lifecycle::api::Time;
///
/// let time: Time = "2026-03-01T09:00:00.75+01:00".parse()?;
/// assert_eq!(time.to_string(), "2026-03-01T08:00:00Z");
/// # Ok::<(), pod_lifecycle::api::ParseTimeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Time(Timestamp);

/// An instant with microseconds, as leases and events write it.
///
/// ```
/// use pod_lifecycle::api::MicroTime;
///
/// let time: MicroTime = "2026-03-01T09:00:00.7512345Z".parse()?;
/// assert_eq!(time.to_string(), "2026-03-01T09:00:00.751234Z");
/// # Ok::<(), pod_lifecycle::api::ParseTimeError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct MicroTime(Timestamp);

/// A text is not an instant in the form of RFC 3339.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{kind}")]
pub struct ParseTimeError {
    kind: ParseTimeErrorKind,
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
enum ParseTimeErrorKind {
    #[error("not a time in the form 2006-01-02T15:04:05Z")]
    Shape,
    #[error("a time with a part that is out of range")]
    Range,
}

impl Time {
    /// Makes the wire form of an instant, cutting fractions of a second.
    ///
    /// ```
    /// use pod_lifecycle::{api::Time, jiff::Timestamp};
    ///
    /// let time = Time::new(Timestamp::from_millisecond(1_900)?);
    /// assert_eq!(time.to_string(), "1970-01-01T00:00:01Z");
    /// # Ok::<(), pod_lifecycle::jiff::Error>(())
    /// ```
    #[must_use]
    pub fn new(instant: Timestamp) -> Self {
        let second = instant.as_second() - i64::from(instant.subsec_nanosecond() < 0);
        Self(Timestamp::from_second(second).unwrap_or(instant))
    }

    /// Returns the instant.
    ///
    /// ```
    /// use pod_lifecycle::{api::Time, jiff::Timestamp};
    ///
    /// let time = Time::new(Timestamp::from_second(1)?);
    /// assert_eq!(time.timestamp().as_second(), 1);
    /// # Ok::<(), pod_lifecycle::jiff::Error>(())
    /// ```
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl MicroTime {
    /// Makes the wire form of an instant, cutting what is finer than a microsecond.
    ///
    /// ```
    /// use pod_lifecycle::{api::MicroTime, jiff::Timestamp};
    ///
    /// let time = MicroTime::new(Timestamp::from_nanosecond(1_900)?);
    /// assert_eq!(time.to_string(), "1970-01-01T00:00:00.000001Z");
    /// # Ok::<(), pod_lifecycle::jiff::Error>(())
    /// ```
    #[must_use]
    pub fn new(instant: Timestamp) -> Self {
        let micros = instant.as_nanosecond().div_euclid(1000);
        let micros = i64::try_from(micros).ok();
        Self(
            micros
                .and_then(|micros| Timestamp::from_microsecond(micros).ok())
                .unwrap_or(instant),
        )
    }

    /// Returns the instant.
    ///
    /// ```
    /// use pod_lifecycle::{api::MicroTime, jiff::Timestamp};
    ///
    /// let time = MicroTime::new(Timestamp::from_microsecond(7)?);
    /// assert_eq!(time.timestamp().as_microsecond(), 7);
    /// # Ok::<(), pod_lifecycle::jiff::Error>(())
    /// ```
    #[must_use]
    pub fn timestamp(self) -> Timestamp {
        self.0
    }
}

/// Reads RFC 3339 as Go's `time.Parse(time.RFC3339, …)` does.
fn parse(text: &str) -> Result<Timestamp, ParseTimeError> {
    let error = |kind| ParseTimeError { kind };
    let shape = || error(ParseTimeErrorKind::Shape);
    let range = || error(ParseTimeErrorKind::Range);
    let bytes = text.as_bytes();
    let number = |from: usize, len: usize| -> Result<i16, ParseTimeError> {
        let digits = bytes.get(from..from + len).ok_or_else(shape)?;
        digits.iter().try_fold(0_i16, |sum, digit| match digit {
            b'0'..=b'9' => Ok(sum * 10 + i16::from(digit - b'0')),
            _ => Err(shape()),
        })
    };
    let small = |from| number(from, 2).and_then(|n| i8::try_from(n).map_err(|_| shape()));
    let is = |at: usize, byte: u8| {
        if bytes.get(at) == Some(&byte) {
            Ok(())
        } else {
            Err(shape())
        }
    };

    let (year, month, day) = (number(0, 4)?, small(5)?, small(8)?);
    let (hour, minute, second) = (small(11)?, small(14)?, small(17)?);
    for (at, byte) in [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')] {
        is(at, byte)?;
    }
    let mut at = 19;
    let mut nanosecond = 0_i32;
    if matches!(bytes.get(at), Some(b'.' | b',')) {
        let digits = bytes[at + 1..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == 0 {
            return Err(shape());
        }
        let mut unit = 100_000_000;
        for digit in &bytes[at + 1..at + 1 + digits] {
            nanosecond += i32::from(digit - b'0') * unit;
            unit /= 10;
        }
        at += 1 + digits;
    }
    let offset = match bytes.get(at) {
        Some(b'Z') if bytes.len() == at + 1 => 0,
        Some(sign @ (b'+' | b'-')) if bytes.len() == at + 6 => {
            is(at + 3, b':')?;
            let (hours, minutes) = (number(at + 1, 2)?, number(at + 4, 2)?);
            if hours > 24 || minutes > 60 {
                return Err(range());
            }
            let seconds = i32::from(hours) * 3600 + i32::from(minutes) * 60;
            if *sign == b'+' { seconds } else { -seconds }
        }
        _ => return Err(shape()),
    };
    let civil = civil::DateTime::new(year, month, day, hour, minute, second, nanosecond)
        .map_err(|_| range())?;
    let utc = match offset {
        0 => civil,
        _ => civil
            .checked_sub(jiff::SignedDuration::from_secs(i64::from(offset)))
            .unwrap_or(if offset < 0 {
                civil::DateTime::MAX
            } else {
                civil::DateTime::MIN
            }),
    };
    Ok(Offset::UTC.to_timestamp(utc).unwrap_or(if year > 0 {
        Timestamp::MAX
    } else {
        Timestamp::MIN
    }))
}

enum Precision {
    Seconds,
    Microseconds,
}

/// Hands over an instant as RFC 3339.
fn with_text<R>(instant: Timestamp, precision: Precision, then: impl FnOnce(&str) -> R) -> R {
    let at = Offset::UTC.to_datetime(instant);
    let mut text = *b"-0000-00-00T00:00:00.000000Z";
    let mut put = |from: usize, to: usize, number: u32| {
        let mut rest = number;
        for digit in text.iter_mut().take(to).skip(from).rev() {
            *digit += u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
    };
    put(1, 5, at.year().unsigned_abs().into());
    put(6, 8, at.month().unsigned_abs().into());
    put(9, 11, at.day().unsigned_abs().into());
    put(12, 14, at.hour().unsigned_abs().into());
    put(15, 17, at.minute().unsigned_abs().into());
    put(18, 20, at.second().unsigned_abs().into());
    let len = match precision {
        Precision::Seconds => {
            text[20] = b'Z';
            21
        }
        Precision::Microseconds => {
            put(21, 27, at.subsec_nanosecond().unsigned_abs() / 1000);
            text.len()
        }
    };
    // The sign is for the years before Christ alone.
    let start = usize::from(at.year() >= 0);
    let text = text.get(start..len).unwrap_or_default();
    then(core::str::from_utf8(text).unwrap_or_default())
}

macro_rules! on_the_wire {
    ($name:ident, $precision:expr) => {
        impl core::str::FromStr for $name {
            type Err = ParseTimeError;

            fn from_str(text: &str) -> Result<Self, ParseTimeError> {
                parse(text).map(Self::new)
            }
        }

        impl From<Timestamp> for $name {
            fn from(instant: Timestamp) -> Self {
                Self::new(instant)
            }
        }

        impl From<$name> for Timestamp {
            fn from(time: $name) -> Self {
                time.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                with_text(self.0, $precision, |text| f.pad(text))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                with_text(self.0, $precision, |text| s.serialize_str(text))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                struct Text;

                impl Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str("a time in the form 2006-01-02T15:04:05Z")
                    }

                    fn visit_str<E: Error>(self, text: &str) -> Result<$name, E> {
                        text.parse().map_err(E::custom)
                    }
                }

                d.deserialize_str(Text)
            }
        }

        #[cfg(feature = "arbitrary")]
        impl<'a> arbitrary::Arbitrary<'a> for $name {
            fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
                // Mostly within a few hours of one another, so that spans between them matter.
                let second = if u.ratio(1, 16)? {
                    u.int_in_range(-62_135_596_800..=253_402_207_200_i64)?
                } else {
                    1_772_352_000 + i64::from(u.int_in_range(-20_000..=20_000_i32)?)
                };
                Ok(Self::new(
                    Timestamp::from_second(second).unwrap_or_default(),
                ))
            }
        }
    };
}

on_the_wire!(Time, Precision::Seconds);
on_the_wire!(MicroTime, Precision::Microseconds);

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn reads_what_go_reads_and_refuses_what_go_refuses() {
        for (text, written) in [
            ("2026-03-01T09:00:00Z", "2026-03-01T09:00:00Z"),
            ("2026-03-01T09:00:00.999999999Z", "2026-03-01T09:00:00Z"),
            ("2026-03-01T09:00:00.1234567891Z", "2026-03-01T09:00:00Z"),
            ("2026-03-01T09:00:00+02:30", "2026-03-01T06:30:00Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59Z"),
            ("9999-12-31T23:59:59Z", "9999-12-30T22:00:00Z"),
        ] {
            assert_eq!(
                text.parse::<Time>().map(|time| time.to_string()),
                Ok(written.into()),
                "{text}"
            );
        }
        for text in [
            "",
            "2026-03-01",
            "2026-03-01 09:00:00Z",
            "2026-03-01t09:00:00z",
            "2026-03-01T09:00Z",
            "2026-03-01T09:00:00",
            "2026-03-01T09:00:00+0200",
            "2026-03-01T09:00:00+02",
            "20260301T090000Z",
            "2026-03-01T09:00:00Z[UTC]",
            "+002026-03-01T09:00:00Z",
            "2026-03-01T09:00:60Z",
            "2026-02-30T09:00:00Z",
            "2026-03-01T24:00:00Z",
            "2026-03-01T09:00:00.Z",
        ] {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
    }
}
