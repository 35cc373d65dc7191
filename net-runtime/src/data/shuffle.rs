//! The order of samples, by chance and yet repeatable.

use crate::memory::philox::Stream;

/// Brings the items into a random order that the seed and their number alone decide: the same on every platform. All
/// orders are equally likely.
pub fn shuffle<T>(items: &mut [T], seed: u64) {
    shuffle_stream(items, seed, 0);
}

/// [`shuffle`] into one of 2⁶⁴ orders of the same seed that have nothing to do with each other.
pub(crate) fn shuffle_stream<T>(items: &mut [T], seed: u64, stream: u64) {
    let mut words = Stream::new(seed, stream);
    // Fisher and Yates, in Durstenfeld's form.
    for last in (1..items.len()).rev() {
        items.swap(last, below(last as u64 + 1, &mut words) as usize);
    }
}

/// A number from 0 to below `bound`, each equally likely: Lemire, "Fast Random Integer Generation in an Interval" (2019).
fn below(bound: u64, words: &mut Stream) -> u64 {
    // Draws whose low half falls below this would make some numbers likelier than others.
    let surplus = bound.wrapping_neg() % bound;
    loop {
        let product = u128::from(words.next_u64()) * u128::from(bound);
        if product as u64 >= surplus {
            return (product >> 64) as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(len: usize, seed: u64) -> Vec<usize> {
        let mut items: Vec<usize> = (0..len).collect();
        shuffle(&mut items, seed);
        items
    }

    fn streamed(len: usize, seed: u64, stream: u64) -> Vec<usize> {
        let mut items: Vec<usize> = (0..len).collect();
        shuffle_stream(&mut items, seed, stream);
        items
    }

    #[test]
    fn the_seed_decides_the_order() {
        // This order must never change: who repeats a run with its seed depends on it.
        assert_eq!(order(8, 42), [6, 0, 7, 3, 5, 1, 4, 2]);
        assert_eq!(order(100, 1), order(100, 1));
        assert_ne!(order(100, 1), order(100, 2));
        // Of another stream, as a later epoch of a run has it: saved runs depend on it.
        assert_eq!(streamed(8, 42, 3), [1, 4, 7, 3, 0, 5, 2, 6]);
        assert_eq!(streamed(100, 1, 0), order(100, 1));
        assert_ne!(streamed(100, 1, 3), streamed(100, 1, 4));
        assert_ne!(streamed(100, 1, 3), streamed(100, 2, 3));
    }

    #[test]
    fn nothing_is_lost_and_every_order_is_as_likely() {
        let mut sorted = order(1000, 3);
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..1000));
        assert!(order(0, 3).is_empty());
        assert_eq!(order(1, 3), [0]);
        for draw in [|seed| order(3, seed), |stream| streamed(3, 5, stream)] {
            let mut counts = [0; 27];
            for number in 0..6000 {
                let [a, b, c] = draw(number)[..] else { unreachable!("three items stay three") };
                counts[9 * a + 3 * b + c] += 1;
            }
            // Six orders, each 1000 times with a standard deviation of 29.
            let seen: Vec<i32> = counts.into_iter().filter(|&count| count > 0).collect();
            assert_eq!(seen.len(), 6);
            assert!(seen.iter().all(|count| (count - 1000).abs() < 150), "{seen:?}");
        }
    }
}
