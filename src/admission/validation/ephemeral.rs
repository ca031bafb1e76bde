//! Which ephemeral containers can be added to a pod.

use alloc::collections::BTreeMap;

use super::{Context, Options, ratchet::Tolerated, update};
use crate::{
    api::Pod,
    critical,
    field::{self, FieldErrors},
};

/// Judges ephemeral containers that were added, as `ValidatePodEphemeralContainersUpdate` does.
///
/// They can be added in any order, and never changed or removed. What else has
/// changed is not looked at, since [preparation](crate::admission::prepare) has taken it back.
///
/// # Errors
///
/// Everything that is wrong with the new pod and with the change.
///
/// ```
/// use pod_lifecycle::{admission::{self, validation}, api::Pod};
///
/// let manifest: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "web", "resourceVersion": "1"},
///         "spec": {"containers": [{"name": "web", "image": "nginx"}]}}"#,
/// )?;
/// let (now, options) = ("2026-03-01T09:00:00Z".parse().unwrap(), admission::Options::default());
/// let old = admission::create(now, manifest, &options).unwrap().pod;
/// assert!(validation::ephemeral_containers_update(&old, &old, &options.validation).is_ok());
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn ephemeral_containers_update(
    new: &Pod,
    old: &Pod,
    options: &Options,
) -> Result<(), FieldErrors> {
    field::collect("", |at| {
        update::metadata_and_spec(at, new, old, options);
        let context = Context::of_pod(new, options, Tolerated::of(old));
        update::pod_annotations(at, new, old, &context);
        if critical::is_mirror(old) {
            at.discard();
            at.elsewhere("[]")
                .forbidden("static pods do not support ephemeral containers");
            return;
        }
        let containers = new.spec.ephemeral_containers.iter();
        let by_name: BTreeMap<_, _> = containers.map(|c| (c.name.as_str(), c)).collect();
        let at = &mut at.field("spec");
        let at = &mut at.field("ephemeralContainers");
        for old in &old.spec.ephemeral_containers {
            match by_name.get(old.name.as_str()) {
                None => {
                    at.forbidden("existing ephemeral containers may not be removed");
                }
                Some(new) if *new != old => {
                    at.forbidden("existing ephemeral containers may not be changed");
                }
                Some(_) => {}
            }
        }
    })
}
