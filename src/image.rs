//! Image references, read by the grammar of registries.
//!
//! The API server reads them to choose a pull policy, the kubelet to know what to pull.
//! What is accepted is what `distribution/reference` accepts after it has
//! written out the domain: a short name belongs to Docker Hub.

use alloc::{borrow::Cow, format};
use core::fmt;

/// The registry of names that do not say one.
const DEFAULT_DOMAIN: &str = "docker.io";

/// Names of one component on the default registry live here.
const OFFICIAL: &str = "library/";

/// The longest path, in bytes, the domain not counted.
const MAX_PATH: usize = 255;

/// An image reference, taken apart.
///
/// ```
/// use pod_lifecycle::image::Reference;
///
/// let image = Reference::parse("nginx:1.27")?;
/// assert_eq!(image.to_string(), "docker.io/library/nginx:1.27");
/// assert_eq!((image.domain(), image.tag(), image.digest()), ("docker.io", Some("1.27"), None));
/// # Ok::<(), pod_lifecycle::image::ParseImageError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Reference<'a> {
    /// Empty when what stands before the first slash looks like a domain and is none.
    domain: &'a str,
    /// Whether [`OFFICIAL`] belongs before the path.
    official: bool,
    path: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

/// A text is not an image reference.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{kind}")]
pub struct ParseImageError {
    kind: ParseImageErrorKind,
}

#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
enum ParseImageErrorKind {
    #[error("a repository name must not be 64 hexadecimal digits")]
    Identifier,
    #[error("a repository name is made of lower-case components, with an optional tag and digest")]
    Format,
    #[error("a repository name has at most 255 characters")]
    TooLong,
    #[error("a digest is sha256, sha384 or sha512 with as many hexadecimal digits as it needs")]
    Digest,
}

impl<'a> Reference<'a> {
    /// Reads a reference in the form `[domain/]path[:tag][@digest]`.
    ///
    /// # Errors
    /// When the text is not of that form.
    pub fn parse(text: &'a str) -> Result<Self, ParseImageError> {
        let error = |kind| Err(ParseImageError { kind });
        if text.len() == 64 && text.bytes().all(is_lower_hex) {
            return error(ParseImageErrorKind::Identifier);
        }
        let (mut domain, remainder) = split_domain(text);
        let (name, digest) = match remainder.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (remainder, None),
        };
        let (mut path, tag) = match name.split_once(':') {
            Some((path, tag)) => (path, Some(tag)),
            None => (name, None),
        };
        if !path.split('/').all(is_path_component) || !tag.is_none_or(is_tag) {
            return error(ParseImageErrorKind::Format);
        }
        let official = domain == DEFAULT_DOMAIN && !path.contains('/');
        if !is_domain(domain) {
            if !is_path_component(domain) {
                return error(ParseImageErrorKind::Format);
            }
            path = text.get(..domain.len() + 1 + path.len()).unwrap_or(path);
            domain = "";
        }
        if path.len() + if official { OFFICIAL.len() } else { 0 } > MAX_PATH {
            return error(ParseImageErrorKind::TooLong);
        }
        if !digest.is_none_or(is_digest) {
            return error(ParseImageErrorKind::Digest);
        }
        Ok(Self {
            domain,
            official,
            path,
            tag,
            digest,
        })
    }

    /// Returns the registry, `docker.io` when the text names none.
    #[must_use]
    pub fn domain(&self) -> &'a str {
        self.domain
    }

    /// Returns the tag.
    #[must_use]
    pub fn tag(&self) -> Option<&'a str> {
        self.tag
    }

    /// Returns the digest, algorithm included.
    #[must_use]
    pub fn digest(&self) -> Option<&'a str> {
        self.digest
    }

    /// Whether the reference means whatever is newest: it says `latest`, or neither tag nor digest.
    ///
    /// ```
    /// use pod_lifecycle::image::Reference;
    ///
    /// assert!(Reference::parse("nginx")?.is_latest());
    /// assert!(!Reference::parse("nginx:1.27")?.is_latest());
    /// # Ok::<(), pod_lifecycle::image::ParseImageError>(())
    /// ```
    #[must_use]
    pub fn is_latest(&self) -> bool {
        match self.tag {
            Some(tag) => tag == "latest",
            None => self.digest.is_none(),
        }
    }
}

/// Writes the reference in full, with domain and, for official images, `library/`.
impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.domain.is_empty() {
            write!(f, "{}/", self.domain)?;
        }
        if self.official {
            f.write_str(OFFICIAL)?;
        }
        f.write_str(self.path)?;
        if let Some(tag) = self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

/// Appends `:latest` to a reference that has neither tag nor digest, and leaves short names short.
///
/// The kubelet asks the runtime for the image in this form.
///
/// # Errors
/// When the text is not an image reference.
///
/// ```
/// use pod_lifecycle::image;
///
/// assert_eq!(image::with_default_tag("nginx")?, "nginx:latest");
/// assert_eq!(image::with_default_tag("registry.example:5000/a/b:v1")?, "registry.example:5000/a/b:v1");
/// assert!(image::with_default_tag("Nginx").is_err());
/// # Ok::<(), image::ParseImageError>(())
/// ```
pub fn with_default_tag(text: &str) -> Result<Cow<'_, str>, ParseImageError> {
    let reference = Reference::parse(text)?;
    if reference.tag.is_none() && reference.digest.is_none() {
        return Ok(Cow::Owned(format!("{text}:latest")));
    }
    Ok(Cow::Borrowed(text))
}

/// What stands before the first slash is a domain only if it could not be the first component of a path.
fn split_domain(text: &str) -> (&str, &str) {
    match text.split_once('/') {
        Some(("index.docker.io", rest)) => (DEFAULT_DOMAIN, rest),
        Some((first, rest))
            if first == "localhost"
                || first.contains(['.', ':'])
                || first.chars().any(char::is_uppercase) =>
        {
            (first, rest)
        }
        _ => (DEFAULT_DOMAIN, text),
    }
}

fn is_domain(text: &str) -> bool {
    let host = |host: &str| {
        host.split('.').all(|label| {
            let ends = label.bytes().next().zip(label.bytes().last());
            ends.is_some_and(|(first, last)| {
                first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric()
            }) && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
    };
    let port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, after)) = rest.split_once(']') else {
            return false;
        };
        return !address.is_empty()
            && address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':')
            && (after.is_empty() || after.strip_prefix(':').is_some_and(port));
    }
    match text.split_once(':') {
        Some((name, number)) => host(name) && port(number),
        None => host(text),
    }
}

/// Lower-case letters and digits in runs, held together by `.`, `_`, `__` or any number of `-`.
fn is_path_component(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let mut rest = text.as_bytes();
    loop {
        let word = rest.iter().take_while(|byte| is_word(**byte)).count();
        rest = rest.get(word..).unwrap_or_default();
        if word == 0 || rest.is_empty() {
            return word > 0;
        }
        let separator = match rest {
            [b'_', b'_', ..] => 2,
            [b'_' | b'.', ..] => 1,
            _ => rest.iter().take_while(|byte| **byte == b'-').count(),
        };
        if separator == 0 {
            return false;
        }
        rest = rest.get(separator..).unwrap_or_default();
    }
}

fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    text.len() <= 128
        && text.bytes().next().is_some_and(is_word)
        && text
            .bytes()
            .all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else {
        return false;
    };
    let digits = match algorithm {
        "sha256" => 64,
        "sha384" => 96,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == digits && hex.bytes().all(is_lower_hex)
}

fn is_lower_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn names_are_written_out_as_registries_know_them() {
        for (text, full) in [
            ("nginx", "docker.io/library/nginx"),
            ("docker.io/nginx", "docker.io/library/nginx"),
            ("index.docker.io/nginx:1", "docker.io/library/nginx:1"),
            ("team/app", "docker.io/team/app"),
            ("localhost/app", "localhost/app"),
            ("Registry/app", "Registry/app"),
            ("[2001:db8::1]:5000/app", "[2001:db8::1]:5000/app"),
            ("foo_bar.com/app", "foo_bar.com/app"),
            ("host:5000", "docker.io/library/host:5000"),
            ("x/a__b.c---d:T-1_x", "docker.io/x/a__b.c---d:T-1_x"),
        ] {
            let read = Reference::parse(text).map(|image| image.to_string());
            assert_eq!(read, Ok(full.into()), "{text}");
        }
    }

    #[test]
    fn what_no_registry_can_hold_is_refused() {
        let long = "a".repeat(248);
        for text in [
            "",
            "/nginx",
            "nginx/",
            "a//b",
            "Nginx",
            "nginx:",
            "nginx:-a",
            "nginx@sha256:abc",
            "nginx@md5:d41d8cd98f00b204e9800998ecf8427e",
            "a___b",
            "a..b",
            "a_.b",
            "-a",
            "registry.example:/a",
            "foo_bar.com:80/a",
            "a b",
            &long,
            &"0".repeat(64),
        ] {
            assert!(Reference::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_a_tag_or_nothing_at_all_means_latest() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for (text, latest) in [
            ("app".into(), true),
            ("app:latest".into(), true),
            (format!("app:latest@{digest}"), true),
            (format!("app@{digest}"), false),
            ("app:v1".into(), false),
        ] {
            assert_eq!(
                Reference::parse(&text).map(|image| image.is_latest()),
                Ok(latest),
                "{text}"
            );
        }
    }
}
