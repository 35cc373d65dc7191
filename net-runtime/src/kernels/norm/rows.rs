//! Normalization of rows: `y = (x − mean) · inverse · γ + β`, with what is said of each row, and its gradients. A row is read several times
//! while it is near.

use std::ops::Range;

use super::columns;
use crate::kernels::elementwise::activations::apply_part;
use crate::kernels::elementwise::arithmetic::put_values;
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, store_at};
use crate::parallel::{self, for_each_rows, for_each_rows_with};
use crate::tensor::activation::Activation;
use crate::tensor::param::Write;

/// What a row is divided by, and whether its mean is taken away before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Spread {
    /// The mean is taken away; √(variance + this).
    Deviation(f32),
    /// √(mean square + this).
    RootMeanSquare(f32),
    /// √(sum of squares), at least this.
    Length(f32),
}

/// Numbers that are known of a row: its mean, or 0, and the inverse of what it is divided by.
pub(crate) const KNOWN: usize = 2;

/// Rows of so many elements.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows<'a> {
    pub len: usize,
    pub spread: Spread,
    /// The factors γ, if not 1.
    pub gamma: Option<&'a [f32]>,
}

impl Rows<'_> {
    /// `y`, and what is known of every row, unless `known` is empty.
    pub(crate) fn forward(
        &self,
        x: &[f32],
        beta: Option<&[f32]>,
        activation: Activation,
        y: &mut [f32],
        known: &mut [f32],
    ) {
        self.check([x, y], known);
        let (isa, len) = (Isa::current(), self.len);
        let each = if known.is_empty() { 0 } else { KNOWN };
        for_each_rows_with(y, len, (known, each), &|first, y, known| {
            let x = &x[first * len..][..y.len()];
            // SAFETY: both slices have the same whole rows, of which each has its place in `known`, or none has; γ and β are as long
            // as a row; this machine has the instruction set.
            unsafe { forward_rows(isa, *self, x, beta, y, known) };
            apply_part(activation, y);
        });
    }

    /// What is known of every row.
    pub(crate) fn known(&self, x: &[f32], known: &mut [f32]) {
        self.check([x, x], known);
        let (isa, len) = (Isa::current(), self.len);
        let rows = (parallel::ELEMENTS / len).max(1);
        for_each_rows(known, KNOWN * rows, |first, known| {
            let x = &x[first * rows * len..][..known.len() / KNOWN * len];
            // SAFETY: every row has its place in `known`; this machine has the instruction set.
            unsafe { known_rows(isa, *self, x, known) };
        });
    }

    /// The gradient by x: `inverse · (γ · dy − mean(γ · dy) − x̂ · mean(γ · dy · x̂))` with the x̂ before γ and β; without the first mean where
    /// none is taken away, and with a sum for the second one where a sum is divided by.
    pub(crate) fn backward(&self, (x, dy): (&[f32], &[f32]), known: &[f32], dx: &mut [f32], write: Write) {
        self.check([x, dy], known);
        assert_eq!(x.len(), dx.len());
        let (isa, len) = (Isa::current(), self.len);
        for_each_rows(dx, len, |first, dx| {
            let (x, dy) = (&x[first * len..][..dx.len()], &dy[first * len..][..dx.len()]);
            let known = known.get(first * KNOWN..).unwrap_or_default();
            // SAFETY: all three slices have the same whole rows, of which each has its place in `known`, or none has; γ is as long as a
            // row; this machine has the instruction set.
            unsafe { backward_rows(isa, *self, (x, dy), known, dx, write) };
        });
    }

    /// The gradients by γ, `Σ dy · x̂`, and β, `Σ dy`, over all rows; `work` has twice as many elements as a row.
    pub(crate) fn backward_factors(
        &self,
        (x, dy): (&[f32], &[f32]),
        known: &[f32],
        gamma: Option<(&mut [f32], Write)>,
        beta: Option<(&mut [f32], Write)>,
        work: &mut [f32],
    ) {
        self.check([x, dy], known);
        let len = self.len;
        let (products, sums) = work[..2 * len].split_at_mut(len);
        let rows = x.len() / len;
        if rows == 0 {
            products.fill(0.0);
            sums.fill(0.0);
        } else {
            assert_eq!(known.len(), KNOWN * rows, "of every row something is known");
            let isa = Isa::current();
            let leaf = |rows: Range<usize>, first: usize, products: &mut [f32], sums: &mut [f32]| {
                let range = rows.start * len + first..(rows.end - 1) * len + first + sums.len();
                let pair = (&x[range.clone()], &dy[range]);
                let known = &known[KNOWN * rows.start..KNOWN * rows.end];
                assert_eq!(sums.len(), products.len());
                // SAFETY: both slices have so many rows, `len` apart, of `sums.len()` elements each; so long is `products`.
                unsafe { sum_rows(isa, pair, (rows.len(), len), known, (products, sums)) };
            };
            columns::reduce(rows, products, sums, &leaf, &columns::add);
        }
        for (gradient, values) in [(gamma, &*products), (beta, &*sums)] {
            if let Some((gradient, write)) = gradient {
                put_values(write, gradient, values);
            }
        }
    }

    fn check(&self, [x, y]: [&[f32]; 2], known: &[f32]) {
        assert!(self.len > 0 && x.len() == y.len() && x.len().is_multiple_of(self.len), "there are whole rows");
        assert!(known.is_empty() || known.len() == KNOWN * (x.len() / self.len), "every row has its place");
        assert!(self.gamma.is_none_or(|gamma| gamma.len() == self.len), "every element of a row has its factor");
    }
}

dispatch! {
    unsafe fn known_rows(rows: Rows<'_>, x: &[f32], known: &mut [f32]) = known_generic
}

dispatch! {
    unsafe fn forward_rows(
        rows: Rows<'_>,
        x: &[f32],
        beta: Option<&[f32]>,
        y: &mut [f32],
        known: &mut [f32],
    ) = forward_generic
}

dispatch! {
    unsafe fn backward_rows(
        rows: Rows<'_>,
        pair: (&[f32], &[f32]),
        known: &[f32],
        dx: &mut [f32],
        write: Write,
    ) = backward_generic
}

dispatch! {
    /// Σ dy · x̂, and Σ dy, of the first `sums.len()` elements of some rows: (how many, how far apart).
    unsafe fn sum_rows(
        pair: (&[f32], &[f32]),
        rows: (usize, usize),
        known: &[f32],
        sums: (&mut [f32], &mut [f32]),
    ) = sum_generic
}

/// The sums of the distances of a row's elements from `center`, and of their squares.
#[inline(always)]
unsafe fn powers<S: Simd>(x: *const f32, len: usize, center: f32) -> [f32; 2] {
    // SAFETY: the caller has the instruction set, and `len` elements.
    unsafe {
        let (zero, center) = (S::splat(0.0), S::splat(center));
        let (mut sums, mut squares) = ([zero; 2], [zero; 2]);
        let mut at = 0;
        // Two vectors at a time, so that fewer additions wait for the one before.
        while at + 2 * S::LANES <= len {
            for v in 0..2 {
                let distance = S::sub(S::load(x.add(at + v * S::LANES)), center);
                sums[v] = S::add(sums[v], distance);
                squares[v] = S::mul_add(distance, distance, squares[v]);
            }
            at += 2 * S::LANES;
        }
        while at < len {
            let distance = S::sub(load_at::<S>(x, len, at, center), center);
            sums[0] = S::add(sums[0], distance);
            squares[0] = S::mul_add(distance, distance, squares[0]);
            at += S::LANES;
        }
        [S::sum(S::add(sums[0], sums[1])), S::sum(S::add(squares[0], squares[1]))]
    }
}

impl Rows<'_> {
    /// Mean, or 0, and inverse of a row.
    #[inline(always)]
    unsafe fn of_row<S: Simd>(&self, x: *const f32) -> [f32; KNOWN] {
        let count = self.len as f32;
        // SAFETY: the caller has the instruction set, and a row.
        unsafe {
            match self.spread {
                Spread::Deviation(epsilon) => {
                    // Distances from the first element: nothing is lost of numbers far from zero. Then from the mean, of which that
                    // of the distances is the error.
                    let near = *x + powers::<S>(x, self.len, *x)[0] / count;
                    let [sum, squares] = powers::<S>(x, self.len, near);
                    let error = sum / count;
                    // No maximum of Rust's, which passes over a NaN.
                    let variance = squares / count - error * error;
                    let variance = if variance < 0.0 { 0.0 } else { variance };
                    [near + error, 1.0 / (variance + epsilon).sqrt()]
                }
                Spread::RootMeanSquare(epsilon) => {
                    [0.0, 1.0 / (powers::<S>(x, self.len, 0.0)[1] / count + epsilon).sqrt()]
                }
                Spread::Length(least) => {
                    let length = powers::<S>(x, self.len, 0.0)[1].sqrt();
                    [0.0, 1.0 / if length < least { least } else { length }]
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn known_generic<S: Simd>(rows: Rows<'_>, x: &[f32], known: &mut [f32]) {
    for (x, known) in x.chunks_exact(rows.len).zip(known.chunks_exact_mut(KNOWN)) {
        // SAFETY: a chunk is a row.
        known.copy_from_slice(&unsafe { rows.of_row::<S>(x.as_ptr()) });
    }
}

/// The vector from element `at` on of factors, which are all one number where there are none.
#[inline(always)]
unsafe fn factor<S: Simd>(factors: Option<&[f32]>, len: usize, at: usize, none: f32) -> S::Vector {
    match factors {
        // SAFETY: the caller has the instruction set, and `len` factors.
        Some(factors) => unsafe { load_at::<S>(factors.as_ptr(), len, at, S::splat(none)) },
        // SAFETY: as above.
        None => unsafe { S::splat(none) },
    }
}

#[inline(always)]
unsafe fn forward_generic<S: Simd>(rows: Rows<'_>, x: &[f32], beta: Option<&[f32]>, y: &mut [f32], known: &mut [f32]) {
    let Rows { len, gamma, .. } = rows;
    for (row, (x, y)) in x.chunks_exact(len).zip(y.chunks_exact_mut(len)).enumerate() {
        let (x, y) = (x.as_ptr(), y.as_mut_ptr());
        // SAFETY: both rows, and the factors, have `len` elements.
        unsafe {
            let of_row = rows.of_row::<S>(x);
            if let Some(known) = known.get_mut(KNOWN * row..).and_then(|known| known.first_chunk_mut::<KNOWN>()) {
                *known = of_row;
            }
            let [mean, inverse] = of_row.map(|number| S::splat(number));
            for at in (0..len).step_by(S::LANES) {
                let normal = S::mul(S::sub(load_at::<S>(x, len, at, mean), mean), inverse);
                let value = S::mul_add(normal, factor::<S>(gamma, len, at, 1.0), factor::<S>(beta, len, at, 0.0));
                store_at::<S>(y, len, at, value);
            }
        }
    }
}

#[inline(always)]
unsafe fn backward_generic<S: Simd>(
    rows: Rows<'_>,
    (x, dy): (&[f32], &[f32]),
    known: &[f32],
    dx: &mut [f32],
    write: Write,
) {
    let Rows { len, gamma, spread } = rows;
    let chunks = x.chunks_exact(len).zip(dy.chunks_exact(len)).zip(dx.chunks_exact_mut(len));
    for (row, ((x, dy), dx)) in chunks.enumerate() {
        let (x, dy, dx) = (x.as_ptr(), dy.as_ptr(), dx.as_mut_ptr());
        // SAFETY: all three rows, and the factors, have `len` elements.
        unsafe {
            let of_row = match known.get(KNOWN * row..).and_then(|known| known.first_chunk::<KNOWN>()) {
                Some(known) => *known,
                None => rows.of_row::<S>(x),
            };
            let [mean, inverse] = of_row.map(|number| S::splat(number));
            let zero = S::splat(0.0);
            let (mut sum, mut product) = (zero, zero);
            for at in (0..len).step_by(S::LANES) {
                let upstream = S::mul(load_at::<S>(dy, len, at, zero), factor::<S>(gamma, len, at, 1.0));
                let normal = S::mul(S::sub(load_at::<S>(x, len, at, mean), mean), inverse);
                sum = S::add(sum, upstream);
                product = S::mul_add(upstream, normal, product);
            }
            let (sum, product) = (S::sum(sum), S::sum(product));
            let count = len as f32;
            let (shift, slope) = match spread {
                Spread::Deviation(_) => (sum / count, product / count),
                Spread::RootMeanSquare(_) => (0.0, product / count),
                // Where the least length is divided by, that is a constant.
                Spread::Length(least) if of_row[1] >= 1.0 / least => (0.0, 0.0),
                Spread::Length(_) => (0.0, product),
            };
            let (shift, slope) = (S::splat(shift), S::splat(slope));
            for at in (0..len).step_by(S::LANES) {
                let upstream = S::mul(load_at::<S>(dy, len, at, zero), factor::<S>(gamma, len, at, 1.0));
                let normal = S::mul(S::sub(load_at::<S>(x, len, at, mean), mean), inverse);
                let inner = S::sub(S::sub(upstream, shift), S::mul(normal, slope));
                let mut value = S::mul(inverse, inner);
                if write == Write::Add {
                    value = S::add(value, load_at::<S>(dx, len, at, zero));
                }
                store_at::<S>(dx, len, at, value);
            }
        }
    }
}

#[inline(always)]
unsafe fn sum_generic<S: Simd>(
    (x, dy): (&[f32], &[f32]),
    (rows, step): (usize, usize),
    known: &[f32],
    (products, sums): (&mut [f32], &mut [f32]),
) {
    let len = sums.len();
    for at in (0..len).step_by(S::LANES) {
        // SAFETY: the caller has checked that every row has `len` elements.
        unsafe {
            let zero = S::splat(0.0);
            let (mut sum, mut product) = (zero, zero);
            for (row, known) in known.as_chunks::<KNOWN>().0.iter().enumerate().take(rows) {
                let [mean, inverse] = known.map(|number| S::splat(number));
                let dy = load_at::<S>(dy.as_ptr().add(row * step), len, at, zero);
                let distance = S::sub(load_at::<S>(x.as_ptr().add(row * step), len, at, mean), mean);
                sum = S::add(sum, dy);
                product = S::mul_add(dy, S::mul(distance, inverse), product);
            }
            store_at::<S>(sums.as_mut_ptr(), len, at, sum);
            store_at::<S>(products.as_mut_ptr(), len, at, product);
        }
    }
}
