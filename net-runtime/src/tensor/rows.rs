//! A set of rows of a table.

/// Numbers of rows, a bit for each row of the table.
#[derive(Debug, Default)]
pub(crate) struct RowSet {
    words: Vec<u64>,
}

impl Clone for RowSet {
    fn clone(&self) -> Self {
        Self { words: self.words.clone() }
    }

    /// Keeps the memory that there is.
    fn clone_from(&mut self, other: &Self) {
        self.words.clone_from(&other.words);
    }
}

impl RowSet {
    /// No row of a table of so many.
    pub fn reset(&mut self, rows: usize) {
        self.words.clear();
        self.words.resize(rows.div_ceil(64), 0);
    }

    /// Adds a row.
    pub fn insert(&mut self, row: u32) {
        self.words[row as usize / 64] |= 1 << (row % 64);
    }

    /// Adds the rows of another set of the same table.
    pub fn insert_all(&mut self, rows: &Self) {
        self.words.iter_mut().zip(&rows.words).for_each(|(word, more)| *word |= more);
    }

    /// Where its bits lie.
    #[cfg(test)]
    pub fn memory(&self) -> *const u64 {
        self.words.as_ptr()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// The rows in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> {
        self.words.iter().enumerate().flat_map(|(index, &word)| Bits(word).map(move |bit| index * 64 + bit))
    }

    /// Whether one of these rows, of which there is one at least, is among them.
    pub fn meets(&self, first: usize, last: usize) -> bool {
        let [begin, end] = [first / 64, last / 64];
        let mask = |index: usize| {
            let low = if index == begin { u64::MAX << (first % 64) } else { u64::MAX };
            let high = if index == end { u64::MAX >> (63 - last % 64) } else { u64::MAX };
            low & high
        };
        (begin..=end).any(|index| self.words[index] & mask(index) != 0)
    }
}

/// The numbers of the bits of a word.
struct Bits(u64);

impl Iterator for Bits {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let bit = self.0.trailing_zeros();
        self.0 &= self.0.wrapping_sub(1);
        (bit < 64).then_some(bit as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_found_wherever_they_are() {
        let rows = [0, 1, 63, 64, 130, 191];
        let mut set = RowSet::default();
        set.reset(192);
        assert_eq!(set.iter().count(), 0);
        rows.iter().chain(&rows).for_each(|&row| set.insert(row));
        assert!(set.iter().eq(rows.map(|row| row as usize)));
        for first in 0..192 {
            for last in first..192 {
                let expected = rows.iter().any(|&row| (first..=last).contains(&(row as usize)));
                assert_eq!(set.meets(first, last), expected, "{first} to {last}");
            }
        }
        let mut more = RowSet::default();
        more.reset(192);
        [1, 2, 100].iter().for_each(|&row| more.insert(row));
        set.insert_all(&more);
        assert!(set.iter().eq([0, 1, 2, 63, 64, 100, 130, 191]));
        assert_eq!(set.count(), 8);
        set.reset(10);
        assert_eq!((set.iter().count(), set.count()), (0, 0));
    }
}
