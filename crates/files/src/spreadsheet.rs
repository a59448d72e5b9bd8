//! Cells of CSV that a spreadsheet would take for a formula.
//!
//! A word such as `=HYPERLINK(..)` of somebody else's data set is text, but a spreadsheet that opens the CSV computes it.
//! So text cells that begin like a formula get an apostrophe before them, as OWASP advises ("CSV Injection"), and whoever
//! reads such a file takes it away again. Cells of numbers stay as they are.

use std::borrow::Cow;

/// Whether a spreadsheet would compute `text`. Apostrophes before it count as none, so that [`text_of`] takes away what
/// [`cell`] adds and nothing else.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A text as a cell.
pub fn cell(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text of a cell.
pub fn text_of(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| is_formula(text)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_no_formula_and_gives_its_text_back() {
        for text in ["=1+2", "+a", "-b c", "@x", "\tx", "\rx", "'=x", "''-", "-"] {
            assert_eq!(cell(text), format!("'{text}"));
            assert_eq!(text_of(&cell(text)), text);
        }
        for text in ["", "sea", "'tis", "a=b", "'"] {
            assert_eq!((&*cell(text), text_of(text)), (text, text));
        }
        assert_eq!(text_of("-1.5"), "-1.5");
    }
}
