//! Whether a pod still matches its template, as a controller asks for every pod that it has.

use criterion::{Criterion, criterion_group, criterion_main};
use pod_lifecycle::{
    admission::template,
    api::{Pod, PodTemplateSpec},
};
use pod_lifecycle_benches::{decode, small, typical};

/// The template that a stored pod was made from.
fn template_of(pod: &Pod) -> PodTemplateSpec {
    let mut template = PodTemplateSpec {
        metadata: pod.metadata.clone(),
        spec: pod.spec.clone(),
    };
    template.spec.node_name.clear();
    template.spec.priority = None;
    template
}

fn matching(criterion: &mut Criterion) {
    for sample in [typical(), small()] {
        let mut group = criterion.benchmark_group(format!("template/{}", sample.name));
        let pod: Pod = decode(&sample.json);
        let template = template_of(&pod);
        let mut changed = template.clone();
        changed.spec.containers[0].image.push_str("-1");
        group.bench_function("differences, none", |b| {
            b.iter(|| template::differences(&pod, &template));
        });
        group.bench_function("differences, an image", |b| {
            b.iter(|| template::differences(&pod, &changed));
        });
        group.bench_function("changes, none", |b| {
            b.iter(|| template::changes(&template, &template));
        });
        group.finish();
    }
}

criterion_group!(benches, matching);
criterion_main!(benches);
