//! Parameters as named tensors, as PyTorch has them in a state dict: `generator.z.weight` (out, in).

use autograd::Parameters;
use files::{Tensor, TensorError, Tensors};

/// All parameters under their names.
pub fn tensors(parameters: &Parameters<f32>) -> Vec<(String, Tensor<'_>)> {
    let tensor = |id| {
        let entry = parameters.entry(id);
        (entry.name.clone(), Tensor::f32(&entry.dims, parameters.rows(id)))
    };
    parameters.ids().map(tensor).collect()
}

/// Fills parameters from the tensors of their names.
///
/// # Errors
/// If a tensor is missing, or has another shape or type or a number that is not finite.
pub fn fill(parameters: &mut Parameters<f32>, file: &Tensors) -> Result<(), TensorError> {
    for id in parameters.ids() {
        let entry = parameters.entry(id);
        let finite = file.f32(&entry.name, &entry.dims)?.enumerate().find(|(_, value)| !value.is_finite());
        if let Some((at, value)) = finite {
            return Err(TensorError::NotFinite { name: entry.name.clone(), at, value });
        }
        let values = file.f32(&entry.name, &entry.dims)?;
        parameters.set_rows(id, values);
    }
    Ok(())
}
