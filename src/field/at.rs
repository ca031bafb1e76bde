//! The cursor that walks an object and reports.

use alloc::{borrow::Cow, collections::BTreeMap, format, string::String, vec::Vec};
use core::{fmt::Write as _, ops::RangeInclusive};

use super::{
    BadValue, ErrorKind, FieldError, FieldErrors, FieldPath, OpenEnum, Seen,
    path::{Path, Step},
    quote::Quoted,
};
use crate::format::Violations;

/// Walks an object and collects what is wrong with it.
///
/// `base` is the path that everything starts from, as it is to be printed: empty for an object of
/// its own, `spec.template` for a pod inside a workload.
///
/// # Errors
///
/// Everything that `check` reported, in that order.
///
/// ```
/// use pod_lifecycle::field;
///
/// let replicas = -1;
/// let errors = field::collect("spec.template", |at| {
///     at.field("spec").field("priority").non_negative(replicas);
/// });
/// assert_eq!(
///     errors.unwrap_err().to_string(),
///     "spec.template.spec.priority: Invalid value: -1: must be greater than or equal to 0",
/// );
/// assert!(field::collect("", |_| {}).is_ok());
/// ```
pub fn collect(base: &str, check: impl FnOnce(&mut At<'_>)) -> Result<(), FieldErrors> {
    let mut errors = Vec::new();
    check(&mut At {
        path: Path::base(base),
        errors: &mut errors,
    });
    FieldErrors::new(errors).map_or(Ok(()), Err)
}

/// A place in the object that is checked, and where its errors go.
///
/// The methods that walk ([`field`](Self::field), [`index`](Self::index), [`key`](Self::key) and
/// [`each`](Self::each)) give a cursor for a place further inside. The verbs report, or check and
/// report. A verb that reports returns the new error, whose [`origin`](FieldError::origin) may
/// still be named: `at.invalid(value, "must be …").origin = "rule"`.
#[derive(Debug)]
pub struct At<'a> {
    path: Path<'a>,
    errors: &'a mut Vec<FieldError>,
}

/// Walking.
impl At<'_> {
    /// Goes to a field. Names with dots in them pass through several; an empty one prints as `[]`.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("", |at| {
    ///     at.field("spec").field("os.name").required("");
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), "spec.os.name: Required value");
    /// ```
    pub fn field<'b>(&'b mut self, name: &'b str) -> At<'b> {
        self.step(Step::Field(name))
    }

    /// Goes to an element of a list.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("args", |at| {
    ///     at.index(3).required("");
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), "args[3]: Required value");
    /// ```
    pub fn index(&mut self, index: usize) -> At<'_> {
        self.step(Step::Index(index))
    }

    /// Goes to an entry of a map, whose key prints as it is.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("limits", |at| {
    ///     at.key("nvidia.com/gpu").required("");
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), "limits[nvidia.com/gpu]: Required value");
    /// ```
    pub fn key<'b>(&'b mut self, key: &'b str) -> At<'b> {
        self.step(Step::Key(key))
    }

    /// Goes to every element of a list, in its order.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("args", |at| {
    ///     at.each(&["a", ""], |at, arg| at.not_empty(arg));
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), "args[1]: Required value");
    /// ```
    pub fn each<T>(&mut self, items: &[T], mut check: impl FnMut(&mut At<'_>, &T)) {
        for (index, item) in items.iter().enumerate() {
            check(&mut self.index(index), item);
        }
    }

    /// Goes to every entry of a map, in the order of its keys.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let sizes = std::collections::BTreeMap::from([("a", 1), ("b", -1)]);
    /// let errors = field::collect("sizes", |at| {
    ///     at.each_entry(&sizes, |at, _, size| at.non_negative(*size));
    /// });
    /// assert_eq!(errors.unwrap_err().as_slice()[0].field, "sizes[b]");
    /// ```
    pub fn each_entry<K: AsRef<str>, V>(
        &mut self,
        map: &BTreeMap<K, V>,
        mut check: impl FnMut(&mut At<'_>, &K, &V),
    ) {
        for (key, value) in map {
            check(&mut self.key(key.as_ref()), key, value);
        }
    }

    /// Goes back to where the last step came from; the base has nothing before it.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("volumes", |at| {
    ///     at.index(0).field("iscsi").parent().field("name").required("");
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), "volumes[0].name: Required value");
    /// ```
    pub fn parent(&mut self) -> At<'_> {
        At {
            path: self.path.parent.copied().unwrap_or(self.path),
            errors: self.errors,
        }
    }

    /// Goes to a path that does not begin where this one does, printed as given.
    ///
    /// Kubernetes reports a few errors about a whole object at the path `[]`.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("spec", |at| {
    ///     at.elsewhere("[]").forbidden("static pods do not support it");
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), "[]: Forbidden: static pods do not support it");
    /// ```
    pub fn elsewhere<'b>(&'b mut self, base: &'b str) -> At<'b> {
        At {
            path: Path::base(base),
            errors: self.errors,
        }
    }

    /// Returns the path as text.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// # field::collect("spec", |at| {
    /// assert_eq!(at.field("hostAliases").index(2).path(), "spec.hostAliases[2]");
    /// # })?;
    /// # Ok::<(), field::FieldErrors>(())
    /// ```
    #[must_use]
    pub fn path(&self) -> FieldPath {
        self.path.to_text()
    }

    /// Runs `check` here, and tells whether it found nothing wrong.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("", |at| {
    ///     assert!(at.accepts(|at| at.field("a").not_empty("x")));
    ///     assert!(!at.accepts(|at| at.field("b").not_empty("")));
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), "b: Required value");
    /// ```
    pub fn accepts(&mut self, check: impl FnOnce(&mut Self)) -> bool {
        let before = self.errors.len();
        check(self);
        self.errors.len() == before
    }

    /// Drops everything that was reported so far, wherever it was.
    ///
    /// Some checks of Kubernetes answer with one error in place of all others.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("", |at| {
    ///     at.field("spec").required("");
    ///     at.discard();
    ///     at.elsewhere("[]").forbidden("");
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), "[]: Forbidden");
    /// ```
    pub fn discard(&mut self) {
        self.errors.clear();
    }

    fn step<'b>(&'b mut self, step: Step<'b>) -> At<'b> {
        At {
            path: Path {
                parent: Some(&self.path),
                step,
            },
            errors: self.errors,
        }
    }
}

/// Verbs that report.
impl At<'_> {
    /// Reports an error of any kind; the other verbs are this one with the words that belong to it.
    ///
    /// ```
    /// # use pod_lifecycle::field::{self, ErrorKind};
    /// let errors = field::collect("ratio", |at| {
    ///     at.report(ErrorKind::TypeInvalid, "half", "must be a number");
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), r#"ratio: Invalid value: "half": must be a number"#);
    /// ```
    #[cold]
    #[inline(never)]
    pub fn report(
        &mut self,
        kind: ErrorKind,
        value: impl Into<BadValue>,
        detail: impl Into<Cow<'static, str>>,
    ) -> &mut FieldError {
        let error = FieldError {
            field: self.path(),
            kind,
            value: value.into(),
            detail: detail.into(),
            origin: kind.origin(),
        };
        let index = self.errors.len();
        self.errors.push(error);
        &mut self.errors[index]
    }

    /// Reports that a value is missing.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("metadata.name", |at| {
    ///     at.required("name or generateName is required");
    /// });
    /// assert_eq!(
    ///     errors.unwrap_err().to_string(),
    ///     "metadata.name: Required value: name or generateName is required",
    /// );
    /// ```
    pub fn required(&mut self, detail: impl Into<Cow<'static, str>>) -> &mut FieldError {
        self.report(ErrorKind::Required, BadValue::Omitted, detail)
    }

    /// Reports a malformed value.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("path", |at| {
    ///     at.invalid("a/../b", "must not contain '..'");
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), r#"path: Invalid value: "a/../b": must not contain '..'"#);
    /// ```
    pub fn invalid(
        &mut self,
        value: impl Into<BadValue>,
        detail: impl Into<Cow<'static, str>>,
    ) -> &mut FieldError {
        self.report(ErrorKind::Invalid, value, detail)
    }

    /// Reports a value that is none of those that there are, listed in the order given.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("policy", |at| {
    ///     at.not_supported("Sometimes", &["Always", "Never"]);
    /// });
    /// assert_eq!(
    ///     errors.unwrap_err().to_string(),
    ///     r#"policy: Unsupported value: "Sometimes": supported values: "Always", "Never""#,
    /// );
    /// ```
    pub fn not_supported(
        &mut self,
        value: impl Into<BadValue>,
        supported: &[&str],
    ) -> &mut FieldError {
        let mut detail = String::new();
        for (index, value) in supported.iter().enumerate() {
            detail.push_str(if index == 0 {
                "supported values: "
            } else {
                ", "
            });
            // Writing into a String does not fail.
            let _ = write!(detail, "{}", Quoted(value));
        }
        self.report(ErrorKind::NotSupported, value, detail)
    }

    /// Reports a value that is well-formed, but not allowed as things are.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("spec.hostNetwork", |at| {
    ///     at.forbidden("when `hostUsers` is false");
    /// });
    /// assert_eq!(
    ///     errors.unwrap_err().to_string(),
    ///     "spec.hostNetwork: Forbidden: when `hostUsers` is false",
    /// );
    /// ```
    pub fn forbidden(&mut self, detail: impl Into<Cow<'static, str>>) -> &mut FieldError {
        self.report(ErrorKind::Forbidden, BadValue::Omitted, detail)
    }

    /// Reports a value that must be unique and is not.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("name", |at| {
    ///     at.duplicate("web");
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), r#"name: Duplicate value: "web""#);
    /// ```
    pub fn duplicate(&mut self, value: impl Into<BadValue>) -> &mut FieldError {
        self.report(ErrorKind::Duplicate, value, "")
    }

    /// Reports a reference to something that is not there.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("volumeMounts[0].name", |at| {
    ///     at.not_found("data");
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), r#"volumeMounts[0].name: Not found: "data""#);
    /// ```
    pub fn not_found(&mut self, value: impl Into<BadValue>) -> &mut FieldError {
        self.report(ErrorKind::NotFound, value, "")
    }

    /// Reports a text of more than `max` bytes, without repeating it.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("hostname", |at| {
    ///     at.too_long(64);
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), "hostname: Too long: may not be more than 64 bytes");
    /// ```
    pub fn too_long(&mut self, max: usize) -> &mut FieldError {
        let unit = if max == 1 { "byte" } else { "bytes" };
        self.report(
            ErrorKind::TooLong,
            BadValue::Omitted,
            format!("may not be more than {max} {unit}"),
        )
    }

    /// Reports a list of more than `max` items.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("rules", |at| {
    ///     at.too_many(21, 20);
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), "rules: Too many: 21: must have at most 20 items");
    /// ```
    pub fn too_many(&mut self, actual: usize, max: usize) -> &mut FieldError {
        let unit = if max == 1 { "item" } else { "items" };
        self.report(
            ErrorKind::TooMany,
            actual,
            format!("must have at most {max} {unit}"),
        )
    }

    /// Reports that a check could not be made, for a reason that is not the value's fault.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// let errors = field::collect("status.podIPs", |at| {
    ///     at.internal("invalid IP address");
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), "status.podIPs: Internal error: invalid IP address");
    /// ```
    pub fn internal(&mut self, detail: impl Into<Cow<'static, str>>) -> &mut FieldError {
        self.report(ErrorKind::Internal, BadValue::Omitted, detail)
    }
}

/// Verbs that check.
impl At<'_> {
    /// Requires a text.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// assert!(field::collect("name", |at| at.not_empty("web")).is_ok());
    /// assert_eq!(
    ///     field::collect("name", |at| at.not_empty("")).unwrap_err().to_string(),
    ///     "name: Required value",
    /// );
    /// ```
    pub fn not_empty(&mut self, text: &str) {
        if text.is_empty() {
            self.required("");
        }
    }

    /// Requires a text of at most `max` bytes.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// assert!(field::collect("name", |at| at.max_len("web", 3)).is_ok());
    /// assert_eq!(
    ///     field::collect("name", |at| at.max_len("web", 1)).unwrap_err().to_string(),
    ///     "name: Too long: may not be more than 1 byte",
    /// );
    /// ```
    pub fn max_len(&mut self, text: &str, max: usize) {
        if text.len() > max {
            self.too_long(max);
        }
    }

    /// Requires a list of at most `max` items.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// assert!(field::collect("rules", |at| at.max_items(20, 20)).is_ok());
    /// assert!(field::collect("rules", |at| at.max_items(21, 20)).is_err());
    /// ```
    pub fn max_items(&mut self, actual: usize, max: usize) {
        if actual > max {
            self.too_many(actual, max);
        }
    }

    /// Requires a text of some [format](crate::format), and reports every clause that it violates.
    ///
    /// ```
    /// # use pod_lifecycle::{field, format};
    /// assert!(field::collect("name", |at| at.format("web", format::dns_label)).is_ok());
    /// assert_eq!(
    ///     field::collect("name", |at| at.format("web.a", format::dns_label)).unwrap_err().to_string(),
    ///     r#"name: Invalid value: "web.a": must not contain dots"#,
    /// );
    /// ```
    pub fn format(&mut self, text: &str, check: impl FnOnce(&str) -> Violations) {
        let violations = check(text);
        let origin = violations.origin();
        for message in violations {
            self.invalid(text, message).origin = origin;
        }
    }

    /// Requires a number that is not negative.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// assert!(field::collect("n", |at| at.non_negative(0)).is_ok());
    /// assert_eq!(
    ///     field::collect("n", |at| at.non_negative(-1)).unwrap_err().to_string(),
    ///     "n: Invalid value: -1: must be greater than or equal to 0",
    /// );
    /// ```
    pub fn non_negative(&mut self, number: impl Into<i64>) {
        let number = number.into();
        if number < 0 {
            self.invalid(number, "must be greater than or equal to 0")
                .origin = "minimum";
        }
    }

    /// Requires a number above zero.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// assert!(field::collect("n", |at| at.positive(1)).is_ok());
    /// assert_eq!(
    ///     field::collect("n", |at| at.positive(0)).unwrap_err().to_string(),
    ///     "n: Invalid value: 0: must be greater than zero",
    /// );
    /// ```
    pub fn positive(&mut self, number: impl Into<i64>) {
        let number = number.into();
        if number <= 0 {
            self.invalid(number, "must be greater than zero").origin = "minimum";
        }
    }

    /// Requires a number of a range.
    ///
    /// ```
    /// # use pod_lifecycle::field;
    /// assert!(field::collect("weight", |at| at.in_range(100, 1..=100)).is_ok());
    /// assert_eq!(
    ///     field::collect("weight", |at| at.in_range(0, 1..=100)).unwrap_err().to_string(),
    ///     "weight: Invalid value: 0: must be between 1 and 100, inclusive",
    /// );
    /// ```
    pub fn in_range(&mut self, number: impl Into<i64>, range: RangeInclusive<i64>) {
        let number = number.into();
        if !range.contains(&number) {
            let (min, max) = range.into_inner();
            self.invalid(
                number,
                format!("must be between {min} and {max}, inclusive"),
            )
            .origin = "range";
        }
    }

    /// Requires a known value of an enum; an unset one is missing.
    ///
    /// ```
    /// # use pod_lifecycle::{api::RestartPolicy, field};
    /// let error = |policy: Option<&str>| {
    ///     let policy = policy.map(RestartPolicy::from);
    ///     field::collect("policy", |at| at.one_of(policy.as_ref())).unwrap_err().to_string()
    /// };
    /// assert_eq!(error(None), "policy: Required value");
    /// assert_eq!(
    ///     error(Some("Sometimes")),
    ///     r#"policy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure""#,
    /// );
    /// ```
    pub fn one_of<E: OpenEnum>(&mut self, value: Option<&E>) {
        // A known value comes first, since some enums know the empty one.
        match value {
            Some(value) if value.is_known() => {}
            Some(value) if !value.as_str().is_empty() => self.unknown(value),
            _ => {
                self.required("");
            }
        }
    }

    /// Requires a known value of an enum; an unset one is as unknown as any other.
    ///
    /// ```
    /// # use pod_lifecycle::{api::RestartPolicy, field};
    /// let unset: Option<&RestartPolicy> = None;
    /// assert_eq!(
    ///     field::collect("policy", |at| at.supported(unset)).unwrap_err().to_string(),
    ///     r#"policy: Unsupported value: "": supported values: "Always", "Never", "OnFailure""#,
    /// );
    /// ```
    pub fn supported<E: OpenEnum>(&mut self, value: Option<&E>) {
        match value {
            Some(value) if value.is_known() => {}
            Some(value) => self.unknown(value),
            None => {
                self.not_supported("", &sorted(E::KNOWN));
            }
        }
    }

    /// Requires a key that was not [`seen`](Seen) before, and remembers it.
    ///
    /// ```
    /// # use pod_lifecycle::field::{self, Seen};
    /// let mut seen = Seen::new();
    /// let errors = field::collect("names", |at| {
    ///     at.each(&["a", "b", "a"], |at, name| at.unique(&mut seen, *name));
    /// });
    /// assert_eq!(errors.unwrap_err().to_string(), r#"names[2]: Duplicate value: "a""#);
    /// ```
    pub fn unique<'k>(&mut self, seen: &mut Seen<&'k str>, key: &'k str) {
        if !seen.insert(key) {
            self.duplicate(key);
        }
    }

    fn unknown<E: OpenEnum>(&mut self, value: &E) {
        self.not_supported(value.as_str(), &sorted(E::KNOWN));
    }
}

/// Kubernetes keeps the values of most enums in sets, and lists them sorted.
fn sorted<'a>(values: &[&'a str]) -> Vec<&'a str> {
    let mut values = values.to_vec();
    values.sort_unstable();
    values
}
