//! A tensor in parts along an axis.

use crate::kernels::elementwise::copy;
use crate::layers::check;
use crate::tensor::exact;
use crate::tensor::param::Store;

/// Parts of a tensor along an axis, as Keras's `ops.split`, the reverse of [`Concat`](super::concat::Concat): a sample of the
/// input is `outer` times a run for each result in turn, where a run is everything from the axis on.
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

    /// Computes the results from `x`.
    pub fn forward(&self, n: usize, x: &[f32], results: &mut [&mut [f32]]) {
        assert_eq!(results.len(), self.runs.len(), "as many results as the descriptor says");
        check("x", x, n, &[self.outer, self.run()]);
        let mut before = 0;
        for (result, run) in results.iter_mut().zip(self.runs) {
            check("a result", result, n, &[self.outer, *run]);
            copy::cut(before, self.run(), *run, x, result, Store::Set);
            before += run;
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
