//! Layers whose operands are parts of larger tensors: results and gradients are those of operands that lie alone, to the bit; nothing is
//! read or written beside the parts.

use net_runtime::activations::Activation;
use net_runtime::layers::{Add, Average, Columns, Concat, Dense, Maximum, Minimum, Mul, Split, Sub};
use net_runtime::weights::Affine;
use net_runtime::{Gradient, Param, Scratch, Store, Write};

use crate::reference::*;

/// A larger tensor with these values in its columns, and something else in the others.
fn placed(columns: Columns, values: &[f32], beside: f32) -> Vec<f32> {
    let mut whole = vec![beside; values.len() / columns.count * columns.of];
    for (row, values) in values.chunks_exact(columns.count).enumerate() {
        whole[row * columns.of + columns.start..][..columns.count].copy_from_slice(values);
    }
    whole
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Compares what two calls write: the gradient by an operand that lies alone, and that by the columns of a larger tensor.
fn same_gradient(
    columns: Columns,
    len: usize,
    what: &str,
    alone: impl Fn(&mut [f32], Store),
    part: impl Fn(&mut [f32], Store),
) {
    for (store, before) in [(Store::Set, f32::NAN), (Store::Add, 0.25)] {
        let mut expected = vec![before; len];
        let mut found = placed(columns, &expected, 77.0);
        alone(&mut expected, store);
        part(&mut found, store);
        assert_eq!(bits(&found), bits(&placed(columns, &expected, 77.0)), "{what}, {columns:?}, {store:?}");
    }
}

const COLUMNS: [Columns; 5] = [
    Columns { start: 0, count: 3, of: 5 },
    Columns { start: 2, count: 16, of: 18 },
    Columns { start: 5, count: 37, of: 48 },
    Columns { start: 1, count: 1, of: 2 },
    Columns { start: 7, count: 300, of: 311 },
];

#[test]
fn activations() {
    let mut rng = rng(90);
    for columns in COLUMNS {
        for activation in
            [Activation::Relu, Activation::Tanh, Activation::Gelu { approximate: false }, Activation::Silu]
        {
            for rows in [0, 1, 13] {
                let len = rows * columns.count;
                let (x, dy) = (uniform(&mut rng, len), uniform(&mut rng, len));
                let whole = placed(columns, &x, f32::NAN);
                let on_columns = activation.on_columns(columns);
                let (mut expected, mut found) = (vec![f32::NAN; len], vec![f32::NAN; len]);
                activation.forward(&x, &mut expected);
                on_columns.forward(&whole, &mut found);
                assert_eq!(bits(&found), bits(&expected), "{activation:?}, {columns:?}");
                let [of, of_part] = match activation.derivative_from_input() {
                    true => [&x, &whole],
                    false => [&expected, &expected],
                };
                same_gradient(
                    columns,
                    len,
                    "an activation",
                    |dx, store| activation.backward_input(of, &dy, dx, store),
                    |dx, store| on_columns.backward_input(of_part, &dy, dx, store),
                );
            }
        }
    }
}

/// Few rows, a long inner axis, a small matrix, one in tiles, several rows in a sample.
const DENSE: [(usize, Dense); 6] = [
    (0, Dense { rows: 1, inputs: 3, outputs: 4 }),
    (2, Dense { rows: 1, inputs: 37, outputs: 32 }),
    (1, Dense { rows: 2, inputs: 5000, outputs: 16 }),
    (70, Dense { rows: 1, inputs: 33, outputs: 7 }),
    (9, Dense { rows: 7, inputs: 16, outputs: 40 }),
    (40, Dense { rows: 1, inputs: 500, outputs: 210 }),
];

#[test]
fn dense() {
    let mut rng = rng(91);
    for (n, layer) in DENSE {
        let Dense { rows, inputs, outputs } = layer;
        let columns = Columns { start: 3, count: inputs, of: inputs + 5 };
        let on_columns = layer.on_columns(columns);
        let (x, dy) = (uniform(&mut rng, n * rows * inputs), uniform(&mut rng, n * rows * outputs));
        let mut weights = Affine { kernel: Param::zeros(&[inputs, outputs]), bias: Param::zeros(&[outputs]) };
        for param in [&mut weights.kernel, &mut weights.bias] {
            let len = param.values().len();
            param.values_mut().copy_from_slice(&uniform(&mut rng, len));
        }
        let whole = placed(columns, &x, f32::NAN);
        let (mut expected, mut found) = (vec![f32::NAN; dy.len()], vec![f32::NAN; dy.len()]);
        layer.forward(n, &x, &weights, Activation::Tanh, &mut expected, &mut Scratch::default());
        on_columns.forward(n, &whole, &weights, Activation::Tanh, &mut found, &mut Scratch::default());
        assert_eq!(bits(&found), bits(&expected), "{layer:?}");
        let gradient = || Affine { kernel: Gradient::zeros(&[inputs, outputs]), bias: Gradient::zeros(&[outputs]) };
        let (mut expected, mut found) = (gradient(), gradient());
        layer.backward_weights(n, &x, &dy, &mut expected, &mut Scratch::default());
        on_columns.backward_weights(n, &whole, &dy, &mut found, &mut Scratch::default());
        assert_eq!(bits(found.kernel.values()), bits(expected.kernel.values()), "{layer:?}");
        assert_eq!(bits(found.bias.values()), bits(expected.bias.values()), "{layer:?}");
        same_gradient(
            columns,
            x.len(),
            "a dense layer",
            |dx, store| layer.backward_input(n, &weights, &dy, dx, store, &mut Scratch::default()),
            |dx, store| on_columns.backward_input(n, &weights, &dy, dx, store, &mut Scratch::default()),
        );
    }
}

#[test]
fn concatenations() {
    let mut rng = rng(92);
    const LAYER: Concat = Concat { outer: 5, runs: &[3, 4, 3] };
    const PARTS: &[Option<Columns>] =
        &[Some(Columns { start: 1, count: 3, of: 6 }), None, Some(Columns { start: 0, count: 3, of: 3 })];
    for n in [0, 1, 4] {
        let inputs = [3, 4, 3].map(|run| uniform(&mut rng, n * 5 * run));
        let wholes: Vec<Vec<f32>> = inputs
            .iter()
            .zip(PARTS)
            .map(|(input, columns)| columns.map_or_else(|| input.clone(), |columns| placed(columns, input, f32::NAN)))
            .collect();
        let (mut expected, mut found) = (vec![f32::NAN; n * 50], vec![f32::NAN; n * 50]);
        LAYER.forward(n, &inputs.each_ref().map(|input| &input[..]), &mut expected);
        let on_columns = LAYER.on_columns(PARTS);
        on_columns.forward(n, &wholes.iter().map(|whole| &whole[..]).collect::<Vec<_>>(), &mut found);
        assert_eq!(bits(&found), bits(&expected));
        for (k, columns) in PARTS.iter().enumerate() {
            if let Some(columns) = *columns {
                same_gradient(
                    columns,
                    inputs[k].len(),
                    "a concatenation",
                    |dx, store| LAYER.backward_input(n, k, &expected, dx, store),
                    |dx, store| on_columns.backward_input(n, k, &expected, dx, store),
                );
            }
        }
    }
}

/// The same of a merging layer, whose gradients may need its inputs.
macro_rules! merges {
    ($($test:ident: $kind:ident $(($inputs:ident))?;)*) => {
        $(#[test]
        fn $test() {
            // A part and another one; a part that repeats; a part beside a tensor that lies alone and repeats; more than a tile.
            const CASES: [(&[&[usize]], &[usize], &[Option<Columns>]); 4] = [
                (
                    &[&[4, 3], &[4, 3]],
                    &[4, 3],
                    &[Some(Columns { start: 2, count: 3, of: 6 }), Some(Columns { start: 0, count: 6, of: 7 })],
                ),
                (&[&[4, 1], &[4, 3]], &[4, 3], &[Some(Columns { start: 1, count: 1, of: 3 })]),
                (&[&[2, 5], &[1, 5]], &[2, 5], &[Some(Columns { start: 5, count: 5, of: 10 }), None]),
                (&[&[2, 300], &[2, 300]], &[2, 300], &[None, Some(Columns { start: 9, count: 300, of: 320 })]),
            ];
            let mut rng = rng(93);
            for (dims, output, columns) in CASES {
                for n in [0, 1, 3] {
                    let len = |dims: &[usize]| n * dims.iter().product::<usize>();
                    let operands: Vec<Vec<f32>> = dims.iter().map(|dims| uniform(&mut rng, len(dims))).collect();
                    let wholes: Vec<Vec<f32>> = operands
                        .iter()
                        .enumerate()
                        .map(|(k, operand)| match columns.get(k).copied().flatten() {
                            Some(columns) => placed(columns, operand, f32::NAN),
                            None => operand.clone(),
                        })
                        .collect();
                    let alone: Vec<&[f32]> = operands.iter().map(|x| &x[..]).collect();
                    let parts: Vec<&[f32]> = wholes.iter().map(|x| &x[..]).collect();
                    let layer = $kind { inputs: dims, output };
                    let on_columns = layer.on_columns(columns);
                    let (mut expected, mut found) = (vec![f32::NAN; len(output)], vec![f32::NAN; len(output)]);
                    layer.forward(n, &alone, &mut expected);
                    on_columns.forward(n, &parts, &mut found);
                    assert_eq!(bits(&found), bits(&expected), "{dims:?}");
                    let dy = uniform(&mut rng, len(output));
                    for k in 0..dims.len() {
                        let Some(place) = columns.get(k).copied().flatten() else { continue };
                        let write = |store: Store| if store == Store::Set { Write::Set } else { Write::Add };
                        same_gradient(
                            place,
                            operands[k].len(),
                            stringify!($kind),
                            |dx, store| {
                                $(let $inputs = &alone;)?
                                layer.backward_input(n, k, $($inputs,)? &dy, dx, write(store));
                            },
                            |dx, store| {
                                $(let $inputs = &parts;)?
                                on_columns.backward_input(n, k, $($inputs,)? &dy, dx, write(store));
                            },
                        );
                    }
                }
            }
        })*
    };
}

merges! {
    add: Add;
    sub: Sub;
    mul: Mul (inputs);
    average: Average;
    maximum: Maximum (inputs);
    minimum: Minimum (inputs);
}

#[test]
fn gradients_that_are_missing_are_zero_where_they_lie() {
    let layer = Split { outer: 2, runs: &[1, 2, 3] };
    let mut dx = vec![5.0; 2 * 12];
    layer.finish_gradient(2, &[true, false, true], &mut dx);
    let row = [5.0, 0.0, 0.0, 5.0, 5.0, 5.0];
    assert_eq!(dx, row.repeat(4));
}

#[test]
#[should_panic(expected = "are not in a tensor of")]
fn a_part_lies_within_its_tensor() {
    let columns = Columns { start: 0, count: 2, of: 3 };
    Activation::Relu.on_columns(columns).forward(&[0.0; 5], &mut [0.0; 4]);
}

#[test]
#[should_panic(expected = "larger than memory")]
fn columns_whose_end_wraps_are_none() {
    let columns = Columns { start: usize::MAX, count: 2, of: 4 };
    Dense { rows: 1, inputs: 2, outputs: 1 }.on_columns(columns).forward(
        1,
        &[0.0; 4],
        &Affine { kernel: Param::zeros(&[2, 1]), bias: Param::zeros(&[1]) },
        Activation::Linear,
        &mut [0.0],
        &mut Scratch::default(),
    );
}
