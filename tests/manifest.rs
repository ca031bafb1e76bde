//! What the manifest promises about Rust versions.

use std::{collections::BTreeSet, env, process::Command};

use serde_json::Value;

/// The crates that a user of the library compiles: everything but dev-dependencies, transitively.
fn shipped(metadata: &Value) -> BTreeSet<&str> {
    let nodes = metadata["resolve"]["nodes"].as_array().expect("nodes");
    let root = metadata["resolve"]["root"].as_str().expect("a root");
    let mut found = BTreeSet::new();
    let mut queue = vec![root];
    while let Some(id) = queue.pop() {
        if !found.insert(id) {
            continue;
        }
        let node = nodes.iter().find(|node| node["id"] == id).expect("a node");
        for dep in node["deps"].as_array().expect("deps") {
            let kinds = dep["dep_kinds"].as_array().expect("kinds");
            if kinds.iter().any(|kind| kind["kind"] != "dev") {
                queue.push(dep["pkg"].as_str().expect("an id"));
            }
        }
    }
    found
}

fn version(text: &str) -> Vec<u32> {
    text.split('.')
        .map(|part| part.parse().expect("a number"))
        .collect()
}

#[test]
#[ignore = "asks cargo for the whole dependency graph, which may need the network"]
fn no_dependency_needs_a_newer_rust_than_the_crate_itself() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--all-features"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata");
    let shipped = shipped(&metadata);
    let msrv = version(env!("CARGO_PKG_RUST_VERSION"));

    let newer: Vec<String> = metadata["packages"]
        .as_array()
        .expect("packages")
        .iter()
        .filter(|package| shipped.contains(package["id"].as_str().expect("an id")))
        .filter_map(|package| Some((package, package["rust_version"].as_str()?)))
        .filter(|(_, rust)| version(rust) > msrv)
        .map(|(package, rust)| format!("{} needs Rust {rust}", package["name"]))
        .collect();
    assert!(newer.is_empty(), "{newer:?}");
    assert!(shipped.len() > 5, "the graph has the dependencies in it");
}
