//! Pictures for the pages that show generated tags.

use data::tags::TagSet;
use figures::PagePicture;

/// A picture for a page, with the tags that were generated for it.
pub(super) fn page_picture(set: &TagSet, number: usize, generated: Vec<String>) -> PagePicture {
    let id = set.pictures[number].id.clone();
    PagePicture { thumbnail: set.thumbnail(number), id, own: set.words(number), generated }
}
