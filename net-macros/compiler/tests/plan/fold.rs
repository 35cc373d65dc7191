//! What is folded into the weights of the layer before it in inference.

use net_compiler::plan::{Compute, Fold, LayerCall, Plan};

use super::planned;

/// For each step its descriptor, with the one that is folded into it, or without what is computed in training alone.
fn inference(plan: &Plan<'_>) -> Vec<String> {
    let steps = plan.steps.iter().filter_map(|step| match &step.compute {
        Compute::Layer(LayerCall { fold: Fold::Taken, .. }) => None,
        Compute::Layer(LayerCall { fold: Fold::Takes(folded), .. }) => {
            let activation =
                folded.activation.as_ref().map_or(String::new(), |function| format!("+{}", function.constant));
            Some(format!("{}*{}{activation}", step.descriptor, folded.descriptor))
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
            Compute::Layer(LayerCall { fold: Fold::Takes(folded), .. }) => Some(folded.number),
            _ => None,
        });
        // Behind those of 3 kernels and biases and of 2 normalizations with 4 parameters.
        assert_eq!(numbers.collect::<Vec<_>>(), [14, 14, 16]);
    });
}
