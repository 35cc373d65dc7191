//! Comparisons of each element with a number.

use super::check;
use crate::parallel::for_each_rows;
use crate::tensor::element::Element;

/// Declares a comparison.
macro_rules! comparison {
    ($(#[$doc:meta])* $name:ident, $holds:expr) => {
        $(#[$doc])*
        ///
        /// Operands are numbers or whole numbers; compared is in `f64`, where both are exact. There is no gradient.
        #[derive(Clone, Copy, Debug)]
        pub struct $name {
            /// Elements of a sample.
            pub len: usize,
            /// What each of them is compared with.
            pub value: f32,
        }

        impl $name {
            /// Computes `y` from `x`.
            pub fn forward<T: Element + Into<f64>>(&self, n: usize, x: &[T], y: &mut [f32]) {
                check("x", x, n, &[self.len]);
                check("y", y, n, &[self.len]);
                compare(x, self.value, $holds, y);
            }
        }
    };
}

comparison! {
    /// 1 where x = value, else 0; a NaN equals nothing.
    ///
    /// In `network!`: `Equal(value)`, on numbers or whole numbers of any shape, which stays. There are no weights.
    ///
    /// ```
    /// use net_runtime::prelude::*;
    ///
    /// network! {
    ///     network Compare(x: [3]) -> (equal: [3], other: [3], greater: [3], less: [3]) {
    ///         let equal = x -> Equal(2);
    ///         let other = x -> NotEqual(2);
    ///         let greater = x -> Greater(2);
    ///         let less = x -> Less(2);
    ///     }
    /// }
    /// let found = Compare::new(1).predict(&Batch::from_vec(vec![1.0, 2.0, 3.0]).unwrap()).unwrap();
    /// assert_eq!(found.equal.data(), [0.0, 1.0, 0.0]);
    /// assert_eq!(found.other.data(), [1.0, 0.0, 1.0]);
    /// assert_eq!(found.greater.data(), [0.0, 0.0, 1.0]);
    /// assert_eq!(found.less.data(), [1.0, 0.0, 0.0]);
    /// ```
    Equal, |x, value| x == value
}

comparison! {
    /// 1 where x ≠ value, else 0. `NotEqual(0)` of numbered words is the mask of those that are there, as Keras's `Embedding` makes
    /// it with `mask_zero`.
    ///
    /// In `network!`: `NotEqual(value)`, on numbers or whole numbers of any shape, which stays. There are no weights. The example
    /// is at [`Equal`].
    NotEqual, |x, value| x != value
}

comparison! {
    /// 1 where x > value, else 0.
    ///
    /// In `network!`: `Greater(value)`, on numbers or whole numbers of any shape, which stays. There are no weights. The example is
    /// at [`Equal`].
    Greater, |x, value| x > value
}

comparison! {
    /// 1 where x < value, else 0.
    ///
    /// In `network!`: `Less(value)`, on numbers or whole numbers of any shape, which stays. There are no weights. The example is at
    /// [`Equal`].
    Less, |x, value| x < value
}

fn compare<T: Element + Into<f64>>(x: &[T], value: f32, holds: impl Fn(f64, f64) -> bool + Sync, y: &mut [f32]) {
    let value = f64::from(value);
    for_each_rows(y, 1, |first, y| {
        for (y, &x) in y.iter_mut().zip(&x[first..]) {
            *y = f32::from(u8::from(holds(x.into(), value)));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_whole_numbers_are_compared() {
        let (x, n) = ([-1.0, 0.0, -0.0, 2.5, f32::NAN, f32::INFINITY], 2);
        let mut y = [f32::NAN; 6];
        NotEqual { len: 3, value: 0.0 }.forward(n, &x, &mut y);
        assert_eq!(y, [1.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
        Equal { len: 3, value: 2.5 }.forward(n, &x, &mut y);
        assert_eq!(y, [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        Greater { len: 3, value: 0.0 }.forward(n, &x, &mut y);
        assert_eq!(y, [0.0, 0.0, 0.0, 1.0, 0.0, 1.0]);
        Less { len: 3, value: 0.0 }.forward(n, &x, &mut y);
        assert_eq!(y, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let words = [0_u32, 7, u32::MAX, 1 << 24, (1 << 24) + 1, 3];
        Equal { len: 6, value: (1 << 24) as f32 }.forward(1, &words, &mut y);
        assert_eq!(y, [0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn every_number_of_threads_gives_the_same() {
        let x: Vec<f32> = (0..70_001).map(|index| (index as f32 * 0.37).sin()).collect();
        let expected: Vec<f32> = x.iter().map(|&x| if x > 0.25 { 1.0 } else { 0.0 }).collect();
        for threads in 1..=3 {
            let mut y = vec![f32::NAN; x.len()];
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Greater { len: 1, value: 0.25 }.forward(x.len(), &x, &mut y));
            assert_eq!(y, expected);
        }
    }

    #[test]
    #[should_panic(expected = "`x` does not hold 1 samples")]
    fn a_size_that_wraps_is_refused() {
        Less { len: usize::MAX, value: 0.0 }.forward(1, &[0.0_f32; 2], &mut []);
    }
}
