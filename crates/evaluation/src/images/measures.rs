//! The measures of a set of images, a line each.
//!
//! Chapter 12 of the book tells at length what each sees and how it can be fooled.

use super::reference::Scores;
use crate::measure::Better::{Larger, Neither, Smaller};
use crate::measure::Measure;

type Of = Measure<Scores>;

/// What is measured of samples of images, in the order of the columns.
pub static MEASURES: [Of; 11] = [
    Of::new(
        "parzen_nats",
        "Parzen, nats",
        Larger,
        |s| Some(s.parzen.nats),
        "Log-likelihood of real images under Gaussians around samples; higher is better. The paper's measure. It sees distance \
         in pixels alone: k-means centres and class PCA beat real images, so a value above that of 1,000 real images a class \
         means smoother than real, not better.",
    )
    .digits(1)
    .error("parzen_error", |s| Some(s.parzen.error)),
    Of::new(
        "parzen_sigma",
        "σ",
        Neither,
        |s| Some(s.parzen.sigma),
        "Standard deviation of these Gaussians, chosen on validation images. Estimates with different σ compare less well.",
    )
    .digits(2),
    Of::new(
        "accuracy",
        "accuracy",
        Larger,
        |s| s.accuracy,
        "Share of samples that a classifier of real images names as asked: whether labels are followed. It does not see variety: \
         one perfect image for each class has 1.",
    )
    .digits(4),
    Of::new(
        "frechet",
        "Fréchet",
        Smaller,
        |s| Some(s.frechet),
        "Distance of the samples' features from those of real images, as Gaussians; lower is better. One number: it does not say \
         whether quality or variety is missing.",
    )
    .digits(2),
    Of::new(
        "frechet_floor",
        "real to real",
        Neither,
        |s| Some(s.frechet_floor),
        "The Fréchet distance between two sets of real images, test and validation: no samples need to be nearer.",
    )
    .digits(2),
    Of::new(
        "precision",
        "precision",
        Larger,
        |s| Some(s.manifold?.precision),
        "Share of samples that lie where real images are: quality. It does not see what is missing.",
    ),
    Of::new(
        "recall",
        "recall",
        Larger,
        |s| Some(s.manifold?.recall),
        "Share of real images that lie where samples are: variety. Samples far apart raise it; ten class means have 0.79.",
    ),
    Of::new(
        "density",
        "density",
        Larger,
        |s| Some(s.manifold?.density),
        "How many real images each sample is near to, relative to chance: quality, less sensitive to outliers. It can exceed 1.",
    ),
    Of::new(
        "coverage",
        "coverage",
        Larger,
        |s| Some(s.manifold?.coverage),
        "Share of real images that have a sample near them: variety, which outliers of G do not raise.",
    ),
    Of::new(
        "spread",
        "spread",
        Neither,
        |s| Some(s.spread),
        "Standard deviation of a pixel within a class. Near 0: all samples of a class are the same. It does not see quality.",
    ),
    Of::new(
        "nearer_to_training",
        "copies",
        Neither,
        |s| Some(s.nearer),
        "Probability that a sample is nearer to a training image than a real image is that was not trained on: ½ for new real \
         images, 1 for copies, such as the rows of training images. In pixels.",
    ),
];
