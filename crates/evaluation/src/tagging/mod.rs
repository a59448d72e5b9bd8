//! Tags for pictures: Table 2 of the paper, the measures of the field, and baselines.

pub mod baselines;
pub mod draws;
mod evaluate;
pub mod measures;
pub mod protocol;

pub use evaluate::{Request, Run, TagEvaluation, TaggerScores, evaluate};
pub use measures::{Measures, measures};
pub use protocol::{Ranking, SAMPLES, TAGS, Tagged, Tagger};
