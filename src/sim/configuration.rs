//! What a simulated namespace and image give to a pod, or do not.

use alloc::{collections::BTreeMap, format, string::String, vec::Vec};
use core::time::Duration;

use jiff::Timestamp;

use super::Sim;
use crate::{
    api::{Container, KeyToPath, Volume},
    machine::Input,
    time::{later, since},
};

/// When a kubelet first looks whether a volume can be mounted.
const FIRST_MOUNT: Duration = Duration::from_millis(300);
/// How long it waits before it tries again, at first; each wait is twice the one before.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(122);

/// When, not before `now`, a kubelet tries again to mount what it has tried to mount since then.
pub(super) fn next_mount(begun: Timestamp, now: Timestamp) -> Timestamp {
    let (mut at, mut wait) = (later(begun, FIRST_MOUNT), FIRST_WAIT);
    while at < now && wait < LONGEST_WAIT {
        at = later(at, wait);
        wait = wait.saturating_mul(2);
    }
    let behind = since(now, at).unwrap_or_default().as_nanos();
    let waits = behind.div_ceil(LONGEST_WAIT.as_nanos());
    let waits = u32::try_from(waits).unwrap_or(u32::MAX);
    later(at, LONGEST_WAIT.saturating_mul(waits))
}

/// Whether a config map or secret lacks, or is not there with, what a volume shows of it.
fn is_missing(
    known: &BTreeMap<String, Vec<String>>,
    (name, items, optional): (&str, &[KeyToPath], Option<bool>),
) -> bool {
    let has_all = |keys: &Vec<String>| items.iter().all(|item| keys.contains(&item.key));
    optional != Some(true) && !known.get(name).is_some_and(has_all)
}

/// The config maps and secrets that a volume shows.
fn shown(volume: &Volume) -> impl Iterator<Item = (&str, &[KeyToPath], Option<bool>)> {
    let map = volume.config_map.as_ref();
    let map = map.map(|map| (&*map.name, &*map.items, map.optional));
    let secret = volume.secret.as_ref();
    let secret = secret.map(|secret| (&*secret.secret_name, &*secret.items, secret.optional));
    let sources = volume.projected.iter().flat_map(|all| &all.sources);
    let projected = sources.flat_map(|source| {
        let map = source.config_map.as_ref();
        let map = map.map(|map| (&*map.name, &*map.items, map.optional));
        let secret = source.secret.as_ref();
        let secret = secret.map(|secret| (&*secret.name, &*secret.items, secret.optional));
        map.into_iter().chain(secret)
    });
    map.into_iter().chain(secret).chain(projected)
}

impl Sim {
    /// Mounts the volumes, if everything that they show is there.
    pub(super) fn mount_volumes(&mut self) {
        let known = &self.setup.node.config;
        let machine = self.machine.iter();
        let mut volumes = machine.flat_map(|machine| &machine.pod().spec.volumes);
        let lacks = volumes.any(|volume| shown(volume).any(|what| is_missing(known, what)));
        if self.mounting.is_some() && !lacks {
            self.mounting = None;
            self.report(Input::VolumesMounted);
        }
    }

    /// What a container's configuration names and the namespace does not have.
    pub(super) fn missing_configuration(&self, spec: &Container) -> Option<String> {
        let known = &self.setup.node.config;
        let missing = |name: &str, key: Option<&str>, optional: Option<bool>| {
            let keys = known.get(name);
            let found = keys
                .is_some_and(|keys| key.is_none_or(|key| keys.iter().any(|known| known == key)));
            (!found && optional != Some(true)).then(|| format!("{name:?} is missing"))
        };
        let from = spec.env_from.iter().find_map(|from| {
            let map = from
                .config_map_ref
                .as_ref()
                .and_then(|map| missing(&map.name, None, map.optional));
            map.or_else(|| {
                from.secret_ref
                    .as_ref()
                    .and_then(|secret| missing(&secret.name, None, secret.optional))
            })
        });
        let values = || {
            spec.env
                .iter()
                .filter_map(|env| env.value_from.as_ref())
                .find_map(|source| {
                    let map = source.config_map_key_ref.as_ref();
                    let map = map.and_then(|map| missing(&map.name, Some(&map.key), map.optional));
                    let secret = source.secret_key_ref.as_ref();
                    map.or_else(|| {
                        secret.and_then(|secret| {
                            missing(&secret.name, Some(&secret.key), secret.optional)
                        })
                    })
                })
        };
        from.or_else(values).or_else(|| self.runs_as_root(spec))
    }

    /// Images of a simulation run as root unless told otherwise.
    fn runs_as_root(&self, spec: &Container) -> Option<String> {
        let pod = self
            .machine
            .as_ref()?
            .pod()
            .spec
            .security_context
            .as_deref();
        let own = spec.security_context.as_deref();
        let non_root = own
            .and_then(|own| own.run_as_non_root)
            .or_else(|| pod.and_then(|pod| pod.run_as_non_root));
        let user = own
            .and_then(|own| own.run_as_user)
            .or_else(|| pod.and_then(|pod| pod.run_as_user));
        (non_root == Some(true) && user.unwrap_or(0) == 0).then(|| "the image runs as root".into())
    }
}
