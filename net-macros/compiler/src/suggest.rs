//! What the user may have meant: names at a small distance, and the names that other libraries use.

/// The valid name that is nearest to `wrong`, if it is near enough to have been meant: at most a third of the letters
/// differ. The case of letters counts little, for `conv2D` means `Conv2d`.
pub fn nearest<'a>(wrong: &str, valid: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = wrong.to_lowercase();
    valid
        .map(|name| (distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance * 3 <= name.chars().count().max(wrong.chars().count()))
        .min()
        .map(|(_, name)| name)
}

/// `help` for an unknown name: the nearest valid one, else all of them, sorted.
pub fn help<'a>(wrong: &str, valid: impl Iterator<Item = &'a str>, what: &str) -> Option<String> {
    let mut valid: Vec<_> = valid.collect();
    valid.sort_unstable();
    valid.dedup();
    if let Some(near) = nearest(wrong, valid.iter().copied()) {
        return Some(format!("did you mean `{near}`?"));
    }
    if valid.is_empty() {
        return None;
    }
    Some(format!("{what} {}", quoted(&valid)))
}

/// The names in backticks with commas between them.
pub fn quoted(names: &[impl std::fmt::Display]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Number of letters to insert, delete, replace or swap with their neighbour.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().take(64).collect();
    let right: Vec<char> = right.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (row, &l) in left.iter().enumerate() {
        let mut here = vec![row + 1];
        for (column, &r) in right.iter().enumerate() {
            let mut best = (above[column] + usize::from(l != r)).min(above[column + 1] + 1).min(here[column] + 1);
            if row > 0 && column > 0 && l == right[column - 1] && left[row - 1] == r {
                best = best.min(before[column - 1] + 1);
            }
            here.push(best);
        }
        before = std::mem::replace(&mut above, here);
    }
    above[right.len()]
}

/// What Keras and PyTorch call a layer, and what it is called here.
pub fn layer_elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "Conv2D" | "Convolution2D" => "Conv2d",
        "MaxPooling2D" | "MaxPool2D" => "MaxPool2d",
        "AveragePooling2D" | "AvgPool2D" => "AvgPool2d",
        "GlobalAveragePooling2D" | "GlobalAvgPool2D" | "AdaptiveAvgPool2d" => "GlobalAvgPool2d",
        "GlobalMaxPooling2D" | "GlobalMaxPool2D" | "AdaptiveMaxPool2d" => "GlobalMaxPool2d",
        "ZeroPadding2D" | "ZeroPadding2d" => "ZeroPad2d",
        "Linear" => "Dense",
        "Concatenate" | "concatenate" | "cat" => "Concat",
        "Subtract" | "subtract" => "Sub",
        "Multiply" | "multiply" => "Mul",
        "add" => "Add",
        "average" => "Average",
        "maximum" => "Maximum",
        "minimum" => "Minimum",
        "Dropout2d" => "Dropout",
        "Unflatten" => "Reshape",
        "ReLU" | "Relu" => "relu",
        "LeakyReLU" | "LeakyRelu" => "leaky_relu",
        "ELU" | "Elu" => "elu",
        "SELU" | "Selu" => "selu",
        "GELU" | "Gelu" => "gelu",
        "SiLU" | "Silu" | "swish" | "Swish" => "silu",
        "Sigmoid" => "sigmoid",
        "HardSigmoid" | "Hardsigmoid" => "hard_sigmoid",
        "Tanh" => "tanh",
        "Softplus" => "softplus",
        "Softmax" => "softmax",
        _ => return None,
    })
}

/// What Keras and PyTorch call an argument, and what it may be called here.
pub fn argument_elsewhere(name: &str) -> &'static [&'static str] {
    match name {
        "strides" => &["stride"],
        "kernel_size" => &["kernel", "size"],
        "pool_size" => &["size"],
        "use_bias" => &["bias"],
        "dilation_rate" => &["dilation"],
        "out_features" => &["units"],
        "out_channels" | "channels" => &["filters"],
        "negative_slope" | "alpha" => &["slope"],
        "dim" => &["axis"],
        "p" => &["rate"],
        "target_shape" => &["dims"],
        _ => &[],
    }
}

/// What Keras and PyTorch call a loss, and what it is called here.
pub fn loss_elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "categorical_crossentropy" | "CategoricalCrossEntropy" | "CrossEntropy" | "Crossentropy" => {
            "CategoricalCrossentropy"
        }
        "CrossEntropyLoss"
        | "cross_entropy"
        | "sparse_categorical_crossentropy"
        | "SparseCategoricalCrossEntropy"
        | "NLLLoss" => "SparseCategoricalCrossentropy",
        "BCELoss" | "BCEWithLogitsLoss" | "binary_crossentropy" | "BinaryCrossEntropy" => "BinaryCrossentropy",
        "MSELoss" | "mse" | "MSE" | "mean_squared_error" => "MeanSquaredError",
        "L1Loss" | "mae" | "MAE" | "mean_absolute_error" => "MeanAbsoluteError",
        "HuberLoss" | "huber" | "SmoothL1Loss" => "Huber",
        _ => return None,
    })
}

/// What Keras calls a metric, and what it is called here.
pub fn metric_elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "accuracy" | "acc" | "CategoricalAccuracy" | "SparseCategoricalAccuracy" | "BinaryAccuracy" => "Accuracy",
        "TopKCategoricalAccuracy" | "SparseTopKCategoricalAccuracy" => "TopK",
        "mse" | "MSE" | "mean_squared_error" => "MeanSquaredError",
        "mae" | "MAE" | "mean_absolute_error" => "MeanAbsoluteError",
        _ => return None,
    })
}
