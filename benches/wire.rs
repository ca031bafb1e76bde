//! Decoding, copying and encoding a pod, beside k8s-openapi with the same bytes.

use criterion::{
    BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime,
};
use pod_lifecycle::{admission::strict, api::Pod};
use pod_lifecycle_benches::{OtherPod, Sample, decode, encode, small, typical};
use serde::de::IgnoredAny;

const OURS: &str = "pod-lifecycle";
const OTHER: &str = "k8s-openapi";

fn groups(
    criterion: &mut Criterion,
    action: &str,
    measure: impl Fn(&mut BenchmarkGroup<'_, WallTime>, &str),
) {
    for Sample { name, json } in [typical(), small()] {
        let mut group = criterion.benchmark_group(format!("{action}/{name}"));
        let len = u64::try_from(json.len()).expect("a short text");
        group.throughput(Throughput::Bytes(len));
        measure(&mut group, &json);
        group.finish();
    }
}

fn decoding(criterion: &mut Criterion) {
    groups(criterion, "decode", |group, json| {
        group.bench_function(OURS, |b| b.iter(|| decode::<Pod>(json)));
        group.bench_function(OTHER, |b| b.iter(|| decode::<OtherPod>(json)));
        // What no decoder can go below: the tokens alone.
        group.bench_function("tokens", |b| b.iter(|| decode::<IgnoredAny>(json)));
        group.bench_function("pod-lifecycle, strict", |b| {
            b.iter(|| {
                let mut json = serde_json::Deserializer::from_str(json);
                strict::decode::<Pod, _>(&mut json).expect("the sample decodes")
            });
        });
    });
}

fn copying(criterion: &mut Criterion) {
    groups(criterion, "clone", |group, json| {
        let (ours, other) = (decode::<Pod>(json), decode::<OtherPod>(json));
        group.bench_function(OURS, |b| b.iter(|| ours.clone()));
        group.bench_function(OTHER, |b| b.iter(|| other.clone()));
    });
}

fn encoding(criterion: &mut Criterion) {
    groups(criterion, "encode", |group, json| {
        let (ours, other) = (decode::<Pod>(json), decode::<OtherPod>(json));
        group.bench_function(OURS, |b| b.iter(|| encode(&ours)));
        group.bench_function(OTHER, |b| b.iter(|| encode(&other)));
    });
}

criterion_group!(wire, decoding, copying, encoding);
criterion_main!(wire);
