//! Operations on one element after the other.

#![expect(clippy::extra_unused_type_parameters, reason = "the loops are the same for every vector, their code is not")]

use crate::kernels::simd::{Isa, Simd, dispatch, load_at};
use crate::tensor::param::Store;

/// Sets values, adds them to what is there, or sets them where that is positive.
pub(crate) fn put(store: impl Into<Store>, place: &mut [f32], values: impl Iterator<Item = f32>) {
    let pairs = place.iter_mut().zip(values);
    match store.into() {
        Store::Set => pairs.for_each(|(place, value)| *place = value),
        Store::Add => pairs.for_each(|(place, value)| *place += value),
        Store::Mask => pairs.for_each(|(place, value)| *place = if *place > 0.0 { value } else { 0.0 }),
    }
}

/// The same of values that are there.
pub(crate) fn put_values(store: impl Into<Store>, place: &mut [f32], values: &[f32]) {
    // SAFETY: the loop is safe; this machine has the instruction set.
    unsafe { put_values_piece(Isa::current(), store.into(), place, values) }
}

dispatch! {
    unsafe fn put_values_piece(store: Store, place: &mut [f32], values: &[f32]) = put_values_generic
}

#[inline(always)]
unsafe fn put_values_generic<S>(store: Store, place: &mut [f32], values: &[f32]) {
    let pairs = place.iter_mut().zip(values);
    match store {
        Store::Set => pairs.for_each(|(place, value)| *place = *value),
        Store::Add => pairs.for_each(|(place, value)| *place += value),
        Store::Mask => pairs.for_each(|(place, value)| *place = if *place > 0.0 { *value } else { 0.0 }),
    }
}

/// What a vector becomes that is put from element `at` of `len` on, as `store` says.
///
/// # Safety
///
/// The machine has the instruction set of `S`; there are `len` elements, of which `at` is one.
#[inline(always)]
pub(crate) unsafe fn combined_at<S: Simd>(
    store: Store,
    place: *const f32,
    len: usize,
    at: usize,
    value: S::Vector,
) -> S::Vector {
    // SAFETY: the caller's promise.
    unsafe {
        let zero = S::splat(0.0);
        match store {
            Store::Set => value,
            Store::Add => S::add(value, load_at::<S>(place, len, at, zero)),
            Store::Mask => S::where_positive(load_at::<S>(place, len, at, zero), value),
        }
    }
}

/// `place = factor * values`.
pub(crate) fn scaled(values: &[f32], factor: f32, place: &mut [f32]) {
    // SAFETY: the loop is safe; this machine has the instruction set.
    unsafe { scaled_piece(Isa::current(), values, factor, place) }
}

dispatch! {
    unsafe fn scaled_piece(values: &[f32], factor: f32, place: &mut [f32]) = scaled_generic
}

#[inline(always)]
unsafe fn scaled_generic<S>(values: &[f32], factor: f32, place: &mut [f32]) {
    place.iter_mut().zip(values).for_each(|(place, value)| *place = factor * value);
}

/// `values = factor * values + more`, rounded twice.
pub(crate) fn scale_and_add(values: &mut [f32], factor: f32, more: &[f32]) {
    // SAFETY: the loop is safe; this machine has the instruction set.
    unsafe { scale_and_add_piece(Isa::current(), values, factor, more) }
}

dispatch! {
    unsafe fn scale_and_add_piece(values: &mut [f32], factor: f32, more: &[f32]) = scale_and_add_generic
}

#[inline(always)]
unsafe fn scale_and_add_generic<S>(values: &mut [f32], factor: f32, more: &[f32]) {
    values.iter_mut().zip(more).for_each(|(value, more)| *value = factor * *value + more);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_rounded_twice_on_every_instruction_set() {
        for isa in Isa::available() {
            let values: Vec<f32> = (0..77).map(|i| (i as f32 * 0.7).sin()).collect();
            let more: Vec<f32> = (0..77).map(|i| (i as f32 * 1.3).cos()).collect();
            let (mut product, mut sum) = (vec![f32::NAN; 77], values.clone());
            // SAFETY: the instruction set comes from `Isa::available`.
            unsafe {
                scaled_piece(isa, &values, 0.3, &mut product);
                scale_and_add_piece(isa, &mut sum, 0.3, &more);
            }
            for i in 0..77 {
                let expected = (f64::from(values[i]) * f64::from(0.3_f32)) as f32;
                assert_eq!(product[i], expected, "{isa:?}");
                assert_eq!(sum[i], expected + more[i], "{isa:?}");
            }
        }
    }
}
