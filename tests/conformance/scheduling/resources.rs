//! What pods request and are limited to.

use std::collections::BTreeMap;

use pod_lifecycle::{
    api::{Pod, ResourceList},
    quantity::Quantity,
    resources::{self, Options},
};
use serde::Deserialize;

use crate::case::Case;

#[derive(Deserialize)]
struct Input {
    pod: Pod,
    #[serde(default)]
    options: Switches,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct Switches {
    use_status_resources: bool,
    in_place_pod_level_resources_vertical_scaling: bool,
    exclude_overhead: bool,
    skip_pod_level_resources: bool,
    skip_container_level_resources: bool,
    non_missing_container_requests: ResourceList,
}

impl Switches {
    fn options(self) -> Options {
        let mut options = Options::default();
        options.use_status_resources = self.use_status_resources;
        options.in_place_pod_level_resources_vertical_scaling =
            self.in_place_pod_level_resources_vertical_scaling;
        options.exclude_overhead = self.exclude_overhead;
        options.skip_pod_level_resources = self.skip_pod_level_resources;
        options.skip_container_level_resources = self.skip_container_level_resources;
        options.non_missing_container_requests = self.non_missing_container_requests;
        options
    }
}

#[derive(Debug, Deserialize, PartialEq)]
struct Output {
    resources: BTreeMap<String, String>,
}

fn play(case: &Case<'_>, count: fn(&Pod, &Options) -> ResourceList) -> Result<(), String> {
    let input: Input = case.input()?;
    let got = count(&input.pod, &input.options.options());
    case.expect(&Output {
        resources: written(&got),
    })
}

/// The amounts in canonical form.
pub fn written(amounts: &ResourceList) -> BTreeMap<String, String> {
    let canonical = |amount: &Quantity| {
        amount
            .checked_mul(1)
            .map_or_else(String::new, |amount| amount.to_string())
    };
    let write =
        |(name, amount): (&_, &_)| (String::from(AsRef::<str>::as_ref(name)), canonical(amount));
    amounts.iter().map(write).collect()
}

pub fn requests(case: &Case<'_>) -> Result<(), String> {
    play(case, resources::requests)
}

pub fn limits(case: &Case<'_>) -> Result<(), String> {
    play(case, resources::limits)
}
