//! How weights begin.

use crate::memory::philox::{Stream, mix};
use crate::tensor::param::Param;

/// Where the weights of one layer are drawn from: the seed of the network and the name of the layer, so that a layer
/// begins with the same weights whatever else the network holds.
#[derive(Clone, Copy, Debug)]
pub struct Seed(u64);

impl Seed {
    /// The seed of the layer `name` in a network with seed `seed`.
    pub fn new(seed: u64, name: &str) -> Self {
        // FNV-1a, 64 bits: a fixed function of the bytes, on every platform and in every version of Rust.
        let hash = name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self(seed ^ hash.rotate_left(17))
    }

    /// That of a parameter of the layer which is not its first: two of one shape begin with different numbers.
    pub fn of_parameter(self, index: u64) -> Self {
        Self(self.0 ^ mix(index))
    }

    /// The seed of a whole network inside of another.
    pub fn of_inner_network(self) -> u64 {
        self.0
    }
}

/// A number from 0 to below 1, from the upper 23 of 32 random bits.
fn fraction(bits: u32) -> f32 {
    (bits >> 9) as f32 / (1 << 23) as f32
}

/// Uniform in ±sqrt(6 / (fan-in + fan-out)), where the fans are the last two axes times the size of the window before
/// them (Glorot and Bengio 2010; Keras's default).
pub fn glorot_uniform(dims: &[usize], seed: Seed) -> Param {
    let (window, inputs, outputs) = match dims {
        [] => (1, 1, 1),
        [length] => (1, *length, *length),
        [window @ .., inputs, outputs] => (window.iter().product(), *inputs, *outputs),
    };
    // First, for it knows whether the product of the dimensions is a number.
    let param = Param::zeros(dims);
    let limit = (6.0 / (window * (inputs + outputs)) as f32).sqrt();
    filled(param, limit, seed)
}

/// Uniform in ±limit.
pub fn uniform(dims: &[usize], limit: f32, seed: Seed) -> Param {
    filled(Param::zeros(dims), limit, seed)
}

/// These values, drawn uniformly in ±limit.
fn filled(mut param: Param, limit: f32, seed: Seed) -> Param {
    let mut words = Stream::new(seed.0, 0);
    param.values_mut().fill_with(|| fraction(words.next_u32()) * (2.0 * limit) - limit);
    param
}

/// All zeros.
pub fn zeros(dims: &[usize]) -> Param {
    Param::zeros(dims)
}

/// All ones.
pub fn ones(dims: &[usize]) -> Param {
    let mut param = Param::zeros(dims);
    param.values_mut().fill(1.0);
    param
}

/// The bias of an `Lstm`, `[4 · units]`: 1 for the forget gate, so that it begins by remembering (Jozefowicz et al. 2015; Keras's
/// `unit_forget_bias`), 0 for the others.
pub fn forget_bias(dims: &[usize]) -> Param {
    let mut param = Param::zeros(dims);
    let units = param.values().len() / 4;
    param.values_mut()[units..2 * units].fill(1.0);
    param
}

/// A matrix whose rows, or columns if there are fewer of them, are orthonormal, uniform among all such (Saxe et al. 2014; Keras's
/// default for what goes from step to step): the Q of a QR decomposition of normally distributed numbers, with a positive diagonal
/// of R. The last axis has the columns; all others count rows.
pub fn orthogonal(dims: &[usize], seed: Seed) -> Param {
    // First, for it knows whether the product of the dimensions is a number.
    let mut param = Param::zeros(dims);
    let (columns, others) = dims.split_last().map_or((1, dims), |(last, others)| (*last, others));
    let count: usize = others.iter().product();
    let [short, long] = [count.min(columns), count.max(columns)];
    // Another stream than that of the layer's other weights.
    let mut words = Stream::new(seed.0, 1);
    // Box and Muller. Logarithm and cosine may differ in the last digit between systems; as `f32` it is gone.
    let mut normal = || {
        let [radius, angle] = [(); 2].map(|()| (f64::from(words.next_u32()) + 0.5) / 2.0_f64.powi(32));
        (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    };
    let mut rows: Vec<Vec<f64>> = (0..short).map(|_| (0..long).map(|_| normal()).collect()).collect();
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
        *value = if wide { rows[row][column] } else { rows[column][row] } as f32;
    }
    param
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments of a uniform distribution in ±1 are 0, 1/3, 0, 1/5, and neighbours have nothing to do with each other.
    #[test]
    fn glorot_keeps_its_limit_and_its_moments() {
        for seed in 0..4 {
            let param = glorot_uniform(&[3, 3, 20, 300], Seed::new(seed, "layer"));
            let limit = f64::from((6.0_f32 / (9.0 * 320.0)).sqrt());
            let units: Vec<f64> = param.values().iter().map(|&value| f64::from(value) / limit).collect();
            assert!(units.iter().all(|unit| unit.abs() <= 1.0));
            let mean = |of: &dyn Fn(&[f64]) -> f64| units.windows(2).map(of).sum::<f64>() / (units.len() - 1) as f64;
            // Of 54,000 draws, the means of what has a variance below 1/3 are within 0.0125 five times in a million.
            for (power, expected) in [(1, 0.0), (2, 1.0 / 3.0), (3, 0.0), (4, 1.0 / 5.0)] {
                let moment = mean(&|pair| pair[0].powi(power));
                assert!((moment - expected).abs() < 0.0125, "moment {power} is {moment}, seed {seed}");
            }
            let covariance = mean(&|pair| pair[0] * pair[1]);
            assert!(covariance.abs() < 0.0125, "neighbours have a covariance of {covariance}, seed {seed}");
        }
    }

    #[test]
    fn the_weights_of_a_seed_never_change() {
        let param = glorot_uniform(&[2, 4], Seed::new(42, "layer"));
        let bits: Vec<u32> = param.values().iter().map(|value| value.to_bits()).collect();
        assert_eq!(
            bits,
            [3198700536, 3201825040, 1043672384, 1056763784, 1049989192, 3203931152, 3210944132, 1036392736],
            "who repeats a run with its seed depends on these"
        );
    }

    #[test]
    fn the_seed_and_the_name_decide() {
        let draw = |seed, name| glorot_uniform(&[4, 4], Seed::new(seed, name)).values().to_vec();
        assert_eq!(draw(1, "a"), draw(1, "a"));
        assert_ne!(draw(1, "a"), draw(2, "a"));
        assert_ne!(draw(1, "a"), draw(1, "b"));
    }

    #[test]
    fn orthogonal_rows_or_columns_are_orthonormal_and_of_both_signs() {
        for dims in [[1, 1], [1, 4], [7, 28], [28, 7], [33, 132], [16, 16]] {
            let param = orthogonal(&dims, Seed::new(1, "layer"));
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
        assert_ne!(orthogonal(&[4, 4], Seed::new(1, "a")).values(), orthogonal(&[4, 4], Seed::new(1, "b")).values());
    }

    #[test]
    fn the_forget_gate_alone_begins_with_a_bias() {
        assert_eq!(forget_bias(&[8]).values(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(ones(&[3]).values(), [1.0; 3]);
        let param = uniform(&[50, 20], 0.05, Seed::new(1, "layer"));
        let variance = param.values().iter().map(|v| v * v).sum::<f32>() / 1000.0;
        assert!(param.values().iter().all(|value| value.abs() <= 0.05));
        assert!((variance / (0.05 * 0.05 / 3.0) - 1.0).abs() < 0.1, "{variance}");
    }
}
