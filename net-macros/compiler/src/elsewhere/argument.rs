//! Arguments, by name and by order.

use super::{called, missing};
use crate::syntax::Value;

/// What Keras and PyTorch call an argument, and what it may be called here.
pub fn argument(name: &str) -> &'static [&'static str] {
    match name {
        "strides" => &["stride"],
        "num_heads" | "nhead" | "num_query_heads" => &["heads"],
        "num_key_value_heads" | "num_kv_heads" => &["key_heads"],
        "head_dim" | "kdim" => &["key_dim"],
        "vdim" => &["value_dim"],
        "output_shape" => &["outputs"],
        "use_causal_mask" | "is_causal" => &["causal"],
        "use_scale" => &["scale"],
        "score_mode" => &["score"],
        "kernel_size" => &["kernel", "size"],
        "pool_size" => &["size"],
        "output_size" => &["output"],
        "use_bias" => &["bias"],
        "dilation_rate" => &["dilation"],
        "depth_multiplier" => &["multiplier"],
        "out_features" => &["units"],
        "input_dim" | "num_embeddings" => &["rows"],
        "output_dim" | "embedding_dim" => &["width"],
        "eps" => &["epsilon"],
        "num_groups" => &["groups"],
        "return_sequences" => &["sequences"],
        "return_state" => &["states"],
        "go_backwards" => &["reverse"],
        "merge_mode" => &["merge"],
        "backward_layer" => &["backward"],
        "layer" => &["stages", "stage"],
        "hidden_size" => &["units"],
        "nonlinearity" => &["activation"],
        "out_channels" | "channels" => &["filters"],
        "negative_slope" | "alpha" => &["slope"],
        "dim" => &["axis"],
        "default_value" => &["value"],
        "lambd" | "theta" => &["threshold"],
        "x_min" | "min" | "min_val" | "clip_value_min" => &["low"],
        "x_max" | "max" | "max_val" | "clip_value_max" => &["high", "max_value"],
        "keepdims" | "keepdim" => &["keep"],
        "num_tokens" => &["tokens"],
        "output_mode" => &["mode"],
        "block_size" | "upscale_factor" | "downscale_factor" => &["block"],
        "ignore_class" | "ignore_index" => &["ignore"],
        "num_thresholds" => &["thresholds"],
        "target_class_ids" => &["classes"],
        "scale_factor" => &["size"],
        "p" => &["rate"],
        "target_shape" | "shape" => &["dims"],
        _ => &[],
    }
}

/// Whether one number divides another, as far as can be seen.
fn divides(divisor: &Value, number: &Value) -> bool {
    let read = |value: &Value| match value {
        Value::Integer { literal, .. } => literal.base10_parse::<u64>().ok(),
        _ => None,
    };
    match (read(divisor), read(number)) {
        (Some(divisor), Some(number)) => number.is_multiple_of(divisor),
        _ => true,
    }
}

/// `help` for numbers in another library's order, of which the last ones are here written with their names.
pub fn order(callee: &str, given: &[&Value]) -> Option<String> {
    // PyTorch's word for the approximation.
    if let ("gelu", [value]) = (callee, given)
        && matches!(value, Value::Text(_) | Value::Word(_))
    {
        return Some("write `approximate = true` for the form with tanh".to_owned());
    }
    let number = |value: &&Value| matches!(value, Value::Integer { .. } | Value::Word(_) | Value::Tuple { .. });
    if !given.iter().all(number) {
        return None;
    }
    match (callee, given) {
        // PyTorch's layers are told first what goes in.
        (
            "Conv1d" | "Conv2d" | "Conv3d" | "Conv1dTranspose" | "Conv2dTranspose" | "Conv3dTranspose",
            [_, filters, kernel],
        ) => Some(format!(
            "the channels that go in are known: `{callee}({filters}, {kernel})`; if it is the stride, `stride = {kernel}`"
        )),
        (
            "Conv1d" | "Conv2d" | "Conv3d" | "Conv1dTranspose" | "Conv2dTranspose" | "Conv3dTranspose",
            [_, filters, kernel, stride, ..],
        ) => Some(format!(
            "the channels that go in are known, and the stride has its name: \
                 `{callee}({filters}, {kernel}, stride = {stride})`"
        )),
        ("Lstm" | "Gru" | "SimpleRnn", [_, units, ..]) => {
            Some(format!("the features that go in are known: write `{callee}({units})`"))
        }
        // PyTorch's first is the features of all heads.
        ("MultiHeadAttention", [first, second, ..]) if divides(second, first) => Some(format!(
            "Keras's order is `heads = {first}, key_dim = {second}`; PyTorch's first is the features of all heads, of which each has \
             `key_dim`: `heads = {second}, key_dim = {first} / {second}`"
        )),
        ("MultiHeadAttention", [first, second, ..]) => Some(format!("write `heads = {first}, key_dim = {second}`")),
        ("BatchNorm", [_]) => Some("the channels are known: write `BatchNorm`".to_owned()),
        ("LayerNorm" | "RmsNorm", [_]) => Some(format!("what the last axis has is known: write `{callee}`")),
        ("GroupNorm", [groups, ..]) => Some(format!("the channels are known: write `GroupNorm({groups})`")),
        ("Dense", [_, units, ..]) => Some(format!("the shape of what goes in is known: write `Dense({units})`")),
        // Rows and columns, or size and stride.
        ("MaxPool2d" | "AvgPool2d", [size, stride, ..]) => {
            let [one, other] = [size, stride].map(ToString::to_string);
            let apart =
                if one == other { format!("{callee}({size})") } else { format!("{callee}({size}, stride = {stride})") };
            Some(format!(
                "write `{apart}`; a window of {size} rows and {stride} columns is `{callee}(({size}, {stride}))`"
            ))
        }
        _ => None,
    }
}

/// `help` for a padding that is counted, as PyTorch's is.
pub fn counted_padding(callee: &str) -> &'static str {
    if callee.ends_with("Transpose") {
        "`valid` cuts nothing from the result; with `same` it is as many times as long as the stride says"
    } else if callee.ends_with("1d") {
        "`same` keeps the number of steps where the stride is 1, `causal` with zeros before the first one alone"
    } else if callee.ends_with("3d") {
        "`same` keeps all extents where the stride is 1; `ZeroPad3d` before it adds as many as you like"
    } else {
        "`same` keeps height and width where the stride is 1; `ZeroPad2d` before it adds as many as you like"
    }
}

/// `help` for an argument that has no counterpart here. `callee` is what it was given to.
pub fn surplus_argument(callee: &str, name: &str) -> Option<String> {
    if let Some(weight) = name.strip_suffix("_initializer") {
        return Some(match weight {
            "kernel" | "embeddings" => called("init"),
            _ => called(&format!("{weight}_init")),
        });
    }
    Some(match name {
        "input_shape" | "normalized_shape" | "num_channels" | "input_dim" | "in_features" | "in_channels"
        | "num_features" | "batch_input_shape" => "leave it out: the shape of what goes in is known".to_owned(),
        "data_format" => "leave it out: channels stand last".to_owned(),
        "dtype" => "leave it out: everything is computed in `f32`".to_owned(),
        "device" => "leave it out: everything is computed on the processor".to_owned(),
        "inplace" => "leave it out: the compiler plans what shares memory".to_owned(),
        "seed" => "leave it out: a network has one seed, `new(seed)`".to_owned(),
        "from_logits" => {
            "leave it out: behind `softmax` or `sigmoid` the loss is computed from the logits by itself".to_owned()
        }
        "reduction" | "size_average" => "leave it out: a loss is the mean over samples and axes".to_owned(),
        "start_dim" | "end_dim" => "leave it out: all axes become one, and the batch axis is none of them".to_owned(),
        "threshold" if callee == "softplus" => "leave it out: nothing becomes too large".to_owned(),
        "apply_class_balancing" => "leave it out: `alpha = 0.25` weighs the answers".to_owned(),
        "axis" if matches!(callee, "Dice" | "Tversky") => {
            "write `over = sample` for all axes but that of the batch; `over = batch` is Keras's `axis=None`".to_owned()
        }
        "axis" if matches!(callee, "CosineSimilarity") => "leave it out: it is taken along the last axis".to_owned(),
        "num_classes" if matches!(callee, "MeanIou" | "Iou" | "Mcc" | "F1" | "FBeta") => "leave it out: the output has them".to_owned(),
        "blank" | "blank_index" | "mask_index" if callee == "Ctc" => {
            "leave it out: the blank is class 0, as in Keras".to_owned()
        }
        "zero_infinity" => "leave it out: labels without a way have a finite loss, as in Keras".to_owned(),
        "swap" | "p" if callee == "Triplet" => "leave it out: the distances are made by the network".to_owned(),
        "log_target" => "leave it out: targets are probabilities".to_owned(),
        "beta" if callee == "Huber" => "PyTorch's `SmoothL1Loss(beta)` is `Huber(beta)` times `1 / beta`".to_owned(),
        "embed_dim" | "d_model" => "leave it out: it is `heads` times `key_dim`".to_owned(),
        "attn_mask" | "attention_mask" | "key_padding_mask" | "src_mask" => {
            format!("a mask is an input: `(query, key, value, mask = m) -> {callee}(...)`, 0 where a key is not seen")
        }
        "axis" | "dim" if callee == "BatchNorm" => {
            "leave it out: its channels are the last axis; `Permute` before it brings another one there, and one behind it back"
                .to_owned()
        }
        "weight_decay" => {
            "the optimizer has it: `Adam::new(1e-3).weight_decay(1e-4)`; as a term of the loss it is `kernel_regularizer = l2(..)` here, whose factor is half of PyTorch's decay"
                .to_owned()
        }
        "regularizer" | "l1" | "l2" | "l2_reg" => "write `kernel_regularizer = l2(0.01)`".to_owned(),
        "constraint" => "write `kernel_constraint = max_norm(2)`".to_owned(),
        // Of a table, PyTorch bounds the rows.
        "max_norm" if callee == "Embedding" => "write `embeddings_constraint = max_norm(2, axis = 1)`".to_owned(),
        "max_norm" => "write `kernel_constraint = max_norm(2)`".to_owned(),
        "num_layers" => format!("write the layers one behind the other: `{callee}(32, sequences = true) -> {callee}(32)`"),
        "batch_first" => "leave it out: samples always stand first".to_owned(),
        "unroll" => "leave it out: steps are done one after the other".to_owned(),
        "stateful" => {
            "states go in and come out by name: `states = true` gives those at the end, which are operands of the next use"
                .to_owned()
        }
        "zero_output_for_mask" => "leave it out: the result of a masked step is the one before".to_owned(),
        "affine" | "elementwise_affine" if matches!(callee, "BatchNorm" | "LayerNorm" | "GroupNorm") => {
            "write `center = false, scale = false` for none of both".to_owned()
        }
        "training" => {
            "leave it out: training drops and draws, `predict` and `evaluate` do not; by hand it is `Mode::Training`".to_owned()
        }
        "mask_zero" => {
            "a mask is a value of its own, `text -> NotEqual(0)`, and goes by its name into the stages that look at it: \
             `(x, mask = m) -> Lstm(32)`"
                .to_owned()
        }
        "trainable" => "write `frozen = true` for what is not to be trained".to_owned(),
        "momentum"
        | "groups"
        | "padding_mode"
        | "ceil_mode"
        | "count_include_pad"
        | "noise_shape"
        | "class_weight" => missing(&format!("`{name}` is")),
        _ => return None,
    })
}
