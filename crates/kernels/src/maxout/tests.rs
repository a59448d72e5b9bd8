//! The products of a maxout layer against naive loops, on every instruction set, between pages that must not be touched.

use rand::Rng;

use super::*;
use crate::fenced::{Edge, Fenced};
use crate::gemm::tests::naive;
use crate::test_support::{Case, compare, numbers, random, run, share, size, view};

/// Rows by pieces, and products with what is routed to the winners among them, against the plain products of
/// matrices that are written out.
#[test]
fn pieces_equal_the_products_written_out() {
    let mut rng = random(2);
    for _ in 0..200 {
        let (m, k, units) = (size(&mut rng), size(&mut rng), size(&mut rng) % 130);
        let pieces = [1, 2, 3, 5, 7][rng.random_range(0..5)];
        let (non_zero, accumulate) = (share(&mut rng), rng.random_bool(0.5));
        let case = Case { m, k: k.max(pieces * units), n: 0, non_zero, sampled: 1.0, accumulate };
        let (x, w) = (numbers(&mut rng, (m, k), non_zero), numbers(&mut rng, (pieces * units, k), 1.0));
        let values = numbers(&mut rng, (m, units), non_zero);
        let winners: Vec<u8> = (0..m * units).map(|_| rng.random_range(0..pieces as u8)).collect();
        let written = Winners { values: values.view(), winners: &winners, pieces }.written_out();
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
        let r = Winners { values: values.view(), winners: &winners, pieces };
        f64::winners_times(r, w.view(), &mut got[1], accumulate);
        f64::winners_transposed_times(r, x.view(), &mut got[2], accumulate);
        compare(&got[0], &sum, &start, None, "pieces, f64");
        let won = Array2::from_shape_fn((m, units), |(i, j)| {
            products[[i, usize::from(winners[i * units + j]) * units + j]]
        });
        f64::times_winners(x.view(), w.view(), &winners, pieces, None, &mut got[0]);
        compare(&got[0], &won, &start, None, "of winners, f64");
        compare(&got[1], &dx, &case, None, "r w, f64");
        compare(&got[2], &dw, &case, None, "rᵀ x, f64");

        let edge = if rng.random_bool(0.5) { Edge::Start } else { Edge::End };
        let fenced = [&x, &w, &values].map(|matrix| Fenced::matrix(matrix, edge));
        let [x, w, values] = fenced.each_ref().map(|(shape, values)| view(*shape, values));
        let winners = Fenced::new(&winners, edge);
        let r = Winners { values, winners: &winners, pieces };
        let sampled = share(&mut rng);
        let sampled = numbers(&mut rng, (m, units), sampled);
        let (shape, fenced_sampled) = Fenced::matrix(&sampled, edge);
        let samples = view(shape, &fenced_sampled);
        for (isa, samples) in
            Isa::available().into_iter().flat_map(|isa| [(isa, None), (isa, Some(contiguous(&samples)))])
        {
            let mut notes = Fenced::new(&vec![0; m * units], edge);
            let what = format!("pieces, {isa:?}, sampled: {}", samples.is_some());
            let got = run(m * units, &what, |y| {
                by_pieces(isa, x, w, pieces, samples, y, &mut notes, |row, units, block, y, notes| {
                    for (j, (y, note)) in y.iter_mut().zip(notes).enumerate() {
                        let sum: f32 = (0..pieces).map(|p| (p + 1) as f32 * block[p * units.len() + j]).sum();
                        *y = sum / pieces as f32;
                        *note = (row + units.start + j) as u8;
                    }
                });
            });
            compare(&got, &sum, &start, samples.map(|_| &sampled), &what);
            let noted = |(i, note): (usize, &u8)| usize::from(*note) == (i / units + i % units) % 256;
            assert!(notes.iter().enumerate().all(noted), "{what}: {start:?}");
            let what = format!("of winners, {isa:?}, sampled: {}", samples.is_some());
            let got = run(m * units, &what, |y| times_winners(isa, x, w, &winners, pieces, samples, y));
            compare(&got, &won, &start, samples.map(|_| &sampled), &what);
            let what = format!("r w, {isa:?}");
            let got = run(m * k, &what, |dx| {
                winners_times(isa, r, w, dx, accumulate);
            });
            compare(&got, &dx, &case, None, &what);
            let what = format!("rᵀ x, {isa:?}");
            let got = run(pieces * units * k, &what, |dw| {
                winners_transposed_times(isa, r, x, dw, accumulate);
            });
            compare(&got, &dw, &case, None, &what);
        }
    }
}
