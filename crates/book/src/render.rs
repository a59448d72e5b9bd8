//! A chapter's Markdown as HTML.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use pulldown_cmark_escape::escape_html;
use report::Section;

use crate::chapters::{Chapter, chapters};
use crate::embedded::IMAGES;
use crate::error::Error;
use crate::excerpt::excerpt;
use crate::math::mathml;

/// The chapter as HTML. Headings are a level below their own, since the page has one for the whole book.
///
/// # Errors
/// The first fault of the chapter.
pub(crate) fn render(chapter: &Chapter, sections: &[Section]) -> Result<String, Error> {
    every_numbered_formula_is_checked(chapter)?;
    let mut to = String::new();
    let mut prose = String::new();
    for line in chapter.text.lines() {
        let own = match (line.strip_prefix("code: "), section_of(line)) {
            (Some(rest), _) => code_and_check(chapter, rest)?,
            (None, Some((address, id))) => {
                // Readers of the Markdown see it.
                picture(chapter, address)?;
                embedded(chapter, id, sections)?
            }
            (None, None) => {
                prose.push_str(line);
                prose.push('\n');
                continue;
            }
        };
        markdown(chapter, &std::mem::take(&mut prose), &mut to)?;
        to.push_str(&own);
    }
    markdown(chapter, &prose, &mut to)?;
    Ok(to)
}

/// The address of a picture and the id of the section that stands in its place, if a line is `![text](address#id)`.
fn section_of(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix("![")?.split_once("](")?.1.strip_suffix(')')?.split_once('#')
}

fn embedded(chapter: &Chapter, id: &str, sections: &[Section]) -> Result<String, Error> {
    let section = sections.iter().find(|section| section.id == id);
    let section =
        section.ok_or_else(|| Error::Section { chapter: chapter.file.to_owned(), section: id.to_owned() })?;
    let (heading, content) = (escaped(&section.heading), section.content());
    Ok(format!("<div id=\"{id}\" role=\"group\" aria-label=\"{heading}\">\n{content}</div>\n"))
}

fn every_numbered_formula_is_checked(chapter: &Chapter) -> Result<(), Error> {
    let mut lines = chapter.text.lines();
    while let Some(line) = lines.next() {
        let Some((_, rest)) = line.split_once("\\tag{") else { continue };
        let number = rest.split('}').next().unwrap_or_default().to_owned();
        if !line.trim_end().ends_with("$$") {
            lines.by_ref().find(|line| line.trim_end().ends_with("$$"));
        }
        if !lines.by_ref().find(|line| !line.is_empty()).is_some_and(|line| line.starts_with("code: ")) {
            return Err(Error::Unchecked { chapter: chapter.file.to_owned(), number });
        }
    }
    Ok(())
}

/// The line under a numbered formula: `[path::item](link) · check: COMMAND` with code that unfolds.
fn code_and_check(chapter: &Chapter, line: &str) -> Result<String, Error> {
    let named = line.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or("", |(named, _)| named);
    let (path, item) = named.split_once("::").unwrap_or((named, ""));
    let code = excerpt(path, item).ok_or_else(|| Error::Item {
        chapter: chapter.file.to_owned(),
        path: path.to_owned(),
        item: item.to_owned(),
    })?;
    let check =
        line.rsplit_once("check: `").and_then(|(_, command)| command.strip_suffix('`')).unwrap_or_default();
    Ok(format!(
        "<details class=\"code\"><summary>code: <code>{}</code></summary><pre><code>{}</code></pre></details>\n\
         <p class=\"check\">check: <code>{}</code></p>\n",
        escaped(named),
        escaped(&code),
        escaped(check)
    ))
}

fn markdown(chapter: &Chapter, text: &str, to: &mut String) -> Result<(), Error> {
    let options = Options::ENABLE_MATH | Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES;
    let mut events = Vec::new();
    // Where a heading began, whose id needs its text.
    let mut heading = None;
    // Whether the link that is open became a mere name.
    let mut plain = false;
    for event in Parser::new_ext(text, options) {
        let event = match event {
            Event::InlineMath(latex) => Event::InlineHtml(formula(chapter, &latex, false)?.into()),
            Event::DisplayMath(latex) => Event::InlineHtml(formula(chapter, &latex, true)?.into()),
            Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
                heading = Some(events.len());
                Event::Start(Tag::Heading { level: below(level), id: None, classes, attrs })
            }
            Event::End(TagEnd::Heading(level)) => {
                let start = heading.take().expect("it began");
                let title = plain_text(&events[start..]);
                let anchor = if level == HeadingLevel::H1 {
                    chapter.id().to_owned()
                } else {
                    format!("{}-{}", chapter.id(), slug(&title))
                };
                if let Event::Start(Tag::Heading { id, .. }) = &mut events[start] {
                    *id = Some(anchor.into());
                }
                Event::End(TagEnd::Heading(below(level)))
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                match address(chapter, &dest_url)? {
                    Some(dest_url) => {
                        Event::Start(Tag::Link { link_type, dest_url: dest_url.into(), title, id })
                    }
                    None => {
                        plain = true;
                        let file = dest_url.trim_start_matches("../");
                        Event::InlineHtml(format!("<span class=\"file\" title=\"{}\">", escaped(file)).into())
                    }
                }
            }
            Event::End(TagEnd::Link) if std::mem::take(&mut plain) => Event::InlineHtml("</span>".into()),
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let dest_url = picture(chapter, &dest_url)?;
                Event::Start(Tag::Image { link_type, dest_url, title, id })
            }
            other => other,
        };
        events.push(event);
    }
    let mut markup = String::new();
    html::push_html(&mut markup, events.into_iter());
    // The page's policy forbids styles within elements.
    for cell in ["td", "th"] {
        let (styled, classed) = (format!("<{cell} style=\"text-align: "), format!("<{cell} class=\""));
        markup = markup.replace(&styled, &classed);
    }
    to.push_str(&markup);
    Ok(())
}

fn formula(chapter: &Chapter, latex: &str, display: bool) -> Result<String, Error> {
    let fault =
        |why| Error::Formula { chapter: chapter.file.to_owned(), latex: latex.trim().to_owned(), why };
    let (markup, number) = mathml(latex, display).map_err(fault)?;
    Ok(match (display, number) {
        (false, _) => markup,
        (true, None) => format!("<span class=\"formula\">{markup}</span>"),
        (true, Some(number)) => {
            format!(
                "<span class=\"formula\" id=\"eq-{number}\">{markup}<span class=\"number\">({number})</span></span>"
            )
        }
    })
}

/// Where a link of a chapter leads in the page; `None` if to a file of the project, which the page does not have.
fn address(chapter: &Chapter, target: &str) -> Result<Option<String>, Error> {
    if target.contains("://") {
        return Ok(Some(target.to_owned()));
    }
    if target.starts_with("../") {
        return Ok(None);
    }
    let (file, section) = target.split_once('#').unwrap_or((target, ""));
    let found = chapters()
        .into_iter()
        .find(|other| if file.is_empty() { other.file == chapter.file } else { other.file == file });
    let other =
        found.ok_or_else(|| Error::Link { chapter: chapter.file.to_owned(), target: target.to_owned() })?;
    Ok(Some(match section {
        "" => format!("#{}", other.id()),
        section => format!("#{}-{section}", other.id()),
    }))
}

/// An embedded picture as a `data:` address.
fn picture(chapter: &Chapter, target: &str) -> Result<CowStr<'static>, Error> {
    let found = IMAGES.iter().find(|(name, _)| *name == target);
    let (_, bytes) =
        found.ok_or_else(|| Error::Link { chapter: chapter.file.to_owned(), target: target.to_owned() })?;
    let kind = if target.ends_with(".svg") { "svg+xml" } else { "png" };
    Ok(format!("data:image/{kind};base64,{}", BASE64_STANDARD.encode(bytes)).into())
}

fn below(level: HeadingLevel) -> HeadingLevel {
    HeadingLevel::try_from(level as usize + 1).unwrap_or(HeadingLevel::H6)
}

/// The text of some events, for a heading's id.
fn plain_text(events: &[Event]) -> String {
    let text = |event: &Event| match event {
        Event::Text(text) | Event::Code(text) => Some(text.to_string()),
        _ => None,
    };
    events.iter().filter_map(text).collect()
}

/// As forges make the anchor of a heading.
fn slug(title: &str) -> String {
    let kept = title.to_lowercase();
    kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c)).collect::<String>().replace(' ', "-")
}

/// Text for HTML.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    escape_html(&mut escaped, text).expect("memory");
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &'static str) -> Result<String, Error> {
        let section = Section::new("a", "A < B", "<p>b</p>".to_owned());
        render(&Chapter { file: "01-the-game.md", title: "The game", text }, &[section])
    }

    #[test]
    fn a_numbered_formula_needs_code_and_check() {
        let text = "$$ x \\tag{1.1} $$\n\nNo code.\n";
        assert_eq!(
            of(text),
            Err(Error::Unchecked { chapter: "01-the-game.md".to_owned(), number: "1.1".to_owned() })
        );
        let text = "$$ x \\tag{1.1} $$\n\ncode: [crates/none.rs::item](x) · check: `cgan check`\n";
        assert!(matches!(of(text), Err(Error::Item { path, .. }) if path == "crates/none.rs"));
        assert!(of("$$ x $$\n\nText.\n").unwrap().contains("<math"));
    }

    #[test]
    fn links_lead_into_the_page_or_are_refused() {
        let page =
            of("[a](02-the-best-discriminator.md#the-same-in-logits) [b](../../../README.md) [c](#x)\n")
                .unwrap();
        assert!(page.contains("href=\"#02-the-best-discriminator-the-same-in-logits\""), "{page}");
        assert!(
            page.contains("title=\"README.md\">b</span>") && page.contains("href=\"#01-the-game-x\""),
            "{page}"
        );
        assert!(matches!(of("[a](99-none.md)\n"), Err(Error::Link { .. })));
        assert!(matches!(of("![a](images/none.svg)\n"), Err(Error::Link { .. })));
    }

    #[test]
    fn a_section_stands_in_the_place_of_the_picture_that_names_it() {
        let page = of("Before.\n\n![c](images/mixture.svg#a)\n\nAfter.\n").unwrap();
        assert_eq!(
            page,
            "<p>Before.</p>\n<div id=\"a\" role=\"group\" aria-label=\"A &lt; B\">\n<p>b</p></div>\n<p>After.</p>\n"
        );
        assert!(
            matches!(of("![c](images/mixture.svg#b)\n"), Err(Error::Section { section, .. }) if section == "b")
        );
        assert!(matches!(of("![c](images/none.svg#a)\n"), Err(Error::Link { .. })));
    }

    #[test]
    fn cells_are_aligned_by_a_class() {
        let page = of("|a|b|\n|--:|:-:|\n|1|2|\n").unwrap();
        assert!(page.contains("<th class=\"right\">a") && page.contains("<td class=\"center\">2"), "{page}");
    }

    #[test]
    fn text_cannot_become_markup() {
        let page = of("# A < B\n\nx `<script>` y\n").unwrap();
        assert!(
            page.contains("<h2 id=\"01-the-game\">A &lt; B</h2>") && page.contains("&lt;script&gt;"),
            "{page}"
        );
    }
}
