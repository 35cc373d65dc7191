//! Attention: queries, keys, values and masks, and every gradient, for several layers in each network; and a transformer's encoder.

use net_runtime::Gradients;

use tests_common::keras::answers::Node;
use tests_common::keras::compare::Tolerance;
use tests_common::keras::harness;

/// Compares every gradient but those by the biases of keys: what is added to all keys changes no softmax, so that rounding is all there
/// is of them, in Keras, too.
#[track_caller]
fn check_gradients<'a, G: Gradients>(gradients: &G, answer: impl Fn(&str) -> Node<'a>, tolerance: Tolerance) {
    gradients.visit(&mut |name, gradient| {
        let name = name.to_string();
        if harness::kind(&name) == "key_bias" {
            assert!(gradient.values().iter().all(|value| value.abs() < 1e-5), "{name}");
        } else {
            answer(&name).check(gradient.values(), tolerance);
        }
    });
}

flow_tests! { "attention", names whole, upstream at, gradients super::check_gradients;
    own (x: [6, 8]) -> (own: [6, 8], causal: [6, 7], group: [6, 8]) {
        let own = x -> MultiHeadAttention(heads = 2, key_dim = 3, name = own);
        let causal = x
            -> MultiHeadAttention(heads = 3, key_dim = 2, value_dim = 5, outputs = 7, causal = true, bias = false, name = causal);
        let group = x -> GroupQueryAttention(heads = 4, key_heads = 2, key_dim = 3, causal = true, name = group);
    }
    other (x: [5, 8], other: [7, 4], third: [7, 3]) -> (two: [5, 8], three: [5, 8]) {
        let two = (x, other) -> MultiHeadAttention(heads = 2, key_dim = 3, name = two);
        let three = (value = third, query = x, key = other)
            -> MultiHeadAttention(heads = 2, key_dim = 3, value_dim = 4, causal = true, name = three);
    }
    masked (x: [5, 4], other: [7, 4], m: [7], pairs: [5, 7]) -> (by_key: [5, 4], by_pair: [5, 4]) {
        let by_key = (x, other, mask = m) -> MultiHeadAttention(heads = 2, key_dim = 3, name = by_key);
        let by_pair = (x, other, mask = pairs) -> MultiHeadAttention(heads = 2, key_dim = 3, causal = true, name = by_pair);
    }
    long (x: [100, 4]) -> (y: [100, 4]) {
        let y = x -> MultiHeadAttention(heads = 2, key_dim = 17, causal = true, name = y);
    }
    dot (x: [5, 4], other: [7, 4], third: [7, 3]) -> (plain: [5, 4], scaled: [5, 3]) {
        let plain = (x, other) -> Attention;
        let scaled = (x, other, third) -> Attention(scale = true, causal = true, name = scaled);
    }
    additive (x: [5, 4], other: [7, 4], third: [7, 3]) -> (concat: [5, 4], scaled: [5, 3], additive: [5, 3], plain: [5, 4]) {
        let concat = (x, other) -> Attention(score = concat, name = concat);
        let scaled = (query = x, key = other, value = third)
            -> Attention(score = concat, scale = true, causal = true, name = scaled);
        let additive = (x, other, third) -> AdditiveAttention(name = additive);
        let plain = (x, other) -> AdditiveAttention(scale = false);
    }
    masks (x: [5, 4], other: [7, 4], m: [7], n: [7], q: [5]) -> (by_key: [5, 4], both: [5, 4]) {
        let by_key = (x, other, mask = m) -> Attention;
        let both = (x, other, mask = n, query_mask = q) -> AdditiveAttention(causal = true, name = both);
    }
    one_step (x: [1, 4]) -> (dot: [1, 4], additive: [1, 4]) {
        let dot = x -> Attention;
        let additive = x -> AdditiveAttention(scale = false);
    }
    large (x: [3, 2], other: [4, 2], third: [4, 3]) -> (y: [3, 3]) {
        let y = (x, other, third) -> Attention;
    }
    long_additive (x: [100, 5]) -> (y: [100, 5]) {
        let y = x -> AdditiveAttention(causal = true, name = y);
    }
    encoder (x: [6, 8]) -> (y: [6, 8]) {
        let looked = x -> MultiHeadAttention(heads = 2, key_dim = 4, name = look) -> Dropout(0.0);
        let found = (x, looked) -> Add -> LayerNorm(name = found);
        let result = found -> Dense(13, name = hidden) -> relu -> Dense(8, name = result) -> Dropout(0.0);
        let y = (found, result) -> Add -> LayerNorm(name = y);
    }
}
