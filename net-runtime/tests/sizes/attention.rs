//! Attention and positions.

use net_runtime::layers::{
    Attention, AttentionMask, AttentionScore, LearnedPositions, MultiHeadAttention, SinePositions,
};
use net_runtime::weights::{AdditiveScore, MultiHeadLinear, Table};
use net_runtime::{Gradient, Param, RandomKey, Scratch, Write};

use crate::{HALF, ROOT, refused};

#[test]
fn attention() {
    let layer = MultiHeadAttention {
        queries: 2,
        keys: 2,
        inputs: [2; 3],
        heads: 2,
        key_heads: 2,
        key_dim: 2,
        value_dim: 2,
        outputs: 2,
        sources: 1,
        mask: AttentionMask::Keys,
        causal: false,
        dropout: 0.0,
        layer: 0,
    };
    let kernel = || Param::zeros(&[2, 2, 2]);
    let gradient = || Gradient::zeros(&[2, 2, 2]);
    let weights = MultiHeadLinear {
        query_kernel: kernel(),
        key_kernel: kernel(),
        value_kernel: kernel(),
        output_kernel: kernel(),
    };
    let mut gradients = MultiHeadLinear {
        query_kernel: gradient(),
        key_kernel: gradient(),
        value_kernel: gradient(),
        output_kernel: gradient(),
    };
    let (x, m, random) = ([1.0; 8], [1.0; 4], RandomKey::default());
    let mut scratch = Scratch::default();
    for (n, layer) in [
        (2, MultiHeadAttention { queries: HALF, ..layer }),
        (2, MultiHeadAttention { keys: HALF, ..layer }),
        (2, MultiHeadAttention { heads: HALF, key_heads: HALF, ..layer }),
        (2, MultiHeadAttention { key_dim: HALF, ..layer }),
        (2, MultiHeadAttention { value_dim: HALF, ..layer }),
        (2, MultiHeadAttention { outputs: HALF, ..layer }),
        (2, MultiHeadAttention { inputs: [HALF; 3], ..layer }),
        (2, MultiHeadAttention { queries: ROOT, keys: ROOT, mask: AttentionMask::Pairs, ..layer }),
        (1 << (usize::BITS - 2), layer),
    ] {
        let what = format!("{n} of {layer:?}");
        let mut kept = vec![1.0; 2 * 40];
        refused(&what, || layer.forward(n, &[&x, &m], &weights, &mut x.clone(), &mut [], random, &mut scratch));
        refused(&what, || layer.forward(n, &[&x, &m], &weights, &mut x.clone(), &mut kept, random, &mut scratch));
        refused(&what, || layer.backward_begin(n, &weights, &[&x, &m], &x, &mut kept, random, &mut scratch));
        refused(&what, || layer.backward_weights(n, &[&x, &m], &x, &mut kept, &mut gradients, &mut scratch));
        refused(&what, || layer.backward_input(n, 0, &weights, &mut kept, &mut x.clone(), Write::Set, &mut scratch));
    }
}

#[test]
fn attention_of_one_head() {
    for score in [AttentionScore::Product, AttentionScore::Additive] {
        let layer = Attention {
            queries: 2,
            keys: 2,
            dim: 2,
            value_dim: 2,
            score,
            sources: 1,
            mask: AttentionMask::Keys,
            query_mask: true,
            causal: false,
            dropout: 0.0,
            layer: 0,
        };
        let (x, m, random, mut scratch) = ([1.0; 8], [1.0; 4], RandomKey::default(), Scratch::default());
        let mut gradients = AdditiveScore { scale: Gradient::zeros(&[2]) };
        for (n, layer) in [
            (2, Attention { queries: HALF, ..layer }),
            (2, Attention { keys: HALF, ..layer }),
            (2, Attention { dim: HALF, ..layer }),
            (2, Attention { value_dim: HALF, ..layer }),
            (2, Attention { queries: ROOT, keys: ROOT, mask: AttentionMask::Pairs, ..layer }),
            (1 << (usize::BITS - 2), layer),
        ] {
            let what = format!("{n} of {layer:?}");
            let mut kept = vec![1.0; 2 * 18];
            let operands: [&[f32]; 3] = [&x, &m, &m];
            refused(&what, || layer.forward(n, &operands, &(), &mut x.clone(), &mut [], random, &mut scratch));
            refused(&what, || layer.forward(n, &operands, &(), &mut x.clone(), &mut kept, random, &mut scratch));
            refused(&what, || layer.backward_begin(n, &(), &operands, &x, &x, &mut kept, random, &mut scratch));
            refused(&what, || layer.backward_weights(n, &operands, &mut kept, &mut gradients, &mut scratch));
            refused(&what, || {
                layer.backward_input(n, 0, &(), &mut kept, &mut x.clone(), Write::Set, &mut scratch);
            });
        }
    }
}

#[test]
fn positions() {
    let (x, mut scratch) = ([1.0; 16], Scratch::default());
    for (steps, features) in [(HALF, 8), (8, HALF), (ROOT, ROOT)] {
        let layer = SinePositions { steps, features, max_wavelength: 10.0 };
        refused("sines", || layer.forward(2, &x, &mut x.clone(), &mut scratch));
        let (layer, table) = (LearnedPositions { steps, features }, Table { embeddings: Param::zeros(&[1, 8]) });
        refused("table", || layer.forward(2, &x, &table, &mut x.clone()));
    }
}
