//! Evaluation of word vectors: similarity of pairs against human scores, and analogies.

use ndarray::Array2;

use crate::{Neighbours, Vectors};

/// The result for a list of pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// Spearman's rank correlation of cosines and human scores.
    pub spearman: f64,
    /// Pairs of which both words are known.
    pub pairs: usize,
    /// All pairs.
    pub of: usize,
}

/// Reads lines of two words and a score, separated by tabs, commas or spaces, the format of WordSim-353 and
/// SimLex-999. Lines that begin with # and lines whose score is not a number (the heading) are left out.
/// `column` is the column of the score, from 0.
pub fn pairs(text: &str, column: usize) -> Vec<(String, String, f64)> {
    let rows = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let parts: Vec<&str> = line.split(['\t', ',', ' ']).filter(|part| !part.is_empty()).collect();
        Some((parts.first()?.to_lowercase(), parts.get(1)?.to_lowercase(), parts.get(column)?.parse().ok()?))
    });
    rows.collect()
}

/// Spearman's correlation of the cosines of pairs with their scores.
pub fn similarity(vectors: &Vectors, pairs: &[(String, String, f64)]) -> Similarity {
    let known = pairs.iter().filter_map(|(a, b, score)| Some((vectors.of(a)?, vectors.of(b)?, *score)));
    let (ours, theirs): (Vec<f64>, Vec<f64>) = known
        .map(|(a, b, score)| {
            let dot = |a: &ndarray::ArrayView1<f32>, b: &ndarray::ArrayView1<f32>| -> f64 {
                a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
            };
            (dot(&a, &b) / (dot(&a, &a) * dot(&b, &b)).sqrt().max(1e-30), score)
        })
        .unzip();
    Similarity { spearman: correlation(&ranks(&ours), &ranks(&theirs)), pairs: ours.len(), of: pairs.len() }
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
        let words: Vec<usize> =
            line.split_whitespace().filter_map(|word| vectors.number(&word.to_lowercase())).collect();
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
        let read =
            pairs("# x\nWord 1,Word 2,Human\nKing,queen,9\nman apple 1\nman\tking\t6\npear,man,2\n", 2);
        assert_eq!(read.len(), 4);
        let got = similarity(&vectors, &read);
        assert_eq!((got.pairs, got.of), (3, 4));
        assert!(got.spearman > 0.4, "{got:?}");
    }
}
