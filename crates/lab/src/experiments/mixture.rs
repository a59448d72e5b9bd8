//! A conditional GAN learns eight labelled Gaussians in the plane.
//!
//! The data of class y = 0..7 are N(c_y, 0.1² I) with centres c_y on a circle of radius 1.5, all classes alike. The nets are
//! small ones of the paper's kind (ReLU in G, maxout in D), trained by [`Trainer::step`] in seconds:
//!
//! - with R1 (Mescheder et al. 2018), with y: every class makes samples near its own centre (Mirza and Osindero 2014,
//!   section 3.2, is why: each y has a game of its own);
//! - without a penalty, with y: the same nets and seeds. Theory promises nothing near rest (experiment `dirac-gan`), and
//!   only the labels are checked;
//! - with R1, without y: samples lie near the centres, but the label that one asks for makes no difference. A label drawn
//!   evenly is then right with probability 1/8, whatever the distribution of the samples over the modes. The tolerance is
//!   three standard errors of a share.
//!
//! A sample lies in a mode if it is within four standard deviations of its centre, where data are with probability
//! 1 - e⁻⁸. A class is covered if most of its samples lie in its own mode.
//!
//! [`mixture_game`] gives the trainings frame by frame, for an animation: samples, and D's values on a grid. They are also
//! in `mixture-frames.csv` and `mixture-field.csv`, and as a page in `mixture.html`.

use autograd::Stream;
use cgan::{Examples, GanConfig, Trainer};
use figures::{Chart, Field, Panel, Series};
use layers::Input;
use ndarray::{Array2, ArrayView1, ArrayViewMut2};
use rand::Rng;
use rand_distr::StandardNormal;
use report::{ByLabel, Game, GameFrame, GameTraining};

use crate::{Error, Experiment, Relation, Report, Table};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "mixture",
    theorem: "With y, G learns which mode belongs to which label; without y, a label is right as often as by chance.",
    source: "Mirza and Osindero 2014, section 3.2; R1: Mescheder et al. 2018, section 4.1",
    chapter: 6,
    run,
};

const CLASSES: usize = 8;
const RADIUS: f64 = 1.5;
const DEVIATION: f64 = 0.1;

/// How far from its centre a mode reaches.
const CLOUD: f64 = 4.0 * DEVIATION;

/// Examples of the data.
const EXAMPLES: usize = 2048;

/// What an animation says of itself.
const ABOUT: &str = "The data are eight clouds on a circle, and the label is the number of the cloud. Two nets are \
                     trained on them three times: without a penalty, with R1, and with R1 but without y. See how the \
                     samples of a label find their cloud, whether D becomes flat, and that no label is followed \
                     without y.";

/// Updates of a training.
const UPDATES: u64 = 1200;

/// Updates after which there is a frame. With y, all is decided within the first 200.
const FRAMES: [u64; 24] = [
    0, 10, 20, 40, 60, 80, 90, 100, 110, 120, 130, 140, 150, 160, 180, 200, 300, 400, 500, 600, 700, 800,
    1000, UPDATES,
];

/// Samples of each class of a frame, and at the end.
const SAMPLES: (usize, usize) = (20, 250);

/// Examples of each class that an animation shows.
const SHOWN: usize = 40;

/// The draw of the noise of all frames, so that a sample can be followed from one to the next. The end has another.
const DRAW: u64 = 0;

/// Side of the grid of D's values, and half the length of its side.
const GRID: (usize, f64) = (20, 2.4);

/// One of the three trainings.
struct Training {
    name: &'static str,
    penalty: &'static str,
    conditional: bool,
}

const TRAININGS: [Training; 3] = [
    Training { name: "no penalty", penalty: "", conditional: true },
    Training { name: "R1", penalty: "r1 = { weight = 0.1 }", conditional: true },
    Training { name: "R1, without y", penalty: "r1 = { weight = 0.1 }", conditional: false },
];

fn run(seed: u64) -> Result<Report, Error> {
    let (game, samples) = play(seed)?;
    let mut report = Report::new();
    let mut table = Table::new("", &["training", "label", "x0", "x1"]);
    let mut panels = Vec::new();
    for ((training, played), samples) in TRAININGS.iter().zip(&game.trainings).zip(&samples) {
        for (label, point) in samples {
            table.row(&[training.name], &[*label as f64, point[0], point[1]]);
        }
        compare(&mut report, training, samples);
        panels.push(panel(played, samples));
    }
    let title = "Eight labelled Gaussians".to_owned();
    let note =
        "Samples by their labels. Behind them D, of label 0 where D knows y: blue where it takes x for real"
            .to_owned();
    report.svg = Chart { title, panels, columns: 3, note }.svg();
    report.tables.push(table);
    report.tables.extend(tables(&game));
    report.page = report::document("Eight labelled Gaussians", "", &[report::game_section(&game)]);
    Ok(report)
}

/// The three trainings frame by frame.
///
/// # Errors
/// If nets cannot be trained.
pub fn mixture_game(seed: u64) -> Result<Game, Error> {
    Ok(play(seed)?.0)
}

/// The trainings frame by frame, and for each the samples at its end.
fn play(seed: u64) -> Result<(Game, Vec<Vec<Sample>>), Error> {
    let data = Data::new(seed);
    // Each on a thread of its own: nets as small as these gain nothing from a team of threads.
    let trained: Vec<Result<Trained, Error>> = std::thread::scope(|scope| {
        let data = &data;
        let start = |training| scope.spawn(move || alone(|| Trained::new(training, data, seed)));
        let running: Vec<_> = TRAININGS.iter().map(start).collect();
        running.into_iter().map(|one| one.join().expect("a training that does not panic")).collect()
    });
    let of_label = |label| data.points.iter().skip(label).step_by(CLASSES).take(SHOWN);
    let points = |label| of_label(label).map(|point| point.map(f64::from)).collect();
    let mut game = Game {
        about: ABOUT.to_owned(),
        data: (0..CLASSES).map(points).collect(),
        side: GRID.0,
        half: GRID.1,
        trainings: Vec::new(),
    };
    let mut samples = Vec::new();
    for trained in trained {
        let trained = trained?;
        game.trainings.push(trained.training);
        samples.push(trained.samples);
    }
    Ok((game, samples))
}

/// The frames as tables: samples, and D on the grid.
fn tables(game: &Game) -> [Table; 2] {
    let mut frames = Table::new("frames", &["training", "update", "label", "x0", "x1"]);
    let mut fields = Table::new("field", &["training", "update", "label", "x0", "x1", "d"]);
    for training in &game.trainings {
        for frame in &training.frames {
            let update = frame.update as f64;
            for (label, points) in frame.samples.iter().enumerate() {
                for point in points {
                    frames.row(&[&training.name], &[update, label as f64, point[0], point[1]]);
                }
            }
            for (label, values) in frame.values.iter().enumerate() {
                for (cell, d) in values.iter().enumerate() {
                    let [x0, x1] = place(cell);
                    fields.row(&[&training.name], &[update, label as f64, x0, x1, *d]);
                }
            }
        }
    }
    [frames, fields]
}

/// Runs `body` so that kernels see one thread.
fn alone<R: Send>(body: impl FnOnce() -> R + Send) -> R {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("one more thread");
    pool.install(body)
}

/// A sample with its label.
type Sample = (usize, [f64; 2]);

/// What a training left.
struct Trained {
    /// Its frames.
    training: GameTraining,
    /// Samples at the end.
    samples: Vec<Sample>,
}

impl Trained {
    fn new(training: &Training, data: &Data, seed: u64) -> Result<Self, Error> {
        let config = training.config();
        let mut trainer = Trainer::<f32>::new(&config, data, seed)?;
        let rest = config.objective.rest();
        let mut frames = Vec::new();
        let mut since = Vec::new();
        for update in 0..=UPDATES {
            if FRAMES.contains(&update) {
                frames.push(frame(&trainer, training.conditional, &std::mem::take(&mut since))?);
            }
            if update < UPDATES {
                let metrics = trainer.step(data)?;
                since.push((metrics.d_loss, metrics.g_loss));
            }
        }
        let training = GameTraining {
            name: training.name.to_owned(),
            conditional: training.conditional,
            losses_at_equilibrium: (rest.d_loss, rest.g_loss.expect("a loss of G alone")),
            frames,
        };
        Ok(Self { training, samples: sample(&trainer, SAMPLES.1, UPDATES)? })
    }
}

/// What is to be seen now; `losses` are those of D and G since the frame before.
fn frame(trainer: &Trainer<f32>, conditional: bool, losses: &[(f64, f64)]) -> Result<GameFrame, Error> {
    let samples = sample(trainer, SAMPLES.0, DRAW)?;
    let share = |of: &dyn Fn(&Sample) -> bool| {
        samples.iter().filter(|sample| of(sample)).count() as f64 / samples.len() as f64
    };
    let (own, inside) = (share(&is_own), share(&|(_, point)| nearest(*point).1 < CLOUD));
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| losses.iter().map(of).sum::<f64>() / losses.len() as f64;
    let mut by_label: ByLabel = vec![Vec::new(); CLASSES];
    samples.iter().for_each(|(label, point)| by_label[*label].push(*point));
    Ok(GameFrame {
        update: trainer.steps(),
        samples: by_label,
        values: values(trainer, conditional)?,
        losses: (!losses.is_empty()).then(|| (mean(&|losses| losses.0), mean(&|losses| losses.1))),
        own,
        inside,
    })
}

/// Whether a sample is nearest to the centre of its label.
fn is_own((label, point): &Sample) -> bool {
    nearest(*point).0 == *label
}

fn compare(report: &mut Report, training: &Training, samples: &[Sample]) {
    let name = training.name;
    let n = samples.len() as f64;
    let own = samples.iter().filter(|sample| is_own(sample)).count() as f64 / n;
    if !training.conditional {
        let chance = 1.0 / CLASSES as f64;
        let error = (chance * (1.0 - chance) / n).sqrt();
        report.equal(
            format!("{name}: share of samples whose nearest centre is their label's"),
            chance,
            own,
            3.0 * error,
        );
        return;
    }
    let what = format!("{name}: share of samples whose nearest centre is their label's, at least");
    report.line(Relation::AtLeast, what, 0.95, own, 1e-9);
    if training.penalty.is_empty() {
        return;
    }
    let inside = |label: usize| {
        let of_class = samples.iter().filter(|sample| sample.0 == label);
        of_class.filter(|(_, point)| distance(*point, centre(label)) < CLOUD).count()
    };
    let covered = (0..CLASSES).filter(|label| 2 * inside(*label) > SAMPLES.1).count();
    report.equal(format!("{name}: classes whose own mode is covered"), CLASSES as f64, covered as f64, 1e-9);
}

fn panel(training: &GameTraining, samples: &[Sample]) -> Panel {
    let of_label = |label: usize| {
        let points = samples.iter().filter(move |sample| sample.0 == label).take(60);
        Series::dots(format!("y = {label}"), points.map(|(_, point)| (point[0], point[1])))
    };
    let field = training.frames.last().and_then(|frame| frame.values.first());
    let behind = field.into_iter().flatten().map(|d| 2.0 * d - 1.0).collect();
    Panel {
        heading: training.name.clone(),
        series: (0..CLASSES).map(of_label).collect(),
        field: Some(Field { x: (-GRID.1, GRID.1), y: (-GRID.1, GRID.1), columns: GRID.0, values: behind }),
        plane: true,
        ..Panel::default()
    }
}

/// So many samples of each label; the noise is that of the `draw`-th draw.
fn sample(trainer: &Trainer<f32>, each: usize, draw: u64) -> Result<Vec<Sample>, Error> {
    let mut sampler = trainer.sampler(CLASSES * each)?;
    let labels = Array2::from_shape_fn((CLASSES * each, 1), |(i, _)| (i % CLASSES) as f32);
    let points = sampler.sample(&trainer.ema_parameters(), labels.view(), draw).to_owned();
    let pair = |point: ArrayView1<f32>| [f64::from(point[0]), f64::from(point[1])];
    Ok(points.rows().into_iter().enumerate().map(|(i, point)| (i % CLASSES, pair(point))).collect())
}

/// The centre of a cell of the grid, row by row from the least second coordinate.
fn place(cell: usize) -> [f64; 2] {
    let (side, half) = GRID;
    let at = |i: usize| ((i as f64 + 0.5) / side as f64 * 2.0 - 1.0) * half;
    [at(cell % side), at(cell / side)]
}

/// D(x|y) on the grid, for each label that D knows.
fn values(trainer: &Trainer<f32>, conditional: bool) -> Result<Vec<Vec<f64>>, Error> {
    let labels = if conditional { CLASSES } else { 1 };
    let cells = GRID.0 * GRID.0;
    let x = Array2::from_shape_fn((cells, 2), |(cell, j)| place(cell)[j] as f32);
    let mut evaluator = trainer.discriminator_evaluator(cells)?;
    let mut of_label = |label: usize| {
        let y = Array2::from_elem((cells, 1), label as f32);
        let logits = evaluator.logits(trainer.parameters(), x.view(), y.view());
        logits.into_iter().map(|s| 1.0 / (1.0 + f64::from(-s).exp())).collect()
    };
    Ok((0..labels).map(&mut of_label).collect())
}

fn centre(label: usize) -> [f64; 2] {
    let angle = std::f64::consts::TAU * label as f64 / CLASSES as f64;
    [RADIUS * angle.cos(), RADIUS * angle.sin()]
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The label of the nearest centre, and its distance.
fn nearest(point: [f64; 2]) -> (usize, f64) {
    let of = |label: usize| (label, distance(point, centre(label)));
    (0..CLASSES).map(of).min_by(|a, b| a.1.total_cmp(&b.1)).expect("there are classes")
}

impl Training {
    fn config(&self) -> GanConfig {
        let y = |text: &'static str| if self.conditional { text } else { "" };
        let text = format!(
            r#"
            objective = {{ non_saturating = {{}} }}
            penalty = {{ {} }}
            updates = {{ order = "alternating", discriminator_steps = 1, batch = 64, ema_decay = 0.99 }}
            optimizer = {{ adam = {{ beta1 = 0.5, beta2 = 0.99, epsilon = 1e-8 }} }}
            schedule = {{ learning_rate = 4e-3 }}
            [generator]
            noise = "gaussian"
            noise_width = 4
            z_units = 16
            {}
            combined = {{ hidden_layer = {{ units = 32, init = "he_uniform" }} }}
            output = "linear"
            init = {{ z = "he_uniform", {} output = "lecun_uniform", output_bias = "zeros" }}
            [discriminator]
            x = {{ maxout = {{ units = 16, pieces = 3 }} }}
            {}
            joint = {{ maxout = {{ units = 16, pieces = 3 }} }}
            init = {{ x = "he_uniform", {} joint = "lecun_uniform", output = "lecun_uniform" }}
            "#,
            self.penalty,
            y("y_units = 16"),
            y("y = { uniform = 0.5 },"),
            y("y = { maxout = { units = 8, pieces = 3 } }"),
            y("y = { uniform = 0.5 },"),
        );
        text.parse().expect("a valid configuration")
    }
}

/// The data, drawn once.
struct Data {
    points: Vec<[f32; 2]>,
}

impl Data {
    fn new(seed: u64) -> Self {
        let mut random = Stream::new(seed, "lab/mixture").at(0, 0);
        let mut normal = || DEVIATION * random.sample::<f64, _>(StandardNormal);
        let point = |i: usize| centre(i % CLASSES).map(|c| (c + normal()) as f32);
        Self { points: (0..EXAMPLES).map(point).collect() }
    }
}

impl Examples<f32> for Data {
    fn len(&self) -> usize {
        EXAMPLES
    }

    fn size(&self) -> (usize, usize) {
        (1, 2)
    }

    fn condition(&self) -> Input {
        Input::Labels(CLASSES)
    }

    fn mean(&self) -> Vec<f32> {
        vec![0.0; 2]
    }

    fn fill(&self, _: u64, indices: &[u32], mut x: ArrayViewMut2<f32>, mut y: ArrayViewMut2<f32>) {
        for (row, index) in indices.iter().enumerate() {
            let index = *index as usize;
            (x[[row, 0]], x[[row, 1]]) = (self.points[index][0], self.points[index][1]);
            y[[row, 0]] = (index % CLASSES) as f32;
        }
    }
}
