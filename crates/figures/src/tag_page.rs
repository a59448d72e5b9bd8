//! Table 2 of the paper as a page: picture, its own tags, generated tags.

use crate::markup::escape;

/// A picture of the page.
#[derive(Clone, Debug)]
pub struct PagePicture {
    /// A small picture as a data URI, if there is one.
    pub thumbnail: Option<String>,
    /// The picture's name.
    pub id: String,
    /// The tags that people gave it.
    pub own: Vec<String>,
    /// The tags that a model gave it.
    pub generated: Vec<String>,
}

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#222;background:#fff}\
table{border-collapse:collapse;width:100%;margin:1rem 0}th{text-align:left;font-weight:600}\
td,th{padding:.4rem .7rem;border-bottom:1px solid #ddd;vertical-align:middle}\
table.measures td+td,table.measures th+th{text-align:right;font-variant-numeric:tabular-nums}\
img{width:64px;height:64px;object-fit:contain;display:block}b{font-weight:600;color:#05682e}";

/// A page without other files. `measures` is a table, its first row the heading. A generated tag is bold if
/// people gave it, too.
pub fn tag_page(title: &str, measures: &[Vec<String>], rows: &[PagePicture]) -> String {
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{0}</title>\n<style>{STYLE}</style>\n<h1>{0}</h1>\n",
        escape(title)
    );
    if let [heading, body @ ..] = measures {
        let line = |cells: &[String], tag: &str| {
            let cells: String = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect();
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
            Some(uri) => format!("<img src=\"{}\" alt=\"{}\">", escape(uri), escape(&row.id)),
            None => escape(&row.id),
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

/// The thumbnails of a page, in the order of its rows; `None` for a row without one, or with something else in its place.
pub fn thumbnails(page: &str) -> Vec<Option<String>> {
    let rows = page.split("<tr><td>").skip(1).filter(|row| row.matches("</td>").count() == 3);
    rows.map(|row| {
        let uri = row.strip_prefix("<img src=\"")?.split('"').next()?;
        let (kind, bytes) = uri.strip_prefix("data:image/")?.split_once(";base64,")?;
        let plain =
            |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
        (plain(kind) && plain(bytes)).then(|| uri.to_owned())
    })
    .collect()
}

/// A word as people write it.
fn shown(word: &str) -> String {
    escape(&word.replace('_', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbnails_are_read_as_they_were_written() {
        let row = |thumbnail: Option<&str>| PagePicture {
            thumbnail: thumbnail.map(str::to_owned),
            id: "a\"b".into(),
            own: vec!["x".into()],
            generated: vec![],
        };
        let (good, bad) = ("data:image/png;base64,iVBORw0K", "data:text/html;base64,PHNjcmlwdD4=");
        let page = tag_page(
            "T",
            &[vec!["a".into()], vec!["1".into()]],
            &[row(Some(good)), row(None), row(Some(bad))],
        );
        assert_eq!(thumbnails(&page), [Some(good.to_owned()), None, None]);
        assert_eq!(thumbnails("no page"), []);
    }

    #[test]
    fn right_tags_are_bold_and_text_is_escaped() {
        let row = PagePicture {
            thumbnail: None,
            id: "a<b".into(),
            own: vec!["new_york".into(), "x".into()],
            generated: vec!["new_york".into(), "\"q\"".into()],
        };
        let html = tag_page("T & t", &[vec!["a".into()], vec!["1".into()]], &[row]);
        for part in ["T &amp; t", "a&lt;b", "<b>new york</b>, &quot;q&quot;", "<th>a</th>", "<td>1</td>"] {
            assert!(html.contains(part), "{part}");
        }
    }
}
