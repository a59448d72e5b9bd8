//! A small net learns which points of a square lie inside a circle.

use layers::{Array2, Axis, Error, Hidden, HiddenConfig, Init, Input, Linear, Parameters, Tape};

fn main() -> Result<(), Error> {
    // The data: a grid of 400 points in the square, and whether each lies inside (1) or outside (0).
    let points = Array2::from_shape_fn((400, 2), |(i, axis)| [i / 20, i % 20][axis] as f32 / 9.5 - 1.0);
    let inside = points.map_axis(Axis(1), |p| f32::from(p.dot(&p) < 0.5));

    // The net: 2 inputs, 16 ReLU units, 2 logits. It is recorded once, with its loss.
    let mut weights = Parameters::new();
    let relu = HiddenConfig::Relu { units: 16 };
    let hidden = Hidden::new(&mut weights, "hidden", Input::Vector(2), relu, Init::HeUniform, 1);
    let output = Linear::new(&mut weights, "output", Input::Vector(16), 2, Init::HeUniform, 1);
    let mut tape = Tape::new();
    let (x, y) = (tape.input("x", (400, 2)), tape.input("y", (400, 1)));
    let h = hidden.record(&mut tape, &weights, x)?; // (400, 16)
    let logits = output.record(&mut tape, &weights, h)?; // (400, 2)
    let losses = tape.cross_entropy(logits, y)?; // (400, 1)
    let loss = tape.mean(losses)?; // (1, 1)
    let leaves: Vec<_> = weights.ids().map(|id| tape.parameter(&weights, id)).collect();
    let sweep = tape.sweep(loss, &leaves)?;

    // The training: forward, backward, a step against the gradient.
    tape.value_mut(x).assign(&points);
    tape.value_mut(y).column_mut(0).assign(&inside);
    let mut gradient = weights.zeros_like();
    for step in 0..1000 {
        tape.forward(&weights, .., step);
        tape.backward(&sweep, &weights, &mut gradient);
        weights.values_mut().iter_mut().zip(gradient.values()).for_each(|(w, g)| *w -= 0.5 * g);
    }

    // What it learned.
    let predicted = tape.value(logits).map_axis(Axis(1), |s| f32::from(s[1] > s[0]));
    let correct = predicted.iter().zip(&inside).filter(|(a, b)| a == b).count();
    println!("loss {:.4}, {correct} of 400 points correct", tape.value(loss)[[0, 0]]);
    assert!(correct >= 390, "the net should have learned the circle");
    Ok(())
}
