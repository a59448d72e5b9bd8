//! The explorer of a run that makes words.

use figures::escape;
use serde_json::{Value, json};

use super::{Explorer, pack};

/// Bytes that the word vectors may take in the page.
const MOST_BYTES: usize = 2_500_000;

/// The words that samples choose from, and the pictures to choose from.
#[derive(Clone, Debug)]
pub struct Words {
    /// A picture for each condition.
    pub pictures: Vec<Picture>,
    /// The words that are ranked, the most frequent first.
    pub names: Vec<String>,
    /// Their vectors, (words, width), row by row, each of length 1.
    pub vectors: Vec<f32>,
    /// Words that each sample votes for.
    pub votes: usize,
    /// Words that a picture gets: those with the most votes.
    pub tags: usize,
}

/// A picture.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Its name.
    pub id: String,
    /// A small picture as a data URI.
    pub thumbnail: String,
    /// The words that people gave it.
    pub own: Vec<String>,
}

impl Words {
    /// Words that the page holds: as many as fit.
    fn kept(&self, width: usize) -> usize {
        // Two bytes an entry and four for the step, with four characters for three bytes; quotes and a comma around a name.
        let vector = (2 * width + 4).div_ceil(3) * 4;
        let mut bytes = 0;
        let fits = |name: &&String| {
            bytes += vector + name.len() + 3;
            bytes <= MOST_BYTES
        };
        self.names.iter().take_while(fits).count()
    }

    pub(super) fn json(&self, width: usize) -> Value {
        assert_eq!(self.vectors.len(), self.names.len() * width, "a vector for each word");
        let kept = self.kept(width);
        json!({
            "names": &self.names[..kept],
            "vectors": pack::rows(&self.vectors[..kept * width], width),
            "own": self.pictures.iter().map(|picture| &picture.own).collect::<Vec<_>>(),
            "votes": self.votes,
            "tags": self.tags,
        })
    }
}

pub(super) fn body(words: &Words, explorer: &Explorer) -> String {
    let Words { pictures, names, votes, tags, .. } = words;
    let (samples, kept) = (explorer.start.z.len(), words.kept(explorer.generator.output.outputs()));
    let left_out = match names.len() - kept {
        0 => format!("{kept} words"),
        _ => format!(
            "the {kept} most frequent of {} words, since more would make this page too large: with all of them, the tags may \
             differ",
            names.len()
        ),
    };
    let picture = |(number, picture): (usize, &Picture)| {
        format!(
            "<label><input type=\"radio\" name=\"picture\" value=\"{number}\"><img src=\"{}\" alt=\"{}\"></label>",
            escape(&picture.thumbnail),
            escape(&picture.id)
        )
    };
    let pictures: String = pictures.iter().enumerate().map(picture).collect();
    let masks = match explorer.generator.dropout {
        None => "",
        Some(_) => {
            "<button type=\"button\" name=\"new-masks\">New masks</button>\
             <label><input type=\"checkbox\" name=\"keep\"> Keep dropout’s masks when noise is new</label>"
        }
    };
    let verdict = explorer.discriminator.as_ref().map_or("", |_| "<p class=\"explorer-verdict\"></p>\n");
    format!(
        "<p>This is the run’s generator G itself, in this page. It makes word vectors for a picture, from the picture’s \
         features and noise z. As in the paper, each of {samples} samples votes for the {votes} words nearest to it by cosine, \
         and the {tags} words with the most votes are the tags. They are chosen from {left_out}.</p>\n\
         <p class=\"explorer-without\">With JavaScript, this section tags test pictures with G, with new noise as often as you \
         like.</p>\n\
         <div class=\"explorer\" hidden>\n\
         <fieldset><legend>Test picture</legend><div class=\"explorer-pictures\">{pictures}</div></fieldset>\n\
         <div class=\"explorer-buttons\"><button type=\"button\" name=\"new-noise\">New noise</button>\
         <button type=\"button\" name=\"first-noise\">The first noise</button>{masks}</div>\n\
         <p class=\"quiet\">The first noise is that of <code>cgan tag</code>. The address of this page holds what is shown: a \
         link brings it back.</p>\n\
         <div class=\"explorer-words\" aria-live=\"polite\" aria-busy=\"true\">\n\
         <p class=\"explorer-own\"></p>\n<p>Tags by votes of the samples; ✓ marks those that people gave, too.</p>\n\
         <ol class=\"explorer-tags\"></ol>\n\
         <p>Some samples alone, each by its nearest words:</p>\n<ul class=\"explorer-alone\"></ul>\n\
         <p class=\"explorer-diversity\"></p>\n{verdict}</div>\n</div>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_words_as_fit_are_kept() {
        let name = "x".repeat(33);
        let words = |count| Words {
            pictures: Vec::new(),
            names: vec![name.clone(); count],
            vectors: vec![0.0; count * 200],
            votes: 20,
            tags: 10,
        };
        assert_eq!(words(7).kept(200), 7);
        let many = words(5000);
        let kept = many.kept(200);
        let bytes = many.json(200).to_string().len();
        assert!(kept < 5000 && bytes < MOST_BYTES + 100 && bytes > MOST_BYTES - 10_000, "{kept}: {bytes}");
    }
}
