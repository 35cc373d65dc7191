//! The interpreter's gradients are the slopes of its loss: central differences in `f64`, along a random direction of every weight and
//! every input of random networks.

use net_reference::graph::{Element, Graph};
use net_reference::interpret::{self, Given, Upstream};
use net_reference::noise::Noise;
use net_reference::philox::Key;
use net_reference::{Random, Tensor, open, program};

const KEY: Key = Key { seed: 5, step: 1 };

fn draw(graph: &Graph, random: &mut Random) -> Given {
    let samples = random.within(1, 3);
    // A variance is positive, and not so small that one over its root hides every other slope.
    let least = |name: &str| if name.ends_with("variance") { 1.0 } else { 0.0 };
    let mut drawn = |dims: &[usize], least: f64| Tensor::from_fn(dims, |_| least + 0.4 * random.number());
    let weights = graph.weights.iter().map(|weight| drawn(&weight.dims, least(&weight.name))).collect();
    let inputs = graph.inputs.iter().map(|input| {
        let dims = [&[samples], &*input.dims].concat();
        Tensor::from_fn(&dims, |_| input.element.draw(random))
    });
    let inputs = inputs.collect();
    let (mut targets, mut sample_weights) = (Vec::new(), Vec::new());
    for head in &graph.heads {
        let dims = &graph.values[graph.outputs[head.output].1];
        targets.push(head.terms[0].1.draw_target(random, samples, dims));
        sample_weights.push(random.percent(50).then(|| (0..samples).map(|_| random.number().abs()).collect()));
    }
    Given { weights, inputs, targets, sample_weights }
}

/// The total loss, and the sides of all kinks.
fn loss(graph: &Graph, given: &Given, training: bool) -> (f64, Vec<net_reference::layers::Choice>) {
    let forward = interpret::forward(graph, given, training, KEY, &mut Noise::none());
    let losses = interpret::losses(graph, given, &forward, &mut Noise::none());
    (losses.total, forward.choices().chain(losses.choices).collect())
}

/// The tensor that a slope is taken with respect to.
#[derive(Clone, Copy, Debug)]
enum Moved {
    Weight(usize),
    Input(usize),
}

impl Moved {
    fn of(self, given: &mut Given) -> &mut Tensor {
        match self {
            Self::Weight(index) => &mut given.weights[index],
            Self::Input(index) => &mut given.inputs[index],
        }
    }
}

#[test]
fn gradients_are_the_slopes_of_the_loss() {
    let (mut compared, mut kinks) = (0, 0);
    for index in 0..150 {
        let program = program(2, index);
        let graph = open(&program).unwrap();
        if graph.heads.is_empty() {
            continue;
        }
        let mut random = Random::new(3, index);
        let given = draw(&graph, &mut random);
        let forward = interpret::forward(&graph, &given, true, KEY, &mut Noise::none());
        let losses = interpret::losses(&graph, &given, &forward, &mut Noise::none());
        let gradients = interpret::backward(&graph, &given, &forward, Upstream::Losses(&losses), &mut Noise::none());
        let sides = loss(&graph, &given, true).1;
        // What is frozen has no gradient, though the loss depends on it.
        let is_trained = |index: &usize| {
            let mut of_nodes = graph.nodes.iter().filter(|node| node.weights.contains(index));
            graph.weights[*index].statistic.is_none() && of_nodes.any(|node| !node.frozen)
        };
        let trained = gradients.weights.iter().enumerate().filter(|(index, _)| is_trained(index));
        let weights = trained.map(|(index, gradient)| (Moved::Weight(index), gradient));
        let numbers = graph
            .inputs
            .iter()
            .zip(&gradients.inputs)
            .enumerate()
            .filter(|(_, (input, _))| input.element == Element::F32);
        let inputs = numbers.map(|(index, (_, gradient))| (Moved::Input(index), gradient));
        for (moved, gradient) in weights.chain(inputs) {
            let direction = Tensor::from_fn(&gradient.dims, |_| random.number());
            let at = |by: f64| {
                let mut given = given.clone();
                let tensor = moved.of(&mut given);
                *tensor = tensor.zip(&direction, |element, direction| element + by * direction);
                loss(&graph, &given, true)
            };
            let step = 4e-5;
            let (after, before) = (at(step), at(-step));
            if after.1 != sides || before.1 != sides {
                kinks += 1;
                continue;
            }
            // Richardson's extrapolation: the error of second order cancels.
            let half = at(0.5 * step).0 - at(-0.5 * step).0;
            let slope = (4.0 * half / step - (after.0 - before.0) / (2.0 * step)) / 3.0;
            let along: f64 =
                gradient.data.iter().zip(&direction.data).map(|(gradient, direction)| gradient * direction).sum();
            // A smaller step drowns in the rounding of large values, a larger one meets more kinks.
            let size = gradient.largest() + 1e-2 * (1.0 + losses.total.abs());
            assert!(
                (slope - along).abs() < 1e-5 * size,
                "program {index}, {moved:?}: gradient {along}, slope {slope}\n{program:?}"
            );
            compared += 1;
        }
    }
    assert!(compared > 500 && kinks * 2 < compared, "{compared} compared, {kinks} at kinks");
}
