//! The name that a pod's containers find as their host's.
//!
//! Follows the kubelet's `GeneratePodHostNameAndDomain` (v1.36) and `truncatePodHostnameIfNeeded`. Neither the host's network
//! nor `spec.setHostnameAsFQDN` matters here.

use alloc::{
    format,
    string::{String, ToString},
};

use super::text;
use crate::api::Pod;

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
        if !is_subdomain(name) {
            return Err(HostNameError::Override(name.clone()));
        }
        return Ok(HostName {
            hostname: truncate(name)?,
            domain: String::new(),
        });
    }
    if !spec.hostname.is_empty() && !is_label(&spec.hostname) {
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
    } else if is_label(subdomain) {
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
    let mut cut = hostname.to_string();
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

fn is_label(text: &str) -> bool {
    text.len() <= MAX && is_part(text)
}

fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_part)
}

fn is_part(text: &str) -> bool {
    let is_end = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().is_some_and(is_end)
        && bytes.last().is_some_and(is_end)
        && bytes.iter().all(|byte| is_end(byte) || *byte == b'-')
}
