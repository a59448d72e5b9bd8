//! Any ONNX image net, run by `tract`.

use std::path::Path;
use std::sync::Arc;

use image::RgbImage;
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::{Factoid, GenericFactoid};

use super::picture::{Fit, Normalize, square};
use crate::error::Error;

/// How pictures become the input of a net, and which output is used.
#[derive(Clone, Debug)]
pub struct Input {
    /// Pixels of a side; `None` for what the net states, or [`SIZE`].
    pub size: Option<u32>,
    /// How a picture becomes a square.
    pub fit: Fit,
    /// How bytes become numbers.
    pub normalize: Normalize,
    /// Whether the input is channel after channel (NCHW); otherwise pixel after pixel (NHWC).
    pub planes: bool,
    /// The node whose output is used; `None` for the net's first output.
    pub output: Option<String>,
}

/// Pixels of a side where neither the user nor the net states them.
pub const SIZE: u32 = 224;

/// A net, ready to run.
pub struct Net {
    plan: Arc<TypedRunnableModel>,
    input: Input,
    /// Pixels of a side.
    size: u32,
    /// Pictures at a time. Of more than one, all are the same.
    batch: usize,
    kind: DatumType,
}

impl Net {
    /// Reads a net and prepares it for one picture at a time, or for as many as it states. The size and the number type that
    /// the net states are used.
    ///
    /// # Errors
    /// If it is not an ONNX net, has no such output, or does not take such pictures.
    pub fn load(path: &Path, input: Input) -> Result<Self, Error> {
        let fault = |what: &str| {
            let (path, what) = (path.to_owned(), what.to_owned());
            // With every cause: the outermost alone says nothing.
            move |error: TractError| Error::file(&path, format!("{what}: {error:#}"))
        };
        if let Some(what) = files::content::described_file(path) {
            return Err(Error::file(path, format!("not an ONNX net: it is {what}")));
        }
        std::fs::metadata(path).map_err(Error::unreadable(path))?;
        let mut model = onnx().model_for_path(path).map_err(fault("not an ONNX net that can be run"))?;
        if let Some(name) = &input.output {
            let there: Vec<String> =
                model.nodes().iter().map(|node| node.name.clone()).rev().take(8).collect();
            let why = format!("no output `{name}`; the last nodes are {}", there.join(", "));
            model.select_outputs_by_name([name.as_str()]).map_err(fault(&why))?;
        }
        let stated = model.input_fact(0).map_err(fault("no input"))?.clone();
        let known = |dim: &GenericFactoid<TDim>| usize::try_from(dim.concretize()?.to_i64().ok()?).ok();
        let dims: Vec<Option<usize>> = stated.shape.dims().map(known).collect();
        let (batch, size) = shape(&dims, &input).map_err(|why| Error::file(path, why))?;
        let kind = stated.datum_type.concretize().unwrap_or(DatumType::F32);
        let numbers = [DatumType::F16, DatumType::F32, DatumType::F64, DatumType::U8];
        if !numbers.contains(&kind) {
            return Err(Error::file(
                path,
                format!("its input has numbers of type {kind:?}; f16, f32, f64 and u8 are given"),
            ));
        }
        let side = size as usize;
        let shape = if input.planes { [batch, 3, side, side] } else { [batch, side, side, 3] };
        let plan = model
            .with_input_fact(0, InferenceFact::dt_shape(kind, shape))
            .and_then(|model| model.into_optimized())
            .and_then(|model| model.into_runnable())
            .map_err(fault(&format!("does not take pictures of shape {shape:?}")))?;
        Ok(Self { plan, input, size, batch, kind })
    }

    /// How pictures are given to it.
    pub fn input(&self) -> &Input {
        &self.input
    }

    /// Pixels of a side.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// The features of a picture: the output, whatever its shape, as one row.
    ///
    /// # Errors
    /// If the net does not run, or a feature is not finite.
    pub fn features(&self, image: &RgbImage) -> Result<Vec<f32>, String> {
        let (side, batch) = (self.size as usize, self.batch);
        let numbers =
            self.input.normalize.numbers(&square(image, self.size, self.input.fit), self.input.planes);
        let shape = if self.input.planes { [batch, 3, side, side] } else { [batch, side, side, 3] };
        let run = || -> TractResult<Vec<f32>> {
            let input = Tensor::from_shape(&shape, &numbers.repeat(batch))?;
            let outputs = self.plan.run(tvec!(input.cast_to_dt(self.kind)?.into_owned().into()))?;
            let output = outputs[0].cast_to::<f32>()?;
            let values: Vec<f32> = output.to_plain_array_view::<f32>()?.iter().copied().collect();
            Ok(values[..values.len() / batch].to_vec())
        };
        let features = run().map_err(|error| format!("the net fails: {error:#}"))?;
        if features.iter().any(|value| !value.is_finite()) {
            return Err("a feature is not finite".to_owned());
        }
        Ok(features)
    }
}

/// Pictures at a time and pixels of a side, of what a net states (`None` where it leaves that open) and of what is asked for.
fn shape(stated: &[Option<usize>], input: &Input) -> Result<(usize, u32), String> {
    let chosen = input.size.unwrap_or(SIZE);
    let &[batch, a, b, c] = stated else {
        return match stated.is_empty() {
            true => Ok((1, chosen)),
            false => {
                Err(format!("its input has {} dimensions: no net of pictures, which have 4", stated.len()))
            }
        };
    };
    let (channels, sides) = if input.planes { (a, [b, c]) } else { (c, [a, b]) };
    match channels {
        None | Some(3) => {}
        Some(1) => return Err("it takes pictures of one channel, grey; colours are given".to_owned()),
        Some(_) if input.planes && c == Some(3) => {
            return Err(format!(
                "it takes pixel after pixel, {stated}: give --nhwc",
                stated = written(stated)
            ));
        }
        Some(_) if !input.planes && a == Some(3) => {
            return Err(format!("it takes channel after channel, {}: leave out --nhwc", written(stated)));
        }
        Some(channels) => return Err(format!("it takes pictures of {channels} channels; 3 are given")),
    }
    if let [Some(height), Some(width)] = sides
        && height != width
    {
        return Err(format!("it takes pictures of {height}x{width} pixels; squares are given"));
    }
    let size = match sides[0].or(sides[1]).and_then(|side| u32::try_from(side).ok()) {
        Some(side) if input.size.is_some_and(|size| size != side) => {
            return Err(format!(
                "it takes pictures of {side}x{side} pixels: --size {side}, or leave out --size"
            ));
        }
        side => side.unwrap_or(chosen),
    };
    match batch {
        Some(batch @ 2..) if batch > 4096 => Err(format!("it takes {batch} pictures at a time")),
        batch => Ok((batch.unwrap_or(1).max(1), size)),
    }
}

/// A shape with a question mark where it is open.
fn written(shape: &[Option<usize>]) -> String {
    let dims: Vec<String> =
        shape.iter().map(|dim| dim.map_or("?".to_owned(), |dim| dim.to_string())).collect();
    dims.join(" x ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_net_states_is_used() {
        let input =
            |size, planes| Input { size, fit: Fit::Pad, normalize: Normalize::Unit, planes, output: None };
        let some = |dims: [usize; 4]| dims.map(|dim| (dim > 0).then_some(dim));
        for (dims, size, planes, want) in [
            ([1, 3, 8, 8], None, true, Ok((1, 8))),
            ([0, 3, 0, 0], None, true, Ok((1, SIZE))),
            ([0, 3, 0, 0], Some(99), true, Ok((1, 99))),
            ([32, 3, 8, 8], Some(8), true, Ok((32, 8))),
            ([1, 8, 8, 3], None, false, Ok((1, 8))),
            ([1, 3, 299, 299], Some(8), true, Err("299x299 pixels: --size 299")),
            ([1, 1, 8, 8], None, true, Err("one channel, grey")),
            ([1, 8, 8, 3], None, true, Err("1 x 8 x 8 x 3: give --nhwc")),
            ([1, 3, 8, 8], None, false, Err("leave out --nhwc")),
            ([1, 3, 8, 9], None, true, Err("8x9 pixels; squares")),
            ([1, 4, 8, 8], None, true, Err("4 channels")),
        ] {
            let got = shape(&some(dims), &input(size, planes));
            match want {
                Ok(want) => assert_eq!(got, Ok(want), "{dims:?}"),
                Err(why) => assert!(got.clone().unwrap_err().contains(why), "{got:?}"),
            }
        }
        assert_eq!(shape(&[], &input(None, true)), Ok((1, SIZE)));
        assert!(shape(&[None, None], &input(None, true)).unwrap_err().contains("2 dimensions"));
    }
}
