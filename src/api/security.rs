//! DOC.

use alloc::{boxed::Box, string::String, vec::Vec};

wire_struct! {
    /// DOC.
    pub struct PodSecurityContext {
        /// DOC.
        pub se_linux_options: Option<Box<SELinuxOptions>> => "seLinuxOptions" omitempty,
        /// DOC.
        pub windows_options: Option<Box<WindowsSecurityContextOptions>> => "windowsOptions" omitempty,
        /// DOC.
        pub run_as_user: Option<i64> => "runAsUser" omitempty,
        /// DOC.
        pub run_as_group: Option<i64> => "runAsGroup" omitempty,
        /// DOC.
        pub run_as_non_root: Option<bool> => "runAsNonRoot" omitempty,
        /// DOC.
        pub supplemental_groups: Vec<i64> => "supplementalGroups" omitempty,
        /// DOC.
        pub supplemental_groups_policy: Option<SupplementalGroupsPolicy> => "supplementalGroupsPolicy" omitempty,
        /// DOC.
        pub fs_group: Option<i64> => "fsGroup" omitempty,
        /// DOC.
        pub sysctls: Vec<Sysctl> => "sysctls" omitempty,
        /// DOC.
        pub fs_group_change_policy: Option<PodFSGroupChangePolicy> => "fsGroupChangePolicy" omitempty,
        /// DOC.
        pub seccomp_profile: Option<Box<SeccompProfile>> => "seccompProfile" omitempty,
        /// DOC.
        pub app_armor_profile: Option<Box<AppArmorProfile>> => "appArmorProfile" omitempty,
        /// DOC.
        pub se_linux_change_policy: Option<PodSELinuxChangePolicy> => "seLinuxChangePolicy" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct SecurityContext {
        /// DOC.
        pub capabilities: Option<Box<Capabilities>> => "capabilities" omitempty,
        /// DOC.
        pub privileged: Option<bool> => "privileged" omitempty,
        /// DOC.
        pub se_linux_options: Option<Box<SELinuxOptions>> => "seLinuxOptions" omitempty,
        /// DOC.
        pub windows_options: Option<Box<WindowsSecurityContextOptions>> => "windowsOptions" omitempty,
        /// DOC.
        pub run_as_user: Option<i64> => "runAsUser" omitempty,
        /// DOC.
        pub run_as_group: Option<i64> => "runAsGroup" omitempty,
        /// DOC.
        pub run_as_non_root: Option<bool> => "runAsNonRoot" omitempty,
        /// DOC.
        pub read_only_root_filesystem: Option<bool> => "readOnlyRootFilesystem" omitempty,
        /// DOC.
        pub allow_privilege_escalation: Option<bool> => "allowPrivilegeEscalation" omitempty,
        /// DOC.
        pub proc_mount: Option<ProcMountType> => "procMount" omitempty,
        /// DOC.
        pub seccomp_profile: Option<Box<SeccompProfile>> => "seccompProfile" omitempty,
        /// DOC.
        pub app_armor_profile: Option<Box<AppArmorProfile>> => "appArmorProfile" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct Capabilities {
        /// DOC.
        pub add: Vec<Capability> => "add" omitempty,
        /// DOC.
        pub drop: Vec<Capability> => "drop" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct SELinuxOptions {
        /// DOC.
        pub user: String => "user" omitempty,
        /// DOC.
        pub role: String => "role" omitempty,
        /// DOC.
        pub type_: String => "type" omitempty,
        /// DOC.
        pub level: String => "level" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct SeccompProfile {
        /// DOC.
        pub type_: Option<SeccompProfileType> => "type" text,
        /// DOC.
        pub localhost_profile: Option<String> => "localhostProfile" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct AppArmorProfile {
        /// DOC.
        pub type_: Option<AppArmorProfileType> => "type" text,
        /// DOC.
        pub localhost_profile: Option<String> => "localhostProfile" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct WindowsSecurityContextOptions {
        /// DOC.
        pub gmsa_credential_spec_name: Option<String> => "gmsaCredentialSpecName" omitempty,
        /// DOC.
        pub gmsa_credential_spec: Option<String> => "gmsaCredentialSpec" omitempty,
        /// DOC.
        pub run_as_user_name: Option<String> => "runAsUserName" omitempty,
        /// DOC.
        pub host_process: Option<bool> => "hostProcess" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct Sysctl {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub value: String => "value",
    }
}

open_enum! {
    /// DOC.
    pub enum ProcMountType {
        /// DOC.
        Default = "Default",
        /// DOC.
        Unmasked = "Unmasked",
    }
}

open_enum! {
    /// DOC.
    pub enum SeccompProfileType {
        /// DOC.
        Unconfined = "Unconfined",
        /// DOC.
        RuntimeDefault = "RuntimeDefault",
        /// DOC.
        Localhost = "Localhost",
    }
}

open_enum! {
    /// DOC.
    pub enum AppArmorProfileType {
        /// DOC.
        Unconfined = "Unconfined",
        /// DOC.
        RuntimeDefault = "RuntimeDefault",
        /// DOC.
        Localhost = "Localhost",
    }
}

open_enum! {
    /// DOC.
    pub enum PodFSGroupChangePolicy {
        /// DOC.
        OnRootMismatch = "OnRootMismatch",
        /// DOC.
        Always = "Always",
    }
}

open_enum! {
    /// DOC.
    pub enum SupplementalGroupsPolicy {
        /// DOC.
        Merge = "Merge",
        /// DOC.
        Strict = "Strict",
    }
}

open_enum! {
    /// DOC.
    pub enum PodSELinuxChangePolicy {
        /// DOC.
        Recursive = "Recursive",
        /// DOC.
        MountOption = "MountOption",
    }
}

open_vocabulary! {
    /// DOC.
    pub struct Capability {
        /// DOC.
        ALL = "ALL",
        /// DOC.
        NET_ADMIN = "NET_ADMIN",
        /// DOC.
        NET_BIND_SERVICE = "NET_BIND_SERVICE",
        /// DOC.
        NET_RAW = "NET_RAW",
        /// DOC.
        SYS_ADMIN = "SYS_ADMIN",
        /// DOC.
        SYS_PTRACE = "SYS_PTRACE",
        /// DOC.
        SYS_TIME = "SYS_TIME",
    }
}
