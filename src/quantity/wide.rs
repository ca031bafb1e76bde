//! Numbers that have no mantissa of 64 bits, as digits to the base 10⁹.

use alloc::{
    string::{String, ToString},
    vec,
    vec::Vec,
};
use core::{cmp::Ordering, fmt::Write as _};

use super::Sign;

/// A number and its sign. The lowest limb counts nanos, the others are whole.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Wide {
    negative: bool,
    // Least first, each below BASE; the last is not zero.
    limbs: Vec<u64>,
}

/// How many digits a number may have before the decimal point.
pub(super) const MAX_DIGITS: i64 = 1800;

const BASE: u64 = 1_000_000_000;
const LIMB_DIGITS: usize = 9;
const POWERS: [u64; LIMB_DIGITS] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

/// Splits a position, counted in digits from the nanos, into a limb and a power of ten within it.
fn position(digit: usize) -> (usize, u64) {
    let power = POWERS.get(digit % LIMB_DIGITS).copied().unwrap_or(1);
    (digit / LIMB_DIGITS, power)
}

/// Counts from the nanos what counts from the decimal point.
fn digit(exponent: i16) -> usize {
    usize::try_from(i32::from(exponent) + 9).unwrap_or(0)
}

impl Wide {
    fn from_limbs(negative: bool, mut limbs: Vec<u64>) -> Self {
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Self { negative, limbs }
    }

    /// Makes mantissa × 10^exponent; the exponent is not less than -9.
    pub(super) fn new(mantissa: i128, exponent: i16) -> Self {
        let digits = mantissa.unsigned_abs().to_string();
        Self::from_digits(mantissa < 0, digits.bytes(), digits.len() + digit(exponent))
    }

    /// Makes a number of its ASCII digits, highest first, when it has `total` digits down to the nanos.
    pub(super) fn from_digits(
        negative: bool,
        digits: impl Iterator<Item = u8>,
        total: usize,
    ) -> Self {
        let mut limbs = vec![0; total.div_ceil(LIMB_DIGITS)];
        for (digit, at) in digits.zip((0..total).rev()) {
            let (limb, power) = position(at);
            if let Some(limb) = limbs.get_mut(limb) {
                *limb += u64::from(digit.wrapping_sub(b'0')) * power;
            }
        }
        Self::from_limbs(negative, limbs)
    }

    pub(super) fn is_negative(&self) -> bool {
        self.negative
    }

    pub(super) fn in_range(&self) -> bool {
        let digits = self.limbs.len().saturating_sub(1) * LIMB_DIGITS;
        i64::try_from(digits).is_ok_and(|digits| digits <= MAX_DIGITS)
    }

    /// Returns the number as mantissa and exponent, where the mantissa fits.
    pub(super) fn narrow(&self) -> Option<(i64, i16)> {
        let (digits, exponent) = self.digits();
        if digits.is_empty() {
            return Some((0, 0));
        }
        let magnitude: u64 = digits.parse().ok()?;
        let mantissa = if self.negative {
            0_i64.checked_sub_unsigned(magnitude)?
        } else {
            i64::try_from(magnitude).ok()?
        };
        Some((mantissa, exponent))
    }

    /// Returns the digits without the zeros at the end, and the exponent of the last one.
    pub(super) fn digits(&self) -> (String, i16) {
        let mut digits = String::new();
        push_limbs(&mut digits, &self.limbs);
        let len = digits.len();
        digits.truncate(digits.trim_end_matches('0').len());
        let zeros = i16::try_from(len - digits.len()).unwrap_or(i16::MAX);
        (digits, zeros.saturating_sub(9))
    }

    /// Returns the digits of a whole number divided by the highest power of 1024 that divides it, and that power.
    pub(super) fn binary_digits(&self) -> Option<(String, u32)> {
        let (nanos, whole) = self.limbs.split_first()?;
        if *nanos != 0 {
            return None;
        }
        let mut whole = whole.to_vec();
        let mut power = 0;
        while let Some(quotient) = divide_by_1024(&whole) {
            whole = quotient;
            power += 1;
        }
        let mut digits = String::new();
        push_limbs(&mut digits, &whole);
        Some((digits, power))
    }

    /// Rounds away from zero to a multiple of 10^exponent.
    pub(super) fn round_up(&self, exponent: i16) -> Self {
        let (limb, power) = position(digit(exponent));
        let mut limbs = self.limbs.clone();
        if limbs.len() <= limb {
            limbs.resize(limb + 1, 0);
        }
        let mut inexact = false;
        for (at, value) in limbs.iter_mut().enumerate().take(limb + 1) {
            let cut = if at < limb { *value } else { *value % power };
            inexact |= cut != 0;
            *value -= cut;
        }
        if inexact {
            let mut unit = vec![0; limb];
            unit.push(power);
            limbs = add(&limbs, &unit);
        }
        Self::from_limbs(self.negative, limbs)
    }

    pub(super) fn sum(&self, other: &Self, sign: Sign) -> Self {
        let other_negative = other.negative != (sign == Sign::Opposite);
        if self.negative == other_negative {
            return Self::from_limbs(self.negative, add(&self.limbs, &other.limbs));
        }
        match compare(&self.limbs, &other.limbs) {
            Ordering::Less => Self::from_limbs(other_negative, subtract(&other.limbs, &self.limbs)),
            _ => Self::from_limbs(self.negative, subtract(&self.limbs, &other.limbs)),
        }
    }

    pub(super) fn times(&self, factor: i64) -> Self {
        let mut product = vec![0; self.limbs.len() + 3];
        let mut rest = factor.unsigned_abs();
        let mut shift = 0;
        while rest > 0 {
            let mut carry = 0;
            let limbs = self.limbs.iter().copied().chain(core::iter::repeat(0));
            for (slot, limb) in product.iter_mut().skip(shift).zip(limbs) {
                let sum = *slot + limb * (rest % BASE) + carry;
                *slot = sum % BASE;
                carry = sum / BASE;
            }
            rest /= BASE;
            shift += 1;
        }
        Self::from_limbs(self.negative != (factor < 0), product)
    }
}

impl Ord for Wide {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => compare(&self.limbs, &other.limbs),
            (true, true) => compare(&other.limbs, &self.limbs),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Wide {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn compare(a: &[u64], b: &[u64]) -> Ordering {
    let by_digits = || a.iter().rev().cmp(b.iter().rev());
    a.len().cmp(&b.len()).then_with(by_digits)
}

fn add(a: &[u64], b: &[u64]) -> Vec<u64> {
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    let mut carry = 0;
    let mut sum: Vec<u64> = long
        .iter()
        .zip(short.iter().chain(core::iter::repeat(&0)))
        .map(|(x, y)| {
            let sum = x + y + carry;
            carry = sum / BASE;
            sum % BASE
        })
        .collect();
    sum.push(carry);
    sum
}

/// Returns a - b; a is not less than b.
fn subtract(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut borrow = 0;
    a.iter()
        .zip(b.iter().chain(core::iter::repeat(&0)))
        .map(|(x, y)| {
            let difference = BASE + x - y - borrow;
            borrow = 1 - difference / BASE;
            difference % BASE
        })
        .collect()
}

/// Returns the quotient if there is no remainder.
fn divide_by_1024(limbs: &[u64]) -> Option<Vec<u64>> {
    let mut rest = 0;
    let mut quotient: Vec<u64> = limbs
        .iter()
        .rev()
        .map(|limb| {
            let value = rest * BASE + limb;
            rest = value % 1024;
            value / 1024
        })
        .skip_while(|limb| *limb == 0)
        .collect();
    quotient.reverse();
    (rest == 0 && !quotient.is_empty()).then_some(quotient)
}

fn push_limbs(digits: &mut String, limbs: &[u64]) {
    for (at, limb) in limbs.iter().rev().enumerate() {
        // Writing to a `String` does not fail.
        let _ = if at == 0 {
            write!(digits, "{limb}")
        } else {
            write!(digits, "{limb:09}")
        };
    }
}
