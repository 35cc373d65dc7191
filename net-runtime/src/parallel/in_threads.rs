//! Working in the thread pool for longer than one call.

use crate::parallel;

/// Does some work in the thread pool: `rayon`'s global one, entered once.
///
/// Each call of a network decides whether threads pay for it. From outside, entering the pool takes 20 to 65 microseconds,
/// so that small networks stay where they are called. Many calls one after the other, such as an evaluation or a training loop
/// of one's own, enter it once with this function; within, work of some 20 microseconds is divided. Results are the same to
/// the bit. [`Trainer::fit`](crate::training::Trainer::fit) does so by itself.
///
/// The work is done on a thread of the pool, for which the caller waits; who is in a pool already stays there, and nothing
/// is entered if the pool has one thread. To work in a pool of one's own, call its `install`.
///
/// ```
/// # fn main() -> Result<(), net_runtime::Error> {
/// use net_runtime::prelude::*;
///
/// network! {
///     network Digits(x: [64]) -> (class: [10]) {
///         let class = x -> Dense(128) -> relu -> Dense(10) -> softmax;
///     }
/// }
///
/// let (net, batch) = (Digits::new(1), Batch::zeros(256));
/// let mut workspace = DigitsWorkspace::new(256);
/// net_runtime::in_threads(|| -> Result<(), Error> {
///     for _ in 0..100 {
///         net.predict_into(&batch, &mut workspace)?;
///     }
///     Ok(())
/// })
/// # }
/// ```
pub fn in_threads<R: Send>(work: impl FnOnce() -> R + Send) -> R {
    parallel::enter(true, work)
}
