//! The nets that are timed, and examples for them.

use autograd::{Real, Stream};
use cgan::config::{Combined, GeneratorDropout, Output, OutputBias, UpdateOrder};
use cgan::{Examples, GanConfig, Noise};
use clap::ValueEnum;
use experiments::config::RunConfig;
use experiments::failure::Failure;
use layers::{HiddenConfig, Init, Input};
use ndarray::{Array2, ArrayViewMut2};

/// The nets of the paper's two experiments.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Net {
    /// Section 4.1: digits, given their class.
    Mnist,
    /// The same with the further hidden layer of G.
    MnistHidden,
    /// Section 4.2: word vectors, given an image's features; on synthetic data.
    Tags,
}

impl Net {
    /// The preset of the paper, but for the sizes, the noise, which is uniform in all programs, and a rate and a momentum that stay as they
    /// start.
    pub(crate) fn config(self, order: UpdateOrder, dropout: f64) -> Result<GanConfig, Failure> {
        let constant = [
            "schedule.decay=1.0",
            "schedule.min_learning_rate=none",
            "optimizer.sgd.ramp=none",
            "generator.noise=uniform",
        ]
        .map(str::to_owned);
        let mut config = RunConfig::resolve(Some("paper"), "paper", None, &constant)?.gan;
        let (g, d) = (&mut config.generator, &mut config.discriminator);
        g.init.output_bias = OutputBias::Zeros;
        match self {
            Net::Mnist => {}
            Net::MnistHidden => {
                g.combined = Combined::HiddenLayer { units: 1200, init: Init::Uniform(0.05) };
            }
            Net::Tags => {
                (g.z_units, g.y_units, g.output) = (500, Some(2000), Output::Linear);
                let relu = |units| HiddenConfig::Relu { units };
                (d.x, d.y) = (relu(500), Some(relu(1200)));
                d.joint = HiddenConfig::Maxout { units: 1000, pieces: 3 };
            }
        }
        let positive = (dropout > 0.0).then_some(dropout);
        g.dropout = positive.map(|rate| GeneratorDropout { rate, when_sampling: false });
        d.dropout = positive;
        config.updates.order = order;
        Ok(config)
    }
}

/// Word vectors and features of images, with nothing to learn in them: they have the sizes and the share of
/// zeros that real ones have.
pub(crate) struct Tags {
    words: Array2<f32>,
    images: Array2<f32>,
}

impl Tags {
    const IMAGES: usize = 2000;
    const WORD: usize = 200;
    const IMAGE: usize = 4096;
    /// A standard normal number is larger than this in one case of four.
    const UPPER_QUARTILE: f32 = 0.6745;

    pub(crate) fn new(seed: u64) -> Self {
        let gaussian = |purpose, width| {
            let mut values = Array2::zeros((Self::IMAGES, width));
            Noise::Gaussian.fill(&Stream::new(seed, purpose), 0, values.view_mut());
            values
        };
        let mut images: Array2<f32> = gaussian("images", Self::IMAGE);
        images.mapv_inplace(|value| (value - Self::UPPER_QUARTILE).max(0.0));
        Self { words: gaussian("words", Self::WORD), images }
    }
}

impl<T: Real> Examples<T> for Tags {
    fn len(&self) -> usize {
        Self::IMAGES
    }

    fn size(&self) -> (usize, usize) {
        (1, Self::WORD)
    }

    fn condition(&self) -> Input {
        Input::Sparse(Self::IMAGE)
    }

    fn mean(&self) -> Vec<f32> {
        vec![0.0; Self::WORD]
    }

    fn fill(&self, _: u64, indices: &[u32], mut x: ArrayViewMut2<T>, mut y: ArrayViewMut2<T>) {
        for ((&index, mut x), mut y) in indices.iter().zip(x.rows_mut()).zip(y.rows_mut()) {
            let index = index as usize;
            x.iter_mut().zip(self.words.row(index)).for_each(|(x, word)| *x = T::of(f64::from(*word)));
            y.iter_mut().zip(self.images.row(index)).for_each(|(y, image)| *y = T::of(f64::from(*image)));
        }
    }
}
