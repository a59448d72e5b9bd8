//! Figures of a run: training curves as SVG, grids of samples as PNG, pages of tagged pictures as HTML; drawings of a
//! recorded tape; and charts of any points.
//!
//! Every file of a run is written beside its destination and then renamed, so a reader sees the old figure or the new
//! one and never half of either.

mod axis;
mod chart;
mod curves;
mod error;
mod fluid;
mod font;
pub mod graph;
mod grid;
mod history;
mod labels;
mod markup;
mod plot;
mod series;
mod svg;
mod tag_page;

pub use axis::{position, rounded};
pub use chart::{Chart, Field, Mark, Panel, Series};
pub use curves::write_curves;
pub use error::Error;
pub use grid::{Grid, png_size};
pub use history::History;
pub use labels::Label;
pub use markup::escape;
pub use plot::{Plot, PlotLine, Reference, losses, outputs};
pub use series::Line;
pub use tag_page::{PagePicture, tag_page, thumbnails};
