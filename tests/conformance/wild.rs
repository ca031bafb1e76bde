//! Adapters of the `wild` family.

use crate::case::Adapter;

pub fn adapter(function: &str) -> Option<Adapter> {
    let adapter: Adapter = match function {
        _ => return None,
    };
    Some(adapter)
}
