//! Paths inside a volume.

use super::Violations;

const RELATIVE: &str = "must be a relative path";
const NO_BACKSTEPS: &str = "must not contain '..'";

/// A path none of whose elements is `..`.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::path_without_backsteps("/a/..b").is_empty());
/// assert_eq!(format::path_without_backsteps("a/../..").to_string(), "must not contain '..'");
/// ```
pub fn path_without_backsteps(path: &str) -> Violations {
    Violations::none("format=path-without-backsteps").when(has_backstep(path), NO_BACKSTEPS)
}

/// A path that leads from some directory into it: not absolute, and without `..`.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::local_descending_path("a/b").is_empty());
/// assert_eq!(format::local_descending_path("/a/..").len(), 2);
/// ```
pub fn local_descending_path(path: &str) -> Violations {
    Violations::none("format=local-descending-path")
        .when(path.starts_with('/'), RELATIVE)
        .when(has_backstep(path), NO_BACKSTEPS)
}

/// A [`local_descending_path`] outside the names that the kubelet keeps for itself, which start with
/// `..`.
///
/// ```
/// # use pod_lifecycle::format;
/// assert!(format::local_non_reserved_path("a/..b").is_empty());
/// assert_eq!(format::local_non_reserved_path("..b").len(), 1);
/// assert_eq!(format::local_non_reserved_path("..").len(), 2);
/// ```
pub fn local_non_reserved_path(path: &str) -> Violations {
    Violations::none("format=local-non-reserved-path")
        .when(path.starts_with('/'), RELATIVE)
        .when(has_backstep(path), NO_BACKSTEPS)
        .when(
            path.starts_with("..") && !path.starts_with("../"),
            "must not start with '..'",
        )
}

fn has_backstep(path: &str) -> bool {
    path.split('/').any(|element| element == "..")
}
