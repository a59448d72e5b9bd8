//! Section 4.2 of the paper: words, given a picture.

mod evaluate;
mod page;
mod word_vectors;

use std::path::Path;

use autograd::Parameters;
use cgan::{Examples, Sampler, Trainer};
use data::Split;
use data::tags::{Pairs, Part, Preprocessing, TagSet};
use evaluation::tagging::{MEASURES, SAMPLES, TAGS, Tagger, measures};
use figures::{PagePicture, tag_page};
use files::Sha256;
use ndarray::{Array2, Axis, s};
use serde::Serialize;

use crate::config::RunConfig;
use crate::failure::Failure;
use crate::run::{Experiment, Kind, Probe, RunDirectory, Table, Validator, write_whole};
use crate::terminal::say;
use page::{page_picture, pictures_csv};
use word_vectors::{options, word_vectors};

/// Pictures of the page that is written while a run trains.
const SHOWN: usize = 24;

/// Pictures of each split that a run is diagnosed with.
const PROBED: usize = 500;

/// Pictures among them for which G's samples are diagnosed.
const CONDITIONS: usize = 10;

/// The experiment's line of the registry.
pub(crate) const KIND: Kind = Kind {
    default_preset: "tags-best",
    new: |config, directory| Ok(Box::new(Tagging::new(config, directory)?)),
    extension: "html",
    samples_show: |_| "what G says of pictures",
    validation_column: "validation_precision",
    measures: || evaluation::about(&MEASURES),
    task: report::Task::Words,
    sentence: page::sentence,
    samples: page::samples,
    paper_preset: "tags-paper",
    paper_nats: |_| None,
    next: &[("evaluate RUN", "how good its tags are, beside baselines")],
    evaluate: evaluate::evaluate,
};

/// Tagged pictures and word vectors.
struct Tagging {
    set: TagSet,
    fitted: Preprocessing,
    pairs: Pairs,
    tagger: Tagger,
}

impl Tagging {
    /// Of a new run, or of one that has its preprocessing in its directory.
    fn new(config: &RunConfig, directory: Option<&RunDirectory>) -> Result<Self, Failure> {
        let tags = config.tags.as_ref().ok_or_else(|| Failure::usage("the settings have no section tags"))?;
        let set = data::tags::load(&config.run.data)?;
        set.notes.iter().for_each(say);
        let fitted = match directory {
            Some(directory) => Preprocessing::load(&directory.preprocessing())?,
            None => Preprocessing::fit(&set, word_vectors(&set, tags)?, &options(tags))?,
        };
        fitted.check_set(&set)?;
        let pairs = Pairs::new(
            &set,
            &fitted,
            tags.rare_words,
            tags.word_noise.unwrap_or(0.0),
            u64::from(config.run.seed),
        );
        let tagger = Tagger::new(&fitted.tag_vectors());
        Ok(Self { set, fitted, pairs, tagger })
    }
}

fn data_sha256(set: &TagSet, fitted: &Preprocessing) -> String {
    let mut hash = Sha256::new();
    hash.update(set.sha256());
    hash.update(fitted.vectors.words().join("\n"));
    fitted.vectors.matrix().iter().for_each(|value| hash.update(value.to_le_bytes()));
    hash.hex()
}

impl Experiment for Tagging {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn examples(&self) -> &dyn Examples<f32> {
        &self.pairs
    }

    fn data_name(&self) -> &str {
        &self.set.name
    }

    /// Of pictures, features and word vectors.
    fn data_sha256(&self) -> String {
        data_sha256(&self.set, &self.fitted)
    }

    fn save_inputs(&self, directory: &RunDirectory) -> Result<(), Failure> {
        Ok(self.fitted.save(&directory.preprocessing())?)
    }

    fn sample_shape(&self) -> (usize, (usize, usize)) {
        (0, (1, self.fitted.vectors.width()))
    }

    fn samples_at_a_time(&self, _: &RunConfig) -> usize {
        SAMPLES
    }

    /// A small version of Table 2 of the paper, on validation pictures.
    fn draw_samples(
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
        write_whole(&path.with_extension("csv"), &pictures_csv(&rows))?;
        write_whole(path, tag_page("Validation pictures", &[], &rows).as_bytes())
    }

    fn probe(&self) -> Probe {
        let pairs = |split| {
            let Part { features, own, .. } = Part::new(&self.set, &self.fitted, split, PROBED);
            let words = self.fitted.tag_vectors();
            let first: Vec<usize> = own.iter().map(|own| own[0] as usize).collect();
            (words.matrix().select(Axis(0), &first), features)
        };
        let (training, validation) = (pairs(Split::Train), pairs(Split::Validation));
        let shown = training.1.nrows().min(CONDITIONS);
        Probe { conditions: training.1.slice(s![..shown, ..]).to_owned(), spread: None, training, validation }
    }

    fn validator(
        &self,
        trainer: &Trainer<f32>,
        _: &dyn Fn() -> Option<i32>,
    ) -> Result<Box<dyn Validator>, Failure> {
        let Part { features, own, .. } = Part::new(&self.set, &self.fitted, Split::Validation, usize::MAX);
        if own.is_empty() {
            return Err(Failure::data(format!("{}: no validation picture has a known tag", self.set.name)));
        }
        Ok(Box::new(TagValidator {
            tagger: self.tagger.clone(),
            features,
            own,
            sampler: trainer.sampler(10 * SAMPLES)?,
        }))
    }
}

/// The paper's protocol on validation pictures.
struct TagValidator {
    tagger: Tagger,
    features: Array2<f32>,
    own: Vec<Vec<u32>>,
    sampler: Sampler<f32>,
}

/// A row of `evaluations.csv`.
#[derive(Serialize)]
struct TagValidationRow {
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

impl Validator for TagValidator {
    fn validate(&mut self, epoch: u64, trainer: &Trainer<f32>, table: &mut Table) -> Result<f64, Failure> {
        let tagged =
            self.tagger.tag(&mut self.sampler, &trainer.ema_parameters(), self.features.view(), SAMPLES);
        let (votes, mean) = (measures(&tagged.by_votes, &self.own), measures(&tagged.by_mean, &self.own));
        table.push(&TagValidationRow {
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
}
