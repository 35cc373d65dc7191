//! Neural networks that are declared with [`network!`], checked while the program compiles, and run by the kernels of
//! this crate.
//!
//! A network is part of the program: its shapes are types, a mistake in it is an error of the compiler at the place where it
//! stands, and no graph is built or interpreted at run time. It computes in `f32` on CPUs, with the vector instructions that the
//! machine has, on as many threads as pay, and gives the same results to the bit on any number of them. Layers, arguments, defaults
//! and the names of weights are Keras's.
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     /// Tells whether two numbers have the same sign.
//!     pub network SameSign(numbers: [2]) -> (same: [1]) {
//!         let same = numbers -> Dense(8) -> tanh -> Dense(1) -> sigmoid;
//!         loss same: BinaryCrossentropy;
//!         metric same: Accuracy;
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! let pairs: Vec<[f32; 2]> = (0..256).map(|i| [(i % 16) as f32 - 7.5, (i / 16) as f32 - 7.5]).collect();
//! let samples = SameSignSamples {
//!     numbers: Batch::from_samples(pairs.iter().map(|pair| &pair[..]))?,
//!     same: Batch::from_vec(pairs.iter().map(|[a, b]| f32::from(a * b > 0.0)).collect())?,
//! };
//!
//! let mut trainer = Trainer::new(SameSign::new(1), Adam::new(0.02));
//! let history = trainer.fit(&samples).epochs(40).silent().run()?;
//! assert!(history.last("accuracy") > Some(0.95));
//!
//! let answer = trainer.network().predict(&Batch::from_vec(vec![-3.0, -5.0])?)?;
//! assert!(answer.same.data()[0] > 0.5);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to go from here
//!
//! | for | see |
//! | --- | --- |
//! | the language: networks, templates, sharing, frozen parts | [`network!`] |
//! | layers by family, functions of one element | [`layers`], [`activations`] |
//! | what is to become small, and what a person reads | [`losses`], [`metrics`] |
//! | how weights begin, what is added to the loss, what weights are held to | [`initializers`], [`regularizers`], [`constraints`] |
//! | training: runs, callbacks, histories, states | [`training`], [`Trainer`](training::Trainer) |
//! | optimizers and schedules of the learning rate | [`optimizers`], [`Schedule`](optimizers::Schedule) |
//! | samples: arrays, CSV, one-hot rows, shuffling, splitting | [`Batch`], [`View`], [`data`] |
//! | files of weights and of tensors | [`io`] |
//! | pictures of networks and of trainings | [`plot`], [`History::plot`](training::History::plot) |
//! | code for any network, and loops by hand | [`Network`], [`Trainable`], [passes by hand](#passes-by-hand) |
//! | a layer, loss, metric, optimizer or callback of your own | [`Layer`](layers::Layer), [`Loss`](losses::Loss), [`Metric`](metrics::Metric), [`Optimizer`](optimizers::Optimizer), [`Callback`](training::Callback) |
//! | tests of these | [`testing`] |
//! | many calls, threads, the machine | [`in_threads`](in_threads()), [`Arithmetic`], [`machine`] |
//! | what can go wrong | [`Error`] |
//!
//! What most programs need comes with `use net_runtime::prelude::*;`: see [`prelude`].
//!
//! # What a network is
//!
//! The language is described at [`network!`]. What it generates for a network `Net`:
//!
//! | item | is |
//! | --- | --- |
//! | `Net` | the weights, a field for each layer; `new`, `save`, `load`, `to_bytes`, `from_bytes`, `predict`, `forward`, `backward`, `summary`, `plot` |
//! | `NetInputs<'a>` | a [`View`] for each input; a single input goes in without it, as `&batch` or a view |
//! | `NetOutputs`, `NetOutputViews<'w>` | a [`Batch`] for each output, or a view into a workspace |
//! | `NetSamples` | a batch for each input and each target, to train and evaluate with |
//! | `NetWorkspace` | the memory of one caller |
//! | `NetGradients` | a [`Gradient`] for each weight |
//! | `NetOutputGradients<'a>`, `NetInputGradients<'w>` | gradients by outputs, which go in, and by inputs, which come out |
//! | `NetUpstream<'a>` | where a backward pass begins: gradients by outputs, or the losses |
//! | `NetLosses`, `NetMetrics` | the losses of one batch, the accumulated metrics |
//!
//! The functions of `Net` that compute:
//!
//! | function | gives |
//! | --- | --- |
//! | `predict(inputs)` | the outputs of any number of samples, in batches |
//! | `predict_into(inputs, &mut workspace)` | those of one batch, in memory that is used again: nothing is allocated |
//! | `forward(inputs, mode, &mut workspace)` | the same; in [training mode](Mode), what a backward pass needs stays there, too |
//! | `losses(&samples, &workspace)` | the losses of that pass |
//! | `backward(inputs, upstream, &mut workspace, &mut gradients)` | gradients by the weights; `backward_add` adds them to others |
//! | `backward_inputs(inputs, upstream, &mut workspace)` | gradients by the inputs; `backward_both` has both |
//!
//! The traits [`Network`] and [`Trainable`] are for code that is generic over networks, such as
//! [`Trainer`](training::Trainer).
//!
//! # Passes by hand
//!
//! What a trainer does not do is a loop of one's own: two networks against each other, gradients by inputs, losses from elsewhere.
//! Here it is the input that is changed, until the network likes it more:
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Taste(dish: [8]) -> (score: [1]) {
//!         let score = dish -> Dense(6) -> tanh -> Dense(1);
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! let (net, mut workspace) = (Taste::new(1), TasteWorkspace::new(1));
//! let mut dish = Batch::zeros(1);
//! let before = net.predict(&dish)?.score;
//!
//! let wish: Batch<Shape1<1>> = Batch::from_vec(vec![1.0])?; // the derivative of what is to grow, by the output
//! for _ in 0..20 {
//!     net.forward(&dish, Mode::Training, &mut workspace)?;
//!     let upstream = TasteOutputGradients { score: Some(wish.view()) };
//!     let by_dish = net.backward_inputs(&dish, upstream, &mut workspace)?.dish.to_batch();
//!     for (element, slope) in dish.data_mut().iter_mut().zip(by_dish.data()) {
//!         *element += 0.1 * slope;
//!     }
//! }
//! assert!(net.predict(&dish)?.score.data()[0] > before.data()[0]);
//! # Ok(())
//! # }
//! ```
//!
//! Where a network has losses, `&samples` is an upstream, too: then a backward pass begins with them. [`Trainable`] has a training loop.
//!
//! # Transfer learning
//!
//! Features that were learnt for one task serve another: a new head is trained on them first, then all of it, with small steps.
//!
//! ```
//! use net_runtime::prelude::*;
//!
//! network! {
//!     network Digits(image: [12, 12, 1]) -> (digit: [10]) {
//!         let features = image -> Conv2d(4, 3) -> BatchNorm -> relu -> Flatten;
//!         let digit = features -> Dense(10) -> softmax;
//!         loss digit: CategoricalCrossentropy;
//!     }
//!
//!     network Even(image: [12, 12, 1]) -> (even: [1]) {
//!         let features = image -> Conv2d(4, 3) -> BatchNorm -> relu -> Flatten;
//!         let even = features -> Dense(1) -> sigmoid;
//!         loss even: BinaryCrossentropy;
//!     }
//! }
//!
//! # fn main() -> Result<(), Error> {
//! # let folder = std::env::temp_dir().join(format!("net-runtime-{}-transfer", std::process::id()));
//! # std::fs::create_dir_all(&folder).unwrap();
//! # let file = folder.join("digits.safetensors");
//! # Digits::new(1).save(&file)?;
//! # let samples = EvenSamples {
//! #     image: Batch::from_vec((0..8 * 144).map(|at| (at % 13) as f32 / 13.0).collect())?,
//! #     even: Batch::from_vec((0..8).map(|at| (at % 2) as f32).collect())?,
//! # };
//! let mut net = Even::new(2);
//! let matching = net.load_matching(&file)?; // what has the same name and the same shape
//! println!("{matching}");
//! assert_eq!(matching.missing, ["even_dense.kernel", "even_dense.bias"]);
//!
//! // A tenth of the learning rate is for the features.
//! let mut trainer = Trainer::new(net, Adam::new(1e-3).rate("features*", 0.1));
//! trainer.freeze("features*")?;
//! println!("{}", trainer.summary()); // with trainable and non-trainable parameters
//! trainer.fit(&samples).epochs(2).silent().run()?;
//! trainer.thaw("features*")?;
//! trainer.fit(&samples).epochs(2).silent().run()?;
//! # std::fs::remove_dir_all(&folder).unwrap();
//! # Ok(())
//! # }
//! ```
//!
//! What is never to be trained is declared so, `image -> Trunk(frozen = true)`: a training step then takes less memory and time.
//! [`load_matching_as`](io::load_matching_as) reads a part under another name.
//!
//! # Features
//!
//! - `csv`, on by default: tables read from CSV files, `data::csv`.
//! - `progress`, on by default: a bar on a terminal while a network trains; without it, a line an epoch.
//! - `png`: pictures as PNG besides SVG. Off by default, for its renderer and font take longer to build than all the rest.

mod error;
mod kernels;
mod memory;
mod network;
mod parallel;
mod parameters;
mod tensor;
#[cfg(test)]
#[path = "../drawing/src/test_networks.rs"]
#[cfg_attr(not(feature = "png"), allow(dead_code, reason = "the tests of PNG draw all of them"))]
mod test_networks;

pub mod activations;
pub mod constraints;
pub mod data;
pub mod io;
pub mod layers;
pub mod losses;
pub mod machine;
pub mod metrics;
pub mod optimizers;
pub mod plot;
pub mod prelude;
pub mod regularizers;
pub mod testing;
pub mod training;

pub use ndarray;
/// Declares networks; they are checked, and become typed Rust, while the program compiles.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     const CLASSES: usize = 10;
///
///     /// Finds one object in an image: what it is, and where.
///     pub network Detector(image: [64, 64, 3]) -> (class: [CLASSES], location: [4]) {
///         let features = image
///             -> Conv2d(16, 3) -> relu -> MaxPool2d(2)
///             -> Conv2d(32, 3, padding = same) -> relu -> GlobalAvgPool2d;
///
///         let class = features -> Dense(64) -> relu -> Dense(CLASSES) -> softmax;
///         let location = features -> Dense(64) -> relu -> Dense(4) -> sigmoid;
///
///         loss class: CategoricalCrossentropy(label_smoothing = 0.1);
///         loss location: 2.0 * MeanSquaredError;
///         metric class: Accuracy;
///     }
/// }
/// # fn main() { assert_eq!(Detector::PARAMETERS, 448 + 4_640 + 2 * 2_112 + 650 + 260); }
/// ```
///
/// # Networks
///
/// `network Name(inputs) -> (outputs) { statements }`, with documentation, attributes and visibility before it. A shape is
/// what one sample looks like, channels last; the batch axis is never written. An output is the `let` of the same name.
///
/// - `let name = flow;` binds a value once; `let (a, b) = flow;` takes several outputs of a network apart. A shape may follow
///   the name, `let code: [16] = ...;`, and is checked. `_name` may stay unused, nothing else may.
/// - A flow is a value and the stages it goes through: `x -> Dense(8) -> relu`. A tuple feeds a stage of several inputs:
///   `(a, b -> Dense(8)) -> Add`.
/// - `layer name = stage -> stage;` declares weights once; every use of `name` as a stage shares them, and
///   `layer name(frozen = true) = ...` freezes them.
/// - Another network of the block is a stage, too: `image -> Encoder`, `(left = a, right = b) -> Stereo`.
/// - `extern network models::Encoder as Eye(image: [64, 64, 3]) -> (code: [32]);` announces a network of another module or
///   crate, `Eye` for the networks here; the program does not compile when its inputs or outputs are others. Its weights
///   learn and are saved as part of the network around it.
/// - `extern layer layers::Scale(x: [8]) -> (y: [8]);` announces a layer of your own, a type that implements
///   [`layers::Layer`]; it is a stage like any other.
/// - `loss output: 2.0 * Loss + Loss(argument = 1);` and `metric output: Metric, Metric(3);`
/// - Numbers may be calculated, `Dense(8 * 4)`; where an argument or a weight of a loss may be a decimal, with decimals:
///   `Rescaling(1 / 255)`.
/// - `const NAME: usize = 8 * 4;` beside the networks is a constant for them and for the program.
/// - `extern const config::CLASSES = 10;` announces a constant of the program, `CLASSES` for the networks; the program
///   does not compile when the real one is another number.
///
/// Weights have stable names: `<let>_<kind>`, then `_2`, `_3` (`features_conv2d_2.kernel`); a shared layer's go by its name
/// (`eye_conv2d`); `name = ...` among the arguments of a stage gives another.
///
/// # Templates
///
/// What is a function in a Keras program is a template: stages under a name, for values and numbers, whole ones or decimals. Each
/// use has weights of its own, and shapes are found anew.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     /// What a residual block adds to its input is learnt.
///     block residual(x, const N) {
///         let main = x -> Conv2d(N, 3, padding = same) -> relu -> Conv2d(N, 3, padding = same);
///         (main, x) -> Add -> relu
///     }
///
///     /// Are these two pictures of the same thing? Both are seen by one set of weights.
///     pub network Same(left: [16, 16, 3], right: [16, 16, 3]) -> (same: [1]) {
///         layer eye = Conv2d(8, 3, padding = same) -> residual(8) -> residual(8) -> GlobalAvgPool2d;
///         let same = (left -> eye, right -> eye) -> Sub -> Dense(1) -> sigmoid;
///         loss same: BinaryCrossentropy;
///     }
/// }
/// # fn main() { assert_eq!(Same::PARAMETERS, 224 + 4 * 584 + 9); }
/// ```
///
/// The last line of a template, without `let` and `;`, is its result: a value, or a tuple of several. Weights are named after
/// the use: `eye_residual_main_conv2d`, `eye_residual_2_main_conv2d`; `residual(8, name = first)` makes it `first_main_conv2d`.
///
/// # Layers
///
/// Arguments, defaults and meaning are Keras's. Where a size has two parts, one number stands for both.
///
/// | stage | arguments |
/// | --- | --- |
/// | [`Dense`](layers::Dense) | `units`, `bias = true`; on `[features]` and `[steps, features]` |
/// | [`Conv1d`](layers::Conv1d), [`Conv2d`](layers::Conv2d), [`Conv3d`](layers::Conv3d) | `filters`, `kernel`, `stride = 1`, `padding = valid` or `same`, over steps also `causal`, `dilation = 1`, `groups = 1` but over volumes, `bias = true` |
/// | [`Conv1dTranspose`](layers::Conv1dTranspose), [`Conv2dTranspose`](layers::Conv2dTranspose), [`Conv3dTranspose`](layers::Conv3dTranspose) | `filters`, `kernel`, `stride = 1`, `padding = valid` or `same`, `output_padding = none`, `dilation = 1`, `bias = true` |
/// | [`DepthwiseConv2d`](layers::DepthwiseConv2d), [`DepthwiseConv1d`](layers::DepthwiseConv1d) | `kernel`, `multiplier = 1`, `stride = 1`, `padding = valid`, `dilation = 1`, `bias = true` |
/// | [`SeparableConv2d`](layers::SeparableConv2d), [`SeparableConv1d`](layers::SeparableConv1d) | `filters`, `kernel`, `multiplier = 1`, `stride = 1`, `padding = valid`, `dilation = 1`, `bias = true` |
/// | [`MaxPool1d`](layers::MaxPool1d), [`MaxPool2d`](layers::MaxPool2d), [`MaxPool3d`](layers::MaxPool3d), [`AvgPool1d`](layers::AvgPool1d), [`AvgPool2d`](layers::AvgPool2d), [`AvgPool3d`](layers::AvgPool3d) | `size = 2`, `stride = size`, `padding = valid`; on `[steps, features]`, `[height, width, channels]`, `[depth, height, width, channels]` |
/// | [`GlobalAvgPool1d`](layers::GlobalAvgPool1d), [`GlobalAvgPool2d`](layers::GlobalAvgPool2d), [`GlobalAvgPool3d`](layers::GlobalAvgPool3d), [`GlobalMaxPool1d`](layers::GlobalMaxPool1d), [`GlobalMaxPool2d`](layers::GlobalMaxPool2d), [`GlobalMaxPool3d`](layers::GlobalMaxPool3d), [`Flatten`](layers::Flatten) | ; `(x, mask = m) -> GlobalAvgPool1d` counts the steps of `[steps]` whose mask is not 0 |
/// | [`ActivityRegularization`](layers::ActivityRegularization) | `l1 = 0.0`, `l2 = 0.0`: what they add to the loss |
/// | [`Reshape`](layers::Reshape) | the lengths; one may be -1 |
/// | [`Permute`](layers::Permute) | the axes in their new order, by name or counted from 0 |
/// | [`AdaptiveAvgPool1d`](layers::AdaptiveAvgPool1d), [`AdaptiveAvgPool2d`](layers::AdaptiveAvgPool2d), [`AdaptiveAvgPool3d`](layers::AdaptiveAvgPool3d), [`AdaptiveMaxPool1d`](layers::AdaptiveMaxPool1d), [`AdaptiveMaxPool2d`](layers::AdaptiveMaxPool2d), [`AdaptiveMaxPool3d`](layers::AdaptiveMaxPool3d) | `output`: how many places |
/// | [`ZeroPad1d`](layers::ZeroPad1d), [`ZeroPad2d`](layers::ZeroPad2d), [`ZeroPad3d`](layers::ZeroPad3d) | `padding`: a number, `(rows, columns)`, or `((above, below), (left, right))`; of steps a number or `(before, behind)`, of volumes as of images with the planes first |
/// | [`Crop1d`](layers::Crop1d), [`Crop2d`](layers::Crop2d), [`Crop3d`](layers::Crop3d) | `cropping`, written as `padding` is |
/// | [`Slice`](layers::Slice) | `start = 0`, `end = length`, negative ones from the end; `axis = -1`, `step = 1` |
/// | [`Reverse`](layers::Reverse) | `axis` |
/// | [`Stack`](layers::Stack) | `axis = -1`, a new one |
/// | [`Repeat`](layers::Repeat) | `times`; `[features]` to `[times, features]` |
/// | [`UpSampling1d`](layers::UpSampling1d), [`UpSampling2d`](layers::UpSampling2d), [`UpSampling3d`](layers::UpSampling3d) | `size = 2`; of images `interpolation = nearest`, `bilinear` or `bicubic` |
/// | [`Resize`](layers::Resize) | `height`, `width`, `interpolation = bilinear`, `nearest` or `bicubic` |
/// | [`SpaceToDepth`](layers::SpaceToDepth), [`DepthToSpace`](layers::DepthToSpace) | `block` |
/// | [`Mean`](layers::Mean), [`Sum`](layers::Sum), [`Max`](layers::Max), [`Min`](layers::Min) | `axis`, `keep = false` |
/// | [`Rescaling`](layers::Rescaling) | `scale`, `offset = 0`: numbers, or a tuple with one for each channel |
/// | [`CategoryEncoding`](layers::CategoryEncoding) | `tokens`, `mode = multi_hot`, `one_hot` or `count`; on whole numbers, `u32[..]` |
/// | [`Dropout`](layers::Dropout), [`SpatialDropout1d`](layers::SpatialDropout1d), [`SpatialDropout2d`](layers::SpatialDropout2d), [`SpatialDropout3d`](layers::SpatialDropout3d) | `rate`; the latter drop whole channels |
/// | [`PRelu`](layers::PRelu) | `shared_axes = ()`: the first axes, along which the slopes are the same, e.g. `(height, width)` |
/// | [`GaussianNoise`](layers::GaussianNoise), [`GaussianDropout`](layers::GaussianDropout), [`AlphaDropout`](layers::AlphaDropout) | `stddev`; `rate` |
/// | [`BatchNorm`](layers::BatchNorm) | `momentum = 0.99`, `epsilon = 0.001`, `center = true`, `scale = true`; on the last axis |
/// | [`Normalization`](layers::Normalization) | `axis = -1`, or neighbouring ones, `(1, 2)`; `mean`, `variance`: numbers, or a tuple with one for each place, else found by [`adapt`](weights::Adapted::adapt); `invert = false` |
/// | [`LayerNorm`](layers::LayerNorm) | `axis = -1`, or several of the last ones, `(1, 2)`; `epsilon = 0.001`, `center = true`, `scale = true` |
/// | [`RmsNorm`](layers::RmsNorm), [`UnitNorm`](layers::UnitNorm) | `axis = -1` as of `LayerNorm`; `RmsNorm(epsilon = 0.000001)` |
/// | [`GroupNorm`](layers::GroupNorm) | `groups = 32`, `epsilon = 0.001`, `center = true`, `scale = true`; on the last axis |
/// | [`Embedding`](layers::Embedding) | `rows`, `width`; on whole numbers, `u32[..]` |
/// | [`Lstm`](layers::Lstm) | `units`, `activation = tanh`, `recurrent_activation = sigmoid`, `sequences = false`, `states = false`, `reverse = false`, `bias = true`, `unit_forget_bias = true`, `dropout = 0`, `recurrent_dropout = 0`; on `[steps, features]`, or on `(x, h, c)` with the states at the start, and with `mask = m`, `[steps]`, where a 0 hides a step. With `states`, the results are the output and both states at the end |
/// | [`Gru`](layers::Gru) | the same but `unit_forget_bias`, and `reset_after = true`, with one state: `(x, state = h)` |
/// | [`SimpleRnn`](layers::SimpleRnn) | the same without gates, with one state |
/// | [`Dot`](layers::Dot) | `axes = -1`, `normalize = false`; on `(a, b)`: the sum of products along an axis of each, `axes = (0, 1)` where it is not the same |
/// | [`Matmul`](layers::Dot) | `transpose_a = false`, `transpose_b = false`; on `(a, b)`, matrices or equally many of them |
/// | [`EinsumDense`](layers::EinsumDense) | `equation`, `outputs`, `bias_axes = none`; a product with a kernel, e.g. `EinsumDense("sf,fhd->hsd", (4, 16), bias_axes = "hd")`: a letter for each axis of the input, of the kernel and of the result, without the batch axis, `...` for all that have none; `outputs` are the lengths of the axes that the kernel adds, in the order of the result |
/// | [`Distance`](layers::Distance) | `metric = euclidean`, or `squared`, `manhattan`, `cosine`; on `(a, b)`, along the last axis |
/// | [`MultiHeadAttention`](layers::MultiHeadAttention) | `heads = ..`, `key_dim = ..`, `value_dim = key_dim`, `outputs = features`, `causal = false`, `dropout = 0.0`, `bias = true`; on `x`, or on a query and what it looks at, `(query, other)`, or on `(query, key, value)`, each `[steps, features]`, perhaps with `mask = m`: `[keys]` or `[queries, keys]`, 0 where a key is not seen |
/// | [`GroupQueryAttention`](layers::MultiHeadAttention) | the same with fewer heads of keys and values: `heads = ..`, `key_heads = ..`, `key_dim = ..`, `causal = false`, `dropout = 0.0`, `bias = true` |
/// | [`Attention`](layers::Attention) | `score = dot` or `concat`, `scale = false`, `causal = false`, `dropout = 0.0`; without kernels and with one head, on the same operands as `MultiHeadAttention`, and perhaps with `query_mask = m`, `[queries]`, where a 0 makes the output zeros |
/// | [`AdditiveAttention`](layers::Attention) | `scale = true`, `causal = false`, `dropout = 0.0`; the same with scores `Σ scale · tanh(query + key)` |
/// | [`SinePositions`](layers::SinePositions), [`LearnedPositions`](layers::LearnedPositions) | `SinePositions(max_wavelength = 10000)`; on `[steps, features]`, to which they add what tells one step from another: sines and cosines, or a table that is learnt |
/// | [`ConvLstm1d`](layers::ConvLstm1d), [`ConvLstm2d`](layers::ConvLstm2d), [`ConvLstm3d`](layers::ConvLstm3d) | `filters`, `kernel`, `stride = 1`, `padding = valid` or `same`, `dilation = 1`, and what `Lstm` has; on steps of rows, images or volumes, e.g. `[steps, height, width, channels]` |
/// | [`Bidirectional`](layers::Bidirectional) | a recurrent layer, `Bidirectional(Lstm(32))`; `backward = stage` another one for that direction, `merge = concat`, `sum`, `mul`, `ave` or `none` |
/// | [`TimeDistributed`](layers::TimeDistributed) | stages, `TimeDistributed(Conv2d(8, 3) -> relu)`: applied to each step of `[steps, ..]` |
/// | [`Concat`](layers::Concat) | `axis = -1`, by name (`height`, `width`, `channels`; `steps`, `features`) or number |
/// | [`Split`](layers::Split) | `sections`: a number of equal parts, or their lengths, `(3, 5)`; `axis = -1`; gives as many values: `let (a, b) = x -> Split(2)` |
/// | [`Add`](layers::Add), [`Sub`](layers::Sub), [`Mul`](layers::Mul), [`Average`](layers::Average), [`Maximum`](layers::Maximum), [`Minimum`](layers::Minimum) | axes of length 1 broadcast |
/// | [`NotEqual`](layers::NotEqual), [`Equal`](layers::Equal), [`Greater`](layers::Greater), [`Less`](layers::Less) | `value`; 1 where it holds, else 0, of numbers or whole numbers: `text -> NotEqual(0)` is a mask |
/// | [`argmax`](activations::argmax) | on the last axis, which it takes away; the only one stays with one number. For inference: there is no gradient |
/// | [`relu`](activations::relu), [`leaky_relu`](activations::leaky_relu), [`elu`](activations::elu), [`selu`](activations::selu), [`gelu`](activations::gelu), [`silu`](activations::silu), [`sigmoid`](activations::sigmoid), [`hard_sigmoid`](activations::hard_sigmoid), [`tanh`](activations::tanh), [`softplus`](activations::softplus) | `relu(max_value = none, slope = 0, threshold = 0)`, `leaky_relu(slope = 0.2)`, `elu(alpha = 1)`, `gelu(approximate = false)` |
/// | [`relu6`](activations::relu6), [`celu`](activations::celu), [`mish`](activations::mish), [`hard_silu`](activations::hard_silu), [`hard_tanh`](activations::hard_tanh), [`softsign`](activations::softsign), [`squareplus`](activations::squareplus), [`sparse_plus`](activations::sparse_plus), [`sparse_sigmoid`](activations::sparse_sigmoid), [`log_sigmoid`](activations::log_sigmoid), [`hard_shrink`](activations::hard_shrink), [`soft_shrink`](activations::soft_shrink), [`tanh_shrink`](activations::tanh_shrink), [`threshold`](activations::threshold) | `celu(alpha = 1)`, `squareplus(b = 4)`, `hard_shrink(threshold = 0.5)`, `soft_shrink(threshold = 0.5)`, `threshold(threshold, value)` |
/// | [`softmax`](layers::Softmax), [`log_softmax`](layers::LogSoftmax), [`sparsemax`](layers::Sparsemax), [`glu`](layers::Glu) | `axis = -1`, of which `glu` leaves half |
/// | [`exp`](activations::exp), [`log`](activations::log), [`square`](activations::square), [`sqrt`](activations::sqrt), [`rsqrt`](activations::rsqrt), [`reciprocal`](activations::reciprocal), [`abs`](activations::abs), [`neg`](activations::neg), [`clip`](activations::clip) | `clip(low, high)` |
///
/// # How weights begin
///
/// As Keras's, unless an argument says otherwise: `Dense(64, init = he_normal, bias_init = constant(0.1))`. `init` is about the kernel, or
/// about all kernels of a layer that has several; before `_init` stands the name of a weight, or its end: `bias_init`,
/// `recurrent_init`, `gamma_init`, `query_init`. There are `zeros`, `ones`, `constant(value)`, `identity(gain = 1)`,
/// `orthogonal(gain = 1)`, `random_normal(mean = 0, stddev = 0.05)`, `random_uniform(low = -0.05, high = 0.05)`,
/// `truncated_normal(mean = 0, stddev = 0.05)`, `glorot_normal`, `glorot_uniform`, `he_normal`, `he_uniform`, `lecun_normal`,
/// `lecun_uniform`, and `variance_scaling(scale = 1, mode = fan_in, distribution = truncated_normal)`, whose mode may be `fan_out` or
/// `fan_avg` and whose distribution `uniform` or `untruncated_normal`. See [`initializers`].
///
/// # Frozen parts
///
/// `frozen = true` among the arguments of a stage, a layer, a template, a network of the block or an announced one, leaves its weights as
/// they are: `image -> Trunk(frozen = true)`. No gradient by them is computed or stored, a `BatchNorm` in it computes with its moving
/// averages, which do not move, and an optimizer, decay, averages, regularizers and constraints pass them over. Where nothing before it is
/// trained, a training step ends there, and keeps nothing of it; gradients by inputs are there all the same, behind a forward pass in
/// [`Mode::Training`]. A loss with nothing left to train is an error. What is to be thawed later is frozen at run time, by
/// [`Trainer::freeze`](training::Trainer::freeze): the [crate's documentation](crate#transfer-learning) has an example.
///
/// # What is added to the loss, and what weights are held to
///
/// `Dense(64, kernel_regularizer = l2(1e-4), bias_constraint = non_neg)`: before `_regularizer` and `_constraint` stands the name
/// of a weight as before `_init`, and `kernel` for the kernel, or all kernels. An `activity_regularizer` is about what comes out of
/// any stage; that of `Dense(8, activation="relu", activity_regularizer=...)` in Keras stands here behind the function:
/// `Dense(8) -> relu(activity_regularizer = ...)`.
///
/// | argument | value |
/// | --- | --- |
/// | `kernel_regularizer`, `bias_regularizer`, `recurrent_regularizer`, `depthwise_regularizer`, `pointwise_regularizer`, `gamma_regularizer`, `beta_regularizer`, `alpha_regularizer`, `embeddings_regularizer` | `l1(0.01)`, `l2(0.01)`, `l1_l2(l1 = 0, l2 = 0)`, `orthogonal(0.01, mode = rows)` or `columns`, of a matrix |
/// | `activity_regularizer` | the same without `orthogonal`; divided by the number of samples |
/// | `kernel_constraint`, ... | `max_norm(2, axis = 0)`, `min_max_norm(min_value = 0, max_value = 1, rate = 1, axis = 0)`, `unit_norm(axis = 0)`, `non_neg`; the axes along which a norm is measured, those of a filter are `axis = (0, 1, 2)` |
///
/// See [`regularizers`] and [`constraints`]. The activities that Keras's `MultiHeadAttention` regularizes are inside of it; here it
/// is the result.
///
/// # Losses and metrics
///
/// | of | losses |
/// | --- | --- |
/// | classes, behind `softmax` | [`CategoricalCrossentropy(label_smoothing = 0)`](losses::CategoricalCrossentropy), [`SparseCategoricalCrossentropy(ignore = none)`](losses::SparseCategoricalCrossentropy), [`CategoricalFocalCrossentropy(gamma = 2, alpha = 0.25, label_smoothing = 0)`](losses::CategoricalFocalCrossentropy), [`GeneralizedCrossentropy(q = 0.5)`](losses::GeneralizedCrossentropy), [`KlDivergence`](losses::KlDivergence) |
/// | yes and no, behind `sigmoid` | [`BinaryCrossentropy(label_smoothing = 0)`](losses::BinaryCrossentropy), [`BinaryFocalCrossentropy(gamma = 2, alpha = none, label_smoothing = 0)`](losses::BinaryFocalCrossentropy) |
/// | areas, behind one of both | [`Dice(over = batch)`](losses::Dice), [`Tversky(alpha = 0.5, beta = 0.5, over = batch)`](losses::Tversky) (`sample`) |
/// | labels somewhere in the steps, behind `softmax` | [`Ctc(labels)`](losses::Ctc) |
/// | distances | [`Contrastive(margin = 1)`](losses::Contrastive) of a pair; [`Triplet(margin = 1)`](losses::Triplet) of two, without a target |
/// | what is itself to be small, without a target | [`Minimize`](losses::Minimize) |
/// | margins | [`Hinge`](losses::Hinge), [`SquaredHinge`](losses::SquaredHinge), [`CategoricalHinge`](losses::CategoricalHinge) |
/// | numbers | [`MeanSquaredError`](losses::MeanSquaredError), [`MeanAbsoluteError`](losses::MeanAbsoluteError), [`MeanAbsolutePercentageError`](losses::MeanAbsolutePercentageError), [`MeanSquaredLogarithmicError`](losses::MeanSquaredLogarithmicError), [`Huber(delta = 1)`](losses::Huber), [`LogCosh`](losses::LogCosh), [`Poisson`](losses::Poisson), [`CosineSimilarity`](losses::CosineSimilarity) |
///
/// | of | metrics |
/// | --- | --- |
/// | classes | `Accuracy`, `TopK(k = 5)`, [`F1(average = macro, threshold = none)`](metrics::F1) (`micro`, `weighted`), [`FBeta(beta = 1, average = macro, threshold = none)`](metrics::FBeta), [`Iou(classes, threshold = 0.5, ignore = none)`](metrics::Iou), [`MeanIou(threshold = 0.5, ignore = none)`](metrics::MeanIou), [`Mcc(threshold = 0.5, ignore = none)`](metrics::Mcc), `CategoricalHinge`, `CategoricalCrossentropy`, `KlDivergence`; a [`ConfusionMatrix`](metrics::ConfusionMatrix) of predictions prints and draws |
/// | yes and no | [`Precision`](metrics::Precision), [`Recall`](metrics::Recall), `BinaryAccuracy`, `TruePositives`, `TrueNegatives`, `FalsePositives`, `FalseNegatives`, all with `threshold = 0.5`; [`Auc(curve = roc, thresholds = 200)`](metrics::Auc) (`pr`); [`PrecisionAtRecall(recall, thresholds = 200)`](metrics::PrecisionAtRecall), [`RecallAtPrecision(precision)`](metrics::RecallAtPrecision), [`SensitivityAtSpecificity(specificity)`](metrics::SensitivityAtSpecificity), [`SpecificityAtSensitivity(sensitivity)`](metrics::SpecificityAtSensitivity); `BinaryCrossentropy`, `Hinge`, `SquaredHinge` |
/// | numbers | `MeanAbsoluteError`, `MeanSquaredError`, `RootMeanSquaredError`, [`R2`](metrics::R2), `MeanAbsolutePercentageError`, `MeanSquaredLogarithmicError`, `LogCosh`, `Poisson`, `CosineSimilarity`, [`PearsonCorrelation`](metrics::PearsonCorrelation), [`ConcordanceCorrelation`](metrics::ConcordanceCorrelation) |
///
/// A loss or metric of your own is a path:
/// `self::Overlap`, `crate::losses::Overlap(smooth = 1.0)`; see [`losses`] and [`metrics`].
///
/// # Documentation and editors
///
/// `cargo doc` shows the table and the diagram of a network on its struct, behind what you have written there, and the shapes
/// on its fields. In rust-analyzer, hovering a value shows its shape and what its stages cost, hovering a stage its
/// documentation; definitions, references, renaming and completion work inside the block, too.
pub use net_macros::network;

pub use error::Error;
pub use memory::mode::{Arithmetic, Mode};
pub use memory::random::RandomKey;
pub use memory::scratch::Scratch;
pub use net_drawing::Connection;
pub use network::info::{NetworkInfo, OutputInfo, RowInfo, Summary, UseInfo};
pub use network::into::{IntoInput, IntoInputs, IntoSamples, IntoUpstream};
pub use network::own::OwnLayer;
pub use network::traits::{Gradients, Inputs, Network, ParamVisitor, Samples, Trainable, Workspace};
pub use parallel::in_threads::in_threads;
pub use parameters::gradient::Gradient;
pub use parameters::{initializers, weights};
pub use tensor::batch::{Batch, View};
pub use tensor::element::Element;
pub use tensor::name::Name;
pub use tensor::param::{Param, Store, Write};
pub use tensor::shape::{Shape, Shape0, Shape1, Shape2, Shape3, Shape4, Shape5};

// What generated code alone calls.
#[doc(hidden)]
pub use memory::arena::{Arena, GradientSlot, GroupedRun, Groups, Slot};
#[doc(hidden)]
pub use memory::folded::Folded;
#[doc(hidden)]
pub use network::checks::{WithSamples, no_weights, same_samples, unknown_head};
#[doc(hidden)]
pub use network::no_samples::NoSamples;
#[doc(hidden)]
pub use network::own::{OwnGradients, OwnInputs, OwnWorkspace};
#[doc(hidden)]
pub use network::pass::pass;
#[doc(hidden)]
pub use network::{announced, frozen, inner, shares, visits};
#[doc(hidden)]
pub use tensor::element::Classes;
