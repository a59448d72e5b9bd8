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

    /// All but the heading, as HTML: for a page that has an element of this [`id`](Self::id) to hold it.
    pub fn content(&self) -> String {
        let data = self.data.as_ref().map_or(String::new(), |data| {
            // No text within JSON can then end the element or begin a comment.
            let json = data.to_string().replace('<', "\\u003c");
            format!("<script type=\"application/json\">{json}</script>\n")
        });
        format!("{}{data}", self.body)
    }
}
