//! Strict decoding: what is found, where, and in which words.

use std::collections::BTreeMap;

use pod_lifecycle::{
    admission::strict::{self, DecodeError, Decoded},
    api::{Node, Pod},
};
use serde::{Deserialize, de::DeserializeOwned};

fn decode<T: DeserializeOwned>(json: &str) -> Result<Decoded<T>, DecodeError<serde_json::Error>> {
    strict::decode(&mut serde_json::Deserializer::from_str(json))
}

fn decoded<T: DeserializeOwned>(json: &str) -> Decoded<T> {
    decode(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

/// Everything found in a pod, with the nearest names.
fn found(json: &str) -> Vec<String> {
    let findings = decoded::<Pod>(json).findings;
    findings
        .iter()
        .map(|finding| format!("{finding:#}"))
        .collect()
}

fn failed(json: &str) -> DecodeError<serde_json::Error> {
    match decode::<Pod>(json) {
        Ok(decoded) => panic!("{json} is {:?}", decoded.value),
        Err(error) => error,
    }
}

#[test]
fn a_misspelt_field_is_named_with_its_path_and_the_right_spelling() {
    let decoded: Decoded<Pod> = decoded(
        r#"{
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web"},
            "spec": {"containers": [{"name": "web", "imgae": "nginx:latest"}]}
        }"#,
    );
    assert_eq!(decoded.value.metadata.name, "web");
    assert_eq!(decoded.value.spec.containers[0].image, "");
    let [finding] = &decoded.findings[..] else {
        panic!("{:?}", decoded.findings);
    };
    assert_eq!(finding.path(), "spec.containers[0].imgae");
    assert_eq!(
        finding.to_string(),
        r#"unknown field "spec.containers[0].imgae""#
    );
    assert_eq!(
        format!("{finding:#}"),
        r#"unknown field "spec.containers[0].imgae", did you mean "image"?"#
    );
    let error = decoded.into_result().expect_err("a finding");
    assert_eq!(
        error.to_string(),
        r#"strict decoding error: unknown field "spec.containers[0].imgae""#
    );
}

#[test]
fn findings_come_in_the_order_of_the_document_and_once_per_path() {
    assert_eq!(
        found(
            r#"{
                "Kind": "Pod",
                "spec": {
                    "volumes": [{}, {"emptyDir": {"sizelimit": "1Gi"}, "hostpath": {"path": "/"}}],
                    "replicas": 1,
                    "initContainers": [{"env": [{"name": "A"}, {"nmae": "B", "nmae": "C"}]}],
                    "replicas": 2
                },
                "spec": {"replicas": 3}
            }"#
        ),
        [
            r#"unknown field "Kind", did you mean "kind"?"#,
            r#"unknown field "spec.volumes[1].emptyDir.sizelimit", did you mean "sizeLimit"?"#,
            r#"unknown field "spec.volumes[1].hostpath", did you mean "hostPath"?"#,
            r#"unknown field "spec.replicas""#,
            r#"unknown field "spec.initContainers[0].env[1].nmae", did you mean "name"?"#,
            r#"duplicate field "spec""#,
        ]
    );
}

#[test]
fn fields_and_keys_that_are_given_twice_are_duplicates() {
    let decoded: Decoded<Pod> = decoded(
        r#"{
            "metadata": {
                "labels": {"app": "a", "app": "b", "app.kubernetes.io/name": "x", "app": "c"},
                "name": "one",
                "name": "two"
            },
            "spec": {"containers": [{"resources": {"limits": {"cpu": "1", "cpu": "2"}}}]}
        }"#,
    );
    let paths: Vec<&str> = decoded.findings.iter().map(strict::Finding::path).collect();
    assert_eq!(
        paths,
        [
            "metadata.labels.app",
            "metadata.name",
            "spec.containers[0].resources.limits.cpu",
        ]
    );
    let words = decoded.findings[0].to_string();
    assert_eq!(words, r#"duplicate field "metadata.labels.app""#);
    assert_eq!(decoded.value.metadata.labels["app"], "c");
    assert_eq!(decoded.value.metadata.name, "two");
}

#[test]
fn an_object_given_twice_is_merged_and_its_own_fields_counted_apart() {
    assert_eq!(
        found(r#"{"spec": {"nodeName": "a"}, "spec": {"nodeName": "b", "nodeName": "c"}}"#),
        [
            r#"duplicate field "spec""#,
            r#"duplicate field "spec.nodeName""#
        ]
    );
}

#[test]
fn what_is_in_order_has_no_findings() {
    for json in [
        "{}",
        "null",
        r#"{"metadata": null, "spec": {"containers": null, "nodeSelector": {"imgae": "x"}}}"#,
        r#"{"spec": {"containers": [null, {"image": null, "ports": [{"containerPort": 80}]}]}}"#,
        r#"{"spec": {"containers": [{"resources": {"requests": {"cpu": 0.5, "memory": "1Gi"}}}]}}"#,
    ] {
        let findings = found(json);
        assert!(findings.is_empty(), "{json}: {findings:?}");
        assert!(decoded::<Pod>(json).into_result().is_ok());
    }
    assert!(
        decoded::<Node>(r#"{"status": {"allocatable": {"pods": "110"}}}"#)
            .findings
            .is_empty()
    );
}

#[test]
fn nothing_is_found_in_values_of_free_form() {
    let json = r#"{"metadata": {"managedFields": [{
        "manager": "kubectl",
        "fieldsV1": {"f:metadata": {"f:x": {}, "f:x": {}}, "f:metadata": {}, "imgae": [1, {"a": 1, "a": 2}]}
    }]}}"#;
    assert_eq!(found(json), Vec::<String>::new());
}

#[test]
fn an_unknown_value_is_passed_over_whatever_it_is() {
    let json =
        r#"{"spec": {"foo": {"containers": 1, "a": [{"b": null}], "a": 2}, "nodeName": "n"}}"#;
    assert_eq!(found(json), [r#"unknown field "spec.foo""#]);
    assert_eq!(decoded::<Pod>(json).value.spec.node_name, "n");
}

#[test]
fn an_error_carries_the_path_where_it_happened() {
    for (json, path) in [
        (
            r#"{"spec": {"containers": [{"ports": [{"containerPort": "http"}]}]}}"#,
            "spec.containers[0].ports[0].containerPort",
        ),
        (
            r#"{"spec": {"containers": [{}, {"resources": {"limits": {"cpu": "1", "memory": "1 Gi"}}}]}}"#,
            "spec.containers[1].resources.limits.memory",
        ),
        (
            r#"{"metadata": {"creationTimestamp": "now"}}"#,
            "metadata.creationTimestamp",
        ),
        (
            r#"{"metadata": {"name": "a", "labels": []}}"#,
            "metadata.labels",
        ),
        (
            r#"{"metadata": {"labels": {"a.b/c": 1}}}"#,
            "metadata.labels.a.b/c",
        ),
        (r#"{"spec": {"nodeName": "a"} "status""#, ""),
        (r#"{"spec": {"nodeName" 1"#, "spec.nodeName"),
        (r#"{"spec": {"foo": ["#, "spec.foo"),
        ("[]", ""),
        ("", ""),
    ] {
        assert_eq!(failed(json).path(), path, "{json}");
    }
    let error = failed(r#"{"spec": {"containers": [{"ports": [{"containerPort": "http"}]}]}}"#);
    assert_eq!(
        error.to_string(),
        "spec.containers[0].ports[0].containerPort: \
         invalid type: string \"http\", expected i32 at line 1 column 60"
    );
    assert!(failed("{").into_inner().is_eof());
    assert!(failed("").to_string().starts_with("EOF"));
}

#[test]
fn paths_are_quoted_as_go_quotes_them() {
    assert_eq!(
        found(r#"{"a\"b\\\n\u0000\u007f\u0085é": 1}"#),
        [r#"unknown field "a\"b\\\n\x00\x7f\u0085é""#]
    );
}

#[derive(Debug, Deserialize, PartialEq)]
struct Outer {
    #[serde(default)]
    shape: Option<Shape>,
    #[serde(default)]
    by_number: BTreeMap<u8, Inner>,
    #[serde(default)]
    pair: (u8, Wrapper),
    #[serde(default)]
    ignored: BTreeMap<String, serde::de::IgnoredAny>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
struct Wrapper(Inner);

#[derive(Debug, Default, Deserialize, PartialEq)]
struct Inner {
    value: u8,
}

#[derive(Debug, Deserialize, PartialEq)]
enum Shape {
    Empty,
    Round(Inner),
    Square { side: u8 },
    Pair(u8, Inner),
}

#[test]
fn types_of_others_decode_as_without_it() {
    for (json, path) in [
        (r#"{"shape": "Empty"}"#, None),
        (
            r#"{"shape": {"Round": {"value": 1, "valeu": 2}}}"#,
            Some("shape.Round.valeu"),
        ),
        (
            r#"{"shape": {"Square": {"side": 1, "sides": 4}}}"#,
            Some("shape.Square.sides"),
        ),
        (
            r#"{"shape": {"Pair": [1, {"value": 2, "x": 3}]}}"#,
            Some("shape.Pair[1].x"),
        ),
        (
            r#"{"by_number": {"7": {"value": 1, "x": 2}}}"#,
            Some("by_number.7.x"),
        ),
        (
            r#"{"by_number": {"7": {"value": 1}, "7": {"value": 2}}}"#,
            Some("by_number.7"),
        ),
        (r#"{"pair": [1, {"value": 2, "x": 3}]}"#, Some("pair[1].x")),
        (r#"{"ignored": {"a": 1, "b": {"c": 2}}}"#, None),
    ] {
        let decoded: Decoded<Outer> = decoded(json);
        let plain: Outer = serde_json::from_str(json).expect("decodes");
        assert_eq!(decoded.value, plain, "{json}");
        let paths: Vec<&str> = decoded.findings.iter().map(strict::Finding::path).collect();
        assert_eq!(paths, Vec::from_iter(path), "{json}");
    }
    let missing = decode::<Outer>(r#"{"by_number": {"7": {}}}"#).expect_err("value is missing");
    assert_eq!(missing.path(), "by_number.7");
}

#[test]
fn hostile_documents_cost_no_more_than_their_length() {
    let members = |member: fn(usize) -> String| {
        let members: Vec<String> = (0..20_000).map(member).collect();
        members.join(",")
    };
    let unknown = members(|n| format!("\"imgae{n}\": {n}"));
    assert_eq!(found(&format!("{{{unknown}}}")).len(), 100);
    let same = members(|n| format!("\"apiVersion\": \"{n}\""));
    assert_eq!(
        found(&format!("{{{same}}}")),
        [r#"duplicate field "apiVersion""#]
    );
    let labels = members(|n| format!("\"{}\": \"x\"", n / 2));
    let labels = format!(r#"{{"metadata": {{"labels": {{{labels}}}}}}}"#);
    assert_eq!(found(&labels).len(), 100);

    let long = "x".repeat(1 << 20);
    let [finding] = &found(&format!(r#"{{"{long}": 1}}"#))[..] else {
        panic!("one finding");
    };
    assert_eq!(finding.len(), long.len() + r#"unknown field """#.len());

    let deep = format!(r#"{{"spec": {{"foo": {}"#, "[".repeat(100_000));
    assert_eq!(failed(&deep).path(), "spec.foo");
}
