//! The sections of the page, a file each.

pub(crate) mod compare;
pub(crate) mod curves;
pub(crate) mod head;
pub(crate) mod measures;
pub(crate) mod questions;
pub(crate) mod samples;
