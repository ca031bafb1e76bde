//! Feeds libFuzzer's bytes to the check of the same name.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pod_lifecycle_fuzz::admission(data));
