//! A picture file as the input of a net.

use std::fs;
use std::path::Path;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, crop_imm, overlay, resize};
use image::{ImageDecoder, ImageReader, Limits, Rgb, RgbImage};

use crate::jpeg;

/// How a picture of any size becomes a square.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fit {
    /// All of it, on white
    Pad,
    /// All of it, its sides stretched or shrunk
    Stretch,
    /// The middle: the shorter side becomes 8/7 of the square's, which is then cut out
    Crop,
}

/// How bytes become numbers: (byte - shift) / scale, channel by channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Normalize {
    /// (v - 127) / 128: EfficientNet-lite
    Lite,
    /// v / 255, standardised by the mean and deviation of ImageNet: most nets from PyTorch
    Imagenet,
    /// Blue first, minus the mean of ImageNet, not scaled: AlexNet and VGG from Caffe
    Caffe,
    /// v / 255
    Unit,
    /// v, from 0 to 255: nets that scale their input themselves
    Raw,
    /// v / 255, standardised by these means and deviations of the channels
    Own([f32; 3], [f32; 3]),
}

impl Fit {
    /// The name on the command line and in records.
    pub fn name(self) -> &'static str {
        match self {
            Fit::Pad => "pad",
            Fit::Stretch => "stretch",
            Fit::Crop => "crop",
        }
    }

    /// The fit of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Fit::Pad, Fit::Stretch, Fit::Crop].into_iter().find(|fit| fit.name() == name)
    }
}

impl Normalize {
    /// The name on the command line and in records; means and deviations as numbers.
    pub fn name(self) -> String {
        match self {
            Normalize::Lite => "lite".to_owned(),
            Normalize::Imagenet => "imagenet".to_owned(),
            Normalize::Caffe => "caffe".to_owned(),
            Normalize::Unit => "unit".to_owned(),
            Normalize::Raw => "none".to_owned(),
            Normalize::Own(mean, deviation) => {
                let list = |values: [f32; 3]| values.map(|value| value.to_string()).join(",");
                format!("mean {} std {}", list(mean), list(deviation))
            }
        }
    }

    /// The normalisation of this name.
    pub fn named(name: &str) -> Option<Self> {
        let known = [Self::Lite, Self::Imagenet, Self::Caffe, Self::Unit, Self::Raw];
        known.into_iter().find(|known| known.name() == name).or_else(|| {
            let (mean, deviation) = name.strip_prefix("mean ")?.split_once(" std ")?;
            let list = |text: &str| {
                let values: Option<Vec<f32>> = text.split(',').map(|value| value.parse().ok()).collect();
                <[f32; 3]>::try_from(values?).ok()
            };
            Some(Self::Own(list(mean)?, list(deviation)?))
        })
    }
}

/// Reads a picture as 8-bit RGB. Deeper colours are rounded, transparent pixels are put on white.
///
/// # Errors
/// If the file is not a picture, is damaged, or has a format that is not read.
pub fn read(path: &Path) -> Result<RgbImage, String> {
    let io = |error: std::io::Error| error.to_string();
    if !fs::metadata(path).map_err(io)?.is_file() {
        return Err("no plain file".to_owned());
    }
    let bytes = fs::read(path).map_err(io)?;
    if jpeg::is_jpeg(&bytes) && !jpeg::is_whole(&bytes) {
        return Err(jpeg::BREAKS_OFF.to_owned());
    }
    let described = |error: image::ImageError| match files::content::described(&bytes) {
        Some(what) if !what.ends_with("picture") => format!("no picture: it is {what}"),
        _ => error.to_string(),
    };
    let mut reader = ImageReader::new(std::io::Cursor::new(&bytes));
    let mut limits = Limits::default();
    // A header is not trusted.
    limits.max_image_width = Some(1 << 15);
    limits.max_image_height = Some(1 << 15);
    limits.max_alloc = Some(1 << 30);
    reader.limits(limits);
    let reader = reader.with_guessed_format().map_err(|error| error.to_string())?;
    let mut decoder = reader.into_decoder().map_err(described)?;
    let orientation = decoder.orientation().map_err(|error| error.to_string())?;
    let mut image = image::DynamicImage::from_decoder(decoder).map_err(|error| error.to_string())?;
    image.apply_orientation(orientation);
    if image.width() == 0 || image.height() == 0 {
        return Err("an empty picture".to_owned());
    }
    let image = image.to_rgba8();
    Ok(RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [r, g, b, alpha] = image.get_pixel(x, y).0;
        let alpha = u32::from(alpha);
        Rgb([r, g, b].map(|v| ((u32::from(v) * alpha + 255 * (255 - alpha) + 127) / 255) as u8))
    }))
}

/// A square of `size` pixels.
pub fn square(image: &RgbImage, size: u32, fit: Fit) -> RgbImage {
    let scaled = |width: f64, height: f64| {
        let side = |length: f64| (length.round() as u32).clamp(1, 1 << 14);
        resize(image, side(width), side(height), FilterType::Triangle)
    };
    let (width, height, side) = (f64::from(image.width()), f64::from(image.height()), f64::from(size));
    match fit {
        Fit::Stretch => scaled(side, side),
        Fit::Pad => {
            let factor = side / width.max(height);
            let inner = scaled(width * factor, height * factor);
            let mut whole = RgbImage::from_pixel(size, size, Rgb([255; 3]));
            let place = |length: u32| i64::from((size.saturating_sub(length)) / 2);
            overlay(&mut whole, &inner, place(inner.width()), place(inner.height()));
            whole
        }
        Fit::Crop => {
            let factor = (side * 8.0 / 7.0) / width.min(height);
            let outer = scaled((width * factor).max(side), (height * factor).max(side));
            let place = |length: u32| (length - size) / 2;
            crop_imm(&outer, place(outer.width()), place(outer.height()), size, size).to_image()
        }
    }
}

/// Writes a small copy as a JPEG file, whole or not at all, its longer side of `size` pixels; makes the folder if it is
/// missing.
///
/// # Errors
/// If the file cannot be written.
pub fn write_thumbnail(image: &RgbImage, path: &Path, size: u32) -> Result<(), String> {
    let scale = f64::from(size) / f64::from(image.width().max(image.height()));
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    let small = resize(image, side(image.width()), side(image.height()), FilterType::Triangle);
    fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    small
        .write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 50))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    files::write_bytes(path, &bytes).map_err(|error| format!("{}: {error}", path.display()))
}

impl Normalize {
    /// The numbers of a square: channel after channel if `planes`, else pixel after pixel.
    pub fn numbers(self, image: &RgbImage, planes: bool) -> Vec<f32> {
        const MEAN: [f32; 3] = [0.485, 0.456, 0.406];
        let number = |channel: usize, v: f32| match self {
            Normalize::Lite => (v - 127.0) / 128.0,
            Normalize::Imagenet => (v / 255.0 - MEAN[channel]) / [0.229, 0.224, 0.225][channel],
            Normalize::Caffe => v - [123.68, 116.779, 103.939][channel],
            Normalize::Unit => v / 255.0,
            Normalize::Raw => v,
            Normalize::Own(mean, deviation) => (v / 255.0 - mean[channel]) / deviation[channel],
        };
        let order = if self == Normalize::Caffe { [2, 1, 0] } else { [0, 1, 2] };
        if planes {
            let plane =
                |channel| image.pixels().map(move |pixel| number(channel, f32::from(pixel.0[channel])));
            order.into_iter().flat_map(plane).collect()
        } else {
            image.pixels().flat_map(|pixel| order.map(|c| number(c, f32::from(pixel.0[c])))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, ImageBuffer, Luma, Rgba};

    #[test]
    fn odd_pictures_are_read_and_broken_ones_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.png");
        ImageBuffer::<Rgba<u8>, _>::from_pixel(2, 1, Rgba([255, 0, 0, 0])).save(&path).unwrap();
        assert_eq!(read(&path).unwrap().get_pixel(0, 0).0, [255; 3]);
        DynamicImage::ImageLuma16(ImageBuffer::from_pixel(2, 2, Luma([0x8080u16]))).save(&path).unwrap();
        assert_eq!(read(&path).unwrap().get_pixel(1, 1).0, [128; 3]);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        assert!(read(&path).is_err());
        std::fs::write(&path, "text").unwrap();
        assert!(read(&path).is_err());
        assert!(read(&folder.path().join("none.png")).is_err());
        // Half a JPEG, which a decoder would fill with grey; one with an end that is not its own; one with bytes after it.
        let path = folder.path().join("p.jpg");
        RgbImage::from_fn(64, 64, |x, y| Rgb([(x * y) as u8, x as u8, y as u8])).save(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(read(&path).unwrap().dimensions(), (64, 64));
        for (cut, is_whole) in [
            (bytes[..bytes.len() / 2].to_vec(), false),
            (bytes[..bytes.len() - 2].to_vec(), false),
            ([&bytes[..], b"more"].concat(), true),
        ] {
            std::fs::write(&path, cut).unwrap();
            assert_eq!(read(&path).is_ok(), is_whole);
        }
        std::fs::write(&path, b"\0\0\0\x18ftypheic").unwrap();
        assert!(read(&path).unwrap_err().contains("it is a HEIC"));
    }

    #[test]
    fn every_fit_gives_a_square_of_the_right_part() {
        // Left half black, right half white, twice as wide as high.
        let image = RgbImage::from_fn(40, 20, |x, _| Rgb([if x < 20 { 0 } else { 255 }; 3]));
        for fit in [Fit::Pad, Fit::Stretch, Fit::Crop] {
            let square = square(&image, 16, fit);
            assert_eq!(square.dimensions(), (16, 16));
            assert_eq!(square.get_pixel(1, 8).0, [0; 3], "{fit:?}");
            assert_eq!(square.get_pixel(14, 8).0, [255; 3]);
            assert_eq!(square.get_pixel(1, 0).0, if fit == Fit::Pad { [255; 3] } else { [0; 3] });
        }
        assert_eq!(super::square(&RgbImage::new(1, 5000), 8, Fit::Crop).dimensions(), (8, 8));
    }

    #[test]
    fn numbers_come_in_the_order_of_the_net() {
        let image = RgbImage::from_fn(2, 1, |x, _| Rgb([127 + x as u8, 255, 0]));
        assert_eq!(Normalize::Lite.numbers(&image, true)[..3], [0.0, 1.0 / 128.0, 1.0]);
        assert_eq!(Normalize::Caffe.numbers(&image, false)[..3], [-103.939, 255.0 - 116.779, 127.0 - 123.68]);
        assert_eq!(Normalize::Unit.numbers(&image, true).len(), 6);
        for normalize in [Normalize::Caffe, Normalize::Raw, Normalize::Own([0.0, 0.1, 1.0], [0.25, 1.0, 2.0])]
        {
            assert_eq!(Normalize::named(&normalize.name()), Some(normalize));
        }
        assert_eq!(
            (Fit::named("crop"), Fit::named("x"), Normalize::named("mean 1,2")),
            (Some(Fit::Crop), None, None)
        );
        assert_eq!(Normalize::Raw.numbers(&image, false)[..3], [127.0, 255.0, 0.0]);
        assert_eq!(
            Normalize::Own([0.0, 0.5, 1.0], [1.0, 0.5, 2.0]).numbers(&image, false)[1..3],
            [1.0, -0.5]
        );
    }
}
