//! The explorer: the run's generator itself, in the page.
//!
//! Its weights go into the page in sixteen bits each. What depends on the condition alone is computed here, once for each
//! class or picture, and goes in single precision. See `net` for what that leaves.

mod images;
mod net;
mod pack;
mod words;

use serde_json::json;

use crate::section::Section;

pub use net::{Discriminator, Generator, Hidden, Layer};
pub use words::{Picture, Words};

/// A generator and what the page does with it.
#[derive(Clone, Debug)]
pub struct Explorer {
    /// G.
    pub generator: Generator,
    /// D, if its view is wanted.
    pub discriminator: Option<Discriminator>,
    /// The conditions y to choose from, each as the nets' input: one-hot rows for classes, features for pictures. Empty
    /// if the nets have no condition.
    pub conditions: Vec<Vec<f32>>,
    /// The noise that the page begins with.
    pub start: Start,
    /// What G makes.
    pub subject: Subject,
}

/// What a generator makes.
#[derive(Clone, Debug)]
pub enum Subject {
    /// Images.
    Images {
        /// Rows of pixels.
        height: usize,
        /// Columns of pixels.
        width: usize,
        /// The number of the first class in the data set's files.
        first_label: usize,
    },
    /// Word vectors.
    Words(Words),
}

/// The noise of the samples that the page begins with. For images, these are the samples of `cgan sample`.
#[derive(Clone, Debug, Default)]
pub struct Start {
    /// z of each sample.
    pub z: Vec<Vec<f32>>,
    /// Where G is sampled with dropout, the units that each sample keeps: those on z, on y and of the combined layer.
    pub masks: Option<Vec<Vec<bool>>>,
}

/// The section.
///
/// # Panics
/// If the shapes do not fit together.
pub fn section(explorer: &Explorer) -> Section {
    let Explorer { generator, discriminator, conditions, start, subject } = explorer;
    assert!(start.z.iter().all(|z| z.len() == generator.z.inputs), "z has G's noise width");
    if let Some(masks) = &start.masks {
        let units = generator.masked_units();
        assert!(masks.len() == start.z.len() && masks.iter().all(|mask| mask.len() == units), "a bit a unit");
    }
    let (kind, shown, body) = match subject {
        Subject::Images { height, width, first_label } => {
            assert_eq!(height * width, generator.output.outputs(), "an output for each pixel");
            let shown = json!({ "height": height, "width": width, "first": first_label });
            ("images", shown, images::body(explorer, (*height, *width), *first_label))
        }
        Subject::Words(words) => {
            ("words", words.json(generator.output.outputs()), words::body(words, explorer))
        }
    };
    let start = json!({
        "count": start.z.len(),
        "z": pack::single(start.z.iter().flatten().copied()),
        "masks": start.masks.as_ref().map(|masks| pack::bits(masks)),
    });
    let data = json!({
        kind: shown,
        "conditions": conditions.len(),
        "generator": generator.json(conditions),
        "discriminator": discriminator.as_ref().map(|d| d.json(conditions)),
        "start": start,
    });
    Section::new("explorer", "Explorer", body).with_data(data)
}
