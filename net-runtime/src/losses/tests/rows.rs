//! Losses that every row decides alone.

use super::*;

#[test]
fn losses_of_rows_and_their_gradients() {
    for dims in [&[4_usize] as &[usize], &[6], &[3, 5], &[2, 3, 4]] {
        let n = 3;
        let row = *dims.last().unwrap();
        let count = n * dims.iter().product::<usize>();
        let output = numbers(count, -2.0, 2.0, 15);
        let target = numbers(count, -2.0, 2.0, 16);
        compare(&CosineSimilarity, dims, n, &output, &target, &wide(&target), |y, t| {
            let dot = |a: &[f64], b: &[f64]| pairs(a, b).map(|(a, b)| a * b).sum::<f64>();
            -dot(y, t) / (dot(y, y) * dot(t, t)).sqrt()
        });
        let classes = numbers(count / row, 0.0, row as f64, 17);
        let mut one_hot = vec![0.0; count];
        for (position, &class) in classes.iter().enumerate() {
            one_hot[position * row + (class as usize).min(row - 1)] = 1.0;
        }
        let exact = wide(&one_hot);
        compare(&CategoricalHinge, dims, n, &output, &one_hot, &exact, |y, t| {
            let best = pairs(y, t).map(|(y, t)| (1.0 - t) * y).fold(f64::NEG_INFINITY, f64::max);
            (best - pairs(y, t).map(|(y, t)| t * y).sum::<f64>() + 1.0).max(0.0)
        });
        let shares = numbers(count, 0.02, 0.98, 18);
        let told = numbers(count, 0.02, 0.98, 19);
        compare(&KlDivergence, dims, n, &shares, &told, &wide(&told), |p, t| {
            pairs(p, t).map(|(p, t)| t * (t / p).ln()).sum()
        });
        let focal = CategoricalFocalCrossentropy { gamma: 1.5, alpha: 0.4, label_smoothing: 0.1 };
        compare(&focal, dims, n, &shares, &one_hot, &exact, |p, t| {
            let sum: f64 = p.iter().sum();
            let of = |(p, t): (f64, f64)| -0.4 * t * (1.0 - p / sum).powf(1.5) * (p / sum).ln();
            pairs(p, &smoothed(t, 0.1)).map(of).sum()
        });
        let numbers: Vec<u32> = classes.iter().map(|&class| (class as u32).min(row as u32 - 1)).collect();
        compare(&GeneralizedCrossentropy { q: 0.7 }, dims, n, &shares, &numbers, &exact, |p, t| {
            pairs(p, t).map(|(p, t)| t * (1.0 - p.powf(0.7)) / 0.7).sum()
        });
    }
}
