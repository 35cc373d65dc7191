//! Which algorithm computes a convolution. All passes ask here, so that it is one question, of the shape, the number of images and the
//! instruction set, and of whether weights last; never of the number of threads, for algorithms differ in their rounding.

use super::cost;
use super::few_filters;
use super::geometry::Geometry;
use super::patches;
use super::winograd::{self, adjoint, line, strided};
use crate::kernels::simd::Isa;
use crate::memory::algorithm::{Algorithm, Pass};
use crate::memory::mode::Arithmetic;
use crate::memory::scratch::Scratch;

/// Channels below which all taps are rows of one product if that applies: a tile of one tap's channels would be half empty.
const FEW_CHANNELS: usize = 12;

/// Weights of a kernel whose taps can be rows of one product: parts of the pixels have such a gradient each.
const MOST_WEIGHTS: usize = 256 << 10;

fn has_few_weights(geometry: &Geometry) -> bool {
    geometry.patch().saturating_mul(geometry.outputs) <= MOST_WEIGHTS
}

/// A pass over `n` images.
#[derive(Clone, Copy)]
pub(crate) struct Task<'a> {
    pub isa: Isa,
    pub pass: Pass,
    pub n: usize,
    pub geometry: &'a Geometry,
    /// Whether the form of the weights is made in this call, as in training: in predictions it is there.
    pub made: bool,
}

impl<'a> Task<'a> {
    /// One with the instruction set of this process, and weights that change before it.
    pub fn new(pass: Pass, n: usize, geometry: &'a Geometry) -> Self {
        Self { isa: Isa::current(), pass, n, geometry, made: true }
    }

    /// The same with weights that may last.
    pub fn with_weights(self, last: bool) -> Self {
        Self { made: !last, ..self }
    }

    /// What it is computed by.
    pub fn algorithm(self, scratch: &Scratch) -> Algorithm {
        self.best(scratch).0
    }

    /// The same, and what that costs.
    pub fn best(self, scratch: &Scratch) -> (Algorithm, f64) {
        let cost = |algorithm| (algorithm, cost::of(self.isa, algorithm, self.pass, self.made, self.n, self.geometry));
        if let Some(forced) = scratch.forced.filter(|&forced| self.applies(forced)) {
            return cost(forced);
        }
        let fast = scratch.arithmetic == Arithmetic::Fast;
        let few_channels = self.pass == Pass::WeightGradient && self.geometry.inputs < FEW_CHANNELS;
        let wanted = |algorithm: Algorithm| {
            let empty = few_channels && algorithm == Algorithm::Direct;
            (fast || algorithm.is_by_definition()) && !empty && self.applies(algorithm)
        };
        let costs = Algorithm::ALL.into_iter().filter(|&algorithm| wanted(algorithm)).map(cost);
        costs.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_else(|| cost(Algorithm::Direct))
    }

    /// Whether it can be computed by an algorithm.
    pub fn applies(self, algorithm: Algorithm) -> bool {
        let Self { isa, pass, geometry, .. } = self;
        match (algorithm, pass) {
            (Algorithm::Direct, _) => true,
            (Algorithm::Patches, Pass::WeightGradient) if geometry.pixels_are_patches() => true,
            (Algorithm::Patches, _) => patches::applies(geometry, self.n),
            (Algorithm::FewChannels, Pass::WeightGradient) => has_few_weights(geometry),
            (Algorithm::FewFilters, Pass::WeightGradient) => {
                few_filters::applies(isa, geometry) && has_few_weights(geometry)
            }
            (Algorithm::Winograd, Pass::Forward) => winograd::sizes::applies(isa, &geometry.window(), geometry.outputs),
            (Algorithm::Winograd, Pass::InputGradient) => self.winograd_of_gradient_applies(),
            (Algorithm::Winograd, Pass::WeightGradient) => winograd::weights::applies(isa, geometry),
            (Algorithm::FewTiles, Pass::Forward) => {
                let covered = [geometry.rows.output, geometry.columns.output];
                strided::few_tiles::applies(isa, geometry, self.n, covered)
            }
            (Algorithm::FewTiles, Pass::InputGradient) => {
                let covered = [geometry.rows.input, geometry.columns.input];
                strided::few_tiles::applies(isa, geometry, self.n, covered)
            }
            (Algorithm::Adjoint, Pass::InputGradient) => {
                self.winograd_of_gradient_applies() && adjoint::applies(isa, geometry)
            }
            (Algorithm::Rows, _) => line::applies(isa, geometry, line::Along::Rows),
            (Algorithm::Columns, _) => line::applies(isa, geometry, line::Along::Columns),
            (Algorithm::Strided, _) => strided::applies(isa, geometry),
            (Algorithm::FewChannels | Algorithm::FewFilters | Algorithm::Adjoint | Algorithm::FewTiles, _) => false,
        }
    }

    fn winograd_of_gradient_applies(self) -> bool {
        let window = self.geometry.gradient_window();
        window.is_some_and(|window| winograd::sizes::applies(self.isa, &window, self.geometry.inputs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::axis::Axis;

    /// What is chosen for images of so many rows and columns, with a border of zeros that keeps their size.
    fn chosen(
        pass: Pass,
        n: usize,
        side: usize,
        size: usize,
        stride: usize,
        [inputs, outputs]: [usize; 2],
    ) -> Algorithm {
        let output = side.div_ceil(stride);
        let axis = Axis { input: side, output, size, stride, dilation: 1, padding: size / 2 };
        let geometry = Geometry::dense([axis, axis], inputs, outputs);
        Task { isa: Isa::PORTABLE, pass, n, geometry: &geometry, made: true }.algorithm(&Scratch::default())
    }

    #[test]
    fn winograd_is_chosen_where_there_are_tiles_enough() {
        for pass in [Pass::Forward, Pass::WeightGradient] {
            assert_eq!(chosen(pass, 32, 28, 3, 1, [128, 128]), Algorithm::Winograd, "{pass:?}");
            assert_eq!(chosen(pass, 1, 4, 3, 1, [512, 512]), Algorithm::Patches, "{pass:?}");
        }
        let gradient = chosen(Pass::InputGradient, 32, 28, 3, 1, [128, 128]);
        assert!([Algorithm::Winograd, Algorithm::Adjoint].contains(&gradient));
        assert_eq!(chosen(Pass::InputGradient, 1, 4, 3, 1, [512, 512]), Algorithm::Patches);
        // Along one axis where both have five taps, and not at all without channels enough.
        assert!([Algorithm::Rows, Algorithm::Columns].contains(&chosen(Pass::Forward, 16, 28, 5, 1, [64, 64])));
        assert_eq!(chosen(Pass::Forward, 16, 28, 5, 1, [3, 64]), Algorithm::Direct);
        // With stride 2 over its phases, where there are channels enough.
        assert_eq!(chosen(Pass::Forward, 16, 28, 5, 2, [64, 64]), Algorithm::Strided);
        assert_eq!(chosen(Pass::Forward, 16, 28, 5, 2, [3, 64]), Algorithm::Direct);
        for pass in [Pass::Forward, Pass::InputGradient, Pass::WeightGradient] {
            assert_eq!(chosen(pass, 32, 32, 5, 2, [128, 256]), Algorithm::Strided, "{pass:?}");
            // Making points takes longer than what they save.
            assert_ne!(chosen(pass, 1, 32, 3, 2, [16, 32]), Algorithm::Strided, "{pass:?}");
            assert_ne!(chosen(pass, 4, 4, 5, 2, [16, 32]), Algorithm::Strided, "{pass:?}");
        }
    }

    #[test]
    fn a_picture_of_one_pixel_is_a_dense_layer() {
        // By the definition fifteen of sixteen products would be with zeros.
        let axis = Axis { input: 4, output: 1, size: 4, stride: 1, dilation: 1, padding: 0 };
        let geometry = Geometry::dense([axis, axis], 512, 100);
        for (n, made) in [(1, false), (32, false), (32, true), (64, true)] {
            let task = Task { isa: Isa::PORTABLE, pass: Pass::InputGradient, n, geometry: &geometry, made };
            assert_eq!(task.algorithm(&Scratch::default()), Algorithm::Patches, "{n}, {made}");
        }
    }

    #[test]
    fn pixels_between_those_of_other_groups_are_not_copied() {
        let axis = Axis { input: 14, output: 14, size: 1, stride: 1, dilation: 1, padding: 0 };
        let alone = Geometry::dense([axis, axis], 60, 15);
        let group = Geometry { inputs: 60, outputs: 15, ..Geometry::dense([axis, axis], 240, 60) };
        for pass in [Pass::Forward, Pass::InputGradient] {
            let of = |geometry: &Geometry| {
                Task { isa: Isa::PORTABLE, pass, n: 1, geometry, made: true }.algorithm(&Scratch::default())
            };
            assert_eq!(of(&alone), Algorithm::Patches, "{pass:?}");
            assert_eq!(of(&group), Algorithm::Direct, "{pass:?}");
        }
    }

    #[test]
    fn gradients_of_weights_are_products_of_all_taps_where_these_are_few_weights() {
        let of = |n, side, size, stride, channels| chosen(Pass::WeightGradient, n, side, size, stride, channels);
        assert_eq!(of(32, 28, 3, 1, [3, 64]), Algorithm::FewChannels);
        assert_eq!(of(64, 32, 1, 2, [64, 64]), Algorithm::FewChannels);
        assert_eq!(of(4, 14, 3, 2, [512, 512]), Algorithm::Patches);
        assert_eq!(of(16, 28, 1, 2, [512, 1024]), Algorithm::Direct);
        // Pixels that are the rows of a matrix as they lie, however many.
        for channels in [[512, 1024], [32, 192], [192, 32]] {
            assert_eq!(of(16, 14, 1, 1, channels), Algorithm::Patches, "{channels:?}");
        }
        // Filters fewer than lanes, whatever the window.
        for (size, stride, filters) in [(3, 1, 1), (3, 1, 3), (7, 2, 1), (5, 2, 3)] {
            assert_eq!(of(16, 28, size, stride, [64, filters]), Algorithm::FewFilters, "{size}, {stride}, {filters}");
        }
    }

    #[test]
    fn tiles_at_the_border_of_small_images_have_a_price() {
        let axis = |side| Axis { input: side, output: side, size: 3, stride: 1, dilation: 1, padding: 1 };
        let of = |isa, side, channels| {
            let geometry = Geometry::dense([axis(side), axis(side)], channels, channels);
            let task = Task { isa, pass: Pass::WeightGradient, n: 128, geometry: &geometry, made: true };
            task.algorithm(&Scratch::default())
        };
        // Measured: 0.21 ms, and by Winograd's 0.37. Sixty-four channels of larger images are for that.
        for isa in Isa::available().into_iter().filter(|isa| isa.lanes() == 16) {
            assert_eq!(of(isa, 8, 16), Algorithm::FewChannels);
            assert_eq!(of(isa, 32, 64), Algorithm::Winograd);
        }
    }

    #[test]
    fn few_tiles_of_a_small_image_are_enough() {
        let axis = |side: usize, size: usize, stride: usize| {
            let output = side.div_ceil(stride);
            Axis { input: side, output, size, stride, dilation: 1, padding: size / 2 }
        };
        for isa in Isa::available().into_iter().filter(|isa| isa.lanes() == 16) {
            let of = |pass, n, axis, [inputs, outputs]: [usize; 2], made| {
                let geometry = Geometry::dense([axis, axis], inputs, outputs);
                Task { isa, pass, n, geometry: &geometry, made }.algorithm(&Scratch::default())
            };
            // Measured: 0.014 ms for 0.022 by the definition; 0.19 for 0.80 with a column for each channel of few pixels.
            assert_eq!(of(Pass::Forward, 1, axis(8, 3, 1), [64, 64], false), Algorithm::Winograd);
            assert_ne!(of(Pass::WeightGradient, 4, axis(8, 5, 2), [512, 8], true), Algorithm::FewFilters);
        }
    }

    #[test]
    fn nothing_but_products_where_arithmetic_is_exact() {
        let axis = Axis { input: 28, output: 28, size: 3, stride: 1, dilation: 1, padding: 1 };
        let geometry = Geometry::dense([axis, axis], 64, 64);
        for pass in [Pass::Forward, Pass::InputGradient, Pass::WeightGradient] {
            let task = Task { isa: Isa::PORTABLE, pass, n: 8, geometry: &geometry, made: true };
            let exact = task.algorithm(&Scratch::new(Arithmetic::Exact));
            assert!(exact.is_by_definition(), "{pass:?}: {exact:?}");
            assert_eq!(task.algorithm(&Scratch::default().forcing(Algorithm::Rows)), Algorithm::Rows, "{pass:?}");
        }
    }
}
