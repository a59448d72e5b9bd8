//! What separates the columns of a table.

/// Shown by the heading: a comma, semicolon, tab or vertical bar, whichever is there most often. Of equally frequent ones it
/// is a comma.
pub(crate) fn of_heading(heading: &str) -> char {
    let often = |separator: &char| heading.matches(*separator).count();
    // Of equally frequent ones the last.
    ['|', ';', '\t', ','].into_iter().max_by_key(often).unwrap_or(',')
}

/// A line for the user, where it is no comma.
pub(crate) fn told(separator: char) -> Option<&'static str> {
    match separator {
        ';' => Some("semicolons separate its columns"),
        '\t' => Some("tabs separate its columns"),
        '|' => Some("vertical bars separate its columns"),
        _ => None,
    }
}
