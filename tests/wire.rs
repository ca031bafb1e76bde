//! The wire types against documents with every field set, and the corners of decoding.

use pod_lifecycle::api::{self, OpenEnum as _};
use serde::{Serialize, de::DeserializeOwned};

use crate::fixture;

/// Decodes and encodes a document that sets every field; not a character may change.
fn round_trip<T: DeserializeOwned + Serialize>(name: &str) {
    let text = fixture::read(&format!("full/{name}.json"));
    let value: T = serde_json::from_str(&text).expect("a full document decodes");
    let written = serde_json::to_string_pretty(&value).expect("a full document encodes");
    for (number, (written, given)) in written.lines().zip(text.lines()).enumerate() {
        assert_eq!(written, given, "{name}, line {}", number + 1);
    }
    assert_eq!(written.trim_end(), text.trim_end());
}

fn rewrite<T: DeserializeOwned + Serialize>(text: &str) -> String {
    let value: T = serde_json::from_str(text).expect("it decodes");
    serde_json::to_string(&value).expect("it encodes")
}

#[test]
fn full_documents_are_written_as_they_were_read_in_the_same_order() {
    round_trip::<api::Pod>("Pod");
    round_trip::<api::PodTemplate>("PodTemplate");
    round_trip::<api::Node>("Node");
    round_trip::<api::Namespace>("Namespace");
    round_trip::<api::Binding>("Binding");
    round_trip::<api::PodDisruptionBudget>("policy.v1.PodDisruptionBudget");
    round_trip::<api::PriorityClass>("scheduling.k8s.io.v1.PriorityClass");
}

#[test]
fn an_empty_pod_is_written_as_the_api_server_writes_it() {
    assert_eq!(
        rewrite::<api::Pod>("{}"),
        r#"{"metadata":{},"spec":{"containers":null},"status":{}}"#
    );
}

#[test]
fn a_missing_time_is_left_out_or_null_as_its_field_says() {
    assert_eq!(
        rewrite::<api::ObjectMeta>(r#"{"creationTimestamp": null}"#),
        "{}"
    );
    assert_eq!(
        rewrite::<api::PodCondition>(r#"{"type": "Ready", "status": "True"}"#),
        r#"{"type":"Ready","status":"True","lastProbeTime":null,"lastTransitionTime":null}"#
    );
}

#[test]
fn an_absent_enum_that_is_no_pointer_is_an_empty_text() {
    assert_eq!(
        rewrite::<api::LabelSelectorRequirement>(r#"{"key": "app", "operator": ""}"#),
        r#"{"key":"app","operator":""}"#
    );
    assert_eq!(
        rewrite::<api::PodSpec>(r#"{"restartPolicy": ""}"#),
        r#"{"containers":null}"#
    );
}

#[test]
fn an_unknown_enum_value_is_kept_and_known_as_unknown() {
    let text = r#"{"restartPolicy":"Sometimes"}"#;
    let container: api::Container = serde_json::from_str(text).expect("it decodes");
    let policy = container.restart_policy.as_ref().expect("a policy");
    assert_eq!((policy.as_str(), policy.is_known()), ("Sometimes", false));
    assert_eq!(
        rewrite::<api::Container>(text),
        r#"{"name":"","resources":{},"restartPolicy":"Sometimes"}"#
    );
}

#[test]
fn of_an_object_given_twice_the_fields_are_merged() {
    let text = r#"{"resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
                   "resources": {"limits": {"cpu": "2"}, "requests": {"cpu": "1"}},
                   "command": ["a", "b"], "command": ["c"]}"#;
    assert_eq!(
        rewrite::<api::Container>(text),
        concat!(
            r#"{"name":"","command":["c"],"#,
            r#""resources":{"limits":{"cpu":"2","memory":"1Gi"},"requests":{"cpu":"1"}}}"#
        )
    );
}

#[test]
fn an_unknown_field_is_passed_over() {
    assert_eq!(
        rewrite::<api::ObjectMeta>(r#"{"clusterName": {"a": [1]}, "name": "web"}"#),
        r#"{"name":"web"}"#
    );
}
