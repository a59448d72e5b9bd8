//! The fields of a line of text: a word and its numbers.

/// The first line, "words width". No memory is reserved for what it promises.
/// The number of words stays text, since it may be any.
pub(super) fn header(line: &str) -> Option<(&str, usize)> {
    let mut parts = line.split_whitespace();
    let words = parts.next().filter(|words| words.bytes().all(|byte| byte.is_ascii_digit()))?;
    let width = parts.next()?.parse().ok()?;
    parts.next().is_none().then_some((words, width))
}

/// What stands between the fields of a line. A no-break space may be part of a word.
const SEPARATORS: [char; 2] = [' ', '\t'];

/// A number with a decimal point or a decimal comma.
fn number(field: &str) -> Option<f32> {
    field.parse().ok().or_else(|| field.replacen(',', ".", 1).parse().ok())
}

/// How many of the last fields of a line are numbers; the first is the word.
pub(super) fn trailing_numbers(line: &str) -> usize {
    let fields = || line.trim_end().split(SEPARATORS);
    let trailing = fields().rev().take_while(|field| number(field).is_some()).count();
    trailing.min(fields().count() - 1)
}

/// Appends the last `width` fields of a line to `values`, and returns what stands before them. On an error, which says what
/// is wrong, `values` are as before.
pub(super) fn numbers_at_the_end<'a>(
    line: &'a str,
    width: usize,
    values: &mut Vec<f32>,
) -> Result<&'a str, String> {
    let (before, mut rest) = (values.len(), line);
    for taken in 0..width {
        let Some((word, field)) = rest.rsplit_once(SEPARATORS) else {
            values.truncate(before);
            return Err(format!("{taken} numbers, not {width}"));
        };
        let Some(value) = number(field) else {
            values.truncate(before);
            let short = trailing_numbers(line);
            return Err(match line.split(SEPARATORS).count() - 1 {
                fields if fields < width => format!("{short} numbers, not {width}"),
                _ => format!("{field:?} is not a number"),
            });
        };
        values.push(value);
        rest = word;
    }
    let found = trailing_numbers(line);
    // More numbers than that are no word with spaces in it, unless the word is of digits.
    if found > width && line.split(SEPARATORS).count() - 1 == found {
        values.truncate(before);
        return Err(format!("{found} numbers, not {width}"));
    }
    values[before..].reverse();
    Ok(rest)
}
