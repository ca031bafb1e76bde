//! What names, numbers, paths and addresses must look like.
//!
//! A check answers with the clauses that a text violates: none for a good text, and one for every
//! error that the API server reports. It allocates nothing. [`At::format`](crate::field::At::format)
//! turns the answer into errors.
//!
//! The rules are those of `k8s.io/apimachinery/pkg/util/validation` and
//! `pkg/apis/core/validation`, with the default feature gates.
//!
//! ```
//! use pod_lifecycle::format;
//!
//! assert!(format::dns_label("web-0").is_empty());
//! assert_eq!(
//!     format::port_name("-80-").collect::<Vec<_>>(),
//!     ["must contain at least one letter (a-z)", "must not begin or end with a hyphen"],
//! );
//! ```

mod ip;
mod path;
mod resource;

use core::fmt;

pub use self::{
    ip::{ip, parse_ip},
    path::{local_descending_path, local_non_reserved_path, path_without_backsteps},
    resource::{
        allows_overcommit, is_extended_resource, is_huge_pages, is_integer_resource,
        is_native_resource, is_standard_resource,
    },
};

/// The clauses of a format that a value violates, as the API server words them.
///
/// It is an iterator over the messages. [`Display`](fmt::Display) joins them with semicolons and blanks.
#[derive(Clone, Debug, Eq, PartialEq)]
#[must_use]
pub struct Violations {
    messages: [&'static str; Self::MOST],
    next: usize,
    end: usize,
    origin: &'static str,
}

impl Violations {
    /// As many as one value can violate.
    const MOST: usize = 5;

    const fn none(origin: &'static str) -> Self {
        Self {
            messages: [""; Self::MOST],
            next: 0,
            end: 0,
            origin,
        }
    }

    fn when(mut self, violated: bool, message: &'static str) -> Self {
        if violated {
            if let Some(slot) = self.messages.get_mut(self.end) {
                *slot = message;
                self.end += 1;
            }
        }
        self
    }

    /// Whether the value is good.
    ///
    /// ```
    /// # use pod_lifecycle::format;
    /// assert!(format::label_value("v1").is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.next == self.end
    }

    /// The rule that was checked.
    ///
    /// ```
    /// # use pod_lifecycle::format;
    /// assert_eq!(format::dns_label("a").origin(), "format=k8s-short-name");
    /// ```
    #[must_use]
    pub fn origin(&self) -> &'static str {
        self.origin
    }
}

impl Iterator for Violations {
    type Item = &'static str;

    fn next(&mut self) -> Option<&'static str> {
        let message = self.messages[..self.end].get(self.next)?;
        self.next += 1;
        Some(message)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.end - self.next, Some(self.end - self.next))
    }
}

impl ExactSizeIterator for Violations {}

impl fmt::Display for Violations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, message) in self.clone().enumerate() {
            if index > 0 {
                f.write_str("; ")?;
            }
            f.write_str(message)?;
        }
        Ok(())
    }
}

/// What a text must match, with examples, as one literal.
macro_rules! pattern {
    ($says:literal, $regex:literal, $example:literal $(, $more:literal)*) => {
        concat!(
            $says, " (e.g. '", $example, "', ", $(" or '", $more, "', ",)*
            "regex used for validation is '", $regex, "')"
        )
    };
}

macro_rules! subdomain_pattern {
    () => {
        pattern!(
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
            "[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
            "example.com"
        )
    };
}

macro_rules! label_key_pattern {
    () => {
        pattern!(
            "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
            "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]",
            "MyName",
            "my.name",
            "123-abc"
        )
    };
}

/// A DNS label (RFC 1123): lower-case letters, digits and hyphens inside, at most 63 bytes.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::dns_label("123-abc").is_empty());
/// assert_eq!(format::dns_label("a.b").to_string(), "must not contain dots");
/// assert_eq!(format::dns_label(&"A".repeat(64)).len(), 2);
/// ```
pub fn dns_label(value: &str) -> Violations {
    let subdomain = is_subdomain(value.chars());
    let dotted = subdomain && value.contains('.');
    Violations::none("format=k8s-short-name")
        .when(value.len() > 63, "must be no more than 63 bytes")
        .when(dotted, "must not contain dots")
        .when(
            !subdomain,
            pattern!(
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
                "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
                "my-name",
                "123-abc"
            ),
        )
}

/// DNS labels of any length joined by dots, at most 253 bytes in all.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::dns_subdomain("web.example.com").is_empty());
/// assert_eq!(format::dns_subdomain("").len(), 1);
/// assert_eq!(format::dns_subdomain("web..example").len(), 1);
/// ```
pub fn dns_subdomain(value: &str) -> Violations {
    subdomain(value.len(), is_subdomain(value.chars()))
}

/// As [`dns_subdomain`], for a value that comes in parts.
pub(crate) fn dns_subdomain_of_parts(parts: &[&str]) -> Violations {
    let len = parts.iter().map(|part| part.len()).sum();
    subdomain(
        len,
        is_subdomain(parts.iter().flat_map(|part| part.chars())),
    )
}

/// As [`dns_subdomain`], once upper-case letters are made lower-case.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::dns_subdomain_in_any_case("CSI.Example.com").is_empty());
/// assert!(!format::dns_subdomain_in_any_case("CSI_Example").is_empty());
/// ```
pub fn dns_subdomain_in_any_case(value: &str) -> Violations {
    let lower = value.chars().flat_map(lower);
    subdomain(len(lower.clone()), is_subdomain(lower))
}

/// As [`dns_subdomain`], but the part before what will be appended: it may end with a hyphen.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::dns_subdomain_prefix("web-").is_empty());
/// assert_eq!(format::dns_subdomain_prefix("-").len(), 1);
/// ```
pub fn dns_subdomain_prefix(value: &str) -> Violations {
    // Kubernetes puts one letter in the place of the last two bytes, whatever the first of them is.
    match value.len().checked_sub(2) {
        Some(end) if value.ends_with('-') => {
            let head = value.get(..end);
            let masked = head.is_some_and(|head| is_subdomain(head.chars().chain(['a'])));
            subdomain(end + 1, masked)
        }
        _ => dns_subdomain(value),
    }
}

fn subdomain(len: usize, matches: bool) -> Violations {
    Violations::none("format=k8s-long-name")
        .when(len > 253, "must be no more than 253 bytes")
        .when(!matches, subdomain_pattern!())
}

/// As [`dns_subdomain`], with underscores inside a label and one before it.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::dns_subdomain_with_underscores("_sip._tcp.exa_mple").is_empty());
/// assert!(!format::dns_subdomain_with_underscores("__sip").is_empty());
/// ```
pub fn dns_subdomain_with_underscores(value: &str) -> Violations {
    let matches = value.split('.').all(|label| {
        let label = label.strip_prefix('_').unwrap_or(label);
        is_enclosed(label.chars(), is_lower_alphanumeric, |c| {
            matches!(c, '-' | '_')
        })
    });
    Violations::none("format=dns-subdomain-underscore")
        .when(value.len() > 253, "must be no more than 253 bytes")
        .when(
            !matches,
            pattern!(
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
                "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*",
                "example.com"
            ),
        )
}

/// A label's key, which Kubernetes also calls a qualified name: a name of at most 63 bytes, perhaps
/// after a DNS subdomain and a slash.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::label_key("app.kubernetes.io/name").is_empty());
/// assert_eq!(format::label_key("a/b/c").len(), 1);
/// assert_eq!(format::label_key("/").len(), 3);
/// ```
pub fn label_key(value: &str) -> Violations {
    qualified_name(value.chars())
}

/// An annotation's key: a [`label_key`] once upper-case letters are made lower-case.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::annotation_key("Example.com/Owner").is_empty());
/// assert!(!format::label_key("Example.com/Owner").is_empty());
/// ```
pub fn annotation_key(value: &str) -> Violations {
    qualified_name(value.chars().flat_map(lower))
}

fn qualified_name(value: impl Iterator<Item = char> + Clone) -> Violations {
    let mut violations = Violations::none("format=k8s-label-key");
    let slash = value.clone().position(|c| c == '/');
    let name = value.clone().skip(slash.map_or(0, |slash| slash + 1));
    if name.clone().any(|c| c == '/') {
        return violations.when(
            true,
            concat!(
                "a valid label key ",
                label_key_pattern!(),
                " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"
            ),
        );
    }
    if let Some(slash) = slash {
        let prefix = value.take(slash);
        violations = violations
            .when(slash == 0, "prefix part must be non-empty")
            .when(
                len(prefix.clone()) > 253,
                "prefix part must be no more than 253 bytes",
            )
            .when(
                slash > 0 && !is_subdomain(prefix),
                concat!("prefix part ", subdomain_pattern!()),
            );
    }
    let name_len = len(name.clone());
    violations
        .when(name_len == 0, "name part must be non-empty")
        .when(name_len > 63, "name part must be no more than 63 bytes")
        .when(
            !is_label_name(name),
            concat!("name part ", label_key_pattern!()),
        )
}

/// A label's value: empty, or like the name of a [`label_key`].
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::label_value("").is_empty());
/// assert!(format::label_value("v1.2_3").is_empty());
/// assert_eq!(format::label_value("-1").len(), 1);
/// ```
pub fn label_value(value: &str) -> Violations {
    Violations::none("format=k8s-label-value")
        .when(value.len() > 63, "must be no more than 63 bytes")
        .when(
            !value.is_empty() && !is_label_name(value.chars()),
            pattern!(
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
                "(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?",
                "MyValue",
                "my_value",
                "12345"
            ),
        )
}

/// The number of a port: 1 to 65535.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::port_number(65_535).is_empty());
/// assert_eq!(format::port_number(0).to_string(), "must be between 1 and 65535, inclusive");
/// ```
pub fn port_number(number: i32) -> Violations {
    Violations::none("format=port-number").when(
        !(1..=65_535).contains(&number),
        "must be between 1 and 65535, inclusive",
    )
}

/// The name of a port: at most 15 lower-case letters, digits and single hyphens inside, with at
/// least one letter.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::port_name("http-80").is_empty());
/// assert_eq!(format::port_name("").len(), 2);
/// ```
pub fn port_name(value: &str) -> Violations {
    let allowed = |c: char| is_lower_alphanumeric(c) || c == '-';
    Violations::none("format=port-name")
        .when(value.len() > 15, "must be no more than 15 bytes")
        .when(
            value.is_empty() || !value.chars().all(allowed),
            "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)",
        )
        .when(
            !value.contains(|c: char| c.is_ascii_lowercase()),
            "must contain at least one letter (a-z)",
        )
        .when(value.contains("--"), "must not contain consecutive hyphens")
        .when(
            value.starts_with('-') || value.ends_with('-'),
            "must not begin or end with a hyphen",
        )
}

/// The number of a user: 0 to 2147483647.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::user_id(65_534).is_empty());
/// assert_eq!(format::user_id(-1).to_string(), "must be between 0 and 2147483647, inclusive");
/// ```
pub fn user_id(id: i64) -> Violations {
    unix_id("format=user-id", id)
}

/// The number of a group: 0 to 2147483647.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::group_id(0).is_empty());
/// assert_eq!(format::group_id(1 << 31).len(), 1);
/// ```
pub fn group_id(id: i64) -> Violations {
    unix_id("format=group-id", id)
}

fn unix_id(origin: &'static str, id: i64) -> Violations {
    Violations::none(origin).when(
        !(0..=i64::from(i32::MAX)).contains(&id),
        "must be between 0 and 2147483647, inclusive",
    )
}

/// The permissions of a file: 0 to 0777, octal.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::file_mode(0o644).is_empty());
/// assert_eq!(format::file_mode(0o1000).len(), 1);
/// ```
pub fn file_mode(mode: i32) -> Violations {
    Violations::none("format=file-mode").when(
        !(0..=0o777).contains(&mode),
        "must be a number between 0 and 0777 (octal), both inclusive",
    )
}

/// A key of a config map or a secret: letters, digits, `-`, `_` and `.`, at most 253 bytes, and not
/// like a parent directory.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::config_map_key("app.yaml").is_empty());
/// assert_eq!(format::config_map_key("..").to_string(), "must not be '..'");
/// ```
pub fn config_map_key(value: &str) -> Violations {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    Violations::none("format=config-map-key")
        .when(value.len() > 253, "must be no more than 253 bytes")
        .when(
            value.is_empty() || !value.chars().all(allowed),
            pattern!(
                "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
                "[-._a-zA-Z0-9]+",
                "key.name",
                "KEY_NAME",
                "key-name"
            ),
        )
        .when(value == ".", "must not be '.'")
        .when(value == "..", "must not be '..'")
        .when(
            value.len() > 2 && value.starts_with(".."),
            "must not start with '..'",
        )
}

/// The name of an environment variable: printable ASCII without `=`.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::env_name("1 of (many)").is_empty());
/// assert_eq!(format::env_name("A=B").len(), 1);
/// assert_eq!(format::env_name("").len(), 1);
/// ```
pub fn env_name(value: &str) -> Violations {
    Violations::none("format=env-name")
        .when(
            value.is_empty(),
            "environment variable name must be non-empty",
        )
        .when(
            !value.chars().all(|c| matches!(c, ' '..='~') && c != '='),
            "a valid environment variable name must consist only of printable ASCII characters other than '='",
        )
}

/// The name of an HTTP header: letters, digits and hyphens.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::http_header_name("X-Forwarded-For").is_empty());
/// assert_eq!(format::http_header_name("X Y").len(), 1);
/// ```
pub fn http_header_name(value: &str) -> Violations {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    Violations::none("format=http-header-name").when(
        value.is_empty() || !value.chars().all(allowed),
        pattern!(
            "a valid HTTP header must consist of alphanumeric characters or '-'",
            "[-A-Za-z0-9]+",
            "X-Header-Name"
        ),
    )
}

/// The name of a kernel parameter: segments joined by dots or slashes, at most 253 bytes.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::sysctl_name("net/ipv4/conf.eth0.arp_ignore").is_empty());
/// assert_eq!(format::sysctl_name("net..ipv4").len(), 1);
/// ```
pub fn sysctl_name(value: &str) -> Violations {
    let matches = value.split(['.', '/']).all(|segment| {
        is_enclosed(segment.chars(), is_lower_alphanumeric, |c| {
            matches!(c, '-' | '_')
        })
    });
    Violations::none("format=sysctl-name").when(
        value.len() > 253 || !matches,
        "must have at most 253 characters and match regex ([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?",
    )
}

/// A decimal integer as a human writes it: no plus, no leading zeros, no `-0`; of any size.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::decimal_integer("-42").is_empty());
/// assert_eq!(format::decimal_integer("007").len(), 1);
/// ```
pub fn decimal_integer(value: &str) -> Violations {
    let digits = value.strip_prefix('-').unwrap_or(value);
    let canonical = value == "0"
        || (digits.starts_with(|c| matches!(c, '1'..='9'))
            && digits.chars().all(|c| c.is_ascii_digit()));
    Violations::none("format=decimal-integer")
        .when(value.is_empty(), "must be non-empty")
        .when(
            !value.is_empty() && !canonical,
            "must be a valid decimal integer in canonical form",
        )
}

fn is_lower_alphanumeric(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// Labels of lower-case letters, digits and hyphens inside, joined by dots.
fn is_subdomain(value: impl Iterator<Item = char>) -> bool {
    let mut previous = '.';
    for c in value {
        let allowed = match c {
            '-' => previous != '.',
            '.' => is_lower_alphanumeric(previous),
            _ => is_lower_alphanumeric(c),
        };
        if !allowed {
            return false;
        }
        previous = c;
    }
    is_lower_alphanumeric(previous)
}

fn is_label_name(value: impl Iterator<Item = char>) -> bool {
    is_enclosed(
        value,
        |c| c.is_ascii_alphanumeric(),
        |c| matches!(c, '-' | '_' | '.'),
    )
}

/// Whether a text has characters, begins and ends with one of the `outer`, and has only `outer` and
/// `inner` ones.
fn is_enclosed(
    value: impl Iterator<Item = char>,
    outer: impl Fn(char) -> bool,
    inner: impl Fn(char) -> bool,
) -> bool {
    let mut last = None;
    for c in value {
        if !outer(c) && (last.is_none() || !inner(c)) {
            return false;
        }
        last = Some(c);
    }
    last.is_some_and(outer)
}

fn len(value: impl Iterator<Item = char>) -> usize {
    value.map(char::len_utf8).sum()
}

/// Lower-case letters as Go maps them, one for one.
pub(crate) fn lower(c: char) -> impl Iterator<Item = char> + Clone {
    // The only letter for which Unicode has a longer form besides.
    if c == '\u{130}' { 'i' } else { c }.to_lowercase()
}
