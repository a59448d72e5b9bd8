//! The commands of the book, so that tests can see that each exists.

use crate::chapters::chapters;

/// The commands after `check:`, with the chapter that has them, in order.
pub fn commands() -> Vec<(&'static str, &'static str)> {
    let of = |text: &'static str| {
        text.lines()
            .filter(|line| line.starts_with("code: "))
            .filter_map(|line| line.rsplit_once("check: `")?.1.strip_suffix('`'))
    };
    chapters()
        .into_iter()
        .flat_map(|chapter| of(chapter.text).map(move |command| (chapter.file, command)))
        .collect()
}
