//! Words that follow one another more often than by chance become one word, such as new_york (Mikolov et al.
//! 2013, section 4).
//!
//! A pair (a, b) that comes n_ab times is joined if (n_ab - δ) n / (n_a n_b) exceeds a threshold, for n words
//! in all, with the discount δ against pairs of rare words. Text is read from left to right, and no word
//! joins two pairs at once; with each further pass phrases grow longer.

use std::collections::HashMap;

use crate::corpus::END;
use crate::{Corpus, Error, Vocabulary};

/// What makes a phrase; the defaults are word2phrase's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Phrases {
    /// How often a pair must come, and the discount δ.
    pub least: u64,
    /// What the score must exceed.
    pub threshold: f64,
}

impl Default for Phrases {
    fn default() -> Self {
        Self { least: 5, threshold: 100.0 }
    }
}

/// Most pairs that are counted at once. Beyond, the rarest so far are dropped, as in word2phrase.
const MOST: usize = 1 << 24;

impl Corpus {
    /// The same text with its phrases; words and phrases that occur less than `least` times are dropped.
    ///
    /// # Errors
    /// If the threshold is not positive, a temporary file fails, or no word is left.
    pub fn with_phrases(mut self, phrases: Phrases, least: u64) -> Result<Self, Error> {
        if phrases.threshold.is_nan() || phrases.threshold <= 0.0 {
            let why = format!("{} is not above 0", phrases.threshold);
            return Err(Error::Setting { key: "phrase-threshold", why });
        }
        let pairs = self.count_pairs(MOST)?;
        let (counts, total) = (self.vocabulary.counts(), self.vocabulary.total() as f64);
        let chosen = |&((a, b), n): &((u32, u32), u64)| {
            let together = n.saturating_sub(phrases.least) as f64 * total;
            n >= phrases.least
                && together > phrases.threshold * counts[a as usize] as f64 * counts[b as usize] as f64
        };
        let mut chosen: Vec<(u32, u32)> = pairs.into_iter().filter(chosen).map(|(pair, _)| pair).collect();
        // Sorted: the order of a hash map is random.
        chosen.sort_unstable();
        let words = self.vocabulary.words();
        let joined = |(a, b): &(u32, u32)| format!("{}_{}", words[*a as usize], words[*b as usize]);
        let names: Vec<String> = words.iter().cloned().chain(chosen.iter().map(joined)).collect();
        let numbers: HashMap<(u32, u32), u32> = chosen.into_iter().zip(words.len() as u32..).collect();

        let mut found = vec![0u64; names.len()];
        self.join(&numbers, |number| {
            found.get_mut(number as usize).into_iter().for_each(|count| *count += 1); // not of END
            Ok(())
        })?;
        let mut counts: HashMap<String, u64> = HashMap::new();
        // A phrase with the spelling of a word is that word.
        for (name, count) in names.iter().zip(found) {
            *counts.entry(name.clone()).or_default() += count;
        }
        let vocabulary = Vocabulary::new(counts, least.max(1))?;
        Corpus::write(vocabulary, |vocabulary, writer| {
            let renumbered: Vec<Option<u32>> = names.iter().map(|name| vocabulary.number(name)).collect();
            let mut sentence = Vec::new();
            self.join(&numbers, |number| {
                if number == END {
                    writer.sentence(&mut sentence)
                } else {
                    sentence.extend(renumbered[number as usize]);
                    Ok(())
                }
            })
        })
    }

    /// How often each pair of neighbours comes.
    fn count_pairs(&mut self, most: usize) -> Result<HashMap<(u32, u32), u64>, Error> {
        let (mut pairs, mut forgotten) = (HashMap::new(), 0);
        let mut before = END;
        self.each(|number| {
            if before != END && number != END {
                *pairs.entry((before, number)).or_insert(0) += 1;
                while pairs.len() > most {
                    forgotten += 1;
                    pairs.retain(|_, count| *count > forgotten);
                }
            }
            before = number;
            Ok(())
        })?;
        Ok(pairs)
    }

    /// Calls `each` for every word and [`END`], pairs that have a number of their own by that.
    fn join(
        &mut self,
        numbers: &HashMap<(u32, u32), u32>,
        mut each: impl FnMut(u32) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut held = None;
        self.each(|number| {
            let Some(before) = held.take() else {
                if number == END {
                    return each(END);
                }
                held = Some(number);
                return Ok(());
            };
            if let Some(phrase) = numbers.get(&(before, number)) {
                return each(*phrase);
            }
            each(before)?;
            if number == END {
                return each(END);
            }
            held = Some(number);
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tokens;
    use crate::corpus::Text;

    fn corpus(lines: &[&str]) -> Corpus {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Corpus::read(&Text::Lines(lines), Tokens::Whitespace, 1, |_| {}).unwrap()
    }

    fn text(corpus: &mut Corpus) -> Vec<String> {
        let mut all = vec![String::new()];
        let words = corpus.vocabulary.words().to_vec();
        corpus
            .each(|number| {
                if number == END {
                    all.push(String::new());
                } else {
                    let line = all.last_mut().unwrap();
                    line.push_str(&words[number as usize]);
                    line.push(' ');
                }
                Ok(())
            })
            .unwrap();
        all
    }

    #[test]
    fn pairs_above_the_threshold_are_joined_from_left_to_right() {
        let mut lines = vec!["new york is big", "york new york new york", "a new day in york"];
        lines.extend(["x y z"; 20]);
        let phrases = Phrases { least: 2, threshold: 3.0 };
        let before = corpus(&lines);
        // new york: 3 of 4 and 5; (3 - 2) · 74 / 20 = 3.7. york new comes twice: nothing is left of it.
        assert_eq!(before.vocabulary.total(), 74);
        let mut after = before.with_phrases(phrases, 1).unwrap();
        let found = text(&mut after);
        assert_eq!(found[0], "new_york is big ");
        assert_eq!(found[1], "york new_york new_york ");
        assert_eq!(found[2], "a new day in york ");
        // x y: (20 - 2) · 74 / 400 = 3.33 as y z is, but y is taken.
        assert_eq!(found[3], "x_y z ");
        assert_eq!(after.vocabulary.total(), 74 - 3 - 20);
        let longer = Phrases { least: 2, threshold: 2.0 };
        let mut longer = after.with_phrases(longer, 1).unwrap();
        assert_eq!(text(&mut longer)[3], "x_y_z ");
    }

    #[test]
    fn what_is_rare_after_joining_is_left_out() {
        let lines = [vec!["p q"; 30], vec!["p r", "q r", "r"]].concat();
        let mut after = corpus(&lines).with_phrases(Phrases { least: 5, threshold: 1.0 }, 3).unwrap();
        assert_eq!(after.vocabulary.words(), ["p_q", "r"]);
        assert_eq!(text(&mut after)[29..33], ["p_q ", "r ", "r ", "r "]);
        assert!(corpus(&lines).with_phrases(Phrases { least: 5, threshold: f64::NAN }, 1).is_err());
    }

    #[test]
    fn with_too_many_pairs_the_rarest_are_forgotten() {
        let lines = [vec!["a b"; 9], vec!["c d", "e f", "g h", "a b"]].concat();
        let pairs = corpus(&lines).count_pairs(2).unwrap();
        assert!(pairs.len() <= 2 && pairs.values().max() == Some(&10), "{pairs:?}");
    }
}
