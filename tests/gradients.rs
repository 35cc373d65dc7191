//! Gradients of whole networks against the slope of their loss: what no layer can get wrong by itself, but the plan can —
//! shared weights, several readers, inner networks, losses on inner heads, the reuse of memory.

use net_runtime::prelude::*;
use net_runtime::{Param, RandomKey};
use tests_common::{numbers, positive_batch};

network! {
    network Inner(x: [5, 6, 2], y: [5, 6, 2]) -> (mixed: [5, 6, 3], mean: [2]) {
        layer look = Conv2d(3, 3, padding = same) -> tanh;
        let a = x -> look;
        let b = y -> look;
        let mixed = (a, b, a) -> Mul;
        let mean = (x, y) -> Average -> GlobalAvgPool2d;
    }

    /// Everything at once, with smooth functions, so that a slope exists everywhere.
    network Tangle(image: [5, 6, 2], other: [5, 6, 2], row: [4]) -> (class: [3], number: [2], map: [5, 3, 3], again: [2]) {
        layer inner = Inner;
        let (first, again) = (x = image, y = other) -> inner;
        let (second, _) = (x = other, y = image) -> inner;
        let joined = (first, second) -> Add -> silu;
        let map = joined -> Conv2d(3, (2, 3), stride = (1, 2), padding = same, dilation = 1) -> softplus;
        let gate = joined -> GlobalAvgPool2d -> Dense(3) -> sigmoid -> Reshape(1, 1, 3);
        let gated = (joined, gate) -> Mul -> AvgPool2d(2, stride = 1) -> Dropout(0.3) -> Flatten;
        let wide = (gated, row -> Dense(4) -> selu) -> Concat;
        let hidden = (wide -> Dense(7) -> gelu, wide -> Dense(7, bias = false) -> elu) -> Sub;
        let class = hidden -> Dense(3) -> softmax;
        let (few, _, more) = hidden -> Split((2, 1, 4));
        let number = (few -> Dense(2), more -> Dense(2), class -> Dense(2), again) -> Add;
        loss class: CategoricalCrossentropy + 0.5 * MeanSquaredError;
        loss number: 0.3 * MeanSquaredError;
        loss map: 0.2 * Huber(0.5);
        loss again: BinaryCrossentropy;
    }
}

fn samples() -> TangleSamples {
    let mut class = positive_batch::<Shape1<3>>(3, 4);
    for row in class.data_mut().chunks_exact_mut(3) {
        let sum: f32 = row.iter().sum();
        row.iter_mut().for_each(|p| *p /= sum);
    }
    TangleSamples {
        image: positive_batch(3, 1),
        other: positive_batch(3, 2),
        row: positive_batch(3, 3),
        class: class.with_weights(vec![1.0, 0.5, 2.0]).unwrap(),
        number: positive_batch(3, 5),
        map: positive_batch(3, 6),
        again: positive_batch(3, 7),
    }
}

fn loss(net: &Tangle, samples: &TangleSamples, memory: &mut TangleWorkspace) -> f64 {
    // The same draws of dropout in every pass.
    Workspace::set_random(memory, RandomKey { seed: 9, step: 4 });
    net.forward(samples, Mode::Training, memory).unwrap();
    f64::from(net.losses(samples, memory).unwrap().total)
}

/// The slope of the loss where `change` moves something by so much along a direction.
fn slope(mut at: impl FnMut(f32) -> f64) -> f64 {
    // Richardson's extrapolation of central differences: their error of second order cancels.
    let step = 4e-3;
    let wide = (at(2.0 * step) - at(-2.0 * step)) / f64::from(4.0 * step);
    let narrow = (at(step) - at(-step)) / f64::from(2.0 * step);
    (4.0 * narrow - wide) / 3.0
}

fn direction(len: usize, seed: u32) -> Vec<f32> {
    let raw = numbers(len, seed);
    let norm = raw.iter().map(|v| v * v).sum::<f32>().sqrt();
    raw.iter().map(|v| v / norm).collect()
}

fn compare(name: &str, gradient: &[f32], direction: &[f32], slope: f64) {
    let along: f64 = gradient.iter().zip(direction).map(|(g, d)| f64::from(g * d)).sum();
    let norm = gradient.iter().map(|g| f64::from(g * g)).sum::<f64>().sqrt();
    assert!(norm > 1e-6, "{name} has no gradient");
    // The loss is rounded to 1e-7 of itself; a step of 4e-3 makes 5e-5 of that.
    let error = (along - slope).abs();
    assert!(error < 3e-4 + 2e-3 * norm, "{name}: gradient {along}, slope {slope} (norm {norm})");
}

#[test]
fn every_weight_and_every_input_has_the_gradient_that_the_loss_has_as_its_slope() -> Result<(), Error> {
    let net = Tangle::new(11);
    let samples = samples();
    let mut memory = TangleWorkspace::new(3);
    // What backward must overwrite.
    let mut gradients = TangleGradients::zeros();
    gradients.visit_mut(&mut |_, gradient| gradient.values_mut().fill(f32::NAN));
    loss(&net, &samples, &mut memory);
    let by_inputs = net.backward_both(&samples, &samples, &mut memory, &mut gradients)?;
    let by_inputs = [by_inputs.image.data().to_vec(), by_inputs.other.data().to_vec(), by_inputs.row.data().to_vec()];

    let mut weights = Vec::new();
    gradients.visit(&mut |name, gradient| weights.push((name.to_string(), gradient.values().to_vec())));
    for (index, (name, gradient)) in weights.iter().enumerate() {
        let along = direction(gradient.len(), 100 + index as u32);
        let at = |by: f32| {
            let mut moved = net.clone();
            moved.visit_mut(&mut |other, param: &mut Param| {
                if other == name.as_str() {
                    param.values_mut().iter_mut().zip(&along).for_each(|(w, d)| *w += by * d);
                }
            });
            loss(&moved, &samples, &mut memory)
        };
        compare(name, gradient, &along, slope(at));
    }

    for (index, gradient) in by_inputs.iter().enumerate() {
        let along = direction(gradient.len(), 200 + index as u32);
        let at = |by: f32| {
            let mut moved = samples.clone();
            let data = [moved.image.data_mut(), moved.other.data_mut(), moved.row.data_mut()].into_iter().nth(index);
            data.unwrap().iter_mut().zip(&along).for_each(|(x, d)| *x += by * d);
            loss(&net, &moved, &mut memory)
        };
        compare(["image", "other", "row"][index], gradient, &along, slope(at));
    }
    Ok(())
}

#[test]
fn each_kind_of_backward_gives_the_same_gradients() -> Result<(), Error> {
    let net = Tangle::new(11);
    let samples = samples();
    let mut memory = TangleWorkspace::new(3);
    let (mut both, mut weights) = (TangleGradients::zeros(), TangleGradients::zeros());
    loss(&net, &samples, &mut memory);
    let image = net.backward_both(&samples, &samples, &mut memory, &mut both)?.image.to_batch();
    loss(&net, &samples, &mut memory);
    net.backward(&samples, &samples, &mut memory, &mut weights)?;
    loss(&net, &samples, &mut memory);
    assert_eq!(net.backward_inputs(&samples, &samples, &mut memory)?.image.to_batch(), image);

    let values = |gradients: &TangleGradients| {
        let mut all = Vec::new();
        gradients.visit(&mut |_, gradient| all.extend_from_slice(gradient.values()));
        all
    };
    assert_eq!(values(&weights), values(&both));
    loss(&net, &samples, &mut memory);
    net.backward_add(&samples, &samples, &mut memory, &mut weights)?;
    for (twice, once) in values(&weights).iter().zip(values(&both)) {
        assert!((twice - 2.0 * once).abs() <= 1e-5 * (1.0 + once.abs()), "{twice} is not twice {once}");
    }
    Ok(())
}
