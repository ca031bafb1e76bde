//! The pods that are measured, and what is done with them.

pub mod running;

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

use flate2::read::MultiGzDecoder;
use pod_lifecycle::{
    admission::{self, Options},
    api::Pod,
    jiff::Timestamp,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

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

/// The pods that the API server took, of those that the conformance vectors hold.
pub fn recorded() -> Vec<String> {
    let path = of_project("../tests/vectors/admission/admit_create.generated.jsonl.gz");
    let mut text = String::new();
    MultiGzDecoder::new(File::open(path).expect("the vectors are there"))
        .read_to_string(&mut text)
        .expect("they are text");
    accepted(&text, "pod")
}

/// The pods that the API server takes, of those that people published; none where the shared vectors are not.
pub fn wild() -> Vec<String> {
    let path = of_project("../../shared/conformance/wild/admit.wild.jsonl");
    fs::read_to_string(path).map_or_else(|_| Vec::new(), |text| accepted(&text, "manifest"))
}

fn accepted(cases: &str, key: &str) -> Vec<String> {
    let manifests = cases.lines().map(|line| {
        let case: Value = serde_json::from_str(line).expect("a case");
        case["in"][key].to_string()
    });
    let options = Options::default();
    let is_taken = |json: &String| {
        serde_json::from_str::<Pod>(json)
            .is_ok_and(|pod| admission::create(Timestamp::UNIX_EPOCH, pod, &options).is_ok())
    };
    manifests.filter(is_taken).collect()
}

fn of_project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn sample(name: &'static str, file: &str) -> Sample {
    let path = of_project("data").join(file);
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
