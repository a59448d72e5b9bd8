//! A part of the page.

/// A part of the page, under a heading of its own.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its address within the page.
    pub id: &'static str,
    /// Its heading, as plain text.
    pub heading: String,
    /// Its HTML. Text from data must have gone through [`figures::escape`].
    pub body: String,
    /// What its script works with, as JSON, if it has a script.
    pub data: Option<serde_json::Value>,
}

impl Section {
    /// A section without a script.
    pub fn new(id: &'static str, heading: impl Into<String>, body: String) -> Self {
        Self { id, heading: heading.into(), body, data: None }
    }

    /// The same with data for its script.
    #[must_use]
    pub fn with_data(self, data: serde_json::Value) -> Self {
        Self { data: Some(data), ..self }
    }
}
