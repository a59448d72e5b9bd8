//! Samples through training: the same noise a column, a class a row; or the words for the same pictures.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use figures::escape;
use serde_json::json;

use crate::run::{Moment, Picture, Run, Samples, Shown};
use crate::section::Section;

/// The section; none where nothing was drawn.
pub(crate) fn section(run: &Run) -> Option<Section> {
    if run.samples.is_empty() {
        return None;
    }
    let (body, captions) = match &run.samples {
        Samples::Pictures(pictures) => {
            (of_pictures(pictures, run), pictures.iter().map(|p| p.moment).collect())
        }
        Samples::Words { shown, moments } => {
            (of_words(shown, moments), moments.iter().map(|(moment, _)| *moment).collect::<Vec<_>>())
        }
    };
    let data = json!({
        "captions": captions.iter().map(|moment| moment.caption()).collect::<Vec<_>>(),
        "epochs": captions.iter().map(|moment| moment.epoch()).collect::<Vec<_>>(),
        "words": match &run.samples {
            Samples::Pictures(_) => None,
            Samples::Words { moments, .. } => Some(moments.iter().map(|(_, words)| words).collect::<Vec<_>>()),
        },
    });
    Some(Section::new("samples", "Samples through training", body).with_data(data))
}

fn of_pictures(pictures: &[Picture], run: &Run) -> String {
    let what = if run.conditional {
        "A class a row, the same noise a column: a column shows one draw of the noise in every class."
    } else {
        "Every place has the same noise at every epoch."
    };
    let mut html = format!("<p>{what}</p>\n{CONTROLS}<div class=\"strip\">\n");
    for picture in pictures {
        html.push_str(&figure(picture, &format!("Samples, {}", picture.moment.caption())));
    }
    html.push_str("</div>\n");
    html
}

/// A picture with its caption.
pub(crate) fn figure(picture: &Picture, alt: &str) -> String {
    format!("<figure>{}<figcaption>{}</figcaption></figure>\n", image(picture, alt), picture.moment.caption())
}

/// A picture within the page.
pub(crate) fn image(picture: &Picture, alt: &str) -> String {
    let Picture { png, size: (width, height), .. } = picture;
    format!(
        "<img class=\"pixels\" width=\"{width}\" height=\"{height}\" alt=\"{}\" src=\"data:image/png;base64,{}\">",
        escape(alt),
        STANDARD.encode(png)
    )
}

/// The slider, which the script shows.
const CONTROLS: &str = "<div class=\"controls\" hidden><button type=\"button\" class=\"previous\">previous</button>\
     <input type=\"range\" min=\"0\" step=\"1\" aria-label=\"Epoch of the samples\">\
     <button type=\"button\" class=\"next\">next</button><output></output></div>\n";

fn of_words(shown: &[Shown], moments: &[(Moment, Vec<Vec<String>>)]) -> String {
    let (empty, no_words) = (Vec::new(), Vec::new());
    let (moment, last) =
        moments.last().map_or((Moment::Epoch(0), &empty), |(moment, words)| (*moment, words));
    let rows =
        shown.iter().enumerate().map(|(index, picture)| (picture, last.get(index).unwrap_or(&no_words)));
    format!(
        "<p>Words for the same validation pictures, and the same noise, at every epoch. Words that people gave, too, are \
         bold.</p>\n{CONTROLS}{}",
        word_table(&format!("<caption>{}</caption>", moment.caption()), rows)
    )
}

/// Pictures with the words of people and of G; `caption` is HTML.
pub(crate) fn word_table<'a>(
    caption: &str,
    rows: impl Iterator<Item = (&'a Shown, &'a Vec<String>)>,
) -> String {
    let mut html = format!(
        "<div class=\"wide\"><table>{caption}<thead><tr><th>picture</th><th>words of people</th><th>words of G</th></tr></thead>\
         <tbody>\n"
    );
    for (picture, words) in rows {
        let _ = writeln!(
            html,
            "<tr><td>{}</td><td class=\"own\">{}</td><td class=\"words\">{}</td></tr>",
            thumbnail(picture),
            listed(&picture.own, &[]),
            listed(words, &picture.own)
        );
    }
    html.push_str("</tbody></table></div>\n");
    html
}

/// The small picture, or its name.
fn thumbnail(picture: &Shown) -> String {
    match &picture.thumbnail {
        Some(uri) => format!(
            "<img width=\"64\" height=\"64\" src=\"{}\" alt=\"{}\">",
            escape(uri),
            escape(&picture.id)
        ),
        None => escape(&picture.id),
    }
}

/// Words with commas; those that are among `right` are bold.
fn listed(words: &[String], right: &[String]) -> String {
    let one = |word: &String| {
        let text = escape(&word.replace('_', " "));
        if right.contains(word) { format!("<b>{text}</b>") } else { text }
    };
    words.iter().map(one).collect::<Vec<_>>().join(", ")
}
