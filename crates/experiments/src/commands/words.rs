//! `cgan words`: trains and queries word vectors.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ndarray::{Array1, Axis};
use words::corpus::Text;
use words::evaluation::{analogies, pairs, similarity};
use words::training::{Checkpoint, Reading};
use words::vectors::Kind;
use words::{Config, Neighbours, Phrases, Tokens, Vectors};

use crate::cli::words::{
    AnalogyArgs, NearArgs, TokensArg, WordsCommand, WordsEvaluateArgs, WordsPreset, WordsTrainArgs,
};
use crate::failure::Failure;
use crate::signals::Outcome;
use crate::terminal::{print, program, quoted, say, shortened};
use crate::word_training;

pub(super) fn words(command: &WordsCommand) -> Result<Outcome, Failure> {
    match command {
        WordsCommand::Train(args) => return train(args),
        WordsCommand::Near(args) => near(args)?,
        WordsCommand::Analogy(args) => analogy(args)?,
        WordsCommand::Evaluate(args) => evaluate(args)?,
    }
    Ok(Outcome::Finished)
}

fn train(args: &WordsTrainArgs) -> Result<Outcome, Failure> {
    Kind::of(&args.out)?;
    let config = Config {
        width: args.width,
        window: args.window,
        negatives: args.negatives,
        subsample: args.subsample,
        epochs: args.epochs,
        rate: args.rate,
        last_rate: args.last_rate,
        seed: u64::from(args.seed),
    };
    config.check()?;
    let least = args.min_count.unwrap_or(match args.preset {
        WordsPreset::Word2vec => 5,
        WordsPreset::Paper => 200,
    });
    let tokens = match args.tokens {
        TokensArg::Words => Tokens::Words,
        TokensArg::Whitespace => Tokens::Whitespace,
    };
    let mut path = args.out.clone().into_os_string();
    path.push(".checkpoint");
    let checkpoint = Checkpoint {
        path: PathBuf::from(path),
        every: Duration::from_secs(args.checkpoint_every),
        is_replaceable: false,
    };
    let text = Text::Files(args.corpus.clone());
    files::remove_parts(&args.out).map_err(|error| Failure::io(&args.out, &error))?;
    let phrases = Phrases { threshold: args.phrase_threshold, least: args.phrase_count };
    let reading = Reading { tokens, least, passes: args.phrases, phrases };
    let (vectors, outcome) = word_training::train(&text, reading, config, &checkpoint)?;
    if let Outcome::Interrupted(_) = outcome {
        print(&format!("{}: saved; the same command continues\n", checkpoint.path.display()))?;
        return Ok(outcome);
    }
    vectors.save(&args.out)?;
    checkpoint.remove()?;
    let out = args.out.display();
    print(&format!("{out}\n  look at it: {} words near WORD --vectors {}\n", program(), quoted(&args.out)))?;
    Ok(outcome)
}

fn near(args: &NearArgs) -> Result<(), Failure> {
    let vectors = Vectors::load(&args.vectors, &mut |line| say(line))?;
    let neighbours = Neighbours::new(&vectors);
    let mut sum = Array1::<f32>::zeros(vectors.width());
    let mut asked = Vec::new();
    let signed = |sign: f32| move |word| (sign, word);
    for (sign, word) in args.words.iter().map(signed(1.0)).chain(args.minus.iter().map(signed(-1.0))) {
        let number = find(&vectors, word, &args.vectors)?;
        sum.scaled_add(sign, &neighbours.matrix().row(number));
        asked.push(number);
    }
    if sum.iter().all(|value| *value == 0.0) {
        let what = if asked.len() > 1 { "the sum of these words is" } else { "the vector of this word is" };
        return Err(Failure::data(format!(
            "{}: {what} zero, to which no word is near",
            args.vectors.display()
        )));
    }
    let found = neighbours.nearest(sum.view().insert_axis(Axis(0)), args.count.saturating_add(asked.len()));
    let found = found[0].iter().filter(|(number, _)| !asked.contains(&(*number as usize)));
    let mut text = String::new();
    for (number, cosine) in found.take(args.count) {
        text.push_str(&format!("{cosine:.3}  {}\n", vectors.words()[*number as usize]));
    }
    if text.is_empty() && args.count > 0 {
        say(format_args!("{}: there is no other word", args.vectors.display()));
    }
    print(&shortened(&text))
}

/// The number of a word, in any case.
fn find(vectors: &Vectors, word: &str, path: &Path) -> Result<usize, Failure> {
    words::evaluation::find(vectors, word)
        .ok_or_else(|| Failure::usage(format!("{}: there is no word {word}", path.display())))
}

fn analogy(args: &AnalogyArgs) -> Result<(), Failure> {
    let Some(file) = &args.file else {
        let [a, b, c] = &args.words[..] else { return Err(Failure::usage("three words are needed")) };
        let (words, minus) = (vec![b.clone(), c.clone()], vec![a.clone()]);
        return near(&NearArgs { words, minus, vectors: args.vectors.clone(), count: 5 });
    };
    let vectors = Vectors::load(&args.vectors, &mut |line| say(line))?;
    let text = text(file)?;
    let result = analogies(&vectors, &text);
    let mut lines = format!("{:<32} {:>7} {:>7} {:>9}\n", "section", "right", "known", "accuracy");
    let mut row = |name: &str, right: usize, known: usize| {
        lines.push_str(&format!(
            "{name:<32} {right:>7} {known:>7} {:>9.3}\n",
            right as f64 / known.max(1) as f64
        ));
    };
    result.sections.iter().for_each(|(name, right, known)| row(name, *right, *known));
    let sum = |of: fn(&(String, usize, usize)) -> usize| result.sections.iter().map(of).sum();
    row("all", sum(|row| row.1), sum(|row| row.2));
    lines.push_str(&format!("{} questions in all\n", result.of));
    if sum(|row| row.2) == 0 {
        let (file, vectors) = (file.display(), args.vectors.display());
        return Err(Failure::data(format!(
            "{file}: no line is a question of four words that {vectors} knows: nothing is measured"
        )));
    }
    print(&shortened(&lines))
}

/// The most that is read of a list of words, in bytes.
const MOST: u64 = 1 << 28;

/// A text file in any encoding.
fn text(path: &Path) -> Result<String, Failure> {
    let bytes = files::content::read(path, MOST).map_err(|error| Failure::io(path, &error))?;
    if let Some(what) = files::content::described(&bytes) {
        return Err(Failure::data(format!("{}: no list of words: it is {what}", path.display())));
    }
    let text = files::text::decode(bytes).text;
    match text.trim().is_empty() {
        true => Err(Failure::data(format!("{}: no list of words: the file is empty", path.display()))),
        false => Ok(text),
    }
}

fn evaluate(args: &WordsEvaluateArgs) -> Result<(), Failure> {
    let vectors = Vectors::load(&args.vectors, &mut |line| say(line))?;
    let mut lines = format!("{:>9} {:>6} {:>6}  pairs\n", "Spearman", "known", "of");
    let mut measured = 0;
    for path in &args.pairs {
        let fault = |why: String| Failure::data(format!("{}: {why}", path.display()));
        let pairs = pairs(&text(path)?, args.column).map_err(fault)?;
        if pairs.left_out > 0 {
            say(format_args!(
                "{}: left out: {} lines without a score in column {}",
                path.display(),
                pairs.left_out,
                pairs.column
            ));
        }
        let found = similarity(&vectors, &pairs.rows);
        measured += usize::from(found.spearman.is_some());
        let column = pairs.heading.map_or(String::new(), |heading| format!(", {heading}"));
        lines.push_str(&format!(
            "{:>9} {:>6} {:>6}  {}, column {}{column}\n",
            found.spearman.map_or("–".to_owned(), |rho| format!("{rho:.4}")),
            found.pairs,
            found.of,
            path.display(),
            pairs.column,
        ));
    }
    if measured == 0 {
        let vectors = args.vectors.display();
        return Err(Failure::data(format!(
            "{vectors}: nothing is measured: it knows both words of fewer than two pairs, or all scores are equal"
        )));
    }
    print(&lines)
}
