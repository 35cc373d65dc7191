//! Batches in shares: neighbouring samples that go through all layers of a network on a thread of their own.
//!
//! The operations of a small network are too short for threads, each taken by itself: handing a part of them over takes
//! longer than it saves. A pass on half of the samples is long enough, and needs one fork for all operations.
//!
//! Shares are cut by the network and the number of samples alone; outside of the thread pool, or on one thread, they are
//! computed one after the other. So results do not depend on threads. The first share works in the memory of the caller,
//! each other one in a workspace of its own, from which what is read afterwards is copied.

use std::ops::Range;

use super::inner_network::InnerNetwork;
pub use super::inner_network::Others;
use super::pass::{cost, pass};
use super::traits::{Inputs, Network, Workspace};
use crate::error::Error;
use crate::memory::mode::Mode;
use crate::parallel;

/// Multiply-adds of a forward pass from which on it is computed in two shares, of ten microseconds each. With half of this,
/// three dense layers on 128 samples took 9.8 instead of 15.2 microseconds while the other thread was awake, and 25 while it
/// was not.
const INFERENCE: usize = 2 << 20;

/// Multiply-adds of a forward pass from which on a training step is done in two shares. The same layers on 128 samples took 33
/// instead of 44 microseconds, and 46 if the other thread had to be waked; on 64 samples 20 instead of 25, and 31.
const TRAINING: usize = 3 << 19;

/// What has so many times the work that two shares are worth is cut into four, for machines of more threads: each share packs
/// weights for itself, and has gradients to be added.
const FOUR: usize = 8;

/// Multiply-adds of a forward pass from which on there are no shares: its operations are long enough to be divided, each by
/// itself, and memory and packed weights of their own would be too much. The same layers on 1024, 2048 and 4096 samples took
/// 65, 129 and 257 microseconds in shares and 95, 170 and 321 without.
const MOST: usize = 64 << 20;

/// Multiply-adds of a pass in shares from which on it enters the pool, by the measurements of [`parallel`].
const ENTER: usize = 12 << 20;

/// Multiply-adds that a share has at least for each weight: these are packed for it, and its gradients added to those of others.
/// A dense layer has one for a sample, a convolution as many as pixels.
const FEWEST_USES: usize = 32;

/// Samples that a share has at least.
const FEWEST_SAMPLES: usize = 4;

/// How a batch is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    samples: usize,
    count: usize,
    /// Of a forward pass over all samples, in multiply-adds.
    cost: usize,
}

impl Shares {
    /// Those of a batch that is computed in inference.
    pub fn of_inference<N: Network>(samples: usize) -> Self {
        Self::new::<N>(samples, INFERENCE)
    }

    /// Those of a batch that is trained on: one if its samples depend on each other.
    pub fn of_training<N: Network>(samples: usize) -> Self {
        if N::MIXES_SAMPLES {
            return Self { samples, count: 1, cost: cost::<N>(samples) };
        }
        Self::new::<N>(samples, TRAINING)
    }

    fn new<N: Network>(samples: usize, from: usize) -> Self {
        let cost = cost::<N>(samples);
        let uses = cost / N::INFO.parameters.max(1);
        Self { samples, count: Self::count_of([samples, cost, uses], from), cost }
    }

    /// How many shares there are of so many samples, multiply-adds, and multiply-adds for each weight.
    fn count_of([samples, cost, uses]: [usize; 3], from: usize) -> usize {
        let suffice = |count: usize| samples >= count * FEWEST_SAMPLES && uses >= count * FEWEST_USES;
        match cost / from {
            _ if cost >= MOST => 1,
            0 => 1,
            FOUR.. if suffice(4) => 4,
            _ if suffice(2) => 2,
            _ => 1,
        }
    }

    /// How many there are.
    pub fn count(self) -> usize {
        self.count
    }

    /// The samples of one of them.
    pub fn range(self, index: usize) -> Range<usize> {
        let begin = |index: usize| self.samples * index / self.count;
        begin(index)..begin(index + 1)
    }

    /// The part that a share has of the batch.
    pub fn part(self, index: usize) -> f64 {
        self.range(index).len() as f64 / self.samples as f64
    }

    /// Whether something that takes as long as so many forward passes should enter the pool for them.
    pub fn pay(self, passes: usize) -> bool {
        self.count > 1 && self.cost.saturating_mul(passes) >= ENTER
    }

    /// Calls `work(index, samples, memory)` for each: the first one works in `first`, the others in `others`. The error is that
    /// of the first one that fails.
    pub fn for_each<M: Send>(
        self,
        first: &mut M,
        others: &mut [M],
        work: &(impl Fn(usize, Range<usize>, &mut M) -> Result<(), Error> + Sync),
    ) -> Result<(), Error> {
        parallel::for_each_of(parallel::inside(), first, &mut others[..self.count - 1], &|index, memory| {
            work(index, self.range(index), memory)
        })
    }
}

/// Computes the outputs of a generated network, into its workspace.
///
/// # Errors
///
/// If the inputs have different numbers of samples, or so many are more than memory can hold.
pub fn forward<N: InnerNetwork>(
    net: &N,
    inputs: N::Inputs<'_>,
    mode: Mode,
    workspace: &mut N::Workspace,
) -> Result<(), Error> {
    let samples = inputs.samples()?;
    let arena = N::arena(workspace);
    arena.begin_forward(mode, samples, N::floats(mode), N::groups(mode))?;
    let shares = Shares::of_inference::<N>(samples);
    // A backward pass needs all activations in one place, and so do terms of the loss that networks with workspaces of their own add.
    if mode.trains() || shares.count() == 1 || N::ACTIVITIES_INSIDE {
        pass::<N>(1, samples, || net.forward_steps(&inputs, mode, workspace))?;
    } else {
        // They are kept within the workspace that works at the same time.
        let mut others = std::mem::take(N::others(workspace));
        let done = in_shares(net, inputs, shares, workspace, &mut others.0);
        *N::others(workspace) = others;
        done?;
    }
    N::arena(workspace).end_forward(mode);
    Ok(())
}

fn in_shares<N: InnerNetwork>(
    net: &N,
    inputs: N::Inputs<'_>,
    shares: Shares,
    workspace: &mut N::Workspace,
    others: &mut Vec<N::Workspace>,
) -> Result<(), Error> {
    let mode = Mode::Inference;
    if others.len() < shares.count() - 1 {
        others.resize_with(shares.count() - 1, || N::Workspace::new(0));
    }
    let others = &mut others[..shares.count() - 1];
    let arena = N::arena(workspace);
    let arithmetic = arena.arithmetic();
    arena.narrow(shares.range(0).len());
    let done = parallel::enter(shares.pay(1), || {
        shares.for_each(workspace, others, &|index, range, workspace| {
            if index > 0 {
                workspace.set_arithmetic(arithmetic);
                let arena = N::arena(workspace);
                arena.begin_forward(mode, range.len(), N::floats(mode), N::groups(mode))?;
            }
            let first = range.start;
            let done = net.forward_steps(&inputs.slice(range), mode, workspace);
            done.map_err(|error| error.of_sample(&|sample| first + sample))
        })
    });
    let arena = N::arena(workspace);
    arena.widen();
    done?;
    for &slot in N::KEPT {
        let [whole] = arena.tensors([slot]);
        let mut at = shares.range(0).len() * slot.len;
        for other in &mut *others {
            let part = N::arena(other).tensor(slot);
            whole[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_cover_a_batch_and_are_long_enough() {
        let batches = [1, 7, 8, 9, 15, 16, 17, 1000, 5000];
        for (samples, uses) in batches.into_iter().flat_map(|samples| [1, 63, 64, 127, 128].map(|uses| (samples, uses)))
        {
            for cost in [0, 99, 100, 799, 800, 10_000, MOST - 1, MOST] {
                let count = Shares::count_of([samples, cost, uses], 100);
                let shares = Shares { samples, count, cost };
                let expected = match (samples, uses, cost) {
                    (..8, _, _) | (_, ..64, _) | (_, _, ..100 | MOST) => 1,
                    (..16, _, _) | (_, ..128, _) | (_, _, ..800) => 2,
                    _ => 4,
                };
                assert_eq!(count, expected, "{samples} samples, {uses} uses, {cost} multiply-adds");
                let all: Vec<_> = (0..count).flat_map(|index| shares.range(index)).collect();
                assert!(all.into_iter().eq(0..samples));
                assert!((0..count).all(|index| count == 1 || shares.range(index).len() >= FEWEST_SAMPLES));
                assert_eq!((0..count).map(|index| shares.part(index)).sum::<f64>(), 1.0);
            }
        }
    }

    #[test]
    fn the_error_is_that_of_the_first_share_that_fails() {
        let shares = Shares { samples: 1000, count: 4, cost: 8 };
        let (first, others) = (&mut 0, &mut [0; 3]);
        let work = |index: usize, range: Range<usize>, memory: &mut usize| {
            *memory = range.len();
            if index % 2 == 1 { Err(Error::Invalid(index.to_string())) } else { Ok(()) }
        };
        let error = shares.for_each(first, others, &work).unwrap_err().to_string();
        assert!(error.contains('1') && !error.contains('3'), "{error}");
        assert_eq!((*first, others[0]), (250, 250));
    }
}
