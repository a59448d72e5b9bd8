//! Pictures for the pages that show generated tags.

use data::tags::TagSet;
use figures::PagePicture;
use files::spreadsheet;
use report::{Moment, Samples, Shown};

use crate::config::RunConfig;
use crate::run::page::words;
use crate::run::{DataFacts, RunDirectory};

/// A picture for a page, with the tags that were generated for it.
pub(super) fn page_picture(set: &TagSet, number: usize, generated: Vec<String>) -> PagePicture {
    let id = set.pictures[number].id.clone();
    PagePicture { thumbnail: set.thumbnail(number), id, own: set.words(number), generated }
}

/// Pictures with their tags as CSV: picture, own, generated, as cells of a [`spreadsheet`].
pub(super) fn pictures_csv(pictures: &[PagePicture]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let cell = |text: &str| spreadsheet::cell(text).into_owned();
    let rows = pictures.iter().map(|p| [cell(&p.id), cell(&p.own.join(" ")), cell(&p.generated.join(" "))]);
    std::iter::once(["picture", "own", "generated"].map(str::to_owned))
        .chain(rows)
        .for_each(|row| writer.write_record(row).expect("memory, rows of one length"));
    writer.into_inner().expect("memory")
}

/// A run in a sentence.
pub(super) fn sentence(config: &RunConfig, facts: Option<&DataFacts>) -> String {
    let data = match facts {
        Some(facts) => format!(
            "{} ({} pairs of a picture and a word, vectors of {} numbers)",
            facts.name,
            indicatif::HumanCount(facts.examples as u64),
            facts.width
        ),
        None => "its data set".to_owned(),
    };
    format!(
        "G draws word vectors given a picture; D tells them from those of {data}. Objective {}, seed {}.",
        config.gan.objective.name(),
        config.run.seed
    )
}

/// The words for validation pictures, by epoch.
pub(super) fn samples(directory: &RunDirectory) -> Samples {
    let files = directory.sampled(&["csv"]);
    let mut moments: Vec<_> =
        files.iter().map(|(epoch, path)| (Moment::Epoch(*epoch), words(path))).collect();
    let best = words(&directory.best_samples("csv"));
    if !best.is_empty() {
        moments.push((Moment::Best, best));
    }
    let shown: Vec<Shown> = moments
        .last()
        .map(|(_, rows)| rows.iter().map(|(shown, _)| shown.clone()).collect())
        .unwrap_or_default();
    let moments = moments
        .into_iter()
        .map(|(moment, rows)| (moment, rows.into_iter().map(|(_, words)| words).collect()))
        .collect();
    Samples::Words { shown, moments }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_look_like_formulas_are_kept_as_text_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table2.csv");
        let strings = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let (own, generated) = (strings(&["=1+2", "sea"]), strings(&["-x", "'tis"]));
        let picture = PagePicture {
            thumbnail: None,
            id: "@id".to_owned(),
            own: own.clone(),
            generated: generated.clone(),
        };
        std::fs::write(&path, pictures_csv(&[picture])).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text.lines().last(), Some("'@id,'=1+2 sea,'-x 'tis"));
        let read = words(&path);
        assert_eq!((&*read[0].0.id, &read[0].0.own, &read[0].1), ("@id", &own, &generated));
    }
}
