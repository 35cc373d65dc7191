//! Layers and functions.

use super::{called, missing, training};

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
    here(name).map(Here::help).or_else(|| training::outside(name))
}

impl Here {
    /// As `help`.
    pub(super) fn help(self) -> String {
        match self {
            Here::Called(here) => called(here),
            Here::OtherDefaults(text) | Here::Otherwise(text) | Here::Outside(text) => text.to_owned(),
            Here::Missing(what) => missing(what),
        }
    }
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
        "ConvLSTM1D" => "ConvLstm1d",
        "ConvLSTM2D" => "ConvLstm2d",
        "ConvLSTM3D" => "ConvLstm3d",
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
        "AdaptiveAveragePooling1D" | "adaptive_avg_pool1d" => "AdaptiveAvgPool1d",
        "AdaptiveMaxPooling1D" | "adaptive_max_pool1d" => "AdaptiveMaxPool1d",
        "AdaptiveAveragePooling2D" | "adaptive_avg_pool2d" => "AdaptiveAvgPool2d",
        "AdaptiveMaxPooling2D" | "adaptive_max_pool2d" => "AdaptiveMaxPool2d",
        "AdaptiveAveragePooling3D" | "adaptive_avg_pool3d" => "AdaptiveAvgPool3d",
        "AdaptiveMaxPooling3D" | "adaptive_max_pool3d" => "AdaptiveMaxPool3d",
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
        "embedding" => "Embedding",
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
                .or_else(|| absent_stage(name).map(Here::Missing))
                .or_else(|| module(name).and_then(|module| here(&module)));
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
        "BatchNorm1d" | "BatchNorm2d" | "BatchNorm3d" | "LazyBatchNorm1d" | "LazyBatchNorm2d" | "LazyBatchNorm3d"
        | "SyncBatchNorm" | "batch_norm" => {
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
        "InstanceNorm1d" | "InstanceNorm2d" | "InstanceNorm3d" | "LazyInstanceNorm1d" | "LazyInstanceNorm2d"
        | "LazyInstanceNorm3d" | "instance_norm" => {
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
        "scaled_dot_product_attention" => {
            "`Attention` is this but for the scale, 1 / √features: `query -> Rescaling(0.25)` before it where there are 16; where \
             queries, keys and values are made by `Dense`, all is one `MultiHeadAttention`"
        }
        "MultiheadAttention" | "multi_head_attention_forward" => {
            "here it is called `MultiHeadAttention`; PyTorch's `embed_dim` is heads times `key_dim`, of which a head's is told: \
             `(query, key, value) -> MultiHeadAttention(heads = 4, key_dim = 16)`, or `x -> ...` where all three are the same"
        }
        "PairwiseDistance" | "pairwise_distance" => {
            "here it is called `Distance`; PyTorch's adds 1e-6 to every difference, this one nothing"
        }
        "CosineSimilarity" | "cosine_similarity" => {
            "write `Dot(normalize = true)` for the cosine of two vectors, or `Distance(cosine)` for 1 less it"
        }
        "Upsample" | "upsample" | "interpolate" => {
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
        "PReLU" | "prelu" => {
            "here it is called `PRelu`, with a slope for each element; `PRelu(shared_axes = (height, width))` has one for each \
             channel. All begin at 0, as in Keras; PyTorch's is one for all, with `init = constant(0.25)`"
        }
        "alpha_dropout" => {
            "here it is called `AlphaDropout`, and has no rate of its own; PyTorch's is 0.5: write `AlphaDropout(0.5)`"
        }
        "dropout" => "here it is called `Dropout`, and has no rate of its own; PyTorch's is 0.5: write `Dropout(0.5)`",
        _ => return None,
    })
}

/// The module of PyTorch that does what this function of its does: `fractional_max_pool2d` as `FractionalMaxPool2d`.
fn module(function: &str) -> Option<String> {
    let is_function = function.starts_with(|first: char| first.is_lowercase());
    is_function.then(|| {
        let words = function.split('_').filter_map(|word| {
            let first = word.chars().next()?;
            Some(first.to_uppercase().chain(word.chars().skip(1)).collect::<String>())
        });
        words.collect()
    })
}

/// How the same is done here.
fn other_way(name: &str) -> Option<&'static str> {
    Some(match name {
        "CenterCrop" => "`Crop2d` takes away what is around: `Crop2d(2)`, or `Crop2d(((top, bottom), (left, right)))`",
        "Activation" => "an activation is a stage itself, e.g. `-> relu`",
        "Input" | "InputLayer" => "inputs are declared in the header: `network Name(image: [64, 64, 3]) -> ...`",
        "Sequential" | "Model" | "ModuleList" | "ModuleDict" | "Container" => {
            "stages are joined by `->`; `layer name = A -> B;` declares a chain that can be used several times"
        }
        "DataParallel" => "leave it out: a batch is divided among threads by itself",
        "RNNBase" => "`Lstm`, `Gru` and `SimpleRnn` have their loop inside",
        "RNNCellBase" => "a single step is a sequence of one: `(x -> Reshape(1, features), h) -> SimpleRnn(units)`",
        "ParameterList" | "ParameterDict" => {
            "weights belong to a layer: one of your own implements `net_runtime::layers::Layer`, and is announced"
        }
        "Module" => "a network is declared: `network Name(x: [8]) -> (y: [2]) { ... }`",
        "Layer" | "Wrapper" | "Lambda" | "InputSpec" => {
            "a layer of your own implements `net_runtime::layers::Layer`, and is announced: `extern layer self::Scale(x: [8]) -> (y: [8]);`"
        }
        "Identity" | "identity" => "leave it out: without a stage nothing changes",
        "linear" => "Keras's changes nothing, so leave it out; PyTorch's is called `Dense` here",
        "pad" => {
            "`ZeroPad1d`, `ZeroPad2d` and `ZeroPad3d` put zeros around, `Conv2d(8, 3, padding = same)` has its own"
        }
        "scaled_mm" | "grouped_mm" | "scaled_grouped_mm" | "scaled_addmm" => {
            "products are `Dense`, `Matmul` and `EinsumDense`, all in `f32`"
        }
        "conv_tbc" => "here it is `Conv1d`, of [steps, features], with the samples before them",
        "Transformer"
        | "TransformerEncoder"
        | "TransformerDecoder"
        | "TransformerEncoderLayer"
        | "TransformerDecoderLayer" => {
            "a transformer's layer is a template of a few lines around `MultiHeadAttention`: the documentation of \
             `layers::MultiHeadAttention` has it"
        }
        "SinePositionEncoding" | "PositionalEncoding" | "SinusoidalPositionalEmbedding" => {
            "`x -> SinePositions` adds the sines and cosines to x itself"
        }
        "PositionEmbedding" => "`x -> LearnedPositions` adds what is learnt for each step to x itself",
        "TokenAndPositionEmbedding" => "write `text -> Embedding(rows, width) -> LearnedPositions`",
        "einsum" => {
            "products of two tensors are `Matmul` and `Dot`, one with a kernel is `EinsumDense(\"sf,fd->sd\", 64)`"
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
        "grid_sample" | "affine_grid" => "images that are read at computed places are",
        "gumbel_softmax" => "a softmax that draws at random is",
        "pdist" => "distances between the samples of a batch are",
        "EmbeddingBag" => "embeddings that are added up are",
        "SpectralNormalization" | "LocalResponseNorm" | "CrossMapLRN2d" => "these normalizations are",
        "MaxUnpool1d" | "MaxUnpool2d" | "MaxUnpool3d" => "layers that enlarge an image are",
        "FeatureAlphaDropout" | "feature_alpha_dropout" => {
            "`AlphaDropout` drops single elements; what drops whole channels so is"
        }
        "ReflectionPad1d" | "ReflectionPad2d" | "ReflectionPad3d" | "ReplicationPad1d" | "ReplicationPad2d"
        | "ReplicationPad3d" | "ConstantPad1d" | "ConstantPad2d" | "ConstantPad3d" | "CircularPad1d"
        | "CircularPad2d" | "CircularPad3d" => {
            "`ZeroPad1d`, `ZeroPad2d` and `ZeroPad3d` are there; other ways of padding are"
        }
        "lp_pool1d"
        | "lp_pool2d"
        | "lp_pool3d"
        | "LPPool1d"
        | "LPPool2d"
        | "LPPool3d"
        | "FractionalMaxPool2d"
        | "FractionalMaxPool3d" => "`MaxPool2d` and `AvgPool2d` are there; other pools are",
        "AdaptiveLogSoftmaxWithLoss" => "a softmax over groups of classes is",
        "Bilinear" => "products of two tensors but `Mul`, `Dot` and `Matmul` are",
        "ChannelShuffle" | "Fold" | "Unfold" => "layers of this kind are",
        "RReLU" | "rrelu" => "functions with random slopes are",
        "Convolution3DTranspose" => "layers over volumes are",
        "ReversibleEmbedding" => "an embedding that turns vectors back into scores is",
        "FlaxLayer" | "JaxLayer" | "TFSMLayer" | "TorchModuleWrapper" => "what runs a layer of another system is",
        _ => return None,
    })
}
