//! Whether the players come to rest: the smallest game that does not.
//!
//! The data are x = 0, G makes x = θ, and D's logit is s(x) = ψ x (Mescheder et al. 2018, sections 2 and 3: the
//! "Dirac-GAN"). The only
//! rest is θ = ψ = 0. With either of the two cross-entropies the gradients near it are θ/2 for D's ψ and -ψ/2 for G's θ, so
//! that an update with learning rate h is a matrix on (θ, ψ):
//!
//! - simultaneous: I + h [[0, ½], [-½, 0]], with eigenvalues 1 ± ih/2 of modulus √(1 + h²/4) > 1: the players spiral away
//!   however small h is;
//! - alternating, D first: the product of two shears, of determinant 1; its eigenvalues have modulus 1 while h ≤ 4: they
//!   circle for ever;
//! - with R1, ½ γ ψ² in D's loss: 1 + h(-γ/2 ± √(γ²/4 - ¼)), inside the unit circle for small h: they come to rest, fastest
//!   at γ = 1.
//!
//! **The trainer plays it.** Nets of the trainer are larger than a number each, so they are given weights at which only one of
//! each moves. G's hidden weights and its output weights are 0: no gradient passes them, and only the output bias moves,
//! which is θ. D is maxout of one unit and one piece, twice, so s = o e a x and some biases. With a = e = K and o = ψ/K²,
//! and D's learning rate h/K⁴, ψ moves as it should, and everything else of D moves less by the factor K⁻⁴ or more.
//! [`Trainer::step`] does the rest: its order of updates, its objectives, its penalties by tangent, its SGD.
//!
//! The moduli are those of the matrix that maps each (θ, ψ) of a trajectory near 0 to the next one, fitted to all of them. At
//! a distance ε from 0 the game differs from its linearisation by a share of ε².
//!
//! The picture also has trajectories of other objectives and penalties from (1, 0). R2 and R1 are the same here, since the
//! gradient ψ does not depend on x. WGAN-GP pulls |ψ| to 1, where the players cannot rest.

use autograd::ParameterId;
use cgan::{Examples, GanConfig, Trainer};
use figures::{Chart, Panel, Series};
use layers::Input;
use nalgebra::{DMatrix, Matrix2, Vector2};
use ndarray::ArrayViewMut2;

use crate::{Error, Experiment, Report, Table};

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "dirac-gan",
    theorem: "Near rest, simultaneous updates spiral away, alternating ones circle, and with R1 they come to rest.",
    source: "Mescheder et al. 2018, sections 2 and 3 (the Dirac-GAN)",
    chapter: 6,
    run,
};

/// K: how much larger the weights of D that should not move are.
const K: f64 = 64.0;

/// How far from rest a trajectory starts, for the moduli.
const NEAR: f64 = 1e-5;

/// Updates of such a trajectory.
const FITTED: usize = 40;

/// Updates of a trajectory of the picture, and their rate.
const SHOWN: (usize, f64) = (500, 0.1);

/// One game: objective, penalties and order of updates, as a configuration has them.
#[derive(Clone, Copy)]
struct Game<'a> {
    objective: &'a str,
    penalty: &'a str,
    order: &'a str,
}

fn run(seed: u64) -> Result<Report, Error> {
    let mut report = Report::new();
    // Any start near 0 gives the same matrix.
    let angle = seed as f64;
    let start = (NEAR * angle.cos(), NEAR * angle.sin());
    for objective in ["minimax", "non_saturating"] {
        for rate in [0.1, 0.5] {
            let game = Game { objective, penalty: "", order: "simultaneous" };
            let moduli = moduli(&game.trajectory(start, rate, FITTED, seed)?);
            let what = format!("{objective}, simultaneous, h = {rate}: the modulus is √(1 + h²/4)");
            report.equal(what, (1.0 + rate * rate / 4.0).sqrt(), moduli.0, 1e-6);
            let game = Game { order: "alternating", ..game };
            let (large, _) = self::moduli(&game.trajectory(start, rate, FITTED, seed)?);
            report.equal(format!("{objective}, alternating, h = {rate}: the modulus is 1"), 1.0, large, 1e-6);
            for gamma in [0.5, 1.5] {
                let penalty = format!("r1 = {{ weight = {gamma:?} }}");
                let game = Game { objective, penalty: &penalty, order: "simultaneous" };
                let (large, small) = self::moduli(&game.trajectory(start, rate, FITTED, seed)?);
                let (want_large, want_small) = with_r1(rate, gamma);
                let what = |which| format!("{objective}, R1, γ = {gamma}, h = {rate}: the {which} modulus");
                report.equal(what("larger"), want_large, large, 1e-6);
                report.equal(what("smaller"), want_small, small, 1e-6);
            }
        }
    }
    let (table, svg) = picture(seed)?;
    report.tables.push(table);
    report.svg = svg;
    Ok(report)
}

/// The moduli |1 + h(-γ/2 ± √(γ²/4 - ¼))|, the larger first.
fn with_r1(rate: f64, gamma: f64) -> (f64, f64) {
    let under_root = gamma * gamma / 4.0 - 0.25;
    if under_root < 0.0 {
        let modulus = (1.0 - rate * gamma / 2.0).hypot(rate * (-under_root).sqrt());
        return (modulus, modulus);
    }
    let [a, b] = [1.0, -1.0].map(|sign| (1.0 + rate * (-gamma / 2.0 + sign * under_root.sqrt())).abs());
    (a.max(b), a.min(b))
}

/// The moduli of the matrix that maps each point of a trajectory to the next, the larger first.
fn moduli(trajectory: &[(f64, f64)]) -> (f64, f64) {
    let (mut next, mut own) = (Matrix2::zeros(), Matrix2::zeros());
    for pair in trajectory.windows(2) {
        let [v, w] = [pair[0], pair[1]].map(|(theta, psi)| Vector2::new(theta, psi) / NEAR);
        next += w * v.transpose();
        own += v * v.transpose();
    }
    let matrix = next * own.try_inverse().expect("a trajectory does not stay on a line");
    let eigenvalues = DMatrix::from_iterator(2, 2, matrix.iter().copied()).complex_eigenvalues();
    let [a, b] = [eigenvalues[0], eigenvalues[1]].map(|value| value.re.hypot(value.im));
    (a.max(b), a.min(b))
}

impl Game<'_> {
    /// (θ, ψ) before the first update and after each.
    fn trajectory(
        self,
        (theta, psi): (f64, f64),
        rate: f64,
        updates: usize,
        seed: u64,
    ) -> Result<Vec<(f64, f64)>, Error> {
        let config = self.config(rate);
        let mut trainer = Trainer::<f64>::new(&config, &Zero, seed)?;
        let id = |name: &str| -> ParameterId {
            let ids = trainer.parameters().group(name).ids().collect::<Vec<_>>();
            assert_eq!(ids.len(), 1, "{name} is one parameter");
            ids[0]
        };
        let [bias, first, second, last] = [
            "generator.output.bias",
            "discriminator.x.weight",
            "discriminator.joint.weight",
            "discriminator.output.weight",
        ]
        .map(|name| trainer.parameters().entry(id(name)).range.start);
        let restored = trainer.restore(0, |name, values| {
            if name == "parameters" {
                values.fill(0.0);
                values[bias] = theta;
                values[first] = K;
                values[second] = K;
                values[last] = psi / (K * K);
            }
            Ok::<_, Error>(())
        });
        restored?;
        let mut points = vec![(theta, psi)];
        for _ in 0..updates {
            trainer.step(&Zero)?;
            let values = trainer.parameters().values();
            points.push((values[bias], values[last] * values[first] * values[second]));
        }
        Ok(points)
    }

    fn config(self, rate: f64) -> GanConfig {
        let Self { objective, penalty, order } = self;
        let text = format!(
            r#"
            objective = {{ {objective} = {{}} }}
            penalty = {{ {penalty} }}
            updates = {{ order = "{order}", discriminator_steps = 1, batch = 1 }}
            optimizer = {{ sgd = {{ momentum = 0.0 }} }}
            schedule = {{ learning_rate = {rate:?} }}
            discriminator_schedule = {{ learning_rate = {:?} }}
            [generator]
            noise = "gaussian"
            noise_width = 1
            z_units = 1
            combined = "concatenation"
            output = "linear"
            init = {{ z = "zeros", output = "zeros", output_bias = "zeros" }}
            [discriminator]
            x = {{ maxout = {{ units = 1, pieces = 1 }} }}
            joint = {{ maxout = {{ units = 1, pieces = 1 }} }}
            init = {{ x = "zeros", joint = "zeros", output = "zeros" }}
            "#,
            rate / K.powi(4)
        );
        text.parse().expect("a valid configuration")
    }
}

/// The data: x = 0.
struct Zero;

impl Examples<f64> for Zero {
    fn len(&self) -> usize {
        1
    }

    fn size(&self) -> (usize, usize) {
        (1, 1)
    }

    fn condition(&self) -> Input {
        Input::Labels(1)
    }

    fn mean(&self) -> Vec<f32> {
        vec![0.0]
    }

    fn fill(&self, _: u64, _: &[u32], mut x: ArrayViewMut2<f64>, mut y: ArrayViewMut2<f64>) {
        x.fill(0.0);
        y.fill(0.0);
    }
}

/// Trajectories from (1, 0).
fn picture(seed: u64) -> Result<(Table, String), Error> {
    const R1: &str = "r1 = { weight = 0.5 }";
    let games: [(&str, &[(&str, Game)]); 7] = [
        (
            "non_saturating",
            &[
                ("simultaneous", game("non_saturating", "", "simultaneous")),
                ("alternating", game("non_saturating", "", "alternating")),
            ],
        ),
        ("non_saturating with R1", &[("simultaneous", game("non_saturating", R1, "simultaneous"))]),
        (
            "minimax",
            &[
                ("simultaneous", game("minimax", "", "simultaneous")),
                ("alternating", game("minimax", "", "alternating")),
            ],
        ),
        (
            "wasserstein with WGAN-GP",
            &[("alternating", game("wasserstein", "wgan_gp = { weight = 0.5 }", "alternating"))],
        ),
        (
            "least_squares",
            &[
                ("simultaneous", game("least_squares", "", "simultaneous")),
                ("alternating", game("least_squares", "", "alternating")),
            ],
        ),
        (
            "hinge",
            &[
                ("simultaneous", game("hinge", "", "simultaneous")),
                ("alternating", game("hinge", "", "alternating")),
            ],
        ),
        (
            "relativistic, and with R1 and R2",
            &[
                ("simultaneous", game("relativistic", "", "simultaneous")),
                (
                    "R1 and R2, simultaneous",
                    game("relativistic", "r1 = { weight = 0.25 }, r2 = { weight = 0.25 }", "simultaneous"),
                ),
            ],
        ),
    ];
    let mut table = Table::new("", &["game", "order", "update", "theta", "psi"]);
    let mut panels = Vec::new();
    for (heading, of) in games {
        let mut series = Vec::new();
        for (name, game) in of {
            // From a direction of the seed, a little away from (1, 0).
            let start = (1.0, 0.05 * (seed as f64).sin());
            let points = game.trajectory(start, SHOWN.1, SHOWN.0, seed)?;
            for (update, (theta, psi)) in points.iter().enumerate() {
                table.row(&[heading, name], &[update as f64, *theta, *psi]);
            }
            series.push(Series::line(*name, points));
        }
        let axes = ("θ".to_owned(), "ψ".to_owned());
        panels.push(Panel { heading: heading.to_owned(), axes, series, plane: true, ..Panel::default() });
    }
    let title = "Dirac-GAN: 500 updates from (1, 0), h = 0.1".to_owned();
    Ok((table, Chart { title, panels, columns: 3, note: String::new() }.svg()))
}

const fn game<'a>(objective: &'a str, penalty: &'a str, order: &'a str) -> Game<'a> {
    Game { objective, penalty, order }
}
