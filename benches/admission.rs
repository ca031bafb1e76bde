//! What each step of a pod's way into the store costs, pod by pod: one iteration is one pod.

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use pod_lifecycle::{
    admission::{self, Options, defaults, prepare, strict, validation},
    api::Pod,
    jiff::Timestamp,
};
use pod_lifecycle_benches::{decode, recorded, small, typical, wild};

fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("a time")
}

fn admission(criterion: &mut Criterion) {
    let sets = [
        ("typical", vec![typical().json]),
        ("small", vec![small().json]),
        ("recorded", recorded()),
        ("wild", wild()),
    ];
    for (name, manifests) in sets {
        if manifests.is_empty() {
            continue;
        }
        let mut group = criterion.benchmark_group(format!("admission/{name}"));
        let raw: Vec<Pod> = manifests.iter().map(|json| decode(json)).collect();
        let mut defaulted = raw.clone();
        defaulted.iter_mut().for_each(defaults::apply);
        let mut prepared = defaulted.clone();
        prepared
            .iter_mut()
            .for_each(|pod| prepare::create(now(), pod));

        let mut texts = manifests.iter().cycle();
        let mut text = || texts.next().expect("there is a pod");
        group.bench_function("decode", |b| b.iter(|| decode::<Pod>(text())));
        group.bench_function("decode, strict", |b| {
            b.iter(|| {
                let mut json = serde_json::Deserializer::from_str(text());
                strict::decode::<Pod, _>(&mut json)
            })
        });
        let mut step = |what: &str, pods: &[Pod], act: &dyn Fn(&mut Pod)| {
            let mut pods = pods.iter().cycle();
            let mut pod = || pods.next().expect("there is a pod").clone();
            group.bench_function(what, |b| {
                b.iter_batched_ref(&mut pod, act, BatchSize::LargeInput)
            });
        };
        step("default", &raw, &defaults::apply);
        step("prepare", &defaulted, &|pod| prepare::create(now(), pod));
        let options = validation::Options::default();
        let mut pods = prepared.iter().cycle();
        let mut pod = || pods.next().expect("there is a pod");
        group.bench_function("validate", |b| {
            b.iter(|| validation::create(black_box(pod()), &options))
        });
        let options = Options::default();
        let mut pods = raw.iter().cycle();
        let mut pod = || pods.next().expect("there is a pod").clone();
        group.bench_function("create", |b| {
            b.iter_batched(
                &mut pod,
                |pod| admission::create(now(), pod, &options),
                BatchSize::LargeInput,
            )
        });
        group.finish();
    }
}

criterion_group!(benches, admission);
criterion_main!(benches);
