//! Which rank each box stands in.

/// Ranks for `count` boxes joined by edges that lead from a lower to a higher number, or from a box to itself.
pub(super) fn assign(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut above = vec![Vec::new(); count];
    let mut below = vec![Vec::new(); count];
    for &(upper, lower) in edges.iter().filter(|(upper, lower)| upper != lower) {
        below[upper].push(lower);
        above[lower].push(upper);
    }

    // As high as possible: one below the lowest of what a box reads.
    let mut ranks = vec![0; count];
    for index in 0..count {
        ranks[index] = above[index].iter().map(|&upper: &usize| ranks[upper] + 1).max().unwrap_or(0);
    }
    // That leaves a short branch hanging at the top and its edges long. Whatever reads no more than it feeds moves
    // down to its readers: no edge gets longer in sum, and an input ends up next to where it is used.
    for index in (0..count).rev() {
        if above[index].len() <= below[index].len()
            && let Some(highest) = below[index].iter().map(|&lower: &usize| ranks[lower]).min()
        {
            ranks[index] = highest - 1;
        }
    }
    ranks
}
