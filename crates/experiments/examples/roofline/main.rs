//! Measures each pass of a training step beside what the machine can do at most, and draws both: a roofline (Williams,
//! Waterman and Patterson 2009).
//!
//! A pass of o operations that moves b bytes takes at least max(o / peak, b / bandwidth). In a picture of speed over
//! o / b, both logarithmic, these bounds are two straight lines: a rising one, the bandwidth, and above it a horizontal one, the peak.
//!
//!     cargo run --release -p experiments --example roofline -- --into docs && scripts/tables
//!
//! writes `docs/results/roofline.csv`, `docs/results/roofs.csv` and `docs/images/roofline.svg`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

#[path = "../steps/nets.rs"]
#[allow(dead_code)] // The nets that have no roofline.
mod nets;
mod passes;

use cgan::config::UpdateOrder;
use cgan::{GanConfig, Trainer};
use clap::Parser;
use data::images::{Images, embedded_mnist};
use experiments::failure::Failure;
use figures::{Chart, Label, Panel, Series};
use kernels::{Isa, parallel, peak_rate, read_rate};
use nets::Net;
use passes::{Kernel, Pass, Sizes};

/// Bytes of an array that lies in the second cache, and of one that lies in no cache.
const L2: usize = 512 << 10;
const MEMORY: usize = 256 << 20;

/// Draws a roofline of a step of the paper's net for digits, with alternating updates and one thread.
#[derive(Parser)]
struct Arguments {
    /// A folder: `results/roofline.csv`, `results/roofs.csv` and `images/roofline.svg` in it are written.
    #[arg(long, value_name = "DIR")]
    into: PathBuf,
    /// Rounds: each measures every pass, and the median counts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Seconds for which a pass is repeated in a round.
    #[arg(long, default_value_t = 0.1)]
    seconds: f64,
}

/// What the machine can do at most: operations and bytes, both in 10⁹ a second.
struct Roofs {
    peak: f64,
    /// Reading from the second cache; from an array as large as what a step uses again and again; and from memory.
    l2: f64,
    step: f64,
    memory: f64,
}

/// A pass as measured.
struct Measured<'a> {
    pass: &'a Pass,
    /// Seconds of one.
    seconds: f64,
}

impl Roofs {
    fn measure(sizes: Sizes) -> Self {
        let [l2, step, memory] = [L2, sizes.bytes(), MEMORY].map(read_rate);
        Self { peak: peak_rate(), l2, step, memory }
    }

    /// Seconds that a pass takes at least, and whether it is its operations that take them.
    fn bound(&self, pass: &Pass) -> (f64, bool) {
        let (operations, bytes) = (pass.operations / self.peak / 1e9, pass.bytes / self.step / 1e9);
        (operations.max(bytes), operations > bytes)
    }
}

impl Measured<'_> {
    fn intensity(&self) -> f64 {
        self.pass.operations / self.pass.bytes
    }

    /// 10⁹ operations a second.
    fn speed(&self) -> f64 {
        self.pass.operations / self.seconds / 1e9
    }
}

/// The digits that are trained on.
fn digits() -> Result<Images, Failure> {
    Ok(embedded_mnist()?.train)
}

/// Numbers in the parameters of both nets.
fn all_weights(config: &GanConfig, images: &Images) -> Result<usize, Failure> {
    Ok(Trainer::<f32>::new(config, images, 1)?.parameters().values().len())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Seconds of one call, the median of as many as fit in `seconds`, at least three.
fn time(seconds: f64, run: &mut dyn FnMut()) -> f64 {
    let (begin, mut each) = (Instant::now(), Vec::new());
    while each.len() < 3 || begin.elapsed().as_secs_f64() < seconds {
        let start = Instant::now();
        run();
        each.push(start.elapsed().as_secs_f64());
    }
    median(each)
}

/// Rows of a CSV file, the first of them its header.
fn write_csv(path: &Path, rows: Vec<Vec<String>>) -> Result<(), Failure> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).expect("writing to memory, rows of one length");
    }
    let bytes = writer.into_inner().expect("writing to memory");
    std::fs::write(path, bytes).map_err(|error| Failure::io(path, &error))
}

fn table(roofs: &Roofs, measured: &[Measured]) -> Vec<Vec<String>> {
    let header = "pass,kernel,times,mega_operations,megabytes,intensity,gflops,bound,bound_ms,ms,distance";
    let mut rows = vec![header.split(',').map(str::to_owned).collect::<Vec<_>>()];
    rows.extend(measured.iter().map(|measured| {
        let pass = measured.pass;
        let (least, by_operations) = roofs.bound(pass);
        let times = pass.times as f64;
        vec![
            pass.name.to_owned(),
            pass.kernel.name().to_owned(),
            pass.times.to_string(),
            format!("{:.2}", times * pass.operations / 1e6),
            format!("{:.2}", times * pass.bytes / 1e6),
            format!("{:.3}", measured.intensity()),
            format!("{:.2}", measured.speed()),
            (if by_operations { "operations" } else { "bandwidth" }).to_owned(),
            format!("{:.3}", times * least * 1e3),
            format!("{:.3}", times * measured.seconds * 1e3),
            format!("{:.2}", measured.seconds / least),
        ]
    }));
    rows
}

fn roofs_table(roofs: &Roofs, measured: &[Measured], step: f64) -> Vec<Vec<String>> {
    let counted = || measured.iter().filter(|measured| measured.pass.kernel != Kernel::PartOfSpmm);
    let sum = |of: &dyn Fn(&Measured) -> f64| -> f64 {
        counted().map(|measured| measured.pass.times as f64 * of(measured)).sum()
    };
    let numbers = [
        ("peak", roofs.peak),
        ("l2", roofs.l2),
        ("step", roofs.step),
        ("memory", roofs.memory),
        ("step_ms", 1e3 * step),
        ("passes_ms", 1e3 * sum(&|measured| measured.seconds)),
        ("bounds_ms", 1e3 * sum(&|measured| roofs.bound(measured.pass).0)),
        ("mega_operations", sum(&|measured| measured.pass.operations / 1e6)),
        ("megabytes", sum(&|measured| measured.pass.bytes / 1e6)),
    ];
    let mut rows = vec![vec!["name".to_owned(), "value".to_owned()]];
    rows.extend(numbers.map(|(name, value)| vec![name.to_owned(), format!("{value:.3}")]));
    rows.push(vec!["isa".to_owned(), isa_name().to_owned()]);
    rows
}

/// As the documents write it.
fn isa_name() -> &'static str {
    match Isa::best() {
        Isa::Avx512 => "AVX-512",
        Isa::Avx2 => "AVX2",
        Isa::Sse2 => "SSE2",
        Isa::Portable => "plain numbers",
    }
}

fn chart(roofs: &Roofs, measured: &[Measured]) -> Chart {
    let intensities = measured.iter().map(Measured::intensity);
    let (low, high) = intensities.fold((f64::INFINITY, 0.0f64), |(low, high), x| (low.min(x), high.max(x)));
    let (low, high) = (low / 1.6, high.max(roofs.peak / roofs.memory) * 1.6);
    let bandwidths = [(roofs.l2, "L2 cache"), (roofs.step, "data of a step"), (roofs.memory, "memory")];
    let bandwidth = |&(rate, name): &(f64, &str)| {
        Series::guide(format!("{name}: {rate:.0} GB/s"), [(low, rate * low), (roofs.peak / rate, roofs.peak)])
    };
    let mut series: Vec<Series> = bandwidths.iter().map(bandwidth).collect();
    let peak = format!("peak: {:.0} GFLOP/s", roofs.peak);
    series.push(Series::guide(peak, [(roofs.peak / roofs.l2, roofs.peak), (high, roofs.peak)]));
    let labels = measured
        .iter()
        .map(|measured| Label {
            at: (measured.intensity(), measured.speed()),
            text: measured.pass.name.to_owned(),
        })
        .collect();
    for kernel in [Kernel::Gemm, Kernel::Spmm, Kernel::Sddmm, Kernel::Map, Kernel::PartOfSpmm] {
        let of_kernel = measured.iter().filter(|measured| measured.pass.kernel == kernel);
        let points = of_kernel.map(|measured| (measured.intensity(), measured.speed()));
        series.push(Series::dots(kernel.name(), points));
    }
    let panel = Panel {
        axes: ("operations for each byte that a pass must move".to_owned(), "GFLOP/s".to_owned()),
        series,
        labels,
        logarithmic: true,
        size: Some((760.0, 500.0)),
        ..Panel::default()
    };
    Chart {
        title: "The passes of a training step under their roofs".to_owned(),
        panels: vec![panel],
        columns: 1,
        note: format!(
            "MNIST net of the paper, alternating updates, one thread, {}. Dashed: peak of the core, and bandwidths of reading.",
            isa_name()
        ),
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build_global()
        .map_err(|error| Failure::general(format!("one thread: {error}")))?;
    let config = Net::Mnist.config(UpdateOrder::Alternating, 0.5)?;
    let images = digits()?;
    let sizes = Sizes::of(&config, &images, all_weights(&config, &images)?);
    let mut all = passes::passes(&config, &images, sizes);
    let mut trainer = Trainer::<f32>::new(&config, &images, 1)?;
    let (mut seconds, mut steps) = (vec![Vec::new(); all.len()], Vec::new());
    let mut step = || trainer.step(&images).map(|_| ());
    step()?;
    for _ in 0..arguments.rounds {
        for (pass, seconds) in all.iter_mut().zip(&mut seconds) {
            seconds.push(parallel::region(|| time(arguments.seconds, &mut pass.run)));
        }
        let mut failed = Ok(());
        steps.push(time(3.0 * arguments.seconds, &mut || {
            if let Err(error) = step() {
                failed = Err(error);
            }
        }));
        failed?;
    }
    let roofs = Roofs::measure(sizes);
    let measured: Vec<Measured> =
        all.iter().zip(seconds).map(|(pass, seconds)| Measured { pass, seconds: median(seconds) }).collect();
    let (results, images) = (arguments.into.join("results"), arguments.into.join("images"));
    write_csv(&results.join("roofline.csv"), table(&roofs, &measured))?;
    write_csv(&results.join("roofs.csv"), roofs_table(&roofs, &measured, median(steps)))?;
    let path = images.join("roofline.svg");
    std::fs::write(&path, chart(&roofs, &measured).svg()).map_err(|error| Failure::io(&path, &error))
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("roofline: {failure}");
            ExitCode::from(failure.code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(operations: f64, bytes: f64) -> Pass {
        Pass { name: "p", kernel: Kernel::Gemm, times: 1, operations, bytes, run: Box::new(|| ()) }
    }

    const ROOFS: Roofs = Roofs { peak: 100.0, l2: 50.0, step: 20.0, memory: 10.0 };

    #[test]
    fn the_nearer_bound_is_the_longer_time() {
        // 10⁹ operations take 10 ms; 10⁸ bytes take 5 ms, and 10⁹ take 50.
        for (bytes, want) in [(1e8, (0.01, true)), (1e9, (0.05, false))] {
            assert_eq!(ROOFS.bound(&pass(1e9, bytes)), want);
        }
    }

    #[test]
    fn the_picture_has_every_pass_and_every_roof() {
        let all = [pass(1e9, 1e8), pass(1e6, 1e7)];
        let measured: Vec<Measured> = all.iter().map(|pass| Measured { pass, seconds: 0.02 }).collect();
        let svg = chart(&ROOFS, &measured).svg();
        for text in ["peak: 100 GFLOP/s", "L2 cache: 50 GB/s", "data of a step: 20 GB/s", "memory: 10 GB/s"] {
            assert!(svg.contains(text), "{text}");
        }
        assert_eq!(svg.matches(">p</text>").count(), 2);
        let row = &table(&ROOFS, &measured)[1];
        assert_eq!(row[5..], ["10.000", "50.00", "operations", "10.000", "20.000", "2.00"]);
    }
}
