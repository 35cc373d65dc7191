//! Stages around stages: at run time they are the layers that they are opened into.

/// Stages that are applied to each step, as Keras's `TimeDistributed`: `[steps, ..]` to `[steps, ..]`, where the stages take and
/// give what stands behind the steps.
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
