//! The pods that are measured, and what is done with them.

pub mod running;

use std::{fs, path::Path};

use serde::{Serialize, de::DeserializeOwned};

/// A pod as the other crate has it.
pub use k8s_openapi::api::core::v1::Pod as OtherPod;

/// A pod as the API server sends it: without blanks.
pub struct Sample {
    pub name: &'static str,
    pub json: String,
}

/// A pod of a Deployment in production: three containers, probes, affinity, volumes and a status.
pub fn typical() -> Sample {
    sample("typical", "pod.json")
}

/// A manifest such as people write by hand.
pub fn small() -> Sample {
    sample("small", "small-pod.json")
}

fn sample(name: &'static str, file: &str) -> Sample {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("data")
        .join(file);
    let text = fs::read_to_string(path).expect("the sample is there");
    let json = compact(&text);
    Sample { name, json }
}

/// Takes out the blanks between tokens.
fn compact(json: &str) -> String {
    let (mut in_text, mut escaped) = (false, false);
    json.chars()
        .filter(|&c| {
            let kept = in_text || !c.is_whitespace();
            in_text ^= c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            kept
        })
        .collect()
}

/// Decodes a pod of either crate.
pub fn decode<T: DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).expect("the sample decodes")
}

/// Encodes a pod of either crate.
pub fn encode<T: Serialize>(pod: &T) -> String {
    serde_json::to_string(pod).expect("a pod encodes")
}
