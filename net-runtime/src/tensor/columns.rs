//! Where a part of a larger tensor lies that was cut along an axis.

use std::ops::Range;

use super::exact::{product, sum};

/// Columns of a matrix: a tensor that is a part of a larger one, beside others along an axis. The axes before that one, and the samples,
/// count the matrix's rows; the axis itself and those behind it its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The first of them.
    pub start: usize,
    /// How many.
    pub count: usize,
    /// Columns of the matrix.
    pub of: usize,
}

impl Columns {
    /// Checks that they are columns of a matrix, and that `whole` is this matrix if they have so many elements.
    #[track_caller]
    pub(crate) fn check(&self, name: &str, whole: &[f32], elements: usize) {
        let Self { start, count, of } = *self;
        assert!(count > 0 && sum(&[start, count]) <= of, "no columns of a matrix: {self:?}");
        let fits = elements.is_multiple_of(count) && whole.len() == product(&[elements / count, of]);
        assert!(fits, "{elements} elements of `{name}`, {self:?}, are not in a tensor of {}", whole.len());
    }

    /// Where an element of the part is.
    pub(crate) fn place(&self, element: usize) -> usize {
        element / self.count * self.of + self.start + element % self.count
    }

    /// A row of the part.
    pub(crate) fn row<'a>(&self, whole: &'a [f32], row: usize) -> &'a [f32] {
        &whole[row * self.of + self.start..][..self.count]
    }

    /// A range of the part's elements in pieces that lie together: where each begins within the range, its length, and where it lies.
    pub(crate) fn pieces(self, range: Range<usize>) -> impl Iterator<Item = (usize, usize, usize)> {
        (range.start / self.count..range.end.div_ceil(self.count)).map(move |row| {
            let begin = (row * self.count).max(range.start);
            let end = ((row + 1) * self.count).min(range.end);
            (begin - range.start, end - begin, self.place(begin))
        })
    }
}

/// The same of a tensor that may be a part, or else lies alone.
pub(crate) fn pieces(columns: Option<Columns>, range: Range<usize>) -> impl Iterator<Item = (usize, usize, usize)> {
    let alone = columns.is_none().then_some((0, range.len(), range.start));
    alone.into_iter().chain(columns.into_iter().flat_map(move |columns| columns.pieces(range.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_elements_of_the_part_in_order() {
        let columns = Columns { start: 2, count: 3, of: 7 };
        let all: Vec<usize> = (0..4).flat_map(|row| (2..5).map(move |column| 7 * row + column)).collect();
        for (start, end) in (0..12).flat_map(|start| (start..=12).map(move |end| (start, end))) {
            let mut found = Vec::new();
            for (at, len, place) in columns.pieces(start..end).filter(|(_, len, _)| *len > 0) {
                assert_eq!(at, found.len());
                found.extend(place..place + len);
            }
            assert_eq!(found, all[start..end]);
        }
    }

    #[test]
    #[should_panic(expected = "larger than memory")]
    fn columns_whose_end_wraps_are_none() {
        Columns { start: usize::MAX, count: 2, of: 4 }.check("x", &[0.0; 4], 2);
    }
}
