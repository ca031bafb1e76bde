//! Quantities: how they are read and reckoned with.

use pod_lifecycle::quantity::{ParseQuantityError, Quantity};
use serde::Deserialize;

use crate::case::Case;

#[derive(Deserialize)]
struct Text {
    s: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", untagged)]
enum Parsed {
    Error {
        error: String,
    },
    #[serde(rename_all = "camelCase")]
    Quantity {
        canonical: String,
        string: String,
        format: String,
        sign: i8,
        value_ceil: String,
        milli_ceil: String,
        value_exact: Option<String>,
        milli_exact: Option<String>,
        #[serde(default)]
        value_overflow: bool,
        #[serde(default)]
        milli_overflow: bool,
    },
}

fn error_kind(error: &ParseQuantityError) -> &'static str {
    if error.is_format() {
        "format"
    } else if error.is_suffix() {
        "suffix"
    } else if error.is_numeric() {
        "numeric"
    } else {
        "range"
    }
}

pub fn parse(case: &Case<'_>) -> Result<(), String> {
    let input: Text = case.input()?;
    let got: Result<Quantity, _> = input.s.parse();
    match (case.output()?, got) {
        (Parsed::Error { error }, Err(got)) if error == error_kind(&got) => Ok(()),
        (
            Parsed::Quantity {
                canonical,
                string,
                format,
                sign,
                value_ceil,
                milli_ceil,
                value_exact,
                milli_exact,
                value_overflow,
                milli_overflow,
            },
            Ok(got),
        ) => {
            let recomputed = got.checked_add(&Quantity::default());
            let recomputed = recomputed.ok_or("out of range")?;
            let is = |got: i64, want: &str, exact: Option<&str>, overflow: bool| {
                let got = got.to_string();
                overflow || got == want || exact == Some(&got)
            };
            let matches = got.to_string() == string
                && recomputed.to_string() == canonical
                && got.format().as_str() == format
                && got.signum() == sign
                && is(
                    got.value(),
                    &value_ceil,
                    value_exact.as_deref(),
                    value_overflow,
                )
                && is(
                    got.milli_value(),
                    &milli_ceil,
                    milli_exact.as_deref(),
                    milli_overflow,
                );
            if matches {
                return Ok(());
            }
            Err(format!(
                "{got} canonical {recomputed} {:?} sign {} value {} milli {}",
                got.format(),
                got.signum(),
                got.value(),
                got.milli_value()
            ))
        }
        (_, got) => Err(format!("{got:?}")),
    }
}

#[derive(Deserialize)]
struct Operation {
    a: String,
    b: Option<String>,
    op: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Reckoned {
    Order { cmp: i8 },
    Quantity { canonical: String, format: String },
}

pub fn math(case: &Case<'_>) -> Result<(), String> {
    let input: Operation = case.input()?;
    let quantity = |text: &str| text.parse::<Quantity>().map_err(|e| e.to_string());
    let a = quantity(&input.a)?;
    let b = input.b.as_deref().unwrap_or_default();
    let got = match input.op.as_str() {
        "add" => a.checked_add(&quantity(b)?),
        "sub" => a.checked_sub(&quantity(b)?),
        "mul" => a.checked_mul(b.parse().map_err(|_| "no factor")?),
        "neg" => Some(-a.clone()),
        "cmp" => None,
        op => return Err(format!("unknown operation {op}")),
    };
    match (case.output()?, got) {
        (Reckoned::Order { cmp }, None) => {
            let got = a.cmp(&quantity(b)?) as i8;
            if got == cmp {
                Ok(())
            } else {
                Err(got.to_string())
            }
        }
        (Reckoned::Quantity { canonical, format }, Some(got))
            if got.to_string() == canonical && got.format().as_str() == format =>
        {
            Ok(())
        }
        (_, got) => Err(format!("{got:?} {:?}", got.as_ref().map(Quantity::format))),
    }
}
