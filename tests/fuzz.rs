//! The fuzz targets' checks, over their seeds and over bytes of a fixed sequence.

use std::{fs, path::Path};

#[allow(unreachable_pub, reason = "the file is a library of its own in fuzz/")]
#[path = "../fuzz/src/lib.rs"]
mod checks;

/// The files below `fuzz/seeds/<target>`.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/seeds")
        .join(target);
    let files = fs::read_dir(dir).expect("a target has seeds");
    files
        .map(|file| fs::read(file.expect("an entry").path()).expect("a readable seed"))
        .collect()
}

/// Bytes that look random and are the same in every run (splitmix64).
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = state;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend((word ^ (word >> 31)).to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

fn replay(target: &str, check: fn(&[u8])) {
    for seed in seeds(target) {
        check(&seed);
    }
    for seed in 0..100 {
        check(&noise(seed, 4096));
    }
}

#[test]
fn what_an_api_server_stores_it_takes_again() {
    replay("admission", checks::admission);
}

#[test]
fn a_machine_keeps_its_promises_whatever_happens() {
    replay("machine_ops", checks::machine_ops);
}

#[test]
fn quantities_obey_arithmetic() {
    replay("quantity", checks::quantity);
}

#[test]
fn what_is_said_about_a_cluster_agrees() {
    replay("schedule", checks::schedule);
}

#[test]
fn a_status_can_always_be_told_and_is_news_once() {
    replay("status", checks::status);
}

#[test]
fn a_pod_survives_the_wire() {
    replay("wire_round_trip", checks::wire_round_trip);
}
