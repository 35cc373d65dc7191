//! One step of a plain recurrent layer (Elman 1990): h ← f(sum), with any function whose derivative its result tells.
//!
//! The only column of a row is the sum, then the hidden state behind the step.

use super::cell::{Backward, Cell, Factor, Link, Source};
use crate::kernels::elementwise::activations;
use crate::kernels::simd::Isa;
use crate::tensor::activation::Activation;

/// A plain recurrent layer.
#[derive(Clone, Copy)]
pub(crate) struct Simple {
    pub activation: Activation,
}

impl Cell for Simple {
    const STATES: usize = 1;
    const GATES: usize = 1;
    const WORK: usize = 1;
    const KEPT: usize = 1;
    const PROJECTED: usize = 0;

    fn links(&self) -> &'static [Link] {
        &[Link { from: Source::Hidden, gates: (0, 1), to: 0, added: true }]
    }

    fn factors(&self) -> &'static [Factor] {
        &[Factor { columns: (0, 1), kernel: Some(0), recurrent: Some((0, Source::Hidden)) }]
    }

    fn forward(&self, _isa: Isa, _link: usize, row: &mut [f32], states: &mut [f32]) {
        activations::apply_part(self.activation, row);
        states.copy_from_slice(row);
    }

    fn backward(&self, _isa: Isa, _link: usize, at: Backward<'_>) {
        let Backward { row, upstream, carried, .. } = at;
        if let Some(upstream) = upstream {
            carried.iter_mut().zip(upstream).for_each(|(sum, upstream)| *sum += upstream);
        }
        activations::backward_over_part(self.activation, row, carried);
        carried.fill(0.0);
    }
}
