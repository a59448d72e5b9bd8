//! SGD with momentum, and Adam: one pass over the flat buffer for each player.

use std::sync::atomic::{AtomicBool, Ordering};

use autograd::{Group, Parameters, Real};
use kernels::elementwise::all_finite;
use kernels::parallel::parts;
use ndarray::ArrayViewMut2;

use crate::config::{OptimizerConfig, OptimizerKind};

/// The rate and the momentum of an update.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// G's rate: start / decay^update, no lower than the floor; before that, a linear ramp over the warm-up.
    pub learning_rate: f64,
    /// D's: the same by its own decay, times its ratio.
    pub discriminator_rate: f64,
    /// SGD's momentum: a linear ramp over epochs. Adam's first decay.
    pub momentum: f64,
}

impl Schedule {
    /// At the `update`-th update (from 0), after `epochs` epochs.
    pub fn at(config: &OptimizerConfig, update: u64, epochs: f64) -> Self {
        // A start below the floor stays where it is.
        let floor = config.floor.min(config.learning_rate);
        let rate = |decay: f64| (config.learning_rate * (-(update as f64) * decay.ln()).exp()).max(floor);
        let own = if config.discriminator_decay > 0.0 { config.discriminator_decay } else { config.decay };
        let ramp = |over: f64| if over > 0.0 { (epochs / over).min(1.0) } else { 1.0 };
        let warmth = ramp(config.warmup_epochs);
        Self {
            learning_rate: warmth * rate(config.decay),
            discriminator_rate: warmth * config.discriminator_ratio * rate(own),
            momentum: match config.kind {
                OptimizerKind::Sgd => {
                    config.momentum + ramp(config.momentum_epochs) * (config.momentum_end - config.momentum)
                }
                OptimizerKind::Adam => config.beta1,
            },
        }
    }
}

/// Moves parameters against their gradients. Its state is one buffer for SGD (the velocity), two for Adam (the
/// moments).
pub struct Optimizer<T> {
    config: OptimizerConfig,
    first: Parameters<T>,
    second: Option<Parameters<T>>,
}

impl<T: Real> Optimizer<T> {
    /// At rest.
    pub fn new(config: OptimizerConfig, parameters: &Parameters<T>) -> Self {
        let second = (config.kind == OptimizerKind::Adam).then(|| parameters.zeros_like());
        Self { config, first: parameters.zeros_like(), second }
    }

    /// Moves one player by its gradient at `rate`. `updates` counts the updates of this player before this one.
    /// Returns whether every new value is finite.
    pub fn update(
        &mut self,
        parameters: &mut Parameters<T>,
        gradients: &Parameters<T>,
        group: &Group,
        rate: f64,
        momentum: f64,
        updates: u64,
    ) -> bool {
        let range = group.range.clone();
        let w = &mut parameters.values_mut()[range.clone()];
        let g = &gradients.values()[range.clone()];
        let m = &mut self.first.values_mut()[range.clone()];
        let finite = AtomicBool::new(true);
        let check = |w: &[T]| finite.fetch_and(all_finite(w), Ordering::Relaxed);
        match &mut self.second {
            None => {
                let (rate, momentum) = (T::of(rate), T::of(momentum));
                parts([w, m], |start, [w, v]| {
                    for ((w, v), g) in w.iter_mut().zip(v).zip(&g[start..]) {
                        *v = momentum * *v - rate * *g;
                        *w += *v;
                    }
                    check(w);
                });
            }
            Some(second) => {
                let OptimizerConfig { beta1, beta2, epsilon, .. } = self.config;
                let t = (updates + 1) as f64;
                // Both bias corrections, folded into the rate and the root.
                let step = T::of(rate / (1.0 - beta1.powf(t)));
                let root = T::of(1.0 / (1.0 - beta2.powf(t)).sqrt());
                let [b1, b2, epsilon] = [beta1, beta2, epsilon].map(T::of);
                let [c1, c2] = [1.0 - beta1, 1.0 - beta2].map(T::of);
                parts([w, m, &mut second.values_mut()[range]], |start, [w, m, v]| {
                    for (((w, m), v), g) in w.iter_mut().zip(m).zip(v.iter_mut()).zip(&g[start..]) {
                        *m = b1 * *m + c1 * *g;
                        *v = b2 * *v + c2 * *g * *g;
                        *w -= step * *m / (v.sqrt() * root + epsilon);
                    }
                    check(w);
                    check(v);
                });
            }
        }
        if self.config.max_norm > 0.0 {
            for id in group.ids() {
                if parameters.entry(id).dims.len() == 2 {
                    limit_norms(parameters.view_mut(id), self.config.max_norm);
                }
            }
        }
        finite.into_inner()
    }

    /// The state's buffers, by name, to be saved.
    pub fn state(&self) -> Vec<(&'static str, &Parameters<T>)> {
        let first = match self.config.kind {
            OptimizerKind::Sgd => ("velocity", &self.first),
            OptimizerKind::Adam => ("first_moment", &self.first),
        };
        [first].into_iter().chain(self.second.as_ref().map(|second| ("second_moment", second))).collect()
    }

    /// The state's buffers, in the order of [`Optimizer::state`], to be restored.
    pub fn state_mut(&mut self) -> Vec<&mut Parameters<T>> {
        [&mut self.first].into_iter().chain(self.second.as_mut()).collect()
    }
}

/// Scales each row of a weight (the connections into one unit) to a norm of at most `limit`.
fn limit_norms<T: Real>(mut weight: ArrayViewMut2<T>, limit: f64) {
    for mut row in weight.rows_mut() {
        let norm = row.iter().map(|w| w.f64() * w.f64()).sum::<f64>().sqrt();
        if norm > limit {
            let scale = T::of(limit / norm);
            row.iter_mut().for_each(|w| *w *= scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn config(kind: OptimizerKind) -> OptimizerConfig {
        OptimizerConfig {
            kind,
            learning_rate: 0.1,
            discriminator_ratio: 1.0,
            decay: 1.00004,
            discriminator_decay: 0.0,
            floor: 1e-6,
            warmup_epochs: 0.0,
            momentum: 0.5,
            momentum_end: 0.7,
            momentum_epochs: 250.0,
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            max_norm: 0.0,
        }
    }

    fn one(value: f64) -> Parameters<f64> {
        let mut parameters = Parameters::new();
        parameters.push("w", &[1], |w| w[0] = value);
        parameters
    }

    #[test]
    fn the_paper_s_rate_reaches_its_floor_after_288_000_updates() {
        let config = config(OptimizerKind::Sgd);
        let at = |update| Schedule::at(&config, update, update as f64 / 500.0);
        assert_eq!(at(0), Schedule { learning_rate: 0.1, discriminator_rate: 0.1, momentum: 0.5 });
        assert!((at(1).learning_rate - 0.1 / 1.00004).abs() < 1e-15);
        assert!(at(287_000).learning_rate > 1e-6 && at(289_000).learning_rate == 1e-6);
        assert!((at(62_500).momentum - 0.6).abs() < 1e-12);
        assert!((at(125_000).momentum - 0.7).abs() < 1e-12 && (at(999_999).momentum - 0.7).abs() < 1e-12);
    }

    #[test]
    fn rates_rise_from_zero_while_the_warm_up_lasts() {
        let warm = OptimizerConfig {
            warmup_epochs: 4.0,
            decay: 1.0,
            discriminator_ratio: 0.5,
            ..config(OptimizerKind::Sgd)
        };
        let at = |epochs| Schedule::at(&warm, 9, epochs);
        assert_eq!((at(0.0).learning_rate, at(0.0).discriminator_rate), (0.0, 0.0));
        assert!((at(1.0).learning_rate - 0.025).abs() < 1e-15);
        assert!((at(3.0).discriminator_rate - 0.0375).abs() < 1e-15);
        assert_eq!((at(4.0).learning_rate, at(400.0).learning_rate), (0.1, 0.1));
    }

    #[test]
    fn each_player_may_have_a_rate_of_its_own() {
        let own = OptimizerConfig {
            decay: 2.0,
            discriminator_decay: 1.0,
            discriminator_ratio: 0.5,
            ..config(OptimizerKind::Sgd)
        };
        let at = Schedule::at(&own, 2, 0.0);
        assert!((at.learning_rate - 0.025).abs() < 1e-15 && (at.discriminator_rate - 0.05).abs() < 1e-15);
        let same = Schedule::at(&OptimizerConfig { discriminator_decay: 0.0, ..own }, 2, 0.0);
        assert!((same.discriminator_rate - 0.0125).abs() < 1e-15);
    }

    #[test]
    fn sgd_is_heavy_ball() {
        let (mut w, g) = (one(1.0), one(2.0));
        let group = w.group("");
        let mut sgd = Optimizer::new(config(OptimizerKind::Sgd), &w);
        // v: -0.2, then 0.5 · -0.2 - 0.2 = -0.3.
        for want in [0.8, 0.5] {
            assert!(sgd.update(&mut w, &g, &group, 0.1, 0.5, 0));
            assert!((w.values()[0] - want).abs() < 1e-15);
        }
    }

    #[test]
    fn adam_takes_the_published_steps() {
        let (mut w, g) = (one(1.0), one(2.0));
        let group = w.group("");
        let mut adam = Optimizer::new(config(OptimizerKind::Adam), &w);
        // With a constant gradient both corrected moments are exact: each step is rate · g / (|g| + ε).
        for (update, want) in [(0, 0.9), (1, 0.8), (2, 0.7)] {
            assert!(adam.update(&mut w, &g, &group, 0.1, 0.9, update));
            assert!((w.values()[0] - want).abs() < 1e-8, "{:?}", w.values());
        }
    }

    #[test]
    fn what_is_not_finite_is_reported() {
        for bad in [f64::NAN, f64::INFINITY] {
            for kind in [OptimizerKind::Sgd, OptimizerKind::Adam] {
                let mut w = one(1.0);
                let group = w.group("");
                let mut optimizer = Optimizer::new(config(kind), &w);
                assert!(!optimizer.update(&mut w, &one(bad), &group, 0.1, 0.5, 0), "{kind:?} {bad}");
                assert_eq!(w.first_not_finite(0..1), Some("w"));
            }
        }
    }

    #[test]
    fn norms_into_a_unit_are_limited() {
        let mut w = array![[3.0f64, 4.0], [0.3, 0.4]];
        limit_norms(w.view_mut(), 1.0);
        assert!(w.iter().zip([0.6, 0.8, 0.3, 0.4]).all(|(a, b)| (*a - b).abs() < 1e-15));
    }
}
