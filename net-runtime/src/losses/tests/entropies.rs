//! Cross-entropies.

use super::*;

#[test]
fn binary_crossentropy_and_its_gradient() {
    for dims in SHAPES {
        let n = 2;
        let count = n * dims.iter().product::<usize>();
        let target: Vec<f32> = numbers(count, 0.0, 1.0, 3).iter().map(|v| v.round()).collect();
        let exact = wide(&target);
        let logits: Reference = |x, t| mean(pairs(x, t).map(|(x, t)| binary(1.0 / (1.0 + (-x).exp()), 0.8 * t + 0.1)));
        let loss = BinaryCrossentropy { label_smoothing: 0.2, input: Input::Logits };
        compare(&loss, dims, n, &numbers(count, -4.0, 4.0, 4), &target, &exact, logits);
        let probabilities: Reference = |p, t| mean(pairs(p, t).map(|(p, t)| binary(clip(p), t)));
        let loss = BinaryCrossentropy::default();
        // Some are beyond the bounds, where the gradient is zero.
        compare(&loss, dims, n, &numbers(count, -0.2, 1.2, 5), &target, &exact, probabilities);
    }
}

#[test]
fn categorical_crossentropies_and_their_gradients() {
    for dims in [&[4_usize] as &[usize], &[6], &[3, 5], &[2, 3, 4]] {
        let n = 3;
        let row = *dims.last().unwrap();
        let count = n * dims.iter().product::<usize>();
        let classes: Vec<u32> =
            numbers(count / row, 0.0, row as f64, 6).iter().map(|&v| (v as u32).min(row as u32 - 1)).collect();
        let mut target = vec![0.0; count];
        for (position, &class) in classes.iter().enumerate() {
            target[position * row + class as usize] = 1.0;
        }
        let exact = wide(&target);
        let logits = numbers(count, -3.0, 3.0, 7);
        let probabilities = numbers(count, 0.01, 0.99, 8);

        let loss = CategoricalCrossentropy { label_smoothing: 0.1, input: Input::Logits };
        compare(&loss, dims, n, &logits, &target, &exact, |x, t| cross_entropy(&softmax(x), &smoothed(t, 0.1)));
        let loss = CategoricalCrossentropy { label_smoothing: 0.1, input: Input::Probabilities };
        compare(&loss, dims, n, &probabilities, &target, &exact, |p, t| {
            let sum: f64 = p.iter().sum();
            let normal: Vec<f64> = p.iter().map(|p| clip(p / sum)).collect();
            cross_entropy(&normal, &smoothed(t, 0.1))
        });
        let loss = SparseCategoricalCrossentropy { ignore: None, input: Input::Logits };
        compare(&loss, dims, n, &logits, &classes, &exact, |x, t| cross_entropy(&softmax(x), t));
        let loss = SparseCategoricalCrossentropy::default();
        // Some are beyond the bounds, where the gradient is zero.
        let beyond: Vec<f32> = probabilities.iter().map(|p| 1.1 * p).collect();
        compare(&loss, dims, n, &beyond, &classes, &exact, |p, t| {
            let logs: Vec<f64> = p.iter().map(|&p| clip(p).ln()).collect();
            cross_entropy(&softmax(&logs), t)
        });
    }
}

#[test]
fn binary_focal_crossentropy_and_its_gradient() {
    for dims in SHAPES {
        let n = 2;
        let count = n * dims.iter().product::<usize>();
        let target: Vec<f32> = numbers(count, 0.0, 1.0, 20).iter().map(|v| v.round()).collect();
        let exact = wide(&target);
        let loss = BinaryFocalCrossentropy { gamma: 1.5, alpha: Some(0.3), label_smoothing: 0.2, input: Input::Logits };
        compare(&loss, dims, n, &numbers(count, -4.0, 4.0, 21), &target, &exact, |x, t| {
            mean(pairs(x, t).map(|(x, t)| {
                let (p, t) = (1.0 / (1.0 + (-x).exp()), 0.8 * t + 0.1);
                (t * 0.3 + (1.0 - t) * 0.7) * (t * (1.0 - p) + (1.0 - t) * p).powf(1.5) * binary(p, t)
            }))
        });
        let loss = BinaryFocalCrossentropy::default();
        compare(&loss, dims, n, &numbers(count, 0.05, 0.95, 22), &target, &exact, |p, t| {
            mean(pairs(p, t).map(|(p, t)| (t * (1.0 - p) + (1.0 - t) * p).powi(2) * binary(p, t)))
        });
    }
}

#[test]
fn ignored_positions_have_no_part_in_the_mean() {
    let (dims, ignore): (&'static [usize], _) = (&[4, 3], Some(255));
    // Of the second sample one position counts, of the third none.
    let target = [0, 255, 2, 1, 255, 255, 1, 255, 255, 255, 255, 255];
    for input in [Input::Logits, Input::Probabilities] {
        let output = match input {
            Input::Logits => numbers(36, -3.0, 3.0, 25),
            Input::Probabilities => numbers(36, 0.05, 0.95, 26),
        };
        let (all, plain) =
            (SparseCategoricalCrossentropy { ignore, input }, SparseCategoricalCrossentropy { ignore: None, input });
        check(&all, "y", dims, 3, &target).unwrap();
        for weights in [None, Some([0.5, 2.0, 3.0])] {
            let weights = weights.as_ref().map(|weights| &weights[..]);
            // Each position alone, as a sample of one.
            let (mut sum, mut expected) = (0.0, vec![0.0; 36]);
            for (position, &class) in target.iter().enumerate().filter(|(_, class)| **class != 255) {
                let weight = weights.map_or(1.0, |weights| weights[position / 4]);
                let row = &output[position * 3..][..3];
                sum += weight * plain.value(row, &[class], &[3]) / 4.0;
                plain.gradient(row, &[class], &[3], 1.7 * weight / 4.0, &mut expected[position * 3..][..3], Write::Set);
            }
            let found = value(&all, "y", dims, 3, &output, &target, weights).unwrap();
            assert!((found - sum).abs() < 1e-6 * sum, "{found} for {sum}");
            for (write, begin) in [(Write::Set, f32::NAN), (Write::Add, 10.0)] {
                let mut found = vec![begin; 36];
                gradient(&all, dims, 3, 1.7, &output, &target, weights, &mut found, write);
                for (found, expected) in found.iter().zip(&expected) {
                    let expected = if write == Write::Add { 10.0 + expected } else { *expected };
                    assert!((found - expected).abs() < 1e-5, "{found} for {expected}");
                }
            }
        }
        // Nothing that counts is no loss.
        let mut slopes = vec![f32::NAN; 12];
        gradient(&all, dims, 1, 1.0, &output[..12], &[255; 4], None, &mut slopes, Write::Set);
        assert_eq!(value(&all, "y", dims, 1, &output[..12], &[255; 4], None).unwrap(), 0.0);
        assert_eq!(slopes, [0.0; 12]);
        assert_eq!(all.check(&[255, 3], &[3]), Err(3));
    }
}
