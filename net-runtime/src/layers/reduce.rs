//! One number for all places of an axis.

use super::check;
use crate::kernels::reduce::places as kernel;
use crate::tensor::exact::product;
use crate::tensor::param::{Store, Write};

/// The fields of a reduction, and what it checks.
macro_rules! reduction {
    ($(#[$documentation:meta])* $Name:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Copy, Debug)]
        pub struct $Name {
            /// Product of the axes before the one that is reduced.
            pub outer: usize,
            /// Length of that axis.
            pub len: usize,
            /// Product of the axes behind it.
            pub inner: usize,
        }

        impl $Name {
            #[track_caller]
            fn check(&self, n: usize, [x, y]: [(&str, &[f32]); 2]) {
                let _ = product(&[self.len, self.inner]);
                check(x.0, x.1, n, &[self.outer, self.len, self.inner]);
                check(y.0, y.1, n, &[self.outer, self.inner]);
            }
        }
    };
}

reduction! {
    /// The mean along an axis, as Keras's `ops.mean`.
    Mean
}

reduction! {
    /// The sum along an axis, as Keras's `ops.sum`.
    Sum
}

reduction! {
    /// The largest number along an axis, as Keras's `ops.max`; a NaN wins.
    Max
}

reduction! {
    /// The smallest number along an axis, as Keras's `ops.min`; a NaN wins.
    Min
}

impl Mean {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        self.check(n, [("x", x), ("y", y)]);
        kernel::avg_forward(self.len, self.inner, x, y);
    }

    /// Computes the gradient by the input: each place has an equal share.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        self.check(n, [("dx", dx), ("dy", dy)]);
        kernel::avg_backward(self.len, self.inner, dy, dx, store.into());
    }
}

impl Sum {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        self.check(n, [("x", x), ("y", y)]);
        kernel::sum_forward(self.len, self.inner, x, y);
    }

    /// Computes the gradient by the input: each place has all of it.
    pub fn backward_input(&self, n: usize, dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        self.check(n, [("dx", dx), ("dy", dy)]);
        kernel::sum_backward(self.len, self.inner, dy, dx, store.into());
    }
}

impl Max {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        self.check(n, [("x", x), ("y", y)]);
        kernel::max_forward(self.len, self.inner, x, y);
    }

    /// Computes the gradient by the input: equal numbers share it equally, as in TensorFlow's `reduce_max`.
    pub fn backward_input(&self, n: usize, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
        self.check(n, [("x", x), ("y", y)]);
        self.check(n, [("dx", dx), ("dy", dy)]);
        kernel::extreme_backward((self.len, self.inner), x, y, dy, dx, write);
    }
}

impl Min {
    /// Computes `y` from `x`.
    pub fn forward(&self, n: usize, x: &[f32], y: &mut [f32]) {
        self.check(n, [("x", x), ("y", y)]);
        kernel::min_forward(self.len, self.inner, x, y);
    }

    /// Computes the gradient by the input: equal numbers share it equally, as in TensorFlow's `reduce_min`.
    pub fn backward_input(&self, n: usize, x: &[f32], y: &[f32], dy: &[f32], dx: &mut [f32], write: Write) {
        self.check(n, [("x", x), ("y", y)]);
        self.check(n, [("dx", dx), ("dy", dy)]);
        kernel::extreme_backward((self.len, self.inner), x, y, dy, dx, write);
    }
}
