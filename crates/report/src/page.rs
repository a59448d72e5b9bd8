//! The page of a run, or of several beside each other.

use crate::document::document;
use crate::facts::Facts;
use crate::run::Run;
use crate::section::Section;
use crate::sections::{compare, curves, head, measures, questions, samples};

/// The page of a run, with further sections such as the explorer behind the samples.
pub fn page(run: &Run, further: Vec<Section>) -> String {
    let facts = Facts::of(run);
    let mut sections = Vec::new();
    sections.extend(samples::section(run));
    sections.extend(further);
    sections.extend(curves::section(run));
    sections.push(questions::section(run, &facts));
    sections.push(measures::section(run));
    sections.push(head::settings(run));
    document(&run.name, &head::introduction(run, &facts), &sections)
}

/// The page of several runs, which are overlaid and stand side by side.
pub fn comparison(runs: &[Run]) -> String {
    let with_facts: Vec<(&Run, Facts)> = runs.iter().map(|run| (run, Facts::of(run))).collect();
    let mut sections = vec![compare::figures(&with_facts)];
    sections.extend(compare::samples(runs));
    sections.extend(curves::overlay(runs));
    sections.push(compare::settings(runs));
    let names: Vec<&str> = runs.iter().map(|run| run.name.as_str()).collect();
    document(&names.join(", "), &compare::introduction(&with_facts), &sections)
}
