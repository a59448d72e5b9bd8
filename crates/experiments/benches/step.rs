//! A whole training step of the paper's nets, a forward pass and sampling alone, at 1 and 2 threads.

#[path = "../examples/steps/nets.rs"]
mod nets;

use std::time::Duration;

use cgan::config::UpdateOrder::{Alternating, Simultaneous};
use cgan::{Examples, GanConfig, Trainer};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use experiments::config::RunConfig;
use experiments::data::ImageSet;
use ndarray::Array2;
use nets::{Net, Tags};

/// What is timed of a net.
#[derive(Clone, Copy, PartialEq)]
enum What {
    /// A step of training.
    Step,
    /// A batch of samples: G without dropout, forward alone.
    Samples,
}

fn run(
    group: &mut BenchmarkGroup<WallTime>,
    name: &str,
    what: What,
    config: &GanConfig,
    examples: &impl Examples<f32>,
) {
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        let mut trainer: Trainer<f32> = Trainer::new(config, examples, 1).expect("nets");
        let batch = config.updates.batch;
        let mut sampler = trainer.sampler(batch).expect("a generator");
        let weights = trainer.best_parameters();
        let conditions = Array2::zeros((batch, examples.condition().columns()));
        group.bench_function(BenchmarkId::new(name, format!("{threads} threads")), |bencher| match what {
            What::Step => bencher.iter(|| pool.install(|| trainer.step(examples)).expect("a finite step")),
            What::Samples => {
                bencher.iter(|| pool.install(|| sampler.sample(&weights, conditions.view(), 0)[[0, 0]]));
            }
        });
    }
}

fn step(criterion: &mut Criterion) {
    let data = ImageSet::embedded_mnist().expect("the embedded data are whole");
    let (digits, tags) = (&data.train, Tags::new(1));
    let mut group = criterion.benchmark_group("step");
    let quick = RunConfig::resolve("quick", None, &[]).expect("a preset of the program's own").gan();
    run(&mut group, "quick", What::Step, &quick, digits);
    for (order, name) in [(Alternating, "alternating"), (Simultaneous, "simultaneous")] {
        let config = |net: Net| net.config(order, 0.5).expect("settings of the program's own");
        run(&mut group, &format!("mnist, {name}"), What::Step, &config(Net::Mnist), digits);
        run(
            &mut group,
            &format!("mnist, further layer, {name}"),
            What::Step,
            &config(Net::MnistHidden),
            digits,
        );
        run(&mut group, &format!("tags, {name}"), What::Step, &config(Net::Tags), &tags);
    }
    group.finish();
    let mut group = criterion.benchmark_group("samples");
    let config = |net: Net| net.config(Alternating, 0.5).expect("settings of the program's own");
    run(&mut group, "mnist", What::Samples, &config(Net::Mnist), digits);
    run(&mut group, "mnist, further layer", What::Samples, &config(Net::MnistHidden), digits);
    run(&mut group, "tags", What::Samples, &config(Net::Tags), &tags);
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    targets = step
}
criterion_main!(benches);
