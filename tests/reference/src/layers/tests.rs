//! Every layer's gradients are the slopes of its results: central differences in `f64`, element by element.

use std::rc::Rc;

use super::*;

/// What the results are multiplied by and added up, so that there is one number.
fn measure(layer: &dyn Layer, x: &[Tensor], weights: &[Tensor], dy: &[Tensor]) -> (f64, Vec<Choice>) {
    let mut call = Call::new(true, Key { seed: 1, step: 1 });
    let y = layer.forward(&mut call, &x.iter().collect::<Vec<_>>(), &weights.iter().collect::<Vec<_>>());
    let sum = y.iter().zip(dy).flat_map(|(y, dy)| y.data.iter().zip(&dy.data)).map(|(y, dy)| y * dy).sum();
    (sum, call.choices)
}

/// Compares gradients with differences, but where a kink lies between; returns how many were compared.
fn compare(layer: &dyn Layer, operands: &[Dims], whole: bool) -> usize {
    let mut random = Random::new(7, 7);
    let mut draw = |dims: &[usize]| Tensor::from_fn(dims, |_| 2.0 * random.number());
    let mut x: Vec<Tensor> = operands.iter().map(|dims| draw(&batch(2, dims))).collect();
    let specifications = layer.weights(operands);
    let weights: Vec<Tensor> = specifications.iter().map(|(_, dims)| draw(dims)).collect();
    let dy: Vec<Tensor> = layer.results(operands).unwrap().iter().map(|dims| draw(&batch(2, dims))).collect();
    if whole {
        x[0] = x[0].map(|element| element.abs().floor());
    }
    let mut call = Call::new(true, Key { seed: 1, step: 1 });
    let refs = |tensors: &[Tensor]| tensors.to_vec();
    let y = layer.forward(&mut call, &x.iter().collect::<Vec<_>>(), &weights.iter().collect::<Vec<_>>());
    let gradients = layer.backward(
        &call,
        &x.iter().collect::<Vec<_>>(),
        &weights.iter().collect::<Vec<_>>(),
        &y.iter().collect::<Vec<_>>(),
        &dy.iter().collect::<Vec<_>>(),
    );
    let mut compared = 0;
    let mut check = |gradient: &Tensor, at: &dyn Fn(usize, f64) -> (f64, Vec<Choice>)| {
        for (index, gradient) in gradient.data.iter().enumerate() {
            let (after, before) = (at(index, 1e-5), at(index, -1e-5));
            if after.1 == before.1 {
                let slope = (after.0 - before.0) / 2e-5;
                assert!(
                    (slope - gradient).abs() < 1e-6 * (1.0 + slope.abs()),
                    "{layer:?}: slope {slope}, gradient {gradient}"
                );
                compared += 1;
            }
        }
    };
    for (operand, gradient) in gradients.operands.iter().enumerate().filter(|(operand, _)| !whole || *operand > 0) {
        check(gradient, &|index, by| {
            let mut x = refs(&x);
            x[operand].data[index] += by;
            measure(layer, &x, &weights, &dy)
        });
    }
    for (weight, gradient) in gradients.weights.iter().enumerate() {
        if layer.statistics().contains(&specifications[weight].0) {
            continue;
        }
        check(gradient, &|index, by| {
            let mut weights = refs(&weights);
            weights[weight].data[index] += by;
            measure(layer, &x, &weights, &dy)
        });
    }
    compared
}

#[test]
fn layers_of_the_table() {
    let mut random = Random::new(1, 1);
    let shapes: [Vec<Dims>; 5] = [
        vec![vec![5, 4, 3]],
        vec![vec![3, 4]],
        vec![vec![6]],
        vec![vec![4, 3, 2], vec![4, 3, 2]],
        vec![vec![3, 2], vec![1, 2], vec![3, 1]],
    ];
    let mut kinds = std::collections::BTreeSet::new();
    for operands in shapes.iter().cycle().take(150) {
        let Some(layer) = draw(&mut random, operands) else { continue };
        let compared = compare(&*layer, operands, false);
        assert!(compared > 0, "{layer:?}");
        kinds.insert(layer.kind());
    }
    let all = OF_ONE.len() + OF_SEVERAL.len();
    assert!(kinds.len() > all, "{kinds:?}");
}

#[test]
fn layers_with_operands_of_their_own() {
    let lstm = |sequences, states, bias| Rc::new(Lstm { units: 3, sequences, states, bias }) as Rc<dyn Layer>;
    let steps = || vec![4, 2];
    let state = || vec![3];
    for layer in [lstm(false, false, true), lstm(true, false, true), lstm(false, true, false), lstm(true, true, true)] {
        assert!(compare(&*layer, &[steps()], false) > 0);
        assert!(compare(&*layer, &[steps(), state(), state()], false) > 0);
    }
    assert!(compare(&Embedding { rows: 2, width: 3 }, &[vec![5]], true) > 0);
    assert!(compare(&BatchNorm { momentum: 0.5, epsilon: 1e-3 }, &[vec![3, 2]], false) > 0);
}
