//! Times the search of the image tagging: the 20 nearest of 250,000 words for the 100 samples of a picture.

use autograd::Stream;
use criterion::{Criterion, criterion_group, criterion_main};
use ndarray::Array2;
use rand::Rng;
use words::{Neighbours, Vectors};

fn nearest(c: &mut Criterion) {
    let mut random = Stream::new(1, "bench").at(0, 0);
    let mut matrix = |rows| Array2::from_shape_simple_fn((rows, 200), || random.random::<f32>() - 0.5);
    let (words, far) = (matrix(250_000), matrix(100));
    // As far from their mean as the samples of tags-best, for its lengths.
    let near = &far * 0.07 + words.row(7);
    let names = (0..words.nrows()).map(|i| format!("w{i}")).collect();
    let neighbours = Neighbours::new(&Vectors::new(names, words).expect("names and finite numbers"));
    let mut group = c.benchmark_group("nearest");
    group.sample_size(10);
    for (queries, lie) in [(far, "anywhere"), (near, "near one another")] {
        for threads in [1, 2] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
            group.bench_function(format!("20 of 250,000 for 100 samples {lie}, {threads} threads"), |b| {
                b.iter(|| pool.install(|| neighbours.nearest(queries.view(), 20)));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, nearest);
criterion_main!(benches);
