//! The chapters in the order of `SUMMARY.md`.

use crate::embedded::CHAPTERS;

/// A chapter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chapter {
    /// Its file in `docs/book/src`.
    pub(crate) file: &'static str,
    /// Its title.
    pub(crate) title: &'static str,
    /// Its Markdown.
    pub(crate) text: &'static str,
}

impl Chapter {
    /// Its anchor in the page.
    pub(crate) fn id(&self) -> &'static str {
        self.file.trim_end_matches(".md")
    }
}

/// A part of the book: its title, if it has one, and its chapters.
pub(crate) type Part = (Option<&'static str>, Vec<Chapter>);

/// The parts, as `SUMMARY.md` lists them.
///
/// # Panics
/// If it lists a file that is not there, which a test excludes.
pub(crate) fn parts() -> Vec<Part> {
    let mut parts: Vec<Part> = vec![(None, Vec::new())];
    for line in text("SUMMARY.md").lines().skip(1) {
        if let Some(title) = line.strip_prefix("# ") {
            parts.push((Some(title), Vec::new()));
        } else if let Some((title, file)) = link(line) {
            let chapter = Chapter { file, title, text: text(file) };
            parts.last_mut().expect("the first").1.push(chapter);
        }
    }
    parts
}

/// All chapters in order.
pub(crate) fn chapters() -> Vec<Chapter> {
    parts().into_iter().flat_map(|(_, chapters)| chapters).collect()
}

fn text(file: &str) -> &'static str {
    let found = CHAPTERS.iter().find(|(name, _)| *name == file);
    found.unwrap_or_else(|| panic!("docs/book/src/SUMMARY.md lists {file}, which does not exist")).1
}

/// Title and file of `- [title](file)`.
fn link(line: &'static str) -> Option<(&'static str, &'static str)> {
    let (title, rest) = line.split_once('[')?.1.split_once("](")?;
    Some((title, rest.split_once(')')?.0))
}
