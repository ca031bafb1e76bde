//! What a container's process finds: its command, its variables, its directory.

use core::net::Ipv4Addr;
use std::{
    borrow::Cow,
    env, fs,
    path::{Path, PathBuf},
    thread,
};

use pod_lifecycle::{
    api::{Container, EnvVar, EnvVarSource, Pod, ResourceFieldSelector, ResourceName},
    lifecycle::{expand, hostname},
    quantity::Quantity,
};

use crate::{
    process::Program,
    volume::{self, Volumes},
};

/// The address of a pod whose network is the host's.
pub(crate) const ADDRESS: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// Where the process may leave its last words.
pub(crate) const MESSAGE: &str = "TERMINATION_MESSAGE_PATH";

/// What a container's environment is made of.
pub(crate) struct Setting<'a> {
    pub(crate) pod: &'a Pod,
    pub(crate) container: &'a Container,
    pub(crate) volumes: &'a Volumes,
    /// The file for the termination message.
    pub(crate) message: &'a Path,
}

type Variables = Vec<(String, String)>;

impl Setting<'_> {
    /// Returns the container's program, or what is missing of what its environment refers to.
    pub(crate) fn program(&self) -> Result<Program, String> {
        let Self { container, .. } = self;
        let mut known = self.given()?;
        self.declared(&mut known)?;
        let (command, args) = expand::command_and_args(container, |name| value(&known, name));
        let command = command.into_iter().chain(args);
        let directory = match &*container.working_dir {
            "" => None,
            path => Some(self.volumes.locate(container, path)),
        };
        let mut environment = self.host();
        let command = command.map(Cow::into_owned).collect();
        environment.extend(known);
        Ok(Program {
            command,
            environment,
            directory,
        })
    }

    /// What every process needs, and containers get from their images and runtimes.
    fn host(&self) -> Variables {
        let mut path = PathBuf::new();
        if let Ok(program) = env::current_exe() {
            path.extend(program.parent());
        }
        let others = env::var_os("PATH").unwrap_or_default();
        // A manifest can have `supervise` itself serve.
        let all = [path].into_iter().chain(env::split_paths(&others));
        let path = env::join_paths(all).unwrap_or(others);
        let name = hostname::of(self.pod, "cluster.local").unwrap_or_default();
        [
            ("PATH", path.to_string_lossy().into_owned()),
            ("HOSTNAME", name.hostname),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// What stands in for what a container finds at a path.
    fn given(&self) -> Result<Variables, String> {
        let message = self.message.to_string_lossy().into_owned();
        let mut given = vec![(MESSAGE.to_owned(), message)];
        for mount in &self.container.volume_mounts {
            let name = volume::variable(&mount.name);
            if value(&given, &name).is_some() {
                continue;
            }
            let mut below = mount.sub_path.clone();
            if !mount.sub_path_expr.is_empty() {
                let mut known = given.clone();
                self.declared(&mut known)?;
                let path = expand::sub_path(&mount.sub_path_expr, |name| value(&known, name));
                below = path.map_err(|error| error.to_string())?.into_owned();
            }
            let found = self.volumes.find(mount, &below);
            let found = found.map_err(|error| format!("volume {:?}: {error}", mount.name))?;
            given.push((name, found.to_string_lossy().into_owned()));
        }
        Ok(given)
    }

    /// What the container's spec says.
    fn declared(&self, known: &mut Variables) -> Result<(), String> {
        for source in &self.container.env_from {
            if let Some(map) = source.config_map_ref.as_deref() {
                optional(map.optional, || {
                    format!("configmap {:?} not found", map.name)
                })?;
            }
            if let Some(secret) = source.secret_ref.as_deref() {
                optional(secret.optional, || {
                    format!("secret {:?} not found", secret.name)
                })?;
            }
        }
        for variable in &self.container.env {
            if let Some(text) = self.text(variable, known)? {
                known.push((variable.name.clone(), text));
            }
        }
        Ok(())
    }

    fn text(&self, variable: &EnvVar, known: &Variables) -> Result<Option<String>, String> {
        let Some(source) = &variable.value_from else {
            let text = expand::expand(&variable.value, |name| value(known, name));
            return Ok(Some(text.into_owned()));
        };
        if let Some(field) = &source.field_ref {
            return self.field(&field.field_path).map(Some);
        }
        if let Some(resource) = &source.resource_field_ref {
            return self.resource(resource).map(Some);
        }
        unavailable(source).map_or(Ok(None), Err)
    }

    fn field(&self, path: &str) -> Result<String, String> {
        let Pod { metadata, spec, .. } = self.pod;
        let key = |of: &str| path.strip_prefix(of)?.strip_suffix("']").map(str::to_owned);
        if let Some(key) = key("metadata.labels['") {
            return Ok(metadata.labels.get(&key).cloned().unwrap_or_default());
        }
        if let Some(key) = key("metadata.annotations['") {
            return Ok(metadata.annotations.get(&key).cloned().unwrap_or_default());
        }
        Ok(match path {
            "metadata.name" => metadata.name.clone(),
            "metadata.namespace" => metadata.namespace.clone(),
            "metadata.uid" => metadata.uid.clone(),
            "spec.nodeName" => spec.node_name.clone(),
            "spec.serviceAccountName" => spec.service_account_name.clone(),
            "status.podIP" | "status.podIPs" | "status.hostIP" | "status.hostIPs" => {
                ADDRESS.to_string()
            }
            _ => return Err(format!("unsupported fieldPath: {path}")),
        })
    }

    /// Returns a request or limit in units of the divisor, rounded up; where there is no limit, what the host has.
    fn resource(&self, wanted: &ResourceFieldSelector) -> Result<String, String> {
        let containers = &self.pod.spec;
        let container = match &*wanted.container_name {
            "" => self.container.clone(),
            name => {
                let found = containers.container(name);
                let found = found.ok_or_else(|| format!("container {name} not found"))?;
                found.to_container().into_owned()
            }
        };
        let (list, name) = match wanted.resource.split_once('.') {
            Some(("limits", name)) => (&container.resources.limits, name),
            Some(("requests", name)) => (&container.resources.requests, name),
            _ => return Err(format!("unsupported resource: {}", wanted.resource)),
        };
        let limit = wanted.resource.starts_with("limits.");
        let amount = list.get(&ResourceName::from(name)).cloned();
        let amount = match amount {
            None if limit => host_amount(name)
                .ok_or_else(|| format!("no {} and nothing known of the host", wanted.resource))?,
            amount => amount.unwrap_or_default(),
        };
        let count = |of: &Quantity| match name {
            "cpu" => of.milli_value(),
            _ => of.value(),
        };
        let unit = match wanted.divisor.is_zero() {
            true if name == "cpu" => 1000,
            true => 1,
            false => count(&wanted.divisor).max(1),
        };
        let whole = count(&amount).saturating_add(unit - 1) / unit;
        Ok(whole.to_string())
    }
}

/// Returns an exec probe's or hook's command.
pub(crate) fn exec(container: &Container, command: &[String]) -> Vec<String> {
    let literal = |name: &str| {
        let mut variables = container.env.iter().rev();
        let found = variables.find(|variable| variable.name == name)?;
        found.value_from.is_none().then_some(&*found.value)
    };
    let words = command.iter();
    words
        .map(|word| expand::expand(word, literal).into_owned())
        .collect()
}

/// Why a variable's source cannot be given, where the container cannot start without.
pub(crate) fn unavailable(source: &EnvVarSource) -> Option<String> {
    if let Some(key) = source.config_map_key_ref.as_deref() {
        let why = || format!("configmap {:?} not found", key.name);
        return optional(key.optional, why).err();
    }
    if let Some(key) = source.secret_key_ref.as_deref() {
        let why = || format!("secret {:?} not found", key.name);
        return optional(key.optional, why).err();
    }
    let key = source.file_key_ref.as_deref()?;
    let why = || format!("file {:?} is not read for variables", key.path);
    optional(key.optional, why).err()
}

fn optional(optional: Option<bool>, why: impl FnOnce() -> String) -> Result<(), String> {
    match optional {
        Some(true) => Ok(()),
        _ => Err(why()),
    }
}

fn value<'a>(known: &'a Variables, name: &str) -> Option<&'a str> {
    let mut known = known.iter().rev();
    let (_, value) = known.find(|(of, _)| of == name)?;
    Some(value)
}

/// How much of a resource the host has.
fn host_amount(resource: &str) -> Option<Quantity> {
    match resource {
        "cpu" => {
            let count = thread::available_parallelism().ok()?.get();
            count.to_string().parse().ok()
        }
        "memory" => {
            let facts = fs::read_to_string("/proc/meminfo").ok()?;
            let mut lines = facts.lines();
            let total = lines.find_map(|line| line.strip_prefix("MemTotal:"))?;
            let kibibytes = total.trim().strip_suffix(" kB")?;
            format!("{kibibytes}Ki").parse().ok()
        }
        _ => None,
    }
}
