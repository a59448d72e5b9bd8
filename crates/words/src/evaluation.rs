//! Evaluation of word vectors: similarity of pairs against human scores, and analogies.

use std::collections::HashMap;

use ndarray::Array2;

use crate::{Neighbours, Vectors};

/// Words of a vocabulary in any case, for lists that are written in another case than the vectors.
struct AnyCase<'a> {
    vectors: &'a Vectors,
    lowered: HashMap<String, usize>,
}

impl<'a> AnyCase<'a> {
    fn new(vectors: &'a Vectors) -> Self {
        let mut lowered = HashMap::with_capacity(vectors.len());
        for (number, word) in vectors.words().iter().enumerate() {
            lowered.entry(word.to_lowercase()).or_insert(number);
        }
        Self { vectors, lowered }
    }

    /// The word as written, or in lower case, or the first that differs only in its case.
    fn number(&self, word: &str) -> Option<usize> {
        let lower = word.to_lowercase();
        let exact = self.vectors.number(word).or_else(|| self.vectors.number(&lower));
        exact.or_else(|| self.lowered.get(&lower).copied())
    }
}

/// The number of a word of `vectors`, as written, or in lower case, or of the first that differs only in its case.
pub fn find(vectors: &Vectors, word: &str) -> Option<usize> {
    AnyCase::new(vectors).number(word)
}

/// The result for a list of pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// Spearman's rank correlation of cosines and human scores; `None` for fewer than two different cosines or scores.
    pub spearman: Option<f64>,
    /// Pairs of which both words are known.
    pub pairs: usize,
    /// All pairs.
    pub of: usize,
}

/// Pairs of words with human scores.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoredPairs {
    /// Two words and their score.
    pub rows: Vec<(String, String, f64)>,
    /// The column that the scores are from, counted from 0.
    pub column: usize,
    /// What the heading calls it, if there is a heading.
    pub heading: Option<String>,
    /// Lines that have no score there, without the heading.
    pub left_out: usize,
}

/// Reads lines of two words and a score, separated by tabs, commas or spaces, the format of WordSim-353 and
/// SimLex-999. Lines that begin with # are comments. `column` is the column of the score, from 0; without one it is the
/// first after the words that has a number on most lines.
///
/// # Errors
/// If no line has a score, or the first two columns are not words.
pub fn pairs(text: &str, column: Option<usize>) -> Result<ScoredPairs, String> {
    let lines: Vec<(usize, Vec<&str>)> = (1..)
        .zip(text.lines())
        .filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty())
        .map(|(number, line)| (number, cells(line)))
        .collect();
    let score = |row: &[&str], column: usize| row.get(column).and_then(|cell| cell.parse::<f64>().ok());
    let numbers = |column: &usize| lines.iter().filter(|(_, row)| score(row, *column).is_some()).count();
    let most = lines.iter().map(|(_, row)| row.len()).max().unwrap_or(0);
    let column = match column {
        Some(column) => column,
        None => (2..most)
            .find(|column| 2 * numbers(column) >= lines.len())
            .ok_or("no column after the first two has a number on most lines")?,
    };
    let mut found = ScoredPairs { column, ..ScoredPairs::default() };
    for (place, (number, row)) in lines.iter().enumerate() {
        match score(row, column).filter(|_| column > 1) {
            Some(score) => {
                let [a, b] = [row[0], row[1]];
                if a.parse::<f64>().is_ok() || b.parse::<f64>().is_ok() {
                    return Err(format!("line {number}: {a} and {b}: the first two columns must be words"));
                }
                found.rows.push((a.to_owned(), b.to_owned(), score));
            }
            None if place == 0 => found.heading = row.get(column).map(|name| (*name).to_owned()),
            None => found.left_out += 1,
        }
    }
    match found.rows.is_empty() {
        true => Err(format!("no line has two words, and a score in column {column} (counted from 0)")),
        false => Ok(found),
    }
}

/// The cells of a line: between tabs if it has any, else between commas, else between white space.
fn cells(line: &str) -> Vec<&str> {
    match ['\t', ',', ';'].into_iter().find(|separator| line.contains(*separator)) {
        Some(separator) => line.split(separator).map(|cell| cell.trim().trim_matches('"')).collect(),
        None => line.split_whitespace().collect(),
    }
}

/// Spearman's correlation of the cosines of pairs with their scores.
pub fn similarity(vectors: &Vectors, pairs: &[(String, String, f64)]) -> Similarity {
    let words = AnyCase::new(vectors);
    let of = |word: &str| words.number(word).map(|number| vectors.matrix().row(number));
    let known = pairs.iter().filter_map(|(a, b, score)| Some((of(a)?, of(b)?, *score)));
    let (ours, theirs): (Vec<f64>, Vec<f64>) = known
        .map(|(a, b, score)| {
            let dot = |a: &ndarray::ArrayView1<f32>, b: &ndarray::ArrayView1<f32>| -> f64 {
                a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
            };
            (dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt().max(1e-30), score)
        })
        .unzip();
    let spearman = Some(correlation(&ranks(&ours), &ranks(&theirs))).filter(|rho| rho.is_finite());
    Similarity { spearman, pairs: ours.len(), of: pairs.len() }
}

/// Ranks from 1; equal values share their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut start = 0;
    for group in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let mean = start as f64 + (group.len() + 1) as f64 / 2.0;
        group.iter().for_each(|index| ranks[*index] = mean);
        start += group.len();
    }
    ranks
}

/// Pearson's correlation; NaN for fewer than two different values.
fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let products =
        |f: &dyn Fn(f64, f64) -> f64| -> f64 { a.iter().zip(b).map(|(a, b)| f(a - ma, b - mb)).sum() };
    products(&|a, b| a * b) / (products(&|a, _| a * a) * products(&|_, b| b * b)).sqrt()
}

/// The result for a file of analogies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Analogies {
    /// For each section: its name, right answers, and questions whose four words are in the vocabulary.
    pub sections: Vec<(String, usize, usize)>,
    /// Questions in all.
    pub of: usize,
}

/// For every line of four words, answers "a is to b as c is to ?" by the word nearest to b - a + c other than
/// the three (3CosAdd). A line that begins with a colon names a section (the format of Mikolov's
/// questions-words).
pub fn analogies(vectors: &Vectors, text: &str) -> Analogies {
    let neighbours = Neighbours::new(vectors);
    let known = AnyCase::new(vectors);
    let mut result = Analogies::default();
    let mut questions: Vec<(usize, [usize; 4])> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(name) = line.strip_prefix(':') {
            result.sections.push((name.trim().to_owned(), 0, 0));
            continue;
        }
        if result.sections.is_empty() {
            result.sections.push(("all".to_owned(), 0, 0));
        }
        result.of += 1;
        let words: Vec<usize> = line.split_whitespace().filter_map(|word| known.number(word)).collect();
        if let Ok(four) = <[usize; 4]>::try_from(words)
            && line.split_whitespace().count() == 4
        {
            questions.push((result.sections.len() - 1, four));
        }
    }
    let unit = neighbours.matrix();
    for part in questions.chunks(512) {
        let query = |(i, j): (usize, usize)| {
            let [a, b, c, _] = part[i].1;
            unit[[b, j]] - unit[[a, j]] + unit[[c, j]]
        };
        let queries = Array2::from_shape_fn((part.len(), unit.ncols()), query);
        for ((section, four), near) in part.iter().zip(neighbours.nearest(queries.view(), 4)) {
            let answer =
                near.iter().map(|(number, _)| *number as usize).find(|number| !four[..3].contains(number));
            let row = &mut result.sections[*section];
            row.1 += usize::from(answer == Some(four[3]));
            row.2 += 1;
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn ranks_and_their_correlation_are_spearman_s() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 9.0]), [2.5, 1.0, 2.5, 4.0]);
        // SciPy: spearmanr([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]) = 0.8207826816681233.
        let rho = correlation(&ranks(&[1.0, 2.0, 3.0, 4.0, 5.0]), &ranks(&[5.0, 6.0, 7.0, 8.0, 7.0]));
        assert!((rho - 0.820_782_681_668_123_3).abs() < 1e-12);
    }

    #[test]
    fn analogies_and_pairs_are_read_and_counted() {
        let words = ["man", "woman", "king", "queen", "apple"].map(str::to_owned).to_vec();
        let matrix =
            array![[1.0, 0.0, 0.1], [0.0, 1.0, 0.1], [1.0, 0.0, 2.0], [0.0, 1.0, 2.0], [-1.0, -1.0, 0.0]];
        let vectors = Vectors::new(words, matrix).unwrap();
        let got = analogies(
            &vectors,
            ": family\nMan woman king queen\nman woman king pear\n: b\nman king woman apple\n",
        );
        assert_eq!(got.sections, [("family".to_owned(), 1, 1), ("b".to_owned(), 0, 1)]);
        assert_eq!(got.of, 3);
        let text = "# x\nWord 1,Word 2,Human\nKing,queen,9\nman apple 1\nman\tking\t6\npear,man,2\n";
        let read = pairs(text, Some(2)).unwrap();
        assert_eq!((read.rows.len(), read.heading.as_deref(), read.left_out), (4, Some("Human"), 0));
        let got = similarity(&vectors, &read.rows);
        assert_eq!((got.pairs, got.of), (3, 4));
        assert!(got.spearman.unwrap() > 0.4, "{got:?}");
    }

    #[test]
    fn the_column_of_the_scores_is_found_and_a_wrong_one_is_refused() {
        let simlex = "word1\tword2\tPOS\tSimLex999\tconc(w1)\nnew york\tcity\tN\t1.5\t3\nold\tnew\tA\t1\t2\na\tb\tA\t\t2\n";
        let read = pairs(simlex, None).unwrap();
        assert_eq!((read.column, read.heading.as_deref(), read.left_out), (3, Some("SimLex999"), 1));
        assert_eq!(read.rows[0], ("new york".to_owned(), "city".to_owned(), 1.5));
        assert_eq!(pairs(simlex, Some(4)).unwrap().heading.as_deref(), Some("conc(w1)"));
        for (text, column, why) in [
            (simlex, Some(2), "no line has two words, and a score in column 2"),
            (simlex, Some(0), "no line has two words"),
            ("cat dog\n", None, "no column after the first two"),
            ("1,cat,dog,3.5\n2,man,king,2\n", None, "line 1: 1 and cat: the first two columns must be words"),
        ] {
            let error = pairs(text, column).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn case_does_not_matter_and_what_cannot_be_measured_is_none() {
        let words = ["Cat", "cat", "Dog", "BIRD"].map(str::to_owned).to_vec();
        let vectors = Vectors::new(words, array![[1.0, 0.0], [0.9, 0.1], [0.5, 0.5], [0.0, 1.0]]).unwrap();
        assert_eq!(
            ["cat", "Cat", "CAT", "dog", "bird", "cow"].map(|word| find(&vectors, word)),
            [Some(1), Some(0), Some(1), Some(2), Some(3), None]
        );
        let row = |a: &str, b: &str, score| (a.to_owned(), b.to_owned(), score);
        let got = similarity(&vectors, &[row("cat", "dog", 2.0), row("cat", "bird", 1.0)]);
        assert_eq!(got, Similarity { spearman: Some(1.0), pairs: 2, of: 2 });
        assert_eq!(similarity(&vectors, &[row("cat", "dog", 2.0), row("x", "bird", 1.0)]).spearman, None);
        assert_eq!(analogies(&vectors, "bird dog bird dog\n").sections[0].2, 1);
    }
}
