//! References to environment variables in commands, arguments and paths.
//!
//! Follows `expansion.Expand`, `ExpandContainerCommandAndArgs` and
//! `ExpandContainerVolumeMounts` of Kubernetes v1.36. A container's exec probes are
//! expanded by the same rule, with those of its variables that have a literal value.

use alloc::{borrow::Cow, string::String, vec::Vec};

use crate::api::Container;

/// A path refers to a variable that is not set, or empty.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("missing value for {name:?}")]
pub struct MissingVariableError {
    name: String,
}

impl MissingVariableError {
    /// Returns the variable's name.
    ///
    /// ```
    /// use pod_lifecycle::lifecycle::expand;
    ///
    /// let error = expand::sub_path("logs/$(POD)", |_| None).unwrap_err();
    /// assert_eq!(error.name(), "POD");
    /// ```
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Replaces every `$(NAME)` by the variable's value.
///
/// A name is whatever stands before the next `)`. One that `value_of` does not know stays as it is
/// written, and so does a `$(` that is never closed. `$$` is a single `$`. Values are not expanded again.
///
/// ```
/// use pod_lifecycle::lifecycle::expand;
///
/// let value_of = |name: &str| (name == "PORT").then_some("8080");
/// assert_eq!(expand::expand("--port=$(PORT)", value_of), "--port=8080");
/// assert_eq!(expand::expand("$$(PORT) $(HOST) $5", value_of), "$(PORT) $(HOST) $5");
/// ```
#[must_use]
pub fn expand<'a, 'v>(
    text: &'a str,
    mut value_of: impl FnMut(&str) -> Option<&'v str>,
) -> Cow<'a, str> {
    if !text.contains('$') {
        return Cow::Borrowed(text);
    }
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        expanded.push_str(before);
        rest = if let Some(tail) = after.strip_prefix('$') {
            expanded.push('$');
            tail
        } else if let Some(tail) = after.strip_prefix('(') {
            let Some((name, tail)) = tail.split_once(')') else {
                // Nothing further on is closed either; only `$$` still means something.
                expanded.push_str("$(");
                expanded.push_str(&tail.replace("$$", "$"));
                return Cow::Owned(expanded);
            };
            if let Some(value) = value_of(name) {
                expanded.push_str(value);
            } else {
                expanded.push_str("$(");
                expanded.push_str(name);
                expanded.push(')');
            }
            tail
        } else {
            expanded.push('$');
            // The character after the `$` belongs to it, but cannot be another `$`.
            after
        };
    }
    expanded.push_str(rest);
    Cow::Owned(expanded)
}

/// Expands a container's command and arguments.
///
/// ```
/// use pod_lifecycle::{api::Container, lifecycle::expand};
///
/// let web: Container = serde_json::from_str(
///     r#"{"name": "web", "command": ["serve"], "args": ["--port=$(PORT)"]}"#,
/// )?;
/// let (command, args) = expand::command_and_args(&web, |_| Some("8080"));
/// assert_eq!((&*command[0], &*args[0]), ("serve", "--port=8080"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn command_and_args<'a, 'v>(
    container: &'a Container,
    mut value_of: impl FnMut(&str) -> Option<&'v str>,
) -> (Vec<Cow<'a, str>>, Vec<Cow<'a, str>>) {
    let mut each = |texts: &'a [String]| {
        let expanded = texts.iter().map(|text| expand(text, &mut value_of));
        expanded.collect()
    };
    (each(&container.command), each(&container.args))
}

/// Expands a mount's `subPathExpr` to its path.
///
/// # Errors
/// When it refers to a variable that is not set, or empty.
///
/// ```
/// use pod_lifecycle::lifecycle::expand;
///
/// assert_eq!(expand::sub_path("logs/$(POD)", |_| Some("web-0"))?, "logs/web-0");
/// assert!(expand::sub_path("logs/$(POD)", |_| Some("")).is_err());
/// # Ok::<(), expand::MissingVariableError>(())
/// ```
pub fn sub_path<'a, 'v>(
    expression: &'a str,
    mut value_of: impl FnMut(&str) -> Option<&'v str>,
) -> Result<Cow<'a, str>, MissingVariableError> {
    let mut missing = None;
    let path = expand(expression, |name| {
        let value = value_of(name).filter(|value| !value.is_empty());
        if value.is_none() {
            missing.get_or_insert_with(|| String::from(name));
        }
        value
    });
    match missing {
        Some(name) => Err(MissingVariableError { name }),
        None => Ok(path),
    }
}
