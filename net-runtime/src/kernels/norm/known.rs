//! Normalising by means and variances that are known before.

#![expect(clippy::extra_unused_type_parameters, reason = "the loops are the same for every vector, their code is not")]

use super::columns::{repeat, wide};
use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::simd::{Isa, dispatch};
use crate::parallel::for_each_rows;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::param::Write;

/// A deviation is at least this: Keras's epsilon.
const LEAST: f32 = 1e-7;

/// What is known of each place along an axis: one number for all, or one for each.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub mean: &'a [f32],
    pub variance: &'a [f32],
    /// Number of places, and elements behind each.
    pub places: [usize; 2],
    /// Whether numbers of mean 0 and variance 1 get this mean and variance, instead.
    pub invert: bool,
}

impl Known<'_> {
    /// Mean and factor of each place; of few places that are numbers several times, so that a loop over them is long enough.
    fn factors<'w>(&self, work: &'w mut AlignedBuffer) -> (&'w [f32], &'w [f32]) {
        let [len, inner] = self.places;
        let repeated = if inner == 1 { wide(len) } else { len };
        let (means, factors) = work.take(2 * repeated).split_at_mut(repeated);
        let of = |numbers: &[f32], place: usize| numbers[if numbers.len() == 1 { 0 } else { place }];
        for place in 0..len {
            means[place] = of(self.mean, place);
            let deviation = of(self.variance, place).sqrt().max(LEAST);
            factors[place] = if self.invert { deviation } else { 1.0 / deviation };
        }
        for numbers in [&mut *means, &mut *factors] {
            let (first, others) = numbers.split_at_mut(len);
            if !others.is_empty() {
                repeat(first, others);
            }
        }
        (means, factors)
    }

    /// `y = (x − mean) / deviation`, or the inverse.
    pub(crate) fn forward(&self, x: &[f32], y: &mut [f32], work: &mut AlignedBuffer) {
        let (means, factors) = self.factors(work);
        let ([len, inner], invert, isa) = (self.places, self.invert, Isa::current());
        let row = if inner == 1 { means.len() } else { inner };
        for_each_rows(y, row, |first, y| {
            let x = &x[first * row..][..y.len()];
            for (index, (y, x)) in y.chunks_mut(row).zip(x.chunks(row)).enumerate() {
                // SAFETY: the loops are safe; this machine has the instruction set.
                unsafe {
                    if inner == 1 {
                        shift_each(isa, means, factors, invert, x, y);
                    } else {
                        let place = (first + index) % len;
                        shift_all(isa, means[place], factors[place], invert, x, y);
                    }
                }
            }
        });
    }

    /// `dx = dy / deviation`, or times that of the inverse.
    pub(crate) fn backward(&self, dy: &[f32], (dx, write): (&mut [f32], Write), work: &mut AlignedBuffer) {
        let (_, factors) = self.factors(work);
        let ([len, inner], isa) = (self.places, Isa::current());
        let row = if inner == 1 { factors.len() } else { inner };
        for_each_rows(dx, row, |first, dx| {
            let dy = &dy[first * row..][..dx.len()];
            for (index, (dx, dy)) in dx.chunks_mut(row).zip(dy.chunks(row)).enumerate() {
                // SAFETY: the loops are safe; this machine has the instruction set.
                unsafe {
                    if inner == 1 {
                        scale_each(isa, factors, dy, dx, write);
                    } else {
                        scale_all(isa, factors[(first + index) % len], dy, dx, write);
                    }
                }
            }
        });
    }
}

dispatch! {
    unsafe fn shift_each(means: &[f32], factors: &[f32], invert: bool, x: &[f32], y: &mut [f32]) = shift_each_generic
}

dispatch! {
    unsafe fn shift_all(mean: f32, factor: f32, invert: bool, x: &[f32], y: &mut [f32]) = shift_all_generic
}

dispatch! {
    unsafe fn scale_each(factors: &[f32], dy: &[f32], dx: &mut [f32], write: Write) = scale_each_generic
}

dispatch! {
    unsafe fn scale_all(factor: f32, dy: &[f32], dx: &mut [f32], write: Write) = scale_all_generic
}

#[inline(always)]
unsafe fn shift_each_generic<S>(means: &[f32], factors: &[f32], invert: bool, x: &[f32], y: &mut [f32]) {
    let places = y.iter_mut().zip(x).zip(means.iter().zip(factors));
    if invert {
        places.for_each(|((y, x), (mean, factor))| *y = x * factor + mean);
    } else {
        places.for_each(|((y, x), (mean, factor))| *y = (x - mean) * factor);
    }
}

#[inline(always)]
unsafe fn shift_all_generic<S>(mean: f32, factor: f32, invert: bool, x: &[f32], y: &mut [f32]) {
    let places = y.iter_mut().zip(x);
    if invert {
        places.for_each(|(y, x)| *y = x * factor + mean);
    } else {
        places.for_each(|(y, x)| *y = (x - mean) * factor);
    }
}

#[inline(always)]
unsafe fn scale_each_generic<S>(factors: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
    put(write, dx, dy.iter().zip(factors).map(|(dy, factor)| dy * factor));
}

#[inline(always)]
unsafe fn scale_all_generic<S>(factor: f32, dy: &[f32], dx: &mut [f32], write: Write) {
    put(write, dx, dy.iter().map(|dy| dy * factor));
}
