//! What a checkpoint holds of a run beside the nets.

use cgan::checkpoint::Notes;

/// The lengths of the tables, the time spent on training, the data, and the penalty last seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Position {
    pub(super) metrics_bytes: u64,
    pub(super) timing_bytes: u64,
    pub(super) evaluations_bytes: u64,
    pub(super) diagnosis_bytes: u64,
    pub(super) seconds: f64,
    /// On D's gradient, of the last step that had one; 0 before, and of an older program.
    pub(super) gradient_penalty: f64,
    pub(super) data_sha256: String,
    /// The settings of the steps so far; `None` of an older program.
    pub(super) config: Option<String>,
}

impl Position {
    /// As a checkpoint saves it.
    pub(super) fn to_notes(&self) -> Notes {
        let mut notes = Notes::from([
            ("metrics_bytes".to_owned(), self.metrics_bytes.to_string()),
            ("timing_bytes".to_owned(), self.timing_bytes.to_string()),
            ("evaluations_bytes".to_owned(), self.evaluations_bytes.to_string()),
            ("diagnosis_bytes".to_owned(), self.diagnosis_bytes.to_string()),
            ("seconds".to_owned(), self.seconds.to_string()),
            ("gradient_penalty".to_owned(), self.gradient_penalty.to_string()),
            ("data_sha256".to_owned(), self.data_sha256.clone()),
        ]);
        notes.extend(self.config.iter().map(|config| ("config".to_owned(), config.clone())));
        notes
    }

    /// From a checkpoint; `None` if an entry is missing.
    pub(super) fn from_notes(notes: &Notes) -> Option<Self> {
        Some(Self {
            metrics_bytes: notes.get("metrics_bytes")?.parse().ok()?,
            timing_bytes: notes.get("timing_bytes")?.parse().ok()?,
            evaluations_bytes: notes.get("evaluations_bytes")?.parse().ok()?,
            diagnosis_bytes: notes.get("diagnosis_bytes")?.parse().ok()?,
            seconds: notes.get("seconds")?.parse().ok()?,
            gradient_penalty: notes.get("gradient_penalty").map_or(Some(0.0), |value| value.parse().ok())?,
            data_sha256: notes.get("data_sha256")?.clone(),
            config: notes.get("config").cloned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_being_saved() {
        let position = Position {
            metrics_bytes: 7,
            timing_bytes: 9,
            evaluations_bytes: 11,
            diagnosis_bytes: 13,
            seconds: 1.5,
            gradient_penalty: 0.1 + 0.2,
            data_sha256: "ab".to_owned(),
            config: Some("a = 1".to_owned()),
        };
        assert_eq!(Position::from_notes(&position.to_notes()), Some(position));
        assert_eq!(Position::from_notes(&Notes::new()), None);
    }
}
