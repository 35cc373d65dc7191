//! Merging layers, with and without axes that repeat.

use net_runtime::Write;
use net_runtime::layers::{Add, Average, Maximum, Minimum, Mul, Sub};

use crate::reference::*;

type Dims = &'static [usize];

/// Equal shapes; a gate on channels; a mask on pixels; both; scalars; repeated in the middle; more than a tile.
const CASES: [(&[Dims], Dims); 8] = [
    (&[&[2, 3, 4], &[2, 3, 4]], &[2, 3, 4]),
    (&[&[2, 3, 4], &[1, 1, 4]], &[2, 3, 4]),
    (&[&[1, 3, 1], &[2, 1, 4]], &[2, 3, 4]),
    (&[&[2, 3, 1], &[2, 3, 4], &[1, 3, 4]], &[2, 3, 4]),
    (&[&[5], &[5], &[5], &[1]], &[5]),
    (&[&[1, 1, 1], &[1, 1, 1], &[1, 1, 1]], &[1, 1, 1]),
    (&[&[7, 50], &[7, 1], &[1, 50]], &[7, 50]),
    (&[&[700], &[700], &[700]], &[700]),
];

fn len(dims: Dims) -> usize {
    dims.iter().product()
}

/// Which element of an input belongs to element `i` of the output.
fn source(input: Dims, output: Dims, i: usize) -> usize {
    let (sample, mut rest) = (i / len(output), i % len(output));
    let (mut at, mut stride) = (sample * len(input), 1);
    for axis in (0..output.len()).rev() {
        at += (rest % output[axis]).min(input[axis] - 1) * stride;
        rest /= output[axis];
        stride *= input[axis];
    }
    at
}

fn naive(dims: &[Dims], output: Dims, n: usize, inputs: &[Vec<f64>], f: fn(f64, f64) -> f64) -> Vec<f64> {
    let value = |k: usize, i: usize| inputs[k][source(dims[k], output, i)];
    (0..n * len(output)).map(|i| (1..dims.len()).fold(value(0, i), |a, k| f(a, value(k, i)))).collect()
}

/// Runs one kind over all cases: against the naive loops, and every input's gradient against their differences.
fn check(
    inputs_at_most: usize,
    f: fn(f64, f64) -> f64,
    finish: fn(f64, usize) -> f64,
    forward: impl Fn((&'static [Dims], Dims), usize, &[&[f32]], &mut [f32]),
    backward: impl Fn((&'static [Dims], Dims), usize, usize, &[&[f32]], &[f32], &mut [f32], Write),
) {
    let mut rng = rng(40);
    for case in CASES.into_iter().filter(|(dims, _)| dims.len() <= inputs_at_most) {
        let (dims, output) = case;
        for n in [0, 1, 3] {
            let mut all = distinct(&mut rng, dims.iter().map(|dims| n * len(dims)).sum());
            let inputs: Vec<Vec<f32>> = dims.iter().map(|dims| all.drain(..n * len(dims)).collect()).collect();
            let views: Vec<&[f32]> = inputs.iter().map(|input| &input[..]).collect();
            let wides: Vec<_> = inputs.iter().map(|input| wide(input)).collect();
            let result = |wides: &[Vec<f64>]| {
                let y = naive(dims, output, n, wides, f);
                y.into_iter().map(|y| finish(y, dims.len())).collect::<Vec<_>>()
            };
            let dy = uniform(&mut rng, n * len(output));
            let mut y = vec![f32::NAN; dy.len()];
            forward(case, n, &views, &mut y);
            assert_close(&y, &result(&wides), 1e-6);
            for k in 0..dims.len() {
                let by_k = |x: &[f64]| {
                    let mut wides = wides.clone();
                    wides[k] = x.to_vec();
                    result(&wides)
                };
                let slopes = slope(by_k, &inputs[k], &dy);
                assert_writes(|dx, write| backward(case, n, k, &views, &dy, dx, write), &slopes, 2e-6);
            }
        }
    }
}

macro_rules! merge_test {
    ($test:ident, $layer:ident, $most:expr, $f:expr, $finish:expr, |$self:ident, $n:ident, $k:ident, $x:ident, $dy:ident, $dx:ident, $write:ident| $backward:expr) => {
        #[test]
        fn $test() {
            check(
                $most,
                $f,
                $finish,
                |(inputs, output), n, x, y| $layer { inputs, output }.forward(n, x, y),
                |(inputs, output), $n, $k, $x, $dy, $dx, $write| {
                    let $self = $layer { inputs, output };
                    $backward
                },
            );
        }
    };
}

merge_test!(add, Add, 9, |a, b| a + b, |y, _| y, |l, n, k, _x, dy, dx, write| l.backward_input(n, k, dy, dx, write));
merge_test!(sub, Sub, 2, |a, b| a - b, |y, _| y, |l, n, k, _x, dy, dx, write| l.backward_input(n, k, dy, dx, write));
merge_test!(average, Average, 9, |a, b| a + b, |y, count| y / count as f64, |l, n, k, _x, dy, dx, write| {
    l.backward_input(n, k, dy, dx, write)
});
merge_test!(mul, Mul, 9, |a, b| a * b, |y, _| y, |l, n, k, x, dy, dx, write| l.backward_input(n, k, x, dy, dx, write));
merge_test!(maximum, Maximum, 9, f64::max, |y, _| y, |l, n, k, x, dy, dx, write| l
    .backward_input(n, k, x, dy, dx, write));
merge_test!(minimum, Minimum, 9, f64::min, |y, _| y, |l, n, k, x, dy, dx, write| l
    .backward_input(n, k, x, dy, dx, write));

/// Of equal values the first one of each pair: the first two inputs are a pair, their result and the third another.
#[test]
fn ties_and_nan() {
    const DIMS: &[Dims] = &[&[5], &[5], &[5]];
    let inputs: [&[f32]; 3] =
        [&[1.0, 0.0, 2.0, 0.0, f32::NAN], &[1.0, 2.0, 0.0, 0.0, 1.0], &[1.0, 2.0, 2.0, f32::NAN, 1.0]];
    let layer = Maximum { inputs: DIMS, output: &[5] };
    let mut y = [0.0; 5];
    layer.forward(1, &inputs, &mut y);
    assert_eq!(y[..3], [1.0, 2.0, 2.0]);
    assert!(y[3].is_nan() && y[4].is_nan());
    let gradient = |k: usize| {
        let mut dx = [f32::NAN; 5];
        layer.backward_input(1, k, &inputs, &[1.0; 5], &mut dx, Write::Set);
        dx[..3].to_vec()
    };
    assert_eq!([gradient(0), gradient(1), gradient(2)], [[1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]);

    let negated: Vec<Vec<f32>> = inputs.iter().map(|x| x.iter().map(|x| -x).collect()).collect();
    let negated: Vec<&[f32]> = negated.iter().map(|x| &x[..]).collect();
    let layer = Minimum { inputs: DIMS, output: &[5] };
    layer.forward(1, &negated, &mut y);
    assert_eq!(y[..3], [-1.0, -2.0, -2.0]);
    assert!(y[3].is_nan() && y[4].is_nan());
    let mut dx = [f32::NAN; 5];
    layer.backward_input(1, 1, &negated, &[1.0; 5], &mut dx, Write::Set);
    assert_eq!(dx[..3], [0.0, 1.0, 0.0]);
}
