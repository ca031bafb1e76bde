//! Adapters of the `scheduling` family.

mod labels;
mod quantity;
pub mod resources;
mod tolerations;

use crate::case::Adapter;

pub fn adapter(function: &str) -> Option<Adapter> {
    let adapter: Adapter = match function {
        "label_selector" => labels::label_selector,
        "matching_tolerations" => tolerations::matching,
        "node_selector" => labels::node_selector,
        "node_selector_term" => labels::node_selector_term,
        "pod_limits" => resources::limits,
        "pod_requests" => resources::requests,
        "quantity_math" => quantity::math,
        "quantity_parse" => quantity::parse,
        "tolerates" => tolerations::tolerates,
        _ => return None,
    };
    Some(adapter)
}
