//! How quantities are read.

use alloc::boxed::Box;
use core::str::FromStr;

use super::{Format, Quantity, Rare, Sign, Wide, wide::MAX_DIGITS};

/// A text is not a quantity.
///
/// # Example
///
/// ```
/// use pod_lifecycle::quantity::Quantity;
///
/// let error = "1K".parse::<Quantity>().unwrap_err();
/// assert!(error.is_suffix());
/// assert_eq!(error.to_string(), "unable to parse quantity's suffix");
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{kind}")]
pub struct ParseQuantityError {
    kind: Kind,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
enum Kind {
    #[error(
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    )]
    Format,
    #[error("unable to parse numeric part of quantity")]
    Numeric,
    #[error("unable to parse quantity's suffix")]
    Suffix,
    #[error("quantity is not less than 10^1800")]
    Range,
}

impl From<Kind> for ParseQuantityError {
    fn from(kind: Kind) -> Self {
        Self { kind }
    }
}

impl ParseQuantityError {
    /// Whether the text is no number with something like a suffix.
    ///
    /// ```
    /// use pod_lifecycle::quantity::Quantity;
    ///
    /// assert!("much".parse::<Quantity>().unwrap_err().is_format());
    /// ```
    #[must_use]
    pub fn is_format(&self) -> bool {
        self.kind == Kind::Format
    }

    /// Whether there is a suffix that means nothing, such as `K` or `mi`.
    #[must_use]
    pub fn is_suffix(&self) -> bool {
        self.kind == Kind::Suffix
    }

    /// Whether there is a suffix without a number, and Kubernetes does not read that as zero.
    ///
    /// ```
    /// use pod_lifecycle::quantity::Quantity;
    ///
    /// assert!("Pi".parse::<Quantity>().unwrap_err().is_numeric());
    /// ```
    #[must_use]
    pub fn is_numeric(&self) -> bool {
        self.kind == Kind::Numeric
    }

    /// Whether the number is greater than this crate keeps.
    ///
    /// ```
    /// use pod_lifecycle::quantity::Quantity;
    ///
    /// assert!("1e9999".parse::<Quantity>().unwrap_err().is_range());
    /// ```
    #[must_use]
    pub fn is_range(&self) -> bool {
        self.kind == Kind::Range
    }
}

impl FromStr for Quantity {
    type Err = ParseQuantityError;

    /// Reads a quantity as `resource.ParseQuantity` does: no blanks, one sign at most.
    ///
    /// Nothing is allocated for numbers of up to 18 digits in canonical form.
    /// Binary quantities are held to ±(2⁶³ - 1).
    fn from_str(text: &str) -> Result<Self, ParseQuantityError> {
        let parts = Parts::scan(text)?;
        let unit = Unit::find(parts.suffix).ok_or(Kind::Suffix)?;
        Ok(match parts.short(unit) {
            Some(quantity) => parts.echoed(text, unit, quantity),
            None => parts.long(unit)?,
        })
    }
}

/// A text cut into its parts.
struct Parts<'a> {
    negative: bool,
    /// The digits before the decimal point, without zeros in front.
    integer: &'a str,
    fraction: &'a str,
    suffix: &'a str,
    has_digit: bool,
}

/// What a suffix means.
#[derive(Clone, Copy)]
enum Unit {
    Decimal { exponent: i64, format: Format },
    Binary { shift: u32 },
}

/// Cuts off the longest beginning of `text` of bytes that are `wanted`, all of them ASCII.
fn take(text: &str, wanted: impl Fn(u8) -> bool) -> (&str, &str) {
    let len = text.bytes().take_while(|byte| wanted(*byte)).count();
    text.split_at(len)
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

impl<'a> Parts<'a> {
    fn scan(text: &'a str) -> Result<Self, Kind> {
        if text.is_empty() {
            return Err(Kind::Format);
        }
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (zeros, rest) = take(unsigned, |byte| byte == b'0');
        let (integer, rest) = take(rest, is_digit);
        let (fraction, suffix) = match rest.strip_prefix('.') {
            Some(rest) => take(rest, is_digit),
            None => ("", rest),
        };
        let (_, rest) = take(suffix, |byte| b"eEinumkKMGTP".contains(&byte));
        let (_, rest) = take(rest.strip_prefix(['+', '-']).unwrap_or(rest), is_digit);
        if !rest.is_empty() {
            return Err(Kind::Format);
        }
        Ok(Self {
            negative: text.starts_with('-'),
            integer,
            fraction,
            suffix,
            has_digit: zeros.len() + integer.len() + fraction.len() > 0,
        })
    }

    fn digits(&self) -> impl Iterator<Item = u8> {
        self.integer.bytes().chain(self.fraction.bytes())
    }

    /// How many digits Kubernetes counts before and after the decimal point.
    fn lengths(&self) -> (i64, i64) {
        let len = |digits: &str| i64::try_from(digits.len()).unwrap_or(i64::MAX);
        (len(self.integer).max(1), len(self.fraction))
    }

    /// Reads what Kubernetes reads into 64 bits, where a missing number is zero.
    fn short(&self, unit: Unit) -> Option<Quantity> {
        let (integer, fraction) = self.lengths();
        let fits = match unit {
            Unit::Decimal { exponent, .. } => {
                integer.saturating_add(fraction) <= 18 && exponent - fraction >= -9
            }
            Unit::Binary { shift } => fraction == 0 && integer + i64::from(shift / 10 * 3) <= 14,
        };
        if !fits {
            return None;
        }
        let number = self
            .digits()
            .fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
        let number = if self.negative { -number } else { number };
        match unit {
            Unit::Decimal { format, .. } if number == 0 => Some(Quantity::new(0, format)),
            Unit::Decimal { exponent, format } => {
                let exponent = i16::try_from(exponent - fraction).ok()?;
                Quantity::small(number, exponent, format).checked()
            }
            Unit::Binary { shift } => Some(Quantity::new(number << shift, Format::BinarySi)),
        }
    }

    /// Keeps the text where Kubernetes takes it for canonical although it is not.
    fn echoed(&self, text: &str, unit: Unit, mut quantity: Quantity) -> Quantity {
        let is_kept = match unit {
            Unit::Decimal { exponent, .. } => {
                let (_, fraction) = self.lengths();
                let last = self.fraction.bytes().rev();
                let last = last.chain(self.integer.bytes().rev());
                (exponent - fraction) % 3 == 0
                    && !self.integer.is_empty()
                    && !last.take(3).eq(*b"000")
            }
            Unit::Binary { shift } => (quantity.value() >> shift) % 8 != 0,
        };
        if self.is_short(text, unit) {
            if let Some(letters) = quantity.letters.get_mut(..text.len()) {
                letters.copy_from_slice(text.as_bytes());
            }
        } else if is_kept && !quantity.with_canonical(|canonical| canonical == text) {
            quantity.rare = Some(Box::new(Rare::Echo(text.into())));
        }
        quantity
    }

    /// Whether the text is up to three digits and a suffix, and thus canonical.
    fn is_short(&self, text: &str, unit: Unit) -> bool {
        let is_exponent = matches!(
            unit,
            Unit::Decimal {
                format: Format::DecimalExponent,
                ..
            }
        );
        matches!(self.integer.len(), 1..=3)
            && self.integer.len() + self.suffix.len() == text.len()
            && !is_exponent
    }

    fn long(&self, unit: Unit) -> Result<Quantity, Kind> {
        if !self.has_digit {
            return Err(Kind::Numeric);
        }
        match unit {
            Unit::Decimal { exponent, format } => self.long_decimal(exponent, format),
            Unit::Binary { shift } => Ok(self.long_binary(shift)),
        }
    }

    fn long_decimal(&self, exponent: i64, format: Format) -> Result<Quantity, Kind> {
        let zeros = self.digits().take_while(|digit| *digit == b'0').count();
        let mut digits = self.digits().skip(zeros).peekable();
        if digits.peek().is_none() {
            return Ok(Quantity::new(0, format));
        }
        let len = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let before_point = len(self.integer.len()) - len(zeros) + exponent;
        if before_point > MAX_DIGITS {
            return Err(Kind::Range);
        }
        let total = usize::try_from(before_point + 9).unwrap_or(0);
        let mut wide = Wide::from_digits(self.negative, digits.by_ref().take(total), total);
        if digits.any(|digit| digit != b'0') {
            let nano = if self.negative { -1 } else { 1 };
            wide = wide.sum(&Wide::new(nano, -9), Sign::Same);
        }
        let quantity = Quantity::from_wide(wide, format).checked();
        quantity.ok_or(Kind::Range)
    }

    fn long_binary(&self, shift: u32) -> Quantity {
        const NANOS: u128 = 1_000_000_000;
        const MAX: u128 = i64::MAX.unsigned_abs() as u128;

        let whole = self.integer.bytes().fold(0_u128, |whole, digit| {
            whole
                .saturating_mul(10)
                .saturating_add(u128::from(digit - b'0'))
        });
        let whole = whole.saturating_mul(1 << shift).min(MAX);
        let (mut nanos, mut rounded) = (0, 0);
        for digit in self.fraction.bytes().rev() {
            let tenfold = u128::from(digit - b'0') * (NANOS << shift) + nanos;
            nanos = tenfold / 10;
            rounded |= u8::from(tenfold % 10 != 0);
        }
        let nanos = (whole * NANOS + nanos + u128::from(rounded)).min(MAX * NANOS);
        let format = if (1..NANOS).contains(&nanos) {
            Format::DecimalSi
        } else {
            Format::BinarySi
        };
        // MAX × NANOS is far below 2¹²⁷.
        let nanos = i128::try_from(nanos).unwrap_or(i128::MAX);
        Quantity::from_i128(if self.negative { -nanos } else { nanos }, -9, format)
    }
}

/// An exponent that no length of a text can make up for, and that can be reckoned with.
const FAR: i64 = 1 << 60;

impl Unit {
    fn find(suffix: &str) -> Option<Self> {
        let decimal = |exponent| Self::Decimal {
            exponent,
            format: Format::DecimalSi,
        };
        Some(match suffix {
            "n" => decimal(-9),
            "u" => decimal(-6),
            "m" => decimal(-3),
            "" => decimal(0),
            "k" => decimal(3),
            "M" => decimal(6),
            "G" => decimal(9),
            "T" => decimal(12),
            "P" => decimal(15),
            "E" => decimal(18),
            "Ki" => Self::Binary { shift: 10 },
            "Mi" => Self::Binary { shift: 20 },
            "Gi" => Self::Binary { shift: 30 },
            "Ti" => Self::Binary { shift: 40 },
            "Pi" => Self::Binary { shift: 50 },
            "Ei" => Self::Binary { shift: 60 },
            exponent => Self::Decimal {
                exponent: exponent
                    .strip_prefix(['e', 'E'])?
                    .parse::<i64>()
                    .ok()?
                    .clamp(-FAR, FAR),
                format: Format::DecimalExponent,
            },
        })
    }
}
