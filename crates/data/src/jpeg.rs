//! Whether JPEG files are whole, and which side of their pictures is up.

/// What is wrong with a file that is not.
pub(crate) const BREAKS_OFF: &str = "a JPEG picture that breaks off";

/// Whether a file is JPEG by its first bytes.
pub(crate) fn is_jpeg(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xd8, 0xff])
}

/// Whether the last scan of a JPEG file ends with an end of image: decoders fill what is missing with grey.
pub(crate) fn is_whole(bytes: &[u8]) -> bool {
    let mut at = 2;
    loop {
        // A marker, perhaps after fill bytes.
        let Some(&[0xff, marker]) = bytes.get(at..at + 2) else { return false };
        match marker {
            0xff => at += 1,
            0xd9 => return true,
            0x01 | 0xd0..=0xd8 => at += 2,
            _ => {
                let Some(&[high, low]) = bytes.get(at + 2..at + 4) else { return false };
                at += 2 + usize::from(u16::from_be_bytes([high, low])).max(2);
                // Entropy-coded bytes follow a start of scan, up to the next marker that is no restart.
                if marker == 0xda {
                    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0 | 0xd0..=0xd7);
                    let Some(coded) = bytes[at.min(bytes.len())..].windows(2).position(is_marker) else {
                        return false;
                    };
                    at += coded;
                }
            }
        }
    }
}

/// The orientation in a block of EXIF, 1 to 8; 1, which is upright, where there is none (TIFF 6.0, tag 274).
pub(crate) fn orientation(exif: &[u8]) -> u8 {
    let little = exif.starts_with(b"II");
    let number = |at: usize, bytes: usize| {
        let bytes = exif.get(at..at.checked_add(bytes)?)?;
        let join = |value: usize, byte: &u8| value << 8 | usize::from(*byte);
        Some(if little { bytes.iter().rev().fold(0, join) } else { bytes.iter().fold(0, join) })
    };
    let find = || {
        let directory = number(4, 4)?;
        let entries = number(directory, 2)?;
        let entry = (0..entries)
            .map(|place| directory + 2 + 12 * place)
            .find(|entry| number(*entry, 2) == Some(274))?;
        u8::try_from(number(entry + 8, 2)?).ok().filter(|value| (1..=8).contains(value))
    };
    find().unwrap_or(1)
}

/// Pixels (height, width) as they stand upright, with their height and width.
pub(crate) fn upright(
    orientation: u8,
    height: usize,
    width: usize,
    pixels: Vec<u8>,
) -> (usize, usize, Vec<u8>) {
    let (bottom, right) = (height.saturating_sub(1), width.saturating_sub(1));
    if !(2..=8).contains(&orientation) {
        return (height, width, pixels);
    }
    // Where the pixel (y, x) of the upright picture is in the file.
    let from = |(y, x): (usize, usize)| match orientation {
        2 => (y, right - x),
        3 => (bottom - y, right - x),
        4 => (bottom - y, x),
        5 => (x, y),
        6 => (bottom - x, y),
        7 => (bottom - x, right - y),
        _ => (x, right - y),
    };
    let (rows, columns) = if orientation < 5 { (height, width) } else { (width, height) };
    let places = (0..rows).flat_map(|y| (0..columns).map(move |x| (y, x)));
    let pixels = places.map(from).map(|(y, x)| pixels[y * width + x]).collect();
    (rows, columns, pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two rows, of which EXIF says how they stand: where row 0 and column 0 of the file are (TIFF 6.0).
    #[test]
    fn pictures_stand_upright() {
        let pixels = vec![1, 2, 3, 4, 5, 6];
        for (orientation, height, width, expected) in [
            (1, 2, 3, [1, 2, 3, 4, 5, 6]),
            (2, 2, 3, [3, 2, 1, 6, 5, 4]),
            (3, 2, 3, [6, 5, 4, 3, 2, 1]),
            (4, 2, 3, [4, 5, 6, 1, 2, 3]),
            (5, 3, 2, [1, 4, 2, 5, 3, 6]),
            // Row 0 is the right side, column 0 the top.
            (6, 3, 2, [4, 1, 5, 2, 6, 3]),
            (7, 3, 2, [6, 3, 5, 2, 4, 1]),
            (8, 3, 2, [3, 6, 2, 5, 1, 4]),
        ] {
            let found = upright(orientation, 2, 3, pixels.clone());
            assert_eq!(found, (height, width, expected.to_vec()), "{orientation}");
        }
    }

    #[test]
    fn the_orientation_is_read_in_both_byte_orders_and_never_beyond_the_block() {
        let little =
            b"II*\0\x08\0\0\0\x02\0\x10\x01\x03\0\x01\0\0\0\x01\0\0\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0";
        assert_eq!((orientation(little), orientation(big)), (6, 8));
        for end in 0..little.len() {
            let value = orientation(&little[..end]);
            assert_eq!(value, if end < 32 { 1 } else { 6 }, "{end}");
        }
        let far = b"II*\0\xff\xff\xff\xff";
        assert_eq!(orientation(far), 1);
    }
}
