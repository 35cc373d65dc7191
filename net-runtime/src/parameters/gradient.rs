//! The gradient of a parameter.

use ndarray::ArrayViewD;

use crate::kernels::elementwise::arithmetic::scale_and_add;
use crate::kernels::embedding;
use crate::kernels::gemm::factors::{Factors, Source};
use crate::kernels::gemm::sizes::Sizes;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::exact::product;
use crate::tensor::param::Write;
use crate::tensor::rows::RowSet;

/// The gradient of a loss by one [`Param`](crate::Param).
///
/// `NetGradients` of a network `Net` has one in the place of each weight, `gradients.y_dense.kernel.values()`, which a backward
/// pass writes and a step of an optimizer reads. A layer of your own adds to [`to_add`](Self::to_add).
#[derive(Clone)]
pub struct Gradient {
    values: AlignedBuffer,
    dims: Box<[usize]>,
    /// Whether the next contribution replaces the values: so a backward pass that overwrites needs no pass of zeroing.
    stale: bool,
    /// What the values are the product of, instead of the values.
    product: Held,
    /// Outside of which rows all values are known to be zero, if anything is known. So a table of which a batch uses few rows
    /// is neither filled with zeros for each batch, nor read.
    rows: Option<RowSet>,
    /// Its memory while nothing is known.
    idle: RowSet,
    is_statistic: bool,
}

/// A product xᵀ · dy that nobody has computed yet.
#[derive(Clone, Default)]
struct Held {
    /// Whether the owner asks for factors where they are much smaller than their product.
    wanted: bool,
    /// The sizes of the factors, if there are any now.
    sizes: Option<Sizes>,
    /// As [`Factors`] hold it.
    x: AlignedBuffer,
    dy: AlignedBuffer,
}

impl Held {
    fn factors(&self) -> Option<Factors<'_>> {
        self.sizes.map(|sizes| {
            let (x, dy) = (&self.x[..sizes.rows * sizes.inputs], &self.dy[..Factors::packed_len(sizes)]);
            Factors { sizes, x, dy }
        })
    }
}

impl Gradient {
    /// A gradient of the given dimensions, all zero.
    ///
    /// # Panics
    ///
    /// If there is not as much memory; the message has the number of bytes.
    pub fn zeros(dims: &[usize]) -> Self {
        Self {
            values: AlignedBuffer::zeros(product(dims)),
            dims: dims.into(),
            stale: false,
            product: Held::default(),
            rows: None,
            idle: RowSet::default(),
            is_statistic: false,
        }
    }

    /// The same for a [statistic](crate::Param::into_statistic): the step that it takes, which has no part in norms.
    pub fn into_statistic(mut self) -> Self {
        self.is_statistic = true;
        self
    }

    /// The gradient of a parameter that is [frozen by the program](crate::Param::into_frozen): there is none, and it takes no memory.
    pub fn none() -> Self {
        Self::zeros(&[0])
    }

    /// Whether it is [none](Self::none).
    pub(crate) fn is_none(&self) -> bool {
        *self.dims == [0]
    }

    /// Whether it is the step of a statistic.
    pub fn is_statistic(&self) -> bool {
        self.is_statistic
    }

    /// Length of every axis.
    pub fn dims(&self) -> &[usize] {
        &self.dims
    }

    /// Number of values.
    pub(crate) fn len(&self) -> usize {
        self.values.len()
    }

    /// The values in row-major order.
    pub fn values(&self) -> &[f32] {
        debug_assert!(self.product.sizes.is_none(), "whoever asks for factors does not read values");
        &self.values
    }

    /// The values for writing.
    pub fn values_mut(&mut self) -> &mut [f32] {
        self.compute_product();
        self.forget_rows();
        &mut self.values
    }

    /// The values as an `ndarray` view.
    pub fn view(&self) -> ArrayViewD<'_, f32> {
        ArrayViewD::from_shape(&*self.dims, self.values())
            .expect("a gradient holds as many values as its dimensions say")
    }

    /// Declares the values out of date: the next contribution replaces them.
    pub fn begin(&mut self) {
        self.stale = true;
        self.product.sizes = None;
    }

    /// The place for a contribution, and whether to set or to add it.
    pub fn contribute(&mut self) -> (&mut [f32], Write) {
        self.compute_product();
        self.forget_rows();
        let write = if std::mem::take(&mut self.stale) { Write::Set } else { Write::Add };
        (&mut self.values, write)
    }

    /// The values for a contribution that is added: zeros before the first one of a backward pass.
    pub fn to_add(&mut self) -> &mut [f32] {
        let (values, write) = self.contribute();
        if write == Write::Set {
            values.fill(0.0);
        }
        values
    }

    /// Contributes to a table, whose first axis are its rows: each row of `dy` to the row of the table that its index says, in
    /// the order of the indices.
    ///
    /// # Panics
    ///
    /// If the table does not have a row.
    pub(crate) fn contribute_rows(&mut self, indices: &[u32], dy: &[f32]) {
        self.compute_product();
        let rows = self.dims[0];
        let width = self.values.len() / rows.max(1);
        if std::mem::take(&mut self.stale) {
            self.clear();
            let idle = &mut self.idle;
            self.rows.get_or_insert_with(|| std::mem::take(idle)).reset(rows);
        }
        if let Some(touched) = &mut self.rows {
            indices.iter().for_each(|&index| touched.insert(index));
        }
        embedding::add_rows(&mut self.values, width, indices, dy);
    }

    /// Multiplies the values by a factor.
    pub(crate) fn scale(&mut self, factor: f32) {
        match &self.rows {
            None => self.values_mut().iter_mut().for_each(|value| *value *= factor),
            Some(touched) => {
                let width = self.values.len() / self.dims[0].max(1);
                for row in touched.iter() {
                    self.values[row * width..][..width].iter_mut().for_each(|value| *value *= factor);
                }
            }
        }
    }

    /// Adds values: all, or the rows of a set one after the other.
    pub(crate) fn add(&mut self, rows: Option<&RowSet>, values: &[f32]) {
        let Some(rows) = rows else { return scale_and_add(self.values_mut(), 1.0, values) };
        self.compute_product();
        let width = self.values.len() / self.dims[0].max(1);
        for (row, values) in rows.iter().zip(values.chunks_exact(width)) {
            scale_and_add(&mut self.values[row * width..][..width], 1.0, values);
        }
        if let Some(touched) = &mut self.rows {
            touched.insert_all(rows);
        }
    }

    /// Ends a backward pass: a gradient that nothing contributed to is zero.
    pub fn finish(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.clear();
            if let Some(touched) = &mut self.rows {
                touched.reset(self.dims[0]);
            }
        }
    }

    /// Any value may be another one than zero now.
    fn forget_rows(&mut self) {
        if let Some(rows) = self.rows.take() {
            self.idle = rows;
        }
    }

    /// Makes all values zero.
    fn clear(&mut self) {
        match &self.rows {
            None => self.values.fill(0.0),
            Some(touched) => {
                let width = self.values.len() / self.dims[0].max(1);
                touched.iter().for_each(|row| self.values[row * width..][..width].fill(0.0));
            }
        }
    }

    /// Whether dense layers may leave a product of small factors here, which [`source`](Self::source) tells of, instead of
    /// values. For who does not read the values.
    pub(crate) fn want_factors(&mut self, wanted: bool) {
        self.product.wanted = wanted;
    }

    /// Whether it takes a product of these sizes as its factors: if that is wanted, pays, and is all that there is so far.
    pub(crate) fn takes_factors(&self, sizes: Sizes) -> bool {
        self.product.wanted && self.stale && sizes.factors_pay()
    }

    /// Takes the product xᵀ · dy as its factors, if that is wanted, pays, and is all that there is so far.
    pub(crate) fn take_factors(&mut self, sizes: Sizes, x: &[f32], dy: &[f32]) -> bool {
        if !self.takes_factors(sizes) {
            return false;
        }
        self.stale = false;
        self.rows = None;
        let Held { sizes: held, x: own_x, dy: own_dy, .. } = &mut self.product;
        *held = Some(sizes);
        Factors::take(sizes, [x, dy], own_x.take(x.len()), own_dy.take(Factors::packed_len(sizes)));
        true
    }

    /// What the gradient is now.
    pub(crate) fn source(&self) -> Source<'_> {
        match (self.product.factors(), &self.rows) {
            (Some(factors), _) => Source::Product(factors),
            (None, Some(touched)) => {
                Source::Rows { values: &self.values, width: self.values.len() / self.dims[0].max(1), touched }
            }
            (None, None) => Source::Values(&self.values),
        }
    }

    fn compute_product(&mut self) {
        if let Some(factors) = self.product.factors() {
            factors.for_each_piece([&mut self.values], &|product, [values]| values.copy_from_slice(product));
            self.product.sizes = None;
        }
    }
}

impl std::fmt::Debug for Gradient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Gradient{:?}", self.dims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_contribution_replaces_and_the_next_adds() {
        let mut gradient = Gradient::zeros(&[2]);
        gradient.values_mut().fill(f32::NAN);
        gradient.begin();
        assert_eq!(gradient.contribute().1, Write::Set);
        assert_eq!(gradient.contribute().1, Write::Add);
        gradient.begin();
        gradient.finish();
        assert_eq!(gradient.values(), [0.0, 0.0]);
    }

    #[test]
    fn rows_of_a_table_are_replaced_added_and_forgotten() {
        let mut gradient = Gradient::zeros(&[70, 2]);
        gradient.values_mut().fill(f32::NAN);
        let check = |gradient: &Gradient, expected: &[(usize, [f32; 2])]| {
            let mut values = vec![0.0; 140];
            expected.iter().for_each(|(row, pair)| values[2 * row..][..2].copy_from_slice(pair));
            assert_eq!(gradient.values(), values);
        };
        let touched = |gradient: &Gradient| match gradient.source() {
            Source::Rows { touched, .. } => touched.iter().collect(),
            _ => vec![usize::MAX],
        };
        gradient.begin();
        gradient.contribute_rows(&[69, 3, 69], &[1.0, 2.0, 3.0, 4.0, 10.0, 20.0]);
        gradient.contribute_rows(&[3], &[5.0, 6.0]);
        gradient.finish();
        check(&gradient, &[(69, [11.0, 22.0]), (3, [8.0, 10.0])]);
        assert_eq!(touched(&gradient), [3, 69]);

        // Another batch: what is not touched now is zero again.
        gradient.begin();
        gradient.contribute_rows(&[7], &[1.0, 1.0]);
        check(&gradient, &[(7, [1.0, 1.0])]);
        assert_eq!(touched(&gradient), [7]);
        gradient.begin();
        gradient.finish();
        check(&gradient, &[]);
        assert!(touched(&gradient).is_empty());

        // Shares of a batch: rows of another one are scaled and added, and known then, too.
        let mut more = RowSet::default();
        more.reset(70);
        [7, 69].iter().for_each(|&row| more.insert(row));
        gradient.begin();
        gradient.contribute_rows(&[7, 1], &[1.0, 2.0, 3.0, 4.0]);
        gradient.scale(0.5);
        gradient.add(Some(&more), &[10.0, 20.0, 30.0, 40.0]);
        check(&gradient, &[(1, [1.5, 2.0]), (7, [10.5, 21.0]), (69, [30.0, 40.0])]);
        assert_eq!(touched(&gradient), [1, 7, 69]);
        gradient.begin();
        gradient.finish();
        check(&gradient, &[]);

        // After any other way to change values nothing is known of them; the memory for it is kept.
        gradient.contribute_rows(&[7], &[1.0, 1.0]);
        let memory = |gradient: &Gradient| gradient.rows.as_ref().map(RowSet::memory);
        let before = memory(&gradient);
        gradient.values_mut()[0] = 2.0;
        assert_eq!(touched(&gradient), [usize::MAX]);
        assert_eq!(gradient.idle.memory(), before.expect("rows were known"));
        gradient.contribute_rows(&[0], &[1.0, 1.0]);
        check(&gradient, &[(0, [3.0, 1.0]), (7, [1.0, 1.0])]);
        gradient.begin();
        gradient.contribute().0.fill(5.0);
        gradient.begin();
        gradient.contribute_rows(&[1], &[1.0, 2.0]);
        check(&gradient, &[(1, [1.0, 2.0])]);
    }
}
