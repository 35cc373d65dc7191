//! Other shapes for the same values: nothing happens at run time.

/// All axes as one, in row-major order, as Keras's `Flatten`.
///
/// # In `network!`
///
/// `Flatten` on any shape. Nothing is computed.
///
/// ```
/// use net_runtime::prelude::*;
///
/// network! {
///     network Shapes(image: [8, 6, 3]) -> (flat: [144], rows: [48, 3], sparse: [144]) {
///         let flat = image -> Flatten;
///         let rows = image -> Reshape(-1, 3);
///         let sparse = flat -> ActivityRegularization(l1 = 0.001);
///     }
/// }
/// assert_eq!(Shapes::PARAMETERS, 0);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Flatten;

/// The same values, which add a term to the loss, as Keras's `ActivityRegularization`: `Σ (l1 |x| + l2 x²)`, divided by the number
/// of samples. See [`regularizers`](crate::regularizers).
///
/// In `network!`: `ActivityRegularization(l1 = 0.0, l2 = 0.0)` on any shape, which stays. The example is at [`Flatten`].
#[derive(Clone, Copy, Debug)]
pub struct ActivityRegularization;

/// Other axes for the same values in row-major order, as Keras's `Reshape`.
///
/// In `network!`: `Reshape(dims...)`, the lengths, of which one may be -1: what is left. Nothing is computed. The example is at
/// [`Flatten`].
#[derive(Clone, Copy, Debug)]
pub struct Reshape;
