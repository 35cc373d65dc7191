//! Losses that every element decides alone.

use super::*;

#[test]
fn elementwise_losses_and_their_gradients() {
    for dims in SHAPES {
        let n = 3;
        let count = n * dims.iter().product::<usize>();
        let output = numbers(count, -2.0, 2.0, 1);
        let target = numbers(count, -2.0, 2.0, 2);
        let exact = wide(&target);
        let squared: Reference = |y, t| mean(pairs(y, t).map(|(y, t)| (y - t) * (y - t)));
        compare(&MeanSquaredError, dims, n, &output, &target, &exact, squared);
        let absolute: Reference = |y, t| mean(pairs(y, t).map(|(y, t)| (y - t).abs()));
        compare(&MeanAbsoluteError, dims, n, &output, &target, &exact, absolute);
        let huber: Reference = |y, t| {
            mean(pairs(y, t).map(|(y, t)| {
                let e = (y - t).abs();
                if e <= 0.5 { e * e / 2.0 } else { 0.5 * e - 0.125 }
            }))
        };
        compare(&Huber { delta: 0.5 }, dims, n, &output, &target, &exact, huber);
    }
}

#[test]
fn losses_of_rates_margins_and_logarithms_and_their_gradients() {
    for dims in SHAPES {
        let n = 3;
        let count = n * dims.iter().product::<usize>();
        let output = numbers(count, -2.0, 2.0, 11);
        let target = numbers(count, -2.0, 2.0, 12);
        let exact = wide(&target);
        compare(&LogCosh, dims, n, &output, &target, &exact, |y, t| {
            mean(pairs(y, t).map(|(y, t)| (y - t).cosh().ln()))
        });
        let per_cent: Reference = |y, t| mean(pairs(y, t).map(|(y, t)| 100.0 * ((y - t) / t).abs()));
        compare(&MeanAbsolutePercentageError, dims, n, &output, &target, &exact, per_cent);
        let sides: Vec<f32> = target.iter().map(|t| t.signum()).collect();
        let exact = wide(&sides);
        let answers: Vec<f32> = sides.iter().map(|t| t.max(0.0)).collect();
        let hinge: Reference = |y, t| mean(pairs(y, t).map(|(y, t)| (1.0 - t * y).max(0.0)));
        let squared: Reference = |y, t| mean(pairs(y, t).map(|(y, t)| (1.0 - t * y).max(0.0).powi(2)));
        for targets in [&sides, &answers] {
            compare(&Hinge, dims, n, &output, targets, &exact, hinge);
            compare(&SquaredHinge, dims, n, &output, targets, &exact, squared);
        }

        let output = numbers(count, 0.1, 4.0, 13);
        let target = numbers(count, 0.0, 4.0, 14);
        let exact = wide(&target);
        compare(&Poisson, dims, n, &output, &target, &exact, |y, t| {
            mean(pairs(y, t).map(|(y, t)| y - t * (y + 1e-7).ln()))
        });
        compare(&MeanSquaredLogarithmicError, dims, n, &output, &target, &exact, |y, t| {
            mean(pairs(y, t).map(|(y, t)| (y.ln_1p() - t.ln_1p()).powi(2)))
        });
    }
}

/// An output so long that its parts are summed by several threads, if there are.
#[test]
fn long_outputs_have_the_same_loss_on_any_number_of_threads() {
    let len = 20 * parallel::ELEMENTS + 13;
    let (output, target) = (numbers(len, -2.0, 3.0, 1), numbers(len, -1.0, 4.0, 2));
    let naive = mean(output.iter().zip(&target).map(|(&y, &t)| (f64::from(y) - f64::from(t)).powi(2)));
    let with_threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut slopes = vec![f32::NAN; len];
            MeanSquaredError.gradient(&output, &target, &[1], 1.5, &mut slopes, Write::Set);
            (MeanSquaredError.value(&output, &target, &[1]), slopes)
        })
    };
    let (loss, slopes) = with_threads(1);
    assert!((f64::from(loss) - naive).abs() < 1e-6 * naive, "{loss}, not {naive}");
    for ((slope, y), t) in slopes.iter().zip(&output).zip(&target) {
        assert_eq!(*slope, 1.5 / len as f32 * (2.0 * (y - t)));
    }
    for threads in [2, 3] {
        assert!(with_threads(threads) == (loss, slopes.clone()), "{threads} threads");
    }
}
