//! Where the results of a run go: whether it is measured against the data that it was trained on, and whether they can be kept.

use data::Split;

use crate::failure::Failure;
use crate::run::EvaluationRequest;
use crate::run::weights::Weights;
use crate::terminal::say;

/// The name of the data that a run was trained on, if it is measured against others: `here` is the name of these and their
/// SHA-256. Weights that do not say the SHA-256 of their data are compared by name.
///
/// # Errors
/// If the data are others though the user has not chosen them.
pub(crate) fn trained_on(
    weights: &Weights,
    request: &EvaluationRequest,
    here: (&str, &str),
) -> Result<Option<String>, Failure> {
    let name = &weights.config().run.data;
    let same = match &weights.header.data_sha256 {
        Some(sha256) => sha256 == here.1,
        None => name == here.0,
    };
    if same {
        return Ok(None);
    }
    if !request.data_is_chosen {
        let run = request.run.display();
        return Err(Failure::data(match request.run.is_dir() {
            true => format!(
                "{run}: {} are not the data that it was trained on: they have changed, or others are in their place; \
                 --data {0} measures it against them all the same",
                request.data
            ),
            false => format!(
                "{run}: these weights were trained on other data than the embedded {}, on {name:?}: name their folder \
                 by --data DIR",
                here.0
            ),
        }));
    }
    Ok(Some(name.clone()))
}

/// What is appended to the names of files with results: the split, and the data set if the run was trained on others, so
/// that results on its own data stay.
pub(crate) fn suffix(split: Split, trained_on: Option<&str>, here: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '_' };
    let data = trained_on.map(|_| format!("-on-{}", here.chars().map(plain).collect::<String>()));
    format!("{}{}", split.suffix(), data.unwrap_or_default())
}

/// Says that results could not be written; they are shown all the same.
pub(crate) fn warn_if_not_kept(written: Result<(), Failure>) {
    if let Err(failure) = written {
        say(format_args!("{failure}; the results below are not kept"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_on_other_data_have_names_of_their_own() {
        assert_eq!(suffix(Split::Test, None, "a"), "");
        assert_eq!(suffix(Split::Validation, Some("a"), "my set/2"), "-validation-on-my_set_2");
    }
}
