//! [`Fit::callback`] and [`Fit::validation`] once more, as functions of traits that are in the prelude.
//!
//! They are there for the message of the compiler about a wrong argument. Where a bound of a function is not met, rustc shows the
//! bound as well, which is six lines; it has nothing to show where what is missing is the very trait that the function belongs to.
//! A [`Fit`] is in a box, for which these traits are implemented, so that they are found before its own functions, which remain for
//! programs without the prelude.

use super::callback::IntoCallback;
use super::fit::Fit;
use crate::network::into::IntoSamples;
use crate::network::traits::Trainable;
use crate::optimizers::Optimizer;

/// [`Fit::callback`] for a callback `C` in the training of `N`.
#[diagnostic::on_unimplemented(
    message = "`{C}` is no `Callback<{N}>`; a closure goes into `.on_epoch_end(|epoch, logs, control| Ok(()))`"
)]
pub trait WithCallback<C, N> {
    /// Calls this at the turns of the run.
    fn callback(self, callback: C) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, N, O, C> WithCallback<C, N> for Box<Fit<'a, N, O>>
where
    N: Trainable,
    O: Optimizer,
    C: IntoCallback<N> + Send + 'a,
{
    fn callback(self, callback: C) -> Self {
        Fit::callback(*self, callback)
    }
}

/// [`Fit::validation`] with samples `T` in the training of `N`, whose own are `S`.
#[diagnostic::on_unimplemented(
    message = "`{N}` is trained and evaluated with `&{S}`, not with `{T}`: `{S} {{ <input>: batch, <output>: batch, ... }}`"
)]
pub trait WithValidation<T, N, S> {
    /// Evaluates these samples after every epoch.
    fn validation(self, samples: T) -> Self;
}

#[diagnostic::do_not_recommend]
impl<'a, N, O, T> WithValidation<T, N, N::Samples> for Box<Fit<'a, N, O>>
where
    N: Trainable,
    O: Optimizer,
    T: IntoSamples<'a, N, N::Samples>,
{
    fn validation(self, samples: T) -> Self {
        Fit::validation(*self, samples)
    }
}
