//! The gradient by what a normalization has made, from the one behind an activation: what went into that is computed again, so that
//! neither it nor the gradient is ever a tensor; in registers if the activation is made of straight lines, else a part at a time.

use std::ops::Range;

use super::normalize::normalize;
use crate::kernels::elementwise::activations::backward_over_part;
use crate::kernels::elementwise::pieces::Pieces;
use crate::kernels::simd::Isa;
use crate::tensor::activation::Activation;

/// What stands behind a normalization.
#[derive(Clone, Copy)]
pub(super) struct Behind<'a> {
    /// Not linear.
    pub activation: Activation,
    /// With which the normalization was computed: mean, scale and shift of each element of a row.
    pub factors: [&'a [f32]; 3],
}

/// What went into a normalization, and the gradient behind it.
#[derive(Clone, Copy)]
pub(super) struct Upstream<'a> {
    pub x: &'a [f32],
    pub dy: &'a [f32],
    /// What stands between the two, if anything does.
    pub behind: Option<Behind<'a>>,
}

/// What a loop applies to a gradient: the derivative by `(x − mean) · scale + shift`, with both factors.
pub(super) type InRegisters<'a> = Option<(Pieces, [&'a [f32]; 2])>;

/// Floats of a part, which stays in the nearest cache.
const PART: usize = 1024;

impl<'a> Behind<'a> {
    /// What loops over these columns apply in registers, if they do.
    fn in_registers(&self, columns: Range<usize>) -> InRegisters<'a> {
        let [_, scale, shift] = self.factors.map(|factors| &factors[columns.clone()]);
        Some((Pieces::of(self.activation)?, [scale, shift]))
    }

    /// Writes the gradient before the activation for rows of these columns that begin at an element.
    pub fn gradient(&self, isa: Isa, upstream: &Upstream<'_>, first: usize, columns: Range<usize>, part: &mut [f32]) {
        let range = first..first + part.len();
        let factors = self.factors.map(|factors| &factors[columns.clone()]);
        let before = if self.activation.derivative_from_input() { Activation::Linear } else { self.activation };
        // SAFETY: `part` is as long as its `x`, the factors are as long as each other; the instruction set comes from the caller.
        unsafe { normalize(isa, &upstream.x[range.clone()], factors, before, part) };
        backward_over_part(self.activation, part, &upstream.dy[range]);
    }
}

impl<'a> Upstream<'a> {
    /// What loops over these columns apply to `dy` in registers, or what makes them another gradient first.
    pub fn applied(&self, columns: Range<usize>) -> Result<InRegisters<'a>, Behind<'a>> {
        match self.behind {
            None => Ok(None),
            Some(behind) => behind.in_registers(columns).map(Some).ok_or(behind),
        }
    }

    /// Calls `work(part, columns, x, dy, what is applied to dy)` for parts of neighbouring rows of `wide` elements, `values`, of which the
    /// first begins at an element.
    pub fn for_each_part(
        &self,
        isa: Isa,
        (first, wide): (usize, usize),
        values: &mut [f32],
        work: impl Fn(&mut [f32], Range<usize>, (&[f32], &[f32]), InRegisters<'_>),
    ) {
        let behind = match self.applied(0..wide) {
            Err(behind) => behind,
            Ok(applied) => {
                let range = first..first + values.len();
                return work(values, 0..wide, (&self.x[range.clone()], &self.dy[range]), applied);
            }
        };
        let mut gradient = [0.0; PART];
        // Whole rows, or parts of a row.
        let (rows, columns) = if wide <= PART { (PART / wide * wide, wide) } else { (wide, PART) };
        for (index, rows_of) in values.chunks_mut(rows).enumerate() {
            let parts = if wide <= PART { rows_of.len().max(1) } else { columns };
            for (part, values) in rows_of.chunks_mut(parts).enumerate() {
                let column = part * columns;
                let at = first + index * rows + column;
                let of = column..wide.min(column + columns);
                let gradient = &mut gradient[..values.len()];
                behind.gradient(isa, self, at, of.clone(), gradient);
                let x = &self.x[at..at + values.len()];
                work(values, of, (x, gradient), None);
            }
        }
    }
}
