//! What a simulated namespace and image give to a container, or do not.

use alloc::{format, string::String};

use super::Sim;
use crate::api::Container;

impl Sim {
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
