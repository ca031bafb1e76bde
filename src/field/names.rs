//! Names of which not everything that is wrong is of one kind.

use super::At;
use crate::format::{self, Violations};

/// Verbs that check names.
impl At<'_> {
    /// Requires the name of a certificate's signer: a domain of at least two labels, a slash, and a
    /// path.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let check = |name: &str| field::collect("signerName", |at| at.signer_name(name));
    /// assert!(check("example.com/web").is_ok());
    /// assert_eq!(
    ///     check("com/web").unwrap_err().to_string(),
    ///     r#"signerName: Invalid value: "com": should be a domain with at least two segments separated by dots"#,
    /// );
    /// ```
    pub fn signer_name(&mut self, name: &str) {
        if name.is_empty() {
            self.required("");
            return;
        }
        let parts = name.split_once('/');
        let Some((domain, path)) = parts.filter(|(_, path)| !path.contains('/')) else {
            self.invalid(
                name,
                "must be a fully qualified domain and path of the form 'example.com/signer-name'",
            );
            return;
        };
        self.max_len(domain, 253);
        self.first_bad_part(domain, format::dns_label);
        if !domain.contains('.') {
            self.invalid(
                domain,
                "should be a domain with at least two segments separated by dots",
            );
        }
        self.first_bad_part(path, format::dns_subdomain);
        self.max_len(name, 571);
    }

    fn first_bad_part(&mut self, text: &str, check: fn(&str) -> Violations) {
        if let Some(part) = text.split('.').find(|part| !check(part).is_empty()) {
            self.format(part, check);
        }
    }

    /// Requires a key that has a domain: a [`label_key`](format::label_key) with a slash.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let check = |key: &str| field::collect("key", |at| at.domain_prefixed_key(key));
    /// assert!(check("example.com/owner").is_ok());
    /// assert_eq!(
    ///     check("owner").unwrap_err().to_string(),
    ///     r#"key: Invalid value: "owner": must be a domain-prefixed key (such as "acme.io/foo")"#,
    /// );
    /// ```
    pub fn domain_prefixed_key(&mut self, key: &str) {
        if key.is_empty() {
            self.required("");
        } else if self.accepts(|at| at.format(key, format::label_key)) && !key.contains('/') {
            self.invalid(
                key,
                "must be a domain-prefixed key (such as \"acme.io/foo\")",
            );
        }
    }
}
