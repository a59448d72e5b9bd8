//! Samples through training: the same noise a column, a class a row; or the words for the same pictures.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use figures::escape;
use serde_json::json;

use crate::run::Run;
use crate::section::Section;

/// What a run drew while it trained.
#[derive(Clone, Debug)]
pub enum Samples {
    /// Pictures of images.
    Pictures(Vec<Picture>),
    /// Words for the same pictures.
    Words {
        /// The pictures.
        shown: Vec<Shown>,
        /// Moments of the training, each with the words for each picture.
        moments: Vec<(Moment, Vec<Vec<String>>)>,
    },
}

/// When samples were drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// At the end of this epoch.
    Epoch(u64),
    /// With the weights that are best by validation.
    Best,
}

/// A PNG.
#[derive(Clone, Debug)]
pub struct Picture {
    /// When it was drawn.
    pub moment: Moment,
    /// Its bytes.
    pub png: Vec<u8>,
    /// Its width and height in pixels.
    pub size: (u32, u32),
}

/// A picture that words are drawn for.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Its name.
    pub id: String,
    /// A small picture as a data URI.
    pub thumbnail: Option<String>,
    /// The words that people gave it.
    pub own: Vec<String>,
}

impl Moment {
    fn caption(self) -> String {
        match self {
            Self::Epoch(epoch) => format!("epoch {epoch}"),
            Self::Best => "the weights that are best by validation".to_owned(),
        }
    }

    /// For the script: the epoch, or null.
    fn epoch(self) -> Option<u64> {
        match self {
            Self::Epoch(epoch) => Some(epoch),
            Self::Best => None,
        }
    }
}

impl Samples {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Pictures(pictures) => pictures.is_empty(),
            Self::Words { moments, .. } => moments.is_empty(),
        }
    }

    /// The last that was drawn: of the best weights, if those are kept.
    pub fn last_picture(&self) -> Option<&Picture> {
        match self {
            Self::Pictures(pictures) => pictures.last(),
            Self::Words { .. } => None,
        }
    }
}

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
    let mut html = format!(
        "<p>Words for the same validation pictures, and the same noise, at every epoch. Words that people gave, too, are \
         bold.</p>\n{CONTROLS}<div class=\"wide\"><table><caption>{}</caption><thead><tr><th>picture</th>\
         <th>words of people</th><th>words of G</th></tr></thead><tbody>\n",
        moment.caption()
    );
    for (index, picture) in shown.iter().enumerate() {
        let words = last.get(index).unwrap_or(&no_words);
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
pub(crate) fn thumbnail(picture: &Shown) -> String {
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
pub(crate) fn listed(words: &[String], right: &[String]) -> String {
    let one = |word: &String| {
        let text = escape(&word.replace('_', " "));
        if right.contains(word) { format!("<b>{text}</b>") } else { text }
    };
    words.iter().map(one).collect::<Vec<_>>().join(", ")
}
