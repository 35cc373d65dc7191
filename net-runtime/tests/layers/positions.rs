//! Encodings of positions, against their formulas.

use net_runtime::layers::{LearnedPositions, SinePositions};
use net_runtime::weights::Table;
use net_runtime::{Gradient, Param, Scratch};

use crate::reference::*;

#[test]
fn sines() {
    for (steps, features, max_wavelength) in
        [(1, 1, 10_000.0_f32), (5, 3, 10_000.0), (7, 16, 50.0), (3, 17, 1.5), (40, 35, 10_000.0)]
    {
        let layer = SinePositions { steps, features, max_wavelength };
        let x = uniform(&mut rng(1), 3 * steps * features);
        let encoding = |place: usize| {
            let (step, feature) = (place / features % steps, place % features);
            let exponent = 2.0 * (feature / 2) as f64 / features as f64;
            let angle = step as f64 / f64::from(max_wavelength).powf(exponent);
            if feature % 2 == 0 { angle.sin() } else { angle.cos() }
        };
        let expected: Vec<f64> = x.iter().enumerate().map(|(place, x)| f64::from(*x) + encoding(place)).collect();
        let mut scratch = Scratch::default();
        let mut y = vec![f32::NAN; x.len()];
        layer.forward(3, &x, &mut y, &mut scratch);
        assert_close(&y, &expected, 1e-7);
        assert_writes(|dx, write| layer.backward_input(3, &x, dx, write, &mut Scratch::default()), &wide(&x), 1e-7);
    }
}

/// After so many turns nothing is lost.
#[test]
fn far_steps() {
    let layer = SinePositions { steps: 200_001, features: 2, max_wavelength: 10_000.0 };
    let (x, mut y) = (vec![0.0; 400_002], vec![f32::NAN; 400_002]);
    layer.forward(1, &x, &mut y, &mut Scratch::default());
    assert_close(&y[400_000..], &[200_000_f64.sin(), 200_000_f64.cos()], 1e-7);
}

#[test]
fn a_table() {
    for (steps, features) in [(1, 1), (5, 3), (33, 70)] {
        let (layer, mut rng) = (LearnedPositions { steps, features }, rng(2));
        let len = steps * features;
        let x = uniform(&mut rng, 3 * len);
        let mut weights = Table { embeddings: Param::zeros(&[steps, features]) };
        let rows = uniform(&mut rng, len);
        weights.embeddings.values_mut().copy_from_slice(&rows);
        let expected: Vec<f64> = (0..3 * len).map(|place| f64::from(x[place]) + f64::from(rows[place % len])).collect();
        let mut y = vec![f32::NAN; x.len()];
        layer.forward(3, &x, &weights, &mut y);
        assert_close(&y, &expected, 1e-7);

        let mut gradients = Table { embeddings: Gradient::zeros(&[steps, features]) };
        gradients.embeddings.values_mut().fill(f32::NAN);
        gradients.embeddings.begin();
        layer.backward_weights(3, &x, &mut gradients);
        let sums: Vec<f64> =
            (0..len).map(|place| (0..3).map(|sample| f64::from(x[sample * len + place])).sum()).collect();
        assert_close(gradients.embeddings.values(), &sums, 1e-6);
        // Another use of the same table.
        layer.backward_weights(3, &x, &mut gradients);
        assert_close(gradients.embeddings.values(), &sums.iter().map(|sum| 2.0 * sum).collect::<Vec<_>>(), 1e-6);
        assert_writes(|dx, write| layer.backward_input(3, &x, dx, write), &wide(&x), 1e-7);
    }
}
