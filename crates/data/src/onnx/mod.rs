//! Features of pictures by any ONNX net.

pub mod net;
pub mod picture;
