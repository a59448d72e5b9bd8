//! The explorer of a run that makes words.

use figures::escape;
use serde_json::{Value, json};

use super::{Explorer, pack};

/// Bytes that the word vectors may take in the page.
const MOST_BYTES: usize = 2_000_000;

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
    /// A small picture as a data URI, if there is one.
    pub thumbnail: Option<String>,
    /// The words that people gave it.
    pub own: Vec<String>,
}

impl Words {
    /// Words that the page holds: as many as fit.
    fn kept(&self, width: usize) -> usize {
        // Two bytes an entry, and four characters for three bytes; then quotes and a comma around each name.
        let vector = (2 * width).div_ceil(3) * 4;
        let mut bytes = 0;
        self.names
            .iter()
            .take_while(|name| {
                bytes += vector + name.len() + 3;
                bytes <= MOST_BYTES
            })
            .count()
    }

    pub(super) fn json(&self, width: usize) -> Value {
        assert_eq!(self.vectors.len(), self.names.len() * width, "a vector for each word");
        let kept = self.kept(width);
        let picture = |picture: &Picture| json!({ "id": picture.id, "thumbnail": picture.thumbnail, "own": picture.own });
        json!({
            "pictures": self.pictures.iter().map(picture).collect::<Vec<_>>(),
            "names": &self.names[..kept],
            "vectors": pack::rows(&self.vectors[..kept * width], width),
            "votes": self.votes,
            "tags": self.tags,
        })
    }
}

pub(super) fn body(words: &Words, explorer: &Explorer) -> String {
    let _ = (words, explorer, escape(""));
    String::new()
}
