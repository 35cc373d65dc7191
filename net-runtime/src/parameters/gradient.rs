//! The gradient of a parameter.

use ndarray::ArrayViewD;

use crate::kernels::gemm::factors::{Factors, Source};
use crate::kernels::gemm::sizes::Sizes;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::exact::product;
use crate::tensor::param::Write;

/// The gradient of a loss by one [`Param`](crate::Param).
#[derive(Clone)]
pub struct Gradient {
    values: AlignedBuffer,
    dims: Box<[usize]>,
    /// Whether the next contribution replaces the values: so a backward pass that overwrites needs no pass of zeroing.
    stale: bool,
    /// What the values are the product of, instead of the values.
    product: Held,
}

/// A product xᵀ · dy that nobody has computed yet.
#[derive(Clone, Default)]
struct Held {
    /// Whether the owner asks for factors where they are much smaller than their product.
    wanted: bool,
    /// The sizes of the factors, if there are any now.
    sizes: Option<Sizes>,
    x: AlignedBuffer,
    /// Packed.
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
        Self { values: AlignedBuffer::zeros(product(dims)), dims: dims.into(), stale: false, product: Held::default() }
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
        let write = if std::mem::take(&mut self.stale) { Write::Set } else { Write::Add };
        (&mut self.values, write)
    }

    /// Ends a backward pass: a gradient that nothing contributed to is zero.
    pub fn finish(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.values.fill(0.0);
        }
    }

    /// Whether dense layers may leave a product of small factors here, which [`source`](Self::source) tells of, instead of
    /// values. For who does not read the values.
    pub(crate) fn want_factors(&mut self, wanted: bool) {
        self.product.wanted = wanted;
    }

    /// Takes the product xᵀ · dy as its factors, if that is wanted, pays, and is all that there is so far.
    pub(crate) fn take_factors(&mut self, sizes: Sizes, x: &[f32], dy: &[f32]) -> bool {
        if !(self.product.wanted && self.stale && sizes.factors_pay()) {
            return false;
        }
        self.stale = false;
        let Held { sizes: held, x: own_x, dy: own_dy, .. } = &mut self.product;
        *held = Some(sizes);
        own_x.take(x.len()).copy_from_slice(x);
        Factors::pack(sizes, dy, own_dy.take(Factors::packed_len(sizes)));
        true
    }

    /// What the gradient is now.
    pub(crate) fn source(&self) -> Source<'_> {
        self.product.factors().map_or(Source::Values(&self.values), Source::Product)
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
}
