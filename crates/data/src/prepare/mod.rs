//! Published collections as folders of tagged pictures.

mod cells;
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

#[cfg(test)]
mod fixture {
    use crate::split::Split;
    use crate::tags::Picture;

    pub(super) fn picture(id: &str, title: &str) -> Picture {
        Picture {
            id: id.to_owned(),
            tags: vec!["x".to_owned()],
            title: title.to_owned(),
            description: String::new(),
            split: Split::Train,
            source: String::new(),
            thumbnail: None,
        }
    }
}
