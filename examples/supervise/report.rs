//! What a manifest asks for that plain processes cannot be given.

use std::{env, path::Path};

use pod_lifecycle::api::{Container, Handler, LifecycleHandler, Pod, PodSpec, Probe, URIScheme};
use rustix::process::geteuid;
use serde::Serialize;
use serde_json::Value;

use crate::{
    environment,
    manifest::{Complaint, Document},
    process, volume,
};

/// What holds for every pod.
pub(crate) const ALWAYS: &str = "containers are processes of this host and of whoever runs this: without images, \
namespaces and limits. The pod's address is 127.0.0.1";

const ROOT: &str = "whoever runs this is root: the container waits with CreateContainerConfigError";
const WAITS: &str = "the container waits with CreateContainerConfigError";

struct Report<'a> {
    document: &'a Document,
    notes: Vec<Complaint>,
}

/// Returns a note on each field that is not given.
pub(crate) fn of(document: &Document, pod: &Pod) -> Vec<Complaint> {
    let mut report = Report {
        document,
        notes: Vec::new(),
    };
    if !pod.metadata.finalizers.is_empty() {
        report.note(
            "metadata.finalizers",
            "nobody removes them: the pod goes without",
        );
    }
    let spec = &pod.spec;
    report.pod(spec);
    report.secured("spec", spec.security_context.as_deref());
    report.volumes(spec);
    let lists = [
        ("initContainers", &spec.init_containers),
        ("containers", &spec.containers),
    ];
    for (list, containers) in lists {
        for (at, container) in containers.iter().enumerate() {
            report.container(&format!("spec.{list}[{at}]"), container);
        }
    }
    report.notes
}

impl Report<'_> {
    fn note(&mut self, path: &str, what: &str) {
        self.notes.push(self.document.complain(path, what));
    }

    fn note_each(&mut self, base: &str, notes: &[(bool, &str, &str)]) {
        for (_, field, what) in notes.iter().filter(|(is_set, ..)| *is_set) {
            self.note(&format!("{base}.{field}"), what);
        }
    }

    fn pod(&mut self, spec: &PodSpec) {
        let here = "not looked at: the pod runs here";
        let name = "only the variable HOSTNAME says so";
        let account = !matches!(&*spec.service_account_name, "" | "default");
        let gates = "nobody sets these conditions: the pod does not become ready";
        let resolver = "names are looked up as this host does";
        self.note_each(
            "spec",
            &[
                (!spec.node_selector.is_empty(), "nodeSelector", here),
                (spec.affinity.is_some(), "affinity", here),
                (
                    !spec.topology_spread_constraints.is_empty(),
                    "topologySpreadConstraints",
                    here,
                ),
                (
                    spec.runtime_class_name.is_some(),
                    "runtimeClassName",
                    "there are no runtimes",
                ),
                (
                    account,
                    "serviceAccountName",
                    "there are no accounts and no tokens",
                ),
                (
                    !spec.image_pull_secrets.is_empty(),
                    "imagePullSecrets",
                    "nothing is pulled",
                ),
                (
                    !spec.host_aliases.is_empty(),
                    "hostAliases",
                    "/etc/hosts stays as it is",
                ),
                (spec.dns_config.is_some(), "dnsConfig", resolver),
                (!spec.hostname.is_empty(), "hostname", name),
                (!spec.subdomain.is_empty(), "subdomain", resolver),
                (
                    spec.host_users == Some(false),
                    "hostUsers",
                    "users are those of this host",
                ),
                (spec.resources.is_some(), "resources", "not enforced"),
                (
                    !spec.resource_claims.is_empty(),
                    "resourceClaims",
                    "there are no devices",
                ),
                (!spec.readiness_gates.is_empty(), "readinessGates", gates),
            ],
        );
    }

    /// Notes each field of a security context.
    fn secured<T: Serialize>(&mut self, base: &str, context: Option<&T>) {
        let fields = context.map(serde_json::to_value);
        let Some(Ok(Value::Object(fields))) = fields else {
            return;
        };
        for (field, value) in fields {
            let what = match &*field {
                "runAsNonRoot" if value == true && geteuid().is_root() => ROOT,
                "runAsNonRoot" => continue,
                _ => "not applied",
            };
            self.note(&format!("{base}.securityContext.{field}"), what);
        }
    }

    fn volumes(&mut self, spec: &PodSpec) {
        for (at, volume) in spec.volumes.iter().enumerate() {
            let base = format!("spec.volumes[{at}]");
            if let Some(why) = volume::refusal(volume) {
                self.note(&base, &format!("{why}: the pod waits for it"));
            } else if volume.config_map.is_some() || volume.secret.is_some() {
                self.note(&base, "it stays empty");
            }
            let Some(directory) = &volume.empty_dir else {
                continue;
            };
            let in_memory = directory.medium.is_some();
            let medium = "a directory like others";
            self.note_each(
                &format!("{base}.emptyDir"),
                &[
                    (in_memory, "medium", medium),
                    (directory.size_limit.is_some(), "sizeLimit", "not enforced"),
                ],
            );
        }
    }

    fn container(&mut self, base: &str, container: &Container) {
        let resources = &container.resources;
        let limited = !resources.limits.is_empty() || !resources.requests.is_empty();
        let image = "an image's own is not known: the container waits with CreateContainerError";
        let missing = "not found here: the container does not start";
        let directory = &*container.working_dir;
        let mounts = container.volume_mounts.iter();
        let mounted = mounts
            .clone()
            .any(|mount| Path::new(directory).starts_with(&mount.mount_path));
        let lost = !directory.is_empty() && !mounted && !Path::new(directory).is_dir();
        let sent = container.lifecycle.as_deref();
        let sent = sent.and_then(|lifecycle| lifecycle.stop_signal.as_ref());
        let unsent = sent.is_some_and(|signal| process::signal(signal.as_str()).is_none());
        self.note_each(
            base,
            &[
                (container.command.is_empty(), "command", image),
                (!is_found(container), "command", missing),
                (lost, "workingDir", missing),
                (limited, "resources", "not enforced"),
                (
                    !resources.claims.is_empty(),
                    "resources.claims",
                    "there are no devices",
                ),
                (
                    !container.volume_devices.is_empty(),
                    "volumeDevices",
                    "there are no devices",
                ),
                (container.stdin, "stdin", "there is nothing to read"),
                (container.tty, "tty", "there is no terminal"),
                (
                    unsent,
                    "lifecycle.stopSignal",
                    "it cannot be sent: SIGTERM is",
                ),
            ],
        );
        self.secured(base, container.security_context.as_deref());
        self.mounts(base, container);
        self.ports(base, container);
        self.variables(base, container);
        self.handlers(base, container);
    }

    fn mounts(&mut self, base: &str, container: &Container) {
        let mounts = &container.volume_mounts;
        for (at, mount) in mounts.iter().enumerate() {
            let variable = volume::variable(&mount.name);
            let before = mounts.iter().take(at);
            let mut what = match before.into_iter().any(|other| other.name == mount.name) {
                true => format!("not there; ${variable} is the mount before"),
                false => format!("not there, but at ${variable}"),
            };
            if mount.read_only {
                what.push_str(", and not read-only");
            }
            self.note(&format!("{base}.volumeMounts[{at}].mountPath"), &what);
        }
    }

    fn ports(&mut self, base: &str, container: &Container) {
        for (at, port) in container.ports.iter().enumerate() {
            if port.host_port != 0 && port.host_port != port.container_port {
                let path = format!("{base}.ports[{at}].hostPort");
                self.note(&path, "not forwarded: the network is the host's");
            }
        }
    }

    fn variables(&mut self, base: &str, container: &Container) {
        for (at, source) in container.env_from.iter().enumerate() {
            let map = source.config_map_ref.as_deref();
            let secret = source.secret_ref.as_deref();
            let optional = map
                .map(|map| map.optional)
                .or_else(|| secret.map(|secret| secret.optional));
            let what = match optional {
                Some(Some(true)) => "left out".to_owned(),
                _ => format!("it is not there: {WAITS}"),
            };
            self.note(&format!("{base}.envFrom[{at}]"), &what);
        }
        for (at, variable) in container.env.iter().enumerate() {
            let Some(source) = variable.value_from.as_deref() else {
                continue;
            };
            let path = format!("{base}.env[{at}].valueFrom");
            if let Some(why) = environment::unavailable(source) {
                self.note(&path, &format!("{why}: {WAITS}"));
            } else if source.field_ref.is_none() && source.resource_field_ref.is_none() {
                self.note(&path, "left out");
            }
        }
    }

    fn handlers(&mut self, base: &str, container: &Container) {
        let probes = [
            ("startupProbe", &container.startup_probe),
            ("livenessProbe", &container.liveness_probe),
            ("readinessProbe", &container.readiness_probe),
        ];
        for (field, probe) in probes {
            let what = match probe.as_deref().and_then(Probe::handler) {
                Some(Handler::Grpc(_)) => "gRPC is not spoken here: the probe comes to nothing",
                Some(handler) if is_https(handler) => {
                    "HTTPS is not spoken here: the probe comes to nothing"
                }
                _ => continue,
            };
            self.note(&format!("{base}.{field}"), what);
        }
        let Some(lifecycle) = container.lifecycle.as_deref() else {
            return;
        };
        let hooks = [
            ("postStart", &lifecycle.post_start),
            ("preStop", &lifecycle.pre_stop),
        ];
        for (field, hook) in hooks {
            let what = match hook.as_deref().and_then(LifecycleHandler::handler) {
                Some(Handler::TcpSocket(_)) => "a kubelet does not run such a hook: it fails",
                Some(handler) if is_https(handler) => "HTTPS is not spoken here: the hook fails",
                _ => continue,
            };
            self.note(&format!("{base}.lifecycle.{field}"), what);
        }
    }
}

fn is_https(handler: Handler<'_>) -> bool {
    matches!(handler, Handler::HttpGet(get) if get.scheme == Some(URIScheme::Https))
}

/// Whether a container's program is on this host, as far as that can be told.
fn is_found(container: &Container) -> bool {
    let Some(program) = container.command.first() else {
        return true;
    };
    let own_path = container.env.iter().any(|variable| variable.name == "PATH");
    if own_path || program.contains('$') || program == "supervise" {
        return true;
    }
    if program.contains('/') {
        return Path::new(program).is_file();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|directory| directory.join(program).is_file())
}
