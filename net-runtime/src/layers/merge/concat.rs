//! Several tensors one after the other along an axis.

use crate::kernels::elementwise::copy;
use crate::layers::check;
use crate::layers::merge::OnColumns;
use crate::tensor::columns::Columns;
use crate::tensor::exact;
use crate::tensor::param::Store;

/// Tensors joined along an axis, as Keras's `Concatenate`: a sample of the output is `outer` times a run from each
/// input in turn, where a run is everything from the joined axis on.
///
/// # In `network!`
///
/// `Concat(axis = -1)` on two or more tensors, whose other axes are equal; the axis by number, or by name: `height`, `width`,
/// `channels` of an image, `steps`, `features` of a sequence. There are no weights, and mostly no copy: what is joined is computed
/// where it is joined.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Both(left: [8, 8, 3], right: [8, 8, 1]) -> (channels: [8, 8, 4], wide: [8, 16, 3], stacked: [2, 8, 8, 3]) {
///         let channels = (left, right) -> Concat;
///         let mirrored = left -> Reverse(width);
///         let wide = (left, mirrored) -> Concat(axis = width);
///         let stacked = (left, mirrored) -> Stack(axis = 0);
///     }
/// }
/// assert_eq!(Both::PARAMETERS, 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Concat {
    /// Product of the axes before the joined one.
    pub outer: usize,
    /// Per input, the product of its axes from the joined one on.
    pub runs: &'static [usize],
}

/// Tensors of one shape joined along an axis of their own, as Keras's `ops.stack`: they lie as [`Concat`] lays them, where a run is
/// everything behind the new axis.
///
/// In `network!`: `Stack(axis = -1)` on two or more tensors of one shape; the axis is that of the result. The example is at [`Concat`].
pub type Stack = Concat;

impl Concat {
    fn run(&self) -> usize {
        exact::sum(self.runs)
    }

    /// The same of inputs of which some are parts of larger tensors, with as many columns as a run has floats.
    #[doc(hidden)]
    pub fn on_columns(self, columns: &'static [Option<Columns>]) -> OnColumns<Self> {
        OnColumns { layer: self, columns }
    }

    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        self.on_columns(&[]).forward(n, inputs, y);
    }

    /// Computes the gradient by input `k`: its part of `dy`.
    pub fn backward_input(&self, n: usize, k: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        self.on_columns(&[]).backward_input(n, k, dy, dx, store);
    }
}

impl OnColumns<Concat> {
    /// The columns that an input is, also of one that is no part.
    fn columns_of(&self, k: usize) -> Columns {
        let run = self.layer.runs[k];
        let columns = self.columns(k).unwrap_or(Columns { start: 0, count: run, of: run });
        assert_eq!(columns.count, run, "a run of an input lies together");
        columns
    }

    /// As [`Concat::forward`]; of an input that is a part, the larger tensor is given.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        let Concat { outer, runs } = self.layer;
        assert_eq!(inputs.len(), runs.len(), "as many inputs as the descriptor says");
        for (k, input) in inputs.iter().enumerate() {
            check("input", input, n, &[outer, self.columns_of(k).of]);
        }
        check("y", y, n, &[outer, self.layer.run()]);
        copy::join(runs, inputs, self.columns, y);
    }

    /// As [`Concat::backward_input`]; for an input that is a part, `dx` is the gradient by the larger tensor.
    pub fn backward_input(&self, n: usize, k: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        let (Concat { outer, runs }, to) = (self.layer, self.columns_of(k));
        check("dy", dy, n, &[outer, self.layer.run()]);
        check("dx", dx, n, &[outer, to.of]);
        let from = Columns { start: runs[..k].iter().sum(), count: runs[k], of: self.layer.run() };
        copy::cut_into(from, dy, to, dx, store.into());
    }
}
