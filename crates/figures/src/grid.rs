//! A grid of sampled images as one PNG, as in figure 2 of the paper: one class a row, one z a column.
use std::path::Path;

use ndarray::ArrayView2;

use crate::error::{Error, write};
use crate::font;

/// Tone of the page: the margin, and the gaps between the images.
const PAGE: u8 = 0x38;
/// Tone of the captions.
const INK: u8 = 0xd8;
/// The least width in pixels of a gap.
const GAP: usize = 2;
/// The most pixels a picture may have; beyond it, the numbers are a mistake.
const MOST_PIXELS: usize = 1 << 28;

/// A grid of grayscale images.
#[derive(Clone, Debug)]
pub struct Grid<'a> {
    images: ArrayView2<'a, f32>,
    rows: usize,
    columns: usize,
    height: usize,
    width: usize,
    scale: usize,
    captions: &'a [usize],
}

impl<'a> Grid<'a> {
    /// A grid of `rows` by `columns` images, each `size` = (height, width) in pixels.
    ///
    /// `images` is (rows · columns, height · width): the first row of the grid from left to right, then the
    /// next; within an image likewise. 0 is black and 1 white; other values are clamped, and NaN is black.
    pub fn new(images: ArrayView2<'a, f32>, rows: usize, columns: usize, size: (usize, usize)) -> Self {
        Self { images, rows, columns, height: size.0, width: size.1, scale: 1, captions: &[] }
    }

    /// Draws each pixel as a square of `scale` by `scale`.
    #[must_use]
    pub fn scale(self, scale: usize) -> Self {
        Self { scale, ..self }
    }

    /// Writes a number, such as the class, to the left of each row.
    #[must_use]
    pub fn captions(self, captions: &'a [usize]) -> Self {
        Self { captions, ..self }
    }

    /// Writes the grid to `path` as a grayscale PNG of 8 bits.
    ///
    /// # Errors
    /// [`Error::Layout`] if the numbers do not fit the images, or each other, or the picture would have no
    /// pixels or more than 2²⁸; [`Error::Write`] if the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let layout = self.layout().map_err(|problem| Error::Layout { path: path.to_owned(), problem })?;
        let png = self.draw(&layout).encode().map_err(|error| {
            let cause = std::io::Error::other(error);
            Error::Write { path: path.to_owned(), cause }
        })?;
        write(path, &png)
    }

    /// Checks the numbers and finds where all things go.
    fn layout(&self) -> Result<Layout, String> {
        let Self { rows, columns, height, width, scale, .. } = *self;
        if [rows, columns, height, width, scale].contains(&0) {
            return Err(format!(
                "rows ({rows}), columns ({columns}), height ({height}), width ({width}) and scale ({scale}) \
                 must all be at least 1"
            ));
        }
        let expected = (rows.checked_mul(columns), height.checked_mul(width));
        let (count, pixels) = self.images.dim();
        if expected != (Some(count), Some(pixels)) {
            return Err(format!(
                "{rows} rows of {columns} images of {height} by {width} pixels do not make an array of {count} \
                 by {pixels}"
            ));
        }
        if !self.captions.is_empty() && self.captions.len() != rows {
            return Err(format!("{} captions for {rows} rows", self.captions.len()));
        }
        Layout::new(self).ok_or_else(|| {
            format!("{rows} by {columns} images of {height} by {width} pixels at scale {scale} are too large")
        })
    }

    fn draw(&self, layout: &Layout) -> Canvas {
        let Layout { gap, dot, left, .. } = *layout;
        let (cell_width, cell_height) = (self.width * self.scale, self.height * self.scale);
        let mut canvas = Canvas::new(layout.width, layout.height);
        for (index, image) in self.images.rows().into_iter().enumerate() {
            let x = left + index % self.columns * (cell_width + gap);
            let y = gap + index / self.columns * (cell_height + gap);
            for (pixel, &value) in image.iter().enumerate() {
                let (down, right) = (pixel / self.width * self.scale, pixel % self.width * self.scale);
                canvas.square(x + right, y + down, self.scale, tone(value));
            }
        }
        for (row, &caption) in self.captions.iter().enumerate() {
            // Right-aligned on the images and centred on the row; a row lower than its digits keeps its top.
            let x = left - (font::width(caption) + font::WIDTH / 2) * dot - gap;
            let y = gap + row * (cell_height + gap) + cell_height.saturating_sub(font::HEIGHT * dot) / 2;
            for (right, down) in font::dots(caption) {
                canvas.square(x + right * dot, y + down * dot, dot, INK);
            }
        }
        canvas
    }
}

/// Sizes in pixels of the finished picture.
struct Layout {
    /// Between the images, and around them.
    gap: usize,
    /// Side of one dot of a caption.
    dot: usize,
    /// Left edge of the first image.
    left: usize,
    width: usize,
    height: usize,
}

impl Layout {
    /// None if the picture would have more than [`MOST_PIXELS`].
    fn new(grid: &Grid) -> Option<Self> {
        let gap = GAP.max(grid.scale);
        let cell_width = grid.width.checked_mul(grid.scale)?;
        let cell_height = grid.height.checked_mul(grid.scale)?;
        // A caption takes about a third of its row.
        let dot = (cell_height / (3 * font::HEIGHT)).max(1);
        let widest = grid.captions.iter().map(|&caption| font::width(caption)).max();
        let left = widest.map_or(Some(gap), |dots| {
            (dots + 2 * (font::WIDTH / 2)).checked_mul(dot)?.checked_add(2 * gap)
        })?;
        let width = cell_width.checked_add(gap)?.checked_mul(grid.columns)?.checked_add(left)?;
        let height = cell_height.checked_add(gap)?.checked_mul(grid.rows)?.checked_add(gap)?;
        let fits = width.checked_mul(height)? <= MOST_PIXELS;
        fits.then_some(Self { gap, dot, left, width, height })
    }
}

/// A gray picture, a byte a pixel, from the top left corner.
struct Canvas {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(width: usize, height: usize) -> Self {
        Self { width, height, pixels: vec![PAGE; width * height] }
    }

    /// Fills a square; what lies outside the picture is cut off.
    fn square(&mut self, x: usize, y: usize, side: usize, tone: u8) {
        let (from, to) = (x.min(self.width), (x + side).min(self.width));
        for line in self.pixels.chunks_exact_mut(self.width).skip(y).take(side) {
            line[from..to].fill(tone);
        }
    }

    fn encode(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut bytes = Vec::new();
        // MOST_PIXELS keeps both sides far below u32::MAX.
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(bytes)
    }
}

/// The byte of a value; a cast of NaN is 0.
fn tone(value: f32) -> u8 {
    (value.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// Width and height of a PNG, from its head; `None` where the bytes are something else.
pub fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().ok()?;
    Some((reader.info().width, reader.info().height))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};
    use std::fs;

    /// Width, height and bytes of the written grid.
    fn written(grid: &Grid) -> (usize, usize, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("grid.png");
        grid.write(&path).unwrap();
        let head = fs::read(&path).unwrap();
        let mut reader =
            png::Decoder::new(std::io::Cursor::new(fs::read(&path).unwrap())).read_info().unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut bytes).unwrap();
        assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::Eight));
        assert_eq!(png_size(&head), Some((info.width, info.height)));
        assert_eq!(png_size(b"GIF89a"), None);
        (info.width as usize, info.height as usize, bytes)
    }

    fn refusal(grid: &Grid) -> String {
        let folder = tempfile::tempdir().unwrap();
        let message = grid.write(&folder.path().join("grid.png")).unwrap_err().to_string();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert!(!message.contains('\n'));
        message
    }

    #[test]
    fn every_value_lands_in_its_place() {
        // One row of two images of 1 by 2 pixels.
        let images = array![[0.0, 1.0], [0.5, f32::NAN]];
        let (width, height, bytes) = written(&Grid::new(images.view(), 1, 2, (1, 2)));
        assert_eq!((width, height), (10, 5));
        let (p, line) = (PAGE, &bytes[2 * width..3 * width]);
        assert_eq!(line, [p, p, 0, 255, p, p, 128, 0, p, p]);
        let gaps = bytes[..2 * width].iter().chain(&bytes[3 * width..]);
        assert!(gaps.into_iter().all(|&tone| tone == PAGE));
    }

    #[test]
    fn values_are_clamped_and_magnified() {
        let images = array![[-3.0], [7.0], [f32::INFINITY], [f32::NEG_INFINITY]];
        let (width, height, bytes) = written(&Grid::new(images.view(), 2, 2, (1, 1)).scale(3));
        assert_eq!((width, height), (15, 15));
        let at = |x: usize, y: usize| bytes[y * width + x];
        assert_eq!([at(3, 3), at(5, 5), at(9, 3), at(11, 5)], [0, 0, 255, 255]);
        assert_eq!([at(3, 9), at(5, 11), at(9, 9), at(11, 11)], [255, 255, 0, 0]);
        assert_eq!([at(2, 3), at(6, 5), at(8, 8), at(12, 11)], [PAGE; 4]);
    }

    #[test]
    fn captions_stand_left_of_their_rows() {
        let images = Array2::zeros((2, 28 * 28));
        let plain = Grid::new(images.view(), 2, 1, (28, 28));
        let (bare, ..) = written(&plain);
        let (width, height, bytes) = written(&plain.clone().captions(&[7, 12]));
        assert_eq!((width - bare, height), (2 + 11 + 4, 62));
        let inked = |from: usize, to: usize| {
            bytes[from * width..to * width].iter().filter(|&&tone| tone == INK).count()
        };
        assert_eq!(inked(2, 30), font::dots(7).count());
        assert_eq!(inked(32, 60), font::dots(12).count());
    }

    #[test]
    fn captions_larger_than_the_rows_do_no_harm() {
        let images = Array2::zeros((2, 1));
        written(&Grid::new(images.view(), 2, 1, (1, 1)).captions(&[0, usize::MAX]));
    }

    #[test]
    fn numbers_which_do_not_fit_are_refused() {
        let images = Array2::zeros((6, 4));
        let grid = |rows, columns, size| Grid::new(images.view(), rows, columns, size);
        assert!(refusal(&grid(2, 2, (2, 2))).ends_with("do not make an array of 6 by 4"));
        assert!(refusal(&grid(2, 3, (2, 3))).ends_with("do not make an array of 6 by 4"));
        assert!(refusal(&grid(usize::MAX, 2, (2, 2))).contains("do not make"));
        assert!(refusal(&grid(0, 3, (2, 2))).contains("at least 1"));
        assert!(refusal(&grid(2, 3, (2, 2)).scale(0)).contains("at least 1"));
        assert!(refusal(&grid(2, 3, (2, 2)).scale(usize::MAX)).ends_with("too large"));
        assert!(refusal(&grid(2, 3, (2, 2)).scale(1 << 20)).ends_with("too large"));
        assert!(refusal(&grid(2, 3, (2, 2)).captions(&[1])).ends_with("1 captions for 2 rows"));
    }
}
