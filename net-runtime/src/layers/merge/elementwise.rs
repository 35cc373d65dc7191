//! Several tensors combined element by element, as Keras's merging layers; an axis of size 1 repeats.
//!
//! More than two inputs are combined from the left, as in Keras: `Maximum` of a, b and c is the maximum of c and the
//! maximum of a and b. The gradient by an input is summed over the axes along which it was repeated.

use crate::kernels::elementwise::broadcast::Shapes;
use crate::layers::check;
use crate::tensor::param::Write;

/// Declares a merging layer, and what all of them share.
macro_rules! merge {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            /// Shapes of the inputs, all of the output's rank.
            pub inputs: &'static [&'static [usize]],
            /// Shape of the output: on every axis the longest of the inputs.
            pub output: &'static [usize],
        }

        impl $name {
            fn shapes(&self) -> Shapes {
                Shapes { inputs: self.inputs, output: self.output }
            }

            fn check_inputs(&self, n: usize, inputs: &[&[f32]]) {
                assert_eq!(inputs.len(), self.inputs.len(), "as many inputs as the descriptor says");
                inputs.iter().zip(self.inputs).for_each(|(input, dims)| check("input", input, n, dims));
            }

            fn check_gradients(&self, n: usize, k: usize, dy: &[f32], dx: &[f32]) {
                check("dy", dy, n, self.output);
                check("dx", dx, n, self.inputs[k]);
            }
        }
    };
}

merge! {
    /// y = a + b + …
    Add
}

impl Add {
    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        self.check_inputs(n, inputs);
        check("y", y, n, self.output);
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
    Sub
}

impl Sub {
    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        self.check_inputs(n, inputs);
        check("y", y, n, self.output);
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
    Mul
}

impl Mul {
    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        self.check_inputs(n, inputs);
        check("y", y, n, self.output);
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
    Average
}

impl Average {
    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        self.check_inputs(n, inputs);
        check("y", y, n, self.output);
        let count = self.inputs.len() as f32;
        self.shapes().fold(inputs, y, |a, b| a + b, |y| y / count);
    }

    /// Computes the gradient by input `k`: that of the output, divided by the number of inputs.
    pub fn backward_input(&self, n: usize, k: usize, dy: &[f32], dx: &mut [f32], write: Write) {
        self.check_gradients(n, k, dy, dx);
        self.shapes().linear_backward(k, 1.0 / self.inputs.len() as f32, dy, dx, write);
    }
}

merge! {
    /// y = max(a, b, …); a NaN wins.
    Maximum
}

impl Maximum {
    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        self.check_inputs(n, inputs);
        check("y", y, n, self.output);
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
    Minimum
}

impl Minimum {
    /// Computes `y` from the inputs.
    pub fn forward(&self, n: usize, inputs: &[&[f32]], y: &mut [f32]) {
        self.check_inputs(n, inputs);
        check("y", y, n, self.output);
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
