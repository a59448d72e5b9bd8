//! Table 2 of the paper as a page: picture, its own tags, generated tags.

use super::set::TagSet;

/// A picture of the page.
#[derive(Clone, Debug)]
pub struct Row {
    thumbnail: Option<String>,
    id: String,
    own: Vec<String>,
    generated: Vec<String>,
}

impl Row {
    /// A picture of a set with the tags that were made for it.
    pub fn new(set: &TagSet, number: usize, generated: Vec<String>) -> Self {
        let id = set.pictures[number].id.clone();
        Self { thumbnail: set.thumbnail(number), id, own: set.words(number), generated }
    }

    /// The picture's name, its own tags and the generated ones, for a CSV.
    pub fn cells(&self) -> [String; 3] {
        [self.id.clone(), self.own.join(" "), self.generated.join(" ")]
    }
}

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222;background:#fff}\
table{border-collapse:collapse;width:100%;margin:1rem 0}th{text-align:left;font-weight:600}\
td,th{padding:.4rem .7rem;border-bottom:1px solid #ddd;vertical-align:middle}\
table.measures td+td,table.measures th+th{text-align:right;font-variant-numeric:tabular-nums}\
img{width:64px;height:64px;object-fit:contain;display:block}b{font-weight:600;color:#05682e}";

/// A page that needs nothing beside itself. `measures` is a table, its first row the heading; a generated tag that the
/// picture has is bold.
pub fn page(title: &str, measures: &[Vec<String>], rows: &[Row]) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{0}</title>\n<style>{STYLE}</style>\n<h1>{0}</h1>\n",
        escaped(title)
    );
    if let [heading, body @ ..] = measures {
        let line = |cells: &[String], tag: &str| {
            let cells: String =
                cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell))).collect();
            format!("<tr>{cells}</tr>\n")
        };
        html.push_str("<table class=\"measures\">\n");
        html.push_str(&line(heading, "th"));
        body.iter().for_each(|cells| html.push_str(&line(cells, "td")));
        html.push_str("</table>\n");
    }
    html.push_str(
        "<table>\n<tr><th>picture</th><th>tags that people gave</th><th>generated tags</th></tr>\n",
    );
    for row in rows {
        let picture = match &row.thumbnail {
            Some(uri) => format!("<img src=\"{}\" alt=\"{}\">", escaped(uri), escaped(&row.id)),
            None => escaped(&row.id),
        };
        let own: Vec<String> = row.own.iter().map(|word| shown(word)).collect();
        let generated: Vec<String> = row
            .generated
            .iter()
            .map(|word| if row.own.contains(word) { format!("<b>{}</b>", shown(word)) } else { shown(word) })
            .collect();
        html.push_str(&format!(
            "<tr><td>{picture}</td><td>{}</td><td>{}</td></tr>\n",
            own.join(", "),
            generated.join(", ")
        ));
    }
    html.push_str("</table>\n</html>\n");
    html
}

/// A word as people write it.
fn shown(word: &str) -> String {
    escaped(&word.replace('_', " "))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn right_tags_are_bold_and_text_is_escaped() {
        let row = Row {
            thumbnail: None,
            id: "a<b".into(),
            own: vec!["new_york".into(), "x".into()],
            generated: vec!["new_york".into(), "\"q\"".into()],
        };
        let html = page("T & t", &[vec!["a".into()], vec!["1".into()]], &[row]);
        for part in ["T &amp; t", "a&lt;b", "<b>new york</b>, &quot;q&quot;", "<th>a</th>", "<td>1</td>"] {
            assert!(html.contains(part), "{part}");
        }
    }
}
