//! As whom containers run, what they may do, and how they are confined.
//!
//! [`PodSecurityContext`] holds for the whole pod, [`SecurityContext`] for one container; what
//! both can say, the container's says last, field by field. The kubelet hands nearly all of it
//! to the runtime; it refuses by itself to start a container as root against
//! [`run_as_non_root`](SecurityContext::run_as_non_root).
//!
//! ```
//! use pod_lifecycle::api::{SeccompProfileType, SecurityContext};
//!
//! let context: SecurityContext = serde_json::from_str(
//!     r#"{"runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"}}"#,
//! )?;
//! assert_eq!(context.run_as_user, Some(1000));
//! let profile = context.seccomp_profile.and_then(|profile| profile.type_);
//! assert_eq!(profile, Some(SeccompProfileType::RuntimeDefault));
//! # Ok::<(), serde_json::Error>(())
//! ```

use alloc::{boxed::Box, string::String, vec::Vec};

wire_struct! {
    /// What holds for the security of all containers of a pod, and for its volumes.
    pub struct PodSecurityContext {
        /// SELinux label of the containers; absent means that the runtime picks one for each.
        pub se_linux_options: Option<Box<SELinuxOptions>> => "seLinuxOptions" omitempty,
        /// Settings for Windows; refused where the pod says that it is made for Linux.
        pub windows_options: Option<Box<WindowsSecurityContextOptions>> => "windowsOptions" omitempty,
        /// User that the containers run as; absent means as the image says.
        pub run_as_user: Option<i64> => "runAsUser" omitempty,
        /// Primary group that the containers run as; absent means as the image says, and else 0.
        pub run_as_group: Option<i64> => "runAsGroup" omitempty,
        /// Whether the kubelet refuses to start a container as user 0; absent means no.
        pub run_as_non_root: Option<bool> => "runAsNonRoot" omitempty,
        /// Groups that the containers' first processes belong to, beside the primary one and the
        /// [volumes' group](Self::fs_group).
        pub supplemental_groups: Vec<i64> => "supplementalGroups" omitempty,
        /// Whether the groups that the image knows of its user count too; absent means
        /// [`Merge`](SupplementalGroupsPolicy::Merge).
        pub supplemental_groups_policy: Option<SupplementalGroupsPolicy> => "supplementalGroupsPolicy" omitempty,
        /// Group that owns the files on volumes which support it, and that the containers belong
        /// to; absent leaves the files as they are.
        pub fs_group: Option<i64> => "fsGroup" omitempty,
        /// Kernel parameters of the pod's namespaces; a kubelet that does not allow one rejects
        /// the pod.
        pub sysctls: Vec<Sysctl> => "sysctls" omitempty,
        /// When the files' group is changed on mounting; absent means
        /// [`Always`](PodFSGroupChangePolicy::Always).
        pub fs_group_change_policy: Option<PodFSGroupChangePolicy> => "fsGroupChangePolicy" omitempty,
        /// Filter of system calls for the containers; absent means as the kubelet is configured,
        /// by default none.
        pub seccomp_profile: Option<Box<SeccompProfile>> => "seccompProfile" omitempty,
        /// AppArmor profile of the containers; absent means the runtime's own, where the node has
        /// AppArmor.
        pub app_armor_profile: Option<Box<AppArmorProfile>> => "appArmorProfile" omitempty,
        /// How volumes get the SELinux label; absent means as the cluster's gates say.
        pub se_linux_change_policy: Option<PodSELinuxChangePolicy> => "seLinuxChangePolicy" omitempty,
    }
}

wire_struct! {
    /// What holds for the security of one container; each field that is set replaces the pod's.
    pub struct SecurityContext {
        /// Capabilities to add to and drop from the runtime's set; absent means just that set.
        pub capabilities: Option<Box<Capabilities>> => "capabilities" omitempty,
        /// Whether the container may do all that root may do on the node; absent means no.
        pub privileged: Option<bool> => "privileged" omitempty,
        /// SELinux label; absent means the pod's.
        pub se_linux_options: Option<Box<SELinuxOptions>> => "seLinuxOptions" omitempty,
        /// Settings for Windows; refused where the pod says that it is made for Linux.
        pub windows_options: Option<Box<WindowsSecurityContextOptions>> => "windowsOptions" omitempty,
        /// User to run as; absent means the pod's, and else the image's.
        pub run_as_user: Option<i64> => "runAsUser" omitempty,
        /// Primary group to run as; absent means the pod's, and else the runtime's.
        pub run_as_group: Option<i64> => "runAsGroup" omitempty,
        /// Whether the kubelet refuses to start the container as user 0; absent means as the pod
        /// says.
        pub run_as_non_root: Option<bool> => "runAsNonRoot" omitempty,
        /// Whether the container's own file system is read-only; absent means no.
        pub read_only_root_filesystem: Option<bool> => "readOnlyRootFilesystem" omitempty,
        /// Whether a process may gain more than its parent has; absent means yes, and a privileged
        /// container always may.
        pub allow_privilege_escalation: Option<bool> => "allowPrivilegeEscalation" omitempty,
        /// What of `/proc` is hidden; absent means [`Default`](ProcMountType::Default).
        pub proc_mount: Option<ProcMountType> => "procMount" omitempty,
        /// Filter of system calls; absent means the pod's.
        pub seccomp_profile: Option<Box<SeccompProfile>> => "seccompProfile" omitempty,
        /// AppArmor profile; absent means the pod's.
        pub app_armor_profile: Option<Box<AppArmorProfile>> => "appArmorProfile" omitempty,
    }
}

wire_struct! {
    /// Capabilities to add to and drop from those that the runtime grants.
    pub struct Capabilities {
        /// Those to add.
        pub add: Vec<Capability> => "add" omitempty,
        /// Those to drop.
        pub drop: Vec<Capability> => "drop" omitempty,
    }
}

wire_struct! {
    /// Parts of an SELinux label; an empty part is left to the runtime.
    pub struct SELinuxOptions {
        /// User of the label.
        pub user: String => "user" omitempty,
        /// Role of the label.
        pub role: String => "role" omitempty,
        /// Type of the label.
        pub type_: String => "type" omitempty,
        /// Level of the label, which keeps pods apart.
        pub level: String => "level" omitempty,
    }
}

wire_struct! {
    /// Chooses a filter of system calls.
    pub struct SeccompProfile {
        /// Which kind of filter; absent is invalid.
        pub type_: Option<SeccompProfileType> => "type" text,
        /// File of the filter, below the kubelet's directory for them; for
        /// [`Localhost`](SeccompProfileType::Localhost), and only there.
        pub localhost_profile: Option<String> => "localhostProfile" omitempty,
    }
}

wire_struct! {
    /// Chooses an AppArmor profile.
    pub struct AppArmorProfile {
        /// Which kind of profile; absent is invalid.
        pub type_: Option<AppArmorProfileType> => "type" text,
        /// Name of a profile that is loaded on the node; for
        /// [`Localhost`](AppArmorProfileType::Localhost), and only there.
        pub localhost_profile: Option<String> => "localhostProfile" omitempty,
    }
}

wire_struct! {
    /// Settings for containers on Windows.
    pub struct WindowsSecurityContextOptions {
        /// Name of a stored credential of a group managed service account.
        pub gmsa_credential_spec_name: Option<String> => "gmsaCredentialSpecName" omitempty,
        /// The credential itself; a webhook fills it in from the name.
        pub gmsa_credential_spec: Option<String> => "gmsaCredentialSpec" omitempty,
        /// User to run as; absent means as the image says.
        pub run_as_user_name: Option<String> => "runAsUserName" omitempty,
        /// Whether the container runs as a process of the host; all of a pod's containers must
        /// agree, and the pod must use the host's network. Absent means no.
        pub host_process: Option<bool> => "hostProcess" omitempty,
    }
}

wire_struct! {
    /// A kernel parameter.
    pub struct Sysctl {
        /// Name, its parts joined by `.` or `/`.
        pub name: String => "name",
        /// Value to set.
        pub value: String => "value",
    }
}

open_enum! {
    /// What of `/proc` is hidden from a container.
    pub enum ProcMountType {
        /// The paths that the runtime masks or makes read-only.
        Default = "Default",
        /// Nothing; only in a pod with its own user namespace.
        Unmasked = "Unmasked",
    }
}

open_enum! {
    /// Kind of a filter of system calls.
    pub enum SeccompProfileType {
        /// A file on the node.
        Localhost = "Localhost",
        /// The runtime's own filter.
        RuntimeDefault = "RuntimeDefault",
        /// No filter.
        Unconfined = "Unconfined",
    }
}

open_enum! {
    /// Kind of an AppArmor profile.
    pub enum AppArmorProfileType {
        /// A profile that is loaded on the node.
        Localhost = "Localhost",
        /// The runtime's own profile.
        RuntimeDefault = "RuntimeDefault",
        /// No profile.
        Unconfined = "Unconfined",
    }
}

open_enum! {
    /// When the group of a volume's files is changed on mounting.
    pub enum PodFSGroupChangePolicy {
        /// At every mount.
        Always = "Always",
        /// When the volume's top directory does not have the right group and mode.
        OnRootMismatch = "OnRootMismatch",
    }
}

open_enum! {
    /// Which groups a container's first process belongs to.
    pub enum SupplementalGroupsPolicy {
        /// Those of the pod, and those that the image's `/etc/group` gives its user.
        Merge = "Merge",
        /// Those of the pod alone; a node whose runtime cannot do so rejects the pod.
        Strict = "Strict",
    }
}

open_enum! {
    /// How the SELinux label gets onto a pod's volumes.
    pub enum PodSELinuxChangePolicy {
        /// By a mount option where the volume supports it, at once for all files.
        MountOption = "MountOption",
        /// By relabelling file by file.
        Recursive = "Recursive",
    }
}

open_vocabulary! {
    /// A Linux capability, without the prefix `CAP_`.
    pub struct Capability {
        /// Every one of them.
        ALL = "ALL",
        /// Configuring the network.
        NET_ADMIN = "NET_ADMIN",
        /// Binding ports below 1024.
        NET_BIND_SERVICE = "NET_BIND_SERVICE",
        /// Raw and packet sockets.
        NET_RAW = "NET_RAW",
        /// Mounts and most other administration.
        SYS_ADMIN = "SYS_ADMIN",
        /// Tracing other processes.
        SYS_PTRACE = "SYS_PTRACE",
        /// Setting the clock.
        SYS_TIME = "SYS_TIME",
    }
}
