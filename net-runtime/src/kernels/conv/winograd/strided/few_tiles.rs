//! F(2x2, 3x3) and F(4x4, 3x3) (Lavin and Gray, 2015) for stride 1 and few tiles: outputs of a 3x3 convolution from 16 or 36 multiplications
//! instead of 36 or 144.
//!
//! Where pixels are few and weights are many, as in the last layers of a network at batch 1, weights are most of what is read. Their points are a
//! form that lasts, and some filters are a task, so that each point is read by one thread, for all tiles. Tiles of 4x4 outputs have four times
//! as many points of weights as there are weights, those of 2x2 less than twice as many, and more tiles that use each of them.

use super::convolution::{Convolution, Kernel};
use super::matrices::Filter;
use super::{BLOCK, Phase, Points, Range, filters_of_form};
use crate::kernels::axis::{Axis, Strides};
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::conv::max_pooled::{self, Outputs};
use crate::kernels::conv::winograd::sizes::FEWEST_CHANNELS;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::simd::Isa;
use crate::memory::packed::{Form, Portion};
use crate::memory::scratch::Scratch;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

const TAPS: usize = 3;

/// Blocks of tiles at most: each reads the points of all weights.
const MOST_BLOCKS: usize = 8;

/// Tiles that are multiplied with a point of weights while it is read.
const READ: usize = 12;

/// Whether a convolution of so many images, or the gradient by its input, can be computed so.
pub(crate) fn applies(isa: Isa, geometry: &Geometry, n: usize, covered: [usize; 2]) -> bool {
    let Geometry { rows, columns, inputs, outputs, .. } = *geometry;
    let axis = |axis: Axis| axis.size == TAPS && axis.stride == 1 && axis.dilation == 1;
    let channels = |count: usize| count >= FEWEST_CHANNELS && count.is_multiple_of(isa.lanes());
    let few = tiles(filter(n, covered), n, covered) <= MOST_BLOCKS * BLOCK;
    axis(rows) && axis(columns) && channels(inputs) && channels(outputs) && few
}

/// Tiles of so many images whose results are so many rows and columns.
fn tiles(filter: Filter, n: usize, covered: [usize; 2]) -> usize {
    covered.iter().fold(n, |tiles, len| tiles.saturating_mul(Range::all(*len).tiles(filter)))
}

/// Whether tiles are small or large: those whose products and weights take less time.
fn filter(n: usize, covered: [usize; 2]) -> Filter {
    let time = |filter: Filter| {
        (filter.points() * filter.points()).saturating_mul(tiles(filter, n, covered).saturating_add(READ))
    };
    if time(Filter::Small) <= time(Filter::Three) { Filter::Small } else { Filter::Three }
}

/// What is multiplied for so many images together.
pub(crate) fn points(n: usize, covered: [usize; 2]) -> Points {
    let filter = filter(n, covered);
    let (points, tiles) = ((filter.points() * filter.points()) as f64, tiles(filter, n, covered) as f64);
    Points { of_tiles: points * tiles, of_weights: points, tiles }
}

/// Tasks that so many filters are.
pub(crate) fn tasks(filters: usize) -> usize {
    filters.div_ceil(filters_of_form(filters).max(1))
}

/// All positions of an axis, and all taps.
fn forward_phase(axis: Axis) -> Phase {
    let first = -(axis.padding as isize);
    Phase { first, step: 1, input: axis.input, taps: TAPS, tap: 0, tap_step: 1 }
}

/// All positions of its output, and all taps in reverse.
fn transposed_phase(axis: Axis) -> Phase {
    let last = TAPS as isize - 1;
    Phase { first: axis.padding as isize - last, step: 1, input: axis.output, taps: TAPS, tap: last, tap_step: -1 }
}

/// `y = epilogue(x * kernel)`, written as `write` says.
pub(crate) fn forward(
    geometry: &Geometry,
    (n, x): (usize, &[f32]),
    kernel: Portion<'_>,
    (y, write, epilogue): (Outputs<'_>, Store, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let Geometry { rows, columns, image, result, .. } = *geometry;
    let filter = filter(n, [rows.output, columns.output]);
    let phases = &[[rows, columns].map(forward_phase)];
    let convolution = |strides: [Strides; 2]| Convolution {
        isa: Isa::current(),
        filter,
        phases,
        ranges: [rows, columns].map(|axis| Range::all(axis.output)),
        kernel: Kernel::new(geometry, kernel.values(), false),
        form: None,
        x,
        strides,
        write,
        epilogue,
    };
    match y {
        Outputs::Whole(y) => compute(geometry, convolution([image, result]), n, kernel, y, scratch),
        Outputs::Pooled { y, choices } => {
            let size = geometry.size();
            let mut memory = std::mem::take(&mut scratch.patches);
            let whole = memory.take(product(&[n, size[0], size[1], size[2]]));
            compute(geometry, convolution([image, Strides::contiguous(size)]), n, kernel, whole, scratch);
            max_pooled::pool_images(size, whole, y, choices);
            scratch.patches = memory;
        }
    }
}

/// `dx = epilogue(dy * kernel)`, transposed, written as `write` says.
pub(crate) fn backward_input(
    geometry: &Geometry,
    (n, dy): (usize, &[f32]),
    kernel: Portion<'_>,
    (dx, write, epilogue): (&mut [f32], Store, Epilogue<'_>),
    scratch: &mut Scratch,
) {
    let Geometry { rows, columns, image, result, .. } = *geometry;
    let convolution = Convolution {
        isa: Isa::current(),
        filter: filter(n, [rows.input, columns.input]),
        phases: &[[rows, columns].map(transposed_phase)],
        ranges: [rows, columns].map(|axis| Range::all(axis.input)),
        kernel: Kernel::new(geometry, kernel.values(), true),
        form: None,
        x: dy,
        strides: [result, image],
        write,
        epilogue,
    };
    compute(geometry, convolution, n, kernel, dx, scratch);
}

/// The same with the points of the weights, which are made unless they are there.
fn compute(
    geometry: &Geometry,
    convolution: Convolution<'_>,
    n: usize,
    kernel: Portion<'_>,
    y: &mut [f32],
    scratch: &mut Scratch,
) {
    let Scratch { work, packed, packs, .. } = scratch;
    let form = Form::FewTiles { side: convolution.filter.outputs(), transposed: convolution.kernel.is_transposed() };
    let form = packs.get(form, kernel, convolution.form_len(), |form| convolution.make_form(form, work));
    Convolution { form: Some(form), ..convolution }.compute(n, y, geometry.pays(n), work, packed);
}
