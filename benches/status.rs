//! What it costs to say how a pod is: its phase, and its whole status as the kubelet derives it and takes it over.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use pod_lifecycle::{
    jiff::Timestamp,
    lifecycle::status::{
        PhaseInput, Record, StatusInput, Statuses, Update, phase, pod_status, update,
    },
};
use pod_lifecycle_benches::running::{large, typical};

fn statuses(criterion: &mut Criterion) {
    for running in [typical(), large()] {
        let mut group = criterion.benchmark_group(format!("status/{}", running.name));
        let now = Timestamp::UNIX_EPOCH;
        let status = running.status();
        group.bench_function("phase", |b| {
            let input = PhaseInput {
                pod: &running.pod,
                statuses: Statuses::of(&status),
                terminal: false,
                initialized: true,
            };
            b.iter(|| phase(black_box(&input)));
        });
        group.bench_function("whole", |b| {
            let input = StatusInput {
                previous: Some(&status),
                ..StatusInput::new(&running.pod, &running.seen, now)
            };
            b.iter(|| pod_status(black_box(&input)));
        });
        group.bench_function("nothing new", |b| {
            let record = Record {
                pod: &running.pod,
                cached: Some(&status),
                mirror: None,
                now,
            };
            b.iter_batched(
                || status.clone(),
                |again| assert_eq!(update(&record, again), Update::Unchanged),
                criterion::BatchSize::SmallInput,
            );
        });
        group.finish();
    }
}

criterion_group!(lifecycle, statuses);
criterion_main!(lifecycle);
