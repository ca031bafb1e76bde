use arbitrary::{Arbitrary as _, Unstructured};
use pod_lifecycle::api::Pod;

/// No bytes make decoding panic, and a pod that is written and read again is the same pod, whether it
/// came from JSON or was made of the bytes.
pub fn wire_round_trip(data: &[u8]) {
    if let Ok(pod) = serde_json::from_slice::<Pod>(data) {
        same_after_round_trip(&pod);
    }
    if let Ok(pod) = Pod::arbitrary(&mut Unstructured::new(data)) {
        same_after_round_trip(&pod);
    }
}

fn same_after_round_trip(pod: &Pod) {
    let written = serde_json::to_string(pod).expect("a pod can be written");
    let read: Pod = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(*pod, read);
    let again = serde_json::to_string(&read).expect("a pod can be written");
    assert_eq!(written, again);
}
