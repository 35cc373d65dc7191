//! The matrices of F(2x2, 3x3), F(4x4, 2x2), F(4x4, 3x3) and F(3x3, 4x4), and their products with vectors of channels. All of them follow from the
//! points of the polynomials (Toom and Cook): 0, ±1, but for the first 2, for the latter two -2, and infinity.

use crate::kernels::simd::Simd;

/// The most points of a tile one way.
pub(super) const MOST: usize = 6;

/// The most pixels that a tile has one way, and the most taps.
pub(super) const MOST_OUTPUTS: usize = 4;
pub(super) const MOST_TAPS: usize = 4;

/// Which of the algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// F(2x2, 3x3)
    Small,
    /// F(4x4, 2x2)
    Two,
    /// F(4x4, 3x3)
    Three,
    /// F(3x3, 4x4)
    Four,
}

impl Filter {
    /// That for so many taps of a phase of stride 2.
    pub fn of(taps: usize) -> Option<Self> {
        match taps {
            2 => Some(Self::Two),
            3 => Some(Self::Three),
            4 => Some(Self::Four),
            _ => None,
        }
    }

    /// Taps one way.
    pub fn taps(self) -> usize {
        match self {
            Self::Two => 2,
            Self::Small | Self::Three => 3,
            Self::Four => 4,
        }
    }

    /// Points of a tile one way.
    pub fn points(self) -> usize {
        match self {
            Self::Small => 4,
            Self::Two => 5,
            Self::Three | Self::Four => 6,
        }
    }

    /// Pixels of a tile one way.
    pub fn outputs(self) -> usize {
        self.points() + 1 - self.taps()
    }
}

/// The finite points.
const FINITE: [f64; MOST - 1] = [0.0, 1.0, -1.0, 2.0, -2.0];

/// A matrix whose elements the compiler knows.
pub(super) trait Matrix<const ROWS: usize, const COLUMNS: usize> {
    const ROWS: [[f32; COLUMNS]; ROWS];
}

/// `Bᵀ`: in the row of a point the polynomial that has all others as its zeros, in that of infinity the one that has all.
pub(super) struct Input<const P: usize>;

impl<const P: usize> Matrix<P, P> for Input<P> {
    const ROWS: [[f32; P]; P] = {
        let mut matrix = [[0.0; P]; P];
        let mut row = 0;
        while row < P {
            let mut polynomial = [0.0; P];
            polynomial[0] = 1.0;
            let mut zero = 0;
            while zero + 1 < P {
                if zero != row {
                    let mut power = P - 1;
                    while power > 0 {
                        polynomial[power] = polynomial[power - 1] - FINITE[zero] * polynomial[power];
                        power -= 1;
                    }
                    polynomial[0] *= -FINITE[zero];
                }
                zero += 1;
            }
            let mut power = 0;
            while power < P {
                matrix[row][power] = polynomial[power] as f32;
                power += 1;
            }
            row += 1;
        }
        matrix
    };
}

/// Powers of the points; at infinity the highest one alone.
const fn powers<const P: usize, const N: usize>(divided: bool) -> [[f32; N]; P] {
    let mut matrix = [[0.0; N]; P];
    let mut point = 0;
    while point + 1 < P {
        let mut value = 1.0;
        let mut other = 0;
        while divided && other + 1 < P {
            if other != point {
                value /= FINITE[point] - FINITE[other];
            }
            other += 1;
        }
        let mut power = 0;
        while power < N {
            matrix[point][power] = value as f32;
            value *= FINITE[point];
            power += 1;
        }
        point += 1;
    }
    matrix[P - 1][N - 1] = 1.0;
    matrix
}

const fn transposed<const P: usize, const N: usize>(matrix: [[f32; N]; P]) -> [[f32; P]; N] {
    let mut result = [[0.0; P]; N];
    let mut row = 0;
    while row < N {
        let mut column = 0;
        while column < P {
            result[row][column] = matrix[column][row];
            column += 1;
        }
        row += 1;
    }
    result
}

/// `G`, of so many taps.
pub(super) struct Kernel;

impl<const P: usize, const TAPS: usize> Matrix<P, TAPS> for Kernel {
    const ROWS: [[f32; TAPS]; P] = powers(true);
}

/// `Gᵀ`
pub(super) struct KernelTransposed;

impl<const P: usize, const TAPS: usize> Matrix<TAPS, P> for KernelTransposed {
    const ROWS: [[f32; P]; TAPS] = transposed(powers(true));
}

/// `A`, of so many outputs.
pub(super) struct Output;

impl<const P: usize, const OUTPUTS: usize> Matrix<P, OUTPUTS> for Output {
    const ROWS: [[f32; OUTPUTS]; P] = powers(false);
}

/// `Aᵀ`
pub(super) struct OutputTransposed;

impl<const P: usize, const OUTPUTS: usize> Matrix<OUTPUTS, P> for OutputTransposed {
    const ROWS: [[f32; P]; OUTPUTS] = transposed(powers(false));
}

/// Does something for every index below a count that is at most six. As a loop it would be one: with the matrices, which decide what is to be
/// done, as tables in memory.
macro_rules! unrolled {
    ($index:ident < $count:expr, $body:block) => {
        unrolled!($index < $count, $body, 0, 1, 2, 3, 4, 5)
    };
    ($index:ident < $count:expr, $body:block, $($number:literal),*) => {
        $(if const { $number < $count } {
            const $index: usize = $number;
            $body
        })*
    };
}

pub(super) use unrolled;

/// An element, or 0 beside the matrix: constants are calculated in places that are never reached, too.
const fn at<const ROWS: usize, const COLUMNS: usize>(
    matrix: &[[f32; COLUMNS]; ROWS],
    row: usize,
    column: usize,
) -> f32 {
    if row < ROWS && column < COLUMNS { matrix[row][column] } else { 0.0 }
}

/// What an element does to the sum of its row: numbers, of which a `match` leaves nothing but the arm that is meant before LLVM sees it.
const NOTHING: u8 = 0;
const BEGIN: u8 = 1;
const BEGIN_TIMES: u8 = 2;
const PLUS: u8 = 3;
const MINUS: u8 = 4;
const PLUS_TIMES: u8 = 5;

const fn term<const ROWS: usize, const COLUMNS: usize>(
    matrix: &[[f32; COLUMNS]; ROWS],
    row: usize,
    column: usize,
) -> u8 {
    let mut first = true;
    let mut before = 0;
    while before < column {
        first &= at(matrix, row, before) == 0.0;
        before += 1;
    }
    match (at(matrix, row, column), first) {
        (0.0, _) => NOTHING,
        (1.0, true) => BEGIN,
        (_, true) => BEGIN_TIMES,
        (1.0, false) => PLUS,
        (-1.0, false) => MINUS,
        (_, false) => PLUS_TIMES,
    }
}

/// A matrix times a vector of vectors.
#[inline(always)]
unsafe fn times<S: Simd, T: Matrix<ROWS, COLUMNS>, const ROWS: usize, const COLUMNS: usize>(
    values: [S::Vector; COLUMNS],
) -> [S::Vector; ROWS] {
    // SAFETY: the caller has the instruction set.
    unsafe {
        let mut result = [S::splat(0.0); ROWS];
        unrolled!(ROW < ROWS, {
            unrolled!(COLUMN < COLUMNS, {
                let value = values[COLUMN];
                match const { term(&T::ROWS, ROW, COLUMN) } {
                    NOTHING => {}
                    BEGIN => result[ROW] = value,
                    BEGIN_TIMES => result[ROW] = S::mul(S::splat(const { at(&T::ROWS, ROW, COLUMN) }), value),
                    PLUS => result[ROW] = S::add(result[ROW], value),
                    MINUS => result[ROW] = S::sub(result[ROW], value),
                    _ => result[ROW] = S::mul_add(S::splat(const { at(&T::ROWS, ROW, COLUMN) }), value, result[ROW]),
                }
            });
        });
        result
    }
}

/// `T v Tᵀ` of columns `v`: two loops over memory, for a tile has more vectors than there are registers. Both are one, whose body is long.
#[inline(always)]
pub(super) unsafe fn both_ways<S: Simd, T: Matrix<ROWS, COLUMNS>, const ROWS: usize, const COLUMNS: usize>(
    columns: &[[S::Vector; COLUMNS]; COLUMNS],
) -> [[S::Vector; ROWS]; ROWS] {
    // SAFETY: the caller has the instruction set; `half` has a row for each of the matrix, and `result` for each of those.
    unsafe {
        let zero = S::splat(0.0);
        let mut half = [[zero; COLUMNS]; ROWS];
        let mut result = [[zero; ROWS]; ROWS];
        let rows = half.as_mut_ptr();
        let passes = [
            (columns.as_ptr(), COLUMNS, rows.cast::<S::Vector>(), [COLUMNS, 1]),
            (rows.cast_const(), ROWS, result.as_mut_ptr().cast(), [1, ROWS]),
        ];
        for (vectors, count, products, [of_row, of_vector]) in passes {
            for vector in 0..count {
                let product = times::<S, T, ROWS, COLUMNS>(*vectors.add(vector));
                for (row, value) in product.into_iter().enumerate() {
                    *products.add(row * of_row + vector * of_vector) = value;
                }
            }
        }
        result
    }
}
