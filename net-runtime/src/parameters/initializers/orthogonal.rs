//! Weights that are orthogonal to each other.

use super::Seed;
use super::random::normal;
use crate::memory::philox::Stream;
use crate::tensor::param::Param;

/// A matrix whose rows, or columns if there are fewer of them, are orthonormal, uniform among all such (Saxe et al., "Exact
/// Solutions to the Nonlinear Dynamics of Learning in Deep Linear Neural Networks", 2014; Keras's default for what goes from step
/// to step): the Q of a QR decomposition of normally distributed numbers, with a positive diagonal of R. The last axis has the
/// columns; all others count rows. All values are multiplied by `gain`.
///
/// Written `orthogonal(gain = 1.0)` in `network!`.
pub fn orthogonal(dims: &[usize], gain: f32, seed: Seed) -> Param {
    // First, for it knows whether the product of the dimensions is a number.
    let mut param = Param::zeros(dims);
    let (columns, others) = dims.split_last().map_or((1, dims), |(last, others)| (*last, others));
    let count: usize = others.iter().product();
    let [short, long] = [count.min(columns), count.max(columns)];
    // Another stream than that of the layer's other weights.
    let mut words = Stream::new(seed.0, 1);
    let mut rows: Vec<Vec<f64>> = (0..short).map(|_| (0..long).map(|_| normal(&mut words)).collect()).collect();
    // Gram and Schmidt, row by row: R has a positive diagonal. Twice is enough for any matrix (Giraud et al. 2005).
    for index in 0..short {
        let (before, row) = rows.split_at_mut(index);
        let row = &mut row[0];
        for _ in 0..2 {
            for other in &*before {
                let along: f64 = row.iter().zip(other).map(|(a, b)| a * b).sum();
                row.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
            }
        }
        let length = row.iter().map(|value| value * value).sum::<f64>().sqrt();
        row.iter_mut().for_each(|value| *value /= length);
    }
    let wide = columns == long;
    for (index, value) in param.values_mut().iter_mut().enumerate() {
        let [row, column] = [index / columns, index % columns];
        *value = if wide { rows[row][column] } else { rows[column][row] } as f32 * gain;
    }
    param
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orthogonal_rows_or_columns_are_orthonormal_and_of_both_signs() {
        for dims in [[1, 1], [1, 4], [7, 28], [28, 7], [33, 132], [16, 16]] {
            let param = orthogonal(&dims, 1.0, Seed::new(1, "layer"));
            assert_eq!(param.dims(), dims);
            let values = param.values();
            let [short, long] = [dims[0].min(dims[1]), dims[0].max(dims[1])];
            let at =
                |row: usize, k: usize| if dims[1] == long { values[row * long + k] } else { values[k * short + row] };
            for (first, second) in (0..short).flat_map(|first| (0..short).map(move |second| (first, second))) {
                let product: f64 = (0..long).map(|k| f64::from(at(first, k)) * f64::from(at(second, k))).sum();
                let expected = f64::from(u8::from(first == second));
                assert!((product - expected).abs() < 1e-6, "{dims:?}: rows {first} and {second} have {product}");
            }
            let positive = values.iter().filter(|value| **value > 0.0).count() as f64 / values.len() as f64;
            assert!(values.len() < 100 || (0.4..0.6).contains(&positive), "{dims:?}: {positive}");
        }
        let draw = |gain, name| orthogonal(&[4, 4], gain, Seed::new(1, name)).values().to_vec();
        assert_ne!(draw(1.0, "a"), draw(1.0, "b"));
        assert_eq!(draw(-2.0, "a"), draw(1.0, "a").iter().map(|value| -2.0 * value).collect::<Vec<_>>());
    }
}
