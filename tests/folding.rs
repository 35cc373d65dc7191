//! In inference, a `BatchNorm` behind a layer that is linear in its kernel is folded into that layer's weights: predictions are those
//! of both layers one after the other, whatever weights and statistics have become since the last one.

use net_runtime::Workspace;
use net_runtime::prelude::*;
use tests_common::{batch, copy_weights, everywhere, named};

/// Makes two networks of the same weights: one that can fold, and one in which somebody else reads what is between.
macro_rules! both {
    ($test:ident: $x:tt $between:tt $y:tt, ($($linear:tt)*), ($($norm:tt)*), $tolerance:literal) => {
        mod $test {
            use super::*;

            network! {
                network Folds(x: $x) -> (y: $y) {
                    let y = x -> $($linear)* -> $($norm)*;
                }

                network Keeps(x: $x) -> (y: $y, between: $between) {
                    let between = x -> $($linear)*;
                    let y = between -> $($norm)*;
                }
            }

            #[test]
            fn predictions_are_those_of_both_layers() {
                const { assert!(Folds::INFERENCE_BYTES_PER_SAMPLE < Keeps::INFERENCE_BYTES_PER_SAMPLE) };
                let (mut folds, mut keeps) = (Folds::new(1), Keeps::new(2));
                let (mut workspace, mut other) = (FoldsWorkspace::new(1), KeepsWorkspace::new(1));
                let count = named(&folds).len();
                // All parameters, then one after the other, with the same workspace.
                for changed in [None].into_iter().chain((0..count).map(Some)) {
                    change(&mut folds, changed);
                    copy_weights(&folds, &mut keeps);
                    for n in [1, 3] {
                        let x = batch(n, 31);
                        for arithmetic in [Arithmetic::Fast, Arithmetic::Exact] {
                            workspace.set_arithmetic(arithmetic);
                            other.set_arithmetic(arithmetic);
                            let outputs = folds.predict_into(&x, &mut workspace).unwrap();
                            let expected = keeps.predict_into(&x, &mut other).unwrap();
                            compare(outputs.y.data(), expected.y.data(), $tolerance);
                        }
                    }
                }
                // Another network in the same workspace, and one that was moved.
                let (mut second, x) = (Folds::new(5), batch(2, 7919));
                workspace.set_arithmetic(Arithmetic::default());
                change(&mut second, None);
                let alone = second.predict(&x).unwrap();
                for net in [&folds, &second, &folds, &second.clone()] {
                    let outputs = net.predict_into(&x, &mut workspace).unwrap().to_owned();
                    assert_eq!(outputs.y.data() == alone.y.data(), !std::ptr::eq(net, &folds));
                }
                everywhere(|| assert_eq!(second.predict(&x).unwrap(), second.predict(&x).unwrap()));
            }
        }
    };
}

both!(conv2d: [9, 8, 5] [7, 6, 20] [7, 6, 20], (Conv2d(20, 3)), (BatchNorm -> relu), 2e-6);
both!(winograd: [9, 8, 16] [9, 8, 32] [9, 8, 32], (Conv2d(32, 3, padding = same)), (BatchNorm -> relu), 2e-5);
both!(winograd_line: [9, 8, 16] [9, 4, 32] [9, 4, 32], (Conv2d(32, 3, stride = (1, 2), padding = same)), (BatchNorm), 2e-5);
both!(without_bias: [9, 8, 5] [7, 6, 20] [7, 6, 20], (Conv2d(20, 3, bias = false)), (BatchNorm -> relu), 2e-6);
both!(not_centered: [9, 8, 5] [7, 6, 20] [7, 6, 20], (Conv2d(20, 3)), (BatchNorm(center = false)), 2e-6);
both!(not_scaled: [9, 8, 5] [7, 6, 20] [7, 6, 20], (Conv2d(20, 3)), (BatchNorm(scale = false, epsilon = 0.1)), 2e-6);
both!(plain: [9, 8, 5] [7, 6, 20] [7, 6, 20], (Conv2d(20, 3, bias = false)), (BatchNorm(center = false, scale = false)), 2e-6);
both!(grouped: [9, 8, 6] [7, 6, 9] [7, 6, 9], (Conv2d(9, 3, groups = 3)), (BatchNorm -> relu), 2e-6);
both!(depthwise: [9, 8, 5] [7, 6, 15] [7, 6, 15], (DepthwiseConv2d(3, multiplier = 3)), (BatchNorm -> relu), 2e-6);
both!(transposed: [4, 5, 7] [9, 11, 3] [9, 11, 3], (Conv2dTranspose(3, 3, stride = 2)), (BatchNorm -> relu), 2e-6);
both!(steps: [9, 5] [7, 20] [7, 20], (Conv1d(20, 3)), (BatchNorm -> relu), 2e-6);
both!(transposed_steps: [9, 5] [11, 20] [11, 20], (Conv1dTranspose(20, 3)), (BatchNorm -> relu), 2e-6);
both!(volume: [5, 6, 4, 3] [3, 4, 2, 10] [3, 4, 2, 10], (Conv3d(10, 3)), (BatchNorm -> relu), 2e-6);
both!(transposed_volume: [2, 3, 2, 3] [4, 5, 4, 10] [4, 5, 4, 10], (Conv3dTranspose(10, 3)), (BatchNorm -> relu), 2e-6);
both!(dense: [40] [33] [33], (Dense(33)), (BatchNorm -> sigmoid), 2e-6);
both!(dense_rows: [6, 40] [6, 33] [6, 33], (Dense(33, bias = false)), (BatchNorm -> gelu), 2e-6);
both!(reshaped: [9, 8, 5] [7, 6, 20] [42, 20], (Conv2d(20, 3)), (Reshape(42, 20) -> BatchNorm), 2e-6);
both!(each_step: [2, 9, 8, 5] [2, 7, 6, 20] [2, 7, 6, 20], (TimeDistributed(Conv2d(20, 3))), (BatchNorm -> relu), 2e-6);

network! {
    /// Both layers shared, one of them, and one whose result a second one reads.
    network Shared(x: [6, 7, 4], z: [5, 8, 4]) -> (sum: [4, 5, 18], other: [3, 6, 18]) {
        layer eye = Conv2d(18, 3) -> BatchNorm -> relu;
        layer conv = Conv2d(18, 3);
        layer norm = BatchNorm;
        let read = x -> conv;
        let sum = (x -> eye, x -> conv -> norm, x -> Conv2d(18, 3) -> norm -> tanh, read -> norm, read) -> Add;
        let other = (z -> eye, z -> conv -> norm) -> Add;
    }

    network Alone(x: [6, 7, 4], z: [5, 8, 4]) -> (sum: [4, 5, 18], other: [3, 6, 18], a: [4, 5, 18], b: [4, 5, 18], c: [4, 5, 18], d: [3, 6, 18], e: [3, 6, 18]) {
        layer eye = Conv2d(18, 3);
        layer eye_norm = BatchNorm;
        layer conv = Conv2d(18, 3);
        layer norm = BatchNorm;
        let (a, b) = (x -> eye, x -> conv);
        let c = x -> Conv2d(18, 3);
        let sum = (a -> eye_norm -> relu, b -> norm, c -> norm -> tanh, b -> norm, b) -> Add;
        let (d, e) = (z -> eye, z -> conv);
        let other = (d -> eye_norm -> relu, e -> norm) -> Add;
    }
}

#[test]
fn shared_layers_are_folded_at_each_use() {
    let (mut folds, mut keeps) = (Shared::new(1), Alone::new(2));
    change(&mut folds, None);
    let (x, z) = (batch(3, 31), batch(3, 17));
    let values = named(&folds);
    keeps.visit_mut(&mut |name, param| {
        let name = name.to_string().replace("eye_norm", "eye_batch_norm").replace("c_conv2d", "sum_conv2d");
        let name = if name.starts_with("eye.") { name.replace("eye.", "eye_conv2d.") } else { name };
        let (_, values) =
            values.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("{name} of {values:?}"));
        param.values_mut().copy_from_slice(values);
    });
    let outputs = folds.predict(SharedInputs { x: x.view(), z: z.view() }).unwrap();
    let expected = keeps.predict(AloneInputs { x: x.view(), z: z.view() }).unwrap();
    compare(outputs.sum.data(), expected.sum.data(), 2e-6);
    compare(outputs.other.data(), expected.other.data(), 2e-6);
}

/// Other numbers in all parameters, or in the one of this index; a variance is above 0.
fn change(net: &mut impl Network, which: Option<usize>) {
    let mut index = 0;
    net.visit_mut(&mut |name, param| {
        if which.is_none_or(|which| which == index) {
            let at = param.version() as usize;
            let is_variance = name.to_string().ends_with("variance");
            for (place, value) in param.values_mut().iter_mut().enumerate() {
                let number = ((place * 37 + at * 101) % 64) as f32 / 32.0 - 1.0;
                *value = if is_variance { number + 1.2 } else { number };
            }
        }
        index += 1;
    });
}

/// Compares numbers, as parts of their root mean square.
fn compare(found: &[f32], expected: &[f32], tolerance: f32) {
    let scale = (expected.iter().map(|number| number * number).sum::<f32>() / expected.len() as f32).sqrt();
    assert_eq!(found.len(), expected.len());
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= tolerance * scale.max(expected.abs()) * 4.0,
            "{index}: {found}, not {expected}"
        );
    }
}
