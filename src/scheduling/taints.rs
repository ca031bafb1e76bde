//! Taints that keep a pod away.

use alloc::boxed::Box;

use super::Misfit;
use crate::{
    api::{Taint, TaintEffect, Toleration},
    tolerations,
};

/// Returns the first taint with the effect `NoSchedule` or `NoExecute` that is not tolerated.
///
/// `tolerationSeconds` do not matter here: the pod may come, and is evicted later.
///
/// ```
/// use pod_lifecycle::{api::Taint, scheduling::taints};
///
/// let taints: Vec<Taint> = serde_json::from_str(
///     r#"[{"key": "slow", "effect": "PreferNoSchedule"}, {"key": "gpu", "effect": "NoSchedule"}]"#,
/// )?;
/// assert_eq!(taints::first_that_keeps_away(&taints, &[]), Some(&taints[1]));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn first_that_keeps_away<'a>(
    taints: &'a [Taint],
    tolerations: &[Toleration],
) -> Option<&'a Taint> {
    let keeps_away = |taint: &&Taint| match taint.effect {
        Some(TaintEffect::NoSchedule | TaintEffect::NoExecute) => true,
        Some(TaintEffect::PreferNoSchedule | TaintEffect::Other(_)) | None => false,
    };
    tolerations::first_untolerated(taints.iter().filter(keeps_away), tolerations)
}

/// Whether a taint keeps the pod away.
///
/// ```
/// use pod_lifecycle::{api::Taint, scheduling::{Code, taints}};
///
/// let taint: Taint = serde_json::from_str(r#"{"key": "gpu", "effect": "NoSchedule"}"#)?;
/// let misfit = taints::check(&[], &[taint]).unwrap();
/// assert_eq!(misfit.to_string(), "node(s) had untolerated taint(s)");
/// assert_eq!(misfit.code(), Code::UnschedulableAndUnresolvable);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn check(tolerations: &[Toleration], taints: &[Taint]) -> Option<Misfit> {
    let taint = first_that_keeps_away(taints, tolerations)?;
    Some(Misfit::UntoleratedTaint(Box::new(taint.clone())))
}
