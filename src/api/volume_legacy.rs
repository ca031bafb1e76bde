//! DOC.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use super::meta::LocalObjectReference;

wire_struct! {
    /// DOC.
    pub struct AWSElasticBlockStoreVolumeSource {
        /// DOC.
        pub volume_id: String => "volumeID",
        /// DOC.
        pub fs_type: String => "fsType" omitempty,
        /// DOC.
        pub partition: i32 => "partition" omitempty,
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct AzureDiskVolumeSource {
        /// DOC.
        pub disk_name: String => "diskName",
        /// DOC.
        pub disk_uri: String => "diskURI",
        /// DOC.
        pub caching_mode: Option<AzureDataDiskCachingMode> => "cachingMode" omitempty,
        /// DOC.
        pub fs_type: Option<String> => "fsType" omitempty,
        /// DOC.
        pub read_only: Option<bool> => "readOnly" omitempty,
        /// DOC.
        pub kind: Option<AzureDataDiskKind> => "kind" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct AzureFileVolumeSource {
        /// DOC.
        pub secret_name: String => "secretName",
        /// DOC.
        pub share_name: String => "shareName",
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct CephFSVolumeSource {
        /// DOC.
        pub monitors: Vec<String> => "monitors",
        /// DOC.
        pub path: String => "path" omitempty,
        /// DOC.
        pub user: String => "user" omitempty,
        /// DOC.
        pub secret_file: String => "secretFile" omitempty,
        /// DOC.
        pub secret_ref: Option<LocalObjectReference> => "secretRef" omitempty,
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct CinderVolumeSource {
        /// DOC.
        pub volume_id: String => "volumeID",
        /// DOC.
        pub fs_type: String => "fsType" omitempty,
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
        /// DOC.
        pub secret_ref: Option<LocalObjectReference> => "secretRef" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct FlexVolumeSource {
        /// DOC.
        pub driver: String => "driver",
        /// DOC.
        pub fs_type: String => "fsType" omitempty,
        /// DOC.
        pub secret_ref: Option<LocalObjectReference> => "secretRef" omitempty,
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
        /// DOC.
        pub options: BTreeMap<String, String> => "options" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct FlockerVolumeSource {
        /// DOC.
        pub dataset_name: String => "datasetName" omitempty,
        /// DOC.
        pub dataset_uuid: String => "datasetUUID" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct GCEPersistentDiskVolumeSource {
        /// DOC.
        pub pd_name: String => "pdName",
        /// DOC.
        pub fs_type: String => "fsType" omitempty,
        /// DOC.
        pub partition: i32 => "partition" omitempty,
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct GitRepoVolumeSource {
        /// DOC.
        pub repository: String => "repository",
        /// DOC.
        pub revision: String => "revision" omitempty,
        /// DOC.
        pub directory: String => "directory" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct GlusterfsVolumeSource {
        /// DOC.
        pub endpoints: String => "endpoints",
        /// DOC.
        pub path: String => "path",
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PhotonPersistentDiskVolumeSource {
        /// DOC.
        pub pd_id: String => "pdID",
        /// DOC.
        pub fs_type: String => "fsType" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PortworxVolumeSource {
        /// DOC.
        pub volume_id: String => "volumeID",
        /// DOC.
        pub fs_type: String => "fsType" omitempty,
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct QuobyteVolumeSource {
        /// DOC.
        pub registry: String => "registry",
        /// DOC.
        pub volume: String => "volume",
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
        /// DOC.
        pub user: String => "user" omitempty,
        /// DOC.
        pub group: String => "group" omitempty,
        /// DOC.
        pub tenant: String => "tenant" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct RBDVolumeSource {
        /// DOC.
        pub monitors: Vec<String> => "monitors",
        /// DOC.
        pub image: String => "image",
        /// DOC.
        pub fs_type: String => "fsType" omitempty,
        /// DOC.
        pub pool: String => "pool" omitempty,
        /// DOC.
        pub user: String => "user" omitempty,
        /// DOC.
        pub keyring: String => "keyring" omitempty,
        /// DOC.
        pub secret_ref: Option<LocalObjectReference> => "secretRef" omitempty,
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ScaleIOVolumeSource {
        /// DOC.
        pub gateway: String => "gateway",
        /// DOC.
        pub system: String => "system",
        /// DOC.
        pub secret_ref: Option<LocalObjectReference> => "secretRef",
        /// DOC.
        pub ssl_enabled: bool => "sslEnabled" omitempty,
        /// DOC.
        pub protection_domain: String => "protectionDomain" omitempty,
        /// DOC.
        pub storage_pool: String => "storagePool" omitempty,
        /// DOC.
        pub storage_mode: String => "storageMode" omitempty,
        /// DOC.
        pub volume_name: String => "volumeName" omitempty,
        /// DOC.
        pub fs_type: String => "fsType" omitempty,
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct StorageOSVolumeSource {
        /// DOC.
        pub volume_name: String => "volumeName" omitempty,
        /// DOC.
        pub volume_namespace: String => "volumeNamespace" omitempty,
        /// DOC.
        pub fs_type: String => "fsType" omitempty,
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
        /// DOC.
        pub secret_ref: Option<LocalObjectReference> => "secretRef" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct VsphereVirtualDiskVolumeSource {
        /// DOC.
        pub volume_path: String => "volumePath",
        /// DOC.
        pub fs_type: String => "fsType" omitempty,
        /// DOC.
        pub storage_policy_name: String => "storagePolicyName" omitempty,
        /// DOC.
        pub storage_policy_id: String => "storagePolicyID" omitempty,
    }
}

open_enum! {
    /// DOC.
    pub enum AzureDataDiskCachingMode {
        /// DOC.
        None = "None",
        /// DOC.
        ReadOnly = "ReadOnly",
        /// DOC.
        ReadWrite = "ReadWrite",
    }
}

open_enum! {
    /// DOC.
    pub enum AzureDataDiskKind {
        /// DOC.
        Shared = "Shared",
        /// DOC.
        Dedicated = "Dedicated",
        /// DOC.
        Managed = "Managed",
    }
}
