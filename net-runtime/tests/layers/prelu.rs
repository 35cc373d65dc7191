//! A ReLU with slopes of its own against its formula.

use net_runtime::layers::PRelu;
use net_runtime::weights::Slopes;
use net_runtime::{Gradient, Param, Scratch, Write};

use crate::reference::*;
use crate::threads::assert_same_bits;

fn slopes(values: &[f32]) -> Slopes {
    let mut alpha = Param::zeros(&[values.len()]);
    alpha.values_mut().copy_from_slice(values);
    Slopes { alpha }
}

fn gradients(len: usize) -> Slopes<Gradient> {
    let mut alpha = Gradient::zeros(&[len]);
    alpha.values_mut().fill(f32::NAN);
    alpha.begin();
    Slopes { alpha }
}

#[test]
fn it_is_its_formula() {
    for (n, shared, count) in [(0, 1, 3), (1, 1, 1), (3, 1, 5), (2, 7, 3), (2, 40, 1), (3, 5, 64), (2, 3, 130)] {
        let layer = PRelu { shared, slopes: count };
        let mut rng = rng(95);
        let (x, dy) = (distinct(&mut rng, n * shared * count), uniform(&mut rng, n * shared * count));
        let weights = slopes(&uniform(&mut rng, count));
        let alpha = wide(weights.alpha.values());
        let f = |x: &[f64]| {
            let value = |(index, &x): (usize, &f64)| if x > 0.0 { x } else { alpha[index % count] * x };
            x.iter().enumerate().map(value).collect::<Vec<_>>()
        };
        let mut scratch = Scratch::default();
        let mut y = vec![f32::NAN; x.len()];
        layer.forward(n, &x, &weights, &mut y, &mut scratch);
        assert_close(&y, &f(&wide(&x)), 1e-6);
        let slope_of = slope(f, &x, &dy);
        assert_writes(|dx, write| layer.backward_input(n, &weights, &x, &dy, dx, write, &mut scratch), &slope_of, 2e-6);
        let mut found = gradients(count);
        layer.backward_weights(n, &x, &dy, &mut found, &mut scratch);
        let of_column = |column: usize| -> f64 {
            let places = (column..x.len()).step_by(count);
            places.map(|at| f64::from(dy[at]) * f64::from(x[at]).min(0.0)).sum()
        };
        let by_slopes: Vec<f64> = (0..count).map(of_column).collect();
        assert_close(found.alpha.values(), &by_slopes, 2e-6);
        // Another use of the same slopes.
        layer.backward_weights(n, &x, &dy, &mut found, &mut scratch);
        assert_close(found.alpha.values(), &by_slopes.iter().map(|sum| 2.0 * sum).collect::<Vec<_>>(), 2e-6);
    }
}

#[test]
fn nan_and_zero() {
    let (layer, weights, mut scratch) = (PRelu { shared: 3, slopes: 1 }, slopes(&[0.5]), Scratch::default());
    let mut y = [0.0; 3];
    layer.forward(1, &[f32::NAN, 0.0, -1e4], &weights, &mut y, &mut scratch);
    assert!(y[0].is_nan() && y[1..] == [0.0, -5e3]);
    let mut dx = [f32::NAN; 3];
    layer.backward_input(1, &weights, &[2.0, 0.0, -1e4], &[1.0; 3], &mut dx, Write::Set, &mut scratch);
    assert_eq!(dx, [1.0, 0.0, 0.5]);
}

#[test]
fn the_bits_are_the_same_on_any_number_of_threads() {
    for (n, shared, count) in [(32, 400, 33), (1000, 1, 300), (4, 100_000, 1)] {
        let layer = PRelu { shared, slopes: count };
        let mut rng = rng(96);
        let (x, dy) = (uniform(&mut rng, n * shared * count), uniform(&mut rng, n * shared * count));
        let weights = slopes(&uniform(&mut rng, count));
        assert_same_bits(|| {
            let (mut y, mut dx) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            let (mut found, mut scratch) = (gradients(count), Scratch::default());
            layer.forward(n, &x, &weights, &mut y, &mut scratch);
            layer.backward_weights(n, &x, &dy, &mut found, &mut scratch);
            layer.backward_input(n, &weights, &x, &dy, &mut dx, Write::Set, &mut scratch);
            vec![y, dx, found.alpha.values().into()]
        });
    }
}
