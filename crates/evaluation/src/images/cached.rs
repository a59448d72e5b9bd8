//! What is measured once for a data set and its judge.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

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
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Option<Kept<T>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let json = match text.trim_end().rsplit_once('\n') {
        Some((json, sum)) if files::sha256::hex(json) == sum => json,
        Some(_) => return None,
        None => text,
    };
    serde_json::from_str(json).ok()
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
        match read::<T>(&bytes) {
            Some(kept) if kept.recipe == RECIPE && kept.judge_sha256 == judge_sha256 => {
                return Ok(kept.scores);
            }
            Some(kept) => {
                let why = if kept.recipe == RECIPE { "of another judge" } else { "of another version" };
                say(&format!("{}: {why}: measured anew", path.display()));
            }
            None => say(&format!("{}: damaged: measured anew", path.display())),
        }
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
        assert_eq!(read::<f64>(json.as_bytes()).unwrap().scores, scores);
    }

    #[test]
    fn a_changed_digit_is_noticed_and_older_files_are_read() {
        let json = r#"{"recipe":1,"judge_sha256":"ab","scores":[0.1,2.5]}"#;
        let whole = format!("{json}\n{}\n", files::sha256::hex(json));
        assert_eq!(read::<f64>(whole.as_bytes()).unwrap().scores, [0.1, 2.5]);
        assert_eq!(read::<f64>(json.as_bytes()).unwrap().scores, [0.1, 2.5]);
        assert!(read::<f64>(whole.replace("2.5", "2.4").as_bytes()).is_none());
        assert!(read::<f64>(&whole.as_bytes()[..40]).is_none());
    }
}
