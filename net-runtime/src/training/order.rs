//! In which order an epoch sees its samples.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A permutation of `0..samples` that depends on the seed and the number of the epoch alone, so that a run that was
/// interrupted goes on exactly as it would have.
///
/// Fisher and Yates's shuffle is written out, since a seed must give the same order with every version of `rand`.
pub(crate) fn shuffle(order: &mut [usize], seed: u64, epoch: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(epoch);
    order.iter_mut().enumerate().for_each(|(index, place)| *place = index);
    for last in (1..order.len()).rev() {
        // The high half of the product is uniform in 0..=last, up to a bias of 2^-64 for each place.
        let drawn = (u128::from(rng.next_u64()) * (last as u128 + 1)) >> 64;
        order.swap(last, drawn as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shuffled(samples: usize, seed: u64, epoch: u64) -> Vec<usize> {
        // What was there before must not matter.
        let mut order = vec![7; samples];
        shuffle(&mut order, seed, epoch);
        order
    }

    #[test]
    fn seed_and_epoch_decide() {
        assert_eq!(shuffled(100, 1, 3), shuffled(100, 1, 3));
        assert_ne!(shuffled(100, 1, 3), shuffled(100, 1, 4));
        assert_ne!(shuffled(100, 1, 3), shuffled(100, 2, 3));
        let mut sorted = shuffled(100, 1, 3);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..100).collect::<Vec<_>>());
        assert_eq!(
            shuffled(8, 42, 0),
            [4, 7, 0, 1, 3, 2, 6, 5],
            "this order must never change: saved runs depend on it"
        );
    }

    #[test]
    fn every_permutation_is_as_likely() {
        let mut counts = std::collections::BTreeMap::new();
        for epoch in 0..6000 {
            *counts.entry(shuffled(3, 5, epoch)).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        assert!(counts.values().all(|&count| (850..1150).contains(&count)), "{counts:?}");
    }
}
