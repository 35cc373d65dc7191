//! That two types are one.

/// That a shape or an element is the one that is given. Every type is itself and no other, so this says nothing that a
/// type would not say, but for the message of the compiler when it is not so.
#[diagnostic::on_unimplemented(
    message = "the network takes samples of `{Self}`, but these are of `{Given}`",
    label = "not of `{Self}`"
)]
pub trait Is<Given>: Sized {
    /// What is given, as what it is.
    fn same(given: &[Given]) -> &[Self];
}

impl<T> Is<T> for T {
    fn same(given: &[T]) -> &[T] {
        given
    }
}
