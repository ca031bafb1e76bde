use std::{
    cmp::Ordering,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use pod_lifecycle::quantity::{Format, Quantity, Scale};

/// Any text reads or is refused, what is written reads again, and the numbers obey arithmetic.
///
/// The bytes are two texts with a line break between them.
pub fn quantity(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let (left, right) = text.split_once('\n').unwrap_or((text, "1"));
    let (left, right) = (left.parse::<Quantity>(), right.parse::<Quantity>());
    for quantity in [&left, &right].into_iter().flatten() {
        survives_writing(quantity);
        rounds_away_from_zero(quantity);
    }
    if let (Ok(left), Ok(right)) = (left, right) {
        compares(&left, &right);
        adds_up(&left, &right);
    }
}

fn magnitude(quantity: &Quantity) -> Quantity {
    if quantity.signum() < 0 {
        -quantity.clone()
    } else {
        quantity.clone()
    }
}

/// Beyond the greatest suffix, Kubernetes writes a mantissa whose exponent is lost.
fn has_a_suffix(quantity: &Quantity) -> bool {
    let bound = match quantity.format() {
        Format::DecimalExponent => return true,
        Format::DecimalSi => "1e21".parse().expect("a quantity"),
        Format::BinarySi => Quantity::from(i64::MAX),
    };
    magnitude(quantity) < bound
}

fn survives_writing(quantity: &Quantity) {
    if !has_a_suffix(quantity) {
        let _ = quantity.to_string();
        return;
    }
    let written = quantity.to_string();
    let read: Quantity = written.parse().expect("what was written can be read");
    assert_eq!(*quantity, read, "{written}");
    // The text does not say the format: a binary number without a binary suffix is decimal when it is read.
    let again: Quantity = read
        .to_string()
        .parse()
        .expect("what was written can be read");
    assert_eq!(read.to_string(), again.to_string());

    let json = serde_json::to_string(quantity).expect("a quantity can be written");
    let read: Quantity = serde_json::from_str(&json).expect("what was written can be read");
    assert_eq!(*quantity, read, "{json}");
}

fn rounds_away_from_zero(quantity: &Quantity) {
    for scale in [Scale::Nano, Scale::Milli, Scale::One, Scale::Exa] {
        let mut rounded = quantity.clone();
        let exact = rounded.round_up(scale);
        assert_eq!(exact, rounded == *quantity);
        assert!(magnitude(&rounded) >= magnitude(quantity));
        assert_eq!(rounded.signum(), quantity.signum());
        assert!(rounded.round_up(scale), "rounding twice is rounding once");

        let count = quantity.scaled_value(scale);
        if count != i64::MAX && count != -i64::MAX && count != i64::MIN {
            let counted = Quantity::from_scaled(count, scale, quantity.format());
            assert_eq!(counted, rounded, "{quantity} in {scale:?}");
        }
    }
}

fn hash(quantity: &Quantity) -> u64 {
    let mut hasher = DefaultHasher::new();
    quantity.hash(&mut hasher);
    hasher.finish()
}

fn compares(left: &Quantity, right: &Quantity) {
    let order = left.cmp(right);
    assert_eq!(order, right.cmp(left).reverse());
    assert_eq!(order == Ordering::Equal, left == right);
    if left == right {
        assert_eq!(hash(left), hash(right));
    }
    if let Some(difference) = left.checked_sub(right) {
        assert_eq!(order, difference.signum().cmp(&0), "{left} and {right}");
    }
}

fn adds_up(left: &Quantity, right: &Quantity) {
    assert_eq!(-(-left.clone()), *left);
    assert!(left.checked_sub(left).is_some_and(|rest| rest.is_zero()));
    assert_eq!(left.checked_mul(2), left.checked_add(left));
    assert_eq!(left.checked_mul(-1), Some(-left.clone()));
    let sum = left.checked_add(right);
    assert_eq!(sum, right.checked_add(left));
    if let Some(sum) = sum {
        assert_eq!(sum.checked_sub(right).as_ref(), Some(left));
        survives_writing(&sum);
    }
}
