//! Parameters in one flat buffer, with one table of names and shapes.
//!
//! The optimiser is then one pass over a slice, a checkpoint one write, and an export a walk of the table.
//! Gradients, velocities and averages are [`Parameters`] over the same table.

use std::ops::Range;
use std::sync::Arc;

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::{Real, Shape};

/// Which parameter of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ParameterId(usize);

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Dotted path, such as `generator.z.weight`.
    pub name: String,
    /// Dimensions: `[out, in]` of a weight, `[out]` of a bias.
    pub dims: Vec<usize>,
    /// Where its values lie in the flat buffer.
    pub range: Range<usize>,
}

impl Entry {
    /// As a matrix, (rows, columns); a vector is one row.
    pub fn shape(&self) -> Shape {
        match self.dims[..] {
            [rows, columns] => (rows, columns),
            _ => (1, self.range.len()),
        }
    }
}

/// The parameters of one player: neighbours in the table and in the buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    entries: Range<usize>,
    /// Where the group's values lie in the flat buffer.
    pub range: Range<usize>,
}

impl Group {
    /// The parameters of the group.
    pub fn ids(&self) -> impl Iterator<Item = ParameterId> + use<> {
        self.entries.clone().map(ParameterId)
    }
}

/// Values for a table of parameters.
#[derive(Clone, Debug, Default)]
pub struct Parameters<T> {
    table: Arc<Vec<Entry>>,
    values: Vec<T>,
}

impl<T: Real> Parameters<T> {
    /// An empty table.
    pub fn new() -> Self {
        Self { table: Arc::default(), values: Vec::new() }
    }

    /// Appends a parameter of one or two dimensions, whose zeros `fill` may overwrite.
    ///
    /// # Panics
    /// If `dims` has other than one or two entries, or the name is taken: both are slips of the programmer.
    pub fn push(
        &mut self,
        name: impl Into<String>,
        dims: &[usize],
        fill: impl FnOnce(&mut [T]),
    ) -> ParameterId {
        let name = name.into();
        assert!(matches!(dims.len(), 1 | 2), "{name}: a parameter has one or two dimensions");
        assert!(self.table.iter().all(|entry| entry.name != name), "{name} is recorded twice");
        let start = self.values.len();
        let range = start..start + dims.iter().product::<usize>();
        self.values.resize(range.end, T::zero());
        fill(&mut self.values[range.clone()]);
        let table = Arc::make_mut(&mut self.table);
        table.push(Entry { name, dims: dims.to_vec(), range });
        ParameterId(table.len() - 1)
    }

    /// Zeros over the same table: a gradient, a velocity, a moment.
    pub fn zeros_like(&self) -> Self {
        Self { table: self.table.clone(), values: vec![T::zero(); self.values.len()] }
    }

    /// The table, in the order of the buffer.
    pub fn table(&self) -> &[Entry] {
        &self.table
    }

    /// The line of one parameter.
    pub fn entry(&self, id: ParameterId) -> &Entry {
        &self.table[id.0]
    }

    /// The parameters whose names start with `prefix`; they must be neighbours.
    pub fn group(&self, prefix: &str) -> Group {
        let first =
            self.table.iter().position(|entry| entry.name.starts_with(prefix)).unwrap_or(self.table.len());
        let count = self.table[first..].iter().take_while(|entry| entry.name.starts_with(prefix)).count();
        let entries = first..first + count;
        let start = self.table.get(first).map_or(self.values.len(), |entry| entry.range.start);
        let end = self.table[entries.clone()].last().map_or(start, |entry| entry.range.end);
        Group { entries, range: start..end }
    }

    /// All values.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// All values, to be changed.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// The values of one parameter, row by row.
    pub fn slice(&self, id: ParameterId) -> &[T] {
        &self.values[self.table[id.0].range.clone()]
    }

    /// The values of one parameter, to be changed.
    pub fn slice_mut(&mut self, id: ParameterId) -> &mut [T] {
        &mut self.values[self.table[id.0].range.clone()]
    }

    /// One parameter as a matrix; a vector is one row.
    pub fn view(&self, id: ParameterId) -> ArrayView2<'_, T> {
        ArrayView2::from_shape(self.table[id.0].shape(), self.slice(id)).expect("the table fits the buffer")
    }

    /// One parameter as a matrix, to be changed.
    pub fn view_mut(&mut self, id: ParameterId) -> ArrayViewMut2<'_, T> {
        let shape = self.table[id.0].shape();
        ArrayViewMut2::from_shape(shape, self.slice_mut(id)).expect("the table fits the buffer")
    }

    /// The name of the first parameter in `range` of the buffer that holds a NaN or an infinity.
    pub fn first_not_finite(&self, range: Range<usize>) -> Option<&str> {
        let bad = range.start + self.values[range].iter().position(|value| !value.is_finite())?;
        self.table.iter().find(|entry| entry.range.contains(&bad)).map(|entry| entry.name.as_str())
    }
}
