//! Parameters in one flat buffer, with one table of names and shapes.
//!
//! The optimiser is then one pass over a slice, a checkpoint one write, and an export a walk of the table.
//! Gradients, velocities and averages are [`Parameters`] over the same table.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use kernels::{Buffer, Real};
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Ix2, ShapeBuilder, StrideShape};

use crate::shape::Shape;

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
    /// Whether they lie column by column.
    pub by_columns: bool,
}

impl Entry {
    /// As a matrix, (rows, columns); a vector is one row.
    pub fn shape(&self) -> Shape {
        match self.dims[..] {
            [rows, columns] => (rows, columns),
            _ => (1, self.range.len()),
        }
    }

    fn strided(&self) -> StrideShape<Ix2> {
        self.shape().set_f(self.by_columns).into()
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
    values: Buffer<T>,
}

impl<T: Real> Parameters<T> {
    /// An empty table.
    pub fn new() -> Self {
        Self { table: Arc::default(), values: Buffer::default() }
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
        self.append(name.into(), dims, false, fill)
    }

    /// Like [`Parameters::push`], but the values, which `fill` still sees row by row, are kept column by column:
    /// for a weight whose input is mostly zeros. All entries that a non-zero input is multiplied by are then contiguous.
    ///
    /// # Panics
    /// As there; also unless there are two dimensions.
    pub fn push_by_columns(
        &mut self,
        name: impl Into<String>,
        dims: &[usize; 2],
        fill: impl FnOnce(&mut [T]),
    ) -> ParameterId {
        let mut rows = Array2::zeros(*dims);
        fill(rows.as_slice_mut().expect("a new matrix lies row by row"));
        let id = self.append(name.into(), dims, true, |_| ());
        self.view_mut(id).assign(&rows);
        id
    }

    fn append(
        &mut self,
        name: String,
        dims: &[usize],
        by_columns: bool,
        fill: impl FnOnce(&mut [T]),
    ) -> ParameterId {
        assert!(matches!(dims.len(), 1 | 2), "{name}: a parameter has one or two dimensions");
        assert!(self.table.iter().all(|entry| entry.name != name), "{name} is recorded twice");
        let start = self.values.len();
        let range = start..start + dims.iter().product::<usize>();
        self.values.grow(range.end);
        fill(&mut self.values[range.clone()]);
        let table = Arc::make_mut(&mut self.table);
        table.push(Entry { name, dims: dims.to_vec(), range, by_columns });
        ParameterId(table.len() - 1)
    }

    /// Zeros over the same table: a gradient, a velocity, a moment.
    pub fn zeros_like(&self) -> Self {
        Self { table: self.table.clone(), values: Buffer::zeros(self.values.len()) }
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

    /// The values of one parameter, as they lie.
    pub fn slice(&self, id: ParameterId) -> &[T] {
        &self.values[self.table[id.0].range.clone()]
    }

    /// The values of one parameter, to be changed.
    pub fn slice_mut(&mut self, id: ParameterId) -> &mut [T] {
        &mut self.values[self.table[id.0].range.clone()]
    }

    /// The values of one parameter row by row, however they lie: as every file holds them.
    pub fn rows(&self, id: ParameterId) -> Cow<'_, [T]> {
        if self.table[id.0].by_columns {
            self.view(id).iter().copied().collect()
        } else {
            self.slice(id).into()
        }
    }

    /// Sets a parameter from its values row by row; what is missing at their end stays as it was.
    pub fn set_rows(&mut self, id: ParameterId, values: impl IntoIterator<Item = T>) {
        self.view_mut(id).iter_mut().zip(values).for_each(|(slot, value)| *slot = value);
    }

    /// Every parameter, in the order of the table.
    pub fn ids(&self) -> impl Iterator<Item = ParameterId> + use<T> {
        (0..self.table.len()).map(ParameterId)
    }

    /// One parameter as a matrix; a vector is one row.
    pub fn view(&self, id: ParameterId) -> ArrayView2<'_, T> {
        ArrayView2::from_shape(self.table[id.0].strided(), self.slice(id)).expect("the table fits the buffer")
    }

    /// One parameter as a matrix, to be changed.
    pub fn view_mut(&mut self, id: ParameterId) -> ArrayViewMut2<'_, T> {
        let shape = self.table[id.0].strided();
        ArrayViewMut2::from_shape(shape, self.slice_mut(id)).expect("the table fits the buffer")
    }

    /// The name of the first parameter in `range` of the buffer that holds a NaN or an infinity.
    pub fn first_not_finite(&self, range: Range<usize>) -> Option<&str> {
        let bad = range.start + self.values[range].iter().position(|value| !value.is_finite())?;
        self.table.iter().find(|entry| entry.range.contains(&bad)).map(|entry| entry.name.as_str())
    }
}
