//! Kinds of volume that only old manifests name.
//!
//! Cloud disks, Azure files, vSphere and Portworx are handed to CSI drivers; `flexVolume` still
//! runs programs that are installed on the node; the others are accepted by the API server and then
//! fail on the node.
//!
//! ```
//! use pod_lifecycle::api::{AzureDataDiskKind, AzureDiskVolumeSource};
//!
//! let disk: AzureDiskVolumeSource = serde_json::from_str(
//!     r#"{"diskName": "data", "diskURI": "/subscriptions/data", "kind": "Managed"}"#,
//! )?;
//! assert_eq!(disk.kind, Some(AzureDataDiskKind::Managed));
//! assert_eq!(disk.fs_type, None);
//! # Ok::<(), serde_json::Error>(())
//! ```

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use super::meta::LocalObjectReference;

wire_struct! {
    /// An Amazon disk, in the pod's zone and attached to one node.
    pub struct AWSElasticBlockStoreVolumeSource {
        /// Identifier of the disk.
        pub volume_id: String => "volumeID",
        /// File system of the disk, formatted when it has none; empty means ext4.
        pub fs_type: String => "fsType" omitempty,
        /// Number of the partition, 0 to 255; 0 means the whole disk.
        pub partition: i32 => "partition" omitempty,
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// An Azure disk.
    pub struct AzureDiskVolumeSource {
        /// Name of the disk.
        pub disk_name: String => "diskName",
        /// Address of the disk: a path below `/subscriptions/` for a managed one, a URL otherwise.
        pub disk_uri: String => "diskURI",
        /// How the host caches it; the API server sets `ReadWrite`.
        pub caching_mode: Option<AzureDataDiskCachingMode> => "cachingMode" omitempty,
        /// File system of the disk; the API server sets `ext4`.
        pub fs_type: Option<String> => "fsType" omitempty,
        /// Whether it is mounted read-only; the API server sets `false`.
        pub read_only: Option<bool> => "readOnly" omitempty,
        /// How it is kept; the API server sets `Shared`.
        pub kind: Option<AzureDataDiskKind> => "kind" omitempty,
    }
}

wire_struct! {
    /// An Azure file share.
    pub struct AzureFileVolumeSource {
        /// Secret with the storage account's name and key.
        pub secret_name: String => "secretName",
        /// Name of the share.
        pub share_name: String => "shareName",
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// A CephFS directory.
    pub struct CephFSVolumeSource {
        /// Addresses of the monitors; at least one.
        pub monitors: Vec<String> => "monitors",
        /// Directory that is mounted; empty means the root.
        pub path: String => "path" omitempty,
        /// Name of the user; empty means `admin`.
        pub user: String => "user" omitempty,
        /// File on the node with the user's key; empty means `/etc/ceph/user.secret`.
        pub secret_file: String => "secretFile" omitempty,
        /// Secret with the user's key, taken before the file.
        pub secret_ref: Option<LocalObjectReference> => "secretRef" omitempty,
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// An OpenStack disk.
    pub struct CinderVolumeSource {
        /// Identifier of the disk.
        pub volume_id: String => "volumeID",
        /// File system of the disk, formatted when it has none; empty means ext4.
        pub fs_type: String => "fsType" omitempty,
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
        /// Secret with the parameters of the connection.
        pub secret_ref: Option<LocalObjectReference> => "secretRef" omitempty,
    }
}

wire_struct! {
    /// A volume served by a FlexVolume driver, a program that is installed on the node.
    pub struct FlexVolumeSource {
        /// Name of the driver, as `vendor/name`.
        pub driver: String => "driver",
        /// File system of the volume; empty leaves it to the driver.
        pub fs_type: String => "fsType" omitempty,
        /// Secret that the driver is given.
        pub secret_ref: Option<LocalObjectReference> => "secretRef" omitempty,
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
        /// What the driver is told, in its own words; keys below `kubernetes.io` and `k8s.io` are
        /// refused.
        pub options: BTreeMap<String, String> => "options" omitempty,
    }
}

wire_struct! {
    /// A Flocker dataset, by its name or by its identifier.
    pub struct FlockerVolumeSource {
        /// Name of the dataset; excludes the identifier.
        pub dataset_name: String => "datasetName" omitempty,
        /// Identifier of the dataset; excludes the name.
        pub dataset_uuid: String => "datasetUUID" omitempty,
    }
}

wire_struct! {
    /// A Google disk, in the pod's zone; several nodes may read it, one may write it.
    pub struct GCEPersistentDiskVolumeSource {
        /// Name of the disk.
        pub pd_name: String => "pdName",
        /// File system of the disk, formatted when it has none; empty means ext4.
        pub fs_type: String => "fsType" omitempty,
        /// Number of the partition, 0 to 255; 0 means the whole disk.
        pub partition: i32 => "partition" omitempty,
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// A git repository, cloned before the containers start and never pulled again.
    pub struct GitRepoVolumeSource {
        /// Address of the repository.
        pub repository: String => "repository",
        /// Commit to check out; empty means the newest of the default branch.
        pub revision: String => "revision" omitempty,
        /// Directory below the volume to clone into: `.` means the volume itself, empty one named
        /// after the repository.
        pub directory: String => "directory" omitempty,
    }
}

wire_struct! {
    /// A Gluster volume.
    pub struct GlusterfsVolumeSource {
        /// Name of the endpoints object with the servers' addresses.
        pub endpoints: String => "endpoints",
        /// Name of the volume.
        pub path: String => "path",
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// A Photon Controller disk.
    pub struct PhotonPersistentDiskVolumeSource {
        /// Identifier of the disk.
        pub pd_id: String => "pdID",
        /// File system of the disk, formatted when it has none; empty means ext4.
        pub fs_type: String => "fsType" omitempty,
    }
}

wire_struct! {
    /// A Portworx volume.
    pub struct PortworxVolumeSource {
        /// Identifier of the volume.
        pub volume_id: String => "volumeID",
        /// File system of the volume, formatted when it has none; empty means ext4.
        pub fs_type: String => "fsType" omitempty,
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// A Quobyte volume.
    pub struct QuobyteVolumeSource {
        /// Addresses of the registries, as `host:port`, with commas between them.
        pub registry: String => "registry",
        /// Name of the volume.
        pub volume: String => "volume",
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
        /// User that it is mounted as; empty means the owner of the service.
        pub user: String => "user" omitempty,
        /// Group that it is mounted as; empty means none.
        pub group: String => "group" omitempty,
        /// Owner of the volume, at most 64 characters.
        pub tenant: String => "tenant" omitempty,
    }
}

wire_struct! {
    /// A Ceph block device.
    pub struct RBDVolumeSource {
        /// Addresses of the monitors; at least one.
        pub monitors: Vec<String> => "monitors",
        /// Name of the image.
        pub image: String => "image",
        /// File system of the device, formatted when it has none; empty means ext4.
        pub fs_type: String => "fsType" omitempty,
        /// Pool of the image; the API server sets `rbd`.
        pub pool: String => "pool" omitempty,
        /// Name of the user; the API server sets `admin`.
        pub user: String => "user" omitempty,
        /// File on the node with the user's keys; the API server sets `/etc/ceph/keyring`.
        pub keyring: String => "keyring" omitempty,
        /// Secret with the user's key, taken before the file.
        pub secret_ref: Option<LocalObjectReference> => "secretRef" omitempty,
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// A ScaleIO volume.
    pub struct ScaleIOVolumeSource {
        /// Address of the gateway.
        pub gateway: String => "gateway",
        /// Name of the storage system.
        pub system: String => "system",
        /// Secret with the user's name and password.
        pub secret_ref: Option<LocalObjectReference> => "secretRef",
        /// Whether the gateway is spoken to by TLS.
        pub ssl_enabled: bool => "sslEnabled" omitempty,
        /// Protection domain of the storage.
        pub protection_domain: String => "protectionDomain" omitempty,
        /// Pool of the protection domain.
        pub storage_pool: String => "storagePool" omitempty,
        /// `ThickProvisioned` or `ThinProvisioned`; the API server sets the latter.
        pub storage_mode: String => "storageMode" omitempty,
        /// Name of the volume.
        pub volume_name: String => "volumeName" omitempty,
        /// File system of the volume; the API server sets `xfs`.
        pub fs_type: String => "fsType" omitempty,
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// A StorageOS volume.
    pub struct StorageOSVolumeSource {
        /// Name of the volume, a DNS label, unique in its namespace.
        pub volume_name: String => "volumeName" omitempty,
        /// Namespace in StorageOS; empty means the pod's.
        pub volume_namespace: String => "volumeNamespace" omitempty,
        /// File system of the volume, formatted when it has none; empty means ext4.
        pub fs_type: String => "fsType" omitempty,
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
        /// Secret with the credentials; absent means those of the node.
        pub secret_ref: Option<LocalObjectReference> => "secretRef" omitempty,
    }
}

wire_struct! {
    /// A vSphere disk.
    pub struct VsphereVirtualDiskVolumeSource {
        /// Path of the disk in its datastore.
        pub volume_path: String => "volumePath",
        /// File system of the disk, formatted when it has none; empty means ext4.
        pub fs_type: String => "fsType" omitempty,
        /// Name of the storage policy.
        pub storage_policy_name: String => "storagePolicyName" omitempty,
        /// Identifier of the storage policy of that name.
        pub storage_policy_id: String => "storagePolicyID" omitempty,
    }
}

open_enum! {
    /// How the host caches an Azure disk.
    pub enum AzureDataDiskCachingMode {
        /// Not at all.
        None = "None",
        /// What is read.
        ReadOnly = "ReadOnly",
        /// What is read and written.
        ReadWrite = "ReadWrite",
    }
}

open_enum! {
    /// How an Azure disk is kept.
    pub enum AzureDataDiskKind {
        /// As a blob, several in one storage account.
        Shared = "Shared",
        /// As a blob, the only one in its storage account.
        Dedicated = "Dedicated",
        /// By Azure, without a storage account.
        Managed = "Managed",
    }
}
