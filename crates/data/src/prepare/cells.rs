//! Rows of a list with separators between cells. A stray quote costs its own line, not all lines up to the next quote.

/// A row: its line, counted from 1, and its cells without white space around them, or what is wrong with that line.
pub(super) type Row = (u64, Result<Vec<String>, String>);

/// The most bytes of a cell in quotes.
const LONGEST: usize = 1 << 20;

/// The rows of a text; lines without any text are passed over. A cell that begins with a quote may have separators and line
/// ends in it, and a quote as two. Where `may_span` refuses the text of such a cell over several lines (its column, counted
/// from 0, and its text), or no quote closes it, its first line is at fault, and the next line is a row of its own.
pub(super) fn rows<'a>(
    text: &'a str,
    separator: char,
    may_span: impl Fn(usize, &str) -> bool + 'a,
) -> impl Iterator<Item = Row> + 'a {
    let (mut rest, mut line) = (text, 1);
    std::iter::from_fn(move || {
        loop {
            if rest.is_empty() {
                return None;
            }
            let end = rest.find('\n').map_or(rest.len(), |end| end + 1);
            let is_blank = rest[..end].trim().is_empty();
            let (taken, row) = match is_blank {
                true => (end, None),
                false => match row(rest, separator, &may_span) {
                    Ok((cells, taken)) => (taken, Some(Ok(cells))),
                    Err(why) => (end, Some(Err(why))),
                },
            };
            let first = line;
            line += rest[..taken].matches('\n').count() as u64;
            rest = &rest[taken..];
            if let Some(row) = row {
                return Some((first, row));
            }
        }
    })
}

/// The cells of the row at the beginning of `text`, and its bytes with the line end.
fn row(
    text: &str,
    separator: char,
    may_span: &impl Fn(usize, &str) -> bool,
) -> Result<(Vec<String>, usize), String> {
    let mut cells = Vec::new();
    let mut at = 0;
    let is_blank = |c: char| c != separator && c != '\n' && c.is_whitespace();
    loop {
        let begin = text.len() - text[at..].trim_start_matches(is_blank).len();
        let cell = match text[begin..].strip_prefix('"') {
            Some(quoted) => {
                let number = cells.len() + 1;
                let (cell, length) = in_quotes(quoted)
                    .ok_or_else(|| format!("the quote (\") that opens cell {number} is not closed"))?;
                let after = begin + 1 + length;
                at = text.len() - text[after..].trim_start_matches(is_blank).len();
                if !(text[at..].is_empty() || text[at..].starts_with([separator, '\n'])) {
                    return Err(format!("after the quote (\") that closes cell {number} the text goes on"));
                }
                if cell.contains('\n') && !may_span(cells.len(), &cell) {
                    return Err(format!("the quote (\") that opens cell {number} is not closed in its line"));
                }
                cell
            }
            None => {
                at = text[at..].find([separator, '\n']).map_or(text.len(), |end| at + end);
                text[begin.min(at)..at].to_owned()
            }
        };
        cells.push(cell.trim().to_owned());
        match text[at..].chars().next() {
            Some('\n') => return Ok((cells, at + 1)),
            Some(separator) => at += separator.len_utf8(),
            None => return Ok((cells, at)),
        }
    }
}

/// The text up to the quote that closes it, and the bytes of both.
fn in_quotes(text: &str) -> Option<(String, usize)> {
    let (mut cell, mut at) = (String::new(), 0);
    loop {
        let end = at + text[at..].find('"')?;
        cell.push_str(&text[at..end]);
        at = end + 1;
        if at > LONGEST {
            return None;
        }
        match text[at..].starts_with('"') {
            true => {
                cell.push('"');
                at += 1;
            }
            false => return Some((cell, at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<(u64, String)> {
        let spans = |column: usize, cell: &str| column > 1 || (column == 1 && !cell.contains(','));
        let shown = |row: Result<Vec<String>, String>| row.map_or_else(|why| why, |cells| cells.join("|"));
        rows(text, ',', spans).map(|(line, row)| (line, shown(row))).collect()
    }

    #[test]
    fn cells_with_quotes_are_whole() {
        assert_eq!(
            all("a,b\n\n x , \"y, \"\"z\"\"\" ,\r\n\"p\",q,\"two\nlines\"\n5\" nail,\"\""),
            [
                (1, "a|b".to_owned()),
                (3, "x|y, \"z\"|".to_owned()),
                (4, "p|q|two\nlines".to_owned()),
                (6, "5\" nail|".to_owned())
            ]
        );
        assert!(all("").is_empty() && all("\n \n").is_empty());
    }

    #[test]
    fn a_stray_quote_costs_its_own_line() {
        let closed = "is not closed";
        for (text, why) in [
            ("a,b\nx,\"y\nz,w\n", "the quote (\") that opens cell 2 is not closed"),
            ("a,b\nx,\"y\nz,\"w\"\n", "after the quote (\") that closes cell 2 the text goes on"),
            ("a,b\nx,\"y\nz,w\"\n", closed),
            ("a,b\n\"x,y\nz\",w\n", closed),
            ("a,b\nx,\"y\" and\nz,w\n", "the text goes on"),
        ] {
            let rows = all(text);
            assert_eq!((rows.len(), rows[1].0, rows[2].0), (3, 2, 3), "{text}: {rows:?}");
            assert!(rows[1].1.contains(why), "{text}: {rows:?}");
            assert!(rows[2].1.starts_with('z'), "{text}: {rows:?}");
        }
    }

    /// No line is looked at again and again.
    #[test]
    fn many_stray_quotes_take_no_longer_than_as_many_good_ones() {
        let text = "x,\"y\n".repeat(200_000);
        let rows: Vec<Row> = rows(&text, ',', |_, _| false).collect();
        assert_eq!(rows.len(), 200_000);
        assert!(rows.iter().all(|(_, row)| row.is_err()));
    }
}
