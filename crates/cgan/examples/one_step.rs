//! One number through one step of training: z enters G, a logit leaves D, a gradient comes back, a weight of G moves.
//! Every line is printed with the formula that made it. Chapter 10 of docs/book works the numbers out by hand.

use autograd::{Error, Parameters, Tape};
use cgan::optimizer::{OptimizerSettings, Time};
use cgan::optimizers::Sgd;

/// G(z|y) = σ(a relu(b z + c_y) + e): one unit, whose bias is the entry of the label y.
/// D(x|y) = σ(s), s = u max(x w₀ + b₀, x w₁ + b₁) + v_y: one maxout unit with two pieces.
fn main() -> Result<(), Error> {
    let mut weights = Parameters::<f64>::new();
    let mut number = |name: &str, values: &[f64]| {
        weights.push(name, &[values.len(), 1], |slots| slots.copy_from_slice(values))
    };
    let (b, a) = (number("generator.z.weight", &[0.8]), number("generator.output.weight", &[1.5]));
    let w = number("discriminator.x.weight", &[1.0, -2.0]);
    let u = number("discriminator.output.weight", &[2.0]);
    let mut row = |name: &str, values: &[f64]| {
        weights.push(name, &[1, values.len()], |slots| slots.copy_from_slice(values))
    };
    let (c, v) = (row("generator.y.weight", &[0.1, -0.3]), row("discriminator.y.weight", &[-0.5, 0.4]));
    let (e, pieces) = (row("generator.output.bias", &[-0.5]), row("discriminator.x.bias", &[0.0, 0.5]));
    let zero = row("zero", &[0.0]);

    let mut tape = Tape::new();
    let (z, y) = (tape.input("z", (1, 1)), tape.input("y", (1, 1)));
    let [b_, a_, w_, u_, c_, v_, e_, pieces_, zero_] =
        [b, a, w, u, c, v, e, pieces, zero].map(|id| tape.parameter(&weights, id));
    let of_z = tape.linear(z, b_, None)?;
    let of_y = tape.embedding(y, c_, zero_)?;
    let before = tape.add(of_z, of_y)?;
    let h = tape.relu(before)?;
    let pixel = tape.linear(h, a_, Some(e_))?;
    let x = tape.sigmoid(pixel)?; // G(z|y)
    let of_x = tape.linear_maxout(x, w_, pieces_, None, 2)?;
    let scored = tape.linear(of_x, u_, None)?;
    let of_label = tape.embedding(y, v_, zero_)?;
    let s = tape.add(scored, of_label)?; // the logit
    let losses = tape.softplus_of_negative(s)?;
    let loss = tape.mean(losses)?; // -log D(G(z|y)|y)
    let sweep = tape.sweep(loss, &[a_, b_, c_, e_])?;

    tape.value_mut(z).fill(0.5);
    tape.value_mut(y).fill(1.0);
    let mut gradients = weights.zeros_like();
    tape.forward(&weights, .., 0);
    tape.backward(&sweep, &weights, &mut gradients);
    let show = |what: &str, value: f64| println!("{what:<34} {value:>12.9}");
    let at = |tape: &Tape<f64>, var| tape.value(var)[[0, 0]];
    println!("forward, z = 0.5, y = 1");
    for (what, var) in [
        ("b z + c_y", before),
        ("h = relu(..)", h),
        ("a h + e", pixel),
        ("x = σ(..) = G(z|y)", x),
        ("m = max(x w₀ + b₀, x w₁ + b₁)", of_x),
        ("s = u m + v_y, the logit", s),
        ("G's loss, softplus(-s)", loss),
    ] {
        show(what, at(&tape, var));
    }
    println!("backward, ∂ loss / ∂ ..");
    for (what, var) in [
        (".. s: -σ(-s)", s),
        (".. m: times u", of_x),
        (".. x: times w of the winner", x),
        (".. a h + e: times x (1 - x)", pixel),
        (".. h: times a", h),
        (".. b z + c_y: times [h > 0]", before),
    ] {
        show(what, tape.gradient(var)[[0, 0]]);
    }
    show(".. b: times z", gradients.slice(b)[0]);
    show(".. a: (that of a h + e) times h", gradients.slice(a)[0]);
    show(".. c_1: that of b z + c_y", gradients.slice(c)[1]);
    show(".. c_0: label 0 was not here", gradients.slice(c)[0]);

    println!("update, η = 0.1, v = 0");
    let generator = [b, a, c, e];
    let mut sgd = Sgd { momentum: 0.5, ramp: None }.instance::<f64>(weights.values().len());
    let before_update = weights.clone();
    sgd.update(weights.values_mut(), gradients.values(), 0.1, Time { updates: 0, epochs: 0.0 });
    for id in generator {
        let name = weights.entry(id).name.clone();
        for (old, new) in before_update.slice(id).iter().zip(weights.slice(id)) {
            println!("{name:<34} {old:>12.9} -> {new:.9}");
        }
    }
    tape.forward(&weights, .., 0);
    show("the logit afterwards", at(&tape, s));
    show("G's loss afterwards", at(&tape, loss));
    Ok(())
}
