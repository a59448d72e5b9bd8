//! What the page shows of a run.

use cgan::objectives::ObjectiveConfig;
use figures::History;

mod measures;
mod samples;

pub use measures::{Measures, Table};
pub use samples::{Moment, Picture, Samples, Shown};

/// What the page shows of a run, as plain data.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its name, as its folder is called.
    pub name: String,
    /// What it is, as a sentence.
    pub sentence: String,
    /// What x and y are.
    pub task: Task,
    /// How it ended, or that it has not.
    pub state: State,
    /// Epochs that it is to train.
    pub epochs: u64,
    /// Seconds of training.
    pub seconds: Option<f64>,
    /// The machine that it ran on, and the version of the program.
    pub machine: Option<String>,
    /// The command that repeats it.
    pub command: String,
    /// The settings.
    pub settings: Settings,
    /// What either player minimises.
    pub objective: ObjectiveConfig,
    /// Whether G and D have a condition.
    pub conditional: bool,
    /// The number of classes, where the condition is one.
    pub classes: Option<usize>,
    /// `metrics.csv`.
    pub metrics: History,
    /// `evaluations.csv`: figures on validation data, by epoch.
    pub evaluations: History,
    /// Its column that early stopping maximises.
    pub validation_column: &'static str,
    /// `diagnosis.csv`: how G uses its inputs, and whether D overfits, by epoch.
    pub diagnosis: History,
    /// Standard deviation of a pixel of the training images within a class.
    pub real_spread: Option<f64>,
    /// The paper's Parzen estimate, where the data are the paper's.
    pub paper_nats: Option<f64>,
    /// What was diagnosed while it trained.
    pub faults: Vec<Fault>,
    /// What it drew while it trained.
    pub samples: Samples,
    /// What `cgan evaluate` has measured, if it has.
    pub measures: Measures,
    /// What the page cannot show, and why.
    pub missing: Vec<String>,
}

/// What x and y are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// x is an image, y its class.
    Images,
    /// x is a word vector, y a picture.
    Words,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It trains.
    Training,
    /// All its epochs are done.
    Finished,
    /// Early stopping ended it.
    EndedEarly,
    /// A signal stopped it, and it was saved.
    Stopped,
    /// A number was not finite; what was, and where.
    Diverged(String),
    /// It left no word: it was killed, or the machine was.
    Unknown,
}

/// A fault that lasted long enough to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What was seen, and what to try.
    pub text: String,
    /// Its first and its last epoch.
    pub epochs: (u64, u64),
    /// Whether it is over: later epochs are without it.
    pub over: bool,
    /// Whether it spoils the samples, and does not only waste units.
    pub serious: bool,
}

/// The settings of a run beside those of presets.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The preset that the run is nearest to.
    pub preset: String,
    /// The preset of the paper's recipe that it is compared with.
    pub paper: String,
    /// Every setting that has a value in one of the three.
    pub rows: Vec<Setting>,
}

/// A setting.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Setting {
    /// Its path.
    pub key: String,
    /// Its value in this run.
    pub value: Option<String>,
    /// Its value in the nearest preset.
    pub preset: Option<String>,
    /// Its value in the paper's recipe.
    pub paper: Option<String>,
    /// What the paper says of it.
    pub paper_says: Option<String>,
}

impl Run {
    /// The spread of real images within a class: of the training data, or else as `cgan evaluate` has measured it.
    pub(crate) fn spread_of_data(&self) -> Option<f64> {
        self.real_spread.or_else(|| self.measures.real("spread"))
    }

    /// The accuracy of samples that ignore their label.
    pub(crate) fn chance(&self) -> Option<f64> {
        self.classes.filter(|classes| self.conditional && *classes > 1).map(|classes| 1.0 / classes as f64)
    }

    /// Whether no process will change its weights, as far as is known.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.state, State::Finished | State::EndedEarly)
    }

    /// Epochs that are done.
    pub fn epochs_done(&self) -> f64 {
        self.metrics.last_position().map_or(0.0, |(_, epoch)| epoch)
    }
}
