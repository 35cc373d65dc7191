//! Sums and products of sizes that do not wrap. `+` and `*` do in a release build, and a check of what is about to be read or
//! written that has wrapped passes for anything: so what stands between a caller's numbers and `unsafe` is computed here.

/// The product of sizes.
///
/// # Panics
///
/// If it does not fit into a `usize`, also where one of them is 0: what is left out with an empty tensor is often asked for
/// by itself.
#[inline]
#[track_caller]
pub(crate) const fn product(factors: &[usize]) -> usize {
    let (mut product, mut empty, mut index) = (1_usize, false, 0);
    while index < factors.len() {
        match factors[index] {
            0 => empty = true,
            factor => match product.checked_mul(factor) {
                Some(larger) => product = larger,
                None => panic!("a tensor of these sizes is larger than memory"),
            },
        }
        index += 1;
    }
    if empty { 0 } else { product }
}

/// The sum of sizes.
///
/// # Panics
///
/// If it does not fit into a `usize`.
#[inline]
#[track_caller]
pub(crate) const fn sum(terms: &[usize]) -> usize {
    let (mut sum, mut index) = (0_usize, 0);
    while index < terms.len() {
        match sum.checked_add(terms[index]) {
            Some(larger) => sum = larger,
            None => panic!("a tensor of these sizes is larger than memory"),
        }
        index += 1;
    }
    sum
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    #[test]
    fn what_fits_is_exact_and_what_does_not_is_a_panic() {
        assert_eq!((product(&[]), product(&[3, 4, 5]), product(&[1, usize::MAX, 1])), (1, 60, usize::MAX));
        assert_eq!((product(&[7, 0]), sum(&[]), sum(&[1, usize::MAX - 1])), (0, 0, usize::MAX));
        let half = 1 << (usize::BITS / 2);
        for factors in [&[half, half][..], &[usize::MAX / 2 + 2, 2], &[half, 0, half]] {
            assert!(catch_unwind(|| product(factors)).is_err(), "{factors:?}");
        }
        assert!(catch_unwind(|| sum(&[usize::MAX, 0, 1])).is_err());
    }
}
