//! Stages around stages: at run time they are the layers that they are opened into.

/// Stages that are applied to each step, as Keras's `TimeDistributed`: `[steps, ..]` to `[steps, ..]`, where the stages take and
/// give what stands behind the steps.
///
/// # In `network!`
///
/// `TimeDistributed(stages)`: one stage or a chain of them.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     /// What a film shows, from what each of its 16 pictures shows.
///     network Film(pictures: [16, 32, 32, 3]) -> (kind: [5]) {
///         let seen = pictures -> TimeDistributed(Conv2d(8, 3) -> relu -> MaxPool2d(2) -> GlobalAvgPool2d);
///         let kind = seen -> Lstm(12) -> Dense(5) -> softmax;
///     }
/// }
/// # fn main() { assert_eq!(Film::PARAMETERS, 3 * 3 * 3 * 8 + 8 + 4 * 12 * (8 + 12 + 1) + 12 * 5 + 5); }
/// ```
///
/// The weights are the same for all steps. Steps are samples for the stages: they are computed in one call, `Dropout` draws for
/// each step anew, and `BatchNorm` takes the mean over the steps of all samples. Any stage can stand in it: shared layers,
/// templates, other networks, `TimeDistributed` itself.
#[derive(Clone, Copy, Debug)]
pub struct TimeDistributed;

/// A recurrent layer in both directions (Schuster and Paliwal, "Bidirectional Recurrent Neural Networks", 1997), as Keras's
/// `Bidirectional`: two layers with weights of their own, of which one goes from the last step to the first, and a merge of their
/// outputs, `concat`, `sum`, `mul` or `ave`; with `none` the results are both.
///
/// # In `network!`
///
/// `Bidirectional(stage, backward = stage, merge = concat)`: the stage is a recurrent layer, for both directions unless `backward`
/// is another.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Reader(text: u32[40]) -> (kind: [5]) {
///         let there = text -> NotEqual(0);
///         let words = text -> Embedding(5_000, 16);
///         let steps = (words, mask = there) -> Bidirectional(Lstm(12, sequences = true), merge = sum);
///         let kind = (steps, mask = there) -> Bidirectional(Gru(8), backward = Gru(4)) -> Dense(5) -> softmax;
///     }
/// }
/// # let net = Reader::new(1);
/// # assert_eq!(net.steps_backward_lstm.kernel.dims(), [16, 48]);
/// # assert_eq!(net.kind_backward_gru.kernel.dims(), [12, 12]);
/// ```
///
/// Outputs of all steps stand where their steps are, in both directions. States at the start are given by name, `forward_h` and
/// `forward_c`, `backward_h` and `backward_c` of an `Lstm`, else `forward_state` and `backward_state`; with `states = true`, the
/// states at the end follow the output, those of the forward direction first. A mask is that of both.
#[derive(Clone, Copy, Debug)]
pub struct Bidirectional;
