//! A picture file as an image of a set: PNG or JPEG, in grey.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;

use crate::jpeg;

/// The most that a picture may have, in bytes, as a file and decoded.
const MOST: usize = 1 << 26;

/// A picture in grey: height, width and its pixels. Its content decides what it is, not its ending. Colours become their
/// luminance (ITU-R BT.601), transparent pixels are put on black, the background of a set. A JPEG stands as its EXIF says.
pub(super) fn grey(path: &Path) -> Result<(usize, usize, Vec<u8>), String> {
    let file = fs::metadata(path).map_err(|error| files::cause(path, &error))?;
    if !file.is_file() {
        return Err("no plain file".to_owned());
    }
    if file.len() > MOST as u64 {
        return Err(too_large());
    }
    let bytes = fs::read(path).map_err(|error| error.to_string())?;
    if jpeg::is_jpeg(&bytes) {
        return of_jpeg(&bytes);
    }
    if !bytes.starts_with(b"\x89PNG") {
        return Err(match files::content::described(&bytes) {
            _ if bytes.is_empty() => "an empty file".to_owned(),
            Some(what) => format!("no PNG or JPEG picture: it is {what}"),
            None => "no PNG or JPEG picture".to_owned(),
        });
    }
    of_png(&bytes)
}

fn too_large() -> String {
    format!("a picture of more than {} MiB, the most that is read", MOST >> 20)
}

fn of_png(bytes: &[u8]) -> Result<(usize, usize, Vec<u8>), String> {
    // A header is not trusted.
    let mut decoder = png::Decoder::new_with_limits(Cursor::new(bytes), png::Limits { bytes: MOST });
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let broken = |error: png::DecodingError| format!("a PNG picture that cannot be read: {error}");
    let mut reader = decoder.read_info().map_err(broken)?;
    let (height, width) = (reader.info().height as usize, reader.info().width as usize);
    let size = reader.output_buffer_size().filter(|size| *size <= MOST).ok_or_else(too_large)?;
    let mut decoded = vec![0; size];
    let info = reader.next_frame(&mut decoded).map_err(broken)?;
    Ok((height, width, in_grey(&decoded[..info.buffer_size()], info.color_type.samples())))
}

fn of_jpeg(bytes: &[u8]) -> Result<(usize, usize, Vec<u8>), String> {
    if !jpeg::is_whole(bytes) {
        return Err(jpeg::BREAKS_OFF.to_owned());
    }
    let broken =
        |error: zune_jpeg::errors::DecodeErrors| format!("a JPEG picture that cannot be read: {error}");
    // Without instructions of some processors alone: the bytes of a set are the same everywhere.
    let options = DecoderOptions::default().set_use_unsafe(false);
    let mut decoder = zune_jpeg::JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(broken)?;
    let (width, height) = decoder.dimensions().ok_or("a JPEG picture without a size")?;
    if width.saturating_mul(height).saturating_mul(3) > MOST {
        return Err(too_large());
    }
    let (colours, channels) = match decoder.input_colorspace() {
        Some(ColorSpace::Luma) => (ColorSpace::Luma, 1),
        Some(ColorSpace::YCbCr | ColorSpace::RGB) => (ColorSpace::RGB, 3),
        _ => {
            return Err("a JPEG picture in CMYK or other colours of print: save it as RGB or grey".to_owned());
        }
    };
    decoder.set_options(options.jpeg_set_out_colorspace(colours));
    let pixels = in_grey(&decoder.decode().map_err(broken)?, channels);
    let orientation = decoder.exif().map_or(1, |exif| jpeg::orientation(exif));
    Ok(jpeg::upright(orientation, height, width, pixels))
}

/// Pixels of grey, grey and alpha, RGB, or RGB and alpha, by the number of channels.
fn in_grey(bytes: &[u8], channels: usize) -> Vec<u8> {
    let luminance = |rgb: &[u8]| {
        let [r, g, b] = [rgb[0], rgb[1], rgb[2]].map(u32::from);
        (299 * r + 587 * g + 114 * b + 500) / 1000
    };
    let on_black = |value: u32, alpha: u8| ((value * u32::from(alpha) + 127) / 255) as u8;
    let pixel = |pixel: &[u8]| match *pixel {
        [value] => value,
        [value, alpha] => on_black(u32::from(value), alpha),
        [_, _, _] => on_black(luminance(pixel), 255),
        _ => on_black(luminance(pixel), pixel[3]),
    };
    bytes.chunks_exact(channels).map(pixel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each of 8 x 8 pixels. The colour is (200, 30, 60), of luminance 84.
    macro_rules! picture {
        ($name:literal) => {
            include_bytes!(concat!("../../tests/pictures/", $name))
        };
    }

    fn read(bytes: &[u8]) -> Result<(usize, usize, Vec<u8>), String> {
        let folder = tempfile::tempdir().unwrap();
        // The content decides, not the ending.
        let path = folder.path().join("picture.png");
        fs::write(&path, bytes).unwrap();
        grey(&path)
    }

    #[test]
    fn jpeg_pictures_become_luminance() {
        for (bytes, value) in [
            (&picture!("colour.jpg")[..], 84),
            (picture!("progressive.jpg"), 84),
            (picture!("grey.jpg"), 123u8),
        ] {
            let (height, width, pixels) = read(bytes).unwrap();
            assert_eq!((height, width, pixels.len()), (8, 8, 64));
            // What quantisation costs.
            assert!(pixels.iter().all(|pixel| pixel.abs_diff(value) <= 2), "{value}: {pixels:?}");
            assert_eq!(read(&bytes[..bytes.len() - 20]), Err(jpeg::BREAKS_OFF.to_owned()));
        }
        assert!(read(picture!("cmyk.jpg")).unwrap_err().contains("in CMYK"));
    }

    #[test]
    fn a_jpeg_stands_as_its_exif_says() {
        // Cut to 8 x 4 pixels: of its rows, those of the first half of a block are shown.
        let mut wide = picture!("colour.jpg").to_vec();
        let start = wide.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        wide[start + 5..start + 7].copy_from_slice(&[0, 4]);
        let (height, width, _) = read(&wide).unwrap();
        assert_eq!((height, width), (4, 8));
        let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let mut block = vec![0xff, 0xe1, 0, exif.len() as u8 + 2];
        block.extend(exif);
        wide.splice(2..2, block);
        let (height, width, _) = read(&wide).unwrap();
        assert_eq!((height, width), (8, 4));
    }

    #[test]
    fn interlaced_pictures_are_read_and_huge_ones_are_not() {
        let bytes = picture!("interlaced.png");
        let pixels: Vec<u8> = (0..64).map(|pixel| 4 * pixel).collect();
        assert_eq!(read(bytes).unwrap(), (8, 8, pixels));
        // The height and width in its frame header.
        let mut huge = picture!("colour.jpg").to_vec();
        let start = huge.windows(2).position(|pair| pair == [0xff, 0xc0]).unwrap();
        huge[start + 5..start + 9].copy_from_slice(&[0x3f, 0xff, 0x3f, 0xff]);
        assert!(read(&huge).unwrap_err().contains("more than 64 MiB"));
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(grey(folder.path()).unwrap_err(), "no plain file");
    }
}
