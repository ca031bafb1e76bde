//! Resource quantities: exact numbers with the suffixes of the Kubernetes API.
//!
//! Answers what `k8s.io/apimachinery/pkg/api/resource` answers: how a quantity
//! is read, written, compared, added and rounded. Nothing passes through a
//! float. A quantity is a multiple of 10⁻⁹; finer input is rounded away from
//! zero, so that whoever asks for something gets something.

mod codec;
mod parse;
mod text;
mod wide;

use alloc::{borrow::Cow, boxed::Box};
use core::{cmp::Ordering, fmt, hash};

pub use self::parse::ParseQuantityError;
use self::wide::Wide;

/// An amount of a resource: an exact number and the family of suffixes it is written with.
///
/// Equality, order and hash are those of the number: `1Gi`, `1024Mi` and
/// `1073741824` are equal. A quantity is written in canonical form, except
/// that one fresh from parsing is written as it was given where Kubernetes
/// does the same (`1.234`, `+5`); arithmetic forgets the given text.
///
/// The magnitude of a quantity is less than 10¹⁸⁰⁰. Kubernetes itself knows no
/// bound, and pays for it with memory.
///
/// # Example
///
/// ```
/// use pod_lifecycle::quantity::{Format, Quantity};
///
/// let memory: Quantity = "1536Mi".parse()?;
/// assert_eq!(memory.value(), 1_610_612_736);
/// assert_eq!(memory.format(), Format::BinarySi);
/// assert_eq!("0.5".parse::<Quantity>()?.to_string(), "500m");
/// assert!("1Gi".parse::<Quantity>()? < memory);
/// # Ok::<(), pod_lifecycle::quantity::ParseQuantityError>(())
/// ```
#[derive(Clone, Default)]
pub struct Quantity {
    // The number is mantissa × 10^exponent, without a factor of ten in the
    // mantissa; zero has the exponent 0. Both are 0 where the number is wide.
    mantissa: i64,
    exponent: i16,
    format: Format,
    // The text that was parsed, filled up with zeros, where it is up to three digits and a suffix.
    letters: [u8; 5],
    rare: Option<Box<Rare>>,
}

/// What few quantities have.
#[derive(Clone)]
enum Rare {
    /// The text that was parsed, where it is to be written again and is not canonical.
    Echo(Box<str>),
    /// A number that has no mantissa of 64 bits.
    Wide(Wide),
}

/// The family of suffixes that a quantity is written with.
///
/// # Example
///
/// ```
/// use pod_lifecycle::quantity::{Format, Quantity};
///
/// assert_eq!(Quantity::new(4096, Format::BinarySi).to_string(), "4Ki");
/// assert_eq!(Quantity::new(4096, Format::DecimalSi).to_string(), "4096");
/// assert_eq!(Quantity::new(4000, Format::DecimalExponent).to_string(), "4e3");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Format {
    /// Powers of 1000: `n`, `u`, `m`, none, `k`, `M`, `G`, `T`, `P`, `E`.
    #[default]
    DecimalSi,
    /// Powers of 1024: `Ki`, `Mi`, `Gi`, `Ti`, `Pi`, `Ei`.
    BinarySi,
    /// Powers of ten: `e3`, `e-9`.
    DecimalExponent,
}

impl Format {
    /// Returns the name that Kubernetes has for the format.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::Format;
    ///
    /// assert_eq!(Format::BinarySi.as_str(), "BinarySI");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DecimalSi => "DecimalSI",
            Self::BinarySi => "BinarySI",
            Self::DecimalExponent => "DecimalExponent",
        }
    }
}

/// A power of ten that a quantity can be counted in or rounded to.
///
/// # Example
///
/// ```
/// use pod_lifecycle::quantity::{Quantity, Scale};
///
/// assert_eq!(Quantity::from(1_500_000).scaled_value(Scale::Mega), 2);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Scale {
    /// 10⁻⁹, the finest there is.
    Nano,
    /// 10⁻⁶.
    Micro,
    /// 10⁻³.
    Milli,
    /// 1.
    One,
    /// 10³.
    Kilo,
    /// 10⁶.
    Mega,
    /// 10⁹.
    Giga,
    /// 10¹².
    Tera,
    /// 10¹⁵.
    Peta,
    /// 10¹⁸.
    Exa,
}

impl Scale {
    const fn exponent(self) -> i16 {
        match self {
            Self::Nano => -9,
            Self::Micro => -6,
            Self::Milli => -3,
            Self::One => 0,
            Self::Kilo => 3,
            Self::Mega => 6,
            Self::Giga => 9,
            Self::Tera => 12,
            Self::Peta => 15,
            Self::Exa => 18,
        }
    }
}

impl Quantity {
    /// Makes a quantity of a whole number.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::{Format, Quantity};
    ///
    /// assert_eq!(Quantity::new(1 << 30, Format::BinarySi).to_string(), "1Gi");
    /// ```
    #[must_use]
    pub fn new(value: i64, format: Format) -> Self {
        Self::from_scaled(value, Scale::One, format)
    }

    /// Makes a decimal quantity of a number of thousandths.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::Quantity;
    ///
    /// assert_eq!(Quantity::from_milli(1500).to_string(), "1500m");
    /// ```
    #[must_use]
    pub fn from_milli(milli_value: i64) -> Self {
        Self::from_scaled(milli_value, Scale::Milli, Format::DecimalSi)
    }

    /// Makes a quantity of a number of `scale`s.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::{Format, Quantity, Scale};
    ///
    /// let disk = Quantity::from_scaled(3, Scale::Giga, Format::DecimalSi);
    /// assert_eq!(disk.to_string(), "3G");
    /// ```
    #[must_use]
    pub fn from_scaled(value: i64, scale: Scale, format: Format) -> Self {
        Self::small(value, scale.exponent(), format)
    }

    fn small(mut mantissa: i64, mut exponent: i16, format: Format) -> Self {
        if mantissa == 0 {
            exponent = 0;
        } else {
            while mantissa % 10 == 0 {
                mantissa /= 10;
                exponent += 1;
            }
        }
        Self {
            mantissa,
            exponent,
            format,
            letters: [0; 5],
            rare: None,
        }
    }

    fn from_i128(mantissa: i128, exponent: i16, format: Format) -> Self {
        match i64::try_from(mantissa) {
            Ok(mantissa) => Self::small(mantissa, exponent, format),
            Err(_) => Self::from_wide(Wide::new(mantissa, exponent), format),
        }
    }

    /// Every number has one form, so that forms can be compared.
    fn from_wide(wide: Wide, format: Format) -> Self {
        match wide.narrow() {
            Some((mantissa, exponent)) => Self::small(mantissa, exponent, format),
            None => Self {
                format,
                rare: Some(Box::new(Rare::Wide(wide))),
                ..Self::default()
            },
        }
    }

    fn wide(&self) -> Option<&Wide> {
        match self.rare.as_deref() {
            Some(Rare::Wide(wide)) => Some(wide),
            Some(Rare::Echo(_)) | None => None,
        }
    }

    fn to_wide(&self) -> Cow<'_, Wide> {
        match self.wide() {
            Some(wide) => Cow::Borrowed(wide),
            None => Cow::Owned(Wide::new(i128::from(self.mantissa), self.exponent)),
        }
    }

    /// Returns the family of suffixes that the quantity is written with.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::{Format, Quantity};
    ///
    /// assert_eq!("64Mi".parse::<Quantity>()?.format(), Format::BinarySi);
    /// # Ok::<(), pod_lifecycle::quantity::ParseQuantityError>(())
    /// ```
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Whether the quantity is zero.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::Quantity;
    ///
    /// assert!("0Gi".parse::<Quantity>()?.is_zero());
    /// # Ok::<(), pod_lifecycle::quantity::ParseQuantityError>(())
    /// ```
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.signum() == 0
    }

    /// Returns -1, 0 or 1: the sign of the quantity.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::Quantity;
    ///
    /// assert_eq!(Quantity::from_milli(-1).signum(), -1);
    /// ```
    #[must_use]
    pub fn signum(&self) -> i8 {
        match self.wide() {
            Some(wide) if wide.is_negative() => -1,
            Some(_) => 1,
            None => match self.mantissa.cmp(&0) {
                Ordering::Less => -1,
                Ordering::Equal => 0,
                Ordering::Greater => 1,
            },
        }
    }

    /// Returns the quantity as a whole number, rounded away from zero and held to the range of `i64`.
    ///
    /// As `Quantity.Value`, except that Kubernetes gives an arbitrary number
    /// where the range is left, and rounds some fractions the wrong way that
    /// have more than 18 digits.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::Quantity;
    ///
    /// assert_eq!("1.5Ki".parse::<Quantity>()?.value(), 1536);
    /// assert_eq!("-100m".parse::<Quantity>()?.value(), -1);
    /// assert_eq!("1e30".parse::<Quantity>()?.value(), i64::MAX);
    /// # Ok::<(), pod_lifecycle::quantity::ParseQuantityError>(())
    /// ```
    #[must_use]
    pub fn value(&self) -> i64 {
        self.scaled_value(Scale::One)
    }

    /// Returns the quantity in thousandths, rounded away from zero and held to the range of `i64`.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::Quantity;
    ///
    /// assert_eq!("0.5".parse::<Quantity>()?.milli_value(), 500);
    /// assert_eq!("1u".parse::<Quantity>()?.milli_value(), 1);
    /// # Ok::<(), pod_lifecycle::quantity::ParseQuantityError>(())
    /// ```
    #[must_use]
    pub fn milli_value(&self) -> i64 {
        self.scaled_value(Scale::Milli)
    }

    /// Returns the quantity as a number of `scale`s, rounded away from zero and held to the range of `i64`.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::{Quantity, Scale};
    ///
    /// assert_eq!("100u".parse::<Quantity>()?.scaled_value(Scale::Nano), 100_000);
    /// # Ok::<(), pod_lifecycle::quantity::ParseQuantityError>(())
    /// ```
    #[must_use]
    pub fn scaled_value(&self, scale: Scale) -> i64 {
        let Some(wide) = self.wide() else {
            return scaled(self.mantissa, self.exponent - scale.exponent());
        };
        // What stays wide after rounding has a whole number wider than 64 bits.
        match wide.round_up(scale.exponent()).narrow() {
            Some((mantissa, exponent)) => scaled(mantissa, exponent - scale.exponent()),
            None => saturated(wide.is_negative()),
        }
    }

    /// Rounds to a multiple of `scale`, away from zero, and returns whether there was nothing to round.
    ///
    /// As `Quantity.RoundUp`; the API server rounds the resources of a pod to
    /// [`Scale::Milli`] by default.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::{Quantity, Scale};
    ///
    /// let mut cpu: Quantity = "100100u".parse()?;
    /// assert!(!cpu.round_up(Scale::Milli));
    /// assert_eq!(cpu.to_string(), "101m");
    /// assert!(cpu.round_up(Scale::Milli));
    /// # Ok::<(), pod_lifecycle::quantity::ParseQuantityError>(())
    /// ```
    pub fn round_up(&mut self, scale: Scale) -> bool {
        if self.wide().is_none() && self.exponent >= scale.exponent() {
            return true;
        }
        let rounded = match self.wide() {
            Some(wide) => Self::from_wide(wide.round_up(scale.exponent()), self.format),
            None => {
                let count = scaled(self.mantissa, self.exponent - scale.exponent());
                Self::small(count, scale.exponent(), self.format)
            }
        };
        let exact = rounded == *self;
        if !exact {
            *self = rounded;
        }
        exact
    }

    /// Returns the sum, in the format of `self`, or in that of `other` where `self` is zero.
    ///
    /// `None` if the magnitude of the sum is not less than 10¹⁸⁰⁰.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::Quantity;
    ///
    /// let sum = "1Gi".parse::<Quantity>()?.checked_add(&"512Mi".parse()?);
    /// assert_eq!(sum.map(|sum| sum.to_string()).as_deref(), Some("1536Mi"));
    /// # Ok::<(), pod_lifecycle::quantity::ParseQuantityError>(())
    /// ```
    #[must_use]
    pub fn checked_add(&self, other: &Self) -> Option<Self> {
        self.sum(other, Sign::Same)
    }

    /// Returns the difference, in the format of `self`, or in that of `other` where `self` is zero.
    ///
    /// `None` if the magnitude of the difference is not less than 10¹⁸⁰⁰.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::Quantity;
    ///
    /// let rest = "1".parse::<Quantity>()?.checked_sub(&"250m".parse()?);
    /// assert_eq!(rest, Some(Quantity::from_milli(750)));
    /// # Ok::<(), pod_lifecycle::quantity::ParseQuantityError>(())
    /// ```
    #[must_use]
    pub fn checked_sub(&self, other: &Self) -> Option<Self> {
        self.sum(other, Sign::Opposite)
    }

    fn sum(&self, other: &Self, sign: Sign) -> Option<Self> {
        let format = if self.is_zero() {
            other.format
        } else {
            self.format
        };
        let narrow = match (self.wide(), other.wide()) {
            (None, None) => narrow_sum(self, other, sign),
            _ => None,
        };
        let sum = match narrow {
            Some((mantissa, exponent)) => Self::from_i128(mantissa, exponent, format),
            None => Self::from_wide(self.to_wide().sum(&other.to_wide(), sign), format),
        };
        sum.checked()
    }

    /// Returns the product with a whole number, in the format of `self`.
    ///
    /// `None` if the magnitude of the product is not less than 10¹⁸⁰⁰.
    ///
    /// # Example
    ///
    /// ```
    /// use pod_lifecycle::quantity::Quantity;
    ///
    /// let replicas = "250m".parse::<Quantity>()?.checked_mul(3);
    /// assert_eq!(replicas, Some(Quantity::from_milli(750)));
    /// # Ok::<(), pod_lifecycle::quantity::ParseQuantityError>(())
    /// ```
    #[must_use]
    pub fn checked_mul(&self, factor: i64) -> Option<Self> {
        let product = match self.wide() {
            Some(wide) => Self::from_wide(wide.times(factor), self.format),
            None => {
                let product = i128::from(self.mantissa) * i128::from(factor);
                Self::from_i128(product, self.exponent, self.format)
            }
        };
        product.checked()
    }

    fn checked(self) -> Option<Self> {
        let in_range = match self.wide() {
            Some(wide) => wide.in_range(),
            None => {
                let digits = self
                    .mantissa
                    .unsigned_abs()
                    .checked_ilog10()
                    .map_or(0, |log| log + 1);
                i64::from(digits) + i64::from(self.exponent) <= wide::MAX_DIGITS
            }
        };
        in_range.then_some(self)
    }
}

impl core::ops::Neg for Quantity {
    type Output = Self;

    /// Turns the sign; the format stays.
    fn neg(self) -> Self {
        match self.wide() {
            Some(wide) => Self::from_wide(wide.times(-1), self.format),
            None => Self::from_i128(-i128::from(self.mantissa), self.exponent, self.format),
        }
    }
}

/// Whether a second operand counts as it is or negated.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Sign {
    Same,
    Opposite,
}

/// Adds at the finer of both exponents, where that stays within 128 bits.
fn narrow_sum(a: &Quantity, b: &Quantity, sign: Sign) -> Option<(i128, i16)> {
    let (left, right) = (i128::from(a.mantissa), i128::from(b.mantissa));
    let right = match sign {
        Sign::Same => right,
        Sign::Opposite => -right,
    };
    if a.exponent <= b.exponent {
        let right = right.checked_mul(power_of_ten(b.exponent - a.exponent)?)?;
        Some((left.checked_add(right)?, a.exponent))
    } else {
        let left = left.checked_mul(power_of_ten(a.exponent - b.exponent)?)?;
        Some((left.checked_add(right)?, b.exponent))
    }
}

fn power_of_ten(exponent: i16) -> Option<i128> {
    10_i128.checked_pow(u32::try_from(exponent).ok()?)
}

/// Returns mantissa × 10^exponent, rounded away from zero and held to the range.
fn scaled(mantissa: i64, exponent: i16) -> i64 {
    let power = 10_i64.checked_pow(u32::from(exponent.unsigned_abs()));
    match power {
        Some(power) if exponent >= 0 => mantissa.saturating_mul(power),
        Some(power) => {
            let rest = (mantissa % power).signum();
            mantissa / power + rest
        }
        None if exponent < 0 || mantissa == 0 => mantissa.signum(),
        None => saturated(mantissa < 0),
    }
}

fn saturated(negative: bool) -> i64 {
    if negative { i64::MIN } else { i64::MAX }
}

impl From<i64> for Quantity {
    fn from(value: i64) -> Self {
        Self::new(value, Format::DecimalSi)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Self) -> bool {
        self.mantissa == other.mantissa
            && self.exponent == other.exponent
            && self.wide() == other.wide()
    }
}

impl Eq for Quantity {}

impl hash::Hash for Quantity {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.mantissa.hash(state);
        self.exponent.hash(state);
        self.wide().hash(state);
    }
}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Self) -> Ordering {
        if self.wide().is_some() || other.wide().is_some() {
            return self.to_wide().cmp(&other.to_wide());
        }
        if self.exponent == other.exponent || self.mantissa.signum() != other.mantissa.signum() {
            return self.mantissa.cmp(&other.mantissa);
        }
        match narrow_sum(self, other, Sign::Opposite) {
            Some((difference, _)) => difference.cmp(&0),
            // So far apart that the exponents tell the magnitudes' order.
            None if self.mantissa < 0 => other.exponent.cmp(&self.exponent),
            None => self.exponent.cmp(&other.exponent),
        }
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Quantity({self})")
    }
}

#[cfg(feature = "arbitrary")]
impl<'a> arbitrary::Arbitrary<'a> for Quantity {
    /// Mostly what stands in manifests, now and then a great or a fine number; always one that a text can say.
    fn arbitrary(u: &mut arbitrary::Unstructured<'a>) -> arbitrary::Result<Self> {
        const UNITS: [&str; 6] = ["m", "", "Ki", "Mi", "Gi", "G"];
        let text = match u.int_in_range(0_u8..=15)? {
            0 => {
                let number: i64 = u.arbitrary()?;
                alloc::format!("{number}{}", u.choose(&["n", "u", "m", "", "Ki"])?)
            }
            1 => {
                let number: i128 = u.arbitrary()?;
                alloc::format!("{number}e{}", u.int_in_range(-20_i16..=300)?)
            }
            2 => alloc::format!("0{}", u.choose(&UNITS)?),
            _ => {
                let number = u.int_in_range(0_u16..=2048)?;
                alloc::format!("{number}{}", u.choose(&UNITS)?)
            }
        };
        Ok(text.parse().unwrap_or_default())
    }

    fn size_hint(_: usize) -> (usize, Option<usize>) {
        (3, Some(24))
    }
}
