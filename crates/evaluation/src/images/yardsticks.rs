//! Yardsticks: simple models that are scored by the same code, so that the scores of a run can be
//! interpreted. Some of them score higher than trained nets.

use std::path::Path;

use autograd::Stream;
use data::images::ImageSet;
use kernels::distances;
use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand::Rng;
use rand::seq::SliceRandom;
use rand_distr::StandardNormal;
use rayon::prelude::*;

use super::cached::cached;
use super::judge::Judge;
use super::reference::{Reference, Scores};
use super::samples::Samples;
use crate::error::Error;
use crate::seed::SEED;

/// Samples of each class, as in the paper.
pub const EACH: usize = 1000;

/// Principal components of a class that a sampler keeps.
const COMPONENTS: [usize; 5] = [5, 10, 20, 40, 80];

/// Components of the class PCA that teaches a classifier: those with the highest Parzen estimate on MNIST.
const TAUGHT: usize = 10;

/// Rounds of Lloyd's algorithm.
const ROUNDS: usize = 10;

/// The scores of the yardsticks of a data set on its test images: from the cache, or computed now and saved
/// there.
///
/// # Errors
/// If the judge cannot be recorded, or the cache cannot be written.
pub fn yardsticks(
    set: &ImageSet,
    judge: &Judge,
    reference: &Reference,
    cache: &Path,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<Scores>, Error> {
    cached(&Judge::path(set, cache).with_extension("yardsticks.json"), judge, say, |say| {
        let train = Samples::of_training(set);
        let mut scores = Vec::new();
        each_yardstick(&train, set.train.classes, |name, samples| {
            say(&format!("yardsticks: {name}"));
            scores.push(reference.score(name, &samples)?);
            Ok::<_, Error>(())
        })?;
        Ok(scores)
    })
}

/// Makes all yardsticks of `train`, one after the other, and calls `each` with them.
///
/// # Errors
/// What `each` returns.
fn each_yardstick<E>(
    train: &Samples,
    classes: usize,
    mut each: impl FnMut(&str, Samples) -> Result<(), E>,
) -> Result<(), E> {
    let of_classes: Vec<Samples> = (0..classes).map(|class| train.of_class(class)).collect();
    let classes = with_images(train, classes);
    let classes = classes.as_slice();
    let mean =
        |images: &Array2<f32>| images.mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(images.ncols()));
    let whole = mean(&train.images);
    each("mean image", of_each_class(classes, |_| whole.clone().insert_axis(Axis(0))))?;
    let class_mean = |class: usize| mean(&of_classes[class].images).insert_axis(Axis(0));
    each("class means", of_each_class(classes, class_mean))?;
    let mut names = Vec::new();
    for count in [EACH / 10, EACH] {
        let name = format!("{} real images a class", in_each(&of_classes, count));
        // With few images both would be the same.
        if !names.contains(&name) {
            each(&name, train.balanced(of_classes.len(), count))?;
        }
        names.push(name);
    }
    let bases: Vec<Basis> = of_classes.par_iter().map(|class| Basis::of(class.images.view())).collect();
    for kept in COMPONENTS {
        let name = format!("class PCA, {kept} components");
        each(&name, of_each_class(classes, |class| bases[class].sample(kept, class as u64, EACH)))?;
    }
    each(
        &k_means_name(&of_classes),
        of_each_class(classes, |class| centres(of_classes[class].images.view(), class)),
    )
}

/// Yardsticks as training sets: for each class as many samples of its Gaussian as it has images, and its centres.
pub(super) fn teachers(train: &Samples, classes: usize) -> [(String, Samples); 2] {
    let of_class = |class| train.of_class(class).images;
    let name = k_means_name(&(0..classes).map(|class| train.of_class(class)).collect::<Vec<_>>());
    let classes = with_images(train, classes);
    let classes = classes.as_slice();
    let pca = of_each_class(classes, |class| {
        let images = of_class(class);
        Basis::of(images.view()).sample(TAUGHT, class as u64, images.nrows())
    });
    let centres = of_each_class(classes, |class| centres(of_class(class).view(), class));
    [(format!("class PCA, {TAUGHT} components"), pca), (name, centres)]
}

/// How many of `count` images there are in each class that has any: a number, or a range.
fn in_each(classes: &[Samples], count: usize) -> String {
    range(classes.iter().map(|class| class.len().min(count)).collect())
}

/// The name of the yardstick of centres, with how many there really are.
fn k_means_name(classes: &[Samples]) -> String {
    let counts = classes.iter().filter(|class| !class.is_empty()).map(|class| centre_count(class.len()));
    format!("k-means, {} centres a class", range(counts.collect()))
}

/// The numbers above 0 as a text: one, or from the least to the most.
fn range(counts: Vec<usize>) -> String {
    let thousands = |n: usize| if n < 1000 { n.to_string() } else { format!("{},{:03}", n / 1000, n % 1000) };
    let there = || counts.iter().copied().filter(|n| *n > 0);
    match (there().min().unwrap_or(0), there().max().unwrap_or(0)) {
        (least, most) if least == most => thousands(most),
        (least, most) => format!("{} to {}", thousands(least), thousands(most)),
    }
}

/// The classes that have images. Of the others there is nothing to model.
fn with_images(train: &Samples, classes: usize) -> Vec<usize> {
    (0..classes).filter(|class| train.labels.contains(class)).collect()
}

fn of_each_class(classes: &[usize], of: impl Fn(usize) -> Array2<f32>) -> Samples {
    let parts: Vec<Array2<f32>> = classes.iter().map(|class| of(*class)).collect();
    let labels = classes.iter().zip(&parts).flat_map(|(class, part)| vec![*class; part.nrows()]).collect();
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    Samples {
        images: ndarray::concatenate(Axis(0), &views).expect("images of one size"),
        labels,
        unconditional: false,
    }
}

/// The Gaussian of a class by its principal components.
struct Basis {
    mean: Array1<f32>,
    /// (components, pixels); the norm of each is its standard deviation, the largest first.
    axes: Array2<f32>,
}

impl Basis {
    fn of(images: ArrayView2<f32>) -> Self {
        let (n, k) = images.dim();
        let mean = images.mapv(f64::from).mean_axis(Axis(0)).unwrap_or_else(|| Array1::zeros(k));
        // Constant pixels are in no component, and zero columns would make the solver inaccurate.
        let live: Vec<usize> =
            (0..k).filter(|j| images.column(*j).iter().any(|v| *v != images[[0, *j]])).collect();
        let centre = mean.mapv(|v| v as f32);
        if live.is_empty() {
            return Self { mean: centre, axes: Array2::zeros((0, k)) }; // one image, or equal ones
        }
        let centred = DMatrix::from_fn(n, live.len(), |i, j| f64::from(images[[i, live[j]]]) - mean[live[j]]);
        let SymmetricEigen { eigenvalues, eigenvectors } =
            SymmetricEigen::new(centred.tr_mul(&centred) / (n.max(2) - 1) as f64);
        let mut order: Vec<usize> = (0..live.len()).collect();
        order.sort_by(|a, b| eigenvalues[*b].total_cmp(&eigenvalues[*a]));
        order.truncate(COMPONENTS[COMPONENTS.len() - 1]);
        let mut axes = Array2::zeros((order.len(), k));
        for (mut axis, from) in axes.rows_mut().into_iter().zip(order) {
            let length = eigenvalues[from].max(0.0).sqrt();
            live.iter()
                .enumerate()
                .for_each(|(j, pixel)| axis[*pixel] = (eigenvectors[(j, from)] * length) as f32);
        }
        Self { mean: centre, axes }
    }

    /// Draws `count` from the first components, clamped to [0, 1].
    fn sample(&self, kept: usize, class: u64, count: usize) -> Array2<f32> {
        let axes = self.axes.slice(ndarray::s![..kept.min(self.axes.nrows()), ..]);
        let mut random = Stream::new(SEED, "yardsticks/pca").at(kept as u64, class);
        let z = Array2::from_shape_fn((count, axes.nrows()), |_| random.sample::<f32, _>(StandardNormal));
        (z.dot(&axes) + &self.mean).mapv(|v| v.clamp(0.0, 1.0))
    }
}

/// A thousand centres, or a fifth as many as there are images.
fn centre_count(images: usize) -> usize {
    EACH.min(images / 5).max(1).min(images)
}

/// The centres of a thousand clusters of a class, or of a fifth as many as there are images.
fn centres(images: ArrayView2<f32>, class: usize) -> Array2<f32> {
    k_means(
        images,
        centre_count(images.nrows()),
        &mut Stream::new(SEED, "yardsticks/k-means").at(class as u64, 0),
    )
}

/// The centres (count, k) of clusters of points (n, k), by ten rounds of Lloyd's algorithm from points at random.
///
/// # Panics
/// If there are fewer points than clusters.
pub fn k_means(points: ArrayView2<f32>, count: usize, random: &mut impl Rng) -> Array2<f32> {
    let mut order: Vec<usize> = (0..points.nrows()).collect();
    order.shuffle(random);
    let mut centres = points.select(Axis(0), &order[..count]);
    for _ in 0..ROUNDS {
        let mut nearest = vec![(f32::INFINITY, 0); points.nrows()];
        distances::squared(points, centres.view(), &mut nearest, |_, start, distances, nearest| {
            for (j, distance) in (start..).zip(distances) {
                if *distance < nearest.0 {
                    *nearest = (*distance, j);
                }
            }
        });
        let mut sums = Array2::<f32>::zeros(centres.dim());
        let mut sizes = vec![0; count];
        for (point, (_, j)) in points.rows().into_iter().zip(&nearest) {
            let mut sum = sums.row_mut(*j);
            sum += &point;
            sizes[*j] += 1;
        }
        // A cluster without points keeps its centre.
        for (j, size) in sizes.into_iter().enumerate().filter(|(_, size)| *size > 0) {
            centres.row_mut(j).assign(&(&sums.row(j) / size as f32));
        }
    }
    centres
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centres_are_means_of_what_is_near() {
        // Five images near each of two places.
        let images =
            Array2::from_shape_fn((10, 2), |(i, j)| (i / 5) as f32 * 10.0 + 0.1 * (i % 5 * (j + 1)) as f32);
        let centres = centres(images.view(), 0);
        let mut rows: Vec<Vec<f32>> = centres.rows().into_iter().map(|row| row.to_vec()).collect();
        rows.sort_by(|a, b| a[0].total_cmp(&b[0]));
        assert_eq!(rows.len(), 2);
        // Either the two means, or, from an unlucky start, two means of parts: their weighted mean is that of
        // all.
        assert!(rows.iter().all(|row| row[0] >= 0.0 && row[1] <= 10.9), "{rows:?}");
    }

    #[test]
    fn classes_may_have_no_image_one_or_equal_ones() {
        // Class 0 has two different images, 1 has none, 2 has one, 3 has three that are equal.
        let labels = vec![0, 0, 2, 3, 3, 3];
        let images = Array2::from_shape_fn((6, 4), |(i, j)| if i < 2 { 0.2 * (i + j) as f32 } else { 0.5 });
        let train = Samples { images, labels, unconditional: false };
        let mut seen = Vec::new();
        each_yardstick(&train, 4, |name, samples| {
            seen.push(name.to_owned());
            assert!(samples.labels.iter().all(|label| [0, 2, 3].contains(label)), "{name}");
            assert!(samples.images.iter().all(|pixel| pixel.is_finite()), "{name}");
            Ok::<_, ()>(())
        })
        .unwrap();
        // A name says how many images there really are.
        assert_eq!((seen.len(), &*seen[2]), (9, "1 to 3 real images a class"));
        let many = Samples {
            images: Array2::zeros((2400, 1)),
            labels: (0..2400).map(|i| i % 2).collect(),
            unconditional: false,
        };
        let of_classes = [0, 1].map(|class| many.of_class(class));
        assert_eq!([100, 1000].map(|count| in_each(&of_classes, count)), ["100", "1,000"]);
        assert_eq!(
            (&*seen[8], k_means_name(&of_classes)),
            ("k-means, 1 centres a class", "k-means, 240 centres a class".to_owned())
        );
        for (name, samples) in teachers(&train, 4) {
            assert!(samples.labels.iter().all(|label| [0, 2, 3].contains(label)), "{name}");
        }
    }

    #[test]
    fn samples_of_a_basis_have_its_moments() {
        let images = Array2::from_shape_fn((400, 2), |(i, j)| {
            0.5 + if j == 0 { 0.1 } else { 0.02 } * (i as f32 * 0.7 + j as f32).sin()
        });
        let samples = Basis::of(images.view()).sample(2, 0, EACH);
        for j in 0..2 {
            let (of, by) = (images.column(j), samples.column(j));
            assert!((of.mean().unwrap() - by.mean().unwrap()).abs() < 0.01);
            assert!((of.std(1.0) / by.std(1.0) - 1.0).abs() < 0.1);
        }
        // One component leaves the other pixel nearly still.
        assert!(Basis::of(images.view()).sample(1, 0, EACH).column(1).std(0.0) < 0.02);
    }
}
