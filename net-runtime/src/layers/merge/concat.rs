//! Several tensors one after the other along an axis.

use crate::kernels::elementwise::copy;
use crate::layers::check;
use crate::tensor::exact;
use crate::tensor::param::Store;

/// Tensors joined along an axis, as Keras's `Concatenate`: a sample of the output is `outer` times a run from each
/// input in turn, where a run is everything from the joined axis on.
#[derive(Clone, Copy, Debug)]
pub struct Concat {
    /// Product of the axes before the joined one.
    pub outer: usize,
    /// Per input, the product of its axes from the joined one on.
    pub runs: &'static [usize],
}

impl Concat {
    fn run(&self) -> usize {
        exact::sum(self.runs)
    }

    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        assert_eq!(inputs.len(), self.runs.len(), "as many inputs as the descriptor says");
        for (input, run) in inputs.iter().zip(self.runs) {
            check("input", input, n, &[self.outer, *run]);
        }
        check("y", y, n, &[self.outer, self.run()]);
        copy::join(self.runs, inputs, y);
    }

    /// Computes the gradient by input `k`: its part of `dy`.
    pub fn backward_input(&self, n: usize, k: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        check("dy", dy, n, &[self.outer, self.run()]);
        check("dx", dx, n, &[self.outer, self.runs[k]]);
        let before = self.runs[..k].iter().sum();
        copy::cut(before, self.run(), self.runs[k], dy, dx, store.into());
    }
}
