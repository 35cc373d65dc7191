//! Softmax of rows, and its cross-entropy.

use std::ops::Range;

use crate::kernels::elementwise::arithmetic::put;
use crate::kernels::elementwise::flush::{CARRIED, DERIVATIVE, flush, flush_vector};
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, math, store_at};
use crate::parallel::{ELEMENTS, for_each_rows, sum_of_groups};
use crate::tensor::param::Write;

/// `y = softmax(x)` for every row.
pub(crate) fn forward(classes: usize, x: &[f32], y: &mut [f32]) {
    for_each_rows(y, classes, |first, y| {
        let x = &x[first * classes..][..y.len()];
        // SAFETY: both slices have the same whole rows; this machine has the instruction set.
        unsafe { forward_rows(Isa::current(), classes, x, y) };
    });
}

/// The gradient by the input of every row, from the output.
pub(crate) fn backward(classes: usize, y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
    for_each_rows(dx, classes, |first, dx| {
        for (index, dx) in dx.chunks_exact_mut(classes).enumerate() {
            let row = (first + index) * classes;
            let (y, dy) = (&y[row..][..classes], &dy[row..][..classes]);
            let common: f32 = y.iter().zip(dy).map(|(y, dy)| y * dy).sum();
            put(write, dx, y.iter().zip(dy).map(|(y, dy)| flush(y * (dy - common), CARRIED)));
        }
    });
}

/// What rows of logits should have been.
#[derive(Clone, Copy)]
pub(crate) enum Targets<'a> {
    /// A number for each logit; it is multiplied by the first factor, and the second is added.
    Shares(&'a [f32], [f32; 2]),
    /// The number of a class for each row. One that is too large makes NaNs of the row.
    Classes(&'a [u32]),
}

/// The sum over the rows of `Σ t·(log Σ exp(x) − x)`, in one pass over each row of `classes` logits while it is in the cache.
///
/// # Panics
///
/// If there are not as many targets as rows.
pub(crate) fn cross_entropy(classes: usize, logits: &[f32], targets: Targets<'_>) -> f64 {
    targets.check(classes, logits);
    let isa = Isa::current();
    sum_of_groups(0..logits.len() / classes, (ELEMENTS / classes).max(1), classes, &|rows| {
        let targets = targets.of(rows.clone(), classes);
        // SAFETY: the lengths were checked; this machine has the instruction set.
        unsafe { cross_entropy_rows(isa, classes, &logits[rows.start * classes..rows.end * classes], targets) }
    })
}

/// `scale` times `softmax(x) − t` for each logit, or 0 where that is [next to nothing](DERIVATIVE): the derivative of [`cross_entropy`] where
/// targets sum to 1.
///
/// # Panics
///
/// If there are not as many targets as rows, or not as many elements of the gradient as logits.
pub(crate) fn cross_entropy_gradient(
    classes: usize,
    logits: &[f32],
    targets: Targets<'_>,
    scale: f32,
    gradient: &mut [f32],
    write: Write,
) {
    targets.check(classes, logits);
    assert_eq!(gradient.len(), logits.len(), "a gradient is as long as its logits");
    let isa = Isa::current();
    for_each_rows(gradient, classes, |first, gradient| {
        let targets = targets.of(first..first + gradient.len() / classes, classes);
        let logits = &logits[first * classes..][..gradient.len()];
        // SAFETY: the lengths were checked; this machine has the instruction set.
        unsafe { cross_entropy_gradient_rows(isa, classes, logits, targets, scale, gradient, write) }
    });
}

impl Targets<'_> {
    fn check(self, classes: usize, logits: &[f32]) {
        assert!(classes > 0 && logits.len().is_multiple_of(classes), "logits are whole rows");
        match self {
            Self::Shares(shares, _) => assert_eq!(shares.len(), logits.len(), "each logit has a target"),
            Self::Classes(numbers) => assert_eq!(numbers.len(), logits.len() / classes, "each row has a target"),
        }
    }

    /// Those of some rows.
    fn of(self, rows: Range<usize>, classes: usize) -> Self {
        match self {
            Self::Shares(shares, smoothing) => {
                Self::Shares(&shares[rows.start * classes..rows.end * classes], smoothing)
            }
            Self::Classes(numbers) => Self::Classes(&numbers[rows]),
        }
    }

    /// The targets of `count` classes, or of a whole vector of them, from class `at` of a row on.
    #[inline(always)]
    unsafe fn load<S: Simd>(self, row: usize, classes: usize, at: usize) -> S::Vector {
        const NUMBERS: [f32; 16] = [0., 1., 2., 3., 4., 5., 6., 7., 8., 9., 10., 11., 12., 13., 14., 15.];
        // SAFETY: the caller has checked the number of targets, and has the instruction set.
        unsafe {
            match self {
                Self::Shares(shares, [factor, more]) => {
                    let share = load_at::<S>(shares.as_ptr().add(row * classes), classes, at, S::splat(0.0));
                    // Twice rounded, as the definition says it.
                    S::add(S::mul(share, S::splat(factor)), S::splat(more))
                }
                Self::Classes(numbers) => {
                    let class = *numbers.get_unchecked(row) as usize;
                    let distance = class as f32 - at as f32;
                    S::if_equal(S::load(NUMBERS.as_ptr()), S::splat(distance), S::splat(1.0), S::splat(0.0))
                }
            }
        }
    }

    /// The scale of a row's gradient: a NaN where its class does not exist.
    fn scale(self, row: usize, classes: usize, scale: f32) -> f32 {
        match self {
            Self::Classes(numbers) if numbers[row] as usize >= classes => f32::NAN,
            _ => scale,
        }
    }

    /// The loss of a row of `logits`, from the sum of its powers and its largest logit, and from vectors that add up to the sums
    /// of its shares, of share · distance from the largest logit, and of the distances.
    #[inline(always)]
    unsafe fn loss<S: Simd>(
        self,
        row: usize,
        classes: usize,
        logits: *const f32,
        (sum, largest): (f32, S::Vector),
        sums: [S::Vector; 3],
    ) -> f64 {
        let log = f64::from(sum).ln();
        // SAFETY: the caller has so many rows and targets, and the instruction set.
        unsafe {
            match self {
                Self::Shares(_, [factor, more]) => {
                    let [weight, own, distances] = [S::sum(sums[0]), S::sum(sums[1]), S::sum(sums[2])].map(f64::from);
                    let (factor, more) = (f64::from(factor), f64::from(more));
                    let spread = if more == 0.0 { 0.0 } else { more * (log * classes as f64 - distances) };
                    factor * (log * weight - own) + spread
                }
                Self::Classes(numbers) => {
                    let class = numbers[row] as usize;
                    let own = if class < classes { *logits.add(row * classes + class) } else { f32::NAN };
                    log - (f64::from(own) - f64::from(S::largest(largest)))
                }
            }
        }
    }
}

dispatch! {
    unsafe fn forward_rows(classes: usize, x: &[f32], y: &mut [f32]) = forward_generic
}

dispatch! {
    unsafe fn cross_entropy_rows(classes: usize, logits: &[f32], targets: Targets<'_>) -> f64 = cross_entropy_generic
}

dispatch! {
    unsafe fn cross_entropy_gradient_rows(
        classes: usize,
        logits: &[f32],
        targets: Targets<'_>,
        scale: f32,
        gradient: &mut [f32],
        write: Write,
    ) = cross_entropy_gradient_generic
}

/// The largest element of a row, passing over NaNs: the exponentials do not.
#[inline(always)]
pub(super) unsafe fn largest<S: Simd>(row: *const f32, len: usize) -> S::Vector {
    // SAFETY: the caller's promise.
    unsafe {
        let mut largest = S::splat(f32::NEG_INFINITY);
        for at in (0..len).step_by(S::LANES) {
            largest = S::max(load_at::<S>(row, len, at, S::splat(f32::NEG_INFINITY)), largest);
        }
        S::splat(S::largest(largest))
    }
}

/// exp(x − largest) of a vector of a row; 0 beyond the row's end.
#[inline(always)]
pub(super) unsafe fn power<S: Simd>(row: *const f32, len: usize, at: usize, largest: S::Vector) -> S::Vector {
    // SAFETY: the caller's promise.
    unsafe { math::exp_of_negative::<S>(S::sub(load_at::<S>(row, len, at, S::splat(f32::NEG_INFINITY)), largest)) }
}

/// Rows of one vector at most that are worked on together: each waits for long chains of operations, so that one after the
/// other takes twice as long.
const TOGETHER: usize = 4;

/// Neighbouring rows of one vector at most.
struct Short<S: Simd, const R: usize> {
    largest: [S::Vector; R],
    /// exp(x − largest); 0 beyond the row's end.
    powers: [S::Vector; R],
    /// Of the powers.
    sums: [f32; R],
}

impl<S: Simd, const R: usize> Short<S, R> {
    #[inline(always)]
    unsafe fn new(x: *const f32, classes: usize) -> Self {
        // SAFETY: the caller's promise: `R` rows of `classes` elements, and the instruction set.
        unsafe {
            let least = S::splat(f32::NEG_INFINITY);
            let (mut largest, mut powers, mut sums) = ([least; R], [least; R], [0.0; R]);
            for (row, powers) in powers.iter_mut().enumerate() {
                *powers = load_at::<S>(x.add(row * classes), classes, 0, least);
            }
            for row in 0..R {
                // The maximum passes over a NaN: the exponentials do not.
                largest[row] = S::splat(S::largest(S::max(powers[row], least)));
            }
            for row in 0..R {
                powers[row] = math::exp_of_negative::<S>(S::sub(powers[row], largest[row]));
            }
            for row in 0..R {
                sums[row] = S::sum(powers[row]);
            }
            Self { largest, powers, sums }
        }
    }
}

/// Calls a function with the first of as many rows as are worked on together, with their number as its second parameter.
macro_rules! each_short {
    ($rows:expr, $function:ident($($argument:expr),*)) => {{
        let (rows, mut row) = ($rows, 0);
        while row + TOGETHER <= rows {
            $function::<S, TOGETHER>(row, $($argument),*);
            row += TOGETHER;
        }
        while row < rows {
            $function::<S, 1>(row, $($argument),*);
            row += 1;
        }
    }};
}

#[inline(always)]
unsafe fn forward_short<S: Simd, const R: usize>(first: usize, classes: usize, x: *const f32, y: *mut f32) {
    // SAFETY: the caller has `R` rows from `first` on.
    unsafe {
        let short = Short::<S, R>::new(x.add(first * classes), classes);
        for row in 0..R {
            let y = y.add((first + row) * classes);
            store_at::<S>(y, classes, 0, S::div(short.powers[row], S::splat(short.sums[row])));
        }
    }
}

#[inline(always)]
unsafe fn gradient_short<S: Simd, const R: usize>(
    first: usize,
    classes: usize,
    x: *const f32,
    targets: Targets<'_>,
    scale: f32,
    gradient: *mut f32,
    write: Write,
) {
    // SAFETY: the caller has `R` rows from `first` on, and their targets.
    unsafe {
        let short = Short::<S, R>::new(x.add(first * classes), classes);
        for row in 0..R {
            let gradient = gradient.add((first + row) * classes);
            let probabilities = S::div(short.powers[row], S::splat(short.sums[row]));
            let difference = S::sub(probabilities, targets.load::<S>(first + row, classes, 0));
            let difference = flush_vector::<S>(difference, DERIVATIVE);
            let mut value = S::mul(S::splat(targets.scale(first + row, classes, scale)), difference);
            if write == Write::Add {
                value = S::add(value, load_at::<S>(gradient, classes, 0, S::splat(0.0)));
            }
            store_at::<S>(gradient, classes, 0, value);
        }
    }
}

#[inline(always)]
unsafe fn value_short<S: Simd, const R: usize>(
    first: usize,
    classes: usize,
    x: *const f32,
    targets: Targets<'_>,
    total: &mut f64,
) {
    // SAFETY: the caller has `R` rows from `first` on, and their targets.
    unsafe {
        let short = Short::<S, R>::new(x.add(first * classes), classes);
        for row in 0..R {
            let largest = short.largest[row];
            let sums = match targets {
                Targets::Shares(shares, _) => {
                    let share = load_at::<S>(shares.as_ptr().add((first + row) * classes), classes, 0, S::splat(0.0));
                    let distance = S::sub(load_at::<S>(x.add((first + row) * classes), classes, 0, largest), largest);
                    [share, S::mul(share, distance), distance]
                }
                Targets::Classes(_) => [S::splat(0.0); 3],
            };
            *total += targets.loss::<S>(first + row, classes, x, (short.sums[row], largest), sums);
        }
    }
}

#[inline(always)]
unsafe fn forward_generic<S: Simd>(classes: usize, x: &[f32], y: &mut [f32]) {
    if classes <= S::LANES {
        // SAFETY: both slices have as many whole rows.
        return unsafe { each_short!(y.len() / classes, forward_short(classes, x.as_ptr(), y.as_mut_ptr())) };
    }
    for (x, y) in x.chunks_exact(classes).zip(y.chunks_exact_mut(classes)) {
        let (x, y) = (x.as_ptr(), y.as_mut_ptr());
        // SAFETY: both rows have `classes` elements.
        unsafe {
            let largest = largest::<S>(x, classes);
            let mut sum = S::splat(0.0);
            for at in (0..classes).step_by(S::LANES) {
                let power = power::<S>(x, classes, at, largest);
                sum = S::add(sum, power);
                store_at::<S>(y, classes, at, power);
            }
            let sum = S::splat(S::sum(sum));
            for at in (0..classes).step_by(S::LANES) {
                store_at::<S>(y, classes, at, S::div(load_at::<S>(y, classes, at, S::splat(0.0)), sum));
            }
        }
    }
}

#[inline(always)]
unsafe fn cross_entropy_generic<S: Simd>(classes: usize, logits: &[f32], targets: Targets<'_>) -> f64 {
    let mut total = 0.0;
    let (rows, first) = (logits.len() / classes, logits.as_ptr());
    if classes <= S::LANES {
        // SAFETY: there are as many rows, and the caller has checked that there are as many targets.
        unsafe { each_short!(rows, value_short(classes, first, targets, &mut total)) };
        return total;
    }
    for row in 0..rows {
        // SAFETY: as above.
        unsafe {
            let x = first.add(row * classes);
            let zero = S::splat(0.0);
            let largest = largest::<S>(x, classes);
            let (mut sum, mut weight, mut own, mut distances) = (zero, zero, zero, zero);
            for at in (0..classes).step_by(S::LANES) {
                // Beyond the row's end there are logits of minus infinity, or targets and distances of 0.
                sum = S::add(sum, power::<S>(x, classes, at, largest));
                if let Targets::Shares(shares, _) = targets {
                    let share = load_at::<S>(shares.as_ptr().add(row * classes), classes, at, zero);
                    let distance = S::sub(load_at::<S>(x, classes, at, largest), largest);
                    weight = S::add(weight, share);
                    own = S::add(own, S::mul(share, distance));
                    distances = S::add(distances, distance);
                }
            }
            total += targets.loss::<S>(row, classes, first, (S::sum(sum), largest), [weight, own, distances]);
        }
    }
    total
}

#[inline(always)]
unsafe fn cross_entropy_gradient_generic<S: Simd>(
    classes: usize,
    logits: &[f32],
    targets: Targets<'_>,
    scale: f32,
    gradient: &mut [f32],
    write: Write,
) {
    let (rows, first, gradient) = (logits.len() / classes, logits.as_ptr(), gradient.as_mut_ptr());
    if classes <= S::LANES {
        // SAFETY: there are as many rows, and the caller has checked that there are as many targets.
        return unsafe { each_short!(rows, gradient_short(classes, first, targets, scale, gradient, write)) };
    }
    for row in 0..rows {
        // SAFETY: as above.
        unsafe {
            let (x, gradient) = (first.add(row * classes), gradient.add(row * classes));
            let (zero, scale) = (S::splat(0.0), S::splat(targets.scale(row, classes, scale)));
            let largest = largest::<S>(x, classes);
            let mut sum = zero;
            for at in (0..classes).step_by(S::LANES) {
                sum = S::add(sum, power::<S>(x, classes, at, largest));
            }
            let sum = S::splat(S::sum(sum));
            for at in (0..classes).step_by(S::LANES) {
                let power = power::<S>(x, classes, at, largest);
                let difference = S::sub(S::div(power, sum), targets.load::<S>(row, classes, at));
                let mut value = S::mul(scale, flush_vector::<S>(difference, DERIVATIVE));
                if write == Write::Add {
                    value = S::add(value, load_at::<S>(gradient, classes, at, zero));
                }
                store_at::<S>(gradient, classes, at, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logits(rows: usize, classes: usize) -> Vec<f32> {
        (0..rows * classes).map(|i| ((i * 7919) % 1009) as f32 * 0.01 - 3.0).collect()
    }

    fn softmax(x: &[f32]) -> Vec<f64> {
        let powers = x.iter().map(|x| f64::from(*x).exp());
        let sum: f64 = powers.clone().sum();
        powers.map(|power| power / sum).collect()
    }

    fn close(found: impl Into<f64>, expected: f64, what: &str) {
        let found = found.into();
        assert!((found - expected).abs() <= 1e-6 * (1.0 + expected.abs()), "{what}: {found} for {expected}");
    }

    #[test]
    fn rows_of_every_length_on_every_instruction_set() {
        let rows = 6;
        for (isa, classes) in Isa::available().into_iter().flat_map(|isa| (1..70).map(move |classes| (isa, classes))) {
            let what = format!("{isa:?}, {classes} classes");
            let x = logits(rows, classes);
            let expected: Vec<f64> = x.chunks(classes).flat_map(softmax).collect();
            let mut y = vec![f32::NAN; x.len()];
            // SAFETY: here and below: whole rows; the instruction set comes from `Isa::available`.
            unsafe { forward_rows(isa, classes, &x, &mut y) };
            y.iter().zip(&expected).for_each(|(y, e)| close(*y, *e, &what));

            let shares: Vec<f32> = (0..x.len()).map(|i| (i % 5) as f32 * 0.1).collect();
            let numbers: Vec<u32> = (0..rows as u32).map(|row| row * 31 % classes as u32).collect();
            let share = |i: usize| f64::from(shares[i]) * 0.75 + 0.5;
            let own = |i: usize| f64::from(u8::from(numbers[i / classes] as usize == i % classes));
            let cases: [(Targets<'_>, &dyn Fn(usize) -> f64); 2] =
                [(Targets::Shares(&shares, [0.75, 0.5]), &share), (Targets::Classes(&numbers), &own)];
            for (targets, target) in cases {
                let loss: f64 = expected.iter().enumerate().map(|(i, p)| -target(i) * p.ln()).sum();
                // SAFETY: see above.
                close(unsafe { cross_entropy_rows(isa, classes, &x, targets) }, loss, &what);
                for (write, before) in [(Write::Set, f32::NAN), (Write::Add, 1.0)] {
                    let mut gradient = vec![before; x.len()];
                    // SAFETY: see above.
                    unsafe { cross_entropy_gradient_rows(isa, classes, &x, targets, 2.0, &mut gradient, write) };
                    for (i, found) in gradient.into_iter().enumerate() {
                        let more = if write == Write::Add { 1.0 } else { 0.0 };
                        close(found, 2.0 * (expected[i] - target(i)) + more, &what);
                    }
                }
            }
        }
    }

    #[test]
    fn a_nan_or_an_infinity_makes_nans_of_its_row_alone() {
        for (isa, classes) in Isa::available().into_iter().flat_map(|isa| [2, 10, 40].map(|classes| (isa, classes))) {
            for value in [f32::NAN, f32::INFINITY] {
                let mut x = logits(2, classes);
                x[classes - 1] = value;
                let mut y = vec![0.0; x.len()];
                // SAFETY: whole rows; the instruction set comes from `Isa::available`.
                unsafe { forward_rows(isa, classes, &x, &mut y) };
                assert!(y[classes - 1].is_nan() && y[classes..].iter().all(|y| y.is_finite()), "{isa:?} {y:?}");
            }
            let mut x = logits(1, classes);
            x[0] = f32::NEG_INFINITY;
            let mut y = vec![1.0; x.len()];
            // SAFETY: as above.
            unsafe { forward_rows(isa, classes, &x, &mut y) };
            assert!(y[0] == 0.0 && y.iter().all(|y| y.is_finite()), "{isa:?} {y:?}");
        }
    }
}
