//! Every product, with the kernel that it chooses, against naive loops: on every instruction set, between pages that must
//! not be touched.

use rand::Rng;

use super::*;
use crate::fenced::{Edge, Fenced};
use crate::gemm::tests::naive;
use crate::test_support::{Case, compare, numbers, random, run, share, size, view};

#[test]
fn the_products_equal_naive_loops() {
    let mut rng = random(1);
    for _ in 0..400 {
        let mut size = || size(&mut rng);
        let (m, k, n) = (size(), size(), size());
        let (non_zero, sampled) = (share(&mut rng), share(&mut rng));
        let case = Case { m, k, n, non_zero, sampled, accumulate: rng.random_bool(0.5) };
        check(&case, &mut rng);
    }
    // Longer than the lists and the buffers ever are in training.
    for (m, k, n) in [(2, 50_000, 3), (50_000, 2, 3), (3, 2, 50_000)] {
        let case = Case { m, k, n, non_zero: 0.1, sampled: 0.1, accumulate: false };
        check(&case, &mut rng);
    }
}

fn check(case: &Case, rng: &mut impl Rng) {
    let &Case { m, k, n, non_zero, sampled, accumulate } = case;
    let (a, b) = (numbers(rng, (m, k), non_zero), numbers(rng, (k, n), 1.0));
    let sampled = numbers(rng, (m, n), sampled);
    let (at, bt) = (a.t().as_standard_layout().into_owned(), b.t().as_standard_layout().into_owned());
    let c = naive(a.view(), b.view());

    let mut doubles = [(); 4].map(|()| vec![1.0; m * n]);
    f64::times(a.view(), b.view(), &mut doubles[0], accumulate);
    f64::times_transposed(a.view(), bt.view(), &mut doubles[1], accumulate);
    f64::transposed_times(at.view(), b.view(), &mut doubles[2], accumulate);
    f64::times_transposed_sampled(sampled.view(), a.view(), bt.view(), &mut doubles[3], accumulate);
    for (number, got) in doubles.iter().enumerate() {
        compare(got, &c, case, (number == 3).then_some(&sampled), "f64");
    }

    let edge = if rng.random_bool(0.5) { Edge::Start } else { Edge::End };
    let fenced = [&a, &b, &at, &bt, &sampled].map(|matrix| Fenced::matrix(matrix, edge));
    let [a, b, at, bt, non_zero] = fenced.each_ref().map(|(shape, values)| view(*shape, values));
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
        let what = format!("a bᵀ sampled, {isa:?}");
        let samples = Some(non_zero);
        let got = run(size, &what, |c| times_transposed(isa, samples, a, bt, c, accumulate));
        compare(&got, &c, case, Some(&sampled), &what);
    }
}
