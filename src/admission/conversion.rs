//! What a pod loses and gains on the way through the API server's internal form.
//!
//! The API server validates and stores the internal form, and some fields have
//! only one home there; whoever reads the pod back sees the difference.

use crate::api::{Pod, PodIP, PodSpec, PodStatus};

/// Annotations that carried init containers before they were fields.
const DROPPED_ANNOTATIONS: [&str; 4] = [
    "pod.alpha.kubernetes.io/init-containers",
    "pod.alpha.kubernetes.io/init-container-statuses",
    "pod.beta.kubernetes.io/init-containers",
    "pod.beta.kubernetes.io/init-container-statuses",
];

/// Gives a pod the form that it has after a conversion to the internal form and back.
///
/// A negative grace period becomes 1, the two names of the service account and
/// the two forms of the pod's addresses are made to agree, a security context is
/// there, and annotations of long-gone versions are not. Nothing else changes;
/// to do it twice changes nothing more.
///
/// ```
/// use pod_lifecycle::{admission::conversion, api::Pod};
///
/// let mut pod = Pod::default();
/// pod.spec.service_account = "builder".into();
/// conversion::normalize(&mut pod);
/// assert_eq!(pod.spec.service_account_name, "builder");
/// assert!(pod.spec.security_context.is_some());
/// ```
pub fn normalize(pod: &mut Pod) {
    for annotation in DROPPED_ANNOTATIONS {
        pod.metadata.annotations.remove(annotation);
    }
    normalize_spec(&mut pod.spec);
    addresses(&mut pod.status);
}

/// Does what [`normalize`] does for the spec alone, as it is found in a pod template.
///
/// ```
/// use pod_lifecycle::{admission::conversion, api::PodSpec};
///
/// let mut spec = PodSpec { termination_grace_period_seconds: Some(-5), ..Default::default() };
/// conversion::normalize_spec(&mut spec);
/// assert_eq!(spec.termination_grace_period_seconds, Some(1));
/// ```
pub fn normalize_spec(spec: &mut PodSpec) {
    if spec.termination_grace_period_seconds.is_some_and(|s| s < 0) {
        spec.termination_grace_period_seconds = Some(1);
    }
    if spec.service_account_name.is_empty() {
        spec.service_account_name.clone_from(&spec.service_account);
    } else if spec.service_account != spec.service_account_name {
        spec.service_account.clone_from(&spec.service_account_name);
    }
    spec.security_context.get_or_insert_default();
}

/// The list of addresses is the internal form; the single one decides where both are given and differ.
fn addresses(status: &mut PodStatus) {
    let first = status.pod_ips.first().map(|address| address.ip.as_str());
    if !status.pod_ip.is_empty() && first != Some(&status.pod_ip) {
        status.pod_ips.clear();
        status.pod_ips.push(PodIP {
            ip: status.pod_ip.clone(),
        });
    } else if let (true, Some(first)) = (status.pod_ip.is_empty(), first) {
        status.pod_ip = first.into();
    }
}
