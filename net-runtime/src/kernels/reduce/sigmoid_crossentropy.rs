//! Cross-entropy of independent yes-or-no answers, from logits.

use crate::kernels::elementwise::flush::{DERIVATIVE, flush_vector};
use crate::kernels::simd::{Isa, Simd, dispatch, load_at, math, store_at};
use crate::parallel::{self, ELEMENTS};
use crate::tensor::param::Write;

/// Elements whose losses are added up in `f32`.
const BLOCK: usize = 256;

/// Targets, which are multiplied by the first factor; the second is added.
#[derive(Clone, Copy)]
pub(crate) struct Targets<'a> {
    pub values: &'a [f32],
    pub smoothing: [f32; 2],
}

impl<'a> Targets<'a> {
    fn of(self, first: usize, count: usize) -> Self {
        Self { values: &self.values[first..][..count], ..self }
    }

    #[inline(always)]
    unsafe fn load<S: Simd>(self, at: usize) -> S::Vector {
        let [factor, more] = self.smoothing;
        // SAFETY: the caller has the instruction set, and an element there.
        unsafe {
            let target = load_at::<S>(self.values.as_ptr(), self.values.len(), at, S::splat(0.0));
            S::add(S::mul(target, S::splat(factor)), S::splat(more))
        }
    }
}

/// The sum of `max(x, 0) − x·t + ln(1 + exp(−|x|))` over all logits.
///
/// # Panics
///
/// If there are not as many targets as logits.
pub(crate) fn sum(logits: &[f32], targets: Targets<'_>) -> f64 {
    assert_eq!(logits.len(), targets.values.len(), "each logit has a target");
    let isa = Isa::current();
    parallel::sum_of_groups(0..logits.len(), ELEMENTS, 1, &|elements| {
        let targets = targets.of(elements.start, elements.len());
        // SAFETY: there are as many targets; this machine has the instruction set.
        unsafe { sum_of_piece(isa, &logits[elements], targets) }
    })
}

/// `scale` times `sigmoid(x) − t` for each logit, or 0 where that is [next to nothing](DERIVATIVE).
///
/// # Panics
///
/// If there are not as many targets, or not as many elements of the gradient, as logits.
pub(crate) fn gradient(logits: &[f32], targets: Targets<'_>, scale: f32, gradient: &mut [f32], write: Write) {
    assert_eq!(logits.len(), targets.values.len(), "each logit has a target");
    assert_eq!(logits.len(), gradient.len(), "a gradient is as long as its logits");
    let isa = Isa::current();
    parallel::for_each_piece([gradient], &|first, [gradient]| {
        let (logits, targets) = (&logits[first..][..gradient.len()], targets.of(first, gradient.len()));
        // SAFETY: all are alike long; this machine has the instruction set.
        unsafe { gradient_of_piece(isa, logits, targets, scale, gradient, write) }
    });
}

dispatch! {
    unsafe fn sum_of_piece(logits: &[f32], targets: Targets<'_>) -> f64 = sum_generic
}

#[inline(always)]
unsafe fn sum_generic<S: Simd>(logits: &[f32], targets: Targets<'_>) -> f64 {
    let mut total = 0.0;
    for first in (0..logits.len()).step_by(BLOCK) {
        // SAFETY: the caller has as many targets, and the instruction set.
        unsafe {
            let (mut sum, zero, end) = (S::splat(0.0), S::splat(0.0), logits.len().min(first + BLOCK));
            for at in (first..end).step_by(S::LANES) {
                let x = load_at::<S>(logits.as_ptr(), logits.len(), at, zero);
                let loss = S::sub(S::relu(x), S::mul(x, targets.load::<S>(at)));
                let loss = S::add(loss, math::ln_1p_exp_minus::<S>(S::abs(x)));
                if at + S::LANES <= end {
                    sum = S::add(sum, loss);
                } else {
                    // Not what lies beyond the end.
                    let mut rest = [0.0; 16];
                    store_at::<S>(rest.as_mut_ptr(), end - at, 0, loss);
                    sum = S::add(sum, S::load(rest.as_ptr()));
                }
            }
            total += f64::from(S::sum(sum));
        }
    }
    total
}

dispatch! {
    unsafe fn gradient_of_piece(
        logits: &[f32],
        targets: Targets<'_>,
        scale: f32,
        gradient: &mut [f32],
        write: Write,
    ) = gradient_generic
}

#[inline(always)]
unsafe fn gradient_generic<S: Simd>(
    logits: &[f32],
    targets: Targets<'_>,
    scale: f32,
    gradient: &mut [f32],
    write: Write,
) {
    let len = logits.len();
    for at in (0..len).step_by(S::LANES) {
        // SAFETY: the caller has as many of all, and the instruction set.
        unsafe {
            let (zero, one) = (S::splat(0.0), S::splat(1.0));
            let x = load_at::<S>(logits.as_ptr(), len, at, zero);
            let t = targets.load::<S>(at);
            // The probability of the less likely answer, of which one minus the other would leave nothing.
            let power = math::exp_of_negative::<S>(S::sub(zero, S::abs(x)));
            let unlikely = S::div(power, S::add(one, power));
            let difference = S::if_less(x, zero, S::sub(unlikely, t), S::sub(S::sub(one, t), unlikely));
            let mut value = S::mul(S::splat(scale), flush_vector::<S>(difference, DERIVATIVE));
            if write == Write::Add {
                value = S::add(value, load_at::<S>(gradient.as_ptr(), len, at, zero));
            }
            store_at::<S>(gradient.as_mut_ptr(), len, at, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From far below to far above, with both answers, and one between.
    fn cases() -> (Vec<f32>, Vec<f32>) {
        let logits = (-400..=400).map(|x| x as f32 * 0.25);
        logits.flat_map(|x| [(x, 0.0), (x + 0.1, 1.0), (x, 0.3)]).unzip()
    }

    #[test]
    fn losses_and_gradients_are_those_in_f64_on_every_instruction_set() {
        let (x, t) = cases();
        for (isa, smoothing) in Isa::available().into_iter().flat_map(|isa| [[1.0, 0.0], [0.8, 0.1]].map(|s| (isa, s)))
        {
            // Ends within a block, within a vector, and one element.
            for len in [1, 5, 255, 256, 257, 1000, x.len()] {
                let what = format!("{isa:?}, {len} elements, {smoothing:?}");
                let (x, targets) = (&x[x.len() - len..], Targets { values: &t[t.len() - len..], smoothing });
                let wide = |index: usize| {
                    let t = targets.values[index] * smoothing[0] + smoothing[1];
                    (f64::from(x[index]), f64::from(t))
                };
                let loss = |(x, t): (f64, f64)| x.max(0.0) - x * t + (-x.abs()).exp().ln_1p();
                let expected: f64 = (0..len).map(|index| loss(wide(index))).sum();
                // SAFETY: here and below: as many of all; the instruction set comes from `Isa::available`.
                let found = unsafe { sum_of_piece(isa, x, targets) };
                assert!((found - expected).abs() <= 1e-6 * expected.abs(), "{what}: {found} for {expected}");

                for (write, before) in [(Write::Set, f32::NAN), (Write::Add, 7.0)] {
                    let mut found = vec![before; len];
                    // SAFETY: as above.
                    unsafe { gradient_of_piece(isa, x, targets, 3.0, &mut found, write) };
                    for (index, found) in found.into_iter().enumerate() {
                        let (x, t) = wide(index);
                        let sign = if x < 0.0 { 1.0 } else { -1.0 };
                        let unlikely = 1.0 / (1.0 + x.abs().exp());
                        let exact = 3.0 * (if x < 0.0 { 0.0 } else { 1.0 } - t + sign * unlikely);
                        let (before, close) = match write {
                            Write::Set => (0.0, 1e-6 * exact.abs() + if t == 0.0 || t == 1.0 { 3e-20 } else { 5e-7 }),
                            Write::Add => (7.0, 1e-5),
                        };
                        let expected = before + exact;
                        assert!((f64::from(found) - expected).abs() <= close, "{what}: {found} for {expected} at {x}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_no_number_is_not_hidden() {
        for isa in Isa::available() {
            let targets = Targets { values: &[0.0, 1.0, 0.0], smoothing: [1.0, 0.0] };
            let logits = [1.0, f32::NAN, 2.0];
            let mut gradient = [0.0; 3];
            // SAFETY: as above.
            unsafe {
                assert!(sum_of_piece(isa, &logits, targets).is_nan(), "{isa:?}");
                gradient_of_piece(isa, &logits, targets, 1.0, &mut gradient, Write::Set);
            }
            assert_eq!(gradient.map(f32::is_nan), [false, true, false], "{isa:?}");
        }
    }
}
