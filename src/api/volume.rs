//! Volumes of a pod: the kinds in use today, and the claim template of an ephemeral one.
//!
//! On the wire a volume is a name and a bag of kinds, of which one is to be set; logic asks
//! [`Volume::source`].
//!
//! ```
//! use pod_lifecycle::api::{Volume, VolumeSource};
//!
//! let volume: Volume = serde_json::from_str(
//!     r#"{"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}"#,
//! )?;
//! let Some(VolumeSource::PersistentVolumeClaim(claim)) = volume.source() else {
//!     panic!("a claim");
//! };
//! assert_eq!(claim.claim_name, "data-db-0");
//! # Ok::<(), serde_json::Error>(())
//! ```

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
    /// A directory or block device that containers of a pod may mount.
    ///
    /// Exactly one kind is to be set. Where none is, the API server sets an empty `emptyDir`.
    pub struct Volume {
        /// Name that the containers' mounts refer to, unique in the pod; a DNS label.
        pub name: String => "name",
        /// A file or directory of the node.
        pub host_path: Option<Box<HostPathVolumeSource>> => "hostPath" omitempty,
        /// A directory that is empty at first and lives as long as the pod.
        pub empty_dir: Option<Box<EmptyDirVolumeSource>> => "emptyDir" omitempty,
        /// A Google disk; served by a CSI driver.
        pub gce_persistent_disk: Option<Box<GCEPersistentDiskVolumeSource>> => "gcePersistentDisk" omitempty,
        /// An Amazon disk; served by a CSI driver.
        pub aws_elastic_block_store: Option<Box<AWSElasticBlockStoreVolumeSource>> => "awsElasticBlockStore" omitempty,
        /// A git repository, cloned once; refused by the kubelet, whose gate for it is off by
        /// default.
        pub git_repo: Option<Box<GitRepoVolumeSource>> => "gitRepo" omitempty,
        /// Keys of a secret, as files.
        pub secret: Option<Box<SecretVolumeSource>> => "secret" omitempty,
        /// A directory of an NFS server.
        pub nfs: Option<Box<NFSVolumeSource>> => "nfs" omitempty,
        /// An iSCSI disk.
        pub iscsi: Option<Box<ISCSIVolumeSource>> => "iscsi" omitempty,
        /// A Gluster volume; no longer served.
        pub glusterfs: Option<Box<GlusterfsVolumeSource>> => "glusterfs" omitempty,
        /// What a claim in the pod's namespace is bound to.
        pub persistent_volume_claim: Option<Box<PersistentVolumeClaimVolumeSource>> => "persistentVolumeClaim" omitempty,
        /// A Ceph block device; no longer served.
        pub rbd: Option<Box<RBDVolumeSource>> => "rbd" omitempty,
        /// A volume served by a FlexVolume driver, a program on the node.
        pub flex_volume: Option<Box<FlexVolumeSource>> => "flexVolume" omitempty,
        /// An OpenStack disk; served by a CSI driver.
        pub cinder: Option<Box<CinderVolumeSource>> => "cinder" omitempty,
        /// A CephFS directory; no longer served.
        pub cephfs: Option<Box<CephFSVolumeSource>> => "cephfs" omitempty,
        /// A Flocker dataset; no longer served.
        pub flocker: Option<Box<FlockerVolumeSource>> => "flocker" omitempty,
        /// Fields of the pod, as files.
        pub downward_api: Option<Box<DownwardAPIVolumeSource>> => "downwardAPI" omitempty,
        /// A Fibre Channel disk.
        pub fc: Option<Box<FCVolumeSource>> => "fc" omitempty,
        /// An Azure file share; served by a CSI driver.
        pub azure_file: Option<Box<AzureFileVolumeSource>> => "azureFile" omitempty,
        /// Keys of a config map, as files.
        pub config_map: Option<Box<ConfigMapVolumeSource>> => "configMap" omitempty,
        /// A vSphere disk; served by a CSI driver.
        pub vsphere_volume: Option<Box<VsphereVirtualDiskVolumeSource>> => "vsphereVolume" omitempty,
        /// A Quobyte volume; no longer served.
        pub quobyte: Option<Box<QuobyteVolumeSource>> => "quobyte" omitempty,
        /// An Azure disk; served by a CSI driver.
        pub azure_disk: Option<Box<AzureDiskVolumeSource>> => "azureDisk" omitempty,
        /// A Photon Controller disk; no longer served.
        pub photon_persistent_disk: Option<Box<PhotonPersistentDiskVolumeSource>> => "photonPersistentDisk" omitempty,
        /// Several sources in one directory.
        pub projected: Option<Box<ProjectedVolumeSource>> => "projected" omitempty,
        /// A Portworx volume; served by a CSI driver.
        pub portworx_volume: Option<Box<PortworxVolumeSource>> => "portworxVolume" omitempty,
        /// A ScaleIO volume; no longer served.
        pub scale_io: Option<Box<ScaleIOVolumeSource>> => "scaleIO" omitempty,
        /// A StorageOS volume; no longer served.
        pub storageos: Option<Box<StorageOSVolumeSource>> => "storageos" omitempty,
        /// A volume that a CSI driver makes for the pod alone.
        pub csi: Option<Box<CSIVolumeSource>> => "csi" omitempty,
        /// A claim that is made for the pod and deleted with it.
        pub ephemeral: Option<Box<EphemeralVolumeSource>> => "ephemeral" omitempty,
        /// The contents of a container image or other OCI artifact, read-only.
        pub image: Option<Box<ImageVolumeSource>> => "image" omitempty,
    }
}

wire_struct! {
    /// A directory that is empty at first and is deleted with the pod.
    ///
    /// It outlives the restart of a container.
    pub struct EmptyDirVolumeSource {
        /// What it is kept on; absent means the node's disk.
        pub medium: Option<StorageMedium> => "medium" text omitempty,
        /// How much it may hold; a pod that goes beyond is evicted. Absent or 0 sets no limit; one
        /// in memory is capped by the containers' memory limits.
        pub size_limit: Option<Quantity> => "sizeLimit" omitempty,
    }
}

wire_struct! {
    /// A file or directory of the node.
    pub struct HostPathVolumeSource {
        /// Path on the node; `..` is not allowed in it.
        pub path: String => "path",
        /// What has to be there, checked before the mount; the API server sets `""`.
        pub type_: Option<HostPathType> => "type" omitempty,
    }
}

wire_struct! {
    /// Keys of a config map in the pod's namespace, as files that follow its changes.
    pub struct ConfigMapVolumeSource {
        /// Name of the config map.
        pub name: String => "name" omitempty,
        /// Which keys, and where to; empty means all, each in a file of its own name. A key that is
        /// missing keeps the pod from starting, unless it is optional.
        pub items: Vec<KeyToPath> => "items" omitempty,
        /// Permission bits of the files, 0 to 0777; the API server sets 0644.
        pub default_mode: Option<i32> => "defaultMode" omitempty,
        /// Whether the pod may start without the config map or the keys; absent means no.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// Keys of a secret in the pod's namespace, as files in memory that follow its changes.
    pub struct SecretVolumeSource {
        /// Name of the secret.
        pub secret_name: String => "secretName" omitempty,
        /// Which keys, and where to; empty means all, each in a file of its own name. A key that is
        /// missing keeps the pod from starting, unless it is optional.
        pub items: Vec<KeyToPath> => "items" omitempty,
        /// Permission bits of the files, 0 to 0777; the API server sets 0644.
        pub default_mode: Option<i32> => "defaultMode" omitempty,
        /// Whether the pod may start without the secret or the keys; absent means no.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// A key, and the file that it goes to.
    pub struct KeyToPath {
        /// Name of the key.
        pub key: String => "key",
        /// Path below the volume; neither absolute nor with `..`.
        pub path: String => "path",
        /// Permission bits of the file, 0 to 0777; absent means the volume's.
        pub mode: Option<i32> => "mode" omitempty,
    }
}

wire_struct! {
    /// Fields of the pod, as files that follow their changes.
    pub struct DownwardAPIVolumeSource {
        /// The files.
        pub items: Vec<DownwardAPIVolumeFile> => "items" omitempty,
        /// Permission bits of the files, 0 to 0777; the API server sets 0644.
        pub default_mode: Option<i32> => "defaultMode" omitempty,
    }
}

wire_struct! {
    /// A file with a field of the pod or a resource of a container: one of the two is to be set.
    pub struct DownwardAPIVolumeFile {
        /// Path below the volume; neither absolute nor with `..`.
        pub path: String => "path",
        /// A field: name, namespace, uid, labels or annotations, or one of these by its key.
        pub field_ref: Option<ObjectFieldSelector> => "fieldRef" omitempty,
        /// A request or limit of a container, which has to be named.
        pub resource_field_ref: Option<ResourceFieldSelector> => "resourceFieldRef" omitempty,
        /// Permission bits of the file, 0 to 0777; absent means the volume's.
        pub mode: Option<i32> => "mode" omitempty,
    }
}

wire_struct! {
    /// What a claim in the pod's namespace is bound to.
    ///
    /// The scheduler waits for the claim, and goes where its volume is.
    pub struct PersistentVolumeClaimVolumeSource {
        /// Name of the claim.
        pub claim_name: String => "claimName",
        /// Whether every mount of it is read-only.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// A claim that is made for the pod, owned by it, and deleted with it.
    pub struct EphemeralVolumeSource {
        /// What the claim is made from, under the name `<pod>-<volume>`; required.
        pub volume_claim_template: Option<Box<PersistentVolumeClaimTemplate>> => "volumeClaimTemplate" omitempty,
    }
}

wire_struct! {
    /// What a pod's own claim is made from.
    pub struct PersistentVolumeClaimTemplate {
        /// Labels and annotations of the claim; the API server refuses anything else.
        pub metadata: ObjectMeta => "metadata",
        /// What the claim asks for.
        pub spec: PersistentVolumeClaimSpec => "spec",
    }
}

wire_struct! {
    /// What a claim asks for.
    pub struct PersistentVolumeClaimSpec {
        /// From where and how it has to be mountable; at least one.
        pub access_modes: Vec<PersistentVolumeAccessMode> => "accessModes" omitempty,
        /// Labels of the volumes it may be bound to; absent allows all, and no volume is made for
        /// one that is set.
        pub selector: Option<Box<LabelSelector>> => "selector" omitempty,
        /// How much storage it asks for, in `requests["storage"]`.
        pub resources: VolumeResourceRequirements => "resources",
        /// Volume that it is bound to.
        pub volume_name: String => "volumeName" omitempty,
        /// Class of the volume: absent means the default class, empty means none, so that only
        /// volumes without a class will do.
        pub storage_class_name: Option<String> => "storageClassName" omitempty,
        /// Whether a file system or a bare device is wanted; the API server sets `Filesystem`.
        pub volume_mode: Option<PersistentVolumeMode> => "volumeMode" omitempty,
        /// What the volume is filled from: a claim or a snapshot in the same namespace.
        pub data_source: Option<Box<TypedLocalObjectReference>> => "dataSource" omitempty,
        /// What the volume is filled from, of any kind; the same as `data_source` where both are
        /// set.
        pub data_source_ref: Option<Box<TypedObjectReference>> => "dataSourceRef" omitempty,
        /// Class of the attributes that may change while the volume is in use; absent means none.
        pub volume_attributes_class_name: Option<String> => "volumeAttributesClassName" omitempty,
    }
}

wire_struct! {
    /// How much storage is asked for.
    pub struct VolumeResourceRequirements {
        /// At most this much.
        pub limits: ResourceList => "limits" omitempty,
        /// At least this much.
        pub requests: ResourceList => "requests" omitempty,
    }
}

wire_struct! {
    /// A volume that a CSI driver makes for the pod alone, and drops with it.
    pub struct CSIVolumeSource {
        /// Name of the driver, a DNS subdomain of at most 63 characters.
        pub driver: String => "driver",
        /// Whether it is mounted read-only; absent means no.
        pub read_only: Option<bool> => "readOnly" omitempty,
        /// File system; absent leaves it to the driver.
        pub fs_type: Option<String> => "fsType" omitempty,
        /// What the driver is told, in its own words.
        pub volume_attributes: BTreeMap<String, String> => "volumeAttributes" omitempty,
        /// Secret in the pod's namespace that the driver is given when it mounts.
        pub node_publish_secret_ref: Option<LocalObjectReference> => "nodePublishSecretRef" omitempty,
    }
}

wire_struct! {
    /// A container image or other OCI artifact, mounted read-only and without running it.
    pub struct ImageVolumeSource {
        /// Name of the image, as for a container's; required in a pod.
        pub reference: String => "reference" omitempty,
        /// When to pull it; the API server sets `Always` for the tag `latest` or none, and
        /// `IfNotPresent` otherwise. The volume is resolved anew whenever the pod's sandbox is.
        pub pull_policy: Option<PullPolicy> => "pullPolicy" text omitempty,
    }
}

wire_struct! {
    /// A directory of an NFS server.
    pub struct NFSVolumeSource {
        /// Name or address of the server.
        pub server: String => "server",
        /// Absolute path of the exported directory.
        pub path: String => "path",
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
    }
}

wire_struct! {
    /// An iSCSI disk; several pods may read it, one may write it.
    pub struct ISCSIVolumeSource {
        /// Address of the portal; port 3260 where none is given.
        pub target_portal: String => "targetPortal",
        /// Name of the target, beginning with `iqn.`, `eui.` or `naa.`.
        pub iqn: String => "iqn",
        /// Number of the logical unit, 0 to 255.
        pub lun: i32 => "lun",
        /// Initiator interface; the API server sets `default`, which is TCP.
        pub iscsi_interface: String => "iscsiInterface" omitempty,
        /// File system of the disk, formatted when it has none; empty means ext4.
        pub fs_type: String => "fsType" omitempty,
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
        /// Further portals, for multipath.
        pub portals: Vec<String> => "portals" omitempty,
        /// Whether discovery authenticates by CHAP; then the secret is required.
        pub chap_auth_discovery: bool => "chapAuthDiscovery" omitempty,
        /// Whether the session authenticates by CHAP; then the secret is required.
        pub chap_auth_session: bool => "chapAuthSession" omitempty,
        /// Secret with the CHAP credentials.
        pub secret_ref: Option<LocalObjectReference> => "secretRef" omitempty,
        /// Own initiator name; absent means the node's.
        pub initiator_name: Option<String> => "initiatorName" omitempty,
    }
}

wire_struct! {
    /// A Fibre Channel disk, named by target and unit or by its world wide identifiers.
    pub struct FCVolumeSource {
        /// World wide names of the targets; excludes [`wwids`](Self::wwids).
        pub target_wwns: Vec<String> => "targetWWNs" omitempty,
        /// Number of the logical unit, 0 to 255; required with targets.
        pub lun: Option<i32> => "lun" omitempty,
        /// File system of the disk, formatted when it has none; empty means ext4.
        pub fs_type: String => "fsType" omitempty,
        /// Whether it is mounted read-only.
        pub read_only: bool => "readOnly" omitempty,
        /// World wide identifiers of the disk; excludes [`target_wwns`](Self::target_wwns).
        pub wwids: Vec<String> => "wwids" omitempty,
    }
}

open_enum! {
    /// What has to be at a path of the node before it is mounted.
    pub enum HostPathType {
        /// Nothing is checked.
        Unset = "",
        /// A directory, made with mode 0755 where nothing is.
        DirectoryOrCreate = "DirectoryOrCreate",
        /// A directory.
        Directory = "Directory",
        /// A file, made with mode 0644 where nothing is; its directory has to exist.
        FileOrCreate = "FileOrCreate",
        /// A file.
        File = "File",
        /// A UNIX socket.
        Socket = "Socket",
        /// A character device.
        CharDevice = "CharDevice",
        /// A block device.
        BlockDevice = "BlockDevice",
    }
}

open_enum! {
    /// What an `emptyDir` is kept on.
    ///
    /// `HugePages-<size>`, as in `HugePages-2Mi`, asks for pages of one size.
    pub enum StorageMedium {
        /// Memory, as tmpfs; what is written counts against the containers' memory limits.
        Memory = "Memory",
        /// Huge pages of the only size that the pod requests.
        HugePages = "HugePages",
    }
}

open_enum! {
    /// From where and how a volume can be mounted.
    pub enum PersistentVolumeAccessMode {
        /// Read and written from one node.
        ReadWriteOnce = "ReadWriteOnce",
        /// Read from many nodes.
        ReadOnlyMany = "ReadOnlyMany",
        /// Read and written from many nodes.
        ReadWriteMany = "ReadWriteMany",
        /// Read and written by one pod; the scheduler holds back a second.
        ReadWriteOncePod = "ReadWriteOncePod",
    }
}

open_enum! {
    /// What a claimed volume is.
    pub enum PersistentVolumeMode {
        /// A bare device, given to containers by `volumeDevices`.
        Block = "Block",
        /// A file system, given to containers by `volumeMounts`.
        Filesystem = "Filesystem",
    }
}

/// What a volume is, written once: the variant, the field that it views, and its name on the wire.
macro_rules! volume_sources {
    ($($(#[$meta:meta])* $variant:ident($ty:ty) = $field:ident => $json:literal,)+) => {
        /// What a volume is, as the one kind that it is.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum VolumeSource<'a> {
            $($(#[$meta])* $variant(&'a $ty),)+
        }

        impl VolumeSource<'_> {
            /// Returns the name that the kind has on the wire.
            ///
            /// ```
            /// use pod_lifecycle::api::Volume;
            ///
            /// let volume: Volume = serde_json::from_str(r#"{"hostPath": {"path": "/etc"}}"#)?;
            /// assert_eq!(volume.source().map(|source| source.name()), Some("hostPath"));
            /// # Ok::<(), serde_json::Error>(())
            /// ```
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $json,)+
                }
            }
        }

        impl Volume {
            /// Returns all kinds that are set, in the order in which the API server looks for them.
            ///
            /// A valid volume has exactly one.
            ///
            /// ```
            /// use pod_lifecycle::api::Volume;
            ///
            /// let volume: Volume = serde_json::from_str(r#"{"hostPath": {}, "emptyDir": {}}"#)?;
            /// let kinds: Vec<_> = volume.sources().map(|source| source.name()).collect();
            /// assert_eq!(kinds, ["emptyDir", "hostPath"]);
            /// # Ok::<(), serde_json::Error>(())
            /// ```
            pub fn sources(&self) -> impl Iterator<Item = VolumeSource<'_>> {
                [$(self.$field.as_deref().map(VolumeSource::$variant),)+]
                    .into_iter()
                    .flatten()
            }
        }
    };
}

volume_sources! {
    /// A directory that is empty at first.
    EmptyDir(EmptyDirVolumeSource) = empty_dir => "emptyDir",
    /// A file or directory of the node.
    HostPath(HostPathVolumeSource) = host_path => "hostPath",
    /// A git repository.
    GitRepo(GitRepoVolumeSource) = git_repo => "gitRepo",
    /// A Google disk.
    GCEPersistentDisk(GCEPersistentDiskVolumeSource) = gce_persistent_disk => "gcePersistentDisk",
    /// An Amazon disk.
    AWSElasticBlockStore(AWSElasticBlockStoreVolumeSource) = aws_elastic_block_store => "awsElasticBlockStore",
    /// Keys of a secret.
    Secret(SecretVolumeSource) = secret => "secret",
    /// A directory of an NFS server.
    NFS(NFSVolumeSource) = nfs => "nfs",
    /// An iSCSI disk.
    ISCSI(ISCSIVolumeSource) = iscsi => "iscsi",
    /// A Gluster volume.
    Glusterfs(GlusterfsVolumeSource) = glusterfs => "glusterfs",
    /// A Flocker dataset.
    Flocker(FlockerVolumeSource) = flocker => "flocker",
    /// What a claim is bound to.
    PersistentVolumeClaim(PersistentVolumeClaimVolumeSource) = persistent_volume_claim => "persistentVolumeClaim",
    /// A Ceph block device.
    RBD(RBDVolumeSource) = rbd => "rbd",
    /// An OpenStack disk.
    Cinder(CinderVolumeSource) = cinder => "cinder",
    /// A CephFS directory.
    CephFS(CephFSVolumeSource) = cephfs => "cephfs",
    /// A Quobyte volume.
    Quobyte(QuobyteVolumeSource) = quobyte => "quobyte",
    /// Fields of the pod.
    DownwardAPI(DownwardAPIVolumeSource) = downward_api => "downwardAPI",
    /// A Fibre Channel disk.
    FC(FCVolumeSource) = fc => "fc",
    /// A volume served by a FlexVolume driver.
    FlexVolume(FlexVolumeSource) = flex_volume => "flexVolume",
    /// Keys of a config map.
    ConfigMap(ConfigMapVolumeSource) = config_map => "configMap",
    /// An Azure file share.
    AzureFile(AzureFileVolumeSource) = azure_file => "azureFile",
    /// A vSphere disk.
    VsphereVolume(VsphereVirtualDiskVolumeSource) = vsphere_volume => "vsphereVolume",
    /// A Photon Controller disk.
    PhotonPersistentDisk(PhotonPersistentDiskVolumeSource) = photon_persistent_disk => "photonPersistentDisk",
    /// A Portworx volume.
    PortworxVolume(PortworxVolumeSource) = portworx_volume => "portworxVolume",
    /// An Azure disk.
    AzureDisk(AzureDiskVolumeSource) = azure_disk => "azureDisk",
    /// A StorageOS volume.
    StorageOS(StorageOSVolumeSource) = storageos => "storageos",
    /// Several sources in one directory.
    Projected(ProjectedVolumeSource) = projected => "projected",
    /// A ScaleIO volume.
    ScaleIO(ScaleIOVolumeSource) = scale_io => "scaleIO",
    /// A volume that a CSI driver makes for the pod alone.
    CSI(CSIVolumeSource) = csi => "csi",
    /// A claim that is made for the pod.
    Ephemeral(EphemeralVolumeSource) = ephemeral => "ephemeral",
    /// The contents of a container image.
    Image(ImageVolumeSource) = image => "image",
}

impl Volume {
    /// Returns what the volume is, or `None` where no kind is set.
    ///
    /// Of several, the first in the API server's order is taken; see [`sources`](Self::sources).
    ///
    /// ```
    /// use pod_lifecycle::api::{Volume, VolumeSource};
    ///
    /// let volume: Volume = serde_json::from_str(r#"{"name": "tmp", "emptyDir": {}}"#)?;
    /// assert!(matches!(volume.source(), Some(VolumeSource::EmptyDir(_))));
    /// assert_eq!(Volume::default().source(), None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    #[must_use]
    pub fn source(&self) -> Option<VolumeSource<'_>> {
        self.sources().next()
    }
}
