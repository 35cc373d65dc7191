//! The names of Keras and PyTorch, and what to do about them here: another name, another way, or the plain word that the
//! thing is not there, which helps more than the name that happens to be spelt alike.

use crate::syntax::Value;

fn called(here: &str) -> String {
    format!("here it is called `{here}`")
}

fn missing(what: &str) -> String {
    format!("{what} not there yet")
}

/// What is here for a stage of another library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    /// The same under this name.
    Called(&'static str),
    /// The same with other defaults, as a sentence.
    OtherDefaults(&'static str),
    /// Another way to do it, as a sentence.
    Otherwise(&'static str),
    /// Nothing, for it is no part of a network: where it belongs, as a sentence.
    Outside(&'static str),
    /// Nothing: what is not there, with its verb.
    Missing(&'static str),
}

/// `help` for a stage.
pub fn stage(name: &str) -> Option<String> {
    here(name).map(|here| match here {
        Here::Called(here) => called(here),
        Here::OtherDefaults(text) | Here::Otherwise(text) | Here::Outside(text) => text.to_owned(),
        Here::Missing(what) => missing(what),
    })
}

/// What is here for a stage of this name, which is none here.
pub fn here(name: &str) -> Option<Here> {
    if let Some(help) = other_defaults(name) {
        return Some(Here::OtherDefaults(help));
    }
    let here = match name {
        "Conv1D" | "Convolution1D" | "LazyConv1d" | "conv1d" => "Conv1d",
        "Conv2D" | "Convolution2D" | "LazyConv2d" | "conv2d" => "Conv2d",
        "MaxPooling1D" | "MaxPool1D" | "max_pool1d" => "MaxPool1d",
        "Conv1DTranspose" | "Convolution1DTranspose" => "Conv1dTranspose",
        "Conv2DTranspose" | "Convolution2DTranspose" | "Deconvolution2D" => "Conv2dTranspose",
        "Conv3D" | "Convolution3D" | "LazyConv3d" | "conv3d" => "Conv3d",
        "Conv3DTranspose" | "Convolution3DTranspose" => "Conv3dTranspose",
        "DepthwiseConv1D" => "DepthwiseConv1d",
        "DepthwiseConv2D" => "DepthwiseConv2d",
        "SeparableConv1D" | "SeparableConvolution1D" => "SeparableConv1d",
        "SeparableConv2D" | "SeparableConvolution2D" => "SeparableConv2d",
        "MaxPooling2D" | "MaxPool2D" | "max_pool2d" => "MaxPool2d",
        "MaxPooling3D" | "MaxPool3D" | "max_pool3d" => "MaxPool3d",
        "AveragePooling1D" | "AvgPool1D" | "avg_pool1d" => "AvgPool1d",
        "AveragePooling2D" | "AvgPool2D" | "avg_pool2d" => "AvgPool2d",
        "AveragePooling3D" | "AvgPool3D" | "avg_pool3d" => "AvgPool3d",
        "GlobalAveragePooling1D" | "GlobalAvgPool1D" => "GlobalAvgPool1d",
        "GlobalAveragePooling2D" | "GlobalAvgPool2D" => "GlobalAvgPool2d",
        "GlobalAveragePooling3D" | "GlobalAvgPool3D" => "GlobalAvgPool3d",
        "GlobalMaxPooling1D" | "GlobalMaxPool1D" => "GlobalMaxPool1d",
        "GlobalMaxPooling2D" | "GlobalMaxPool2D" => "GlobalMaxPool2d",
        "GlobalMaxPooling3D" | "GlobalMaxPool3D" => "GlobalMaxPool3d",
        "AdaptiveAveragePooling1D" => "AdaptiveAvgPool1d",
        "AdaptiveMaxPooling1D" => "AdaptiveMaxPool1d",
        "AdaptiveAveragePooling2D" => "AdaptiveAvgPool2d",
        "AdaptiveMaxPooling2D" => "AdaptiveMaxPool2d",
        "AdaptiveAveragePooling3D" => "AdaptiveAvgPool3d",
        "AdaptiveMaxPooling3D" => "AdaptiveMaxPool3d",
        "ZeroPadding1D" | "ZeroPadding1d" => "ZeroPad1d",
        "ZeroPadding2D" | "ZeroPadding2d" => "ZeroPad2d",
        "ZeroPadding3D" | "ZeroPadding3d" => "ZeroPad3d",
        "Cropping1D" | "Cropping1d" => "Crop1d",
        "Cropping2D" | "Cropping2d" => "Crop2d",
        "Cropping3D" | "Cropping3d" => "Crop3d",
        "BatchNormalization" => "BatchNorm",
        "SimpleRNN" => "SimpleRnn",
        "GroupedQueryAttention" => "GroupQueryAttention",
        "LayerNormalization" => "LayerNorm",
        "GroupNormalization" => "GroupNorm",
        "RMSNormalization" => "RmsNorm",
        "UnitNormalization" | "L2Normalize" => "UnitNorm",
        "matmul" | "bmm" | "mm" | "MatMul" => "Matmul",
        "dot" => "Dot",
        "RepeatVector" => "Repeat",
        "flip" | "fliplr" | "flipud" | "Flip" => "Reverse",
        "UpSampling1D" => "UpSampling1d",
        "UpSampling2D" | "UpsamplingNearest2d" => "UpSampling2d",
        "UpSampling3D" => "UpSampling3d",
        "Resizing" | "resize" => "Resize",
        "space_to_depth" => "SpaceToDepth",
        "depth_to_space" => "DepthToSpace",
        "SpatialDropout1D" | "Dropout1d" => "SpatialDropout1d",
        "SpatialDropout2D" | "Dropout2d" => "SpatialDropout2d",
        "SpatialDropout3D" | "Dropout3d" => "SpatialDropout3d",
        "mean" | "reduce_mean" => "Mean",
        "sum" | "reduce_sum" => "Sum",
        "max" | "amax" | "reduce_max" => "Max",
        "min" | "amin" | "reduce_min" => "Min",
        "one_hot" | "multi_hot" => "CategoryEncoding",
        "rescaling" => "Rescaling",
        "Concatenate" | "concatenate" => "Concat",
        "Subtract" | "subtract" => "Sub",
        "Multiply" | "multiply" => "Mul",
        "add" => "Add",
        "average" => "Average",
        "maximum" => "Maximum",
        "minimum" => "Minimum",
        "flatten" => "Flatten",
        "Unflatten" | "reshape" | "view" | "squeeze" | "unsqueeze" => "Reshape",
        "permute" | "transpose" => "Permute",
        "ReLU" | "Relu" => "relu",
        "ELU" | "Elu" => "elu",
        "SELU" | "Selu" => "selu",
        "GELU" | "Gelu" => "gelu",
        "SiLU" | "Silu" | "swish" | "Swish" => "silu",
        "Sigmoid" => "sigmoid",
        "HardSigmoid" | "Hardsigmoid" => "hard_sigmoid",
        "Tanh" => "tanh",
        "Softplus" => "softplus",
        "ReLU6" | "Relu6" => "relu6",
        "CELU" | "Celu" => "celu",
        "GLU" | "Glu" => "glu",
        "Mish" => "mish",
        "Softsign" => "softsign",
        "LogSigmoid" | "logsigmoid" => "log_sigmoid",
        "HardSilu" | "Hardswish" | "HardSwish" | "hardswish" | "hard_swish" => "hard_silu",
        "TanhShrink" | "Tanhshrink" | "tanhshrink" => "tanh_shrink",
        "SoftShrink" | "Softshrink" | "softshrink" => "soft_shrink",
        "HardShrink" | "Hardshrink" | "hardshrink" => "hard_shrink",
        "Squareplus" => "squareplus",
        "SparsePlus" => "sparse_plus",
        "SparseSigmoid" => "sparse_sigmoid",
        "Sparsemax" => "sparsemax",
        "Threshold" => "threshold",
        "exponential" => "exp",
        "clamp" | "hardtanh" | "clip_by_value" => "clip",
        "negative" | "negate" => "neg",
        "absolute" => "abs",
        "Softmax" => "softmax",
        _ => {
            return other_way(name)
                .map(Here::Otherwise)
                .or_else(|| prepared(name).map(Here::Outside))
                .or_else(|| absent_stage(name).map(Here::Missing));
        }
    };
    Some(Here::Called(here))
}

/// The same under another name here, with defaults that are not those of Keras or not those of PyTorch.
fn other_defaults(name: &str) -> Option<&'static str> {
    Some(match name {
        "LeakyReLU" | "LeakyRelu" => {
            "here it is called `leaky_relu`, and its slope is 0.2; Keras's layer has 0.3, PyTorch's 0.01: \
             write `leaky_relu(0.3)` or `leaky_relu(0.01)` for theirs"
        }
        "Linear" | "LazyLinear" => {
            "here it is called `Dense`; its first weights are Keras's: Glorot's kernel and a bias of zeros"
        }
        "BatchNorm1d" | "BatchNorm2d" | "BatchNorm3d" | "batch_norm" => {
            "here it is called `BatchNorm`, and knows its channels; PyTorch's momentum of 0.1 is 0.9 here, its epsilon is 1e-5: \
             `BatchNorm(momentum = 0.9, epsilon = 0.00001)`"
        }
        "ConvTranspose1d" | "LazyConvTranspose1d" | "conv_transpose1d" => {
            "here it is called `Conv1dTranspose`; of its result with `padding = valid`, PyTorch's `padding = p, output_padding = q` \
             cuts what `-> Crop1d((p, p - q))` does; a kernel of 4 with stride 2 and padding 1 is `padding = same`"
        }
        "ConvTranspose2d" | "LazyConvTranspose2d" | "conv_transpose2d" => {
            "here it is called `Conv2dTranspose`; of its result with `padding = valid`, PyTorch's `padding = p, output_padding = q` \
             cuts what `-> Crop2d(((p, p - q), (p, p - q)))` does; a kernel of 4 with stride 2 and padding 1 is `padding = same`"
        }
        "LSTM" => {
            "here it is called `Lstm`, and gives the last hidden state; Keras's `return_sequences` is `sequences = true` here, and \
             PyTorch's layer always gives all steps; PyTorch's two biases are one here, their sum"
        }
        "GRU" => {
            "here it is called `Gru`, and gives the last state; Keras's `return_sequences` is `sequences = true` here, and PyTorch's \
             layer always gives all steps; PyTorch's columns are those of r, z, n, here z, r, n"
        }
        "RNN" => {
            "PyTorch's is called `SimpleRnn` here, and gives the last state: `SimpleRnn(units, sequences = true)` gives all steps; Keras's is a \
             loop around a cell: `Lstm`, `Gru` and `SimpleRnn` have theirs inside"
        }
        "layer_norm" => "here it is called `LayerNorm`; PyTorch's epsilon is 1e-5: `LayerNorm(epsilon = 0.00001)`",
        "group_norm" => "here it is called `GroupNorm`; PyTorch's epsilon is 1e-5: `GroupNorm(8, epsilon = 0.00001)`",
        "RMSNorm" | "rms_norm" => {
            "here it is called `RmsNorm`, with Keras's epsilon of 1e-6; PyTorch's is the smallest difference from 1: \
             `RmsNorm(epsilon = 0.00000012)`"
        }
        "InstanceNorm1d" | "InstanceNorm2d" | "InstanceNorm3d" | "instance_norm" => {
            "a `GroupNorm` of as many groups as channels does the same; PyTorch's has neither gamma nor beta, and an epsilon of \
             1e-5: `GroupNorm(64, epsilon = 0.00001, center = false, scale = false)`"
        }
        "normalize" => "here it is called `UnitNorm`, and works along the last axis; PyTorch's along the first",
        "ConvTranspose3d" | "LazyConvTranspose3d" | "conv_transpose3d" => {
            "here it is called `Conv3dTranspose`; of its result with `padding = valid`, PyTorch's `padding = p` cuts what \
             `-> Crop3d(p)` does; a kernel of 4 with stride 2 and padding 1 is `padding = same`"
        }
        "split" | "chunk" => {
            "here it is called `Split`, and takes the number of parts, or the length of each, along the last axis; PyTorch's \
             `split` takes the length of one, and both of its work along the first"
        }
        "Hardtanh" | "HardTanh" => "here it is called `hard_tanh`; with other ends it is `clip(low, high)`",
        "MultiheadAttention" | "multi_head_attention_forward" | "scaled_dot_product_attention" => {
            "here it is called `MultiHeadAttention`; PyTorch's `embed_dim` is heads times `key_dim`, of which a head's is told: \
             `(query, key, value) -> MultiHeadAttention(heads = 4, key_dim = 16)`, or `x -> ...` where all three are the same"
        }
        "PairwiseDistance" | "pairwise_distance" => {
            "here it is called `Distance`; PyTorch's adds 1e-6 to every difference, this one nothing"
        }
        "CosineSimilarity" | "cosine_similarity" => {
            "write `Dot(normalize = true)` for the cosine of two vectors, or `Distance(cosine)` for 1 less it"
        }
        "Upsample" | "interpolate" => {
            "here it is called `UpSampling2d` for a multiple of the size and `Resize` for any: PyTorch's `mode=\"bilinear\"` with \
             `align_corners=False` is `interpolation = bilinear`"
        }
        "UpsamplingBilinear2d" => {
            "`UpSampling2d(interpolation = bilinear)` and `Resize` have the centres of pixels where Keras has them, as PyTorch's \
             `Upsample` without `align_corners`; this one aligns the corners"
        }
        "PixelShuffle" | "pixel_shuffle" => {
            "`DepthToSpace` has the pixels of a block outside of the channels, as TensorFlow; in PyTorch they are inside: \
             the channels of its weights come in another order"
        }
        "PixelUnshuffle" | "pixel_unshuffle" => {
            "`SpaceToDepth` has the pixels of a block outside of the channels, as TensorFlow; in PyTorch they are inside: \
             the channels of its weights come in another order"
        }
        "stack" => {
            "here it is called `Stack`, and the new axis is the last one; PyTorch's is the first: `Stack(axis = 0)`"
        }
        "cat" => "here it is called `Concat`, and joins along the last axis; PyTorch's joins along the first",
        "dropout" => "here it is called `Dropout`, and has no rate of its own; PyTorch's is 0.5: write `Dropout(0.5)`",
        _ => return None,
    })
}

/// How the same is done here.
fn other_way(name: &str) -> Option<&'static str> {
    Some(match name {
        "CenterCrop" => "`Crop2d` takes away what is around: `Crop2d(2)`, or `Crop2d(((top, bottom), (left, right)))`",
        "Activation" => "an activation is a stage itself, e.g. `-> relu`",
        "Input" | "InputLayer" => "inputs are declared in the header: `network Name(image: [64, 64, 3]) -> ...`",
        "Sequential" | "Model" | "ModuleList" => {
            "stages are joined by `->`; `layer name = A -> B;` declares a chain that can be used several times"
        }
        "Layer" | "Wrapper" | "Lambda" | "InputSpec" => {
            "a layer of your own implements `net_runtime::layers::Layer`, and is announced: `extern layer self::Scale(x: [8]) -> (y: [8]);`"
        }
        "Identity" | "identity" | "linear" => "leave it out: without a stage nothing changes",
        "Transformer"
        | "TransformerEncoder"
        | "TransformerDecoder"
        | "TransformerEncoderLayer"
        | "TransformerDecoderLayer" => {
            "a transformer's layer is a template of a few lines around `MultiHeadAttention`: the documentation of \
             `layers::MultiHeadAttention` has it"
        }
        "Masking" => {
            "a mask is a value of its own, `text -> NotEqual(0)`, and goes by its name into the stages that look at it, e.g. \
             `(x, mask = m) -> Lstm(32)`"
        }
        "LogSoftmax" => {
            "here it is called `log_softmax`; before a cross-entropy write `softmax`: the loss is computed from the logits"
        }
        "Softmin" | "softmin" => "`neg -> softmax` is the same",
        "Softmax2d" => "write `softmax`: it works along the channels, which stand last",
        "ThresholdedReLU" => "write `relu(threshold = 1)`, with its default",
        "clamp_min" => "write `clip(low, high)` with both ends, or `relu`",
        "LSTMCell" => {
            "a single step is a sequence of one: `(x -> Reshape(1, features), h, c) -> Lstm(units, states = true)`"
        }
        "GRUCell" => "a single step is a sequence of one: `(x -> Reshape(1, features), h) -> Gru(units)`",
        "SimpleRNNCell" | "RNNCell" => {
            "a single step is a sequence of one: `(x -> Reshape(1, features), h) -> SimpleRnn(units)`"
        }
        "StackedRNNCells" => "write the layers one behind the other: `Lstm(32, sequences = true) -> Lstm(32)`",
        _ => return None,
    })
}

/// What Keras has among its layers to prepare samples, and what is random there so that they are more.
fn prepared(name: &str) -> Option<&'static str> {
    Some(match name {
        "Normalization" => "samples are prepared before the network, in Rust",
        "TextVectorization" | "StringLookup" | "IntegerLookup" | "Hashing" | "HashedCrossing" | "Discretization" => {
            "texts and categories become numbers before the network, in Rust: what goes in is `u32`"
        }
        "MelSpectrogram" | "STFTSpectrogram" => "sounds become spectra before the network, in Rust",
        "AugMix"
        | "AutoContrast"
        | "ContrastLimitedAdaptiveHistogramEqualization"
        | "CutMix"
        | "Equalization"
        | "MaxNumBoundingBoxes"
        | "MixUp"
        | "Pipeline"
        | "RandAugment"
        | "RandomBrightness"
        | "RandomColorDegeneration"
        | "RandomColorJitter"
        | "RandomContrast"
        | "RandomCrop"
        | "RandomElasticTransform"
        | "RandomErasing"
        | "RandomFlip"
        | "RandomGaussianBlur"
        | "RandomGrayscale"
        | "RandomHue"
        | "RandomInvert"
        | "RandomPerspective"
        | "RandomPosterization"
        | "RandomRotation"
        | "RandomSaturation"
        | "RandomSharpness"
        | "RandomShear"
        | "RandomTranslation"
        | "RandomZoom"
        | "Solarization" => "images are changed before the network, in Rust, where samples are made",
        _ => return None,
    })
}

/// What is not there, with its verb.
fn absent_stage(name: &str) -> Option<&'static str> {
    Some(match name {
        "EmbeddingBag" => "embeddings that are added up are",
        "SpectralNormalization" | "LocalResponseNorm" => "these normalizations are",
        "Attention" | "AdditiveAttention" => "attention layers but `MultiHeadAttention` and `GroupQueryAttention` are",
        "MaxUnpool2d" => "layers that enlarge an image are",
        "GaussianNoise" | "GaussianDropout" | "AlphaDropout" | "FeatureAlphaDropout" => {
            "`Dropout` is there; other noise is"
        }
        "ReflectionPad1d" | "ReflectionPad2d" | "ReflectionPad3d" | "ReplicationPad1d" | "ReplicationPad2d"
        | "ReplicationPad3d" | "ConstantPad1d" | "ConstantPad2d" | "ConstantPad3d" | "CircularPad1d"
        | "CircularPad2d" | "CircularPad3d" => {
            "`ZeroPad1d`, `ZeroPad2d` and `ZeroPad3d` are there; other ways of padding are"
        }
        "LPPool2d" | "FractionalMaxPool2d" => "`MaxPool2d` and `AvgPool2d` are there; other pools are",
        "Bilinear" | "EinsumDense" => "products of two tensors but `Mul`, `Dot` and `Matmul` are",
        "ActivityRegularization" | "ChannelShuffle" | "Fold" | "Unfold" => "layers of this kind are",
        "PReLU" => "slopes that are learnt are",
        "RReLU" | "rrelu" => "functions with random slopes are",
        "Convolution3DTranspose" => "layers over volumes are",
        "ConvLSTM1D" | "ConvLSTM2D" | "ConvLSTM3D" => "recurrent layers over images are",
        "ReversibleEmbedding" => "an embedding that turns vectors back into scores is",
        "FlaxLayer" | "JaxLayer" | "TFSMLayer" | "TorchModuleWrapper" => "what runs a layer of another system is",
        _ => return None,
    })
}

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
        "scale_factor" => &["size"],
        "p" => &["rate"],
        "target_shape" | "shape" => &["dims"],
        _ => &[],
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
        ("MultiHeadAttention", [first, second, ..]) => Some(format!(
            "Keras's order is `heads = {first}, key_dim = {second}`; PyTorch's first is the features of all heads, of which each has \
             `key_dim`: `heads = {second}, key_dim = {first} / {second}`"
        )),
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
        "beta" if callee == "Huber" => "PyTorch's `SmoothL1Loss(beta)` is `Huber(beta)` times `1 / beta`".to_owned(),
        "embed_dim" | "d_model" => "leave it out: it is `heads` times `key_dim`".to_owned(),
        "attn_mask" | "attention_mask" | "key_padding_mask" | "src_mask" => {
            format!("a mask is an input: `(query, key, value, mask = m) -> {callee}(...)`, 0 where a key is not seen")
        }
        "axis" if callee == "BatchNorm" => "leave it out: its channels are the last axis".to_owned(),
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
        "axis" | "dim" if matches!(callee, "softmax" | "log_softmax" | "sparsemax") => {
            "leave it out: it works along the last axis".to_owned()
        }
        "momentum"
        | "groups"
        | "padding_mode"
        | "ceil_mode"
        | "count_include_pad"
        | "recurrent_dropout"
        | "recurrent_activation"
        | "kernel_initializer"
        | "bias_initializer"
        | "kernel_regularizer"
        | "bias_regularizer"
        | "activity_regularizer"
        | "kernel_constraint"
        | "bias_constraint"
        | "trainable"
        | "noise_shape"
        | "class_weight"
        | "ignore_index"
        | "ignore_class" => missing(&format!("`{name}` is")),
        _ => return None,
    })
}

/// `help` for a loss.
pub fn loss(name: &str) -> Option<String> {
    let behind = |loss: &str, stage: &str| format!("here it is called `{loss}`, and the output ends in `-> {stage}`");
    Some(match name {
        "categorical_crossentropy" | "CategoricalCrossEntropy" | "CrossEntropy" | "Crossentropy" => {
            called("CategoricalCrossentropy")
        }
        "sparse_categorical_crossentropy" | "SparseCategoricalCrossEntropy" => called("SparseCategoricalCrossentropy"),
        // PyTorch's take class numbers, and logits or their logarithms.
        "CrossEntropyLoss" | "cross_entropy" | "NLLLoss" | "nll_loss" => {
            behind("SparseCategoricalCrossentropy", "softmax")
        }
        "BCEWithLogitsLoss" | "binary_cross_entropy_with_logits" => behind("BinaryCrossentropy", "sigmoid"),
        "BCELoss" | "binary_crossentropy" | "BinaryCrossEntropy" | "binary_cross_entropy" => {
            called("BinaryCrossentropy")
        }
        "MSELoss" | "mse" | "MSE" | "mean_squared_error" | "mse_loss" => called("MeanSquaredError"),
        "L1Loss" | "mae" | "MAE" | "mean_absolute_error" | "l1_loss" => called("MeanAbsoluteError"),
        "HuberLoss" | "huber" | "huber_loss" => called("Huber"),
        "SmoothL1Loss" | "smooth_l1_loss" => {
            "here it is `Huber`, with the same default; for another `beta` write `1 / beta * Huber(beta)` in numbers, \
             e.g. `2.0 * Huber(0.5)`"
                .to_owned()
        }
        "BinaryFocalCrossentropy"
        | "CategoricalFocalCrossentropy"
        | "CategoricalGeneralizedCrossEntropy"
        | "MeanAbsolutePercentageError"
        | "MeanSquaredLogarithmicError"
        | "RootMeanSquaredError"
        | "KLDivergence"
        | "KLDivLoss"
        | "Poisson"
        | "PoissonNLLLoss"
        | "GaussianNLLLoss"
        | "LogCosh"
        | "Hinge"
        | "SquaredHinge"
        | "CategoricalHinge"
        | "HingeEmbeddingLoss"
        | "MultiMarginLoss"
        | "MultiLabelMarginLoss"
        | "MultiLabelSoftMarginLoss"
        | "SoftMarginLoss"
        | "MarginRankingLoss"
        | "TripletMarginLoss"
        | "CosineSimilarity"
        | "CosineEmbeddingLoss"
        | "CTC"
        | "CTCLoss"
        | "Dice"
        | "Tversky"
        | "Circle"
        | "Minimize" => own(name, "loss"),
        _ => return None,
    })
}

/// `help` for a metric.
pub fn metric(name: &str) -> Option<String> {
    Some(match name {
        "accuracy" | "acc" | "CategoricalAccuracy" | "SparseCategoricalAccuracy" | "BinaryAccuracy" => {
            called("Accuracy")
        }
        "TopKCategoricalAccuracy" | "SparseTopKCategoricalAccuracy" => called("TopK"),
        "mse" | "MSE" | "mean_squared_error" => called("MeanSquaredError"),
        "mae" | "MAE" | "mean_absolute_error" => called("MeanAbsoluteError"),
        "AUC"
        | "Precision"
        | "Recall"
        | "F1Score"
        | "FBetaScore"
        | "R2Score"
        | "MeanIoU"
        | "IoU"
        | "BinaryIoU"
        | "OneHotIoU"
        | "OneHotMeanIoU"
        | "RootMeanSquaredError"
        | "MeanAbsolutePercentageError"
        | "MeanSquaredLogarithmicError"
        | "CosineSimilarity"
        | "LogCoshError"
        | "KLDivergence"
        | "Poisson"
        | "Hinge"
        | "SquaredHinge"
        | "CategoricalHinge"
        | "BinaryCrossentropy"
        | "CategoricalCrossentropy"
        | "SparseCategoricalCrossentropy"
        | "TruePositives"
        | "TrueNegatives"
        | "FalsePositives"
        | "FalseNegatives"
        | "SensitivityAtSpecificity"
        | "SpecificityAtSensitivity"
        | "PrecisionAtRecall"
        | "RecallAtPrecision" => own(name, "metric"),
        _ => return None,
    })
}

fn own(name: &str, what: &str) -> String {
    format!("`{name}` is not there yet; your own {what} is written as a path, e.g. `self::{name}`")
}

/// What begins an item of Rust.
const RUST_ITEMS: [&str; 9] = ["fn", "struct", "enum", "use", "mod", "impl", "trait", "type", "static"];

/// `help` for a word where an item of the block is expected.
pub fn item(word: &str) -> Option<String> {
    match word {
        "static" => Some("a constant is declared by `const NAME: usize = ...;`".to_owned()),
        "template" | "def" | "macro" => Some("a template is declared by `block name(x) { ... }`".to_owned()),
        "model" | "class" | "module" => {
            Some("a network is declared by `network Name(...) -> (...) { ... }`".to_owned())
        }
        _ if RUST_ITEMS.contains(&word) => Some("other items of Rust stand outside `network!`".to_owned()),
        "let" | "layer" | "loss" | "metric" => {
            Some(format!("`{word}` stands within the body of a network: `network Name(...) -> (...) {{ ... }}`"))
        }
        _ => None,
    }
}

/// What begins an item of a block.
pub const ITEMS: [&str; 4] = ["network", "const", "extern", "block"];

/// `help` for a word where a statement is expected.
pub fn statement(word: &str) -> Option<&'static str> {
    Some(match word {
        "var" | "val" => "a value is bound by `let`",
        "return" => "leave it out: an output is the `let` of its name",
        "if" | "else" | "match" | "for" | "while" | "loop" => {
            "a network has no branches and no loops: every stage is written once, or in a template (`block`)"
        }
        "const" | "extern" | "network" | "block" => "it stands beside the networks, not within one",
        "optimizer" | "compile" => "an optimizer is chosen in Rust: `Trainer::new(network, Adam::new(1e-3))`",
        "use" | "fn" | "struct" | "static" | "mod" => "other items of Rust stand outside `network!`",
        "input" | "output" => "inputs and outputs are declared in the header: `network Name(x: [8]) -> (y: [2])`",
        "activation" => "an activation is a stage: `-> relu`",
        _ => return None,
    })
}
