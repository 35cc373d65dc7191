//! A tensor in parts along an axis.

use crate::kernels::elementwise::copy;
use crate::layers::check;
use crate::tensor::columns::Columns;
use crate::tensor::exact;
use crate::tensor::param::Store;

/// Parts of a tensor along an axis, as Keras's `ops.split`, the reverse of [`Concat`](super::concat::Concat): a sample of the
/// input is `outer` times a run for each result in turn, where a run is everything from the axis on.
///
/// # In `network!`
///
/// `Split(sections, axis = -1)`: so many equal parts, or parts of these lengths, `(3, 5)`; its results are as many values. There
/// are no weights, and no copy where the layer behind reads a part where it lies.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Parts(x: [10, 8]) -> (left: [10, 4], middle: [10, 5]) {
///         let (left, _) = x -> Split(2);
///         let (_, middle, _) = x -> Split((1, 5, 2));
///     }
/// }
/// assert_eq!(Parts::PARAMETERS, 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Split {
    /// Product of the axes before the one that is cut.
    pub outer: usize,
    /// Per result, the product of its axes from that one on.
    pub runs: &'static [usize],
}

impl Split {
    fn run(&self) -> usize {
        exact::sum(self.runs)
    }

    /// The columns of the input that a result is.
    fn columns(&self, index: usize) -> Columns {
        Columns { start: self.runs[..index].iter().sum(), count: self.runs[index], of: self.run() }
    }

    /// Computes the results from `x`.
    pub fn forward(&self, n: usize, x: &[f32], results: &mut [&mut [f32]]) {
        assert_eq!(results.len(), self.runs.len(), "as many results as the descriptor says");
        check("x", x, n, &[self.outer, self.run()]);
        for (index, (result, run)) in results.iter_mut().zip(self.runs).enumerate() {
            check("a result", result, n, &[self.outer, *run]);
            copy::cut(self.columns(index), x, result, Store::Set);
        }
    }

    /// Where the results were left where they lie in the input, and so were the gradients by them: makes zeros of those that were not
    /// `given`.
    pub fn finish_gradient(&self, n: usize, given: &[bool], dx: &mut [f32]) {
        assert_eq!(given.len(), self.runs.len(), "as many results as the descriptor says");
        check("dx", dx, n, &[self.outer, self.run()]);
        for (index, _) in given.iter().enumerate().filter(|(_, given)| !**given) {
            copy::clear(self.columns(index), dx);
        }
    }

    /// Computes the gradient by the input from those by the results, where `None` is zero.
    pub fn backward_input(&self, n: usize, dy: &[Option<&[f32]>], dx: &mut [f32], store: impl Into<Store>) {
        assert_eq!(dy.len(), self.runs.len(), "as many results as the descriptor says");
        for (dy, run) in dy.iter().zip(self.runs) {
            dy.iter().for_each(|dy| check("dy", dy, n, &[self.outer, *run]));
        }
        check("dx", dx, n, &[self.outer, self.run()]);
        copy::join_gradients(self.runs, dy, dx, store.into());
    }
}
