//! How wide text in an SVG is.

/// An upper estimate of the width of a line in pixels, for the widest of the usual fonts at `size` pixels.
pub(super) fn measure(text: &str, size: f64, bold: bool) -> f64 {
    let em = |char: char| match char {
        ' ' | '.' | ',' | '\'' | '|' | '(' | ')' | 'i' | 'j' | 'l' | 'f' | 't' | 'r' | '·' => 0.41,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 1.0,
        'A'..='Z' | '∇' | '×' | '=' | '+' | '<' | '>' | '&' | '#' | '_' | '~' => 0.8,
        '\u{1100}'.. if !('\u{2000}'..'\u{2e80}').contains(&char) => 1.0,
        _ => 0.63,
    };
    text.chars().map(em).sum::<f64>() * size * if bold { 1.08 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_take_more_room() {
        assert!(measure("www", 10.0, false) > measure("iii", 10.0, false));
        assert!(measure("iii", 10.0, true) > measure("iii", 10.0, false));
    }
}
