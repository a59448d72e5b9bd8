//! What a lock-free skip-gram in safe Rust would cost: threads that change the same rows without waiting for
//! each other need atomic numbers, which no compiler makes vectors of. A place of a text, with six words
//! around it and five drawn at random, reads and changes 12 rows of 200 numbers:
//!
//! - `plain`: rows read where they lie, changes added to them. One thread alone may do so.
//! - `atomic`: rows copied number by number, the same arithmetic, changes added number by number, relaxed.
//!   Any number of
//!   threads may.

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use autograd::Stream;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kernels::word_vectors::skipgram_window;
use rand::Rng;

const WORDS: usize = 20_000;
const WIDTH: usize = 200;
const INPUTS: usize = 6;
const ROWS: usize = 12;
/// Places that a thread works on.
const PLACES: usize = 2_000;
const RATE: f32 = 0.025;

/// The rows of each place, the frequent ones more often.
fn places(part: u64) -> Vec<[usize; ROWS]> {
    let mut random = Stream::new(1, "races").at(0, part);
    let mut word = || (WORDS as f64 * random.random::<f64>().powi(3)) as usize;
    (0..PLACES).map(|_| std::array::from_fn(|_| word())).collect()
}

fn plain(table: &mut [f32], places: &[[usize; ROWS]]) -> f64 {
    let (mut changes, mut pulls, mut loss) = (vec![0.0; ROWS * WIDTH], Vec::new(), 0.0);
    for rows in places {
        let read = rows.map(|row| &table[row * WIDTH..][..WIDTH]);
        loss += skipgram_window(RATE, &read[..INPUTS], &read[INPUTS..], &mut changes, &mut pulls);
        for (row, changes) in rows.iter().zip(changes.chunks(WIDTH)) {
            table[row * WIDTH..][..WIDTH].iter_mut().zip(changes).for_each(|(w, change)| *w += change);
        }
    }
    loss
}

fn atomic(table: &[AtomicU32], places: &[[usize; ROWS]]) -> f64 {
    let (mut changes, mut pulls, mut loss) = (vec![0.0; ROWS * WIDTH], Vec::new(), 0.0);
    let mut copies = vec![0.0; ROWS * WIDTH];
    for rows in places {
        for (row, copy) in rows.iter().zip(copies.chunks_mut(WIDTH)) {
            let row = &table[row * WIDTH..][..WIDTH];
            copy.iter_mut().zip(row).for_each(|(copy, w)| *copy = f32::from_bits(w.load(Relaxed)));
        }
        let read: [&[f32]; ROWS] = std::array::from_fn(|row| &copies[row * WIDTH..][..WIDTH]);
        loss += skipgram_window(RATE, &read[..INPUTS], &read[INPUTS..], &mut changes, &mut pulls);
        for (row, changes) in rows.iter().zip(changes.chunks(WIDTH)) {
            for (w, change) in table[row * WIDTH..][..WIDTH].iter().zip(changes) {
                w.store((f32::from_bits(w.load(Relaxed)) + change).to_bits(), Relaxed);
            }
        }
    }
    loss
}

fn races(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("places");
    let start: Vec<f32> = (0..WORDS * WIDTH).map(|i| ((i * 37 % 101) as f32 - 50.0) / 5e4).collect();
    let places = [places(0), places(1)];
    let mut table = start.clone();
    group.throughput(Throughput::Elements(PLACES as u64));
    group.bench_function("plain, 1 thread", |bencher| bencher.iter(|| plain(&mut table, &places[0])));
    let table: Vec<AtomicU32> = start.iter().map(|w| AtomicU32::new(w.to_bits())).collect();
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        group.throughput(Throughput::Elements((threads * PLACES) as u64));
        group.bench_function(format!("atomic, {threads} threads"), |bencher| {
            bencher.iter(|| {
                pool.install(|| {
                    rayon::join(
                        || atomic(&table, &places[0]),
                        || if threads == 2 { atomic(&table, &places[1]) } else { 0.0 },
                    )
                })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, races);
criterion_main!(benches);
