//! Measures of a tagging run beside baselines, and Table 2 of the paper.

use std::path::Path;

use cgan::config::GeneratorConfig;
use figures::{PagePicture, tag_page};
use serde::Serialize;

use super::baselines::{LeastSquares, Nearest, Ridge, Task, frequency};
use super::measures::{Measures, measures};
use super::protocol::{Ranking, SAMPLES, TAGS, Tagger};
use super::{Pairs, Part, Split, TagSet, World};
use crate::failure::Failure;
use crate::run::weights::Weights;
use crate::run::write_whole;

/// Pictures of the page.
const SHOWN: usize = 200;

/// Samples drawn at a time.
const BATCH: usize = 1000;

/// Who ranked, and how well.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Who.
    pub name: String,
    /// P@5, R@5, F1@5, MiAP, N+.
    #[serde(flatten)]
    pub measures: Measures,
    /// Of the samples, where there are any.
    pub diversity: Option<f64>,
}

/// All rows, and what they were measured on.
#[derive(Clone, Debug, Serialize)]
pub struct Evaluation {
    /// The data set.
    pub data: String,
    /// Which pictures.
    pub split: Split,
    /// How many of them have a tag that is ranked.
    pub pictures: usize,
    /// Words that are ranked.
    pub words: usize,
    /// Baselines, then the run.
    pub rows: Vec<Row>,
    /// Table 2.
    #[serde(skip)]
    pub table: Vec<PagePicture>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Which pictures.
    pub split: Split,
    /// Without baselines.
    pub alone: bool,
    /// Ranks all words, as the paper does, and not the tags alone.
    pub all_words: bool,
}

/// Evaluates a run on a set.
///
/// # Errors
/// One line if the set and the run do not fit together, or a baseline cannot be computed.
pub fn evaluate(
    (weights, mut world): (&Weights, World),
    set: &TagSet,
    asked: Asked,
    mut say: impl FnMut(&str),
) -> Result<Evaluation, Failure> {
    world.ensure_for(set)?;
    world.ensure_of(weights)?;
    // The net learns from all pairs, whatever is ranked.
    let pairs = Pairs::new(set, &world, true, 0.0, 0);
    if asked.all_words {
        world.rank_all_words();
    }
    let vectors = world.tag_vectors();
    let tagger = Tagger::new(&vectors);
    let part = Part::new(set, &world, asked.split, usize::MAX);
    if part.numbers.is_empty() {
        return Err(Failure::data(format!("{}: none of these pictures has a tag of the run's", set.name)));
    }
    let mut rows = Vec::new();
    let mut row = |name: String, rankings: &Ranking, diversity| {
        rows.push(Row { name, measures: measures(rankings, &part.own), diversity });
    };
    if !asked.alone {
        let generator = &weights.config().generator;
        for (name, rankings) in
            baselines(set, &world, (&tagger, &vectors), (&pairs, generator), &part, &mut say)?
        {
            row(name, &rankings, None);
        }
    }
    say("samples");
    let mut sampler = weights.sampler(BATCH, crate::evaluate::SEED)?;
    let tagged = tagger.tag(&mut sampler, weights.parameters(), part.features.view(), SAMPLES);
    row("run, votes of 100 samples".to_owned(), &tagged.by_votes, Some(tagged.diversity));
    row("run, mean of 100 samples".to_owned(), &tagged.by_mean, Some(tagged.diversity));
    let table = part.numbers.iter().zip(&tagged.by_votes).take(SHOWN);
    let table = table
        .map(|(number, ranking)| set.page_picture(*number, world.names(&ranking[..TAGS.min(ranking.len())])));
    Ok(Evaluation {
        data: set.name.clone(),
        split: asked.split,
        pictures: part.numbers.len(),
        words: world.tags.len(),
        table: table.collect(),
        rows,
    })
}

fn baselines(
    set: &TagSet,
    world: &World,
    (tagger, vectors): (&Tagger, &words::Vectors),
    (pairs, generator): (&Pairs, &GeneratorConfig),
    part: &Part,
    say: &mut impl FnMut(&str),
) -> Result<Vec<(String, Ranking)>, Failure> {
    let part_of = |split| Part::new(set, world, split, usize::MAX);
    let (train, validation) = (part_of(Split::Train), part_of(Split::Validation));
    let task = Task {
        train: train.features.view(),
        train_tags: &train.own,
        vectors: vectors.matrix().view(),
        validation: validation.features.view(),
        validation_tags: &validation.own,
    };
    let pictures = part.features.view();
    let mut found = vec![("frequency".to_owned(), frequency(&world.counts, pictures.nrows()))];
    say("baseline: nearest pictures");
    let nearest = Nearest::new(&task);
    found.push((format!("{} nearest pictures", nearest.k()), nearest.rank(&task, pictures)));
    say("baseline: ridge regression");
    let ridge = Ridge::new(&task, tagger)?;
    found.push((format!("ridge, λ = {}", ridge.lambda()), tagger.by_cosine(ridge.predict(pictures))));
    say("baseline: G by least squares");
    let net = LeastSquares::new(pairs, generator, &task, tagger)?;
    found.push((
        format!("G by least squares, {} epochs", net.epochs()),
        tagger.by_cosine(net.predict(pictures)?),
    ));
    Ok(found)
}

/// The picture's name, its own tags and the generated ones, for a CSV.
fn cells(picture: &PagePicture) -> Vec<String> {
    vec![picture.id.clone(), picture.own.join(" "), picture.generated.join(" ")]
}

impl Evaluation {
    fn cells(&self) -> Vec<Vec<String>> {
        let heading = ["", "P@5", "R@5", "F1@5", "MiAP", "N+", "diversity"].map(str::to_owned).to_vec();
        let row = |row: &Row| {
            let m = &row.measures;
            let three = |value: f64| format!("{value:.3}");
            let diversity = row.diversity.map(three).unwrap_or_default();
            let numbers = [m.precision, m.recall, m.f1, m.miap].map(three);
            [vec![row.name.clone()], numbers.to_vec(), vec![m.recalled.to_string(), diversity]].concat()
        };
        std::iter::once(heading).chain(self.rows.iter().map(row)).collect()
    }

    fn title(&self) -> String {
        let split = match self.split {
            Split::Train => "training",
            Split::Validation => "validation",
            Split::Test => "test",
        };
        format!("{} {split} pictures of {}, {} words", self.pictures, self.data, self.words)
    }

    /// For a terminal.
    pub fn to_text(&self) -> String {
        let mut text = format!("{}\n", self.title());
        for cells in self.cells() {
            let [name, numbers @ ..] = &cells[..] else { continue };
            let numbers: String = numbers.iter().map(|cell| format!("{cell:>10}")).collect();
            text.push_str(format!("{name:<34}{numbers}").trim_end());
            text.push('\n');
        }
        text
    }

    /// Writes `evaluation.csv`, `table2.csv` and `table2.html` into a run's folder; a split other than the test's is
    /// named.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn save(&self, folder: &Path) -> Result<(), Failure> {
        let suffix = if self.split == Split::Test { "" } else { "-validation" };
        let path = |name: &str, ending: &str| folder.join(format!("{name}{suffix}.{ending}"));
        let csv = |rows: &[Vec<String>]| {
            let mut writer = csv::Writer::from_writer(Vec::new());
            rows.iter().for_each(|row| writer.write_record(row).expect("memory, rows of one length"));
            writer.into_inner().expect("memory")
        };
        let measures: Vec<Vec<String>> = std::iter::once(
            ["name", "precision", "recall", "f1", "miap", "recalled", "diversity"]
                .map(str::to_owned)
                .to_vec(),
        )
        .chain(self.rows.iter().map(|row| {
            let m = &row.measures;
            let numbers = [m.precision, m.recall, m.f1, m.miap].map(|value| value.to_string());
            let diversity = row.diversity.map(|value| value.to_string()).unwrap_or_default();
            [vec![row.name.clone()], numbers.to_vec(), vec![m.recalled.to_string(), diversity]].concat()
        }))
        .collect();
        write_whole(&path("evaluation", "csv"), &csv(&measures))?;
        let heading = ["picture", "own", "generated"].map(str::to_owned).to_vec();
        let table: Vec<Vec<String>> = std::iter::once(heading).chain(self.table.iter().map(cells)).collect();
        write_whole(&path("table2", "csv"), &csv(&table))?;
        write_whole(&path("table2", "html"), tag_page(&self.title(), &self.cells(), &self.table).as_bytes())
    }
}
