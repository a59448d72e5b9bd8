//! The embedded set of tagged pictures.

use data::Split;
use data::prepare::stem;
use data::tags::embedded_openclipart;

#[test]
fn no_title_straddles_the_splits_and_every_picture_can_be_shown() {
    let set = embedded_openclipart().unwrap();
    let sizes = [Split::Train, Split::Validation, Split::Test].map(|split| set.split(split).len());
    assert!(sizes[0] > 2000 && sizes[1] > 200 && sizes[2] > 200, "{sizes:?}");
    let mut stems = std::collections::HashMap::new();
    for (number, picture) in set.pictures.iter().enumerate() {
        let before = *stems.entry(stem(picture)).or_insert(picture.split);
        assert_eq!(before, picture.split, "{}", picture.id);
        assert!(set.thumbnail(number).is_some());
    }
    assert!(set.text.len() > 100_000);
}
