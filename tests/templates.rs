//! Templates: what a network with templates computes is what the same network computes with every stage written out.

use net_runtime::prelude::*;
use tests_common::{batch, gradient_values, named};

network! {
    /// A residual block, as a Keras user writes it as a function.
    block residual(x, const N) {
        let main = x -> Conv2d(N, 3, padding = same) -> relu -> Conv2d(N, 3, padding = same, bias = false, name = second);
        (main, x) -> Add -> relu
    }

    /// A template that uses another one, with a number computed from its own, one of them a decimal.
    block narrow(x, const WIDE, const SLOPE) {
        x -> Conv2d(WIDE / 2, 1) -> leaky_relu(SLOPE / 2) -> residual(WIDE / 2)
    }

    /// Two inputs, two results, a layer that is shared within each use.
    block cross(a, b, const N) {
        layer both = Dense(N);
        let left = a -> both;
        (left, b -> both -> tanh)
    }

    network Templates(image: [6, 5, 4]) -> (class: [3]) {
        let features = image -> residual(4) -> narrow(8, 0.3) -> residual(4, name = last);
        let class = features -> GlobalAvgPool2d -> Dense(3) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    network Written(image: [6, 5, 4]) -> (class: [3]) {
        let main = image
            -> Conv2d(4, 3, padding = same, name = features_residual_main_conv2d) -> relu
            -> Conv2d(4, 3, padding = same, bias = false, name = features_residual_second);
        let first = (main, image) -> Add -> relu;
        let thin = first -> Conv2d(4, 1, name = features_narrow_conv2d) -> leaky_relu(0.15);
        let inner = thin
            -> Conv2d(4, 3, padding = same, name = features_narrow_residual_main_conv2d) -> relu
            -> Conv2d(4, 3, padding = same, bias = false, name = features_narrow_residual_second);
        let second = (inner, thin) -> Add -> relu;
        let end = second
            -> Conv2d(4, 3, padding = same, name = last_main_conv2d) -> relu
            -> Conv2d(4, 3, padding = same, bias = false, name = last_second);
        let class = (end, second) -> Add -> relu -> GlobalAvgPool2d -> Dense(3) -> softmax;
        loss class: CategoricalCrossentropy;
    }

    /// One set of weights for both pictures, made of templates.
    network Twins(left: [6, 5, 4], right: [6, 5, 4]) -> (same: [1]) {
        layer eye = residual(4) -> narrow(8, 0.3) -> GlobalAvgPool2d;
        let same = (left -> eye, right -> eye) -> Sub -> Dense(1) -> sigmoid;
        loss same: BinaryCrossentropy;
    }

    network TwinsWritten(left: [6, 5, 4], right: [6, 5, 4]) -> (same: [1]) {
        layer a = Conv2d(4, 3, padding = same);
        layer b = Conv2d(4, 3, padding = same, bias = false);
        layer c = Conv2d(4, 1);
        layer d = Conv2d(4, 3, padding = same);
        layer e = Conv2d(4, 3, padding = same, bias = false);
        let left_first = (left -> a -> relu -> b, left) -> Add -> relu;
        let left_thin = left_first -> c -> leaky_relu(0.15);
        let left_code = (left_thin -> d -> relu -> e, left_thin) -> Add -> relu -> GlobalAvgPool2d;
        let right_first = (right -> a -> relu -> b, right) -> Add -> relu;
        let right_thin = right_first -> c -> leaky_relu(0.15);
        let right_code = (right_thin -> d -> relu -> e, right_thin) -> Add -> relu -> GlobalAvgPool2d;
        let same = (left_code, right_code) -> Sub -> Dense(1) -> sigmoid;
        loss same: BinaryCrossentropy;
    }

    /// A shared layer within a template within a shared layer: one place of weights for all four.
    network Crossed(p: [3], q: [3]) -> (u: [4], v: [4]) {
        layer once = cross(2);
        let (a, b) = (b = p, a = q) -> once;
        let (c, d) = (q, p) -> once;
        let u = (a, b) -> Concat;
        let v = (c, d) -> Concat;
    }
}

fn images(seed: u32) -> Batch<Shape3<6, 5, 4>> {
    batch(3, seed)
}

/// The weights of one network in another one, in the order of their declaration.
fn with_weights_of<A: Network, B: Network>(from: &A, mut to: B) -> B {
    let mut values = named(from).into_iter();
    to.visit_mut(&mut |_, param| param.values_mut().copy_from_slice(&values.next().unwrap().1));
    assert!(values.next().is_none());
    to
}

#[test]
fn a_network_of_templates_is_the_same_as_one_written_out() -> Result<(), Error> {
    let net = Templates::new(4);
    let written = Written::new(4);
    // Names decide the weights that are drawn, so that equal ones show equal names.
    assert_eq!(named(&net), named(&written));
    assert_eq!(Templates::PARAMETERS, Written::PARAMETERS);
    assert_eq!(Templates::MULTIPLY_ADDS, Written::MULTIPLY_ADDS);

    let class = Batch::from_vec(vec![1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 1.0, 0.0])?;
    let samples = TemplatesSamples { image: images(1), class: class.clone() };
    let written_samples = WrittenSamples { image: images(1), class };
    let (mut memory, mut written_memory) = (TemplatesWorkspace::new(3), WrittenWorkspace::new(3));
    let (mut by_weights, mut by_written) = (TemplatesGradients::zeros(), WrittenGradients::zeros());
    let outputs = net.forward(&samples, Mode::Training, &mut memory)?.to_owned();
    let expected = written.forward(&written_samples, Mode::Training, &mut written_memory)?.to_owned();
    assert_eq!(outputs.class, expected.class);
    net.backward(&samples, &samples, &mut memory, &mut by_weights)?;
    written.backward(&written_samples, &written_samples, &mut written_memory, &mut by_written)?;
    assert_eq!(gradient_values(&by_weights), gradient_values(&by_written));
    assert!(gradient_values(&by_weights).iter().all(|gradient| gradient.iter().any(|value| *value != 0.0)));
    Ok(())
}

#[test]
fn templates_in_a_shared_layer_have_one_set_of_weights_for_all_uses() -> Result<(), Error> {
    let net = Twins::new(5);
    let names: Vec<String> = named(&net).into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "eye_residual_main_conv2d.kernel",
            "eye_residual_main_conv2d.bias",
            "eye_residual_second.kernel",
            "eye_narrow_conv2d.kernel",
            "eye_narrow_conv2d.bias",
            "eye_narrow_residual_main_conv2d.kernel",
            "eye_narrow_residual_main_conv2d.bias",
            "eye_narrow_residual_second.kernel",
            "same_dense.kernel",
            "same_dense.bias",
        ]
    );
    assert_eq!(Twins::PARAMETERS, TwinsWritten::PARAMETERS);
    let written = with_weights_of(&net, TwinsWritten::new(0));

    let same = Batch::from_vec(vec![1.0, 0.0, 1.0])?;
    let samples = TwinsSamples { left: images(1), right: images(2), same: same.clone() };
    let written_samples = TwinsWrittenSamples { left: images(1), right: images(2), same };
    let (mut memory, mut written_memory) = (TwinsWorkspace::new(3), TwinsWrittenWorkspace::new(3));
    let (mut by_weights, mut by_written) = (TwinsGradients::zeros(), TwinsWrittenGradients::zeros());
    let outputs = net.forward(&samples, Mode::Training, &mut memory)?.to_owned();
    let expected = written.forward(&written_samples, Mode::Training, &mut written_memory)?.to_owned();
    assert_eq!(outputs.same, expected.same);
    net.backward(&samples, &samples, &mut memory, &mut by_weights)?;
    written.backward(&written_samples, &written_samples, &mut written_memory, &mut by_written)?;
    assert_eq!(gradient_values(&by_weights), gradient_values(&by_written));
    Ok(())
}

#[test]
fn a_layer_shared_within_a_shared_template_is_one() -> Result<(), Error> {
    let net = Crossed::new(6);
    assert_eq!(Crossed::PARAMETERS, 3 * 2 + 2);
    let (p, q) = (batch(2, 1), batch(2, 2));
    let outputs = net.predict(CrossedInputs { p: p.view(), q: q.view() })?;
    let exchanged = net.predict(CrossedInputs { p: q.view(), q: p.view() })?;
    // Named inputs are those of the template, whatever their order.
    assert_eq!(outputs.u, outputs.v);
    assert_ne!(outputs.u, exchanged.u);
    let dense = |x: &[f32], unit: usize| -> f32 {
        let kernel = net.once_both.kernel.values();
        (0..3).map(|i| x[i] * kernel[i * 2 + unit]).sum::<f32>() + net.once_both.bias.values()[unit]
    };
    for sample in 0..2 {
        let (p, q) = (&p.data()[3 * sample..][..3], &q.data()[3 * sample..][..3]);
        let expected = [dense(q, 0), dense(q, 1), dense(p, 0).tanh(), dense(p, 1).tanh()];
        for (found, expected) in outputs.u.data()[4 * sample..].iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
        }
    }
    Ok(())
}

#[test]
fn the_summary_has_a_row_for_every_layer_of_a_template_and_one_for_a_shared_chain() {
    let summary = Templates::summary().to_string();
    for name in ["features_residual_main_conv2d", "features_narrow_residual_add", "last_second"] {
        assert!(summary.contains(name), "{name} is not in\n{summary}");
    }
    let summary = Twins::summary().to_string();
    assert!(summary.contains("eye"), "{summary}");
    assert!(!summary.contains("eye_narrow"), "a chain is one row:\n{summary}");
}
