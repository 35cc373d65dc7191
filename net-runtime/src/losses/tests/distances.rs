//! What is to be small, or apart.

use super::*;

/// Finite differences of a loss without targets, and what it is for weights of samples.
fn without_targets<L: Loss<Target = f32>>(
    loss: &L,
    dims: &'static [usize],
    output: &[f32],
    reference: impl Fn(&[f64]) -> f64,
) {
    let n = output.len() / dims.iter().product::<usize>();
    let exact = wide(output);
    let (value, slopes) = both(loss, dims, output, &[]);
    assert!((f64::from(value) - reference(&exact)).abs() < 1e-6, "{value}");
    for (index, slope) in slopes.iter().enumerate() {
        let at = |step: f64| {
            let mut moved = exact.clone();
            moved[index] += step;
            reference(&moved)
        };
        let expected = (at(1e-6) - at(-1e-6)) / 2e-6;
        assert!((f64::from(*slope) - expected).abs() < 1e-6, "{index}: {slope} for {expected}");
    }
    together(loss, dims, n, output, &[]);
}

#[test]
fn what_is_minimized_is_the_mean() {
    for dims in SHAPES {
        let output = numbers(3 * dims.iter().product::<usize>(), -2.0, 2.0, 31);
        without_targets(&Minimize, dims, &output, |y| mean(y.iter().copied()));
    }
}

#[test]
fn triplets_are_apart_by_a_margin() {
    for dims in [&[2_usize] as &[usize], &[3, 2], &[2, 3, 2]] {
        let output = numbers(4 * dims.iter().product::<usize>(), 0.0, 2.0, 32);
        for margin in [0.0, 0.3, 1.0] {
            let naive = |y: &[f64]| mean(y.chunks(2).map(|d| (d[0] - d[1] + f64::from(margin)).max(0.0)));
            without_targets(&Triplet { margin }, dims, &output, naive);
        }
    }
    // Just at the margin, far from it, and far beyond it.
    let at = both(&Triplet { margin: 0.5 }, &[2], &[0.5, 1.0, 1e4, 0.0, 0.0, 1e4], &[]);
    assert_eq!(at, (10_000.5 / 3.0, vec![0.0, 0.0, 1.0 / 3.0, -1.0 / 3.0, 0.0, 0.0]));
}

#[test]
fn pairs_belong_together_or_are_apart() {
    for dims in SHAPES {
        let n = 3;
        let count = n * dims.iter().product::<usize>();
        let output = numbers(count, 0.0, 2.0, 33);
        let target: Vec<f32> = numbers(count, 0.0, 1.0, 34).iter().map(|v| v.round()).collect();
        compare(&Contrastive { margin: 1.25 }, dims, n, &output, &target, &wide(&target), |y, t| {
            mean(pairs(y, t).map(|(y, t)| t * y * y + (1.0 - t) * (1.25 - y).max(0.0).powi(2)))
        });
    }
}
