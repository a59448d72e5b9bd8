//! A run's generator for the explorer of its page.

use autograd::Parameters;
use cgan::Sampler;
use data::Split;
use data::tags::{Part, Preprocessing, TagSet};
use evaluation::tagging::protocol::{SAMPLES, TAGS, VOTES};
use layers::HiddenConfig;
use ndarray::{Array2, ArrayView2, Axis};
use report::Explorer;
use report::explorer::{Discriminator, Generator, Hidden, Layer, Picture, Start, Subject, Words};
use words::neighbours::unit;

use super::directory::RunDirectory;
use super::weights::Weights;
use crate::config::{Experiment, RunConfig};
use crate::failure::Failure;

/// Samples of each class that the page begins with, and the seed of their noise: those of `cgan sample` by default.
pub const COLUMNS: u32 = 10;
/// See [`COLUMNS`].
pub const SEED: u32 = 1;

/// Samples that it begins with if there are no classes.
const WITHOUT_CONDITION: usize = 40;

/// Test pictures to choose from.
const PICTURES: usize = 12;

/// The explorer of a run, with D's weights if they are asked for.
///
/// # Errors
/// If the run's weights are missing or damaged; for words also if its data set cannot be read.
pub fn explorer(run: &RunDirectory, with_discriminator: bool) -> Result<Explorer, Failure> {
    let weights = Weights::load(run.path())?;
    let discriminator = with_discriminator.then(|| weights.discriminator(run.path())).transpose()?;
    match weights.config().run.experiment {
        Experiment::Mnist => images(&weights, discriminator.as_ref()),
        Experiment::Tags => {
            let fitted = Preprocessing::load(&run.preprocessing())?;
            // Weights are shared and do not name a folder; the run does.
            let set = data::tags::load(&RunConfig::load(&run.config())?.run.data)?;
            words(&weights, discriminator.as_ref(), &set, &fitted)
        }
    }
}

/// The explorer of a run of images: every class, one-hot.
fn images(weights: &Weights, discriminator: Option<&Parameters<f32>>) -> Result<Explorer, Failure> {
    let header = &weights.header;
    let (conditions, count) = match weights.config().gan.is_conditional() {
        true => (Array2::eye(weights.classes()?), COLUMNS as usize),
        false => (Array2::zeros((0, 0)), WITHOUT_CONDITION),
    };
    let mut sampler = weights.sampler(count, SEED.into())?;
    let labels = Array2::zeros((count, header.condition.columns()));
    let start = start(&mut sampler, weights, labels.view());
    let subject =
        Subject::Images { height: header.height, width: header.width, first_label: header.first_label };
    Ok(with(weights, discriminator, conditions.view(), start, subject))
}

/// The explorer of a run of words: test pictures that have a tag and can be shown.
fn words(
    weights: &Weights,
    discriminator: Option<&Parameters<f32>>,
    set: &TagSet,
    fitted: &Preprocessing,
) -> Result<Explorer, Failure> {
    fitted.check_nets(weights.header.condition.width(), weights.header.width)?;
    fitted.check_set(set)?;
    let part = Part::new(set, fitted, Split::Test, usize::MAX);
    let shown = |place: usize| {
        let number = part.numbers[place];
        let thumbnail = set.thumbnail(number)?;
        let picture = Picture { id: set.pictures[number].id.clone(), thumbnail, own: set.words(number) };
        Some((part.features.row(place), picture))
    };
    // One from each stretch of the set, which may be sorted by subject.
    let start_of = |stretch: usize| stretch * part.numbers.len() / PICTURES;
    let pictures = (0..PICTURES).filter_map(|i| (start_of(i)..start_of(i + 1)).find_map(shown));
    let (features, pictures): (Vec<_>, Vec<_>) = pictures.unzip();
    if pictures.is_empty() {
        let why = "no test picture has both a tag of the run and a thumbnail";
        return Err(Failure::data(format!("{}: {why}", set.name)));
    }
    let conditions = ndarray::stack(Axis(0), &features).expect("rows of one matrix");
    // The samples that `cgan tag` draws for a picture.
    let mut sampler = weights.sampler(SAMPLES, evaluation::SEED)?;
    let rows = Array2::zeros((SAMPLES, conditions.ncols()));
    let start = start(&mut sampler, weights, rows.view());
    let vectors = fitted.tag_vectors();
    let names = vectors.words().to_vec();
    let vectors = unit(vectors.matrix().clone()).into_iter().collect();
    let words = Words { pictures, names, vectors, votes: VOTES, tags: TAGS };
    Ok(with(weights, discriminator, conditions.view(), start, Subject::Words(words)))
}

/// The noise of a sampler's first samples. It is the same whatever their conditions.
fn start(sampler: &mut Sampler<f32>, weights: &Weights, conditions: ArrayView2<f32>) -> Start {
    sampler.sample(weights.parameters(), conditions, 0);
    let z = sampler.z().rows().into_iter().map(|z| z.to_vec()).collect();
    let masks = sampler.masks();
    let of_sample = |row| masks.iter().flat_map(|mask| mask.row(row)).map(|keep| *keep > 0.0).collect();
    let masks = (!masks.is_empty()).then(|| (0..conditions.nrows()).map(of_sample).collect());
    Start { z, masks }
}

fn with(
    weights: &Weights,
    discriminator: Option<&Parameters<f32>>,
    conditions: ArrayView2<f32>,
    start: Start,
    subject: Subject,
) -> Explorer {
    Explorer {
        generator: generator(weights),
        discriminator: discriminator.map(|parameters| self::discriminator(weights, parameters)),
        conditions: conditions.rows().into_iter().map(|row| row.to_vec()).collect(),
        start,
        subject,
    }
}

fn generator(weights: &Weights) -> Generator {
    let config = &weights.config().gan.generator;
    let layer = |name: &str| layer(weights.parameters(), &format!("generator.{name}"));
    Generator {
        noise: config.noise,
        z: layer("z").expect("every G has a layer on z"),
        y: layer("y"),
        combined: layer("combined"),
        output: layer("output").expect("every G has an output"),
        activation: config.output,
        dropout: config.dropout.filter(|dropout| dropout.when_sampling).map(|dropout| dropout.rate),
    }
}

fn discriminator(weights: &Weights, parameters: &Parameters<f32>) -> Discriminator {
    let gan = &weights.config().gan;
    let layer = |name: &str| layer(parameters, &format!("discriminator.{name}"));
    let hidden = |name: &str, kind: HiddenConfig| Some(Hidden { layer: layer(name)?, kind });
    Discriminator {
        x: hidden("x", gan.discriminator.x).expect("every D has a layer on x"),
        y: gan.discriminator.y.and_then(|y| hidden("y", y)),
        joint: hidden("joint", gan.discriminator.joint).expect("every D has a joint layer"),
        output: layer("output").expect("every D has an output"),
        is_probability: gan.objective.d_is_probability(),
    }
}

/// The linear layer of this name, if there is one.
fn layer(parameters: &Parameters<f32>, name: &str) -> Option<Layer> {
    let values = |ending: &str| {
        let id = parameters.ids().find(|id| parameters.entry(*id).name == format!("{name}.{ending}"))?;
        Some((parameters.entry(id).shape().1, parameters.rows(id).into_owned()))
    };
    let ((inputs, weight), (_, bias)) = (values("weight")?, values("bias")?);
    Some(Layer { inputs, weight, bias })
}
