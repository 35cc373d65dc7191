//! Products and convolutions against `matrixmultiply`, whose code and whose order of sums are another's: in `f64` within what
//! rounding explains, and in `f32` on small integers, which every order of sums adds up to the same bits. At the edges of
//! tiles and blocks, on every instruction set. What fails is collected and told together.

mod im2col;
mod products;

use crate::memory::philox::mix;

/// A matrix in row-major order, or the transpose of one.
#[derive(Clone, Copy)]
struct Matrix<'a, T> {
    values: &'a [T],
    rows: usize,
    columns: usize,
    /// Distances of two rows and of two columns.
    strides: [usize; 2],
}

impl<'a, T> Matrix<'a, T> {
    fn new(values: &'a [T], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns);
        Self { values, rows, columns, strides: [columns, 1] }
    }

    fn transposed(self) -> Self {
        let Self { values, rows, columns, strides: [row, column] } = self;
        Self { values, rows: columns, columns: rows, strides: [column, row] }
    }
}

/// A function of `matrixmultiply`: rows, inner length and columns; `alpha`; each factor with its strides; `beta`; the result
/// likewise.
type Gemm<T> =
    unsafe fn(usize, usize, usize, T, *const T, isize, isize, *const T, isize, isize, T, *mut T, isize, isize);

/// What `matrixmultiply` computes with.
trait Number: Copy + Default + From<f32> {
    /// The function for these numbers.
    const GEMM: Gemm<Self>;
}

impl Number for f32 {
    const GEMM: Gemm<Self> = matrixmultiply::sgemm;
}

impl Number for f64 {
    const GEMM: Gemm<Self> = matrixmultiply::dgemm;
}

/// `a · b`, in row-major order.
fn multiply<T: Number>(a: Matrix<'_, T>, b: Matrix<'_, T>) -> Vec<T> {
    assert_eq!(a.columns, b.rows);
    let mut c = vec![T::default(); a.rows * b.columns];
    let [[a_row, a_column], [b_row, b_column]] =
        [a.strides, b.strides].map(|strides| strides.map(|step| step as isize));
    // SAFETY: both factors have as many elements as their rows and columns say, at distances that go through each once; so
    // has the result, which is nobody else's.
    unsafe {
        T::GEMM(
            a.rows,
            a.columns,
            b.columns,
            T::from(1.0),
            a.values.as_ptr(),
            a_row,
            a_column,
            b.values.as_ptr(),
            b_row,
            b_column,
            T::from(0.0),
            c.as_mut_ptr(),
            b.columns as isize,
            1,
        );
    }
    c
}

/// How the factors of a case are filled.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Filling {
    /// From -3 to 3: sums of products are exact.
    Integers,
    /// Between -1 and 1.
    Fractions,
}

impl Filling {
    /// So many numbers, others for each `stream`.
    fn numbers(self, stream: u64, len: usize) -> Vec<f32> {
        let number = |index: usize| {
            let bits = mix(index as u64 ^ stream << 48);
            match self {
                Self::Integers => (bits % 7) as f32 - 3.0,
                Self::Fractions => (bits >> 40) as f32 / (1 << 23) as f32 - 1.0,
            }
        };
        (0..len).map(number).collect()
    }
}

/// A product of two factors, as it should be.
struct Expected {
    /// By `sgemm`.
    single: Vec<f32>,
    /// By `dgemm`.
    double: Vec<f64>,
    /// The product of the absolute values: what rounding errors are relative to.
    magnitude: Vec<f64>,
    /// Terms of a sum.
    terms: usize,
}

impl Expected {
    fn new(a: Matrix<'_, f32>, b: Matrix<'_, f32>) -> Self {
        let double = |of: &dyn Fn(f32) -> f32| {
            let [x, y] =
                [a.values, b.values].map(|values| values.iter().map(|&v| f64::from(of(v))).collect::<Vec<_>>());
            multiply(
                Matrix { values: &x, rows: a.rows, columns: a.columns, strides: a.strides },
                Matrix { values: &y, rows: b.rows, columns: b.columns, strides: b.strides },
            )
        };
        Self { single: multiply(a, b), double: double(&|v| v), magnitude: double(&f32::abs), terms: a.columns }
    }

    /// Adds the elements up to those that they are parts of: element `i` to `to(i)`, if there is such.
    fn gather(self, len: usize, to: impl Fn(usize) -> Option<usize>) -> Self {
        let mut sums =
            Self { single: vec![0.0; len], double: vec![0.0; len], magnitude: vec![0.0; len], terms: self.terms };
        let mut parts = vec![0; len];
        for (from, to) in (0..self.double.len()).filter_map(|from| to(from).map(|to| (from, to))) {
            sums.single[to] += self.single[from];
            sums.double[to] += self.double[from];
            sums.magnitude[to] += self.magnitude[from];
            parts[to] += 1;
        }
        sums.terms += parts.into_iter().max().unwrap_or(0);
        sums
    }
}

/// What failed.
#[derive(Default)]
struct Failures {
    cases: usize,
    told: Vec<String>,
}

impl Failures {
    /// Compares a result. `exactness` is by how much its rounding errors may exceed those of a sum of products.
    fn compare(&mut self, actual: &[f32], expected: &Expected, filling: Filling, exactness: f64, case: String) {
        self.cases += 1;
        let Expected { single, double, magnitude, terms } = expected;
        if actual.len() != double.len() {
            self.told.push(format!("{case}: {} elements instead of {}", actual.len(), double.len()));
            return;
        }
        let largest = magnitude.iter().copied().fold(0.0, f64::max);
        let wrong = (0..double.len()).find(|&index| {
            let (found, error) = (actual[index], (f64::from(actual[index]) - double[index]).abs());
            // An algorithm of fewer multiplications mixes what is in one tile.
            let scale = if exactness == 1.0 { magnitude[index] } else { largest };
            let bound = exactness * (*terms as f64 + 1.0) * f64::from(f32::EPSILON) * scale;
            let exact = filling == Filling::Integers && exactness == 1.0;
            found.is_nan() || error > bound || (exact && found != single[index])
        });
        if let Some(index) = wrong {
            let (found, single, double) = (actual[index], single[index], double[index]);
            self.told.push(format!("{case}: element {index} is {found}, by sgemm {single}, by dgemm {double}"));
        }
    }

    #[track_caller]
    fn assert_none(self) {
        let Self { cases, told } = self;
        assert!(cases > 0, "nothing was compared");
        assert!(told.is_empty(), "{} of {cases} differ:\n{}", told.len(), told.join("\n"));
    }
}

#[test]
fn what_differs_is_found_and_collected() {
    let (a, b) = ([1.0, 2.0, 3.0, 4.0], [1.0, -1.0, 0.5, 2.0]);
    let expected = Expected::new(Matrix::new(&a, 2, 2), Matrix::new(&b, 2, 2).transposed());
    assert_eq!(expected.single, [-1.0, 4.5, -1.0, 9.5]);
    let mut failures = Failures::default();
    for (element, filling) in [(4.5, Filling::Integers), (4.500001, Filling::Integers), (4.6, Filling::Fractions)] {
        failures.compare(&[-1.0, element, -1.0, 9.5], &expected, filling, 1.0, element.to_string());
    }
    failures.compare(&[f32::NAN; 4], &expected, Filling::Fractions, 1e9, "NaN".into());
    failures.compare(&[], &expected, Filling::Fractions, 1.0, "empty".into());
    assert_eq!((failures.cases, failures.told.len()), (5, 4), "{:?}", failures.told);
}
