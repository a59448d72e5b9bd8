//! A whole training step at the paper's size, on real data, at 1 and 2 threads.

use std::time::Duration;

use cgan::Trainer;
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use experiments::config::RunConfig;
use experiments::data::ImageSet;

/// Presets, and what is changed in them.
const SETTINGS: [(&str, &str, &[&str]); 3] = [
    ("quick", "quick", &[]),
    ("paper, alternating", "paper", &["updates.order=alternating", "generator.combined=hidden_layer"]),
    ("paper, simultaneous", "paper", &["generator.combined=hidden_layer"]),
];

fn step(criterion: &mut Criterion) {
    let data = ImageSet::embedded_mnist().expect("the embedded data are whole");
    let mut group = criterion.benchmark_group("step");
    for (name, preset, settings) in SETTINGS {
        let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        let config = RunConfig::resolve(preset, None, &settings).expect("settings of the program's own");
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            let mut trainer: Trainer<f32> = Trainer::new(&config.gan(), &data.train, 1).expect("nets");
            group.bench_function(BenchmarkId::new(name, format!("{threads} threads")), |bencher| {
                bencher.iter(|| pool.install(|| trainer.step(&data.train)).expect("a finite step"));
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).measurement_time(Duration::from_secs(4)).warm_up_time(Duration::from_secs(1));
    targets = step
}
criterion_main!(benches);
