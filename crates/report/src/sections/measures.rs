//! What `cgan evaluate` has measured: tables beside yardsticks, each figure with what it can and cannot tell.

use std::fmt::Write;

use figures::{Plot, PlotLine, escape, rounded};

use super::samples::{image, word_table};
use crate::run::{Run, Shown, Table, Task};
use crate::section::Section;

/// A figure: its column, its name, and what it can and cannot tell.
type Meaning = (&'static str, &'static str, &'static str);

const IMAGES: [Meaning; 9] = [
    (
        "parzen_nats",
        "Parzen, nats",
        "Log-likelihood of test images under Gaussians around samples; higher is better. The paper's measure. It sees distance \
         in pixels alone: k-means centres and class PCA beat real images, so a value above that of 1,000 real images a class \
         means smoother than real, not better.",
    ),
    (
        "accuracy",
        "accuracy",
        "Share of samples that a classifier of real images names as asked: whether labels are followed. It does not see variety: \
         one perfect image for each class has 1.",
    ),
    (
        "frechet",
        "Fréchet",
        "Distance of the samples' features from those of real images, as Gaussians; lower is better, and real images are at the \
         value of their row. One number: it does not say whether quality or variety is missing.",
    ),
    (
        "precision",
        "precision",
        "Share of samples that lie where real images are: quality. It does not see what is missing.",
    ),
    (
        "recall",
        "recall",
        "Share of real images that lie where samples are: variety. Samples far apart raise it; ten class means have 0.79.",
    ),
    (
        "density",
        "density",
        "How many real images each sample is near to, relative to chance: quality, less sensitive to outliers. It can exceed 1.",
    ),
    (
        "coverage",
        "coverage",
        "Share of real images that have a sample near them: variety, which outliers of G do not raise.",
    ),
    (
        "spread",
        "spread",
        "Standard deviation of a pixel within a class. Near 0: all samples of a class are the same. It does not see quality.",
    ),
    (
        "nearer_to_training",
        "copies",
        "Probability that a sample is nearer to a training image than a test image is: ½ for new real images, 1 for copies, \
         such as the rows of training images. In pixels.",
    ),
];

const WORDS: [Meaning; 8] = [
    ("precision", "P@5", "Share of the first five words that people gave, too; mean over pictures."),
    ("recall", "R@5", "Share of people's words among the first five."),
    ("f1", "F1@5", "The harmonic mean of both."),
    ("miap", "MiAP", "How high people's words stand in the whole ranking; 1 if before all others."),
    (
        "recalled",
        "N+",
        "Words that are ever given rightly. A tagger that says the most frequent words has few.",
    ),
    ("diversity", "diversity", "How much the words of different samples for one picture differ."),
    (
        "sample_precision",
        "sample precision",
        "Share of the samples of a picture whose nearest word people gave, too.",
    ),
    (
        "sample_recall",
        "sample recall",
        "Share of people's words that are nearest to at least one of 100 samples.",
    ),
];

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
    let meanings: &[Meaning] = match run.task {
        Task::Images => &IMAGES,
        Task::Words => &WORDS,
    };
    let mut body = warning(run, &measures.evaluation);
    body.push_str(&evaluation(&measures.evaluation, meanings));
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
fn evaluation(table: &Table, meanings: &[Meaning]) -> String {
    let columns: Vec<(&Meaning, usize)> =
        meanings.iter().filter_map(|meaning| Some((meaning, table.column(meaning.0)?))).collect();
    let mut html =
        "<div class=\"wide\"><table class=\"numbers\"><thead><tr><th scope=\"col\"></th>".to_owned();
    for ((_, name, _), _) in &columns {
        let _ = write!(html, "<th scope=\"col\">{name}</th>");
    }
    html.push_str("</tr></thead><tbody>\n");
    for (index, row) in table.rows.iter().enumerate() {
        let class = if index + 1 == table.rows.len() { " class=\"own\"" } else { "" };
        let name = if class.is_empty() { escape(&row[0]) } else { "this run".to_owned() };
        let _ = write!(html, "<tr{class}><th scope=\"row\">{name}</th>");
        for ((column, ..), at) in &columns {
            let mut text = table.value(index, column).map_or_else(|| escape(&row[*at]), shown);
            if *column == "parzen_nats"
                && let Some(error) = table.value(index, "parzen_error")
            {
                let _ = write!(text, " ± {error:.1}");
            }
            let _ = write!(html, "<td>{text}</td>");
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n<dl class=\"meanings\">\n");
    for ((_, name, meaning), _) in &columns {
        let _ = writeln!(html, "<dt>{name}</dt><dd>{meaning}</dd>");
    }
    html.push_str("</dl>\n");
    html
}

fn shown(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() >= 10.0 { format!("{value:.0}") } else { rounded(value) }
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
