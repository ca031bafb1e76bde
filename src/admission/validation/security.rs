//! Security contexts.

use super::{Context, windows};
use crate::{
    api::{
        AppArmorProfile, AppArmorProfileType, PodSELinuxChangePolicy, PodSecurityContext, PodSpec,
        ProcMountType, SeccompProfile, SeccompProfileType, SecurityContext, Sysctl,
    },
    field::{At, Seen},
    format,
};

/// As long as the name of an AppArmor profile may be.
pub(in crate::admission) const MAX_APP_ARMOR_PROFILE: usize = 4095;

/// Kernel parameters beside `fs.mqueue.*` that belong to the IPC namespace.
const IPC_SYSCTLS: [&str; 10] = [
    "kernel.msg",
    "kernel.msgmax",
    "kernel.msgmnb",
    "kernel.msgmni",
    "kernel.sem",
    "kernel.shm",
    "kernel.shm_rmid_forced",
    "kernel.shmall",
    "kernel.shmmax",
    "kernel.shmmni",
];

pub(super) fn container(at: &mut At<'_>, own: &SecurityContext, context: &Context<'_>) {
    let is_privileged = own.privileged == Some(true);
    if is_privileged && !context.options.allow_privileged {
        at.field("privileged")
            .forbidden("disallowed by cluster policy");
    }
    if let Some(user) = own.run_as_user {
        user_id(&mut at.field("runAsUser"), user);
    }
    if let Some(group) = own.run_as_group {
        group_id(&mut at.field("runAsGroup"), group);
    }
    if let Some(profile) = &own.seccomp_profile {
        seccomp(&mut at.field("seccompProfile"), profile);
    }
    if let Some(proc_mount) = &own.proc_mount {
        let at = &mut at.field("procMount");
        at.supported(Some(proc_mount));
        if context.host_users() && *proc_mount == ProcMountType::Unmasked {
            at.invalid(
                proc_mount.as_str(),
                "`hostUsers` must be false to use `Unmasked`",
            );
        }
    }
    if own.allow_privilege_escalation == Some(false) {
        if is_privileged {
            at.invalid(false, "a privileged container can always gain privileges");
        }
        let capabilities = own.capabilities.as_ref();
        for capability in capabilities.iter().flat_map(|sets| &sets.add) {
            if *capability == "CAP_SYS_ADMIN" {
                at.invalid(
                    false,
                    "a container with CAP_SYS_ADMIN can always gain privileges",
                );
            }
        }
    }
    if let Some(options) = &own.windows_options {
        windows::options(&mut at.field("windowsOptions"), options);
    }
    if let Some(profile) = &own.app_armor_profile {
        app_armor(&mut at.field("appArmorProfile"), profile);
    }
}

/// The pod's own security context; some of what Kubernetes counts to it stands in the spec.
pub(super) fn pod(at: &mut At<'_>, context: &Context<'_>) {
    let spec = context.spec;
    let absent = PodSecurityContext::default();
    let own = spec.security_context.as_deref().unwrap_or(&absent);
    if let Some(group) = own.fs_group {
        group_id(&mut at.field("fsGroup"), group);
    }
    if let Some(user) = own.run_as_user {
        user_id(&mut at.field("runAsUser"), user);
    }
    if let Some(group) = own.run_as_group {
        group_id(&mut at.field("runAsGroup"), group);
    }
    at.field("supplementalGroups")
        .each(&own.supplemental_groups, |at, group| group_id(at, *group));
    if spec.share_process_namespace == Some(true) && spec.host_pid {
        at.field("shareProcessNamespace")
            .invalid(true, "a pod on the host's PID namespace has none to share");
    }
    sysctls(&mut at.field("sysctls"), &own.sysctls, context);
    if let policy @ Some(_) = &own.fs_group_change_policy {
        at.field("fsGroupChangePolicy").supported(policy.as_ref());
    }
    if let Some(profile) = &own.seccomp_profile {
        seccomp(&mut at.field("seccompProfile"), profile);
    }
    if let Some(options) = &own.windows_options {
        windows::options(&mut at.field("windowsOptions"), options);
    }
    if let Some(profile) = &own.app_armor_profile {
        app_armor(&mut at.field("appArmorProfile"), profile);
    }
    if let policy @ Some(_) = &own.supplemental_groups_policy {
        at.field("supplementalGroupsPolicy")
            .supported(policy.as_ref());
    }
    if let Some(policy) = &own.se_linux_change_policy {
        let at = &mut at.field("seLinuxChangePolicy");
        if context.tolerated.any_se_linux_change_policy {
            at.supported(Some(policy));
        } else if *policy != PodSELinuxChangePolicy::Recursive {
            at.not_supported(policy.as_str(), &["Recursive"]);
        }
    }
}

pub(super) fn user_id(at: &mut At<'_>, id: i64) {
    at.in_range(id, 0..=i64::from(i32::MAX));
}

pub(super) fn group_id(at: &mut At<'_>, id: i64) {
    at.in_range(id, 0..=i64::from(i32::MAX));
}

fn sysctls(at: &mut At<'_>, sysctls: &[Sysctl], context: &Context<'_>) {
    let mut names = Seen::new();
    for (index, sysctl) in sysctls.iter().enumerate() {
        let at = &mut at.index(index);
        let at = &mut at.field("name");
        if sysctl.name.is_empty() {
            at.required("");
        } else if at.accepts(|at| at.format(&sysctl.name, format::sysctl_name)) {
            at.unique(&mut names, &sysctl.name);
        }
        if !context.tolerated.host_sysctls && is_of_host(&sysctl.name, context.spec) {
            at.invalid(
                &sysctl.name,
                "cannot be set on a namespace that is the host's",
            );
        }
    }
}

/// Whether a spec sets a kernel parameter for the whole host.
pub(super) fn has_host_sysctl(spec: &PodSpec) -> bool {
    let own = spec.security_context.iter();
    own.flat_map(|own| &own.sysctls)
        .any(|sysctl| is_of_host(&sysctl.name, spec))
}

fn is_of_host(name: &str, spec: &PodSpec) -> bool {
    if !spec.host_network && !spec.host_ipc {
        return false;
    }
    let name = with_dots(name).take_while(|c| *c != '*');
    let begins = |prefix: &str| {
        let len = prefix.len();
        name.clone().take(len).eq(prefix.chars())
    };
    let mut whole = IPC_SYSCTLS.iter();
    let is_ipc = begins("fs.mqueue.") || whole.any(|own| name.clone().eq(own.chars()));
    (spec.host_network && begins("net.")) || (spec.host_ipc && is_ipc)
}

/// Writes a name that is separated by slashes with dots, and its dots as slashes.
fn with_dots(name: &str) -> impl Iterator<Item = char> + Clone {
    let swap = name
        .find(['.', '/'])
        .is_some_and(|at| name.get(at..=at) == Some("/"));
    name.chars().map(move |c| match c {
        '.' if swap => '/',
        '/' if swap => '.',
        c => c,
    })
}

pub(super) fn seccomp(at: &mut At<'_>, profile: &SeccompProfile) {
    at.field("type").one_of(profile.type_.as_ref());
    let name = profile.localhost_profile.as_deref();
    let at = &mut at.field("localhostProfile");
    match (&profile.type_, name) {
        (Some(SeccompProfileType::Localhost), None) => {
            at.required("must be set when seccomp type is Localhost");
        }
        (Some(SeccompProfileType::Localhost), Some(path)) => {
            at.format(path, format::local_descending_path);
        }
        (_, Some(path)) => {
            at.invalid(path, "can only be set when seccomp type is Localhost");
        }
        (_, None) => {}
    }
}

fn app_armor(at: &mut At<'_>, profile: &AppArmorProfile) {
    at.field("type").one_of(profile.type_.as_ref());
    let name = profile.localhost_profile.as_deref();
    let at = &mut at.field("localhostProfile");
    match (&profile.type_, name) {
        (Some(AppArmorProfileType::Localhost), None) => {
            at.required("must be set when AppArmor type is Localhost");
        }
        (Some(AppArmorProfileType::Localhost), Some(name)) => {
            if name.trim() != name {
                at.invalid(name, "must not be padded with whitespace");
            } else if name.is_empty() {
                at.required("must be set when AppArmor type is Localhost");
            }
            at.max_len(name, MAX_APP_ARMOR_PROFILE);
        }
        (
            Some(AppArmorProfileType::RuntimeDefault | AppArmorProfileType::Unconfined),
            Some(name),
        ) => {
            at.invalid(name, "can only be set when AppArmor type is Localhost");
        }
        (Some(AppArmorProfileType::RuntimeDefault | AppArmorProfileType::Unconfined), None)
        | (Some(AppArmorProfileType::Other(_)) | None, _) => {}
    }
}
