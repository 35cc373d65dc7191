//! Every layer: its shape, its weights, and how the runtime is called for it.

mod convolutions;

use net_compiler::graph::{Network, Operation};
use net_compiler::layers::Use;
use net_compiler::shape::Shape;

use crate::accepted;

/// One layer behind inputs of these shapes: result, kernel and descriptor.
fn layer(inputs: &[&str], stage: &str, output: &str) -> (Option<Vec<usize>>, String) {
    let names = ["a", "b", "c"];
    let declared: Vec<_> = inputs.iter().zip(names).map(|(shape, name)| format!("{name}: {shape}")).collect();
    let source = format!(
        "network N({}) -> (y: {output}) {{ let y = ({}) -> {stage}; }}",
        declared.join(", "),
        names[..inputs.len()].join(", ")
    );
    let program = accepted(&source);
    let network = &program.networks[0];
    let weights = &network.nodes[0].facts().weights;
    (weights.as_ref().map(|weights| weights.parameters[0].dims.clone()), described(network))
}

/// The descriptor of a network's first layer.
fn described(network: &Network) -> String {
    let node = &network.nodes[0];
    let operands: Vec<Shape> =
        node.operands.iter().map(|operand| network.values[operand.0].shape.clone().unwrap()).collect();
    let Operation::Layer(layer) = &node.operation else { panic!("{} is a layer", node.name) };
    let result = network.values[node.results[0].0].shape.clone().unwrap();
    let of = Use { operands: &operands, output: &result, parts: [&operands[0], &result], stream: 7 };
    let descriptor = layer.descriptor(&of).to_string();
    descriptor.replace(":: net_runtime :: ", "").replace(" :: ", "::").replace(" ,", ",").replace(" :", ":")
}

fn check(inputs: &[&str], stage: &str, output: &str, kernel: Option<&[usize]>, descriptor: &str) {
    let (found_kernel, found) = layer(inputs, stage, output);
    assert_eq!(found_kernel.as_deref(), kernel, "{stage}");
    assert_eq!(found, descriptor, "{stage}");
}

#[test]
fn dense() {
    let one = "layers::Dense { rows: 1, inputs: 8, outputs: 3 }";
    check(&["[8]"], "Dense(3)", "[3]", Some(&[8, 3]), one);
    let steps = "layers::Dense { rows: 5, inputs: 8, outputs: 3 }";
    check(&["[5, 8]"], "Dense(units = 3, bias = false)", "[5, 3]", Some(&[8, 3]), steps);
}

#[test]
fn pools() {
    check(
        &["[7, 6, 3]"],
        "MaxPool2d",
        "[3, 3, 3]",
        None,
        "layers::MaxPool2d { input: [7, 6, 3], output: [3, 3, 3], size: [2, 2], stride: [2, 2], padding: [0, 0] }",
    );
    check(
        &["[7, 6, 3]"],
        "AvgPool2d(3, stride = 1, padding = same)",
        "[7, 6, 3]",
        None,
        "layers::AvgPool2d { input: [7, 6, 3], output: [7, 6, 3], size: [3, 3], stride: [1, 1], padding: [1, 1] }",
    );
    check(
        &["[7, 3]"],
        "MaxPool1d(2, padding = same)",
        "[4, 3]",
        None,
        "layers::MaxPool1d { input: [7, 3], output: [4, 3], size: [2], stride: [2], padding: [0] }",
    );
    check(
        &["[4, 7, 6, 3]"],
        "AvgPool3d((1, 2, 3), stride = 2)",
        "[2, 3, 2, 3]",
        None,
        "layers::AvgPool3d { input: [4, 7, 6, 3], output: [2, 3, 2, 3], size: [1, 2, 3], stride: [2, 2, 2], padding: [0, 0, 0] }",
    );
    check(
        &["[7, 6, 3]"],
        "AdaptiveMaxPool2d((3, 2))",
        "[3, 2, 3]",
        None,
        "layers::AdaptiveMaxPool2d { input: [7, 6, 3], output: [3, 2, 3] }",
    );
    let masked = accepted("network N(x: [7, 3], m: [7]) -> (y: [3]) { let y = (x, mask = m) -> GlobalAvgPool1d; }");
    assert_eq!(described(&masked.networks[0]), "layers::MaskedAvgPool1d { input: [7, 3] }");
    check(&["[7, 3]"], "GlobalMaxPool1d", "[3]", None, "layers::GlobalMaxPool1d { input: [7, 3] }");
    check(&["[7, 6, 2, 3]"], "GlobalAvgPool3d", "[3]", None, "layers::GlobalAvgPool3d { input: [7, 6, 2, 3] }");
    check(&["[7, 6, 3]"], "GlobalAvgPool2d", "[3]", None, "layers::GlobalAvgPool2d { input: [7, 6, 3] }");
    check(&["[7, 6, 3]"], "GlobalMaxPool2d", "[3]", None, "layers::GlobalMaxPool2d { input: [7, 6, 3] }");
}

#[test]
fn rearrangements() {
    check(&["[7, 6, 3]"], "Flatten", "[126]", None, "layers::Flatten");
    check(&["[7, 6, 3]"], "Reshape(-1, 6)", "[21, 6]", None, "layers::Reshape");
    check(&["[12]"], "Reshape((2, 2, 3))", "[2, 2, 3]", None, "layers::Reshape");
    let permute = "layers::Permute { input: & [7, 6, 3], axes: & [2, 0, 1] }";
    check(&["[7, 6, 3]"], "Permute(2, 0, 1)", "[3, 7, 6]", None, permute);
    check(&["[7, 6, 3]"], "Permute(channels, height, width)", "[3, 7, 6]", None, permute);
    check(
        &["[7, 6, 3]"],
        "ZeroPad2d(((1, 2), (0, 3)))",
        "[10, 9, 3]",
        None,
        "layers::ZeroPad2d { input: [7, 6, 3], padding: [[1, 2], [0, 3]] }",
    );
    let pairs = "layers::ZeroPad2d { input: [7, 6, 3], padding: [[1, 1], [2, 2]] }";
    check(&["[7, 6, 3]"], "ZeroPad2d((1, 2))", "[9, 10, 3]", None, pairs);
    for (stage, output) in [("ZeroPad1d(2)", "[11, 6]"), ("ZeroPad1d((2, 2))", "[11, 6]")] {
        check(&["[7, 6]"], stage, output, None, "layers::ZeroPad1d { input: [7, 6], padding: [[2, 2]] }");
    }
    check(&["[7, 6]"], "Crop1d((0, 2))", "[5, 6]", None, "layers::Crop1d { input: [7, 6], cropping: [[0, 2]] }");
    check(
        &["[7, 6, 5, 3]"],
        "Crop3d((1, (2, 0), 1))",
        "[5, 4, 3, 3]",
        None,
        "layers::Crop3d { input: [7, 6, 5, 3], cropping: [[1, 1], [2, 0], [1, 1]] }",
    );
    check(&["[8]"], "Dropout(0.25)", "[8]", None, "layers::Dropout { len: 8, rate: 0.25f32, layer: 7 }");
}

#[test]
fn moves() {
    for (inputs, stage, output, descriptor) in [
        (&["[7, 6]"][..], "Slice(1, 5)", "[7, 4]", "Slice { outer: 7, len: 6, inner: 1, start: 1, step: 1, count: 4 }"),
        (&["[7, 6]"], "Slice(-3, -1)", "[7, 2]", "Slice { outer: 7, len: 6, inner: 1, start: 3, step: 1, count: 2 }"),
        (
            &["[7, 6, 3]"],
            "Slice(1, axis = height, step = 4)",
            "[2, 6, 3]",
            "Slice { outer: 1, len: 7, inner: 18, start: 1, step: 4, count: 2 }",
        ),
        (&["[7, 6, 3]"], "Reverse(width)", "[7, 6, 3]", "Reverse { outer: 7, len: 6, inner: 3 }"),
        (&["[6]"], "Repeat(4)", "[4, 6]", "Repeat { len: 6, times: 4 }"),
        (&["[7, 6]"], "UpSampling1d", "[14, 6]", "UpSampling1d { input: [7, 6], size: [2] }"),
        (&["[7, 6, 3]"], "UpSampling2d((2, 3))", "[14, 18, 3]", "UpSampling2d { input: [7, 6, 3], size: [2, 3] }"),
        (
            &["[7, 6, 3]"],
            "UpSampling2d(interpolation = bilinear)",
            "[14, 12, 3]",
            "Resize { input: [7, 6, 3], output: [14, 12, 3], interpolation: layers::Interpolation::Bilinear, }",
        ),
        (
            &["[7, 6, 3]"],
            "Resize(5, 9)",
            "[5, 9, 3]",
            "Resize { input: [7, 6, 3], output: [5, 9, 3], interpolation: layers::Interpolation::Bilinear, }",
        ),
        (&["[4, 6, 3]"], "SpaceToDepth(2)", "[2, 3, 12]", "SpaceToDepth { input: [4, 6, 3], block: 2 }"),
        (&["[4, 6, 8]"], "DepthToSpace(2)", "[8, 12, 2]", "DepthToSpace { input: [4, 6, 8], block: 2 }"),
        (&["[3]", "[3]"], "Stack", "[3, 2]", "Stack { outer: 3, runs: & [1, 1] }"),
        (&["[3, 2]", "[3, 2]"], "Stack(axis = 1)", "[3, 2, 2]", "Stack { outer: 3, runs: & [2, 2] }"),
        (&["[3, 2]"], "Mean(steps)", "[2]", "Mean { outer: 1, len: 3, inner: 2 }"),
        (&["[3, 2]"], "Max(-1, keep = true)", "[3, 1]", "Max { outer: 3, len: 2, inner: 1 }"),
        (&["[6]"], "Rescaling(2)", "[6]", "Rescaling { len: 6, scale: & [2f32], offset: & [0f32] }"),
        (
            &["[2]"],
            "Rescaling((1. / 255, 7 / 2 * 2), offset = -1 / (2 + 2))",
            "[2]",
            "Rescaling { len: 2, scale: & [0.003921569f32, 7f32], offset: & [- 0.25f32] }",
        ),
        (
            &["[3, 2]"],
            "SpatialDropout1d(0.5)",
            "[3, 2]",
            "SpatialDropout1d { places: 3, channels: 2, rate: 0.5f32, layer: 7 }",
        ),
        (
            &["u32[5]"],
            "CategoryEncoding(9)",
            "[9]",
            "CategoryEncoding { rows: 1, numbers: 5, tokens: 9, count: false }",
        ),
        (
            &["u32[5]"],
            "CategoryEncoding(9, mode = one_hot)",
            "[5, 9]",
            "CategoryEncoding { rows: 5, numbers: 1, tokens: 9, count: false }",
        ),
    ] {
        check(inputs, stage, output, None, &format!("layers::{descriptor}"));
    }
}

#[test]
fn merges() {
    let concat = "layers::Concat { outer: 1, runs: & [3, 5] }";
    check(&["[3]", "[5]"], "Concat", "[8]", None, concat);
    let width = "layers::Concat { outer: 2, runs: & [12, 16] }";
    check(&["[2, 3, 4]", "[2, 4, 4]"], "Concat(axis = width)", "[2, 7, 4]", None, width);
    for (name, both) in
        [("Add", true), ("Sub", false), ("Mul", true), ("Average", true), ("Maximum", true), ("Minimum", true)]
    {
        let two = format!("layers::{name} {{ inputs: & [& [2, 3], & [1, 3]], output: & [2, 3] }}");
        check(&["[2, 3]", "[1, 3]"], name, "[2, 3]", None, &two);
        if both {
            let three = format!("layers::{name} {{ inputs: & [& [1, 1], & [4, 1], & [1, 3]], output: & [4, 3] }}");
            check(&["[1, 1]", "[4, 1]", "[1, 3]"], name, "[4, 3]", None, &three);
        }
    }
}

#[test]
fn attention() {
    let descriptor = |inputs: &str, sizes: &str, sources: usize, mask: &str, causal: bool, dropout: &str| {
        format!(
            "layers::MultiHeadAttention {{ {inputs}, {sizes}, sources: {sources}, mask: layers::AttentionMask::{mask}, \
             causal: {causal}, dropout: {dropout}, layer: 7 }}"
        )
    };
    let own = "queries: 5, keys: 5, inputs: [8, 8, 8]";
    let sizes = "heads: 2, key_heads: 2, key_dim: 3, value_dim: 3, outputs: 8";
    let plain = "MultiHeadAttention(heads = 2, key_dim = 3)";
    let kernel = Some(&[8, 2, 3][..]);
    check(&["[5, 8]"], plain, "[5, 8]", kernel, &descriptor(own, sizes, 1, "None", false, "0f32"));
    let two = "queries: 5, keys: 7, inputs: [8, 6, 6]";
    check(&["[5, 8]", "[7, 6]"], plain, "[5, 8]", kernel, &descriptor(two, sizes, 2, "None", false, "0f32"));
    check(
        &["[5, 8]", "[7, 6]", "[7, 4]"],
        "MultiHeadAttention(heads = 2, key_dim = 3, value_dim = 9, outputs = 10, causal = true, dropout = 0.1, bias = false)",
        "[5, 10]",
        kernel,
        &descriptor(
            "queries: 5, keys: 7, inputs: [8, 6, 4]",
            "heads: 2, key_heads: 2, key_dim: 3, value_dim: 9, outputs: 10",
            3,
            "None",
            true,
            "0.1f32",
        ),
    );
    check(
        &["[5, 8]"],
        "GroupQueryAttention(heads = 6, key_heads = 2, key_dim = 3)",
        "[5, 8]",
        Some(&[8, 6, 3]),
        &descriptor(own, "heads: 6, key_heads: 2, key_dim: 3, value_dim: 3, outputs: 8", 1, "None", false, "0f32"),
    );
    for (mask, kind) in [("[7]", "Keys"), ("[5, 7]", "Pairs")] {
        let network = accepted(&format!(
            "network N(x: [5, 8], other: [7, 6], m: {mask}) -> (y: [5, 8]) {{
                let y = (mask = m, query = x, key = other) -> {plain};
            }}"
        ));
        assert_eq!(described(&network.networks[0]), descriptor(two, sizes, 2, kind, false, "0f32"));
    }
}

#[test]
fn attention_of_one_head() {
    let descriptor = |sizes: &str, score: &str, sources: usize, masks: [&str; 2], more: &str| {
        let [mask, query_mask] = masks;
        format!(
            "layers::Attention {{ {sizes}, score: layers::AttentionScore::{score}, sources: {sources}, \
             mask: layers::AttentionMask::{mask}, query_mask: {query_mask}, {more}, layer: 7 }}"
        )
    };
    let plain = |layer: String| format!("layers::AttentionPlain ({layer})");
    let (own, none, usual) =
        ("queries: 5, keys: 5, dim: 8, value_dim: 8", ["None", "false"], "causal: false, dropout: 0f32");
    check(&["[5, 8]"], "Attention", "[5, 8]", None, &plain(descriptor(own, "Product", 1, none, usual)));
    let scaled = descriptor(own, "Product", 1, none, "causal: true, dropout: 0.1f32");
    check(&["[5, 8]"], "Attention(scale = true, causal = true, dropout = 0.1)", "[5, 8]", Some(&[1]), &scaled);
    let two = "queries: 5, keys: 7, dim: 8, value_dim: 8";
    let additive = |sizes: &str, sources: usize| descriptor(sizes, "Additive", sources, none, usual);
    check(&["[5, 8]", "[7, 8]"], "Attention(score = concat)", "[5, 8]", Some(&[1]), &additive(two, 2));
    check(&["[5, 8]", "[7, 8]"], "AdditiveAttention", "[5, 8]", Some(&[8]), &additive(two, 2));
    let three = additive("queries: 5, keys: 7, dim: 8, value_dim: 3", 3);
    check(&["[5, 8]", "[7, 8]", "[7, 3]"], "AdditiveAttention(scale = false)", "[5, 3]", None, &plain(three));
    for (mask, kind) in [("[7]", "Keys"), ("[5, 7]", "Pairs")] {
        let network = accepted(&format!(
            "network N(x: [5, 8], other: [7, 8], m: {mask}, q: [5]) -> (y: [5, 8]) {{
                let y = (query_mask = q, mask = m, query = x, key = other) -> Attention;
            }}"
        ));
        let expected = plain(descriptor(two, "Product", 2, [kind, "true"], usual));
        assert_eq!(described(&network.networks[0]), expected);
    }
}

#[test]
fn positions() {
    let sine = |longest: &str| format!("layers::SinePositions {{ steps: 5, features: 8, max_wavelength: {longest} }}");
    check(&["[5, 8]"], "SinePositions", "[5, 8]", None, &sine("10000f32"));
    check(&["[5, 8]"], "SinePositions(max_wavelength = 2.5)", "[5, 8]", None, &sine("2.5f32"));
    let learned = "layers::LearnedPositions { steps: 5, features: 8 }";
    check(&["[5, 8]"], "LearnedPositions", "[5, 8]", Some(&[5, 8]), learned);
}

#[test]
fn products_with_a_kernel() {
    let plain = "layers::EinsumDense { input: & [5, 8], input_axes: & [0, 1], kernel: & [8, 3], kernel_axes: & [0, 1], \
                 contracted: 1, result: & [5, 3], output_axes: & [0, 1], bias: & [] }";
    check(&["[5, 8]"], "EinsumDense(\"sf,fd->sd\", 3)", "[5, 3]", Some(&[8, 3]), plain);
    check(&["[5, 8]"], "EinsumDense(\"... f, f d -> ... d\", outputs = 3)", "[5, 3]", Some(&[8, 3]), plain);
    let heads = "layers::EinsumDense { input: & [5, 8], input_axes: & [0, 1], kernel: & [8, 2, 3], kernel_axes: & [0, 1, 2], \
                 contracted: 1, result: & [5, 2, 3], output_axes: & [1, 0, 2], bias: & [2, 1, 3] }";
    let stage = "EinsumDense(\"sf,fhd->hsd\", (2, 3), bias_axes = \"hd\")";
    check(&["[5, 8]"], stage, "[2, 5, 3]", Some(&[8, 2, 3]), heads);
    let joined = "layers::EinsumDense { input: & [2, 5, 3], input_axes: & [1, 0, 2], kernel: & [2, 3, 7], kernel_axes: & [0, 1, 2], \
                  contracted: 2, result: & [5, 7], output_axes: & [0, 1], bias: & [7] }";
    let stage = "EinsumDense(\"hsd,hdo->so\", (7), bias_axes = \"o\")";
    check(&["[2, 5, 3]"], stage, "[5, 7]", Some(&[2, 3, 7]), joined);
    // A transposed kernel, and axes without a letter at the end.
    let turned = "layers::EinsumDense { input: & [8, 2, 3], input_axes: & [1, 2, 0], kernel: & [4, 8], kernel_axes: & [1, 0], \
                  contracted: 1, result: & [2, 3, 4], output_axes: & [2, 0, 1], bias: & [4, 1, 1] }";
    let stage = "EinsumDense(\"f...,df->d...\", 4, bias_axes = \"d\")";
    check(&["[8, 2, 3]"], stage, "[4, 2, 3]", Some(&[4, 8]), turned);
    let summed = "layers::EinsumDense { input: & [5, 8], input_axes: & [0, 1], kernel: & [8], kernel_axes: & [0], \
                  contracted: 1, result: & [5], output_axes: & [0], bias: & [] }";
    check(&["[5, 8]"], "EinsumDense(\"sf,f->s\")", "[5]", Some(&[8]), summed);
}

#[test]
fn split() {
    let halves = "layers::Split { outer: 1, runs: & [3, 3] }";
    let source = |shape: &str, stage: &str, parts: [&str; 2]| {
        let [a, b] = parts;
        format!("network N(x: {shape}) -> (a: {a}, b: {b}) {{ let (a, b) = x -> {stage}; }}")
    };
    for (shape, stage, parts, descriptor) in [
        ("[6]", "Split(2)", ["[3]", "[3]"], halves),
        ("[2, 3, 5]", "Split((1, 4))", ["[2, 3, 1]", "[2, 3, 4]"], "layers::Split { outer: 6, runs: & [1, 4] }"),
        (
            "[2, 3, 5]",
            "Split((1, 2), axis = width)",
            ["[2, 1, 5]", "[2, 2, 5]"],
            "layers::Split { outer: 2, runs: & [5, 10] }",
        ),
    ] {
        let program = accepted(&source(shape, stage, parts));
        assert_eq!(described(&program.networks[0]), descriptor, "{stage}");
    }
    // How many parts there are can depend on a number of a template.
    let network = accepted(
        "block halves(x, const N) { let (a, b) = x -> Split(N); (b, a) -> Concat }
        network N(x: [6]) -> (y: [6]) { let y = x -> halves(2); }",
    );
    assert_eq!(described(&network.networks[0]), halves);
}

#[test]
fn comparisons() {
    let descriptor = "layers::NotEqual { len: 6, value: 0f32 }";
    check(&["[2, 3]"], "NotEqual(0)", "[2, 3]", None, descriptor);
    check(&["u32[6]"], "NotEqual(0)", "[6]", None, descriptor);
    check(&["[6]"], "Greater(-0.5)", "[6]", None, "layers::Greater { len: 6, value: - 0.5f32 }");
}

#[test]
fn argmax() {
    check(&["[10]"], "argmax", "[1]", None, "layers::Argmax { rows: 1, classes: 10 }");
    check(&["[4, 5, 3]"], "argmax", "[4, 5]", None, "layers::Argmax { rows: 20, classes: 3 }");
}

#[test]
fn activations() {
    for (stage, descriptor) in [
        ("relu", "activations::relu ()"),
        ("leaky_relu", "activations::leaky_relu (0.2f32)"),
        ("leaky_relu(slope = 0.1)", "activations::leaky_relu (0.1f32)"),
        ("elu", "activations::elu (1f32)"),
        ("elu(2)", "activations::elu (2f32)"),
        ("selu", "activations::selu ()"),
        ("gelu", "activations::gelu (false)"),
        ("gelu(approximate = true)", "activations::gelu (true)"),
        ("silu", "activations::silu ()"),
        ("sigmoid", "activations::sigmoid ()"),
        ("hard_sigmoid", "activations::hard_sigmoid ()"),
        ("tanh", "activations::tanh ()"),
        ("softplus", "activations::softplus ()"),
        ("softmax", "layers::Softmax { rows: 2, classes: 3 }"),
        ("log_softmax", "layers::LogSoftmax { rows: 2, classes: 3 }"),
        (
            "softmax(axis = 0)",
            "layers::RowsAlong { outer: 1, len: 2, inner: 3, function: layers::RowFunction::Softmax }",
        ),
        ("sparsemax", "layers::Sparsemax { rows: 2, classes: 3 }"),
        ("relu6", "activations::relu6 ()"),
        ("relu(max_value = none)", "activations::relu ()"),
        ("relu(slope = 0.5)", "activations::leaky_relu (0.5f32)"),
        ("relu(threshold = 1)", "activations::rectified_linear (0f32,::core::primitive::f32::INFINITY, 1f32)"),
        ("relu(max_value = 2, slope = 0.5)", "activations::rectified_linear (0.5f32, 2f32, 0f32)"),
        ("celu", "activations::celu (1f32)"),
        ("hard_shrink(0.25)", "activations::hard_shrink (0.25f32)"),
        ("soft_shrink", "activations::soft_shrink (0.5f32)"),
        ("squareplus", "activations::squareplus (4f32)"),
        ("threshold(0.5, value = -1)", "activations::threshold (0.5f32, - 1f32)"),
        ("clip(-1, 1)", "activations::clip (- 1f32, 1f32)"),
    ] {
        check(&["[2, 3]"], stage, "[2, 3]", None, descriptor);
    }
}

#[test]
fn noise() {
    check(&["[8]"], "GaussianNoise(0.5)", "[8]", None, "layers::GaussianNoise { len: 8, stddev: 0.5f32, layer: 7 }");
    let dropout = "layers::GaussianDropout { len: 8, rate: 0.5f32, layer: 7 }";
    check(&["[8]"], "GaussianDropout(0.5)", "[8]", None, dropout);
    check(&["[2, 4]"], "AlphaDropout(0)", "[2, 4]", None, "layers::AlphaDropout { len: 8, rate: 0f32, layer: 7 }");
}

#[test]
fn prelu() {
    check(&["[4, 6]"], "PRelu", "[4, 6]", Some(&[4, 6]), "layers::PRelu { shared: 1, slopes: 24 }");
    let channels = "layers::PRelu { shared: 20, slopes: 6 }";
    check(&["[4, 5, 6]"], "PRelu(shared_axes = (height, width))", "[4, 5, 6]", Some(&[1, 1, 6]), channels);
    check(&["[6]"], "PRelu(shared_axes = 0)", "[6]", Some(&[1]), "layers::PRelu { shared: 6, slopes: 1 }");
}

#[test]
fn normalization() {
    let features = "layers::Normalization { outer: 1, len: 6, inner: 1, invert: false }";
    check(&["[6]"], "Normalization", "[6]", Some(&[6]), features);
    let channels = "layers::Normalization { outer: 20, len: 6, inner: 1, invert: true }";
    check(&["[4, 5, 6]"], "Normalization(invert = true)", "[4, 5, 6]", Some(&[1, 1, 6]), channels);
    let image = "layers::Normalization { outer: 1, len: 20, inner: 6, invert: false }";
    check(&["[4, 5, 6]"], "Normalization(axis = (width, height))", "[4, 5, 6]", Some(&[4, 5, 1]), image);
    let sizes = "layers::Normalization { outer: 1, len: 2, inner: 1, invert: false }";
    let told = format!("layers::NormalizationBy {{ sizes: {sizes}, mean: & [1f32, - 2f32], variance: & [4f32] }}");
    check(&["[2]"], "Normalization(mean = (1, -2), variance = 4)", "[2]", None, &told);
}

#[test]
fn norms() {
    let rows = "layers::LayerNorm { rows: 2, len: 3, epsilon: 0.001f32 }";
    check(&["[2, 3]"], "LayerNorm", "[2, 3]", Some(&[3]), rows);
    let whole = "layers::LayerNormPlain { rows: 1, len: 6, epsilon: 0.5f32 }";
    check(&["[2, 3]"], "LayerNorm(axis = (0, 1), epsilon = 0.5, center = false, scale = false)", "[2, 3]", None, whole);
    let two = "layers::LayerNorm { rows: 4, len: 6, epsilon: 0.001f32 }";
    check(&["[4, 2, 3]"], "LayerNorm(axis = (width, channels), center = false)", "[4, 2, 3]", Some(&[2, 3]), two);
    let rms = "layers::RmsNorm { rows: 2, len: 3, epsilon: 0.000001f32 }";
    check(&["[2, 3]"], "RmsNorm", "[2, 3]", Some(&[3]), rms);
    check(&["[2, 3]"], "UnitNorm", "[2, 3]", None, "layers::UnitNorm { rows: 2, len: 3 }");
    let groups = "layers::GroupNorm { positions: 20, channels: 6, groups: 2, epsilon: 0.001f32 }";
    check(&["[4, 5, 6]"], "GroupNorm(2)", "[4, 5, 6]", Some(&[6]), groups);
    let plain = "layers::GroupNormPlain { positions: 1, channels: 64, groups: 32, epsilon: 0.001f32 }";
    check(&["[64]"], "GroupNorm(center = false, scale = false)", "[64]", None, plain);
}

#[test]
fn glu() {
    check(&["[2, 6]"], "glu", "[2, 3]", None, "layers::Glu { outer: 2, half: 3 }");
    check(&["[4, 2, 3]"], "glu(axis = height)", "[2, 2, 3]", None, "layers::Glu { outer: 1, half: 12 }");
}

#[test]
fn the_table_is_sorted() {
    let names: Vec<&str> = net_compiler::layers::table::LAYERS.iter().map(|signature| signature.name).collect();
    assert!(names.is_sorted_by(|one, next| one < next));
}

#[test]
fn recurrent_layers() {
    let stage = "Gru(7, sequences = true, reverse = true, dropout = 0.5)";
    let (kernel, descriptor) = layer(&["[6, 5]"], stage, "[6, 7]");
    assert_eq!(kernel, Some(vec![5, 21]));
    for part in ["layers::Gru", "sequences: true", "Direction::Reverse", "0.5f32", "(6, 5, 7)"] {
        assert!(descriptor.contains(part), "{part}: {descriptor}");
    }
    let (kernel, descriptor) = layer(&["[6, 5]"], "SimpleRnn(7, activation = relu)", "[7]");
    assert_eq!(kernel, Some(vec![5, 7]));
    assert!(descriptor.contains("activations::relu") && !descriptor.contains("sequences"), "{descriptor}");
    let stage =
        "Gru(7, reset_after = false, activation = elu, recurrent_activation = linear, recurrent_dropout = 0.25)";
    let (_, descriptor) = layer(&["[6, 5]"], stage, "[7]");
    for part in ["reset_after: false", "activations::elu", "Activation::Linear", "recurrent_dropout: 0.25", "stream: "]
    {
        assert!(descriptor.contains(part), "{part}: {descriptor}");
    }
    let stage = "ConvLstm2d(3, (2, 3), padding = same, sequences = true, recurrent_dropout = 0.5)";
    let (kernel, descriptor) = layer(&["[4, 5, 6, 2]"], stage, "[4, 5, 6, 3]");
    assert_eq!(kernel, Some(vec![2, 3, 2, 12]));
    for part in ["layers::ConvLstm2d::new", "(4, 60, 90)", "layers::Conv2d {", "output: [5, 6, 12]", "padding: [0, 1]"]
    {
        assert!(descriptor.contains(part), "{part}: {descriptor}");
    }
    let (_, descriptor) = layer(&["[6, 5]"], "Lstm(7, unit_forget_bias = false)", "[7]");
    assert!(descriptor.contains("Lstm::new") && !descriptor.contains("stream"), "{descriptor}");
}
