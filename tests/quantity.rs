//! Quantities against a plain reckoning in nanos, and against input that wants to hurt.

use core::hash::{Hash, Hasher};
use std::collections::hash_map::DefaultHasher;

use pod_lifecycle::quantity::{Format, ParseQuantityError, Quantity, Scale};

use crate::random::Random;

impl Random {
    fn digits(&mut self, max: u64) -> String {
        let len = self.below(max + 1);
        (0..len)
            .map(|_| char::from(self.pick(b"0000123456789")))
            .collect()
    }

    /// A legal quantity, in any spelling.
    fn quantity(&mut self) -> String {
        let sign = self.pick(&["", "", "", "-", "+"]);
        let integer = format!("{}{}", self.below(10), self.digits(14));
        let fraction = match self.below(3) {
            0 => format!(".{}", self.digits(12)),
            _ => String::new(),
        };
        let suffix = self.pick(&[
            "", "", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E-2", "e+1",
        ]);
        format!("{sign}{integer}{fraction}{suffix}")
    }
}

fn parse(text: &str) -> Quantity {
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn hash(quantity: &Quantity) -> u64 {
    let mut hasher = DefaultHasher::new();
    quantity.hash(&mut hasher);
    hasher.finish()
}

/// The number in nanos, reckoned from the text in another way than the crate does.
fn nanos(text: &str) -> i128 {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse::<i32>().expect("an exponent")),
        None => (number, 0),
    };
    let (times, exponent) = match text.trim_start_matches(|c: char| !c.is_ascii_alphabetic()) {
        "n" => (1, -9),
        "u" => (1, -6),
        "m" => (1, -3),
        "k" => (1, 3),
        "M" => (1, 6),
        "G" => (1, 9),
        "Ki" => (1 << 10, 0),
        "Mi" => (1 << 20, 0),
        "Gi" => (1 << 30, 0),
        _ => (1, exponent),
    };
    let negative = number.starts_with('-');
    let number = number.trim_start_matches(['+', '-']);
    let (integer, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{integer}{fraction}");
    let scale = exponent + 9 - i32::try_from(fraction.len()).expect("a short fraction");
    let mantissa = digits.parse::<i128>().expect("digits") * times;
    let power = 10_i128.pow(scale.unsigned_abs());
    let magnitude = if scale < 0 {
        mantissa / power + i128::from(mantissa % power != 0)
    } else {
        mantissa * power
    };
    let magnitude = if times > 1 {
        magnitude.min(i128::from(i64::MAX) * 1_000_000_000)
    } else {
        magnitude
    };
    if negative { -magnitude } else { magnitude }
}

fn away_from_zero(nanos: i128, unit: i128) -> i64 {
    let whole = nanos / unit + (nanos % unit).signum();
    let whole = whole.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    i64::try_from(whole).expect("held to the range")
}

#[test]
fn a_quantity_is_the_number_that_its_text_says() {
    let mut random = Random(1);
    for _ in 0..20_000 {
        let text = random.quantity();
        let (quantity, nanos) = (parse(&text), nanos(&text));
        let signum = i8::try_from(nanos.signum()).expect("a sign");
        assert_eq!(quantity.signum(), signum, "{text}");
        let value = away_from_zero(nanos, 1_000_000_000);
        assert_eq!(quantity.value(), value, "{text}");
        let milli_value = away_from_zero(nanos, 1_000_000);
        assert_eq!(quantity.milli_value(), milli_value, "{text}");
        let mega = away_from_zero(nanos, 1_000_000_000_000_000);
        assert_eq!(quantity.scaled_value(Scale::Mega), mega, "{text}");

        let mut rounded = quantity.clone();
        let exact = rounded.round_up(Scale::Milli);
        assert_eq!(exact, nanos % 1_000_000 == 0, "{text}");
        assert_eq!(exact, rounded == quantity, "{text}");
        assert_eq!(rounded.milli_value(), milli_value, "{text}");
        let fine = rounded.scaled_value(Scale::Nano);
        if fine.unsigned_abs() < 1 << 62 {
            assert_eq!(fine, milli_value * 1_000_000, "{text}");
        }
    }
}

#[test]
fn what_is_written_is_read_as_the_same_number() {
    let mut random = Random(2);
    for _ in 0..20_000 {
        let text = random.quantity();
        let quantity = parse(&text);
        let again = parse(&quantity.to_string());
        assert_eq!(again, quantity, "{text}");
        assert_eq!(again.to_string(), quantity.to_string(), "{text}");

        let canonical = quantity.checked_mul(1).expect("in range").to_string();
        assert_eq!(parse(&canonical), quantity, "{text}");
        assert_eq!(parse(&canonical).to_string(), canonical, "{text}");
    }
}

#[test]
fn order_and_hash_are_those_of_the_number() {
    let mut random = Random(3);
    for _ in 0..20_000 {
        let (a, b) = (random.quantity(), random.quantity());
        let (x, y) = (parse(&a), parse(&b));
        assert_eq!(x.cmp(&y), nanos(&a).cmp(&nanos(&b)), "{a} {b}");
        assert_eq!(x == y, nanos(&a) == nanos(&b), "{a} {b}");
        assert_eq!(y.cmp(&x), x.cmp(&y).reverse(), "{a} {b}");
    }
    for same in [
        [
            "1Gi",
            "1024Mi",
            "1073741824",
            "1073741.824k",
            "1.073741824e9",
        ],
        ["0.5", "500m", "5e-1", "+.5", "500000u"],
        ["0", "0Ki", "-0", "0e5", "."],
        [
            "18446744073709551616",
            "+18446744073709551616.0",
            "18446744073709551616000m",
            "18446744073709551.616k",
            "18446744073709551616e0",
        ],
    ] {
        for text in same {
            assert_eq!(parse(text), parse(same[0]), "{text}");
            assert_eq!(hash(&parse(text)), hash(&parse(same[0])), "{text}");
        }
    }
}

#[test]
fn reckoning_is_exact() {
    let mut random = Random(4);
    for _ in 0..20_000 {
        let (a, b) = (random.quantity(), random.quantity());
        let (x, y) = (parse(&a), parse(&b));
        let sum = x.checked_add(&y).expect("in range");
        let difference = x.checked_sub(&y).expect("in range");
        let in_nanos = |nanos: i128| parse(&format!("{nanos}n"));
        assert_eq!(sum, in_nanos(nanos(&a) + nanos(&b)), "{a} {b}");
        assert_eq!(difference, in_nanos(nanos(&a) - nanos(&b)), "{a} {b}");
        assert_eq!(sum.cmp(&x), y.cmp(&Quantity::default()), "{a} {b}");
        assert_eq!(sum.checked_sub(&y), Some(x.clone()), "{a} {b}");
        assert_eq!(difference, -y.checked_sub(&x).expect("in range"), "{a} {b}");

        let factor = i64::try_from(random.next() >> 1).expect("63 bits") >> random.below(63);
        let product = x.checked_mul(factor).expect("in range");
        let half = x.checked_mul(factor / 2).expect("in range");
        let rest = x.checked_mul(factor - factor / 2).expect("in range");
        assert_eq!(half.checked_add(&rest), Some(product), "{a} × {factor}");
    }
}

#[test]
fn wide_numbers_carry_and_borrow() {
    let nines = parse(&"9".repeat(60));
    let one = Quantity::from(1);
    let power = parse(&format!("1{}", "0".repeat(60)));
    assert_eq!(nines.checked_add(&one), Some(power.clone()));
    assert_eq!(power.checked_sub(&one), Some(nines.clone()));
    assert_eq!(one.checked_sub(&power), Some(-nines.clone()));
    assert_eq!(nines.checked_sub(&nines), Some(Quantity::default()));
    assert!(-power.clone() < -nines.clone() && nines < power);

    let min = Quantity::from(i64::MIN);
    assert_eq!((-min.clone()).to_string(), "9223372036854775808");
    assert_eq!(min.value(), i64::MIN);
    assert_eq!(
        min.checked_mul(i64::MIN).map(|square| square.value()),
        Some(i64::MAX)
    );

    let mut long = parse("123456789012345678901234567890.123456789");
    assert!(!long.round_up(Scale::Milli));
    assert_eq!(long.to_string(), "123456789012345678901234567890124m");
    assert_eq!((-long).value(), i64::MIN);
    assert_eq!(parse("12345678901.123456789").value(), 12_345_678_902);
}

#[test]
fn the_given_text_is_forgotten_by_arithmetic() {
    let cpu = parse("+1.234");
    assert_eq!(cpu.to_string(), "+1.234");
    assert_eq!(cpu.clone().to_string(), "+1.234");
    let sum = cpu.checked_add(&Quantity::default()).expect("in range");
    assert_eq!(sum.to_string(), "1234m");
    let mut rounded = cpu;
    assert!(rounded.round_up(Scale::Milli));
    assert_eq!(rounded.to_string(), "+1.234");
    assert!(!rounded.round_up(Scale::One));
    assert_eq!(rounded.to_string(), "2");
    assert_eq!(
        format!("[{:>6}|{:<6}]", parse("5Gi"), parse("+5")),
        "[   5Gi|+5    ]"
    );
    assert_eq!(format!("{:?}", parse("5Gi")), "Quantity(5Gi)");
}

#[test]
fn a_suffix_beyond_the_largest_is_lost_as_in_kubernetes() {
    assert_eq!(parse("1000E").to_string(), "1");
    assert_eq!(parse("1e21").to_string(), "1e21");
    let yobi = parse("1Ei").checked_mul(1 << 20);
    assert_eq!(yobi.map(|yobi| yobi.to_string()).as_deref(), Some("1"));
}

fn error(text: &str) -> ParseQuantityError {
    match text.parse::<Quantity>() {
        Ok(quantity) => panic!("{text} is {quantity}"),
        Err(error) => error,
    }
}

#[test]
fn errors_say_what_kubernetes_says() {
    for text in ["", " 1", "1 ", "1.2.3", "1_000", "0x10", "½", "1Ki ", "١"] {
        assert!(error(text).is_format(), "{text:?}");
    }
    for text in [
        "1K",
        "1mi",
        "1e",
        "3m1",
        "1e+",
        "1Kii",
        "1e99999999999999999999",
    ] {
        assert!(error(text).is_suffix(), "{text:?}");
    }
    for text in [".e-10", "+e-10", "-.Pi", "Pi"] {
        assert!(error(text).is_numeric(), "{text:?}");
    }
    assert_eq!(
        error("1,5").to_string(),
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
    );
    assert_eq!(
        error("Pi").to_string(),
        "unable to parse numeric part of quantity"
    );
}

#[test]
fn hostile_texts_are_answered_in_bounded_time_and_memory() {
    let long = 1 << 20;
    let (zeros, nines) = ("0".repeat(long), "9".repeat(long));
    assert!(error(&nines).is_range());
    assert!(error("1e1800").is_range());
    assert!(error("1e999999999999999999").is_range());
    assert!(error(&format!("{}.{nines}", "9".repeat(1800))).is_range());
    assert_eq!(parse("1e-999999999999999999").to_string(), "1e-9");
    assert_eq!(parse("0e999999999999999999"), Quantity::default());
    assert_eq!(parse(".e999999999999999999"), Quantity::default());
    assert_eq!(parse(&format!("{zeros}5")), Quantity::from(5));
    assert_eq!(parse(&format!("5.{zeros}")), Quantity::from(5));
    assert_eq!(parse(&format!("0.{nines}")), Quantity::from(1));
    assert_eq!(parse(&format!("0.{zeros}1Gi")), parse("1n"));
    assert_eq!(parse(&format!("{nines}Gi")), Quantity::from(i64::MAX));
    assert_eq!(parse(&format!("0.{zeros}5e{long}")), parse("0.5"));
    assert_eq!(parse(&format!("5{zeros}e-{long}")), Quantity::from(5));
}

#[test]
fn reckoning_stops_at_the_greatest_magnitude() {
    let great = parse("999999999e1791");
    assert_eq!(parse(&great.to_string()), great);
    assert!(great.value() == i64::MAX && (-great.clone()).value() == i64::MIN);
    assert_eq!(great.checked_add(&great), None);
    assert_eq!((-great.clone()).checked_sub(&great), None);
    assert_eq!(great.checked_mul(i64::MAX), None);
    let more = great.checked_add(&parse("1n")).expect("in range");
    assert!(more > great);
    assert_eq!(more.checked_sub(&great), Some(parse("1n")));
}

#[test]
fn json_carries_texts_and_numbers() {
    let read = |text: &str| serde_json::from_str::<Quantity>(text);
    for (json, written) in [
        (r#"" 1536Mi ""#, "1536Mi"),
        ("5", "5"),
        ("-5", "-5"),
        ("0.35", "350m"),
        ("0", "0"),
        ("18446744073709551615", "18446744073709551615"),
        ("1e30", "1e30"),
        ("1000.0", "1k"),
        (r#"{"$serde_json::private::Number": "1.5"}"#, "1500m"),
    ] {
        let quantity = read(json).unwrap_or_else(|error| panic!("{json}: {error}"));
        assert_eq!(quantity.to_string(), written, "{json}");
        let encoded = serde_json::to_string(&quantity).expect("a text");
        assert_eq!(encoded, format!("\"{written}\""));
    }
    for json in [
        r#""\n1""#,
        "null",
        "true",
        "[]",
        "{}",
        r#"{"a": "1"}"#,
        r#""1K""#,
    ] {
        assert!(read(json).is_err(), "{json}");
    }
    let error = read(r#""1K""#).expect_err("K is no suffix").to_string();
    assert!(
        error.starts_with("unable to parse quantity's suffix"),
        "{error}"
    );
}

#[test]
fn a_quantity_takes_24_bytes() {
    assert!(size_of::<Quantity>() <= 24);
    assert_eq!(size_of::<Option<Quantity>>(), size_of::<Quantity>());
    assert_eq!(Quantity::default().format(), Format::DecimalSi);
}

#[cfg(feature = "arbitrary")]
#[test]
fn arbitrary_quantities_are_in_order_with_their_sums() {
    use arbitrary::{Arbitrary, Unstructured};

    let mut random = Random(5);
    for _ in 0..2_000 {
        let bytes: Vec<u8> = (0..16).flat_map(|_| random.next().to_le_bytes()).collect();
        let mut bytes = Unstructured::new(&bytes);
        let [a, b] = <[Quantity; 2]>::arbitrary(&mut bytes).expect("enough bytes");
        let sum = a.checked_add(&b).expect("in range");
        assert_eq!(sum.cmp(&a), b.cmp(&Quantity::default()), "{a} {b}");
        assert_eq!(sum.checked_sub(&a), Some(b.clone()), "{a} {b}");
        assert_eq!(a.cmp(&b), b.cmp(&a).reverse(), "{a} {b}");
    }
}

/// A short text is kept when it is parsed: it has to be what arithmetic comes to.
#[test]
fn a_short_text_is_written_as_its_number_is() {
    const SUFFIXES: [&str; 15] = [
        "n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi",
    ];
    for number in 1..1000 {
        for suffix in SUFFIXES {
            for text in [format!("{number}{suffix}"), format!("-{number}{suffix}")] {
                let quantity = parse(&text);
                let computed = quantity.checked_mul(1).expect("in range");
                assert_eq!(quantity.to_string(), text);
                assert_eq!(computed.to_string(), text);
            }
        }
    }
    for text in [
        "0", "0m", "0Ki", "00", "007", "+5", "1.5", "1000", "1024Ki", "5e3", "9Ei",
    ] {
        let quantity = parse(text);
        let again = parse(&quantity.to_string());
        assert_eq!(again, quantity, "{text}");
        assert_eq!(again.to_string(), quantity.to_string(), "{text}");
    }
}
