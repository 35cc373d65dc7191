//! What is made of which classes are taken for which.

use super::confusion::ConfusionMatrix;
use super::{Metric, row_length};
use crate::tensor::argmax::argmax;

/// Adds one-hot targets; with one element in a row, yes and no.
fn add_numbers(matrix: &mut ConfusionMatrix, threshold: f32, output: &[f32], target: &[f32], dims: &[usize]) {
    let length = row_length(dims);
    matrix.reserve(length.max(2));
    for (row, target) in output.chunks_exact(length).zip(target.chunks_exact(length)) {
        match (row, target) {
            ([y], [t]) => matrix.add(usize::from(*t != 0.0), usize::from(*y >= threshold)),
            _ => matrix.add(argmax(target), argmax(row)),
        }
    }
}

/// Adds class numbers, without the one that is ignored.
fn add_classes(matrix: &mut ConfusionMatrix, ignore: Option<u32>, output: &[f32], target: &[u32], dims: &[usize]) {
    let length = row_length(dims);
    matrix.reserve(length);
    for (row, &class) in output.chunks_exact(length).zip(target).filter(|(_, class)| Some(**class) != ignore) {
        matrix.add(class as usize, argmax(row));
    }
}

macro_rules! of_classes {
    (
        $(#[$doc:meta])* $metric:ident,
        $(#[$sparse_doc:meta])* $sparse:ident $({ $(#[$field_doc:meta])* $field:ident: $kind:ty })?,
        $name:literal, |$self:ident, $state:ident| $result:expr
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $metric {
            $($(#[$field_doc])* pub $field: $kind,)?
            /// With outputs of one element, from where on one is a yes.
            pub threshold: f32,
        }

        impl Metric for $metric {
            type Target = f32;
            type State = ConfusionMatrix;
            const NAME: &'static str = $name;

            fn update(&self, state: &mut ConfusionMatrix, output: &[f32], target: &[f32], dims: &[usize]) {
                add_numbers(state, self.threshold, output, target, dims);
            }

            fn result(&$self, $state: &ConfusionMatrix) -> f32 {
                $result as f32
            }

            fn reset(&self, state: &mut ConfusionMatrix) {
                state.reset();
            }
        }

        $(#[$sparse_doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $sparse {
            $($(#[$field_doc])* pub $field: $kind,)?
            /// A target that does not count.
            pub ignore: Option<u32>,
        }

        impl Metric for $sparse {
            type Target = u32;
            type State = ConfusionMatrix;
            const NAME: &'static str = $name;

            fn update(&self, state: &mut ConfusionMatrix, output: &[f32], target: &[u32], dims: &[usize]) {
                add_classes(state, self.ignore, output, target, dims);
            }

            fn result(&$self, $state: &ConfusionMatrix) -> f32 {
                $result as f32
            }

            fn reset(&self, state: &mut ConfusionMatrix) {
                state.reset();
            }
        }
    };
}

of_classes! {
    /// The mean over the chosen classes of what is both there and found over what is either, of all positions: Keras's `OneHotIoU`, and
    /// for outputs of one element its `BinaryIoU`. A class that is neither is left out.
    ///
    /// In `network!`: `Iou(classes, threshold = 0.5, ignore = none)`, the classes a number or a tuple; the example is at
    /// [classes](crate::metrics#classes).
    Iou,
    /// [`Iou`] for class numbers: Keras's `IoU` of the largest outputs.
    ///
    /// In `network!`: `Iou(classes, threshold = 0.5, ignore = none)`; the example is at [classes](crate::metrics#classes).
    SparseIou {
        /// The classes; with outputs of one element, 0 is no and 1 is yes.
        classes: &'static [usize]
    }, "iou", |self, state| state.mean_iou_of(self.classes.iter().copied())
}

of_classes! {
    /// The mean over classes of what is both there and found over what is either, of all positions: Keras's `OneHotMeanIoU`, and for
    /// outputs of one element its `BinaryIoU`. A class that is neither is left out.
    ///
    /// In `network!`: `MeanIou(threshold = 0.5, ignore = none)`; the example is at [classes](crate::metrics#classes).
    MeanIou,
    /// [`MeanIou`] for class numbers: Keras's `MeanIoU` of the largest outputs.
    ///
    /// In `network!`: `MeanIou(threshold = 0.5, ignore = none)`; the example is at [classes](crate::metrics#classes).
    SparseMeanIou, "mean_iou", |self, state| state.mean_iou()
}

of_classes! {
    /// Matthews's correlation coefficient of what is there and what is found; see [`ConfusionMatrix::mcc`].
    ///
    /// In `network!`: `Mcc(threshold = 0.5, ignore = none)`; the example is at [classes](crate::metrics#classes).
    Mcc,
    /// [`Mcc`] for class numbers.
    ///
    /// In `network!`: `Mcc(threshold = 0.5, ignore = none)`; the example is at [classes](crate::metrics#classes).
    SparseMcc, "mcc", |self, state| state.mcc()
}

impl Default for MeanIou {
    fn default() -> Self {
        Self { threshold: 0.5 }
    }
}

impl Default for Mcc {
    fn default() -> Self {
        Self { threshold: 0.5 }
    }
}
