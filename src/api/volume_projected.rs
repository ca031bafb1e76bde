//! DOC.

use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};

use super::meta::LabelSelector;
use super::volume::{DownwardAPIVolumeFile, KeyToPath};

wire_struct! {
    /// DOC.
    pub struct ProjectedVolumeSource {
        /// DOC.
        pub sources: Vec<VolumeProjection> => "sources",
        /// DOC.
        pub default_mode: Option<i32> => "defaultMode" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct VolumeProjection {
        /// DOC.
        pub secret: Option<Box<SecretProjection>> => "secret" omitempty,
        /// DOC.
        pub downward_api: Option<Box<DownwardAPIProjection>> => "downwardAPI" omitempty,
        /// DOC.
        pub config_map: Option<Box<ConfigMapProjection>> => "configMap" omitempty,
        /// DOC.
        pub service_account_token: Option<Box<ServiceAccountTokenProjection>> => "serviceAccountToken" omitempty,
        /// DOC.
        pub cluster_trust_bundle: Option<Box<ClusterTrustBundleProjection>> => "clusterTrustBundle" omitempty,
        /// DOC.
        pub pod_certificate: Option<Box<PodCertificateProjection>> => "podCertificate" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ConfigMapProjection {
        /// DOC.
        pub name: String => "name" omitempty,
        /// DOC.
        pub items: Vec<KeyToPath> => "items" omitempty,
        /// DOC.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct SecretProjection {
        /// DOC.
        pub name: String => "name" omitempty,
        /// DOC.
        pub items: Vec<KeyToPath> => "items" omitempty,
        /// DOC.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct DownwardAPIProjection {
        /// DOC.
        pub items: Vec<DownwardAPIVolumeFile> => "items" omitempty,
    }
}

wire_struct! {
    /// DOC.
    pub struct ServiceAccountTokenProjection {
        /// DOC.
        pub audience: String => "audience" omitempty,
        /// DOC.
        pub expiration_seconds: Option<i64> => "expirationSeconds" omitempty,
        /// DOC.
        pub path: String => "path",
    }
}

wire_struct! {
    /// DOC.
    pub struct ClusterTrustBundleProjection {
        /// DOC.
        pub name: Option<String> => "name" omitempty,
        /// DOC.
        pub signer_name: Option<String> => "signerName" omitempty,
        /// DOC.
        pub label_selector: Option<Box<LabelSelector>> => "labelSelector" omitempty,
        /// DOC.
        pub optional: Option<bool> => "optional" omitempty,
        /// DOC.
        pub path: String => "path",
    }
}

wire_struct! {
    /// DOC.
    pub struct PodCertificateProjection {
        /// DOC.
        pub signer_name: String => "signerName",
        /// DOC.
        pub key_type: String => "keyType",
        /// DOC.
        pub max_expiration_seconds: Option<i32> => "maxExpirationSeconds" omitempty,
        /// DOC.
        pub credential_bundle_path: String => "credentialBundlePath" omitempty,
        /// DOC.
        pub key_path: String => "keyPath" omitempty,
        /// DOC.
        pub certificate_chain_path: String => "certificateChainPath" omitempty,
        /// DOC.
        pub user_annotations: BTreeMap<String, String> => "userAnnotations" omitempty,
    }
}
