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
    ///
    /// In `network!`: `Mean(axis, keep = false)`, the axis by name or number, which goes away, or with `keep` is 1 long. There are
    /// no weights.
    ///
    /// ```
    /// use net_runtime::prelude::*;
    ///
    /// network! {
    ///     network Reduce(x: [2, 3]) -> (mean: [3], sum: [2], max: [2, 1], min: [3]) {
    ///         let mean = x -> Mean(steps);
    ///         let sum = x -> Sum(features);
    ///         let max = x -> Max(-1, keep = true);
    ///         let min = x -> Min(0);
    ///     }
    /// }
    /// let x = Batch::from_vec(vec![1.0, 2.0, 3.0, 3.0, 0.0, 9.0]).unwrap();
    /// let found = Reduce::new(1).predict(&x).unwrap();
    /// assert_eq!(found.mean.data(), [2.0, 1.0, 6.0]);
    /// assert_eq!(found.sum.data(), [6.0, 12.0]);
    /// assert_eq!(found.max.data(), [3.0, 9.0]);
    /// assert_eq!(found.min.data(), [1.0, 0.0, 3.0]);
    /// ```
    Mean
}

reduction! {
    /// The sum along an axis, as Keras's `ops.sum`.
    ///
    /// In `network!`: `Sum(axis, keep = false)`, as [`Mean`], where the example is. There are no weights.
    Sum
}

reduction! {
    /// The largest number along an axis, as Keras's `ops.max`; a NaN wins.
    ///
    /// In `network!`: `Max(axis, keep = false)`, as [`Mean`], where the example is. There are no weights.
    Max
}

reduction! {
    /// The smallest number along an axis, as Keras's `ops.min`; a NaN wins.
    ///
    /// In `network!`: `Min(axis, keep = false)`, as [`Mean`], where the example is. There are no weights.
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
