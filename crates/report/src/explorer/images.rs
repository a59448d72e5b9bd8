//! The explorer of a run that makes images.

use super::Explorer;

/// Rows of the grid at most; the script has the same number.
const GRID_ROWS: usize = 20;

pub(super) fn body(explorer: &Explorer, (height, width): (usize, usize), first_label: usize) -> String {
    let classes = explorer.conditions.len();
    let generator = &explorer.generator;
    let without = match classes {
        0 => "move through its noise, and see fresh samples",
        _ => "choose a class, blend two, move through its noise, and see fresh samples",
    };
    let mut html = format!(
        "<p>This is the run’s generator G itself, drawing in this page. Given the same noise, its pixels are those of \
         <code>cgan sample</code> to within 0.002: its weights are here in sixteen bits each.</p>\n\
         <p class=\"explorer-without\">With JavaScript, this section draws with G: {without}.</p>\n\
         <div class=\"explorer\" hidden>\n<div class=\"explorer-top\">\n\
         <figure class=\"explorer-shown\"><canvas class=\"pixels\" role=\"img\" width=\"{width}\" height=\"{height}\"></canvas>\
         <figcaption aria-live=\"polite\"></figcaption></figure>\n<div class=\"explorer-controls\">\n"
    );
    if classes > 1 {
        let options: String = (0..classes)
            .map(|class| format!("<option value=\"{class}\">{}</option>", class + first_label))
            .collect();
        html.push_str(&format!(
            "<fieldset><legend>Class y</legend>\
             <label>Class <select name=\"class\">{options}</select></label>\
             <label>Blend with <select name=\"with\">{options}</select></label>\
             {}</fieldset>\n",
            slider("share", "Share of the second")
        ));
    }
    let (path, pad) = if generator.noise.is_uniform() {
        (
            "on a straight line, which stays in the cube",
            "through the cube in which the noise is uniform, and back where it meets a side",
        )
    } else {
        (
            "along the same sphere",
            "around the sphere near which nearly all Gaussian noise lies, by a quarter turn to the rim",
        )
    };
    html.push_str(&format!(
        "<fieldset><legend>Noise z</legend><div class=\"explorer-noise\">\
         <div><div class=\"explorer-pad\" tabindex=\"0\" role=\"application\" \
         aria-label=\"Two directions of z\" aria-describedby=\"explorer-pad-help explorer-pad-place\">\
         <span class=\"explorer-point\"></span></div>\
         <output class=\"explorer-place quiet\" id=\"explorer-pad-place\"></output></div>\
         <div><p class=\"quiet\" id=\"explorer-pad-help\">Drag in the square, or use the arrow keys (with Shift in larger \
         steps; Home for the middle). It moves z in two random directions: {pad}.</p>\
         <button type=\"button\" name=\"new-directions\">New directions</button></div></div>\
         {walk}<p class=\"quiet\">From z to another noise z′, {path}.</p>\
         <div class=\"explorer-buttons\"><button type=\"button\" name=\"new-z\">New z</button>\
         <button type=\"button\" name=\"new-end\">New z′</button></div></fieldset>\n",
        walk = slider("walk", "Walk from z to z′"),
    ));
    if generator.dropout.is_some() {
        html.push_str(
            "<fieldset><legend>Dropout’s masks</legend><p class=\"quiet\">This G is sampled with dropout, so the units \
             that it keeps are part of its noise.</p>\
             <label><input type=\"checkbox\" name=\"keep\"> Keep the masks when z is new</label>\
             <div class=\"explorer-buttons\"><button type=\"button\" name=\"new-masks\">New masks</button></div>\
             </fieldset>\n",
        );
    }
    html.push_str(
        "<div class=\"explorer-buttons\"><button type=\"button\" name=\"save-picture\">Save as PNG</button>\
         <button type=\"button\" name=\"start-again\">Start again</button></div>\n\
         <p class=\"quiet\">The address of this page holds what is shown: a link brings it back.</p>\n\
         </div>\n</div>\n<h3>A grid of samples</h3>\n",
    );
    html.push_str(&grid(explorer, classes, first_label));
    html.push_str("</div>\n");
    html
}

fn slider(name: &str, label: &str) -> String {
    format!(
        "<label class=\"explorer-slider\">{label} <input type=\"range\" name=\"{name}\" min=\"0\" max=\"100\" value=\"0\">\
         <output>0 %</output></label>"
    )
}

fn grid(explorer: &Explorer, classes: usize, first_label: usize) -> String {
    let masks = match (explorer.generator.dropout.is_some(), classes) {
        (true, 0) => ", each with z and masks of its own",
        (false, 0) => ", each with z of its own",
        (true, _) => ": a class a row, the same z and masks a column",
        (false, _) => ": a class a row, the same z a column",
    };
    let some = match classes {
        0..=GRID_ROWS => String::new(),
        _ => format!(" The first {GRID_ROWS} of {classes} classes are shown."),
    };
    let command = match classes {
        0 => format!("cgan sample RUN --count {}", explorer.start.z.len()),
        _ => "cgan sample RUN".to_owned(),
    };
    let labels: String =
        (0..classes.min(GRID_ROWS)).map(|class| format!("<span>{}</span>", class + first_label)).collect();
    let verdict = explorer.discriminator.as_ref().map_or("", |_| "<p class=\"explorer-verdict\"></p>\n");
    format!(
        "<p>Samples{masks}. The first are those of <code>{command}</code>.{some} Choose a sample, by pointer or by arrow keys \
         and Enter, to explore from there.</p>\n\
         <div class=\"explorer-buttons\"><button type=\"button\" name=\"fresh-samples\">Fresh samples</button>\
         <button type=\"button\" name=\"first-samples\">The first samples</button>\
         <button type=\"button\" name=\"save-grid\">Save the grid as PNG</button></div>\n\
         <div class=\"explorer-rows\"><div class=\"explorer-labels\" aria-hidden=\"true\">{labels}</div>\
         <div class=\"explorer-grid\" tabindex=\"0\" role=\"application\" aria-label=\"Samples\" \
         aria-describedby=\"explorer-cell\"><canvas class=\"pixels\"></canvas><span class=\"explorer-cursor\"></span></div></div>\n\
         <p class=\"explorer-cell quiet\" id=\"explorer-cell\" aria-live=\"polite\"></p>\n{verdict}"
    )
}
