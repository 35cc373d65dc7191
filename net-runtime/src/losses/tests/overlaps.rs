//! Areas that overlap.

use super::*;

#[test]
fn overlaps_of_samples_and_their_gradients() {
    for dims in SHAPES {
        let n = 3;
        let of_samples = Dice { over: Over::EachSample };
        let len = dims.iter().product::<usize>();
        let output = numbers(n * len, 0.0, 1.0, 23);
        let target: Vec<f32> = numbers(n * len, 0.0, 1.0, 24).iter().map(|v| v.round()).collect();
        let exact = wide(&target);
        compare_in(len, &of_samples, dims, n, &output, &target, &exact, |p, t| {
            let both = pairs(p, t).map(|(p, t)| p * t).sum::<f64>();
            1.0 - 2.0 * both / (p.iter().sum::<f64>() + t.iter().sum::<f64>() + f64::from(1e-7_f32))
        });
        compare_in(
            len,
            &Tversky { alpha: 0.25, beta: 0.75, over: Over::EachSample },
            dims,
            n,
            &output,
            &target,
            &exact,
            |p, t| {
                let both = pairs(p, t).map(|(p, t)| p * t).sum::<f64>();
                let missed = pairs(p, t).map(|(p, t)| (1.0 - p) * t).sum::<f64>();
                let wrong = pairs(p, t).map(|(p, t)| p * (1.0 - t)).sum::<f64>();
                1.0 - both / (both + 0.25 * missed + 0.75 * wrong + f64::from(1e-7_f32))
            },
        );
    }
    // Nothing is there, and nothing is found: finite.
    let (value, slopes) = both(&Dice::default(), &[3], &[0.0; 3], &[0.0; 3]);
    assert!(value == 1.0 && slopes.iter().all(|slope| slope.is_finite()));
}

/// A batch is one large sample: as a batch of one, and times the mean of the weights.
#[test]
fn overlaps_of_a_batch_are_those_of_one_large_sample() {
    let output = numbers(12, 0.0, 1.0, 27);
    let target: Vec<f32> = numbers(12, 0.0, 1.0, 28).iter().map(|v| v.round()).collect();
    let weights = [0.5, 2.0, 0.0];
    let of = |loss: &Tversky, n, dims: &'static [usize], weights: Option<&[f32]>| {
        let mut slopes = vec![f32::NAN; 12];
        gradient(loss, dims, n, 1.7, &output, &target, weights, &mut slopes, Write::Set);
        (value(loss, "mask", dims, n, &output, &target, weights).unwrap(), slopes)
    };
    let (batch, sample) = (
        Tversky { alpha: 0.25, beta: 0.75, over: Over::WholeBatch },
        Tversky { alpha: 0.25, beta: 0.75, over: Over::EachSample },
    );
    let (expected, slopes) = of(&sample, 1, &[12], None);
    assert_eq!(of(&batch, 3, &[4], None), (expected, slopes.clone()));
    let (found, weighted) = of(&batch, 3, &[4], Some(&weights));
    let mean = 2.5 / 3.0;
    assert!((found - mean * expected).abs() < 1e-6, "{found} for {expected}");
    for (found, slope) in weighted.iter().zip(slopes) {
        assert!((found - mean * slope).abs() < 1e-6, "{found} for {slope}");
    }
}
