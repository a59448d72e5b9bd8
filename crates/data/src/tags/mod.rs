//! Tagged pictures: the data of the paper's second experiment (section 4.2).

mod embedded;
mod open;
mod pairs;
mod part;
mod preprocessing;
mod set;

pub use embedded::embedded_openclipart;
pub use open::load;
pub use pairs::Pairs;
pub use part::Part;
pub use preprocessing::{Options, Preprocessing};
pub use set::{Picture, TagSet, tag_word};
