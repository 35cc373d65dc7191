//! The way of a pass into the thread pool.

use super::traits::Network;
use crate::error::Error;
use crate::parallel;

/// Runs a pass of a network over so many samples, which takes so many times as long as a forward pass: in the thread pool,
/// entered once for all layers, if the network is so large that threads pay, else on the calling thread.
///
/// # Errors
///
/// Those of the pass.
pub fn pass<N: Network>(
    times: usize,
    samples: usize,
    pass: impl FnOnce() -> Result<(), Error> + Send,
) -> Result<(), Error> {
    parallel::whole(cost::<N>(samples).saturating_mul(times), pass)
}

/// How long a forward pass over so many samples takes, in multiply-adds: for few samples it is the weights that are read.
pub(crate) fn cost<N: Network>(samples: usize) -> usize {
    let multiply_adds = usize::try_from(N::INFO.multiply_adds).unwrap_or(usize::MAX);
    multiply_adds.saturating_mul(samples).max(N::INFO.parameters.saturating_mul(parallel::READ))
}
