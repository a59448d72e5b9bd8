//! What `cgan evaluate` has measured: tables beside yardsticks, each figure with what it can and cannot tell.

use std::fmt::Write;

use evaluation::About;
use figures::{Plot, PlotLine, escape, rounded};

use super::samples::{image, word_table};
use crate::run::{Run, Shown, Table, Task};
use crate::section::Section;

/// The section.
pub(crate) fn section(run: &Run) -> Section {
    let heading = "Measures";
    let measures = &run.measures;
    if measures.evaluation.is_empty() {
        let body = format!(
            "<p>Not measured yet. <code>cgan evaluate {}</code> measures samples beside yardsticks{}, and writes this page \
             anew.</p>\n",
            escape(&run.name),
            match run.task {
                Task::Images => " and Table 1 of the paper",
                Task::Words => ", with Table 2 of the paper",
            }
        );
        return Section::new("measures", heading, body);
    }
    let mut body = warning(run, &measures.evaluation);
    body.push_str(&evaluation(&measures.evaluation, &measures.about));
    body.push_str(&parzen(&measures.parzen));
    body.push_str(&confusion(&measures.confusion));
    body.push_str(&classification(&measures.classification));
    body.push_str(&warning(run, &measures.classification));
    if let Some(picture) = &measures.nearest {
        let _ = writeln!(
            body,
            "<h3>Copies?</h3>\n<figure>{}<figcaption>above samples, below each the training image that is nearest in \
             pixels</figcaption></figure>",
            image(picture, "Samples, and below each its nearest training image")
        );
    }
    body.push_str(&table2(&measures.table2));
    Section::new("measures", heading, body)
}

/// Says that a table is of other weights than the run has now.
fn warning(run: &Run, table: &Table) -> String {
    let told = run.measures.warning(table).map(|told| {
        format!("<p>{told} <code>cgan evaluate {}</code> measures these.</p>\n", escape(&run.name))
    });
    told.unwrap_or_default()
}

/// The figures beside those of yardsticks, and below them what each means.
fn evaluation(table: &Table, about: &[About]) -> String {
    let measured: Vec<&About> =
        about.iter().filter(|measure| table.column(measure.column).is_some()).collect();
    let mut html =
        "<div class=\"wide\"><table class=\"numbers\"><thead><tr><th scope=\"col\"></th>".to_owned();
    for measure in &measured {
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(measure.name));
    }
    html.push_str("</tr></thead><tbody>\n");
    for (index, row) in table.rows.iter().enumerate() {
        let class = if index + 1 == table.rows.len() { " class=\"own\"" } else { "" };
        let name = if class.is_empty() { escape(&row[0]) } else { "this run".to_owned() };
        let _ = write!(html, "<tr{class}><th scope=\"row\">{name}</th>");
        for measure in &measured {
            let value = |column| table.value(index, column);
            let cell = measure.cell(value(measure.column), measure.error_column.and_then(value));
            let _ = write!(html, "<td>{cell}</td>");
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n<dl class=\"meanings\">\n");
    for measure in &measured {
        let _ = writeln!(html, "<dt>{}</dt><dd>{}</dd>", escape(measure.name), escape(measure.meaning));
    }
    html.push_str("</dl>\n");
    html
}

/// The curve that chose σ. Its x is a logarithm, since the values of σ are apart by factors.
fn parzen(curve: &[(f64, f64)]) -> String {
    let Some(best) = curve.iter().max_by(|a, b| a.1.total_cmp(&b.1)) else { return String::new() };
    let points: Vec<(f64, f64)> = curve.iter().map(|(sigma, nats)| (sigma.log10(), *nats)).collect();
    let plot = Plot {
        heading: "The Parzen estimate on validation images".to_owned(),
        lines: vec![PlotLine { name: "nats".to_owned(), class: "c0".to_owned(), points }],
        ..Plot::default()
    };
    format!(
        "<h3>How wide the Gaussians are</h3>\n<p>σ is chosen on validation images: {} here. At too small a σ every image is \
         alone, at too large a one all details are blurred.</p>\n<figure class=\"small\">{}<figcaption>nats over \
         log<sub>10</sub> σ</figcaption></figure>\n",
        rounded(best.0),
        plot.fluid((-1.0, 0.0), "log10 of sigma")
    )
}

fn confusion(table: &Table) -> String {
    if table.is_empty() {
        return String::new();
    }
    let mut html = "<h3>Asked and seen</h3>\n<p>A row for each class that G was asked for, a column for each class that the judge \
         saw. The stronger the colour, the more: it goes with the square root.</p>\n<div class=\"wide\"><table class=\"confusion\"><thead><tr><th>asked</th>"
        .to_owned();
    for name in table.header.iter().skip(1) {
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(name.trim_start_matches("seen_")));
    }
    html.push_str("</tr></thead><tbody>\n");
    for row in &table.rows {
        let counts: Vec<f64> = row.iter().skip(1).map(|count| count.parse().unwrap_or(0.0)).collect();
        let sum: f64 = counts.iter().sum::<f64>().max(1.0);
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escape(&row[0]));
        for (count, text) in counts.iter().zip(&row[1..]) {
            // Ten shades, as classes: the policy of the page allows no style of an element.
            let shade = (9.0 * (count / sum).sqrt()).ceil();
            let _ = write!(html, "<td class=\"s{shade}\">{}</td>", escape(text));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    html
}

fn classification(table: &Table) -> String {
    if table.is_empty() {
        return String::new();
    }
    let mut html = "<h3>What samples teach</h3>\n<p>The classification accuracy score: a classifier learns from samples alone, as many \
         as there are training images, and is tested on real images. It sees labels, quality and variety at once, but only as far \
         as they matter for telling classes apart.</p>\n<div class=\"wide\"><table class=\"numbers\"><thead><tr><th>learned from</th>"
        .to_owned();
    // A step is no figure.
    let columns: Vec<usize> =
        (1..table.header.len()).filter(|column| table.header[*column] != "step").collect();
    for column in &columns {
        let _ = write!(html, "<th scope=\"col\">{}</th>", escape(&table.header[*column]));
    }
    html.push_str("</tr></thead><tbody>\n");
    for row in &table.rows {
        let _ = write!(html, "<tr><th scope=\"row\">{}</th>", escape(&row[0]));
        columns.iter().for_each(|column| {
            let _ = write!(html, "<td>{}</td>", escape(&row[*column]));
        });
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    html
}

fn table2(rows: &[(Shown, Vec<String>)]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "<h3>Table 2 of the paper</h3>\n<p>Test pictures. Words that people gave, too, are bold.</p>\n{}",
        word_table("", rows.iter().map(|(picture, words)| (picture, words)))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shade_is_never_beyond_the_ten() {
        let html = confusion(&Table::of("asked,seen_0,seen_1\n0,10,0\n1,0,0"));
        assert!(
            html.contains("s9") && html.contains("s0") && !html.contains("s10") && !html.contains("NaN"),
            "{html}"
        );
    }
}
