//! What a tensor is to every pass: its shape and what it holds.

/// Length of every axis of one sample, outermost first.
pub type Shape = Vec<usize>;

/// What a tensor holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Element {
    /// Numbers.
    F32,
    /// Classes or indices.
    U32,
}

/// What the losses and metrics of an output compare it with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Numbers, or classes.
    pub element: Element,
    /// Shape of one sample's target.
    pub shape: Shape,
}
