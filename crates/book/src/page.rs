//! The whole book as one HTML page.

use std::fmt::Write;

use report::{GAME_STYLE, Section, game_script, policy};

use crate::chapters::parts;
use crate::error::Error;
use crate::render::{escaped, render};

const TITLE: &str = "Conditional adversarial nets, from the mathematics up";

/// The page: readable without its scripts, which only search, and move the game of chapter 6.
///
/// `sections` stand where a chapter has a picture whose address ends with `#` and the section's id; a reader of the
/// Markdown sees the picture.
///
/// # Errors
/// The first fault of a chapter, such as a section that is not given.
pub fn page(sections: &[Section]) -> Result<String, Error> {
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
            write!(body, "<section>\n{}</section>\n", render(chapter, sections)?).expect("memory");
        }
    }
    let (style, search) = (format!("{}{GAME_STYLE}", include_str!("page.css")), include_str!("search.js"));
    let script = game_script();
    Ok(include_str!("page.html")
        .replace("{policy}", &policy("data:", &style, &[search, &script]))
        .replace("{style}", &style)
        .replace("{search}", search)
        .replace("{script}", &script)
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
        let section = report::game_section(&report::Game::default());
        let page = page(&[section]).unwrap_or_else(|fault| panic!("{fault}"));
        assert!(page.contains("<a href=\"#01-the-game\">1 The game</a>"));
        assert!(page.contains("<div id=\"game\""));
        assert!(page.len() < 3_000_000, "{} bytes", page.len());
        for outside in ["src=\"http", "<link", "@import", "url(http"] {
            assert!(!page.contains(outside), "{outside}");
        }
        // The policy knows no exception for what stands within elements.
        assert!(!page.contains("unsafe-inline") && !page.contains(" style=\""));
        let within = |start: &str, end: &str| page.split_once(start).unwrap().1.split_once(end).unwrap().0;
        let scripts = [within("<script>", "</script>"), within("<script type=\"module\">", "</script>")];
        assert!(page.contains(&policy("data:", within("<style>", "</style>"), &scripts)));
        // Every link within the page leads somewhere.
        for link in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            assert!(page.contains(&format!("id=\"{link}\"")), "#{link}");
        }
    }
}
