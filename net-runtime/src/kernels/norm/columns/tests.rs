use super::*;

/// Twice in f64: the mean, then the squared distances.
fn exact(x: &[f32], channels: usize) -> Vec<(f64, f64)> {
    let column = |channel: usize| x.iter().skip(channel).step_by(channels).map(|&value| f64::from(value));
    let rows = (x.len() / channels) as f64;
    (0..channels)
        .map(|channel| {
            let mean = column(channel).sum::<f64>() / rows;
            (mean, column(channel).map(|value| (value - mean).powi(2)).sum::<f64>() / rows)
        })
        .collect()
}

#[test]
fn wide_rows_are_whole_vectors_of_whole_rows() {
    for channels in 1..200 {
        let wide = wide(channels);
        assert!(wide.is_multiple_of(channels), "{channels}: {wide}");
        assert!(channels >= WIDE || (wide >= WIDE && wide.is_multiple_of(LANES)), "{channels}: {wide}");
        assert!(wide < LANES * channels + WIDE, "{channels}: {wide}");
    }
    assert_eq!(wide(0), 0);
}

#[test]
fn moments_are_precise_far_from_zero_on_every_instruction_set() {
    for isa in Isa::available() {
        for (rows, channels) in
            [(1, 1), (1, 5), (2, 70), (3, 5), (70, 3), (1000, 1), (700, 16), (99, 17), (5000, 2), (65, 300)]
        {
            // Deviations of about 0.3 at 0, 30 and 3000, and a channel that does not vary.
            let value = |index: usize| {
                let (row, channel) = (index / channels, index % channels);
                let center = [0.0, 30.0, -3000.0, 7.0][channel % 4];
                center + if channel % 4 == 3 { 0.0 } else { ((row * 7 + channel) as f32 * 1.37).sin() * 0.4 }
            };
            let x: Vec<f32> = (0..rows * channels).map(value).collect();
            let (mut mean, mut variance) = (vec![f32::NAN; channels], vec![f32::NAN; channels]);
            let mut work = vec![f32::NAN; 2 * wide(channels)];
            isa.force(|| mean_and_variance(&x, &mut mean, &mut variance, &mut work));
            for (channel, (exact_mean, exact_variance)) in exact(&x, channels).into_iter().enumerate() {
                let what = format!("{isa:?} {rows} x {channels}, channel {channel}");
                let error = (f64::from(mean[channel]) - exact_mean).abs();
                assert!(error <= 1e-7 * (1.0 + exact_mean.abs()), "{what}: mean {} for {exact_mean}", mean[channel]);
                let error = (f64::from(variance[channel]) - exact_variance).abs();
                assert!(
                    error <= 1e-6 * exact_variance + 1e-30,
                    "{what}: variance {} for {exact_variance}",
                    variance[channel]
                );
                assert!(channel % 4 != 3 || variance[channel] == 0.0, "{what}: a constant varies");
            }
        }
    }
}

#[test]
fn sums_of_gradients_are_exact_on_integers() {
    for isa in Isa::available() {
        for (rows, channels) in [(1, 1), (1, 5), (2, 70), (3, 5), (70, 3), (1000, 1), (65, 130), (99, 17)] {
            let x: Vec<f32> = (0..rows * channels).map(|i| (i % 11) as f32 - 5.0).collect();
            let dy: Vec<f32> = (0..rows * channels).map(|i| (i % 7) as f32 - 3.0).collect();
            let mean: Vec<f32> = (0..channels).map(|channel| (channel % 3) as f32).collect();
            let (mut sums, mut products) = (vec![f32::NAN; channels], vec![f32::NAN; channels]);
            let mut work = vec![f32::NAN; 3 * wide(channels)];
            let upstream = Upstream { x: &x, dy: &dy, behind: None };
            isa.force(|| gradient_sums(&upstream, &mean, (&mut sums, &mut products), &mut work));
            for channel in 0..channels {
                let places = || (channel..x.len()).step_by(channels);
                let sum: f32 = places().map(|at| dy[at]).sum();
                let product: f32 = places().map(|at| dy[at] * (x[at] - mean[channel])).sum();
                assert_eq!((sums[channel], products[channel]), (sum, product), "{isa:?} {rows} x {channels}");
            }
        }
    }
}

#[test]
fn a_nan_stays_in_its_channel() {
    let mut x = vec![1.0; 40 * 5];
    x[100 + 3] = f32::NAN;
    let (mut mean, mut variance) = (vec![0.0; 5], vec![0.0; 5]);
    mean_and_variance(&x, &mut mean, &mut variance, &mut vec![0.0; 2 * wide(5)]);
    for channel in 0..5 {
        assert_eq!(mean[channel].is_nan() && variance[channel].is_nan(), channel == 3);
    }
    assert_eq!((mean[0], variance[0]), (1.0, 0.0));
}
