//! Formulas in LaTeX as MathML.

use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Event, Parser, ParserError, Storage, push_mathml};

/// A formula as MathML, and the number of its `\tag`.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn mathml(latex: &str, display: bool) -> Result<(String, Option<&str>), String> {
    let (formula, number) = match latex.split_once("\\tag{") {
        None => (latex.to_owned(), None),
        Some((before, rest)) => {
            let (number, after) = rest.split_once('}').ok_or("\\tag{ is not closed")?;
            (format!("{before}{after}"), Some(number))
        }
    };
    let storage = Storage::new();
    let events: Result<Vec<Event>, _> = Parser::new(formula.trim(), &storage).collect();
    let events = events.map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())?;
    let display_mode = if display { DisplayMode::Block } else { DisplayMode::Inline };
    let config = RenderConfig { display_mode, ..RenderConfig::default() };
    let mut to = String::new();
    push_mathml(&mut to, events.into_iter().map(Ok::<_, ParserError>), config)
        .map_err(|error| error.to_string())?;
    Ok((to, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_gives_its_number_and_its_markup() {
        let (markup, number) = mathml(r"D^* = \frac{p}{p+q} \tag{2.1}", true).unwrap();
        assert_eq!(number, Some("2.1"));
        assert!(markup.contains("<mfrac>") && markup.contains("display=\"block\""), "{markup}");
        assert!(!markup.contains("tag"), "{markup}");
        assert!(mathml("x", false).unwrap().1.is_none());
    }

    #[test]
    fn what_cannot_be_typeset_is_refused() {
        assert!(mathml(r"\frac{p}{", true).is_err());
        assert!(mathml(r"\nosuchcommand x", false).is_err());
    }
}
