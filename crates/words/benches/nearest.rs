//! Times the search of the image tagging: the 20 nearest of 250,000 words for the 100 samples of a picture.

use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use words::{Neighbours, Vectors};

fn nearest(c: &mut Criterion) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut matrix = |rows| Array2::from_shape_simple_fn((rows, 200), || random.random::<f32>() - 0.5);
    let (words, queries) = (matrix(250_000), matrix(100));
    let names = (0..words.nrows()).map(|i| format!("w{i}")).collect();
    let neighbours = Neighbours::new(&Vectors::new(names, words).expect("names and finite numbers"));
    let mut group = c.benchmark_group("nearest");
    group.sample_size(10);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        group.bench_function(format!("20 of 250,000 for 100 samples, {threads} threads"), |b| {
            b.iter(|| pool.install(|| neighbours.nearest(queries.view(), 20)));
        });
    }
    group.finish();
}

criterion_group!(benches, nearest);
criterion_main!(benches);
