//! Random numbers and matrices for tests.

use ndarray::{Array2, ArrayView2};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::fenced::{Edge, Fenced};

/// A generator of random numbers.
pub(crate) fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Sizes that fill tiles and blocks, sizes that do not, and sometimes one that is longer than any block.
pub(crate) fn size(random: &mut impl Rng) -> usize {
    match random.random_range(0..20) {
        0..8 => random.random_range(0..10),
        8..17 => random.random_range(10..150),
        _ => [1, 13, 97, 256, 257, 641, 1301][random.random_range(0..7)],
    }
}

/// A share of non-zero entries.
pub(crate) fn share(random: &mut impl Rng) -> f64 {
    [0.0, 0.03, 0.12, 0.25, 0.5, 1.0][random.random_range(0..6)]
}

/// A matrix of which about `share` of the entries are not zero.
pub(crate) fn numbers(random: &mut impl Rng, (rows, columns): (usize, usize), share: f64) -> Array2<f64> {
    Array2::from_shape_simple_fn((rows, columns), || {
        let value = f64::from(random.random_range(-1.0f32..1.0));
        if random.random_bool(share) { value } else { 0.0 }
    })
}

/// Sizes and shares of a random product, for the message of a failed test.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) m: usize,
    pub(crate) k: usize,
    pub(crate) n: usize,
    /// The share of non-zero entries of the first factor.
    pub(crate) non_zero: f64,
    /// The share of sampled entries of the product.
    pub(crate) sampled: f64,
    pub(crate) accumulate: bool,
}

/// The entries of c before a product.
pub(crate) const BEFORE: f32 = 1.0;

/// Runs `product` on a c that ends where memory ends, and on one that begins where it begins.
pub(crate) fn run(size: usize, what: &str, mut product: impl FnMut(&mut [f32])) -> Vec<f64> {
    let [mut last, mut first] = [Edge::End, Edge::Start].map(|edge| Fenced::new(&vec![BEFORE; size], edge));
    product(&mut last);
    product(&mut first);
    assert_eq!(*last, *first, "{what}: where c lies matters");
    last.iter().map(|&value| f64::from(value)).collect()
}

/// Sums of k terms of size at most 1, in single precision.
pub(crate) fn compare(
    got: &[f64],
    want: &Array2<f64>,
    case: &Case,
    sampled: Option<&Array2<f64>>,
    what: &str,
) {
    let tolerance = 4e-7 * (1.0 + case.k as f64).sqrt() * (4.0 + (case.k as f64).sqrt());
    let start = if case.accumulate { f64::from(BEFORE) } else { 0.0 };
    for (index, (got, want)) in got.iter().zip(want).enumerate() {
        // An entry that is not sampled may be computed or not.
        let left_out =
            sampled.is_some_and(|sampled| sampled.as_slice().unwrap()[index] == 0.0) && *got == start;
        let off = (got - start - want).abs();
        assert!(left_out || off <= tolerance, "{what}, entry {index}: {got}, not {want}: {case:?}");
    }
}

/// Fenced values as a matrix.
pub(crate) fn view<'a>(shape: (usize, usize), values: &'a Fenced<f32>) -> ArrayView2<'a, f32> {
    ArrayView2::from_shape(shape, values).expect("as many values")
}
