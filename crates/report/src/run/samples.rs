//! What a run drew while it trained.

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
    pub(crate) fn caption(self) -> String {
        match self {
            Self::Epoch(epoch) => format!("epoch {epoch}"),
            Self::Best => "the weights that are best by validation".to_owned(),
        }
    }

    /// For the script: the epoch, or null.
    pub(crate) fn epoch(self) -> Option<u64> {
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
