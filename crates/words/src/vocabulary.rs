//! Words to numbers, and how often they come.

use std::collections::HashMap;

use crate::Error;

/// The words of a corpus, the most frequent first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Vocabulary {
    words: Vec<String>,
    counts: Vec<u64>,
    numbers: HashMap<String, u32>,
}

impl Vocabulary {
    /// The words that come at least `least` times.
    ///
    /// # Errors
    /// If there are none, or more than 2³² - 1.
    pub fn new(counts: HashMap<String, u64>, least: u64) -> Result<Self, Error> {
        let seen = counts.len();
        let mut kept: Vec<(String, u64)> = counts.into_iter().filter(|(_, count)| *count >= least).collect();
        // By count, then by the word: the order must not depend on a hasher.
        kept.sort_unstable_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
        let (words, counts): (Vec<String>, Vec<u64>) = kept.into_iter().unzip();
        if words.is_empty() {
            return Err(Error::TooFew(format!("none of {seen} different words comes {least} times or more")));
        }
        if words.len() >= u32::MAX as usize {
            return Err(Error::TooFew(format!("{} words are more than can be numbered", words.len())));
        }
        let numbers = words.iter().cloned().zip(0..).collect();
        Ok(Self { words, counts, numbers })
    }

    /// How many words.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// All words.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// How often each word comes.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// How many words the corpus has, of those in the vocabulary.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The number of a word.
    pub fn number(&self, word: &str) -> Option<u32> {
        self.numbers.get(word).copied()
    }

    /// The probability with which an occurrence of each word is kept when frequent words are thinned out:
    /// with z a word's share of the corpus, (√(z/t) + 1) t/z, as word2vec has it; t = 0 keeps all.
    pub fn kept(&self, t: f64) -> Vec<f64> {
        let total = self.total() as f64;
        let keep = |count: &u64| {
            let ratio = t / (*count as f64 / total);
            if t > 0.0 { (ratio.sqrt() + ratio).min(1.0) } else { 1.0 }
        };
        self.counts.iter().map(keep).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_come_first_and_the_rare_do_not() {
        let counts = [("b", 3), ("a", 3), ("rare", 1), ("c", 9)].map(|(word, n)| (word.to_owned(), n));
        let vocabulary = Vocabulary::new(counts.into(), 2).unwrap();
        assert_eq!(vocabulary.words(), ["c", "a", "b"]);
        assert_eq!(
            (vocabulary.number("b"), vocabulary.number("rare"), vocabulary.total()),
            (Some(2), None, 15)
        );
        let kept = vocabulary.kept(0.01);
        let z = 9.0 / 15.0f64;
        assert!((kept[0] - ((z / 0.01).sqrt() + 1.0) * 0.01 / z).abs() < 1e-12);
        assert_eq!(vocabulary.kept(0.0), [1.0; 3]);
        let none = Vocabulary::new([("a".to_owned(), 1)].into(), 2).unwrap_err().to_string();
        assert_eq!(none, "none of 1 different words comes 2 times or more");
    }
}
