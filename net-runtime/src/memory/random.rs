//! What dropout and noise draw from.

use super::philox;

/// What the draws of one forward pass are keyed by, with the use of the layer and the element.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RandomKey {
    /// Seed of the run.
    pub seed: u64,
    /// Number of the training step.
    pub step: u64,
}

impl RandomKey {
    /// What a share of a batch draws from: the first as the whole batch, each other one from a seed of its own.
    pub(crate) fn of_share(self, index: usize) -> Self {
        match index {
            0 => self,
            // Not one of the seeds of inner networks.
            _ => Self { seed: philox::mix(philox::mix(self.seed) ^ !(index as u64)), ..self },
        }
    }

    /// What an inner network is [given](crate::Workspace::set_random) before the pass with this key, so that it draws in
    /// the same step from a seed of its own; `layer` counts the random layers of the network around it.
    pub(crate) fn of_inner_network(self, layer: u64) -> Self {
        Self { seed: philox::mix(philox::mix(self.seed) ^ layer), step: self.step.wrapping_sub(1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_inner_networks_draw_from_seeds_of_their_own() {
        let key = RandomKey { seed: 3, step: 7 };
        assert_eq!(key.of_share(0), key);
        let shares = (0..4).map(|index| key.of_share(index));
        assert!(shares.clone().all(|share| share.step == 7));
        let inner = (0..4).map(|layer| key.of_inner_network(layer));
        let seeds: std::collections::BTreeSet<_> = shares.chain(inner).map(|key| key.seed).collect();
        assert_eq!(seeds.len(), 8);
    }
}
