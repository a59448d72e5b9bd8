//! The game of two players on a finite table, played by the objectives that train nets.
//!
//! Every objective is a mean over the rows of a batch of a function of that row's logits: those of a real x, of a fake and,
//! with mismatched pairs, of a real x beside a wrong condition, which are independent given y. So its expectation is
//!
//!   Σ_y p(y) Σ_a p(a|y) Σ_b q(b|y) Σ_c m(c|y) · objective(s(a|y), s(b|y), s(c|y)),
//!
//! and that is what the tape holds: the objective of crate `cgan`, recorded once for each combination, as for a batch of
//! one row, times the probability of the combination. The probabilities of G are nodes of the tape, so that the
//! derivative with respect to what G makes comes from the tape, too.

use autograd::{Parameters, Sweep, Tape, Var};
use cgan::objective::{Logits, Mismatched};
use cgan::objectives::ObjectiveConfig;
use ndarray::Array2;

use crate::{Error, Tables, optimum};

/// What D may depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Discriminator {
    /// A logit for each (x, y).
    Table,
    /// A logit for each x, whatever y is.
    WithoutY,
    /// A logit for each (x, y) by its differences: the parameters are s(x|y) - s(x - 1|y), and s(0|y) = 0. For the games
    /// in which only differences count and are bounded.
    Line,
}

/// A game, recorded.
pub struct Game {
    tape: Tape<f64>,
    parameters: Parameters<f64>,
    gradients: Parameters<f64>,
    discriminator: Discriminator,
    shape: (usize, usize),
    /// s(x|y).
    logits: Vec<Var>,
    /// q(x|y), an input of one entry for each.
    q: Vec<Var>,
    discriminator_loss: Var,
    generator_loss: Var,
    to_logits: Sweep,
    to_q: Sweep,
}

impl Game {
    /// Records the game of these tables, with all parameters of D at 0. With `mismatched`, D also sees x from m(x|y), a
    /// row for each y, with the weight λ.
    ///
    /// # Errors
    /// If the objective cannot be recorded.
    pub fn new(
        objective: &ObjectiveConfig,
        tables: &Tables,
        discriminator: Discriminator,
        mismatched: Option<(&Array2<f64>, f64)>,
    ) -> Result<Self, Error> {
        let shape = tables.p.dim();
        let (mut tape, mut parameters) = (Tape::new(), Parameters::new());
        let (logits, leaves) = record_logits(&mut tape, &mut parameters, discriminator, shape)?;
        let cells = shape.0 * shape.1;
        let q: Vec<Var> = (0..cells).map(|_| tape.input("q(x|y)", (1, 1))).collect();

        let (mut of_discriminator, mut of_generator) = (Sum::default(), Sum::default());
        for (y, py) in tables.y.iter().enumerate() {
            let at = |x: usize| y * shape.1 + x;
            for b in 0..shape.1 {
                for a in 0..shape.1 {
                    let weight = py * tables.p[[y, a]];
                    let (real, fake) = (logits[at(a)], logits[at(b)]);
                    let mut seen = |m: f64, mismatched| {
                        let pair = Logits { real, fake, mismatched };
                        let loss = objective.discriminator_loss(&mut tape, &pair)?;
                        of_discriminator.add(&mut tape, weight * m, q[at(b)], loss)
                    };
                    match mismatched {
                        None => seen(1.0, None)?,
                        Some((m, weight)) => {
                            for (c, m) in m.row(y).iter().enumerate() {
                                seen(*m, Some(Mismatched { logits: logits[at(c)], weight }))?;
                            }
                        }
                    }
                    if objective.generator_loss_uses_real() {
                        let loss = objective.generator_loss(&mut tape, fake, Some(real))?;
                        of_generator.add(&mut tape, weight, q[at(b)], loss)?;
                    }
                }
                if !objective.generator_loss_uses_real() {
                    let loss = objective.generator_loss(&mut tape, logits[at(b)], None)?;
                    of_generator.add(&mut tape, *py, q[at(b)], loss)?;
                }
            }
        }
        let (discriminator_loss, generator_loss) = (of_discriminator.end(), of_generator.end());
        let to_logits = tape.sweep(discriminator_loss, &leaves)?;
        let to_q = tape.sweep(generator_loss, &q)?;
        let gradients = parameters.zeros_like();
        let mut game = Self {
            tape,
            parameters,
            gradients,
            discriminator,
            shape,
            logits,
            q,
            discriminator_loss,
            generator_loss,
            to_logits,
            to_q,
        };
        game.set_q(&tables.q);
        Ok(game)
    }

    /// Sets what G makes: q(x|y), a row for each y.
    ///
    /// # Panics
    /// If the shape is another.
    pub fn set_q(&mut self, q: &Array2<f64>) {
        assert_eq!(q.dim(), self.shape, "a probability for each (y, x)");
        for (input, q) in self.q.iter().zip(q) {
            self.tape.value_mut(*input).fill(*q);
        }
        self.forward();
    }

    /// Sets D's parameters: its logits, (y, x) row by row, or their differences.
    ///
    /// # Panics
    /// If their number is another.
    pub fn set_parameters(&mut self, values: &[f64]) {
        self.parameters.values_mut().copy_from_slice(values);
        self.forward();
    }

    fn forward(&mut self) {
        self.tape.forward(&self.parameters, .., 0);
    }

    /// D's parameters.
    pub fn parameters(&self) -> &[f64] {
        self.parameters.values()
    }

    /// D's logits s(x|y), a row for each y.
    pub fn logits(&self) -> Array2<f64> {
        let (values, width) = (self.parameters.values(), self.shape.1);
        Array2::from_shape_fn(self.shape, |(y, x)| match self.discriminator {
            Discriminator::Table => values[y * width + x],
            Discriminator::WithoutY => values[x],
            Discriminator::Line => self.tape.value(self.logits[y * width + x])[[0, 0]],
        })
    }

    /// D's loss.
    pub fn discriminator_loss(&self) -> f64 {
        self.tape.value(self.discriminator_loss)[[0, 0]]
    }

    /// G's loss.
    pub fn generator_loss(&self) -> f64 {
        self.tape.value(self.generator_loss)[[0, 0]]
    }

    /// The gradient of D's loss with respect to its parameters.
    pub fn discriminator_gradient(&mut self) -> &[f64] {
        self.tape.backward(&self.to_logits, &self.parameters, &mut self.gradients);
        self.gradients.values()
    }

    /// The gradient of G's loss with respect to q(x|y), with D held fixed: what a fake costs there, times p(y).
    pub fn costs(&mut self) -> Array2<f64> {
        self.tape.backward(&self.to_q, &self.parameters, &mut self.gradients);
        let costs = self.q.iter().map(|q| self.tape.gradient(*q)[[0, 0]]).collect();
        Array2::from_shape_vec(self.shape, costs).expect("a cost for each (y, x)")
    }

    /// The gradient of G's loss with respect to θ, for q(·|y) = softmax(θ(y)), with D held fixed.
    pub fn generator_gradient(&mut self) -> Array2<f64> {
        let q: Vec<f64> = self.q.iter().map(|q| self.tape.value(*q)[[0, 0]]).collect();
        let q = Array2::from_shape_vec(self.shape, q).expect("a probability for each (y, x)");
        through_softmax(&q, &self.costs())
    }

    /// Moves D to the least of its loss, where its gradient vanishes. For objectives with a smooth loss.
    ///
    /// # Errors
    /// [`Error::NoOptimum`] if the gradient does not vanish.
    pub fn play_discriminator(&mut self) -> Result<(), Error> {
        // From 0 and not from where D was: far out its output is flat, and Newton's steps are too long.
        let mut at = vec![0.0; self.parameters.values().len()];
        optimum::solve("the best discriminator", &mut at, |values| {
            self.set_parameters(values);
            Ok::<_, Error>(self.discriminator_gradient().to_vec())
        })?;
        self.set_parameters(&at);
        Ok(())
    }
}

/// From the gradient with respect to q to that with respect to θ, for q(·|y) = softmax(θ(y)):
/// ∂/∂θ_i = q_i (∂/∂q_i - Σ_j q_j ∂/∂q_j).
pub(crate) fn through_softmax(q: &Array2<f64>, of_q: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn(q.dim(), |(y, x)| q[[y, x]] * (of_q[[y, x]] - q.row(y).dot(&of_q.row(y))))
}

/// Records D: the nodes of its logits, (y, x) row by row, and those of its parameters.
fn record_logits(
    tape: &mut Tape<f64>,
    parameters: &mut Parameters<f64>,
    discriminator: Discriminator,
    (conditions, width): (usize, usize),
) -> Result<(Vec<Var>, Vec<Var>), Error> {
    let mut leaf = |tape: &mut Tape<f64>, name: String| {
        let id = parameters.push(name, &[1, 1], |_| ());
        tape.parameter(parameters, id)
    };
    let (mut logits, mut leaves) = (Vec::new(), Vec::new());
    for y in 0..conditions {
        for x in 0..width {
            let node = match discriminator {
                Discriminator::WithoutY if y > 0 => logits[x],
                Discriminator::Line if x == 0 => tape.input("zero", (1, 1)),
                _ => {
                    let leaf = leaf(tape, format!("{discriminator:?}({x}|{y})"));
                    leaves.push(leaf);
                    match discriminator {
                        Discriminator::Line => tape.add(logits[logits.len() - 1], leaf)?,
                        _ => leaf,
                    }
                }
            };
            logits.push(node);
        }
    }
    Ok((logits, leaves))
}

/// A sum of weighted losses on the tape.
#[derive(Default)]
struct Sum(Option<Var>);

impl Sum {
    /// Adds `weight` · q · loss.
    fn add(&mut self, tape: &mut Tape<f64>, weight: f64, q: Var, loss: Var) -> Result<(), Error> {
        let weighted = tape.scale(loss, weight)?;
        let term = tape.linear(weighted, q, None)?; // the product of two (1, 1)
        self.0 = Some(match self.0 {
            Some(sum) => tape.add(sum, term)?,
            None => term,
        });
        Ok(())
    }

    fn end(self) -> Var {
        self.0.expect("a table has at least one cell")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cgan::objectives;
    use ndarray::array;

    /// y, and x of p(x|y), q(x|y) and m(x|y).
    type Row = (usize, usize, usize, usize);

    /// Tables of eighths, and the rows of a batch in which every combination occurs as often as its probability says.
    fn tables() -> (Tables, Array2<f64>, Vec<Row>) {
        let p = array![[0.5, 0.25, 0.25], [0.25, 0.5, 0.25]];
        let q = array![[0.25, 0.25, 0.5], [0.25, 0.75, 0.0]];
        let m = array![[0.75, 0.25, 0.0], [0.5, 0.25, 0.25]];
        let quarters = |row: ndarray::ArrayView1<f64>| -> Vec<usize> {
            row.iter().enumerate().flat_map(|(x, p)| vec![x; (4.0 * p) as usize]).collect()
        };
        let mut rows = Vec::new();
        // p(y) = 1/4 and 3/4.
        for y in [0, 1, 1, 1] {
            for a in quarters(p.row(y)) {
                for b in quarters(q.row(y)) {
                    rows.extend(quarters(m.row(y)).into_iter().map(|c| (y, a, b, c)));
                }
            }
        }
        (Tables { y: vec![0.25, 0.75], p, q }, m, rows)
    }

    #[test]
    fn the_game_is_the_objective_of_a_batch_that_holds_every_combination() {
        let (tables, m, rows) = tables();
        let logits = [[0.3, -1.4, 2.0], [-0.6, 0.1, 0.9]];
        for (name, cases) in objectives::cases() {
            for objective in cases {
                let weighted = Some((&m, 0.7));
                let mut game = Game::new(&objective, &tables, Discriminator::Table, weighted).unwrap();
                game.set_parameters(logits.as_flattened());

                let mut tape = Tape::<f64>::new();
                let [real, fake, mismatched] =
                    ["real", "fake", "mismatched"].map(|name| tape.input(name, (rows.len(), 1)));
                for (row, (y, a, b, c)) in rows.iter().enumerate() {
                    for (input, x) in [(real, a), (fake, b), (mismatched, c)] {
                        tape.value_mut(input)[[row, 0]] = logits[*y][*x];
                    }
                }
                let pairs =
                    Logits { real, fake, mismatched: Some(Mismatched { logits: mismatched, weight: 0.7 }) };
                let d = objective.discriminator_loss(&mut tape, &pairs).unwrap();
                let g = objective.generator_loss(&mut tape, fake, Some(real)).unwrap();
                tape.forward(&Parameters::new(), .., 0);
                for (game, batch) in [(game.discriminator_loss(), d), (game.generator_loss(), g)] {
                    let batch = tape.value(batch)[[0, 0]];
                    assert!((game - batch).abs() < 1e-12, "{name}: {game} {batch}");
                }
            }
        }
    }

    #[test]
    fn costs_are_what_a_fake_costs() {
        let (tables, _, _) = tables();
        let minimax = &objectives::cases().into_iter().find(|case| case.0 == "minimax").unwrap().1[0];
        let mut game = Game::new(minimax, &tables, Discriminator::Table, None).unwrap();
        game.set_parameters(&[0.3, -1.4, 2.0, -0.6, 0.1, 0.9]);
        let (costs, before) = (game.costs(), game.generator_loss());
        let mut q = tables.q.clone();
        q[[1, 0]] -= 0.25;
        q[[1, 2]] += 0.25;
        game.set_q(&q);
        let change = game.generator_loss() - before;
        assert!((change - 0.25 * (costs[[1, 2]] - costs[[1, 0]])).abs() < 1e-12, "{change}");
        assert!(game.generator_gradient().sum_axis(ndarray::Axis(1)).iter().all(|sum| sum.abs() < 1e-12));
    }

    #[test]
    fn a_line_has_logits_that_add_up_and_without_y_all_rows_are_alike() {
        let (tables, _, _) = tables();
        let objective = &objectives::cases()[0].1[0];
        let mut line = Game::new(objective, &tables, Discriminator::Line, None).unwrap();
        line.set_parameters(&[1.0, 2.0, -1.0, 0.5]);
        assert_eq!(line.logits(), array![[0.0, 1.0, 3.0], [0.0, -1.0, -0.5]]);
        let mut blind = Game::new(objective, &tables, Discriminator::WithoutY, None).unwrap();
        blind.set_parameters(&[1.0, 2.0, 3.0]);
        assert_eq!(blind.logits(), array![[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]]);
    }
}
