//! What happens to a part of a matrix product while it is still in the cache.

use std::ops::Range;

use crate::kernels::elementwise::activations::apply_part;
use crate::kernels::elementwise::quick::Quick;
use crate::kernels::simd::Simd;
use crate::tensor::activation::Activation;
use crate::tensor::param::Store;

/// Adds a bias to each row and applies an activation.
#[derive(Clone, Copy)]
pub(crate) struct Epilogue<'a> {
    pub bias: Option<&'a [f32]>,
    pub activation: Activation,
}

impl Epilogue<'_> {
    /// Nothing to do.
    pub const NONE: Epilogue<'static> = Epilogue { bias: None, activation: Activation::Linear };

    /// Whether there is nothing to do.
    pub fn is_nothing(self) -> bool {
        self.bias.is_none() && self.activation == Activation::Linear
    }

    /// The activation, if registers are put through it on the way to memory.
    pub fn quick(self) -> Quick {
        Quick::of(self.activation).unwrap_or_default()
    }

    /// The activation that comes later, if it is none of those.
    pub fn slow(self) -> Activation {
        if Quick::of(self.activation).is_some() { Activation::Linear } else { self.activation }
    }

    /// Works on a part of a row, the columns `columns` of the whole.
    pub fn apply(self, columns: Range<usize>, row: &mut [f32]) {
        if let Some(bias) = self.bias {
            row.iter_mut().zip(&bias[columns]).for_each(|(value, bias)| *value += bias);
        }
        apply_part(self.activation, row);
    }

    /// Works on whole rows.
    pub fn apply_rows(self, rows: &mut [f32]) {
        if let Some(bias) = self.bias {
            for row in rows.chunks_exact_mut(bias.len()) {
                row.iter_mut().zip(bias).for_each(|(value, bias)| *value += bias);
            }
        }
        apply_part(self.activation, rows);
    }
}

/// A value with its bias, and the ReLU behind it; other activations come later.
#[inline(always)]
pub(crate) unsafe fn finished<S: Simd>(value: S::Vector, epilogue: &Epilogue<'_>, filter: usize) -> S::Vector {
    // SAFETY: the caller has the instruction set, and a bias for every filter, if there is one; nothing is read of a place that is set.
    unsafe { finished_at::<S>(value, (std::ptr::null(), Store::Set), epilogue, filter) }
}

/// The same of a value that is written to a place as `write` says.
#[inline(always)]
pub(crate) unsafe fn finished_at<S: Simd>(
    mut value: S::Vector,
    (place, write): (*const f32, Store),
    epilogue: &Epilogue<'_>,
    filter: usize,
) -> S::Vector {
    // SAFETY: the caller has the instruction set, a bias for every filter, if there is one, and what lies at the place.
    unsafe {
        if let Some(bias) = epilogue.bias {
            value = S::add(value, S::load(bias.as_ptr().add(filter)));
        }
        match write {
            Store::Set => {}
            Store::Add => value = S::add(value, S::load(place)),
            Store::Mask => value = S::where_positive(S::load(place), value),
        }
        if epilogue.activation == Activation::Relu { S::relu(value) } else { value }
    }
}
