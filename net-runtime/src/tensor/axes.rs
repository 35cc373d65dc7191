//! How many axes an `ndarray` array of samples has: those of its shape, and before them that of the samples.

use ndarray::{Ix1, Ix2, Ix3, Ix4, Ix5, Ix6, IxDyn};

use super::shape::{Shape, Shape0, Shape1, Shape2, Shape3, Shape4, Shape5};

/// That arrays of such dimensions can be samples of a shape. Of [`IxDyn`] it is known when the program runs.
#[diagnostic::on_unimplemented(
    message = "an array of dimensions `{Self}` cannot hold samples of `{S}`: it has too few axes, or too many",
    label = "not the axes of `{S}` behind that of the samples",
    note = "the first axis counts the samples; for a single one: `let sample = array.insert_axis(Axis(0));`"
)]
pub trait AxesOf<S> {}

impl<S: Shape> AxesOf<S> for IxDyn {}
impl AxesOf<Shape0> for Ix1 {}
impl<const A: usize> AxesOf<Shape1<A>> for Ix2 {}
impl<const A: usize, const B: usize> AxesOf<Shape2<A, B>> for Ix3 {}
impl<const A: usize, const B: usize, const C: usize> AxesOf<Shape3<A, B, C>> for Ix4 {}
impl<const A: usize, const B: usize, const C: usize, const D: usize> AxesOf<Shape4<A, B, C, D>> for Ix5 {}
impl<const A: usize, const B: usize, const C: usize, const D: usize, const E: usize> AxesOf<Shape5<A, B, C, D, E>>
    for Ix6
{
}
