//! Taints and tolerations.

use pod_lifecycle::{
    api::{Taint, Toleration},
    tolerations::{self, ComparisonOperators},
};
use serde::Deserialize;

use crate::case::Case;

pub fn tolerates(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        toleration: Toleration,
        taint: Taint,
        #[serde(default)]
        comparison_operators: bool,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    struct Output {
        tolerates: bool,
    }

    let input: Input = case.input()?;
    let comparison = match input.comparison_operators {
        true => ComparisonOperators::On,
        false => ComparisonOperators::Off,
    };
    case.expect(&Output {
        tolerates: tolerations::tolerates_with(&input.toleration, &input.taint, comparison),
    })
}

pub fn matching(case: &Case<'_>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(default)]
    #[derive(Default)]
    struct Input {
        taints: Option<Vec<Taint>>,
        tolerations: Option<Vec<Toleration>>,
    }
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        all_tolerated: bool,
        #[serde(default)]
        used: Option<Vec<usize>>,
        first_untolerated_taint: Option<usize>,
    }

    let input: Input = case.input()?;
    let taints = input.taints.unwrap_or_default();
    let tolerations = input.tolerations.unwrap_or_default();
    let used = tolerations::matching(&taints, &tolerations);
    let all_tolerated = used.is_some();
    // Recorded is the first index of an equal toleration or taint.
    let first_equal = |index: usize| {
        let equal = |candidate: &Toleration| Some(candidate) == tolerations.get(index);
        tolerations.iter().position(equal).unwrap_or(index)
    };
    let used = used.unwrap_or_default().into_iter().map(first_equal);
    let untolerated = tolerations::first_untolerated(&taints, &tolerations);
    case.expect(&Output {
        all_tolerated,
        used: Some(used.collect()),
        first_untolerated_taint: untolerated
            .and_then(|untolerated| taints.iter().position(|taint| taint == untolerated)),
    })
}
