//! The one computation that runs over the containers of a pod.

use alloc::{borrow::Cow, collections::BTreeMap};

use super::add_to;
use crate::{
    api::{Container, PodSpec, ResourceList, ResourceName},
    quantity::Quantity,
};

/// Returns what the containers of a pod request together, init containers and sidecars included.
///
/// Neither the pod's own resources nor its overhead, and nothing of its status.
///
/// ```
/// use pod_lifecycle::{api::{PodSpec, ResourceName}, resources};
///
/// let spec: PodSpec = serde_json::from_str(
///     r#"{"containers": [
///         {"name": "a", "resources": {"requests": {"memory": "64Mi"}}},
///         {"name": "b", "resources": {"requests": {"memory": "32Mi"}}}
///     ]}"#,
/// )?;
/// let memory = &resources::aggregate_requests(&spec)[&ResourceName::MEMORY];
/// assert_eq!(memory.to_string(), "96Mi");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn aggregate_requests(spec: &PodSpec) -> ResourceList {
    aggregate(spec, |container, _| {
        Cow::Borrowed(&container.resources.requests)
    })
}

/// Returns the limits of the containers of a pod together, init containers and sidecars included.
///
/// Neither the pod's own resources nor its overhead, and nothing of its status.
///
/// ```
/// use pod_lifecycle::{api::{PodSpec, ResourceName}, resources};
///
/// let spec: PodSpec = serde_json::from_str(
///     r#"{"containers": [{"name": "a", "resources": {"limits": {"cpu": "0.5"}}}]}"#,
/// )?;
/// assert_eq!(resources::aggregate_limits(&spec)[&ResourceName::CPU].to_string(), "500m");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn aggregate_limits(spec: &PodSpec) -> ResourceList {
    aggregate(spec, |container, _| {
        Cow::Borrowed(&container.resources.limits)
    })
}

/// Of so few resources each is added up by itself, without allocating.
const FEW: usize = 16;

/// Looks up what the containers of a pod take together of the resources that are named.
pub(crate) fn aggregated<'a>(
    spec: &'a PodSpec,
    named: &ResourceList,
    amounts: fn(&Container) -> &ResourceList,
) -> impl Fn(&ResourceName) -> Option<Quantity> + use<'a> {
    let all = (named.len() > FEW)
        .then(|| aggregate(spec, |container, _| Cow::Borrowed(amounts(container))));
    move |name| match &all {
        Some(all) => all.get(name).cloned(),
        None => {
            let mut sum = Sum::default();
            for (container, part) in parts(spec) {
                if let Some(amount) = amounts(container).get(name) {
                    sum.add(amount, part);
                }
            }
            sum.most()
        }
    }
}

/// When a container runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Runs {
    /// For as long as the pod does: a regular container or a sidecar.
    Throughout,
    /// Alone in its turn, beside the sidecars before it.
    InTurn,
}

/// What a container is to the sum.
#[derive(Clone, Copy)]
enum Part {
    Regular,
    Sidecar,
    Init,
}

impl Part {
    fn runs(self) -> Runs {
        match self {
            Self::Regular | Self::Sidecar => Runs::Throughout,
            Self::Init => Runs::InTurn,
        }
    }
}

/// The containers in the order in which they are added up.
fn parts(spec: &PodSpec) -> impl Iterator<Item = (&Container, Part)> {
    let regular = spec.containers.iter();
    let init = spec.init_containers.iter().map(|container| {
        let is_sidecar = container.is_sidecar();
        (
            container,
            if is_sidecar {
                Part::Sidecar
            } else {
                Part::Init
            },
        )
    });
    regular
        .map(|container| (container, Part::Regular))
        .chain(init)
}

/// What containers take together of one resource.
#[derive(Default)]
struct Sum {
    total: Option<Quantity>,
    sidecars: Option<Quantity>,
    /// The most at any moment of the start.
    peak: Option<Quantity>,
}

impl Sum {
    fn add(&mut self, amount: &Quantity, part: Part) {
        match part {
            Part::Regular => add(&mut self.total, amount),
            Part::Sidecar => {
                add(&mut self.total, amount);
                add(&mut self.sidecars, amount);
                raise(&mut self.peak, self.sidecars.as_ref());
            }
            Part::Init => {
                let sidecars = self.sidecars.as_ref();
                let beside = sidecars.and_then(|sidecars| amount.checked_add(sidecars));
                raise(&mut self.peak, beside.as_ref().or(Some(amount)));
            }
        }
    }

    fn most(mut self) -> Option<Quantity> {
        raise(&mut self.total, self.peak.as_ref());
        self.total
    }
}

fn add(sum: &mut Option<Quantity>, amount: &Quantity) {
    match sum {
        Some(sum) => add_to(sum, amount),
        None => *sum = Some(amount.clone()),
    }
}

fn raise(peak: &mut Option<Quantity>, amount: Option<&Quantity>) {
    if amount > peak.as_ref() {
        *peak = amount.cloned();
    }
}

/// Sums up what `amounts` says of each container.
pub(super) fn aggregate<'a>(
    spec: &'a PodSpec,
    amounts: impl Fn(&'a Container, Runs) -> Cow<'a, ResourceList>,
) -> ResourceList {
    let mut sums: BTreeMap<ResourceName, Sum> = BTreeMap::new();
    for (container, part) in parts(spec) {
        for (name, amount) in amounts(container, part.runs()).iter() {
            match sums.get_mut(name) {
                Some(sum) => sum.add(amount, part),
                None => sums.entry(name.clone()).or_default().add(amount, part),
            }
        }
    }
    let sums = sums.into_iter();
    sums.filter_map(|(name, sum)| Some((name, sum.most()?)))
        .collect()
}
