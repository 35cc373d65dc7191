//! The kernels on every instruction set of this machine against naive loops in f64: random sizes, results written over NaN,
//! scratch memory full of NaN, and all slices but the weights beside pages that must not be touched.

mod attention;
mod convolution;
mod dense;
mod depthwise;
mod max_pooled;
mod memory;
mod norm;
mod oracle;
mod pools;
mod products;
mod recurrent;

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::axis::Axis;
use super::simd::Isa;
use crate::memory::mode::Arithmetic;
use crate::memory::scratch::Scratch;

/// Uniform in ±1.
fn uniform(rng: &mut ChaCha8Rng, len: usize) -> Vec<f32> {
    (0..len).map(|_| rng.random_range(-1.0..1.0)).collect()
}

/// An axis of up to 40 positions under a window whose reach is at most the positions and the padding before them.
fn axis(rng: &mut ChaCha8Rng, sizes: std::ops::RangeInclusive<usize>, strides: usize, dilations: usize) -> Axis {
    loop {
        let (input, size) = (rng.random_range(1..=40), rng.random_range(sizes.clone()));
        let (stride, dilation) = (rng.random_range(1..=strides), rng.random_range(1..=dilations));
        let reach = (size - 1) * dilation + 1;
        let [before, after] = [0; 2].map(|_| rng.random_range(0..reach.min(input + 1)));
        if reach <= input + before {
            let output = (input + before + after - reach) / stride + 1;
            return Axis { input, output, size, stride, dilation, padding: before };
        }
    }
}

/// The position of a tap of an output, if it is inside the input.
fn position(axis: Axis, output: usize, tap: usize) -> Option<usize> {
    let position = (output * axis.stride + tap * axis.dilation) as isize - axis.padding as isize;
    usize::try_from(position).ok().filter(|&position| position < axis.input)
}

/// Scratch memory full of NaN.
fn scratch(arithmetic: Arithmetic) -> Scratch {
    let mut scratch = Scratch::new(arithmetic);
    [&mut scratch.work, &mut scratch.packed, &mut scratch.spread]
        .into_iter()
        .for_each(|memory| memory.take(1 << 19).fill(f32::NAN));
    scratch
}

/// Compares with a tolerance relative to the largest value.
#[track_caller]
fn assert_close(actual: &[f32], expected: &[f64], tolerance: f64, what: &dyn std::fmt::Debug) {
    assert_eq!(actual.len(), expected.len());
    let scale = expected.iter().fold(1.0_f64, |scale, value| scale.max(value.abs()));
    for (index, (&actual, &expected)) in actual.iter().zip(expected).enumerate() {
        let error = (f64::from(actual) - expected).abs();
        assert!(error <= tolerance * scale, "element {index} is {actual}, not {expected}: {what:?}");
    }
}

/// Calls `check(instruction set, whether slices end before a forbidden page, or else begin behind one)`.
fn on_every_isa(mut check: impl FnMut(Isa, bool)) {
    for isa in Isa::available() {
        for at_end in [true, false] {
            isa.force(|| check(isa, at_end));
        }
    }
}
