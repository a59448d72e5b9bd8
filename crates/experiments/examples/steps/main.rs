//! Times the training step of the paper's nets and prints one line of JSON; or writes a trace of five steps.
//!
//! `scripts/peers/compare` runs it beside PyTorch and JAX, which check the trace and print the same line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

mod nets;
mod sizes;

use autograd::Stream;
use cgan::config::{Combined, DiscriminatorInit, GeneratorInit, UpdateOrder};
use cgan::{Examples, GanConfig, Metrics, Order, Trainer};
use clap::{Parser, ValueEnum};
use data::images;
use experiments::failure::Failure;
use files::{Tensor, tensors};
use kernels::Isa;
use layers::Init;
use ndarray::Array2;
use nets::{Net, Tags};
use serde_json::json;
use sizes::{Resized, Sizes};

/// Of every random number.
const SEED: u64 = 1;
/// Steps of a trace.
const TRACE_STEPS: u64 = 5;

/// Times the training step of the paper's nets: one line of JSON.
#[derive(Parser)]
struct Arguments {
    /// Which nets.
    #[arg(long, value_enum, default_value = "mnist")]
    net: Net,
    /// Steps that are timed.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// Steps before them.
    #[arg(long, default_value_t = 50)]
    warmup: u64,
    /// Threads.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    threads: u16,
    /// Who moves when.
    #[arg(long, value_enum, default_value = "alternating")]
    order: Who,
    #[command(flatten)]
    sizes: Sizes,
    /// Probability that a hidden unit is dropped.
    #[arg(long, default_value_t = 0.5)]
    dropout: f64,
    /// Write five steps without dropout to this file (weights, batches, noise, losses) and time nothing.
    #[arg(long, value_name = "FILE.safetensors")]
    trace: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Who {
    /// Both from one forward pass.
    Simultaneous,
    /// D, then G with fresh noise.
    Alternating,
}

impl Arguments {
    fn run(&self, examples: &impl Examples<f32>, started: Started) -> Result<(), Failure> {
        let order = match self.order {
            Who::Simultaneous => UpdateOrder::Simultaneous,
            Who::Alternating => UpdateOrder::Alternating,
        };
        let tracing = self.trace.is_some();
        let mut config = self.net.config(order, if tracing { 0.0 } else { self.dropout })?;
        self.sizes.apply(&mut config);
        if tracing {
            // The preset's weights leave D at 1/2 for hundreds of steps: any two traces would agree.
            let (g, d, init) = (&mut config.generator, &mut config.discriminator, Init::LecunUniform);
            g.init = GeneratorInit { z: init, y: Some(init), output: init, ..g.init };
            if let Combined::HiddenLayer { init: of_combined, .. } = &mut g.combined {
                *of_combined = init;
            }
            d.init = DiscriminatorInit { x: init, y: Some(init), joint: init, output: init };
        }
        let trainer = Trainer::new(&config, examples, SEED)?;
        match &self.trace {
            Some(path) => trace(path, trainer, &config, examples),
            None => self.time(trainer, examples, started),
        }
    }

    fn time(
        &self,
        mut trainer: Trainer<f32>,
        examples: &impl Examples<f32>,
        started: Started,
    ) -> Result<(), Failure> {
        let mut last = trainer.step(examples)?;
        let first_step = started.elapsed();
        for _ in 1..self.warmup {
            trainer.step(examples)?;
        }
        let mut seconds = Vec::with_capacity(self.steps as usize);
        let begin = Instant::now();
        let mut before = begin;
        for _ in 0..self.steps {
            last = trainer.step(examples)?;
            let now = Instant::now();
            seconds.push((now - before).as_secs_f64());
            before = now;
        }
        let all = before - begin;
        let side = self.sizes.side(self.net)?;
        println!("{}", self.line(side, first_step, all, seconds, last));
        Ok(())
    }

    fn line(
        &self,
        side: Option<usize>,
        first: Duration,
        all: Duration,
        mut seconds: Vec<f64>,
        last: Metrics,
    ) -> serde_json::Value {
        seconds.sort_by(f64::total_cmp);
        let quartile = |share: f64| seconds[(share * (seconds.len() - 1) as f64).round() as usize];
        let (batch, width) = self.sizes.numbers();
        let name =
            |value: Option<clap::builder::PossibleValue>| value.map(|value| value.get_name().to_owned());
        json!({
            "who": "ours",
            "net": name(self.net.to_possible_value()),
            "order": name(self.order.to_possible_value()),
            "threads": self.threads,
            "dropout": self.dropout,
            "batch": batch,
            "width": width,
            "image": side,
            "isa": format!("{:?}", Isa::best()),
            "versions": { "cgan": env!("CARGO_PKG_VERSION") },
            "steps": self.steps,
            "first_step_s": first.as_secs_f64(),
            "step_s": { "q1": quartile(0.25), "median": quartile(0.5), "q3": quartile(0.75) },
            "steps_per_s": self.steps as f64 / all.as_secs_f64(),
            "peak_mib": peak_mib(),
            "d_loss": last.d_loss,
            "g_loss": last.g_loss,
        })
    }
}

/// When the process started.
struct Started {
    /// Of the process when `main` began; 0 where it is not known.
    age: Duration,
    main: Instant,
}

impl Started {
    fn now() -> Self {
        Self { age: age().unwrap_or_default(), main: Instant::now() }
    }

    fn elapsed(&self) -> Duration {
        self.age + self.main.elapsed()
    }
}

/// How long ago Linux started this process, to a hundredth of a second: what the loader did counts, too.
fn age() -> Option<Duration> {
    const TICKS: f64 = 100.0;
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The 22nd field; the second may hold anything but ends with the last parenthesis.
    let start: f64 = stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()?;
    let uptime = fs::read_to_string("/proc/uptime").ok()?;
    let uptime: f64 = uptime.split_whitespace().next()?.parse().ok()?;
    Duration::try_from_secs_f64(uptime - start / TICKS).ok()
}

/// The most memory that this process has had resident.
fn peak_mib() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

/// Writes `initial/*`, all parameters; `x`, `y`, `z_discriminator` and `z_generator`, (step, batch, ..); and
/// `d_loss` and `g_loss`, (step).
fn trace(
    path: &Path,
    mut trainer: Trainer<f32>,
    config: &GanConfig,
    examples: &impl Examples<f32>,
) -> Result<(), Failure> {
    let parameters = trainer.parameters();
    let mut named: Vec<(String, Tensor)> = parameters
        .ids()
        .map(|id| {
            let (entry, rows) = (parameters.entry(id), parameters.rows(id).into_owned());
            (format!("initial/{}", entry.name), Tensor::f32(&entry.dims, rows))
        })
        .collect();

    // What the trainer draws, from the same streams.
    let batch = config.updates.batch;
    let (noise, width) = (Stream::new(SEED, "noise"), config.generator.noise_width);
    let mut order = Order::new(SEED, examples.len(), batch);
    let [mut x, mut y, mut z_d, mut z_g] = [const { Vec::new() }; 4];
    let [mut d_loss, mut g_loss] = [const { Vec::new() }; 2];
    for step in 0..TRACE_STEPS {
        let mut x_batch = Array2::zeros((batch, examples.width()));
        let mut y_batch = Array2::zeros((batch, examples.condition().columns()));
        examples.fill(step, order.batch(step), x_batch.view_mut(), y_batch.view_mut());
        x.extend(x_batch);
        y.extend(y_batch);
        let z_of = |draw| {
            let mut z = Array2::<f32>::zeros((batch, width));
            config.generator.noise.fill(&noise, draw, z.view_mut());
            z
        };
        z_d.extend(z_of(2 * step));
        // Simultaneous updates use one draw for both.
        let alternating = config.updates.order == UpdateOrder::Alternating;
        z_g.extend(z_of(2 * step + u64::from(alternating)));
        let metrics = trainer.step(examples)?;
        d_loss.push(metrics.d_loss);
        g_loss.push(metrics.g_loss);
    }
    for (name, values) in [("x", x), ("y", y), ("z_discriminator", z_d), ("z_generator", z_g)] {
        let steps = TRACE_STEPS as usize;
        let shape = [steps, batch, values.len() / (steps * batch)];
        named.push((name.to_owned(), Tensor::f32(&shape, values)));
    }
    for (name, losses) in [("d_loss", d_loss), ("g_loss", g_loss)] {
        named.push((name.to_owned(), Tensor::f64(&[losses.len()], losses)));
    }

    tensors::write(path, named, None)
        .map_err(|error| Failure::general(format!("{}: {error}", path.display())))
}

fn run(arguments: &Arguments, started: Started) -> Result<(), Failure> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(usize::from(arguments.threads))
        .build_global()
        .map_err(|error| Failure::general(format!("--threads {}: {error}", arguments.threads)))?;
    let Some(side) = arguments.sizes.side(arguments.net)? else {
        return arguments.run(&Tags::new(SEED), started);
    };
    let digits = images::embedded_mnist()?.train;
    if side == digits.height {
        arguments.run(&digits, started)
    } else {
        arguments.run(&Resized::new(digits, side), started)
    }
}

fn main() -> ExitCode {
    let started = Started::now();
    match run(&Arguments::parse(), started) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("steps: {failure}");
            ExitCode::from(failure.code)
        }
    }
}
