//! The graphs of correct networks.

use net_compiler::graph::{Element, Operation, Target};

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
            Operation::Layer(layer) => layer.weights(owner.operands.as_ref().unwrap()).unwrap().count(),
            Operation::Network(_) => 0,
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
    assert_eq!(network.shared[0].uses, 2);
    let part = network.nodes[6].part_of.unwrap();
    assert_eq!((part.shared.0, part.use_index, part.stage), (0, 1, 2));
}
