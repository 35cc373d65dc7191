//! What goes into a network's functions: any value that becomes its inputs, or the beginning of a backward pass. They are
//! traits of their own beside `Into`, so that the message for a value that is neither says what to write.
//!
//! The messages have no label and no note, and the `impl`s are for every type and not recommended: each of these, and each `impl`
//! that rustc may propose, would be lines of its own in front of the program's author.
//!
//! Where a trait's own method is called, and where the length of an array fails, rustc shows no bound at all. The traits are here and not
//! in generated code, which may stand in a module without the implicit prelude: that knows no `#[diagnostic]`.

use super::traits::Network;

/// What goes into a network with one input, the samples of a [`Batch`](crate::Batch) `B`: a reference of one, a
/// [`View`](crate::View), samples to train with, or the struct of its inputs.
#[diagnostic::on_unimplemented(
    message = "`{N}` takes `&{B}` or a view, not `{Self}`: `View::from_slice(&numbers)?` and `View::try_from(&array)?` make one"
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
    message = "`{N}` takes several inputs, not `{Self}`: write `{N}Inputs {{ <input>: batch.view(), ... }}`"
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
    message = "a backward pass through `{N}` begins with `&{N}Samples`, for its losses, or with `{N}OutputGradients`, not with `{Self}`"
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

/// Samples to train and evaluate a network `N` with, of its own type `S`. Those of another network are of another type.
#[diagnostic::on_unimplemented(
    message = "`{N}` is trained and evaluated with `&{S}`, not with `{Self}`: `{S} {{ <input>: batch, <output>: batch, ... }}`"
)]
pub trait IntoSamples<'a, N, S: 'a> {
    /// The samples.
    fn into_samples(self) -> &'a S;
}

#[diagnostic::do_not_recommend]
impl<'a, N, S: 'a, T: Into<&'a S>> IntoSamples<'a, N, S> for T {
    fn into_samples(self) -> &'a S {
        self.into()
    }
}
