//! Every experiment finds what theory predicts, and would find a wrong prediction.

use std::collections::HashSet;

use lab::{EXPERIMENTS, Experiment, Report};

/// The default seed of the command line, and another one.
const SEEDS: [u64; 2] = [1, 2];

/// Runs an experiment, and checks all that must hold of any.
fn check(name: &str) {
    let experiment: &Experiment = lab::find(name).unwrap();
    let reports = SEEDS.map(|seed| (experiment.run)(seed).unwrap());
    for (seed, report) in SEEDS.into_iter().zip(&reports) {
        let Report { lines, tables, svg, .. } = report;
        assert!(!lines.is_empty() && !tables.is_empty() && tables.iter().all(|table| !table.rows.is_empty()));
        assert!(
            svg.starts_with("<svg ") && svg.ends_with("</svg>\n") && svg.len() < 400_000,
            "{}",
            svg.len()
        );
        assert!(tables[0].name.is_empty(), "{name}: the first table is that of the picture");
        let mut whats = HashSet::new();
        for line in lines {
            println!(
                "{name}, seed {seed}: {}: {:?} {} measured {} tolerance {:.1e}",
                line.what, line.relation, line.prediction, line.measured, line.tolerance
            );
            assert!(line.passes(), "{name}, seed {seed}: {line:?}");
            assert!(line.tolerance > 0.0 || line.relation != lab::Relation::Equal, "{line:?}");
            assert!(whats.insert(&line.what), "{name}: two lines are called {:?}", line.what);
            // A check that cannot fail is a defect.
            assert!(!line.with_wrong_prediction(1.0).passes(), "{name} cannot fail: {line:?}");
        }
        assert!(!report.lines.iter().all(|line| line.with_wrong_prediction(0.5).passes()));
    }
    // The seed matters: what is measured is not written down somewhere.
    let rows = |report: &Report| report.tables.iter().map(|table| table.rows.clone()).collect::<Vec<_>>();
    if name != "generator-losses" {
        assert!(rows(&reports[0]) != rows(&reports[1]), "{name} does not depend on its seed");
    }
}

macro_rules! tests {
    ($($test:ident: $name:literal,)*) => {
        $(#[test] fn $test() { check($name); })*

        #[test]
        fn every_experiment_is_tested_and_described() {
            let tested = [$($name),*];
            let names: Vec<&str> = EXPERIMENTS.iter().map(|experiment| experiment.name).collect();
            assert_eq!(names, tested);
            for Experiment { name, theorem, source, .. } in EXPERIMENTS {
                assert!(theorem.ends_with('.') && theorem.matches(". ").count() == 0, "{name}: one sentence");
                assert!(source.chars().any(|c| c.is_ascii_digit()), "{name}: a source has a year");
            }
            assert!(lab::find("nothing").is_none());
        }
    };
}

tests! {
    optimal_discriminator: "optimal-discriminator",
    value_at_optimum: "value-at-optimum",
    condition: "condition",
    mismatched_pairs: "mismatched-pairs",
    label_smoothing: "label-smoothing",
    objectives: "objectives",
    generator_losses: "generator-losses",
    dirac_gan: "dirac-gan",
    gradient_penalty: "gradient-penalty",
    parzen: "parzen",
    frechet: "frechet",
    mixture: "mixture",
}

/// The same seed gives the same report, to the last digit.
#[test]
fn a_report_depends_on_nothing_but_the_seed() {
    let run = || (lab::find("mismatched-pairs").unwrap().run)(3).unwrap();
    let (a, b) = (run(), run());
    assert_eq!(a.lines, b.lines);
    assert_eq!(a.svg, b.svg);
}
