//! How long a run is on a set of another size: what matters is the number of steps, not of epochs.

use settings::node_of;
use toml::Table;

use super::run_config::RunConfig;

impl RunConfig {
    /// Where `run.epochs` are fewer steps than `run.min_steps`, for so many steps an epoch: trains for more epochs, and all
    /// that is stated in epochs grows with them. Returns a line that says so.
    pub(crate) fn fit_length(&mut self, steps_per_epoch: u64) -> Option<String> {
        let (least, before) = (self.run.min_steps?, self.run.epochs);
        if before.saturating_mul(steps_per_epoch) >= least {
            return None;
        }
        let epochs = least.div_ceil(steps_per_epoch);
        let mut table = Table::try_from(&*self).expect("tables, strings and numbers");
        settings::scale(&mut table, &node_of::<Self>(), "epochs", epochs as f64 / before as f64);
        *self = settings::read(table).expect("what was written");
        // The number of epochs is now meant as it stands.
        (self.run.epochs, self.run.min_steps) = (epochs, None);
        Some(format!(
            "an epoch has {steps_per_epoch} steps here: {epochs} epochs instead of {before}, since run.min_steps is {least}; \
             --epochs sets another length"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::super::presets::Preset;
    use super::*;

    fn resolved(preset: &str, settings: &[&str]) -> RunConfig {
        let settings: Vec<String> = settings.iter().map(|text| (*text).to_owned()).collect();
        RunConfig::resolve(Some(preset), preset, None, &settings).unwrap()
    }

    #[test]
    fn on_mnist_every_preset_is_as_long_as_it_says() {
        for preset in crate::config::PRESETS {
            let mut config = RunConfig::of_preset(Preset::find(preset.name).unwrap()).unwrap();
            let before = config.clone();
            assert_eq!(config.fit_length(500), None, "{}", preset.name);
            assert_eq!(config, before);
        }
    }

    #[test]
    fn a_small_set_has_as_many_steps() {
        let mut config = resolved("quick", &["log.evaluate_every=2"]);
        let line = config.fit_length(200).unwrap();
        assert!(line.starts_with("an epoch has 200 steps here: 23 epochs instead of 9, "), "{line}");
        assert_eq!((config.run.epochs, config.run.min_steps), (23, None));
        // Two epochs and one of 23 instead of nine.
        assert_eq!((config.log.evaluate_every, config.log.samples_every), (Some(5), 3));
        let warm = config.gan.schedule.warmup_epochs.unwrap();
        assert!((warm - 23.0 / 9.0).abs() < 1e-12, "{warm}");
        assert_eq!(config.fit_length(200), None);
        config.check().unwrap();
    }

    #[test]
    fn epochs_that_are_given_are_meant_as_they_stand() {
        assert_eq!(resolved("quick", &["run.epochs=3"]).fit_length(1), None);
        let mut both = resolved("quick", &["run.epochs=3", "run.min_steps=8"]);
        assert!(both.fit_length(2).is_some() && both.run.epochs == 4);
    }
}
