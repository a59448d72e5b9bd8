//! Operands for benchmarks: numbers by chance, in memory that is aligned as that of a step is. A vector that crosses from
//! one cache line to the next is loaded in two parts, so a kernel is slower on an array of `Vec`.

use ndarray::ArrayView2;

use crate::buffer::Buffer;

/// A matrix, row by row.
#[derive(Clone)]
pub struct Operand {
    values: Buffer<f32>,
    columns: usize,
}

impl Operand {
    /// About the share `non_zero` of the entries is not zero. These lie between -1 and 1.
    pub fn random(rows: usize, columns: usize, non_zero: f64) -> Self {
        let mut state = (rows * columns) as u64 + 1;
        let mut values = Buffer::zeros(rows * columns);
        for value in values.iter_mut() {
            // The generator of Knuth's MMIX.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let unit = (state >> 40) as f64 / (1u64 << 24) as f64;
            if unit < non_zero {
                *value = (2.0 * unit / non_zero - 1.0) as f32;
            }
        }
        Self { values, columns }
    }

    /// The entries of a matrix.
    pub fn of(matrix: ArrayView2<f32>) -> Self {
        let mut values = Buffer::zeros(matrix.len());
        values.iter_mut().zip(matrix).for_each(|(to, from)| *to = *from);
        Self { values, columns: matrix.ncols() }
    }

    /// The matrix.
    pub fn view(&self) -> ArrayView2<'_, f32> {
        let rows = self.values.len().checked_div(self.columns).unwrap_or(0);
        ArrayView2::from_shape((rows, self.columns), &self.values).expect("whole rows")
    }

    /// The entries, row by row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operand_is_aligned_and_has_the_share_that_was_asked_for() {
        for share in [0.0, 0.25, 1.0] {
            let operand = Operand::random(100, 78, share);
            assert_eq!(operand.view().dim(), (100, 78));
            assert_eq!(operand.values().as_ptr() as usize % 64, 0, "a cache line");
            let found = operand.values().iter().filter(|value| **value != 0.0).count() as f64 / 7800.0;
            assert!((found - share).abs() < 0.02, "{found}");
            assert!(operand.values().iter().all(|value| value.abs() <= 1.0));
            assert_eq!(Operand::of(operand.view()).values(), operand.values());
        }
        assert_eq!(Operand::random(3, 0, 1.0).view().dim(), (0, 0));
    }
}
