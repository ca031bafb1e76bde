//! How quantities are written.

use alloc::{
    format,
    string::{String, ToString as _},
};
use core::{fmt, num::NonZero, str};

use super::{Format, Quantity, Rare};

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| f.pad(text))
    }
}

impl Quantity {
    /// Hands over the text that the quantity is written with.
    #[inline]
    pub(super) fn with_text<R>(&self, then: impl FnOnce(&str) -> R) -> R {
        match self.rare.as_deref() {
            Some(Rare::Echo(text)) => then(text),
            None if self.letters != [0; 5] => {
                // Sixteen bytes are checked faster than five.
                let mut bytes = [0; 16];
                for (byte, letter) in bytes.iter_mut().zip(self.letters) {
                    *byte = letter;
                }
                let len = self
                    .letters
                    .iter()
                    .take_while(|letter| **letter != 0)
                    .count();
                then(ascii(&bytes, len))
            }
            Some(Rare::Wide(_)) | None => self.with_canonical(then),
        }
    }

    /// Whether the quantity is written with this text.
    pub(crate) fn is_written(&self, text: &str) -> bool {
        self.with_text(|written| written == text)
    }

    /// Hands over the canonical form: a whole number with the largest suffix that allows one.
    ///
    /// As in Kubernetes, a number beyond the largest suffix of its format loses
    /// its magnitude: 10²¹ in decimal format is written `1`.
    pub(super) fn with_canonical<R>(&self, then: impl FnOnce(&str) -> R) -> R {
        match self.short() {
            Some(short) => short.with_text(then),
            None => then(&self.long()),
        }
    }

    /// Returns the canonical form where it is short, as nearly every one is.
    fn short(&self) -> Option<Short> {
        let magnitude = self.mantissa.unsigned_abs();
        let (number, suffix) = match (self.format, usize::try_from(self.exponent)) {
            _ if self.wide().is_some() => return None,
            (Format::DecimalExponent, _) => return None,
            (Format::BinarySi, Ok(exponent)) => {
                let whole = magnitude.checked_mul(*POWERS.get(exponent)?)?;
                if whole < 1024 {
                    (magnitude, decimal(self.exponent)?)
                } else {
                    let power = whole.trailing_zeros() / 10;
                    (whole >> (10 * power), binary(power)?)
                }
            }
            (Format::BinarySi, Err(_)) | (Format::DecimalSi, _) => {
                (magnitude, decimal(self.exponent)?)
            }
        };
        Short::new(self.mantissa < 0, number, suffix)
    }

    /// Returns the canonical form, however long it is.
    fn long(&self) -> String {
        let sign = if self.signum() < 0 { "-" } else { "" };
        if self.format == Format::BinarySi {
            if let Some((digits, power)) = self.to_wide().binary_digits() {
                return format!("{sign}{digits}{}", binary(power).unwrap_or_default().text);
            }
        }
        let (digits, exponent) = match self.wide() {
            Some(wide) => wide.digits(),
            None => (self.mantissa.unsigned_abs().to_string(), self.exponent),
        };
        let zeros = exponent.rem_euclid(3);
        if self.format == Format::DecimalExponent && exponent != zeros {
            let (zeros, exponent) = (decimal(zeros).unwrap_or_default().text, exponent - zeros);
            return format!("{sign}{digits}{zeros}e{exponent}");
        }
        let suffix = decimal(exponent).or_else(|| decimal(zeros));
        format!("{sign}{digits}{}", suffix.unwrap_or_default().text)
    }
}

/// What stands behind the digits of a quantity.
#[derive(Clone, Copy, Default)]
struct Suffix {
    text: &'static str,
    /// The text's letters, the first one in the highest byte.
    letters: u32,
}

const fn suffixes<const N: usize>(texts: [&'static str; N]) -> [Suffix; N] {
    let mut table = [Suffix {
        text: "",
        letters: 0,
    }; N];
    let mut at = 0;
    while at < N {
        let text = texts[at];
        let mut letter = 0;
        while letter < text.len() {
            table[at].letters |= (text.as_bytes()[letter] as u32) << (24 - 8 * letter);
            letter += 1;
        }
        table[at].text = text;
        at += 1;
    }
    table
}

/// Returns what stands behind a mantissa with this exponent.
fn decimal(exponent: i16) -> Option<Suffix> {
    static FROM_NANOS_ON: [Suffix; 30] = suffixes([
        "n", "0n", "00n", "u", "0u", "00u", "m", "0m", "00m", "", "0", "00", "k", "0k", "00k", "M",
        "0M", "00M", "G", "0G", "00G", "T", "0T", "00T", "P", "0P", "00P", "E", "0E", "00E",
    ]);
    let index = usize::try_from(i32::from(exponent) + 9).ok()?;
    FROM_NANOS_ON.get(index).copied()
}

/// Returns what stands behind a number of this power of 1024.
fn binary(power: u32) -> Option<Suffix> {
    static FROM_ONE_ON: [Suffix; 7] = suffixes(["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]);
    FROM_ONE_ON.get(usize::try_from(power).ok()?).copied()
}

static POWERS: [u64; 20] = {
    let mut powers = [1; 20];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = 10 * powers[at - 1];
        at += 1;
    }
    powers
};

/// A text of up to 16 ASCII letters, the first one in the highest byte.
struct Short(NonZero<u128>);

impl Short {
    /// Twelve digits leave room for a sign, two zeros and a suffix.
    const MAX_NUMBER: u64 = 999_999_999_999;

    #[inline]
    fn new(is_negative: bool, mut number: u64, suffix: Suffix) -> Option<Self> {
        if number > Self::MAX_NUMBER {
            return None;
        }
        let in_front = |letters: u128, letter| (letters >> 8) | (u128::from(letter) << 120);
        let mut letters = u128::from(suffix.letters) << 96;
        loop {
            letters = in_front(letters, u64::from(b'0') + number % 10);
            number /= 10;
            if number == 0 {
                break;
            }
        }
        if is_negative {
            letters = in_front(letters, b'-'.into());
        }
        NonZero::new(letters).map(Self)
    }

    #[inline]
    fn with_text<R>(self, then: impl FnOnce(&str) -> R) -> R {
        let letters = self.0.get().to_be_bytes();
        let len = letters.len() - usize::try_from(self.0.trailing_zeros() / 8).unwrap_or_default();
        then(ascii(&letters, len))
    }
}

#[inline]
fn ascii(letters: &[u8; 16], len: usize) -> &str {
    let text = str::from_utf8(letters).unwrap_or_default();
    text.get(..len).unwrap_or_default()
}
