//! Published collections as folders of tagged pictures.

mod folder;
mod found;
mod generic;
mod mirflickr;
mod openclipart;

pub use folder::write;
pub use found::{Found, stem};
pub use generic::generic;
pub use mirflickr::{PAIRS, mirflickr};
pub use openclipart::openclipart;
