//! What a run's figures say: a few numbers from which the verdict and the answers are made.

use crate::run::Run;

/// The share of a run, at its end, over which its last values are averaged.
const RECENT: f64 = 0.1;
/// The least number of rows in such a mean.
const LEAST: usize = 5;

/// Above this share of samples that a judge names as asked, the label is followed; below the second, it is not.
pub(crate) const FOLLOWED: (f64, f64) = (0.9, 0.5);
/// Below this part of the data's spread, samples of one class are nearly the same; below the second they are less varied.
pub(crate) const VARIED: (f64, f64) = (0.25, 0.8);

/// Numbers of a run; `None` where they were not measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) d_loss: Option<f64>,
    pub(crate) g_loss: Option<f64>,
    /// D's value for real x, and for samples.
    pub(crate) d_real: Option<f64>,
    pub(crate) d_fake: Option<f64>,
    /// The norm of G's gradient lately, and its greatest mean over as long a time.
    pub(crate) g_gradient: Option<(f64, f64)>,
    /// Share of samples that are named as asked, and where that was measured.
    pub(crate) accuracy: Option<(f64, &'static str)>,
    /// Spread of samples as a part of the data's.
    pub(crate) spread: Option<f64>,
    /// Share of the variance of samples that comes from the condition.
    pub(crate) condition_share: Option<f64>,
    /// Shares of the variance within a condition: of z, and of dropout's masks.
    pub(crate) within: Option<(f64, f64)>,
    /// The Parzen estimate on test images, or else on validation images.
    pub(crate) parzen: Option<(f64, &'static str)>,
    /// Epochs and values of the figure on validation data that early stopping uses.
    pub(crate) validation: Vec<(f64, f64)>,
}

impl Facts {
    pub(crate) fn of(run: &Run) -> Self {
        let recent = |column: &str| recent_mean(&run.metrics.points(column));
        let last = |column: &str| run.diagnosis.points(column).last().map(|point| point.1);
        let own = run.measures.own();
        let validated = |column: &str| {
            run.evaluations
                .points(column)
                .last()
                .map(|point| (point.1, "validation data, at the last evaluation"))
        };
        let on = match run.measures.warning(&run.measures.evaluation) {
            Some(_) => "test data, but perhaps of other weights than the run has now",
            None => "test data",
        };
        let measured = |column: &str| own.and_then(|own| own.get(column)).map(|value| (value, on));
        let shares = last("condition_share").zip(last("noise_share")).zip(last("mask_share"));
        let within = shares.and_then(|((_, noise), masks)| {
            let sum = noise + masks;
            (sum > 0.0).then(|| (noise / sum, masks / sum))
        });
        // Each beside the real spread that was measured in the same way.
        let (spread, real) = match measured("spread") {
            Some((spread, _)) => (Some(spread), run.measures.real("spread").or(run.real_spread)),
            None => (last("spread"), run.spread_of_data()),
        };
        let norms = run.metrics.points("g_gradient_norm");
        Self {
            d_loss: recent("d_loss"),
            g_loss: recent("g_loss"),
            d_real: recent("d_real"),
            d_fake: recent("d_fake"),
            g_gradient: recent_mean(&norms).zip(greatest_mean(&norms)),
            accuracy: measured("accuracy").or_else(|| validated("accuracy")),
            spread: spread.zip(real).filter(|(_, real)| *real > 0.0).map(|(own, real)| own / real),
            condition_share: last("condition_share"),
            within,
            parzen: measured("parzen_nats").or_else(|| validated("validation_parzen")),
            validation: run.evaluations.points(run.validation_column),
        }
    }
}

fn window(count: usize) -> usize {
    ((count as f64 * RECENT) as usize).max(LEAST).min(count)
}

fn mean(points: &[(f64, f64)]) -> Option<f64> {
    (!points.is_empty()).then(|| points.iter().map(|point| point.1).sum::<f64>() / points.len() as f64)
}

fn recent_mean(points: &[(f64, f64)]) -> Option<f64> {
    mean(&points[points.len() - window(points.len())..])
}

fn greatest_mean(points: &[(f64, f64)]) -> Option<f64> {
    points.chunks(window(points.len()).max(1)).filter_map(mean).max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recent_mean_is_over_the_last_tenth() {
        let points: Vec<(f64, f64)> = (0..100).map(|i| (f64::from(i), f64::from(i))).collect();
        assert_eq!(recent_mean(&points), Some(94.5));
        assert_eq!(greatest_mean(&points), Some(94.5));
        assert_eq!(recent_mean(&points[..3]), Some(1.0));
        assert_eq!((recent_mean(&[]), greatest_mean(&[])), (None, None));
    }
}
