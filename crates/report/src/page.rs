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
    sections.extend(further.into_iter().map(|section| with_note(section, run, &facts)));
    sections.extend(curves::section(run));
    sections.push(questions::section(run, &facts));
    sections.push(measures::section(run));
    sections.push(head::settings(run));
    document(&run.name, &head::introduction(run, &facts), &sections)
}

/// The explorer with a word on what will have no effect there.
fn with_note(section: Section, run: &Run, facts: &Facts) -> Section {
    if section.id != "explorer" {
        return section;
    }
    let mut notes = Vec::new();
    if facts.within.is_some_and(|(noise, _)| noise < 0.02) {
        notes.push("This G hardly uses z: moving through z changes little, and what differs comes from dropout's masks.");
    }
    if run.conditional && facts.condition_share.is_some_and(|share| share < 0.02) {
        notes.push("This G hardly uses the condition: another class changes little.");
    }
    let notes: String = notes.iter().map(|note| format!("<p><b>{note}</b></p>\n")).collect();
    Section { body: notes + &section.body, ..section }
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
