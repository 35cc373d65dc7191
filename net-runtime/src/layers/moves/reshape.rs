//! Other shapes for the same values: nothing happens at run time.

/// All axes as one, in row-major order, as Keras's `Flatten`.
#[derive(Clone, Copy, Debug)]
pub struct Flatten;

/// Other axes for the same values in row-major order, as Keras's `Reshape`.
#[derive(Clone, Copy, Debug)]
pub struct Reshape;
