//! Text in an SVG: how wide, and how written.

/// About how wide a line is at most, in the widest of the usual fonts.
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

/// Text as the content of an element or of an attribute; what XML does not allow becomes U+FFFD.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            _ => escaped.push(char),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_breaks_the_markup() {
        assert_eq!(escape("<a b=\"c\">&\0\n"), "&lt;a b=&quot;c&quot;&gt;&amp;\u{fffd} ");
    }

    #[test]
    fn wide_letters_take_more_room() {
        assert!(measure("www", 10.0, false) > measure("iii", 10.0, false));
        assert!(measure("iii", 10.0, true) > measure("iii", 10.0, false));
    }
}
