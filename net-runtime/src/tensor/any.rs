//! Samples whose shape is known elsewhere.

use super::batch::View;
use super::shape::Shape;
use crate::error::Error;

/// Samples of any shape, one after another.
#[derive(Clone, Copy, Debug)]
pub enum Tensor<'a> {
    /// Numbers.
    F32(&'a [f32]),
    /// Classes or indices.
    U32(&'a [u32]),
}

impl<'a> Tensor<'a> {
    /// The numbers.
    ///
    /// # Panics
    ///
    /// If it holds classes or indices.
    #[track_caller]
    pub fn numbers(self) -> &'a [f32] {
        match self {
            Self::F32(values) => values,
            Self::U32(_) => panic!("the operand holds whole numbers: ask for its `indices()`"),
        }
    }

    /// The classes or indices.
    ///
    /// # Panics
    ///
    /// If it holds numbers.
    #[track_caller]
    pub fn indices(self) -> &'a [u32] {
        match self {
            Self::U32(values) => values,
            Self::F32(_) => panic!("the operand holds numbers: ask for its `numbers()`"),
        }
    }

    /// The tensor of this index as samples of numbers.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] if there is none, or it is no whole number of such samples.
    pub fn f32<S: Shape>(tensors: &[Self], index: usize) -> Result<View<'a, S>, Error> {
        match tensors.get(index) {
            Some(Self::F32(values)) => View::from_slice(values),
            Some(Self::U32(_)) | None => Err(no_tensor(index, "f32")),
        }
    }

    /// The tensor of this index as samples of classes or indices.
    ///
    /// # Errors
    ///
    /// As for [`f32`](Self::f32).
    pub fn u32<S: Shape>(tensors: &[Self], index: usize) -> Result<View<'a, S, u32>, Error> {
        match tensors.get(index) {
            Some(Self::U32(values)) => View::from_slice(values),
            Some(Self::F32(_)) | None => Err(no_tensor(index, "u32")),
        }
    }
}

fn no_tensor(index: usize, element: &str) -> Error {
    Error::Shape {
        what: format!("input {} of the inner network", index + 1),
        expected: format!("`{element}` samples"),
        found: "none".into(),
    }
}
