//! Adapters of the `admission` family.

mod delete;
mod prepare;
mod qos;
mod validation;

use crate::case::Adapter;

pub fn adapter(function: &str) -> Option<Adapter> {
    let adapter: Adapter = match function {
        "admit_create" => validation::admit_create,
        "before_delete" => delete::before,
        "convert_roundtrip" => prepare::conversion,
        "default_pod" => prepare::defaults,
        "graceful_delete" => delete::graceful,
        "prepare_create" => prepare::create,
        "prepare_ephemeral_containers_update" => prepare::ephemeral_containers_update,
        "prepare_resize" => prepare::resize,
        "prepare_status_update" => prepare::status_update,
        "prepare_update" => prepare::update,
        "qos_class" => qos::class,
        "validate_create" => validation::create,
        "validate_ephemeral_containers_update" => validation::ephemeral_containers_update,
        "validate_resize" => validation::resize,
        "validate_status_update" => validation::status_update,
        "validate_update" => validation::update,
        "warnings" => validation::warnings,
        _ => return None,
    };
    Some(adapter)
}
