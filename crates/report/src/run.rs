//! What the page shows of a run.

/// What the page shows of a run, as plain data.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Its name, as its folder is called.
    pub name: String,
}
