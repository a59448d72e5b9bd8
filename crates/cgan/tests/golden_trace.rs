//! The trainer against PyTorch: the traces that `scripts/golden-trace` wrote, step by step, weight by weight.
//!
//! Nothing is shared but the weights and the examples: noise, masks and the order of the examples are drawn
//! on both sides, so the traces prove the random streams, too.

use std::convert::Infallible;

use autograd::{Parameters, Real};
use cgan::augmentations::AugmentConfig;
use cgan::objectives;
use cgan::optimizers::OptimizerConfig;
use cgan::penalties::PenaltyConfig;
use cgan::penalty::Strength;
use cgan::{Examples, GanConfig, Trainer, Vocabulary};
use layers::Input;
use ndarray::{Array2, ArrayViewMut2};
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/trace.safetensors");

/// The file's only entry of metadata.
#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    seed: u64,
    condition: Input,
    config: GanConfig,
}

/// One case's tensors, as PyTorch left them.
struct Trace<'a> {
    file: &'a SafeTensors<'a>,
    case: &'a str,
}

impl Trace<'_> {
    fn has(&self, name: &str) -> bool {
        self.file.tensor(&format!("{}/{name}", self.case)).is_ok()
    }

    fn get(&self, name: &str) -> Vec<f64> {
        let name = format!("{}/{name}", self.case);
        let tensor = self.file.tensor(&name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let (values, rest) = tensor.data().as_chunks();
        assert!(tensor.dtype() == Dtype::F64 && rest.is_empty(), "{name} is not of f64");
        values.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()
    }

    fn fill<T: Real>(&self, prefix: &str, parameters: &mut Parameters<T>) {
        for id in parameters.ids() {
            let entry = parameters.entry(id);
            let values = self.get(&format!("{prefix}/{}", entry.name));
            assert_eq!(entry.range.len(), values.len(), "{}: {}", self.case, entry.name);
            parameters.set_rows(id, values.into_iter().map(T::of));
        }
    }
}

/// The examples of a case.
struct Rows {
    x: Vec<f64>,
    y: Vec<f64>,
    len: usize,
    condition: Input,
}

impl<T: Real> Examples<T> for Rows {
    fn len(&self) -> usize {
        self.len
    }

    fn size(&self) -> (usize, usize) {
        (3, self.x.len() / self.len / 3)
    }

    fn condition(&self) -> Input {
        self.condition
    }

    fn mean(&self) -> Vec<f32> {
        // Only its length matters: no case starts from it.
        vec![0.5; self.x.len() / self.len]
    }

    /// The first five x, in turn by threes.
    fn vocabulary(&self) -> Option<Vocabulary> {
        let width = self.x.len() / self.len;
        let points = Array2::from_shape_fn((5, width), |(i, j)| self.x[i * width + j] as f32);
        let mut counts = vec![0; 5];
        (0..self.len).for_each(|index| counts[index * 3 % 5] += 1);
        Some(Vocabulary { points, counts })
    }

    fn fill_vocabulary_indices(&self, indices: &[u32], mut rows: ArrayViewMut2<T>) {
        rows.iter_mut().zip(indices).for_each(|(row, index)| *row = T::of(f64::from(index * 3 % 5)));
    }

    fn fill(&self, _: u64, indices: &[u32], x: ArrayViewMut2<T>, y: ArrayViewMut2<T>) {
        for (values, mut out) in [(&self.x, x), (&self.y, y)] {
            let width = values.len() / self.len;
            for (&index, mut row) in indices.iter().zip(out.rows_mut()) {
                let values = &values[index as usize * width..][..width];
                row.iter_mut().zip(values).for_each(|(slot, value)| *slot = T::of(*value));
            }
        }
    }
}

/// Collects what differs by more than `tolerance` · max(1, |expected|).
struct Comparison {
    tolerance: f64,
    problems: Vec<String>,
}

impl Comparison {
    /// Notes the first entry that differs.
    fn compare(&mut self, what: &str, got: &[f64], want: &[f64]) {
        assert_eq!(got.len(), want.len(), "{what}");
        // A NaN is near nothing.
        let near = |got: f64, want: f64| (got - want).abs() <= self.tolerance * want.abs().max(1.0);
        if let Some(i) = got.iter().zip(want).position(|(got, want)| !near(*got, *want)) {
            let (got, want) = (got[i], want[i]);
            let off = (got - want).abs();
            self.problems.push(format!("{what}, entry {i}: {got} is not {want} (off by {off:.1e})"));
        }
    }

    /// Compares with the tensors `prefix(name)/name`.
    fn compare_parameters<T: Real>(
        &mut self,
        trace: &Trace,
        parameters: &Parameters<T>,
        prefix: impl Fn(&str) -> &'static str,
    ) {
        for id in parameters.ids() {
            let entry = parameters.entry(id);
            let got: Vec<_> = parameters.rows(id).iter().map(|w| w.f64()).collect();
            let name = format!("{}/{}", prefix(&entry.name), entry.name);
            self.compare(&format!("{}: {name}", trace.case), &got, &trace.get(&name));
        }
    }
}

fn run<T: Real>(case: &Case, trace: &Trace, comparison: &mut Comparison) {
    let name = trace.case;
    let [x, y] = ["x", "y"].map(|name| trace.get(name));
    let rows = Rows { len: y.len() / case.condition.columns(), x, y, condition: case.condition };
    let mut trainer =
        Trainer::<T>::new(&case.config, &rows, case.seed).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut initial = trainer.parameters().clone();
    trace.fill("initial", &mut initial);
    let generator = initial.group("generator.").range;
    let Ok(()) = trainer.restore(0, |buffer, values| {
        // The moving average starts from the first weights, the optimisers at their first state.
        match buffer {
            "parameters" => values.copy_from_slice(initial.values()),
            "generator.ema" => values.copy_from_slice(&initial.values()[generator.clone()]),
            _ => {}
        }
        Ok::<_, Infallible>(())
    });

    let metrics = ["d_loss", "g_loss", "d_real", "d_fake", "gradient_penalty"];
    let wanted = metrics.map(|metric| trace.get(metric));
    let mut seen = metrics.map(|_| Vec::new());
    for step in 0..wanted[0].len() {
        match trainer.step(&rows) {
            Ok(m) => {
                let values = [m.d_loss, m.g_loss, m.d_real, m.d_fake, m.gradient_penalty];
                seen.iter_mut().zip(values).for_each(|(seen, value)| seen.push(value));
            }
            Err(error) => return comparison.problems.push(format!("{name}: step {step}: {error}")),
        }
    }
    for ((metric, seen), wanted) in metrics.iter().zip(&seen).zip(&wanted) {
        comparison.compare(&format!("{name}: {metric}"), seen, wanted);
    }
    comparison.compare_parameters(trace, trainer.parameters(), |_| "final");

    let averages = case.config.updates.ema_decay.is_some();
    assert_eq!(trace.has("ema/generator.z.weight"), averages, "{name}: the moving average");
    if averages {
        comparison.compare_parameters(trace, &trainer.ema_parameters(), |parameter| {
            if parameter.starts_with("generator.") { "ema" } else { "final" }
        });
    }
}

fn golden() -> Vec<u8> {
    std::fs::read(GOLDEN).unwrap_or_else(|error| panic!("{GOLDEN}: {error}"))
}

fn cases(bytes: &[u8]) -> Vec<Case> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).expect("a safetensors file");
    let golden = &metadata.metadata().as_ref().expect("metadata")["golden"];
    let Golden { cases } = serde_json::from_str(golden).expect("cases with valid configurations");
    cases
}

fn check<T: Real>(tolerance: f64) {
    let bytes = golden();
    let cases = cases(&bytes);
    assert!(!cases.is_empty());
    let file = SafeTensors::deserialize(&bytes).expect("a safetensors file");

    let mut comparison = Comparison { tolerance, problems: Vec::new() };
    for case in &cases {
        run::<T>(case, &Trace { file: &file, case: &case.name }, &mut comparison);
    }
    let problems = comparison.problems;
    assert!(problems.is_empty(), "{} differences from PyTorch:\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn in_double_precision_every_step_is_pytorch_s() {
    check::<f64>(1e-10);
}

#[test]
fn in_single_precision_every_step_is_near_pytorch_s() {
    check::<f32>(1e-4);
}

/// What is in no case, PyTorch has not checked.
#[test]
fn every_kind_has_a_case() {
    let cases = cases(&golden());
    let missing = |kind: &str, name: &str, has: &dyn Fn(&GanConfig) -> bool| {
        assert!(
            cases.iter().any(|case| has(&case.config)),
            "scripts/golden-trace has no case of the {kind} {name}"
        );
    };
    for (name, _) in objectives::cases() {
        missing("objective", name, &|config| config.objective.name() == name);
    }
    for (name, _) in PenaltyConfig::all(Strength { weight: 1.0, interval: 1, decay: None }).active() {
        missing("penalty", name, &|config| config.penalty.active().iter().any(|(active, _)| *active == name));
    }
    for name in OptimizerConfig::NAMES {
        missing("optimiser", name, &|config| config.optimizer.name() == *name);
    }
    for name in AugmentConfig::NAMES {
        missing("augmentation", name, &|config| {
            config.discriminator.augment.is_some_and(|augment| augment.active().contains(name))
        });
    }
}
