//! Several tensors combined element by element, as Keras's merging layers; an axis of size 1 repeats.
//!
//! More than two inputs are combined from the left, as in Keras: `Maximum` of a, b and c is the maximum of c and the
//! maximum of a and b. The gradient by an input is summed over the axes along which it was repeated.

use crate::kernels::elementwise::broadcast::Shapes;
use crate::layers::check;
use crate::layers::merge::OnColumns;
use crate::tensor::columns::Columns;
use crate::tensor::param::Write;

/// Declares a merging layer, and what all of them share. Its gradient is computed from the output's alone, or from the `inputs`, too.
macro_rules! merge {
    ($(#[$doc:meta])* $name:ident $(, $inputs:ident)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            /// Shapes of the inputs, all of the output's rank.
            pub inputs: &'static [&'static [usize]],
            /// Shape of the output: on every axis the longest of the inputs.
            pub output: &'static [usize],
        }

        impl $name {
            /// The same of inputs of which some are parts of larger tensors: these are given, and their gradients. Results are the same to
            /// the bit.
            #[doc(hidden)]
            pub fn on_columns(self, columns: &'static [Option<Columns>]) -> OnColumns<Self> {
                OnColumns { layer: self, columns }
            }

            /// Computes `y` from the inputs.
            pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
                self.on_columns(&[]).forward(n, inputs, y);
            }

            /// Computes the gradient by input `k`.
            pub fn backward_input(
                &self,
                n: usize,
                k: usize,
                $($inputs: &[&[f32]],)?
                dy: &[f32],
                dx: &mut [f32],
                write: Write,
            ) {
                self.on_columns(&[]).backward_input(n, k, $($inputs,)? dy, dx, write);
            }
        }

        impl OnColumns<$name> {
            fn shapes(&self) -> Shapes {
                Shapes { inputs: self.layer.inputs, output: self.layer.output, columns: self.columns }
            }

            fn check_inputs(&self, n: usize, inputs: &[&[f32]]) {
                let dims = self.layer.inputs;
                assert_eq!(inputs.len(), dims.len(), "as many inputs as the descriptor says");
                inputs.iter().enumerate().for_each(|(k, input)| self.check_operand("input", n, k, input, dims[k]));
            }

            fn check_gradients(&self, n: usize, k: usize, dy: &[f32], dx: &[f32]) {
                check("dy", dy, n, self.layer.output);
                self.check_operand("dx", n, k, dx, self.layer.inputs[k]);
            }
        }
    };
}

merge! {
    /// y = a + b + …
    ///
    /// In `network!`: `Add` on two or more tensors, `(a, b) -> Add`. Axes of length 1 are repeated; the others have to be equal.
    /// There are no weights.
    ///
    /// ```
    /// use net_runtime::prelude::*;
    ///
    /// network! {
    ///     network Merge(a: [2], b: [2]) -> (sum: [2], difference: [2], product: [2], mean: [2], both: [4]) {
    ///         let sum = (a, b) -> Add;
    ///         let difference = (a, b) -> Sub;
    ///         let product = (a, b) -> Mul;
    ///         let mean = (a, b) -> Average;
    ///         let both = ((a, b) -> Maximum, (a, b) -> Minimum) -> Concat;
    ///     }
    /// }
    /// let (a, b) = (Batch::from_vec(vec![1.0, 6.0]).unwrap(), Batch::from_vec(vec![3.0, 2.0]).unwrap());
    /// let found = Merge::new(1).predict(MergeInputs { a: a.view(), b: b.view() }).unwrap();
    /// assert_eq!(found.sum.data(), [4.0, 8.0]);
    /// assert_eq!(found.difference.data(), [-2.0, 4.0]);
    /// assert_eq!(found.product.data(), [3.0, 12.0]);
    /// assert_eq!(found.mean.data(), [2.0, 4.0]);
    /// assert_eq!(found.both.data(), [3.0, 6.0, 1.0, 2.0]);
    /// ```
    Add
}

impl OnColumns<Add> {
    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        self.check_inputs(n, inputs);
        check("y", y, n, self.layer.output);
        self.shapes().fold(inputs, y, |a, b| a + b, |y| y);
    }

    /// Computes the gradient by input `k`: that of the output.
    pub fn backward_input(&self, n: usize, k: usize, dy: &[f32], dx: &mut [f32], write: Write) {
        self.check_gradients(n, k, dy, dx);
        self.shapes().linear_backward(k, 1.0, dy, dx, write);
    }
}

merge! {
    /// y = a − b, of exactly two inputs.
    ///
    /// In `network!`: `Sub` on two tensors, `(a, b) -> Sub`. Axes of length 1 are repeated; the others have to be equal. There are
    /// no weights. The example is at [`Add`].
    Sub
}

impl OnColumns<Sub> {
    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        self.check_inputs(n, inputs);
        check("y", y, n, self.layer.output);
        self.shapes().fold(inputs, y, |a, b| a - b, |y| y);
    }

    /// Computes the gradient by input `k`: that of the output, negated for the second input.
    pub fn backward_input(&self, n: usize, k: usize, dy: &[f32], dx: &mut [f32], write: Write) {
        self.check_gradients(n, k, dy, dx);
        self.shapes().linear_backward(k, if k == 0 { 1.0 } else { -1.0 }, dy, dx, write);
    }
}

merge! {
    /// y = a · b · …
    ///
    /// In `network!`: `Mul` on two or more tensors, `(a, b) -> Mul`. Axes of length 1 are repeated; the others have to be equal. There are
    /// no weights. The example is at [`Add`].
    Mul, inputs
}

impl OnColumns<Mul> {
    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        self.check_inputs(n, inputs);
        check("y", y, n, self.layer.output);
        self.shapes().fold(inputs, y, |a, b| a * b, |y| y);
    }

    /// Computes the gradient by input `k`: that of the output times the other inputs.
    pub fn backward_input(&self, n: usize, k: usize, inputs: &[&[f32]], dy: &[f32], dx: &mut [f32], write: Write) {
        self.check_inputs(n, inputs);
        self.check_gradients(n, k, dy, dx);
        self.shapes().product_backward(k, inputs, dy, dx, write);
    }
}

merge! {
    /// y = (a + b + …) / number of inputs
    ///
    /// In `network!`: `Average` on two or more tensors, `(a, b) -> Average`. Axes of length 1 are repeated; the others have to be
    /// equal. There are no weights. The example is at [`Add`].
    Average
}

impl OnColumns<Average> {
    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        self.check_inputs(n, inputs);
        check("y", y, n, self.layer.output);
        let count = self.layer.inputs.len() as f32;
        self.shapes().fold(inputs, y, |a, b| a + b, |y| y / count);
    }

    /// Computes the gradient by input `k`: that of the output, divided by the number of inputs.
    pub fn backward_input(&self, n: usize, k: usize, dy: &[f32], dx: &mut [f32], write: Write) {
        self.check_gradients(n, k, dy, dx);
        self.shapes().linear_backward(k, 1.0 / self.layer.inputs.len() as f32, dy, dx, write);
    }
}

merge! {
    /// y = max(a, b, …); a NaN wins.
    ///
    /// In `network!`: `Maximum` on two or more tensors, `(a, b) -> Maximum`. Axes of length 1 are repeated; the others have to be
    /// equal. There are no weights. The example is at [`Add`].
    Maximum, inputs
}

impl OnColumns<Maximum> {
    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        self.check_inputs(n, inputs);
        check("y", y, n, self.layer.output);
        self.shapes().fold(inputs, y, |a, b| if a >= b || a.is_nan() { a } else { b }, |y| y);
    }

    /// Computes the gradient by input `k`: that of the output where the input is the largest; of two equal values the
    /// first gets it, as in TensorFlow.
    pub fn backward_input(&self, n: usize, k: usize, inputs: &[&[f32]], dy: &[f32], dx: &mut [f32], write: Write) {
        self.check_inputs(n, inputs);
        self.check_gradients(n, k, dy, dx);
        self.shapes().choice_backward(k, inputs, (dy, dx, write), |a, b| a >= b);
    }
}

merge! {
    /// y = min(a, b, …); a NaN wins.
    ///
    /// In `network!`: `Minimum` on two or more tensors, `(a, b) -> Minimum`. Axes of length 1 are repeated; the others have to be
    /// equal. There are no weights. The example is at [`Add`].
    Minimum, inputs
}

impl OnColumns<Minimum> {
    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        self.check_inputs(n, inputs);
        check("y", y, n, self.layer.output);
        self.shapes().fold(inputs, y, |a, b| if a <= b || a.is_nan() { a } else { b }, |y| y);
    }

    /// Computes the gradient by input `k`: that of the output where the input is the smallest; of two equal values the
    /// first gets it, as in TensorFlow.
    pub fn backward_input(&self, n: usize, k: usize, inputs: &[&[f32]], dy: &[f32], dx: &mut [f32], write: Write) {
        self.check_inputs(n, inputs);
        self.check_gradients(n, k, dy, dx);
        self.shapes().choice_backward(k, inputs, (dy, dx, write), |a, b| a <= b);
    }
}
