//! Every function and every window at the edges of what its arguments may be, values and gradients against the formula in
//! `f64`: the compiler decides what a derivative reads and what is fused, and has to agree with the runtime in both.

use net_runtime::prelude::*;

/// What the functions are computed at: both sides of 0, the corners of `hard_sigmoid`, and far out.
const X: [f32; 12] = [-30.0, -3.5, -2.0, -0.5, -1e-3, 1e-3, 0.5, 1.0, 2.5, 3.5, 8.0, 30.0];

/// The slope of a function, by central differences; exact enough where it has no corner.
fn slope(function: impl Fn(f64) -> f64, x: f64) -> f64 {
    let step = 1e-5;
    (function(x + step) - function(x - step)) / (2.0 * step)
}

fn close(what: &str, found: &[f32], expected: &[f64]) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let error = (f64::from(*found) - expected).abs();
        assert!(error <= 2e-6 * (1.0 + expected.abs()), "{what}, element {index}: {found} instead of {expected}");
    }
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn elu(x: f64, alpha: f64) -> f64 {
    if x > 0.0 { x } else { alpha * x.exp_m1() }
}

fn leaky(x: f64, slope: f64) -> f64 {
    if x > 0.0 { x } else { slope * x }
}

fn gelu_of_tanh(x: f64) -> f64 {
    let argument = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x * x * x);
    0.5 * x * (1.0 + argument.tanh())
}

/// A function alone, fused into a `Dense`, and behind a convolution with its pool of 2x2, through a shared chain and a `Flatten`.
/// All weights are those of the identity.
macro_rules! function {
    ($name:ident, [$($stage:tt)*], $function:expr) => {
        mod $name {
            use super::*;

            network! {
                network Alone(x: [12]) -> (y: [12]) {
                    let y = x -> $($stage)*;
                }

                network Fused(x: [12]) -> (y: [12]) {
                    let y = x -> Dense(12) -> $($stage)*;
                }

                network Pooled(x: [24, 2, 1]) -> (y: [12, 1, 1]) {
                    let y = x -> Conv2d(1, 1) -> MaxPool2d(2) -> $($stage)*;
                }

                network Flat(x: [24, 2, 1]) -> (y: [12]) {
                    layer look = Conv2d(1, 1) -> MaxPool2d(2) -> Flatten -> $($stage)*;
                    let y = x -> look;
                }
            }

            #[test]
            fn values_and_gradients() -> Result<(), Error> {
                let function: fn(f64) -> f64 = $function;
                let values = X.map(|x| function(f64::from(x)));
                let slopes = X.map(|x| slope(function, f64::from(x)));
                let upstream: Vec<f32> = (0..12).map(|index| 1.0 + index as f32 / 8.0).collect();
                let gradients: Vec<f64> = slopes.iter().zip(&upstream).map(|(s, dy)| s * f64::from(*dy)).collect();

                let net = Alone::new(0);
                let x = View::from_slice(&X)?;
                let mut memory = AloneWorkspace::new(1);
                close("alone", net.forward(x, Mode::Training, &mut memory)?.y.data(), &values);
                let dy = || Some(View::from_slice(&upstream).unwrap());
                let dx = net.backward_inputs(x, AloneOutputGradients { y: dy() }, &mut memory)?;
                close("alone, gradient", dx.x.data(), &gradients);

                let mut net = Fused::new(0);
                let kernel = net.y_dense.kernel.values_mut();
                kernel.iter_mut().enumerate().for_each(|(at, weight)| *weight = f32::from(at % 13 == 0));
                let (mut memory, mut by_weights) = (FusedWorkspace::new(1), FusedGradients::zeros());
                close("fused", net.forward(x, Mode::Training, &mut memory)?.y.data(), &values);
                let dx = net.backward_both(x, FusedOutputGradients { y: dy() }, &mut memory, &mut by_weights)?;
                close("fused, gradient", dx.x.data(), &gradients);
                close("fused, gradient of the bias", by_weights.y_dense.bias.values(), &gradients);

                // The second of four pixels is the largest; the others are far from it.
                let image: Vec<f32> = X.iter().flat_map(|&x| [x - 40.0, x, x - 1.0, x - 2.0]).collect();
                let by_image: Vec<f64> = gradients.iter().flat_map(|&dx| [0.0, dx, 0.0, 0.0]).collect();
                let x = View::from_slice(&image)?;
                let bias = [gradients.iter().sum::<f64>()];

                let mut net = Pooled::new(0);
                net.y_conv2d.kernel.values_mut().fill(1.0);
                let (mut memory, mut by_weights) = (PooledWorkspace::new(1), PooledGradients::zeros());
                close("pooled, inference", net.predict(x)?.y.data(), &values);
                close("pooled", net.forward(x, Mode::Training, &mut memory)?.y.data(), &values);
                let dx = net.backward_both(x, PooledOutputGradients { y: dy().map(|y| View::from_slice(y.data()).unwrap()) }, &mut memory, &mut by_weights)?;
                close("pooled, gradient", dx.x.data(), &by_image);
                close("pooled, gradient of the bias", by_weights.y_conv2d.bias.values(), &bias);

                let mut net = Flat::new(0);
                net.look_conv2d.kernel.values_mut().fill(1.0);
                let (mut memory, mut by_weights) = (FlatWorkspace::new(1), FlatGradients::zeros());
                close("flat", net.forward(x, Mode::Training, &mut memory)?.y.data(), &values);
                let dx = net.backward_both(x, FlatOutputGradients { y: dy() }, &mut memory, &mut by_weights)?;
                close("flat, gradient", dx.x.data(), &by_image);
                close("flat, gradient of the bias", by_weights.look_conv2d.bias.values(), &bias);
                Ok(())
            }
        }
    };
}

function!(relu_, [relu], |x| x.max(0.0));
function!(leaky_relu_default, [leaky_relu], |x| leaky(x, f64::from(0.2_f32)));
function!(leaky_relu_0, [leaky_relu(0)], |x| leaky(x, 0.0));
function!(leaky_relu_minus_0, [leaky_relu(slope = -0.0)], |x| leaky(x, 0.0));
function!(leaky_relu_1, [leaky_relu(1)], |x| x);
function!(leaky_relu_steep, [leaky_relu(1_000)], |x| leaky(x, 1e3));
function!(elu_default, [elu], |x| elu(x, 1.0));
function!(elu_0, [elu(0)], |x| elu(x, 0.0));
function!(elu_minus_0, [elu(alpha = -0.0)], |x| elu(x, 0.0));
function!(elu_small, [elu(alpha = 1e-30)], |x| elu(x, 1e-30));
function!(elu_large, [elu(500)], |x| elu(x, 500.0));
function!(selu_, [selu], |x| 1.050_700_987_355_480_5 * elu(x, 1.673_263_242_354_377_2));
// Not by a table of erf: 1 + erf is 2 - erfc, and both are the integral of the bell.
function!(gelu_, [gelu], |x| x * normal(x));
function!(gelu_approximate, [gelu(approximate = true)], gelu_of_tanh);
function!(silu_, [silu], |x| x * sigmoid(x));
function!(sigmoid_, [sigmoid], sigmoid);
function!(hard_sigmoid_, [hard_sigmoid], |x| (x / 6.0 + 0.5).clamp(0.0, 1.0));
function!(tanh_, [tanh], f64::tanh);
function!(softplus_, [softplus], |x| x.max(0.0) + (-x.abs()).exp().ln_1p());
function!(dropout_0, [Dropout(0)], |x| x);

/// The normal distribution's cumulative function, by Simpson's rule from 0.
fn normal(x: f64) -> f64 {
    let end = x.abs().min(12.0);
    let parts = 2_000;
    let step = end / f64::from(parts);
    let bell = |t: f64| (-0.5 * t * t).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let inner = |index: i32| f64::from(2 + 2 * (index % 2)) * bell(f64::from(index) * step);
    let half = (bell(0.0) + (1..parts).map(inner).sum::<f64>() + bell(end)) * step / 3.0;
    if x < 0.0 { 0.5 - half } else { 0.5 + half }
}

/// One axis of a window: kernel, stride, dilation, and whether it is padded as `same`.
#[derive(Clone, Copy)]
struct Axis {
    kernel: usize,
    stride: usize,
    dilation: usize,
    same: bool,
}

impl Axis {
    /// For each window, the pixel at each of its places, if it lies within the image.
    fn windows(self, len: usize) -> Vec<Vec<Option<usize>>> {
        let reach = (self.kernel - 1) * self.dilation + 1;
        let (count, before) = if self.same {
            let count = len.div_ceil(self.stride);
            (count, ((count - 1) * self.stride + reach).saturating_sub(len) / 2)
        } else {
            ((len - reach) / self.stride + 1, 0)
        };
        let pixel = |window: usize, place: usize| (window * self.stride + place * self.dilation).checked_sub(before);
        let places = |window| (0..self.kernel).map(|place| pixel(window, place).filter(|at| *at < len)).collect();
        (0..count).map(places).collect()
    }
}

/// A window over [5, 7, 1] by rows and columns, with the same weights as `Conv2d`, as `MaxPool2d` and as `AvgPool2d`.
macro_rules! windows {
    ($name:ident, [$($conv:tt)*], [$($pool:tt)*] -> [$height:literal, $width:literal], $rows:expr, $columns:expr) => {
        mod $name {
            use super::*;

            network! {
                network Conv(x: [5, 7, 1]) -> (y: [$height, $width, 1]) {
                    let y = x -> Conv2d(1, $($conv)*);
                }

                network Max(x: [5, 7, 1]) -> (y: [$height, $width, 1]) {
                    let y = x -> MaxPool2d($($pool)*);
                }

                network Avg(x: [5, 7, 1]) -> (y: [$height, $width, 1]) {
                    let y = x -> AvgPool2d($($pool)*);
                }
            }

            #[test]
            fn values_and_gradients() -> Result<(), Error> {
                let (rows, columns): (Axis, Axis) = ($rows, $columns);
                let (by_row, by_column) = (rows.windows(5), columns.windows(7));
                let image: Vec<f32> = (0..35).map(|index| ((index * 16) % 35) as f32 - 17.0).collect();
                let dy: Vec<f32> = (0..by_row.len() * by_column.len()).map(|index| index as f32 - 2.5).collect();
                let x = View::from_slice(&image)?;

                let mut net = Conv::new(3);
                let kernel: Vec<f32> = (0..rows.kernel * columns.kernel).map(|index| (index % 5) as f32 - 1.5).collect();
                net.y_conv2d.kernel.values_mut().copy_from_slice(&kernel);
                let (mut y, mut dx, mut dw) = (vec![0.0; dy.len()], vec![0.0; 35], vec![0.0; kernel.len()]);
                // A pool leaves out the dilation, for it has none.
                let pool = [rows, columns].map(|axis| Axis { dilation: 1, ..axis });
                let (pool_rows, pool_columns) = (pool[0].windows(5), pool[1].windows(7));
                let (mut largest, mut mean) = (vec![0.0; dy.len()], vec![0.0; dy.len()]);
                let (mut by_largest, mut by_mean) = (vec![0.0; 35], vec![0.0; 35]);
                for out in 0..dy.len() {
                    let (row, column) = (out / by_column.len(), out % by_column.len());
                    for (place, weight) in kernel.iter().enumerate() {
                        let at = [by_row[row][place / columns.kernel], by_column[column][place % columns.kernel]];
                        let [Some(r), Some(c)] = at else { continue };
                        y[out] += f64::from(image[r * 7 + c] * weight);
                        dx[r * 7 + c] += f64::from(dy[out] * weight);
                        dw[place] += f64::from(dy[out] * image[r * 7 + c]);
                    }
                    let pixels: Vec<usize> = pool_rows[row]
                        .iter()
                        .flatten()
                        .flat_map(|r| pool_columns[column].iter().flatten().map(move |c| r * 7 + c))
                        .collect();
                    let top = *pixels.iter().max_by(|a, b| image[**a].total_cmp(&image[**b])).unwrap();
                    largest[out] = f64::from(image[top]);
                    by_largest[top] += f64::from(dy[out]);
                    for pixel in &pixels {
                        mean[out] += f64::from(image[*pixel]) / pixels.len() as f64;
                        by_mean[*pixel] += f64::from(dy[out]) / pixels.len() as f64;
                    }
                }

                let upstream = || Some(View::from_slice(&dy).unwrap());
                let (mut memory, mut by_weights) = (ConvWorkspace::new(1), ConvGradients::zeros());
                close("convolution", net.forward(x, Mode::Training, &mut memory)?.y.data(), &y);
                let found = net.backward_both(x, ConvOutputGradients { y: upstream() }, &mut memory, &mut by_weights)?;
                close("convolution, by the image", found.x.data(), &dx);
                close("convolution, by the kernel", by_weights.y_conv2d.kernel.values(), &dw);

                let (net, mut memory) = (Max::new(0), MaxWorkspace::new(1));
                close("largest", net.forward(x, Mode::Training, &mut memory)?.y.data(), &largest);
                let found = net.backward_inputs(x, MaxOutputGradients { y: upstream() }, &mut memory)?;
                close("largest, by the image", found.x.data(), &by_largest);

                let (net, mut memory) = (Avg::new(0), AvgWorkspace::new(1));
                close("mean", net.forward(x, Mode::Training, &mut memory)?.y.data(), &mean);
                let found = net.backward_inputs(x, AvgOutputGradients { y: upstream() }, &mut memory)?;
                close("mean, by the image", found.x.data(), &by_mean);
                Ok(())
            }
        }
    };
}

const fn axis(kernel: usize, stride: usize, same: bool) -> Axis {
    Axis { kernel, stride, dilation: 1, same }
}

windows!(one_pixel, [1], [1] -> [5, 7], axis(1, 1, false), axis(1, 1, false));
windows!(as_large_as_the_image, [(5, 7)], [(5, 7)] -> [1, 1], axis(5, 1, false), axis(7, 7, false));
windows!(pixels_far_apart, [1, stride = (4, 6)], [1, stride = (4, 6)] -> [2, 2], axis(1, 4, false), axis(1, 6, false));
windows!(
    stride_beyond_any_image, [(2, 3), stride = 1_000_000_000], [(2, 3), stride = 1_000_000_000] -> [1, 1],
    axis(2, 1_000_000_000, false), axis(3, 1_000_000_000, false)
);
windows!(larger_than_the_image, [(9, 15), padding = same], [(9, 15), stride = 1, padding = same] -> [5, 7], axis(9, 1, true), axis(15, 1, true));
windows!(
    larger_and_with_strides, [(8, 11), stride = (2, 5), padding = same], [(8, 11), stride = (2, 5), padding = same] -> [3, 2],
    axis(8, 2, true), axis(11, 5, true)
);
windows!(stride_beyond_the_window, [2, stride = (3, 4), padding = same], [2, stride = (3, 4), padding = same] -> [2, 2], axis(2, 3, true), axis(2, 4, true));
windows!(
    gaps_beyond_the_image, [3, padding = same, dilation = (4, 100)], [3, stride = 1, padding = same] -> [5, 7],
    Axis { dilation: 4, ..axis(3, 1, true) }, Axis { dilation: 100, ..axis(3, 1, true) }
);
