//! The graphs of correct networks.

use net_compiler::graph::Operation;
use net_compiler::shape::{Element, Target};

use crate::{accepted, nodes};

const DETECTOR: &str = "
    /// Finds one object in an RGB image: what it is, and where it is.
    pub network Detector(image: [64, 64, 3]) -> (class: [10], location: [4]) {
        let features = image
            -> Conv2d(128, 3) -> relu -> MaxPool2d(2)
            -> Conv2d(256, 3) -> relu -> MaxPool2d(2)
            -> Flatten;

        let class = features -> Dense(64) -> relu -> Dense(10) -> softmax;
        let location = features -> Dense(64) -> relu -> Dense(4) -> sigmoid;

        loss class: CategoricalCrossentropy;
        loss location: 2.0 * MeanSquaredError;
        metric class: Accuracy;
        metric location: MeanAbsoluteError;
    }";

const STEREO: &str = "
    /// Distance of every pixel, from two cameras.
    pub network Stereo(left: [120, 160, 3], right: [120, 160, 3]) -> (distance: [120, 160, 1]) {
        layer eye = Conv2d(128, 3, padding = same) -> relu -> Conv2d(256, 3, padding = same) -> relu;

        let distance = (left -> eye, right -> eye)
            -> Concat(axis = width)
            -> Conv2d(128, 3, stride = (1, 2), padding = same) -> relu
            -> Conv2d(32, 3, padding = same) -> relu
            -> Conv2d(1, 1) -> relu;

        loss distance: MeanSquaredError;
    }";

fn parameters(network: &net_compiler::graph::Network) -> usize {
    network
        .owners
        .iter()
        .map(|owner| match &owner.operation {
            Operation::Layer(_) => owner.weights.as_ref().unwrap().count(),
            Operation::Network(_) | Operation::OpenSteps | Operation::CloseSteps => 0,
        })
        .sum()
}

#[test]
fn detector() {
    let program = accepted(DETECTOR);
    let network = &program.networks[0];
    assert_eq!(
        nodes(network),
        [
            "features_conv2d: Conv2d of features_conv2d -> [62, 62, 128]",
            "features_relu: relu -> [62, 62, 128]",
            "features_max_pool2d: MaxPool2d -> [31, 31, 128]",
            "features_conv2d_2: Conv2d of features_conv2d_2 -> [29, 29, 256]",
            "features_relu_2: relu -> [29, 29, 256]",
            "features_max_pool2d_2: MaxPool2d -> [14, 14, 256]",
            "features_flatten: Flatten -> [50176]",
            "class_dense: Dense of class_dense -> [64]",
            "class_relu: relu -> [64]",
            "class_dense_2: Dense of class_dense_2 -> [10]",
            "class_softmax: softmax -> [10]",
            "location_dense: Dense of location_dense -> [64]",
            "location_relu: relu -> [64]",
            "location_dense_2: Dense of location_dense_2 -> [4]",
            "location_sigmoid: sigmoid -> [4]",
        ]
    );
    assert_eq!(parameters(network), 6_722_318);
    assert_eq!(network.attributes.len(), 1);
    assert_eq!(network.outputs[0].target, Some(Target { element: Element::F32, shape: vec![10] }));
    assert_eq!(network.losses[1].terms[0].weight, 2.0);
    assert_eq!(network.metrics.len(), 2);
}

#[test]
fn stereo() {
    let program = accepted(STEREO);
    let network = &program.networks[0];
    assert_eq!(
        nodes(network),
        [
            "eye_conv2d: Conv2d of eye_conv2d -> [120, 160, 128]",
            "eye_relu: relu -> [120, 160, 128]",
            "eye_conv2d_2: Conv2d of eye_conv2d_2 -> [120, 160, 256]",
            "eye_relu_2: relu -> [120, 160, 256]",
            "eye_conv2d: Conv2d of eye_conv2d -> [120, 160, 128]",
            "eye_relu: relu -> [120, 160, 128]",
            "eye_conv2d_2: Conv2d of eye_conv2d_2 -> [120, 160, 256]",
            "eye_relu_2: relu -> [120, 160, 256]",
            "distance_concat: Concat -> [120, 320, 256]",
            "distance_conv2d: Conv2d of distance_conv2d -> [120, 160, 128]",
            "distance_relu: relu -> [120, 160, 128]",
            "distance_conv2d_2: Conv2d of distance_conv2d_2 -> [120, 160, 32]",
            "distance_relu_2: relu -> [120, 160, 32]",
            "distance_conv2d_3: Conv2d of distance_conv2d_3 -> [120, 160, 1]",
            "distance_relu_3: relu -> [120, 160, 1]",
        ]
    );
    assert_eq!(parameters(network), 630_721);
    assert_eq!(network.shared[0].uses.len(), 2);
    let part = network.nodes[6].part_of.unwrap();
    assert_eq!((part.shared.0, part.use_index), (0, 1));
}

#[test]
fn words_of_the_language_are_names_too() {
    let program = accepted(
        "network network(block: [8], ) -> (loss: [2], metric: [2], ) {
            layer layer = Dense(2);
            let loss = block -> layer;
            let metric: [2] = block -> layer -> relu;
            loss loss: MeanSquaredError;
            metric metric: Accuracy;
        }",
    );
    assert_eq!(
        nodes(&program.networks[0]),
        ["layer: Dense of layer -> [2]", "layer: Dense of layer -> [2]", "metric_relu: relu -> [2]"]
    );
}

#[test]
fn networks_in_networks() {
    let program = accepted(
        "const CODE: usize = 2 * (3 + 1);
        network Both(a: [4], b: [4]) -> (y: [1], z: [3]) {
            layer shared = Encoder;
            let (u, v) = (a -> shared, b -> shared -> relu);
            let w = (second = v, first = u) -> Pair -> Concat;
            let (y, _) = w -> Heads;
            let (_, z) = w -> Heads(name = other);
        }
        network Encoder(x: [4]) -> (code: [CODE]) { let code = x -> Dense(CODE); }
        network Pair(first: [CODE], second: [CODE]) -> (p: [2], q: [4]) {
            let p = first -> Dense(2);
            let q = second -> Dense(4);
        }
        network Heads(x: [6]) -> (one: [1], three: [3]) {
            let one = x -> Dense(1);
            let three = x -> Dense(3);
        }",
    );
    let names: Vec<String> = program.networks.iter().map(|network| network.name.to_string()).collect();
    assert_eq!(names, ["Encoder", "Pair", "Heads", "Both"]);
    let both = &program.networks[3];
    assert_eq!(
        nodes(both),
        [
            "shared: Encoder of shared -> [8]",
            "shared: Encoder of shared -> [8]",
            "u_relu: relu -> [8]",
            "w_pair: Pair of w_pair -> [2], [4]",
            "w_concat: Concat -> [6]",
            "y_heads: Heads of y_heads -> [1], [3]",
            "other: Heads of other -> [1], [3]",
        ]
    );
    // Named elements go to the inputs of their names: `u` is the first result, `v` the relu's.
    assert_eq!(both.nodes[3].operands, [both.nodes[0].results[0], both.nodes[2].results[0]]);
    assert_eq!(program.constants[0].value, 8);
}

#[test]
fn names_of_layers() {
    let program = accepted(
        "network N(x: [8, 8, 3]) -> (y: [2], z: [2]) {
            layer eye = Conv2d(4, 3) -> relu -> Conv2d(4, 3, name = last) -> Flatten;
            let (y, z) = (x -> eye -> Dense(2), (x -> eye) -> Dense(2, name = chosen) -> MyNet2D -> GlobalNet);
        }
        network MyNet2D(a: [2]) -> (b: [2]) { let b = a -> tanh; }
        network GlobalNet(a: [2]) -> (b: [2]) { let b = a -> hard_sigmoid; }",
    );
    let network = program.networks.last().unwrap();
    let owners: Vec<String> = network.owners.iter().map(|owner| owner.name.to_string()).collect();
    assert_eq!(owners, ["eye_conv2d", "last", "y_dense", "chosen", "y_my_net2_d", "y_global_net"]);
}

#[test]
fn targets_follow_the_losses() {
    let program = accepted(
        "network N(x: [5, 8]) -> (a: [5, 3], b: [5, 3], c: [5, 3]) {
            let a = x -> Dense(3) -> softmax;
            let b = x -> Dense(3) -> sigmoid;
            let c = (x -> Dense(3), b) -> Mul -> Permute(1, 0) -> Permute(steps, features) -> Reshape(5, 3);
            loss a: 0.5 * SparseCategoricalCrossentropy;
            loss b: 3 * self::losses::Dice(smooth = 1.0, power = -2) + BinaryCrossentropy(0.1) + crate::Own(1);
            loss c: CategoricalCrossentropy;
            metric a: Accuracy, TopK(2);
            metric b: Accuracy, self::Iou;
        }",
    );
    let network = &program.networks[0];
    let targets: Vec<_> = network.outputs.iter().map(|output| output.target.clone().unwrap()).collect();
    assert_eq!(targets[0], Target { element: Element::U32, shape: vec![5] });
    assert_eq!(targets[1], Target { element: Element::F32, shape: vec![5, 3] });
    let losses: Vec<Vec<String>> = network
        .losses
        .iter()
        .map(|head| head.terms.iter().map(|term| format!("{} * {}", term.weight, term.loss.descriptor(true))).collect())
        .collect();
    assert_eq!(
        losses[0][0],
        "0.5 * :: net_runtime :: losses :: SparseCategoricalCrossentropy { ignore : :: core :: option :: Option :: None , input : :: net_runtime :: losses :: Input :: Logits }"
    );
    assert_eq!(losses[1][0], "3 * self :: losses :: Dice { smooth : 1.0 , power : - 2 }");
    assert_eq!(losses[1][2], "1 * crate :: Own (1)");
    let metrics: Vec<String> = network
        .metrics
        .iter()
        .map(|metric| {
            let output = &network.outputs[metric.output];
            metric.metric.descriptor(&output.shape, output.target.as_ref().unwrap()).to_string()
        })
        .collect();
    assert_eq!(metrics[0], ":: net_runtime :: metrics :: SparseCategoricalAccuracy");
    assert_eq!(metrics[1], ":: net_runtime :: metrics :: SparseTopK { k : 2 }");
    assert_eq!(metrics[2], ":: net_runtime :: metrics :: CategoricalAccuracy");
    assert_eq!(metrics[3], "self :: Iou");
}

#[test]
fn what_is_broken_keeps_its_header() {
    let (program, errors) = crate::front(
        "/// Docs
        #[cfg(all())]
        pub(crate) network N(x: [8], broken: [0, 2]) -> (y: [2]) { lett y = x -> Dense(2) }
        network M(x: [8]) -> (y: [2]);",
    );
    assert_eq!(errors.len(), 3, "{errors:?}");
    let names: Vec<String> = program.networks.iter().map(|network| network.name.to_string()).collect();
    assert_eq!(names, ["N", "M"]);
    assert_eq!(program.networks[0].attributes.len(), 2);
    assert_eq!(program.networks[0].inputs.len(), 2);
    assert_eq!(program.networks[0].outputs[0].shape, [2]);
}

#[test]
fn constants_may_stand_in_any_order_and_cost_what_each_costs() {
    // Each after those that it is computed from, twenty thousand deep.
    let mut source: String = (0..20_000).map(|index| format!("const C{index}: usize = C{} + 1;", index + 1)).collect();
    source += "const C20000: usize = 2; network N(x: [C0]) -> (y: [C19999]) { let y = x -> Dense(3); }";
    let program = accepted(&source);
    assert_eq!(program.networks[0].values[0].shape.as_deref(), Some(&[20_002][..]));
    assert_eq!(program.networks[0].outputs[0].shape, [3]);
    let constants = &program.constants;
    assert_eq!((constants[0].name.to_string(), constants[0].value), ("C0".to_owned(), 20_002));
}

/// What an activity adds to the loss is a loss for all that leads to it.
#[test]
fn an_activity_reaches_weights_that_no_loss_does() {
    accepted(
        "network Sparse(x: [4]) -> (code: [3]) { let code = x -> Dense(3, activity_regularizer = l1(0.1)); }
        network Outer(x: [4]) -> (y: [2], z: [3], inside: [3]) {
            let y = x -> Dense(2);
            let z = x -> Dense(5) -> Dense(3) -> tanh(activity_regularizer = l2(0.2));
            let inside = x -> Dense(4) -> Sparse;
            loss y: MeanSquaredError;
        }",
    );
}

/// A network without weights has nothing that would never learn.
#[test]
fn losses_need_not_reach_a_network_without_weights() {
    accepted(
        "network Even(x: [4]) -> (y: [2]) { let y = x -> Slice(0, step = 2); }
        network Outer(x: [4]) -> (y: [2], z: [2]) {
            let y = x -> Dense(2);
            let z = x -> Even;
            loss y: MeanSquaredError;
        }",
    );
}
