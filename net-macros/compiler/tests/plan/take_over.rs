//! What a layer computes in inference for the steps behind it.

use net_compiler::plan::{Compute, InInference, LayerCall, Plan};

use super::planned;

/// For each step its descriptor, with those of the steps behind it that it computes in inference, or without what is computed in training
/// alone.
fn inference(plan: &Plan<'_>) -> Vec<String> {
    let steps = plan.steps.iter().filter_map(|step| match &step.compute {
        Compute::Layer(LayerCall { inference: InInference::Taken, .. }) => None,
        Compute::Layer(LayerCall { inference: InInference::Takes(taken), .. }) => {
            let of_folded = |constant: &_| taken.folded.as_ref().is_some_and(|folded| folded.descriptor == *constant);
            let mut text = step.descriptor.to_string();
            for constant in &taken.steps {
                text += &format!("{}{constant}", if of_folded(constant) { "*" } else { "+" });
            }
            if let Some(activation) = taken.activation.as_ref().filter(|activation| !taken.steps.contains(activation)) {
                text += &format!("+{activation}");
            }
            Some(text)
        }
        _ => Some(step.descriptor.to_string()),
    });
    steps.collect()
}

#[test]
fn a_normalization_by_statistics_goes_into_the_kernel_before_it() {
    let body = "let y = image -> Conv2d(2, 3) -> BatchNorm -> relu -> Conv2dTranspose(3, 3) -> BatchNorm \
                -> Flatten -> Dense(4, bias = false) -> BatchNorm -> BatchNorm;";
    planned(body, |plan| {
        assert_eq!(
            inference(plan),
            [
                "Y_CONV2D*Y_BATCH_NORM+Y_RELU",
                "Y_CONV2D_TRANSPOSE*Y_BATCH_NORM_2",
                "Y_DENSE*Y_BATCH_NORM_3",
                "Y_BATCH_NORM_3"
            ]
        );
        assert_eq!(plan.steps.len(), 7, "training is as it was");
        // What is between has no place, and its memory is free for others.
        assert_eq!(plan.inference.tensors[plan.steps[0].result().0], None);
        assert_eq!(plan.inference.floats, 80 + 8 * 8 * 3, "72 floats in full lines of 16, and what is made of them");
    });
}

#[test]
fn what_somebody_else_reads_is_not_folded_away() {
    for body in [
        "let a = image -> Flatten -> Dense(4); let y = (a, a -> BatchNorm) -> Add;",
        "let y = image -> Flatten -> Dense(4) -> relu -> BatchNorm;",
        "let y = image -> Conv2d(2, 3) -> Flatten -> BatchNorm -> Dense(4);",
        "let y = image -> Conv2d(2, 3) -> MaxPool2d(2) -> BatchNorm -> Flatten -> Dense(4);",
        "let y = image -> BatchNorm -> Flatten -> Dense(4);",
        "let y = image -> SeparableConv2d(2, 3) -> BatchNorm -> Flatten -> Dense(4);",
    ] {
        planned(body, |plan| assert_eq!(inference(plan).len(), plan.steps.len(), "{body}"));
    }
}

#[test]
fn a_change_of_shape_that_leaves_the_channels_alone_is_no_hindrance() {
    let body = "let y = image -> Conv2d(2, 3) -> Reshape(36, 2) -> BatchNorm -> Flatten -> Dense(4);";
    planned(body, |plan| assert_eq!(inference(plan), ["Y_CONV2D*Y_BATCH_NORM", "Y_DENSE"]));
}

#[test]
fn uses_of_the_same_two_layers_have_their_weights_in_common() {
    let body = "layer eye = Conv2d(2, 3) -> BatchNorm; layer other = Conv2d(2, 3); \
                let y = (image -> eye, image -> eye, image -> other -> BatchNorm, image -> other) -> Add -> Flatten -> Dense(4);";
    planned(body, |plan| {
        let numbers = plan.steps.iter().filter_map(|step| match &step.compute {
            Compute::Layer(LayerCall { inference: InInference::Takes(taken), .. }) => {
                Some(taken.folded.as_ref()?.number)
            }
            _ => None,
        });
        // Behind those of 3 kernels and biases and of 2 normalizations with 4 parameters.
        assert_eq!(numbers.collect::<Vec<_>>(), [14, 14, 16]);
    });
}

#[test]
fn an_activation_whose_derivative_needs_its_operand_is_a_step_in_training_alone() {
    let body = "let y = image -> Conv2d(2, 3) -> silu -> BatchNorm -> gelu -> Flatten -> Dense(4) -> BatchNorm -> mish -> Dense(4);";
    planned(body, |plan| {
        let expected = ["Y_CONV2D+Y_SILU", "Y_BATCH_NORM", "Y_DENSE*Y_BATCH_NORM_2+Y_MISH", "Y_DENSE_2"];
        assert_eq!(inference(plan), expected);
        // A normalization computes its operand again.
        assert_eq!(plan.steps.len(), 6);
    });
    for body in [
        // Somebody else reads what is in between, or the layer is none that takes a function, or has one.
        "let a = image -> Flatten -> Dense(4); let y = (a, a -> silu) -> Add;",
        "let y = image -> AvgPool2d(2) -> silu -> Flatten -> Dense(4);",
        "let y = image -> Flatten -> Dense(4) -> tanh -> silu;",
    ] {
        planned(body, |plan| assert_eq!(inference(plan).len(), plan.steps.len(), "{body}"));
    }
}

#[test]
fn a_sum_takes_the_place_of_the_operand_that_nobody_reads_any_more() {
    let end = "-> Flatten -> Dense(4);";
    let block = format!(
        "let a = image -> Conv2d(2, 3) -> relu; \
         let b = a -> Conv2d(2, 3, padding = same) -> BatchNorm -> relu -> Conv2d(2, 1) -> BatchNorm; \
         let y = (b, a) -> Add -> silu {end}"
    );
    planned(&block, |plan| {
        let expected = ["A_CONV2D", "B_CONV2D*B_BATCH_NORM+A_RELU", "B_CONV2D_2*B_BATCH_NORM+Y_ADD+Y_SILU", "Y_DENSE"];
        assert_eq!(inference(plan), expected);
        let sum = plan.steps.iter().find(|step| step.descriptor == "Y_SILU").unwrap().result();
        let added = plan.steps[0].result();
        assert_eq!(plan.inference.tensors[sum.0], plan.inference.tensors[added.0]);
        assert!(plan.inference.tensors[added.0].is_some());
    });
    // Of two convolutions the second one.
    let both = format!("let y = (image -> Conv2d(2, 3), image -> Conv2d(2, 3)) -> Add {end}");
    planned(&both, |plan| assert_eq!(inference(plan), ["Y_CONV2D", "Y_CONV2D+Y_ADD", "Y_DENSE"]));
    for body in [
        // It is read later, by the convolution itself, or in between; it is the caller's, or the memory of another tensor; it repeats; or
        // there is no convolution.
        "let a = image -> Conv2d(2, 3); let b = (a -> Conv2d(2, 1), a) -> Add; let y = (a, b) -> Mul",
        "let a = image -> Conv2d(2, 3); let y = (a -> Conv2d(2, 1), a) -> Add",
        "let y = (image -> Conv2d(3, 3, padding = same), image) -> Add",
        "let a = image -> Conv2d(2, 3); let b = a -> tanh -> Conv2d(2, 1); let c = a -> tanh; let y = ((a, b) -> Add, c) -> Mul",
        "let a = image -> Conv2d(2, 3); let d = a -> Dropout(0.5); let s = (a -> tanh -> Conv2d(2, 1), a) -> Add; let y = (s, d) -> Mul",
        "let a = image -> Conv2d(2, 3) -> GlobalAvgPool2d -> Reshape(1, 1, 2); let y = (a, image -> Conv2d(2, 3)) -> Add",
        "let a = image -> AvgPool2d(2); let b = image -> MaxPool2d(2); let y = (a, b) -> Add",
    ] {
        planned(&format!("{body} {end}"), |plan| {
            let added = inference(plan).iter().any(|step| step.contains("+") && step.contains("ADD"));
            assert!(!added, "{body}: {:?}", inference(plan));
        });
    }
}
