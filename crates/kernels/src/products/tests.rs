//! Every product against naive loops, on every instruction set, between pages that must not be touched.

use super::super::fenced::{Edge, Fenced};
use super::*;
use crate::test_support::Stream;
use ndarray::Array2;
use rand::Rng;

/// One random case: shapes, shares of live entries, and whether to add.
#[derive(Debug)]
struct Case {
    m: usize,
    k: usize,
    n: usize,
    live: f64,
    asked: f64,
    accumulate: bool,
}

/// Sizes that fill tiles and blocks and sizes that do not; now and then one that is longer than any block.
fn size(random: &mut impl Rng) -> usize {
    match random.random_range(0..20) {
        0..8 => random.random_range(0..10),
        8..17 => random.random_range(10..150),
        _ => [1, 13, 97, 256, 257, 641, 1301][random.random_range(0..7)],
    }
}

fn share(random: &mut impl Rng) -> f64 {
    [0.0, 0.03, 0.12, 0.25, 0.5, 1.0][random.random_range(0..6)]
}

fn numbers(random: &mut impl Rng, (rows, columns): (usize, usize), live: f64) -> Array2<f64> {
    Array2::from_shape_simple_fn((rows, columns), || {
        let value = f64::from(random.random_range(-1.0f32..1.0));
        if random.random_bool(live) { value } else { 0.0 }
    })
}

/// c = a b by three loops.
fn naive(a: ArrayView2<f64>, b: ArrayView2<f64>) -> Array2<f64> {
    Array2::from_shape_fn((a.nrows(), b.ncols()), |(i, j)| {
        (0..a.ncols()).map(|l| a[[i, l]] * b[[l, j]]).sum::<f64>()
    })
}

/// What stands in c before a product.
const BEFORE: f32 = 1.0;

/// Runs `product` on a c that ends where memory ends, and on one that begins where it begins.
fn run(size: usize, what: &str, mut product: impl FnMut(&mut [f32])) -> Vec<f64> {
    let [mut last, mut first] = [Edge::End, Edge::Start].map(|edge| Fenced::new(&vec![BEFORE; size], edge));
    product(&mut last);
    product(&mut first);
    assert_eq!(*last, *first, "{what}: where c lies matters");
    last.iter().map(|&value| f64::from(value)).collect()
}

/// Sums of k terms of size at most 1, in single precision.
fn compare(got: &[f64], want: &Array2<f64>, case: &Case, asked: Option<&Array2<f64>>, what: &str) {
    let tolerance = 4e-7 * (1.0 + case.k as f64).sqrt() * (4.0 + (case.k as f64).sqrt());
    let start = if case.accumulate { f64::from(BEFORE) } else { 0.0 };
    for (index, (got, want)) in got.iter().zip(want).enumerate() {
        // What is not asked for may be there, or not.
        let left_out = asked.is_some_and(|asked| asked.as_slice().unwrap()[index] == 0.0) && *got == start;
        let off = (got - start - want).abs();
        assert!(left_out || off <= tolerance, "{what}, entry {index}: {got}, not {want}: {case:?}");
    }
}

#[test]
fn the_products_equal_naive_loops() {
    let mut random = Stream::new(1, "products").at(0, 0);
    for _ in 0..400 {
        let mut size = || size(&mut random);
        let (m, k, n) = (size(), size(), size());
        let (live, asked) = (share(&mut random), share(&mut random));
        let case = Case { m, k, n, live, asked, accumulate: random.random_bool(0.5) };
        check(&case, &mut random);
    }
    // Longer than the lists and the buffers ever are in training.
    for (m, k, n) in [(2, 50_000, 3), (50_000, 2, 3), (3, 2, 50_000)] {
        let case = Case { m, k, n, live: 0.1, asked: 0.1, accumulate: false };
        check(&case, &mut random);
    }
}

fn check(case: &Case, random: &mut impl Rng) {
    let &Case { m, k, n, live, asked, accumulate } = case;
    let (a, b) = (numbers(random, (m, k), live), numbers(random, (k, n), 1.0));
    let asked = numbers(random, (m, n), asked);
    let (at, bt) = (a.t().as_standard_layout().into_owned(), b.t().as_standard_layout().into_owned());
    let c = naive(a.view(), b.view());

    let mut doubles = [(); 4].map(|()| vec![1.0; m * n]);
    f64::times(a.view(), b.view(), &mut doubles[0], accumulate);
    f64::times_transposed(a.view(), bt.view(), &mut doubles[1], accumulate);
    f64::transposed_times(at.view(), b.view(), &mut doubles[2], accumulate);
    f64::times_transposed_where(asked.view(), a.view(), bt.view(), &mut doubles[3], accumulate);
    for (number, got) in doubles.iter().enumerate() {
        compare(got, &c, case, (number == 3).then_some(&asked), "f64");
    }

    let edge = if random.random_bool(0.5) { Edge::Start } else { Edge::End };
    let fenced = [&a, &b, &at, &bt, &asked].map(|matrix| Fenced::matrix(matrix, edge));
    let [a, b, at, bt, live] = fenced.each_ref().map(|(shape, values)| view(*shape, values));
    for isa in Isa::available() {
        let size = m * n;
        let what = format!("a b, {isa:?}");
        let got = run(size, &what, |c| times(isa, a, b, c, accumulate));
        compare(&got, &c, case, None, &what);
        let what = format!("a bᵀ, {isa:?}");
        let got = run(size, &what, |c| times_transposed(isa, None, a, bt, c, accumulate));
        compare(&got, &c, case, None, &what);
        let what = format!("aᵀ b, {isa:?}");
        let got = run(size, &what, |c| transposed_times(isa, at, b, c, accumulate));
        compare(&got, &c, case, None, &what);
        let what = format!("a bᵀ where asked, {isa:?}");
        let asked_for = Some(live);
        let got = run(size, &what, |c| times_transposed(isa, asked_for, a, bt, c, accumulate));
        compare(&got, &c, case, Some(&asked), &what);
    }
}

/// Rows by pieces, and products with what is routed to the winners among them, against the plain products of
/// matrices that are written out.
#[test]
fn pieces_equal_the_products_written_out() {
    let mut random = Stream::new(2, "products").at(0, 0);
    for _ in 0..200 {
        let (m, k, units) = (size(&mut random), size(&mut random), size(&mut random) % 130);
        let pieces = [1, 2, 3, 5, 7][random.random_range(0..5)];
        let (live, accumulate) = (share(&mut random), random.random_bool(0.5));
        let case = Case { m, k: k.max(pieces * units), n: 0, live, asked: 1.0, accumulate };
        let (x, w) = (numbers(&mut random, (m, k), live), numbers(&mut random, (pieces * units, k), 1.0));
        let values = numbers(&mut random, (m, units), live);
        let winners: Vec<u8> = (0..m * units).map(|_| random.random_range(0..pieces as u8)).collect();
        let written = Routed { values: values.view(), winners: &winners, pieces }.written_out();
        let products = naive(x.view(), w.t());
        let dx = naive(written.view(), w.view());
        let dw = naive(written.t(), x.view());
        // With one unit, or one piece, the pieces cannot be told from the units.
        let sum = Array2::from_shape_fn((m, units), |(i, j)| {
            (0..pieces).map(|p| (p + 1) as f64 * products[[i, p * units + j]]).sum::<f64>() / pieces as f64
        });
        let start = Case { accumulate: false, ..case };

        let mut got = [vec![0.0; m * units], vec![1.0; m * k], vec![1.0; pieces * units * k]];
        f64::by_pieces(x.view(), w.view(), pieces, None, &mut got[0], &mut [], |_, units, block, y, _| {
            for (j, y) in y.iter_mut().enumerate() {
                let sum: f64 = (0..pieces).map(|p| (p + 1) as f64 * block[p * units.len() + j]).sum();
                *y = sum / pieces as f64;
            }
        });
        let r = Routed { values: values.view(), winners: &winners, pieces };
        f64::routed_times(r, w.view(), &mut got[1], accumulate);
        f64::routed_transposed_times(r, x.view(), &mut got[2], accumulate);
        compare(&got[0], &sum, &start, None, "pieces, f64");
        compare(&got[1], &dx, &case, None, "r w, f64");
        compare(&got[2], &dw, &case, None, "rᵀ x, f64");

        let edge = if random.random_bool(0.5) { Edge::Start } else { Edge::End };
        let fenced = [&x, &w, &values].map(|matrix| Fenced::matrix(matrix, edge));
        let [x, w, values] = fenced.each_ref().map(|(shape, values)| view(*shape, values));
        let winners = Fenced::new(&winners, edge);
        let r = Routed { values, winners: &winners, pieces };
        let asked = share(&mut random);
        let asked = numbers(&mut random, (m, units), asked);
        let (shape, fenced_asked) = Fenced::matrix(&asked, edge);
        let asked_for = view(shape, &fenced_asked);
        for (isa, asked_for) in
            Isa::available().into_iter().flat_map(|isa| [(isa, None), (isa, Some(contiguous(&asked_for)))])
        {
            let mut notes = Fenced::new(&vec![0; m * units], edge);
            let what = format!("pieces, {isa:?}, asked: {}", asked_for.is_some());
            let got = run(m * units, &what, |y| {
                by_pieces(isa, x, w, pieces, asked_for, y, &mut notes, |row, units, block, y, notes| {
                    for (j, (y, note)) in y.iter_mut().zip(notes).enumerate() {
                        let sum: f32 = (0..pieces).map(|p| (p + 1) as f32 * block[p * units.len() + j]).sum();
                        *y = sum / pieces as f32;
                        *note = (row + units.start + j) as u8;
                    }
                });
            });
            compare(&got, &sum, &start, asked_for.map(|_| &asked), &what);
            let noted = |(i, note): (usize, &u8)| usize::from(*note) == (i / units + i % units) % 256;
            assert!(notes.iter().enumerate().all(noted), "{what}: {start:?}");
            let what = format!("r w, {isa:?}");
            let got = run(m * k, &what, |dx| {
                routed_times(isa, r, w, dx, accumulate);
            });
            compare(&got, &dx, &case, None, &what);
            let what = format!("rᵀ x, {isa:?}");
            let got = run(pieces * units * k, &what, |dw| {
                routed_transposed_times(isa, r, x, dw, accumulate);
            });
            compare(&got, &dw, &case, None, &what);
        }
    }
}

fn view<'a>(shape: (usize, usize), values: &'a Fenced<f32>) -> ArrayView2<'a, f32> {
    ArrayView2::from_shape(shape, values).expect("as many values")
}
