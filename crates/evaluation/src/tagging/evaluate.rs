//! Measures of a tagging run beside baselines, and Table 2 of the paper.

use autograd::Parameters;
use cgan::Sampler;
use cgan::config::GeneratorConfig;
use data::Split;
use data::tags::{Pairs, Part, Preprocessing, TagSet};
use files::spreadsheet;
use serde::{Serialize, Serializer};
use words::Vectors;

use super::baselines::{LeastSquares, Nearest, Ridge, Task, frequency, own_tags_first};
use super::draws::{self, Draws, shares};
use super::measures::measures;
use super::protocol::{Ranking, SAMPLES, TAGS, Tagger};
use super::scores::{MEASURES, TaggerScores};
use crate::error::Error;
use crate::measure::{Flat, aligned, cells, columns, csv, csv_cells, figures, headings};

/// Pictures of the page.
const SHOWN: usize = 200;

/// The measures of all taggers, and the data they were measured on.
#[derive(Clone, Debug, Serialize)]
pub struct TagEvaluation {
    /// Name of the data set.
    pub data: String,
    /// Which pictures are measured.
    pub split: Split,
    /// How many of them have a tag that is ranked.
    pub pictures: usize,
    /// Words that are ranked.
    pub words: usize,
    /// Updates of G of the weights that were measured.
    pub step: u64,
    /// Baselines, then the run.
    #[serde(serialize_with = "rows")]
    pub rows: Vec<TaggerScores>,
    /// Table 2: the numbers of pictures in the set, each with its generated tags.
    #[serde(skip)]
    pub table: Vec<(usize, Vec<String>)>,
}

/// What to measure.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Which pictures are measured.
    pub split: Split,
    /// Without baselines.
    pub alone: bool,
    /// Ranks all words, as the paper does, and not the tags alone.
    pub all_words: bool,
}

/// The run that is evaluated.
pub struct Run<'a> {
    /// Draws samples of its generator; made with [`crate::SEED`].
    pub sampler: Sampler<f32>,
    /// The generator's weights.
    pub parameters: &'a Parameters<f32>,
    /// Updates of G that its weights have had.
    pub step: u64,
    /// The generator's settings, which the baseline by least squares shares.
    pub generator: &'a GeneratorConfig,
}

/// Evaluates a run on a set.
///
/// # Errors
/// If the set and the run do not fit together, or a baseline cannot be computed.
pub fn evaluate(
    run: &mut Run,
    mut fitted: Preprocessing,
    set: &TagSet,
    request: Request,
    say: &mut dyn FnMut(&str),
) -> Result<TagEvaluation, Error> {
    fitted.check_set(set)?;
    // The baseline net is trained on all pairs, whatever is ranked.
    let pairs = Pairs::new(set, &fitted, true, 0.0, 0);
    if request.all_words {
        fitted.rank_all_words();
    }
    let vectors = fitted.tag_vectors();
    let tagger = Tagger::new(&vectors);
    let part = Part::new(set, &fitted, request.split, usize::MAX);
    if part.numbers.is_empty() {
        return Err(Error::Empty(format!("{}: none of these pictures has a tag of the run", set.name)));
    }
    let mut rows = Vec::new();
    let mut row = |name: String, rankings: &Ranking, draws, step| {
        rows.push(TaggerScores { name, measures: measures(rankings, &part.own), draws, step });
    };
    if !request.alone {
        let perfect = own_tags_first(&fitted.counts, &part.own);
        row(
            "the picture's own tags".to_owned(),
            &perfect,
            Some(draws::of_own_tags(tagger.directions(), &part.own)),
            None,
        );
        for (name, rankings) in
            baselines(set, &fitted, (&tagger, &vectors), (&pairs, run.generator), &part, say)?
        {
            row(name, &rankings, None, None);
        }
    }
    say("samples");
    let tagged = tagger.tag(&mut run.sampler, run.parameters, part.features.view(), SAMPLES);
    let (sample_precision, sample_recall) = shares(&tagged.named, &part.own);
    let draws = Some(Draws { diversity: tagged.diversity, sample_precision, sample_recall });
    row("run, votes of 100 samples".to_owned(), &tagged.by_votes, draws, Some(run.step));
    row("run, mean of 100 samples".to_owned(), &tagged.by_mean, draws, Some(run.step));
    let table = part.numbers.iter().zip(&tagged.by_votes).take(SHOWN);
    let table = table.map(|(number, ranking)| (*number, fitted.names(&ranking[..TAGS.min(ranking.len())])));
    Ok(TagEvaluation {
        data: set.name.clone(),
        split: request.split,
        pictures: part.numbers.len(),
        words: fitted.tags.len(),
        step: run.step,
        table: table.collect(),
        rows,
    })
}

fn baselines(
    set: &TagSet,
    fitted: &Preprocessing,
    (tagger, vectors): (&Tagger, &Vectors),
    (pairs, generator): (&Pairs, &GeneratorConfig),
    part: &Part,
    say: &mut dyn FnMut(&str),
) -> Result<Vec<(String, Ranking)>, Error> {
    let part_of = |split| Part::new(set, fitted, split, usize::MAX);
    let (train, validation) = (part_of(Split::Train), part_of(Split::Validation));
    let task = Task {
        train: train.features.view(),
        train_tags: &train.own,
        vectors: vectors.matrix().view(),
        validation: validation.features.view(),
        validation_tags: &validation.own,
    };
    let pictures = part.features.view();
    let mut found = vec![("most frequent tags".to_owned(), frequency(&fitted.counts, pictures.nrows()))];
    say("baseline: nearest pictures");
    let nearest = Nearest::new(&task);
    found.push((format!("{} nearest pictures", nearest.k()), nearest.rank(&task, pictures)));
    say("baseline: ridge regression");
    let ridge = Ridge::new(&task, tagger)?;
    found.push((
        format!("ridge regression, λ = {}", ridge.lambda()),
        tagger.by_cosine(ridge.predict(pictures)),
    ));
    say("baseline: G by least squares");
    let net = LeastSquares::new(pairs, generator, &task, tagger)?;
    found.push((
        format!("G by least squares, {} epochs", net.epochs()),
        tagger.by_cosine(net.predict(pictures)?),
    ));
    Ok(found)
}

/// Scores in JSON.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    #[serde(flatten)]
    measures: Flat<'a, TaggerScores>,
}

fn rows<S: Serializer>(rows: &[TaggerScores], serializer: S) -> Result<S::Ok, S::Error> {
    serializer
        .collect_seq(rows.iter().map(|scores| Row { name: &scores.name, measures: Flat(&MEASURES, scores) }))
}

impl TagEvaluation {
    /// The measures as cells of a table, its heading first.
    pub fn cells(&self) -> Vec<Vec<String>> {
        let heading = std::iter::once(String::new()).chain(headings(&MEASURES)).collect();
        let row = |scores: &TaggerScores| {
            let own = cells(&MEASURES, &figures(&MEASURES, scores));
            std::iter::once(spreadsheet::cell(&scores.name).into_owned()).chain(own).collect()
        };
        std::iter::once(heading).chain(self.rows.iter().map(row)).collect()
    }

    /// A title: the pictures and words that were measured.
    pub fn title(&self) -> String {
        let split = self.split.name();
        format!("{} {split} pictures of {}, {} words", self.pictures, self.data, self.words)
    }

    /// For a terminal.
    pub fn to_text(&self) -> String {
        let note = "`cgan measures tags` says what each measure can tell.";
        format!("{}\n{}{note}\n", self.title(), aligned(&self.cells()))
    }

    /// The measures as CSV, a line a tagger.
    pub fn measures_csv(&self) -> Vec<u8> {
        let heading = [&["name"][..], &columns(&MEASURES), &["step"]].concat();
        csv(
            &heading,
            self.rows.iter().map(|scores| {
                let mut cells = vec![scores.name.clone()];
                cells.extend(csv_cells(&figures(&MEASURES, scores)));
                cells.push(scores.step.map_or_else(String::new, |step| step.to_string()));
                cells
            }),
        )
    }
}
