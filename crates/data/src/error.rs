//! What can be wrong with a data set.
use std::io;
use std::path::{Path, PathBuf};

/// Why a data set cannot be used. Every message is one line that names the file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder lacks one of the four files.
    #[error("{}: no file `{wanted}` or `{wanted}.gz`", dir.display())]
    Missing {
        /// The folder that was searched.
        dir: PathBuf,
        /// The file's usual name, with the prefix of its neighbours if they have one.
        wanted: String,
    },
    /// The folder has the labels of a split, but not its images.
    #[error("{}: labels without images: no file `{wanted}` or `{wanted}.gz` beside it", labels.display())]
    LabelsAlone {
        /// The file of labels.
        labels: PathBuf,
        /// The usual name of the images.
        wanted: String,
    },
    /// The folder has several files of one kind.
    #[error("{}: more than one set in the folder ({}): choose one, as --data DIR/NAME", dir.display(), found.join(", "))]
    Ambiguous {
        /// The folder that was searched.
        dir: PathBuf,
        /// Their names.
        found: Vec<String>,
    },
    /// A file or folder of data cannot be read.
    #[error("{}: cannot be read: {}", path.display(), files::cause(path, source))]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The name ends in `.gz`, but the content is not gzip.
    #[error("{}: not a gzip file, though its name ends in .gz", path.display())]
    NotGzip {
        /// The file.
        path: PathBuf,
    },
    /// The gzip stream is damaged or breaks off.
    #[error("{}: corrupt gzip stream after {offset} uncompressed bytes: {reason}", path.display())]
    CorruptGzip {
        /// The file.
        path: PathBuf,
        /// Uncompressed bytes read before the fault.
        offset: u64,
        /// What the decoder said.
        reason: String,
    },
    /// Not an IDX file of unsigned bytes with the right number of dimensions.
    #[error("{}: byte 0: magic number {found:#010x}, expected {expected:#010x}", path.display())]
    WrongMagic {
        /// The file.
        path: PathBuf,
        /// What the file begins with.
        found: u32,
        /// 0x00000801 for labels, 0x00000803 for images.
        expected: u32,
    },
    /// The file ends within its header.
    #[error("{}: ends at byte {found}, within its header of {needed} bytes", path.display())]
    ShortHeader {
        /// The file.
        path: PathBuf,
        /// Bytes in the file, uncompressed.
        found: u64,
        /// Bytes of the header.
        needed: u64,
    },
    /// The header announces more than is ever read.
    #[error(
        "{}: byte 4: its header announces {announced} bytes, more than the limit of {limit}",
        path.display()
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes that the header announces.
        announced: u128,
        /// Bytes that a file may have at most.
        limit: u64,
    },
    /// The file ends before what its header announces.
    #[error("{}: truncated: {found} bytes follow the header, which announces {announced}", path.display())]
    Truncated {
        /// The file.
        path: PathBuf,
        /// Bytes after the header, uncompressed.
        found: u64,
        /// Bytes that the header announces.
        announced: u64,
    },
    /// The file continues after what its header announces.
    #[error(
        "{}: byte {offset}: continues after the {announced} bytes that its header announces",
        path.display()
    )]
    Trailing {
        /// The file.
        path: PathBuf,
        /// Where the surplus begins, uncompressed.
        offset: u64,
        /// Bytes that the header announces.
        announced: u64,
    },
    /// The content is not the one that `SHA256SUMS` lists.
    #[error("{}: SHA-256 is {found}, but SHA256SUMS lists {expected}", path.display())]
    WrongChecksum {
        /// The file.
        path: PathBuf,
        /// The sum as computed, in lower-case hex.
        found: String,
        /// The sum as listed.
        expected: String,
    },
    /// `SHA256SUMS` itself is not a list of sums.
    #[error("{}: line {line}: expected 64 hex digits, two spaces and a file name", path.display())]
    BadSums {
        /// The list of sums.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
    },
    /// A split has another number of labels than of images.
    #[error("{}: {labels} labels for the {images} images of {}", path.display(), images_path.display())]
    CountsDisagree {
        /// The file of labels.
        path: PathBuf,
        /// Number of labels.
        labels: usize,
        /// The file of images.
        images_path: PathBuf,
        /// Number of images.
        images: usize,
    },
    /// Training and test images differ in size.
    #[error(
        "{}: images of {}x{} pixels, but the training images have {}x{} (height x width)",
        path.display(), found.0, found.1, expected.0, expected.1
    )]
    SizesDisagree {
        /// The file of test images.
        path: PathBuf,
        /// Height and width of the test images.
        found: (usize, usize),
        /// Height and width of the training images.
        expected: (usize, usize),
    },
    /// A file without entries.
    #[error("{}: byte 4: its header announces 0 entries", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// Images without pixels.
    #[error("{}: byte 8: images of {height}x{width} pixels (height x width)", path.display())]
    NoPixels {
        /// The file.
        path: PathBuf,
        /// Announced height.
        height: usize,
        /// Announced width.
        width: usize,
    },
    /// Too few training images to hold some out for validation.
    #[error(
        "{}: {images} training images, but at least {needed} are needed to set some aside",
        path.display()
    )]
    TooFew {
        /// The file of training images.
        path: PathBuf,
        /// Number of images.
        images: usize,
        /// The least number.
        needed: usize,
    },
    /// A file cannot be written.
    #[error("{}: {}", path.display(), files::cause(path, source))]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file or a set of tagged pictures is not what it should be.
    #[error("{}: {why}", path.display())]
    File {
        /// The file, or the name of the set.
        path: PathBuf,
        /// What is wrong, and where.
        why: String,
    },
    /// Pictures come twice, or parts of a run are of different data.
    #[error("{0}")]
    Mismatch(String),
}

/// What is wrong with one line of JSON, without the library's count of lines.
pub(crate) fn json_fault(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    match text.strip_suffix(&place) {
        Some(what) => format!("{what} (character {})", error.column()),
        None => text,
    }
}

impl Error {
    /// A file or folder of data that cannot be read.
    pub(crate) fn unreadable(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Unreadable { path: path.to_owned(), source }
    }

    /// A file that cannot be written.
    pub(crate) fn io(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), source }
    }

    /// A file that is not what it should be.
    pub(crate) fn file(path: impl AsRef<Path>, why: impl Into<String>) -> Self {
        Self::File { path: path.as_ref().to_owned(), why: why.into() }
    }
}
