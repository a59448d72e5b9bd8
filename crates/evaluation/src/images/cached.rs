//! What is measured once for a data set and its judge.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::judge::Judge;
use crate::error::Error;

/// Version of the yardsticks and measures; a cached file of another version is not used.
const RECIPE: u32 = 2;

/// Scores in the cache.
#[derive(Serialize, Deserialize)]
struct Kept<T> {
    recipe: u32,
    judge_sha256: String,
    scores: Vec<T>,
}

/// What a file holds, if it is whole: after the JSON a line with its SHA-256, which files of older programs lack.
fn read(bytes: &[u8]) -> Option<Kept<Value>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let json = match text.trim_end().rsplit_once('\n') {
        Some((json, sum)) if files::sha256::hex(json) == sum => json,
        Some(_) => return None,
        None => text,
    };
    serde_json::from_str(json).ok()
}

/// Scores from JSON, if they have the measures that `T` has and no others: a measure that was added since is not taken for
/// one that is absent.
fn these<T: Serialize + DeserializeOwned>(scores: Vec<Value>) -> Option<Vec<T>> {
    let read: Vec<T> = scores.iter().map(|score| T::deserialize(score).ok()).collect::<Option<_>>()?;
    // By way of text, in which single precision has as few digits as in the file.
    let again: Vec<Value> = serde_json::from_str(&serde_json::to_string(&read).ok()?).ok()?;
    (again == scores).then_some(read)
}

/// The scores in the file `path` if they belong to `judge`; else what `measure` returns, which is saved there.
///
/// # Errors
/// Those of `measure`. What cannot be kept is said.
pub(super) fn cached<T: Serialize + DeserializeOwned>(
    path: &Path,
    judge: &Judge,
    say: &mut dyn FnMut(&str),
    measure: impl FnOnce(&mut dyn FnMut(&str)) -> Result<Vec<T>, Error>,
) -> Result<Vec<T>, Error> {
    let judge_sha256 = judge.sha256();
    if let Ok(bytes) = std::fs::read(path) {
        let why = match read(&bytes) {
            Some(kept) if kept.recipe == RECIPE && kept.judge_sha256 == judge_sha256 => {
                match these(kept.scores) {
                    Some(scores) => return Ok(scores),
                    None => "of another version",
                }
            }
            Some(kept) if kept.recipe == RECIPE => "of another judge",
            Some(_) => "of another version",
            None => "damaged",
        };
        say(&format!("{}: {why}: measured anew", path.display()));
    }
    let kept = Kept { recipe: RECIPE, judge_sha256, scores: measure(say)? };
    let json = serde_json::to_string(&kept).expect("numbers and strings");
    let bytes = format!("{json}\n{}\n", files::sha256::hex(&json)).into_bytes();
    if let Err(error) = files::write_bytes(path, &bytes) {
        say(&format!("{}: {error}: not kept, and measured again next time", path.display()));
    }
    Ok(kept.scores)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_as_they_were_measured() {
        let scores: Vec<f64> = (1..500).map(|i| (f64::from(i) * 0.737).exp() / 3.0).collect();
        let kept = Kept { recipe: RECIPE, judge_sha256: String::new(), scores: scores.clone() };
        let json = serde_json::to_string(&kept).unwrap();
        assert_eq!(these::<f64>(read(json.as_bytes()).unwrap().scores).unwrap(), scores);
    }

    #[test]
    fn single_precision_comes_back() {
        let json = serde_json::to_string(&vec![0.1f32, 1.0 / 3.0]).unwrap();
        assert!(these::<f32>(serde_json::from_str(&json).unwrap()).is_some());
    }

    #[test]
    fn scores_without_a_measure_that_was_added_since_are_not_used() {
        #[derive(Debug, PartialEq, Serialize, Deserialize)]
        struct Scores {
            recall: f64,
            added: Option<f64>,
        }
        let kept = |text: &str| these::<Scores>(serde_json::from_str(text).unwrap());
        assert_eq!(
            kept(r#"[{"recall": 0.5, "added": null}]"#),
            Some(vec![Scores { recall: 0.5, added: None }])
        );
        assert_eq!(kept(r#"[{"recall": 0.5}]"#), None);
        assert_eq!(kept(r#"[{"recall": 0.5, "added": 1.0, "gone": 2.0}]"#), None);
    }

    #[test]
    fn a_changed_digit_is_noticed_and_older_files_are_read() {
        let json = r#"{"recipe":1,"judge_sha256":"ab","scores":[0.1,2.5]}"#;
        let whole = format!("{json}\n{}\n", files::sha256::hex(json));
        assert_eq!(read(whole.as_bytes()).unwrap().scores, [0.1, 2.5]);
        assert_eq!(read(json.as_bytes()).unwrap().scores, [0.1, 2.5]);
        assert!(read(whole.replace("2.5", "2.4").as_bytes()).is_none());
        assert!(read(&whole.as_bytes()[..40]).is_none());
    }
}
