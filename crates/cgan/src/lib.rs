//! cgan
