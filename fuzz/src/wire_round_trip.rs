use arbitrary::{Arbitrary as _, Unstructured};
use pod_lifecycle::api::Pod;

/// No bytes make decoding panic, and a pod that is written and read again is the same pod.
///
/// Among pods that come from JSON this holds from the second time on: Kubernetes writes quantities of
/// 10²¹ and more without their suffix.
pub fn wire_round_trip(data: &[u8]) {
    if let Ok(pod) = serde_json::from_slice::<Pod>(data) {
        is_the_same_when_read(&read(&write(&pod)));
    }
    if let Ok(pod) = Pod::arbitrary(&mut Unstructured::new(data)) {
        is_the_same_when_read(&pod);
        assert_eq!(write(&pod), write(&read(&write(&pod))));
    }
}

fn write(pod: &Pod) -> String {
    serde_json::to_string(pod).expect("a pod can be written")
}

fn read(text: &str) -> Pod {
    serde_json::from_str(text).expect("what was written can be read")
}

fn is_the_same_when_read(pod: &Pod) {
    assert_eq!(*pod, read(&write(pod)));
}
