//! Convolutions by every algorithm.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::memory::Memory;
use super::{assert_close, axis, on_every_isa, position, scratch, uniform};
use crate::kernels::axis::{Axis, Strides};
use crate::kernels::conv::choice::Task;
use crate::kernels::conv::conv2d;
use crate::kernels::conv::conv2d_weights;
use crate::kernels::conv::geometry::Geometry;
use crate::kernels::conv::winograd::strided;
use crate::kernels::gemm::epilogue::Epilogue;
use crate::kernels::simd::Isa;
use crate::memory::algorithm::{Algorithm, Pass};
use crate::memory::mode::Arithmetic;
use crate::tensor::activation::Activation;
use crate::tensor::param::{Param, Store, Write};

/// Products of a case at most: one thread works on them, and the naive loops do not take long.
const MOST: usize = 1 << 20;

/// A convolution of any kind, one of 3x3 with stride 1, one of three taps with stride 1 along one axis alone, or one of up to
/// seven along one; the latter three also with channels for Winograd's algorithm.
fn geometry(rng: &mut ChaCha8Rng, kind: usize) -> Geometry {
    let (rows, columns) = match kind % 5 {
        0 | 1 => (axis(rng, 1..=5, 3, 3), axis(rng, 1..=5, 3, 3)),
        2 => (axis(rng, 3..=3, 1, 1), axis(rng, 3..=3, 1, 1)),
        3 => (axis(rng, 3..=3, 2, 1), axis(rng, 3..=3, 2, 1)),
        _ if kind.is_multiple_of(2) => (axis(rng, 4..=7, 1, 1), axis(rng, 1..=2, 2, 1)),
        _ => (axis(rng, 1..=2, 2, 1), axis(rng, 4..=7, 1, 1)),
    };
    let channels = |rng: &mut ChaCha8Rng| match kind % 5 {
        0 | 1 => rng.random_range(1..=40),
        _ => 16 * rng.random_range(1..=2),
    };
    let (inputs, outputs) = (channels(rng), channels(rng));
    Geometry::dense([rows, columns], inputs, outputs)
}

/// Rows of outputs that are cut for threads, with both of Winograd's algorithms: with as many filters as the widest register
/// tile has, and so long that half a row is worked on together.
fn long_rows() -> [Geometry; 3] {
    [(78, 1, 64), (201, 1, 16), (99, 2, 32)].map(|(width, stride, outputs)| {
        let rows = Axis { input: 5, output: 5, size: 3, stride: 1, dilation: 1, padding: 1 };
        let columns = Axis { input: width, output: width.div_ceil(stride), stride, ..rows };
        let result = Strides::contiguous([rows.output, columns.output, outputs]);
        Geometry { result, ..Geometry::dense([rows, columns], 16, outputs) }
    })
}

/// Steps, as images of one column: several blocks of them, few features and many, a stride, a dilation, and as many zeros before
/// the first one as the window reaches back; and with every number of taps of Winograd's algorithm, from tiles that are whole to such
/// of one output, and without a zero.
fn steps() -> Vec<Geometry> {
    let causal = [(500, 5, 2, 1, 4), (450, 4, 1, 1, 20), (450, 3, 1, 3, 20), (70, 3, 1, 1, 16), (300, 5, 1, 2, 16)];
    let causal = causal.map(|(input, size, stride, dilation, inputs)| {
        let padding = (size - 1) * dilation;
        (Axis { input, output: input.div_ceil(stride), size, stride, dilation, padding }, inputs)
    });
    let taken =
        [(128, 3, 1), (259, 4, 3), (260, 5, 2), (261, 5, 4), (263, 5, 0), (200, 6, 5), (201, 7, 3), (202, 7, 0)];
    let taken = taken.map(|(input, size, padding)| {
        let output = if padding == 0 { input + 1 - size } else { input };
        (Axis { input, output, size, stride: 1, dilation: 1, padding }, 16)
    });
    let columns = Axis { input: 1, output: 1, size: 1, stride: 1, dilation: 1, padding: 0 };
    causal.into_iter().chain(taken).map(|(rows, inputs)| Geometry::dense([rows, columns], inputs, 16)).collect()
}

/// Kernels whose taps are many along one axis: one tap across, where several tiles follow each other, with a stride there or
/// without, in both directions.
fn long_kernels() -> [Geometry; 4] {
    let across = |input: usize, stride: usize| Axis {
        input,
        output: input.div_ceil(stride),
        size: 1,
        stride,
        dilation: 1,
        padding: 0,
    };
    let along =
        |input: usize, size: usize| Axis { input, output: input, size, stride: 1, dilation: 1, padding: size / 2 };
    [
        ([along(45, 5), across(3, 1)], 48),
        ([across(7, 2), along(50, 7)], 16),
        ([along(150, 5), across(2, 2)], 16),
        ([along(13, 5), Axis { size: 5, padding: 2, ..across(12, 1) }], 16),
    ]
    .map(|(axes, inputs)| Geometry::dense(axes, inputs, 16))
}

/// Stride 2 both ways, with as many taps as Winograd's algorithms have for its phases: tiles that are whole and such that are not, every
/// padding, outputs that end before the last window does or after, channels of several vectors, and filters that do not fill a register
/// tile; in the end one with several groups of tiles.
fn stride_two(rng: &mut ChaCha8Rng) -> Vec<(Geometry, usize)> {
    let axis = |rng: &mut ChaCha8Rng, size: usize| {
        let (input, padding): (usize, usize) = (rng.random_range(size..=22), rng.random_range(0..size));
        let whole = (input + padding - size) / 2 + 1;
        let output = rng.random_range(whole.saturating_sub(2).max(1)..=whole + 2);
        Axis { input, output, size, stride: 2, dilation: 1, padding }
    };
    let mut cases = Vec::new();
    for kind in 0..24 {
        cases.push(loop {
            let n = rng.random_range(1..=4);
            let [down, right] = [[3, 3], [3, 4], [4, 4], [5, 5], [6, 5], [7, 7]][kind % 6];
            let (rows, columns) = (axis(rng, down), axis(rng, right));
            // Sums of so many products that exact arithmetic is as exact as the test wants it.
            let most = 2048 / (down * right * 16);
            let (inputs, outputs) = (16 * rng.random_range(1..=most.min(5)), 16 * rng.random_range(1..=most.min(6)));
            let geometry = Geometry::dense([rows, columns], inputs, outputs);
            let applies = strided::applies(Isa::PORTABLE, &geometry);
            if applies && geometry.multiply_adds(n) <= 16 * MOST {
                break (geometry, n);
            }
        });
    }
    let four = Axis { input: 32, output: 16, size: 4, stride: 2, dilation: 1, padding: 1 };
    cases.push((Geometry::dense([four, four], 16, 80), 10));
    cases
}

/// Any window with fewer filters than a vector has lanes, or fewer channels of the image, whose products have lanes along the inner axis.
fn few_columns(rng: &mut ChaCha8Rng) -> Vec<(Geometry, usize)> {
    let mut cases = Vec::new();
    for kind in 0..16 {
        cases.push(loop {
            let axes = [axis(rng, 1..=4, 2, 2), axis(rng, 1..=4, 2, 2)];
            let (few, many) = (1 + kind % 4, rng.random_range(8..=40));
            let [inputs, outputs] = if kind % 8 < 4 { [many, few] } else { [few, many] };
            let (geometry, n) = (Geometry::dense(axes, inputs, outputs), rng.random_range(1..=3));
            if geometry.multiply_adds(n) <= MOST / 16 {
                break (geometry, n);
            }
        });
    }
    // One pixel, whose window is all of the image.
    let whole = Axis { input: 4, output: 1, size: 4, stride: 1, dilation: 1, padding: 0 };
    cases.push((Geometry::dense([whole, whole], 24, 1), 5));
    cases
}

/// A stride both ways and few channels of the image: all phases of the gradient of the input at once.
fn few_channels(rng: &mut ChaCha8Rng) -> Vec<(Geometry, usize)> {
    let axis = |rng: &mut ChaCha8Rng, size: usize, stride: usize| {
        let (input, padding): (usize, usize) = (rng.random_range(size..=23), rng.random_range(0..size));
        let output = (input + padding - size) / stride + rng.random_range(1..=2);
        Axis { input, output, size, stride, dilation: 1, padding }
    };
    let sizes =
        [([4, 4], [2, 2], 3), ([3, 3], [2, 2], 3), ([2, 2], [2, 2], 16), ([5, 3], [3, 1], 2), ([4, 7], [4, 3], 1)];
    let of = |([down, right], strides, inputs): ([usize; 2], [usize; 2], usize)| {
        let axes = [axis(rng, down, strides[0]), axis(rng, right, strides[1])];
        (Geometry::dense(axes, inputs, 24), rng.random_range(1..=3))
    };
    sizes.map(of).to_vec()
}

/// Taps that lie apart, whose outputs are computed as several images by all algorithms that these have.
fn wide_taps() -> [Geometry; 3] {
    let axis = |input: usize, dilation: usize, padding: usize| Axis {
        input,
        output: input + 2 * padding - 2 * dilation,
        size: 3,
        stride: 1,
        dilation,
        padding,
    };
    let axes = [[axis(23, 2, 2), axis(18, 2, 2)], [axis(14, 1, 1), axis(25, 3, 2)], [axis(21, 4, 1), axis(19, 2, 0)]];
    axes.map(|axes| Geometry::dense(axes, 16, 32))
}

/// One tap, and filters that do not fill a vector.
fn few_outputs() -> [Geometry; 2] {
    [1, 3].map(|outputs| {
        let axis = |len: usize| Axis { input: len, output: len, size: 1, stride: 1, dilation: 1, padding: 0 };
        let result = Strides::contiguous([50, 90, outputs]);
        Geometry { result, ..Geometry::dense([axis(50), axis(90)], 32, outputs) }
    })
}

/// Calls `visit(index in x, in the kernel, in y)` for every product.
fn products(geometry: &Geometry, n: usize, mut visit: impl FnMut(usize, usize, usize)) {
    let Geometry { rows, columns, inputs, outputs, .. } = *geometry;
    for pixel in 0..n * rows.output * columns.output {
        let (sample, row, column) =
            (pixel / columns.output / rows.output, pixel / columns.output % rows.output, pixel % columns.output);
        for tap in 0..rows.size * columns.size {
            let down = position(rows, row, tap / columns.size);
            let right = position(columns, column, tap % columns.size);
            let (Some(down), Some(right)) = (down, right) else { continue };
            let x = ((sample * rows.input + down) * columns.input + right) * inputs;
            for input in 0..inputs {
                for output in 0..outputs {
                    visit(x + input, (tap * inputs + input) * outputs + output, pixel * outputs + output);
                }
            }
        }
    }
}

/// Uses of shared weights on images of other sizes find the form again that was made for the first: of one as wide as the window, the rows of
/// the window are one run.
#[test]
fn a_form_of_weights_serves_images_of_any_size() {
    let mut rng = ChaCha8Rng::seed_from_u64(41);
    let (inputs, outputs) = (2, 3);
    let mut weights = Param::zeros(&[3 * 2 * inputs * outputs]);
    let kernel = uniform(&mut rng, weights.values().len());
    weights.values_mut().copy_from_slice(&kernel);
    for widths in [[1, 5], [5, 1]] {
        let mut scratch = scratch(Arithmetic::Fast).forcing(Algorithm::Direct);
        for width in widths {
            let rows = Axis { input: 4, output: 4, size: 3, stride: 1, dilation: 1, padding: 1 };
            let columns = Axis { input: width, output: width + 1, size: 2, ..rows };
            let geometry = Geometry::dense([rows, columns], inputs, outputs);
            let dy = uniform(&mut rng, 4 * (width + 1) * outputs);
            let (mut dx, mut expected) = (vec![f32::NAN; 4 * width * inputs], vec![0.0; 4 * width * inputs]);
            products(&geometry, 1, |a, b, c| expected[a] += f64::from(dy[c]) * f64::from(kernel[b]));
            scratch.packs.compute_with(Some(0));
            conv2d::backward_input(&geometry, 1, &weights, (&dy[..]).into(), &mut dx, Store::Set, &mut scratch);
            assert_close(&dx, &expected, 1e-5, &widths);
        }
    }
}

#[test]
fn all_directions_are_close_to_naive_loops() {
    let mut rng = ChaCha8Rng::seed_from_u64(40);
    let mut cases: Vec<_> = long_rows()
        .into_iter()
        .chain(few_outputs())
        .chain(steps())
        .chain(long_kernels())
        .chain(wide_taps())
        .map(|geometry| (geometry, 2))
        .collect();
    cases.extend(stride_two(&mut rng));
    cases.extend(few_channels(&mut rng));
    cases.extend(few_columns(&mut rng));
    for kind in 0..60 {
        cases.push(loop {
            let (geometry, n) = (geometry(&mut rng, kind), rng.random_range(1..=3));
            if geometry.multiply_adds(n) <= MOST {
                break (geometry, n);
            }
        });
    }
    for (geometry, n) in cases {
        let Geometry { rows, columns, inputs, outputs, .. } = geometry;
        let x = uniform(&mut rng, n * rows.input * columns.input * inputs);
        let dy = uniform(&mut rng, n * rows.output * columns.output * outputs);
        let kernel = uniform(&mut rng, geometry.patch() * outputs);
        let bias = uniform(&mut rng, outputs);
        let (mut y, mut dx, mut dw) = (vec![0.0; dy.len()], vec![0.0; x.len()], vec![0.0; kernel.len()]);
        products(&geometry, n, |a, b, c| {
            y[c] += f64::from(x[a]) * f64::from(kernel[b]);
            dx[a] += f64::from(dy[c]) * f64::from(kernel[b]);
            dw[b] += f64::from(dy[c]) * f64::from(x[a]);
        });
        let of_filter = |filter: usize| dy.iter().skip(filter).step_by(outputs).map(|dy| f64::from(*dy)).sum();
        let sums_of_dy: Vec<f64> = (0..outputs).map(of_filter).collect();
        let (own_bias, before) = (uniform(&mut rng, inputs), uniform(&mut rng, y.len()));
        let active_dx = dx.iter().enumerate().map(|(index, dx)| (dx + f64::from(own_bias[index % inputs])).max(0.0));
        let (active_dx, plain_y) = (active_dx.collect::<Vec<_>>(), y.clone());
        let y: Vec<f64> =
            y.iter().enumerate().map(|(index, y)| (y + f64::from(bias[index % outputs])).max(0.0)).collect();
        let with_bias = |(index, y): (usize, &f64)| y + f64::from(bias[index % outputs]);
        let active_sum = plain_y.iter().enumerate().map(with_bias).zip(&before);
        let active_sum: Vec<f64> = active_sum.map(|(y, &before)| (y + f64::from(before)).max(0.0)).collect();
        let mut weights = Param::zeros(&[kernel.len()]);
        weights.values_mut().copy_from_slice(&kernel);
        on_every_isa(|isa, at_end| {
            let given = |values: &[f32]| Memory::new(values, at_end);
            let result = |len: usize| Memory::new(&vec![f32::NAN; len], at_end);
            let (x, dy_given, bias) = (given(&x), given(&dy), given(&bias));
            let chosen = [(Arithmetic::Exact, None, 2e-6), (Arithmetic::Fast, None, 1e-5)];
            // What is chosen on no machine of today has to be right, too. Images of taps that lie apart have more than these.
            let is_dilated =
                rows.dilation * columns.dilation > 1 && inputs.is_multiple_of(16) && outputs.is_multiple_of(16);
            let forced = Algorithm::ALL.into_iter().filter(|&algorithm| {
                let passes = [Pass::Forward, Pass::InputGradient, Pass::WeightGradient];
                passes.into_iter().any(|pass| {
                    let task = Task { isa, pass, n, geometry: &geometry, made: true };
                    (task.applies(algorithm) || is_dilated) && task.algorithm(&scratch(Arithmetic::Fast)) != algorithm
                })
            });
            let forced = forced.map(|algorithm| (Arithmetic::Fast, Some(algorithm), 1e-5));
            for (arithmetic, forced, tolerance) in chosen.into_iter().chain(forced) {
                let scratch = |arithmetic| match forced {
                    Some(algorithm) => scratch(arithmetic).forcing(algorithm),
                    None => scratch(arithmetic),
                };
                let what = (isa, arithmetic, forced, geometry, n);
                let epilogue = Epilogue { bias: Some(&bias), activation: Activation::Relu };
                let mut actual = result(y.len());
                conv2d::forward(&geometry, n, &x, &weights, epilogue, (&mut *actual).into(), &mut scratch(arithmetic));
                assert_close(&actual, &y, tolerance, &("forward", what));
                let (mut actual, memory) = (given(&before), &mut scratch(arithmetic));
                let to = ((&mut *actual).into(), Store::Add, epilogue);
                conv2d::convolve(&geometry, n, &x, (&weights).into(), to, memory);
                assert_close(&actual, &active_sum, tolerance, &("a sum", what));
                let mut actual = result(dx.len());
                let memory = &mut scratch(arithmetic);
                conv2d::backward_input(&geometry, n, &weights, (&*dy_given).into(), &mut actual, Store::Set, memory);
                assert_close(&actual, &dx, tolerance, &("backward_input", what));
                let mut actual = result(dx.len());
                let (memory, epilogue) = (&mut scratch(arithmetic), Epilogue { bias: Some(&own_bias), ..epilogue });
                conv2d::transposed_forward(&geometry, n, &dy_given, &weights, epilogue, &mut actual, memory);
                assert_close(&actual, &active_dx, tolerance, &("transposed_forward", what));
                for store in [Store::Add, Store::Mask] {
                    let (mut actual, memory) = (given(&before), &mut scratch(arithmetic));
                    conv2d::transposed_backward_input(&geometry, n, &weights, &x, &mut actual, store, memory);
                    let expected = plain_y.iter().zip(&before).map(|(&y, &before)| match store {
                        Store::Mask => y * f64::from(u8::from(before > 0.0)),
                        _ => y + f64::from(before),
                    });
                    let expected: Vec<f64> = expected.collect();
                    assert_close(&actual, &expected, tolerance, &("transposed_backward_input", store, what));
                }
                let (mut actual, mut sums) = (result(dw.len()), result(outputs));
                let memory = &mut scratch(arithmetic);
                conv2d_weights::backward_weights(
                    &geometry,
                    n,
                    &x,
                    (&*dy_given).into(),
                    (&mut actual, Write::Set),
                    Some((&mut sums, Write::Set)),
                    memory,
                );
                assert_close(&actual, &dw, tolerance, &("backward_weights", what));
                assert_close(&sums, &sums_of_dy, tolerance, &("sums of dy", what));
            }
        });
    }
}

#[test]
fn algorithms_over_phases_have_the_same_bits_on_any_number_of_threads() {
    let mut rng = ChaCha8Rng::seed_from_u64(41);
    let cases = [(3, 1, 64, 144), (3, 2, 16, 80), (4, 2, 48, 64), (4, 2, 3, 64), (5, 2, 32, 32), (7, 2, 16, 48)];
    for (size, stride, inputs, outputs) in cases {
        let axis = Axis { input: 16 * stride, output: 16, size, stride, dilation: 1, padding: (size - 1) / 2 };
        let (geometry, n) = (Geometry::dense([axis, axis], inputs, outputs), if stride == 1 { 3 } else { 7 });
        let algorithm = if stride == 1 { Algorithm::FewTiles } else { Algorithm::Strided };
        let x = uniform(&mut rng, n * axis.input * axis.input * inputs);
        let dy = uniform(&mut rng, n * 16 * 16 * outputs);
        let mut weights = Param::zeros(&[geometry.patch() * outputs]);
        weights.values_mut().copy_from_slice(&uniform(&mut rng, geometry.patch() * outputs));
        let results = [1, 2, 3].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let memory = &mut scratch(Arithmetic::Fast).forcing(algorithm);
                let (mut y, mut dx) = (vec![f32::NAN; dy.len()], vec![f32::NAN; x.len()]);
                let (mut dw, mut sums) = (vec![f32::NAN; weights.values().len()], vec![f32::NAN; outputs]);
                conv2d::forward(&geometry, n, &x, &weights, Epilogue::NONE, (&mut *y).into(), memory);
                conv2d::backward_input(&geometry, n, &weights, (&*dy).into(), &mut dx, Store::Set, memory);
                let gradients = (&mut *dw, Write::Set);
                let sums_of_dy = Some((&mut *sums, Write::Set));
                conv2d_weights::backward_weights(&geometry, n, &x, (&*dy).into(), gradients, sums_of_dy, memory);
                [y, dx, dw, sums].map(|values| values.into_iter().map(f32::to_bits).collect::<Vec<_>>())
            })
        });
        assert!(results.iter().all(|result| *result == results[0]), "{size} taps, {inputs} to {outputs}");
    }
}

/// An axis for three taps of up to so many positions, whose outputs may end before the last window does, or after.
fn three_taps(rng: &mut ChaCha8Rng, most: usize) -> Axis {
    let (input, padding): (usize, usize) = (rng.random_range(4..=most), rng.random_range(0..=2));
    let whole = input + padding - 2;
    let output = rng.random_range(whole.saturating_sub(3).max(1)..=whole + 2);
    Axis { input, output, size: 3, stride: 1, dilation: 1, padding }
}

/// Places of the outputs with gaps between pixels, lines and images.
fn with_gaps(rows: Axis, columns: Axis, outputs: usize) -> Strides {
    let (pixel, line) = (outputs + 5, columns.output * (outputs + 5) + 3);
    Strides { pixel, line, image: rows.output * line + 7 }
}

/// The transposed algorithm for the gradient of the input: parts of tiles on all sides, several
/// bands and groups, panels that are not whole, every padding, rows that no window reaches, gaps between the outputs.
#[test]
fn transposed_tiles_are_close_to_naive_loops() {
    let mut rng = ChaCha8Rng::seed_from_u64(42);
    for kind in 0..60 {
        let (n, most) = [(1, 48), (2, 36), (5, 28), (16, 40), (17, 14)][kind % 5];
        let (geometry, dense) = loop {
            let (mut rows, mut columns) = (three_taps(&mut rng, most), three_taps(&mut rng, most));
            let (mut inputs, mut outputs) = (16 * rng.random_range(1..=6), 64 * rng.random_range(1..=2));
            let mut most = 16 * MOST;
            // Whole images in two groups of tiles.
            if kind == 3 {
                rows = Axis { input: 26, output: 24, padding: 0, ..rows };
                columns = Axis { input: 28, output: 27, padding: 1, ..columns };
                (inputs, outputs, most) = (16, 64, 100 * MOST);
            }
            let dense = Strides::contiguous([rows.output, columns.output, outputs]);
            let result = if kind % 3 == 0 { dense } else { with_gaps(rows, columns, outputs) };
            let geometry = Geometry { result, ..Geometry::dense([rows, columns], inputs, outputs) };
            let applies = Isa::available().into_iter().all(|isa| {
                Task { isa, pass: Pass::InputGradient, n, geometry: &geometry, made: true }.applies(Algorithm::Adjoint)
            });
            if applies && geometry.multiply_adds(n) <= most {
                break (geometry, dense);
            }
        };
        let Geometry { rows, columns, inputs, outputs, result, .. } = geometry;
        let dy = uniform(&mut rng, n * dense.image);
        let kernel = uniform(&mut rng, geometry.patch() * outputs);
        let before = uniform(&mut rng, n * rows.input * columns.input * inputs);
        let mut dx = vec![0.0; before.len()];
        products(&geometry, n, |a, b, c| dx[a] += f64::from(dy[c]) * f64::from(kernel[b]));
        let mut weights = Param::zeros(&[kernel.len()]);
        weights.values_mut().copy_from_slice(&kernel);
        let last = result.at(n - 1, rows.output - 1, columns.output - 1) + outputs;
        let mut apart = vec![f32::NAN; last];
        for (pixel, values) in dy.chunks_exact(outputs).enumerate() {
            let (line, column) = (pixel / columns.output, pixel % columns.output);
            let place = result.at(line / rows.output, line % rows.output, column);
            apart[place..place + outputs].copy_from_slice(values);
        }
        on_every_isa(|isa, at_end| {
            let given = Memory::new(&apart, at_end);
            for (store, from) in [(Store::Set, None), (Store::Add, Some(&before)), (Store::Mask, Some(&before))] {
                let start = from.cloned().unwrap_or_else(|| vec![f32::NAN; before.len()]);
                let expected = dx.iter().zip(&before).map(|(&dx, &before)| match store {
                    Store::Set => dx,
                    Store::Add => dx + f64::from(before),
                    Store::Mask => dx * f64::from(u8::from(before > 0.0)),
                });
                let expected: Vec<f64> = expected.collect();
                let mut actual = Memory::new(&start, at_end);
                let memory = &mut scratch(Arithmetic::Fast).forcing(Algorithm::Adjoint);
                conv2d::backward_input(&geometry, n, &weights, (&*given).into(), &mut actual, store, memory);
                assert_close(&actual, &expected, 1e-5, &(isa, store, geometry, n));
            }
        });
    }
}
