//! A whole training step of the paper's nets; a forward pass, an update and sampling alone; at 1 and 2
//! threads.

#[path = "../examples/steps/nets.rs"]
mod nets;

use std::time::Duration;

use autograd::{Parameters, Stream, Tape};
use cgan::config::UpdateOrder::{Alternating, Simultaneous};
use cgan::optimizer::Time;
use cgan::{Discriminator, Examples, GanConfig, Generator, Trainer};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use data::images;
use experiments::config::RunConfig;
use kernels::parallel;
use ndarray::Array2;
use nets::{Net, Tags};

/// What is timed of a net.
#[derive(Clone, Copy, PartialEq)]
enum What {
    /// A step of training.
    Step,
    /// G and D on what it makes, as in training, forward alone.
    Forward,
    /// The optimiser's update of D.
    Update,
    /// A batch of samples: G without dropout, forward alone.
    Samples,
}

/// G and D on what it makes, on a tape of their own.
fn both_nets(config: &GanConfig, examples: &impl Examples<f32>) -> (Tape<f32>, Parameters<f32>) {
    let (mut tape, mut parameters) = (Tape::new(), Parameters::new());
    let (condition, batch) = (examples.condition(), config.updates.batch);
    let g = Generator::new(&mut parameters, &config.generator, condition, &examples.mean(), 1);
    let d = Discriminator::new(&mut parameters, &config.discriminator, condition, examples.size(), 1);
    let z = tape.input("z", (batch, config.generator.noise_width));
    config.generator.noise.fill(&Stream::new(1, "noise"), 0, tape.value_mut(z));
    let y = tape.input("y", (batch, condition.columns()));
    let mut record = || {
        let branch = g.record_condition(&mut tape, &parameters, y)?;
        let fake = g.record(&mut tape, &parameters, z, branch)?;
        let x = d.record_x(&mut tape, &parameters, fake, "fake")?;
        let branch = d.record_condition(&mut tape, &parameters, y)?;
        d.record(&mut tape, &parameters, x, branch, "fake")
    };
    record().expect("shapes that fit");
    (tape, parameters)
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
        let weights = trainer.ema_parameters();
        let conditions = Array2::zeros((batch, examples.condition().columns()));
        group.bench_function(BenchmarkId::new(name, format!("{threads} threads")), |bencher| match what {
            What::Step => bencher.iter(|| pool.install(|| trainer.step(examples)).expect("a finite step")),
            What::Forward => {
                let ((mut tape, parameters), mut draw) = (both_nets(config, examples), 0);
                bencher.iter(|| {
                    draw += 1;
                    pool.install(|| parallel::region(|| tape.forward(&parameters, .., draw)));
                });
            }
            What::Update => {
                let (_, mut parameters) = both_nets(config, examples);
                let (gradients, group) = (parameters.zeros_like(), parameters.group("discriminator."));
                let mut optimizer = config.optimizer.instance(group.range.len());
                let (weights, gradient) = (group.range.clone(), &gradients.values()[group.range.clone()]);
                let time = Time { updates: 0, epochs: 0.0 };
                bencher.iter(|| {
                    pool.install(|| {
                        optimizer.update(&mut parameters.values_mut()[weights.clone()], gradient, 0.1, time)
                    })
                });
            }
            What::Samples => {
                bencher.iter(|| pool.install(|| sampler.sample(&weights, conditions.view(), 0)[[0, 0]]));
            }
        });
    }
}

fn step(criterion: &mut Criterion) {
    let data = images::embedded_mnist().expect("the embedded data are whole");
    let (digits, tags) = (&data.train, Tags::new(1));
    let mut group = criterion.benchmark_group("step");
    let quick = RunConfig::resolve(None, "quick", None, &[]).expect("a preset of the program's own").gan;
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
    for (what, name) in [(What::Forward, "forward"), (What::Update, "update"), (What::Samples, "samples")] {
        let mut group = criterion.benchmark_group(name);
        let config = |net: Net| net.config(Alternating, 0.5).expect("settings of the program's own");
        run(&mut group, "mnist", what, &config(Net::Mnist), digits);
        run(&mut group, "mnist, further layer", what, &config(Net::MnistHidden), digits);
        run(&mut group, "tags", what, &config(Net::Tags), &tags);
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500));
    targets = step
}
criterion_main!(benches);
