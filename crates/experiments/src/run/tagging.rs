//! Section 4.2 of the paper: words, given a picture.

use std::path::Path;

use autograd::Parameters;
use cgan::{Examples, Sampler, Trainer};
use data::Split;
use data::tags::{Pairs, Part, Preprocessing, TagSet};
use evaluation::tagging::{SAMPLES, TAGS, Tagger, measures};
use figures::{PagePicture, tag_page};
use files::Sha256;
use ndarray::Array2;
use serde::Serialize;

use super::experiment::{Experiment, Eye};
use super::folder::{RunFolder, write_whole};
use super::metrics::Table;
use crate::config::RunConfig;
use crate::failure::Failure;
use crate::tags::{options, word_vectors};

/// Pictures that are shown while a run trains.
const SHOWN: usize = 24;

/// Tagged pictures and word vectors.
pub(super) struct Tagging {
    set: TagSet,
    fitted: Preprocessing,
    pairs: Pairs,
    tagger: Tagger,
}

impl Tagging {
    /// Of a new run, or of one that has its words in its folder.
    pub(super) fn new(config: &RunConfig, folder: Option<&RunFolder>) -> Result<Self, Failure> {
        let tags = config.tags.as_ref().ok_or_else(|| Failure::usage("the settings have no section tags"))?;
        let set = data::tags::load(&config.run.data)?;
        let fitted = match folder {
            Some(folder) => Preprocessing::load(&folder.preprocessing())?,
            None => Preprocessing::fit(&set, word_vectors(&set, tags)?, &options(tags))?,
        };
        fitted.check_set(&set)?;
        let pairs = Pairs::new(&set, &fitted, tags.rare_words, tags.word_noise, u64::from(config.run.seed));
        let tagger = Tagger::new(&fitted.tag_vectors());
        Ok(Self { set, fitted, pairs, tagger })
    }
}

impl Experiment for Tagging {
    fn examples(&self) -> &dyn Examples<f32> {
        &self.pairs
    }

    fn name(&self) -> &str {
        &self.set.name
    }

    /// Of pictures, features and word vectors.
    fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(self.set.sha256());
        hash.update(self.fitted.vectors.words().join("\n"));
        self.fitted.vectors.matrix().iter().for_each(|value| hash.update(value.to_le_bytes()));
        hash.hex()
    }

    fn furnish(&self, folder: &RunFolder) -> Result<(), Failure> {
        Ok(self.fitted.save(&folder.preprocessing())?)
    }

    fn shape(&self) -> (usize, (usize, usize)) {
        (0, (1, self.fitted.vectors.width()))
    }

    fn batch(&self, _: &RunConfig) -> usize {
        SAMPLES
    }

    fn ending(&self) -> &'static str {
        "html"
    }

    /// Table 2 of the paper in small, on validation pictures.
    fn draw(
        &self,
        _: &RunConfig,
        sampler: &mut Sampler<f32>,
        parameters: &Parameters<f32>,
        path: &Path,
    ) -> Result<(), Failure> {
        let Part { numbers, features, .. } = Part::new(&self.set, &self.fitted, Split::Validation, SHOWN);
        let tagged = self.tagger.tag(sampler, parameters, features.view(), SAMPLES);
        let rows: Vec<PagePicture> = numbers
            .iter()
            .zip(&tagged.by_votes)
            .map(|(number, ranking)| {
                page_picture(&self.set, *number, self.fitted.names(&ranking[..TAGS.min(ranking.len())]))
            })
            .collect();
        write_whole(path, tag_page("Validation pictures", &[], &rows).as_bytes())
    }

    fn eye(&self, trainer: &Trainer<f32>) -> Result<Box<dyn Eye>, Failure> {
        let Part { features, own, .. } = Part::new(&self.set, &self.fitted, Split::Validation, usize::MAX);
        if own.is_empty() {
            return Err(Failure::data(format!("{}: no validation picture has a known tag", self.set.name)));
        }
        Ok(Box::new(Look {
            tagger: self.tagger.clone(),
            features,
            own,
            sampler: trainer.sampler(10 * SAMPLES)?,
        }))
    }
}

/// A picture for a page, with the tags that were generated for it.
pub(crate) fn page_picture(set: &TagSet, number: usize, generated: Vec<String>) -> PagePicture {
    let id = set.pictures[number].id.clone();
    PagePicture { thumbnail: set.thumbnail(number), id, own: set.words(number), generated }
}

/// The paper's protocol on validation pictures.
struct Look {
    tagger: Tagger,
    features: Array2<f32>,
    own: Vec<Vec<u32>>,
    sampler: Sampler<f32>,
}

/// A row of `evaluations.csv`.
#[derive(Serialize)]
struct Row {
    epoch: u64,
    step: u64,
    validation_precision: f64,
    recall: f64,
    miap: f64,
    recalled: usize,
    precision_of_mean: f64,
    miap_of_mean: f64,
    recalled_of_mean: usize,
    diversity: f64,
}

impl Eye for Look {
    fn look(&mut self, epoch: u64, trainer: &Trainer<f32>, table: &mut Table) -> Result<f64, Failure> {
        let tagged =
            self.tagger.tag(&mut self.sampler, &trainer.best_parameters(), self.features.view(), SAMPLES);
        let (votes, mean) = (measures(&tagged.by_votes, &self.own), measures(&tagged.by_mean, &self.own));
        table.push(&Row {
            epoch,
            step: trainer.steps(),
            validation_precision: votes.precision,
            recall: votes.recall,
            miap: votes.miap,
            recalled: votes.recalled,
            precision_of_mean: mean.precision,
            miap_of_mean: mean.miap,
            recalled_of_mean: mean.recalled,
            diversity: tagged.diversity,
        })?;
        Ok(votes.precision)
    }

    fn column(&self) -> &'static str {
        "validation_precision"
    }
}
