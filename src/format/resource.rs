//! Classes of resource names.

use super::qualified_name;

const REQUESTS: &str = "requests.";

/// Whether a resource is Kubernetes' own: its name has no domain, or one of `kubernetes.io`.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::is_native_resource("cpu"));
/// assert!(format::is_native_resource("example.kubernetes.io/fpga"));
/// assert!(!format::is_native_resource("nvidia.com/gpu"));
/// ```
#[must_use]
pub fn is_native_resource(name: &str) -> bool {
    !name.contains('/') || name.contains("kubernetes.io/")
}

/// Whether a resource is one that a device plugin offers.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::is_extended_resource("nvidia.com/gpu"));
/// assert!(!format::is_extended_resource("memory"));
/// assert!(!format::is_extended_resource("requests.nvidia.com/gpu"));
/// ```
#[must_use]
pub fn is_extended_resource(name: &str) -> bool {
    // Its quota has a name, too.
    !is_native_resource(name)
        && !name.starts_with(REQUESTS)
        && qualified_name(REQUESTS.chars().chain(name.chars())).is_empty()
}

/// Whether a resource is memory in pages of some size.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::is_huge_pages("hugepages-2Mi"));
/// ```
#[must_use]
pub fn is_huge_pages(name: &str) -> bool {
    name.starts_with("hugepages-")
}

/// Whether a pod's limit may be above its request.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::allows_overcommit("memory"));
/// assert!(!format::allows_overcommit("nvidia.com/gpu"));
/// ```
#[must_use]
pub fn allows_overcommit(name: &str) -> bool {
    is_native_resource(name) && !is_huge_pages(name)
}

/// Whether a name without a domain is one that Kubernetes knows, in pods or in quotas.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::is_standard_resource("limits.cpu"));
/// assert!(!format::is_standard_resource("gpu"));
/// ```
#[must_use]
pub fn is_standard_resource(name: &str) -> bool {
    let name = match name.strip_prefix(REQUESTS) {
        Some(requested) => {
            return is_huge_pages(requested) || is_compute(requested) || requested == "storage";
        }
        None => name,
    };
    if let Some(limited) = name.strip_prefix("limits.") {
        return is_compute(limited);
    }
    is_compute(name) || is_huge_pages(name) || name == "storage" || is_counted(name)
}

/// Whether a resource comes in whole numbers only.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::is_integer_resource("nvidia.com/gpu"));
/// assert!(!format::is_integer_resource("cpu"));
/// ```
#[must_use]
pub fn is_integer_resource(name: &str) -> bool {
    is_counted(name) || is_extended_resource(name)
}

fn is_compute(name: &str) -> bool {
    matches!(name, "cpu" | "memory" | "ephemeral-storage")
}

fn is_counted(name: &str) -> bool {
    matches!(
        name,
        "pods"
            | "services"
            | "replicationcontrollers"
            | "resourcequotas"
            | "secrets"
            | "configmaps"
            | "persistentvolumeclaims"
            | "services.nodeports"
            | "services.loadbalancers"
    )
}
