//! The whole book as one HTML page.

use std::fmt::Write;

use crate::chapters::parts;
use crate::error::Error;
use crate::render::{escaped, render};

const TITLE: &str = "Conditional adversarial nets, from the mathematics up";

/// The page: readable without a script, which only searches.
///
/// # Errors
/// The first fault of a chapter.
pub fn page() -> Result<String, Error> {
    let (mut contents, mut body) = (String::new(), String::new());
    let mut numbers = Numbers::default();
    for (part, chapters) in parts() {
        if let Some(part) = part {
            write!(contents, "<li class=\"part\">{}</li>", escaped(part)).expect("memory");
        }
        for chapter in &chapters {
            let (id, title) = (chapter.id(), escaped(chapter.title));
            let number = numbers.next(part);
            write!(contents, "<li><a href=\"#{id}\">{number}{title}</a></li>").expect("memory");
            write!(body, "<section>\n{}</section>\n", render(chapter)?).expect("memory");
        }
    }
    Ok(include_str!("page.html")
        .replace("{style}", include_str!("page.css"))
        .replace("{script}", include_str!("search.js"))
        .replace("{title}", TITLE)
        .replace("{contents}", &contents)
        .replace("{body}", &body))
}

/// Chapters are numbered, appendices have letters, and what stands before the first part has nothing.
#[derive(Default)]
struct Numbers {
    chapters: usize,
    appendices: u8,
}

impl Numbers {
    fn next(&mut self, part: Option<&str>) -> String {
        match part {
            None => String::new(),
            Some("Appendices") => {
                self.appendices += 1;
                format!("{} ", char::from(b'A' + self.appendices - 1))
            }
            Some(_) => {
                self.chapters += 1;
                format!("{} ", self.chapters)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_is_whole_and_needs_no_network() {
        let page = page().unwrap_or_else(|fault| panic!("{fault}"));
        assert!(page.contains("<a href=\"#01-the-game\">1 The game</a>"));
        assert!(page.len() < 3_000_000, "{} bytes", page.len());
        for outside in ["src=\"http", "<link", "@import", "url(http"] {
            assert!(!page.contains(outside), "{outside}");
        }
        // Every link within the page leads somewhere.
        for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(page.contains(&format!("id=\"{link}\"")), "#{link}");
        }
    }
}
