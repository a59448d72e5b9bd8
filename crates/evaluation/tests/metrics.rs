//! The measures of samples against NumPy and SciPy: see `scripts/golden-metrics`.

use std::path::Path;

use evaluation::images::Samples;
use evaluation::images::frechet::Gaussian;
use evaluation::images::manifold::{Cloud, manifold, nearest, smaller};
use evaluation::images::parzen::log_likelihoods;
use ndarray::{Array2, Axis, s};
use safetensors::SafeTensors;

/// Classes of the golden clouds.
const CLASSES: usize = 3;

struct Golden(Vec<u8>);

impl Golden {
    fn numbers<const N: usize, T>(&self, name: &str, number: fn([u8; N]) -> T) -> Vec<T> {
        let file = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = file.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(tensor.dtype().bitsize(), 8 * N, "{name}");
        tensor.data().as_chunks().0.iter().map(|bytes| number(*bytes)).collect()
    }

    fn f64(&self, name: &str) -> Vec<f64> {
        self.numbers(name, f64::from_le_bytes)
    }

    fn cloud(&self, points: &str, labels: &str) -> Samples {
        let values = self.numbers(points, f32::from_le_bytes);
        let labels: Vec<usize> =
            self.numbers(labels, i64::from_le_bytes).into_iter().map(|label| label as usize).collect();
        let images = Array2::from_shape_vec((labels.len(), values.len() / labels.len()), values).unwrap();
        Samples { images, labels, unconditional: false }
    }
}

fn golden() -> (Golden, Samples, Samples) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/metrics.safetensors");
    let golden = Golden(std::fs::read(path).unwrap());
    let (real, samples) = (golden.cloud("real", "real_labels"), golden.cloud("samples", "sample_labels"));
    (golden, real, samples)
}

#[track_caller]
fn agree(got: f64, want: f64, tolerance: f64) {
    assert!((got - want).abs() <= tolerance * want.abs().max(1.0), "{got}, not {want}");
}

#[test]
fn parzen_agrees_with_scipy() {
    let (golden, real, samples) = golden();
    let widths = golden.f64("widths");
    let got = log_likelihoods(real.images.view(), samples.images.view(), &widths).mean_axis(Axis(0)).unwrap();
    for (got, want) in got.into_iter().zip(golden.f64("parzen")) {
        agree(got, want, 1e-5);
    }
}

#[test]
fn frechet_distance_agrees_with_scipy() {
    let (golden, real, samples) = golden();
    let of = |cloud: &Samples| Gaussian::of(cloud.images.view(), &cloud.labels, CLASSES);
    agree(of(&real).distance(&of(&samples)), golden.f64("frechet")[0], 1e-9);
    agree(of(&samples).distance(&of(&real)), golden.f64("frechet")[0], 1e-9);
}

#[test]
fn precision_recall_density_and_coverage_agree_with_scipy() {
    let (golden, real, samples) = golden();
    let [real, samples] = [real, samples].map(|cloud| Cloud::new(cloud.images).unwrap());
    let got = manifold(&real, &samples);
    let got = [got.precision, got.recall, got.density, got.coverage];
    got.into_iter().zip(golden.f64("manifold")).for_each(|(got, want)| agree(got, want, 1e-12));
}

#[test]
fn spread_and_ranks_agree_with_scipy() {
    let (golden, real, samples) = golden();
    agree(samples.spread(CLASSES), golden.f64("spread")[0], 1e-9);
    let others = samples.images.slice(s![1..;2, ..]).to_owned();
    let own = samples.images.slice(s![..;2, ..]).to_owned();
    let gaps = |points: &Array2<f32>| nearest(points.view(), [others.clone()].into_iter());
    agree(smaller(&gaps(&own), &gaps(&real.images)), golden.f64("nearer")[0], 1e-12);
}
