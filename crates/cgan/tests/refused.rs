//! Settings that would silently do nothing, or cannot work, are refused with their key and the reason.

mod common;

use cgan::augmentations::Translate;
use cgan::checkpoint::Store;
use cgan::config::{MismatchedPairs, UpdateOrder};
use cgan::objectives::{ObjectiveConfig, Wasserstein};
use cgan::optimizers::{OptimizerConfig, Sgd};
use cgan::penalties::PenaltyConfig;
use cgan::{Error, GanConfig, Trainer};
use common::{DIGITS, WORDS, augmented, config, words_config};

/// Of the paper's kind; every refusal changes it in one place.
fn valid() -> GanConfig {
    config("alternating", "sgd", "concatenation")
}

fn refusal(change: impl FnOnce(&mut GanConfig)) -> String {
    let mut config = valid();
    change(&mut config);
    match config.check() {
        Err(error @ Error::Config { .. }) => error.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn each_refusal_names_the_key() {
    assert!(valid().check().is_ok());
    let cases: Vec<(&str, String)> = vec![
        ("generator.z_units", refusal(|c| c.generator.z_units = 0)),
        ("generator.y_units", refusal(|c| c.generator.y_units = None)),
        ("discriminator.init.y", refusal(|c| c.discriminator.init.y = None)),
        ("discriminator.dropout", refusal(|c| c.discriminator.dropout = Some(1.0))),
        ("schedule.learning_rate", refusal(|c| c.schedule.learning_rate = f64::NAN)),
        ("updates.discriminator_steps", refusal(|c| c.updates.order = UpdateOrder::Simultaneous)),
        (
            "mismatched_pairs",
            refusal(|c| {
                c.updates.batch = 1;
                c.mismatched_pairs = Some(MismatchedPairs { weight: 1.0 });
            }),
        ),
        (
            "objective.wasserstein",
            refusal(|c| {
                c.objective = ObjectiveConfig::Wasserstein(Wasserstein { discriminator_scale: 1.0 });
                (c.penalty, c.updates.max_norm) = (PenaltyConfig::default(), None);
            }),
        ),
        ("schedule.min_learning_rate", refusal(|c| c.schedule.decay = 1.0)),
        (
            "discriminator_schedule.min_learning_rate",
            refusal(|c| {
                let mut own = c.schedule;
                own.min_learning_rate = Some(own.learning_rate);
                c.discriminator_schedule = Some(own);
            }),
        ),
        (
            "optimizer.sgd.ramp",
            refusal(|c| {
                let OptimizerConfig::Sgd(Sgd { momentum, ramp: Some(ramp) }) = &mut c.optimizer else {
                    panic!("the valid configuration has a ramp")
                };
                ramp.to = *momentum;
            }),
        ),
    ];
    for (key, message) in cases {
        assert!(message.starts_with(&format!("{key}: ")), "{key}: {message}");
    }
}

#[test]
fn each_refusal_by_the_data_names_the_key() {
    let error = |config: &GanConfig, examples| {
        let refused = Trainer::<f32>::new(config, examples, 1).err();
        refused.expect("a refusal").to_string()
    };
    let mut many = valid();
    many.updates.discriminator_steps = 4;
    assert_eq!(error(&many, &DIGITS), "updates.batch: a step takes 400 examples, but there are only 300");
    let not_images = augmented(words_config("alternating", "sgd"));
    assert!(error(&not_images, &WORDS).starts_with("discriminator.augment: "));
    let mut far = augmented(valid());
    far.discriminator.augment.as_mut().expect("augmented").translate = Some(Translate(28));
    assert_eq!(
        error(&far, &DIGITS),
        "discriminator.augment.translate: images of 28 x 28 pixels can be translated by 27 at most, not by 28"
    );
}

#[test]
fn a_checkpoint_of_an_earlier_version_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("step-000000001.safetensors");
    let header = r#"{"step":1,"sha256":"","notes":{}}"#.to_owned();
    files::tensors::write(&path, Vec::new(), Some(("checkpoint", header))).unwrap();
    let mut trainer = Trainer::<f32>::new(&valid(), &DIGITS, 1).unwrap();
    let error = Store::new(folder.path()).load(&mut trainer).expect_err("a refusal").to_string();
    assert!(error.contains("another version") && !error.contains('\n'), "{error}");
}
