//! Adapters of the `scheduling` family.

mod quantity;

use crate::case::Adapter;

pub fn adapter(function: &str) -> Option<Adapter> {
    let adapter: Adapter = match function {
        "quantity_math" => quantity::math,
        "quantity_parse" => quantity::parse,
        _ => return None,
    };
    Some(adapter)
}
