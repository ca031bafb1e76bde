//! The wire types against documents with every field set.

use std::{fs, path::Path};

use pod_lifecycle::api;
use serde::{Serialize, de::DeserializeOwned};

/// Decodes and encodes a document that sets every field; nothing may be lost or change, nor its order.
fn round_trip<T: DeserializeOwned + Serialize>(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/api/full")
        .join(file);
    let Ok(text) = fs::read_to_string(path) else {
        return;
    };
    let value: T = serde_json::from_str(&text).expect("a full document decodes");
    let written = serde_json::to_string(&value).expect("a full document encodes");
    let given: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let written: serde_json::Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(given, written);
}

#[test]
fn full_documents_survive_decoding_and_encoding() {
    round_trip::<api::Pod>("Pod.json");
    round_trip::<api::PodTemplate>("PodTemplate.json");
    round_trip::<api::Node>("Node.json");
    round_trip::<api::Namespace>("Namespace.json");
    round_trip::<api::Binding>("Binding.json");
    round_trip::<api::PodDisruptionBudget>("policy.v1.PodDisruptionBudget.json");
    round_trip::<api::PriorityClass>("scheduling.k8s.io.v1.PriorityClass.json");
}
