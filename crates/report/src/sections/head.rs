//! The head of the page: what the run is, how it went, and how to repeat it.

use std::fmt::Write;

use figures::escape;

use crate::facts::Facts;
use crate::run::{Run, Setting, Settings};
use crate::section::Section;
use crate::verdict::verdict;

/// The introduction of a run's page.
pub(crate) fn introduction(run: &Run, facts: &Facts) -> String {
    let mut html =
        format!("<p>{}</p>\n{}<dl class=\"facts\">\n", escape(&run.sentence), findings(run, facts));
    if let Some(seconds) = run.seconds {
        let _ = writeln!(html, "<dt>time</dt><dd>{} of training</dd>", duration(seconds));
    }
    if let Some(machine) = &run.machine {
        let _ = writeln!(html, "<dt>machine</dt><dd>{}</dd>", escape(machine));
    }
    let _ = writeln!(html, "<dt>to repeat it</dt><dd><code>{}</code></dd>\n</dl>", escape(&run.command));
    html.push_str(WORDS);
    for missing in &run.missing {
        let _ = writeln!(html, "<p class=\"quiet\">{}</p>", escape(missing));
    }
    html
}

/// The words that the page cannot do without.
const WORDS: &str = "<details class=\"words\"><summary>Words on this page</summary><dl>\
<dt>the paper</dt><dd>Mirza and Osindero (2014), Conditional Generative Adversarial Nets. <code>cgan</code> is the program that \
made this page; <code>cgan book --open</code> shows the book that explains all of this.</dd>\
<dt>G, D, x, y, z</dt><dd>The generator G makes an example from noise z and the condition y, such as a class. The discriminator D \
tells real examples x from those of G.</dd>\
<dt>Parzen estimate, nats</dt><dd>The log-likelihood of real images if each sample is blurred a little; nats are its unit. The \
paper's measure. More is better up to that of real images; it sees pixels alone, and no labels.</dd>\
<dt>spread</dt><dd>The standard deviation of a pixel within a class: the variety of samples. Near 0 they are all the same.</dd>\
<dt>lately</dt><dd>The mean over the last tenth of the run.</dd>\
<dt>generator.z, generator.y, ..</dt><dd>The layers of the nets, as in the settings: the units that see the noise, those that see the \
condition.</dd>\
<dt>masks of dropout</dt><dd>Which units are dropped. Where G has dropout, its masks are a second noise beside z.</dd>\
<dt>R1, a penalty on D's gradient</dt><dd>A term in D's loss that keeps D from growing steep; it steadies the training.</dd>\
<dt>mismatched pairs</dt><dd>Real examples with the condition of others, which D learns to reject.</dd></dl></details>\n";

/// The verdict as a list.
pub(crate) fn findings(run: &Run, facts: &Facts) -> String {
    let mut html = "<ul class=\"verdict\">\n".to_owned();
    for finding in verdict(run, facts) {
        let (class, word) = finding.level.class();
        let _ = writeln!(html, "<li class=\"{class}\"><span>{word}</span> {}</li>", escape(&finding.text));
    }
    html.push_str("</ul>\n");
    html
}

/// The settings that differ from the preset, and those that differ from the paper's recipe.
pub(crate) fn settings(run: &Run) -> Section {
    let Settings { preset, paper, rows } = &run.settings;
    let mut body = String::new();
    let of_preset: Vec<&Setting> = rows.iter().filter(|row| row.value != row.preset).collect();
    let _ = if of_preset.is_empty() {
        writeln!(body, "<p>All settings are those of the preset <code>{}</code>.</p>", escape(preset))
    } else {
        let head = ["setting", "this run", preset];
        writeln!(
            body,
            "<h3>What differs from the preset {}</h3>\n{}",
            escape(preset),
            table(&head, &of_preset, |row| [&row.value, &row.preset])
        )
    };
    let of_paper: Vec<&Setting> = rows.iter().filter(|row| row.value != row.paper).collect();
    let head = ["setting", "this run", paper, "the paper says"];
    let _ = writeln!(
        body,
        "<details><summary>What differs from the paper's recipe (the preset {}), and what the paper says: {}</summary>\n{}</details>",
        escape(paper),
        of_paper.len(),
        table(&head, &of_paper, |row| [&row.value, &row.paper, &row.paper_says])
    );
    Section::new("settings", "Settings", body)
}

/// A table of settings: the key, and these values.
pub(crate) fn table<const N: usize>(
    head: &[&str],
    rows: &[&Setting],
    values: impl Fn(&Setting) -> [&Option<String>; N],
) -> String {
    let heads: String = head.iter().map(|name| format!("<th scope=\"col\">{}</th>", escape(name))).collect();
    let mut html = format!("<div class=\"wide\"><table><thead><tr>{heads}</tr></thead><tbody>\n");
    for row in rows {
        let _ = write!(html, "<tr><th scope=\"row\"><code>{}</code></th>", escape(&row.key));
        for value in values(row) {
            let _ = write!(html, "<td>{}</td>", escape(value.as_deref().unwrap_or("-")));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    html
}

/// Seconds as people say them.
pub(crate) fn duration(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    let (hours, minutes, seconds) = (whole / 3600, whole / 60 % 60, whole % 60);
    match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {seconds} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_as_people_say_them() {
        assert_eq!([3.4, 75.0, 7260.0].map(duration), ["3 s", "1 min 15 s", "2 h 1 min"]);
    }
}
