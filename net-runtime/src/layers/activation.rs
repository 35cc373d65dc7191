//! A function of one element as a layer.

use crate::kernels::elementwise::activations;
use crate::tensor::activation::Activation;
use crate::tensor::columns::Columns;
use crate::tensor::param::Store;

/// What becomes of what a layer has computed on its way to memory.
#[derive(Clone, Copy, Debug)]
pub struct Finish {
    /// Whether it is added to what lies there.
    pub adds: bool,
    /// The function of that.
    pub activation: Activation,
}

impl From<Activation> for Finish {
    fn from(activation: Activation) -> Self {
        Self { adds: false, activation }
    }
}

/// A function of one element, of a part of a larger tensor. Results are those of [`Activation`], to the bit.
#[derive(Clone, Copy, Debug)]
pub struct ActivationOnColumns {
    /// The function.
    pub activation: Activation,
    /// Where its operand lies.
    pub columns: Columns,
}

impl ActivationOnColumns {
    /// As [`Activation::forward`]; `x` is the larger tensor.
    pub fn forward(self, x: &[f32], y: &mut [f32]) {
        self.columns.check("x", x, y.len());
        activations::forward_of(self.columns, self.activation, x, y);
    }

    /// As [`Activation::backward_input`]; `dx` is the gradient of the larger tensor, and `of`, if it is the input, the larger tensor.
    pub fn backward_input(self, of: &[f32], dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        self.columns.check("dx", dx, dy.len());
        let length = if self.activation.derivative_from_input() { dx.len() } else { dy.len() };
        assert_eq!(of.len(), length, "an activation's input, output and gradients are as long");
        activations::backward_of(self.columns, self.activation, of, dy, dx, store.into());
    }
}

impl Activation {
    /// The same function of a part of a larger tensor.
    #[doc(hidden)]
    pub fn on_columns(self, columns: Columns) -> ActivationOnColumns {
        ActivationOnColumns { activation: self, columns }
    }

    /// The function of the sum of a layer's result and what lies where that goes.
    #[doc(hidden)]
    pub const fn of_sum(self) -> Finish {
        Finish { adds: true, activation: self }
    }

    /// Whether its derivative is computed from the input; else it is from the output. The compiler's table of layers says
    /// the same (`Derivative::FromOperand`), and hands over one of them alone.
    pub const fn derivative_from_input(self) -> bool {
        matches!(
            self,
            Self::Gelu { .. }
                | Self::Silu
                | Self::HardSilu
                | Self::Mish
                | Self::TanhShrink
                | Self::Threshold { .. }
                | Self::Clip { .. }
                | Self::Log
                | Self::Square
                | Self::Abs
        )
    }

    /// `y = f(y)`
    pub fn apply(self, y: &mut [f32]) {
        if self != Self::Linear {
            activations::apply(self, y);
        }
    }

    /// `y = f(x)`
    ///
    /// # Panics
    ///
    /// If the lengths differ; here and below.
    pub fn forward(self, x: &[f32], y: &mut [f32]) {
        assert_eq!(x.len(), y.len(), "an activation's output is as long as its input");
        activations::forward(self, x, y);
    }

    /// From the output alone: `dy`, the gradient after the activation, becomes the gradient before it.
    ///
    /// # Panics
    ///
    /// For those whose derivative is [computed from the input](Self::derivative_from_input).
    pub fn backward_in_place(self, y: &[f32], dy: &mut [f32]) {
        assert_eq!(y.len(), dy.len(), "an activation's gradient is as long as its output");
        match self {
            Self::Linear => {}
            _ if self.derivative_from_input() => panic!("the derivative of {self:?} needs the input"),
            _ => activations::backward_in_place(self, y, dy),
        }
    }

    /// `dx = f'(x) · dy`, or added to it, from the input where that [is needed](Self::derivative_from_input), else from
    /// the output.
    pub fn backward_input(self, of: &[f32], dy: &[f32], dx: &mut [f32], store: impl Into<Store>) {
        assert!([of.len(), dy.len()] == [dx.len(); 2], "an activation's input, output and gradients are as long");
        activations::backward(self, of, dy, dx, store.into());
    }
}
