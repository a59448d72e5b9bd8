//! The products of the paper's layers; Gelem/s are GFLOP/s.

use std::hint::black_box;

use autograd::kernels::gemm::Products;
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

fn numbers(rows: usize, columns: usize) -> Array2<f32> {
    Array2::from_shape_fn((rows, columns), |(i, j)| ((i * 31 + j * 17) % 23) as f32 / 11.0 - 0.95)
}

/// One entry of five is kept, as maxout of five pieces does.
fn sparse(rows: usize, columns: usize) -> Array2<f32> {
    let units = columns / 5;
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        let live = (i * 7 + (j % units.max(1)) * 13) % 5 == j / units.max(1);
        if live { 0.5 + (i + j) as f32 / 1e4 } else { 0.0 }
    })
}

fn products(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("products");
    for (what, batch, fan_in, out) in LAYERS {
        group.throughput(Throughput::Elements(2 * (batch * fan_in * out) as u64));
        let (x, w) = (numbers(batch, fan_in), numbers(out, fan_in));
        let mut y = vec![0.0; batch * out];
        group.bench_function(BenchmarkId::new("forward", what), |bencher| {
            bencher.iter(|| f32::forward(x.view(), w.view(), black_box(&mut y), false));
        });
        for (density, dy) in [("dense", numbers(batch, out)), ("one in five", sparse(batch, out))] {
            let mut dx = vec![0.0; batch * fan_in];
            group.bench_function(BenchmarkId::new(format!("input gradient, {density}"), what), |bencher| {
                bencher.iter(|| f32::input_gradient(dy.view(), w.view(), black_box(&mut dx), false));
            });
            let mut dw = vec![0.0; out * fan_in];
            group.bench_function(BenchmarkId::new(format!("weight gradient, {density}"), what), |bencher| {
                bencher.iter(|| f32::weight_gradient(dy.view(), x.view(), black_box(&mut dw), false));
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(20).measurement_time(std::time::Duration::from_millis(600)).warm_up_time(std::time::Duration::from_millis(200));
    targets = products
}
criterion_main!(benches);
