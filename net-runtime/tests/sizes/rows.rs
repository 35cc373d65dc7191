//! Softmaxes and norms, which look at a row or a group, and layers with a weight for each channel.

use net_runtime::activations::relu;
use net_runtime::layers::{
    BatchNorm, Distance, DistanceMetric, Dot, Embedding, Glu, GroupNormPlain, LayerNormPlain, LogSoftmax,
    Normalization, PRelu, Rescaling, RowFunction, RowsAlong, Sparsemax, UnitNorm,
};
use net_runtime::weights::{Adapted, NormalizationPlain, Slopes, Table};
use net_runtime::{Gradient, Param, Scratch, Write};

use crate::{HALF, ROOT, refused};

#[test]
fn rows() {
    let (x, mut y, mut kept, mut scratch) = (vec![1.0; 32], vec![1.0; 32], vec![1.0; 8], Scratch::default());
    for [rows, len] in [[HALF, 16], [16, HALF], [ROOT, ROOT]] {
        refused("logarithm", || LogSoftmax { rows, classes: len }.forward(2, &x, &mut y));
        refused("logarithm", || LogSoftmax { rows, classes: len }.backward_input(2, &x, &x, &mut y, Write::Set));
        refused("sparse", || Sparsemax { rows, classes: len }.forward(2, &x, &mut y));
        refused("sparse", || Sparsemax { rows, classes: len }.backward_input(2, &x, &x, &mut y, Write::Set));
        for function in [RowFunction::Softmax, RowFunction::LogSoftmax, RowFunction::Sparsemax] {
            for [outer, inner] in [[rows, 1], [1, rows]] {
                let layer = RowsAlong { outer, len, inner, function };
                refused("along", || layer.forward(2, &x, &mut y, &mut scratch));
                refused("along", || layer.backward_input(2, &x, &x, &mut y, Write::Set, &mut scratch));
            }
        }
        refused("gate", || Glu { outer: rows, half: len }.forward(1, &x, &mut y[..16]));
        refused("gate", || Glu { outer: rows, half: len }.backward_input(1, &x, &x[..16], &mut y, Write::Set));
        let layer = LayerNormPlain { rows, len, epsilon: 1e-3 };
        refused("norm", || layer.forward(2, &x, relu(), &mut y, &mut kept));
        refused("norm", || layer.backward_input(2, &x, &x, &mut kept, &mut y, Write::Set));
        refused("length", || UnitNorm { rows, len }.forward(2, &x, relu(), &mut y, &mut []));
        refused("length", || UnitNorm { rows, len }.backward_input(2, &x, &x, &mut [], &mut y, Write::Set));
        let layer = GroupNormPlain { positions: rows, channels: len, groups: 1, epsilon: 1e-3 };
        refused("groups", || layer.forward(2, &x, relu(), &mut y, &mut kept, &mut scratch));
        refused("groups", || layer.backward_begin(2, &x, &x, &mut kept, &mut scratch));
        for metric in
            [DistanceMetric::Euclidean, DistanceMetric::Squared, DistanceMetric::Manhattan, DistanceMetric::Cosine]
        {
            let layer = Distance { rows, len, metric };
            refused("distance", || layer.forward(2, &[&x, &x], &mut y[..2]));
            refused("distance", || layer.backward_input(2, 0, &[&x, &x], &x[..2], &mut y.clone(), Write::Set));
        }
        for normalize in [false, true] {
            let layer = Dot { products: rows, len, first: [1, 1], second: [1, 1], normalize };
            refused("products", || layer.forward(2, &[&x, &x], &mut y[..2], &mut scratch));
            let layer = Dot { products: 1, len: 16, first: [rows, 1], second: [1, len], normalize };
            refused("products", || {
                layer.backward_input(2, 1, &[&x, &x], &x, &mut y, Write::Set, &mut scratch);
            });
        }
    }
    refused("scale", || Rescaling { len: HALF, scale: &[2.0], offset: &[0.0] }.forward(2, &x[..2], &mut y[..2]));
}

#[test]
fn layers_of_other_weights() {
    let layer = Embedding { len: HALF, rows: 4, width: 8 };
    let table = Table { embeddings: Param::zeros(&[4, 8]) };
    refused("numbers", || drop(layer.forward(2, &[0; 2], &table, &mut [0.0; 16])));
    let layer = Embedding { len: 1, rows: HALF, width: 2 };
    let table = Table { embeddings: Param::zeros(&[1, 2]) };
    refused("rows", || drop(layer.forward(2, &[0, 3], &table, &mut [0.0; 4])));
    let norm = |positions, channels| BatchNorm { positions, channels, momentum: 0.5, epsilon: 1e-3 };
    let moving = || NormalizationPlain { moving_mean: Param::zeros(&[16]), moving_variance: Param::zeros(&[16]) };
    let (x, mut y, mut kept, mut scratch) = ([1.0; 32], [1.0; 32], [0.0; 64], Scratch::default());
    let layer = norm(HALF, 16);
    refused("positions", || layer.forward(2, &x, &moving(), relu(), &mut y, &mut kept, &mut scratch));
    refused("positions", || layer.backward_begin(2, &moving(), &x, relu(), &x, &mut kept, &mut scratch));
    // Four times so many are 0.
    let layer = norm(1, 1 << (usize::BITS - 2));
    refused("channels", || layer.forward(0, &[], &moving(), relu(), &mut [], &mut kept, &mut scratch));
    refused("channels", || layer.backward_begin(0, &moving(), &[], relu(), &[], &mut kept, &mut scratch));
}

#[test]
fn slopes_that_are_learnt() {
    let (weights, mut scratch) = (Slopes { alpha: Param::zeros(&[16]) }, Scratch::default());
    let mut gradients = Slopes { alpha: Gradient::zeros(&[16]) };
    let (layer, x) = (PRelu { shared: HALF, slopes: 16 }, vec![1.0; 32]);
    refused("forward", || layer.forward(2, &x, &weights, &mut x.clone(), &mut scratch));
    refused("slopes", || layer.backward_weights(2, &x, &x, &mut gradients, &mut scratch));
    refused("input", || layer.backward_input(2, &weights, &x, &x, &mut x.clone(), Write::Set, &mut scratch));
}

#[test]
fn known_means() {
    let (adapted, mut scratch) =
        (Adapted { mean: Param::zeros(&[16]), variance: Param::zeros(&[16]) }, Scratch::default());
    for [outer, inner] in [[HALF, 1], [1, HALF]] {
        let (layer, x) = (Normalization { outer, len: 16, inner, invert: false }, vec![1.0; 32]);
        refused("forward", || layer.forward(2, &x, &adapted, &mut x.clone(), &mut scratch));
        refused("input", || layer.backward_input(2, &adapted, &x, &mut x.clone(), Write::Set, &mut scratch));
    }
}
