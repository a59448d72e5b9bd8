//! The gradient checker: every derivative against central differences, in double precision.
//!
//! (f(x + h) - f(x - h)) / 2h differs from f'(x) by h² f'''/6, and by about 1e-16 |f| / h of rounding. At
//! h = 1e-5 both are near 1e-10, so a derivative that is right agrees to 1e-6 of its size with room to spare.
//! Points are random: where maxout pieces tie, as at zero biases, the central difference is wrong.

use rand::Rng;
use rand_distr::StandardNormal;

use crate::op::Var;
use crate::tape::Tape;
use crate::{Error, Parameters, Stream};

/// Half the distance of a central difference.
const H: f64 = 1e-5;

/// At most this many entries of one parameter are perturbed; a larger one is sampled evenly.
const ENTRIES: usize = 64;

/// A function of some matrices, recorded anew for the check.
type Record = Box<dyn Fn(&mut Tape<f64>, &[Var]) -> Result<Var, Error> + Send + Sync>;

/// One function to check: shapes of its arguments and how it is recorded.
pub struct Case {
    /// What is checked.
    pub name: &'static str,
    shapes: Vec<(usize, usize)>,
    by_columns: Option<usize>,
    record: Record,
}

/// What a check found.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The largest difference between a derivative and its central difference, over all entries looked at,
    /// relative to the largest derivative of the same parameter.
    pub error: f64,
    /// How many entries were looked at.
    pub entries: usize,
}

impl Case {
    /// A case whose arguments are random matrices of these shapes.
    pub fn new(
        name: &'static str,
        shapes: &[(usize, usize)],
        record: impl Fn(&mut Tape<f64>, &[Var]) -> Result<Var, Error> + Send + Sync + 'static,
    ) -> Self {
        Self { name, shapes: shapes.to_vec(), by_columns: None, record: Box::new(record) }
    }

    /// The same with the values of this argument lying column by column.
    pub fn by_columns(mut self, argument: usize) -> Self {
        self.by_columns = Some(argument);
        self
    }

    /// Checks the gradient with respect to every argument.
    ///
    /// # Errors
    /// If the case cannot be recorded.
    pub fn gradient(&self) -> Result<Outcome, Error> {
        let mut parameters = self.arguments();
        gradients(&mut parameters, |tape, parameters| {
            let vars = leaves(tape, parameters);
            (self.record)(tape, &vars)
        })
    }

    /// Checks the tangent along a random direction in the first argument;
    /// `None` if an operation has no tangent rule.
    ///
    /// # Errors
    /// If the case cannot be recorded.
    pub fn tangent(&self) -> Result<Option<Outcome>, Error> {
        let mut parameters = self.arguments();
        let first = parameters.group("argument 0").ids().next();
        let Some(first) = first else { return Ok(None) };
        let direction = random(parameters.slice(first).len(), "direction");
        let record = |tape: &mut Tape<f64>, parameters: &Parameters<f64>| {
            let vars = leaves(tape, parameters);
            let y = (self.record)(tape, &vars)?;
            let t = tape.input("direction", tape.shape(vars[0]));
            tape.value_mut(t).iter_mut().zip(&direction).for_each(|(t, d)| *t = *d);
            Ok((y, tape.tangent(y, vars[0], t)?))
        };
        let mut tape = Tape::new();
        let (y, t) = match record(&mut tape, &parameters) {
            Err(Error::NoTangent { .. } | Error::Independent { .. }) => return Ok(None),
            recorded => recorded?,
        };
        let mut at = |step: f64| {
            let x = parameters.slice_mut(first);
            x.iter_mut().zip(&direction).for_each(|(x, d)| *x += step * d);
            tape.forward(&parameters, .., 0);
            parameters.slice_mut(first).iter_mut().zip(&direction).for_each(|(x, d)| *x -= step * d);
            (tape.value(y).to_owned(), tape.value(t).to_owned())
        };
        let (low, high) = (at(-H).0, at(H).0);
        let tangent = at(0.0).1;
        let numeric = (high - low) / (2.0 * H);
        let largest = tangent.iter().chain(&numeric).fold(0.0f64, |largest, x| largest.max(x.abs()));
        let worst = tangent.iter().zip(&numeric).fold(0.0f64, |worst, (a, b)| {
            let difference = (a - b).abs();
            if difference.is_nan() { f64::INFINITY } else { worst.max(difference) }
        });
        Ok(Some(Outcome { error: relative(worst, largest), entries: tangent.len() }))
    }

    fn arguments(&self) -> Parameters<f64> {
        let mut parameters = Parameters::new();
        for (index, &(rows, columns)) in self.shapes.iter().enumerate() {
            let name = format!("argument {index}");
            let values = random(rows * columns, &name);
            let fill = |slot: &mut [f64]| slot.copy_from_slice(&values);
            if self.by_columns == Some(index) {
                parameters.push_by_columns(name, &[rows, columns], fill);
            } else {
                parameters.push(name, &[rows, columns], fill);
            }
        }
        parameters
    }
}

/// Checks the gradient of what `record` records, with respect to every parameter that it depends on.
///
/// A value of several entries is reduced to one number by random weights.
///
/// # Errors
/// If `record` fails, or records something that depends on no parameter.
pub fn gradients(
    parameters: &mut Parameters<f64>,
    record: impl Fn(&mut Tape<f64>, &Parameters<f64>) -> Result<Var, Error>,
) -> Result<Outcome, Error> {
    let mut tape = Tape::new();
    let y = record(&mut tape, parameters)?;
    let ids: Vec<_> = parameters.ids().collect();
    let leaves: Vec<Var> =
        ids.iter().map(|&id| tape.parameter(parameters, id)).filter(|leaf| *leaf < y).collect();
    let sweep = tape.sweep(y, &leaves)?;
    let weights = random(tape.value(y).len(), "weights");
    let mut gradient = parameters.zeros_like();
    tape.forward(parameters, ..=y, 0);
    tape.backward_from(&weights, &sweep, parameters, &mut gradient);

    Ok(compare(parameters, &gradient, |parameters| {
        tape.forward(parameters, ..=y, 0);
        tape.value(y).iter().zip(&weights).map(|(y, w)| y * w).sum()
    }))
}

/// Compares `gradient` with the central differences of `value`, parameter by parameter.
pub fn compare(
    parameters: &mut Parameters<f64>,
    gradient: &Parameters<f64>,
    mut value: impl FnMut(&Parameters<f64>) -> f64,
) -> Outcome {
    let mut outcome = Outcome { error: 0.0, entries: 0 };
    for entry in parameters.table().to_vec() {
        let (mut worst, mut largest) = (0.0f64, 0.0f64);
        for i in entry.range.clone().step_by(entry.range.len().div_ceil(ENTRIES).max(1)) {
            let x = parameters.values()[i];
            parameters.values_mut()[i] = x + H;
            let high = value(parameters);
            parameters.values_mut()[i] = x - H;
            let low = value(parameters);
            parameters.values_mut()[i] = x;
            let (numeric, exact) = ((high - low) / (2.0 * H), gradient.values()[i]);
            // `max` ignores a NaN, so a NaN is replaced by infinity.
            let difference = (numeric - exact).abs();
            worst = if difference.is_nan() { f64::INFINITY } else { worst.max(difference) };
            largest = largest.max(numeric.abs()).max(exact.abs());
            outcome.entries += 1;
        }
        outcome.error = outcome.error.max(relative(worst, largest));
    }
    outcome
}

/// A derivative that is zero both ways has no relative error.
fn relative(worst: f64, largest: f64) -> f64 {
    if worst.is_finite() && largest > 1e-9 { worst / largest } else { worst }
}

fn leaves(tape: &mut Tape<f64>, parameters: &Parameters<f64>) -> Vec<Var> {
    parameters.ids().map(|id| tape.parameter(parameters, id)).collect()
}

/// Standard normal numbers that depend on nothing but the purpose.
fn random(n: usize, purpose: &str) -> Vec<f64> {
    Stream::new(1, purpose).at(0, 0).sample_iter(StandardNormal).take(n).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::op::{Arguments, Evaluated, Op, Target};

    /// x², with the derivative of a slip: x.
    struct Slip;

    impl Op<f64> for Slip {
        fn name(&self) -> &'static str {
            "slip"
        }

        fn shape(&self, arguments: &[(usize, usize)]) -> Result<(usize, usize), String> {
            Ok(arguments[0])
        }

        fn forward(&self, arguments: &Arguments<f64>, value: &mut [f64], _: &mut [u8], _: u64) {
            value.iter_mut().zip(arguments.slice(0)).for_each(|(y, x)| *y = x * x);
        }

        fn vjp(&self, _: usize, at: &Evaluated<f64>, dy: &[f64], dx: Target<f64>) {
            dx.values.iter_mut().zip(at.arguments.slice(0)).zip(dy).for_each(|((dx, x), dy)| *dx = dy * x);
        }
    }

    #[test]
    fn a_wrong_derivative_is_caught() {
        let case = Case::new("slip", &[(2, 2)], |tape, v| tape.record(Slip, v));
        assert!(case.gradient().unwrap().error > 0.1);
    }
}
