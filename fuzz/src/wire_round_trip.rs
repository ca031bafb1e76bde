use arbitrary::{Arbitrary as _, Unstructured};
use pod_lifecycle::{
    admission::strict::{self, Finding},
    api::Pod,
};

/// No bytes make decoding panic, strict decoding agrees with it, and a pod that is written and read
/// again is the same pod.
///
/// Among pods that come from JSON the last holds from the second time on: Kubernetes writes quantities
/// of 10²¹ and more without their suffix.
pub fn wire_round_trip(data: &[u8]) {
    let plain = serde_json::from_slice::<Pod>(data).ok();
    let strict = decode_strictly(data).map(|(pod, _)| pod);
    assert_eq!(plain, strict);
    if let Some(pod) = plain {
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

fn decode_strictly(json: &[u8]) -> Option<(Pod, Vec<Finding>)> {
    let mut json = serde_json::Deserializer::from_slice(json);
    let decoded = strict::decode(&mut json).ok()?;
    json.end().ok()?;
    Some((decoded.value, decoded.findings))
}

fn is_the_same_when_read(pod: &Pod) {
    let text = write(pod);
    assert_eq!(*pod, read(&text));
    let (_, findings) = decode_strictly(text.as_bytes()).expect("what was written can be read");
    assert_eq!(findings, [], "a pod has only fields of a pod");
}
