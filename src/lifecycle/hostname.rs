//! The name that a pod's containers find as their host's.
//!
//! Follows the kubelet's `GeneratePodHostNameAndDomain` (v1.36) and `truncatePodHostnameIfNeeded`. Neither the host's network
//! nor `spec.setHostnameAsFQDN` matters here.

use alloc::{format, string::String};

use super::text;
use crate::{api::Pod, format};

/// How many bytes the kernel takes as a host name.
const MAX: usize = 63;

/// The name of a pod's host and the domain it is in.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct HostName {
    /// The host's own name, at most 63 bytes.
    pub hostname: String,
    /// The domain, empty for a pod without a subdomain.
    pub domain: String,
}

/// A pod cannot be given a host name.
#[derive(Clone, Debug, Eq, Hash, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HostNameError {
    /// `spec.hostnameOverride` is no name in lower case with dots.
    #[error("hostnameOverride {0:?} is not a DNS-1123 subdomain")]
    Override(String),
    /// `spec.hostname` is no name in lower case without dots, or longer than 63 characters.
    #[error("hostname {0:?} is not a DNS-1123 label")]
    Hostname(String),
    /// `spec.subdomain` is no name in lower case without dots, or longer than 63 characters.
    #[error("subdomain {0:?} is not a DNS-1123 label")]
    Subdomain(String),
    /// Nothing is left of the name when it is cut to the length that a host name may have.
    #[error("host name {0:?} has nothing but dashes and dots in its first 63 bytes")]
    Empty(String),
}

/// Returns the host name of a pod's containers, and the domain that it is in.
///
/// `spec.hostnameOverride` beats everything and is in no domain; otherwise the name is `spec.hostname` or, unchecked, the
/// pod's own, and the domain `subdomain.namespace.svc.clusterDomain` when there is a subdomain.
///
/// # Errors
///
/// A name that is used is malformed, or nothing is left of it after cutting.
///
/// ```
/// use pod_lifecycle::{api::Pod, lifecycle::hostname};
///
/// let pod: Pod = serde_json::from_str(
///     r#"{"metadata": {"name": "db-0", "namespace": "shop"}, "spec": {"subdomain": "db"}}"#,
/// )?;
/// let host = hostname::of(&pod, "cluster.local")?;
/// assert_eq!(host.hostname, "db-0");
/// assert_eq!(host.domain, "db.shop.svc.cluster.local");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn of(pod: &Pod, cluster_domain: &str) -> Result<HostName, HostNameError> {
    let spec = &pod.spec;
    if let Some(name) = &spec.hostname_override {
        if !format::dns_subdomain(name).is_empty() {
            return Err(HostNameError::Override(name.clone()));
        }
        return Ok(HostName {
            hostname: truncate(name)?,
            domain: String::new(),
        });
    }
    if !spec.hostname.is_empty() && !format::dns_label(&spec.hostname).is_empty() {
        return Err(HostNameError::Hostname(spec.hostname.clone()));
    }
    let name = if spec.hostname.is_empty() {
        &pod.metadata.name
    } else {
        &spec.hostname
    };
    let hostname = truncate(name)?;
    let subdomain = &spec.subdomain;
    let domain = if subdomain.is_empty() {
        String::new()
    } else if format::dns_label(subdomain).is_empty() {
        format!(
            "{subdomain}.{}.svc.{cluster_domain}",
            pod.metadata.namespace
        )
    } else {
        return Err(HostNameError::Subdomain(subdomain.clone()));
    };
    Ok(HostName { hostname, domain })
}

/// Cuts a host name to the 63 bytes that the kernel takes; a shorter one stays as it is.
///
/// # Errors
///
/// Nothing but dashes and dots would be left.
///
/// ```
/// use pod_lifecycle::lifecycle::hostname;
///
/// assert_eq!(hostname::truncate("web-0-")?, "web-0-");
/// assert_eq!(hostname::truncate(&format!("web-{}", "-".repeat(99)))?, "web");
/// # Ok::<(), hostname::HostNameError>(())
/// ```
pub fn truncate(hostname: &str) -> Result<String, HostNameError> {
    let mut cut = String::from(hostname);
    if cut.len() > MAX {
        text::cut(&mut cut, MAX);
        let kept = cut.trim_end_matches(['-', '.']).len();
        if kept == 0 {
            return Err(HostNameError::Empty(hostname.into()));
        }
        cut.truncate(kept);
    }
    Ok(cut)
}
