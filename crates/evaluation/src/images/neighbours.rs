//! The training images that are nearest to samples, to look at.

use data::images::Images;
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};
use rayon::prelude::*;

/// Training images that are turned into numbers at a time.
const PART: usize = 500;

/// The image of `train` that is nearest in pixels to each of `images` (n, pixels): (n, pixels), in the same order.
///
/// For a few images: each is compared with every training image.
pub fn nearest_training_images(images: ArrayView2<f32>, train: &Images) -> Array2<f32> {
    let of_part = |start: usize| -> Vec<(f32, usize)> {
        let part = train.rows(start..train.len().min(start + PART));
        let nearest = |image: ArrayView1<f32>| {
            let all = part.axis_iter(Axis(0)).enumerate();
            let distances = all.map(|(index, own)| (distance(image, own), start + index));
            distances.min_by(|a, b| a.0.total_cmp(&b.0)).expect("a part has images")
        };
        images.axis_iter(Axis(0)).map(nearest).collect()
    };
    let starts: Vec<usize> = (0..train.len()).step_by(PART).collect();
    let parts: Vec<Vec<(f32, usize)>> = starts.into_par_iter().map(of_part).collect();
    let best = |image: usize| parts.iter().map(|part| part[image]).min_by(|a, b| a.0.total_cmp(&b.0));
    let nearest: Vec<usize> =
        (0..images.nrows()).map(|image| best(image).expect("there are training images").1).collect();
    train.rows(nearest.into_iter())
}

/// The square of the distance.
fn distance(a: ArrayView1<f32>, b: ArrayView1<f32>) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_that_is_changed_a_little_has_its_own_nearest() {
        let count = 3 * PART + 7;
        // Bytes whose pairs differ from image to image.
        let pixels = Array2::from_shape_fn((count, 2), |(i, j)| {
            let byte = if j == 0 { i % 251 } else { 7 * (i / 251) };
            byte as f32 / 255.0
        });
        let train = Images::from_rows((1, 2), 1, pixels.view(), &vec![0; count]);
        let own = train.rows([0, PART - 1, PART, count - 1].into_iter());
        let changed = own.mapv(|x| x + 0.001);
        assert_eq!(nearest_training_images(changed.view(), &train), own);
    }
}
