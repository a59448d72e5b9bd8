//! Any ONNX image net, run by `tract`.

use std::path::Path;
use std::sync::Arc;

use image::RgbImage;
use tract_onnx::prelude::*;

use super::picture::{Fit, Normalize, square};
use crate::error::Error;

/// How pictures become the input of a net, and which output is used.
#[derive(Clone, Debug)]
pub struct Input {
    /// Pixels of a side.
    pub size: u32,
    /// How a picture becomes a square.
    pub fit: Fit,
    /// How bytes become numbers.
    pub normalize: Normalize,
    /// Whether the input is channel after channel (NCHW); otherwise pixel after pixel (NHWC).
    pub planes: bool,
    /// The node whose output is used; `None` for the net's first output.
    pub output: Option<String>,
}

/// A net, ready to run.
pub struct Net {
    plan: Arc<TypedRunnableModel>,
    input: Input,
}

impl Net {
    /// Reads a net and prepares it for one picture at a time.
    ///
    /// # Errors
    /// If it is not an ONNX net, has no such output, or does not take such pictures.
    pub fn load(path: &Path, input: Input) -> Result<Self, Error> {
        let fault = |what: &str| {
            let (path, what) = (path.to_owned(), what.to_owned());
            move |error: TractError| Error::file(&path, format!("{what}: {error}"))
        };
        std::fs::metadata(path).map_err(Error::io(path))?;
        let mut model = onnx().model_for_path(path).map_err(fault("not an ONNX net that can be run"))?;
        if let Some(name) = &input.output {
            model.select_outputs_by_name([name.as_str()]).map_err(fault(&format!("no output `{name}`")))?;
        }
        let side = input.size as usize;
        let shape = if input.planes { [1, 3, side, side] } else { [1, side, side, 3] };
        let plan = model
            .with_input_fact(0, f32::fact(shape).into())
            .and_then(|model| model.into_optimized())
            .and_then(|model| model.into_runnable())
            .map_err(fault(&format!("does not take pictures of shape {shape:?}")))?;
        Ok(Self { plan, input })
    }

    /// The features of a picture: the output, whatever its shape, as one row.
    ///
    /// # Errors
    /// If the net does not run, or a feature is not finite.
    pub fn features(&self, image: &RgbImage) -> Result<Vec<f32>, String> {
        let side = self.input.size as usize;
        let numbers =
            self.input.normalize.numbers(&square(image, self.input.size, self.input.fit), self.input.planes);
        let shape = if self.input.planes { [1, 3, side, side] } else { [1, side, side, 3] };
        let run = || -> TractResult<Vec<f32>> {
            let outputs = self.plan.run(tvec!(Tensor::from_shape(&shape, &numbers)?.into()))?;
            let output = outputs[0].cast_to::<f32>()?;
            Ok(output.to_plain_array_view::<f32>()?.iter().copied().collect())
        };
        let features = run().map_err(|error| format!("the net fails: {error}"))?;
        if features.iter().any(|value| !value.is_finite()) {
            return Err("a feature is not finite".to_owned());
        }
        Ok(features)
    }
}
