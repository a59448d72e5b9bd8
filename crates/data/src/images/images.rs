//! One split of a data set in memory.
use autograd::Real;
use cgan::Examples;
use files::Sha256;
use layers::Input;
use ndarray::{Array2, ArrayView2, ArrayViewMut2};

use super::pixels::Pixels;

/// One split: images as bytes with their labels.
#[derive(Debug)]
pub struct Images {
    /// Rows of an image.
    pub height: usize,
    /// Columns of an image.
    pub width: usize,
    /// Number of classes of the whole data set; the labels are 0 to `classes - 1`.
    pub classes: usize,
    /// The number of class 0 in the files: 1 for the letters of EMNIST, mostly 0.
    pub first_label: usize,
    pixels: Pixels,
    labels: Vec<u8>,
}

impl Images {
    /// Joins `pixels`, of shape (n, height, width), and `labels`, of shape (n), counted from `first_label`.
    ///
    /// The caller guarantees that there are as many images as labels and that no label is too small.
    pub(super) fn new(
        (height, width): (usize, usize),
        (first_label, classes): (usize, usize),
        pixels: Vec<u8>,
        mut labels: Vec<u8>,
    ) -> Self {
        debug_assert_eq!(pixels.len(), labels.len() * height * width);
        labels.iter_mut().for_each(|label| *label -= first_label as u8);
        let pixels = Pixels::of(&pixels, height * width);
        Images { height, width, classes, first_label, pixels, labels }
    }

    /// Images from rows of pixels in \[0, 1\], (n, height * width), rounded to bytes, and their classes.
    ///
    /// # Panics
    /// If there are not as many labels as rows, a row has not height * width pixels, or a label is not below `classes`
    /// and 256.
    pub fn from_rows(size: (usize, usize), classes: usize, rows: ArrayView2<f32>, labels: &[usize]) -> Self {
        assert_eq!(rows.dim(), (labels.len(), size.0 * size.1), "a label for each row of pixels");
        assert!(labels.iter().all(|&label| label < classes), "a label is not below {classes}");
        let pixels = rows.iter().map(|pixel| (255.0 * pixel.clamp(0.0, 1.0)).round() as u8).collect();
        let labels = labels.iter().map(|&label| u8::try_from(label).expect("a label below 256")).collect();
        Images::new(size, (0, classes), pixels, labels)
    }

    /// The images of which `second` is false, and those of which it is true, each in their order.
    pub(super) fn divide(self, second: &[bool]) -> (Images, Images) {
        let labels = |wanted: bool| {
            let of = self.labels.iter().zip(second).filter(|(_, second)| **second == wanted);
            of.map(|(label, _)| *label).collect()
        };
        let (first_labels, second_labels) = (labels(false), labels(true));
        let (first, second) = self.pixels.divide(second);
        let Images { height, width, classes, first_label, .. } = self;
        let of = |pixels, labels| Images { height, width, classes, first_label, pixels, labels };
        (of(first, first_labels), of(second, second_labels))
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Height times width.
    pub fn pixels_per_image(&self) -> usize {
        self.height * self.width
    }

    /// The pixels of image `index`, row after row, from 0 (background) to 255.
    ///
    /// # Panics
    /// If `index` is not below [`len`](Self::len).
    pub fn image(&self, index: usize) -> Vec<u8> {
        self.pixels.all(index)
    }

    /// The class of image `index`, below `classes`; its number in the files is `first_label + label(index)`.
    ///
    /// # Panics
    /// If `index` is not below [`len`](Self::len).
    pub fn label(&self, index: usize) -> usize {
        usize::from(self.labels[index])
    }

    /// The pixels of some images in \[0, 1\], (n, height * width).
    ///
    /// # Panics
    /// If an index is not below [`len`](Self::len).
    pub fn rows(&self, indices: impl ExactSizeIterator<Item = usize>) -> Array2<f32> {
        let mut rows = Array2::zeros((indices.len(), self.pixels_per_image()));
        self.write(indices, rows.view_mut());
        rows
    }

    /// Writes the pixels of some images in \[0, 1\] (byte / 255), a row each.
    fn write<T: Real>(&self, indices: impl Iterator<Item = usize>, mut rows: ArrayViewMut2<T>) {
        // A table is cheaper than a division per pixel and gives the same numbers.
        let grey: [T; 256] = std::array::from_fn(|byte| T::of(byte as f64) / T::of(255.0));
        for (index, mut row) in indices.zip(rows.rows_mut()) {
            row.fill(grey[0]);
            self.pixels.non_zero(index, |pixel, byte| row[pixel] = grey[usize::from(byte)]);
        }
    }

    /// The class of every image.
    pub fn labels(&self) -> Vec<usize> {
        self.labels.iter().map(|&label| usize::from(label)).collect()
    }

    /// SHA-256 of the pixels and the labels.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        hash.update([self.height as u64, self.width as u64].map(u64::to_le_bytes).concat());
        (0..self.len()).for_each(|index| hash.update(self.image(index)));
        hash.update(&self.labels);
        hash.hex()
    }

    /// The mean of all images, height * width values in \[0, 1\]; all 0 if there is no image.
    pub fn mean_image(&self) -> Vec<f32> {
        // Sums of bytes are exact as integers, whatever the order.
        let mut sums = vec![0u64; self.pixels_per_image()];
        for index in 0..self.len() {
            self.pixels.non_zero(index, |pixel, byte| sums[pixel] += u64::from(byte));
        }
        let whole = 255.0 * self.len().max(1) as f64;
        sums.into_iter().map(|sum| (sum as f64 / whole) as f32).collect()
    }
}

impl<T: Real> Examples<T> for Images {
    fn len(&self) -> usize {
        self.len()
    }

    fn size(&self) -> (usize, usize) {
        (self.height, self.width)
    }

    fn condition(&self) -> Input {
        Input::Labels(self.classes)
    }

    fn mean(&self) -> Vec<f32> {
        self.mean_image()
    }

    /// Pixels in \[0, 1\], and class numbers.
    fn fill(&self, _: u64, indices: &[u32], x: ArrayViewMut2<T>, mut y: ArrayViewMut2<T>) {
        let indices = indices.iter().map(|&index| index as usize);
        self.write(indices.clone(), x);
        y.iter_mut().zip(indices).for_each(|(label, index)| *label = T::of(self.label(index) as f64));
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array, s};

    use super::*;

    /// Two images of 1 x 2 pixels with the labels 1 and 3 of the files.
    fn two() -> Images {
        Images::new((1, 2), (1, 3), vec![0, 255, 51, 0], vec![1, 3])
    }

    #[test]
    fn rows_of_pixels_become_bytes() {
        let images = Images::from_rows((1, 2), 3, array![[0.2, -0.5], [1.5, 0.499]].view(), &[2, 0]);
        assert_eq!((images.image(0), images.image(1)), (vec![51, 0], vec![255, 127]));
        assert_eq!(images.labels(), [2, 0]);
        assert_eq!(images.rows([0].into_iter()), array![[0.2, 0.0]]);
    }

    #[test]
    fn fills_rows_in_the_order_of_the_indices() {
        let mut images = Array2::<f32>::zeros((3, 2));
        let mut labels = Array2::<f32>::zeros((3, 1));
        two().fill(0, &[1, 0, 1], images.view_mut(), labels.view_mut());
        assert_eq!(images, array![[0.2, 0.0], [0.0, 1.0], [0.2, 0.0]]);
        assert_eq!(labels, array![[2.0], [0.0], [2.0]]);
    }

    #[test]
    fn fills_views_that_are_not_contiguous() {
        let mut images = Array2::<f64>::zeros((4, 2));
        let mut labels = Array2::<f64>::zeros((2, 1));
        two().fill(0, &[0, 1], images.slice_mut(s![..;2, ..;-1]), labels.view_mut());
        assert_eq!(images, array![[1.0, 0.0], [0.0, 0.0], [0.0, 0.2], [0.0, 0.0]]);
    }

    #[test]
    fn splits_and_averages() {
        assert_eq!(two().mean_image(), [0.1, 0.5]);
        let (images, rest) = two().divide(&[false, true]);
        assert_eq!((images.len(), images.image(0), images.label(0)), (1, vec![0, 255], 0));
        assert_eq!((rest.len(), rest.image(0), rest.label(0)), (1, vec![51, 0], 2));
        assert_eq!((rest.classes, rest.first_label), (3, 1));
        let (_, none) = images.divide(&[false]);
        assert!(none.is_empty());
        assert_eq!(none.mean_image(), [0.0, 0.0]);
    }
}
