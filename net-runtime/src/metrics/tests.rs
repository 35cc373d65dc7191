//! Hand-counted values, and TensorFlow's answers where values are equal or not finite.

use super::*;

fn over<M: Metric>(metric: &M, dims: &[usize], output: &[f32], targets: &[M::Target]) -> f32 {
    let mut state = M::State::default();
    update(metric, &mut state, dims, output, targets);
    metric.result(&state)
}

#[test]
fn accuracies_count_right_positions() {
    // Two samples of two positions with three classes; the second position has a tie that goes to the first.
    let output = [0.1, 0.7, 0.2, 0.4, 0.2, 0.4, 0.0, 0.1, 0.9, 0.5, 0.3, 0.2];
    let one_hot = [0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0];
    assert_eq!(over(&CategoricalAccuracy, &[2, 3], &output, &one_hot), 0.75);
    assert_eq!(over(&SparseCategoricalAccuracy, &[2, 3], &output, &[1, 2, 2, 0]), 0.75);
    assert_eq!(over(&SparseCategoricalAccuracy, &[2, 3], &output, &[1, 9, 2, 0]), 0.75);
    // One half is not above one half.
    assert_eq!(over(&BinaryAccuracy, &[1], &[0.5, 0.51, 0.2, 0.9], &[0.0, 1.0, 1.0, 1.0]), 0.75);
}

#[test]
fn the_best_k_are_those_of_tensorflow() {
    let rows: [([f32; 3], u32, f32); 7] = [
        ([0.2, 0.5, 0.1], 1, 1.0),
        ([0.2, 0.5, 0.1], 2, 0.0),
        ([0.3, 0.3, 0.3], 2, 1.0),
        ([0.1, 0.2, 0.2], 0, 0.0),
        ([f32::NAN, 0.1, 0.2], 1, 0.0),
        ([0.1, 0.2, f32::INFINITY], 0, 0.0),
        ([0.1, 0.2, 0.3], 3, 0.0),
    ];
    for (output, class, expected) in rows {
        assert_eq!(over(&SparseTopK { k: 2 }, &[3], &output, &[class]), expected, "{output:?} {class}");
        if class < 3 {
            let mut target = [0.0; 3];
            target[class as usize] = 1.0;
            assert_eq!(over(&TopK { k: 2 }, &[3], &output, &target), expected, "{output:?} {class}");
        }
    }
}

#[test]
fn errors_are_over_all_elements_of_all_batches() {
    let mut state = Mean::default();
    update(&MeanAbsoluteError, &mut state, &[2], &[1.0, 2.0, 3.0, 4.0], &[1.0, 0.0, 4.0, 4.0]);
    update(&MeanAbsoluteError, &mut state, &[2], &[1.0, 1.0], &[0.0, -1.0]);
    assert_eq!(MeanAbsoluteError.result(&state), 1.0);
    assert_eq!(over(&MeanSquaredError, &[2], &[1.0, 2.0, 3.0, 4.0], &[1.0, 0.0, 4.0, 4.0]), 1.25);
}

#[test]
fn nothing_is_zero() {
    assert_eq!(over(&MeanSquaredError, &[2], &[], &[]), 0.0);
}
