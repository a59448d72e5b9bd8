//! What people ask about a training, answered from the run's own figures.
//!
//! The recurring questions in the trackers of public GAN projects. Chapter 12 of the book, "Reading the curves",
//! explains each answer at length.

use std::fmt::Write;

use figures::{escape, position, rounded};

use crate::facts::{FOLLOWED, Facts, VARIED};
use crate::run::{Run, State, Task};
use crate::section::Section;
use crate::verdict::{CERTAIN, percent};

/// A question, and its answer where the run has the figures for it.
type Question = (&'static str, fn(&Run, &Facts) -> Option<String>);

const QUESTIONS: [Question; 8] = [
    ("Are the losses a sign of failure or of balance?", balance),
    ("Who is winning, and does G still get a gradient?", winning),
    ("The pictures improve while the losses get worse: what should I watch?", what_to_watch),
    ("Do all samples look alike: within a class, or across classes?", alike),
    ("Is the label followed, and is any class missing?", label),
    ("Did it break suddenly, and when?", break_point),
    ("Is it time to stop, and which weights are best?", when_to_stop),
    ("What do the numbers of this objective mean?", meaning),
];

/// The section.
pub(crate) fn section(run: &Run, facts: &Facts) -> Section {
    let mut body = "<p>Answered from this run's own figures. Chapter 12 of the book (<code>cgan book --open</code>) explains \
         each at length, under \"Reading the curves\".</p>\n"
        .to_owned();
    for (question, answer) in QUESTIONS {
        let answer = answer(run, facts).unwrap_or_else(|| "There are no figures for this yet.".to_owned());
        let _ = writeln!(body, "<h3>{question}</h3>\n<p>{}</p>", escape(&answer));
    }
    Section::new("questions", "What people ask", body)
}

/// How near a loss is to its value at the equilibrium, relative to it.
const NEAR: f64 = 0.1;

fn balance(run: &Run, facts: &Facts) -> Option<String> {
    let rest = run.objective.rest();
    let (d, g) = (facts.d_loss?, facts.g_loss?);
    let mut text = format!(
        "Lately D's loss is {} and G's {}. At the equilibrium, where samples are distributed as the data, D's is {}",
        rounded(d),
        rounded(g),
        rounded(rest.d_loss)
    );
    match rest.g_loss {
        Some(g) => write!(text, " and G's {}.", rounded(g)).ok()?,
        None => text.push_str("; G's may have any value there."),
    }
    let scale = rest.d_loss.abs().max(rest.g_loss.map_or(0.0, f64::abs)).max(0.1);
    let near = (d - rest.d_loss).abs() <= NEAR * scale;
    let moved = facts.g_gradient.is_some_and(|(now, most)| now > 1e-3 * most);
    text.push(' ');
    text.push_str(match (near, facts.spread, facts.accuracy) {
        (true, Some(spread), _) if spread < VARIED.0 => {
            "They are near it, but samples hardly differ: that is no balance. D cannot tell, because it has not learned, or G \
             has left it nothing to learn from."
        }
        (true, _, Some((share, _))) if share < FOLLOWED.1 => {
            "They are near it, but labels are not followed: D and G balance on images and ignore the label."
        }
        (true, Some(spread), _) if spread >= VARIED.1 => {
            "They are near it and samples vary: that is balance. Losses that hover there are what one hopes for."
        }
        (true, _, _) if !moved => {
            "They are near it, but G's gradient has nearly vanished: the nets may never have left their start."
        }
        (true, _, _) => "They are near it, which is balance if samples vary and follow their labels; the losses cannot tell.",
        (false, _, _) if d < rest.d_loss => {
            "D's is below it: D tells samples from data. A small and steady lead is what G learns from; a large one means that D wins."
        }
        (false, _, _) => "D's is above it: D is worse than a constant would be, so G is ahead, or the learning rate is too large.",
    });
    if run.metrics.points("gradient_penalty").iter().any(|point| point.1 > 0.0)
        || has(run, "mismatched_pairs")
    {
        text.push_str(
            " (Penalties, mismatched pairs and an auxiliary classifier shift these values a little.)",
        );
    }
    Some(text)
}

/// Whether the run has a setting in this table.
fn has(run: &Run, table: &str) -> bool {
    run.settings.rows.iter().any(|row| row.key.starts_with(table) && row.value.is_some())
}

fn winning(run: &Run, facts: &Facts) -> Option<String> {
    let (real, fake) = (facts.d_real?, facts.d_fake?);
    let gradient = match facts.g_gradient? {
        (_, 0.0) => "G's gradient is exactly 0".to_owned(),
        (now, most) => {
            format!("the norm of G's gradient is {}, {} of its highest", rounded(now), percent(now / most))
        }
    };
    if !run.objective.d_is_probability() {
        let ahead = if real > fake { "above" } else { "not above" };
        return Some(format!(
            "D's score is {} for data and {} for samples, {ahead} one another as D wants it; only the difference has a meaning. \
             Lately {gradient}.",
            rounded(real),
            rounded(fake)
        ));
    }
    let who = if real > CERTAIN && fake < 1.0 - CERTAIN {
        "D wins: it is nearly certain of both. With the non-saturating loss G still gets a gradient, but it may point nowhere; hold D \
         back by a penalty on its gradient (penalty.r1.weight=1), dropout in D, or a smaller learning rate of D"
    } else if real < fake {
        "G is ahead of D: D takes samples for real more often than data; give D a larger learning rate or more updates"
    } else if real - fake < 0.3 {
        "neither: D keeps a small lead, which is what G learns from"
    } else {
        "D leads clearly"
    };
    Some(format!("D(x) = {} and D(G(z)) = {}: {who}. Lately {gradient}.", rounded(real), rounded(fake)))
}

fn what_to_watch(run: &Run, facts: &Facts) -> Option<String> {
    let name = measure(run.task);
    if facts.validation.is_empty() {
        return Some(format!(
            "The losses are relative to the other player, who improves too, so they do not measure pictures. This run has no \
             figures on validation data: train with --set log.evaluate_every=1 to see {name} by epoch."
        ));
    }
    let losses = run.metrics.points("g_loss");
    let pairs: Vec<(f64, f64)> =
        facts.validation.iter().filter_map(|(epoch, value)| Some((at(&losses, *epoch)?, *value))).collect();
    let mut text = format!(
        "Watch {name} on validation data, not the losses: each loss is relative to the other player, who improves too."
    );
    if let Some(r) = correlation(&pairs) {
        let how = if r.abs() < 0.5 {
            "and G's loss had little to do with each other"
        } else if r > 0.0 {
            "rose as G's loss rose"
        } else {
            "rose as G's loss fell"
        };
        let _ = write!(
            text,
            " In this run that figure {how} (correlation {} over {} evaluations).",
            rounded(r),
            pairs.len()
        );
    }
    Some(text)
}

fn measure(task: Task) -> &'static str {
    match task {
        Task::Images => "the Parzen estimate together with the accuracy",
        Task::Words => "the precision",
    }
}

/// The value at x, of the last point that is not beyond it.
fn at(points: &[(f64, f64)], x: f64) -> Option<f64> {
    let end = points.partition_point(|point| point.0 <= x);
    points[..end].last().map(|point| point.1)
}

/// Pearson's correlation, of five pairs or more.
fn correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    if pairs.len() < 5 {
        return None;
    }
    let n = pairs.len() as f64;
    let mean = pairs.iter().fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0 / n, sum.1 + pair.1 / n));
    let moments = pairs.iter().fold((0.0, 0.0, 0.0), |sum, pair| {
        let (a, b) = (pair.0 - mean.0, pair.1 - mean.1);
        (sum.0 + a * a, sum.1 + b * b, sum.2 + a * b)
    });
    let r = moments.2 / (moments.0 * moments.1).sqrt();
    r.is_finite().then_some(r)
}

fn alike(run: &Run, facts: &Facts) -> Option<String> {
    let spread = facts.spread?;
    let mut text = format!("Within a class the spread of samples is {} of real images'", percent(spread));
    text.push_str(if spread < VARIED.0 {
        ": collapse within classes. Losses do not show it. An accuracy near 1 beside so little variety is its sign."
    } else if spread < VARIED.1 {
        ": samples differ, but less than real images."
    } else {
        ": no collapse within classes."
    });
    if let Some(share) = facts.condition_share.filter(|_| run.conditional) {
        let _ = write!(text, " Of the variance of all samples, {} comes from the condition", percent(share));
        let unlabelled = facts.accuracy.filter(|(accuracy, _)| *accuracy < FOLLOWED.1);
        match unlabelled {
            _ if share < 0.02 => text.push_str(": samples of different classes are the same."),
            Some((accuracy, _)) => {
                let _ = write!(
                    text,
                    ", but only {} of samples are of the class that was asked for.",
                    percent(accuracy)
                );
            }
            None => text.push_str(": classes differ."),
        }
    }
    if let Some((noise, masks)) = facts.within {
        let _ = write!(
            text,
            " Of the variance within a class, {} comes from z and {} from the masks of dropout.",
            percent(noise),
            percent(masks)
        );
        if noise < 0.02 && masks > 0.5 {
            text.push_str(" G ignores z: the masks are its noise, so samples must be drawn with dropout.");
        }
    }
    Some(text)
}

fn label(run: &Run, facts: &Facts) -> Option<String> {
    if !run.conditional {
        return Some("These nets have no label.".to_owned());
    }
    let Some((share, on)) = facts.accuracy else {
        let share = facts.condition_share?;
        return Some(format!(
            "Of the variance of samples, {} comes from the condition. Whether it leads to the right class is not measured yet: \
             cgan evaluate does.",
            percent(share)
        ));
    };
    let mut text =
        format!("A classifier of real images names {} of samples as asked ({on}).", percent(share));
    match run.measures.worst_class() {
        Some((class, share)) if share < FOLLOWED.1 => {
            let _ = write!(
                text,
                " Class {class} is missing: only {} of its samples are named as such.",
                percent(share)
            );
        }
        Some((class, share)) => {
            let _ = write!(text, " No class is missing; the worst is {class} with {}.", percent(share));
        }
        None => text.push_str(" Class by class it is measured by cgan evaluate."),
    }
    Some(text)
}

/// A loss has jumped where the mean of a window is this many times as far from the one before as windows differ usually.
const JUMP: f64 = 12.0;
/// Windows that a run is cut into.
const WINDOWS: usize = 40;

/// The x at which the means of consecutive windows part suddenly, with the means before and after; none in a run that is
/// too short to tell. The first tenth does not count: there, all runs move.
fn jump(points: &[(f64, f64)]) -> Option<(f64, f64, f64)> {
    let size = points.len() / WINDOWS;
    if size < 3 {
        return None;
    }
    let windows: Vec<(f64, f64)> = points
        .chunks(size)
        .map(|chunk| (chunk[0].0, chunk.iter().map(|point| point.1).sum::<f64>() / chunk.len() as f64))
        .collect();
    let windows = &windows[WINDOWS / 10..];
    let steps: Vec<f64> = windows.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs()).collect();
    let mut sorted = steps.clone();
    sorted.sort_by(f64::total_cmp);
    let usual = sorted[sorted.len() / 2];
    let (index, largest) = steps.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
    let level = windows[..=index].iter().map(|window| window.1.abs()).sum::<f64>() / (index + 1) as f64;
    let sudden = *largest > JUMP * usual && *largest > 0.5 * level;
    sudden.then(|| (windows[index + 1].0, windows[index].1, windows[index + 1].1))
}

fn break_point(run: &Run, _: &Facts) -> Option<String> {
    if let State::Diverged(what) = &run.state {
        return Some(format!(
            "Yes: {what}. Lower the learning rate, or add a penalty on D's gradient; the last checkpoint is intact."
        ));
    }
    let unit = if run.metrics.counts_epochs() { "epoch" } else { "step" };
    let mut lines = Vec::new();
    for (column, name) in
        [("d_loss", "D's loss"), ("g_loss", "G's loss"), ("g_gradient_norm", "the norm of G's gradient")]
    {
        let points = run.metrics.points(column);
        if let Some((x, before, after)) = jump(&points) {
            lines.push(format!(
                "{name} jumped at {unit} {} from {} to {}",
                position(x),
                rounded(before),
                rounded(after)
            ));
        }
    }
    if let Some((epoch, before, after)) = drop_of(&run.evaluations.points("validation_parzen")) {
        lines.push(format!(
            "the Parzen estimate fell at epoch {} from {} to {}",
            position(epoch),
            rounded(before),
            rounded(after)
        ));
    }
    if run.metrics.points("d_loss").is_empty() {
        return None;
    }
    if lines.is_empty() {
        return Some("No: neither losses nor G's gradient jumped, and no evaluation fell by more than 30 nats below the best before it.".to_owned());
    }
    Some(format!("Yes: {}. Compare the samples before and after.", lines.join("; ")))
}

/// The first evaluation that is far below the best before it, in nats. What comes before half of the best of all is the
/// beginning, where the estimate still swings.
fn drop_of(points: &[(f64, f64)]) -> Option<(f64, f64, f64)> {
    let half = 0.5 * points.iter().map(|point| point.1).fold(0.0, f64::max);
    let mut best = f64::NEG_INFINITY;
    for (x, value) in points {
        if best > half && best - value > 30.0 {
            return Some((*x, best, *value));
        }
        best = best.max(*value);
    }
    None
}

/// Evaluations over which a gain is looked at.
const LATELY: usize = 3;

fn when_to_stop(run: &Run, facts: &Facts) -> Option<String> {
    let name = match run.task {
        Task::Images => "Parzen estimate",
        Task::Words => "precision",
    };
    let best = facts.validation.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let Some((epoch, value)) = best else {
        return Some(format!(
            "No loss can tell: they do not fall steadily. Measure on validation data while it trains \
             (--set log.evaluate_every=1), and stop when the {name} no longer rises."
        ));
    };
    let (last, _) = facts.validation.last()?;
    let since = facts.validation.iter().filter(|point| point.0 > *epoch).count();
    let mut text =
        format!("The best {name} on validation data is {}, at epoch {}. ", rounded(*value), position(*epoch));
    let unlabelled = facts.accuracy.is_some_and(|(share, _)| share < FOLLOWED.1);
    let collapsed = facts.spread.is_some_and(|spread| spread < VARIED.0);
    if unlabelled || collapsed {
        let what = if unlabelled { "labels are not followed" } else { "samples of a class hardly differ" };
        let _ = write!(
            text,
            "But {what}, and more epochs seldom mend that: see the verdict for what to change first."
        );
    } else if since > 0 {
        let _ =
            write!(text, "Evaluations since then, up to epoch {}: {since}, none better.", position(*last));
    } else {
        let before = facts.validation.len().checked_sub(LATELY + 1).map(|at| facts.validation[at].1);
        match before.map(|before| value - before) {
            Some(gain) if gain < 0.02 * value.abs() => {
                let _ = write!(
                    text,
                    "It rose by {} in the last {LATELY} evaluations: more epochs bring little.",
                    rounded(gain)
                );
            }
            _ => text.push_str("That is the last evaluation, and it still rises: train on with cgan resume."),
        }
    }
    if run.settings.rows.iter().any(|row| row.key == "early_stopping.patience" && row.value.is_some()) {
        text.push_str(match run.has_ended() {
            true => " The best weights (best.safetensors) are the run's result.",
            false => {
                " The best weights are kept as best.safetensors, and become the run's result when it ends."
            }
        });
    }
    Some(text)
}

fn meaning(run: &Run, _: &Facts) -> Option<String> {
    Some(format!("{}: {}", run.objective.name(), run.objective.reading()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_found_and_noise_is_none() {
        let wave = |i: u32| (f64::from(i), 1.0 + 0.1 * (f64::from(i) * 1.7).sin());
        let calm: Vec<(f64, f64)> = (0..4000).map(wave).collect();
        assert_eq!(jump(&calm), None);
        let broken: Vec<(f64, f64)> =
            calm.iter().map(|&(x, y)| (x, if x < 3000.0 { y } else { y + 5.0 })).collect();
        let (x, before, after) = jump(&broken).unwrap();
        assert!((x - 3000.0).abs() <= 100.0 && before < 1.2 && after > 5.0, "{x} {before} {after}");
        assert_eq!(jump(&broken[..50]), None);
    }

    #[test]
    fn a_fall_is_measured_from_the_best() {
        assert_eq!(
            drop_of(&[(1.0, 100.0), (2.0, 150.0), (3.0, 130.0), (4.0, 90.0)]),
            Some((4.0, 150.0, 90.0))
        );
        assert_eq!(drop_of(&[(1.0, 100.0), (2.0, 80.0)]), None);
        assert_eq!(drop_of(&[(1.0, -7.0), (2.0, -50.0), (3.0, 220.0)]), None);
    }

    #[test]
    fn a_correlation_has_its_sign() {
        let line = |slope: f64| (0..6).map(|i| (f64::from(i), slope * f64::from(i))).collect::<Vec<_>>();
        assert!((correlation(&line(2.0)).unwrap() - 1.0).abs() < 1e-12);
        assert!((correlation(&line(-2.0)).unwrap() + 1.0).abs() < 1e-12);
        assert_eq!((correlation(&line(0.0)), correlation(&line(1.0)[..4])), (None, None));
    }
}
