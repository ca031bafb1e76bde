//! The quality of service class.

use pod_lifecycle::{
    api::{Pod, PodQOSClass},
    resources::qos,
};
use serde::Deserialize;

use crate::case::Case;

#[derive(Deserialize)]
struct Input {
    pod: Pod,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Classes {
    qos_class: PodQOSClass,
    computed: PodQOSClass,
}

pub fn class(case: &Case<'_>) -> Result<(), String> {
    let Input { pod } = case.input()?;
    case.expect(&Classes {
        qos_class: qos::class(&pod),
        computed: qos::compute(&pod.spec),
    })
}
