//! How quantities are written.

use alloc::{format, string::String};
use core::{fmt, str};

use super::{Format, Quantity, Rare};

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| f.pad(text))
    }
}

impl Quantity {
    /// Hands over the text that the quantity is written with.
    pub(super) fn with_text<R>(&self, then: impl FnOnce(&str) -> R) -> R {
        match self.rare.as_deref() {
            Some(Rare::Echo(text)) => then(text),
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
        let is_negative = self.signum() < 0;
        let Canonical {
            number,
            zeros,
            suffix,
        } = self.canonical();
        match number {
            Number::Narrow(number) => {
                let mut text = Backwards::new();
                match suffix {
                    Suffix::Letters(letters) => text.push_str(letters),
                    Suffix::Exponent(exponent) => {
                        text.push_number(exponent.unsigned_abs().into());
                        text.push_str(if exponent < 0 { "e-" } else { "e" });
                    }
                }
                text.push_str(zeros);
                text.push_number(number);
                text.push_str(if is_negative { "-" } else { "" });
                then(text.as_str())
            }
            Number::Wide(digits) => {
                let sign = if is_negative { "-" } else { "" };
                then(&match suffix {
                    Suffix::Letters(letters) => format!("{sign}{digits}{zeros}{letters}"),
                    Suffix::Exponent(exponent) => format!("{sign}{digits}{zeros}e{exponent}"),
                })
            }
        }
    }

    fn canonical(&self) -> Canonical {
        let (number, exponent) = match self.format {
            Format::BinarySi => match self.binary() {
                Some(canonical) => return canonical,
                None => self.decimal(),
            },
            Format::DecimalSi | Format::DecimalExponent => self.decimal(),
        };
        let zeros = exponent.rem_euclid(3);
        let suffix = match (self.format, exponent - zeros) {
            (Format::DecimalExponent, exponent) if exponent != 0 => Suffix::Exponent(exponent),
            (_, exponent) => Suffix::Letters(decimal_suffix(exponent)),
        };
        let zeros = match zeros {
            0 => "",
            1 => "0",
            _ => "00",
        };
        Canonical {
            number,
            zeros,
            suffix,
        }
    }

    /// Returns the magnitude without a factor of ten, and the exponent.
    fn decimal(&self) -> (Number, i16) {
        match self.wide() {
            Some(wide) => {
                let (digits, exponent) = wide.digits();
                (Number::Wide(digits), exponent)
            }
            None => (Number::Narrow(self.mantissa.unsigned_abs()), self.exponent),
        }
    }

    /// Returns a whole number of at least 1024 as a number of the largest power of 1024.
    fn binary(&self) -> Option<Canonical> {
        let magnitude = match self.wide() {
            Some(_) => None,
            None => {
                let exponent = u32::try_from(self.exponent).ok()?;
                10_u64
                    .checked_pow(exponent)
                    .and_then(|power| self.mantissa.unsigned_abs().checked_mul(power))
            }
        };
        let (number, power) = match magnitude {
            Some(0..1024) => return None,
            Some(magnitude) => {
                let power = magnitude.trailing_zeros() / 10;
                (Number::Narrow(magnitude >> (10 * power)), power)
            }
            None => {
                let (digits, power) = self.to_wide().binary_digits()?;
                (Number::Wide(digits), power)
            }
        };
        Some(Canonical {
            number,
            zeros: "",
            suffix: Suffix::Letters(binary_suffix(power)),
        })
    }
}

/// The parts of a canonical text behind the sign.
struct Canonical {
    number: Number,
    zeros: &'static str,
    suffix: Suffix,
}

enum Number {
    Narrow(u64),
    Wide(String),
}

enum Suffix {
    Letters(&'static str),
    Exponent(i16),
}

/// A text that grows at its front, long enough for every quantity with a narrow number.
struct Backwards {
    bytes: [u8; 32],
    start: usize,
}

impl Backwards {
    fn new() -> Self {
        let bytes = [0; 32];
        let start = bytes.len();
        Self { bytes, start }
    }

    fn push(&mut self, byte: u8) {
        self.start = self.start.saturating_sub(1);
        if let Some(slot) = self.bytes.get_mut(self.start) {
            *slot = byte;
        }
    }

    fn push_str(&mut self, text: &str) {
        for byte in text.bytes().rev() {
            self.push(byte);
        }
    }

    fn push_number(&mut self, mut number: u64) {
        loop {
            self.push(b'0' + u8::try_from(number % 10).unwrap_or_default());
            number /= 10;
            if number == 0 {
                break;
            }
        }
    }

    fn as_str(&self) -> &str {
        let bytes = self.bytes.get(self.start..).unwrap_or_default();
        str::from_utf8(bytes).unwrap_or_default()
    }
}

fn decimal_suffix(exponent: i16) -> &'static str {
    match exponent {
        -9 => "n",
        -6 => "u",
        -3 => "m",
        3 => "k",
        6 => "M",
        9 => "G",
        12 => "T",
        15 => "P",
        18 => "E",
        _ => "",
    }
}

fn binary_suffix(power: u32) -> &'static str {
    match power {
        1 => "Ki",
        2 => "Mi",
        3 => "Gi",
        4 => "Ti",
        5 => "Pi",
        6 => "Ei",
        _ => "",
    }
}
