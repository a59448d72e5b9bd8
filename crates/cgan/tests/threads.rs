//! The same seed gives the same bits, whatever the number of threads, whether a run is interrupted or not.

mod common;

use cgan::Trainer;
use cgan::optimizers::OptimizerConfig;
use common::{DIGITS, WORDS, Waves, augmented, config, words_config};
use ndarray::Array2;

fn start(kind: &str) -> Trainer<f32> {
    Trainer::new(&augmented(config("alternating", kind, "hidden_layer")), &DIGITS, 7)
        .expect("a valid configuration")
}

fn steps(trainer: &mut Trainer<f32>, examples: &Waves, count: usize) {
    for _ in 0..count {
        trainer.step(examples).expect("finite losses");
    }
}

/// Every buffer of the state, by name, in bits.
fn bits(trainer: &Trainer<f32>) -> Vec<(String, Vec<u32>)> {
    let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect();
    trainer.state().into_iter().map(|(name, buffer)| (name, bits(buffer))).collect()
}

/// Not `assert_eq!`, which would print millions of numbers.
fn assert_same(got: &[(String, Vec<u32>)], want: &[(String, Vec<u32>)], what: &str) {
    assert_eq!(got.len(), want.len(), "{what}");
    for ((name, got), (_, want)) in got.iter().zip(want) {
        let different = got.iter().zip(want).filter(|(got, want)| got != want).count();
        assert!(got.len() == want.len() && different == 0, "{what}: {different} entries of {name} differ");
    }
}

fn with_threads<R: Send>(threads: usize, run: impl FnOnce() -> R + Send) -> R {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a thread pool").install(run)
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for (name, config, examples) in [
        ("alternating", augmented(config("alternating", "sgd", "hidden_layer")), DIGITS),
        ("simultaneous", augmented(config("simultaneous", "adam", "concatenation")), DIGITS),
        ("words", words_config("simultaneous", "adam"), WORDS),
    ] {
        let run = || {
            let mut trainer = Trainer::new(&config, &examples, 7).expect("a valid configuration");
            steps(&mut trainer, &examples, 3);
            bits(&trainer)
        };
        let alone = with_threads(1, run);
        for threads in [2, 3, 4, 8] {
            assert_same(&with_threads(threads, run), &alone, &format!("{name}, {threads} threads"));
        }
    }
}

#[test]
fn a_run_restored_half_way_goes_on_to_the_same_bits() {
    for kind in OptimizerConfig::NAMES {
        let mut whole = start(kind);
        // Two batches fill an epoch: the second half starts within one and ends in the next.
        steps(&mut whole, &DIGITS, 3);
        let saved: Vec<_> = whole.state().into_iter().map(|(name, buffer)| (name, buffer.to_vec())).collect();
        steps(&mut whole, &DIGITS, 3);

        let restored = with_threads(3, || {
            let mut trainer = start(kind);
            trainer
                .restore(3, |name, buffer| {
                    let (_, values) =
                        saved.iter().find(|(saved, _)| *saved == name).ok_or(name.to_owned())?;
                    buffer.copy_from_slice(values);
                    Ok::<_, String>(())
                })
                .expect("every buffer was saved");
            steps(&mut trainer, &DIGITS, 3);
            bits(&trainer)
        });
        assert_same(&restored, &bits(&whole), kind);
    }
}

#[test]
fn a_sample_does_not_depend_on_what_was_drawn_before() {
    let trainer =
        Trainer::new(&words_config("simultaneous", "adam"), &WORDS, 7).expect("a valid configuration");
    let mut sampler = trainer.sampler(40).expect("a net that samples");
    let few = Array2::from_shape_fn((3, 512), |(i, j)| if (i + j) % 90 == 0 { 0.7 } else { 0.0 });
    let mut draw =
        |rows: &Array2<f32>| sampler.sample(trainer.parameters(), rows.view(), 1).mapv(f32::to_bits);
    let first = draw(&few);
    draw(&Array2::ones((40, 512)));
    assert!(draw(&few) == first, "rows that another batch left in the place of missing ones");
}
