//! What each step of a pod's way into the store costs, over manifests that people wrote.

use std::{fs::File, hint::black_box, io::Read as _, path::Path};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use flate2::read::MultiGzDecoder;
use pod_lifecycle::{
    admission::{self, Options, defaults, prepare, strict, validation},
    api::Pod,
    jiff::Timestamp,
};
use pod_lifecycle_benches::{decode, small, typical};
use serde_json::Value;

/// The pods that the API server took, of those that the conformance vectors hold.
fn manifests() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../tests/vectors/admission/admit_create.generated.jsonl.gz");
    let mut text = String::new();
    MultiGzDecoder::new(File::open(path).expect("the vectors are there"))
        .read_to_string(&mut text)
        .expect("they are text");
    let pods = text.lines().map(|line| {
        let case: Value = serde_json::from_str(line).expect("a case");
        case["in"]["pod"].to_string()
    });
    pods.filter(|json| admission::create(now(), decode(json), &Options::default()).is_ok())
        .collect()
}

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

fn admission(criterion: &mut Criterion) {
    let sets = [
        ("typical", vec![typical().json]),
        ("small", vec![small().json]),
        ("recorded", manifests()),
    ];
    for (name, manifests) in sets {
        let mut group = criterion.benchmark_group(format!("admission/{name}"));
        group.throughput(Throughput::Elements(manifests.len() as u64));
        let raw: Vec<Pod> = manifests.iter().map(|json| decode(json)).collect();
        let mut defaulted = raw.clone();
        defaulted.iter_mut().for_each(defaults::apply);
        let mut prepared = defaulted.clone();
        prepared
            .iter_mut()
            .for_each(|pod| prepare::create(now(), pod));

        group.bench_function("decode", |b| {
            b.iter(|| {
                manifests
                    .iter()
                    .map(|json| decode::<Pod>(json))
                    .for_each(drop)
            })
        });
        group.bench_function("decode, strict", |b| {
            b.iter(|| {
                for json in &manifests {
                    let mut json = serde_json::Deserializer::from_str(json);
                    drop(black_box(strict::decode::<Pod, _>(&mut json)));
                }
            })
        });
        let mut step = |what: &str, pods: &[Pod], act: &dyn Fn(&mut Pod)| {
            group.bench_function(what, |b| {
                b.iter_batched_ref(
                    || pods.to_vec(),
                    |pods| pods.iter_mut().for_each(act),
                    BatchSize::LargeInput,
                )
            });
        };
        step("default", &raw, &defaults::apply);
        step("prepare", &defaulted, &|pod| prepare::create(now(), pod));
        let options = validation::Options::default();
        group.bench_function("validate", |b| {
            b.iter(|| {
                for pod in &prepared {
                    let _ = black_box(validation::create(pod, &options));
                }
            })
        });
        let options = Options::default();
        group.bench_function("create", |b| {
            b.iter_batched(
                || raw.clone(),
                |pods| {
                    for pod in pods {
                        drop(black_box(admission::create(now(), pod, &options)));
                    }
                },
                BatchSize::LargeInput,
            )
        });
        group.finish();
    }
}

criterion_group!(benches, admission);
criterion_main!(benches);
