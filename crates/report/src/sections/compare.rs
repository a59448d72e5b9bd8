//! Several runs on one page.

use std::fmt::Write;

use evaluation::About;
use figures::{escape, rounded};

use super::head::{duration, findings};
use super::samples::figure;
use crate::facts::Facts;
use crate::run::{Run, Samples};
use crate::section::Section;

/// The introduction: a sentence and a verdict for each run.
pub(crate) fn introduction(runs: &[(&Run, Facts)]) -> String {
    let mut html = String::new();
    for (index, (run, facts)) in runs.iter().enumerate() {
        let _ = writeln!(
            html,
            "<h2 class=\"run\"><span class=\"key\"><i class=\"c{}\"></i></span>{}</h2>\n<p>{}</p>\n{}",
            index % 8,
            escape(&run.name),
            escape(&run.sentence),
            findings(run, facts)
        );
    }
    html
}

/// The settings in which the runs differ.
pub(crate) fn settings(runs: &[Run]) -> Section {
    let mut keys: Vec<&str> =
        runs.iter().flat_map(|run| &run.settings.rows).map(|row| row.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    let value = |run: &Run, key: &str| {
        run.settings.rows.iter().find(|row| row.key == key).and_then(|row| row.value.clone())
    };
    let mut body = String::new();
    for key in keys {
        let values: Vec<Option<String>> = runs.iter().map(|run| value(run, key)).collect();
        if values.iter().any(|own| *own != values[0]) {
            let cells: String = values
                .iter()
                .map(|value| format!("<td>{}</td>", escape(value.as_deref().unwrap_or("-"))))
                .collect();
            let _ = writeln!(body, "<tr><th scope=\"row\"><code>{}</code></th>{cells}</tr>", escape(key));
        }
    }
    let body = if body.is_empty() {
        "<p>All settings are the same.</p>\n".to_owned()
    } else {
        format!("<div class=\"wide\"><table>{}<tbody>\n{body}</tbody></table></div>\n", head("setting", runs))
    };
    Section::new("settings", "Settings that differ", body)
}

/// The figures side by side.
pub(crate) fn figures(runs: &[(&Run, Facts)]) -> Section {
    let names: Vec<&Run> = runs.iter().map(|(run, _)| *run).collect();
    let mut body =
        format!("<div class=\"wide\"><table class=\"numbers\">{}<tbody>\n", head("", names.iter().copied()));
    let mut row = |name: &str, cell: &dyn Fn(&Run, &Facts) -> Option<String>| {
        let cells: Vec<Option<String>> = runs.iter().map(|(run, facts)| cell(run, facts)).collect();
        if cells.iter().any(Option::is_some) {
            let cells: String = cells
                .iter()
                .map(|cell| format!("<td>{}</td>", escape(cell.as_deref().unwrap_or("-"))))
                .collect();
            let _ = writeln!(body, "<tr><th scope=\"row\">{name}</th>{cells}</tr>");
        }
    };
    row("epochs", &|run, _| Some(figures::position(run.epochs_done())));
    row("time", &|run, _| run.seconds.map(duration));
    row("D loss, lately", &|_, facts| facts.d_loss.map(rounded));
    row("G loss, lately", &|_, facts| facts.g_loss.map(rounded));
    row("D(x), lately", &|_, facts| facts.d_real.map(rounded));
    row("D(G(z)), lately", &|_, facts| facts.d_fake.map(rounded));
    row("spread, of real images'", &|_, facts| facts.spread.map(crate::verdict::percent));
    row("best on validation data", &|_, facts| {
        facts.validation.iter().map(|point| point.1).max_by(f64::total_cmp).map(rounded)
    });
    // Digits and tags have columns of one name for different measures.
    let same = |a: &About, b: &About| (a.column, a.name) == (b.column, b.name);
    let mut about: Vec<&About> = Vec::new();
    for measure in names.iter().flat_map(|run| &run.measures.about) {
        if !about.iter().any(|known| same(known, measure)) {
            about.push(measure);
        }
    }
    for measure in about {
        row(measure.name, &|run, _| {
            run.measures.about.iter().find(|own| same(own, measure))?;
            let own = run.measures.own()?;
            Some(measure.cell(
                Some(own.get(measure.column)?),
                measure.error_column.and_then(|column| own.get(column)),
            ))
        });
    }
    row("not of the run's weights", &|run, _| run.measures.warning(&run.measures.evaluation));
    body.push_str("</tbody></table></div>\n");
    Section::new("measures", "Figures", body)
}

/// The last samples of each.
pub(crate) fn samples(runs: &[Run]) -> Option<Section> {
    let mut body = "<div class=\"side-by-side\">\n".to_owned();
    let mut any = false;
    for run in runs {
        let Samples::Pictures(pictures) = &run.samples else { continue };
        if let Some(picture) = pictures.last() {
            any = true;
            let alt = format!("Samples of {}", run.name);
            let _ = writeln!(body, "<div><h3>{}</h3>\n{}</div>", escape(&run.name), figure(picture, &alt));
        }
    }
    body.push_str("</div>\n");
    any.then(|| Section::new("samples", "Samples", body))
}

fn head<'a>(first: &str, runs: impl IntoIterator<Item = &'a Run>) -> String {
    let cells: String =
        runs.into_iter().map(|run| format!("<th scope=\"col\">{}</th>", escape(&run.name))).collect();
    format!("<thead><tr><th scope=\"col\">{first}</th>{cells}</tr></thead>")
}
