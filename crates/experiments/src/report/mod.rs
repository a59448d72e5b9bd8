//! Pictures of a run: grids of samples as PNG, training curves as SVG.
//!
//! Every file is written beside its destination and then renamed into place, so a reader sees the old picture
//! or the new one and never half of either.
use std::io;
use std::path::PathBuf;

mod axis;
pub mod curves;
mod file;
mod font;
pub mod grid;
mod history;
mod series;
mod svg;

pub use curves::write_curves;
pub use grid::Grid;

/// Why a picture could not be made. Each message is one full line and names the file.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The input cannot be read, or is no CSV.
    #[error("cannot read {}: {cause}", path.display())]
    Read {
        /// The file being read.
        path: PathBuf,
        /// What went wrong.
        cause: io::Error,
    },
    /// The picture cannot be written.
    #[error("cannot write {}: {cause}", path.display())]
    Write {
        /// The file being written.
        path: PathBuf,
        /// What went wrong.
        cause: io::Error,
    },
    /// The header of a metrics file lacks columns which the curves need.
    #[error("{}: no column {missing} in the header ({found})", path.display())]
    Columns {
        /// The metrics file.
        path: PathBuf,
        /// What is missing, as in `d_loss, g_loss`.
        missing: String,
        /// The columns which are there, as in `step, epoch`.
        found: String,
    },
    /// The numbers given for a grid do not fit together.
    #[error("cannot draw {}: {problem}", path.display())]
    Layout {
        /// The file which was to be drawn.
        path: PathBuf,
        /// What does not fit.
        problem: String,
    },
}
