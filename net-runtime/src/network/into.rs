//! What goes into a network's functions: any value that becomes its inputs, or the beginning of a backward pass. They are
//! traits of their own beside `Into`, so that the message for a value that is neither says what to write.

use super::traits::Network;

/// What goes into a network with one input, the samples of a [`Batch`](crate::Batch) `B`: a reference of one, a
/// [`View`](crate::View), samples to train with, or the struct of its inputs.
#[diagnostic::on_unimplemented(
    message = "`{N}` takes `&{B}`, but is given `{Self}`",
    label = "no samples for `{N}`",
    note = "write `&batch`, or a view: `View::from_slice(&numbers)?` of a `Vec` or slice, `View::try_from(&array)?` of an `ndarray` array",
    note = "the first axis of an array counts the samples; one sample alone gets it by `array.insert_axis(Axis(0))`"
)]
pub trait IntoInput<'a, N: Network, B> {
    /// The input.
    fn into_inputs(self) -> N::Inputs<'a>;
}

#[diagnostic::do_not_recommend]
impl<'a, N: Network, B, T: Into<N::Inputs<'a>>> IntoInput<'a, N, B> for T {
    fn into_inputs(self) -> N::Inputs<'a> {
        self.into()
    }
}

/// What goes into a network with several inputs: the struct of its inputs, or samples to train with.
#[diagnostic::on_unimplemented(
    message = "`{N}` takes several inputs, but is given `{Self}`",
    label = "no `{N}Inputs`",
    note = "write `{N}Inputs {{ <input>: batch.view(), ... }}`, with a batch or a view of one for each"
)]
pub trait IntoInputs<'a, N: Network> {
    /// The inputs.
    fn into_inputs(self) -> N::Inputs<'a>;
}

#[diagnostic::do_not_recommend]
impl<'a, N: Network, T: Into<N::Inputs<'a>>> IntoInputs<'a, N> for T {
    fn into_inputs(self) -> N::Inputs<'a> {
        self.into()
    }
}

/// What a backward pass begins with, the network's upstream `U`: its samples, for the losses, or gradients by its outputs.
#[diagnostic::on_unimplemented(
    message = "a backward pass through `{N}` does not begin with `{Self}`",
    label = "neither samples nor gradients of `{N}`",
    note = "it begins with its losses, `&samples` of the type `{N}Samples`, or with gradients by its outputs, `{N}OutputGradients`"
)]
pub trait IntoUpstream<'a, N, U> {
    /// The beginning.
    fn into_upstream(self) -> U;
}

#[diagnostic::do_not_recommend]
impl<N, U, T: Into<U>> IntoUpstream<'_, N, U> for T {
    fn into_upstream(self) -> U {
        self.into()
    }
}
