//! Curves: what `metrics.csv`, `evaluations.csv` and `diagnosis.csv` hold, over epochs.

use std::fmt::Write;

use figures::{History, Line, Plot, PlotLine, escape, losses, outputs};
use serde_json::{Value, json};

use crate::run::Run;
use crate::section::Section;

/// Points of a line that the page holds, at most: enough for a zoom.
const MOST_POINTS: usize = 1500;

/// The section; none where no step was logged.
pub(crate) fn section(run: &Run) -> Option<Section> {
    let plots = of_one(run);
    drawn(
        &plots,
        run,
        "Dashed lines are values to compare with. ",
        " Click to see the samples of that epoch.",
    )
}

/// The same for several runs, which are overlaid.
pub(crate) fn overlay(runs: &[Run]) -> Option<Section> {
    let plots = of_several(runs);
    drawn(&plots, runs.first()?, "Each run has a colour. ", "")
}

fn of_one(run: &Run) -> Vec<Plot> {
    let (metrics, evaluations, diagnosis) = (&run.metrics, &run.evaluations, &run.diagnosis);
    let mut plots = vec![
        losses(metrics, &run.objective),
        outputs(metrics, &run.objective),
        Plot::of(
            "Norms of the gradients",
            metrics,
            &[("d_gradient_norm", "D", "d"), ("g_gradient_norm", "G", "g")],
        ),
    ];
    // A penalty that is due at every fourth step is 0 in between, so a column of zeros says nothing.
    if metrics.points("gradient_penalty").iter().any(|point| point.1 != 0.0) {
        plots.push(Plot::of("Gradient penalty", metrics, &[("gradient_penalty", "Gradient penalty", "d")]));
    }
    plots.push(Plot::of("Learning rate of G", metrics, &[("learning_rate", "Learning rate of G", "g")]));
    plots.push(Plot::of("Momentum", metrics, &[("momentum", "Momentum", "g")]));
    for (column, heading) in EVALUATIONS {
        let plot = Plot::of(heading, evaluations, &[(column, heading, "c2")]);
        plots.push(match column {
            "validation_parzen" => plot.reference(run.paper_nats, "the paper, on test data"),
            "accuracy" => plot.reference(run.chance(), "chance"),
            "spread" => plot.reference(run.spread_of_data(), "real images"),
            _ => plot,
        });
    }
    let shares = [
        ("condition_share", "condition", "c0"),
        ("noise_share", "z", "c1"),
        ("mask_share", "masks of dropout", "c2"),
    ];
    plots.push(Plot {
        range: Some((0.0, 1.0)),
        ..Plot::of(
            "Where the variance of samples comes from, with dropout as in training",
            diagnosis,
            &shares,
        )
    });
    plots.push(
        Plot::of("Spread within classes, after each epoch", diagnosis, &[("spread", "spread", "c3")])
            .reference(run.spread_of_data(), "real images"),
    );
    let logits = [
        ("d_train", "training data", "c0"),
        ("d_validation", "validation data", "c2"),
        ("d_samples", "samples", "c1"),
    ];
    plots.push(Plot::of("Mean logits of D", diagnosis, &logits));
    plots.retain(|plot| !plot.lines.is_empty());
    plots
}

/// Columns of `evaluations.csv`, whichever a run has.
const EVALUATIONS: [(&str, &str); 7] = [
    ("validation_parzen", "Parzen estimate on validation images, nats"),
    ("accuracy", "Accuracy of samples"),
    ("spread", "Spread within classes, at evaluations"),
    ("validation_precision", "P@5 on validation pictures"),
    ("recall", "R@5 on validation pictures"),
    ("miap", "MiAP on validation pictures"),
    ("diversity", "Diversity of samples"),
];

/// Columns that runs are compared by: of metrics, then of evaluations.
const COMPARED: [(&str, &str); 6] = [
    ("d_loss", "D loss"),
    ("g_loss", "G loss"),
    ("d_real", "D(x)"),
    ("d_fake", "D(G(z))"),
    ("d_gradient_norm", "Norm of D's gradient"),
    ("g_gradient_norm", "Norm of G's gradient"),
];

fn of_several(runs: &[Run]) -> Vec<Plot> {
    let plot = |heading: &str, column: &str, table: fn(&Run) -> &History| {
        let line = |(index, run): (usize, &Run)| {
            let points = table(run).points(column);
            let class = format!("c{}", index % 8);
            (!points.is_empty()).then(|| PlotLine { name: run.name.clone(), class, points })
        };
        let lines = runs.iter().enumerate().filter_map(line).collect();
        Plot { heading: heading.to_owned(), lines, ..Plot::default() }
    };
    let metrics = COMPARED.iter().map(|(column, heading)| plot(heading, column, |run| &run.metrics));
    let evaluations =
        EVALUATIONS.iter().map(|(column, heading)| plot(heading, column, |run| &run.evaluations));
    let spread = plot("Spread within classes, after each epoch", "spread", |run| &run.diagnosis);
    metrics.chain(evaluations).chain([spread]).filter(|plot| !plot.lines.is_empty()).collect()
}

fn drawn(plots: &[Plot], run: &Run, introduction: &str, click: &str) -> Option<Section> {
    let range = Plot::x_range(plots)?;
    let unit = if run.metrics.counts_epochs() { "epoch" } else { "step" };
    let mut body = format!(
        "<p>{introduction}Over {unit}s. Bold lines are running means over about 5 % of the run.</p>\n{}<div class=\"charts\">\n",
        controls(click)
    );
    for plot in plots {
        let _ = write!(body, "<figure class=\"chart\"><figcaption><b>{}</b>", escape(&plot.heading));
        // One line that is called as its chart needs no key.
        for line in plot.lines.iter().filter(|line| line.name != plot.heading) {
            let _ = write!(
                body,
                " <span class=\"key\"><i class=\"{}\"></i>{}</span>",
                line.class,
                escape(&line.name)
            );
        }
        for reference in &plot.references {
            let _ = write!(
                body,
                " <span class=\"key\"><i class=\"half\"></i>{} {}</span>",
                escape(&reference.name),
                figures::rounded(reference.value)
            );
        }
        let _ = write!(body, "</figcaption>\n{}</figure>\n", plot.fluid(range, unit));
    }
    body.push_str("</div>\n");
    if run.metrics.faulty() > 0 {
        let _ = writeln!(
            body,
            "<p class=\"quiet\">Rows that were broken or not finite and are left out: {}.</p>",
            run.metrics.faulty()
        );
    }
    let steps_per_epoch =
        run.metrics.last_position().filter(|(_, epoch)| *epoch > 0.0).map(|(step, epoch)| step / epoch);
    let data = json!({
        "unit": unit,
        "range": range,
        "stepsPerEpoch": steps_per_epoch,
        "plots": plots.iter().map(data).collect::<Vec<_>>(),
    });
    Some(Section::new("curves", "Curves", body).with_data(data))
}

/// The points of a plot for its script.
fn data(plot: &Plot) -> Value {
    let points = |points: &[(f64, f64)]| {
        let (x, y): (Vec<Value>, Vec<Value>) = points.iter().map(|(x, y)| (short(*x), short(*y))).unzip();
        json!([x, y])
    };
    let lines: Vec<Value> = plot
        .lines
        .iter()
        .map(|line| {
            let drawn = Line::thinned(&line.points, MOST_POINTS);
            json!({
                "name": line.name,
                "class": line.class,
                "raw": points(&drawn.raw),
                "smooth": drawn.smooth.as_deref().map(points),
            })
        })
        .collect();
    let references: Vec<Value> =
        plot.references.iter().map(|r| json!({ "name": r.name, "value": r.value })).collect();
    json!({ "heading": plot.heading, "range": plot.range, "lines": lines, "references": references })
}

/// A number with five significant digits: more cannot be seen.
fn short(value: f64) -> Value {
    format!("{value:.4e}").parse::<f64>().map_or(Value::Null, |value| json!(value))
}

/// Controls, which the script shows; `click` says what a click on a chart does.
fn controls(click: &str) -> String {
    format!(
        "<div class=\"controls\" hidden>\
         <label>x <select name=\"unit\"><option value=\"epoch\">epochs</option><option value=\"step\">steps</option></select></label>\
         <label>y <select name=\"scale\"><option value=\"linear\">linear</option><option value=\"log\">logarithmic</option></select></label>\
         <span>Zoom <button type=\"button\" name=\"in\" aria-label=\"Zoom in\">+</button>\
         <button type=\"button\" name=\"out\" aria-label=\"Zoom out\">−</button>\
         <button type=\"button\" name=\"whole\">whole run</button></span>\
         <span class=\"quiet\">Move over a chart, or focus it and use the arrow keys, for values. Drag to zoom. A logarithmic scale leaves values of 0 and below out.{click}</span></div>\n"
    )
}
