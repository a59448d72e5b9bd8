//! Tags for pictures: Table 2 of the paper, the measures of the field, and baselines.

pub mod baselines;
pub mod draws;
mod evaluate;
pub mod measures;
pub mod protocol;
mod scores;

pub use evaluate::{Request, Run, TagEvaluation, evaluate};
pub use measures::{Measures, measures};
pub use protocol::{Ranking, SAMPLES, TAGS, Tagged, Tagger};
pub use scores::{MEASURES, TaggerScores};
