//! What a pod may say for one operating system only.

use super::Context;
use crate::{
    admission::view::View,
    api::{OSName, PodSpec, WindowsSecurityContextOptions},
    field::At,
    format,
};

/// A credential spec is a document of a few KiB.
const MAX_GMSA_SPEC: usize = 64 * 1024;
const MAX_USER_DOMAIN: usize = 256;
const MAX_USER_NAME: usize = 104;

pub(super) fn is_windows(spec: &PodSpec) -> bool {
    let os = spec.os.as_ref();
    os.is_some_and(|os| os.name == Some(OSName::Windows))
}

pub(super) fn os(at: &mut At<'_>, spec: &PodSpec) {
    let Some(os) = &spec.os else {
        return;
    };
    match &os.name {
        Some(OSName::Linux) => linux(at, spec),
        Some(OSName::Windows) => windows(at, spec),
        None => {
            at.field("os").field("name").required("");
        }
        Some(OSName::Other(name)) => {
            at.field("os")
                .not_supported(name.as_str(), &["linux", "windows"]);
        }
    }
}

fn linux(at: &mut At<'_>, spec: &PodSpec) {
    let own = spec.security_context.as_ref();
    if own.is_some_and(|own| own.windows_options.is_some()) {
        let at = &mut at.field("securityContext");
        at.field("windowsOptions")
            .forbidden("cannot be set for a linux pod");
    }
    View::each(at, spec, |at, container| {
        let own = container.security_context;
        if own.is_some_and(|own| own.windows_options.is_some()) {
            at.field("securityContext")
                .field("windowsOptions")
                .forbidden("cannot be set for a linux pod");
        }
    });
}

fn windows(at: &mut At<'_>, spec: &PodSpec) {
    if let Some(own) = &spec.security_context {
        let at = &mut at.field("securityContext");
        forbid(at, "appArmorProfile", own.app_armor_profile.is_some());
        forbid(at, "seLinuxOptions", own.se_linux_options.is_some());
        forbid(at, "seccompProfile", own.seccomp_profile.is_some());
        forbid(at, "fsGroup", own.fs_group.is_some());
        let set = own.fs_group_change_policy.is_some();
        forbid(at, "fsGroupChangePolicy", set);
        forbid(at, "sysctls", !own.sysctls.is_empty());
        forbid(at, "runAsUser", own.run_as_user.is_some());
        forbid(at, "runAsGroup", own.run_as_group.is_some());
        forbid(
            at,
            "supplementalGroups",
            !own.supplemental_groups.is_empty(),
        );
        let set = own.supplemental_groups_policy.is_some();
        forbid(at, "supplementalGroupsPolicy", set);
        let set = own.se_linux_change_policy.is_some();
        forbid(at, "seLinuxChangePolicy", set);
    }
    forbid(at, "hostUsers", spec.host_users.is_some());
    forbid(at, "hostPID", spec.host_pid);
    forbid(at, "hostIPC", spec.host_ipc);
    let set = spec.share_process_namespace.is_some();
    forbid(at, "shareProcessNamespace", set);
    View::each(at, spec, |at, container| {
        let Some(own) = container.security_context else {
            return;
        };
        let at = &mut at.field("securityContext");
        forbid(at, "appArmorProfile", own.app_armor_profile.is_some());
        forbid(at, "seLinuxOptions", own.se_linux_options.is_some());
        forbid(at, "seccompProfile", own.seccomp_profile.is_some());
        forbid(at, "capabilities", own.capabilities.is_some());
        let set = own.read_only_root_filesystem.is_some();
        forbid(at, "readOnlyRootFilesystem", set);
        forbid(at, "privileged", own.privileged.is_some());
        let set = own.allow_privilege_escalation.is_some();
        forbid(at, "allowPrivilegeEscalation", set);
        forbid(at, "procMount", own.proc_mount.is_some());
        forbid(at, "runAsUser", own.run_as_user.is_some());
        forbid(at, "runAsGroup", own.run_as_group.is_some());
    });
}

fn forbid(at: &mut At<'_>, name: &str, set: bool) {
    if set {
        at.field(name).forbidden("cannot be set for a windows pod");
    }
}

/// A pod has host process containers only, or none.
pub(super) fn host_process(at: &mut At<'_>, context: &Context<'_>) {
    let spec = context.spec;
    let shared = spec.security_context.as_ref();
    let shared = shared.and_then(|own| own.windows_options.as_ref());
    let shared = shared.and_then(|options| options.host_process);
    let (mut all, mut any) = (true, false);
    View::each(at, spec, |at, container| {
        let own = container.security_context;
        let own = own.and_then(|own| own.windows_options.as_ref());
        let own = own.and_then(|options| options.host_process);
        if own.is_some() && shared.is_some() && own != shared {
            let at = &mut at.field("securityContext");
            let at = &mut at.field("windowsOptions");
            at.field("hostProcess").invalid(
                own.unwrap_or_default(),
                "must be what the pod says, where both are set",
            );
        }
        let is_host_process = own.or(shared) == Some(true);
        all &= is_host_process;
        any |= is_host_process;
    });
    if !any {
        return;
    }
    if !all {
        at.invalid("", "either all containers are hostProcess ones, or none is");
    }
    if !spec.host_network {
        at.field("hostNetwork")
            .invalid(false, "must be true where there are hostProcess containers");
    }
    if !context.options.allow_privileged {
        at.forbidden("hostProcess containers are disallowed by cluster policy");
    }
}

pub(super) fn options(at: &mut At<'_>, options: &WindowsSecurityContextOptions) {
    if let Some(name) = &options.gmsa_credential_spec_name {
        at.field("gmsaCredentialSpecName")
            .format(name, format::dns_subdomain);
    }
    if let Some(spec) = &options.gmsa_credential_spec {
        let at = &mut at.field("gmsaCredentialSpec");
        if spec.is_empty() {
            at.invalid(spec, "must not be empty");
        } else if spec.len() > MAX_GMSA_SPEC {
            at.invalid(
                crate::field::BadValue::Omitted,
                "must be at most 64 KiB long",
            );
        }
    }
    if let Some(name) = &options.run_as_user_name {
        run_as_user_name(&mut at.field("runAsUserName"), name);
    }
}

/// A user, perhaps of a domain: `domain\user`.
fn run_as_user_name(at: &mut At<'_>, name: &str) {
    if name.is_empty() {
        at.invalid(name, "must not be empty");
        return;
    }
    if name.chars().any(|c| c.is_ascii_control()) {
        at.invalid(name, "must not contain control characters");
        return;
    }
    let (domain, user) = match name.split_once('\\') {
        Some((_, rest)) if rest.contains('\\') => {
            at.invalid(name, "must not contain more than one '\\'");
            return;
        }
        Some((domain, user)) => (Some(domain), user),
        None => (None, name),
    };
    if let Some(domain) = domain {
        if domain.len() >= MAX_USER_DOMAIN {
            at.invalid(name, "the domain must be shorter than 256 characters");
        }
        if !is_netbios_name(domain) && !is_dns_name(domain) {
            at.invalid(name, "the domain must be a NetBIOS or a DNS name");
        }
    }
    if user.is_empty() {
        at.invalid(name, "the user must not be empty");
    } else if user.len() > MAX_USER_NAME {
        at.invalid(name, "the user must not be longer than 104 characters");
    }
    if !user.is_empty() && user.chars().all(|c| matches!(c, '.' | ' ')) {
        at.invalid(name, "the user must not consist of dots and spaces only");
    }
    let reserved = [
        '"', '/', '\\', ':', ';', '|', '=', ',', '+', '*', '?', '<', '>', '@', '[', ']',
    ];
    if user.contains(reserved) {
        at.invalid(name, "the user must not contain any of \"/\\:;|=,+*?<>@[]");
    }
}

fn is_netbios_name(domain: &str) -> bool {
    let reserved = ['\\', '/', ':', '*', '?', '"', '<', '>', '|'];
    (1..=15).contains(&domain.chars().count())
        && !domain.contains(reserved)
        && !domain.starts_with('.')
}

/// Labels of any case, each of at most 63 characters.
fn is_dns_name(domain: &str) -> bool {
    domain.split('.').all(|label| {
        let inside = |c: char| c.is_ascii_alphanumeric() || c == '-';
        (1..=63).contains(&label.len())
            && label.chars().all(inside)
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}
