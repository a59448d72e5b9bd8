//! The learning rate as a function of the update.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A learning rate that rises over a warm-up, then decays exponentially to a minimum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleConfig {
    /// Learning rate at the start.
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "0.1 (digits); open (tags)"))]
    pub learning_rate: f64,
    /// Divisor of the learning rate at every update of G. The original adversarial-nets code: 1.000004.
    #[serde(default = "one")]
    #[schemars(range(min = 1.0), extend("paper" = "1.00004"))]
    pub decay: f64,
    /// Learning rate at which the decay ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "paper" = "1e-6"))]
    pub min_learning_rate: Option<f64>,
    /// Epochs over which the rate rises linearly from zero (Goyal et al. 2017).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0.0, "unit" = "epochs", "paper" = "none"))]
    pub warmup_epochs: Option<f64>,
}

fn one() -> f64 {
    1.0
}

impl ScheduleConfig {
    /// A constant learning rate.
    pub fn constant(learning_rate: f64) -> Self {
        Self { learning_rate, decay: 1.0, min_learning_rate: None, warmup_epochs: None }
    }

    /// The learning rate at the `update`-th update (from 0), after `epochs` epochs.
    pub fn rate(&self, update: u64, epochs: f64) -> f64 {
        let decayed = self.learning_rate * (-(update as f64) * self.decay.ln()).exp();
        let rate = self.min_learning_rate.map_or(decayed, |min| decayed.max(min));
        let warmth = self.warmup_epochs.map_or(1.0, |over| (epochs / over).min(1.0));
        warmth * rate
    }

    /// A setting that does nothing with these values: its key, within the schedule's table, and why.
    pub fn without_effect(&self) -> Option<(&'static str, &'static str)> {
        let min = self.min_learning_rate?;
        let key = "min_learning_rate";
        if self.decay == 1.0 {
            return Some((key, "without a decay the learning rate never falls to it; leave it away"));
        }
        (min >= self.learning_rate)
            .then_some((key, "it is not below learning_rate, so the rate would never decay"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAPER: ScheduleConfig = ScheduleConfig {
        learning_rate: 0.1,
        decay: 1.00004,
        min_learning_rate: Some(1e-6),
        warmup_epochs: None,
    };

    #[test]
    fn the_paper_s_rate_reaches_its_minimum_after_288_000_updates() {
        let at = |update| PAPER.rate(update, update as f64 / 500.0);
        assert_eq!(at(0), 0.1);
        assert!((at(1) - 0.1 / 1.00004).abs() < 1e-15);
        assert!(at(287_000) > 1e-6 && at(289_000) == 1e-6);
    }

    #[test]
    fn rates_rise_from_zero_while_the_warm_up_lasts() {
        let warm = ScheduleConfig { warmup_epochs: Some(4.0), ..ScheduleConfig::constant(0.1) };
        let at = |epochs| warm.rate(9, epochs);
        assert_eq!(at(0.0), 0.0);
        assert!((at(1.0) - 0.025).abs() < 1e-15);
        assert_eq!((at(4.0), at(400.0)), (0.1, 0.1));
    }

    #[test]
    fn a_minimum_that_is_never_reached_is_refused() {
        assert!(PAPER.without_effect().is_none());
        for without in
            [ScheduleConfig { decay: 1.0, ..PAPER }, ScheduleConfig { min_learning_rate: Some(0.1), ..PAPER }]
        {
            assert_eq!(without.without_effect().map(|(key, _)| key), Some("min_learning_rate"));
        }
        assert!(ScheduleConfig::constant(0.1).without_effect().is_none());
    }
}
