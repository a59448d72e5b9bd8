//! Reading gzip.

use std::io::{self, BufRead, Read};

/// What every stream begins with.
pub const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A reader of the uncompressed bytes. A stream of several members, as parallel compressors write them, is
/// read to its end; anything else after a member is an error.
pub fn reader<'a>(compressed: impl BufRead + 'a) -> impl Read + 'a {
    flate2::bufread::MultiGzDecoder::new(compressed)
}

/// All uncompressed bytes of a stream in memory, which is trusted: memory grows as the stream says.
///
/// # Errors
/// If the stream is damaged or truncated.
pub fn inflate(compressed: &[u8]) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    reader(compressed).read_to_end(&mut content)?;
    Ok(content)
}
