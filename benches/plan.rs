//! What one look at a pod costs: nothing to do, everything to start, one container to restart.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use pod_lifecycle::{
    jiff::Timestamp,
    lifecycle::{
        Observation, ObservedState, PlanInput,
        back_off::{self, BackOff, BackOffs},
        plan,
    },
};
use pod_lifecycle_benches::running::{Running, large, typical};

fn input<'a>(running: &'a Running, seen: &'a Observation) -> PlanInput<'a> {
    let mut input = PlanInput::new(&running.pod, seen);
    input.probes = &running.probes;
    input.actuated = Some(&running.actuated);
    input
}

fn plans(criterion: &mut Criterion) {
    for running in [typical(), large()] {
        let mut group = criterion.benchmark_group(format!("plan/{}", running.name));
        group.bench_function("nothing to do", |b| {
            b.iter(|| plan(black_box(&input(&running, &running.seen))).is_empty());
        });
        let mut crashed = running.seen.clone();
        crashed.containers[0].state = ObservedState::Exited;
        crashed.containers[0].exit_code = 1;
        group.bench_function("one to restart", |b| {
            b.iter(|| plan(black_box(&input(&running, &crashed))).is_empty());
        });
        let nothing = Observation::default();
        group.bench_function("all to start", |b| {
            b.iter(|| plan(black_box(&input(&running, &nothing))).is_empty());
        });
        let app = &running.pod.spec.containers[0];
        for seen in &mut crashed.containers {
            seen.state = ObservedState::Exited;
        }
        group.bench_function("crash loop", |b| {
            let mut back_offs = BackOffs::new(BackOff::CRASH_LOOP);
            let now = Timestamp::UNIX_EPOCH;
            b.iter(|| back_off::crash_loop(&mut back_offs, now, &running.pod, app, &crashed));
        });
        group.finish();
    }
}

criterion_group!(lifecycle, plans);
criterion_main!(lifecycle);
