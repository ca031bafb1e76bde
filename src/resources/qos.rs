//! The quality of service class.

use crate::{
    api::{Pod, PodQOSClass, PodSpec, ResourceName, ResourceRequirements},
    quantity::Quantity,
};

/// The resources that a class depends on.
const COMPUTE: [ResourceName; 2] = [ResourceName::CPU, ResourceName::MEMORY];

/// Returns the class of a pod: the one its status has, else the one that [`compute`] finds.
///
/// The API server writes it when it creates a pod, and it never changes.
///
/// ```
/// use pod_lifecycle::{api::{Pod, PodQOSClass}, resources::qos};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"spec": {"containers": [{"name": "web", "resources": {"requests": {"cpu": "100m"}}}]}}"#,
/// )?;
/// assert_eq!(qos::class(&pod), PodQOSClass::Burstable);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn class(pod: &Pod) -> PodQOSClass {
    match &pod.status.qos_class {
        Some(class) => class.clone(),
        None => compute(&pod.spec),
    }
}

/// Returns the class that a spec alone makes.
///
/// Only cpu and memory count, and only amounts above zero. Resources of the pod
/// as a whole, where there are any, decide alone; otherwise containers and init containers do, each
/// of which needs both limits, and all requests together must equal all limits
/// together, for `Guaranteed`. Follows `ComputePodQOS`.
///
/// ```
/// use pod_lifecycle::{api::{PodQOSClass, PodSpec}, resources::qos};
///
/// let spec: PodSpec = serde_json::from_str(
///     r#"{"containers": [{"name": "web", "resources": {
///         "requests": {"cpu": "1", "memory": "1Gi"},
///         "limits": {"cpu": "1000m", "memory": "1024Mi"}
///     }}]}"#,
/// )?;
/// assert_eq!(qos::compute(&spec), PodQOSClass::Guaranteed);
/// assert_eq!(qos::compute(&PodSpec::default()), PodQOSClass::BestEffort);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn compute(spec: &PodSpec) -> PodQOSClass {
    let mut sums = Sums::default();
    match &spec.resources {
        Some(resources) => {
            let limited = sums.add(resources);
            sums.all_limited = limited || resources.limits.is_empty();
        }
        None => {
            sums.all_limited = true;
            for container in spec.containers.iter().chain(&spec.init_containers) {
                sums.all_limited &= sums.add(&container.resources);
            }
        }
    }
    sums.class()
}

#[derive(Default)]
struct Sums {
    requests: [Quantity; 2],
    limits: [Quantity; 2],
    all_limited: bool,
}

impl Sums {
    /// Adds one container's amounts, and says whether it has both limits.
    fn add(&mut self, resources: &ResourceRequirements) -> bool {
        let mut limited = true;
        for ((name, requests), limits) in
            COMPUTE.iter().zip(&mut self.requests).zip(&mut self.limits)
        {
            if let Some(request) = resources.requests.get(name).filter(|q| is_positive(q)) {
                super::add_to(requests, request);
            }
            match resources.limits.get(name).filter(|q| is_positive(q)) {
                Some(limit) => super::add_to(limits, limit),
                None => limited = false,
            }
        }
        limited
    }

    fn class(&self) -> PodQOSClass {
        let nothing = |sums: &[Quantity; 2]| !sums.iter().any(is_positive);
        if nothing(&self.requests) && nothing(&self.limits) {
            PodQOSClass::BestEffort
        } else if self.all_limited && self.requests == self.limits {
            PodQOSClass::Guaranteed
        } else {
            PodQOSClass::Burstable
        }
    }
}

fn is_positive(amount: &Quantity) -> bool {
    *amount > Quantity::default()
}
