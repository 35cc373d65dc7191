//! How weights begin.
//!
//! In `network!`, an argument says so for the weights of any layer: `Dense(64, init = he_normal, bias_init = constant(0.1))`. The functions
//! are Keras's initializers; what is random follows from the seed of the network, the name of the layer and the place of
//! the weight in it, on any number of threads and every machine.
//!
//! The *fans* of a weight are the last two axes, times the size of the window before them: inputs and outputs of a neuron. An
//! axis alone counts as both.
//!
//! | written | is |
//! | --- | --- |
//! | `zeros`, `ones`, `constant(value)` | [`zeros`], [`ones`], [`constant`] |
//! | `identity(gain = 1.0)` | [`identity`] |
//! | `orthogonal(gain = 1.0)` | [`orthogonal`] |
//! | `random_uniform(low = -0.05, high = 0.05)` | [`random_uniform`] |
//! | `random_normal(mean = 0.0, stddev = 0.05)`, `truncated_normal(mean = 0.0, stddev = 0.05)` | [`random_normal`], [`truncated_normal`] |
//! | `glorot_uniform`, `glorot_normal` | [`glorot_uniform`], [`glorot_normal`]: for all but ReLUs |
//! | `he_uniform`, `he_normal` | [`he_uniform`], [`he_normal`]: before ReLUs |
//! | `lecun_uniform`, `lecun_normal` | [`lecun_uniform`], [`lecun_normal`]: before `selu` |
//! | `variance_scaling(scale = 1.0, mode = fan_in, distribution = truncated_normal)` | [`variance_scaling`]; `fan_out`, `fan_avg`; `uniform`, `untruncated_normal` |
//!
//! `init` is about the kernel, or about all kernels of a layer that has several; before `_init` stands the name of a weight, or its end.
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Begun(x: [8], steps: [5, 4]) -> (y: [4], last: [6]) {
//!         let a = x -> Dense(8, init = identity(gain = 0.5), bias_init = constant(0.25)) -> relu;
//!         let b = a -> Dense(8, init = he_normal, bias_init = ones) -> relu;
//!         let c = b -> Dense(8, init = he_uniform) -> selu -> Dense(8, init = lecun_normal);
//!         let d = c -> Dense(8, init = lecun_uniform) -> tanh -> Dense(8, init = glorot_normal, bias_init = zeros);
//!         let e = d -> Dense(8, init = random_normal(stddev = 0.1)) -> Dense(8, init = random_uniform(low = 0, high = 1));
//!         let f = e -> Dense(8, init = truncated_normal) -> Dense(8, init = glorot_uniform);
//!         let y = f -> Dense(4, init = variance_scaling(scale = 2, mode = fan_avg, distribution = uniform));
//!         let last = steps -> Lstm(6, recurrent_init = orthogonal(gain = 0.9));
//!     }
//! }
//! let net = Begun::new(1);
//! assert_eq!(net.a_dense.kernel.values()[..3], [0.5, 0.0, 0.0]);
//! assert_eq!(net.a_dense.bias.values(), [0.25; 8]);
//! ```

mod orthogonal;
pub(super) mod random;

pub use orthogonal::orthogonal;
pub use random::{
    Distribution, Fan, glorot_normal, glorot_uniform, he_normal, he_uniform, lecun_normal, lecun_uniform,
    random_normal, random_uniform, truncated_normal, variance_scaling,
};

use crate::memory::philox::mix;
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

/// All zeros.
///
/// Written `zeros` in `network!`.
pub fn zeros(dims: &[usize]) -> Param {
    Param::zeros(dims)
}

/// All ones.
///
/// Written `ones` in `network!`.
pub fn ones(dims: &[usize]) -> Param {
    constant(dims, 1.0)
}

/// All of this value.
///
/// Written `constant(value)` in `network!`.
pub fn constant(dims: &[usize], value: f32) -> Param {
    let mut param = Param::zeros(dims);
    param.values_mut().fill(value);
    param
}

/// A matrix with `gain` on its diagonal and zeros elsewhere. Of more than two axes, all but the last count rows.
///
/// Written `identity(gain = 1.0)` in `network!`.
pub fn identity(dims: &[usize], gain: f32) -> Param {
    let mut param = Param::zeros(dims);
    let columns = dims.last().copied().unwrap_or(1).max(1);
    param.values_mut().iter_mut().step_by(columns + 1).take(columns).for_each(|value| *value = gain);
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_forget_gate_alone_begins_with_a_bias() {
        assert_eq!(forget_bias(&[8]).values(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(ones(&[3]).values(), [1.0; 3]);
        assert_eq!(constant(&[2], -0.5).values(), [-0.5; 2]);
    }

    #[test]
    fn an_identity_has_its_gain_on_the_diagonal() {
        assert_eq!(identity(&[2, 3], 2.0).values(), [2.0, 0.0, 0.0, 0.0, 2.0, 0.0]);
        assert_eq!(identity(&[3, 2], 1.0).values(), [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(identity(&[1, 1, 2, 2], 0.5).values(), [0.5, 0.0, 0.0, 0.5]);
        assert_eq!(identity(&[4], 3.0).values(), [3.0, 0.0, 0.0, 0.0]);
    }
}
