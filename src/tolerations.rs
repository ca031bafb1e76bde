//! Taints and what tolerates them.
//!
//! Where a pod may go and where it may stay depend on the same two questions: whether a toleration
//! tolerates a taint, and which toleration it is that tolerates each taint of a node. Answers what
//! `Toleration.ToleratesTaint` and `GetMatchingTolerations` of Kubernetes answer.

use alloc::vec::Vec;

use crate::{
    api::{Taint, Toleration, TolerationOperator},
    format,
};

/// Whether `Lt` and `Gt` compare.
///
/// Behind the feature gate `TaintTolerationComparisonOperators`, which is off by default.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum ComparisonOperators {
    /// They tolerate nothing.
    #[default]
    Off,
    /// They compare values as integers.
    On,
}

/// Whether a toleration tolerates a taint.
///
/// Effect and key have to be equal where the toleration has them; then its operator decides.
/// Without an operator, and with `Equal`, the values have to be equal even where the key is absent.
///
/// ```
/// use pod_lifecycle::{api::{Taint, Toleration}, tolerations};
///
/// let taint: Taint = serde_json::from_str(r#"{"key": "gpu", "value": "a", "effect": "NoSchedule"}"#)?;
/// let exists: Toleration = serde_json::from_str(r#"{"key": "gpu", "operator": "Exists"}"#)?;
/// let equal: Toleration = serde_json::from_str(r#"{"key": "gpu", "value": "b"}"#)?;
/// assert!(tolerations::tolerates(&exists, &taint));
/// assert!(!tolerations::tolerates(&equal, &taint));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn tolerates(toleration: &Toleration, taint: &Taint) -> bool {
    tolerates_with(toleration, taint, ComparisonOperators::Off)
}

/// Whether a toleration tolerates a taint, in a cluster that may have switched `Lt` and `Gt` on.
///
/// These two compare integers of 64 bits in canonical decimal form; any other value is not
/// tolerated.
///
/// ```
/// use pod_lifecycle::{
///     api::{Taint, Toleration},
///     tolerations::{self, ComparisonOperators},
/// };
///
/// let taint: Taint = serde_json::from_str(r#"{"key": "sla", "value": "95", "effect": "NoSchedule"}"#)?;
/// let toleration: Toleration =
///     serde_json::from_str(r#"{"key": "sla", "operator": "Gt", "value": "90"}"#)?;
/// assert!(tolerations::tolerates_with(&toleration, &taint, ComparisonOperators::On));
/// assert!(!tolerations::tolerates_with(&toleration, &taint, ComparisonOperators::Off));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn tolerates_with(
    toleration: &Toleration,
    taint: &Taint,
    comparison: ComparisonOperators,
) -> bool {
    if toleration.effect.is_some() && toleration.effect != taint.effect
        || !toleration.key.is_empty() && toleration.key != taint.key
    {
        return false;
    }
    let compares = |test: fn(&i64, &i64) -> bool| {
        let values = integer(&taint.value).zip(integer(&toleration.value));
        comparison == ComparisonOperators::On && values.is_some_and(|(a, b)| test(&a, &b))
    };
    match &toleration.operator {
        None | Some(TolerationOperator::Equal) => toleration.value == taint.value,
        Some(TolerationOperator::Exists) => true,
        Some(TolerationOperator::Lt) => compares(i64::lt),
        Some(TolerationOperator::Gt) => compares(i64::gt),
        Some(TolerationOperator::Other(_)) => false,
    }
}

fn integer(value: &str) -> Option<i64> {
    let canonical = format::decimal_integer(value).is_empty();
    canonical.then(|| value.parse().ok()).flatten()
}

/// Returns the first of the taints that no toleration tolerates.
///
/// Which effects count is for the caller to say, by the taints that it passes.
///
/// ```
/// use pod_lifecycle::{api::Taint, tolerations};
///
/// let taint = Taint { key: "gpu".into(), ..Taint::default() };
/// assert_eq!(tolerations::first_untolerated([&taint], &[]), Some(&taint));
/// ```
#[must_use]
pub fn first_untolerated<'a>(
    taints: impl IntoIterator<Item = &'a Taint>,
    tolerations: &[Toleration],
) -> Option<&'a Taint> {
    let untolerated = |taint: &&Taint| {
        !tolerations
            .iter()
            .any(|toleration| tolerates(toleration, taint))
    };
    taints.into_iter().find(untolerated)
}

/// Returns for each taint the index of the first toleration that tolerates it, or `None` as soon as
/// one taint has none.
///
/// All effects count. The first toleration in the list is taken, not the most generous one.
///
/// ```
/// use pod_lifecycle::{api::{Taint, Toleration}, tolerations};
///
/// let taint = Taint { key: "gpu".into(), ..Taint::default() };
/// let toleration: Toleration = serde_json::from_str(r#"{"operator": "Exists"}"#)?;
/// assert_eq!(tolerations::matching([&taint], &[toleration]), Some(vec![0]));
/// assert_eq!(tolerations::matching([&taint], &[]), None);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn matching<'a>(
    taints: impl IntoIterator<Item = &'a Taint>,
    tolerations: &[Toleration],
) -> Option<Vec<usize>> {
    let first = |taint: &'a Taint| {
        tolerations
            .iter()
            .position(|toleration| tolerates(toleration, taint))
    };
    taints.into_iter().map(first).collect()
}
