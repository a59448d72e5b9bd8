//! The products of the paper's layers, on one thread: GFLOP/s as if nothing were skipped, and the share of the peak
//! that this core reached a moment before.

use std::hint::black_box;
use std::time::Instant;

use autograd::kernels::products::Products;
use autograd::kernels::{parallel, peak};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ndarray::Array2;

/// (what, batch, fan-in, out) of the layers of G and D, and of a tagging net's image branch.
const LAYERS: [(&str, usize, usize, usize); 5] = [
    ("G combined", 100, 1200, 1200),
    ("G output", 100, 1200, 784),
    ("D x", 100, 784, 1200),
    ("D joint", 100, 290, 960),
    ("tags image", 100, 4096, 2000),
];

/// Shares of live entries: all, a maxout of five pieces, and one of them with dropout or a ReLU with dropout.
const LIVE: [f64; 3] = [1.0, 0.25, 0.1];

/// Numbers of which about `live` are not zero.
fn numbers(rows: usize, columns: usize, live: f64) -> Array2<f32> {
    let mut state = 1u64;
    Array2::from_shape_simple_fn((rows, columns), || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let unit = (state >> 40) as f64 / (1u64 << 24) as f64;
        if unit < live { unit as f32 + 0.1 } else { 0.0 }
    })
}

fn products(criterion: &mut Criterion) {
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().expect("the first to ask for threads");
    let mut group = criterion.benchmark_group("products");
    for (what, batch, fan_in, out) in LAYERS {
        let operations = 2 * (batch * fan_in * out) as u64;
        group.throughput(Throughput::Elements(operations));
        let (w, wt) = (numbers(out, fan_in, 1.0), numbers(fan_in, out, 1.0));
        let [mut y, mut dx, mut dw] = [batch * out, batch * fan_in, out * fan_in].map(|size| vec![0.0; size]);
        for live in LIVE {
            let (x, dy) = (numbers(batch, fan_in, live), numbers(batch, out, live));
            let full = numbers(batch, out, 1.0);
            let mut run = |name: &str, product: &mut dyn FnMut()| {
                let name = format!("{name}, {live} live");
                group.bench_function(BenchmarkId::new(&name, what), |bencher| {
                    parallel::region(|| bencher.iter(&mut *product));
                });
                let (peak, reached) = parallel::region(|| (peak(), best(product, operations)));
                println!(
                    "    {name}, {what}: {reached:.0} GFLOP/s, {:.0} % of {peak:.0}",
                    100.0 * reached / peak
                );
            };
            run("x Wᵀ", &mut || f32::times_transposed(x.view(), w.view(), black_box(&mut y), false));
            run("x (Wᵀ)", &mut || f32::times(x.view(), wt.view(), black_box(&mut y), false));
            run("dy W", &mut || f32::times(dy.view(), w.view(), black_box(&mut dx), false));
            run("dyᵀ x", &mut || f32::transposed_times(dy.view(), x.view(), black_box(&mut dw), false));
            run("dy (Wᵀ)ᵀ where x is live", &mut || {
                f32::times_transposed_where(x.view(), full.view(), wt.view(), black_box(&mut dx), false)
            });
        }
    }
    group.finish();
}

/// GFLOP/s of the best of some runs.
fn best(product: &mut dyn FnMut(), operations: u64) -> f64 {
    let runs = (0..20).map(|_| {
        let start = Instant::now();
        product();
        start.elapsed().as_secs_f64()
    });
    operations as f64 / runs.fold(f64::INFINITY, f64::min) / 1e9
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_millis(600)).warm_up_time(std::time::Duration::from_millis(200));
    targets = products
}
criterion_main!(benches);
