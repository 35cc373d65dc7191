//! Every layer's gradients are the slopes of its results: central differences in `f64`, element by element.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::*;
use crate::draw::Random;
use crate::graph::Element;

/// What the results are multiplied by and added up, so that there is one number.
fn measure(layer: &dyn Layer, x: &[Tensor], weights: &[Tensor], dy: &[Tensor]) -> (f64, Vec<Choice>) {
    let mut call = Call::new(true, Key { seed: 1, step: 1 });
    let y = layer.forward(&mut call, &x.iter().collect::<Vec<_>>(), &weights.iter().collect::<Vec<_>>());
    let sum = y.iter().zip(dy).flat_map(|(y, dy)| y.data.iter().zip(&dy.data)).map(|(y, dy)| y * dy).sum();
    (sum, call.choices)
}

/// Compares gradients with differences, but where a kink lies between; returns how many were compared.
fn compare(layer: &dyn Layer, operands: &[Dims], elements: &[Element]) -> usize {
    let mut random = Random::new(7, 7);
    let x: Vec<Tensor> = operands
        .iter()
        .zip(elements)
        .map(|(dims, element)| Tensor::from_fn(&batch(2, dims), |_| element.draw(&mut random)))
        .collect();
    let mut draw = |dims: &[usize]| Tensor::from_fn(dims, |_| 2.0 * random.number());
    let specifications = layer.weights(operands);
    // No variance is negative: one over its root would be as large as the bound allows, and hide every other slope.
    let weight = |(name, dims): &(&str, Dims)| {
        let drawn = draw(dims);
        if name.ends_with("variance") { drawn.map(|value| value.abs() + 0.1) } else { drawn }
    };
    let weights: Vec<Tensor> = specifications.iter().map(weight).collect();
    let dy: Vec<Tensor> = layer.results(operands).unwrap().iter().map(|dims| draw(&batch(2, dims))).collect();
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
            let difference = |by: f64| {
                let (after, before) = (at(index, by), at(index, -by));
                (after.1 == before.1).then(|| (after.0 - before.0) / (2.0 * by))
            };
            if let Some(slope) = difference(1e-5) {
                let within = |most: f64| (slope - gradient).abs() < most;
                let exact = 1e-6 * (1.0 + slope.abs());
                // Where gates have no bound, slopes differ within a step, by as much as from one of half a step.
                let bent = || difference(5e-6).map_or(0.0, |half| 4.0 * (slope - half).abs());
                assert!(within(exact) || within(exact + bent()), "{layer:?}: slope {slope}, gradient {gradient}");
                compared += 1;
            }
        }
    };
    let has_slope = |operand: &usize| elements[*operand] == Element::F32 && !layer.without_gradient().contains(operand);
    for (operand, gradient) in gradients.operands.iter().enumerate().filter(|(operand, _)| has_slope(operand)) {
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

/// Draws many layers for every shape, and compares their gradients.
#[test]
fn layers_of_the_tables() {
    let mut random = Random::new(1, 1);
    let shapes: [Vec<Dims>; 6] = [
        vec![vec![5, 4, 3]],
        vec![vec![3, 4]],
        vec![vec![6]],
        vec![vec![3, 2, 4, 2]],
        vec![vec![4, 3, 2], vec![4, 3, 2]],
        vec![vec![3, 2], vec![1, 2], vec![3, 1]],
    ];
    let mut kinds = BTreeSet::new();
    let mut check = |layer: Rc<dyn Layer>, operands: &[Dims], elements: &[Element]| {
        let learns = !layer.weights(operands).is_empty();
        let compared = compare(&*layer, operands, elements);
        // Whole numbers have no gradient.
        let has_none = matches!(elements, [Element::U32(_)]) || layer.without_gradient().contains(&0);
        assert!(compared > 0 || (!learns && has_none), "{layer:?}");
        kinds.insert(layer.kind());
    };
    for operands in shapes.iter().cycle().take(50 * shapes.len()) {
        if let Some(layer) = draw(&mut random, operands) {
            check(layer, operands, &vec![Element::F32; operands.len()]);
        }
        if let [first] = operands.as_slice()
            && let Some((layer, more)) = draw_with_more(&mut random, first)
        {
            let elements = std::iter::once(Element::F32).chain(more.iter().map(|wanted| wanted.element));
            check(layer, &table::operands(first, &more), &elements.collect::<Vec<_>>());
        }
    }
    for _ in 0..30 {
        let (dims, end) = (vec![random.within(1, 4)], random.within(2, 5));
        if let Some(layer) = draw_of_whole(&mut random, &dims, end) {
            check(layer, &[dims], &[Element::U32(end)]);
        }
    }
    let lines = table::OF_ONE.len() + table::OF_SEVERAL.len() + table::OF_ONE_AND_MORE.len() + table::OF_WHOLE.len();
    assert!(kinds.len() > lines, "{kinds:?}");
}
