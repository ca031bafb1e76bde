//! Paths, and the words of the API server.

use pod_lifecycle::{
    api::RestartPolicy,
    field::{self, At, BadValue, ErrorKind, FieldErrors, FieldPath, Seen},
};

fn errors(check: impl FnOnce(&mut At<'_>)) -> FieldErrors {
    field::collect("", check).expect_err("something was reported")
}

fn message(check: impl FnOnce(&mut At<'_>)) -> String {
    errors(check).to_string()
}

#[test]
fn every_kind_has_the_words_of_kubernetes() {
    let cases = [
        (
            ErrorKind::NotFound,
            "f: Not found: \"v\": d",
            "FieldValueNotFound",
        ),
        (
            ErrorKind::Required,
            "f: Required value: d",
            "FieldValueRequired",
        ),
        (
            ErrorKind::Duplicate,
            "f: Duplicate value: \"v\": d",
            "FieldValueDuplicate",
        ),
        (
            ErrorKind::Invalid,
            "f: Invalid value: \"v\": d",
            "FieldValueInvalid",
        ),
        (
            ErrorKind::NotSupported,
            "f: Unsupported value: \"v\": d",
            "FieldValueNotSupported",
        ),
        (
            ErrorKind::Forbidden,
            "f: Forbidden: d",
            "FieldValueForbidden",
        ),
        (ErrorKind::TooLong, "f: Too long: d", "FieldValueTooLong"),
        (
            ErrorKind::TooMany,
            "f: Too many: \"v\": d",
            "FieldValueTooMany",
        ),
        (
            ErrorKind::TooFew,
            "f: Too few: \"v\": d",
            "FieldValueTooFew",
        ),
        (ErrorKind::Internal, "f: Internal error: d", "InternalError"),
        (
            ErrorKind::TypeInvalid,
            "f: Invalid value: \"v\": d",
            "FieldValueTypeInvalid",
        ),
        (ErrorKind::TooShort, "f: Too short: d", "FieldValueTooShort"),
    ];
    for (kind, words, reason) in cases {
        let got = message(|at| {
            at.field("f").report(kind, "v", "d");
        });
        assert_eq!(got, words);
        assert_eq!(kind.reason(), reason);
    }
}

#[test]
fn a_value_is_printed_as_go_prints_it() {
    let shown = |value: BadValue| {
        message(|at| {
            at.field("f").invalid(value, "");
        })
    };
    assert_eq!(shown(BadValue::Omitted), "f: Invalid value");
    assert_eq!(shown("".into()), "f: Invalid value: \"\"");
    assert_eq!(shown((-1).into()), "f: Invalid value: -1");
    assert_eq!(shown(true.into()), "f: Invalid value: true");
    assert_eq!(
        shown(usize::MAX.into()),
        "f: Invalid value: 9223372036854775807"
    );
    assert_eq!(
        shown("tab\t \"q\" \\ \u{7}\u{8}\u{b}\u{c}\r\n\0\u{7f}".into()),
        r#"f: Invalid value: "tab\t \"q\" \\ \a\b\v\f\r\n\x00\x7f""#,
    );
    assert_eq!(
        shown("é 日本 😀 e\u{301} \u{301} \u{a0}\u{200b}\u{e000}\u{10ffff}".into()),
        "f: Invalid value: \"é 日本 😀 e\u{301} \u{301} \\u00a0\\u200b\\ue000\\U0010ffff\"",
    );
    let list = ["a".to_owned(), "<\"\\\n\u{1}>&\u{2028}".to_owned()];
    assert_eq!(
        shown(BadValue::from(&list[..])),
        r#"f: Invalid value: ["a","\u003c\"\\\n\u0001\u003e\u0026\u2028"]"#,
    );
    assert_eq!(shown(BadValue::from(&[][..])), "f: Invalid value: []");
}

#[test]
fn one_error_stands_alone_and_several_in_brackets_once_each() {
    assert_eq!(
        message(|at| {
            at.field("a").required("");
        }),
        "a: Required value",
    );
    assert_eq!(
        message(|at| {
            at.field("a").required("");
            at.field("a").required("");
        }),
        "a: Required value",
    );
    let several = errors(|at| {
        at.field("b").required("");
        at.field("a").forbidden("no");
        at.field("b").required("");
        at.field("a").forbidden("still no");
    });
    assert_eq!(
        several.to_string(),
        "[b: Required value, a: Forbidden: no, a: Forbidden: still no]",
    );
    assert_eq!(several.iter().count(), 4);
    assert_eq!((&several).into_iter().count(), 4);
    assert_eq!(several.into_iter().count(), 4);
}

#[test]
fn paths_are_those_of_kubernetes() {
    let path = |base: &str, walk: fn(&mut At<'_>) -> FieldPath| {
        let mut path = FieldPath::default();
        field::collect(base, |at| path = walk(at)).expect("nothing was reported");
        path
    };
    assert_eq!(path("", |at| at.field("spec").path()), "spec");
    assert_eq!(path("", |at| at.index(1).field("a").path()), "[1].a");
    assert_eq!(path("", |at| at.path()), "");
    assert_eq!(
        path("spec.template.spec", |at| at.path()),
        "spec.template.spec"
    );
    assert_eq!(
        path("spec.template.spec", |at| at
            .field("containers")
            .index(0)
            .field("env")
            .path()),
        "spec.template.spec.containers[0].env",
    );
    assert_eq!(
        path("metadata", |at| at
            .field("annotations")
            .key("a.b/c d[")
            .path()),
        "metadata.annotations[a.b/c d[]",
    );
    assert_eq!(
        path("metadata", |at| at
            .field("annotations")
            .field("a.b/c")
            .path()),
        "metadata.annotations.a.b/c",
    );
    assert_eq!(path("a", |at| at.field("").path()), "a[]");
    assert_eq!(path("a", |at| at.key("").path()), "a[]");
    assert_eq!(path("a", |at| at.elsewhere("[]").path()), "[]");
    assert_eq!(path("a", |at| at.elsewhere("").field("b").path()), "b");
    assert_eq!(path("a", |at| at.parent().path()), "a");
    assert_eq!(
        path("a", |at| at
            .field("b")
            .index(2)
            .field("c")
            .parent()
            .parent()
            .key("k")
            .path()),
        "a.b[k]",
    );
}

#[test]
fn origins_can_be_named() {
    let errors = errors(|at| {
        at.forbidden("").origin = "mirrorPod";
        at.non_negative(-1);
        at.format("A", pod_lifecycle::format::dns_label);
        at.required("");
    });
    let origins: Vec<_> = errors.iter().map(|error| error.origin).collect();
    assert_eq!(
        origins,
        ["mirrorPod", "minimum", "format=k8s-short-name", "required"]
    );
}

#[test]
fn an_enum_is_required_or_unsupported() {
    let kinds = |text: Option<&str>| {
        let policy = text.map(RestartPolicy::from);
        let one_of = field::collect("", |at| at.one_of(policy.as_ref()));
        let supported = field::collect("", |at| at.supported(policy.as_ref()));
        [one_of, supported].map(|result| result.err().map(|errors| errors.as_slice()[0].kind))
    };
    let (required, not_supported) = (Some(ErrorKind::Required), Some(ErrorKind::NotSupported));
    assert_eq!(kinds(Some("Never")), [None, None]);
    assert_eq!(kinds(Some("never")), [not_supported, not_supported]);
    assert_eq!(kinds(Some("")), [required, not_supported]);
    assert_eq!(kinds(None), [required, not_supported]);
}

#[test]
fn what_was_seen_is_remembered_however_much_it_is() {
    let mut seen = Seen::new();
    for key in 0..100 {
        assert!(!seen.contains(&key));
        assert!(seen.insert(key));
    }
    for key in 0..100 {
        assert!(seen.contains(&key));
        assert!(!seen.insert(key));
    }
}
