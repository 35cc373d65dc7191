//! Weights that begin as the network says.

use net_runtime::initializers::{self, Distribution, Fan, Seed};
use net_runtime::prelude::*;
use net_runtime::{Network, Param};

network! {
    block dense(x, const SCALE) {
        x -> Dense(4, init = variance_scaling(scale = SCALE, mode = fan_out, distribution = untruncated_normal))
    }

    network Begun(text: u32[6], left: [8, 8, 3], right: [8, 8, 3]) -> (word: [5], scores: [4]) {
        layer eye = Conv2d(4, 3, init = he_normal, bias_init = constant(-0.1)) -> BatchNorm(gamma_init = zeros);

        let word = text
            -> Embedding(9, 8, init = random_normal(mean = 1.0, stddev = 0.25))
            -> Bidirectional(Lstm(3, sequences = true, init = orthogonal, recurrent_init = identity(2.0)))
            -> MultiHeadAttention(
                heads = 2, key_dim = 3,
                init = lecun_uniform, output_init = ones, bias_init = random_uniform(low = 1.0, high = 2.0),
            )
            -> Flatten
            -> Dense(5);
        let scores = (left -> eye, right -> eye) -> Add -> Flatten -> dense(2);
    }
}

/// Each weight is what the function of its name makes from its lengths and from the seed of the network, its layer and its place there.
#[test]
fn weights_begin_as_the_arguments_say() {
    let net = Begun::new(7);
    let mut seen = 0;
    net.visit(&mut |name, param: &Param| {
        let name = name.to_string();
        let (layer, weight) = name.split_once('.').unwrap();
        let place = |index: u64| match index {
            0 => Seed::new(7, layer),
            _ => Seed::new(7, layer).of_parameter(index),
        };
        let dims = param.dims();
        let expected = match (layer, weight) {
            ("eye_conv2d", "kernel") => initializers::he_normal(dims, place(0)),
            ("eye_conv2d", "bias") => initializers::constant(dims, -0.1),
            ("eye_batch_norm", "gamma") => initializers::zeros(dims),
            ("word_embedding", _) => initializers::random_normal(dims, 1.0, 0.25, place(0)),
            ("word_forward_lstm" | "word_backward_lstm", "kernel") => initializers::orthogonal(dims, 1.0, place(0)),
            ("word_forward_lstm" | "word_backward_lstm", "recurrent_kernel") => initializers::identity(dims, 2.0),
            ("word_forward_lstm" | "word_backward_lstm", _) => initializers::forget_bias(dims),
            ("word_multi_head_attention", "output_kernel") => initializers::ones(dims),
            ("word_multi_head_attention", weight) => {
                let weights =
                    ["query", "key", "value", "output"].map(|part| [format!("{part}_kernel"), format!("{part}_bias")]);
                let place = place(weights.as_flattened().iter().position(|name| name == weight).unwrap() as u64);
                match weight.ends_with("bias") {
                    true => initializers::random_uniform(dims, 1.0, 2.0, place),
                    false => initializers::lecun_uniform(dims, place),
                }
            }
            ("scores_dense_dense", "kernel") => {
                initializers::variance_scaling(dims, 2.0, Fan::Out, Distribution::Normal, place(0))
            }
            _ => return,
        };
        assert_eq!(param.values(), expected.values(), "{name}");
        seen += 1;
    });
    assert_eq!(seen, 19, "weights that begin otherwise");
}
