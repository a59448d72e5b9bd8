//! The products of the paper's layers on one thread: GFLOP/s, without the multiplications that are skipped, and their
//! share of the peak rate of this core, measured just before.

use std::hint::black_box;
use std::time::Instant;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use kernels::exp::exp_of_negative;
use kernels::maxout::{MaxoutProducts, Winners, best_piece};
use kernels::{Buffer, Operand, Products, masks, parallel, peak_rate};
use ndarray::ArrayView2;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// (what, batch, fan-in, out) of the layers of G and D, and of a tagging net's image branch.
const LAYERS: [(&str, usize, usize, usize); 5] = [
    ("G combined", 100, 1200, 1200),
    ("G output", 100, 1200, 784),
    ("D x", 100, 784, 1200),
    ("D joint", 100, 290, 960),
    ("tags image", 100, 4096, 2000),
];

/// Shares of non-zero entries: all; after a ReLU; after one with dropout; and after a maxout of five pieces with dropout.
const NON_ZERO: [f64; 4] = [1.0, 0.5, 0.25, 0.1];

type Group<'a> = BenchmarkGroup<'a, WallTime>;

/// Times `product`, which has `operations` multiplications and additions, and prints its share of the peak rate.
fn time(group: &mut Group, name: &str, layer: &str, operations: f64, product: &mut dyn FnMut()) {
    group.throughput(Throughput::Elements(operations as u64));
    group.bench_function(BenchmarkId::new(name, layer), |bencher| {
        parallel::region(|| bencher.iter(&mut *product));
    });
    let (peak, reached) = parallel::region(|| (peak_rate(), operations / best(product) / 1e9));
    println!("    {name}, {layer}: {reached:.0} GFLOP/s, {:.0} % of {peak:.0}", 100.0 * reached / peak);
}

fn products(criterion: &mut Criterion) {
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().expect("the first to ask for threads");
    let mut group = criterion.benchmark_group("products");
    for (what, batch, fan_in, out) in LAYERS {
        let (w, wt) = (Operand::random(out, fan_in, 1.0), Operand::random(fan_in, out, 1.0));
        let [mut y, mut dx, mut dw] = [batch * out, batch * fan_in, out * fan_in].map(Buffer::zeros);
        for non_zero in NON_ZERO {
            let (x, dy) = (Operand::random(batch, fan_in, non_zero), Operand::random(batch, out, non_zero));
            let full = Operand::random(batch, out, 1.0);
            let operations = non_zero * (2 * batch * fan_in * out) as f64;
            let mut run = |name: &str, product: &mut dyn FnMut()| {
                time(&mut group, &format!("{name}, {non_zero} non-zero"), what, operations, product);
            };
            run("x Wᵀ", &mut || f32::times_transposed(x.view(), w.view(), black_box(&mut y), false));
            run("x (Wᵀ)", &mut || f32::times(x.view(), wt.view(), black_box(&mut y), false));
            run("dy W", &mut || f32::times(dy.view(), w.view(), black_box(&mut dx), false));
            run("dyᵀ x", &mut || f32::transposed_times(dy.view(), x.view(), black_box(&mut dw), false));
            run("dy (Wᵀ)ᵀ where x is not zero", &mut || {
                f32::times_transposed_sampled(x.view(), full.view(), wt.view(), black_box(&mut dx), false)
            });
        }
    }
    group.finish();
}

/// (what, batch, fan-in, units, pieces) of the maxout layers.
const MAXOUTS: [(&str, usize, usize, usize, usize); 3] =
    [("D x", 100, 784, 240, 5), ("D joint", 100, 290, 240, 4), ("tags joint", 100, 1700, 1000, 3)];

/// The forward and backward pass of a maxout layer with dropout.
fn maxout(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("maxout with dropout");
    for (what, batch, fan_in, units, count) in MAXOUTS {
        let (x, w) = (Operand::random(batch, fan_in, 1.0), Operand::random(count * units, fan_in, 1.0));
        let bias = vec![0.1; count * units];
        let mut mask = Buffer::<f32>::zeros(batch * units);
        masks::draw(&mut ChaCha8Rng::seed_from_u64(1), 0.5, &mut mask);
        let kept = mask.iter().filter(|mask| **mask != 0.0).count() as f64;
        let (mut y, mut winners) = (Buffer::zeros(batch * units), vec![0; batch * units]);
        time(
            &mut group,
            "the best piece of x Wᵀ + b where kept",
            what,
            2.0 * kept * (count * fan_in) as f64,
            &mut || {
                f32::by_pieces(
                    x.view(),
                    w.view(),
                    count,
                    Some(&mask),
                    &mut y,
                    &mut winners,
                    |_, range, block, y, noted| {
                        best_piece(block, &bias[range.start..], units, y, noted);
                    },
                );
            },
        );
        let dy = ArrayView2::from_shape((batch, units), &mask).expect("a mask a unit");
        let r = Winners { values: dy, winners: &winners, pieces: count };
        let operations = 2.0 * kept * fan_in as f64;
        let [mut dx, mut dw] = [batch * fan_in, count * units * fan_in].map(Buffer::zeros);
        time(&mut group, "dy to x", what, operations, &mut || {
            f32::winners_times(r, w.view(), black_box(&mut dx), false);
        });
        time(&mut group, "dy to W", what, operations, &mut || {
            f32::winners_transposed_times(r, x.view(), black_box(&mut dw), false);
        });
    }
    group.finish();
}

/// Element-wise work: the time per entry shows how near it is to the bandwidth of memory.
fn by_entries(criterion: &mut Criterion) {
    const ENTRIES: usize = 940_800; // D's weights on images
    let mut group = criterion.benchmark_group("entries");
    group.throughput(Throughput::Elements(ENTRIES as u64));
    let [mut w, mut v, g] = [0.1f32; 3].map(|x| vec![x; ENTRIES]);
    let mut stream = ChaCha8Rng::seed_from_u64(1);
    group
        .bench_function("masks", |bencher| bencher.iter(|| masks::draw(&mut stream, 0.5, black_box(&mut w))));
    group.bench_function("e^x", |bencher| {
        bencher.iter(|| {
            parallel::parts([&mut v], |start, [v]| {
                v.iter_mut().zip(&g[start..]).for_each(|(v, g)| *v = exp_of_negative(-*g));
            });
        });
    });
    group.finish();
}

/// Seconds of the best of some runs.
fn best(product: &mut dyn FnMut()) -> f64 {
    let runs = (0..20).map(|_| {
        let start = Instant::now();
        product();
        start.elapsed().as_secs_f64()
    });
    runs.fold(f64::INFINITY, f64::min)
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_millis(600)).warm_up_time(std::time::Duration::from_millis(200));
    targets = products, maxout, by_entries
}
criterion_main!(benches);
