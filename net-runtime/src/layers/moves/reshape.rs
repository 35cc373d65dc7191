//! Other shapes for the same values: nothing happens at run time.

/// All axes as one, in row-major order, as Keras's `Flatten`.
#[derive(Clone, Copy, Debug)]
pub struct Flatten;

/// The same values, which add a term to the loss, as Keras's `ActivityRegularization`: `Σ (l1 |x| + l2 x²)`, divided by the number of samples.
/// See [`regularizers`](crate::regularizers).
#[derive(Clone, Copy, Debug)]
pub struct ActivityRegularization;

/// Other axes for the same values in row-major order, as Keras's `Reshape`.
#[derive(Clone, Copy, Debug)]
pub struct Reshape;
