//! The page of a run: one HTML file that needs no network, with curves, samples, measures and the generator itself.
//!
//! What the page shows comes as plain data ([`Run`]); nothing here reads a file. Text, tables and pictures are HTML and
//! SVG, made here or by `figures`, so the page can be read without JavaScript. The files of `js/` add interaction alone.
//!
//! Each section is one file with one function, from the run to a [`Section`].

mod document;
pub mod explorer;
mod facts;
mod game;
mod page;
mod run;
mod section;
mod sections;
mod verdict;

pub use document::{document, policy};
pub use explorer::Explorer;
pub use game::{ByLabel, GAME_STYLE, Game, GameFrame, GameTraining, game_script, section as game_section};
pub use page::{comparison, page};
pub use run::{Fault, Measures, Moment, Picture, Run, Samples, Setting, Settings, Shown, State, Table, Task};
pub use section::Section;
