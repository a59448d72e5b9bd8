//! Whether JPEG files are whole.

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
