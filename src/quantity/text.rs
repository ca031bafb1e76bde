//! How quantities are written.

use alloc::string::String;
use core::fmt::{self, Write};

use super::{Format, Quantity, Rare};

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Rare::Echo(text)) = self.rare.as_deref() {
            return f.pad(text);
        }
        if f.width().is_none() && f.precision().is_none() {
            return self.write_canonical(f);
        }
        let mut text = String::new();
        self.write_canonical(&mut text)?;
        f.pad(&text)
    }
}

impl Quantity {
    /// Writes the canonical form: a whole number with the largest suffix that allows one.
    ///
    /// As in Kubernetes, a number beyond the largest suffix of its format loses
    /// its magnitude: 10²¹ in decimal format is written `1`.
    fn write_canonical(&self, out: &mut impl Write) -> fmt::Result {
        let sign = if self.signum() < 0 { "-" } else { "" };
        if self.format == Format::BinarySi {
            if let Some((number, power)) = self.binary() {
                return write!(out, "{sign}{number}{}", binary_suffix(power));
            }
        }
        match self.wide() {
            Some(wide) => {
                let (digits, exponent) = wide.digits();
                self.write_decimal(out, format_args!("{sign}{digits}"), exponent)
            }
            None => self.write_decimal(out, format_args!("{}", self.mantissa), self.exponent),
        }
    }

    fn write_decimal(
        &self,
        out: &mut impl Write,
        mantissa: fmt::Arguments<'_>,
        exponent: i16,
    ) -> fmt::Result {
        out.write_fmt(mantissa)?;
        let zeros = exponent.rem_euclid(3);
        out.write_str(match zeros {
            0 => "",
            1 => "0",
            _ => "00",
        })?;
        match (self.format, exponent - zeros) {
            (_, 0) => Ok(()),
            (Format::DecimalExponent, exponent) => write!(out, "e{exponent}"),
            (_, exponent) => out.write_str(decimal_suffix(exponent)),
        }
    }

    /// Returns a whole number of at least 1024 as a number of powers of 1024.
    fn binary(&self) -> Option<(Number, u32)> {
        if let Some(wide) = self.wide() {
            let (digits, power) = wide.binary_digits()?;
            return Some((Number::Wide(digits), power));
        }
        let power = u32::try_from(self.exponent).ok()?;
        let small = 10_u64
            .checked_pow(power)
            .and_then(|power| self.mantissa.unsigned_abs().checked_mul(power));
        match small {
            Some(0..1024) => None,
            Some(value) => {
                let power = value.trailing_zeros() / 10;
                Some((Number::Small(value >> (10 * power)), power))
            }
            None => {
                let (digits, power) = self.to_wide().binary_digits()?;
                Some((Number::Wide(digits), power))
            }
        }
    }

    /// Whether the canonical form is `text`.
    pub(super) fn is_written(&self, text: &str) -> bool {
        let mut rest = Expected(text);
        self.write_canonical(&mut rest).is_ok() && rest.0.is_empty()
    }
}

enum Number {
    Small(u64),
    Wide(String),
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Small(number) => fmt::Display::fmt(number, f),
            Self::Wide(digits) => f.write_str(digits),
        }
    }
}

/// A sink that takes nothing but the text it expects.
struct Expected<'a>(&'a str);

impl Write for Expected<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(text).ok_or(fmt::Error)?;
        Ok(())
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
