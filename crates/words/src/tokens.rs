//! Tokenisation: text to words.

use serde::{Deserialize, Serialize};

/// How a line is cut into words. A line is a sentence: no window reaches beyond it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tokens {
    /// A word is a run of letters and digits of any script, lowercased. Apostrophes, hyphens and underscores
    /// belong to it where they stand between two of those ("don't", "x-ray", "new_york"), and are then `'`,
    /// `-` and `_`. All else separates, also bytes that are no UTF-8.
    #[default]
    Words,
    /// A word is what white space separates, unchanged: for text that is tokenised already.
    Whitespace,
}

impl Tokens {
    /// Calls `each` for every word of a line.
    pub fn each(self, line: &[u8], mut each: impl FnMut(&str)) {
        let line = String::from_utf8_lossy(line);
        match self {
            Tokens::Whitespace => line.split_whitespace().for_each(each),
            Tokens::Words => {
                let mut word = String::new();
                // An apostrophe or hyphen after a letter that waits for the next one.
                let mut joint = None;
                for c in line.chars() {
                    if c.is_alphanumeric() || (is_mark(c) && !word.is_empty()) {
                        word.extend(joint.take());
                        if c.is_ascii() {
                            word.push(c.to_ascii_lowercase())
                        } else {
                            word.extend(c.to_lowercase())
                        }
                        continue;
                    }
                    let joins = match c {
                        '\'' | '’' | 'ʼ' => Some('\''),
                        '-' | '‐' | '‑' => Some('-'),
                        '_' => Some('_'),
                        _ => None,
                    };
                    if joins.is_some() && joint.is_none() && !word.is_empty() {
                        joint = joins;
                        continue;
                    }
                    joint = None;
                    if !word.is_empty() {
                        each(&word);
                        word.clear();
                    }
                }
                if !word.is_empty() {
                    each(&word);
                }
            }
        }
    }

    /// The words of a text.
    pub fn of(self, text: &str) -> Vec<String> {
        let mut words = Vec::new();
        self.each(text.as_bytes(), |word| words.push(word.to_owned()));
        words
    }
}

/// Combining accents, which decomposed text has after its letters; `char::is_alphanumeric` knows most vowel
/// signs but not these.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}' | '\u{64b}'..='\u{65f}'
        | '\u{93c}' | '\u{94d}' | '\u{9bc}' | '\u{9cd}' | '\u{e47}'..='\u{e4e}' | '\u{200d}' | '\u{3099}' | '\u{309a}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_every_script_are_cut_by_one_rule() {
        for (text, words) in [
            ("The cat, the DOG.", &["the", "cat", "the", "dog"][..]),
            ("don’t x-ray -- 'quoted' end-", &["don't", "x-ray", "quoted", "end"]),
            ("rock-'n'-roll", &["rock", "n", "roll"]),
            ("Straße ÉTÉ Ωμέγα łódź", &["straße", "été", "ωμέγα", "łódź"]),
            ("e\u{301}te\u{301}", &["e\u{301}te\u{301}"]),
            ("東京タワー 2024年", &["東京タワー", "2024年"]),
            ("a_b _c/d_ e+f (g)", &["a_b", "c", "d", "e", "f", "g"]),
            (" \t ", &[]),
        ] {
            assert_eq!(Tokens::Words.of(text), words, "{text}");
        }
        assert_eq!(Tokens::Whitespace.of(" The x-Ray,  a_b\n"), ["The", "x-Ray,", "a_b"]);
    }

    #[test]
    fn bytes_that_are_no_text_separate() {
        let mut words = Vec::new();
        Tokens::Words.each(b"caf\xe9 ol\xc3\xa9 a\xffb", |word| words.push(word.to_owned()));
        assert_eq!(words, ["caf", "olé", "a", "b"]);
    }
}
