//! The page of a run: one HTML file that needs no network, with curves, samples, measures and the generator itself.
//!
//! What the page shows comes as plain data ([`Run`]); nothing here reads a file. Text, tables and pictures are HTML and
//! SVG, made here or by `figures`, so the page can be read without JavaScript. The files of `js/` add interaction alone.
//!
//! Each section is one file with one function, from the run to a [`Section`].

mod compare;
mod curves;
mod document;
pub mod explorer;
mod facts;
mod game;
mod head;
mod measures;
mod page;
mod questions;
mod run;
mod samples;
mod section;
mod verdict;

pub use document::{document, policy};
pub use explorer::Explorer;
pub use game::{ByLabel, GAME_STYLE, Game, GameFrame, GameTraining, game_script, section as game_section};
pub use measures::{Measures, Table};
pub use page::{comparison, page};
pub use run::{Fault, Run, Setting, Settings, State, Task};
pub use samples::{Moment, Picture, Samples, Shown};
pub use section::Section;
