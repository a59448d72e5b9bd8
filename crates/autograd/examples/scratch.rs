//! Scratch.
use autograd::kernels::products::Products;
use autograd::kernels::{parallel, peak};
use std::time::Instant;
fn main() {
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().unwrap();
    for (m, k, n) in [(96, 256, 64), (96, 256, 480), (96, 768, 480), (96,768,1200), (96, 1200, 1200), (96, 1208, 1200)] {
        let buf = |r: usize, c: usize| { let mut b = autograd::kernels::Buffer::<f32>::zeros(r * c); b.fill(0.5); b };
        let (a, at, b, bt) = (buf(m, k), buf(k, m), buf(k, n), buf(n, k));
        let v = |x: &'static [f32], r: usize, c: usize| ndarray::ArrayView2::from_shape((r, c), x).unwrap();
        let (a, at, b, bt) = (v(Box::leak(Box::new(a)), m, k), v(Box::leak(Box::new(at)), k, m), v(Box::leak(Box::new(b)), k, n), v(Box::leak(Box::new(bt)), n, k));
        //::<f32>::from_elem((m, k), 0.5);
        let mut c = autograd::kernels::Buffer::<f32>::zeros(m * n);
        parallel::region(|| {
            let mut go = |name: &str, f: &mut dyn FnMut(&mut [f32])| {
                let p = peak();
                let mut best = f64::INFINITY;
                let mut all = vec![];
                for _ in 0..200 {
                    let t = Instant::now();
                    f(&mut c);
                    let t = t.elapsed().as_secs_f64();
                    best = best.min(t);
                    all.push(t);
                }
                all.sort_by(f64::total_cmp);
                let g = |t: f64| 2.0 * (m * k * n) as f64 / t / 1e9;
                println!("{m}x{k}x{n} {name}: best {:.0}, median {:.0} of {p:.0}", g(best), g(all[100]));
            };
            go("a bT", &mut |c| f32::times_transposed(a, bt, c, false));
            go("a b ", &mut |c| f32::times(a, b, c, false));
            go("aT b", &mut |c| f32::transposed_times(at, b, c, false));
        });
    }
}
