//! What an event costs a machine of many: it should not depend on how many there are.

#[path = "../examples/fleet/fleet.rs"]
mod fleet;

use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};

use crate::fleet::{Fleet, Load};

/// Measures events, each of them one iteration, while virtual seconds pass.
fn events(c: &mut Criterion) {
    let mut group = c.benchmark_group("fleet");
    group.sample_size(10);
    let awake = Load::default();
    let parked = Load {
        parks: true,
        ..awake
    };
    let sizes = [10_000, 100_000, 1_000_000].map(|machines| ("event", machines, awake));
    for (name, machines, load) in sizes.into_iter().chain([("parked", 10_000, parked)]) {
        let mut fleet = None;
        group.bench_function(format!("{name}/{machines}"), |b| {
            let fleet = fleet.get_or_insert_with(|| Fleet::new(machines, load));
            b.iter_custom(|wanted| {
                let (before, start) = (fleet.events(), Instant::now());
                while fleet.events() - before < wanted {
                    fleet.run_for(1);
                }
                let per_event = start.elapsed().as_secs_f64() / (fleet.events() - before) as f64;
                Duration::from_secs_f64(per_event * wanted as f64)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, events);
criterion_main!(benches);
