//! Sizes other than the paper's, to see how the cost of a step grows; and digits of another size.

use autograd::Real;
use cgan::config::Combined;
use cgan::{Examples, GanConfig};
use data::images::Images;
use experiments::failure::Failure;
use layers::{HiddenConfig, Input};
use ndarray::{ArrayViewMut2, Axis};

use crate::nets::Net;

/// Rows and columns of a digit of MNIST.
const SIDE: usize = 28;

/// Sizes of a step. The defaults are the paper's.
#[derive(Clone, Copy, clap::Args)]
pub(crate) struct Sizes {
    /// Examples in a batch.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u16).range(1..))]
    batch: u16,
    /// Units of every hidden layer, as a multiple of the paper's.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..))]
    width: u16,
    /// Rows and columns of a digit, enlarged by repeating pixels; mnist only [default: 28].
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    image: Option<u16>,
}

impl Sizes {
    /// The configuration with these sizes in place of the paper's.
    pub(crate) fn apply(self, config: &mut GanConfig) {
        let times = |units: &mut usize| *units *= usize::from(self.width);
        let wide = |layer: &mut HiddenConfig| match layer {
            HiddenConfig::Relu { units } | HiddenConfig::Maxout { units, .. } => times(units),
        };
        let (g, d) = (&mut config.generator, &mut config.discriminator);
        times(&mut g.z_units);
        g.y_units.iter_mut().for_each(times);
        if let Combined::HiddenLayer { units, .. } = &mut g.combined {
            times(units);
        }
        [&mut d.x, &mut d.joint].into_iter().chain(&mut d.y).for_each(wide);
        config.updates.batch = usize::from(self.batch);
    }

    /// Rows and columns of the images of a net; `None` for a net without images.
    ///
    /// # Errors
    /// If a size is asked for that the net has no images for.
    pub(crate) fn side(self, net: Net) -> Result<Option<usize>, Failure> {
        match (net, self.image) {
            (Net::Mnist | Net::MnistHidden, image) => Ok(Some(image.map_or(SIDE, usize::from))),
            (Net::Tags, None) => Ok(None),
            (Net::Tags, Some(_)) => {
                Err(Failure::usage("--image: the net tags has no images; leave it away or take --net mnist"))
            }
        }
    }

    /// (batch, multiple of the paper's width).
    pub(crate) fn numbers(self) -> (u16, u16) {
        (self.batch, self.width)
    }
}

/// Images of another size: each pixel is the one below it, so as many of them are zero as before.
pub(crate) struct Resized {
    images: Images,
    side: usize,
    /// For each pixel, which one of the smaller image it is.
    nearest: Vec<usize>,
}

impl Resized {
    /// The images with `side` rows and columns.
    pub(crate) fn new(images: Images, side: usize) -> Self {
        let (height, width) = (images.height, images.width);
        let nearest = (0..side * side)
            .map(|pixel| (pixel / side * height / side) * width + pixel % side * width / side)
            .collect();
        Self { images, side, nearest }
    }
}

impl<T: Real> Examples<T> for Resized {
    fn len(&self) -> usize {
        self.images.len()
    }

    fn size(&self) -> (usize, usize) {
        (self.side, self.side)
    }

    fn condition(&self) -> Input {
        Input::Labels(self.images.classes)
    }

    fn mean(&self) -> Vec<f32> {
        let mean = self.images.mean_image();
        self.nearest.iter().map(|pixel| mean[*pixel]).collect()
    }

    fn fill(&self, _: u64, indices: &[u32], mut x: ArrayViewMut2<T>, mut y: ArrayViewMut2<T>) {
        let grey: [T; 256] = std::array::from_fn(|byte| T::of(byte as f64 / 255.0));
        for (row, &index) in indices.iter().enumerate() {
            let image = self.images.image(index as usize);
            let pixels = x.index_axis_mut(Axis(0), row).into_iter().zip(&self.nearest);
            pixels.for_each(|(x, pixel)| *x = grey[usize::from(image[*pixel])]);
            y[[row, 0]] = T::of(self.images.label(index as usize) as f64);
        }
    }
}
