//! As many multiply-adds as a core can do: what kernels are measured against.

use std::hint::black_box;
use std::time::Instant;

use super::simd::{Isa, Simd, dispatch};

/// Sums that do not wait for each other. Two multiply-adds may begin in a cycle and take four (older cores: five) to
/// end, so eight to ten are enough; all twelve have a register even where there are sixteen.
const CHAINS: usize = 12;

/// Steps of each chain in one run, which then takes some tens of microseconds: short enough that most runs are not
/// interrupted.
const STEPS: usize = 10_000;

/// Runs, of which the fastest counts: some milliseconds, in which a core that rested reaches its speed.
const RUNS: usize = 200;

dispatch! {
    /// Lets every chain do so many steps from `factors[0]`, and writes its end to `ends`.
    ///
    /// # Safety
    ///
    /// This machine has the instruction set.
    unsafe fn chains(steps: usize, factors: [f32; 2], ends: &mut [f32; CHAINS]) = chains_generic
}

/// # Safety
///
/// This machine has the instruction set.
#[inline(always)]
unsafe fn chains_generic<S: Simd>(steps: usize, factors: [f32; 2], ends: &mut [f32; CHAINS]) {
    // SAFETY: the caller's promise; `lanes` holds more floats than the widest vector.
    unsafe {
        let (factor, summand) = (S::splat(factors[0]), S::splat(factors[1]));
        let mut values = [factor; CHAINS];
        for _ in 0..steps {
            for value in &mut values {
                *value = S::mul_add(*value, factor, summand);
            }
        }
        for (end, value) in ends.iter_mut().zip(values) {
            let mut lanes = [0.0; 64];
            debug_assert!(S::LANES <= lanes.len());
            S::store(lanes.as_mut_ptr(), value);
            *end = lanes[..S::LANES].iter().sum();
        }
    }
}

/// Billions of floating-point operations a second, two for each multiply-add, of one thread in registers alone.
pub(crate) fn gflops(isa: Isa) -> f64 {
    let mut ends = [0.0; CHAINS];
    let mut run = || {
        let start = Instant::now();
        // Values go to 1, so that none is subnormal or infinite; the compiler does not know the factors.
        // SAFETY: `Isa` names what this machine has.
        unsafe { chains(isa, black_box(STEPS), black_box([0.5, 0.5]), &mut ends) };
        black_box(&mut ends);
        start.elapsed().as_secs_f64()
    };
    let fastest = (0..RUNS).map(|_| run()).fold(f64::INFINITY, f64::min);
    (2 * CHAINS * STEPS * isa.lanes()) as f64 / fastest / 1e9
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_do_what_is_counted() {
        for isa in Isa::available() {
            let mut ends = [f32::NAN; CHAINS];
            // From 2, v · 2 + 1 is 5, 11, 23 after three steps, in every lane.
            // SAFETY: this machine has it.
            unsafe { chains(isa, 3, [2.0, 1.0], &mut ends) };
            assert_eq!(ends, [23.0 * isa.lanes() as f32; CHAINS], "{isa:?}");
        }
    }

    #[test]
    fn every_instruction_set_has_a_peak() {
        for isa in Isa::available() {
            let gflops = gflops(isa);
            assert!(gflops.is_finite() && gflops > 0.0, "{isa:?}: {gflops}");
        }
    }
}
