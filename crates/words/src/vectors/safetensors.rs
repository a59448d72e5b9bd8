//! `.safetensors`: a tensor `vectors` (words, width), and the words as lines in the tensor of bytes `words`.

use std::io::Write;

use files::{Tensor, TensorError, Tensors, tensors};
use ndarray::Array2;

use super::reading::Parts;

pub(super) fn write(words: &[String], matrix: &Array2<f32>, mut to: impl Write) -> std::io::Result<()> {
    let (rows, words) = (matrix.as_standard_layout(), words.join("\n"));
    let rows = rows.as_slice().expect("standard layout");
    let tensors = vec![("vectors", Tensor::f32(matrix.shape(), rows)), ("words", Tensor::text(&words))];
    to.write_all(&tensors::to_bytes(tensors)?)
}

pub(super) fn parse(bytes: &[u8]) -> Result<Parts, String> {
    let text = |error: TensorError| error.to_string();
    let file = Tensors::parse(bytes).map_err(text)?;
    let shape = file.dims("vectors").map_err(text)?;
    let &[rows, width] = &shape[..] else { return Err("`vectors` is not a matrix".to_owned()) };
    let values = file.f32("vectors", &shape).map_err(text)?.collect();
    let matrix = Array2::from_shape_vec((rows, width), values).map_err(|error| error.to_string())?;
    let words = file.text("words").map_err(text)?;
    file.verify().map_err(text)?;
    Ok((words.lines().map(str::to_owned).collect(), matrix))
}
