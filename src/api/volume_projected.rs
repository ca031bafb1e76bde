//! The projected volume: files from several sources in one directory.
//!
//! Every pod that mounts its service account's token has one, added by the API server on admission.
//!
//! ```
//! use pod_lifecycle::api::ProjectedVolumeSource;
//!
//! let projected: ProjectedVolumeSource = serde_json::from_str(
//!     r#"{"sources": [
//!         {"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}},
//!         {"configMap": {"name": "kube-root-ca.crt"}}
//!     ]}"#,
//! )?;
//! let token = projected.sources[0].service_account_token.as_deref();
//! assert_eq!(token.and_then(|token| token.expiration_seconds), Some(3607));
//! # Ok::<(), serde_json::Error>(())
//! ```

use alloc::{boxed::Box, collections::BTreeMap, string::String, vec::Vec};

use super::meta::LabelSelector;
use super::volume::{DownwardAPIVolumeFile, KeyToPath};

wire_struct! {
    /// Files from several sources in one directory, kept up to date.
    pub struct ProjectedVolumeSource {
        /// The sources; no two may write the same path.
        pub sources: Vec<VolumeProjection> => "sources",
        /// Permission bits of the files, 0 to 0777; the API server sets 0644.
        pub default_mode: Option<i32> => "defaultMode" omitempty,
    }
}

wire_struct! {
    /// One source of a projected volume: at most one kind is to be set.
    pub struct VolumeProjection {
        /// Keys of a secret.
        pub secret: Option<Box<SecretProjection>> => "secret" omitempty,
        /// Fields of the pod.
        pub downward_api: Option<Box<DownwardAPIProjection>> => "downwardAPI" omitempty,
        /// Keys of a config map.
        pub config_map: Option<Box<ConfigMapProjection>> => "configMap" omitempty,
        /// A token of the pod's service account.
        pub service_account_token: Option<Box<ServiceAccountTokenProjection>> => "serviceAccountToken" omitempty,
        /// Trust anchors of the cluster; behind a feature gate that is off by default.
        pub cluster_trust_bundle: Option<Box<ClusterTrustBundleProjection>> => "clusterTrustBundle" omitempty,
        /// A private key and a certificate for the pod; behind a feature gate that is off by
        /// default.
        pub pod_certificate: Option<Box<PodCertificateProjection>> => "podCertificate" omitempty,
    }
}

wire_struct! {
    /// Keys of a config map in the pod's namespace.
    pub struct ConfigMapProjection {
        /// Name of the config map.
        pub name: String => "name" omitempty,
        /// Which keys, and where to; empty means all, each in a file of its own name.
        pub items: Vec<KeyToPath> => "items" omitempty,
        /// Whether the pod may start without the config map or the keys; absent means no.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// Keys of a secret in the pod's namespace.
    pub struct SecretProjection {
        /// Name of the secret.
        pub name: String => "name" omitempty,
        /// Which keys, and where to; empty means all, each in a file of its own name.
        pub items: Vec<KeyToPath> => "items" omitempty,
        /// Whether the pod may start without the secret or the keys; absent means no.
        pub optional: Option<bool> => "optional" omitempty,
    }
}

wire_struct! {
    /// Fields of the pod.
    pub struct DownwardAPIProjection {
        /// The files.
        pub items: Vec<DownwardAPIVolumeFile> => "items" omitempty,
    }
}

wire_struct! {
    /// A token of the pod's service account, bound to the pod and renewed by the kubelet.
    pub struct ServiceAccountTokenProjection {
        /// Who shall accept the token; empty means the API server.
        pub audience: String => "audience" omitempty,
        /// How long it is good, in seconds, 600 at least; the API server sets 3600. The kubelet
        /// asks for a new one after 80 % of it, or a day.
        pub expiration_seconds: Option<i64> => "expirationSeconds" omitempty,
        /// Path of the file below the volume; neither absolute nor with `..`.
        pub path: String => "path",
    }
}

wire_struct! {
    /// Trust anchors, by the name of one bundle or by signer and labels.
    pub struct ClusterTrustBundleProjection {
        /// Name of the bundle; excludes the signer.
        pub name: Option<String> => "name" omitempty,
        /// Signer of the bundles to join; excludes the name.
        pub signer_name: Option<String> => "signerName" omitempty,
        /// Labels of the signer's bundles: absent chooses none, empty chooses all.
        pub label_selector: Option<Box<LabelSelector>> => "labelSelector" omitempty,
        /// Whether the pod may start while there is no such bundle; absent means no.
        pub optional: Option<bool> => "optional" omitempty,
        /// Path of the file below the volume; neither absolute nor with `..`.
        pub path: String => "path",
    }
}

wire_struct! {
    /// A private key that the kubelet makes, and a certificate for it, renewed before it ends.
    ///
    /// At least one of the three paths is to be set; the pod does not start before the certificate
    /// is there.
    pub struct PodCertificateProjection {
        /// Signer that the certificate is asked of.
        pub signer_name: String => "signerName" omitempty,
        /// Kind of the key: `RSA3072`, `RSA4096`, `ECDSAP256`, `ECDSAP384`, `ECDSAP521` or
        /// `ED25519`.
        pub key_type: String => "keyType" omitempty,
        /// Longest life of the certificate that is accepted, in seconds: 3600 to 7862400, or 86400
        /// for signers of Kubernetes itself. Absent leaves it to the API server, which takes 86400
        /// for the request.
        pub max_expiration_seconds: Option<i32> => "maxExpirationSeconds" omitempty,
        /// Path of a file with the key and the certificates, written in one step.
        pub credential_bundle_path: String => "credentialBundlePath" omitempty,
        /// Path of a file with the key; it may be of another age than the certificates.
        pub key_path: String => "keyPath" omitempty,
        /// Path of a file with the certificates; they may be of another age than the key.
        pub certificate_chain_path: String => "certificateChainPath" omitempty,
        /// What the signer is told, in its own words.
        pub user_annotations: BTreeMap<String, String> => "userAnnotations" omitempty,
    }
}
