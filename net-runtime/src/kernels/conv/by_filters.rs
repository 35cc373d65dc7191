//! Convolutions over few pixels: what is divided are the filters. Their weights are most of what is read then, each by one thread.

use ndarray::{ArrayViewMut2, ShapeBuilder};

use super::max_pooled::{self, Outputs, Size};
use super::sweep::{Convolution, Places};
use crate::kernels::axis::Strides;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::gemm::pack::packed_len;
use crate::parallel::Tiles;
use crate::parallel::slots::Slots;
use crate::tensor::aligned::AlignedBuffer;
use crate::tensor::exact::product;
use crate::tensor::param::Store;

/// Bands of pixels from which on these are divided.
pub(super) const BANDS: usize = 4;

/// Parts of the filters.
pub(super) const PARTS: usize = 4;

/// Whether filters are divided: all images have few bands of so many rows, and the filters fill more than a panel.
pub(super) fn fits(convolution: &Convolution<'_>, n: usize, [height, _, filters]: Size, band: usize) -> bool {
    let bands = height.div_ceil(band);
    let whole_images = n == 1 || bands == 1;
    convolution.write != Store::Mask && n * bands < BANDS && whole_images && filters > convolution.isa.tile_columns()
}

/// Makes room for what fits, whether it is divided so or by its bands: which of both is a matter of the threads at that time, and the
/// next call is to need no more memory.
pub(super) fn reserve(
    convolution: &Convolution<'_>,
    n: usize,
    size: Size,
    band: usize,
    pooled: bool,
    (work, pixels): (&mut AlignedBuffer, &mut AlignedBuffer),
) {
    let [_, width, filters] = size;
    Slots::reserve(BANDS * PARTS, work, product(&[band, width, filters]) + convolution.scratch(band));
    if pooled {
        pixels.take(product(&[n, product(&size)]));
    }
}

/// Computes all images, in bands of so many rows; `image` is the distance of two of `x`.
pub(super) fn convolve(
    convolution: &Convolution<'_>,
    n: usize,
    (x, image): (&[f32], usize),
    (size, result): (Size, Strides),
    band: usize,
    y: Outputs<'_>,
    (work, pixels): (&mut AlignedBuffer, &mut AlignedBuffer),
) {
    match y {
        Outputs::Whole(y) => {
            let tightly = [result.line == size[1] * result.pixel, n == 1 || result.image == size[0] * result.line];
            assert!(!tightly.contains(&false), "the pixels of a result lie apart");
            divide(convolution, n, (x, image), (size, result.pixel), band, y, work);
        }
        Outputs::Pooled { y, choices } => {
            let whole = pixels.take(product(&[n, product(&size)]));
            divide(convolution, n, (x, image), (size, size[2]), band, whole, work);
            max_pooled::pool_images(size, whole, y, choices);
        }
    }
}

/// Computes parts of the filters of pixels that are so far apart.
fn divide(
    convolution: &Convolution<'_>,
    n: usize,
    (x, image): (&[f32], usize),
    ([height, width, filters], pixel): (Size, usize),
    band: usize,
    y: &mut [f32],
    work: &mut AlignedBuffer,
) {
    let Convolution { isa, weights, epilogue, .. } = *convolution;
    let shape = (product(&[n, height, width]), filters).strides((pixel, 1));
    let matrix = ArrayViewMut2::from_shape(shape, y).expect("y has all pixels");
    let inner = convolution.inner();
    let panel = isa.tile_columns();
    let columns = filters.div_ceil(panel).div_ceil(PARTS) * panel;
    let tiles = Tiles { matrix, at: [0, 0], block: [band.min(height) * width, columns] };
    let sums = product(&[band, width, columns]);
    let slots = Slots::new(true, tiles.count(), work, sums + convolution.scratch(band));
    tiles.for_each(true, &|[pixel, first], mut y| {
        let (sample, row, count) = (pixel / (height * width), pixel / width % height, y.ncols());
        let rows = row..row + y.nrows() / width;
        let bias = epilogue.bias.map(|bias| &bias[first..first + count]);
        let part = Convolution {
            weights: &weights[packed_len(isa, inner, first)..],
            filters: count,
            epilogue: Epilogue { bias, ..epilogue },
            ..*convolution
        };
        slots.with(|scratch| {
            let (values, scratch) = scratch.split_at_mut(sums);
            let places = Places { first: 0, row: width * count, column: count };
            if part.write == Store::Add {
                for_each_pixel(&mut y, values, |y, values| values.copy_from_slice(y));
            }
            part.band(&x[sample * image..], rows, values, places, scratch);
            for_each_pixel(&mut y, values, |y, values| y.copy_from_slice(values));
        });
    });
}

/// Calls `each` with the filters of each pixel in both places.
fn for_each_pixel(y: &mut ArrayViewMut2<'_, f32>, values: &mut [f32], each: impl Fn(&mut [f32], &mut [f32])) {
    let filters = y.ncols();
    for (y, values) in y.rows_mut().into_iter().zip(values.chunks_exact_mut(filters)) {
        each(y.into_slice().expect("the filters of a pixel lie side by side"), values);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::axis::Axis;
    use crate::kernels::conv::geometry::Geometry;
    use crate::kernels::gemm::microkernel::Layout;
    use crate::kernels::gemm::pack::pack;
    use crate::kernels::simd::Isa;
    use crate::tensor::activation::Activation;

    fn numbers(len: usize, step: usize) -> Vec<f32> {
        (0..len).map(|index| ((index * step) % 17) as f32 / 8.0 - 1.0).collect()
    }

    /// All pixels of all images by all filters at once.
    fn at_once(convolution: &Convolution<'_>, n: usize, (x, image): (&[f32], usize), size: Size) -> Vec<f32> {
        let [height, width, filters] = size;
        let mut y = vec![f32::NAN; n * height * width * filters];
        let mut scratch = vec![f32::NAN; convolution.scratch(height)];
        for (sample, y) in y.chunks_exact_mut(height * width * filters).enumerate() {
            let places = Places { first: 0, row: width * filters, column: filters };
            convolution.band(&x[sample * image..], 0..height, y, places, &mut scratch);
        }
        y
    }

    #[test]
    fn parts_of_the_filters_have_the_bits_of_all_at_once() {
        let activations = [Activation::Relu, Activation::Linear, Activation::Sigmoid];
        for isa in Isa::available() {
            let panel = isa.tile_columns();
            for (case, (n, side, size, stride, filters, band)) in [
                (1, 4, 3, 1, 4 * panel, 4),
                (1, 5, 3, 1, 2 * panel + 3, 2),
                (3, 3, 2, 1, panel + 1, 4),
                (1, 7, 3, 2, 9 * panel, 2),
                (2, 1, 1, 1, 5 * panel, 2),
            ]
            .into_iter()
            .enumerate()
            {
                let padding = size / 2;
                let output = (side + 2 * padding - size) / stride + 1;
                let axis = Axis { input: side, output, size, stride, dilation: 1, padding };
                let geometry = Geometry::dense([axis, axis], 3, filters);
                let (x, kernel) = (numbers(n * side * side * 3, 5), numbers(size * size * 3 * filters, 7));
                let bias = numbers(filters, 3);
                let mut packed = vec![0.0; packed_len(isa, size * size * 3, filters)];
                pack(isa, &kernel, size * size * 3, filters, |row| row * filters, 1, &mut packed);
                let convolution = Convolution {
                    isa,
                    window: geometry.window(),
                    weights: &packed,
                    layout: Layout::Packed,
                    filters,
                    write: Store::Set,
                    epilogue: Epilogue { bias: (case != 3).then_some(&bias[..]), activation: activations[case % 3] },
                };
                let sizes = [output, output, filters];
                assert!(fits(&convolution, n, sizes, band), "case {case}");
                let x = (&x[..], side * side * 3);
                let expected = at_once(&convolution, n, x, sizes);
                let (mut work, mut pixels) = (AlignedBuffer::default(), AlignedBuffer::default());

                let pixel = filters + 2;
                let strides = Strides { pixel, line: output * pixel, image: output * output * pixel };
                let mut y = vec![f32::NAN; n * strides.image - 2];
                let memory = (&mut work, &mut pixels);
                convolve(&convolution, n, x, (sizes, strides), band, Outputs::Whole(&mut y), memory);
                for (y, expected) in y.chunks(pixel).zip(expected.chunks_exact(filters)) {
                    assert_eq!(y[..filters], *expected, "{isa:?}, case {case}");
                    assert!(y[filters..].iter().all(|gap| gap.is_nan()), "{isa:?}, case {case}");
                }

                let pooled = n * max_pooled::pooled_strides(sizes).image;
                let (mut y, mut choices) = (vec![f32::NAN; pooled], vec![9; pooled]);
                let (mut expected_y, mut expected_choices) = (y.clone(), choices.clone());
                for image in 0..n {
                    let place = image * pooled / n..(image + 1) * pooled / n;
                    let whole = &expected[image * expected.len() / n..][..expected.len() / n];
                    let choices = Some(&mut expected_choices[place.clone()]);
                    max_pooled::pool(sizes, whole, &mut expected_y[place], choices);
                }
                let outputs = Outputs::Pooled { y: &mut y, choices: Some(&mut choices) };
                let memory = (&mut work, &mut pixels);
                convolve(&convolution, n, x, (sizes, geometry.result), band, outputs, memory);
                assert_eq!((y, choices), (expected_y, expected_choices), "{isa:?}, case {case}");
            }
        }
    }
}
