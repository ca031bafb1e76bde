//! DOC.

use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};

use super::container::{PullPolicy, ResourceList};
use super::env::{ObjectFieldSelector, ResourceFieldSelector};
use super::meta::{
    LabelSelector, LocalObjectReference, ObjectMeta, TypedLocalObjectReference,
    TypedObjectReference,
};
use super::volume_legacy::{
    AWSElasticBlockStoreVolumeSource, AzureDiskVolumeSource, AzureFileVolumeSource,
    CephFSVolumeSource, CinderVolumeSource, FlexVolumeSource, FlockerVolumeSource,
    GCEPersistentDiskVolumeSource, GitRepoVolumeSource, GlusterfsVolumeSource,
    PhotonPersistentDiskVolumeSource, PortworxVolumeSource, QuobyteVolumeSource, RBDVolumeSource,
    ScaleIOVolumeSource, StorageOSVolumeSource, VsphereVirtualDiskVolumeSource,
};
use super::volume_projected::ProjectedVolumeSource;
use crate::quantity::Quantity;

wire_struct! {
    /// DOC.
    pub struct Volume {
        /// DOC.
        pub name: String => "name",
        /// DOC.
        pub host_path: Option<Box<HostPathVolumeSource>> => "hostPath" omitempty,
        /// DOC.
        pub empty_dir: Option<Box<EmptyDirVolumeSource>> => "emptyDir" omitempty,
        /// DOC.
        pub gce_persistent_disk: Option<Box<GCEPersistentDiskVolumeSource>> => "gcePersistentDisk" omitempty,
        /// DOC.
        pub aws_elastic_block_store: Option<Box<AWSElasticBlockStoreVolumeSource>> => "awsElasticBlockStore" omitempty,
        /// DOC.
        pub git_repo: Option<Box<GitRepoVolumeSource>> => "gitRepo" omitempty,
        /// DOC.
        pub secret: Option<Box<SecretVolumeSource>> => "secret" omitempty,
        /// DOC.
        pub nfs: Option<Box<NFSVolumeSource>> => "nfs" omitempty,
        /// DOC.
        pub iscsi: Option<Box<ISCSIVolumeSource>> => "iscsi" omitempty,
        /// DOC.
        pub glusterfs: Option<Box<GlusterfsVolumeSource>> => "glusterfs" omitempty,
        /// DOC.
        pub persistent_volume_claim: Option<Box<PersistentVolumeClaimVolumeSource>> => "persistentVolumeClaim" omitempty,
        /// DOC.
        pub rbd: Option<Box<RBDVolumeSource>> => "rbd" omitempty,
        /// DOC.
        pub flex_volume: Option<Box<FlexVolumeSource>> => "flexVolume" omitempty,
        /// DOC.
        pub cinder: Option<Box<CinderVolumeSource>> => "cinder" omitempty,
        /// DOC.
        pub cephfs: Option<Box<CephFSVolumeSource>> => "cephfs" omitempty,
        /// DOC.
        pub flocker: Option<Box<FlockerVolumeSource>> => "flocker" omitempty,
        /// DOC.
        pub downward_api: Option<Box<DownwardAPIVolumeSource>> => "downwardAPI" omitempty,
        /// DOC.
        pub fc: Option<Box<FCVolumeSource>> => "fc" omitempty,
        /// DOC.
        pub azure_file: Option<Box<AzureFileVolumeSource>> => "azureFile" omitempty,
        /// DOC.
        pub config_map: Option<Box<ConfigMapVolumeSource>> => "configMap" omitempty,
        /// DOC.
        pub vsphere_volume: Option<Box<VsphereVirtualDiskVolumeSource>> => "vsphereVolume" omitempty,
        /// DOC.
        pub quobyte: Option<Box<QuobyteVolumeSource>> => "quobyte" omitempty,
        /// DOC.
        pub azure_disk: Option<Box<AzureDiskVolumeSource>> => "azureDisk" omitempty,
        /// DOC.
        pub photon_persistent_disk: Option<Box<PhotonPersistentDiskVolumeSource>> => "photonPersistentDisk" omitempty,
        /// DOC.
        pub projected: Option<Box<ProjectedVolumeSource>> => "projected" omitempty,
        /// DOC.
        pub portworx_volume: Option<Box<PortworxVolumeSource>> => "portworxVolume" omitempty,
        /// DOC.
        pub scale_io: Option<Box<ScaleIOVolumeSource>> => "scaleIO" omitempty,
        /// DOC.
        pub storageos: Option<Box<StorageOSVolumeSource>> => "storageos" omitempty,
        /// DOC.
        pub csi: Option<Box<CSIVolumeSource>> => "csi" omitempty,
        /// DOC.
        pub ephemeral: Option<Box<EphemeralVolumeSource>> => "ephemeral" omitempty,
        /// DOC.
        pub image: Option<Box<ImageVolumeSource>> => "image" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct EmptyDirVolumeSource {
        /// DOC.
        pub medium: Option<StorageMedium> => "medium" text omitempty,
        /// DOC.
        pub size_limit: Option<Quantity> => "sizeLimit" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct HostPathVolumeSource {
        /// DOC.
        pub path: String => "path",
        /// DOC.
        pub type_: Option<HostPathType> => "type" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ConfigMapVolumeSource {
        /// DOC.
        pub name: String => "name" omitempty,
        /// DOC.
        pub items: Vec<KeyToPath> => "items" omitempty,
        /// DOC.
        pub default_mode: Option<i32> => "defaultMode" omitempty,
        /// DOC.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct SecretVolumeSource {
        /// DOC.
        pub secret_name: String => "secretName" omitempty,
        /// DOC.
        pub items: Vec<KeyToPath> => "items" omitempty,
        /// DOC.
        pub default_mode: Option<i32> => "defaultMode" omitempty,
        /// DOC.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct KeyToPath {
        /// DOC.
        pub key: String => "key",
        /// DOC.
        pub path: String => "path",
        /// DOC.
        pub mode: Option<i32> => "mode" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct DownwardAPIVolumeSource {
        /// DOC.
        pub items: Vec<DownwardAPIVolumeFile> => "items" omitempty,
        /// DOC.
        pub default_mode: Option<i32> => "defaultMode" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct DownwardAPIVolumeFile {
        /// DOC.
        pub path: String => "path",
        /// DOC.
        pub field_ref: Option<ObjectFieldSelector> => "fieldRef" omitempty,
        /// DOC.
        pub resource_field_ref: Option<ResourceFieldSelector> => "resourceFieldRef" omitempty,
        /// DOC.
        pub mode: Option<i32> => "mode" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PersistentVolumeClaimVolumeSource {
        /// DOC.
        pub claim_name: String => "claimName",
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct EphemeralVolumeSource {
        /// DOC.
        pub volume_claim_template: Option<Box<PersistentVolumeClaimTemplate>> => "volumeClaimTemplate" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct PersistentVolumeClaimTemplate {
        /// DOC.
        pub metadata: ObjectMeta => "metadata",
        /// DOC.
        pub spec: PersistentVolumeClaimSpec => "spec",
    }
}

wire_struct! {
    /// DOC.
    pub struct PersistentVolumeClaimSpec {
        /// DOC.
        pub access_modes: Vec<PersistentVolumeAccessMode> => "accessModes" omitempty,
        /// DOC.
        pub selector: Option<Box<LabelSelector>> => "selector" omitempty,
        /// DOC.
        pub resources: VolumeResourceRequirements => "resources",
        /// DOC.
        pub volume_name: String => "volumeName" omitempty,
        /// DOC.
        pub storage_class_name: Option<String> => "storageClassName" omitempty,
        /// DOC.
        pub volume_mode: Option<PersistentVolumeMode> => "volumeMode" omitempty,
        /// DOC.
        pub data_source: Option<Box<TypedLocalObjectReference>> => "dataSource" omitempty,
        /// DOC.
        pub data_source_ref: Option<Box<TypedObjectReference>> => "dataSourceRef" omitempty,
        /// DOC.
        pub volume_attributes_class_name: Option<String> => "volumeAttributesClassName" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct VolumeResourceRequirements {
        /// DOC.
        pub limits: ResourceList => "limits" omitempty,
        /// DOC.
        pub requests: ResourceList => "requests" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct CSIVolumeSource {
        /// DOC.
        pub driver: String => "driver",
        /// DOC.
        pub read_only: Option<bool> => "readOnly" omitempty,
        /// DOC.
        pub fs_type: Option<String> => "fsType" omitempty,
        /// DOC.
        pub volume_attributes: BTreeMap<String, String> => "volumeAttributes" omitempty,
        /// DOC.
        pub node_publish_secret_ref: Option<LocalObjectReference> => "nodePublishSecretRef" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ImageVolumeSource {
        /// DOC.
        pub reference: String => "reference" omitempty,
        /// DOC.
        pub pull_policy: Option<PullPolicy> => "pullPolicy" text omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct NFSVolumeSource {
        /// DOC.
        pub server: String => "server",
        /// DOC.
        pub path: String => "path",
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ISCSIVolumeSource {
        /// DOC.
        pub target_portal: String => "targetPortal",
        /// DOC.
        pub iqn: String => "iqn",
        /// DOC.
        pub lun: i32 => "lun",
        /// DOC.
        pub iscsi_interface: String => "iscsiInterface" omitempty,
        /// DOC.
        pub fs_type: String => "fsType" omitempty,
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
        /// DOC.
        pub portals: Vec<String> => "portals" omitempty,
        /// DOC.
        pub chap_auth_discovery: bool => "chapAuthDiscovery" omitempty,
        /// DOC.
        pub chap_auth_session: bool => "chapAuthSession" omitempty,
        /// DOC.
        pub secret_ref: Option<LocalObjectReference> => "secretRef" omitempty,
        /// DOC.
        pub initiator_name: Option<String> => "initiatorName" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct FCVolumeSource {
        /// DOC.
        pub target_wwns: Vec<String> => "targetWWNs" omitempty,
        /// DOC.
        pub lun: Option<i32> => "lun" omitempty,
        /// DOC.
        pub fs_type: String => "fsType" omitempty,
        /// DOC.
        pub read_only: bool => "readOnly" omitempty,
        /// DOC.
        pub wwids: Vec<String> => "wwids" omitempty,
    }
}

open_enum! {
    /// DOC.
    pub enum HostPathType {
        /// DOC.
        Unset = "",
        /// DOC.
        DirectoryOrCreate = "DirectoryOrCreate",
        /// DOC.
        Directory = "Directory",
        /// DOC.
        FileOrCreate = "FileOrCreate",
        /// DOC.
        File = "File",
        /// DOC.
        Socket = "Socket",
        /// DOC.
        CharDevice = "CharDevice",
        /// DOC.
        BlockDevice = "BlockDevice",
    }
}

open_enum! {
    /// DOC.
    pub enum StorageMedium {
        /// DOC.
        Memory = "Memory",
        /// DOC.
        HugePages = "HugePages",
    }
}

open_enum! {
    /// DOC.
    pub enum PersistentVolumeAccessMode {
        /// DOC.
        ReadWriteOnce = "ReadWriteOnce",
        /// DOC.
        ReadOnlyMany = "ReadOnlyMany",
        /// DOC.
        ReadWriteMany = "ReadWriteMany",
        /// DOC.
        ReadWriteOncePod = "ReadWriteOncePod",
    }
}

open_enum! {
    /// DOC.
    pub enum PersistentVolumeMode {
        /// DOC.
        Block = "Block",
        /// DOC.
        Filesystem = "Filesystem",
    }
}
